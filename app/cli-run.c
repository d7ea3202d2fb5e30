/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-cli"

#include "config.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n-lib.h>

#include "app/cli-private.h"
#include "engine/tensor/costs.h"

/* Milliseconds between looks at a terminal's progress bar. */
#define TICK 200
#define BAR_CELLS 24
/* Without a terminal: a line for each of these, in percent. */
#define PLAIN_STEP 5
/* … but not more than one in so many microseconds, other than the first of all and the first step: short work says little. */
#define PLAIN_INTERVAL G_USEC_PER_SEC
/* Before this share is done, the remaining time would be a guess. */
#define FIRST_ESTIMATE 0.08

typedef struct
{
  /* Borrowed */
  const char *verb;
  LimnCliFunc func;
  gpointer data;

  /* Owned */
  GMainLoop *loop;
  GCancellable *cancellable;
  GError *error;
  gpointer result;
  int threads;
  gsize memory;
  gint64 started;
  gboolean terminal;

  GMutex lock;
  LimnProgress progress; /* under lock */
  gint64 end;            /* under lock: when it will be done, 0 while unknown */
  int printed;           /* percent of the last plain line; -1: none */
  int printed_stage;
  gint64 printed_at;    /* when that was; 0: never */
  gboolean printed_step; /* a line told of steps */
  guint interrupt, terminate;
} Job;

static const char *
stage_name (LimnStage stage)
{
  switch (stage)
    {
    case LIMN_STAGE_PREPARE:
      return _("preparing");
    case LIMN_STAGE_TEXT:
      return _("reading the prompt");
    case LIMN_STAGE_ENCODE:
      return _("encoding");
    case LIMN_STAGE_SAMPLE:
      return _("denoising");
    case LIMN_STAGE_DECODE:
      return _("decoding");
    case LIMN_STAGE_BLEND:
      return _("blending");
    }
  return "";
}

/* When the task will be done, as far as its last progress tells; 0 while nothing can be said. */
static gint64
expected_end (const Job *job, const LimnProgress *progress)
{
  gint64 now = g_get_monotonic_time ();

  if (progress->fraction < FIRST_ESTIMATE || progress->fraction >= 1)
    return 0;
  return now + (gint64)((now - job->started) * (1.0 - progress->fraction) / progress->fraction);
}

/* "about 1 min 20 s left" (transfer full); empty while nothing can be said. */
static char *
remaining_text (gint64 end)
{
  int seconds;

  if (end == 0)
    return g_strdup ("");
  seconds = (int)MAX (ceil ((end - g_get_monotonic_time ()) / 1e6), 1.0);
  if (seconds >= 60)
    return g_strdup_printf (_("about %d min %d s left"), seconds / 60, seconds % 60);
  return g_strdup_printf (_("about %d s left"), seconds);
}

static char *
step_text (const LimnProgress *progress)
{
  if (progress->stage == LIMN_STAGE_SAMPLE)
    return g_strdup_printf (_("step %d of %d"), progress->step, progress->n_steps);
  return g_strdup (stage_name (progress->stage));
}

static void
draw_bar (const Job *job, const LimnProgress *progress, gint64 end)
{
  g_autofree char *step = step_text (progress), *left = remaining_text (end);
  char bar[BAR_CELLS + 1];
  int filled = (int)(progress->fraction * BAR_CELLS);

  for (int i = 0; i < BAR_CELLS; i++)
    bar[i] = i < filled ? '#' : '-';
  bar[BAR_CELLS] = '\0';
  /* Carriage return and "erase to the end of the line": the bar replaces itself. */
  g_printerr ("\r%s [%s] %3d %%  %s  %s\033[K", job->verb, bar, (int)(progress->fraction * 100.0),
              step, left);
}

static gboolean
tick_cb (gpointer user_data)
{
  Job *job = user_data;
  LimnProgress progress;
  gint64 end;

  g_mutex_lock (&job->lock);
  progress = job->progress;
  end = job->end;
  g_mutex_unlock (&job->lock);
  draw_bar (job, &progress, end);
  return G_SOURCE_CONTINUE;
}

/* One line for each stage and each twentieth, with a pause between them. */
static void
print_plain (Job *job, const LimnProgress *progress)
{
  int percent = (int)(progress->fraction * 100.0) / PLAIN_STEP * PLAIN_STEP;
  g_autofree char *step = NULL, *left = NULL;

  if (percent <= job->printed && (int)progress->stage == job->printed_stage)
    return;
  if (job->printed_at != 0 && g_get_monotonic_time () - job->printed_at < PLAIN_INTERVAL
      && (progress->stage != LIMN_STAGE_SAMPLE || job->printed_step))
    return;
  job->printed_step |= progress->stage == LIMN_STAGE_SAMPLE;
  job->printed_at = g_get_monotonic_time ();
  step = step_text (progress);
  left = remaining_text (expected_end (job, progress));
  g_printerr ("%s: %d %%, %s%s%s\n", job->verb, (int)(progress->fraction * 100.0), step,
              left[0] != '\0' ? ", " : "", left);
  job->printed = percent;
  job->printed_stage = (int)progress->stage;
}

static void
progress_cb (const LimnProgress *progress, gpointer user_data)
{
  Job *job = user_data;

  if (!job->terminal)
    {
      print_plain (job, progress);
      return;
    }
  g_mutex_lock (&job->lock);
  job->progress = *progress;
  job->end = expected_end (job, progress);
  g_mutex_unlock (&job->lock);
}

static void
prompt_cut_cb (int n_tokens, gpointer user_data)
{
  limn_cli_complain (
      ngettext ("the prompt is longer than the model reads; its last word was left out.",
                "the prompt is longer than the model reads; about its last %d words were left out.",
                n_tokens),
      n_tokens);
}

/* Removing the source gives the signal its old meaning back: the second one ends the program. */
static gboolean
cancel_cb (gpointer user_data)
{
  Job *job = user_data;

  if (job->terminal)
    g_printerr ("\n");
  g_printerr ("%s\n", _("Cancelling … (Ctrl+C again ends at once)"));
  job->interrupt = 0;
  g_cancellable_cancel (job->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
terminate_cb (gpointer user_data)
{
  Job *job = user_data;

  job->terminate = 0;
  g_cancellable_cancel (job->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
done_cb (gpointer user_data)
{
  Job *job = user_data;

  g_main_loop_quit (job->loop);
  return G_SOURCE_REMOVE;
}

static gpointer
job_worker (gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (LimnPool) pool = limn_pool_new (job->threads, FALSE);
  g_autoptr (LimnArena) arena = limn_arena_new (0);
  g_auto (LimnRun) run = { 0 };
  LimnTaskCallbacks callbacks
      = { .progress = progress_cb, .prompt_cut = prompt_cut_cb, .user_data = job };
  LimnCosts costs;

  limn_run_init (&run, pool, arena, job->cancellable);
  run.memory_limit = job->memory;
  limn_costs_open (&costs, run.kernels, NULL, LIMN_VERSION, job->cancellable);
  run.costs = &costs;
  job->result = job->func (&run, &callbacks, job->data, &job->error);
  g_idle_add (done_cb, job);
  return NULL;
}

gpointer
limn_cli_run (const char *verb,
              const LimnCliOptions *options,
              LimnCliFunc func,
              gpointer data,
              double *seconds,
              GError **error)
{
  Job job = { .verb = verb,
              .func = func,
              .data = data,
              .threads = options->threads,
              .printed = -1,
              .printed_stage = -1 };
  GThread *thread;
  guint tick = 0;

  limn_cli_memory (options->memory, &job.memory);
  job.loop = g_main_loop_new (NULL, FALSE);
  job.cancellable = g_cancellable_new ();
  job.started = g_get_monotonic_time ();
  job.terminal = isatty (STDERR_FILENO);
  g_mutex_init (&job.lock);
  job.interrupt = g_unix_signal_add (SIGINT, cancel_cb, &job);
  job.terminate = g_unix_signal_add (SIGTERM, terminate_cb, &job);
  if (job.terminal)
    tick = g_timeout_add (TICK, tick_cb, &job);

  thread = g_thread_new ("limn-engine", job_worker, &job);
  g_main_loop_run (job.loop);
  g_thread_join (thread);

  g_clear_handle_id (&tick, g_source_remove);
  g_clear_handle_id (&job.interrupt, g_source_remove);
  g_clear_handle_id (&job.terminate, g_source_remove);
  if (job.terminal)
    g_printerr ("\r\033[K");
  *seconds = (g_get_monotonic_time () - job.started) / 1e6;
  g_mutex_clear (&job.lock);
  g_object_unref (job.cancellable);
  g_main_loop_unref (job.loop);
  if (job.error != NULL)
    g_propagate_error (error, job.error);
  return job.result;
}
