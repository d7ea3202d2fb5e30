/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

#include "app/cli.h"
#include "app/limn-history.h"
#include "app/limn-library.h"
#include "engine/task/inpaint.h"

G_BEGIN_DECLS

/* The commands: @argv[0] is the command's name. Each returns an exit code. */
int limn_cli_inpaint (int argc, char **argv);
int limn_cli_generate (int argc, char **argv);
int limn_cli_upscale (int argc, char **argv);
int limn_cli_models (int argc, char **argv);
int limn_cli_history (int argc, char **argv);

/* Complains about @error and returns the exit code for it. */
int limn_cli_failure (const GError *error);
/* The same for @message about the file or folder @path, where the engine begins with its path and a colon. */
int limn_cli_failure_of (const char *path, const char *message);
/* Complains about wrong usage of @command, points to its help and returns LIMN_CLI_USAGE. */
int limn_cli_usage (const char *command, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Parses @argv by @entries; FALSE and @exit_code when the program ends here. @command: name and
 * positional arguments ("inpaint PHOTO"); @description: examples below the options. */
gboolean limn_cli_parse (const char *command,
                         const char *parameters,
                         const char *summary,
                         const char *description,
                         const GOptionEntry *entries,
                         int *argc,
                         char ***argv,
                         int *exit_code);

/* An option that was not given: every number that can be given, 0 too, is taken at its word. */
#define LIMN_CLI_UNSET G_MININT
#define LIMN_CLI_MAX_THREADS 256

/* What inpaint, generate and upscale have in common. Owned strings. */
typedef struct
{
  char *model;
  char *sampler;
  char *seed_text;
  char *output;
  char *memory; /* NULL: what the system has */
  int steps;    /* LIMN_CLI_UNSET: the model's default */
  int threads;  /* 0: one per core */
  char **paths; /* what is not an option */
  gboolean overwrite; /* an input may be replaced */
} LimnCliOptions;

#define LIMN_CLI_OPTIONS_INIT ((LimnCliOptions){ .steps = LIMN_CLI_UNSET })

static inline gboolean
limn_cli_threads_ok (int threads)
{
  return threads >= 0 && threads <= LIMN_CLI_MAX_THREADS;
}

/* Bytes that @text ("1.5G", "800M", "2GiB"; nullable) stands for, 0 for NULL. FALSE: for none. */
gboolean limn_cli_memory (const char *text, gsize *bytes);
/* Whether threads and memory are what they may be; FALSE: complained about the use of @command. */
gboolean limn_cli_means_ok (const LimnCliOptions *options, const char *command);

void limn_cli_options_clear (LimnCliOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LimnCliOptions, limn_cli_options_clear)

/* Whether a picture can be written as options' output (nullable: beside the photo or here), as far as that can be told
 * before: asked ahead of minutes of work. Returns an exit code; other than LIMN_CLI_OK: complained. */
int limn_cli_output_ok (const LimnCliOptions *options);
/* Whether writing @named (nullable) leaves each of the @n @inputs of @command as it is (nullable: not given): none is
 * the same file, through whatever link. LIMN_CLI_USAGE: complained. */
int limn_cli_inputs_stay (const LimnCliOptions *options,
                          const char *command,
                          const char *named,
                          const char *const *inputs,
                          gsize n);
/* The same for the LoRA files of --lora (nullable), "FILE" or "FILE:WEIGHT". */
int limn_cli_loras_stay (const LimnCliOptions *options,
                         const char *command,
                         const char *named,
                         char **loras);

/* The entries of LimnCliOptions followed by @more (ended by a NULL name); transfer container. */
GOptionEntry *limn_cli_entries (LimnCliOptions *options, const GOptionEntry *more);

/* A seed from its text, or a random one without; FALSE when it is no number. */
gboolean limn_cli_seed (const char *text, guint64 *seed);
/* Text of the command line as UTF-8 (transfer full); NULL when it is text in no encoding that is
 * known. */
char *limn_cli_text (const char *bytes);
/* The same in place; an option that was not given stays NULL. */
gboolean limn_cli_make_text (char **option);
/* The number that @option of @command was given as @text into @value, which stays when @text is
 * NULL. FALSE: it is no finite number; complained. */
gboolean limn_cli_number (const char *command, const char *option, const char *text, float *value);

/* The model named @name, an id of the library or a path, or the first with @capability (transfer
 * full). NULL: complained, @exit_code set. */
LimnModelEntry *limn_cli_open_model (LimnLibrary *library,
                                     const char *name,
                                     LimnCapabilities capability,
                                     int *exit_code);

/* What the history calls LoRA files: its "loras" and "lora-hashes"; NULL: there are none. Owned. */
typedef struct
{
  char *files, *hashes;
} LimnCliLoras;

void limn_cli_loras_clear (LimnCliLoras *loras);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LimnCliLoras, limn_cli_loras_clear)

/* The model of @entry, changed by LoRA @files ("FILE" or "FILE:WEIGHT"; nullable: none): transfer
 * full. Without files @loras stays. NULL: complained, @exit_code set. */
LimnModel *limn_cli_model_with_loras (const char *command,
                                      LimnModelEntry *entry,
                                      char **files,
                                      LimnCliLoras *loras,
                                      int *exit_code);

/* The shares that --eta and --guidance-rescale were given as text (nullable: not given, the numbers
 * stay). FALSE: they are none; complained. */
gboolean limn_cli_shares (const char *command,
                          const char *eta_text,
                          const char *rescale_text,
                          float *eta,
                          float *rescale);

/* What --step-cache was given, 1 when it was not. FALSE: not 1 to LIMN_MAX_STEP_CACHE; complained. */
gboolean limn_cli_step_cache (const char *command, int given, int *step_cache);

/* Runs @func in a thread while the main thread shows progress and listens to SIGINT, which cancels;
 * a second one ends the program. Returns what @func returned. @verb: what is shown ("Repainting");
 * @options: how many threads and how much memory. */
typedef gpointer (*LimnCliFunc) (LimnRun *run,
                                 const LimnTaskCallbacks *callbacks,
                                 gpointer data,
                                 GError **error);
gpointer limn_cli_run (const char *verb,
                       const LimnCliOptions *options,
                       LimnCliFunc func,
                       gpointer data,
                       double *seconds,
                       GError **error);

/* What came out, all borrowed. */
typedef struct
{
  const LimnImage *picture;   /* to be written */
  LimnGeneration *generation; /* what made it, but for the model, the photo and the time */
  const LimnImage *input, *mask, *stored; /* for the history; @mask is nullable */
  LimnModelEntry *model;     /* nullable: none was asked */
  const LimnCliLoras *loras; /* nullable: what changed it */
  LimnCrop *crop;            /* nullable: what it was cut out of */
  GBytes *condition;         /* nullable: the file that the model was told, for the history */
  const char *condition_type; /* "json" or "safetensors" */
  double seconds;
} LimnCliResult;

/* Writes the picture, to @named or a new name beside @photo (nullable: in the present folder), and
 * the row of the history, and prints where it is. What the history cannot take is a warning, no
 * failure; what cannot be written is in the history all the same. Returns the exit code. */
int limn_cli_finish (const LimnCliResult *result, const char *photo, const char *named);

G_END_DECLS
