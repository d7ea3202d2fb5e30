/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/weights/weights.h"

G_BEGIN_DECLS

/**
 * LimnLora:
 *
 * A file of small changes to a model's weights: for each changed module the factors of a matrix
 * of low rank (Hu et al. 2021, "LoRA", equation 3; for convolutions down is the convolution and up
 * 1x1), also with magnitudes (DoRA), or LyCORIS' products of Hadamard (LoHa) and Kronecker (LoKr).
 * Reads kohya's names ("lora_unet_...", "lora_te_..."), peft's and diffusers' ("unet....lora_A"),
 * and diffusers' oldest ("...processor.to_q_lora.down"). alpha is a tensor of the module's, or
 * stands in the metadata (lora_adapter_metadata), or is the rank. Reference counted, immutable,
 * readable from any thread.
 */
typedef struct _LimnLora LimnLora;

/* Opens any file that limn_weights_open() can, reads names and shapes only.
 * LIMN_ENGINE_ERROR_UNSUPPORTED with a sentence when it is no LoRA or of a kind that is not known.
 */
LimnLora *limn_lora_open (const char *path, GError **error);
LimnLora *limn_lora_ref (LimnLora *lora);
void limn_lora_unref (LimnLora *lora);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnLora, limn_lora_unref)

/* The file itself: path, size, metadata (kohya's "ss_base_model_version", "ss_output_name", ...).
 */
LimnWeights *limn_lora_get_weights (LimnLora *lora);
/* Changed modules: of the UNet and of the text encoder. */
int limn_lora_count_modules (LimnLora *lora);

/* One LoRA in use. The published weight is 1; negative ones and those above 1 are allowed. */
typedef struct
{
  LimnLora *lora;
  double weight;      /* on the UNet */
  double text_weight; /* on the text encoder */
} LimnLoraUse;

/**
 * limn_weights_with_loras:
 * @weights: a store with LDM's names; see limn_weights_to_ldm()
 * @uses: @n_uses of them
 * @n_unmatched: (out) (optional): modules of all files that @weights has no tensor for
 *
 * The same tensors, but those that the LoRAs change read as
 *   W + sum of weight * (alpha / rank) * up * down,
 * computed in float32 where the kernels pack them (LIMN_DTYPE_COMPUTED): no copy of the weights is
 * made and the files stay as they are. A DoRA reads as W + weight * (its result for W alone - W);
 * its norms are computed here, which reads the weights that it changes. Networks are initialised
 * from the result like from any store; to change or remove LoRAs, initialise them from another one.
 * Moving averages (model_ema.*) change like the weights that they average. Keeps a reference to
 * @weights and a copy of the LoRAs' factors as float32.
 *
 * Returns: a store; LIMN_ENGINE_ERROR_SHAPE, naming module and both shapes, when a module does not
 * fit its tensor; LIMN_ENGINE_ERROR_UNSUPPORTED when a file changes nothing that @weights has (it
 * is for another kind of model)
 */
LimnWeights *limn_weights_with_loras (LimnWeights *weights,
                                      const LimnLoraUse *uses,
                                      gsize n_uses,
                                      int *n_unmatched,
                                      GError **error);

G_END_DECLS
