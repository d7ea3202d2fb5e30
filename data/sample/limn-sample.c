/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Paints what `make run` and the pictures in README.md begin with:
 *
 *   limn-sample landscape OUT.png             a landscape: sky with clouds, hills, a boat on a lake
 *   limn-sample mask OUT.png --like PHOTO     a mask for PHOTO: brush strokes over a part of the sky, white = repaint
 *
 * The same pixels every time.
 */
#include <cairo.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <math.h>

#define LANDSCAPE_WIDTH 1200
#define LANDSCAPE_HEIGHT 800

typedef struct
{
  double r, g, b;
} Colour;

static Colour
mix (Colour a, Colour b, double t)
{
  t = CLAMP (t, 0, 1);
  return (Colour){ a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t };
}

/* A fixed number in [0, 1) for each point of the integer grid. */
static double
grid_noise (int x, int y)
{
  guint32 h = (guint32) x * 0x8da6b343u ^ (guint32) y * 0xd8163841u;

  h = (h ^ (h >> 15)) * 0x2c1b3c6du;
  h = (h ^ (h >> 12)) * 0x297a2d39u;
  return (h ^ (h >> 15)) / 4294967296.0;
}

/* Value noise: the grid's numbers, smoothly interpolated. */
static double
value_noise (double x, double y)
{
  int x0 = floor (x), y0 = floor (y);
  double u = x - x0, v = y - y0;
  double top, bottom;

  u = u * u * (3 - 2 * u);
  v = v * v * (3 - 2 * v);
  top = grid_noise (x0, y0) * (1 - u) + grid_noise (x0 + 1, y0) * u;
  bottom = grid_noise (x0, y0 + 1) * (1 - u) + grid_noise (x0 + 1, y0 + 1) * u;
  return top * (1 - v) + bottom * v;
}

/* Octaves of value noise, each twice as fine and half as strong; in [0, 1). */
static double
fractal_noise (double x, double y, int octaves)
{
  double sum = 0, weight = 0.5;

  for (int i = 0; i < octaves; i++)
    {
      sum += weight * value_noise (x, y);
      x = x * 2 + 17.3;
      y = y * 2 + 5.1;
      weight /= 2;
    }
  return sum / (1 - weight * 2);
}

/* Sky at height @v (0 top, 1 horizon): a gradient, a low sun, clouds that flatten towards the horizon. */
static Colour
sky (double u, double v)
{
  const Colour zenith = { 0.20, 0.42, 0.72 }, horizon = { 0.90, 0.84, 0.74 };
  const Colour lit = { 1.0, 0.97, 0.92 }, shaded = { 0.66, 0.70, 0.78 };
  double depth = 1.15 - v;
  double x = (u - 0.5) / depth, y = 1 / depth;
  double cloud = fractal_noise (x * 3.2 + 40, y * 3.5, 7);
  double above = fractal_noise (x * 3.2 + 40, y * 3.5 - 0.12, 5);
  double cover = CLAMP ((cloud - 0.52) * 6, 0, 1) * CLAMP ((1 - v) * 5, 0, 1);
  Colour c = mix (zenith, horizon, pow (v, 1.6));
  double du = (u - 0.76) * 1.5, dv = v - 0.86;

  c = mix (c, (Colour){ 1.0, 0.93, 0.76 }, 0.8 * exp (-(du * du + dv * dv) * 26));
  return mix (c, mix (shaded, lit, 0.75 + (cloud - above) * 5), cover * 0.9);
}

/* Where the ridge number @i (0 farthest) runs, as a fraction of the height. */
static double
ridge (int i, double u)
{
  static const double base[] = { 0.56, 0.60, 0.66 };
  static const double swing[] = { 0.16, 0.12, 0.10 };
  static const double pace[] = { 3.1, 2.3, 1.7 };

  return base[i] + swing[i] * (0.5 - fractal_noise (u * pace[i] + 11 * i, 3.7 * i, 6));
}

static Colour
hill (int i, double u, double v)
{
  static const Colour dark[] = { { 0.42, 0.52, 0.64 }, { 0.26, 0.40, 0.38 }, { 0.13, 0.25, 0.12 } };
  static const Colour light[] = { { 0.52, 0.60, 0.70 }, { 0.42, 0.52, 0.40 }, { 0.38, 0.46, 0.18 } };
  double fine = 14 + 30 * i;

  return mix (dark[i], light[i], fractal_noise (u * fine, v * fine * 2.2, 6) * 1.6 - 0.3);
}

/* The lake mirrors the sky, rippled more strongly towards the shore in front. */
static Colour
water (double u, double v)
{
  const Colour deep = { 0.10, 0.22, 0.30 };
  double near = (v - 0.72) / 0.28;
  double ripple = value_noise (u * 40 / (0.3 + near), v * 260 / (0.3 + near)) - 0.5;
  Colour mirrored = sky (u + ripple * 0.03, 0.94 - 0.75 * near + ripple * 0.10);

  return mix (mirrored, deep, 0.35 + 0.3 * near + ripple * 0.25);
}

static Colour
landscape (double u, double v)
{
  double shore = 0.93 + 0.10 * (0.5 - fractal_noise (u * 2.6 + 5, 9.1, 5)) - 0.10 * u;

  if (v > shore)
    return mix ((Colour){ 0.10, 0.17, 0.06 }, (Colour){ 0.46, 0.50, 0.20 },
                value_noise (u * 420 + 6 * v, v * 60) * 0.7 + fractal_noise (u * 9, v * 9, 4) * 0.4 - 0.1);
  if (v > 0.72)
    return water (u, v);
  for (int i = 2; i >= 0; i--)
    if (v > ridge (i, u))
      return hill (i, u, v);
  return sky (u, v / 0.62);
}

/* A sailing boat, something to take away: 1 by 1, the middle of its waterline at (@x, @y), @width wide and @height
 * high, which is negative above the water and positive in it. */
static void
paint_boat (cairo_t *cr, double x, double y, double width, double height, double opacity)
{
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, width, height);
  cairo_push_group (cr);
  cairo_move_to (cr, -0.46, 0.13);
  cairo_curve_to (cr, -0.30, 0.08, 0.20, 0.08, 0.52, 0.16);
  cairo_curve_to (cr, 0.44, 0.03, 0.36, 0, 0.30, 0);
  cairo_line_to (cr, -0.32, 0);
  cairo_curve_to (cr, -0.40, 0.02, -0.44, 0.06, -0.46, 0.13);
  cairo_set_source_rgb (cr, 0.45, 0.10, 0.08);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.30, 0.22, 0.14);
  cairo_rectangle (cr, -0.015, 0.10, 0.03, 0.90);
  cairo_fill (cr);
  cairo_move_to (cr, 0.04, 0.97);
  cairo_curve_to (cr, 0.22, 0.70, 0.36, 0.45, 0.44, 0.24);
  cairo_line_to (cr, 0.04, 0.19);
  cairo_close_path (cr);
  cairo_set_source_rgb (cr, 0.95, 0.92, 0.85);
  cairo_fill (cr);
  cairo_move_to (cr, -0.05, 0.88);
  cairo_line_to (cr, -0.38, 0.22);
  cairo_line_to (cr, -0.05, 0.19);
  cairo_close_path (cr);
  cairo_set_source_rgb (cr, 0.80, 0.76, 0.70);
  cairo_fill (cr);
  cairo_pop_group_to_source (cr);
  cairo_paint_with_alpha (cr, opacity);
  cairo_restore (cr);
}

static cairo_surface_t *
paint_landscape (void)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, LANDSCAPE_WIDTH, LANDSCAPE_HEIGHT);
  guint8 *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  cairo_t *cr;

  for (int y = 0; y < LANDSCAPE_HEIGHT; y++)
    {
      guint32 *row = (guint32 *) (void *) (data + (gsize) y * stride);

      for (int x = 0; x < LANDSCAPE_WIDTH; x++)
        {
          Colour c = landscape ((x + 0.5) / LANDSCAPE_WIDTH, (y + 0.5) / LANDSCAPE_HEIGHT);
          guint r = CLAMP (c.r, 0, 1) * 255 + 0.5, g = CLAMP (c.g, 0, 1) * 255 + 0.5;
          guint b = CLAMP (c.b, 0, 1) * 255 + 0.5;

          row[x] = 0xff000000u | r << 16 | g << 8 | b;
        }
    }
  cairo_surface_mark_dirty (surface);
  cr = cairo_create (surface);
  paint_boat (cr, 0.46 * LANDSCAPE_WIDTH, 0.79 * LANDSCAPE_HEIGHT, 84, 62, 0.35);
  paint_boat (cr, 0.46 * LANDSCAPE_WIDTH, 0.79 * LANDSCAPE_HEIGHT, 84, -104, 1);
  cairo_destroy (cr);
  return surface;
}

/* Three strokes of a round brush over the right half of the sky. */
static cairo_surface_t *
paint_mask (int width, int height)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create (surface);

  cairo_set_source_rgb (cr, 0, 0, 0);
  cairo_paint (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, 0.11 * height);
  for (int i = 0; i < 3; i++)
    {
      double y = (0.20 + 0.08 * i) * height;

      cairo_move_to (cr, (0.56 - 0.02 * i) * width, y);
      cairo_curve_to (cr, 0.62 * width, y - 0.03 * height, 0.68 * width, y + 0.03 * height,
                      (0.74 + 0.015 * i) * width, y);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
  return surface;
}

static int
write_and_free (cairo_surface_t *surface, const char *path)
{
  cairo_status_t status = cairo_surface_write_to_png (surface, path);

  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return 0;
  g_printerr ("limn-sample: %s: %s\n", path, cairo_status_to_string (status));
  return 1;
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "landscape"))
    return write_and_free (paint_landscape (), argv[2]);
  if (argc == 5 && g_str_equal (argv[1], "mask") && g_str_equal (argv[3], "--like"))
    {
      int width = 0, height = 0;

      if (gdk_pixbuf_get_file_info (argv[4], &width, &height) != NULL)
        return write_and_free (paint_mask (width, height), argv[2]);
      g_printerr ("limn-sample: %s is not a picture that can be read\n", argv[4]);
      return 1;
    }
  g_printerr ("Usage: limn-sample landscape OUT.png\n       limn-sample mask OUT.png --like PHOTO\n");
  return 2;
}
