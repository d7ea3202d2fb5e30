/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What is drawn for models, over the picture: boxes with their labels, the map of labels.
 */
#include "config.h"

#include "ui/limn-canvas-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/limn-document-drawn.h"
#include "ui/limn-box-tool.h"
#include "ui/limn-label-colour.h"

/* Half the side of a handle, logical pixels. */
#define HANDLE 4.0
/* Around a name. */
#define PAD 5

/* The textures of the map's tiles: those that have not changed are kept. */
struct _LimnCanvasDrawn
{
  LimnTiles *shown; /* what they were made of; NULL: nothing */
  double opacity;
  GPtrArray *textures; /* of GdkTexture or NULL */
  GArray *spots;
  GHashTable *categories; /* nullable: label -> the model's number for it, plus 2 */
};

static void
forget (LimnCanvasDrawn *drawn)
{
  g_clear_pointer (&drawn->shown, limn_tiles_free);
  g_clear_pointer (&drawn->textures, g_ptr_array_unref);
  g_clear_pointer (&drawn->spots, g_array_unref);
}

void
_limn_canvas_drawn_free (LimnCanvasDrawn *drawn)
{
  forget (drawn);
  g_clear_pointer (&drawn->categories, g_hash_table_unref);
  g_free (drawn);
}

static int
count_tiles (int pixels)
{
  return (pixels + LIMN_TILE_SIZE - 1) / LIMN_TILE_SIZE;
}

static void
unref_texture (gpointer texture)
{
  g_clear_object (&texture);
}

/* Whether a texture of @drawn still shows what is in the tile and around it: borders reach over. */
static gboolean
is_fresh (const LimnCanvasDrawn *drawn, LimnTiles *labels, int tx, int ty)
{
  int columns = count_tiles (limn_tiles_get_width (labels));
  int rows = count_tiles (limn_tiles_get_height (labels));

  for (int y = MAX (ty - 1, 0); y <= MIN (ty + 1, rows - 1); y++)
    for (int x = MAX (tx - 1, 0); x <= MIN (tx + 1, columns - 1); x++)
      if (!limn_tiles_is_shared (drawn->shown, labels, x, y))
        return FALSE;
  return TRUE;
}

static void
prepare (LimnCanvasDrawn *drawn, LimnTiles *labels, double opacity)
{
  int columns = count_tiles (limn_tiles_get_width (labels));
  int rows = count_tiles (limn_tiles_get_height (labels));
  gboolean usable = drawn->shown != NULL && drawn->opacity == opacity
                    && limn_tiles_get_width (drawn->shown) == limn_tiles_get_width (labels)
                    && limn_tiles_get_height (drawn->shown) == limn_tiles_get_height (labels);

  if (usable && !limn_tiles_diff (drawn->shown, labels, NULL))
    return;
  if (!usable)
    forget (drawn);
  if (drawn->textures == NULL)
    {
      drawn->textures = g_ptr_array_new_with_free_func (unref_texture);
      g_ptr_array_set_size (drawn->textures, columns * rows);
    }
  for (int ty = 0; ty < rows; ty++)
    for (int tx = 0; tx < columns; tx++)
      {
        gpointer *texture = &g_ptr_array_index (drawn->textures, ty * columns + tx);

        if (usable && is_fresh (drawn, labels, tx, ty))
          continue;
        g_clear_object (texture);
        *texture = limn_labels_to_texture (labels, tx, ty, opacity);
      }
  g_clear_pointer (&drawn->spots, g_array_unref);
  drawn->spots = limn_labels_find_spots (labels);
  g_clear_pointer (&drawn->shown, limn_tiles_free);
  drawn->shown = limn_tiles_copy (labels);
  drawn->opacity = opacity;
}

/* Where shares (@x, @y) of the picture are, logical pixels, on device pixels. */
static graphene_point_t
to_widget (LimnCanvas *self, double x, double y)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  double vx, vy;

  limn_view_to_viewport (&self->view, x * limn_document_get_width (self->document),
                         y * limn_document_get_height (self->document), &vx, &vy);
  return GRAPHENE_POINT_INIT ((float)(rint (vx) / factor), (float)(rint (vy) / factor));
}

/* A name on its colour, its upper left corner at (@x, @y). */
static void
append_name (LimnCanvas *self,
             GtkSnapshot *snapshot,
             PangoLayout *layout,
             const GdkRGBA *colour,
             float x,
             float y)
{
  GdkRGBA text = limn_label_text_colour (colour);
  graphene_rect_t pill;
  GskRoundedRect outline;
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  pill = GRAPHENE_RECT_INIT (floorf (x), floorf (y), (float)(width + 2 * PAD), (float)(height + 2));
  gsk_rounded_rect_init_from_rect (&outline, &pill, 4);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, colour, &pill);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (pill.origin.x + PAD, pill.origin.y + 1));
  gtk_snapshot_append_layout (snapshot, layout, &text);
  gtk_snapshot_restore (snapshot);
}

static PangoLayout *
new_name (LimnCanvas *self, const char *name)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), name);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  return layout;
}

/* ---- The map --------------------------------------------------------------------------------- */

/* The label's name where there is room for it. */
static void
snapshot_spot (LimnCanvas *self,
               GtkSnapshot *snapshot,
               LimnTiles *labels,
               const LimnLabelSpot *spot)
{
  double width = limn_tiles_get_width (labels), height = limn_tiles_get_height (labels);
  graphene_point_t middle = to_widget (self, spot->x / width, spot->y / height);
  graphene_point_t right = to_widget (self, (spot->x + spot->width / 2) / width, 0);
  g_autofree char *name = _limn_canvas_name_label (self, spot->category);
  g_autoptr (PangoLayout) layout = new_name (self, name);
  GdkRGBA colour = limn_label_colour (spot->category);
  int text_width, text_height;

  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  if (2 * (right.x - middle.x) < text_height)
    return;
  append_name (self, snapshot, layout, &colour, middle.x - text_width / 2.0f - PAD,
               middle.y - text_height / 2.0f - 1);
}

static void
snapshot_labels (LimnCanvas *self, GtkSnapshot *snapshot)
{
  LimnTiles *labels = limn_document_get_labels (self->document);
  double width, height;
  int columns;

  if (labels == NULL || self->label_opacity <= 0)
    return;
  prepare (self->drawn, labels, self->label_opacity);
  width = limn_tiles_get_width (labels);
  height = limn_tiles_get_height (labels);
  columns = count_tiles ((int)width);
  for (guint i = 0; i < self->drawn->textures->len; i++)
    {
      GdkTexture *texture = g_ptr_array_index (self->drawn->textures, i);
      double x0 = i % columns * LIMN_TILE_SIZE, y0 = i / columns * LIMN_TILE_SIZE;
      graphene_point_t a, b;

      if (texture == NULL)
        continue;
      a = to_widget (self, x0 / width, y0 / height);
      b = to_widget (self, (x0 + gdk_texture_get_width (texture)) / width,
                     (y0 + gdk_texture_get_height (texture)) / height);
      gtk_snapshot_append_texture (snapshot, texture,
                                   &GRAPHENE_RECT_INIT (a.x, a.y, b.x - a.x, b.y - a.y));
    }
  for (guint i = 0; i < self->drawn->spots->len; i++)
    snapshot_spot (self, snapshot, labels, &g_array_index (self->drawn->spots, LimnLabelSpot, i));
}

/* ---- Boxes ----------------------------------------------------------------------------------- */

static void
draw_handles (cairo_t *cr, double x, double y, double width, double height)
{
  for (int i = 0; i < 9; i++)
    if (i != 4)
      cairo_rectangle (cr, rint (x + width * (i % 3) / 2) - HANDLE,
                       rint (y + height * (i / 3) / 2) - HANDLE, 2 * HANDLE, 2 * HANDLE);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_fill_preserve (cr);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.8);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

/* Light within dark within the label's colour: seen on any picture. */
static void
draw_frame (cairo_t *cr, const graphene_rect_t *r, const GdkRGBA *colour, gboolean selected)
{
  cairo_rectangle (cr, r->origin.x, r->origin.y, r->size.width, r->size.height);
  cairo_set_source_rgba (cr, colour->red, colour->green, colour->blue, selected ? 0.24 : 0.1);
  cairo_fill_preserve (cr);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.65);
  cairo_set_line_width (cr, selected ? 5 : 4);
  cairo_stroke_preserve (cr);
  gdk_cairo_set_source_rgba (cr, colour);
  cairo_set_line_width (cr, selected ? 3 : 2);
  cairo_stroke (cr);
}

static void
snapshot_box (LimnCanvas *self, GtkSnapshot *snapshot, const LimnBox *box, gboolean selected)
{
  gboolean named = box->label[0] != '\0';
  GdkRGBA colour = limn_box_colour (_limn_canvas_find_label (self, box->label), box->label);
  g_autoptr (PangoLayout) layout = new_name (self, named ? box->label : _ ("No label yet"));
  graphene_point_t a = to_widget (self, box->x, box->y);
  graphene_point_t b = to_widget (self, box->x + box->width, box->y + box->height);
  graphene_rect_t rect = GRAPHENE_RECT_INIT (a.x, a.y, b.x - a.x, b.y - a.y), around = rect;
  float y;
  int text_height;
  cairo_t *cr;

  graphene_rect_inset (&around, -8, -8);
  cr = gtk_snapshot_append_cairo (snapshot, &around);
  draw_frame (cr, &rect, &colour, selected);
  if (selected)
    draw_handles (cr, rect.origin.x, rect.origin.y, rect.size.width, rect.size.height);
  cairo_destroy (cr);
  /* Above the box, within it where there is no room. */
  pango_layout_get_pixel_size (layout, NULL, &text_height);
  y = rect.origin.y - text_height - 6;
  if (y < 2)
    y = rect.origin.y + 6;
  append_name (self, snapshot, layout, &colour, MAX (rect.origin.x, 2), y);
}

static void
snapshot_boxes (LimnCanvas *self, GtkSnapshot *snapshot)
{
  LimnBoxes *boxes = limn_box_tool_get_boxes (&self->context);
  gboolean editing
      = self->editable && g_str_equal (_limn_canvas_get_effective_tool (self)->name, "boxes");
  guint selected = editing ? limn_box_tool_get_selected (&self->context) : 0;

  for (guint i = 0; i < limn_boxes_get_count (boxes); i++)
    if (i + 1 != selected)
      snapshot_box (self, snapshot, limn_boxes_get (boxes, i), FALSE);
  if (selected != 0)
    snapshot_box (self, snapshot, limn_boxes_get (boxes, selected - 1), TRUE);
}

void
_limn_canvas_snapshot_drawn (LimnCanvas *self, GtkSnapshot *snapshot)
{
  /* Not over a result that is being judged. */
  if (self->compare || !self->drawn_visible)
    return;
  self->context.document = self->document;
  if (self->drawn_takes & LIMN_TAKES_LABELS)
    snapshot_labels (self, snapshot);
  if (self->drawn_takes & LIMN_TAKES_BOXES)
    snapshot_boxes (self, snapshot);
}

/* ---- What the window says of it -------------------------------------------------------------- */

int
_limn_canvas_find_label (LimnCanvas *self, const char *label)
{
  gpointer known;
  int category;

  if (self->drawn_model == NULL || *label == '\0')
    return -1;
  /* Looking through all names takes too long for every frame. */
  if (self->drawn->categories == NULL)
    self->drawn->categories = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  known = g_hash_table_lookup (self->drawn->categories, label);
  if (known != NULL)
    return GPOINTER_TO_INT (known) - 2;
  category = limn_model_find_category (self->drawn_model, label, NULL);
  g_hash_table_insert (self->drawn->categories, g_strdup (label), GINT_TO_POINTER (category + 2));
  return category;
}

char *
_limn_canvas_name_label (LimnCanvas *self, int category)
{
  const char *name = self->drawn_model != NULL
                         ? limn_model_get_category_name (self->drawn_model, category)
                         : NULL;

  return name != NULL ? g_strdup (name) : g_strdup_printf ("%d", category);
}

void
limn_canvas_set_drawn_model (LimnCanvas *self, LimnModel *model)
{
  LimnTakes takes;

  g_return_if_fail (LIMN_IS_CANVAS (self));

  if (self->drawn_model == model)
    return;
  takes = model != NULL ? limn_model_get_info (model)->takes : 0;
  g_clear_pointer (&self->drawn_model, limn_model_unref);
  g_clear_pointer (&self->drawn->categories, g_hash_table_unref);
  self->drawn_model = model != NULL ? limn_model_ref (model) : NULL;
  self->drawn_takes = takes & (LIMN_TAKES_BOXES | LIMN_TAKES_LABELS);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
limn_canvas_set_label_opacity (LimnCanvas *self, double opacity)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  self->label_opacity = CLAMP (opacity, 0, 1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
limn_canvas_set_drawn_visible (LimnCanvas *self, gboolean visible)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  if (self->drawn_visible == !!visible)
    return;
  self->drawn_visible = !!visible;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
limn_canvas_set_label (LimnCanvas *self, guint8 label)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  self->context.label = label;
}

guint8
limn_canvas_get_label (LimnCanvas *self)
{
  g_return_val_if_fail (LIMN_IS_CANVAS (self), 0);

  return self->context.label;
}

/* Boxes are about the document that is shown, whether a gesture was made there or not. */
static LimnToolContext *
box_context (LimnCanvas *self)
{
  self->context.document = self->document;
  return self->document != NULL && !self->context.active ? &self->context : NULL;
}

static void
boxes_edited (LimnCanvas *self)
{
  g_signal_emit_by_name (self, "drawn-selected");
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

guint
limn_canvas_get_selected_box (LimnCanvas *self)
{
  g_return_val_if_fail (LIMN_IS_CANVAS (self), 0);

  return box_context (self) != NULL ? limn_box_tool_get_selected (&self->context) : 0;
}

void
limn_canvas_add_box (LimnCanvas *self)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  if (box_context (self) == NULL)
    return;
  g_signal_emit_by_name (self, "stroke-begin");
  limn_box_tool_add (&self->context);
  boxes_edited (self);
}

void
limn_canvas_delete_box (LimnCanvas *self)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  if (box_context (self) == NULL)
    return;
  limn_box_tool_delete (&self->context);
  boxes_edited (self);
}

void
limn_canvas_set_box_label (LimnCanvas *self, guint i, const char *label)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));
  g_return_if_fail (label != NULL);

  if (box_context (self) == NULL)
    return;
  limn_box_tool_set_label (&self->context, i, label);
  boxes_edited (self);
}

gboolean
limn_canvas_get_box_place (LimnCanvas *self, guint i, GdkRectangle *place)
{
  LimnBoxes *boxes;
  const LimnBox *box;
  graphene_point_t a, b;

  g_return_val_if_fail (LIMN_IS_CANVAS (self), FALSE);

  boxes = self->document != NULL ? limn_document_get_boxes (self->document) : NULL;
  if (i == 0 || i > limn_boxes_get_count (boxes))
    return FALSE;
  box = limn_boxes_get (boxes, i - 1);
  a = to_widget (self, box->x, box->y);
  b = to_widget (self, box->x + box->width, box->y + box->height);
  *place
      = (GdkRectangle){ (int)a.x, (int)a.y, MAX (1, (int)(b.x - a.x)), MAX (1, (int)(b.y - a.y)) };
  return TRUE;
}

/* ---- Input ----------------------------------------------------------------------------------- */

gboolean
_limn_canvas_press_tool_key (LimnCanvas *self, guint key, GdkModifierType state)
{
  LimnToolModifiers modifiers = state & GDK_SHIFT_MASK ? LIMN_TOOL_SHIFT : 0;
  gboolean used;

  /* Over a result that waits keys are about that. */
  if (self->tool->key_pressed == NULL || !self->editable || self->context.active
      || limn_document_get_result_pending (self->document))
    return FALSE;
  self->context.document = self->document;
  self->context.scale = self->view.scale;
  used = self->tool->key_pressed (&self->context, key, modifiers);
  g_signal_emit_by_name (self, "drawn-selected");
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return used;
}

const char *
_limn_canvas_box_cursor (LimnCanvas *self)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  double x, y;

  limn_view_to_picture (&self->view, self->pointer_x * factor, self->pointer_y * factor, &x, &y);
  self->context.document = self->document;
  self->context.scale = self->view.scale;
  return limn_box_tool_get_cursor (&self->context, x, y);
}

static void
edit_label_cb (guint i, gpointer user_data)
{
  g_signal_emit_by_name (user_data, "edit-label", i);
}

static void
pick_label_cb (guint8 label, gpointer user_data)
{
  g_signal_emit_by_name (user_data, "pick-label", (guint)label);
}

void
_limn_canvas_drawn_init (LimnCanvas *self)
{
  self->drawn = g_new0 (LimnCanvasDrawn, 1);
  self->drawn_visible = TRUE;
  self->label_opacity = 0.5;
  self->context.edit_label = edit_label_cb;
  self->context.pick_label = pick_label_cb;
}
