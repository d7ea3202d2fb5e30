/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "app/limn-sweep-private.h"

#include <math.h>
#include <string.h>

void
_limn_sweep_init (LimnSweep *s, double x0, double y0, double r0, double x1, double y1, double r1, double hardness)
{
  double dx = x1 - x0, dy = y1 - y0;
  double length = sqrt (dx * dx + dy * dy);

  *s = (LimnSweep) { .x0 = x0, .y0 = y0, .r0 = r0, .r1 = r1, .ux = 1, .hardness = hardness };
  if (length < 1e-6 || fabs (r1 - r0) >= length)
    {
      /* One of the discs covers the other. */
      if (r1 > r0 || length < 1e-6)
        s->x0 = x1, s->y0 = y1, s->r0 = MAX (r0, r1);
      s->r1 = s->r0;
      return;
    }
  s->length = length;
  s->ux = dx / length;
  s->uy = dy / length;
  s->k = (r1 - r0) / length;
  s->lean = s->k / sqrt (1 - s->k * s->k);
}

/* Edge of the brush: 255 up to hardness times the radius, then smoothly down to 0; never steeper than one pixel. */
static inline guint8
coverage (double distance2, double radius, double hardness)
{
  double outer = radius + 0.5;
  double inner = MIN (radius * hardness, radius - 0.5);
  float t;

  if (distance2 >= outer * outer)
    return 0;
  if (inner > 0 && distance2 <= inner * inner)
    return 255;
  /* Single precision is plenty for eight bits, and this is what a large brush spends its time in. */
  t = (float) ((outer - sqrtf ((float) distance2)) / (outer - inner));
  t = CLAMP (t, 0.0f, 1.0f);
  /* A brush smaller than a pixel covers a part of one. */
  return (guint8) (255 * t * t * (3 - 2 * t) * (radius < 0.5 ? (float) (2 * radius) : 1.0f) + 0.5f);
}

guint8
_limn_sweep_coverage (double distance2, double radius, double hardness)
{
  return coverage (distance2, radius, hardness);
}

static inline guint8
sweep_coverage (const LimnSweep *s, double x, double y)
{
  double px = x - s->x0, py = y - s->y0;
  double along = px * s->ux + py * s->uy;
  double across = fabs (px * s->uy - py * s->ux);
  double at = along + across * s->lean;
  double dx, dy;

  if (at <= 0 && s->follows)
    return 0;
  at = CLAMP (at, 0.0, s->length);
  dx = px - at * s->ux;
  dy = py - at * s->uy;
  return coverage (dx * dx + dy * dy, s->r0 + s->k * at, s->hardness);
}

gboolean
_limn_sweep_get_bounds (const LimnSweep *s, const LimnRect *clip, LimnRect *bounds)
{
  double x1 = s->x0 + s->ux * s->length, y1 = s->y0 + s->uy * s->length;
  /* Far outside of any picture is as good as where the pointer really was, and fits into an int. */
  const double far = 1e6;
  int left = (int) floor (CLAMP (MIN (s->x0 - s->r0, x1 - s->r1) - 1, -far, far));
  int top = (int) floor (CLAMP (MIN (s->y0 - s->r0, y1 - s->r1) - 1, -far, far));
  int right = (int) ceil (CLAMP (MAX (s->x0 + s->r0, x1 + s->r1) + 1, -far, far));
  int bottom = (int) ceil (CLAMP (MAX (s->y0 + s->r0, y1 + s->r1) + 1, -far, far));
  LimnRect all = { left, top, right - left + 1, bottom - top + 1 };

  return limn_rect_intersect (&all, clip, bounds);
}

/* ---- Rows ------------------------------------------------------------------------------------------------------------ */

/* Pixels whose centres lie in [left, right); empty when right <= left. */
typedef struct
{
  double left, right;
} Span;

static inline void
span_add (Span *span, double left, double right)
{
  if (left >= right)
    return;
  span->left = MIN (span->left, left);
  span->right = MAX (span->right, right);
}

/*
 * Where the row through @y, from the line's beginning, crosses the area within @r of the line: the two end discs and the band between
 * them. That area is convex, so what it has of a row is one piece.
 */
static Span
capsule_span (const LimnSweep *s, double y, double r)
{
  Span span = { HUGE_VAL, -HUGE_VAL };
  double end_y = y - s->uy * s->length, half;

  if (r <= 0)
    return span;
  if (fabs (y) < r)
    {
      half = sqrt (r * r - y * y);
      span_add (&span, -half, half);
    }
  if (s->length == 0)
    return span;
  if (fabs (end_y) < r)
    {
      half = sqrt (r * r - end_y * end_y);
      span_add (&span, s->ux * s->length - half, s->ux * s->length + half);
    }
  /* The band: |x uy - y ux| < r and 0 <= x ux + y uy <= length. */
  {
    double left = -HUGE_VAL, right = HUGE_VAL;

    if (fabs (s->uy) > 1e-9)
      {
        left = (y * s->ux - r * (s->uy > 0 ? 1 : -1)) / s->uy;
        right = (y * s->ux + r * (s->uy > 0 ? 1 : -1)) / s->uy;
      }
    else if (fabs (y) >= r)
      return span;
    if (fabs (s->ux) > 1e-9)
      {
        double a = -y * s->uy / s->ux, b = (s->length - y * s->uy) / s->ux;

        left = MAX (left, MIN (a, b));
        right = MIN (right, MAX (a, b));
      }
    else if (y * s->uy < 0 || y * s->uy > s->length)
      return span;
    span_add (&span, left, right);
  }
  return span;
}

/* The columns x0 .. x1 - 1 of row @y of the picture, within those given, whose centres lie in @span, which begins at the line. */
static void
span_columns (const LimnSweep *s, const Span *span, int *x0, int *x1)
{
  double left = ceil (span->left + s->x0 - 0.5), right = floor (span->right + s->x0 - 0.5) + 1;

  if (!(right > left))
    {
      *x1 = *x0;
      return;
    }
  *x0 = left > *x0 ? (left < *x1 ? (int) left : *x1) : *x0;
  *x1 = right < *x1 ? (right > *x0 ? (int) right : *x0) : *x1;
}

/* Leaves of a row's columns those in front of the line's beginning, where the movement before has not been; a pixel more: which
 * side a centre is on that lies on the border is for the coverage to say. */
static void
clip_behind (const LimnSweep *s, double y, int *x0, int *x1)
{
  Span front = { -1e9, 1e9 };

  if (!s->follows || s->k != 0)
    return;
  if (s->ux > 1e-9)
    front.left = -y * s->uy / s->ux - 1;
  else if (s->ux < -1e-9)
    front.right = -y * s->uy / s->ux + 1;
  else if (y * s->uy <= 0)
    front.right = front.left;
  span_columns (s, &front, x0, x1);
}

#define PROFILE_SIZE LIMN_SWEEP_PROFILE_SIZE
#define PROFILE_MIN_RADIUS 64
/* The edge's share of the radius from which on a step of the table is less than half a level of the mask. */
#define PROFILE_MIN_EDGE 0.15

void
_limn_sweep_profile_init (LimnSweepProfile *profile, const LimnSweep *s)
{
  double radius = MAX (s->r0, s->r1), outer = radius + 0.5;

  profile->usable = MIN (s->r0, s->r1) >= PROFILE_MIN_RADIUS && 1 - s->hardness >= PROFILE_MIN_EDGE;
  if (!profile->usable)
    return;
  for (int i = 0; i <= PROFILE_SIZE; i++)
    profile->value[i] = coverage (outer * outer * i / PROFILE_SIZE, radius, s->hardness);
  profile->value[PROFILE_SIZE] = 0;
  profile->value[PROFILE_SIZE + 1] = 0;
}

/* So many pixels are worked out at a time: loops of a constant length, without a branch, are what compilers make wide. */
#define CHUNK 32

/* Where CHUNK pixels of a row from @px, @py (from the line's beginning) are found in the profile. */
static inline void
profile_places (const LimnSweep *s, float px, float py, int places[CHUNK])
{
  const float outer = (float) (s->r0 + 0.5), k = (float) s->k, length = (float) s->length, lean = (float) s->lean;
  const float ux = (float) s->ux, uy = (float) s->uy;
  /* Behind the line's beginning lies what the movement before has painted. */
  const float behind = s->follows ? PROFILE_SIZE + 1.0f : 0.0f;

  for (int i = 0; i < CHUNK; i++)
    {
      float x = px + (float) i;
      float along = x * ux + py * uy, across = x * uy - py * ux;
      float at = along + (across < 0.0f ? -across : across) * lean, over, here, share;

      share = at <= 0.0f ? behind : 0.0f;
      at = at < 0.0f ? 0.0f : at;
      at = at > length ? length : at;
      over = along - at;
      here = outer + k * at;
      share += (across * across + over * over) / (here * here) * PROFILE_SIZE;
      places[i] = (int) (share > PROFILE_SIZE + 1.0f ? PROFILE_SIZE + 1.0f : share);
    }
}

/* Coverage of columns x0 .. x1 - 1 of the row whose centre is @y from the line's beginning, into @out, which has room for a CHUNK more. */
static void
profile_row (const LimnSweepProfile *profile, const LimnSweep *s, double y, int x0, int x1, guint8 *out)
{
  int places[CHUNK];

  for (int x = x0; x < x1; x += CHUNK, out += CHUNK)
    {
      profile_places (s, (float) (x + 0.5 - s->x0), (float) y, places);
      for (int i = 0; i < CHUNK; i++)
        out[i] = profile->value[places[i]];
    }
}

/* ---- Tiles ----------------------------------------------------------------------------------------------------------- */

/* A tile that is being painted on; made the mask's own when its first byte changes. */
typedef struct
{
  LimnTiles *mask;
  int tx, ty;
  const guint8 *seen;
  guint8 *own; /* nullable */
  LimnSweepChanged changed; /* nullable */
  gpointer user_data;
} Painted;

static guint8 *
make_own (Painted *tile)
{
  if (tile->own == NULL)
    tile->seen = tile->own = limn_tiles_write (tile->mask, tile->tx, tile->ty);
  return tile->own;
}

static void
tell (const Painted *tile, gsize i, int n)
{
  if (tile->changed != NULL && n > 0)
    tile->changed (tile->tx, tile->ty, (int) (i % LIMN_TILE_SIZE), (int) (i / LIMN_TILE_SIZE), n, tile->user_data);
}

static const guint8 full_row[LIMN_TILE_SIZE] = { [0 ... LIMN_TILE_SIZE - 1] = 255 };
static const guint8 empty_row[LIMN_TILE_SIZE] = { 0 };

/* Leaves of @n bytes those from the first to the last that differ in @a and @b. */
static void
trim (const guint8 *a, const guint8 *b, int *from, int *n)
{
  int first = 0, end = *n;

  while (first < end && a[first] == b[first])
    first++;
  while (end > first && a[end - 1] == b[end - 1])
    end--;
  *from = first;
  *n = end - first;
}

/* @n pixels by what each gets, which is in @row. */
static void
paint_row (Painted *tile, gsize i, int n, guint8 *row, gboolean erase)
{
  const guint8 *seen = tile->seen + i;
  int from;

  for (int k = 0; k < n; k++)
    row[k] = erase ? MIN (seen[k], 255 - row[k]) : MAX (seen[k], row[k]);
  if (memcmp (row, seen, n) == 0)
    return;
  trim (row, seen, &from, &n);
  memcpy (make_own (tile) + i + from, row + from, n);
  tell (tile, i + from, n);
}

/* All of @n pixels. */
static void
paint_solid (Painted *tile, const LimnSweep *s, gsize i, int n, gboolean erase)
{
  const guint8 *solid = erase ? empty_row : full_row;
  guint8 row[LIMN_TILE_SIZE];
  int from;

  if (n > 0 && s->level < 255)
    {
      memset (row, s->level, n);
      paint_row (tile, i, n, row, erase);
    }
  else if (n > 0 && memcmp (tile->seen + i, solid, n) != 0)
    {
      trim (tile->seen + i, solid, &from, &n);
      memset (make_own (tile) + i + from, erase ? 0 : 255, n);
      tell (tile, i + from, n);
    }
}

/* Pixels x0 .. x1 - 1 of row @y of the picture, which are the tile's from byte @i on, by their coverage. */
static void
paint_edge (Painted *tile, const LimnSweep *s, const LimnSweepProfile *profile, gsize i, int y, int x0, int x1, gboolean erase)
{
  guint8 row[LIMN_TILE_SIZE + CHUNK];
  const guint8 *seen = tile->seen + i;
  int n = x1 - x0;

  if (n <= 0)
    return;
  if (profile->usable)
    profile_row (profile, s, y + 0.5 - s->y0, x0, x1, row);
  else
    for (int k = 0; k < n; k++)
      row[k] = seen[k] == (erase ? 0 : 255) ? 0 : sweep_coverage (s, x0 + k + 0.5, y + 0.5);
  if (s->level < 255)
    for (int k = 0; k < n; k++)
      row[k] = (guint8) ((row[k] * s->level + 127) / 255);
  paint_row (tile, i, n, row, erase);
}

/* All of what is within this of the line is covered whole; a hair less, so that rounding has no say. */
static double
solid_radius (const LimnSweep *s)
{
  return MIN (MIN (s->r0 * s->hardness, s->r0 - 0.5), MIN (s->r1 * s->hardness, s->r1 - 0.5)) - 0.01;
}

static gboolean
is_solid_at (const LimnSweep *s, double radius, double x, double y)
{
  double px = x - s->x0, py = y - s->y0;
  double at = CLAMP (px * s->ux + py * s->uy, 0.0, s->length);
  double dx = px - at * s->ux, dy = py - at * s->uy;

  return dx * dx + dy * dy < radius * radius;
}

/* Whether all of @rect gets the highest level: the line's surroundings are convex, so its corners tell. What lies behind the line's
 * beginning has had its level from the movement before. */
static gboolean
is_solid (const LimnSweep *s, const LimnRect *rect)
{
  double radius = solid_radius (s), x1 = rect->x + rect->width, y1 = rect->y + rect->height;

  return s->level == 255 && (!s->follows || s->level_before == 255) && radius > 0 && is_solid_at (s, radius, rect->x, rect->y)
         && is_solid_at (s, radius, x1, rect->y) && is_solid_at (s, radius, rect->x, y1) && is_solid_at (s, radius, x1, y1);
}

/* All of the tile, of which @part is within the picture: the middle of a large brush. */
static void
fill_tile (Painted *tile, const LimnRect *part, gboolean erase)
{
  const guint8 *solid = erase ? empty_row : full_row;

  tile->seen = limn_tiles_read (tile->mask, tile->tx, tile->ty);
  for (int y = 0; y < part->height; y++)
    {
      int from, n = part->width;

      trim (tile->seen + (gsize) y * LIMN_TILE_SIZE, solid, &from, &n);
      tell (tile, (gsize) y * LIMN_TILE_SIZE + from, n);
    }
  limn_tiles_fill_tile (tile->mask, tile->tx, tile->ty, erase ? 0 : 255);
}

/* Paints @part, which lies within the @tile; TRUE when something changed. */
static gboolean
sweep_tile (Painted *tile, const LimnSweep *s, const LimnSweepProfile *profile, const LimnRect *part, gboolean erase)
{
  double outer = MAX (s->r0, s->r1) + 0.5, inner = solid_radius (s);

  tile->seen = limn_tiles_read (tile->mask, tile->tx, tile->ty);
  for (int y = part->y; y < part->y + part->height; y++)
    {
      double from_start = y + 0.5 - s->y0;
      gsize row = (gsize) (y - tile->ty * LIMN_TILE_SIZE) * LIMN_TILE_SIZE;
      int left = tile->tx * LIMN_TILE_SIZE, x0 = part->x, x1 = part->x + part->width, in0, in1;
      Span touched = capsule_span (s, from_start, outer), solid = capsule_span (s, from_start, inner);

      span_columns (s, &touched, &x0, &x1);
      clip_behind (s, from_start, &x0, &x1);
      if (x0 >= x1)
        continue;
      in0 = x0;
      in1 = x1;
      span_columns (s, &solid, &in0, &in1);
      if (in0 >= in1)
        in0 = in1 = x1;
      paint_edge (tile, s, profile, row + (x0 - left), y, x0, in0, erase);
      paint_solid (tile, s, row + (in0 - left), in1 - in0, erase);
      paint_edge (tile, s, profile, row + (in1 - left), y, in1, x1, erase);
    }
  return tile->own != NULL;
}

gboolean
_limn_sweep_paint_tile (const LimnSweep *s,
                        const LimnSweepProfile *profile,
                        const LimnRect *bounds,
                        LimnTiles *mask,
                        int tx,
                        int ty,
                        gboolean erase,
                        LimnSweepChanged changed,
                        gpointer user_data,
                        LimnRect *dirty)
{
  LimnRect rect = { tx * LIMN_TILE_SIZE, ty * LIMN_TILE_SIZE, LIMN_TILE_SIZE, LIMN_TILE_SIZE };
  Painted tile = { .mask = mask, .tx = tx, .ty = ty, .changed = changed, .user_data = user_data };

  if (limn_tiles_get_constant (mask, tx, ty) == (erase ? 0 : 255) || !limn_rect_intersect (&rect, bounds, dirty))
    return FALSE;
  rect.width = MIN (rect.width, limn_tiles_get_width (mask) - rect.x);
  rect.height = MIN (rect.height, limn_tiles_get_height (mask) - rect.y);
  if (!is_solid (s, &rect))
    return sweep_tile (&tile, s, profile, dirty, erase);
  fill_tile (&tile, &rect, erase);
  *dirty = rect;
  return TRUE;
}
