/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * How a diffusion model is told what to make: from the tensors of its condition stage, the width of
 * the context that its UNet takes, and the channels that the UNet takes beside the latent's.
 */
#include "engine/model/detect-private.h"

#define C LIMN_COND_STAGE_PREFIX
#define MAX_LAYERS 1000

/* Width of a head in all published CLIP text encoders. */
#define CLIP_HEAD 64
/* Width of OpenCLIP's ViT-H, Stable Diffusion 2. */
#define OPENCLIP_WIDTH 1024
#define PROMPT_TOKENS 77

/* ---- Text encoders --------------------------------------------------------------------------- */

static void
set_heads (LimnDetector *self)
{
  LimnClipTextConfig *text = &self->description->text;
  gboolean usual = text->hidden_size % CLIP_HEAD == 0 && text->hidden_size > 0;

  text->num_attention_heads = usual ? text->hidden_size / CLIP_HEAD : 1;
  if (!usual && self->error == NULL)
    limn_description_note (self->description,
                           "The number of heads of the text encoder cannot be seen: 1 is assumed.");
}

/* Hugging Face's names, with or without "text_model." in the prefix, as older files have it. */
static void
detect_clip (LimnDetector *self, const char *prefix)
{
  LimnDescription *description = self->description;
  LimnClipTextConfig *text = &description->text;

  _limn_description_set_clip (description, LIMN_COND_STAGE_CLIP);
  description->text_prefix = description->cond_prefix = prefix;
  text->vocab_size = _limn_detect_need (self, 0, "%sembeddings.token_embedding.weight", prefix);
  text->hidden_size = _limn_detect_need (self, 1, "%sembeddings.token_embedding.weight", prefix);
  text->max_position_embeddings
      = _limn_detect_need (self, 0, "%sembeddings.position_embedding.weight", prefix);
  text->intermediate_size
      = _limn_detect_need (self, 0, "%sencoder.layers.0.mlp.fc1.weight", prefix);
  text->num_hidden_layers = 0;
  while (text->num_hidden_layers < MAX_LAYERS
         && _limn_detect_has (self, "%sencoder.layers.%d.mlp.fc1.weight", prefix,
                              text->num_hidden_layers))
    text->num_hidden_layers++;
  set_heads (self);
  /* Stable Diffusion 2's encoder under these names: diffusers leaves its last block out. */
  if (description->unet.use_linear_in_transformer)
    {
      text->hidden_act = LIMN_ACTIVATION_GELU;
      text->skip_layers = text->num_hidden_layers == 24 ? 1 : 0;
    }
}

static void
detect_openclip (LimnDetector *self)
{
  LimnClipTextConfig *text = &self->description->text;
  const char *prefix = LIMN_OPENCLIP_PREFIX;

  _limn_description_set_clip (self->description, LIMN_COND_STAGE_OPENCLIP);
  text->vocab_size = _limn_detect_need (self, 0, "%stoken_embedding.weight", prefix);
  text->hidden_size = _limn_detect_need (self, 1, "%stoken_embedding.weight", prefix);
  text->max_position_embeddings = _limn_detect_need (self, 0, "%spositional_embedding", prefix);
  text->intermediate_size
      = _limn_detect_need (self, 0, "%stransformer.resblocks.0.mlp.c_fc.weight", prefix);
  text->num_hidden_layers = 0;
  while (text->num_hidden_layers < MAX_LAYERS
         && _limn_detect_has (self, "%stransformer.resblocks.%d.mlp.c_fc.weight", prefix,
                              text->num_hidden_layers))
    text->num_hidden_layers++;
  text->skip_layers = text->num_hidden_layers > 1 ? 1 : 0;
  set_heads (self);
}

/* A BERTEmbedder reads a prompt when it has room for 77 tokens, and boxes when it has room for
 * triples of tokens and a crop. */
static void
detect_bert (LimnDetector *self)
{
  LimnDescription *description = self->description;
  LimnBertTextConfig *bert = &description->bert;
  const char *prefix = LIMN_BERT_PREFIX;

  description->cond_prefix = prefix;
  description->cond_stage = LIMN_COND_STAGE_BERT;
  limn_bert_text_config_init (bert);
  bert->vocab_size = _limn_detect_need (self, 0, "%stoken_emb.weight", prefix);
  bert->n_embed = _limn_detect_need (self, 1, "%stoken_emb.weight", prefix);
  bert->max_seq_len = _limn_detect_need (self, 0, "%spos_emb.emb.weight", prefix);
  bert->n_layer = 0;
  while (bert->n_layer < MAX_LAYERS
         && _limn_detect_has (self, "%sattn_layers.layers.%d.1.to_q.weight", prefix,
                              2 * bert->n_layer))
    bert->n_layer++;
  if (bert->max_seq_len != PROMPT_TOKENS && bert->max_seq_len % 3 == 2)
    {
      description->cond_stage = LIMN_COND_STAGE_LAYOUT;
      _limn_description_set_layout (description);
    }
}

/* The text encoder that a UNet alone was trained with, by the width of its context. */
static void
assume_clip (LimnDetector *self)
{
  gboolean open = self->description->unet.context_dim == OPENCLIP_WIDTH;

  _limn_description_set_clip (self->description,
                              open ? LIMN_COND_STAGE_OPENCLIP : LIMN_COND_STAGE_CLIP);
  self->description->text.skip_layers = open ? 1 : 0;
}

/* ---- Other stages ---------------------------------------------------------------------------- */

static void
detect_class (LimnDetector *self)
{
  LimnDescription *description = self->description;

  description->cond_stage = LIMN_COND_STAGE_CLASS;
  description->cond_prefix = C;
  description->n_classes = _limn_detect_need (self, 0, C "embedding.weight");
  description->class_width = _limn_detect_need (self, 1, C "embedding.weight");
}

/* A map of labels shrinks to the latent's size. */
static void
detect_rescaler (LimnDetector *self)
{
  LimnDescription *description = self->description;

  description->cond_stage = LIMN_COND_STAGE_RESCALER;
  description->cond_prefix = C;
  description->rescaler = (LimnSpatialRescalerConfig){
    .n_stages = description->has_autoencoder ? MAX (description->autoencoder.n_levels - 1, 0) : 2,
    .in_channels = _limn_detect_need (self, 1, C "channel_mapper.weight"),
    .out_channels = _limn_detect_need (self, 0, C "channel_mapper.weight"),
    .bias = _limn_detect_has (self, C "channel_mapper.bias"),
  };
}

static void
detect_stage (LimnDetector *self)
{
  const LimnUnetConfig *unet = &self->description->unet;

  self->description->cond_stage = LIMN_COND_STAGE_NONE;
  if (_limn_detect_has (self, LIMN_CLIP_PREFIX "embeddings.token_embedding.weight"))
    detect_clip (self, LIMN_CLIP_PREFIX);
  else if (_limn_detect_has (self, LIMN_BERT_PREFIX "embeddings.token_embedding.weight"))
    detect_clip (self, LIMN_BERT_PREFIX);
  else if (_limn_detect_has (self, LIMN_OPENCLIP_PREFIX "token_embedding.weight"))
    detect_openclip (self);
  else if (_limn_detect_has (self, LIMN_BERT_PREFIX "token_emb.weight"))
    detect_bert (self);
  else if (_limn_detect_has (self, C "embedding.weight"))
    detect_class (self);
  else if (_limn_detect_has (self, C "channel_mapper.weight"))
    detect_rescaler (self);
  else if (unet->context_dim > 0 && unet->out_channels == 4)
    assume_clip (self);
  else if (unet->context_dim > 0)
    self->description->cond_stage = LIMN_COND_STAGE_IDENTITY;
}

/* ---- How they reach the UNet ----------------------------------------------------------------- */

static void
refuse_channels (LimnDetector *self, int extra)
{
  const char *known = extra == 1   ? ", as models for depth maps do"
                      : extra == 4 ? ", as models for editing by instruction do"
                                   : "";

  _limn_detect_fail (self, LIMN_ENGINE_ERROR_UNSUPPORTED,
                     "tensor " LIMN_UNET_PREFIX "input_blocks.0.0.weight: the UNet takes %d "
                     "channels beside the latent's%s, which is not supported",
                     extra, known);
}

/* The UNet takes a context. */
static void
set_context (LimnDetector *self, int extra)
{
  LimnDescription *description = self->description;
  int mask_and_latent = description->unet.out_channels + 1;

  if (extra == 0 && description->unet.num_classes == 0)
    description->condition = LIMN_CONDITION_CROSSATTN;
  else if (extra == mask_and_latent && description->unet.num_classes == 0)
    description->condition = LIMN_CONDITION_HYBRID;
  else if (extra == 3 && description->unet.num_classes > 0)
    {
      description->condition = LIMN_CONDITION_HYBRID;
      description->noise_level = TRUE;
    }
  else
    refuse_channels (self, extra);
}

/* It takes none, but maybe further channels: the latent of the masked picture and the mask, or the
 * small picture itself. */
static void
set_concat (LimnDetector *self, int extra)
{
  LimnDescription *description = self->description;
  int colours = description->has_autoencoder ? description->autoencoder.in_channels : 3;

  description->condition = extra == 0 ? LIMN_CONDITION_NONE : LIMN_CONDITION_CONCAT;
  if (extra == 0 || description->cond_stage == LIMN_COND_STAGE_RESCALER)
    return;
  if (extra == description->unet.out_channels + 1)
    description->cond_stage = LIMN_COND_STAGE_FIRST_STAGE;
  else if (extra == colours)
    description->cond_stage = LIMN_COND_STAGE_IDENTITY;
  else
    refuse_channels (self, extra);
}

void
_limn_detect_condition (LimnDetector *self)
{
  const LimnUnetConfig *unet = &self->description->unet;
  int extra = unet->in_channels - unet->out_channels;

  if (self->error != NULL)
    return;
  detect_stage (self);
  if (unet->context_dim > 0)
    set_context (self, extra);
  else
    set_concat (self, extra);
}
