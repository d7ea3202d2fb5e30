/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/autoencoder.h"
#include "engine/nn/clip-text.h"
#include "engine/nn/unet.h"
#include "tests/unit/tensor-testing.h"

G_BEGIN_DECLS

/*
 * The networks on the weights of two golden fixtures: D has a UNet with cross-attention, an
 * autoencoder and a text encoder, C a UNet with attention blocks and residual blocks that resample.
 * What they compute is checked by limn-golden; here is what must hold whatever the weights are.
 */

#define TEST_MODEL_D "D-unet-crossattn-sd15-inpaint", "model.safetensors"
#define TEST_MODEL_C "C-unet-concat", "model.ckpt"

LimnWeights *test_open_weights (const char *folder, const char *file);
LimnUnetConfig test_unet_config_c (void);
LimnUnetConfig test_unet_config_d (void);
LimnAutoencoderConfig test_autoencoder_config_d (void);
LimnClipTextConfig test_text_config_d (void);

/* All networks of the two fixtures, each run on inputs of one size. */
typedef struct
{
  LimnWeights *weights_d, *weights_c;
  LimnUnet crossattn, concat;
  LimnAutoencoder autoencoder;
  LimnClipText text;
} TestNetworks;

void test_networks_init (TestNetworks *self);
void test_networks_clear (TestNetworks *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestNetworks, test_networks_clear)

G_END_DECLS
