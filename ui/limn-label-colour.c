/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-label-colour.h"

#include <math.h>
#include <string.h>

#include "app/limn-labels.h"

/* The golden section: however many hues there are, the next one falls into a gap. */
#define GOLDEN 0.61803398875
/* Map pixels on either side of a border that are drawn in full. */
#define BORDER 2

static double
channel (double hue, double offset)
{
  double t = fmod (hue * 6 + offset, 6);

  return CLAMP (MIN (t, 4 - t), 0, 1);
}

GdkRGBA
limn_label_colour (int category)
{
  static const double tones[][2] = { { 0.85, 0.95 }, { 0.6, 1.0 }, { 0.9, 0.65 } };
  double hue = fmod ((category + 1) * GOLDEN, 1);
  double strength = tones[(unsigned)category % 3][0], value = tones[(unsigned)category % 3][1];
  const double offsets[3] = { 5, 3, 1 };
  double c[3];

  for (int i = 0; i < 3; i++)
    c[i] = value * (1 - strength * channel (hue, offsets[i]));
  return (GdkRGBA){ (float)c[0], (float)c[1], (float)c[2], 1 };
}

GdkRGBA
limn_box_colour (int category, const char *label)
{
  if (category < 0 && (label == NULL || *label == '\0'))
    return (GdkRGBA){ 0.75f, 0.75f, 0.75f, 1 };
  return limn_label_colour (category >= 0 ? category : (int)(g_str_hash (label) % 4096));
}

GdkRGBA
limn_label_text_colour (const GdkRGBA *colour)
{
  double light = 0.299 * colour->red + 0.587 * colour->green + 0.114 * colour->blue;

  return light > 0.55 ? (GdkRGBA){ 0, 0, 0, 1 } : (GdkRGBA){ 1, 1, 1, 1 };
}

/* ---- The map over the picture ---------------------------------------------------------------- */

/* The values of @rect, which may hang over the map's edges: there its own edge goes on. */
static void
read_around (LimnTiles *labels, const LimnRect *rect, guint8 *values)
{
  int width = limn_tiles_get_width (labels), height = limn_tiles_get_height (labels);

  for (int y = 0; y < rect->height; y++)
    {
      int v = CLAMP (rect->y + y, 0, height - 1);
      LimnRect row = { MAX (rect->x, 0), v, 0, 1 };
      guint8 *out = values + (gsize)y * rect->width;
      int left = row.x - rect->x;

      row.width = MIN (rect->x + rect->width, width) - row.x;
      limn_tiles_read_rect (labels, &row, out + left, (gsize)row.width);
      for (int x = 0; x < left; x++)
        out[x] = out[left];
      for (int x = left + row.width; x < rect->width; x++)
        out[x] = out[left + row.width - 1];
    }
}

static gboolean
is_border (const guint8 *at, int stride)
{
  for (int d = 1; d <= BORDER; d++)
    if (at[d] != *at || at[-d] != *at || at[d * stride] != *at || at[-d * stride] != *at)
      return TRUE;
  return FALSE;
}

/* Premultiplied, for both kinds of pixels. */
static void
make_palette (double opacity, guint8 palette[256][2][4])
{
  for (int v = 1; v < 256; v++)
    {
      GdkRGBA colour = limn_label_colour (v - 1);

      for (int border = 0; border < 2; border++)
        {
          double alpha = border ? MIN (1, opacity * 2) : opacity;

          palette[v][border][0] = (guint8)rint (255 * alpha * colour.red);
          palette[v][border][1] = (guint8)rint (255 * alpha * colour.green);
          palette[v][border][2] = (guint8)rint (255 * alpha * colour.blue);
          palette[v][border][3] = (guint8)rint (255 * alpha);
        }
    }
}

GdkTexture *
limn_labels_to_texture (LimnTiles *labels, int tx, int ty, double opacity)
{
  LimnRect all = { 0, 0, limn_tiles_get_width (labels), limn_tiles_get_height (labels) };
  LimnRect rect = { tx * LIMN_TILE_SIZE, ty * LIMN_TILE_SIZE, LIMN_TILE_SIZE, LIMN_TILE_SIZE };
  LimnRect around;
  g_autofree guint8 *values = NULL;
  g_autofree guint8 *pixels = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint8 palette[256][2][4] = { 0 };
  gboolean any = FALSE;

  if (!limn_rect_intersect (&rect, &all, &rect))
    return NULL;
  around = (LimnRect){ rect.x - BORDER, rect.y - BORDER, rect.width + 2 * BORDER,
                       rect.height + 2 * BORDER };
  values = g_malloc ((gsize)around.width * (gsize)around.height);
  read_around (labels, &around, values);
  make_palette (opacity, palette);
  pixels = g_malloc0 (4 * (gsize)rect.width * (gsize)rect.height);
  for (int y = 0; y < rect.height; y++)
    for (int x = 0; x < rect.width; x++)
      {
        const guint8 *at = values + (gsize)(y + BORDER) * around.width + x + BORDER;

        if (*at == 0)
          continue;
        any = TRUE;
        memcpy (pixels + 4 * ((gsize)y * rect.width + x),
                palette[*at][is_border (at, around.width)], 4);
      }
  if (!any)
    return NULL;
  bytes = g_bytes_new_take (g_steal_pointer (&pixels), 4 * (gsize)rect.width * (gsize)rect.height);
  return gdk_memory_texture_new (rect.width, rect.height, GDK_MEMORY_R8G8B8A8_PREMULTIPLIED, bytes,
                                 4 * (gsize)rect.width);
}

/* Every so many map pixels one is looked at. */
#define STEP 8

/* @sides: of the largest square of one label whose lower right corner is at each place of the row
 * above; becomes that of this row. */
static void
find_squares (const guint8 *above,
              const guint8 *row,
              int n,
              int y,
              int *sides,
              LimnLabelSpot *spots)
{
  int diagonal = 0;

  for (int x = 0; x < n; x++)
    {
      int up = sides[x];
      LimnLabelSpot *spot = &spots[row[x]];
      gboolean same = x > 0 && above != NULL && row[x - 1] == row[x] && above[x] == row[x]
                      && above[x - 1] == row[x];

      sides[x] = same ? 1 + MIN (MIN (up, diagonal), sides[x - 1]) : 1;
      diagonal = up;
      if (row[x] == 0 || sides[x] * STEP <= spot->width)
        continue;
      spot->width = sides[x] * STEP;
      spot->x = (x + 0.5) * STEP - spot->width / 2 + STEP / 2.0;
      spot->y = (y + 0.5) * STEP - spot->width / 2 + STEP / 2.0;
    }
}

GArray *
limn_labels_find_spots (LimnTiles *labels)
{
  int width = limn_tiles_get_width (labels), height = limn_tiles_get_height (labels);
  int n = width / STEP;
  GArray *found = g_array_new (FALSE, FALSE, sizeof (LimnLabelSpot));
  g_autofree guint8 *dense = g_malloc ((gsize)width);
  g_autofree guint8 *rows = g_malloc0 (2 * ((gsize)n + 1));
  g_autofree int *sides = g_new0 (int, (gsize)n + 1);
  LimnLabelSpot spots[256] = { 0 };

  for (int y = 0; y < height / STEP; y++)
    {
      guint8 *row = rows + (y % 2) * (n + 1), *above = rows + ((y + 1) % 2) * (n + 1);

      limn_tiles_read_rect (labels, &(LimnRect){ 0, y * STEP + STEP / 2, width, 1 }, dense,
                            (gsize)width);
      for (int x = 0; x < n; x++)
        row[x] = dense[x * STEP + STEP / 2];
      find_squares (y > 0 ? above : NULL, row, n, y, sides, spots);
    }
  for (int v = 1; v < 256; v++)
    if (spots[v].width > 0)
      {
        spots[v].category = v - 1;
        g_array_append_val (found, spots[v]);
      }
  return found;
}
