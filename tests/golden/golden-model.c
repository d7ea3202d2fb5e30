/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/golden/golden-model.h"

#include <string.h>

#include "engine/model/description.h"

/* ---- Text encoders -------------------------------------------------------------------------- */

gint32 *
golden_ids (LimnWeights *store, const char *name, gint64 *n, gint64 *tokens)
{
  g_autofree double *numbers = NULL;
  LimnTensor t;
  gint64 count;
  gint32 *ids;

  *n = *tokens = 0;
  if (!limn_weights_lookup (store, name, &t) || t.n_dims != 2)
    return NULL;
  numbers = golden_numbers (store, name, &count);
  ids = g_new (gint32, MAX (count, 1));
  for (gint64 i = 0; i < count; i++)
    ids[i] = (gint32) numbers[i];
  *n = t.extent[0];
  *tokens = t.extent[1];
  return ids;
}

LimnTensor
golden_model_encode_ids (Golden *golden, GoldenModel *model, LimnWeights *store, const char *name)
{
  gint64 n, tokens;
  g_autofree gint32 *ids = golden_ids (store, name, &n, &tokens);

  if (ids == NULL)
    return LIMN_TENSOR_EMPTY;
  return golden_model_text_state (golden, model, ids, n, tokens, model->text_left_out);
}

LimnTensor
golden_model_text_state (Golden *golden, GoldenModel *model, const gint32 *ids, gint64 n,
                         gint64 tokens, int left_out)
{
  const LimnClipTextConfig *config = &model->text.config;
  LimnTensor state = limn_clip_text_hidden (&model->text, golden->run, ids, n, tokens,
                                            config->num_hidden_layers - left_out);

  return limn_layer_norm (golden->run, &model->text.final_norm, &state, config->layer_norm_eps);
}

void
golden_model_contexts (Golden *golden, GoldenModel *model, LimnWeights *store, const char *prefix,
                       LimnTensor *cond, LimnTensor *uncond)
{
  g_autofree char *ids = g_strconcat (prefix, "token_ids_cond_uncond", NULL);
  g_autofree char *cond_name = g_strconcat (prefix, "cond", NULL);
  g_autofree char *uncond_name = g_strconcat (prefix, "uncond", NULL);
  LimnTensor both, row;

  *cond = golden_load (golden, store, "%s", cond_name);
  *uncond = golden_load (golden, store, "%s", uncond_name);
  if ((model->parts & GOLDEN_TEXT) == 0 || !limn_weights_has (store, ids))
    return;
  both = golden_model_encode_ids (golden, model, store, ids);
  row = golden_entry (&both, 0);
  golden_compare_named (golden, store, cond_name, &row, GOLDEN_NETWORK);
  row = golden_entry (&both, 1);
  golden_compare_named (golden, store, uncond_name, &row, GOLDEN_NETWORK);
}

/* ---- Codebooks ------------------------------------------------------------------------------ */

#define NEAR_TIE 1e-3

/* Row of the codebook that is @entry, or -1. */
static gint64
find_entry (const float *codebook, const LimnAutoencoderConfig *config, const float *entry)
{
  for (gint64 i = 0; i < config->n_embed; i++)
    if (memcmp (codebook + i * config->embed_dim, entry,
                (gsize) config->embed_dim * sizeof (float)) == 0)
      return i;
  return -1;
}

void
golden_check_codebook (Golden *golden, LimnAutoencoder *autoencoder, LimnWeights *store,
                       const char *indices, const char *margin, const LimnTensor *latent)
{
  const LimnAutoencoderConfig *config = &autoencoder->config;
  gint64 n, n_margins, n_entries = limn_tensor_count (&autoencoder->codebook), wrong = 0;
  g_autofree double *want = golden_numbers (store, indices, &n);
  g_autofree double *margins = golden_numbers (store, margin, &n_margins);
  g_autofree float *codebook = g_new (float, MAX (n_entries, 1));
  g_autofree char *detail = NULL;
  LimnTensor nearest;

  if (want == NULL)
    return;
  nearest = limn_autoencoder_quantise (autoencoder, golden->run, latent);
  limn_tensor_read_f32 (&autoencoder->codebook, 0, n_entries, codebook);
  if (limn_tensor_is_empty (&nearest) || limn_tensor_count (&nearest) != n * config->embed_dim)
    wrong = n;
  for (gint64 i = 0; wrong < n && i < n; i++)
    if (find_entry (codebook, config, limn_tensor_f32 (&nearest) + i * config->embed_dim) != want[i]
        && (margins == NULL || n_margins != n || margins[i] >= NEAR_TIE))
      wrong++;
  detail = g_strdup_printf ("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " differ", wrong, n);
  golden_verdict (golden, indices, wrong == 0, detail);
}

/* ---- Binding -------------------------------------------------------------------------------- */

/* All blocks are bound, so that fixtures can look at states that the model itself has no use for.
 */
static gboolean
bind_text (GoldenModel *model, const LimnClipTextConfig *described, const char *prefix,
           GError **error)
{
  LimnWeightSource source = { .weights = model->weights, .prefix = prefix };
  LimnClipTextConfig config = *described;

  if (!limn_weights_has_prefix (model->weights, prefix))
    return TRUE;
  model->parts |= GOLDEN_TEXT;
  model->text_left_out = config.skip_layers;
  config.skip_layers = 0;
  return limn_clip_text_init (&model->text, &config, &source, error);
}

static gboolean
bind_unet (GoldenModel *model, const LimnDescription *description, GError **error)
{
  LimnWeightSource source = limn_description_unet_source (description, model->weights);

  if (!limn_weights_has_prefix (model->weights, source.prefix))
    return TRUE;
  model->parts |= GOLDEN_UNET;
  if (!limn_unet_init (&model->unet, &description->unet, &source, error))
    return FALSE;
  if (source.map == NULL)
    return TRUE;
  source.map = NULL;
  model->parts |= GOLDEN_UNET_RAW;
  return limn_unet_init (&model->unet_raw, &description->unet, &source, error);
}

static gboolean
bind_autoencoder (GoldenModel *model, const LimnDescription *description, GError **error)
{
  LimnWeightSource source = { .weights = model->weights,
                              .prefix = description->autoencoder_prefix };
  g_autofree char *first = g_strconcat (source.prefix, "encoder.conv_in.", NULL);

  if (!limn_weights_has_prefix (model->weights, first))
    return TRUE;
  model->parts |= GOLDEN_AUTOENCODER;
  return limn_autoencoder_init (&model->autoencoder, &description->autoencoder, &source, error);
}

/* What else than CLIP turns a condition into what the UNet takes. */
static gboolean
bind_condition (GoldenModel *model, const LimnDescription *description, GError **error)
{
  LimnWeightSource source = { .weights = model->weights, .prefix = description->cond_prefix };

  if (source.prefix == NULL || !limn_weights_has_prefix (model->weights, source.prefix))
    return TRUE;
  switch (description->cond_stage)
    {
    case LIMN_COND_STAGE_BERT:
    case LIMN_COND_STAGE_LAYOUT:
      model->parts |= GOLDEN_BERT;
      return limn_bert_text_init (&model->bert, &description->bert, &source, error);
    case LIMN_COND_STAGE_CLASS:
      model->parts |= GOLDEN_CLASS;
      return limn_class_embedder_init (&model->classes, description->n_classes,
                                       description->class_width, &source, error);
    case LIMN_COND_STAGE_RESCALER:
      model->parts |= GOLDEN_RESCALER;
      return limn_spatial_rescaler_init (&model->rescaler, &description->rescaler, &source, error);
    default:
      return TRUE;
    }
}

static float *
make_schedule (LimnBetas betas, double start, double end, int n)
{
  float *alphas_cumprod = g_new (float, n);

  limn_schedule_alphas_cumprod (betas, start, end, n, alphas_cumprod);
  return alphas_cumprod;
}

static gboolean
bind_described (GoldenModel *model, const char *config, const char *text_config, GError **error)
{
  g_auto (LimnDescription) description = { 0 };

  if (!limn_description_read (&description, config, text_config, error)
      || (description.has_unet && !bind_unet (model, &description, error))
      || (description.has_autoencoder && !bind_autoencoder (model, &description, error))
      || (description.text_prefix != NULL
          && !bind_text (model, &description.text, description.text_prefix, error))
      || !bind_condition (model, &description, error))
    return FALSE;
  model->n_timesteps = description.timesteps;
  model->alphas_cumprod = make_schedule (description.betas, description.linear_start,
                                         description.linear_end, description.timesteps);
  model->prediction = description.prediction;
  model->scale_factor = (float) description.scale_factor;
  if (description.noise_level)
    {
      model->parts |= GOLDEN_NOISE_LEVEL;
      model->n_low_timesteps = description.low_timesteps;
      model->low_alphas_cumprod = make_schedule (description.low_betas, description.low_start,
                                                 description.low_end, description.low_timesteps);
    }
  return TRUE;
}

/* Without a config.yaml the file is a text encoder on its own. */
static gboolean
bind_parts (GoldenModel *model, const char *config, const char *text_config, GError **error)
{
  LimnClipTextConfig text = { .names = LIMN_CLIP_NAMES_HF,
                              .max_position_embeddings = 77,
                              .layer_norm_eps = 1e-5f };

  if (config != NULL)
    return bind_described (model, config, text_config, error);
  return limn_clip_config_read (&text, text_config, error)
         && bind_text (model, &text, "text_model.", error);
}

GoldenModel *
golden_model_open_weights (LimnWeights *weights, const char *config, const char *text_config,
                           GError **error)
{
  g_autoptr (GoldenModel) model = g_new0 (GoldenModel, 1);

  model->scale_factor = 1.0f;
  model->weights = limn_weights_ref (weights);
  if (!bind_parts (model, config, text_config, error))
    return NULL;
  return g_steal_pointer (&model);
}

GoldenModel *
golden_model_open_files (const char *weights, const char *config, const char *text_config,
                         GError **error)
{
  g_autoptr (LimnWeights) opened = limn_weights_open (weights, error);

  return opened != NULL ? golden_model_open_weights (opened, config, text_config, error) : NULL;
}

GoldenModel *
golden_model_open (Golden *golden, const char *model_member, const char *config_member,
                   GError **error)
{
  g_autofree char *weights = golden_path (golden, model_member, NULL);
  g_autofree char *config = golden_path (golden, config_member, NULL);
  g_autofree char *text = golden_path (golden, "text_config", NULL);

  if (weights == NULL || config == NULL)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING,
                   "%s/fixture.json has no “%s” or no “%s”", golden->dir, model_member,
                   config_member);
      return NULL;
    }
  if (text == NULL)
    {
      g_autofree char *folder = g_path_get_dirname (weights);

      text = g_build_filename (folder, "text_encoder_config.json", NULL);
    }
  return golden_model_open_files (weights, config, text, error);
}

void
golden_model_free (GoldenModel *model)
{
  if (model == NULL)
    return;
  limn_autoencoder_clear (&model->autoencoder);
  limn_unet_clear (&model->unet);
  limn_unet_clear (&model->unet_raw);
  limn_clip_text_clear (&model->text);
  limn_bert_text_clear (&model->bert);
  limn_class_embedder_clear (&model->classes);
  limn_spatial_rescaler_clear (&model->rescaler);
  g_clear_pointer (&model->weights, limn_weights_unref);
  g_free (model->alphas_cumprod);
  g_free (model->low_alphas_cumprod);
  g_free (model);
}

gboolean
golden_model_need (GoldenModel *model, GoldenParts parts, GError **error)
{
  if ((model->parts & parts) == parts)
    return TRUE;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING,
               "%s does not have the networks that the fixture checks",
               limn_weights_get_path (model->weights));
  return FALSE;
}
