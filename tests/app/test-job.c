/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <glib/gstdio.h>
#include <string.h>

#include "app/limn-estimate.h"
#include "app/limn-job-private.h"
#include "app/limn-model-entry-private.h"
#include "tests/app/fixtures.h"

/* ---- A model and an engine that do what a test wants ---------------------------------------------------------------- */

/* A file that is no model: enough for a queue whose work is replaced. */
static LimnModelEntry *
new_model (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "fake.safetensors", NULL);

  g_assert_true (g_file_set_contents (path, "weights", -1, NULL));
  return _limn_model_entry_new (path, FALSE);
}

/* The prompt says what happens; the seed how long it takes, in steps of a millisecond. */
static gboolean
fake_run (const LimnJobOrder *order, LimnRun *run, const LimnImage *image, const LimnImage *mask,
          const LimnTaskCallbacks *callbacks, LimnJobOutcome *outcome, GError **error)
{
  const char *prompt = order->kind == LIMN_JOB_UPSCALE ? "" : order->inpaint.params.prompt;
  int steps = (int) (order->kind == LIMN_JOB_UPSCALE ? order->upscale.params.seed : order->inpaint.params.seed);
  LimnRect rect = { 5, 6, 20, 10 };

  if (strcmp (prompt, "fail") == 0)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NUMERIC, "NaN in layer %s", "x");
      return FALSE;
    }
  if (strcmp (prompt, "silent") == 0)
    return FALSE;
  for (int i = 0; i < steps; i++)
    {
      LimnProgress progress = { LIMN_STAGE_SAMPLE, i, steps, (double) i / steps };
      g_autoptr (LimnImage) preview = fixture_noise (4, 4, 3, i);

      if (!limn_run_check (run, error))
        return FALSE;
      g_usleep (1000);
      callbacks->progress (&progress, callbacks->user_data);
      callbacks->preview (preview, &rect, callbacks->user_data);
    }
  if (order->kind == LIMN_JOB_UPSCALE)
    {
      g_autoptr (LimnImage) large = fixture_noise (image->width * 4, image->height * 4, image->channels, 7);

      outcome->upscaled = limn_tiles_new_from_image (large);
      return TRUE;
    }
  g_assert_nonnull (mask);
  outcome->patch = g_new0 (LimnPatch, 1);
  outcome->patch->rect = rect;
  outcome->patch->pixels = fixture_noise (20, 10, 3, (guint32) order->inpaint.params.seed);
  outcome->patch->alpha = fixture_noise (20, 10, 1, 2);
  return TRUE;
}

static LimnJobQueue *
new_queue (LimnHistory *history)
{
  LimnJobQueue *queue = limn_job_queue_new (history, 1);

  _limn_job_queue_set_run (queue, fake_run);
  return queue;
}

static LimnJob *
new_job (LimnModelEntry *model, const char *prompt, guint64 seed)
{
  g_autoptr (LimnImage) image = fixture_noise (60, 50, 3, 1);
  g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
  g_autoptr (LimnTiles) mask = limn_tiles_new (60, 50, 1);
  g_autofree char *own_prompt = g_strdup (prompt);
  g_autofree char *sampler = g_strdup ("ddim");
  LimnInpaintParams params = { .prompt = own_prompt, .negative = "", .seed = seed, .steps = 5, .guidance = 2, .strength = 1,
                               .sampler = sampler };
  LimnJob *job;

  limn_tiles_fill (mask, 255);
  job = limn_job_new_inpaint (model, tiles, mask, &params, "photo.jpg");
  /* The job has strings and tiles of its own. */
  memset (own_prompt, 'x', strlen (own_prompt));
  memset (sampler, 'x', 4);
  limn_tiles_fill (tiles, 0);
  return job;
}

typedef struct
{
  gboolean done;
  LimnJobState state;
  int finished, previews, fractions;
  double last_fraction;
  GString *order; /* nullable: appends the name when finished */
  const char *name;
} Watch;

static void
finished_cb (LimnJob *job, Watch *watch)
{
  watch->done = TRUE;
  watch->finished++;
  watch->state = limn_job_get_state (job);
  if (watch->order != NULL)
    g_string_append (watch->order, watch->name);
}

static void
preview_cb (LimnJob *job, Watch *watch)
{
  LimnRect rect;

  watch->previews++;
  g_assert_nonnull (limn_job_get_preview (job, &rect));
  g_assert_cmpint (rect.x, ==, 5);
  g_assert_cmpint (limn_job_get_state (job), ==, LIMN_JOB_RUNNING);
}

static void
fraction_cb (LimnJob *job, GParamSpec *pspec, Watch *watch)
{
  g_assert_cmpfloat (limn_job_get_fraction (job), >=, watch->last_fraction);
  watch->last_fraction = limn_job_get_fraction (job);
  watch->fractions++;
}

static void
watch_job (LimnJob *job, Watch *watch)
{
  g_signal_connect (job, "finished", G_CALLBACK (finished_cb), watch);
  g_signal_connect (job, "preview", G_CALLBACK (preview_cb), watch);
  g_signal_connect (job, "notify::fraction", G_CALLBACK (fraction_cb), watch);
}

/* ---- Tests ---------------------------------------------------------------------------------------------------------- */

static void
test_inpaint (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) history = limn_history_open (folder, NULL);
  g_autoptr (LimnModelEntry) model = new_model ();
  g_autoptr (LimnJobQueue) queue = new_queue (history);
  g_autoptr (LimnJob) job = new_job (model, "a barn", 30);
  g_autoptr (LimnImage) image = fixture_noise (60, 50, 3, 1);
  g_autoptr (LimnImage) patched = NULL;
  g_autoptr (LimnImage) unpatched = NULL;
  g_autoptr (LimnImage) stored = NULL;
  g_autoptr (LimnImage) mask = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *prompt = NULL;
  g_autofree char *input_hash = NULL;
  g_autofree char *model_hash = NULL;
  LimnGeneration *generation;
  LimnTiles *before;
  Watch watch = { 0 };

  watch_job (job, &watch);
  g_assert_cmpint (limn_job_get_state (job), ==, LIMN_JOB_WAITING);
  limn_job_queue_add (queue, job);
  limn_job_queue_add (queue, job);
  g_assert_cmpint (limn_job_get_state (job), ==, LIMN_JOB_RUNNING);
  g_assert_true (limn_job_queue_get_running (queue) == job);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (queue)), ==, 1);
  fixture_wait (&watch.done);

  g_assert_cmpint (watch.state, ==, LIMN_JOB_DONE);
  g_assert_cmpint (watch.finished, ==, 1);
  g_assert_cmpint (watch.previews, >, 0);
  g_assert_cmpfloat (watch.last_fraction, ==, 1);
  g_assert_null (limn_job_get_error (job));
  g_assert_null (limn_job_get_history_error (job));
  g_assert_null (limn_job_queue_get_running (queue));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (queue)), ==, 0);
  g_assert_cmpint (limn_job_get_patch (job)->rect.width, ==, 20);
  patched = limn_tiles_to_image (limn_job_get_patched (job, &before), NULL);
  limn_patch_apply (limn_job_get_patch (job), image);
  g_assert_true (fixture_images_equal (patched, image));
  limn_image_unref (image);
  image = fixture_noise (60, 50, 3, 1);
  unpatched = limn_tiles_to_image (before, NULL);
  g_assert_true (fixture_images_equal (unpatched, image));

  /* The row is there before anybody is told. */
  generation = limn_job_get_generation (job);
  g_assert_cmpint (limn_generation_get_id (generation), ==, 1);
  g_object_get (generation, "prompt", &prompt, "input-hash", &input_hash, "model-hash", &model_hash, NULL);
  g_assert_cmpstr (prompt, ==, "a barn");
  g_assert_cmpuint (strlen (model_hash), ==, 64);
  stored = limn_history_load_image (history, input_hash, &error);
  g_assert_no_error (error);
  g_assert_true (fixture_images_equal (stored, image));
  mask = limn_history_load_mask (history, generation, &error);
  g_assert_no_error (error);
  g_assert_cmpint (limn_image_row (mask, 49)[59], ==, 255);
}

static void
test_upscale (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) history = limn_history_open (folder, NULL);
  g_autoptr (LimnModelEntry) model = new_model ();
  g_autoptr (LimnJobQueue) queue = new_queue (history);
  g_autoptr (LimnImage) image = fixture_noise (33, 17, 4, 1);
  g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
  LimnUpscaleParams params = { .factor = 4, .seed = 3, .steps = 2, .sampler = "ddim" };
  g_autoptr (LimnJob) job = limn_job_new_upscale (model, tiles, &params, NULL);
  g_autoptr (LimnImage) stored = NULL;
  g_autoptr (LimnImage) shown = NULL;
  g_autoptr (GError) error = NULL;
  Watch watch = { 0 };

  watch_job (job, &watch);
  limn_job_queue_add (queue, job);
  fixture_wait (&watch.done);
  g_assert_cmpint (limn_job_get_kind (job), ==, LIMN_JOB_UPSCALE);
  g_assert_cmpint (limn_tiles_get_width (limn_job_get_upscaled (job)), ==, 132);
  stored = limn_history_load_result (history, limn_job_get_generation (job), &error);
  g_assert_no_error (error);
  shown = limn_tiles_to_image (limn_job_get_upscaled (job), NULL);
  g_assert_true (fixture_images_equal (stored, shown));
}

/* Jobs run one at a time, in the order in which they came; one that fails or is cancelled does not stop the rest. */
static void
test_order (void)
{
  g_autoptr (LimnModelEntry) model = new_model ();
  g_autoptr (LimnJobQueue) queue = new_queue (NULL);
  g_autoptr (GString) order = g_string_new (NULL);
  static const char *const prompts[] = { "go", "fail", "go", "go", "silent", "go" };
  static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
  LimnJob *jobs[6];
  Watch watches[6] = { 0 };

  for (int i = 0; i < 6; i++)
    {
      jobs[i] = new_job (model, prompts[i], 10);
      watches[i].order = order;
      watches[i].name = names[i];
      watch_job (jobs[i], &watches[i]);
      limn_job_queue_add (queue, jobs[i]);
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (queue)), ==, 6);
  limn_job_cancel (jobs[3]);
  g_assert_cmpint (limn_job_get_state (jobs[3]), ==, LIMN_JOB_CANCELLED);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (queue)), ==, 5);
  fixture_wait (&watches[5].done);
  g_assert_cmpstr (order->str, ==, "dabcef");
  g_assert_cmpint (watches[0].state, ==, LIMN_JOB_DONE);
  g_assert_cmpint (watches[1].state, ==, LIMN_JOB_FAILED);
  g_assert_cmpstr (limn_job_get_error (jobs[1])->message, ==, "NaN in layer x");
  g_assert_cmpint (watches[4].state, ==, LIMN_JOB_FAILED);
  g_assert_nonnull (limn_job_get_error (jobs[4]));
  g_assert_nonnull (limn_job_get_generation (jobs[0]));
  g_assert_cmpint (limn_generation_get_id (limn_job_get_generation (jobs[0])), ==, 0);
  for (int i = 0; i < 6; i++)
    {
      g_assert_cmpint (watches[i].finished, ==, 1);
      /* Over is over. */
      limn_job_cancel (jobs[i]);
      limn_job_queue_add (queue, jobs[i]);
      g_assert_cmpint (watches[i].finished, ==, 1);
      g_object_unref (jobs[i]);
    }
}

/* Cancelled at any moment: over soon, with nothing in the history. */
static void
test_cancel_running (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) history = limn_history_open (folder, NULL);
  g_autoptr (LimnModelEntry) model = new_model ();
  g_autoptr (LimnJobQueue) queue = new_queue (history);
  g_autoptr (GRand) rand = g_rand_new_with_seed (8);

  for (int i = 0; i < 30; i++)
    {
      g_autoptr (LimnJob) job = new_job (model, "go", 60000);
      Watch watch = { 0 };
      gint64 until = g_get_monotonic_time () + g_rand_int_range (rand, 0, 8000);

      watch_job (job, &watch);
      limn_job_queue_add (queue, job);
      while (g_get_monotonic_time () < until)
        g_main_context_iteration (NULL, FALSE);
      limn_job_cancel (job);
      limn_job_cancel (job);
      fixture_wait (&watch.done);
      g_assert_cmpint (watch.state, ==, LIMN_JOB_CANCELLED);
      g_assert_cmpint (watch.finished, ==, 1);
      g_assert_null (limn_job_get_error (job));
      g_assert_null (limn_job_get_patch (job));
      g_assert_null (limn_job_get_generation (job));
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, 0);
}

static LimnImage *seen_image; /* what the engine got last, held */

static gboolean
holding_run (const LimnJobOrder *order, LimnRun *run, const LimnImage *image, const LimnImage *mask,
             const LimnTaskCallbacks *callbacks, LimnJobOutcome *outcome, GError **error)
{
  g_clear_pointer (&seen_image, limn_image_unref);
  seen_image = limn_image_ref ((LimnImage *) image);
  return fake_run (order, run, image, mask, callbacks, outcome, error);
}

/* What a job that failed or was cancelled worked on is not kept until the next one comes. */
static void
test_inputs_are_freed (void)
{
  static const char *const prompts[] = { "fail", "go" };

  for (gsize i = 0; i < G_N_ELEMENTS (prompts); i++)
    {
      g_autofree char *folder = fixture_folder ();
      g_autoptr (LimnHistory) history = limn_history_open (folder, NULL);
      g_autoptr (LimnModelEntry) model = new_model ();
      g_autoptr (LimnJobQueue) queue = limn_job_queue_new (history, 1);
      g_autoptr (LimnJob) job = new_job (model, prompts[i], 60000);
      Watch watch = { 0 };

      _limn_job_queue_set_run (queue, holding_run);
      watch_job (job, &watch);
      limn_job_queue_add (queue, job);
      while (!watch.done && watch.previews == 0)
        g_main_context_iteration (NULL, TRUE);
      limn_job_cancel (job);
      fixture_wait (&watch.done);
      g_assert_cmpint (watch.state, ==, i == 0 ? LIMN_JOB_FAILED : LIMN_JOB_CANCELLED);
      /* The queue waits for more; only the test still holds the picture, soon. */
      for (int k = 0; k < 30000 && !g_atomic_ref_count_compare (&seen_image->ref_count, 1); k++)
        g_usleep (1000);
      g_assert_true (g_atomic_ref_count_compare (&seen_image->ref_count, 1));
      g_clear_pointer (&seen_image, limn_image_unref);
    }
}

/* A cancelled job that never came to a queue, and one that is added afterwards. */
static void
test_cancel_before (void)
{
  g_autoptr (LimnModelEntry) model = new_model ();
  g_autoptr (LimnJobQueue) queue = new_queue (NULL);
  g_autoptr (LimnJob) job = new_job (model, "go", 1);
  Watch watch = { 0 };

  watch_job (job, &watch);
  limn_job_cancel (job);
  g_assert_cmpint (watch.state, ==, LIMN_JOB_CANCELLED);
  limn_job_queue_add (queue, job);
  g_assert_null (limn_job_queue_get_running (queue));
}

static void
cancel_again_cb (LimnJob *job, LimnJobQueue *queue)
{
  limn_job_queue_cancel_all (queue);
}

static void
test_cancel_all (void)
{
  g_autoptr (LimnModelEntry) model = new_model ();
  g_autoptr (LimnJobQueue) queue = new_queue (NULL);
  LimnJob *jobs[5];
  Watch watches[5] = { 0 };

  for (int i = 0; i < 5; i++)
    {
      jobs[i] = new_job (model, "go", 60000);
      watch_job (jobs[i], &watches[i]);
      g_signal_connect (jobs[i], "finished", G_CALLBACK (cancel_again_cb), queue);
      limn_job_queue_add (queue, jobs[i]);
    }
  limn_job_queue_cancel_all (queue);
  fixture_wait (&watches[0].done);
  for (int i = 0; i < 5; i++)
    {
      g_assert_cmpint (watches[i].state, ==, LIMN_JOB_CANCELLED);
      g_assert_cmpint (watches[i].finished, ==, 1);
      g_object_unref (jobs[i]);
    }
}

/* A queue that goes away takes its thread along and leaves no job without an end. */
static void
test_dispose (void)
{
  g_autoptr (LimnModelEntry) model = new_model ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (18);

  for (int round = 0; round < 40; round++)
    {
      LimnJobQueue *queue = new_queue (NULL);
      LimnJob *jobs[3];
      Watch watches[3] = { 0 };
      gint64 until = g_get_monotonic_time () + g_rand_int_range (rand, 0, 4000);

      for (int i = 0; i < 3; i++)
        {
          jobs[i] = new_job (model, "go", round % 2 == 0 ? 60000 : 1);
          watch_job (jobs[i], &watches[i]);
          limn_job_queue_add (queue, jobs[i]);
        }
      while (g_get_monotonic_time () < until)
        if (round % 3 == 0)
          g_main_context_iteration (NULL, FALSE);
      g_assert_finalize_object (queue);
      for (int i = 0; i < 3; i++)
        {
          g_assert_cmpint (watches[i].finished, ==, 1);
          g_assert_cmpint (watches[i].state, >=, LIMN_JOB_DONE);
          while (g_main_context_iteration (NULL, FALSE))
            ;
          g_assert_finalize_object (jobs[i]);
        }
    }
}

/* A main loop that is busy gets the latest news, not all of them. */
static void
test_coalesced (void)
{
  g_autoptr (LimnModelEntry) model = new_model ();
  g_autoptr (LimnJobQueue) queue = new_queue (NULL);
  g_autoptr (LimnJob) job = new_job (model, "go", 200);
  Watch watch = { 0 };

  watch_job (job, &watch);
  limn_job_queue_add (queue, job);
  while (!watch.done)
    {
      g_usleep (50000);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpint (watch.previews, <, 150);
}

/* A job whose result cannot be stored is done all the same, and says so. */
static void
test_history_fails (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *files = g_build_filename (folder, "files", NULL);
  g_autoptr (LimnHistory) history = limn_history_open (folder, NULL);
  g_autoptr (LimnModelEntry) model = new_model ();
  g_autoptr (LimnJobQueue) queue = new_queue (history);
  g_autoptr (LimnJob) job = new_job (model, "go", 2);
  Watch watch = { 0 };

  /* A file where the folder should be. */
  g_assert_true (g_file_set_contents (files, "", -1, NULL));
  watch_job (job, &watch);
  limn_job_queue_add (queue, job);
  fixture_wait (&watch.done);
  g_assert_cmpint (watch.state, ==, LIMN_JOB_DONE);
  g_assert_nonnull (limn_job_get_patch (job));
  g_assert_nonnull (limn_job_get_history_error (job));
  g_assert_cmpint (limn_generation_get_id (limn_job_get_generation (job)), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, 0);
}

/* The real engine, with a model that cannot be read: an error, not an end. */
static void
test_broken_model (void)
{
  g_autoptr (LimnModelEntry) model = new_model ();
  g_autoptr (LimnJobQueue) queue = limn_job_queue_new (NULL, 1);
  g_autoptr (LimnJob) job = new_job (model, "go", 2);
  Watch watch = { 0 };

  g_assert_nonnull (limn_model_entry_get_error (model));
  watch_job (job, &watch);
  limn_job_queue_add (queue, job);
  fixture_wait (&watch.done);
  g_assert_cmpint (watch.state, ==, LIMN_JOB_FAILED);
  g_assert_cmpstr (limn_job_get_error (job)->message, ==, limn_model_entry_get_error (model));
}

/* ---- Learnt times --------------------------------------------------------------------------------------------------- */

static void
test_estimate (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "deep", "times.ini", NULL);
  LimnInpaintPlan plan = { .width = 256, .height = 256, .steps = 20 };
  LimnInpaintPlan large = { .width = 512, .height = 512, .steps = 20 };

  {
    g_autoptr (LimnEstimate) estimate = limn_estimate_new (path);

    g_assert_cmpfloat (limn_estimate_inpaint (estimate, "a", &plan, TRUE), ==, -1);
    limn_estimate_learn_inpaint (estimate, "a", &plan, TRUE, 4.0);
    g_assert_cmpfloat_with_epsilon (limn_estimate_inpaint (estimate, "a", &plan, TRUE), 4, 1e-6);
    g_assert_cmpfloat_with_epsilon (limn_estimate_inpaint (estimate, "a", &large, TRUE), 16, 1e-6);
    g_assert_cmpfloat (limn_estimate_inpaint (estimate, "a", &plan, FALSE), <, 4);
    g_assert_cmpfloat (limn_estimate_inpaint (estimate, "b]\n[a", &plan, TRUE), ==, -1);
    limn_estimate_learn_inpaint (estimate, "a", &plan, TRUE, -1);
    limn_estimate_learn_inpaint (estimate, "a", &plan, TRUE, 1.0 / 0.0);
    limn_estimate_learn_inpaint (estimate, "b]\n[a", &plan, TRUE, 2);
  }
  {
    g_autoptr (LimnEstimate) estimate = limn_estimate_new (path);

    g_assert_cmpfloat_with_epsilon (limn_estimate_inpaint (estimate, "a", &plan, TRUE), 4, 1e-6);
    g_assert_cmpfloat_with_epsilon (limn_estimate_inpaint (estimate, "b]\n[a", &plan, TRUE), 2, 1e-6);
    for (int i = 0; i < 30; i++)
      limn_estimate_learn_inpaint (estimate, "a", &plan, TRUE, 8.0);
    g_assert_cmpfloat_with_epsilon (limn_estimate_inpaint (estimate, "a", &plan, TRUE), 8, 1e-3);
  }
  g_assert_true (g_file_set_contents (path, "[a]\nseconds-per-unit=nan\n[b]\nseconds-per-unit=-5\n", -1, NULL));
  {
    g_autoptr (LimnEstimate) estimate = limn_estimate_new (path);

    g_assert_cmpfloat (limn_estimate_inpaint (estimate, "a", &plan, TRUE), ==, -1);
    g_assert_cmpfloat (limn_estimate_inpaint (estimate, "b", &plan, TRUE), ==, -1);
  }
  g_assert_true (g_file_set_contents (path, "\x01\xff no key file", -1, NULL));
  {
    g_autoptr (LimnEstimate) estimate = limn_estimate_new (path);

    g_assert_cmpfloat (limn_estimate_inpaint (estimate, "a", &plan, TRUE), ==, -1);
  }
}

/* Upscales are learnt beside inpaints: by tiles and steps, and of each model on its own. */
static void
test_estimate_upscale (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "times.ini", NULL);
  LimnUpscaleWork work = { .n_tiles = 4, .tile_width = 64, .tile_height = 64, .steps = 10 };
  LimnUpscaleWork large = { .n_tiles = 12, .tile_width = 64, .tile_height = 64, .steps = 10 };
  LimnUpscaleWork one = { .n_tiles = 1, .tile_width = 64, .tile_height = 64, .steps = 10 };
  LimnUpscaleWork longer = { .n_tiles = 4, .tile_width = 64, .tile_height = 64, .steps = 20 };
  LimnInpaintPlan plan = { .width = 256, .height = 256, .steps = 20 };
  g_autoptr (LimnEstimate) estimate = limn_estimate_new (path);
  g_autoptr (LimnEstimate) again = NULL;

  g_assert_cmpfloat (limn_estimate_upscale (estimate, "a", &work), ==, -1);
  limn_estimate_learn_inpaint (estimate, "a", &plan, TRUE, 4.0);
  g_assert_cmpfloat (limn_estimate_upscale (estimate, "a", &work), ==, -1);
  limn_estimate_learn_upscale (estimate, "a", &work, 6.0);
  again = limn_estimate_new (path);
  g_assert_cmpfloat_with_epsilon (limn_estimate_upscale (again, "a", &work), 6, 1e-6);
  g_assert_cmpfloat_with_epsilon (limn_estimate_upscale (again, "a", &large), 18, 1e-6);
  g_assert_cmpfloat (limn_estimate_upscale (again, "a", &longer), >, 8);
  g_assert_cmpfloat_with_epsilon (limn_estimate_inpaint (again, "a", &plan, TRUE), 4, 1e-6);
  g_assert_cmpfloat (limn_estimate_upscale (again, "b", &work), ==, -1);

  /* A single tile says nothing of many, but many say something of one. */
  limn_estimate_learn_upscale (again, "b", &one, 10);
  g_assert_cmpfloat_with_epsilon (limn_estimate_upscale (again, "b", &one), 10, 1e-6);
  g_assert_cmpfloat (limn_estimate_upscale (again, "b", &work), ==, -1);
  g_assert_cmpfloat_with_epsilon (limn_estimate_upscale (again, "a", &one), 1.5, 1e-6);
  /* One that was kept waiting for a long time does not make the next look as long. */
  limn_estimate_learn_upscale (again, "a", &work, 600);
  g_assert_cmpfloat (limn_estimate_upscale (again, "a", &work), <, 12);
}

/* A removal learns from removals alone, however slow a model was; and a small one says little of a large one. */
static void
test_estimate_remove (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "times.ini", NULL);
  LimnInpaintPlan plan = { .width = 256, .height = 256 }, half = { .width = 256, .height = 128 };
  LimnInpaintPlan middle = { .width = 600, .height = 600 }, large = { .width = 1200, .height = 1200 };
  LimnInpaintPlan steps = { .width = 256, .height = 256, .steps = 50 };
  g_autoptr (LimnEstimate) estimate = limn_estimate_new (path);
  g_autoptr (LimnEstimate) again = NULL;

  limn_estimate_learn_inpaint (estimate, "slow", &steps, TRUE, 600);
  limn_estimate_learn_inpaint (estimate, " none", &steps, TRUE, 600);
  g_assert_cmpfloat (limn_estimate_remove (estimate, &plan), ==, -1);
  limn_estimate_learn_remove (estimate, &plan, 0.25);
  limn_estimate_learn_inpaint (estimate, "slow", &steps, TRUE, 6000);
  g_assert_cmpfloat_with_epsilon (limn_estimate_remove (estimate, &plan), 0.25, 1e-9);
  g_assert_cmpfloat_with_epsilon (limn_estimate_remove (estimate, &half), 0.125, 1e-9);
  g_assert_cmpfloat_with_epsilon (limn_estimate_remove (estimate, &middle), 0.25 * 600 * 600 / (256 * 256), 1e-9);
  g_assert_cmpfloat_with_epsilon (limn_estimate_remove (estimate, &large), 0.25 * 1200 * 1200 / (256 * 256), 1e-9);
  /* Steps have no part in it. */
  g_assert_cmpfloat (limn_estimate_remove (estimate, &steps), ==, limn_estimate_remove (estimate, &plan));

  limn_estimate_learn_remove (estimate, &large, 2);
  again = limn_estimate_new (path);
  g_assert_cmpfloat_with_epsilon (limn_estimate_remove (again, &plan), 0.25, 1e-9);
  g_assert_cmpfloat_with_epsilon (limn_estimate_remove (again, &large), 2, 1e-9);
  /* One that was kept waiting by something else is forgotten with the next that was not. */
  limn_estimate_learn_remove (again, &plan, 30);
  limn_estimate_learn_remove (again, &plan, 0.25);
  g_assert_cmpfloat_with_epsilon (limn_estimate_remove (again, &plan), 0.25, 1e-9);
}

/* Reports after a wait and a first step that have nothing to do with how fast the work goes; and something was learnt before,
 * while the computer was busy. */
static gboolean
late_run (const LimnJobOrder *order, LimnRun *run, const LimnImage *image, const LimnImage *mask,
          const LimnTaskCallbacks *callbacks, LimnJobOutcome *outcome, GError **error)
{
  gint64 start;

  _limn_job_post_expected (callbacks->user_data, order->inpaint.params.seed == 1 ? -1 : 1200);
  g_usleep (300000);
  callbacks->progress (&(LimnProgress) { LIMN_STAGE_PREPARE, 0, 0, 0 }, callbacks->user_data);
  g_usleep (300000);
  start = g_get_monotonic_time ();
  callbacks->progress (&(LimnProgress) { LIMN_STAGE_SAMPLE, 1, 20, 0.05 }, callbacks->user_data);
  callbacks->progress (&(LimnProgress) { LIMN_STAGE_SAMPLE, 2, 20, 0.1 }, callbacks->user_data);
  g_object_set_data (G_OBJECT (order->cancellable), "span", GINT_TO_POINTER ((int) (g_get_monotonic_time () - start)));
  while (!g_cancellable_set_error_if_cancelled (order->cancellable, error))
    g_usleep (1000);
  return FALSE;
}

static void
reported_cb (LimnJob *job, GParamSpec *pspec, Watch *watch)
{
  watch->done = limn_job_get_fraction (job) >= 0.1;
}

/* The time left goes by the pace of the work, not by how long the job had to wait for something, nor by what is known when that
 * is far too much. */
static void
test_seconds_left (gconstpointer seed)
{
  g_autoptr (LimnModelEntry) model = new_model ();
  g_autoptr (LimnJobQueue) queue = limn_job_queue_new (NULL, 1);
  g_autoptr (LimnJob) job = new_job (model, "go", GPOINTER_TO_INT (seed));
  Watch watch = { 0 };
  int span;

  _limn_job_queue_set_run (queue, late_run);
  g_signal_connect (job, "notify::seconds-left", G_CALLBACK (reported_cb), &watch);
  g_assert_cmpfloat (limn_job_get_seconds_left (job), ==, -1);
  limn_job_queue_add (queue, job);
  fixture_wait (&watch.done);
  span = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (_limn_job_get_order (job)->cancellable), "span"));
  while (span == 0)
    span = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (_limn_job_get_order (job)->cancellable), "span"));
  g_assert_cmpfloat (limn_job_get_seconds_left (job), >=, 0);
  g_assert_cmpfloat (limn_job_get_seconds_left (job), <=, (span + 1) / 1e6 * 18.001);
  watch.done = FALSE;
  g_signal_handlers_disconnect_by_data (job, &watch);
  watch_job (job, &watch);
  limn_job_cancel (job);
  fixture_wait (&watch.done);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/job/inpaint", test_inpaint);
  g_test_add_func ("/job/upscale", test_upscale);
  g_test_add_func ("/job/order", test_order);
  g_test_add_func ("/job/cancel/running", test_cancel_running);
  g_test_add_func ("/job/cancel/inputs-are-freed", test_inputs_are_freed);
  g_test_add_func ("/job/cancel/before", test_cancel_before);
  g_test_add_func ("/job/cancel/all", test_cancel_all);
  g_test_add_func ("/job/dispose", test_dispose);
  g_test_add_func ("/job/coalesced", test_coalesced);
  g_test_add_func ("/job/history-fails", test_history_fails);
  g_test_add_func ("/job/broken-model", test_broken_model);
  g_test_add_func ("/job/estimate/inpaint", test_estimate);
  g_test_add_func ("/job/estimate/upscale", test_estimate_upscale);
  g_test_add_func ("/job/estimate/remove", test_estimate_remove);
  g_test_add_data_func ("/job/estimate/left", GINT_TO_POINTER (1), test_seconds_left);
  g_test_add_data_func ("/job/estimate/left-by-pace", GINT_TO_POINTER (2), test_seconds_left);
  return g_test_run ();
}
