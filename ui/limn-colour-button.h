/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define LIMN_TYPE_COLOUR_BUTTON (limn_colour_button_get_type ())
/**
 * LimnColourButton: shows a colour, and opens a choice of others: a palette, those that were used
 * last, any other by the colour chooser.
 *
 * Properties: "colour" GdkRGBA, always opaque; "recent" GStrv: the colours that were used, the last
 * one first.
 */
G_DECLARE_FINAL_TYPE (LimnColourButton, limn_colour_button, LIMN, COLOUR_BUTTON, AdwBin)

/* Adds the colour to those that were used. */
void limn_colour_button_use (LimnColourButton *self);

G_END_DECLS
