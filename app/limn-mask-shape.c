/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-mask"

#include "config.h"

#include <math.h>
#include <string.h>

#include "app/limn-mask-shape.h"

#define TILE LIMN_TILE_SIZE

/*
 * Each edge leaves in the pixels that it goes through the height that it climbs there (cover) and
 * how much of that pixel lies to the right of it (area). Summed from the left, cover is how often a
 * pixel is surrounded. Only pixels on the outline have a cell: what lies between two of them is one
 * run.
 */
typedef struct
{
  int y, x;
  float cover, area;
} Cell;

/* Pixels x0 .. x1 - 1 of a row, all of one value. */
typedef struct
{
  int x0, x1;
  guint8 value;
} Run;

typedef struct
{
  int width, height;
  GArray *cells;
} Outline;

static void
add_cell (Outline *outline, int x, int y, double cover, double area)
{
  Cell cell = { y, x, (float)cover, (float)area };

  if (y >= 0 && y < outline->height)
    g_array_append_val (outline->cells, cell);
}

/* The part of an edge within row @y, from (@xa, @ya) to (@xb, @yb), @xa and @xb in [0, width]. */
static void
add_row_part (Outline *outline, int y, double xa, double ya, double xb, double yb)
{
  double left = MIN (xa, xb), right = MAX (xa, xb), climb = yb - ya;
  int first = (int)floor (left), last = (int)floor (right);

  if (climb == 0 || first >= outline->width)
    return;
  if (first == last || right - left < 1e-9)
    {
      add_cell (outline, first, y, climb, climb * (1 - ((xa + xb) / 2 - first)));
      return;
    }
  for (int x = first; x <= last && x < outline->width; x++)
    {
      double from = MAX (left, x), to = MIN (right, x + 1.0);
      double share = climb * (to - from) / (right - left);

      add_cell (outline, x, y, share, share * (1 - ((from + to) / 2 - x)));
    }
}

/* An edge with both ends' x in [0, width]. */
static void
add_clipped_edge (Outline *outline, LimnPoint a, LimnPoint b)
{
  double low = CLAMP (MIN (a.y, b.y), 0, outline->height),
         high = CLAMP (MAX (a.y, b.y), 0, outline->height);
  double slope = b.y != a.y ? (b.x - a.x) / (b.y - a.y) : 0;
  gboolean down = b.y > a.y;
  double limit_left = MIN (a.x, b.x), limit_right = MAX (a.x, b.x);

  for (int y = (int)floor (low); y < high; y++)
    {
      double ya = MAX (low, y), yb = MIN (high, y + 1.0);
      double xa = CLAMP (a.x + (ya - a.y) * slope, limit_left, limit_right);
      double xb = CLAMP (a.x + (yb - a.y) * slope, limit_left, limit_right);

      if (down)
        add_row_part (outline, y, xa, ya, xb, yb);
      else
        add_row_part (outline, y, xb, yb, xa, ya);
    }
}

static LimnPoint
at_x (LimnPoint a, LimnPoint b, double x)
{
  return (LimnPoint){ x, a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x) };
}

/* Left of the picture only the height counts; right of it nothing does. */
static void
add_edge (Outline *outline, LimnPoint a, LimnPoint b)
{
  const double borders[2] = { 0, outline->width };
  LimnPoint parts[4];
  int n = 0;

  parts[n++] = a;
  for (int i = 0; i < 2; i++)
    {
      double border = borders[a.x <= b.x ? i : 1 - i];

      if ((a.x < border) != (b.x < border) && a.x != border && b.x != border)
        parts[n++] = at_x (a, b, border);
    }
  parts[n++] = b;
  for (int i = 0; i + 1 < n; i++)
    {
      LimnPoint p = parts[i], q = parts[i + 1];
      double middle = (p.x + q.x) / 2;

      if (middle >= outline->width)
        continue;
      if (middle <= 0)
        p.x = q.x = 0;
      p.x = CLAMP (p.x, 0, outline->width);
      q.x = CLAMP (q.x, 0, outline->width);
      add_clipped_edge (outline, p, q);
    }
}

static int
compare_cells (gconstpointer a, gconstpointer b)
{
  const Cell *s = a, *t = b;

  return s->y != t->y ? (s->y > t->y ? 1 : -1) : (s->x > t->x) - (s->x < t->x);
}

static guint8
to_value (double coverage)
{
  return (guint8)(255 * MIN (fabs (coverage), 1) + 0.5);
}

static void
add_run (GArray *runs, int x0, int x1, guint8 value)
{
  Run *last = runs->len > 0 ? &g_array_index (runs, Run, runs->len - 1) : NULL;
  Run run = { x0, x1, value };

  if (value == 0 || x0 >= x1)
    return;
  if (last != NULL && last->x1 == x0 && last->value == value)
    last->x1 = x1;
  else
    g_array_append_val (runs, run);
}

/* The runs of the row whose cells are @cells, in order. */
static void
runs_of_row (const Cell *cells, guint n, int width, GArray *runs)
{
  double cover = 0;

  for (guint i = 0; i < n;)
    {
      int x = cells[i].x;
      double area = 0, climb = 0;

      for (; i < n && cells[i].x == x; i++)
        {
          area += cells[i].area;
          climb += cells[i].cover;
        }
      add_run (runs, x, x + 1, to_value (cover + area));
      cover += climb;
      add_run (runs, x + 1, i < n ? cells[i].x : width, to_value (cover));
    }
}

/* ---- Onto tiles
 * ------------------------------------------------------------------------------------------------------
 */

/* The rows of one row of tiles: runs[from[y] .. from[y + 1] - 1] are row y's. */
typedef struct
{
  GArray *runs;
  guint from[TILE + 1];
  guint next[TILE]; /* the first run that ends beyond the tiles done so far */
  int n_rows;
} Band;

static const Run *
next_run (Band *band, int y, int x)
{
  while (band->next[y] < band->from[y + 1]
         && g_array_index (band->runs, Run, band->next[y]).x1 <= x)
    band->next[y]++;
  return band->next[y] < band->from[y + 1] ? &g_array_index (band->runs, Run, band->next[y]) : NULL;
}

static gboolean
covers (Band *band, int x0, int x1)
{
  for (int y = 0; y < band->n_rows; y++)
    {
      const Run *run = next_run (band, y, x0);

      if (run == NULL || run->value != 255 || run->x0 > x0 || run->x1 < x1)
        return FALSE;
    }
  return TRUE;
}

static gboolean
touches (Band *band, int x0, int x1)
{
  for (int y = 0; y < band->n_rows; y++)
    {
      const Run *run = next_run (band, y, x0);

      if (run != NULL && run->x0 < x1)
        return TRUE;
    }
  return FALSE;
}

static void
combine (guint8 *row, int n, guint8 value, gboolean subtract)
{
  if (value == 255)
    memset (row, subtract ? 0 : 255, n);
  else
    for (int i = 0; i < n; i++)
      row[i] = subtract ? MIN (row[i], 255 - value) : MAX (row[i], value);
}

static void
draw_tile (LimnTiles *mask, Band *band, int tx, int ty, int x1, gboolean subtract)
{
  guint8 *data = limn_tiles_write (mask, tx, ty);
  int x0 = tx * TILE;

  for (int y = 0; y < band->n_rows; y++)
    {
      next_run (band, y, x0);
      for (guint i = band->next[y]; i < band->from[y + 1]; i++)
        {
          const Run *run = &g_array_index (band->runs, Run, i);
          int left = MAX (run->x0, x0), right = MIN (run->x1, x1);

          if (run->x0 >= x1)
            break;
          combine (data + (gsize)y * TILE + (left - x0), right - left, run->value, subtract);
        }
    }
}

static void
draw_band (LimnTiles *mask, Band *band, int ty, gboolean subtract)
{
  int width = limn_tiles_get_width (mask);

  for (int tx = 0; tx * TILE < width; tx++)
    {
      int x1 = MIN ((tx + 1) * TILE, width);

      if (!touches (band, tx * TILE, x1))
        continue;
      if (covers (band, tx * TILE, x1))
        limn_tiles_fill_tile (mask, tx, ty, subtract ? 0 : 255);
      else
        draw_tile (mask, band, tx, ty, x1, subtract);
    }
}

/* Draws sorted cells. */
static void
draw_cells (LimnTiles *mask, const GArray *cells, gboolean subtract)
{
  int width = limn_tiles_get_width (mask), height = limn_tiles_get_height (mask);
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (Run));
  guint i = 0;

  while (i < cells->len)
    {
      int ty = g_array_index (cells, Cell, i).y / TILE;
      Band band = { .runs = runs, .n_rows = MIN (TILE, height - ty * TILE) };

      g_array_set_size (runs, 0);
      for (int y = 0; y < band.n_rows; y++)
        {
          guint first = i;

          while (i < cells->len && g_array_index (cells, Cell, i).y == ty * TILE + y)
            i++;
          band.from[y] = band.next[y] = runs->len;
          if (i > first)
            runs_of_row (&g_array_index (cells, Cell, first), i - first, width, runs);
        }
      band.from[band.n_rows] = runs->len;
      draw_band (mask, &band, ty, subtract);
    }
}

void
limn_mask_fill_polygon (LimnTiles *mask, const LimnPoint *points, guint n_points, LimnMaskMode mode)
{
  g_autoptr (GArray) cells = NULL;
  Outline outline;

  g_return_if_fail (mask != NULL && limn_tiles_get_channels (mask) == 1);
  g_return_if_fail (points != NULL || n_points == 0);

  if (mode == LIMN_MASK_REPLACE)
    limn_tiles_fill (mask, 0);
  if (n_points < 3)
    return;
  for (guint i = 0; i < n_points; i++)
    if (!isfinite (points[i].x) || !isfinite (points[i].y))
      return;
  cells = g_array_new (FALSE, FALSE, sizeof (Cell));
  outline = (Outline){ limn_tiles_get_width (mask), limn_tiles_get_height (mask), cells };
  for (guint i = 0; i < n_points; i++)
    add_edge (&outline, points[i], points[(i + 1) % n_points]);
  g_array_sort (cells, compare_cells);
  draw_cells (mask, cells, mode == LIMN_MASK_SUBTRACT);
}

GArray *
limn_shape_rectangle (double x0, double y0, double x1, double y1)
{
  const LimnPoint corners[4] = { { x0, y0 }, { x1, y0 }, { x1, y1 }, { x0, y1 } };
  GArray *points = g_array_new (FALSE, FALSE, sizeof (LimnPoint));

  return g_array_append_vals (points, corners, 4);
}

GArray *
limn_shape_ellipse (double x0, double y0, double x1, double y1)
{
  double rx = fabs (x1 - x0) / 2, ry = fabs (y1 - y0) / 2, r = MAX (rx, ry);
  /* A chord stays within a twentieth of a pixel of the curve: r (1 - cos (pi / n)) < 0.05. */
  guint n = (guint)CLAMP (ceil (G_PI * sqrt (10 * r)), 16, 4096);
  GArray *points = g_array_sized_new (FALSE, FALSE, sizeof (LimnPoint), n);

  for (guint i = 0; i < n; i++)
    {
      double angle = 2 * G_PI * i / n;
      LimnPoint point = { (x0 + x1) / 2 + rx * cos (angle), (y0 + y1) / 2 + ry * sin (angle) };

      g_array_append_val (points, point);
    }
  return points;
}
