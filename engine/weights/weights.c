/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/weights/file.h"
#include "engine/weights/weights-entry.h"

#define MAX_SHOWN_NAME 160

struct _LimnWeights
{
  gatomicrefcount ref_count;
  char *path;
  gsize file_bytes;
  const char *container;
  const char *root;

  /* Owned */
  GHashTable *entries; /* name -> LimnWeightsEntry */
  GPtrArray *names;    /* sorted and NULL-terminated once sealed; the strings are the keys above */
  GPtrArray *owned;    /* OwnedData */
  GHashTable *metadata;
  GPtrArray *metadata_keys; /* as names */
};

typedef struct
{
  gpointer data;
  GDestroyNotify destroy;
} OwnedData;

static void
owned_data_free (gpointer data)
{
  OwnedData *owned = data;

  owned->destroy (owned->data);
  g_free (owned);
}

LimnWeights *
_limn_weights_new (const char *path, gsize file_bytes)
{
  LimnWeights *weights = g_new0 (LimnWeights, 1);

  g_atomic_ref_count_init (&weights->ref_count);
  weights->path = g_strdup (path);
  weights->file_bytes = file_bytes;
  weights->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  weights->names = g_ptr_array_new ();
  weights->owned = g_ptr_array_new_with_free_func (owned_data_free);
  weights->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  weights->metadata_keys = g_ptr_array_new ();
  weights->container = "";
  return weights;
}

LimnWeights *
limn_weights_ref (LimnWeights *weights)
{
  g_return_val_if_fail (weights != NULL, NULL);

  g_atomic_ref_count_inc (&weights->ref_count);
  return weights;
}

void
limn_weights_unref (LimnWeights *weights)
{
  if (weights == NULL || !g_atomic_ref_count_dec (&weights->ref_count))
    return;
  g_clear_pointer (&weights->names, g_ptr_array_unref);
  g_clear_pointer (&weights->entries, g_hash_table_unref);
  g_clear_pointer (&weights->metadata_keys, g_ptr_array_unref);
  g_clear_pointer (&weights->metadata, g_hash_table_unref);
  g_clear_pointer (&weights->owned, g_ptr_array_unref);
  g_free (weights->path);
  g_free (weights);
}

gboolean
_limn_weights_add (LimnWeights *weights, const char *name, const LimnTensor *tensor, GError **error)
{
  LimnWeightsEntry *entry;
  g_autofree char *shown = NULL;

  if (g_hash_table_contains (weights->entries, name))
    {
      shown = _limn_weights_quote (name);
      return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                                 "tensor %s occurs twice", shown);
    }
  if (g_hash_table_size (weights->entries) >= LIMN_MAX_TENSORS)
    return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_BAD_FILE, "more than %d tensors",
                               LIMN_MAX_TENSORS);
  entry = g_new0 (LimnWeightsEntry, 1);
  entry->tensor = *tensor;
  g_hash_table_insert (weights->entries, g_strdup (name), entry);
  return TRUE;
}

void
_limn_weights_own (LimnWeights *weights, gpointer data, GDestroyNotify destroy)
{
  OwnedData *owned = g_new (OwnedData, 1);

  owned->data = data;
  owned->destroy = destroy;
  g_ptr_array_add (weights->owned, owned);
}

LimnWeights *
_limn_weights_new_over (LimnWeights *base)
{
  LimnWeights *weights = _limn_weights_new (base->path, base->file_bytes);
  GHashTableIter iter;
  gpointer key, value;

  weights->container = base->container;
  weights->root = base->root;
  g_hash_table_iter_init (&iter, base->metadata);
  while (g_hash_table_iter_next (&iter, &key, &value))
    _limn_weights_set_metadata (weights, key, value);
  _limn_weights_own (weights, limn_weights_ref (base), (GDestroyNotify)limn_weights_unref);
  return weights;
}

gboolean
_limn_weights_add_all (LimnWeights *weights, LimnWeights *part, const char *prefix, GError **error)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, part->entries);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autofree char *name = g_strconcat (prefix, key, NULL);

      if (!_limn_weights_add (weights, name, &((LimnWeightsEntry *)value)->tensor, error))
        return FALSE;
    }
  g_hash_table_iter_init (&iter, part->metadata);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autofree char *name = g_strconcat (prefix, key, NULL);

      _limn_weights_set_metadata (weights, name, value);
    }
  weights->file_bytes += part->file_bytes;
  _limn_weights_own (weights, limn_weights_ref (part), (GDestroyNotify)limn_weights_unref);
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The keys of @table, sorted and NULL-terminated, into @sorted. */
static void
sort_keys (GHashTable *table, GPtrArray *sorted)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (sorted, key);
  g_ptr_array_sort (sorted, compare_names);
  g_ptr_array_add (sorted, NULL);
}

void
_limn_weights_seal (LimnWeights *weights)
{
  sort_keys (weights->entries, weights->names);
  sort_keys (weights->metadata, weights->metadata_keys);
}

void
_limn_weights_set_metadata (LimnWeights *weights, const char *key, const char *value)
{
  g_hash_table_replace (weights->metadata, g_strdup (key), g_strdup (value));
}

void
_limn_weights_set_container (LimnWeights *weights, const char *container)
{
  weights->container = container;
}

void
_limn_weights_set_root (LimnWeights *weights, const char *root)
{
  weights->root = root;
}

gboolean
_limn_weights_fail (LimnWeights *weights, GError **error, int code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, LIMN_ENGINE_ERROR, code, "%s: %s", weights->path, message);
  return FALSE;
}

gboolean
_limn_weights_fail_tensor (LimnWeights *weights,
                           GError **error,
                           const char *name,
                           const char *format,
                           ...)
{
  g_autofree char *shown = _limn_weights_quote (name);
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_BAD_FILE, "tensor %s: %s", shown,
                             message);
}

char *
_limn_weights_quote (const char *name)
{
  g_autofree char *cut = g_strndup (name, MAX_SHOWN_NAME);
  g_autofree char *escaped = g_strescape (cut, NULL);

  return g_strconcat (escaped, strlen (name) > MAX_SHOWN_NAME ? "..." : NULL, NULL);
}

char *
_limn_weights_shape (int n_dims, const gint64 *extent)
{
  GString *shape = g_string_new ("[");

  for (int i = 0; i < n_dims; i++)
    {
      if (i > 0)
        g_string_append (shape, ", ");
      if (extent[i] < 0)
        g_string_append (shape, "any");
      else
        g_string_append_printf (shape, "%" G_GINT64_FORMAT, extent[i]);
    }
  g_string_append_c (shape, ']');
  return g_string_free (shape, FALSE);
}

/* ---- Opening --------------------------------------------------------------------------------- */

static gboolean
starts_with (const guint8 *data, gsize size, const char *magic, gsize magic_size)
{
  return size >= magic_size && memcmp (data, magic, magic_size) == 0;
}

#define STARTS_WITH(magic) starts_with (data, size, magic, sizeof (magic) - 1)

/* What @data is, when it is a well-known thing that is no model; else NULL. */
static const char *
recognise_other (const guint8 *data, gsize size)
{
  if (size == 0)
    return "the file is empty";
  if (STARTS_WITH ("version https://git-lfs"))
    return "this is a Git LFS pointer, not the model itself; fetch it with \"git lfs pull\"";
  if (STARTS_WITH ("<!DOCTYPE") || STARTS_WITH ("<!doctype") || STARTS_WITH ("<html")
      || STARTS_WITH ("<HTML") || STARTS_WITH ("<?xml"))
    return "this is a web page, not a model; the download probably needs a login";
  if (STARTS_WITH ("\x1f\x8b"))
    return "this is a gzip file, not a model";
  if (STARTS_WITH ("\x89HDF"))
    return "this is an HDF5 file, which is not supported";
  return NULL;
}

typedef struct
{
  const char *name;
  gboolean (*read) (LimnWeights *weights, GBytes *bytes, GError **error);
} Container;

/* NULL when it is none. */
static const Container *
recognise (const guint8 *data, gsize size)
{
  static const Container zip = { "PyTorch", _limn_checkpoint_read_zip };
  static const Container legacy = { "PyTorch (before 1.6)", _limn_checkpoint_read_legacy };
  static const Container gguf = { "GGUF", _limn_gguf_read };
  static const Container safetensors = { "safetensors", _limn_safetensors_read };

  if (STARTS_WITH ("PK\x03\x04") || STARTS_WITH ("PK\x05\x06"))
    return &zip;
  /* PROTO 2, LONG1 of 10 bytes: torch.save's magic number. */
  if (STARTS_WITH ("\x80\x02\x8a\x0a"))
    return &legacy;
  if (STARTS_WITH ("GGUF"))
    return &gguf;
  /* The ninth byte of a safetensors file opens its JSON header. */
  if (size > 8 && data[8] == '{')
    return &safetensors;
  return NULL;
}

static gboolean
read_any (LimnWeights *weights, GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  const char *other = recognise_other (data, size);
  const Container *container = recognise (data, size);

  if (other != NULL)
    return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_BAD_FILE, "%s", other);
  if (container != NULL)
    {
      weights->container = container->name;
      return container->read (weights, bytes, error);
    }
  if (size < 8)
    return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                               "too short for a model (%" G_GSIZE_FORMAT " bytes)", size);
  return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                             "neither safetensors, nor GGUF, nor a PyTorch checkpoint");
}

/* Which tensors lie in the file, and not in memory of their own. */
static void
note_file (LimnWeights *weights, GBytes *bytes)
{
  GHashTableIter iter;
  gpointer value;
  gsize size;
  guintptr begin = (guintptr)g_bytes_get_data (bytes, &size);

  g_hash_table_iter_init (&iter, weights->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      LimnTensor *tensor = &((LimnWeightsEntry *)value)->tensor;
      guintptr at = (guintptr)tensor->data;

      if (at >= begin && at - begin < size)
        tensor->file = bytes;
    }
}

LimnWeights *
limn_weights_open (const char *path, GError **error)
{
  g_autoptr (LimnWeights) weights = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  bytes = limn_file_map (path, 0, error);
  if (bytes == NULL)
    return NULL;
  weights = _limn_weights_new (path, g_bytes_get_size (bytes));
  _limn_weights_own (weights, g_bytes_ref (bytes), (GDestroyNotify)g_bytes_unref);
  if (!read_any (weights, bytes, error))
    return NULL;
  note_file (weights, bytes);
  _limn_weights_seal (weights);
  return g_steal_pointer (&weights);
}

/* ---- Looking up ------------------------------------------------------------------------------ */

LimnWeightsEntry *
_limn_weights_find (LimnWeights *weights, const char *name)
{
  return g_hash_table_lookup (weights->entries, name);
}

const char *
limn_weights_get_path (LimnWeights *weights)
{
  g_return_val_if_fail (weights != NULL, NULL);

  return weights->path;
}

gsize
limn_weights_get_file_bytes (LimnWeights *weights)
{
  g_return_val_if_fail (weights != NULL, 0);

  return weights->file_bytes;
}

const char *
limn_weights_get_container (LimnWeights *weights)
{
  g_return_val_if_fail (weights != NULL, NULL);

  return weights->container;
}

const char *
limn_weights_get_root (LimnWeights *weights)
{
  g_return_val_if_fail (weights != NULL, NULL);

  return weights->root;
}

const char *
limn_weights_get_metadata (LimnWeights *weights, const char *key)
{
  g_return_val_if_fail (weights != NULL && key != NULL, NULL);

  return g_hash_table_lookup (weights->metadata, key);
}

gboolean
limn_weights_get_metadata_number (LimnWeights *weights, const char *key, double *number)
{
  const char *text = limn_weights_get_metadata (weights, key);
  char *end = NULL;

  g_return_val_if_fail (number != NULL, FALSE);

  *number = text != NULL ? g_ascii_strtod (text, &end) : 0;
  return end != NULL && end != text && *end == '\0';
}

const char *const *
limn_weights_list_metadata (LimnWeights *weights)
{
  g_return_val_if_fail (weights != NULL, NULL);

  return (const char *const *)weights->metadata_keys->pdata;
}

const char *const *
limn_weights_list (LimnWeights *weights)
{
  g_return_val_if_fail (weights != NULL, NULL);

  return (const char *const *)weights->names->pdata;
}

gboolean
limn_weights_has (LimnWeights *weights, const char *name)
{
  g_return_val_if_fail (weights != NULL && name != NULL, FALSE);

  return _limn_weights_find (weights, name) != NULL;
}

gboolean
limn_weights_has_prefix (LimnWeights *weights, const char *prefix)
{
  GPtrArray *names;
  guint low = 0, high;

  g_return_val_if_fail (weights != NULL && prefix != NULL, FALSE);

  names = weights->names;
  high = names->len - 1;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (strcmp (names->pdata[middle], prefix) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low < names->len - 1 && g_str_has_prefix (names->pdata[low], prefix);
}

gboolean
limn_weights_lookup (LimnWeights *weights, const char *name, LimnTensor *out)
{
  LimnWeightsEntry *entry;

  g_return_val_if_fail (weights != NULL && name != NULL && out != NULL, FALSE);

  entry = _limn_weights_find (weights, name);
  *out = entry != NULL ? entry->tensor : LIMN_TENSOR_EMPTY;
  return entry != NULL;
}

/* Compares up to trailing extents of 1. */
static gboolean
shape_fits (const LimnTensor *tensor, int n_dims, const gint64 *extent)
{
  for (int i = 0; i < LIMN_MAX_DIMS; i++)
    {
      gint64 found = i < tensor->n_dims ? tensor->extent[i] : 1;
      gint64 wanted = i < n_dims ? extent[i] : 1;

      if (wanted >= 0 && wanted != found)
        return FALSE;
    }
  return TRUE;
}

gboolean
limn_weights_get (LimnWeights *weights,
                  const char *name,
                  int n_dims,
                  const gint64 *extent,
                  LimnTensor *out,
                  GError **error)
{
  LimnWeightsEntry *entry;
  g_autofree char *wanted = NULL;

  g_return_val_if_fail (weights != NULL && name != NULL && out != NULL, FALSE);
  g_return_val_if_fail (n_dims >= 0 && n_dims <= LIMN_MAX_DIMS, FALSE);

  *out = LIMN_TENSOR_EMPTY;
  entry = _limn_weights_find (weights, name);
  wanted = _limn_weights_shape (n_dims, extent);
  if (entry == NULL)
    return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_MISSING,
                               "tensor %s of shape %s is missing", name, wanted);
  if (!shape_fits (&entry->tensor, n_dims, extent))
    {
      g_autofree char *found = _limn_weights_shape (entry->tensor.n_dims, entry->tensor.extent);

      return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_SHAPE,
                                 "tensor %s has shape %s, expected %s", name, found, wanted);
    }
  if (!limn_dtype_is_float (entry->tensor.dtype))
    return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_UNSUPPORTED,
                               "tensor %s has type %s, expected a floating-point type", name,
                               limn_dtype_name (entry->tensor.dtype));
  *out = entry->tensor;
  out->n_dims = n_dims;
  for (int i = n_dims; i < LIMN_MAX_DIMS; i++)
    out->extent[i] = 1;
  g_atomic_int_set (&entry->used, TRUE);
  return TRUE;
}

gboolean
limn_weights_has_ema (LimnWeights *weights)
{
  return limn_weights_has_prefix (weights, "model_ema.diffusion_model");
}
