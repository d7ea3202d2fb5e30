/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The safetensors container: a little-endian 64-bit length, that many bytes of JSON, then the data.
 *   {"NAME": {"dtype": "F16", "shape": [320, 4, 3, 3], "data_offsets": [BEGIN, END]}, ...,
 *    "__metadata__": {"KEY": "VALUE"}}
 * Offsets count from the end of the header. The tensors must cover the data without holes and
 * without overlap, as the format's own library demands; they need not be aligned to their element
 * size.
 */
#include <string.h>

#include "engine/weights/file.h"
#include "engine/weights/weights-private.h"

#define PREFIX_BYTES 8

typedef struct
{
  guint64 begin, end;
  const char *name;
} Extent;

typedef struct
{
  LimnWeights *weights;
  const guint8 *data; /* after the header */
  guint64 data_size;
  GArray *extents; /* Extent */
} Reader;

#define MAX_SHOWN_EXTENTS 8

static gboolean
bad (LimnWeights *weights, GError **error, const char *what)
{
  return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_BAD_FILE, "%s", what);
}

/* The elements of member @key as integers (transfer full), NULL when it is anything but an array of
 * them. */
static GArray *
get_integers (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);
  g_autoptr (GArray) integers = g_array_new (FALSE, FALSE, sizeof (gint64));
  JsonArray *array;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return NULL;
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      gint64 value;

      if (!JSON_NODE_HOLDS_VALUE (element) || json_node_get_value_type (element) != G_TYPE_INT64)
        return NULL;
      value = json_node_get_int (element);
      g_array_append_val (integers, value);
    }
  return g_steal_pointer (&integers);
}

/* ---- Tensors --------------------------------------------------------------------------------- */

static gboolean
parse_dtype (const char *text, LimnDType *dtype)
{
  static const struct
  {
    const char *name;
    LimnDType dtype;
  } types[] = {
    { "F32", LIMN_DTYPE_F32 },   { "F16", LIMN_DTYPE_F16 }, { "BF16", LIMN_DTYPE_BF16 },
    { "F64", LIMN_DTYPE_F64 },   { "I64", LIMN_DTYPE_I64 }, { "I32", LIMN_DTYPE_I32 },
    { "I16", LIMN_DTYPE_I16 },   { "I8", LIMN_DTYPE_I8 },   { "U8", LIMN_DTYPE_U8 },
    { "BOOL", LIMN_DTYPE_BOOL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (types[i].name, text) == 0)
      {
        *dtype = types[i].dtype;
        return TRUE;
      }
  return FALSE;
}

static gboolean
read_dtype (Reader *reader, const char *name, JsonObject *object, LimnDType *dtype, GError **error)
{
  JsonNode *node = json_object_get_member (object, "dtype");
  const char *text = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *type = NULL;

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
    text = json_node_get_string (node);
  if (text == NULL)
    return _limn_weights_fail_tensor (reader->weights, error, name, "dtype is missing");
  if (parse_dtype (text, dtype))
    return TRUE;
  shown = _limn_weights_quote (name);
  type = _limn_weights_quote (text);
  return _limn_weights_fail (reader->weights, error, LIMN_ENGINE_ERROR_UNSUPPORTED,
                             "tensor %s: type %s is not supported", shown, type);
}

/* Number of bytes of @shape, or FALSE when an extent is negative or the product does not fit. */
static gboolean
shape_bytes (const GArray *shape, LimnDType dtype, gint64 *bytes)
{
  gint64 product = (gint64)limn_dtype_size (dtype);

  for (guint i = 0; i < shape->len; i++)
    if (!limn_checked_mul (product, g_array_index (shape, gint64, i), &product))
      return FALSE;
  *bytes = product;
  return TRUE;
}

static gboolean
bad_size (Reader *reader,
          const char *name,
          const GArray *shape,
          LimnDType dtype,
          gint64 found,
          GError **error)
{
  GString *shown = g_string_new ("[");
  g_autofree char *text = NULL;
  gint64 expected;

  for (guint i = 0; i < MIN (shape->len, MAX_SHOWN_EXTENTS); i++)
    g_string_append_printf (shown, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "",
                            g_array_index (shape, gint64, i));
  g_string_append (shown, shape->len > MAX_SHOWN_EXTENTS ? ", ...]" : "]");
  text = g_string_free (shown, FALSE);
  if (!shape_bytes (shape, dtype, &expected))
    return _limn_weights_fail_tensor (
        reader->weights, error, name,
        "its shape and its number of bytes disagree: %s of %s cannot be, found %" G_GINT64_FORMAT
        " bytes",
        text, limn_dtype_name (dtype), found);
  return _limn_weights_fail_tensor (reader->weights, error, name,
                                    "its shape and its number of bytes disagree: expected "
                                    "%" G_GINT64_FORMAT " for %s of %s, found %" G_GINT64_FORMAT,
                                    expected, text, limn_dtype_name (dtype), found);
}

/* Checks one member of the header and adds it to the store. */
static gboolean
read_tensor (Reader *reader, const char *name, JsonNode *node, GError **error)
{
  g_autoptr (GArray) shape = NULL;
  g_autoptr (GArray) offsets = NULL;
  LimnTensor tensor = LIMN_TENSOR_EMPTY;
  JsonObject *object;
  Extent extent = { .name = name };
  gint64 bytes, begin, end;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return _limn_weights_fail_tensor (reader->weights, error, name, "not described by an object");
  object = json_node_get_object (node);
  if (!read_dtype (reader, name, object, &tensor.dtype, error))
    return FALSE;
  shape = get_integers (object, "shape");
  offsets = get_integers (object, "data_offsets");
  if (shape == NULL)
    return _limn_weights_fail_tensor (reader->weights, error, name,
                                      "shape is not an array of integers");
  if (offsets == NULL || offsets->len != 2)
    return _limn_weights_fail_tensor (reader->weights, error, name,
                                      "data_offsets are not two integers");
  begin = g_array_index (offsets, gint64, 0);
  end = g_array_index (offsets, gint64, 1);
  if (begin < 0 || end < begin || (guint64)end > reader->data_size)
    return _limn_weights_fail_tensor (reader->weights, error, name,
                                      "its data lie outside the file: bytes %" G_GINT64_FORMAT
                                      " to %" G_GINT64_FORMAT " of %" G_GUINT64_FORMAT
                                      "; it may be cut off",
                                      begin, end, reader->data_size);
  if (!shape_bytes (shape, tensor.dtype, &bytes) || bytes != end - begin)
    return bad_size (reader, name, shape, tensor.dtype, end - begin, error);
  extent.begin = (guint64)begin;
  extent.end = (guint64)end;
  g_array_append_val (reader->extents, extent);
  if (shape->len > LIMN_MAX_DIMS)
    return TRUE;
  tensor.n_dims = (int)shape->len;
  for (guint i = 0; i < LIMN_MAX_DIMS; i++)
    tensor.extent[i] = i < shape->len ? g_array_index (shape, gint64, i) : 1;
  /* Views are only read. */
  tensor.data = (void *)(reader->data + begin);
  return _limn_weights_add (reader->weights, name, &tensor, error);
}

/* Texts by the format; anything else there is passed over. */
static void
read_metadata (Reader *reader, JsonNode *node)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return;
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &key, &value))
    if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
      _limn_weights_set_metadata (reader->weights, key, json_node_get_string (value));
}

static int
compare_extents (gconstpointer a, gconstpointer b)
{
  const Extent *x = a, *y = b;

  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return x->end < y->end ? -1 : x->end > y->end;
}

/* Every byte of the data belongs to exactly one tensor. */
static gboolean
check_cover (Reader *reader, GError **error)
{
  guint64 position = 0;

  g_array_sort (reader->extents, compare_extents);
  for (guint i = 0; i < reader->extents->len; i++)
    {
      const Extent *extent = &g_array_index (reader->extents, Extent, i);

      if (extent->begin < position)
        return _limn_weights_fail_tensor (
            reader->weights, error, extent->name,
            "its data overlap another tensor's: they begin at byte %" G_GUINT64_FORMAT
            ", expected %" G_GUINT64_FORMAT,
            extent->begin, position);
      if (extent->begin > position)
        return _limn_weights_fail_tensor (
            reader->weights, error, extent->name,
            "there is a hole before its data: they begin at byte %" G_GUINT64_FORMAT
            ", expected %" G_GUINT64_FORMAT,
            extent->begin, position);
      position = extent->end;
    }
  if (position != reader->data_size)
    return _limn_weights_fail (reader->weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                               "there are data after the last tensor: %" G_GUINT64_FORMAT
                               " bytes, expected %" G_GUINT64_FORMAT,
                               reader->data_size, position);
  return TRUE;
}

gboolean
_limn_safetensors_read (LimnWeights *weights, GBytes *bytes, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GArray) extents = g_array_new (FALSE, FALSE, sizeof (Extent));
  Reader reader = { .weights = weights, .extents = extents };
  const guint8 *file;
  gsize size;
  guint64 header;
  JsonObject *root;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  file = g_bytes_get_data (bytes, &size);
  if (size < PREFIX_BYTES)
    return bad (weights, error, "too short for a safetensors file");
  memcpy (&header, file, sizeof header);
  header = GUINT64_FROM_LE (header);
  if (header > size - PREFIX_BYTES)
    return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                               "the header is longer than the file (%" G_GUINT64_FORMAT
                               " bytes of %" G_GSIZE_FORMAT
                               "); it is cut off or not a safetensors file",
                               header, size);
  if (header > LIMN_MAX_HEADER_BYTES)
    return bad (weights, error, "the header is longer than any real one");
  root = limn_json_parse_object (parser, (const char *)file + PREFIX_BYTES, (gsize)header, error);
  if (root == NULL)
    {
      g_prefix_error (error, "%s: in the header, ", limn_weights_get_path (weights));
      return FALSE;
    }
  reader.data = file + PREFIX_BYTES + header;
  reader.data_size = size - PREFIX_BYTES - header;
  json_object_iter_init (&iter, root);
  while (json_object_iter_next (&iter, &name, &node))
    if (strcmp (name, "__metadata__") == 0)
      read_metadata (&reader, node);
    else if (!read_tensor (&reader, name, node, error))
      return FALSE;
  return check_cover (&reader, error);
}
