/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>

#include "ui/limn-tool.h"
#include "ui/limn-rim.h"
#include "ui/limn-verb.h"
#include "ui/limn-words.h"

static LimnDocument *
new_document (void)
{
  return limn_document_new (limn_tiles_new (300, 200, 3), NULL, NULL);
}

static guint8
mask_at (LimnDocument *document, int x, int y)
{
  guint8 value;

  limn_tiles_read_rect (limn_document_get_mask (document), &(LimnRect){ x, y, 1, 1 }, &value, 1);
  return value;
}

static LimnToolPoint
point (double x, double y)
{
  return (LimnToolPoint){ .x = x, .y = y, .vx = x, .vy = y, .pressure = 1 };
}

static void
stroke (const char *name, LimnToolContext *context, double x0, double y0, double x1, double y1)
{
  const LimnTool *tool = limn_tool_lookup (name);
  LimnToolPoint a = point (x0, y0), b = point (x1, y1);

  limn_tool_press (tool, context, &a);
  limn_tool_move (tool, context, &b);
  limn_tool_release (tool, context);
}

static void
test_table (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);

  for (const LimnTool *tool = limn_tool_list (); tool->name != NULL; tool++)
    {
      g_assert_true (g_hash_table_add (names, (gpointer)tool->name));
      g_assert_true (g_hash_table_add (keys, (gpointer)tool->key));
      g_assert_true (limn_tool_lookup (tool->name) == tool);
      g_assert_true (tool->press != NULL && tool->move != NULL && tool->release != NULL
                     && tool->cancel != NULL);
    }
  g_assert_null (limn_tool_lookup ("no such tool"));
}

static void
test_brush_and_eraser (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  LimnToolContext context = { .document = document, .radius = 10, .hardness = 1 };

  stroke ("brush", &context, 50, 100, 250, 100);
  /* Under the line, however few points there were; not beside it. */
  for (int x = 50; x <= 250; x += 10)
    g_assert_cmpint (mask_at (document, x, 100), ==, 255);
  g_assert_cmpint (mask_at (document, 150, 120), ==, 0);
  g_assert_true (limn_document_get_can_undo (document));

  stroke ("eraser", &context, 150, 60, 150, 140);
  g_assert_cmpint (mask_at (document, 150, 100), ==, 0);
  g_assert_cmpint (mask_at (document, 100, 100), ==, 255);

  limn_document_undo (document);
  g_assert_cmpint (mask_at (document, 150, 100), ==, 255);
  limn_document_undo (document);
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
  g_assert_false (limn_document_get_can_undo (document));
}

static void
test_cancel_leaves_nothing (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  LimnToolContext context = { .document = document, .radius = 10, .hardness = 0.5 };
  const LimnTool *tool = limn_tool_lookup ("brush");
  LimnToolPoint a = point (20, 20), b = point (90, 20);

  limn_tool_press (tool, &context, &a);
  limn_tool_move (tool, &context, &b);
  limn_tool_cancel (tool, &context);
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
  g_assert_false (limn_document_get_can_undo (document));
  /* Events that come after it do nothing. */
  limn_tool_move (tool, &context, &b);
  limn_tool_release (tool, &context);
  g_assert_false (limn_document_get_can_undo (document));
}

static void
test_pressure (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  LimnToolContext context = { .document = document, .radius = 40, .hardness = 1 };
  LimnToolPoint soft = point (100, 100);
  LimnRect bounds;

  soft.pressure = 0.25;
  limn_tool_press (limn_tool_lookup ("brush"), &context, &soft);
  limn_tool_release (limn_tool_lookup ("brush"), &context);
  g_assert_true (limn_document_get_mask_bounds (document, &bounds));
  g_assert_cmpint (bounds.width, <, 60);
}

static void
press_at (LimnToolContext *context, const LimnTool *tool, double x, double y, guint modifiers)
{
  LimnToolPoint p = point (x, y);

  p.modifiers = modifiers;
  limn_tool_press (tool, context, &p);
}

static void
move_to (LimnToolContext *context, const LimnTool *tool, double x, double y, guint modifiers)
{
  LimnToolPoint p = point (x, y);

  p.modifiers = modifiers;
  limn_tool_move (tool, context, &p);
}

static void
drag (const char *name,
      LimnToolContext *context,
      double x0,
      double y0,
      double x1,
      double y1,
      guint first,
      guint later)
{
  const LimnTool *tool = limn_tool_lookup (name);

  press_at (context, tool, x0, y0, first);
  move_to (context, tool, (x0 + x1) / 2, (y0 + y1) / 2, later);
  move_to (context, tool, x1, y1, later);
  limn_tool_release (tool, context);
}

static int
n_masked (LimnDocument *document)
{
  int n = 0;

  for (int y = 0; y < limn_document_get_height (document); y++)
    for (int x = 0; x < limn_document_get_width (document); x++)
      n += mask_at (document, x, y) >= 128;
  return n;
}

/* A movement that is reported in few points is as round as one reported in many. */
static void
test_smooth (void)
{
  g_autoptr (LimnDocument) document = limn_document_new (limn_tiles_new (400, 400, 3), NULL, NULL);
  LimnToolContext context = { .document = document, .radius = 6, .hardness = 1 };
  const LimnTool *tool = limn_tool_lookup ("brush");

  press_at (&context, tool, 350, 200, 0);
  for (int i = 1; i <= 24; i++)
    move_to (&context, tool, 200 + 150 * cos (i * G_PI / 12), 200 + 150 * sin (i * G_PI / 12), 0);
  limn_tool_release (tool, &context);
  for (int i = 0; i < 360; i++)
    {
      double c = cos (i * G_PI / 180), s = sin (i * G_PI / 180);

      /* The curve goes through the chords' middles, at most 150 (1 - cos 7.5 deg) = 1.3 within. */
      g_assert_cmpint (mask_at (document, (int)(200 + 150 * c), (int)(200 + 150 * s)), ==, 255);
      g_assert_cmpint (mask_at (document, (int)(200 + 141 * c), (int)(200 + 141 * s)), ==, 0);
      g_assert_cmpint (mask_at (document, (int)(200 + 158 * c), (int)(200 + 158 * s)), ==, 0);
    }
  limn_document_undo (document);
  g_assert_false (limn_document_get_can_undo (document));
}

/* What pressure is for is a choice; the opacity is a limit that crossing does not exceed. */
static void
test_opacity (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  LimnToolContext context = { .document = document,
                              .radius = 20,
                              .hardness = 1,
                              .opacity = 0.5,
                              .constant_size = TRUE,
                              .pressure_opacity = TRUE };
  const LimnTool *tool = limn_tool_lookup ("brush");
  LimnToolPoint a = point (40, 50), b = point (260, 50);

  a.pressure = 0.2;
  limn_tool_press (tool, &context, &a);
  limn_tool_move (tool, &context, &b);
  limn_tool_release (tool, &context);
  /* From a tenth to a half, in steps that cannot be seen, always as wide. */
  g_assert_cmpint (ABS (mask_at (document, 30, 50) - 26), <=, 2);
  g_assert_cmpint (ABS (mask_at (document, 259, 50) - 128), <=, 6);
  for (int x = 41; x < 275; x++)
    {
      g_assert_cmpint (mask_at (document, x, 50), >=, mask_at (document, x - 1, 50));
      g_assert_cmpint (mask_at (document, x, 50), <=, mask_at (document, x - 1, 50) + 5);
    }
  g_assert_cmpint (mask_at (document, 60, 35), ==, mask_at (document, 60, 50));

  context.pressure_opacity = FALSE;
  stroke ("brush", &context, 150, 20, 150, 80);
  g_assert_cmpint (mask_at (document, 150, 30), ==, 128);
  stroke ("brush", &context, 120, 30, 180, 30);
  g_assert_cmpint (mask_at (document, 150, 30), ==, 128);
  stroke ("eraser", &context, 150, 20, 150, 80);
  g_assert_cmpint (mask_at (document, 150, 30), ==, 127);
  for (int i = 0; i < 4; i++)
    limn_document_undo (document);
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
}

static void
remember_edit (const LimnMaskEdit *edit, gpointer user_data)
{
  *(LimnMaskEdit *)user_data = *edit;
}

/* Where the pointer is let go of, with what is set and held. */
static void
test_wand (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  LimnMaskEdit edit = { 0 };
  LimnToolContext context = { .document = document,
                              .tolerance = 0.25,
                              .contiguous = TRUE,
                              .edit = remember_edit,
                              .user_data = &edit };
  const LimnTool *tool = limn_tool_lookup ("wand");

  press_at (&context, tool, 20, 20, LIMN_TOOL_CONTROL);
  limn_tool_cancel (tool, &context);
  g_assert_cmpint (edit.x, ==, 0);
  drag ("wand", &context, 10, 10, 37.9, 21.2, LIMN_TOOL_CONTROL, 0);
  g_assert_cmpint (edit.kind, ==, LIMN_MASK_EDIT_WAND);
  g_assert_cmpint (edit.x, ==, 37);
  g_assert_cmpint (edit.y, ==, 21);
  g_assert_cmpfloat (edit.tolerance, ==, 0.25);
  g_assert_true (edit.contiguous);
  g_assert_cmpint (edit.mode, ==, LIMN_MASK_SUBTRACT);
  drag ("wand", &context, -1e9, 10, -1e9, 1e9, 0, 0);
  g_assert_cmpint (edit.x, ==, -1);
  g_assert_cmpint (edit.mode, ==, LIMN_MASK_ADD);
}

static void
test_rectangle (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  LimnToolContext context = { .document = document };

  drag ("rectangle", &context, 20.3, 30.2, 119.8, 80.4, 0, 0);
  g_assert_cmpint (n_masked (document), ==, 100 * 50);
  g_assert_cmpint (mask_at (document, 20, 30), ==, 255);
  g_assert_cmpint (mask_at (document, 119, 79), ==, 255);
  /* From any corner to any other; Ctrl at the beginning takes away. */
  drag ("rectangle", &context, 70, 80, 20, 30, LIMN_TOOL_CONTROL, LIMN_TOOL_CONTROL);
  g_assert_cmpint (n_masked (document), ==, 50 * 50);
  /* Shift at the beginning adds whatever is set, and does not make it a square. */
  context.mode = LIMN_MASK_REPLACE;
  drag ("rectangle", &context, 200, 100, 220, 110, LIMN_TOOL_SHIFT, LIMN_TOOL_SHIFT);
  g_assert_cmpint (n_masked (document), ==, 50 * 50 + 20 * 10);
  /* Shift later makes a square. */
  drag ("rectangle", &context, 200, 100, 220, 110, 0, LIMN_TOOL_SHIFT);
  g_assert_cmpint (n_masked (document), ==, 20 * 20);
  context.mode = LIMN_MASK_SUBTRACT;
  drag ("rectangle", &context, -50, -50, 1000, 1000, 0, 0);
  g_assert_cmpint (n_masked (document), ==, 0);

  for (int i = 0; i < 5; i++)
    {
      g_assert_true (limn_document_get_can_undo (document));
      limn_document_undo (document);
    }
  g_assert_false (limn_document_get_can_undo (document));
  g_assert_cmpint (n_masked (document), ==, 0);
  limn_tool_context_clear (&context);
}

static void
test_ellipse (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  LimnToolContext context = { .document = document };

  drag ("ellipse", &context, 50, 40, 250, 160, 0, 0);
  g_assert_cmpfloat (fabs (n_masked (document) - G_PI * 100 * 60), <, 60);
  g_assert_cmpint (mask_at (document, 150, 100), ==, 255);
  g_assert_cmpint (mask_at (document, 55, 45), ==, 0);
  limn_document_undo (document);
  g_assert_cmpint (n_masked (document), ==, 0);
  limn_tool_context_clear (&context);
}

static void
test_lasso (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  LimnToolContext context = { .document = document };
  const LimnTool *tool = limn_tool_lookup ("lasso");

  press_at (&context, tool, 210, 100, 0);
  for (int i = 1; i < 200; i++)
    move_to (&context, tool, 150 + 60 * cos (i * G_PI / 100), 100 + 60 * sin (i * G_PI / 100), 0);
  g_assert_cmpint (n_masked (document), ==, 0);
  g_assert_cmpuint (context.outline->len, >, 100);
  limn_tool_release (tool, &context);
  g_assert_cmpfloat (fabs (n_masked (document) - G_PI * 3600), <, 60);
  g_assert_cmpuint (context.outline->len, ==, 0);
  limn_document_undo (document);

  /* Given up: nothing is left. A click is nothing. */
  press_at (&context, tool, 10, 10, 0);
  move_to (&context, tool, 100, 10, 0);
  move_to (&context, tool, 100, 100, 0);
  limn_tool_cancel (tool, &context);
  press_at (&context, tool, 10, 10, 0);
  limn_tool_release (tool, &context);
  g_assert_false (limn_document_get_can_undo (document));
  g_assert_cmpint (n_masked (document), ==, 0);
  limn_tool_context_clear (&context);
}

static void
click_at (LimnToolContext *context, const LimnTool *tool, double x, double y, guint modifiers)
{
  press_at (context, tool, x, y, modifiers);
  limn_tool_release (tool, context);
}

static void
test_polygon (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  LimnToolContext context = { .document = document };
  const LimnTool *tool = limn_tool_lookup ("polygon"), *pan = limn_tool_lookup ("pan");
  LimnToolPoint p = point (150, 90);

  click_at (&context, tool, 50, 50, 0);
  g_assert_true (context.pending);
  click_at (&context, tool, 150, 50, 0);
  /* Moving the view meanwhile harms nothing. */
  click_at (&context, pan, 90, 90, 0);
  press_at (&context, pan, 90, 90, 0);
  limn_tool_cancel (pan, &context);
  g_assert_true (context.pending);
  limn_tool_hover (tool, &context, &p);
  g_assert_cmpfloat (context.hover.y, ==, 90);
  click_at (&context, tool, 150, 150, 0);
  click_at (&context, tool, 280, 180, 0);
  limn_tool_back (tool, &context);
  /* With Shift: straight to the left. */
  click_at (&context, tool, 50, 160, LIMN_TOOL_SHIFT);
  g_assert_cmpuint (context.outline->len, ==, 4);
  g_assert_cmpint (n_masked (document), ==, 0);
  /* On the first corner. */
  click_at (&context, tool, 53, 47, 0);
  g_assert_false (context.pending);
  g_assert_cmpint (n_masked (document), ==, 100 * 100);

  /* A double click; Enter; Ctrl at the first corner takes away. */
  click_at (&context, tool, 50, 50, LIMN_TOOL_CONTROL);
  click_at (&context, tool, 100, 50, 0);
  click_at (&context, tool, 100, 150, 0);
  click_at (&context, tool, 50, 150, 0);
  click_at (&context, tool, 51, 151, 0);
  g_assert_cmpint (n_masked (document), ==, 50 * 100);
  click_at (&context, tool, 0, 0, 0);
  click_at (&context, tool, 20, 0, 0);
  click_at (&context, tool, 20, 20, 0);
  click_at (&context, tool, 0, 20, 0);
  limn_tool_finish (tool, &context);
  g_assert_cmpint (n_masked (document), ==, 50 * 100 + 20 * 20);

  /* Given up between clicks; taken back to nothing. */
  click_at (&context, tool, 10, 10, 0);
  click_at (&context, tool, 200, 10, 0);
  limn_tool_cancel (tool, &context);
  g_assert_false (context.pending);
  limn_tool_finish (tool, &context);
  click_at (&context, tool, 10, 10, 0);
  limn_tool_back (tool, &context);
  g_assert_false (context.pending);
  g_assert_cmpint (n_masked (document), ==, 50 * 100 + 20 * 20);
  for (int i = 0; i < 3; i++)
    limn_document_undo (document);
  g_assert_false (limn_document_get_can_undo (document));
  limn_tool_context_clear (&context);
}

static void
add_pan (double dx, double dy, gpointer user_data)
{
  double *sum = user_data;

  sum[0] += dx;
  sum[1] += dy;
}

static void
test_pan (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  double sum[2] = { 0 };
  LimnToolContext context = { .document = document, .pan = add_pan, .user_data = sum };
  const LimnTool *tool = limn_tool_lookup ("pan");
  LimnToolPoint a = point (10, 10), b = point (25, 5), c = point (40, 40);

  limn_tool_press (tool, &context, &a);
  limn_tool_move (tool, &context, &b);
  limn_tool_move (tool, &context, &c);
  limn_tool_release (tool, &context);
  g_assert_cmpfloat (sum[0], ==, 30);
  g_assert_cmpfloat (sum[1], ==, 30);
  g_assert_false (limn_document_get_can_undo (document));
}

static void
test_radius_steps (void)
{
  double radius = LIMN_BRUSH_MIN_RADIUS;

  for (int i = 0; i < 200; i++)
    {
      double next = limn_brush_next_radius (radius, 1);

      g_assert_true (next > radius || radius == LIMN_BRUSH_MAX_RADIUS);
      radius = next;
    }
  g_assert_cmpfloat (radius, ==, LIMN_BRUSH_MAX_RADIUS);
  for (int i = 0; i < 200; i++)
    {
      double next = limn_brush_next_radius (radius, -1);

      g_assert_true (next < radius || radius == LIMN_BRUSH_MIN_RADIUS);
      radius = next;
    }
  g_assert_cmpfloat (radius, ==, LIMN_BRUSH_MIN_RADIUS);
}

static void
assert_words (char *words, const char *expected)
{
  g_assert_cmpstr (words, ==, expected);
  g_free (words);
}

static void
test_words (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 23, 12, 0, 0);
  gint64 unix_now = g_date_time_to_unix (now);

  assert_words (limn_words_about (-1), NULL);
  assert_words (limn_words_about (0.2), "about 1 s");
  assert_words (limn_words_about (8.3), "about 9 s");
  assert_words (limn_words_about (17), "about 20 s");
  assert_words (limn_words_about (170), "about 3 min");
  assert_words (limn_words_left (-1), NULL);
  assert_words (limn_words_number (0), "0");
  assert_words (limn_words_number (-9999), "-9999");
  assert_words (limn_words_number (10000), "10\u202f000");
  assert_words (limn_words_number (-123456), "-123\u202f456");
  assert_words (limn_words_number (G_MAXINT64), "9\u202f223\u202f372\u202f036\u202f854\u202f775\u202f807");
  assert_words (limn_words_size (12000, 8000), "12\u202f000 × 8000");
  assert_words (limn_words_left (5.2), "6 s left");
  assert_words (limn_words_left (601), "10 min left");
  assert_words (limn_words_date ((unix_now - 60) * G_USEC_PER_SEC, now), "11:59");
  assert_words (limn_words_date ((unix_now - 86400) * G_USEC_PER_SEC, now), "22 Nov");
  assert_words (limn_words_date ((unix_now - 400 * 86400LL) * G_USEC_PER_SEC, now), "19 Oct 2025");
  assert_words (limn_words_date (G_MAXINT64, now), "");
}

static void
test_verbs (void)
{
  g_assert_cmpint (limn_verb_choose (TRUE, "a barn", 1, FALSE), ==, LIMN_VERB_FILL);
  g_assert_cmpint (limn_verb_choose (TRUE, "", 1, FALSE), ==, LIMN_VERB_REMOVE);
  g_assert_cmpint (limn_verb_choose (TRUE, NULL, 1, TRUE), ==, LIMN_VERB_REMOVE);
  g_assert_cmpint (limn_verb_choose (FALSE, "a barn", 1, FALSE), ==, LIMN_VERB_REMOVE);
  g_assert_cmpint (limn_verb_choose (TRUE, "a barn", 0.95, TRUE), ==, LIMN_VERB_REFINE);
  g_assert_cmpint (limn_verb_choose (TRUE, "a barn", 1, TRUE), ==, LIMN_VERB_GENERATE);
}

/* Around a square: 0 within it, full beside it, falling to 0, by the distance. */
static void
test_rim (void)
{
  g_autoptr (LimnImage) mask = limn_image_new (1000, 700, 1, NULL);
  LimnRect rect = { 300, 200, 320, 280 };
  g_autoptr (LimnImage) rim = NULL;
  g_autoptr (LimnImage) small = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  for (int y = 300; y < 380; y++)
    for (int x = 400; x < 500; x++)
      limn_image_row (mask, y)[x] = 255;
  rim = limn_rim_new (mask, &rect, 10, 40);
  g_assert_cmpint (rim->width, ==, 320);
  g_assert_cmpint (rim->height, ==, 280);
  g_assert_cmpint (limn_image_row (rim, 140)[150], ==, 0);
  g_assert_cmpint (limn_image_row (rim, 140)[95], ==, 255);
  g_assert_cmpint (limn_image_row (rim, 140)[75], ==, 128);
  g_assert_cmpint (limn_image_row (rim, 140)[60], ==, 0);
  /* Round corners: 30 and 30 pixels away are more than 40. */
  g_assert_cmpint (limn_image_row (rim, 70)[70], ==, 0);
  g_assert_cmpint (limn_image_row (rim, 80)[80], >, 0);

  /* A large one is made small. */
  rect = (LimnRect){ 0, 0, 1000, 700 };
  small = limn_rim_new (mask, &rect, 0, 60);
  g_assert_cmpint (small->width, ==, LIMN_RIM_SIDE);
  g_assert_cmpint (limn_image_row (small, 110)[150], ==, 0);
  g_assert_cmpint (limn_image_row (small, 110)[122], >, 0);
  g_assert_cmpint (limn_image_row (small, 110)[100], ==, 0);
  texture = limn_rim_to_texture (small, &(GdkRGBA){ 1, 0, 0, 1 });
  g_assert_cmpint (gdk_texture_get_width (texture), ==, LIMN_RIM_SIDE);
}

/* The cells of @texture that are as opaque as a border, along @row. */
static int
count_border (GdkTexture *texture, int row)
{
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture), n = 0;
  g_autofree guint8 *pixels = g_malloc0 ((gsize)width * 4 * height);

  gdk_texture_download (texture, pixels, (gsize)width * 4);
  for (int x = 0; x < width; x++)
    if (pixels[4 * ((gsize)row * width + x) + 3] > 200)
      n++;
  return n;
}

/* However large the mask is and however thin its rim, and where this ends at once, its border is seen
 * on all sides. */
static void
test_thin_rims (void)
{
  static const struct
  {
    int width, height;
    float inner, outer;
  } rows[] = { { 400, 300, 4, 6 }, { 1200, 800, 4, 6 }, { 4000, 3000, 2, 4 }, { 600, 400, 6, 6 }, { 3000, 400, 0, 1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      int width = rows[i].width, height = rows[i].height;
      g_autoptr (LimnImage) mask = limn_image_new (width, height, 1, NULL);
      LimnRect bounds = { 60, 60, width - 120, height - 120 }, rect;
      int room = (int)ceilf (rows[i].outer);
      g_autoptr (LimnImage) rim = NULL;
      g_autoptr (GdkTexture) texture = NULL;

      for (int y = bounds.y; y < bounds.y + bounds.height; y++)
        memset (limn_image_row (mask, y) + bounds.x, 255, bounds.width);
      bounds = (LimnRect){ bounds.x - room, bounds.y - room, bounds.width + 2 * room, bounds.height + 2 * room };
      limn_rim_get_rect (&bounds, width, height, &rect);
      rim = limn_rim_new (mask, &rect, rows[i].inner, rows[i].outer);
      texture = limn_rim_to_texture (rim, &(GdkRGBA){ 0, 1, 0, 1 });
      g_test_message ("%d x %d", width, height);
      g_assert_cmpint (MAX (rim->width, rim->height), <=, LIMN_RIM_SIDE);
      /* Left and right; above and below a whole row of it somewhere. */
      g_assert_cmpint (count_border (texture, rim->height / 2), ==, 2);
      for (int side = 0; side < 2; side++)
        {
          int most = 0;

          for (int y = side * rim->height / 2; y < (side + 1) * rim->height / 2; y++)
            most = MAX (most, count_border (texture, y));
          g_assert_cmpint (most, >, rim->width * 3 / 4);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/tool/table", test_table);
  g_test_add_func ("/ui/tool/brush-and-eraser", test_brush_and_eraser);
  g_test_add_func ("/ui/tool/cancel-leaves-nothing", test_cancel_leaves_nothing);
  g_test_add_func ("/ui/tool/pressure", test_pressure);
  g_test_add_func ("/ui/tool/smooth", test_smooth);
  g_test_add_func ("/ui/tool/opacity", test_opacity);
  g_test_add_func ("/ui/tool/wand", test_wand);
  g_test_add_func ("/ui/tool/rectangle", test_rectangle);
  g_test_add_func ("/ui/tool/ellipse", test_ellipse);
  g_test_add_func ("/ui/tool/lasso", test_lasso);
  g_test_add_func ("/ui/tool/polygon", test_polygon);
  g_test_add_func ("/ui/tool/pan", test_pan);
  g_test_add_func ("/ui/tool/radius-steps", test_radius_steps);
  g_test_add_func ("/ui/words", test_words);
  g_test_add_func ("/ui/verb/choose", test_verbs);
  g_test_add_func ("/ui/rim/distances", test_rim);
  g_test_add_func ("/ui/rim/thin", test_thin_rims);
  return g_test_run ();
}
