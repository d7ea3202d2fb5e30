/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-labels"

#include "config.h"

#include "app/limn-labels.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n-lib.h>

void
limn_labels_get_size (int width, int height, int *map_width, int *map_height)
{
  double scale = (double)LIMN_LABELS_SIDE / MAX (width, height);

  *map_width = MAX (1, (int)rint (width * scale));
  *map_height = MAX (1, (int)rint (height * scale));
}

LimnTiles *
limn_labels_new (int width, int height)
{
  int w, h;

  limn_labels_get_size (width, height, &w, &h);
  return limn_tiles_new (w, h, 1);
}

/* All values, dense. */
static guint8 *
read_all (LimnTiles *labels, int *width, int *height)
{
  LimnRect all = { 0, 0, limn_tiles_get_width (labels), limn_tiles_get_height (labels) };
  guint8 *values = g_malloc ((gsize)all.width * all.height);

  limn_tiles_read_rect (labels, &all, values, (gsize)all.width);
  *width = all.width;
  *height = all.height;
  return values;
}

LimnTiles *
limn_labels_expand (LimnTiles *labels, const LimnRect *inner, int width, int height)
{
  LimnTiles *made = limn_labels_new (width, height);
  LimnRect all = { 0, 0, limn_tiles_get_width (made), limn_tiles_get_height (made) };
  double sx = (double)width / all.width, sy = (double)height / all.height;
  int old_width, old_height;
  g_autofree guint8 *old = read_all (labels, &old_width, &old_height);
  g_autofree guint8 *values = g_malloc0 ((gsize)all.width * all.height);

  for (int y = 0; y < all.height; y++)
    for (int x = 0; x < all.width; x++)
      {
        /* The pixel's centre in the picture, then in the old map. */
        double u = ((x + 0.5) * sx - inner->x) * old_width / inner->width;
        double v = ((y + 0.5) * sy - inner->y) * old_height / inner->height;

        if (u >= 0 && v >= 0 && u < old_width && v < old_height)
          values[(gsize)y * all.width + x] = old[(gsize)v * old_width + (gsize)u];
      }
  limn_tiles_write_rect (made, &all, values, (gsize)all.width);
  return made;
}

guint8
limn_labels_get (LimnTiles *labels, int x, int y)
{
  if (x < 0 || y < 0 || x >= limn_tiles_get_width (labels) || y >= limn_tiles_get_height (labels))
    return 0;
  return limn_tiles_read (
      labels, x / LIMN_TILE_SIZE,
      y / LIMN_TILE_SIZE)[(y % LIMN_TILE_SIZE) * LIMN_TILE_SIZE + x % LIMN_TILE_SIZE];
}

/* ---- Drawing --------------------------------------------------------------------------------- */

typedef struct
{
  double x0, y0, dx, dy, length2, radius2;
  int end_x, end_y; /* the pixel that the line ends in */
} Line;

static gboolean
is_covered (const Line *line, int x, int y)
{
  double px = x + 0.5 - line->x0, py = y + 0.5 - line->y0, t = 0;

  if (x == line->end_x && y == line->end_y)
    return TRUE;
  if (line->length2 > 0)
    t = CLAMP ((px * line->dx + py * line->dy) / line->length2, 0, 1);
  px -= t * line->dx;
  py -= t * line->dy;
  return px * px + py * py <= line->radius2;
}

/* @part lies within one tile. TRUE when something changed. */
static gboolean
sweep_tile (LimnTiles *labels, const Line *line, const LimnRect *part, guint8 value)
{
  int tx = part->x / LIMN_TILE_SIZE, ty = part->y / LIMN_TILE_SIZE;
  const guint8 *seen = limn_tiles_read (labels, tx, ty);
  guint8 *own = NULL;

  for (int y = part->y; y < part->y + part->height; y++)
    for (int x = part->x; x < part->x + part->width; x++)
      {
        gsize at = (gsize)(y - ty * LIMN_TILE_SIZE) * LIMN_TILE_SIZE + (x - tx * LIMN_TILE_SIZE);

        if (seen[at] == value || !is_covered (line, x, y))
          continue;
        /* A tile becomes this map's own when something in it changes. */
        if (own == NULL)
          seen = own = limn_tiles_write (labels, tx, ty);
        own[at] = value;
      }
  return own != NULL;
}

gboolean
limn_labels_sweep (LimnTiles *labels,
                   double x0,
                   double y0,
                   double x1,
                   double y1,
                   double radius,
                   guint8 value,
                   LimnRect *changed)
{
  /* Far outside of any map is as good as where the pointer was, and fits into an int. */
  const double far = 1e6;
  LimnRect all = { 0, 0, limn_tiles_get_width (labels), limn_tiles_get_height (labels) };
  LimnRect bounds, dirty = { 0 };
  Line line;
  int left, top;

  x0 = CLAMP (x0, -far, far);
  y0 = CLAMP (y0, -far, far);
  x1 = CLAMP (x1, -far, far);
  y1 = CLAMP (y1, -far, far);
  radius = CLAMP (radius, 0, far);
  line = (Line){ .x0 = x0,
                 .y0 = y0,
                 .dx = x1 - x0,
                 .dy = y1 - y0,
                 .radius2 = radius * radius,
                 .end_x = (int)floor (x1),
                 .end_y = (int)floor (y1) };
  line.length2 = line.dx * line.dx + line.dy * line.dy;
  left = (int)floor (MIN (x0, x1) - radius) - 1;
  top = (int)floor (MIN (y0, y1) - radius) - 1;
  bounds = (LimnRect){ left, top, (int)ceil (MAX (x0, x1) + radius) + 1 - left,
                       (int)ceil (MAX (y0, y1) + radius) + 1 - top };
  if (!limn_rect_intersect (&bounds, &all, &bounds))
    return FALSE;
  for (int ty = bounds.y / LIMN_TILE_SIZE; ty <= (bounds.y + bounds.height - 1) / LIMN_TILE_SIZE;
       ty++)
    for (int tx = bounds.x / LIMN_TILE_SIZE; tx <= (bounds.x + bounds.width - 1) / LIMN_TILE_SIZE;
         tx++)
      {
        LimnRect tile
            = { tx * LIMN_TILE_SIZE, ty * LIMN_TILE_SIZE, LIMN_TILE_SIZE, LIMN_TILE_SIZE },
            part;

        if (limn_rect_intersect (&tile, &bounds, &part) && sweep_tile (labels, &line, &part, value))
          limn_rect_union (&dirty, &part, &dirty);
      }
  if (changed != NULL)
    *changed = dirty;
  return !limn_rect_is_empty (&dirty);
}

/* Sets the run of @old around @x in @row; its ends. */
static void
fill_run (guint8 *row, int width, int x, guint8 old, guint8 value, int *left, int *right)
{
  *left = *right = x;
  while (*left > 0 && row[*left - 1] == old)
    --*left;
  while (*right + 1 < width && row[*right + 1] == old)
    ++*right;
  memset (row + *left, value, (gsize)(*right - *left + 1));
}

/* The first pixel of each run of @old that touches left .. right of row @y. */
static void
push_runs (GArray *seeds, const guint8 *row, int y, int left, int right, guint8 old)
{
  for (int x = left; x <= right; x++)
    if (row[x] == old && (x == left || row[x - 1] != old))
      {
        int seed[2] = { x, y };

        g_array_append_val (seeds, seed);
      }
}

gboolean
limn_labels_flood (LimnTiles *labels, int x, int y, guint8 value)
{
  guint8 old = limn_labels_get (labels, x, y);
  g_autoptr (GArray) seeds = NULL;
  g_autofree guint8 *values = NULL;
  LimnRect all;
  int width, height;

  if (x < 0 || y < 0 || x >= limn_tiles_get_width (labels) || y >= limn_tiles_get_height (labels)
      || old == value)
    return FALSE;
  values = read_all (labels, &width, &height);
  seeds = g_array_new (FALSE, FALSE, 2 * sizeof (int));
  push_runs (seeds, values + (gsize)y * width, y, x, x, old);
  while (seeds->len > 0)
    {
      const int *seed
          = (const int *)(gpointer)(seeds->data + (gsize)(seeds->len - 1) * 2 * sizeof (int));
      int sx = seed[0], sy = seed[1], left, right;
      guint8 *row = values + (gsize)sy * width;

      g_array_set_size (seeds, seeds->len - 1);
      /* Reached from somewhere else meanwhile. */
      if (row[sx] != old)
        continue;
      fill_run (row, width, sx, old, value, &left, &right);
      if (sy > 0)
        push_runs (seeds, row - width, sy - 1, left, right, old);
      if (sy + 1 < height)
        push_runs (seeds, row + width, sy + 1, left, right, old);
    }
  all = (LimnRect){ 0, 0, width, height };
  limn_tiles_write_rect (labels, &all, values, (gsize)width);
  return TRUE;
}

/* ---- What a model is told -------------------------------------------------------------------- */

void
limn_labels_count (LimnTiles *labels, guint64 *drawn, guint64 *all)
{
  int width, height;
  g_autofree guint8 *values = read_all (labels, &width, &height);

  *drawn = 0;
  *all = (guint64)width * (guint64)height;
  for (guint64 i = 0; i < *all; i++)
    *drawn += values[i] != 0;
}

/* Far from everything; its square still fits. */
#define NOWHERE 30000

/* In each column how far up or down the nearest drawn pixel is; of two the upper. */
static void
measure_columns (const guint8 *values, int width, int height, gint16 *up)
{
  for (int x = 0; x < width; x++)
    {
      int last = -NOWHERE;

      for (int y = 0; y < height; y++)
        {
          if (values[(gsize)y * width + x] != 0)
            last = y;
          up[(gsize)y * width + x] = (gint16)MAX (last - y, -NOWHERE);
        }
      last = 2 * NOWHERE;
      for (int y = height - 1; y >= 0; y--)
        {
          gint16 *at = &up[(gsize)y * width + x];

          if (values[(gsize)y * width + x] != 0)
            last = y;
          if (last - y < -*at)
            *at = (gint16)(last - y);
        }
    }
}

/* Where the parabolas of columns @a < @b, with distances @fa and @fb in them, meet. */
static double
meet (int a, int b, double fa, double fb)
{
  return ((fb * fb + (double)b * b) - (fa * fa + (double)a * a)) / (2.0 * (b - a));
}

/* Of each pixel of a row the column in which the nearest drawn pixel is: the lower envelope of a
 * parabola for each column (Felzenszwalb and Huttenlocher 2012). -1: nothing is drawn. */
static void
find_columns (const gint16 *up, int width, int *hull, double *from, int *columns)
{
  int n = 0, k = 0;

  for (int x = 0; x < width; x++)
    {
      double at = -HUGE_VAL;

      if (ABS (up[x]) >= NOWHERE)
        continue;
      while (n > 0)
        {
          at = meet (hull[n - 1], x, up[hull[n - 1]], up[x]);
          if (at > from[n - 1])
            break;
          n--;
          at = -HUGE_VAL;
        }
      hull[n] = x;
      from[n++] = at;
    }
  for (int x = 0; x < width; x++)
    {
      while (k + 1 < n && from[k + 1] < x)
        k++;
      columns[x] = n > 0 ? hull[k] : -1;
    }
}

/* FALSE when nothing is drawn. */
static gboolean
complete (guint8 *values, int width, int height)
{
  g_autofree gint16 *up = g_new (gint16, (gsize)width * height);
  g_autofree int *hull = g_new (int, width), *columns = g_new (int, width);
  g_autofree double *from = g_new (double, width);

  measure_columns (values, width, height, up);
  for (int y = 0; y < height; y++)
    {
      gint16 *row = up + (gsize)y * width;

      find_columns (row, width, hull, from, columns);
      for (int x = 0; x < width; x++)
        {
          gsize source;

          if (columns[x] < 0)
            return FALSE;
          source = (gsize)(y + row[columns[x]]) * width + columns[x];
          /* Only pixels that are drawn are sources, and these stay as they are. */
          if (values[(gsize)y * width + x] == 0)
            values[(gsize)y * width + x] = values[source];
        }
    }
  return TRUE;
}

LimnImage *
limn_labels_complete (LimnTiles *labels, int width, int height, GError **error)
{
  g_autoptr (LimnImage) image = NULL;
  g_autofree guint8 *values = NULL;
  int w, h;

  g_return_val_if_fail (labels != NULL && width > 0 && height > 0, NULL);

  values = read_all (labels, &w, &h);
  if (!complete (values, w, h))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _ ("no labels are drawn yet"));
      return NULL;
    }
  image = limn_image_new (width, height, 1, error);
  if (image == NULL)
    return NULL;
  for (int y = 0; y < height; y++)
    {
      const guint8 *row = values + (gsize)((y + 0.5) * h / height) * (gsize)w;
      guint8 *out = limn_image_row (image, y);

      for (int x = 0; x < width; x++)
        out[x] = (guint8)(row[(gsize)((x + 0.5) * w / width)] - 1);
    }
  return g_steal_pointer (&image);
}

LimnTiles *
limn_labels_from_image (const LimnImage *image, int width, int height)
{
  LimnTiles *labels = limn_labels_new (width, height);
  LimnRect all = { 0, 0, limn_tiles_get_width (labels), limn_tiles_get_height (labels) };
  g_autofree guint8 *values = g_try_malloc ((gsize)all.width * (gsize)all.height);

  g_return_val_if_fail (image->channels == 1, NULL);

  if (values == NULL)
    {
      limn_tiles_free (labels);
      return NULL;
    }
  for (int y = 0; y < all.height; y++)
    {
      const guint8 *row = limn_image_row (image, (int)((y + 0.5) * image->height / all.height));

      for (int x = 0; x < all.width; x++)
        values[(gsize)y * all.width + x]
            = (guint8)MIN (row[(int)((x + 0.5) * image->width / all.width)] + 1, 255);
    }
  limn_tiles_write_rect (labels, &all, values, (gsize)all.width);
  return labels;
}
