/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Where the parts of a model are, in the layouts in which models are published.
 */
#include "engine/model/files.h"

#include <string.h>

#include "engine/model/diffusers.h"
#include "engine/model/model.h"
#include "engine/tensor/run.h"

static const char *const weights_suffixes[]
    = { ".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf" };

void
_limn_model_files_clear (LimnModelFiles *files)
{
  g_clear_pointer (&files->id, g_free);
  g_clear_pointer (&files->weights, g_free);
  g_clear_pointer (&files->folder, g_free);
  g_clear_pointer (&files->config, g_free);
  g_clear_pointer (&files->text_config, g_free);
}

static gboolean
missing (GError **error, const char *path, const char *what)
{
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING, "%s: %s", path, what);
  return FALSE;
}

static gboolean
has_weights_suffix (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (weights_suffixes); i++)
    if (g_str_has_suffix (name, weights_suffixes[i]))
      return TRUE;
  return FALSE;
}

/* DIR/NAME if that is a file, else NULL (transfer full). */
static char *
file_in (const char *dir, const char *name)
{
  char *path = g_build_filename (dir, name, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return path;
  g_free (path);
  return NULL;
}

gboolean
limn_model_is_likely (const char *path)
{
  g_autoptr (GDir) listing = NULL;
  const char *name;

  g_return_val_if_fail (path != NULL, FALSE);

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return has_weights_suffix (path) && g_file_test (path, G_FILE_TEST_IS_REGULAR);
  listing = g_dir_open (path, 0, NULL);
  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    if (has_weights_suffix (name) || g_str_equal (name, "config.yaml")
        || g_str_equal (name, "model_index.json"))
      return TRUE;
  return FALSE;
}

/* ---- Weights and description ----------------------------------------------------------------- */

/* The only file with a suffix of weights (transfer full). */
static char *
find_only_weights (const char *dir)
{
  g_autoptr (GDir) listing = g_dir_open (dir, 0, NULL);
  g_autofree char *found = NULL;
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    if (has_weights_suffix (name))
      {
        if (found != NULL)
          return NULL;
        found = g_build_filename (dir, name, NULL);
      }
  return g_steal_pointer (&found);
}

/* Of the two files of a tiny autoencoder the one that is of use. */
static const char *const weights_names[] = { "model", "taesd_decoder", "taesdxl_decoder" };

static char *
find_weights (const char *folder)
{
  char *found = NULL;

  for (gsize n = 0; n < G_N_ELEMENTS (weights_names) && found == NULL; n++)
    for (gsize i = 0; i < G_N_ELEMENTS (weights_suffixes) && found == NULL; i++)
      {
        g_autofree char *name = g_strconcat (weights_names[n], weights_suffixes[i], NULL);

        found = file_in (folder, name);
      }
  return found != NULL ? found : find_only_weights (folder);
}

/* A config.yaml makes it LDM's layout; then come diffusers' JSON files, then weights alone. */
static gboolean
find_in_folder (LimnModelFiles *files, const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);

  files->folder = g_strdup (path);
  files->id = g_path_get_basename (absolute);
  if (files->config == NULL)
    files->config = file_in (path, "config.yaml");
  if (files->config == NULL && limn_diffusers_is_folder (path))
    {
      files->is_folder = TRUE;
      files->weights = g_strdup (path);
      return TRUE;
    }
  files->weights = find_weights (path);
  if (files->weights == NULL)
    return missing (error, path,
                    "there is no model.safetensors in the folder, nor one other file of weights");
  return TRUE;
}

/* "NAME.yaml" or "config.yaml" beside "NAME.safetensors". */
static void
find_beside (LimnModelFiles *files, const char *path)
{
  g_autofree char *yaml = NULL;
  char *dot;

  files->weights = g_strdup (path);
  files->folder = g_path_get_dirname (path);
  files->id = g_path_get_basename (path);
  dot = strrchr (files->id, '.');
  if (dot != NULL && dot != files->id)
    *dot = '\0';
  yaml = g_strconcat (files->id, ".yaml", NULL);
  if (files->config == NULL)
    files->config = file_in (files->folder, yaml);
  if (files->config == NULL)
    files->config = file_in (files->folder, "config.yaml");
}

/* Beside the description or beside the weights. */
static void
find_text_config (LimnModelFiles *files)
{
  static const char name[] = "text_encoder_config.json";

  if (files->config != NULL)
    {
      g_autofree char *folder = g_path_get_dirname (files->config);

      files->text_config = file_in (folder, name);
    }
  if (files->text_config == NULL)
    files->text_config = file_in (files->folder, name);
}

gboolean
_limn_model_files_find (LimnModelFiles *files, const char *path, const char *config, GError **error)
{
  g_autofree char *parent = NULL;

  files->config = g_strdup (config);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return missing (error, path, "there is no such file or folder");
  /* A folder by its index. */
  if (g_str_has_suffix (path, "model_index.json"))
    path = parent = g_path_get_dirname (path);
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    find_beside (files, path);
  else if (!find_in_folder (files, path, error))
    return FALSE;
  find_text_config (files);
  return TRUE;
}

/* ---- Vocabularies ---------------------------------------------------------------------------- */

static gboolean
has_vocabulary (const char *folder, LimnVocabularyKind kind)
{
  g_autofree char *json = file_in (folder, "vocab.json");
  g_autofree char *packed = file_in (folder, "bpe_simple_vocab_16e6.txt.gz");
  g_autofree char *text = file_in (folder, "vocab.txt");

  return kind == LIMN_VOCABULARY_BERT ? text != NULL : json != NULL || packed != NULL;
}

/* @folder/tokenizer, or @folder itself (transfer full). */
static char *
find_vocabulary_in (const char *folder, LimnVocabularyKind kind)
{
  char *tokenizer = g_build_filename (folder, "tokenizer", NULL);

  if (has_vocabulary (tokenizer, kind))
    return tokenizer;
  g_free (tokenizer);
  return has_vocabulary (folder, kind) ? g_strdup (folder) : NULL;
}

char *
_limn_model_files_find_vocabulary (const LimnModelFiles *files, LimnVocabularyKind kind)
{
  return find_vocabulary_in (files->folder, kind);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* What @folder has, and what the folders in it have. */
static void
search_folder (GPtrArray *found, const char *folder, LimnVocabularyKind kind)
{
  g_autoptr (GDir) listing = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  char *own = find_vocabulary_in (folder, kind);
  const char *name;

  if (own != NULL)
    g_ptr_array_add (found, own);
  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    g_ptr_array_add (names, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      own = find_vocabulary_in (names->pdata[i], kind);
      if (own != NULL && !g_str_has_suffix (names->pdata[i], "/tokenizer"))
        g_ptr_array_add (found, g_steal_pointer (&own));
      g_free (own);
    }
}

GPtrArray *
_limn_model_files_search_vocabulary (const char *const *search, LimnVocabularyKind kind)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; search != NULL && search[i] != NULL; i++)
    search_folder (found, search[i], kind);
  return found;
}
