/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The tools of paint, without a display.
 */
#include <string.h>

#include "app/limn-document-paint.h"
#include "ui/limn-paint-tool.h"

static LimnDocument *
new_document (void)
{
  return limn_document_new (limn_tiles_new (300, 200, 3), NULL, NULL);
}

static guint32
pixel_at (LimnDocument *document, int x, int y)
{
  guint8 p[3];

  limn_tiles_read_rect (limn_document_get_image (document), &(LimnRect){ x, y, 1, 1 }, p, 3);
  return (guint32)p[0] << 16 | (guint32)p[1] << 8 | p[2];
}

static LimnToolPoint
point (double x, double y, double pressure)
{
  return (LimnToolPoint){ .x = x, .y = y, .vx = x, .vy = y, .pressure = pressure };
}

static void
stroke (const char *name,
        LimnToolContext *context,
        double x0,
        double y0,
        double x1,
        double y1,
        double pressure)
{
  const LimnTool *tool = limn_tool_lookup (name);
  LimnToolPoint a = point (x0, y0, pressure), b = point (x1, y1, pressure);

  limn_tool_press (tool, context, &a);
  limn_tool_move (tool, context, &b);
  limn_tool_release (tool, context);
}

static void
test_paint_and_erase (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  LimnToolContext context
      = { .document = document, .radius = 10, .hardness = 1, .colour = { 200, 100, 50 } };

  stroke ("paint", &context, 50, 100, 250, 100, 1);
  for (int x = 50; x <= 250; x += 10)
    g_assert_cmphex (pixel_at (document, x, 100), ==, 0xc86432);
  g_assert_cmphex (pixel_at (document, 150, 120), ==, 0);
  /* The mask is another matter. */
  g_assert_false (limn_document_get_mask_bounds (document, NULL));

  stroke ("paint-eraser", &context, 150, 60, 150, 140, 1);
  g_assert_cmphex (pixel_at (document, 150, 100), ==, 0);
  g_assert_cmphex (pixel_at (document, 100, 100), ==, 0xc86432);
  limn_document_undo (document);
  g_assert_cmphex (pixel_at (document, 150, 100), ==, 0xc86432);
  limn_document_undo (document);
  g_assert_cmphex (pixel_at (document, 100, 100), ==, 0);
  g_assert_false (limn_document_get_can_undo (document));
  g_assert_null (limn_document_get_paint (document));
}

/* Opacity of the tool and of the pen are multiplied; pressure makes the line thinner. */
static void
test_pressure (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  LimnToolContext context = {
    .document = document, .radius = 20, .hardness = 1, .opacity = 0.5, .colour = { 200, 100, 50 }
  };

  stroke ("paint", &context, 50, 50, 250, 50, 0.5);
  g_assert_cmphex (pixel_at (document, 150, 50) >> 16, ==, 100);
  g_assert_cmphex (pixel_at (document, 150, 65), ==, 0);
  context.constant_size = context.pressure_opacity = TRUE;
  stroke ("paint", &context, 50, 150, 250, 150, 0.5);
  g_assert_cmphex (pixel_at (document, 150, 150) >> 16, ==, 50);
  g_assert_cmphex (pixel_at (document, 150, 165) >> 16, ==, 50);
}

/* Given up in the middle, nothing was painted. */
static void
test_cancel (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  const LimnTool *tool = limn_tool_lookup ("paint");
  LimnToolContext context = { .document = document, .radius = 10, .colour = { 200, 100, 50 } };
  LimnToolPoint a = point (50, 50, 1), b = point (250, 150, 1);

  limn_tool_press (tool, &context, &a);
  limn_tool_move (tool, &context, &b);
  g_assert_cmphex (pixel_at (document, 60, 55), !=, 0);
  limn_tool_cancel (tool, &context);
  g_assert_cmphex (pixel_at (document, 60, 55), ==, 0);
  g_assert_false (limn_document_get_can_undo (document));
  g_assert_false (limn_document_get_modified (document));
}

/* ---- Colours --------------------------------------------------------------------------------- */

typedef struct
{
  guint n, n_done;
  gboolean found;
  guint8 colour[3];
} Picked;

static void
pick_cb (const guint8 colour[3], gboolean done, gpointer user_data)
{
  Picked *picked = user_data;

  picked->n++;
  picked->n_done += done ? 1 : 0;
  picked->found = colour != NULL;
  if (colour != NULL)
    memcpy (picked->colour, colour, 3);
}

/* What is seen is taken: photo and paint; what was painted is found exactly. */
static void
test_eyedropper (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  Picked picked = { 0 };
  LimnToolContext context = { .document = document,
                              .radius = 10,
                              .hardness = 1,
                              .scale = 1,
                              .colour = { 201, 102, 53 },
                              .pick = pick_cb,
                              .user_data = &picked };

  stroke ("paint", &context, 50, 100, 250, 100, 1);
  stroke ("eyedropper", &context, 20, 20, 150, 100, 1);
  /* Once for each point, and the last. */
  g_assert_cmpuint (picked.n, ==, 3);
  g_assert_cmpuint (picked.n_done, ==, 1);
  g_assert_true (picked.found);
  g_assert_cmpmem (picked.colour, 3, context.colour, 3);
  stroke ("eyedropper", &context, 20, 20, -1, 100, 1);
  g_assert_false (picked.found);
  g_assert_cmpuint (picked.n_done, ==, 2);
  /* It is no step of undo. */
  limn_document_undo (document);
  g_assert_false (limn_document_get_can_undo (document));
}

/* Shown small, it is the mean of what is one pixel of the screen; clear pixels have no colour. */
static void
test_mean (void)
{
  g_autoptr (LimnTiles) tiles = limn_tiles_new (300, 200, 4);
  guint8 white[4] = { 255, 255, 255, 255 }, clear[4] = { 255, 0, 0, 0 }, colour[3];

  for (int y = 0; y < 200; y++)
    for (int x = 0; x < 300; x++)
      limn_tiles_write_rect (tiles, &(LimnRect){ x, y, 1, 1 }, x < 150 ? white : clear, 4);
  for (int y = 90; y < 110; y += 2)
    for (int x = 0; x < 300; x++)
      limn_tiles_write_rect (tiles, &(LimnRect){ x, y, 1, 1 }, (guint8[]){ 0, 0, 0, 255 }, 4);
  g_assert_true (limn_eyedropper_get_colour (tiles, 100, 100, 1, colour));
  g_assert_cmpint (colour[0], ==, 0);
  g_assert_true (limn_eyedropper_get_colour (tiles, 100, 100, 1 / 11.0, colour));
  g_assert_cmpint (ABS (colour[0] - 128), <, 15);
  g_assert_false (limn_eyedropper_get_colour (tiles, 200, 50, 1, colour));
  g_assert_true (limn_eyedropper_get_colour (tiles, 152, 50, 1 / 11.0, colour));
  g_assert_cmpint (colour[1], ==, 255);
  /* Corners, and beside them. */
  g_assert_true (limn_eyedropper_get_colour (tiles, 0, 0, 0.001, colour));
  g_assert_false (limn_eyedropper_get_colour (tiles, 300, 0, 1, colour));
  g_assert_false (limn_eyedropper_get_colour (tiles, 0, -0.1, 1, colour));
}

/* Held keys and the pen's other end. */
static void
test_swap (void)
{
  static const char *const pairs[][2] = { { "brush", "eraser" },
                                          { "eraser", "brush" },
                                          { "paint", "paint-eraser" },
                                          { "paint-eraser", "paint" },
                                          { "lasso", "eraser" } };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    g_assert_cmpstr (limn_tool_get_swapped (limn_tool_lookup (pairs[i][0]))->name, ==, pairs[i][1]);
  g_assert_false (limn_tool_edits (limn_tool_lookup ("eyedropper")));
  g_assert_false (limn_tool_edits (limn_tool_lookup ("pan")));
  g_assert_true (limn_tool_edits (limn_tool_lookup ("paint-eraser")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/paint-tool/paint-and-erase", test_paint_and_erase);
  g_test_add_func ("/paint-tool/pressure", test_pressure);
  g_test_add_func ("/paint-tool/cancel", test_cancel);
  g_test_add_func ("/paint-tool/eyedropper", test_eyedropper);
  g_test_add_func ("/paint-tool/mean", test_mean);
  g_test_add_func ("/paint-tool/swap", test_swap);
  return g_test_run ();
}
