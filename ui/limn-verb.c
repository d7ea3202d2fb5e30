/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-verb.h"

#include <glib/gi18n.h>

static const struct
{
  const char *label, *tooltip, *name;
} verbs[] = {
  [LIMN_VERB_FILL] = { N_ ("_Fill"), N_ ("Fill the marked area (Ctrl+Enter)"), N_ ("Fill") },
  [LIMN_VERB_REMOVE]
  = { N_ ("_Remove"), N_ ("Remove what is marked, so that what lies around goes on (Ctrl+Enter)"),
      N_ ("Remove") },
  [LIMN_VERB_EXPAND]
  = { N_ ("_Expand"), N_ ("Fill what was added around the picture (Ctrl+Enter)"), N_ ("Expand") },
  [LIMN_VERB_REFINE]
  = { N_ ("_Refine"), N_ ("Work on what is marked and keep some of it (Ctrl+Enter)"),
      N_ ("Refine") },
  [LIMN_VERB_GENERATE]
  = { N_ ("_Generate"), N_ ("Make all of the picture anew (Ctrl+Enter)"), N_ ("Generate") },
  [LIMN_VERB_NEW]
  = { N_ ("_Generate"), N_ ("Make a new picture from nothing (Ctrl+Enter)"), N_ ("Generate") },
};

LimnVerb
limn_verb_choose (gboolean takes_prompt, const char *prompt, double strength, gboolean everything)
{
  gboolean has_words = takes_prompt && prompt != NULL && *prompt != '\0';

  if (strength < 1)
    return LIMN_VERB_REFINE;
  if (!has_words)
    return LIMN_VERB_REMOVE;
  return everything ? LIMN_VERB_GENERATE : LIMN_VERB_FILL;
}

const char *
limn_verb_get_label (LimnVerb verb)
{
  g_return_val_if_fail (verb < G_N_ELEMENTS (verbs), NULL);

  return _ (verbs[verb].label);
}

const char *
limn_verb_get_tooltip (LimnVerb verb)
{
  g_return_val_if_fail (verb < G_N_ELEMENTS (verbs), NULL);

  return _ (verbs[verb].tooltip);
}

const char *
limn_verb_get_name (LimnVerb verb)
{
  g_return_val_if_fail (verb < G_N_ELEMENTS (verbs), NULL);

  return _ (verbs[verb].name);
}
