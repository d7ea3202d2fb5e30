/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Models that are told by boxes or a map of labels: their tools, and what they make of what is
 * drawn.
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "app/limn-condition-file.h"
#include "app/limn-document-drawn.h"
#include "ui/limn-label-picker.h"
#include "ui/limn-new-popover.h"
#include "ui/limn-tool.h"
#include "ui/limn-words.h"

#define DRAWN (LIMN_TAKES_BOXES | LIMN_TAKES_LABELS)
/* A picture up to so many times as large as the model's own is made in its own size; a photo is
 * not. */
#define MAX_SHARE 4

struct _LimnWindowDrawn
{
  LimnDrawnBar *bar;       /* borrowed: in the row of options */
  LimnLabelPicker *picker; /* owned by the widget that it is over */
  LimnNewPopover *new_popover;
  guint box; /* that is being given a label */

  /* What was found out about some boxes, as that takes looking at all names */
  LimnBoxes *checked;
  LimnModel *checked_by;
  const char *obstacle;

  LimnModel *model;  /* borrowed, to be compared only: what tools were last offered for */
  const char *tool;  /* the last one that was of use */
  const char *shown; /* obstacle, when the button was last told */
};

static LimnModelEntry *
get_entry (LimnWindow *self)
{
  return limn_settings_panel_get_model (self->settings_panel);
}

/* The chosen model, when it is told by what is drawn; else NULL. */
static LimnModel *
get_model (LimnWindow *self)
{
  LimnModelEntry *entry = get_entry (self);
  LimnModel *model = entry != NULL ? limn_model_entry_get_model (entry) : NULL;
  const LimnModelInfo *info = model != NULL ? limn_model_get_info (model) : NULL;

  return info != NULL && (info->capabilities & LIMN_CAN_GENERATE) && (info->takes & DRAWN) ? model
                                                                                           : NULL;
}

gboolean
_limn_window_draws (LimnWindow *self)
{
  return get_model (self) != NULL;
}

/* ---- What stands in the way ------------------------------------------------------------------ */

static const char *
check_boxes (LimnBoxes *boxes, LimnModel *model)
{
  g_autoptr (GArray) told = NULL;

  for (guint i = 0; i < limn_boxes_get_count (boxes); i++)
    if (*limn_boxes_get (boxes, i)->label == '\0')
      return _ ("Give each box a label first");
  told = limn_boxes_resolve (boxes, model, NULL);
  return told == NULL ? _ ("The model does not know the label of a box") : NULL;
}

const char *
_limn_window_get_drawn_obstacle (LimnWindow *self)
{
  LimnModel *model = get_model (self);
  LimnWindowDrawn *drawn = self->drawn;
  LimnBoxes *boxes;

  if (model == NULL || drawn == NULL)
    return NULL;
  if (self->document == NULL)
    return _ ("Make a new picture to draw on first (Shift+Ctrl+N)");
  if (limn_model_get_info (model)->takes & LIMN_TAKES_LABELS)
    return limn_document_has_labels (self->document)
               ? NULL
               : _ ("Draw what the picture should show first");
  boxes = limn_document_get_boxes (self->document);
  if (boxes == NULL)
    return _ ("Draw a box first");
  if (drawn->checked != boxes || drawn->checked_by != model)
    {
      g_clear_pointer (&drawn->checked, limn_boxes_unref);
      g_clear_pointer (&drawn->checked_by, limn_model_unref);
      drawn->checked = limn_boxes_ref (boxes);
      drawn->checked_by = limn_model_ref (model);
      drawn->obstacle = check_boxes (boxes, model);
    }
  return drawn->obstacle;
}

/* ---- Running --------------------------------------------------------------------------------- */

/* How large the picture will be: as the document is, or, where that is a photo, of its shape and
 * the model's own size. */
static void
choose_size (LimnWindow *self, const LimnModelInfo *info, int *width, int *height)
{
  double w = limn_document_get_width (self->document),
         h = limn_document_get_height (self->document);
  double native = MAX (info->native_size, 1),
         unit = MAX (1, info->latent_factor * info->unet_factor);
  double scale = native / sqrt (w * h);

  if (w * h > MAX_SHARE * native * native)
    {
      w = MAX (unit, rint (w * scale / unit) * unit);
      h = MAX (unit, rint (h * scale / unit) * unit);
    }
  *width = (int)w;
  *height = (int)h;
}

/* The picture takes the place of the one that was drawn on, and can be gone back from. */
static void
start (LimnWindow *self, LimnModelEntry *entry, LimnGenerateParams *params)
{
  g_clear_pointer (&self->used_mask, limn_tiles_free);
  _limn_window_start_job (self, limn_job_new_generate (entry, params));
  g_set_object (&self->job_document, self->document);
}

void
_limn_window_generate_drawn (LimnWindow *self)
{
  LimnModelEntry *entry = get_entry (self);
  LimnModel *model = get_model (self);
  g_autoptr (GArray) boxes = NULL;
  g_autoptr (LimnImage) labels = NULL;
  g_autoptr (GError) error = NULL;
  LimnGenerateParams params;

  limn_settings_panel_next_seed (self->settings_panel);
  limn_settings_panel_get_generate_params (self->settings_panel, entry, &params);
  choose_size (self, limn_model_get_info (model), &params.width, &params.height);
  if (limn_model_get_info (model)->takes & LIMN_TAKES_LABELS)
    labels = limn_labels_complete (limn_document_get_labels (self->document), params.width,
                                   params.height, &error);
  else
    boxes = limn_boxes_resolve (limn_document_get_boxes (self->document), model, &error);
  if (labels == NULL && boxes == NULL)
    {
      _limn_window_toast_error (self, _ ("The picture could not be made."), error);
      return;
    }
  params.labels = labels;
  if (boxes != NULL)
    {
      params.boxes = (const LimnLabelledBox *)(gpointer)boxes->data;
      params.n_boxes = (int)boxes->len;
    }
  start (self, entry, &params);
}

/* "512 × 384 · 50 steps · about 9 s" (transfer full). */
static char *
describe_plan (LimnWindow *self,
               LimnModelEntry *entry,
               const LimnGeneratePlan *plan,
               gboolean guided)
{
  LimnJobQueue *queue = limn_application_get_queue (_limn_window_get_app (self));
  g_autofree char *about
      = limn_words_about (limn_job_queue_estimate_generate (queue, entry, plan, guided));
  GString *text = g_string_new (NULL);

  g_string_printf (text, "%d × %d · ", plan->width, plan->height);
  g_string_append_printf (text, ngettext ("%d step", "%d steps", plan->steps), plan->steps);
  if (about != NULL)
    g_string_append_printf (text, " · %s", about);
  return g_string_free (text, FALSE);
}

gboolean
_limn_window_plan_drawn (LimnWindow *self)
{
  LimnModel *model = get_model (self);
  LimnLabelledBox box = { .width = 1, .height = 1 };
  guint8 label = 0;
  LimnImage labels = { .width = 1, .height = 1, .channels = 1, .stride = 1, .pixels = &label };
  LimnRect all = { 0 };
  LimnGenerateParams params;
  LimnGeneratePlan plan;
  g_autofree char *text = NULL;
  gboolean guided;

  if (model == NULL || self->document == NULL || limn_document_get_result_pending (self->document)
      || _limn_window_get_drawn_obstacle (self) != NULL)
    return FALSE;
  limn_settings_panel_get_generate_params (self->settings_panel, get_entry (self), &params);
  choose_size (self, limn_model_get_info (model), &params.width, &params.height);
  /* What is drawn has no part in how long it takes. */
  if (limn_model_get_info (model)->takes & LIMN_TAKES_LABELS)
    params.labels = &labels;
  else
    params.boxes = &box;
  params.n_boxes = params.boxes != NULL ? 1 : 0;
  if (!limn_generate_plan (model, &params, &plan, NULL))
    return FALSE;
  guided = limn_model_get_info (model)->can_guide && params.guidance != 1;
  text = describe_plan (self, get_entry (self), &plan, guided);
  all.width = limn_document_get_width (self->document);
  all.height = limn_document_get_height (self->document);
  limn_canvas_set_frame (self->canvas, &all, text);
  limn_canvas_set_frame_movable (self->canvas, FALSE);
  limn_canvas_set_rim (self->canvas, NULL, NULL);
  return TRUE;
}

/* ---- Tools ----------------------------------------------------------------------------------- */

/* The first tool that is only for such a model; else the brush. */
static const char *
first_tool (LimnTakes takes)
{
  for (const LimnTool *tool = limn_tool_list (); tool->name != NULL; tool++)
    if ((tool->flags & (LIMN_TOOL_FOR_BOXES | LIMN_TOOL_FOR_LABELS))
        && limn_tool_is_offered (tool, takes))
      return tool->name;
  return "brush";
}

static LimnTakes
get_takes (LimnWindow *self)
{
  LimnModel *model = get_model (self);

  return model != NULL ? limn_model_get_info (model)->takes : 0;
}

/* A key may ask for a tool that there is no use for now. */
static void
tool_cb (LimnCanvas *canvas, GParamSpec *pspec, LimnWindow *self)
{
  LimnTakes takes = get_takes (self);
  const char *tool = limn_canvas_get_tool (canvas);

  g_assert (LIMN_IS_WINDOW (self));

  if (limn_tool_is_offered (limn_tool_lookup (tool), takes))
    self->drawn->tool = tool;
  else if (limn_tool_is_offered (limn_tool_lookup (self->drawn->tool), takes))
    limn_canvas_set_tool (canvas, self->drawn->tool);
}

static void
show_tools (LimnWindow *self, LimnTakes takes)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->rail)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GVariant *target = GTK_IS_ACTIONABLE (child)
                             ? gtk_actionable_get_action_target_value (GTK_ACTIONABLE (child))
                             : NULL;
      const LimnTool *tool = NULL;

      if (target != NULL && g_variant_is_of_type (target, G_VARIANT_TYPE_STRING))
        tool = limn_tool_lookup (g_variant_get_string (target, NULL));
      if (tool != NULL)
        gtk_widget_set_visible (child, limn_tool_is_offered (tool, takes));
    }
}

void
_limn_window_drawn_update (LimnWindow *self)
{
  LimnModel *model = get_model (self);
  LimnTakes takes = get_takes (self);
  const LimnToolFlags own = LIMN_TOOL_FOR_BOXES | LIMN_TOOL_FOR_LABELS | LIMN_TOOL_ALWAYS;
  const LimnTool *tool = limn_tool_lookup (limn_canvas_get_tool (self->canvas));
  gboolean pending;

  if (self->drawn == NULL)
    return;
  pending = self->document != NULL && limn_document_get_result_pending (self->document);

  self->drawn->shown = _limn_window_get_drawn_obstacle (self);
  limn_canvas_set_drawn_visible (self->canvas, !pending);
  _limn_window_set_enabled (self, "box-add", self->document != NULL && (takes & LIMN_TAKES_BOXES));
  _limn_window_set_enabled (self, "box-delete", limn_canvas_get_selected_box (self->canvas) != 0);
  if (model == self->drawn->model)
    return;
  self->drawn->model = model;
  limn_canvas_set_drawn_model (self->canvas, model);
  limn_drawn_bar_set_model (self->drawn->bar, model);
  limn_label_picker_set_model (self->drawn->picker, model, FALSE);
  show_tools (self, takes);
  /* What such a model is told is what one will draw first. */
  if (!limn_tool_is_offered (tool, takes) || (takes != 0 && (tool->flags & own) == 0))
    limn_canvas_set_tool (self->canvas, first_tool (takes));
}

void
_limn_window_drawn_changed (LimnWindow *self)
{
  /* A stroke changes the map many times, but what it means to the button seldom. */
  if (_limn_window_get_drawn_obstacle (self) == self->drawn->shown)
    return;
  _limn_window_actions_update (self);
  _limn_window_plan_update (self);
}

/* The list of labels comes up at the box. */
static void
edit_label_cb (LimnCanvas *canvas, guint i, LimnWindow *self)
{
  GtkPopover *popover = GTK_POPOVER (self->drawn->picker);
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (popover));
  GdkRectangle place;
  double x, y;
  const LimnBox *box;

  g_assert (LIMN_IS_WINDOW (self));

  if (!limn_canvas_get_box_place (canvas, i, &place))
    return;
  gtk_widget_translate_coordinates (GTK_WIDGET (canvas), parent, place.x, place.y, &x, &y);
  place.x = (int)x;
  place.y = (int)y;
  box = limn_boxes_get (limn_document_get_boxes (self->document), i - 1);
  self->drawn->box = i;
  limn_label_picker_set_category (
      self->drawn->picker,
      *box->label != '\0' ? limn_model_find_category (get_model (self), box->label, NULL) : -1);
  gtk_popover_set_pointing_to (popover, &place);
  gtk_popover_popup (popover);
}

static void
chosen_cb (LimnLabelPicker *picker, int category, LimnWindow *self)
{
  LimnModel *model = get_model (self);
  const char *name = model != NULL ? limn_model_get_category_name (model, category) : NULL;
  g_autofree char *number = g_strdup_printf ("%d", category);

  g_assert (LIMN_IS_WINDOW (self));

  /* Of several that are called the same the number says which. */
  if (name != NULL && limn_model_find_category (model, name, NULL) != category)
    name = NULL;
  limn_canvas_set_box_label (self->canvas, self->drawn->box, name != NULL ? name : number);
}

static void
closed_cb (GtkPopover *popover, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

static void
selected_cb (LimnCanvas *canvas, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  _limn_window_set_enabled (self, "box-delete", limn_canvas_get_selected_box (canvas) != 0);
}

static void
box_add_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  limn_canvas_set_tool (self->canvas, "boxes");
  limn_canvas_add_box (self->canvas);
}

static void
box_delete_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_canvas_delete_box (LIMN_WINDOW (user_data)->canvas);
}

/* ---- Empty pictures -------------------------------------------------------------------------- */

static void
create_cb (LimnNewPopover *popover, int width, int height, LimnWindow *self)
{
  LimnTiles *tiles;
  g_autoptr (LimnDocument) document = NULL;

  g_assert (LIMN_IS_WINDOW (self));

  tiles = limn_tiles_new (width, height, 3);
  limn_tiles_fill (tiles, 255);
  document = limn_document_new (tiles, NULL, NULL);
  limn_window_set_document (self, document);
  _limn_window_set_status (self, NULL);
}

static void
new_picture_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  LimnModelEntry *entry = get_entry (self);
  const LimnModelInfo *info = entry != NULL ? limn_model_entry_get_info (entry) : NULL;
  int size = info != NULL && info->native_size > 0 ? info->native_size : 512;

  limn_new_popover_set_size (self->drawn->new_popover, size, size);
  gtk_popover_popup (GTK_POPOVER (self->drawn->new_popover));
}

/* ---- From the history ------------------------------------------------------------------------ */

/* The boxes of @generation in a document (borrowed); FALSE and @error when they are not there. */
static gboolean
restore_boxes (LimnWindow *self, LimnGeneration *generation, LimnDocument *document, GError **error)
{
  LimnHistory *history = limn_application_get_history (_limn_window_get_app (self), NULL);
  g_autofree char *hash = NULL, *path = NULL, *text = NULL;
  g_autoptr (LimnBoxes) boxes = NULL;
  gsize n;

  g_object_get (generation, "condition-hash", &hash, NULL);
  path = hash != NULL ? limn_history_find_file (history, hash) : NULL;
  if (path == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           _ ("The history does not have its boxes any more"));
      return FALSE;
    }
  if (!g_file_get_contents (path, &text, &n, error))
    return FALSE;
  boxes = limn_boxes_parse (path, text, n, error);
  if (boxes == NULL)
    return FALSE;
  limn_document_set_boxes (document, boxes, _ ("Use again"), FALSE);
  return TRUE;
}

static gboolean
restore_labels (LimnWindow *self,
                LimnGeneration *generation,
                LimnDocument *document,
                GError **error)
{
  LimnHistory *history = limn_application_get_history (_limn_window_get_app (self), NULL);
  g_autofree char *hash = NULL;
  g_autoptr (LimnImage) stored = NULL, labels = NULL;
  LimnTiles *tiles;

  g_object_get (generation, "input-hash", &hash, NULL);
  stored = limn_history_load_image (history, hash != NULL ? hash : "", error);
  labels = stored != NULL ? limn_image_convert (stored, 1, error) : NULL;
  if (labels == NULL)
    return FALSE;
  tiles = limn_labels_from_image (labels, limn_document_get_width (document),
                                  limn_document_get_height (document));
  limn_document_set_labels (document, tiles, _ ("Use again"));
  return TRUE;
}

gboolean
_limn_window_use_drawn (LimnWindow *self, LimnGeneration *generation)
{
  const char *kind = limn_generation_get_kind (generation);
  gboolean boxes = g_strcmp0 (kind, "generate-boxes") == 0;
  g_autoptr (LimnDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  LimnTiles *tiles;
  int width, height;

  if (!boxes && g_strcmp0 (kind, "generate-labels") != 0)
    return FALSE;
  g_object_get (generation, "width", &width, "height", &height, NULL);
  tiles = limn_tiles_new (CLAMP (width, 1, LIMN_IMAGE_MAX_SIDE),
                          CLAMP (height, 1, LIMN_IMAGE_MAX_SIDE), 3);
  limn_tiles_fill (tiles, 255);
  document = limn_document_new (tiles, NULL, NULL);
  if (!(boxes ? restore_boxes (self, generation, document, &error)
              : restore_labels (self, generation, document, &error)))
    {
      _limn_window_toast_error (self, _ ("What this result was told could not be read."), error);
      return TRUE;
    }
  limn_window_set_document (self, document);
  if (!limn_settings_panel_load (self->settings_panel, generation))
    _limn_window_toast (self,
                        _ ("The model of this result is not installed; another one is chosen."));
  _limn_window_set_status (self, NULL);
  return TRUE;
}

/* ---- Life ------------------------------------------------------------------------------------ */

static const GActionEntry actions[] = {
  { "box-add", box_add_action },
  { "box-delete", box_delete_action },
  { "new-picture", new_picture_action },
};

void
_limn_window_drawn_init (LimnWindow *self)
{
  LimnWindowDrawn *drawn = g_new0 (LimnWindowDrawn, 1);

  self->drawn = drawn;
  drawn->tool = limn_canvas_get_tool (self->canvas);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  drawn->bar = limn_drawn_bar_new ();
  gtk_widget_set_hexpand (GTK_WIDGET (drawn->bar), FALSE);
  gtk_box_prepend (self->options, GTK_WIDGET (drawn->bar));
  limn_drawn_bar_setup (drawn->bar, self->canvas, self->settings);
  /* Over widgets that lay out their children: a popover goes along with them. */
  drawn->picker = limn_label_picker_new ();
  gtk_widget_set_parent (GTK_WIDGET (drawn->picker), GTK_WIDGET (self->canvas_row));
  drawn->new_popover = limn_new_popover_new ();
  gtk_widget_set_parent (GTK_WIDGET (drawn->new_popover), GTK_WIDGET (self->open_button));
  g_signal_connect (drawn->picker, "chosen", G_CALLBACK (chosen_cb), self);
  g_signal_connect (drawn->picker, "closed", G_CALLBACK (closed_cb), self);
  g_signal_connect (drawn->new_popover, "create", G_CALLBACK (create_cb), self);
  g_signal_connect (self->canvas, "edit-label", G_CALLBACK (edit_label_cb), self);
  g_signal_connect (self->canvas, "drawn-selected", G_CALLBACK (selected_cb), self);
  g_signal_connect (self->canvas, "notify::tool", G_CALLBACK (tool_cb), self);
  show_tools (self, 0);
  _limn_window_drawn_update (self);
}

void
_limn_window_drawn_set_room (LimnWindow *self, LimnRoom room)
{
  if (self->drawn != NULL)
    limn_drawn_bar_set_room (self->drawn->bar, room);
}

void
_limn_window_drawn_dispose (LimnWindow *self)
{
  LimnWindowDrawn *drawn = g_steal_pointer (&self->drawn);

  if (drawn == NULL)
    return;
  gtk_widget_unparent (GTK_WIDGET (drawn->picker));
  gtk_widget_unparent (GTK_WIDGET (drawn->new_popover));
  g_clear_pointer (&drawn->checked, limn_boxes_unref);
  g_clear_pointer (&drawn->checked_by, limn_model_unref);
  g_free (drawn);
}
