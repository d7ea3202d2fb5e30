/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "app/limn-history.h"
#include "app/limn-library.h"
#include "engine/task/generate.h"

G_BEGIN_DECLS

#define LIMN_TYPE_SETTINGS_PANEL (limn_settings_panel_get_type ())
/* LimnSettingsPanel: model, steps, guidance, strength and seed. Signal "changed": one of them did,
 * but for the seed. */
G_DECLARE_FINAL_TYPE (LimnSettingsPanel, limn_settings_panel, LIMN, SETTINGS_PANEL, GtkWidget)

/* Once, before use. */
void limn_settings_panel_setup (LimnSettingsPanel *self, GSettings *settings, LimnLibrary *library);
/* The chosen model (borrowed), working or not; NULL when there is none at all. */
LimnModelEntry *limn_settings_panel_get_model (LimnSettingsPanel *self);
/* Fills @params, prompts excepted; its strings belong to the panel or the model. @entry must work.
 */
void limn_settings_panel_get_params (LimnSettingsPanel *self,
                                     LimnModelEntry *entry,
                                     LimnInpaintParams *params);
/* The same for a picture from nothing; prompts and class excepted. */
void limn_settings_panel_get_generate_params (LimnSettingsPanel *self,
                                              LimnModelEntry *entry,
                                              LimnGenerateParams *params);
/* Chooses the model; FALSE when it is not listed. */
gboolean limn_settings_panel_select_model (LimnSettingsPanel *self, const char *id);
/* How much of what is there is to change, 0 .. 1. */
double limn_settings_panel_get_strength (LimnSettingsPanel *self);
void limn_settings_panel_set_strength (LimnSettingsPanel *self, double strength);
/* For one piece of work: shows @strength, which is not stored, until it is returned. What the person
 * sets meanwhile stays. */
void limn_settings_panel_lend_strength (LimnSettingsPanel *self, double strength);
void limn_settings_panel_return_strength (LimnSettingsPanel *self);
/* Before a run: throws the dice unless the seed is locked. */
void limn_settings_panel_next_seed (LimnSettingsPanel *self);
/* The seed after the last one, locked or not. */
void limn_settings_panel_step_seed (LimnSettingsPanel *self);
guint64 limn_settings_panel_get_seed (LimnSettingsPanel *self);
/* Takes over what @generation was made with; the seed becomes locked. FALSE when its model is not
 * installed. */
gboolean limn_settings_panel_load (LimnSettingsPanel *self, LimnGeneration *generation);

G_END_DECLS
