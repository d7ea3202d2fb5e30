/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * From descriptions of tensors to tensors. A torch tensor is a view (offset, sizes, strides) of a
 * storage that others may share. Dense views are used where they are; others (transposed,
 * channels-last) are copied once.
 */
#include <string.h>

#include "engine/weights/state-dict.h"

/* Copies are bounded by the size of the file, however often it refers to the same storage. */
#define MAX_COPIED_BYTES_PER_FILE_BYTE 4

#define MAX_SHOWN_EXTENTS 8

/* What a tensor without elements points to, as NULL would mean the empty tensor. */
static const guint8 no_elements;

typedef struct
{
  LimnWeights *weights;
  LimnStorageFunc get_storage;
  gpointer user_data;
  GHashTable *storages; /* key -> GBytes */
  gint64 copy_budget;
} Reader;

/* A view in elements of its storage. */
typedef struct
{
  int n_dims;
  gint64 size[LIMN_MAX_DIMS];
  gint64 stride[LIMN_MAX_DIMS];
  gint64 offset;
  gint64 count;
} View;

static gint64
item (const LimnPickleValue *tuple, guint i)
{
  return ((const LimnPickleValue *)tuple->items->pdata[i])->integer;
}

static gboolean
checked_add (gint64 a, gint64 b, gint64 *sum)
{
  if (a < 0 || b < 0 || a > G_MAXINT64 - b)
    return FALSE;
  *sum = a + b;
  return TRUE;
}

/* Checks that every element of the view lies in a storage of @n_elements. */
static gboolean
check_view (const LimnPickleValue *tensor, gint64 n_elements, gint64 *count)
{
  gint64 last = tensor->tensor.offset;

  *count = 1;
  if (last < 0)
    return FALSE;
  for (guint i = 0; i < tensor->tensor.size->items->len; i++)
    {
      gint64 size = item (tensor->tensor.size, i);
      gint64 reach;

      if (!limn_checked_mul (*count, size, count)
          || !limn_checked_mul (MAX (size - 1, 0), item (tensor->tensor.stride, i), &reach)
          || !checked_add (last, reach, &last))
        return FALSE;
    }
  return *count == 0 || last < n_elements;
}

static gboolean
is_dense (const View *view)
{
  gint64 stride = 1;

  for (int i = view->n_dims - 1; i >= 0; i--)
    {
      if (view->size[i] != 1 && view->stride[i] != stride)
        return FALSE;
      stride *= view->size[i];
    }
  return TRUE;
}

/* The storage's bytes; checks that they are as many as its description says. */
static GBytes *
storage_bytes (Reader *reader, const char *name, const LimnPickleValue *storage, GError **error)
{
  g_autofree char *key = _limn_pickle_dup_string (storage->storage.key);
  GBytes *bytes;
  gint64 needed;

  if (key == NULL)
    {
      _limn_weights_fail_tensor (reader->weights, error, name, "its storage has no proper name");
      return NULL;
    }
  bytes = g_hash_table_lookup (reader->storages, key);
  if (bytes == NULL)
    {
      bytes = reader->get_storage (key, reader->user_data, error);
      if (bytes == NULL)
        return NULL;
      g_hash_table_insert (reader->storages, g_steal_pointer (&key), bytes);
      _limn_weights_own (reader->weights, g_bytes_ref (bytes), (GDestroyNotify)g_bytes_unref);
    }
  if (!limn_checked_mul (storage->storage.n_elements,
                         (gint64)limn_dtype_size (storage->storage.dtype), &needed)
      || (guint64)needed > g_bytes_get_size (bytes))
    {
      _limn_weights_fail_tensor (reader->weights, error, name,
                                 "its storage is shorter than it should be: %" G_GSIZE_FORMAT
                                 " bytes, expected %" G_GINT64_FORMAT
                                 " elements of %s; the file may be cut off",
                                 g_bytes_get_size (bytes), storage->storage.n_elements,
                                 limn_dtype_name (storage->storage.dtype));
      return NULL;
    }
  return bytes;
}

static void
copy_view (const View *view, gsize size, const guint8 *from, guint8 *to)
{
  gint64 index[LIMN_MAX_DIMS] = { 0 };

  for (gint64 n = 0; n < view->count; n++)
    {
      gint64 position = 0;

      for (int i = 0; i < view->n_dims; i++)
        position += index[i] * view->stride[i];
      memcpy (to + (gsize)n * size, from + (gsize)position * size, size);
      for (int i = view->n_dims - 1; i >= 0 && ++index[i] == view->size[i]; i--)
        index[i] = 0;
    }
}

/* A dense copy that the store owns. */
static void *
materialise (Reader *reader,
             const char *name,
             const View *view,
             gsize size,
             const guint8 *from,
             GError **error)
{
  gint64 bytes;
  guint8 *copy;

  if (!limn_checked_mul (view->count, (gint64)size, &bytes) || bytes > reader->copy_budget)
    {
      _limn_weights_fail_tensor (reader->weights, error, name,
                                 "it is a view that unfolds to far more than the file holds");
      return NULL;
    }
  copy = g_try_malloc ((gsize)bytes);
  if (copy == NULL)
    {
      _limn_weights_fail (reader->weights, error, LIMN_ENGINE_ERROR_NO_MEMORY,
                          "no memory for a tensor of %" G_GINT64_FORMAT " bytes", bytes);
      return NULL;
    }
  reader->copy_budget -= bytes;
  copy_view (view, size, from, copy);
  _limn_weights_own (reader->weights, copy, g_free);
  return copy;
}

/* "(2, 3)" (transfer full). */
static char *
tuple_text (const LimnPickleValue *tuple)
{
  GString *text = g_string_new ("(");

  for (guint i = 0; i < MIN (tuple->items->len, MAX_SHOWN_EXTENTS); i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", item (tuple, i));
  g_string_append (text, tuple->items->len > MAX_SHOWN_EXTENTS ? ", ...)" : ")");
  return g_string_free (text, FALSE);
}

static gboolean
bad_view (Reader *reader,
          const char *name,
          const LimnPickleValue *value,
          gint64 n_elements,
          GError **error)
{
  g_autofree char *size = tuple_text (value->tensor.size);
  g_autofree char *stride = tuple_text (value->tensor.stride);

  return _limn_weights_fail_tensor (reader->weights, error, name,
                                    "its offset, sizes and strides reach outside of its storage: "
                                    "%" G_GINT64_FORMAT ", %s and %s, expected within "
                                    "%" G_GINT64_FORMAT " elements",
                                    value->tensor.offset, size, stride, n_elements);
}

static gboolean
add_tensor (Reader *reader, const char *name, const LimnPickleValue *value, GError **error)
{
  const LimnPickleValue *storage = value->tensor.storage;
  gsize size = limn_dtype_size (storage->storage.dtype);
  LimnTensor tensor = { .dtype = storage->storage.dtype, .extent = { 1, 1, 1, 1 } };
  View view = { .offset = value->tensor.offset };
  GBytes *bytes = storage_bytes (reader, name, storage, error);
  guint8 *first;

  if (bytes == NULL)
    return FALSE;
  if (!check_view (value, storage->storage.n_elements, &view.count))
    return bad_view (reader, name, value, storage->storage.n_elements, error);
  if (value->tensor.size->items->len > LIMN_MAX_DIMS)
    return TRUE;
  view.n_dims = tensor.n_dims = (int)value->tensor.size->items->len;
  for (int i = 0; i < view.n_dims; i++)
    {
      view.size[i] = tensor.extent[i] = item (value->tensor.size, (guint)i);
      view.stride[i] = item (value->tensor.stride, (guint)i);
    }
  first = view.count > 0 ? (guint8 *)g_bytes_get_data (bytes, NULL) + (gsize)view.offset * size
                         : (guint8 *)&no_elements;
  tensor.data = view.count == 0 || is_dense (&view)
                    ? first
                    : materialise (reader, name, &view, size, first, error);
  return tensor.data != NULL && _limn_weights_add (reader->weights, name, &tensor, error);
}

/* Later values of a key replace earlier ones, as in Python. */
static GHashTable *
collect_tensors (const LimnPickleValue *dict)
{
  GHashTable *tensors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i + 1 < dict->items->len; i += 2)
    {
      LimnPickleValue *value = dict->items->pdata[i + 1];
      char *name = _limn_pickle_dup_string (dict->items->pdata[i]);

      if (name != NULL && value->type == LIMN_PICKLE_TENSOR)
        g_hash_table_replace (tensors, name, value);
      else
        g_free (name);
    }
  return tensors;
}

/* The dictionary of tensors: the root itself, or what it has under one of these names. Moving
 * averages come before the weights that they average. */
static const LimnPickleValue *
find_state_dict (LimnWeights *weights, const LimnPickleValue *root)
{
  static const char *const names[] = { "state_dict", "params_ema", "params" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const LimnPickleValue *dict = _limn_pickle_dict_get (root, names[i]);

      if (dict != NULL && dict->type == LIMN_PICKLE_DICT)
        {
          _limn_weights_set_root (weights, names[i]);
          return dict;
        }
    }
  return root;
}

gboolean
_limn_state_dict_read (LimnWeights *weights,
                       const LimnPickleValue *root,
                       LimnStorageFunc get_storage,
                       gpointer user_data,
                       GError **error)
{
  g_autoptr (GHashTable) storages = NULL;
  g_autoptr (GHashTable) tensors = NULL;
  const LimnPickleValue *dict = find_state_dict (weights, root);
  Reader reader = { .weights = weights, .get_storage = get_storage, .user_data = user_data };
  GHashTableIter iter;
  gpointer name, value;

  if (dict->type != LIMN_PICKLE_DICT)
    return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_UNSUPPORTED,
                               "the checkpoint holds no dictionary of tensors (a state_dict)");
  tensors = collect_tensors (dict);
  if (g_hash_table_size (tensors) == 0)
    return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_UNSUPPORTED,
                               "the checkpoint holds no tensors");
  storages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  reader.storages = storages;
  reader.copy_budget
      = (gint64)limn_weights_get_file_bytes (weights) * MAX_COPIED_BYTES_PER_FILE_BYTE;
  g_hash_table_iter_init (&iter, tensors);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!add_tensor (&reader, name, value, error))
      return FALSE;
  return TRUE;
}
