/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The GGUF container, versions 2 and 3, little-endian:
 *   "GGUF", u32 version, u64 number of tensors, u64 number of facts
 *   facts: string key, u32 type, value; an array is u32 type, u64 length, elements
 *   tensors: string name, u32 number of extents, u64 extents (innermost first), u32 type, u64
 * offset zeros up to a multiple of general.alignment (32), then the data that the offsets count
 * from A string is u64 length and bytes. Nothing is allocated for a count before as much of the
 * file has been read.
 */
#include <string.h>

#include "engine/weights/weights-private.h"

#define DEFAULT_ALIGNMENT 32
#define MAX_ALIGNMENT (1u << 20)
#define MAX_NAME_BYTES 4096
/* Longer facts (whole tokenizers, licences) are passed over. */
#define MAX_TEXT_BYTES 65536
#define MAX_NESTED_ARRAYS 4

typedef enum
{
  GGUF_U8,
  GGUF_I8,
  GGUF_U16,
  GGUF_I16,
  GGUF_U32,
  GGUF_I32,
  GGUF_F32,
  GGUF_BOOL,
  GGUF_STRING,
  GGUF_ARRAY,
  GGUF_U64,
  GGUF_I64,
  GGUF_F64,
  GGUF_N_TYPES,
} GgufType;

/* Bytes of a value; 0 where they vary. */
static const guint8 value_bytes[GGUF_N_TYPES] = {
  [GGUF_U8] = 1,  [GGUF_I8] = 1,   [GGUF_U16] = 2, [GGUF_I16] = 2, [GGUF_U32] = 4, [GGUF_I32] = 4,
  [GGUF_F32] = 4, [GGUF_BOOL] = 1, [GGUF_U64] = 8, [GGUF_I64] = 8, [GGUF_F64] = 8,
};

typedef struct
{
  LimnWeights *weights;
  const guint8 *file;
  gsize size;
  gsize position; /* never above size */
  guint64 alignment;
  GArray *tensors; /* Entry */
} Reader;

typedef struct
{
  char *name;
  LimnTensor tensor;
  guint64 offset;
  guint64 bytes;
} Entry;

static void
entry_clear (gpointer entry)
{
  g_free (((Entry *)entry)->name);
}

static gboolean
bad (Reader *reader, GError **error, const char *what)
{
  return _limn_weights_fail (reader->weights, error, LIMN_ENGINE_ERROR_BAD_FILE, "%s", what);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* The next @n bytes, NULL and an error at the end of the file. */
static const guint8 *
take (Reader *reader, guint64 n, GError **error)
{
  const guint8 *bytes = reader->file + reader->position;

  if (n > reader->size - reader->position)
    {
      bad (reader, error, "the header reaches beyond the file; it may be cut off");
      return NULL;
    }
  reader->position += n;
  return bytes;
}

static gboolean
take_u32 (Reader *reader, guint32 *value, GError **error)
{
  const guint8 *bytes = take (reader, sizeof *value, error);

  if (bytes == NULL)
    return FALSE;
  memcpy (value, bytes, sizeof *value);
  *value = GUINT32_FROM_LE (*value);
  return TRUE;
}

static gboolean
take_u64 (Reader *reader, guint64 *value, GError **error)
{
  const guint8 *bytes = take (reader, sizeof *value, error);

  if (bytes == NULL)
    return FALSE;
  memcpy (value, bytes, sizeof *value);
  *value = GUINT64_FROM_LE (*value);
  return TRUE;
}

/* A name: not too long, without NUL (transfer full). NULL on error. */
static char *
take_name (Reader *reader, const char *what, GError **error)
{
  guint64 length;
  const guint8 *bytes;

  if (!take_u64 (reader, &length, error))
    return NULL;
  bytes = take (reader, length, error);
  if (bytes == NULL)
    return NULL;
  if (length > MAX_NAME_BYTES || memchr (bytes, '\0', length) != NULL
      || !g_utf8_validate_len ((const char *)bytes, length, NULL))
    {
      _limn_weights_fail (reader->weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                          "the name of a %s is no name", what);
      return NULL;
    }
  return g_strndup ((const char *)bytes, length);
}

/* ---- Facts ----------------------------------------------------------------------------------- */

static gboolean
skip_array (Reader *reader, int depth, GError **error)
{
  guint32 type;
  guint64 length, bytes;

  if (depth > MAX_NESTED_ARRAYS)
    return bad (reader, error, "arrays are nested too deeply");
  if (!take_u32 (reader, &type, error) || !take_u64 (reader, &length, error))
    return FALSE;
  if (type >= GGUF_N_TYPES)
    return bad (reader, error, "an array has elements of an unknown type");
  if (value_bytes[type] > 0)
    return take (reader, length > reader->size ? G_MAXUINT64 : length * value_bytes[type], error)
           != NULL;
  for (guint64 i = 0; i < length; i++)
    if (type == GGUF_ARRAY ? !skip_array (reader, depth + 1, error)
                           : !take_u64 (reader, &bytes, error) || !take (reader, bytes, error))
      return FALSE;
  return TRUE;
}

/* A number of @type as text (transfer full). */
static char *
number_text (guint32 type, const guint8 *bytes)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  guint64 bits = 0;
  guint32 low;
  float f32;
  double f64;

  for (guint i = 0; i < value_bytes[type]; i++)
    bits |= (guint64)bytes[i] << (8 * i);
  low = (guint32)bits;
  switch (type)
    {
    case GGUF_I8:
      return g_strdup_printf ("%d", (gint8)bits);
    case GGUF_I16:
      return g_strdup_printf ("%d", (gint16)bits);
    case GGUF_I32:
      return g_strdup_printf ("%d", (gint32)bits);
    case GGUF_I64:
      return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64)bits);
    case GGUF_F32:
      memcpy (&f32, &low, sizeof f32);
      return g_strdup (g_ascii_dtostr (text, sizeof text, (double)f32));
    case GGUF_F64:
      memcpy (&f64, &bits, sizeof f64);
      return g_strdup (g_ascii_dtostr (text, sizeof text, f64));
    case GGUF_BOOL:
      return g_strdup (bits != 0 ? "true" : "false");
    default:
      return g_strdup_printf ("%" G_GUINT64_FORMAT, bits);
    }
}

static gboolean
set_alignment (Reader *reader, guint32 type, const char *text, GError **error)
{
  guint64 alignment = type == GGUF_U32 ? g_ascii_strtoull (text, NULL, 10) : 0;

  if (alignment == 0 || alignment > MAX_ALIGNMENT || (alignment & (alignment - 1)) != 0)
    return bad (reader, error, "general.alignment is no power of two");
  reader->alignment = alignment;
  return TRUE;
}

static gboolean
read_text (Reader *reader, const char *key, GError **error)
{
  g_autofree char *text = NULL;
  guint64 length;
  const guint8 *bytes;

  if (!take_u64 (reader, &length, error))
    return FALSE;
  bytes = take (reader, length, error);
  if (bytes == NULL)
    return FALSE;
  if (length <= MAX_TEXT_BYTES)
    {
      text = g_utf8_make_valid ((const char *)bytes, (gssize)length);
      _limn_weights_set_metadata (reader->weights, key, text);
    }
  return TRUE;
}

static gboolean
read_fact (Reader *reader, GError **error)
{
  g_autofree char *key = take_name (reader, "fact", error);
  g_autofree char *text = NULL;
  g_autofree char *shown = NULL;
  const guint8 *bytes;
  guint32 type;

  if (key == NULL || !take_u32 (reader, &type, error))
    return FALSE;
  shown = _limn_weights_quote (key);
  if (limn_weights_get_metadata (reader->weights, key) != NULL)
    return _limn_weights_fail (reader->weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                               "%s occurs twice", shown);
  if (type == GGUF_ARRAY)
    return skip_array (reader, 0, error);
  if (type == GGUF_STRING)
    return read_text (reader, key, error);
  if (type >= GGUF_N_TYPES)
    return _limn_weights_fail (reader->weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                               "%s has an unknown type (%u)", shown, type);
  bytes = take (reader, value_bytes[type], error);
  if (bytes == NULL)
    return FALSE;
  text = number_text (type, bytes);
  if (strcmp (key, "general.alignment") == 0 && !set_alignment (reader, type, text, error))
    return FALSE;
  _limn_weights_set_metadata (reader->weights, key, text);
  return TRUE;
}

/* ---- Tensors --------------------------------------------------------------------------------- */

/* The format's numbers of types; those that are not read are here to be named. */
static const struct
{
  const char *name;
  int dtype; /* LimnDType, or -1 */
} types[] = {
  [0] = { "f32", LIMN_DTYPE_F32 },
  [1] = { "f16", LIMN_DTYPE_F16 },
  [2] = { "q4_0", LIMN_DTYPE_Q4_0 },
  [3] = { "q4_1", LIMN_DTYPE_Q4_1 },
  [6] = { "q5_0", LIMN_DTYPE_Q5_0 },
  [7] = { "q5_1", LIMN_DTYPE_Q5_1 },
  [8] = { "q8_0", LIMN_DTYPE_Q8_0 },
  [9] = { "q8_1", -1 },
  [10] = { "q2_K", LIMN_DTYPE_Q2_K },
  [11] = { "q3_K", LIMN_DTYPE_Q3_K },
  [12] = { "q4_K", LIMN_DTYPE_Q4_K },
  [13] = { "q5_K", LIMN_DTYPE_Q5_K },
  [14] = { "q6_K", LIMN_DTYPE_Q6_K },
  [15] = { "q8_K", -1 },
  [16] = { "iq2_xxs", -1 },
  [17] = { "iq2_xs", -1 },
  [18] = { "iq3_xxs", -1 },
  [19] = { "iq1_s", -1 },
  [20] = { "iq4_nl", -1 },
  [21] = { "iq3_s", -1 },
  [22] = { "iq2_s", -1 },
  [23] = { "iq4_xs", -1 },
  [24] = { "i8", LIMN_DTYPE_I8 },
  [25] = { "i16", LIMN_DTYPE_I16 },
  [26] = { "i32", LIMN_DTYPE_I32 },
  [27] = { "i64", LIMN_DTYPE_I64 },
  [28] = { "f64", LIMN_DTYPE_F64 },
  [29] = { "iq1_m", -1 },
  [30] = { "bf16", LIMN_DTYPE_BF16 },
  [34] = { "tq1_0", -1 },
  [35] = { "tq2_0", -1 },
  [39] = { "mxfp4", -1 },
};

static gboolean
read_type (Reader *reader, Entry *entry, GError **error)
{
  g_autofree char *shown = _limn_weights_quote (entry->name);
  guint32 type;

  if (!take_u32 (reader, &type, error))
    return FALSE;
  if (type >= G_N_ELEMENTS (types) || types[type].name == NULL)
    return _limn_weights_fail (reader->weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                               "tensor %s: unknown type %u", shown, type);
  if (types[type].dtype < 0)
    return _limn_weights_fail (reader->weights, error, LIMN_ENGINE_ERROR_UNSUPPORTED,
                               "tensor %s: type %s is not supported", shown, types[type].name);
  entry->tensor.dtype = (LimnDType)types[type].dtype;
  return TRUE;
}

/* Extents come innermost first. */
static gboolean
read_shape (Reader *reader, Entry *entry, GError **error)
{
  guint32 n_dims;

  if (!take_u32 (reader, &n_dims, error))
    return FALSE;
  if (n_dims > LIMN_MAX_DIMS)
    return _limn_weights_fail_tensor (reader->weights, error, entry->name,
                                      "it has more than four extents: %u", n_dims);
  entry->tensor.n_dims = (int)n_dims;
  for (guint32 i = 0; i < LIMN_MAX_DIMS; i++)
    entry->tensor.extent[i] = 1;
  for (guint32 i = 0; i < n_dims; i++)
    {
      guint64 extent;

      if (!take_u64 (reader, &extent, error))
        return FALSE;
      if (extent > G_MAXINT64)
        return _limn_weights_fail_tensor (reader->weights, error, entry->name,
                                          "one of its extents is absurd: %" G_GUINT64_FORMAT,
                                          extent);
      entry->tensor.extent[n_dims - 1 - i] = (gint64)extent;
    }
  return TRUE;
}

static gboolean
count_bytes (Reader *reader, Entry *entry, GError **error)
{
  const LimnTensor *tensor = &entry->tensor;
  gint64 block = limn_dtype_block (tensor->dtype);
  gint64 row = tensor->n_dims > 0 ? tensor->extent[tensor->n_dims - 1] : 1;
  gint64 count = 1, bytes;

  for (int i = 0; i < tensor->n_dims; i++)
    if (!limn_checked_mul (count, tensor->extent[i], &count))
      return _limn_weights_fail_tensor (reader->weights, error, entry->name,
                                        "it has more elements than can be counted");
  if (row % block != 0)
    return _limn_weights_fail_tensor (reader->weights, error, entry->name,
                                      "its rows are no whole blocks of its type: %" G_GINT64_FORMAT
                                      " elements, expected a multiple of %" G_GINT64_FORMAT,
                                      row, block);
  if (!limn_checked_mul (count / block, (gint64)limn_dtype_size (tensor->dtype), &bytes))
    return _limn_weights_fail_tensor (reader->weights, error, entry->name,
                                      "it has more bytes than can be counted");
  entry->bytes = (guint64)bytes;
  return TRUE;
}

static gboolean
read_entry (Reader *reader, GError **error)
{
  Entry entry = { .name = take_name (reader, "tensor", error) };

  if (entry.name == NULL || !read_shape (reader, &entry, error)
      || !read_type (reader, &entry, error) || !take_u64 (reader, &entry.offset, error)
      || !count_bytes (reader, &entry, error))
    {
      g_free (entry.name);
      return FALSE;
    }
  g_array_append_val (reader->tensors, entry);
  return TRUE;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  if (x->offset != y->offset)
    return x->offset < y->offset ? -1 : 1;
  return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

/* No two tensors share a byte, and all of them lie in the file. */
static gboolean
add_entries (Reader *reader, GError **error)
{
  guint64 mask = reader->alignment - 1;
  guint64 begin = ((guint64)reader->position + mask) & ~mask;
  guint64 available = begin < reader->size ? reader->size - begin : 0;
  guint64 end = 0;

  g_array_sort (reader->tensors, compare_entries);
  for (guint i = 0; i < reader->tensors->len; i++)
    {
      Entry *entry = &g_array_index (reader->tensors, Entry, i);

      if ((entry->offset & mask) != 0)
        return _limn_weights_fail_tensor (reader->weights, error, entry->name,
                                          "its data are not aligned: byte %" G_GUINT64_FORMAT
                                          ", expected a multiple of %" G_GUINT64_FORMAT,
                                          entry->offset, mask + 1);
      if (entry->offset > available || entry->bytes > available - entry->offset)
        return _limn_weights_fail_tensor (reader->weights, error, entry->name,
                                          "its data lie outside the file: %" G_GUINT64_FORMAT
                                          " bytes from %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                                          "; it may be cut off",
                                          entry->bytes, entry->offset, available);
      if (entry->offset < end)
        return _limn_weights_fail_tensor (reader->weights, error, entry->name,
                                          "its data overlap another tensor's: they begin at byte "
                                          "%" G_GUINT64_FORMAT ", expected %" G_GUINT64_FORMAT
                                          " or more",
                                          entry->offset, end);
      end = entry->offset + entry->bytes;
      /* Views are only read. */
      entry->tensor.data = (void *)(reader->file + (available > 0 ? begin + entry->offset : 0));
      if (!_limn_weights_add (reader->weights, entry->name, &entry->tensor, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_version (Reader *reader, GError **error)
{
  guint32 version;

  if (take (reader, 4, error) == NULL || !take_u32 (reader, &version, error))
    return FALSE;
  if (version == 2 || version == 3)
    return TRUE;
  if (version == GUINT32_SWAP_LE_BE_CONSTANT (2u) || version == GUINT32_SWAP_LE_BE_CONSTANT (3u))
    return _limn_weights_fail (reader->weights, error, LIMN_ENGINE_ERROR_UNSUPPORTED,
                               "a GGUF file of big-endian numbers, which is not supported");
  return _limn_weights_fail (reader->weights, error, LIMN_ENGINE_ERROR_UNSUPPORTED,
                             "a GGUF file of version %u, expected 2 or 3", version);
}

gboolean
_limn_gguf_read (LimnWeights *weights, GBytes *bytes, GError **error)
{
  g_autoptr (GArray) tensors = g_array_new (FALSE, FALSE, sizeof (Entry));
  Reader reader = { .weights = weights, .alignment = DEFAULT_ALIGNMENT, .tensors = tensors };
  guint64 n_tensors, n_facts;

  g_array_set_clear_func (tensors, entry_clear);
  reader.file = g_bytes_get_data (bytes, &reader.size);
  if (!read_version (&reader, error) || !take_u64 (&reader, &n_tensors, error)
      || !take_u64 (&reader, &n_facts, error))
    return FALSE;
  if (n_tensors > LIMN_MAX_TENSORS || n_facts > LIMN_MAX_TENSORS)
    return bad (&reader, error, "more tensors or facts than any real file has");
  for (guint64 i = 0; i < n_facts; i++)
    if (!read_fact (&reader, error))
      return FALSE;
  for (guint64 i = 0; i < n_tensors; i++)
    if (!read_entry (&reader, error))
      return FALSE;
  return add_entries (&reader, error);
}
