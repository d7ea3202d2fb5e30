/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Names what the libraries leave without a name for screen readers, in @widget and below: the two
 * parts of split buttons, the button that closes an info bar; and takes the mnemonic's underscore
 * out of the names of buttons, also when they are labelled anew. To be called once. */
void limn_accessible_complete (GtkWidget *widget);

G_END_DECLS
