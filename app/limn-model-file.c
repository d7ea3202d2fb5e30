/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What a file or folder is that somebody wants to use as a model, and which files belong to it.
 */
#define G_LOG_DOMAIN "limn-library"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "app/limn-model-entry-private.h"
#include "app/limn-model-file-private.h"

/* Models have a few dozen files in two levels of folders; a folder of other things ends here. */
#define MAX_PARTS 1000
#define MAX_DEPTH 4

gboolean
limn_model_file_is_likely (GFile *file)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  path = g_file_get_path (file);
  return path != NULL && (g_file_test (path, G_FILE_TEST_IS_DIR) || limn_model_is_likely (path));
}

/* ---- The files of a model -------------------------------------------------------------------------------------------- */

static void
part_clear (gpointer data)
{
  LimnModelPart *part = data;

  g_free (part->from);
  g_free (part->to);
}

static void
add_part (LimnModelFile *self, const char *from, const char *to)
{
  LimnModelPart part = { g_strdup (from), g_strdup (to), 0 };
  GStatBuf st;

  if (g_stat (from, &st) == 0)
    part.bytes = (guint64) st.st_size;
  self->bytes += part.bytes;
  g_array_append_val (self->parts, part);
}

/* Readers of models look at files of these kinds only. */
static gboolean
is_of_use (const char *name)
{
  static const char *const suffixes[]
      = { ".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".json", ".yaml", ".txt", ".gz", ".model", ".md" };

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (name, suffixes[i]))
      return TRUE;
  return FALSE;
}

/* Links are followed: folders of downloads are full of them. */
static void
add_folder (LimnModelFile *self, const char *from, const char *to, int depth)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  while (dir != NULL && self->parts->len < MAX_PARTS && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (from, name, NULL);
      g_autofree char *within = to != NULL ? g_build_filename (to, name, NULL) : g_strdup (name);

      if (name[0] == '.')
        continue;
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          if (depth < MAX_DEPTH)
            add_folder (self, path, within, depth + 1);
        }
      else if (is_of_use (name) && g_file_test (path, G_FILE_TEST_IS_REGULAR))
        add_part (self, path, within);
    }
}

/* @name beside the file, as @to in the model's folder; FALSE when there is none. */
static gboolean
add_beside (LimnModelFile *self, const char *name, const char *to)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *path = g_build_filename (folder, name, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    add_folder (self, path, to, MAX_DEPTH);
  else if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    add_part (self, path, to);
  else
    return FALSE;
  return TRUE;
}

/* The file alone, or with the files beside it by which it was understood: those that the reader looks for there. */
static void
find_parts_of_file (LimnModelFile *self)
{
  static const char *const vocabularies[]
      = { "tokenizer", "vocab.json", "merges.txt", "vocab.txt", "bpe_simple_vocab_16e6.txt.gz" };
  const LimnModelInfo *info = limn_model_entry_get_info (self->entry);
  g_autofree char *yaml = g_strconcat (self->id, ".yaml", NULL);

  add_part (self, self->path, self->name);
  if (info->described_by != NULL && !add_beside (self, yaml, "config.yaml"))
    add_beside (self, "config.yaml", "config.yaml");
  if (info->takes & (LIMN_TAKES_PROMPT | LIMN_TAKES_BOXES))
    {
      add_beside (self, "text_encoder_config.json", "text_encoder_config.json");
      for (gsize i = 0; i < G_N_ELEMENTS (vocabularies); i++)
        add_beside (self, vocabularies[i], vocabularies[i]);
    }
  self->is_folder = self->parts->len > 1;
}

/* ---- Looking --------------------------------------------------------------------------------------------------------- */

static LimnModelFile *
model_file_new (const char *path)
{
  LimnModelFile *self = g_new0 (LimnModelFile, 1);
  char *dot;

  self->path = g_canonicalize_filename (path, NULL);
  self->name = g_path_get_basename (self->path);
  self->is_folder = g_file_test (self->path, G_FILE_TEST_IS_DIR);
  self->id = g_strdup (self->name);
  dot = strrchr (self->id, '.');
  if (!self->is_folder && dot != NULL && dot != self->id)
    *dot = '\0';
  self->parts = g_array_new (FALSE, TRUE, sizeof (LimnModelPart));
  g_array_set_clear_func (self->parts, part_clear);
  return self;
}

void
limn_model_file_free (LimnModelFile *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->entry);
  g_array_unref (self->parts);
  g_free (self->path);
  g_free (self->name);
  g_free (self->id);
  g_free (self);
}

/* The reader's message; names the file also where the reader did not. */
static void
set_error (GError **error, const LimnModelFile *self, const char *reason)
{
  if (strstr (reason, self->name) != NULL)
    g_set_error_literal (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE, reason);
  else
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE, "%s: %s", self->name, reason);
}

LimnModelFile *
limn_model_file_examine (const char *path, GError **error)
{
  g_autoptr (LimnModelFile) self = NULL;
  g_autoptr (LimnLora) lora = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  self = model_file_new (path);
  self->entry = _limn_model_entry_new (self->path, FALSE);
  if (limn_model_entry_get_info (self->entry) != NULL)
    {
      if (self->is_folder)
        add_folder (self, self->path, NULL, 0);
      else
        find_parts_of_file (self);
      if (self->parts->len < MAX_PARTS)
        return g_steal_pointer (&self);
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE,
                   _("“%s” holds %d files or more: that is more than a model"), self->name, MAX_PARTS);
      return NULL;
    }
  lora = self->is_folder ? NULL : limn_lora_open (self->path, NULL);
  if (lora == NULL)
    {
      set_error (error, self, limn_model_entry_get_error (self->entry));
      return NULL;
    }
  g_clear_object (&self->entry);
  self->n_modules = limn_lora_count_modules (lora);
  add_part (self, self->path, self->name);
  return g_steal_pointer (&self);
}

static void
examine_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autofree char *path = g_file_get_path (task_data);
  GError *error = NULL;
  LimnModelFile *self;

  if (path == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                               _("Models have to be on this computer before they can be used."));
      return;
    }
  self = limn_model_file_examine (path, &error);
  if (self != NULL)
    g_task_return_pointer (task, self, (GDestroyNotify) limn_model_file_free);
  else
    g_task_return_error (task, error);
}

void
limn_model_file_examine_async (GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (G_IS_FILE (file));

  task = g_task_new (file, cancellable, callback, user_data);
  g_task_set_source_tag (task, limn_model_file_examine_async);
  g_task_set_task_data (task, g_object_ref (file), g_object_unref);
  g_task_run_in_thread (task, examine_worker);
}

LimnModelFile *
limn_model_file_examine_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

const char *
limn_model_file_get_path (const LimnModelFile *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->path;
}

const char *
limn_model_file_get_name (const LimnModelFile *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->name;
}

LimnModelEntry *
limn_model_file_get_entry (const LimnModelFile *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->entry;
}

int
limn_model_file_get_n_modules (const LimnModelFile *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->n_modules;
}

guint64
limn_model_file_get_bytes (const LimnModelFile *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->bytes;
}

gboolean
limn_model_file_is_installed (const LimnModelFile *self)
{
  g_autofree char *folder = limn_library_dup_folder ();
  g_autofree char *own = g_canonicalize_filename (folder, NULL);

  g_return_val_if_fail (self != NULL, FALSE);
  return g_str_has_prefix (self->path, own) && self->path[strlen (own)] == '/';
}
