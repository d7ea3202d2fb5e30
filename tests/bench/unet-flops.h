/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/weights/weights.h"

G_BEGIN_DECLS

/* 1e9 floating-point operations of one evaluation of a UNet in the LDM layout
 * ("model.diffusion_model.") on a latent of
 * @height x @width with @context_tokens, from the shapes of its weights: two for each weight and
 * position that it is applied to, and 4 T^2 C (or 4 T tokens C) for each attention. Norms and
 * activations are not counted. */
double limn_unet_gflop (LimnWeights *weights, int height, int width, gint64 context_tokens);

G_END_DECLS
