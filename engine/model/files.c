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

/* Files that a message names. */
#define MAX_LISTED 6

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

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
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

/* What stands behind the name of a model in one of its variants; the cost of taking it: moving
 * averages before weights as trained, whole precision before half, the smaller of two files with
 * the same weights. */
static const struct
{
  const char *word;
  int cost;
} variants[] = {
  { "emaonly", -2 }, { "ema-only", -2 }, { "ema_only", -2 }, { "nonema", 8 }, { "non-ema", 8 },
  { "non_ema", 8 },  { "noema", 8 },     { "no-ema", 8 },    { "ema", -2 },   { "pruned", -1 },
  { "full", 0 },     { "fp32", 0 },      { "fp16", 4 },      { "bf16", 4 },   { "half", 4 },
};

/* Cuts the suffix and the words for variants off @name, from its end; returns their cost. */
static int
strip_variants (char *name)
{
  gboolean safe = g_str_has_suffix (name, ".safetensors"), again = TRUE;
  int cost = safe ? 0 : 16;

  for (gsize i = 0; i < G_N_ELEMENTS (weights_suffixes); i++)
    if (g_str_has_suffix (name, weights_suffixes[i]))
      name[strlen (name) - strlen (weights_suffixes[i])] = '\0';
  while (again)
    {
      again = FALSE;
      for (gsize i = 0; i < G_N_ELEMENTS (variants) && !again; i++)
        {
          gsize length = strlen (name), word = strlen (variants[i].word);

          again = length > word + 1 && g_str_has_suffix (name, variants[i].word)
                  && strchr ("-_.", name[length - word - 1]) != NULL;
          if (again)
            {
              name[length - word - 1] = '\0';
              cost += variants[i].cost;
            }
        }
    }
  return cost;
}

/* The file of @names, all of one model, that costs least; NULL when they are of several models. */
static const char *
choose_variant (GPtrArray *names)
{
  g_autofree char *first = NULL;
  const char *best = NULL;
  int least = G_MAXINT;

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *stem = g_strdup (names->pdata[i]);
      int cost = strip_variants (stem);

      if (first != NULL && !g_str_equal (stem, first))
        return NULL;
      if (first == NULL)
        first = g_strdup (stem);
      if (cost < least)
        best = names->pdata[i];
      least = MIN (least, cost);
    }
  return best;
}

/* Names of the files with a suffix of weights in @dir, sorted (transfer full). */
static GPtrArray *
list_weights (const char *dir)
{
  g_autoptr (GDir) listing = g_dir_open (dir, 0, NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    if (name[0] != '.' && has_weights_suffix (name))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* Only file, or the best of a model's variants (transfer full). NULL and @error names the files
 * that there are. */
static char *
find_only_weights (const char *dir, GError **error)
{
  g_autoptr (GPtrArray) names = list_weights (dir);
  const char *chosen = choose_variant (names);
  g_autoptr (GString) list = g_string_new (NULL);

  if (chosen != NULL)
    return g_build_filename (dir, chosen, NULL);
  for (guint i = 0; i < MIN (names->len, MAX_LISTED); i++)
    g_string_append_printf (list, "%s“%s”", i > 0 ? ", " : "", (char *)names->pdata[i]);
  if (names->len == 0)
    missing (error, dir, "there are no weights in the folder, such as model.safetensors");
  else
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING,
                 "%s: there are weights of several models in the folder, and none is called "
                 "model.safetensors: name one of the files %s%s",
                 dir, list->str, names->len > MAX_LISTED ? " …" : "");
  return NULL;
}

/* Of the two files of a tiny autoencoder the one that is of use. */
static const char *const weights_names[] = { "model", "taesd_decoder", "taesdxl_decoder" };

static char *
find_weights (const char *folder, GError **error)
{
  char *found = NULL;

  for (gsize n = 0; n < G_N_ELEMENTS (weights_names) && found == NULL; n++)
    for (gsize i = 0; i < G_N_ELEMENTS (weights_suffixes) && found == NULL; i++)
      {
        g_autofree char *name = g_strconcat (weights_names[n], weights_suffixes[i], NULL);

        found = file_in (folder, name);
      }
  return found != NULL ? found : find_only_weights (folder, error);
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
  files->weights = find_weights (path, error);
  return files->weights != NULL;
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
