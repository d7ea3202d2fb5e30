/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What the tests of the window share: an application of their own, windows with photos in them,
 * waiting. Warnings are fatal.
 */
#pragma once

#include "app/limn-image-file.h"
#include "ui/limn-application.h"
#include "ui/limn-tool.h"
#include "ui/limn-window.h"

G_BEGIN_DECLS

extern LimnApplication *application;
/* A folder for the test's files. */
extern char *folder;

/* Instead of g_test_init() and g_test_run(). */
void fixture_init (int *argc, char ***argv);
int fixture_run (void);

typedef gboolean (*Condition) (gpointer data);

/* Iterates until @condition; a condition that is never met is a failure. */
void wait_until (Condition condition, gpointer data);
void iterate_for (guint milliseconds);
gboolean is_drawn (gpointer widget);
gboolean has_document (gpointer window);
gboolean is_idle (gpointer window);
gboolean is_on_generation_page (gpointer window);
gboolean is_zero (gpointer number);

LimnWindow *new_window (void);
LimnWindow *window_with_photo (int width, int height);
/* Closes without questions, and sees that nothing keeps the window alive. */
void destroy (LimnWindow *window);
void activate (LimnWindow *window, const char *action);
gboolean enabled (LimnWindow *window, const char *action);
/* A sky over a meadow, so that the default model has something to do (transfer full). */
GFile *write_photo (const char *name, int width, int height);
/* As the brush does it. */
void paint (LimnWindow *window, double x0, double y0, double x1, double y1, double radius);
gboolean mask_is_empty (LimnWindow *window);
/* Skips the test when there is no model that can fill. */
gboolean model_is_missing (void);

/* The first descendant of @widget that is a @type and, with @name, has that buildable id; NULL when
 * there is none. */
GtkWidget *find_widget (GtkWidget *widget, GType type, const char *name);
/* The open message dialog, or NULL. */
GtkWidget *find_dialog (void);
/* The button of the toast that is shown, when it says @label, or NULL. */
GtkWidget *find_toast_button (LimnWindow *window, const char *label);
gboolean has_undo_toast (gpointer window);
gboolean has_no_undo_toast (gpointer window);
void click (GtkWidget *button);
/* The same for a toast's, once it has come: see limn-window-notice.c. */
void click_toast (GtkWidget *button);
/* Black and opaque. */
LimnPatch *new_patch (int x, int y, int width, int height);

G_END_DECLS
