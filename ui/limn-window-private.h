/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-mask-edit.h"
#include "ui/limn-drawn-bar.h"
#include "ui/limn-mips.h"
#include "ui/limn-options-bar.h"
#include "ui/limn-paste-popover.h"
#include "ui/limn-window.h"

G_BEGIN_DECLS

/* The pending result, as it can still be changed: see limn-window-paste.c. */
typedef struct _LimnWindowPaste LimnWindowPaste;

/* What models are told by drawing: see limn-window-drawn.c. */
typedef struct _LimnWindowDrawn LimnWindowDrawn;

struct _LimnWindow
{
  AdwApplicationWindow parent_instance;

  /* Template widgets */
  AdwToastOverlay *toasts;
  AdwHeaderBar *header;
  AdwSplitButton *open_button;
  GtkWidget *redo_button;
  GtkWidget *panel_button;
  AdwSplitButton *save_button;
  AdwWindowTitle *title_widget;
  GtkInfoBar *problem_bar;
  GtkLabel *problem_label;
  AdwFlap *flap;
  GtkStack *pages;
  AdwStatusPage *empty_page;
  GtkBox *canvas_row;
  GtkScrolledWindow *rail_scroller;
  GtkBox *rail;
  GtkMenuButton *upscale_button;
  LimnCanvas *canvas;
  GtkLabel *status_label;
  GtkWidget *result_bar;
  GtkMenuButton *adjust_button;
  LimnPastePopover *paste_popover;
  GtkBox *editor_bars;
  GtkBox *options;
  LimnOptionsBar *options_bar;
  GtkMenuButton *mask_button;
  GtkAdjustment *mask_radius;
  GtkWidget *zoom_box;
  GtkLabel *zoom_label;
  GtkSpinner *loading_spinner;
  LimnPromptBar *prompt_bar;
  GtkWidget *panel;
  AdwViewStack *panel_stack;
  LimnSettingsPanel *settings_panel;
  LimnHistoryPanel *history_panel;
  LimnGenerationView *generation_view;

  /* Owned */
  GSettings *settings;
  LimnDocument *document;
  GSignalGroup *document_signals;
  GPtrArray *previous;   /* LimnDocument: shown before, unsaved */
  GCancellable *opening; /* of the file being opened; NULL when none is */
  GCancellable *viewing; /* of the generation being loaded */
  GCancellable *adding;  /* of the model being looked at or copied; NULL when none is */
  GtkFileChooserNative *chooser;
  int new_width,
      new_height; /* of the next picture from nothing, after "Use again"; 0: the model's */
  LimnGeneration *restored; /* "Use again": mask edges come from it until the mask changes */

  /* The job under way, and what it was started on */
  LimnJob *job;
  LimnDocument *job_document;
  LimnMips *job_mask;   /* NULL for an upscale */
  LimnTiles *used_mask; /* mask of the last result, cleared when that is kept */
  char *job_prompt;
  int variations_left;   /* to be made after this one */
  LimnDocument *sketched; /* borrowed, to be compared only: whose paint is masked, and has set the
                             strength */
  const char *job_label; /* what the job does, for the undo history */

  LimnWindowPaste *paste;
  LimnWindowDrawn *drawn;

  /* "Result discarded": goes as soon as its Undo would undo something else */
  AdwToast *discard_toast;
  GListModel *toast_widgets; /* owned */
  guint discard_was_undo : 1;

  const char *note; /* borrowed, of the catalogue: what the status says of its own accord; NULL: nothing */

  /* What would happen */
  GCancellable *planning;
  guint plan_timeout;
  LimnRect asked_crop; /* where the frame was dragged to; empty: nowhere */
  guint inhibit_cookie;
  GtkApplicationInhibitFlags inhibited;

  guint narrow : 1;
  guint mask_hidden : 1;
  guint hinting : 1;         /* the status says what to do with the tool */
  guint folded : 1;
  guint close_confirmed : 1;
  guint panel_wanted : 1;    /* while it can stand beside the picture */
  guint planned_removal : 1; /* the frame shows what a removal works on */
  guint mask_everything : 1; /* the mask covers all of the picture, as far as is known */
};

LimnApplication *_limn_window_get_app (LimnWindow *self);

/* limn-window-actions.c: the actions; what depends on the document is enabled by _update. */
void _limn_window_actions_init (LimnWindow *self);
void _limn_window_actions_update (LimnWindow *self);
void _limn_window_set_enabled (LimnWindow *self, const char *action, gboolean enabled);
/* limn-window-mask.c: what is done to the mask as a whole. */
void _limn_window_mask_init (LimnWindow *self);
void _limn_window_mask_update (LimnWindow *self, gboolean editing);
/* Shows whether a worker edits the mask. */
void _limn_window_mask_busy_update (LimnWindow *self);
void _limn_window_edit_mask (LimnWindow *self, const LimnMaskEdit *edit);
/* limn-window-paint.c: what is done with paint as a whole. */
void _limn_window_paint_init (LimnWindow *self);
void _limn_window_paint_update (LimnWindow *self, gboolean editing);
/* The strength is the person's own again. */
void _limn_window_sketch_done (LimnWindow *self);
/* limn-window-keys.c */
void _limn_window_class_bind_keys (GtkWidgetClass *widget_class);
/* limn-window-dnd.c */
void _limn_window_dnd_init (LimnWindow *self);
/* limn-window-layout.c: wide, folded panel, narrow. */
void _limn_window_layout_init (LimnWindow *self);
/* limn-window-tools.c: the rail, and the zoom in words. */
void _limn_window_tools_init (LimnWindow *self);
/* limn-window-close.c */
void _limn_window_close_init (LimnWindow *self);
/* Keeps the session from ending while there is something to lose. */
void _limn_window_update_inhibit (LimnWindow *self);

/* limn-window-files.c */
extern const GActionEntry _limn_window_file_actions[];
extern const int _limn_window_n_file_actions;
void _limn_window_open_texture (LimnWindow *self, GdkTexture *texture);
/* Asks where to save @document, which need not be the one that is shown. */
void _limn_window_save_document_as (LimnWindow *self, LimnDocument *document);
/* Saves, asking for a name when there is none; @done is called with whether it is saved now. */
typedef void (*LimnSavedFunc) (LimnWindow *self, gboolean saved);
void _limn_window_save (LimnWindow *self, LimnSavedFunc done);
/* Ends a worker's @task with @image as tiles, or with @error (transfer full), which says why there
 * is none. */
void _limn_window_return_tiles (GTask *task, const LimnImage *image, GError *error);
/* With @error (transfer full); NULL: there was no memory. */
void _limn_window_return_failure (GTask *task, GError *error);

/* limn-window-job.c */
extern const GActionEntry _limn_window_job_actions[];
extern const int _limn_window_n_job_actions;
void _limn_window_job_init (LimnWindow *self);
void _limn_window_job_dispose (LimnWindow *self);
/* Keeps a pending result and takes its mask away. */
void _limn_window_keep (LimnWindow *self);

/* The discarded result cannot be brought back by undo any more. */
void _limn_window_forget_discarded (LimnWindow *self);

/* limn-window-verb.c: what the button does. */
extern const GActionEntry _limn_window_verb_actions[];
extern const int _limn_window_n_verb_actions;
void _limn_window_verb_init (LimnWindow *self);
/* After a job: the next of several that were asked for, or, when it did not come to a result, no
 * more. */
void _limn_window_next_variation (LimnWindow *self, gboolean done);
/* What a run would do now, on the button; and which runs can start. */
void _limn_window_verb_update (LimnWindow *self);
/* NULL when a model can fill what is marked now, else the reason why not, for people. */
const char *_limn_window_get_fill_obstacle (LimnWindow *self);
/* Whether the model that is chosen could, if something is marked. */
gboolean _limn_window_has_filler (LimnWindow *self);
/* The same for removing it without any. */
const char *_limn_window_get_remove_obstacle (LimnWindow *self);
/* Whether the button would do that: something is to go, and no words say what should come. */
gboolean _limn_window_removes_by_patches (LimnWindow *self);
/* What that is done with. */
void _limn_window_get_remove_params (LimnWindow *self, LimnRemoveParams *params);

/* limn-window-generate.c: pictures from nothing. */
/* Whether a run would make one now: the model can, and nothing is marked. */
gboolean _limn_window_makes_new (LimnWindow *self);
/* NULL when a run can start now, else the reason why not, for people. */
const char *_limn_window_get_run_obstacle (LimnWindow *self);
void _limn_window_generate (LimnWindow *self);
/* The finished picture, as another document. */
void _limn_window_show_generated (LimnWindow *self, LimnJob *job);
/* Where no picture is open, the preview stands on the page that says so; NULL: none. */
void _limn_window_set_empty_preview (LimnWindow *self, GdkTexture *texture);
/* The words can be written, and the button pressed, wherever they have an effect. */
void _limn_window_bars_update (LimnWindow *self);
/* Settings and words of a picture that was made from nothing. FALSE for what is told by a file. */
gboolean _limn_window_use_generated (LimnWindow *self, LimnGeneration *generation);

/* limn-window-drawn.c: models that are told by boxes or a map of labels. */
void _limn_window_drawn_init (LimnWindow *self);
void _limn_window_drawn_dispose (LimnWindow *self);
/* The tools that the chosen model has a use for; what the present state allows. */
void _limn_window_drawn_update (LimnWindow *self);
/* Something was drawn. */
void _limn_window_drawn_changed (LimnWindow *self);
void _limn_window_drawn_set_room (LimnWindow *self, LimnRoom room);
/* Whether the chosen model is told by what is drawn. */
gboolean _limn_window_draws (LimnWindow *self);
/* NULL when it can be, else the reason why not, for people. */
const char *_limn_window_get_drawn_obstacle (LimnWindow *self);
void _limn_window_generate_drawn (LimnWindow *self);
/* Frames the picture, with the size and time of a run; FALSE when there will be none. */
gboolean _limn_window_plan_drawn (LimnWindow *self);
/* What was drawn for a picture, on an empty one of its size. FALSE for other kinds. */
gboolean _limn_window_use_drawn (LimnWindow *self, LimnGeneration *generation);

/* limn-window-models.c: adding models. */
extern const GActionEntry _limn_window_model_actions[];
extern const int _limn_window_n_model_actions;
void _limn_window_models_init (LimnWindow *self);

/* limn-window-upscale.c */
void _limn_window_upscale_init (LimnWindow *self);
/* The menu says what each item would make of the picture, and how long it takes. */
void _limn_window_upscale_update (LimnWindow *self);
/* @model: (nullable): its id; NULL: the first that can. */
void _limn_window_upscale (LimnWindow *self, const char *model, int factor);
void _limn_window_start_job (LimnWindow *self, LimnJob *job);
/* For what is marked now; @label: what it is called in the undo history. */
void _limn_window_start_masked_job (LimnWindow *self, LimnJob *job, const char *label);

/* limn-window-plan.c: the frame that shows what Fill would work on, and for how long. */
void _limn_window_plan_init (LimnWindow *self);
void _limn_window_plan_update (LimnWindow *self);
/* Sets @crop to where the frame was dragged, if it was. */
void _limn_window_apply_crop (LimnWindow *self, LimnRect *crop);

/* limn-window-expand.c: the canvas made larger. */
extern const GActionEntry _limn_window_expand_actions[];
extern const int _limn_window_n_expand_actions;
void _limn_window_expand_init (LimnWindow *self);
/* Whether something of what was added around the picture is still marked. */
gboolean _limn_window_is_expanded (LimnWindow *self);

/* limn-window-help.c: the pages of data/help in the help viewer. */
void _limn_window_help_init (LimnWindow *self);

/* limn-window-focus.c: where the keys go when a menu closes. */
void _limn_window_focus_init (LimnWindow *self);

/* limn-window-paste.c: how the pending result is pasted, and what it left alone. */
void _limn_window_paste_init (LimnWindow *self);
void _limn_window_paste_dispose (LimnWindow *self);
/* What was just applied to @document was cut out of @crop (nullable). */
void _limn_window_paste_begin (LimnWindow *self, LimnDocument *document, LimnCrop *crop);
/* The document or what is pending has changed. */
void _limn_window_paste_update (LimnWindow *self);

/* limn-window-history.c */
extern const GActionEntry _limn_window_history_actions[];
extern const int _limn_window_n_history_actions;
void _limn_window_history_init (LimnWindow *self);
/* The mask edges of a generation that is used again. */
void _limn_window_apply_restored (LimnWindow *self, LimnInpaintParams *params);

/* limn-window-note.c: the status over the picture, and what it says of its own accord. */
void _limn_window_note_init (LimnWindow *self);
/* NULL: nothing; ends the hints. */
void _limn_window_set_status (LimnWindow *self, const char *text);
/* Says why nothing can be done with what is marked, while that is so. */
void _limn_window_note_update (LimnWindow *self);
/* What there is to do with the tool, until something is done or something else is said. */
void _limn_window_begin_hints (LimnWindow *self);

/* limn-window-notice.c: toasts, the bar of lasting problems. */
void _limn_window_notice_init (LimnWindow *self);
void _limn_window_toast (LimnWindow *self, const char *text);
/* With a button that activates @action with @target (floating, nullable). The toast is borrowed: it
 * lives until it is dismissed. */
AdwToast *_limn_window_toast_action (LimnWindow *self,
                                     const char *text,
                                     const char *button,
                                     const char *action,
                                     GVariant *target);
/* Takes @toast away as soon as that is safe. */
void _limn_window_dismiss_toast (AdwToast *toast);
/* @text: a sentence; @error: what its Details show. The text may be the error's message itself. */
void _limn_window_toast_error (LimnWindow *self, const char *text, const GError *error);
void _limn_window_set_problem (LimnWindow *self, const char *text);

void _limn_window_update_title (LimnWindow *self);

G_END_DECLS
