/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Diffusers folders: one folder per network, each with config.json and weights, which may be cut
 * into shards: {"metadata": {...}, "weight_map": {"NAME": "FILE", ...}}.
 */
#include <string.h>

#include "engine/weights/file.h"
#include "engine/weights/weights-private.h"

/* Published models have up to a few dozen. */
#define MAX_COMPONENTS 64
#define MAX_SHARDS 1000

/* ---- Shards ---------------------------------------------------------------------------------- */

static gboolean
is_plain_file_name (const char *name)
{
  return name != NULL && name[0] != '\0' && name[0] != '.' && strpbrk (name, "/\\") == NULL;
}

static gboolean
bad_index (const char *path, GError **error, const char *what)
{
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE, "%s: %s", path, what);
  return FALSE;
}

/* The files that the index names: a set. NULL on error. */
static GHashTable *
list_shards (JsonObject *map, const char *path, GError **error)
{
  g_autoptr (GHashTable) shards = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  JsonObjectIter iter;
  JsonNode *node;

  json_object_iter_init (&iter, map);
  while (json_object_iter_next (&iter, NULL, &node))
    {
      const char *file = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      if (!is_plain_file_name (file))
        {
          bad_index (path, error, "weight_map names something that is no file of this folder");
          return NULL;
        }
      g_hash_table_add (shards, g_strdup (file));
      if (g_hash_table_size (shards) > MAX_SHARDS)
        {
          bad_index (path, error, "more shards than any real model has");
          return NULL;
        }
    }
  return g_steal_pointer (&shards);
}

static gboolean
open_shards (LimnWeights *whole, const char *folder, GHashTable *shards, GError **error)
{
  GHashTableIter iter;
  gpointer file;

  g_hash_table_iter_init (&iter, shards);
  while (g_hash_table_iter_next (&iter, &file, NULL))
    {
      g_autofree char *path = g_build_filename (folder, file, NULL);
      g_autoptr (LimnWeights) shard = limn_weights_open (path, error);

      if (shard == NULL || !_limn_weights_add_all (whole, shard, "", error))
        return FALSE;
    }
  return TRUE;
}

/* @path: the index. */
static LimnWeights *
open_index (const char *folder, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = limn_file_map (path, LIMN_MAX_HEADER_BYTES, error);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (LimnWeights) whole = NULL;
  g_autoptr (GHashTable) shards = NULL;
  JsonObject *root;
  JsonNode *map;
  JsonObjectIter iter;
  const char *name;

  if (bytes == NULL)
    return NULL;
  root = limn_json_parse_object (parser, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                 error);
  if (root == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  map = json_object_get_member (root, "weight_map");
  if (map == NULL || !JSON_NODE_HOLDS_OBJECT (map))
    {
      bad_index (path, error, "there is no weight_map");
      return NULL;
    }
  shards = list_shards (json_node_get_object (map), path, error);
  whole = _limn_weights_new (path, 0);
  if (shards == NULL || !open_shards (whole, folder, shards, error))
    return NULL;
  _limn_weights_seal (whole);
  json_object_iter_init (&iter, json_node_get_object (map));
  while (json_object_iter_next (&iter, &name, NULL))
    if (!limn_weights_has (whole, name))
      {
        g_autofree char *shown = _limn_weights_quote (name);

        _limn_weights_fail (whole, error, LIMN_ENGINE_ERROR_MISSING,
                            "tensor %s is in none of the shards", shown);
        return NULL;
      }
  return g_steal_pointer (&whole);
}

/* ---- One folder ------------------------------------------------------------------------------ */

/* Whether @name may hold weights: not what trainers leave beside them. */
static gboolean
is_weights_name (const char *name)
{
  static const char *const others[]
      = { "optimizer.", "scheduler.", "training_args.", "random_states", "scaler." };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_str_has_prefix (name, others[i]))
      return FALSE;
  return name[0] != '.'
         && (g_str_has_suffix (name, ".safetensors") || g_str_has_suffix (name, ".bin"));
}

/* Weights under a name of their own: the only file. NULL without an error when there is none. */
static LimnWeights *
open_other (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autofree char *first = NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_weights_name (name) && first == NULL)
      first = g_strdup (name);
    else if (is_weights_name (name))
      {
        g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING,
                     "%s: “%s” and “%s” are weights, and neither is called "
                     "diffusion_pytorch_model.safetensors or model.safetensors: which to take "
                     "cannot be told",
                     folder, strcmp (first, name) < 0 ? first : name,
                     strcmp (first, name) < 0 ? name : first);
        return NULL;
      }
  if (first != NULL)
    {
      g_autofree char *path = g_build_filename (folder, first, NULL);

      return limn_weights_open (path, error);
    }
  return NULL;
}

/* The weights of @folder: whole precision before half, moving averages (which is what the files
 * without a variant hold) before weights as trained, safetensors before pickles, one file before
 * shards, and last a file of any other name. NULL without an error when it has none. */
static LimnWeights *
open_component (const char *folder, GError **error)
{
  static const char *const variants[] = { "", ".fp32", ".ema", ".fp16", ".bf16", ".non_ema" };
  static const struct
  {
    const char *before, *after; /* of the variant */
  } forms[] = {
    { "diffusion_pytorch_model", ".safetensors" },
    { "model", ".safetensors" },
    { "diffusion_pytorch_model.safetensors.index", ".json" },
    { "model.safetensors.index", ".json" },
    { "diffusion_pytorch_model", ".bin" },
    { "pytorch_model", ".bin" },
    { "diffusion_pytorch_model.bin.index", ".json" },
    { "pytorch_model.bin.index", ".json" },
  };

  for (gsize v = 0; v < G_N_ELEMENTS (variants); v++)
    for (gsize f = 0; f < G_N_ELEMENTS (forms); f++)
      {
        g_autofree char *name = g_strconcat (forms[f].before, variants[v], forms[f].after, NULL);
        g_autofree char *path = g_build_filename (folder, name, NULL);

        if (!g_file_test (path, G_FILE_TEST_EXISTS))
          continue;
        return g_str_equal (forms[f].after, ".json") ? open_index (folder, path, error)
                                                     : limn_weights_open (path, error);
      }
  return open_other (folder, error);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Names of the folders in @path that have a config.json, sorted. NULL on error. */
static GPtrArray *
list_components (const char *path, GError **error)
{
  g_autoptr (GPtrArray) components = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);
  const char *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *config = g_build_filename (path, name, "config.json", NULL);

      if (name[0] == '.' || !g_file_test (config, G_FILE_TEST_IS_REGULAR))
        continue;
      if (components->len == MAX_COMPONENTS)
        {
          bad_index (path, error, "more folders than any real model has");
          return NULL;
        }
      g_ptr_array_add (components, g_strdup (name));
    }
  g_ptr_array_sort (components, compare_strings);
  return g_steal_pointer (&components);
}

static gboolean
add_component (LimnWeights *whole,
               const char *folder,
               const char *prefix,
               gboolean *found,
               GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (LimnWeights) part = open_component (folder, &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  *found |= part != NULL;
  return part == NULL || _limn_weights_add_all (whole, part, prefix, error);
}

LimnWeights *
limn_weights_open_folder (const char *path, GError **error)
{
  g_autoptr (GPtrArray) components = NULL;
  g_autoptr (LimnWeights) whole = NULL;
  gboolean found = FALSE;

  g_return_val_if_fail (path != NULL, NULL);

  components = list_components (path, error);
  if (components == NULL)
    return NULL;
  whole = _limn_weights_new (path, 0);
  _limn_weights_set_container (whole, "folder");
  for (guint i = 0; i < components->len; i++)
    {
      g_autofree char *folder = g_build_filename (path, components->pdata[i], NULL);
      g_autofree char *prefix = g_strconcat (components->pdata[i], "/", NULL);

      if (!add_component (whole, folder, prefix, &found, error))
        return NULL;
    }
  if (!found && !add_component (whole, path, "", &found, error))
    return NULL;
  if (!found)
    {
      _limn_weights_fail (whole, error, LIMN_ENGINE_ERROR_MISSING,
                          "no folder in it has weights of diffusers beside a config.json");
      return NULL;
    }
  _limn_weights_seal (whole);
  return g_steal_pointer (&whole);
}
