/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What a model can be used for, from its description and its tensors.
 */
#include <string.h>

#include "engine/diffusion/sampler.h"
#include "engine/model/model-private.h"

/* ---- What it takes --------------------------------------------------------------------------- */

static gboolean
unsupported (LimnModel *model, GError **error, const char *key, const char *what)
{
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_UNSUPPORTED, "%s: %s: %s",
               model->description.path, key, what);
  return FALSE;
}

/* One way of telling a UNet what to make. */
typedef struct
{
  LimnCondition condition;
  LimnCondStage stage;
  gboolean noise_level;
  LimnCapabilities capabilities;
  LimnTakes takes;
  LimnInpaintConvention convention;
} Use;

/* clang-format off */
static const Use uses[] = {
  { LIMN_CONDITION_NONE, LIMN_COND_STAGE_NONE, FALSE, LIMN_CAN_GENERATE, 0, LIMN_INPAINT_NONE },
  { LIMN_CONDITION_CROSSATTN, LIMN_COND_STAGE_CLIP, FALSE, LIMN_CAN_GENERATE, LIMN_TAKES_PROMPT, LIMN_INPAINT_NONE },
  { LIMN_CONDITION_CROSSATTN, LIMN_COND_STAGE_BERT, FALSE, LIMN_CAN_GENERATE, LIMN_TAKES_PROMPT, LIMN_INPAINT_NONE },
  { LIMN_CONDITION_CROSSATTN, LIMN_COND_STAGE_CLASS, FALSE, LIMN_CAN_GENERATE, LIMN_TAKES_CLASS, LIMN_INPAINT_NONE },
  { LIMN_CONDITION_CROSSATTN, LIMN_COND_STAGE_LAYOUT, FALSE, LIMN_CAN_GENERATE, LIMN_TAKES_BOXES, LIMN_INPAINT_NONE },
  { LIMN_CONDITION_CROSSATTN, LIMN_COND_STAGE_IDENTITY, FALSE, LIMN_CAN_GENERATE, LIMN_TAKES_EMBEDDING, LIMN_INPAINT_NONE },
  { LIMN_CONDITION_CONCAT, LIMN_COND_STAGE_FIRST_STAGE, FALSE, LIMN_CAN_INPAINT, LIMN_TAKES_MASK, LIMN_INPAINT_LDM },
  { LIMN_CONDITION_CONCAT, LIMN_COND_STAGE_IDENTITY, FALSE, LIMN_CAN_UPSCALE, LIMN_TAKES_LOW_RES, LIMN_INPAINT_NONE },
  { LIMN_CONDITION_CONCAT, LIMN_COND_STAGE_RESCALER, FALSE, LIMN_CAN_GENERATE, LIMN_TAKES_LABELS, LIMN_INPAINT_NONE },
  { LIMN_CONDITION_HYBRID, LIMN_COND_STAGE_CLIP, FALSE, LIMN_CAN_INPAINT, LIMN_TAKES_PROMPT | LIMN_TAKES_MASK, LIMN_INPAINT_SD },
  { LIMN_CONDITION_HYBRID, LIMN_COND_STAGE_CLIP, TRUE, LIMN_CAN_UPSCALE, LIMN_TAKES_PROMPT | LIMN_TAKES_LOW_RES | LIMN_TAKES_NOISE_LEVEL, LIMN_INPAINT_NONE },
};
/* clang-format on */

static const Use *
find_use (const LimnDescription *description)
{
  LimnCondStage stage = description->cond_stage;

  if (stage == LIMN_COND_STAGE_OPENCLIP)
    stage = LIMN_COND_STAGE_CLIP;
  for (gsize i = 0; i < G_N_ELEMENTS (uses); i++)
    if (uses[i].condition == description->condition && uses[i].stage == stage
        && uses[i].noise_level == description->noise_level)
      return &uses[i];
  return NULL;
}

/* Input channels of the UNet beside the latent's. */
static int
extra_channels (const LimnDescription *description, LimnTakes takes)
{
  int latent = description->unet.out_channels;
  int colours = description->has_autoencoder ? description->autoencoder.in_channels : 3;

  if (takes & LIMN_TAKES_MASK)
    return latent + 1;
  if (takes & LIMN_TAKES_LOW_RES)
    return colours;
  if (takes & LIMN_TAKES_LABELS)
    return description->rescaler.out_channels > 0 ? description->rescaler.out_channels
                                                  : description->rescaler.in_channels;
  return 0;
}

static gboolean
check_channels (LimnModel *model, GError **error)
{
  const LimnDescription *description = &model->description;
  int latent = description->unet.out_channels;
  int wanted = latent + extra_channels (description, model->info.takes);

  if (description->has_autoencoder && latent != description->autoencoder.embed_dim)
    return unsupported (model, error, "model.params.unet_config.params.out_channels",
                        "is not the number of channels of the latent");
  if (description->unet.in_channels != wanted)
    return unsupported (model, error, "model.params.unet_config.params.in_channels",
                        "does not fit the latent and what is concatenated to it");
  return TRUE;
}

/* What must be given, as a set with its numbers. */
static void
set_takes (LimnModel *model, const Use *use)
{
  LimnModelInfo *info = &model->info;
  const LimnDescription *description = &model->description;

  info->capabilities = use->capabilities;
  info->takes = use->takes;
  info->takes_prompt = (use->takes & LIMN_TAKES_PROMPT) != 0;
  info->inpaint_convention = use->convention;
  info->context_width = description->unet.context_dim;
  if (use->takes & LIMN_TAKES_CLASS)
    info->n_categories = description->n_classes;
  else if (use->takes & LIMN_TAKES_LABELS)
    info->n_categories = description->rescaler.in_channels;
  else if (use->takes & LIMN_TAKES_BOXES)
    info->n_categories
        = MIN (description->layout.no_object_classes, description->layout.no_tokens - 1);
  info->max_boxes = description->layout.no_max_objects;
  if (use->takes & LIMN_TAKES_NOISE_LEVEL)
    {
      info->max_noise_level = description->max_noise_level;
      info->default_noise_level = MIN (20, description->max_noise_level);
    }
}

gboolean
_limn_model_find_use (LimnModel *model, GError **error)
{
  const LimnDescription *description = &model->description;
  const Use *use;

  if (!description->has_unet)
    return description->has_autoencoder
           || unsupported (model, error, "model.params.first_stage_config.target",
                           "there is neither a UNet nor an autoencoder");
  use = find_use (description);
  if (use == NULL)
    {
      g_autofree char *what = g_strdup_printf (
          "conditioning by %s in this way is not supported yet",
          description->cond_stage_target != NULL ? description->cond_stage_target : "its tensors");

      return unsupported (model, error, "model.params.cond_stage_config", what);
    }
  set_takes (model, use);
  return check_channels (model, error);
}

/* ---- Sizes ----------------------------------------------------------------------------------- */

/* Pixels per latent when the autoencoder is elsewhere, by the latent's channels. */
static int
usual_factor (const LimnModel *model)
{
  int channels = model->description.unet.out_channels;

  if (model->info.takes & LIMN_TAKES_LOW_RES || channels <= 3)
    return 4;
  return channels == 4 ? 8 : 16;
}

static gboolean
set_sizes (LimnModel *model, GError **error)
{
  LimnModelInfo *info = &model->info;
  const LimnDescription *description = &model->description;
  gboolean upscale = info->capabilities == LIMN_CAN_UPSCALE;
  int image_size = CLAMP (description->image_size, 0, 8192);

  info->latent_channels = description->has_autoencoder ? description->autoencoder.embed_dim
                                                       : description->unet.out_channels;
  info->latent_factor = description->has_autoencoder
                            ? limn_autoencoder_get_factor (&model->autoencoder)
                            : usual_factor (model);
  info->unet_factor = description->has_unet ? limn_unet_get_factor (&model->unet) : 1;
  /* The low-resolution picture stands beside the latent, pixel for pixel. */
  info->upscale_factor = upscale ? info->latent_factor : 1;
  if (upscale && description->factor > 0 && description->factor != info->upscale_factor)
    return unsupported (model, error, "limn.factor", "is not the autoencoder's factor");
  info->native_size = description->native_size;
  if (info->native_size == 0)
    info->native_size = description->tile * info->upscale_factor;
  if (info->native_size == 0)
    info->native_size = image_size * info->latent_factor;
  if (info->native_size == 0)
    info->native_size = 512;
  info->min_size
      = description->min_size > 0 ? description->min_size : info->native_size / (upscale ? 4 : 2);
  return TRUE;
}

/* ---- Defaults -------------------------------------------------------------------------------- */

/* ImageNet's classes, and one more that stands for none of them. */
#define CLASSES_AND_NONE 1001

static gboolean
can_guide (const LimnModel *model)
{
  LimnTakes takes = model->info.takes;

  if (takes & LIMN_TAKES_CLASS)
    return model->info.n_categories == CLASSES_AND_NONE;
  return (takes & (LIMN_TAKES_PROMPT | LIMN_TAKES_EMBEDDING)) != 0;
}

static float
default_guidance (const LimnModel *model)
{
  LimnTakes takes = model->info.takes;

  if (model->description.guidance >= 0)
    return (float)model->description.guidance;
  if (!model->info.can_guide)
    return 1.0f;
  if (model->info.embeds_guidance)
    return 8.5f;
  if (takes & LIMN_TAKES_NOISE_LEVEL)
    return 9.0f;
  if (takes & LIMN_TAKES_PROMPT)
    return 7.5f;
  return takes & LIMN_TAKES_CLASS ? 3.0f : 5.0f;
}

static gboolean
set_defaults (LimnModel *model, GError **error)
{
  LimnModelInfo *info = &model->info;
  const LimnDescription *description = &model->description;
  gboolean upscale = info->capabilities == LIMN_CAN_UPSCALE;

  info->can_guide = can_guide (model);
  info->embeds_guidance = info->can_guide && description->unet.time_cond_dim > 0;
  info->default_steps = description->steps > 0  ? description->steps
                        : info->embeds_guidance ? 4
                        : upscale               ? 50
                                                : 25;
  info->default_guidance = default_guidance (model);
  info->default_start = (float)description->start;
  info->prompt_start = (float)description->prompt_start;
  info->default_prefill = description->prefill;
  info->prefill_texture = (float)description->prefill_texture;
  info->keep_detail = description->keep_detail;
  info->default_two_pass = description->two_pass;
  info->default_sampler = description->sampler != NULL ? description->sampler
                          : info->embeds_guidance      ? "lcm"
                          : upscale || info->zero_snr  ? "ddim"
                                                       : "dpmpp_2m_karras";
  if (!limn_sampler_is_known (info->default_sampler))
    return unsupported (model, error, "limn.sampler", "there is no such sampler");
  return TRUE;
}

/* ---- Files and parameters -------------------------------------------------------------------- */

/* Elements of all tensors whose names begin so. */
static gint64
count_elements (LimnModel *model, const char *part)
{
  g_autofree char *prefix = g_strconcat (model->description.autoencoder_prefix, part, NULL);
  gint64 count = 0;

  for (const char *const *name = limn_weights_list (model->weights); *name != NULL; name++)
    {
      LimnTensor tensor;

      if (g_str_has_prefix (*name, prefix) && limn_weights_lookup (model->weights, *name, &tensor))
        count += limn_tensor_count (&tensor);
    }
  return count;
}

static void
count_parameters (LimnModel *model)
{
  LimnParameterCounts *counts = &model->info.parameters;

  counts->unet = model->unet.layers.n_parameters;
  counts->condition = model->text.layers.n_parameters + model->bert.layers.n_parameters
                      + model->classes.layers.n_parameters + model->rescaler.layers.n_parameters;
  if (model->description.has_autoencoder)
    {
      counts->encoder = count_elements (model, "encoder.");
      counts->decoder = count_elements (model, "decoder.");
      counts->bottleneck
          = model->autoencoder.layers.n_parameters - counts->encoder - counts->decoder;
    }
  model->info.n_parameters
      = counts->unet + counts->condition + model->autoencoder.layers.n_parameters;
}

/* The type that most of the numbers have. */
static const char *
most_common_type (LimnModel *model)
{
  gint64 counts[64] = { 0 };
  int most = 0;

  for (const char *const *name = limn_weights_list (model->weights); *name != NULL; name++)
    {
      LimnTensor tensor;

      if (limn_weights_lookup (model->weights, *name, &tensor)
          && (gsize)tensor.dtype < G_N_ELEMENTS (counts))
        counts[tensor.dtype] += limn_tensor_count (&tensor);
    }
  for (int i = 1; i < (int)G_N_ELEMENTS (counts); i++)
    if (counts[i] > counts[most])
      most = i;
  return limn_dtype_name ((LimnDType)most);
}

static const char *
container_name (LimnModel *model)
{
  static const struct
  {
    const char *container, *name;
  } names[] = {
    { "PyTorch", "PyTorch checkpoint" },
    { "PyTorch (before 1.6)", "PyTorch checkpoint (before 1.6)" },
    { "folder", "diffusers folder" },
  };
  const char *container = limn_weights_get_container (model->weights);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (names[i].container, container) == 0)
      return names[i].name;
  return container;
}

static const char *
usual_architecture (const LimnModel *model)
{
  LimnTakes takes = model->info.takes;

  if (!model->description.has_unet)
    return model->description.autoencoder.n_embed > 0 ? "VQ autoencoder" : "KL autoencoder";
  if (model->info.capabilities & LIMN_CAN_INPAINT)
    return "latent diffusion, inpainting";
  if (model->info.capabilities & LIMN_CAN_UPSCALE)
    return "latent diffusion, super-resolution";
  return takes & LIMN_TAKES_PROMPT      ? "latent diffusion, from text"
         : takes & LIMN_TAKES_CLASS     ? "latent diffusion, of classes"
         : takes & LIMN_TAKES_BOXES     ? "latent diffusion, from boxes"
         : takes & LIMN_TAKES_LABELS    ? "latent diffusion, from labels"
         : takes & LIMN_TAKES_EMBEDDING ? "latent diffusion, from embeddings"
                                        : "latent diffusion, unconditional";
}

void
_limn_model_fill_strings (LimnModel *model)
{
  LimnModelInfo *info = &model->info;
  const LimnDescription *description = &model->description;

  info->id = model->id;
  info->path = model->path;
  info->missing = model->missing;
  info->name = description->name != NULL ? description->name : model->id;
  info->description = description->description != NULL ? description->description : "";
  info->licence = description->licence != NULL ? description->licence : "";
  info->container = container_name (model);
  info->weight_type = most_common_type (model);
  info->architecture
      = description->architecture != NULL ? description->architecture : usual_architecture (model);
  info->described_by = description->has_config ? description->path : NULL;
  info->file_bytes = limn_weights_get_file_bytes (model->weights);
}

gboolean
_limn_model_fill_info (LimnModel *model, GError **error)
{
  LimnModelInfo *info = &model->info;
  LimnDescription *description = &model->description;

  _limn_model_fill_strings (model);
  count_parameters (model);
  info->prediction = description->prediction;
  info->zero_snr = description->zero_snr;
  info->default_spacing = description->spacing;
  info->default_end_low = description->end_low;
  info->scale_factor = model->scale_factor;
  info->uses_ema
      = description->has_unet && description->use_ema && limn_weights_has_ema (model->weights);
  if (info->uses_ema)
    limn_description_note (description, "The moving averages of the UNet's weights are used.");
  if (description->has_unet && description->unet.time_cond_dim > 0)
    limn_description_note (description,
                           "The guidance is told to the network: negative prompts change nothing.");
  g_ptr_array_add (description->notes, NULL);
  info->notes = (const char *const *)description->notes->pdata;
  return set_sizes (model, error) && set_defaults (model, error);
}
