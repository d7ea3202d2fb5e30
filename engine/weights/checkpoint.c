/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The two containers of torch.save. Since 1.6 it is a zip archive with ROOT/data.pkl and one member
 * ROOT/data/KEY per storage. Before, one after the other: a magic number, the protocol version and
 * facts about the machine, each pickled; the pickle of the object; the pickled list of storage
 * keys; and for each key the number of elements as 64-bit little-endian and the elements.
 */
#include <string.h>

#include "engine/weights/archive.h"
#include "engine/weights/state-dict.h"

#define LEGACY_PROTOCOL 1001

/* ---- Zip ------------------------------------------------------------------------------------- */

typedef struct
{
  LimnArchive *archive;
  const char *root;
} ZipStorages;

static GBytes *
get_zip_storage (const char *key, gpointer user_data, GError **error)
{
  ZipStorages *storages = user_data;
  g_autofree char *name = g_strconcat (storages->root, "data/", key, NULL);

  return _limn_archive_read (storages->archive, name, error);
}

gboolean
_limn_checkpoint_read_zip (LimnWeights *weights, GBytes *bytes, GError **error)
{
  g_autoptr (LimnArchive) archive = _limn_archive_open (weights, bytes, error);
  g_autoptr (GBytes) text = NULL;
  g_autofree char *root = NULL;
  g_autofree char *name = NULL;
  g_auto (LimnPickle) pickle = { NULL };
  const LimnPickleValue *value;
  ZipStorages storages = { .archive = archive };
  gsize size;
  const guint8 *data;

  if (archive == NULL)
    return FALSE;
  root = _limn_archive_find_root (archive);
  if (root == NULL)
    return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                               "a zip archive, but no PyTorch checkpoint (it has no data.pkl)");
  storages.root = root;
  name = g_strconcat (root, "data.pkl", NULL);
  text = _limn_archive_read (archive, name, error);
  if (text == NULL)
    return FALSE;
  data = g_bytes_get_data (text, &size);
  if (size > LIMN_MAX_HEADER_BYTES)
    return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                               "the pickle is longer than any real one");
  _limn_pickle_init (&pickle, weights, data, size);
  value = _limn_pickle_load (&pickle, error);
  return value != NULL && _limn_state_dict_read (weights, value, get_zip_storage, &storages, error);
}

/* ---- Legacy ---------------------------------------------------------------------------------- */

/* The storages' types stand in the object's pickle, so their sizes are known only with it: key ->
 * size in bytes of an element. */
static GHashTable *
collect_item_sizes (const LimnPickle *pickle)
{
  GHashTable *sizes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < pickle->values->len; i++)
    {
      const LimnPickleValue *value = pickle->values->pdata[i];
      char *key;

      if (value->type != LIMN_PICKLE_STORAGE)
        continue;
      key = _limn_pickle_dup_string (value->storage.key);
      if (key != NULL)
        g_hash_table_replace (sizes, key,
                              GSIZE_TO_POINTER (limn_dtype_size (value->storage.dtype)));
    }
  return sizes;
}

/* Reads the storages behind the list of keys: key -> part of the file. NULL on error. */
static GHashTable *
read_legacy_storages (LimnPickle *pickle,
                      GBytes *bytes,
                      const LimnPickleValue *keys,
                      GError **error)
{
  g_autoptr (GHashTable) sizes = collect_item_sizes (pickle);
  g_autoptr (GHashTable) storages
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  gsize position = pickle->position;

  for (guint i = 0; i < keys->items->len; i++)
    {
      g_autofree char *key = _limn_pickle_dup_string (keys->items->pdata[i]);
      gsize item_size = key != NULL ? GPOINTER_TO_SIZE (g_hash_table_lookup (sizes, key)) : 0;
      guint64 n_elements;

      if (item_size == 0)
        {
          _limn_weights_fail (pickle->weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                              "the checkpoint's list of storages does not fit its tensors");
          return NULL;
        }
      if (pickle->size - position < sizeof n_elements)
        break;
      memcpy (&n_elements, pickle->data + position, sizeof n_elements);
      n_elements = GUINT64_FROM_LE (n_elements);
      position += sizeof n_elements;
      if (n_elements > (pickle->size - position) / item_size)
        break;
      g_hash_table_replace (storages, g_steal_pointer (&key),
                            g_bytes_new_from_bytes (bytes, position, n_elements * item_size));
      position += n_elements * item_size;
    }
  if (g_hash_table_size (storages) < keys->items->len)
    {
      _limn_weights_fail (pickle->weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                          "the checkpoint is cut off");
      return NULL;
    }
  return g_steal_pointer (&storages);
}

typedef struct
{
  LimnWeights *weights;
  GHashTable *storages;
} LegacyStorages;

static GBytes *
get_legacy_storage (const char *key, gpointer user_data, GError **error)
{
  LegacyStorages *legacy = user_data;
  GBytes *bytes = g_hash_table_lookup (legacy->storages, key);
  g_autofree char *shown = NULL;

  if (bytes != NULL)
    return g_bytes_ref (bytes);
  shown = _limn_weights_quote (key);
  _limn_weights_fail (legacy->weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                      "storage %s is missing from the checkpoint", shown);
  return NULL;
}

/* The protocol version and the byte order, which stand before the object. */
static gboolean
read_legacy_preamble (LimnPickle *pickle, GError **error)
{
  const LimnPickleValue *magic = _limn_pickle_load (pickle, error);
  const LimnPickleValue *protocol = magic != NULL ? _limn_pickle_load (pickle, error) : NULL;
  const LimnPickleValue *machine = protocol != NULL ? _limn_pickle_load (pickle, error) : NULL;
  const LimnPickleValue *little_endian;

  if (machine == NULL)
    return FALSE;
  little_endian = _limn_pickle_dict_get (machine, "little_endian");
  if (protocol->type == LIMN_PICKLE_INT && protocol->integer == LEGACY_PROTOCOL
      && little_endian != NULL && little_endian->type == LIMN_PICKLE_BOOL && little_endian->integer)
    return TRUE;
  return _limn_weights_fail (pickle->weights, error, LIMN_ENGINE_ERROR_UNSUPPORTED,
                             "a PyTorch checkpoint of another version or byte order");
}

gboolean
_limn_checkpoint_read_legacy (LimnWeights *weights, GBytes *bytes, GError **error)
{
  g_auto (LimnPickle) pickle = { NULL };
  g_autoptr (GHashTable) storages = NULL;
  const LimnPickleValue *root, *keys;
  LegacyStorages legacy = { .weights = weights };
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  _limn_pickle_init (&pickle, weights, data, size);
  if (!read_legacy_preamble (&pickle, error))
    return FALSE;
  root = _limn_pickle_load (&pickle, error);
  keys = root != NULL ? _limn_pickle_load (&pickle, error) : NULL;
  if (keys == NULL)
    return FALSE;
  if (keys->type != LIMN_PICKLE_LIST)
    return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                               "the checkpoint has no list of storages");
  storages = read_legacy_storages (&pickle, bytes, keys, error);
  if (storages == NULL)
    return FALSE;
  legacy.storages = storages;
  return _limn_state_dict_read (weights, root, get_legacy_storage, &legacy, error);
}
