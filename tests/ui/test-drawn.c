/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The tools that draw boxes and labels, as plain functions: whatever gestures and keys come, some
 * things hold.
 */
#include <math.h>

#include <gdk/gdk.h>

#include "app/limn-document-drawn.h"
#include "ui/limn-box-tool.h"
#include "ui/limn-label-colour.h"
#include "ui/limn-tool.h"

#define WIDTH 400
#define HEIGHT 300

typedef struct
{
  LimnDocument *document;
  LimnToolContext context;
  guint asked; /* the box whose label was asked for last */
  int picked;  /* the label that was taken up last; -1: none */
} Fixture;

static void
edit_label_cb (guint i, gpointer user_data)
{
  ((Fixture *)user_data)->asked = i;
}

static void
pick_label_cb (guint8 label, gpointer user_data)
{
  ((Fixture *)user_data)->picked = label;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->document = limn_document_new (limn_tiles_new (WIDTH, HEIGHT, 3), NULL, NULL);
  f->context = (LimnToolContext){ .document = f->document,
                                  .radius = 10,
                                  .scale = 1,
                                  .edit_label = edit_label_cb,
                                  .pick_label = pick_label_cb,
                                  .user_data = f };
  f->picked = -1;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  limn_tool_context_clear (&f->context);
  g_object_unref (f->document);
}

static LimnToolPoint
point (double x, double y)
{
  return (LimnToolPoint){ .x = x, .y = y, .vx = x, .vy = y, .pressure = 1 };
}

static void
drag (Fixture *f, const char *name, double x0, double y0, double x1, double y1)
{
  const LimnTool *tool = limn_tool_lookup (name);
  LimnToolPoint a = point (x0, y0), b = point ((x0 + x1) / 2, (y0 + y1) / 2), c = point (x1, y1);

  limn_tool_press (tool, &f->context, &a);
  limn_tool_move (tool, &f->context, &b);
  limn_tool_move (tool, &f->context, &c);
  limn_tool_release (tool, &f->context);
}

static guint
count (Fixture *f)
{
  return limn_boxes_get_count (limn_document_get_boxes (f->document));
}

static const LimnBox *
box (Fixture *f, guint i)
{
  return limn_boxes_get (limn_document_get_boxes (f->document), i);
}

static void
assert_box (Fixture *f, guint i, double x, double y, double width, double height)
{
  const LimnBox *b = box (f, i);

  g_assert_cmpfloat_with_epsilon (b->x * WIDTH, x, 1e-6);
  g_assert_cmpfloat_with_epsilon (b->y * HEIGHT, y, 1e-6);
  g_assert_cmpfloat_with_epsilon (b->width * WIDTH, width, 1e-6);
  g_assert_cmpfloat_with_epsilon (b->height * HEIGHT, height, 1e-6);
}

/* ---- Boxes ----------------------------------------------------------------------------------- */

/* Drawn in any direction, within the picture; then its label is asked for. */
static void
test_draw (Fixture *f, gconstpointer data)
{
  drag (f, "boxes", 100, 80, 40, 20);
  assert_box (f, 0, 40, 20, 60, 60);
  g_assert_cmpuint (f->asked, ==, 1);
  drag (f, "boxes", 300, 200, 900, 900);
  assert_box (f, 1, 300, 200, 100, 100);
  g_assert_cmpuint (f->asked, ==, 2);
  /* The next one is labelled as the last. */
  limn_box_tool_set_label (&f->context, 2, "tree");
  drag (f, "boxes", 200, 20, 280, 60);
  g_assert_cmpstr (box (f, 2)->label, ==, "tree");
  g_assert_cmpstr (box (f, 1)->label, ==, "tree");
  g_assert_cmpstr (box (f, 0)->label, ==, "");
}

/* A click selects, and asks for the label only of what is selected; on nothing it selects none. */
static void
test_click (Fixture *f, gconstpointer data)
{
  drag (f, "boxes", 50, 50, 250, 250);
  drag (f, "boxes", 300, 20, 380, 60);
  f->asked = 0;
  drag (f, "boxes", 100, 100, 101, 101);
  g_assert_cmpuint (limn_box_tool_get_selected (&f->context), ==, 1);
  g_assert_cmpuint (f->asked, ==, 0);
  drag (f, "boxes", 100, 100, 101, 101);
  g_assert_cmpuint (f->asked, ==, 1);
  assert_box (f, 0, 50, 50, 200, 200);
  drag (f, "boxes", 10, 290, 10, 291);
  g_assert_cmpuint (limn_box_tool_get_selected (&f->context), ==, 0);
  g_assert_cmpuint (count (f), ==, 2);
  g_assert_cmpstr (limn_box_tool_get_cursor (&f->context, 10, 290), ==, "crosshair");
  g_assert_cmpstr (limn_box_tool_get_cursor (&f->context, 100, 100), ==, "move");
}

/* Of boxes within each other the smaller one is taken hold of. */
static void
test_nested (Fixture *f, gconstpointer data)
{
  drag (f, "boxes", 10, 10, 390, 290);
  f->context.box = 0;
  g_assert_cmpuint (count (f), ==, 1);
  {
    g_autoptr (LimnBoxes) more = limn_boxes_append (
        limn_document_get_boxes (f->document), &(LimnBox){ "x", 100.0 / WIDTH, 0.3, 0.2, 0.2, 0 });

    limn_document_set_boxes (f->document, more, "Draw Box", FALSE);
  }
  drag (f, "boxes", 120, 110, 130, 110);
  g_assert_cmpuint (limn_box_tool_get_selected (&f->context), ==, 2);
  assert_box (f, 0, 10, 10, 380, 280);
  assert_box (f, 1, 110, 90, 80, 60);
}

/* Handles move what they are on, the others stay; what is moved keeps its size, at the edges, too.
 */
static void
test_resize (Fixture *f, gconstpointer data)
{
  drag (f, "boxes", 100, 100, 200, 200);
  g_assert_cmpstr (limn_box_tool_get_cursor (&f->context, 100, 150), ==, "ew-resize");
  g_assert_cmpstr (limn_box_tool_get_cursor (&f->context, 200, 200), ==, "nwse-resize");
  drag (f, "boxes", 200, 200, 230, 260);
  assert_box (f, 0, 100, 100, 130, 160);
  drag (f, "boxes", 100, 180, 60, 10);
  assert_box (f, 0, 60, 100, 170, 160);
  drag (f, "boxes", 150, 100, 10, 120);
  assert_box (f, 0, 60, 120, 170, 140);
  /* Over to the other side. */
  drag (f, "boxes", 60, 190, 300, 190);
  assert_box (f, 0, 230, 120, 70, 140);
  drag (f, "boxes", 260, 180, 1000, -1000);
  assert_box (f, 0, WIDTH - 70, 0, 70, 140);
}

static char *
describe (Fixture *f)
{
  return limn_boxes_to_json (limn_document_get_boxes (f->document));
}

/* A cancelled gesture leaves nothing; a released one is one step of undo, which gives back what
 * was. */
static void
test_undo (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  const LimnTool *tool = limn_tool_lookup ("boxes");

  for (int i = 0; i < 300; i++)
    {
      g_autofree char *before = describe (f), *after = NULL, *again = NULL;
      LimnToolPoint a = point (g_rand_double_range (rand, -50, WIDTH + 50),
                               g_rand_double_range (rand, -50, HEIGHT + 50)),
                    b = point (g_rand_double_range (rand, -50, WIDTH + 50),
                               g_rand_double_range (rand, -50, HEIGHT + 50));
      gboolean cancel = g_rand_int_range (rand, 0, 4) == 0;

      limn_tool_press (tool, &f->context, &a);
      limn_tool_move (tool, &f->context, &b);
      after = describe (f);
      g_assert_cmpstr (before, ==, after);
      if (cancel)
        limn_tool_cancel (tool, &f->context);
      else
        limn_tool_release (tool, &f->context);
      g_free (after);
      after = describe (f);
      for (guint n = 0; n < count (f); n++)
        {
          const LimnBox *it = box (f, n);

          g_assert_true (it->x >= 0 && it->y >= 0 && it->width > 0 && it->height > 0);
          g_assert_cmpfloat (it->x + it->width, <=, 1 + 1e-9);
          g_assert_cmpfloat (it->y + it->height, <=, 1 + 1e-9);
        }
      if (cancel)
        {
          g_assert_cmpstr (before, ==, after);
          continue;
        }
      if (g_str_equal (before, after))
        continue;
      limn_document_undo (f->document);
      again = describe (f);
      g_assert_cmpstr (before, ==, again);
      limn_document_redo (f->document);
      g_free (again);
      again = describe (f);
      g_assert_cmpstr (after, ==, again);
      if (count (f) > 6)
        limn_box_tool_key (&f->context, GDK_KEY_Delete, 0);
      if (count (f) > 6)
        f->context.box = 1;
    }
}

/* All that a pointer can do keys can, too. */
static void
test_keys (Fixture *f, gconstpointer data)
{
  LimnToolContext *context = &f->context;
  LimnBox first;

  g_assert_false (limn_box_tool_key (context, GDK_KEY_Tab, 0));
  g_assert_false (limn_box_tool_key (context, GDK_KEY_Left, 0));
  g_assert_false (limn_box_tool_key (context, GDK_KEY_Delete, 0));
  g_assert_true (limn_box_tool_key (context, GDK_KEY_Insert, 0));
  g_assert_cmpuint (f->asked, ==, 1);
  g_assert_true (limn_box_tool_key (context, GDK_KEY_Insert, 0));
  first = *box (f, 0);

  /* Tab goes through them and on to the next widget. */
  g_assert_false (limn_box_tool_key (context, GDK_KEY_Tab, 0));
  g_assert_true (limn_box_tool_key (context, GDK_KEY_Tab, 0));
  g_assert_cmpuint (limn_box_tool_get_selected (context), ==, 1);
  g_assert_true (limn_box_tool_key (context, GDK_KEY_Tab, 0));
  g_assert_cmpuint (limn_box_tool_get_selected (context), ==, 2);
  g_assert_true (limn_box_tool_key (context, GDK_KEY_ISO_Left_Tab, LIMN_TOOL_SHIFT));
  g_assert_cmpuint (limn_box_tool_get_selected (context), ==, 1);

  g_assert_true (limn_box_tool_key (context, GDK_KEY_Right, 0));
  g_assert_true (limn_box_tool_key (context, GDK_KEY_Down, 0));
  g_assert_cmpfloat (box (f, 0)->x, >, first.x);
  g_assert_cmpfloat (box (f, 0)->y, >, first.y);
  g_assert_true (box (f, 0)->width == first.width && box (f, 0)->height == first.height);
  g_assert_true (limn_box_tool_key (context, GDK_KEY_Right, LIMN_TOOL_SHIFT));
  g_assert_cmpfloat (box (f, 0)->width, >, first.width);
  /* However long: at the edge it stays, with its size; and small, it stays visible. */
  for (int i = 0; i < 500; i++)
    limn_box_tool_key (context, GDK_KEY_Left, 0);
  g_assert_true (box (f, 0)->x == 0);
  for (int i = 0; i < 500; i++)
    limn_box_tool_key (context, GDK_KEY_Up, LIMN_TOOL_SHIFT);
  g_assert_cmpfloat (box (f, 0)->height, >, 0);

  f->asked = 0;
  g_assert_true (limn_box_tool_key (context, GDK_KEY_Return, 0));
  g_assert_cmpuint (f->asked, ==, 1);
  g_assert_true (limn_box_tool_key (context, GDK_KEY_Delete, 0));
  g_assert_cmpuint (count (f), ==, 1);
  g_assert_cmpuint (limn_box_tool_get_selected (context), ==, 1);
  g_assert_true (limn_box_tool_key (context, GDK_KEY_Escape, 0));
  g_assert_cmpuint (limn_box_tool_get_selected (context), ==, 0);
  while (limn_document_get_can_undo (f->document))
    limn_document_undo (f->document);
  g_assert_cmpuint (count (f), ==, 0);
}

/* ---- Labels ---------------------------------------------------------------------------------- */

static void
test_brush (Fixture *f, gconstpointer data)
{
  const LimnTool *brush = limn_tool_lookup ("labels");
  LimnToolPoint a = point (300, 200);

  f->context.label = 4;
  drag (f, "labels", 50, 50, 150, 50);
  g_assert_cmpint (limn_document_get_label (f->document, 100, 50), ==, 4);
  g_assert_cmpint (limn_document_get_label (f->document, 100, 58), ==, 4);
  g_assert_cmpint (limn_document_get_label (f->document, 100, 62), ==, 0);
  drag (f, "label-eraser", 40, 50, 60, 50);
  g_assert_cmpint (limn_document_get_label (f->document, 60, 50), ==, 0);
  g_assert_cmpint (limn_document_get_label (f->document, 100, 50), ==, 4);
  limn_document_undo (f->document);
  g_assert_cmpint (limn_document_get_label (f->document, 60, 50), ==, 4);
  g_assert_true (limn_tool_get_swapped (limn_tool_lookup ("labels"))
                 == limn_tool_lookup ("label-eraser"));
  /* The eyedropper, and the brush with Ctrl, take it up and draw nothing. */
  drag (f, "label-pick", 20, 20, 100, 50);
  g_assert_cmpint (f->picked, ==, 4);
  a.modifiers = LIMN_TOOL_CONTROL;
  limn_tool_press (brush, &f->context, &a);
  limn_tool_release (brush, &f->context);
  g_assert_cmpint (f->picked, ==, 0);
  g_assert_cmpint (limn_document_get_label (f->document, 300, 200), ==, 0);
  /* Fill around it, not over it. */
  f->context.label = 7;
  drag (f, "label-fill", 300, 200, 300, 200);
  g_assert_cmpint (limn_document_get_label (f->document, 399, 299), ==, 7);
  g_assert_cmpint (limn_document_get_label (f->document, 100, 50), ==, 4);
  drag (f, "label-fill", 100, 50, 100, 50);
  g_assert_cmpint (limn_document_get_label (f->document, 100, 50), ==, 7);
  /* No label is one, too: it takes away. */
  f->context.label = 0;
  drag (f, "label-fill", 100, 50, 100, 50);
  g_assert_false (limn_document_has_labels (f->document));
  for (int i = 0; i < 4; i++)
    limn_document_undo (f->document);
  g_assert_null (limn_document_get_labels (f->document));
}

/* Which tools a model has a use for. */
static void
test_offered (void)
{
  for (const LimnTool *tool = limn_tool_list (); tool->name != NULL; tool++)
    {
      gboolean boxes = (tool->flags & LIMN_TOOL_FOR_BOXES) != 0;
      gboolean labels = (tool->flags & LIMN_TOOL_FOR_LABELS) != 0;

      /* Those of the mask with any. */
      g_assert_cmpint (limn_tool_is_offered (tool, LIMN_TAKES_BOXES), ==, boxes || !labels);
      g_assert_cmpint (limn_tool_is_offered (tool, LIMN_TAKES_LABELS), ==, labels || !boxes);
      g_assert_cmpint (limn_tool_is_offered (tool, LIMN_TAKES_PROMPT), ==, !boxes && !labels);
    }
}

/* Neighbours among the labels are told apart, and names are read on all colours. */
static void
test_colours (void)
{
  for (int i = 0; i < 255; i++)
    {
      GdkRGBA a = limn_label_colour (i), text = limn_label_text_colour (&a);
      double light = 0.299 * a.red + 0.587 * a.green + 0.114 * a.blue;

      g_assert_cmpfloat (fabs (text.red - light), >=, 0.44);
      for (int j = i + 1; j < MIN (i + 8, 255); j++)
        {
          GdkRGBA b = limn_label_colour (j);

          g_assert_cmpfloat (
              fabs (a.red - b.red) + fabs (a.green - b.green) + fabs (a.blue - b.blue), >, 0.2);
        }
    }
}

/* A label's name stands within it. */
static void
test_spots (void)
{
  g_autoptr (LimnTiles) labels = limn_labels_new (1000, 700);
  g_autoptr (GArray) spots = NULL;

  limn_labels_flood (labels, 0, 0, 9);
  for (int i = 0; i < 5; i++)
    limn_labels_sweep (labels, 100 + i * 180, 100, 150 + i * 170, 500, 20 + i * 12, (guint8)(i + 1),
                       NULL);
  spots = limn_labels_find_spots (labels);
  g_assert_cmpuint (spots->len, ==, 6);
  for (guint i = 0; i < spots->len; i++)
    {
      const LimnLabelSpot *spot = &g_array_index (spots, LimnLabelSpot, i);

      for (int k = -1; k <= 1; k++)
        g_assert_cmpint (limn_labels_get (labels, (int)(spot->x + k * spot->width * 0.4),
                                          (int)(spot->y + k * spot->width * 0.4)),
                         ==, spot->category + 1);
    }
}

/* What is not drawn is seen through, what is has its colour, and its border all of it. */
static void
test_texture (void)
{
  g_autoptr (LimnTiles) labels = limn_tiles_new (300, 200, 1);
  g_autoptr (GdkTexture) texture = NULL, none = NULL;
  GdkRGBA colour = limn_label_colour (4);
  guint8 pixels[256 * 200 * 4];

  g_assert_null (limn_labels_to_texture (labels, 0, 0, 0.5));
  limn_labels_sweep (labels, 100, 100, 100, 100, 50, 5, NULL);
  texture = limn_labels_to_texture (labels, 0, 0, 0.5);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, 256);
  g_assert_cmpint (gdk_texture_get_height (texture), ==, 200);
  none = limn_labels_to_texture (labels, 1, 0, 0.5);
  g_assert_null (none);
  gdk_texture_download (texture, pixels, 256 * 4);
  /* Blue, green, red, alpha of cairo's format. */
  g_assert_cmpint (pixels[3], ==, 0);
  g_assert_cmpint (pixels[(100 * 256 + 100) * 4 + 3], ==, 128);
  g_assert_cmpint (ABS (pixels[(100 * 256 + 100) * 4 + 2] - colour.red * 127.5), <=, 1);
  g_assert_cmpint (pixels[(100 * 256 + 51) * 4 + 3], ==, 255);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/drawn/draw", Fixture, NULL, set_up, test_draw, tear_down);
  g_test_add ("/drawn/click", Fixture, NULL, set_up, test_click, tear_down);
  g_test_add ("/drawn/nested", Fixture, NULL, set_up, test_nested, tear_down);
  g_test_add ("/drawn/resize", Fixture, NULL, set_up, test_resize, tear_down);
  g_test_add ("/drawn/undo", Fixture, NULL, set_up, test_undo, tear_down);
  g_test_add ("/drawn/keys", Fixture, NULL, set_up, test_keys, tear_down);
  g_test_add ("/drawn/brush", Fixture, NULL, set_up, test_brush, tear_down);
  g_test_add_func ("/drawn/offered", test_offered);
  g_test_add_func ("/drawn/colours", test_colours);
  g_test_add_func ("/drawn/spots", test_spots);
  g_test_add_func ("/drawn/texture", test_texture);
  return g_test_run ();
}
