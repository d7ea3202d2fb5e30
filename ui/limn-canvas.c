/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-canvas"

#include "config.h"

#include "ui/limn-canvas-private.h"

#include <glib/gi18n.h>
#include <math.h>

#define WIPE_MILLISECONDS 180
/* An arrow key's step, logical pixels. */
#define KEY_PAN 48

G_DEFINE_FINAL_TYPE (LimnCanvas, limn_canvas, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_DOCUMENT,
  PROP_TOOL,
  PROP_BRUSH_SIZE,
  PROP_BRUSH_HARDNESS,
  PROP_EDITABLE,
  PROP_ZOOM,
  PROP_MASK_VISIBLE,
  PROP_COMPARE,
  N_PROPS
};

enum
{
  STROKE_BEGIN,
  MASK_PAINTED,
  EXPAND,
  FRAME_MOVED,
  EDIT_MASK,
  DRAWN_SELECTED,
  EDIT_LABEL,
  PICK_LABEL,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void
describe (LimnCanvas *self)
{
  g_autofree char *text = NULL;

  if (self->document != NULL)
    /* Translators: what a screen reader says of the picture: width, height, zoom in percent */
    text = g_strdup_printf (
        _ ("%d by %d pixels, zoom %d %%"), limn_document_get_width (self->document),
        limn_document_get_height (self->document), (int)rint (self->view.scale * 100));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "", -1);
}

void
_limn_canvas_view_changed (LimnCanvas *self)
{
  limn_canvas_cache_set_scale (self->cache, self->view.scale);
  describe (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ZOOM]);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The document's tiles may be others after any change of it. */
void
_limn_canvas_follow_document (LimnCanvas *self)
{
  limn_mips_borrow (self->image, limn_document_peek_image (self->document));
  limn_mips_borrow (self->mask, limn_document_peek_mask (self->document));
}

static void
drop_original (LimnCanvas *self)
{
  limn_canvas_cache_set_image (self->original_cache, NULL);
  g_clear_pointer (&self->original, limn_mips_free);
}

/* The picture before the result, sharing what has not changed. */
static void
make_original (LimnCanvas *self)
{
  LimnTiles *tiles = limn_document_get_original (self->document);
  LimnTiles *image = limn_document_get_image (self->document);

  drop_original (self);
  _limn_canvas_follow_document (self);
  if (limn_tiles_get_width (tiles) == limn_tiles_get_width (image)
      && limn_tiles_get_height (tiles) == limn_tiles_get_height (image)
      && limn_tiles_get_channels (tiles) == limn_tiles_get_channels (image))
    self->original = limn_mips_new_changed (self->image, tiles);
  else
    self->original = limn_mips_new (tiles);
  limn_canvas_cache_set_image (self->original_cache, self->original);
}

static void
update_mask_visibility (LimnCanvas *self)
{
  limn_canvas_cache_set_mask (self->cache, self->mask_visible ? self->mask : NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Everything that is derived from the document's pixels, anew. */
static void
rebuild (LimnCanvas *self)
{
  drop_original (self);
  limn_canvas_cache_set_image (self->cache, NULL);
  g_clear_pointer (&self->image, limn_mips_free);
  g_clear_pointer (&self->mask, limn_mips_free);
  if (self->document != NULL)
    {
      self->image = limn_mips_new (limn_document_get_image (self->document));
      self->mask = limn_mips_new (limn_document_get_mask (self->document));
      limn_canvas_cache_set_image (self->cache, self->image);
    }
  update_mask_visibility (self);
}

static void
document_changed_cb (LimnDocument *document, const LimnRect *rect, guint layers, LimnCanvas *self)
{
  g_assert (LIMN_IS_CANVAS (self));

  if (layers & LIMN_LAYER_IMAGE)
    {
      limn_mips_invalidate (self->image, rect);
      drop_original (self);
    }
  if (layers & LIMN_LAYER_MASK)
    limn_mips_invalidate (self->mask, rect);
  if ((layers & LIMN_LAYER_IMAGE) || self->mask_visible)
    limn_canvas_cache_invalidate (self->cache, rect);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
document_resized_cb (LimnDocument *document, LimnCanvas *self)
{
  int width = limn_document_get_width (document), height = limn_document_get_height (document);
  double ratio = (double)width / self->old_width;

  g_assert (LIMN_IS_CANVAS (self));

  limn_canvas_cancel_gesture (self);
  /* The same part of the picture stays in sight. */
  self->view.x *= ratio;
  self->view.y *= (double)height / self->old_height;
  self->view.scale = MIN (self->view.scale / ratio, LIMN_VIEW_MAX_SCALE);
  self->old_width = width;
  self->old_height = height;
  limn_view_set_picture (&self->view, width, height);
  rebuild (self);
  _limn_canvas_view_changed (self);
}

LimnToolOptions *
limn_canvas_get_options (LimnCanvas *self)
{
  g_return_val_if_fail (LIMN_IS_CANVAS (self), NULL);

  return self->options;
}

LimnDocument *
limn_canvas_get_document (LimnCanvas *self)
{
  g_return_val_if_fail (LIMN_IS_CANVAS (self), NULL);

  return self->document;
}

void
limn_canvas_set_document (LimnCanvas *self, LimnDocument *document)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));
  g_return_if_fail (document == NULL || LIMN_IS_DOCUMENT (document));

  if (self->document == document)
    return;
  _limn_canvas_input_reset (self);
  limn_canvas_set_compare (self, FALSE);
  limn_canvas_set_frame (self, NULL, NULL);
  limn_canvas_set_rim (self, NULL, NULL);
  limn_canvas_set_preview (self, NULL, NULL);
  if (self->document != NULL)
    {
      limn_document_set_unhurried (self->document, FALSE);
      g_signal_handlers_disconnect_by_data (self->document, self);
    }
  self->is_painted_due = FALSE;
  g_set_object (&self->document, document);
  self->context.box = 0;
  if (document != NULL)
    {
      self->old_width = limn_document_get_width (document);
      self->old_height = limn_document_get_height (document);
      g_signal_connect_object (document, "changed", G_CALLBACK (document_changed_cb), self, 0);
      g_signal_connect_object (document, "resized", G_CALLBACK (document_resized_cb), self, 0);
      g_signal_connect_object (document, "notify::mask-empty",
                               G_CALLBACK (_limn_canvas_mask_empty_cb), self, 0);
      limn_document_set_unhurried (document, TRUE);
      self->view.fit = TRUE;
      limn_view_set_picture (&self->view, self->old_width, self->old_height);
    }
  rebuild (self);
  _limn_canvas_update_cursor (self);
  _limn_canvas_view_changed (self);
  _limn_canvas_choose_tint (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DOCUMENT]);
}

void
limn_canvas_set_tool (LimnCanvas *self, const char *name)
{
  const LimnTool *tool = limn_tool_lookup (name);

  g_return_if_fail (LIMN_IS_CANVAS (self));
  g_return_if_fail (tool != NULL);

  if (self->tool == tool)
    return;
  g_object_set (self->options, "pick", FALSE, NULL);
  limn_canvas_cancel_gesture (self);
  self->tool = tool;
  _limn_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOOL]);
}

const char *
limn_canvas_get_tool (LimnCanvas *self)
{
  g_return_val_if_fail (LIMN_IS_CANVAS (self), NULL);

  return self->tool->name;
}

void
limn_canvas_set_mask_visible (LimnCanvas *self, gboolean visible)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  if (self->mask_visible == !!visible)
    return;
  self->mask_visible = !!visible;
  update_mask_visibility (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MASK_VISIBLE]);
}

static void
wipe_cb (double value, LimnCanvas *self)
{
  self->wipe_amount = value;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
limn_canvas_set_compare (LimnCanvas *self, gboolean compare)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  compare = compare && self->document != NULL;
  if (self->compare == !!compare)
    return;
  self->compare = !!compare;
  if (compare && self->original == NULL)
    make_original (self);
  adw_timed_animation_set_value_from (ADW_TIMED_ANIMATION (self->wipe), self->wipe_amount);
  adw_timed_animation_set_value_to (ADW_TIMED_ANIMATION (self->wipe), compare ? 1 : 0);
  adw_animation_play (self->wipe);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COMPARE]);
}

gboolean
limn_canvas_get_compare (LimnCanvas *self)
{
  g_return_val_if_fail (LIMN_IS_CANVAS (self), FALSE);

  return self->compare;
}

double
limn_canvas_get_zoom (LimnCanvas *self)
{
  g_return_val_if_fail (LIMN_IS_CANVAS (self), 1);

  return self->view.scale;
}

void
limn_canvas_zoom_to (LimnCanvas *self, double zoom)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  g_return_if_fail (LIMN_IS_CANVAS (self));

  if (self->pointer_inside)
    limn_view_zoom_at (&self->view, zoom, self->pointer_x * factor, self->pointer_y * factor);
  else
    limn_view_zoom_at (&self->view, zoom, self->view.view_width / 2, self->view.view_height / 2);
  _limn_canvas_view_changed (self);
}

void
limn_canvas_zoom_step (LimnCanvas *self, int direction)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  limn_canvas_zoom_to (self, limn_view_next_step (&self->view, direction));
}

void
limn_canvas_zoom_fit (LimnCanvas *self)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  limn_view_zoom_to_fit (&self->view);
  _limn_canvas_view_changed (self);
}

void
limn_canvas_pan (LimnCanvas *self, double dx, double dy)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  g_return_if_fail (LIMN_IS_CANVAS (self));

  limn_view_pan (&self->view, dx * factor, dy * factor);
  _limn_canvas_view_changed (self);
}

void
limn_canvas_set_surround (LimnCanvas *self, const GdkRGBA *surround)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  g_clear_pointer (&self->surround, gdk_rgba_free);
  self->surround = surround != NULL ? gdk_rgba_copy (surround) : NULL;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
limn_canvas_get_position (LimnCanvas *self, double x, double y, double *wx, double *wy)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  g_return_if_fail (LIMN_IS_CANVAS (self));

  limn_view_to_viewport (&self->view, x, y, wx, wy);
  *wx /= factor;
  *wy /= factor;
}

static void
limn_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LimnCanvas *self = LIMN_CANVAS (widget);
  int factor = gtk_widget_get_scale_factor (widget);
  double scale = self->view.scale;

  limn_view_set_viewport (&self->view, (double)width * factor, (double)height * factor);
  limn_canvas_cache_set_scale (self->cache, self->view.scale);
  if (scale != self->view.scale)
    {
      describe (self);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ZOOM]);
    }
}

static void
limn_canvas_measure (GtkWidget *widget,
                     GtkOrientation orientation,
                     int for_size,
                     int *minimum,
                     int *natural,
                     int *minimum_baseline,
                     int *natural_baseline)
{
  *minimum = 96;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 480 : 360;
}

static void
pan_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  double dx, dy;

  g_variant_get (parameter, "(dd)", &dx, &dy);
  limn_canvas_pan (LIMN_CANVAS (widget), dx, dy);
}

static void
limn_canvas_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LimnCanvas *self = LIMN_CANVAS (object);

  switch (id)
    {
    case PROP_DOCUMENT:
      g_value_set_object (value, self->document);
      break;
    case PROP_TOOL:
      g_value_set_string (value, self->tool->name);
      break;
    case PROP_BRUSH_SIZE:
      g_object_get_property (G_OBJECT (self->options), "size", value);
      break;
    case PROP_BRUSH_HARDNESS:
      g_object_get_property (G_OBJECT (self->options), "hardness", value);
      break;
    case PROP_EDITABLE:
      g_value_set_boolean (value, self->editable);
      break;
    case PROP_ZOOM:
      g_value_set_double (value, self->view.scale);
      break;
    case PROP_MASK_VISIBLE:
      g_value_set_boolean (value, self->mask_visible);
      break;
    case PROP_COMPARE:
      g_value_set_boolean (value, self->compare);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
limn_canvas_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  LimnCanvas *self = LIMN_CANVAS (object);

  switch (id)
    {
    case PROP_DOCUMENT:
      limn_canvas_set_document (self, g_value_get_object (value));
      break;
    case PROP_TOOL:
      limn_canvas_set_tool (self, g_value_get_string (value));
      break;
    case PROP_BRUSH_SIZE:
      g_object_set_property (G_OBJECT (self->options), "size", value);
      break;
    case PROP_BRUSH_HARDNESS:
      g_object_set_property (G_OBJECT (self->options), "hardness", value);
      break;
    case PROP_EDITABLE:
      self->editable = g_value_get_boolean (value);
      _limn_canvas_update_cursor (self);
      break;
    case PROP_MASK_VISIBLE:
      limn_canvas_set_mask_visible (self, g_value_get_boolean (value));
      break;
    case PROP_COMPARE:
      limn_canvas_set_compare (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
limn_canvas_dispose (GObject *object)
{
  LimnCanvas *self = LIMN_CANVAS (object);

  if (self->document != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->document, self);
      limn_document_set_unhurried (self->document, FALSE);
    }
  g_clear_object (&self->wipe);
  g_clear_object (&self->document);
  g_clear_object (&self->preview);
  g_clear_object (&self->rim_shown);
  g_clear_object (&self->frame_layout);
  G_OBJECT_CLASS (limn_canvas_parent_class)->dispose (object);
}

static void
limn_canvas_finalize (GObject *object)
{
  LimnCanvas *self = LIMN_CANVAS (object);

  limn_canvas_cache_free (self->cache);
  limn_canvas_cache_free (self->original_cache);
  limn_mips_free (self->image);
  limn_mips_free (self->mask);
  limn_mips_free (self->original);
  g_clear_pointer (&self->rim, limn_image_unref);
  g_clear_pointer (&self->surround, gdk_rgba_free);
  limn_tool_context_clear (&self->context);
  _limn_canvas_drawn_free (self->drawn);
  g_clear_pointer (&self->drawn_model, limn_model_unref);
  g_clear_object (&self->options);
  G_OBJECT_CLASS (limn_canvas_parent_class)->finalize (object);
}

static void
bind_pan (GtkWidgetClass *widget_class, guint key, double dx, double dy)
{
  gtk_widget_class_add_binding_action (widget_class, key, 0, "canvas.pan", "(dd)", dx, dy);
}

static void
limn_canvas_class_init (LimnCanvasClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  const GParamFlags explicit = rw | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = limn_canvas_get_property;
  object_class->set_property = limn_canvas_set_property;
  object_class->dispose = limn_canvas_dispose;
  object_class->finalize = limn_canvas_finalize;
  widget_class->snapshot = _limn_canvas_snapshot;
  widget_class->size_allocate = limn_canvas_size_allocate;
  widget_class->measure = limn_canvas_measure;

  properties[PROP_DOCUMENT]
      = g_param_spec_object ("document", NULL, NULL, LIMN_TYPE_DOCUMENT, explicit);
  properties[PROP_TOOL] = g_param_spec_string ("tool", NULL, NULL, "brush", explicit);
  properties[PROP_BRUSH_SIZE] = g_param_spec_double (
      "brush-size", NULL, NULL, 2 * LIMN_BRUSH_MIN_RADIUS, 2 * LIMN_BRUSH_MAX_RADIUS, 64, rw);
  properties[PROP_BRUSH_HARDNESS]
      = g_param_spec_double ("brush-hardness", NULL, NULL, 0, 1, 0.8, rw);
  properties[PROP_EDITABLE] = g_param_spec_boolean ("editable", NULL, NULL, TRUE, rw);
  properties[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, 0, LIMN_VIEW_MAX_SCALE, 1,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_MASK_VISIBLE] = g_param_spec_boolean ("mask-visible", NULL, NULL, TRUE, explicit);
  properties[PROP_COMPARE] = g_param_spec_boolean ("compare", NULL, NULL, FALSE, explicit);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[STROKE_BEGIN] = g_signal_new ("stroke-begin", LIMN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FRAME_MOVED] = g_signal_new ("frame-moved", LIMN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[EXPAND] = g_signal_new ("expand", LIMN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[MASK_PAINTED] = g_signal_new ("mask-painted", LIMN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);

  signals[EDIT_MASK] = g_signal_new ("edit-mask", LIMN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);

  signals[DRAWN_SELECTED] = g_signal_new ("drawn-selected", LIMN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[EDIT_LABEL] = g_signal_new ("edit-label", LIMN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[PICK_LABEL] = g_signal_new ("pick-label", LIMN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);

  gtk_widget_class_install_action (widget_class, "canvas.pan", "(dd)", pan_action);
  bind_pan (widget_class, GDK_KEY_Left, KEY_PAN, 0);
  bind_pan (widget_class, GDK_KEY_Right, -KEY_PAN, 0);
  bind_pan (widget_class, GDK_KEY_Up, 0, KEY_PAN);
  bind_pan (widget_class, GDK_KEY_Down, 0, -KEY_PAN);
  /* Only with the focus on the picture: elsewhere these keys have their own meaning. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, 0, "win.keep", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Enter, 0, "win.keep", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "win.discard", NULL);
  gtk_widget_class_set_css_name (widget_class, "canvas");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

/* The ring, and which tool it is, come from them. */
static void
options_cb (LimnCanvas *self)
{
  _limn_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
limn_canvas_init (LimnCanvas *self)
{
  self->editable = TRUE;
  self->mask_visible = TRUE;
  _limn_canvas_drawn_init (self);
  self->options = limn_tool_options_new ();
  g_signal_connect_object (self->options, "notify", G_CALLBACK (options_cb), self,
                           G_CONNECT_SWAPPED);
  self->tool = limn_tool_lookup ("brush");
  self->gesture_tool = self->tool;
  self->cache = limn_canvas_cache_new ();
  self->original_cache = limn_canvas_cache_new ();
  limn_view_init (&self->view);
  self->wipe = adw_timed_animation_new (
      GTK_WIDGET (self), 0, 1, WIPE_MILLISECONDS,
      adw_callback_animation_target_new ((AdwAnimationTargetFunc)wipe_cb, self, NULL));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Picture"), -1);
  _limn_canvas_tint_init (self);
  _limn_canvas_input_init (self);
}
