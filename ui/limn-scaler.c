/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "ui/limn-scaler.h"

#include <math.h>
#include <string.h>

/* A device pixel covers less than two pixels of the chosen level, so it touches at most three. */
#define MAX_TAPS 3
#define ONE 256

/* How one device pixel is made along one axis: weights (sum ONE) of @n neighbours from @first on.
 */
typedef struct
{
  int first, n;
  guint16 weight[MAX_TAPS];
} Taps;

struct _LimnScaler
{
  GArray *columns, *rows; /* of Taps */
  GByteArray *source;     /* the level's pixels, dense */
  GArray *lines;          /* guint16: horizontally filtered lines, times ONE */
  GArray *places;         /* int: bytes from a line's first pixel to those that are picked */
};

LimnScaler *
limn_scaler_new (void)
{
  LimnScaler *scaler = g_new0 (LimnScaler, 1);

  scaler->columns = g_array_new (FALSE, FALSE, sizeof (Taps));
  scaler->rows = g_array_new (FALSE, FALSE, sizeof (Taps));
  scaler->source = g_byte_array_new ();
  scaler->lines = g_array_new (FALSE, FALSE, sizeof (guint16));
  scaler->places = g_array_new (FALSE, FALSE, sizeof (int));
  return scaler;
}

void
limn_scaler_free (LimnScaler *scaler)
{
  if (scaler == NULL)
    return;
  g_array_unref (scaler->columns);
  g_array_unref (scaler->rows);
  g_byte_array_unref (scaler->source);
  g_array_unref (scaler->lines);
  g_array_unref (scaler->places);
  g_free (scaler);
}

static int
choose_level (LimnMips *mips, double scale)
{
  int level = 0;

  while (level + 1 < limn_mips_get_n_levels (mips) && scale * (1 << (level + 1)) <= 1)
    level++;
  return level;
}

void
limn_scaler_get_size (LimnMips *mips, double scale, int *width, int *height)
{
  limn_mips_get_size (mips, 0, width, height);
  /* A hair less than a pixel more is a rounding error of the product. */
  *width = MAX (1, (int)ceil (*width * scale - 1e-6));
  *height = MAX (1, (int)ceil (*height * scale - 1e-6));
}

static void
area_taps (Taps *taps, double from, double to, int size)
{
  int first = CLAMP ((int)floor (from + 1e-9), 0, size - 1);
  int last = CLAMP ((int)ceil (to - 1e-9) - 1, first, MIN (size - 1, first + MAX_TAPS - 1));
  double total = 0, cover[MAX_TAPS];
  int sum = 0, largest = 0;

  taps->first = first;
  taps->n = last - first + 1;
  for (int k = 0; k < taps->n; k++)
    {
      cover[k] = MAX (MIN (to, first + k + 1) - MAX (from, first + k), 0);
      total += cover[k];
    }
  for (int k = 0; k < taps->n; k++)
    {
      taps->weight[k] = total > 0 ? (guint16)rint (cover[k] / total * ONE) : 0;
      sum += taps->weight[k];
      if (taps->weight[k] > taps->weight[largest])
        largest = k;
    }
  taps->weight[largest] += ONE - sum;
}

/* Taps of device pixels @start .. @start + @n - 1 on a level of @size pixels. */
static const Taps *
make_taps (GArray *array, double scale, int start, int n, int size)
{
  g_array_set_size (array, n);
  for (int i = 0; i < n; i++)
    {
      Taps *taps = &g_array_index (array, Taps, i);

      area_taps (taps, (start + i) / scale, (start + i + 1) / scale, size);
    }
  return (const Taps *)array->data;
}

static inline void
filter_line (const guint8 *src, guint16 *dst, const Taps *taps, int n, int x0, const int channels)
{
  for (int i = 0; i < n; i++)
    {
      const guint8 *p = src + (gsize)(taps[i].first - x0) * channels;

      for (int c = 0; c < channels; c++)
        {
          guint sum = taps[i].weight[0] * p[c];

          for (int k = 1; k < taps[i].n; k++)
            sum += taps[i].weight[k] * p[(gsize)k * channels + c];
          dst[(gsize)i * channels + c] = sum;
        }
    }
}

static void
filter_rows (LimnScaler *scaler,
             const LimnRect *source,
             const Taps *columns,
             int width,
             int channels)
{
  guint16 *lines = (guint16 *)scaler->lines->data;

  for (int y = 0; y < source->height; y++)
    {
      const guint8 *src = scaler->source->data + (gsize)y * source->width * channels;
      guint16 *dst = lines + (gsize)y * width * channels;

      /* Constant channel counts let the compiler unroll. */
      if (channels == 1)
        filter_line (src, dst, columns, width, source->x, 1);
      else if (channels == 3)
        filter_line (src, dst, columns, width, source->x, 3);
      else
        filter_line (src, dst, columns, width, source->x, 4);
    }
}

static void
filter_columns (LimnScaler *scaler,
                const LimnRect *source,
                const Taps *rows,
                const LimnRect *rect,
                int channels,
                guint8 *dst,
                gsize stride)
{
  const guint16 *lines = (const guint16 *)scaler->lines->data;
  gsize n = (gsize)rect->width * channels;

  for (int y = 0; y < rect->height; y++)
    {
      const guint16 *line = lines + (gsize)(rows[y].first - source->y) * n;
      const guint16 *next = rows[y].n > 1 ? line + n : line;
      const guint16 *last = rows[y].n > 2 ? line + 2 * n : line;
      guint w0 = rows[y].weight[0];
      guint w1 = rows[y].n > 1 ? rows[y].weight[1] : 0;
      guint w2 = rows[y].n > 2 ? rows[y].weight[2] : 0;
      guint8 *out = dst + (gsize)y * stride;

      for (gsize i = 0; i < n; i++)
        out[i] = (w0 * line[i] + w1 * next[i] + w2 * last[i] + ONE * ONE / 2) >> 16;
    }
}

/* What @rect needs of @level, of which @s device pixels are a pixel's width. */
static void
get_source (LimnMips *mips, int level, double s, const LimnRect *rect, LimnRect *source)
{
  int width, height, x1, y1;

  limn_mips_get_size (mips, level, &width, &height);
  source->x = CLAMP ((int)floor (rect->x / s) - 1, 0, width - 1);
  source->y = CLAMP ((int)floor (rect->y / s) - 1, 0, height - 1);
  x1 = CLAMP ((int)ceil ((rect->x + rect->width) / s) + 1, source->x + 1, width);
  y1 = CLAMP ((int)ceil ((rect->y + rect->height) / s) + 1, source->y + 1, height);
  source->width = x1 - source->x;
  source->height = y1 - source->y;
}

int
limn_scaler_get_source (LimnMips *mips, double scale, const LimnRect *rect, LimnRect *source)
{
  int level = choose_level (mips, scale);

  get_source (mips, level, scale * (1 << level), rect, source);
  return level;
}

/* ---- The nearest pixel ----------------------------------------------------------------------- */

/* The pixel under the middle of device pixel @i, of @size. */
static int
nearest (int i, double s, int size)
{
  return CLAMP ((int)floor ((i + 0.5) / s), 0, size - 1);
}

static inline void
pick_line (const guint8 *line, const int *places, int n, guint8 *out, const int channels)
{
  for (int i = 0; i < n; i++)
    for (int c = 0; c < channels; c++)
      out[i * channels + c] = line[places[i] + c];
}

/* Three bytes a pixel to cairo's four; a byte more than that must be readable. */
static inline void
pack_line (const guint8 *line, const int *places, int n, guint32 *out)
{
  for (int i = 0; i < n; i++)
    {
      guint32 value;

      memcpy (&value, line + places[i], sizeof value);
      out[i] = 0xff000000u | GUINT32_FROM_BE (value) >> 8;
    }
}

/* Renders @rect from @level, of which @s device pixels are a pixel's width; @stride in bytes.
 * @packed: to cairo's pixels. */
static void
pick (LimnScaler *scaler,
      LimnMips *mips,
      int level,
      double s,
      const LimnRect *rect,
      gboolean packed,
      guint8 *dst,
      gsize stride)
{
  int channels = limn_mips_get_channels (mips), width, height, before = -1, *places;
  gsize n_bytes = (gsize)rect->width * (packed ? sizeof (guint32) : (gsize)channels);
  LimnRect line = { .height = 1 };

  limn_mips_get_size (mips, level, &width, &height);
  line.x = nearest (rect->x, s, width);
  line.width = nearest (rect->x + rect->width - 1, s, width) - line.x + 1;
  g_array_set_size (scaler->places, (guint)rect->width);
  places = (int *)(void *)scaler->places->data;
  for (int x = 0; x < rect->width; x++)
    places[x] = (nearest (rect->x + x, s, width) - line.x) * channels;
  g_byte_array_set_size (scaler->source, (guint)(line.width * channels) + 1);

  for (int y = 0; y < rect->height; y++)
    {
      guint8 *out = dst + (gsize)y * stride;

      line.y = nearest (rect->y + y, s, height);
      if (line.y == before)
        {
          memcpy (out, out - stride, n_bytes);
          continue;
        }
      before = line.y;
      limn_mips_read (mips, level, &line, scaler->source->data, (gsize)(line.width * channels));
      /* Constant channel counts let the compiler unroll. */
      if (packed)
        pack_line (scaler->source->data, places, rect->width, (guint32 *)(void *)out);
      else if (channels == 1)
        pick_line (scaler->source->data, places, rect->width, out, 1);
      else if (channels == 3)
        pick_line (scaler->source->data, places, rect->width, out, 3);
      else
        pick_line (scaler->source->data, places, rect->width, out, 4);
    }
}

gboolean
limn_scaler_is_quick (double scale)
{
  return scale >= LIMN_SCALER_NEAREST_FROM || scale == 1;
}

int
limn_scaler_get_sketch_source (LimnMips *mips, double scale, const LimnRect *rect, LimnRect *source)
{
  /* A pixel of it is between 0.7 and 1.4 of those shown; one level coarser is still fine for a
   * moment, the finer ones read more than is shown. */
  int best = CLAMP ((int)rint (-log2 (scale)), 0, limn_mips_get_n_levels (mips) - 1);
  int level = MIN (best + 1, limn_mips_get_n_levels (mips) - 1);

  get_source (mips, best, scale * (1 << best), rect, source);
  if (limn_mips_is_made (mips, best, source))
    return best;
  for (; level > 0; level--)
    {
      get_source (mips, level, scale * (1 << level), rect, source);
      if (limn_mips_is_made (mips, level, source))
        return level;
    }
  get_source (mips, 0, scale, rect, source);
  return 0;
}

void
limn_scaler_sketch (LimnScaler *scaler,
                    LimnMips *mips,
                    double scale,
                    const LimnRect *rect,
                    guint8 *dst,
                    gsize stride)
{
  LimnRect source;
  int level;

  g_return_if_fail (!limn_rect_is_empty (rect));

  level = limn_scaler_get_sketch_source (mips, scale, rect, &source);
  pick (scaler, mips, level, scale * (1 << level), rect, FALSE, dst, stride);
}

void
limn_scaler_sketch_packed (LimnScaler *scaler,
                           LimnMips *mips,
                           double scale,
                           const LimnRect *rect,
                           guint32 *dst,
                           gsize stride)
{
  LimnRect source;
  int level;

  g_return_if_fail (!limn_rect_is_empty (rect));
  g_return_if_fail (limn_mips_get_channels (mips) == 3);

  level = limn_scaler_get_sketch_source (mips, scale, rect, &source);
  pick (scaler, mips, level, scale * (1 << level), rect, TRUE, (guint8 *)dst,
        stride * sizeof (guint32));
}

/* ---- All of them ----------------------------------------------------------------------------- */

gboolean
limn_scaler_render (LimnScaler *scaler,
                    LimnMips *mips,
                    double scale,
                    const LimnRect *rect,
                    gint64 deadline,
                    guint8 *dst,
                    gsize stride)
{
  int channels = limn_mips_get_channels (mips);
  int width, height, level;
  const Taps *columns, *rows;
  LimnRect source;
  double s;

  g_return_val_if_fail (!limn_rect_is_empty (rect), FALSE);

  level = limn_scaler_get_source (mips, scale, rect, &source);
  if (!limn_mips_ensure (mips, level, &source, deadline))
    return FALSE;
  s = scale * (1 << level);
  if (s == 1 && rect->x >= source.x && rect->y >= source.y
      && rect->x + rect->width <= source.x + source.width
      && rect->y + rect->height <= source.y + source.height)
    {
      limn_mips_read (mips, level, rect, dst, stride);
      return TRUE;
    }

  if (scale >= LIMN_SCALER_NEAREST_FROM)
    {
      pick (scaler, mips, level, scale, rect, FALSE, dst, stride);
      return TRUE;
    }
  limn_mips_get_size (mips, level, &width, &height);
  columns = make_taps (scaler->columns, s, rect->x, rect->width, width);
  rows = make_taps (scaler->rows, s, rect->y, rect->height, height);
  g_byte_array_set_size (scaler->source, (guint)source.width * source.height * channels);
  g_array_set_size (scaler->lines, (guint)rect->width * source.height * channels);
  limn_mips_read (mips, level, &source, scaler->source->data, (gsize)source.width * channels);
  filter_rows (scaler, &source, columns, rect->width, channels);
  filter_columns (scaler, &source, rows, rect, channels, dst, stride);
  return TRUE;
}
