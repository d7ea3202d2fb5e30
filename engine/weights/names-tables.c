/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The dialects. Of several names for one thing the first is the one that is written.
 */
#include "engine/weights/names.h"

/* ---- UNet ------------------------------------------------------------------------------------ */

static const LimnNameTail unet_resnet[] = {
  { "norm1", "in_layers.0" },
  { "conv1", "in_layers.2" },
  { "time_emb_proj", "emb_layers.1" },
  { "norm2", "out_layers.0" },
  { "conv2", "out_layers.3" },
  { "conv_shortcut", "skip_connection" },
  { NULL, NULL },
};

/* A spatial transformer's names are the same in both; AttentionBlock's are not. */
static const LimnNameTail unet_attention[] = {
  { "norm", "norm" },         { "proj_out", "proj_out" },  { "group_norm", "norm" },
  { "to_out.0", "proj_out" }, { "proj_attn", "proj_out" }, { "query", "to_q" },
  { "key", "to_k" },          { "value", "to_v" },         { NULL, NULL },
};

const LimnNameRow _limn_names_unet[] = {
  { "conv_in.", "input_blocks.0.0.", NULL },
  { "time_embedding.linear_1.", "time_embed.0.", NULL },
  { "time_embedding.linear_2.", "time_embed.2.", NULL },
  { "time_embedding.cond_proj.", "time_embed.cond_proj.", NULL },
  { "class_embedding.", "label_emb.", NULL },
  { "down_blocks.{i}.resnets.{j}.", "input_blocks.{down}.0.", unet_resnet },
  { "down_blocks.{i}.attentions.{j}.", "input_blocks.{down}.1.", unet_attention },
  { "down_blocks.{i}.downsamplers.0.conv.", "input_blocks.{next}.0.op.", NULL },
  { "mid_block.resnets.{j}.", "middle_block.{even}.", unet_resnet },
  { "mid_block.attentions.{j}.", "middle_block.{odd}.", unet_attention },
  { "up_blocks.{i}.resnets.{j}.", "output_blocks.{up}.0.", unet_resnet },
  { "up_blocks.{i}.attentions.{j}.", "output_blocks.{up}.1.", unet_attention },
  { "up_blocks.{i}.upsamplers.0.conv.", "output_blocks.{last}.{after}.conv.", NULL },
  { "conv_norm_out.", "out.0.", NULL },
  { "conv_out.", "out.2.", NULL },
  { NULL, NULL, NULL },
};

/* ---- Autoencoder ----------------------------------------------------------------------------- */

static const LimnNameTail vae_resnet[] = { { "conv_shortcut", "nin_shortcut" }, { NULL, NULL } };

/* Two generations of names. */
static const LimnNameTail vae_attention[] = {
  { "group_norm", "norm" },    { "to_q", "q" },  { "to_k", "k" }, { "to_v", "v" },
  { "to_out.0", "proj_out" },  { "query", "q" }, { "key", "k" },  { "value", "v" },
  { "proj_attn", "proj_out" }, { NULL, NULL },
};

const LimnNameRow _limn_names_autoencoder[] = {
  { "encoder.conv_in.", "encoder.conv_in.", NULL },
  { "encoder.down_blocks.{i}.resnets.{j}.", "encoder.down.{i}.block.{j}.", vae_resnet },
  { "encoder.down_blocks.{i}.attentions.{j}.", "encoder.down.{i}.attn.{j}.", vae_attention },
  { "encoder.down_blocks.{i}.downsamplers.0.", "encoder.down.{i}.downsample.", NULL },
  { "encoder.mid_block.resnets.{j}.", "encoder.mid.block_{j1}.", vae_resnet },
  { "encoder.mid_block.attentions.{j}.", "encoder.mid.attn_{j1}.", vae_attention },
  { "encoder.conv_norm_out.", "encoder.norm_out.", NULL },
  { "encoder.conv_out.", "encoder.conv_out.", NULL },
  { "decoder.conv_in.", "decoder.conv_in.", NULL },
  { "decoder.mid_block.resnets.{j}.", "decoder.mid.block_{j1}.", vae_resnet },
  { "decoder.mid_block.attentions.{j}.", "decoder.mid.attn_{j1}.", vae_attention },
  { "decoder.up_blocks.{i}.resnets.{j}.", "decoder.up.{rev}.block.{j}.", vae_resnet },
  { "decoder.up_blocks.{i}.attentions.{j}.", "decoder.up.{rev}.attn.{j}.", vae_attention },
  { "decoder.up_blocks.{i}.upsamplers.0.", "decoder.up.{rev}.upsample.", NULL },
  { "decoder.conv_norm_out.", "decoder.norm_out.", NULL },
  { "decoder.conv_out.", "decoder.conv_out.", NULL },
  { "quant_conv.", "quant_conv.", NULL },
  { "post_quant_conv.", "post_quant_conv.", NULL },
  { "quantize.", "quantize.", NULL },
  { NULL, NULL, NULL },
};

/* ---- Text encoder ---------------------------------------------------------------------------- */

/* q_proj, k_proj and v_proj are thirds of attn.in_proj_weight, which a table cannot say. */
static const LimnNameTail openclip_block[] = {
  { "self_attn.out_proj", "attn.out_proj" },
  { "mlp.fc1", "mlp.c_fc" },
  { "mlp.fc2", "mlp.c_proj" },
  { "layer_norm1", "ln_1" },
  { "layer_norm2", "ln_2" },
  { NULL, NULL },
};

const LimnNameRow _limn_names_openclip[] = {
  { "text_model.encoder.layers.{i}.", "transformer.resblocks.{i}.", openclip_block },
  { "text_model.embeddings.token_embedding.", "token_embedding.", NULL },
  { "text_model.final_layer_norm.", "ln_final.", NULL },
  { NULL, NULL, NULL },
};
