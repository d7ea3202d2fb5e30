/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

/**
 * limn_noise_augment:
 * @image: the low-resolution picture, [n, h, w, c] in [-1, 1]
 * @noise: standard normals, same shape
 * @alphas_cumprod: of the augmentation's own schedule (low_scale_config), not the model's
 * @n_levels: how many there are
 * @level: index into them; 0 adds a little noise, not none
 *
 * sqrt (a) image + sqrt (1 - a) noise, a = alphas_cumprod[level]: what a cascaded upscaler is
 * given, with @level as the UNet's label. Ho et al. 2021, "Cascaded Diffusion Models for High
 * Fidelity Image Generation", section 4; ImageConcatWithNoiseAugmentation of Stable Diffusion's
 * x4-upscaler.
 *
 * Returns: a tensor of the same shape in the arena; a level that there is not is
 * LIMN_ENGINE_ERROR_ARGUMENT
 */
LimnTensor limn_noise_augment (LimnRun *run,
                               const LimnTensor *image,
                               const LimnTensor *noise,
                               const float *alphas_cumprod,
                               int n_levels,
                               int level);

G_END_DECLS
