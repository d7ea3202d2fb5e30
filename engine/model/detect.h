/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/description.h"

G_BEGIN_DECLS

/**
 * limn_description_detect:
 * @weights: with LDM's names: limn_weights_to_ldm()
 *
 * Reads from the names and shapes of the tensors what the model is. What those do not show (numbers
 * of attention heads, the schedule, the scale of the latent) comes from the published model that it
 * is most like, and a note says so where it is not that very model. Of the data, only the schedule
 * that LDM's files have beside the weights and one small norm of Stable Diffusion 2 are read.
 *
 * Errors name the file, and the tensor that does not fit; LIMN_ENGINE_ERROR_UNSUPPORTED for other
 * kinds of files (SDXL, LoRA, ...), by their names. Clear @self also after a failure.
 */
gboolean limn_description_detect (LimnDescription *self, LimnWeights *weights, GError **error);

/**
 * limn_description_detect_network:
 *
 * The same for networks that are models of their own, upscalers of one pass and tiny autoencoders:
 * sets @self->network and where its tensors are. They need no config: limn_description_read_names().
 *
 * Returns: FALSE, and @self as it was, for all other files
 */
gboolean limn_description_detect_network (LimnDescription *self, LimnWeights *weights);

/* Whether the heads that were assumed, or that other files said, divide the UNet's levels at all:
 * an error that asks for a config otherwise. */
gboolean limn_description_check_heads (const LimnDescription *self, GError **error);

G_END_DECLS
