/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/golden/golden.h"

#include <math.h>
#include <string.h>

/* ---- The fixture ---------------------------------------------------------------------------- */

char *
golden_path (Golden *golden, const char *member, const char *fallback)
{
  const char *name = json_object_get_string_member_with_default (golden->fixture, member, fallback);

  return name != NULL ? g_build_filename (golden->dir, name, NULL) : NULL;
}

LimnWeights *
golden_open (Golden *golden, const char *member, GError **error)
{
  g_autofree char *path = golden_path (golden, member, NULL);

  if (path == NULL)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING,
                   "%s/fixture.json has no “%s”", golden->dir, member);
      return NULL;
    }
  return limn_weights_open (path, error);
}

char **
golden_cases (LimnWeights *store, const char *suffix)
{
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();

  for (const char *const *name = limn_weights_list (store); *name != NULL; name++)
    if (g_str_has_suffix (*name, suffix))
      {
        g_autofree char *stem = g_strndup (*name, strlen (*name) - strlen (suffix));

        g_strv_builder_add (found, stem);
      }
  return g_strv_builder_end (found);
}

/* ---- Tensors -------------------------------------------------------------------------------- */

static LimnTensor
load (Golden *golden, LimnWeights *store, const char *name)
{
  LimnTensor stored, copy;

  if (!limn_weights_lookup (store, name, &stored))
    {
      limn_run_fail (golden->run, LIMN_ENGINE_ERROR_MISSING, "%s has no tensor “%s”",
                     limn_weights_get_path (store), name);
      return LIMN_TENSOR_EMPTY;
    }
  copy = limn_run_tensor (golden->run, stored.n_dims, stored.extent);
  if (!limn_tensor_is_empty (&copy))
    limn_tensor_read_f32 (&stored, 0, limn_tensor_count (&stored), copy.data);
  return copy;
}

LimnTensor
golden_load (Golden *golden, LimnWeights *store, const char *name_format, ...)
{
  g_autofree char *name = NULL;
  va_list args;

  va_start (args, name_format);
  name = g_strdup_vprintf (name_format, args);
  va_end (args);
  return load (golden, store, name);
}

LimnTensor
golden_load_map (Golden *golden, LimnWeights *store, const char *name_format, ...)
{
  g_autofree char *name = NULL;
  LimnTensor stored;
  va_list args;

  va_start (args, name_format);
  name = g_strdup_vprintf (name_format, args);
  va_end (args);
  stored = load (golden, store, name);
  return limn_nchw_to_nhwc (golden->run, &stored);
}

/* The header of a safetensors file, whose data begin at *@data. The file was opened as a store, which
 * checked it, but for tensors of five extents. */
static JsonObject *
parse_header (GMappedFile *file, const char **data, JsonParser *parser, GError **error)
{
  const char *contents = g_mapped_file_get_contents (file);
  guint64 length;

  if (g_mapped_file_get_length (file) < sizeof length)
    return NULL;
  memcpy (&length, contents, sizeof length);
  length = GUINT64_FROM_LE (length);
  if (length > g_mapped_file_get_length (file) - sizeof length
      || !json_parser_load_from_data (parser, contents + sizeof length, (gssize) length, error))
    return NULL;
  *data = contents + sizeof length + length;
  return json_node_get_object (json_parser_get_root (parser));
}

LimnTensor
golden_load_stacks (Golden *golden, const char *member, const char *name, gint64 *n, GError **error)
{
  g_autofree char *path = golden_path (golden, member, NULL);
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *header, *entry = NULL;
  gint64 extent[5] = { 0 }, bytes = 0;
  JsonArray *shape = NULL, *offsets;
  const char *data = NULL;
  LimnTensor out;

  header = file != NULL ? parse_header (file, &data, parser, error) : NULL;
  if (header != NULL && json_object_has_member (header, name))
    entry = json_object_get_object_member (header, name);
  if (entry != NULL)
    shape = json_object_get_array_member (entry, "shape");
  for (guint i = 0; shape != NULL && i < MIN (json_array_get_length (shape), 5); i++)
    extent[i] = json_array_get_int_element (shape, i);
  *n = extent[1];
  extent[1] *= extent[0];
  if (extent[4] < 1 || g_strcmp0 (json_object_get_string_member (entry, "dtype"), "F32") != 0)
    {
      g_clear_error (error);
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING,
                   "%s has no tensor “%s” of five extents", path, name);
      return LIMN_TENSOR_EMPTY;
    }
  offsets = json_object_get_array_member (entry, "data_offsets");
  out = limn_run_tensor (golden->run, 4, extent + 1);
  if (!limn_tensor_is_empty (&out))
    {
      bytes = json_array_get_int_element (offsets, 1) - json_array_get_int_element (offsets, 0);
      g_assert (bytes == (gint64) limn_tensor_bytes (&out));
      memcpy (out.data, data + json_array_get_int_element (offsets, 0), (gsize) bytes);
    }
  return out;
}

LimnTensor
golden_entry (const LimnTensor *stack, gint64 index)
{
  LimnTensor entry = *stack;

  if (limn_tensor_is_empty (stack))
    return entry;
  entry.extent[0] = 1;
  entry.data = (guint8 *) stack->data + (gsize) index * limn_tensor_bytes (&entry);
  return entry;
}

static double
number_at (const LimnTensor *t, gint64 i)
{
  const guint8 *p = (const guint8 *) t->data + (gsize) i * limn_dtype_size (t->dtype);
  gint64 i64;
  gint32 i32;
  double f64;
  float f32;

  switch (t->dtype)
    {
    case LIMN_DTYPE_I64:
      memcpy (&i64, p, sizeof i64);
      return (double) i64;
    case LIMN_DTYPE_I32:
      memcpy (&i32, p, sizeof i32);
      return i32;
    case LIMN_DTYPE_U8:
      return *p;
    case LIMN_DTYPE_F64:
      memcpy (&f64, p, sizeof f64);
      return f64;
    default:
      limn_convert_to_f32 (t->dtype, p, &f32, 1);
      return f32;
    }
}

double *
golden_numbers (LimnWeights *store, const char *name, gint64 *n)
{
  LimnTensor t;
  double *numbers;

  *n = 0;
  if (!limn_weights_lookup (store, name, &t))
    return NULL;
  *n = limn_tensor_count (&t);
  numbers = g_new (double, MAX (*n, 1));
  for (gint64 i = 0; i < *n; i++)
    numbers[i] = number_at (&t, i);
  return numbers;
}

double
golden_number (LimnWeights *store, const char *name, double fallback)
{
  LimnTensor t;

  return limn_weights_lookup (store, name, &t) && limn_tensor_count (&t) >= 1 ? number_at (&t, 0)
                                                                              : fallback;
}

/* ---- Comparing ------------------------------------------------------------------------------ */

static void
report (Golden *golden, const char *name, double max_abs, double max_rel, double tolerance)
{
  gboolean passed = max_rel <= tolerance;

  golden->n_checked++;
  golden->n_failed += !passed;
  g_print ("%s %.3g %.3g%s\n", name, max_abs, max_rel, passed ? "" : " FAIL");
}

void
golden_verdict (Golden *golden, const char *name, gboolean passed, const char *detail)
{
  golden->n_checked++;
  golden->n_failed += !passed;
  g_print ("%s %s%s%s\n", name, passed ? "0 0" : "- - FAIL", detail != NULL ? " " : "",
           detail != NULL ? detail : "");
}

void
golden_skip (Golden *golden, const char *name, const char *why)
{
  golden->n_skipped++;
  g_print ("skip %s (%s)\n", name, why);
}

void
golden_compare_numbers (Golden *golden, const char *name, const double *got, gint64 n_got,
                        const double *want, gint64 n_want, double tolerance)
{
  double max_abs = 0.0, scale = 0.0;

  if (n_got != n_want)
    {
      g_autofree char *detail = g_strdup_printf ("%" G_GINT64_FORMAT
                                                 " values, expected %" G_GINT64_FORMAT,
                                                 n_got, n_want);

      golden_verdict (golden, name, FALSE, detail);
      return;
    }
  for (gint64 i = 0; i < n_want; i++)
    {
      double difference = fabs (got[i] - want[i]);

      /* A NaN anywhere is a failure, whatever the others are. */
      max_abs = isnan (difference) ? INFINITY : MAX (max_abs, difference);
      scale = MAX (scale, fabs (want[i]));
    }
  report (golden, name, max_abs, max_abs == 0.0 ? 0.0 : max_abs / scale, tolerance);
}

static double *
to_doubles (const LimnTensor *t)
{
  double *numbers = g_new (double, MAX (limn_tensor_count (t), 1));

  for (gint64 i = 0; i < limn_tensor_count (t); i++)
    numbers[i] = number_at (t, i);
  return numbers;
}

void
golden_compare (Golden *golden, const char *name, const LimnTensor *got, const LimnTensor *want,
                double tolerance)
{
  LimnTensor stored = *got;
  g_autofree double *a = NULL;
  g_autofree double *b = NULL;

  if (!limn_tensor_is_empty (got) && got->n_dims == 4)
    stored = limn_nhwc_to_nchw (golden->run, got);
  if (limn_tensor_is_empty (&stored) || limn_tensor_is_empty (want))
    {
      golden_verdict (golden, name, FALSE,
                      golden->run->error != NULL ? golden->run->error->message
                                                 : "nothing computed");
      return;
    }
  if (!limn_tensor_same_shape (&stored, want))
    {
      g_autofree char *got_text = limn_tensor_describe (&stored);
      g_autofree char *want_text = limn_tensor_describe (want);
      g_autofree char *detail = g_strdup_printf ("%s, expected %s", got_text, want_text);

      golden_verdict (golden, name, FALSE, detail);
      return;
    }
  a = to_doubles (&stored);
  b = to_doubles (want);
  golden_compare_numbers (golden, name, a, limn_tensor_count (&stored), b, limn_tensor_count (want),
                          tolerance);
}

void
golden_compare_named (Golden *golden, LimnWeights *store, const char *name, const LimnTensor *got,
                      double tolerance)
{
  LimnTensor want = load (golden, store, name);

  golden_compare (golden, name, got, &want, tolerance);
}

/* @got: values that were bytes when rounded towards zero. */
static void
compare_bytes (Golden *golden, const char *name, const float *got, gint64 n_got,
               const LimnTensor *want)
{
  gint64 n = limn_tensor_count (want), n_off = 0;
  int worst = 0;
  gboolean passed;

  if (got == NULL || n_got != n)
    {
      golden_verdict (golden, name, FALSE, "no picture of this size");
      return;
    }
  for (gint64 i = 0; i < n; i++)
    {
      /* Written so that NaN is far off. */
      gboolean is_byte = got[i] >= 0.0f && got[i] <= 255.0f;
      int off = is_byte ? abs ((int) got[i] - (int) number_at (want, i)) : 255;

      worst = MAX (worst, off);
      n_off += off != 0;
    }
  passed = worst <= 1 && (double) n_off <= GOLDEN_U8_SHARE * (double) n;
  golden->n_checked++;
  golden->n_failed += !passed;
  g_print ("%s %d %.3g%s\n", name, worst, (double) n_off / (double) n, passed ? "" : " FAIL");
}

LimnTensor
golden_unit (Golden *golden, const LimnTensor *picture)
{
  LimnTensor unit = limn_tensor_is_empty (picture)
                        ? LIMN_TENSOR_EMPTY
                        : limn_run_tensor (golden->run, picture->n_dims, picture->extent);

  for (gint64 i = 0; !limn_tensor_is_empty (&unit) && i < limn_tensor_count (&unit); i++)
    limn_tensor_f32 (&unit)[i] = CLAMP ((limn_tensor_f32 (picture)[i] + 1.0f) / 2.0f, 0.0f, 1.0f);
  return unit;
}

void
golden_compare_u8 (Golden *golden, const char *name, const LimnTensor *got, const LimnTensor *want)
{
  LimnTensor bytes = golden_unit (golden, got);
  float *values = limn_tensor_f32 (&bytes);
  gint64 n = values != NULL ? limn_tensor_count (&bytes) : 0;

  for (gint64 i = 0; i < n; i++)
    values[i] = rintf (values[i] * 255.0f);
  compare_bytes (golden, name, values, n, want);
}

void
golden_compare_u8_truncated (Golden *golden, const char *name, const LimnTensor *unit,
                             const LimnTensor *want)
{
  gint64 n = limn_tensor_is_empty (unit) ? 0 : limn_tensor_count (unit);
  g_autofree float *values = g_new (float, MAX (n, 1));

  for (gint64 i = 0; i < n; i++)
    values[i] = limn_tensor_f32 (unit)[i] * 255.0f;
  compare_bytes (golden, name, values, n, want);
}
