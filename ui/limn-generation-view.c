/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-generation-view.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#include "ui/limn-history-cell.h"

struct _LimnGenerationView
{
  GtkWidget parent_instance;

  /* Template widgets */
  GtkWidget *box;
  GtkLabel *title_label;
  GtkLabel *meta_label;
  GtkButton *use_button;
  LimnCanvas *canvas;

  /* Owned */
  LimnGeneration *generation;
  LimnCrop *crop; /* nullable */
};

G_DEFINE_FINAL_TYPE (LimnGenerationView, limn_generation_view, GTK_TYPE_WIDGET)

/* "20 steps" as the next of several; the first of them begins the text. */
static void
append_part (GString *text, char *part)
{
  if (text->len > 0)
    g_string_append (text, " · ");
  g_string_append (text, part);
  g_free (part);
}

/* "Seed 71204 · 20 steps · Follow the prompt 5.0 · Limn Inpaint · 23 Nov 2026, 12:40", and the negative
 * prompt on a line of its own. What was made in one pass, or without a model, had no seed or steps. */
static char *
describe (LimnGeneration *generation, const char *model_name)
{
  GString *text = g_string_new (NULL);
  g_autofree char *kind = NULL;
  g_autofree char *prompt = NULL;
  g_autofree char *negative = NULL;
  g_autoptr (GDateTime) utc = NULL;
  gint64 created;
  guint64 seed;
  int steps;
  double guidance, seconds;

  g_object_get (generation, "kind", &kind, "prompt", &prompt, "negative", &negative, "created",
                &created, "seed", &seed, "steps", &steps, "guidance", &guidance, "seconds",
                &seconds, NULL);
  if (limn_generation_has_seed (generation))
    append_part (text, g_strdup_printf (_ ("Seed %" PRIu64), seed));
  if (steps > 0)
    append_part (text, g_strdup_printf (ngettext ("%d step", "%d steps", steps), steps));
  /* Where there were no words they were not followed. */
  if (g_strcmp0 (kind, "inpaint") == 0 && prompt != NULL && *prompt != '\0')
    /* Translators: as in the settings, with the number that was set there */
    append_part (text, g_strdup_printf (_ ("Follow the prompt %.1f"), guidance));
  if (model_name != NULL && *model_name != '\0')
    append_part (text, g_strdup (model_name));
  if (seconds > 0)
    append_part (text, g_strdup_printf (_ ("took %.1f s"), seconds));
  utc = g_date_time_new_from_unix_utc (created / G_USEC_PER_SEC);
  if (utc != NULL)
    {
      g_autoptr (GDateTime) local = g_date_time_to_local (utc);

      /* Translators: a date and the time, see g_date_time_format() */
      append_part (text, g_date_time_format (local, _ ("%-d %b %Y, %H:%M")));
    }
  if (negative != NULL && *negative != '\0')
    {
      g_string_append_c (text, '\n');
      /* Translators: followed by the negative prompt */
      g_string_append_printf (text, _ ("Without: %s"), negative);
    }
  return g_string_free (text, FALSE);
}

void
limn_generation_view_show (LimnGenerationView *self,
                           LimnGeneration *generation,
                           LimnDocument *document,
                           LimnCrop *crop,
                           const char *model_name)
{
  g_autofree char *title = NULL;
  g_autofree char *meta = NULL;

  g_return_if_fail (LIMN_IS_GENERATION_VIEW (self));

  g_set_object (&self->generation, generation);
  g_clear_pointer (&self->crop, limn_crop_unref);
  self->crop = crop != NULL ? limn_crop_ref (crop) : NULL;
  limn_canvas_set_document (self->canvas, document);
  if (generation == NULL)
    return;
  title = limn_generation_describe (generation);
  meta = describe (generation, model_name);
  gtk_label_set_label (self->title_label, title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title_label), title);
  gtk_label_set_label (self->meta_label, meta);
}

LimnGeneration *
limn_generation_view_get_generation (LimnGenerationView *self)
{
  g_return_val_if_fail (LIMN_IS_GENERATION_VIEW (self), NULL);

  return self->generation;
}

LimnCrop *
limn_generation_view_get_crop (LimnGenerationView *self)
{
  g_return_val_if_fail (LIMN_IS_GENERATION_VIEW (self), NULL);

  return self->crop;
}

LimnCanvas *
limn_generation_view_get_canvas (LimnGenerationView *self)
{
  g_return_val_if_fail (LIMN_IS_GENERATION_VIEW (self), NULL);

  return self->canvas;
}

/* What was read: the whole picture; or, where the crop is kept, too, the one before it and the patch. */
typedef struct
{
  LimnTiles *before; /* nullable */
  LimnTiles *after;
  LimnPatch *patch; /* nullable, with its crop */
} Loaded;

static void
loaded_free (gpointer data)
{
  Loaded *loaded = data;

  g_clear_pointer (&loaded->before, limn_tiles_free);
  g_clear_pointer (&loaded->after, limn_tiles_free);
  g_clear_pointer (&loaded->patch, limn_patch_free);
  g_free (loaded);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Loaded, loaded_free)

/* As it was pasted at first. */
static LimnPatch *
paste_crop (LimnCrop *crop, GCancellable *cancellable)
{
  g_autoptr (LimnArena) arena = limn_arena_new (0);
  g_autoptr (LimnPool) pool = limn_pool_new (0, FALSE);
  g_auto (LimnRun) run;
  LimnPasteParams params;
  LimnPatch *patch;

  limn_run_init (&run, pool, arena, cancellable);
  limn_paste_params_init (&params, crop);
  patch = limn_paste (&run, crop, &params);
  if (!limn_run_check (&run, NULL))
    g_clear_pointer (&patch, limn_patch_free);
  return patch;
}

/* FALSE when the crop is not kept, as of older results, or something of it is missing. */
static gboolean
load_parts (LimnHistory *history, LimnGeneration *generation, GCancellable *cancellable, Loaded *loaded)
{
  g_autoptr (LimnCrop) crop = limn_history_load_crop (history, generation, NULL);
  g_autoptr (LimnImage) input = NULL;
  g_autofree char *hash = NULL;

  if (crop == NULL)
    return FALSE;
  g_object_get (generation, "input-hash", &hash, NULL);
  input = hash != NULL ? limn_history_load_image (history, hash, NULL) : NULL;
  if (input == NULL || input->width < crop->rect.x + crop->rect.width
      || input->height < crop->rect.y + crop->rect.height)
    return FALSE;
  loaded->patch = paste_crop (crop, cancellable);
  loaded->before = loaded->patch != NULL ? limn_tiles_new_from_image (input) : NULL;
  if (loaded->before == NULL)
    return FALSE;
  loaded->after = limn_tiles_copy (loaded->before);
  limn_tiles_paste (loaded->after, loaded->patch);
  return TRUE;
}

static void
load_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autoptr (Loaded) loaded = g_new0 (Loaded, 1);
  g_autoptr (LimnImage) image = NULL;
  GError *error = NULL;

  if (load_parts (LIMN_HISTORY (source), task_data, cancellable, loaded))
    {
      g_task_return_pointer (task, g_steal_pointer (&loaded), loaded_free);
      return;
    }
  g_clear_pointer (&loaded->patch, limn_patch_free);
  image = limn_history_load_result (LIMN_HISTORY (source), task_data, &error);
  if (image == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  loaded->after = limn_tiles_new_from_image (image);
  if (loaded->after == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                             _ ("There is not enough memory for the picture."));
  else
    g_task_return_pointer (task, g_steal_pointer (&loaded), loaded_free);
}

void
limn_generation_load_async (LimnHistory *history,
                            LimnGeneration *generation,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (LIMN_IS_HISTORY (history));

  task = g_task_new (history, cancellable, callback, user_data);
  g_task_set_source_tag (task, limn_generation_load_async);
  g_task_set_task_data (task, g_object_ref (generation), g_object_unref);
  g_task_run_in_thread (task, load_worker);
}

/* The picture as the result left it, waiting to be kept, so that it can be pasted in another way. */
static LimnDocument *
new_pending (const Loaded *loaded, LimnGeneration *generation, GHashTable *text)
{
  LimnDocument *document = limn_document_new (limn_tiles_copy (loaded->before), NULL, NULL);
  g_autofree char *label = limn_generation_describe (generation);

  limn_document_apply_prepared_patch (document, loaded->patch, loaded->before, loaded->after, label,
                                      text);
  limn_document_set_saved (document);
  return document;
}

LimnDocument *
limn_generation_load_finish (GAsyncResult *result, LimnCrop **crop, GError **error)
{
  g_autoptr (Loaded) loaded = g_task_propagate_pointer (G_TASK (result), error);
  LimnGeneration *generation = g_task_get_task_data (G_TASK (result));
  g_autoptr (GHashTable) text = NULL;
  g_autofree char *name = NULL;
  LimnDocument *document;

  *crop = NULL;
  if (loaded == NULL)
    return NULL;
  text = limn_generation_to_text (generation);
  if (loaded->patch != NULL)
    {
      document = new_pending (loaded, generation, text);
      *crop = limn_crop_ref (loaded->patch->crop);
    }
  else
    {
      LimnImageMeta *meta = limn_image_meta_new ();

      g_clear_pointer (&meta->text, g_hash_table_unref);
      meta->text = g_steal_pointer (&text);
      document = limn_document_new (g_steal_pointer (&loaded->after), NULL, meta);
    }
  g_object_get (generation, "source-name", &name, NULL);
  if (name != NULL && *name != '\0')
    limn_document_set_title (document, name);
  return document;
}

static void
limn_generation_view_dispose (GObject *object)
{
  LimnGenerationView *self = LIMN_GENERATION_VIEW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), LIMN_TYPE_GENERATION_VIEW);
  g_clear_object (&self->generation);
  g_clear_pointer (&self->crop, limn_crop_unref);
  G_OBJECT_CLASS (limn_generation_view_parent_class)->dispose (object);
}

static void
limn_generation_view_class_init (LimnGenerationViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_generation_view_dispose;
  g_type_ensure (LIMN_TYPE_CANVAS);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "win.history-delete", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Delete, 0, "win.history-delete", NULL);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-generation-view.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnGenerationView, box);
  gtk_widget_class_bind_template_child (widget_class, LimnGenerationView, title_label);
  gtk_widget_class_bind_template_child (widget_class, LimnGenerationView, meta_label);
  gtk_widget_class_bind_template_child (widget_class, LimnGenerationView, use_button);
  gtk_widget_class_bind_template_child (widget_class, LimnGenerationView, canvas);
}

static void
limn_generation_view_init (LimnGenerationView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
