/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The part of a config.yaml that says how a diffusion model is told what to make. Defaults are
 * those of ddpm.py and encoders/modules.py.
 */
#include "engine/model/description-private.h"

#define PARAMS "model.params"
#define COND_STAGE PARAMS ".cond_stage_config"

/* ddpm.py: without a key, concat_mode decides, which is true unless said otherwise;
 * __is_unconditional__ overrides both. */
static void
read_key (LimnDescription *self, LimnConfig *config, const char *class)
{
  const char *fallback = g_str_equal (class, "LatentInpaintDiffusion")            ? "hybrid"
                         : g_str_equal (class, "LatentUpscaleDiffusion")          ? "hybrid-adm"
                         : limn_config_bool (config, PARAMS, "concat_mode", TRUE) ? "concat"
                                                                                  : "crossattn";
  const char *key = limn_config_string (config, PARAMS, "conditioning_key", fallback);

  if (self->cond_stage == LIMN_COND_STAGE_NONE)
    self->condition = LIMN_CONDITION_NONE;
  else if (g_str_equal (key, "concat"))
    self->condition = LIMN_CONDITION_CONCAT;
  else if (g_str_equal (key, "crossattn"))
    self->condition = LIMN_CONDITION_CROSSATTN;
  else if (g_str_equal (key, "hybrid")
           || (g_str_equal (key, "hybrid-adm") && g_str_equal (class, "LatentUpscaleDiffusion")))
    self->condition = LIMN_CONDITION_HYBRID;
  else
    _limn_config_unsupported (config, PARAMS, "conditioning_key", key);
}

void
_limn_description_set_clip (LimnDescription *self, LimnCondStage stage)
{
  gboolean open = stage == LIMN_COND_STAGE_OPENCLIP;

  self->cond_stage = stage;
  self->text_prefix = self->cond_prefix = open ? LIMN_OPENCLIP_PREFIX : LIMN_CLIP_PREFIX;
  self->text = (LimnClipTextConfig){
    .names = open ? LIMN_CLIP_NAMES_OPENCLIP : LIMN_CLIP_NAMES_HF,
    .vocab_size = 49408,
    .hidden_size = open ? 1024 : 768,
    .intermediate_size = open ? 4096 : 3072,
    .num_hidden_layers = open ? 24 : 12,
    .num_attention_heads = open ? 16 : 12,
    .max_position_embeddings = 77,
    .hidden_act = open ? LIMN_ACTIVATION_GELU : LIMN_ACTIVATION_QUICK_GELU,
    .layer_norm_eps = 1e-5f,
  };
}

/* Three tokens for an object and two for the crop. */
void
_limn_description_set_layout (LimnDescription *self)
{
  limn_layout_config_init (&self->layout);
  self->layout.no_tokens = self->bert.vocab_size;
  self->layout.no_max_objects = self->bert.max_seq_len / 3;
  self->layout.encode_crop = self->bert.max_seq_len % 3 == 2;
}

static void
read_clip (LimnDescription *self, LimnConfig *config, LimnCondStage stage)
{
  const char *layer = limn_config_string (config, COND_STAGE ".params", "layer", "last");

  _limn_description_set_clip (self, stage);
  if (g_str_equal (layer, "penultimate"))
    self->text.skip_layers = 1;
  else if (!g_str_equal (layer, "last"))
    _limn_config_unsupported (config, COND_STAGE ".params", "layer", layer);
}

static void
read_bert (LimnDescription *self, LimnConfig *config)
{
  const char *base = COND_STAGE ".params";

  self->cond_prefix = LIMN_BERT_PREFIX;
  limn_bert_text_config_init (&self->bert);
  self->bert.n_embed = limn_config_need_int (config, base, "n_embed");
  self->bert.n_layer = limn_config_need_int (config, base, "n_layer");
  self->bert.vocab_size = limn_config_int (config, base, "vocab_size", self->bert.vocab_size);
  self->bert.max_seq_len = limn_config_int (config, base, "max_seq_len", self->bert.max_seq_len);
  if (!limn_config_bool (config, base, "use_tokenizer", TRUE))
    {
      self->cond_stage = LIMN_COND_STAGE_LAYOUT;
      _limn_description_set_layout (self);
    }
}

static void
read_class (LimnDescription *self, LimnConfig *config)
{
  self->cond_prefix = LIMN_COND_STAGE_PREFIX;
  self->n_classes = limn_config_int (config, COND_STAGE ".params", "n_classes", 1000);
  self->class_width = limn_config_need_int (config, COND_STAGE ".params", "embed_dim");
}

static void
read_rescaler (LimnDescription *self, LimnConfig *config)
{
  const char *base = COND_STAGE ".params";
  const char *method = limn_config_string (config, base, "method", "bilinear");

  self->cond_prefix = LIMN_COND_STAGE_PREFIX;
  self->rescaler.n_stages = limn_config_int (config, base, "n_stages", 1);
  self->rescaler.in_channels = limn_config_int (config, base, "in_channels", 3);
  self->rescaler.out_channels = limn_config_int (config, base, "out_channels", 0);
  self->rescaler.bias = limn_config_bool (config, base, "bias", FALSE);
  if (!g_str_equal (method, "bilinear"))
    _limn_config_unsupported (config, base, "method", method);
  if (limn_config_double (config, base, "multiplier", 0.5) != 0.5)
    _limn_config_unsupported (config, base, "multiplier", "another number than 0.5");
}

static void
read_stage (LimnDescription *self, LimnConfig *config)
{
  static const struct
  {
    const char *class;
    LimnCondStage stage;
  } stages[] = {
    { "FrozenCLIPEmbedder", LIMN_COND_STAGE_CLIP },
    { "FrozenOpenCLIPEmbedder", LIMN_COND_STAGE_OPENCLIP },
    { "BERTEmbedder", LIMN_COND_STAGE_BERT },
    { "ClassEmbedder", LIMN_COND_STAGE_CLASS },
    { "SpatialRescaler", LIMN_COND_STAGE_RESCALER },
    { "Identity", LIMN_COND_STAGE_IDENTITY },
    { "__is_first_stage__", LIMN_COND_STAGE_FIRST_STAGE },
    { "__is_unconditional__", LIMN_COND_STAGE_NONE },
  };
  /* A mapping with a target, or one of two words. */
  const char *target = limn_config_string (config, COND_STAGE, "target", NULL);

  if (target == NULL && limn_config_has (config, PARAMS, "cond_stage_config"))
    target = limn_config_string (config, PARAMS, "cond_stage_config", NULL);
  if (target == NULL)
    {
      limn_config_fail (config, LIMN_ENGINE_ERROR_MISSING, PARAMS, "cond_stage_config",
                        "is missing");
      return;
    }
  self->cond_stage_target = g_strdup (_limn_class_name (target));
  self->cond_stage = LIMN_COND_STAGE_OTHER;
  for (gsize i = 0; i < G_N_ELEMENTS (stages); i++)
    if (g_str_equal (self->cond_stage_target, stages[i].class))
      self->cond_stage = stages[i].stage;
}

void
_limn_description_read_condition (LimnDescription *self, LimnConfig *config, const char *class)
{
  read_stage (self, config);
  switch (self->cond_stage)
    {
    case LIMN_COND_STAGE_CLIP:
    case LIMN_COND_STAGE_OPENCLIP:
      read_clip (self, config, self->cond_stage);
      break;
    case LIMN_COND_STAGE_BERT:
      read_bert (self, config);
      break;
    case LIMN_COND_STAGE_CLASS:
      read_class (self, config);
      break;
    case LIMN_COND_STAGE_RESCALER:
      read_rescaler (self, config);
      break;
    default:
      break;
    }
  read_key (self, config, class);
}
