/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/description.h"

G_BEGIN_DECLS

/* TRUE when @folder is one of diffusers: a pipeline with model_index.json or the folders of its
 * parts, or one of those parts with its config.json. */
gboolean limn_diffusers_is_folder (const char *folder);
/* TRUE when it is one part. */
gboolean limn_diffusers_is_part (const char *folder);

/**
 * limn_description_read_diffusers:
 * @self: what limn_description_detect() found in the tensors of @folder
 * @folder: a pipeline, or one part of it
 *
 * Reads from the JSON files what the tensors do not show: heads, the noise schedule, what the UNet
 * predicts, the scale of the latent, sizes. Errors name file and key;
 * LIMN_ENGINE_ERROR_UNSUPPORTED for settings that this engine does not have.
 */
gboolean
limn_description_read_diffusers (LimnDescription *self, const char *folder, GError **error);

G_END_DECLS
