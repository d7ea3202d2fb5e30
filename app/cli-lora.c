/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-cli"

#include "config.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "app/cli-private.h"
#include "app/limn-model-entry-private.h"

#define MAX_WEIGHT 100.0

/* "FILE:WEIGHT" or "FILE": where the name ends, and the weight, 1 when it is not said. A colon
 * without a number behind it belongs to the name. */
static gsize
split (const char *text, double *weight)
{
  const char *colon = strrchr (text, ':');
  char *end = NULL;
  double number;

  *weight = 1.0;
  if (colon == NULL || colon[1] == '\0')
    return strlen (text);
  number = g_ascii_strtod (colon + 1, &end);
  if (*end != '\0')
    return strlen (text);
  *weight = number;
  return (gsize)(colon - text);
}

void
limn_cli_loras_clear (LimnCliLoras *loras)
{
  g_clear_pointer (&loras->files, g_free);
  g_clear_pointer (&loras->hashes, g_free);
}

int
limn_cli_loras_stay (const LimnCliOptions *options, const char *command, const char *named, char **loras)
{
  int code = LIMN_CLI_OK;

  for (char **lora = loras; lora != NULL && *lora != NULL && code == LIMN_CLI_OK; lora++)
    {
      double weight;
      g_autofree char *path = g_strndup (*lora, split (*lora, &weight));
      const char *const inputs[] = { path };

      code = limn_cli_inputs_stay (options, command, named, inputs, G_N_ELEMENTS (inputs));
    }
  return code;
}

/* Hex SHA-256 of a file (transfer full); empty when it cannot be read any more. */
static char *
hash_file (const char *path)
{
  g_autoptr (GMappedFile) mapped = g_mapped_file_new (path, FALSE, NULL);
  g_autoptr (GBytes) bytes = mapped != NULL ? g_mapped_file_get_bytes (mapped) : NULL;

  return bytes != NULL ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes) : g_strdup ("");
}

/* One line more in each. */
typedef struct
{
  GString *files, *hashes;
} Told;

static void
tell (Told *told, const char *name, double weight, const char *path)
{
  g_autofree char *hash = hash_file (path);
  g_autofree char *line = g_strdelimit (g_strdup (name), "\n", ' ');
  const char *end = told->files->len > 0 ? "\n" : "";
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (told->files, "%s%s:%s", end, line,
                          g_ascii_formatd (digits, sizeof digits, "%.9g", weight));
  g_string_append_printf (told->hashes, "%s%s", end, hash);
}

static LimnLora *
open_lora (const char *command, const char *text, double *weight, Told *told, int *exit_code)
{
  g_autofree char *path = g_strndup (text, split (text, weight));
  g_autofree char *name = g_filename_display_basename (path);
  g_autoptr (GError) error = NULL;
  LimnLora *lora;

  /* Written so that NaN is out of range. */
  if (!(fabs (*weight) <= MAX_WEIGHT))
    {
      *exit_code = limn_cli_usage (command, _ ("The weight of “%s” must be -%g to %g"), name, MAX_WEIGHT,
                                   MAX_WEIGHT);
      return NULL;
    }
  lora = limn_lora_open (path, &error);
  if (lora == NULL)
    *exit_code = limn_cli_failure_of (path, error->message);
  else
    tell (told, name, *weight, path);
  return lora;
}

/* The model of @entry with the LoRA files of @uses; NULL: complained. */
static LimnModel *
open_with (LimnModelEntry *entry, GArray *uses, int *exit_code)
{
  g_autoptr (GError) error = NULL;
  LimnModel *model = _limn_model_entry_open (
      _limn_model_entry_get_path (entry), (const LimnLoraUse *)uses->data, uses->len, &error);

  if (model == NULL)
    *exit_code = limn_cli_failure (error);
  return model;
}

static void
clear_use (gpointer data)
{
  limn_lora_unref (((LimnLoraUse *)data)->lora);
}

LimnModel *
limn_cli_model_with_loras (const char *command,
                           LimnModelEntry *entry,
                           char **files,
                           LimnCliLoras *loras,
                           int *exit_code)
{
  g_autoptr (GArray) uses = g_array_new (FALSE, TRUE, sizeof (LimnLoraUse));
  g_autoptr (GString) names = g_string_new (NULL), hashes = g_string_new (NULL);
  Told told = { names, hashes };
  LimnModel *model = limn_model_entry_get_model (entry);

  if (files == NULL)
    return limn_model_ref (model);
  g_array_set_clear_func (uses, clear_use);
  for (char **file = files; *file != NULL; file++)
    {
      LimnLoraUse use = { .lora = NULL };

      use.lora = open_lora (command, *file, &use.weight, &told, exit_code);
      if (use.lora == NULL)
        return NULL;
      use.text_weight = use.weight;
      g_array_append_val (uses, use);
    }
  model = open_with (entry, uses, exit_code);
  if (model != NULL)
    {
      loras->files = g_strdup (names->str);
      loras->hashes = g_strdup (hashes->str);
    }
  return model;
}

/* ---- Other numbers --------------------------------------------------------------------------- */

/* A share, 0 to 1: anything else is told here, as the engine's own defaults are below 0. */
static gboolean
parse_share (const char *command, const char *option, const char *text, float *value)
{
  if (!limn_cli_number (command, option, text, value))
    return FALSE;
  if (text == NULL || (*value >= 0.0f && *value <= 1.0f))
    return TRUE;
  limn_cli_usage (command, _ ("%s must be 0 to 1, not %s"), option, text);
  return FALSE;
}

gboolean
limn_cli_shares (const char *command,
                 const char *eta_text,
                 const char *rescale_text,
                 float *eta,
                 float *rescale)
{
  return parse_share (command, "--eta", eta_text, eta)
         && parse_share (command, "--guidance-rescale", rescale_text, rescale);
}

gboolean
limn_cli_step_cache (const char *command, int given, int *step_cache)
{
  if (given < 1 || given > LIMN_MAX_STEP_CACHE)
    {
      limn_cli_usage (command, _ ("%s must be 1 to %d, not %d"), "--step-cache", LIMN_MAX_STEP_CACHE,
                      given);
      return FALSE;
    }
  *step_cache = given;
  return TRUE;
}
