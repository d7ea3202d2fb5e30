/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a run is going to do, as the button says it. */
typedef enum
{
  LIMN_VERB_FILL,     /* what the words say into the mask */
  LIMN_VERB_REMOVE,   /* no words: what lies around goes on */
  LIMN_VERB_EXPAND,   /* what was added around the picture */
  LIMN_VERB_REFINE,   /* keeps some of what is there */
  LIMN_VERB_GENERATE, /* all of the picture anew */
  LIMN_VERB_NEW,      /* another picture, from nothing */
} LimnVerb;

/* @takes_prompt: the model reads words; @prompt: those, nullable; @strength: how much is to change,
 * 0 .. 1; @everything: the mask covers all of the picture. */
LimnVerb
limn_verb_choose (gboolean takes_prompt, const char *prompt, double strength, gboolean everything);
/* For the button, with a mnemonic. */
const char *limn_verb_get_label (LimnVerb verb);
/* A sentence for the button's tooltip. */
const char *limn_verb_get_tooltip (LimnVerb verb);
/* What was done, for the undo history. */
const char *limn_verb_get_name (LimnVerb verb);

G_END_DECLS
