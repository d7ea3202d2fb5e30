/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-history-cell.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <inttypes.h>

#include "ui/limn-preview.h"
#include "ui/limn-words.h"

struct _LimnHistoryCell
{
  GtkWidget parent_instance;

  /* Template widgets */
  GtkWidget *box;
  GtkPicture *picture;
  GtkLabel *prompt_label;
  GtkLabel *meta_label;

  /* Owned */
  GCancellable *cancellable;

  gint64 id; /* of what it shows; 0: nothing */
};

G_DEFINE_FINAL_TYPE (LimnHistoryCell, limn_history_cell, GTK_TYPE_WIDGET)

typedef struct
{
  LimnHistory *history;
  gint64 id;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_object_unref (request->history);
  g_free (request);
}

char *
limn_generation_describe (LimnGeneration *generation)
{
  g_autofree char *kind = NULL;
  g_autofree char *prompt = NULL;
  int factor, expanded;

  g_object_get (generation, "kind", &kind, "prompt", &prompt, "factor", &factor, "expanded",
                &expanded, NULL);
  if (g_strcmp0 (kind, "upscale") == 0)
    /* Translators: what was done to a picture: made two or four times as large */
    return g_strdup_printf (_ ("Upscaled %d×"), factor);
  if (prompt == NULL || *prompt == '\0')
    return g_strdup (expanded != 0                     ? _ ("Expanded")
                     : g_strcmp0 (kind, "remove") == 0 ? _ ("Removed")
                     : kind != NULL && g_str_has_prefix (kind, "generate")
                         ? _ ("Made without words")
                         : _ ("Filled without a prompt"));
  return g_steal_pointer (&prompt);
}

static void
thumbnail_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Request *request = task_data;
  GError *error = NULL;
  LimnImage *image;

  if (g_task_return_error_if_cancelled (task))
    return;
  image = limn_history_load_thumbnail (request->history, request->id, &error);
  if (image == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, image, (GDestroyNotify)limn_image_unref);
}

static void
thumbnail_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LimnHistoryCell *self = LIMN_HISTORY_CELL (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) image = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (GdkTexture) texture = NULL;

  /* The cell shows something else by now; a picture that can not be read leaves its place empty. */
  if (image == NULL || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  texture = limn_texture_from_image (image);
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
}

static void
load_thumbnail (LimnHistoryCell *self, LimnHistory *history, gint64 id)
{
  g_autoptr (GTask) task = NULL;
  Request *request = g_new0 (Request, 1);

  request->history = g_object_ref (history);
  request->id = id;
  self->cancellable = g_cancellable_new ();
  task = g_task_new (self, self->cancellable, thumbnail_loaded_cb, NULL);
  g_task_set_source_tag (task, load_thumbnail);
  g_task_set_task_data (task, request, request_free);
  g_task_run_in_thread (task, thumbnail_worker);
}

/* The date, and the seed where there was one (transfer full). */
static char *
describe_when (LimnGeneration *generation, const char *date)
{
  guint64 seed;

  if (!limn_generation_has_seed (generation))
    return g_strdup (date);
  g_object_get (generation, "seed", &seed, NULL);
  /* Translators: date, then the seed's number */
  return g_strdup_printf (_ ("%s · seed %" PRIu64), date, seed);
}

void
limn_history_cell_bind (LimnHistoryCell *self, LimnHistory *history, LimnGeneration *generation)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *title = NULL;
  g_autofree char *date = NULL;
  g_autofree char *meta = NULL;
  g_autofree char *label = NULL;
  gint64 created;

  g_return_if_fail (LIMN_IS_HISTORY_CELL (self));

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  gtk_picture_set_paintable (self->picture, NULL);
  self->id = 0;
  if (generation == NULL)
    return;

  self->id = limn_generation_get_id (generation);
  title = limn_generation_describe (generation);
  g_object_get (generation, "created", &created, NULL);
  date = limn_words_date (created, now);
  meta = describe_when (generation, date);
  label = g_strdup_printf ("%s, %s", title, meta);
  gtk_label_set_label (self->prompt_label, title);
  gtk_label_set_label (self->meta_label, meta);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  load_thumbnail (self, history, self->id);
}

gint64
limn_history_cell_get_id (LimnHistoryCell *self)
{
  g_return_val_if_fail (LIMN_IS_HISTORY_CELL (self), 0);

  return self->id;
}

GtkWidget *
limn_history_cell_new (void)
{
  return g_object_new (LIMN_TYPE_HISTORY_CELL, NULL);
}

static void
limn_history_cell_dispose (GObject *object)
{
  LimnHistoryCell *self = LIMN_HISTORY_CELL (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (self), LIMN_TYPE_HISTORY_CELL);
  G_OBJECT_CLASS (limn_history_cell_parent_class)->dispose (object);
}

static void
limn_history_cell_class_init (LimnHistoryCellClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_history_cell_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-history-cell.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnHistoryCell, box);
  gtk_widget_class_bind_template_child (widget_class, LimnHistoryCell, picture);
  gtk_widget_class_bind_template_child (widget_class, LimnHistoryCell, prompt_label);
  gtk_widget_class_bind_template_child (widget_class, LimnHistoryCell, meta_label);
}

static void
limn_history_cell_init (LimnHistoryCell *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
