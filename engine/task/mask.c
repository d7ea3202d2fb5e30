/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/mask-private.h"

#include <math.h>
#include <string.h>

/* "No set pixel in this column". The longest side of an image is below it. */
#define FAR G_MAXUINT16
/* Rows per tile of the parallel passes: below a millisecond or two even for the widest image. */
#define ROWS_PER_TILE 16

typedef struct
{
  const guint16 *column; /* [height][width] distance to the nearest set pixel in the same column */
  guint8 *out;
  int height, width;
  float inner, outer;
  LimnFalloff falloff;
} Falloff;

static guint8
falloff_value (const Falloff *f, double distance)
{
  double t;

  if (distance <= f->inner || distance == 0.0)
    return 255;
  if (distance >= f->outer)
    return 0;
  t = (f->outer - distance) / (f->outer - f->inner);
  if (f->falloff == LIMN_FALLOFF_SMOOTH)
    t = t * t * (3.0 - 2.0 * t);
  return (guint8)lrint (255.0 * t);
}

/*
 * Lower envelope of the parabolas (x - i)^2 + column(i)^2 over one row, which is the squared
 * distance. Felzenszwalb and Huttenlocher 2012, "Distance transforms of sampled functions",
 * algorithm 1.
 * @apex: [width] columns of the parabolas in the envelope; @from: [width] where each begins to be
 * the lowest.
 */
static void
falloff_row (const Falloff *f, int y, int *apex, double *from)
{
  const guint16 *column = f->column + (gsize)y * f->width;
  guint8 *out = f->out + (gsize)y * f->width;
  int n = 0;

  for (int q = 0; q < f->width; q++)
    {
      double height = (double)column[q] * column[q], start = -HUGE_VAL;

      if (column[q] == FAR)
        continue;
      while (n > 0)
        {
          int v = apex[n - 1];

          start = ((height + (double)q * q) - ((double)column[v] * column[v] + (double)v * v))
                  / (2.0 * (q - v));
          if (start > from[n - 1])
            break;
          n--;
          start = -HUGE_VAL;
        }
      apex[n] = q;
      from[n] = start;
      n++;
    }
  if (n == 0)
    {
      memset (out, 0, f->width);
      return;
    }
  for (int x = 0, k = 0; x < f->width; x++)
    {
      double dx;

      while (k + 1 < n && from[k + 1] < x)
        k++;
      dx = x - apex[k];
      out[x] = falloff_value (f, sqrt (dx * dx + (double)column[apex[k]] * column[apex[k]]));
    }
}

static void
falloff_tile (void *data, gint64 index, void *scratch)
{
  const Falloff *f = data;
  double *from = scratch;
  int *apex = (int *)(from + f->width);
  int last = (int)MIN ((index + 1) * ROWS_PER_TILE, f->height);

  for (int y = (int)index * ROWS_PER_TILE; y < last; y++)
    falloff_row (f, y, apex, from);
}

/* Distance to the nearest set pixel above or below, by one sweep down and one up. */
static void
column_distances (LimnRun *run, const guint8 *set, int height, int width, guint16 *column)
{
  for (int y = 0; y < height && limn_run_ok (run); y++)
    for (int x = 0; x < width; x++)
      {
        gsize i = (gsize)y * width + x;
        guint16 above = y > 0 ? column[i - width] : FAR;

        column[i] = set[i] != 0 ? 0 : above == FAR ? FAR : above + 1;
      }
  for (int y = height - 2; y >= 0 && limn_run_ok (run); y--)
    for (int x = 0; x < width; x++)
      {
        gsize i = (gsize)y * width + x;
        guint16 below = column[i + width];

        if (below < column[i])
          column[i] = MIN (column[i], below + 1);
      }
}

void
limn_mask_falloff (LimnRun *run,
                   const guint8 *set,
                   int height,
                   int width,
                   float inner,
                   float outer,
                   LimnFalloff falloff,
                   guint8 *out)
{
  g_autofree guint16 *column = NULL;
  Falloff f
      = { .height = height, .width = width, .inner = inner, .outer = outer, .falloff = falloff };

  if (!limn_run_ok (run))
    return;
  column = g_try_malloc_n ((gsize)height * width, sizeof *column);
  if (column == NULL)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_NO_MEMORY,
                     "There is not enough memory for a mask of %d × %d pixels", width, height);
      return;
    }
  column_distances (run, set, height, width, column);
  f.column = column;
  f.out = out;
  limn_run_parallel (run, (height + ROWS_PER_TILE - 1) / ROWS_PER_TILE,
                     (gsize)width * (sizeof (double) + sizeof (int)), falloff_tile, &f);
}

/* The level of a value: that of the darkest which counts as it, 0 .. LIMN_FALLOFF_LEVELS. */
static inline int
level_of (guint8 value)
{
  return value * LIMN_FALLOFF_LEVELS / 255;
}

void
limn_mask_falloff_grey (LimnRun *run,
                        const guint8 *painted,
                        int height,
                        int width,
                        float inner,
                        float outer,
                        LimnFalloff falloff,
                        guint8 *out)
{
  gsize n = (gsize)height * width;
  gboolean seen[LIMN_FALLOFF_LEVELS + 1] = { FALSE };
  g_autofree guint8 *set = g_try_malloc (n), *spread = g_try_malloc (n);

  if (set == NULL || spread == NULL)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_NO_MEMORY,
                     "There is not enough memory for a mask of %d × %d pixels", width, height);
      return;
    }
  memcpy (out, painted, n);
  for (gsize i = 0; i < n; i++)
    seen[level_of (painted[i])] = TRUE;
  for (int level = 1; level <= LIMN_FALLOFF_LEVELS && limn_run_ok (run); level++)
    {
      int least = (level * 255 + LIMN_FALLOFF_LEVELS - 1) / LIMN_FALLOFF_LEVELS;

      if (!seen[level])
        continue;
      for (gsize i = 0; i < n; i++)
        set[i] = painted[i] >= least ? 255 : 0;
      limn_mask_falloff (run, set, height, width, inner, outer, falloff, spread);
      for (gsize i = 0; i < n && limn_run_ok (run); i++)
        out[i] = MAX (out[i], (guint8)((spread[i] * least + 127) / 255));
    }
}

/* First and one past the last pixel that cell @i of @n covers on an axis of the crop, clamped to
 * the mask. */
static void
cell_range (int i, int n, int start, int length, int mask_length, int *first, int *end)
{
  gint64 a = (gint64)i * length / n;
  gint64 b = ((gint64)(i + 1) * length + n - 1) / n;

  *first = (int)CLAMP (start + a, 0, mask_length - 1);
  *end = (int)CLAMP (start + b, *first + 1, mask_length);
}

void
limn_mask_shrink_max (LimnRun *run,
                      const LimnImage *mask,
                      const LimnRect *rect,
                      int height,
                      int width,
                      guint8 *out)
{
  memset (out, 0, (gsize)height * width);
  for (int j = 0; j < height && limn_run_ok (run); j++)
    {
      int top, bottom;

      cell_range (j, height, rect->y, rect->height, mask->height, &top, &bottom);
      for (int i = 0; i < width; i++)
        {
          int left, right;
          guint8 largest = 0;

          cell_range (i, width, rect->x, rect->width, mask->width, &left, &right);
          for (int y = top; y < bottom; y++)
            for (int x = left; x < right; x++)
              largest = MAX (largest, limn_image_row (mask, y)[x]);
          out[(gsize)j * width + i] = largest;
        }
    }
}

void
limn_mask_to_latent (const guint8 *mask, int height, int width, int factor, guint8 *out)
{
  int columns = width / factor;

  memset (out, 0, (gsize)(height / factor) * columns);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        guint8 *cell = &out[(gsize)(y / factor) * columns + x / factor];

        *cell = MAX (*cell, mask[(gsize)y * width + x]);
      }
}

LimnImage *
limn_mask_paste_alpha (LimnRun *run,
                       const LimnImage *mask,
                       const LimnRect *rect,
                       float inner,
                       float outer,
                       LimnGrey grey)
{
  g_autoptr (GError) error = NULL;
  guint8 least = grey == LIMN_GREY_IS_PASTED ? 128 : 1;
  g_autoptr (LimnImage) painted = limn_image_crop (mask, rect, &error);
  g_autoptr (LimnImage) set = NULL, alpha = NULL;
  gsize n = (gsize)rect->width * rect->height;

  if (painted != NULL)
    set = limn_image_new (rect->width, rect->height, 1, &error);
  if (set != NULL)
    alpha = limn_image_new (rect->width, rect->height, 1, &error);
  if (alpha == NULL)
    {
      limn_run_fail (run, error->code, "%s", error->message);
      return NULL;
    }
  for (gsize i = 0; i < n; i++)
    set->pixels[i] = painted->pixels[i] >= least ? 255 : 0;
  limn_mask_falloff (run, set->pixels, rect->height, rect->width, inner, outer, LIMN_FALLOFF_SMOOTH,
                     alpha->pixels);
  if (!limn_run_ok (run))
    return NULL;
  for (gsize i = 0; i < n; i++)
    if (painted->pixels[i] < least)
      alpha->pixels[i] = MAX (alpha->pixels[i], painted->pixels[i]);
  return g_steal_pointer (&alpha);
}
