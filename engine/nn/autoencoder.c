/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/autoencoder-private.h"

#include <math.h>

/* Bounds of what a description may ask for: far above any published model, low enough that no
 * product overflows. */
#define MAX_CHANNELS 65536
#define MAX_RES_BLOCKS 16
#define MAX_CODEBOOK (1 << 24)

#define LOG_VARIANCE_MIN -30.0f
#define LOG_VARIANCE_MAX 20.0f

gboolean
limn_vae_has_attention (const LimnAutoencoderConfig *config, int resolution)
{
  for (int i = 0; i < config->n_attn_resolutions; i++)
    if (config->attn_resolutions[i] == resolution)
      return TRUE;
  return FALSE;
}

int
limn_autoencoder_get_factor (const LimnAutoencoder *self)
{
  return 1 << (self->config.n_levels - 1);
}

/* ---- Binding -------------------------------------------------------------------------------- */

static void
in_range (LimnBinder *binder, const char *what, gint64 value, gint64 min, gint64 max)
{
  if (value < min || value > max)
    limn_binder_fail (binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                      "ddconfig: %s is %" G_GINT64_FORMAT ", expected %" G_GINT64_FORMAT
                      " to %" G_GINT64_FORMAT,
                      what, value, min, max);
}

static void
check_config (LimnBinder *binder, const LimnAutoencoderConfig *config)
{
  in_range (binder, "in_channels", config->in_channels, 1, MAX_CHANNELS);
  in_range (binder, "out_ch", config->out_ch, 1, MAX_CHANNELS);
  in_range (binder, "ch", config->ch, 1, MAX_CHANNELS);
  in_range (binder, "z_channels", config->z_channels, 1, MAX_CHANNELS);
  in_range (binder, "embed_dim", config->embed_dim, 1, MAX_CHANNELS);
  in_range (binder, "n_embed", config->n_embed, 0, MAX_CODEBOOK);
  in_range (binder, "resolution", config->resolution, 1, 1 << 20);
  in_range (binder, "num_res_blocks", config->num_res_blocks, 0, MAX_RES_BLOCKS);
  in_range (binder, "number of ch_mult", config->n_levels, 1, LIMN_AUTOENCODER_MAX_LEVELS);
  in_range (binder, "number of attn_resolutions", config->n_attn_resolutions, 0,
            LIMN_AUTOENCODER_MAX_LEVELS);
  for (int i = 0; limn_binder_ok (binder) && i < config->n_levels; i++)
    in_range (binder, "ch_mult", config->ch_mult[i], 1, MAX_CHANNELS / config->ch);
  if (limn_binder_ok (binder) && config->double_z != (config->n_embed == 0))
    limn_binder_fail (binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                      "ddconfig: double_z is for KL and n_embed for VQ autoencoders");
}

gboolean
limn_autoencoder_init (LimnAutoencoder *self, const LimnAutoencoderConfig *config,
                       const LimnWeightSource *source, GError **error)
{
  LimnBinder binder;
  int twice = config->double_z ? 2 : 1;

  *self = (LimnAutoencoder) { .config = *config };
  limn_binder_begin (&binder, &self->layers, source);
  check_config (&binder, config);
  if (!limn_binder_ok (&binder))
    return limn_binder_end (&binder, error);
  self->encoder = limn_encoder_new (&binder, config);
  self->decoder = limn_decoder_new (&binder, config);
  limn_bind_linear (&binder, &self->quant_conv, twice * config->z_channels,
                    twice * config->embed_dim, TRUE, "quant_conv");
  limn_bind_linear (&binder, &self->post_quant_conv, config->embed_dim, config->z_channels, TRUE,
                    "post_quant_conv");
  if (config->n_embed > 0)
    limn_bind_tensor (&binder, &self->codebook, 2, config->n_embed, config->embed_dim,
                      "quantize.embedding.weight");
  return limn_binder_end (&binder, error);
}

void
limn_autoencoder_clear (LimnAutoencoder *self)
{
  limn_layers_clear (&self->layers);
  g_clear_pointer (&self->encoder, limn_encoder_free);
  g_clear_pointer (&self->decoder, limn_decoder_free);
}

/* ---- Forward -------------------------------------------------------------------------------- */

static gboolean
check_input (LimnRun *run, const char *what, const LimnTensor *x, int n_channels, int min_side)
{
  if (limn_tensor_is_empty (x))
    return FALSE;
  if (x->n_dims != 4 || x->extent[3] != n_channels || x->extent[1] < min_side
      || x->extent[2] < min_side)
    {
      g_autofree char *found = limn_tensor_describe (x);

      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE,
                     "The %s takes %d channels and sides of at least %d, not %s", what, n_channels,
                     min_side, found);
    }
  return limn_run_ok (run);
}

void
limn_vae_spill_begin (LimnVaeSpill *self, LimnRun *run, double bytes)
{
  gsize limit = run->maps_limit;

  *self = (LimnVaeSpill){ NULL, NULL };
  if (limit == 0)
    limit = run->memory_limit > 0 ? MIN (LIMN_MAPS_LIMIT, run->memory_limit / 2) : LIMN_MAPS_LIMIT;
  if (bytes <= (double)limit)
    return;
  self->own = run->arena;
  run->arena = self->spilling = limn_arena_new (0);
  if (run->maps_folder != NULL)
    limn_arena_spill (run->arena, limit, MIN (limit, LIMN_SPILL_WINDOW), run->maps_folder);
  else
    {
      g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "limn", NULL);

      limn_arena_spill (run->arena, limit, MIN (limit, LIMN_SPILL_WINDOW), folder);
    }
}

void
limn_vae_spill_end (LimnVaeSpill *self, LimnRun *run)
{
  if (self->spilling == NULL)
    return;
  run->arena = self->own;
  g_clear_pointer (&self->spilling, limn_arena_free);
}

/* Positions of @x, all samples together. */
static double
n_positions (const LimnTensor *x)
{
  return (double)x->extent[0] * (double)x->extent[1] * (double)x->extent[2];
}

/* Computes into a place that is allocated before the working set, which is released. */
static LimnTensor
encode (LimnAutoencoder *self, LimnRun *run, const LimnTensor *image, gboolean quant_conv)
{
  int factor = limn_autoencoder_get_factor (self);
  int twice = self->config.double_z ? 2 : 1;
  LimnTensor out, h;
  LimnArenaMark mark;
  LimnVaeSpill spill;

  if (!check_input (run, "encoder", image, self->config.in_channels, factor))
    return LIMN_TENSOR_EMPTY;
  out = limn_run_nhwc (run, image->extent[0], image->extent[1] / factor, image->extent[2] / factor,
                       twice * MAX (self->config.embed_dim, self->config.z_channels));
  limn_vae_spill_begin (&spill, run,
                        n_positions (image) * (double)limn_encoder_place_bytes (&self->config));
  mark = limn_run_mark (run);
  h = limn_encoder_forward (self->encoder, run, &self->config, image);
  if (quant_conv)
    h = limn_linear (run, &self->quant_conv, &h, NULL);
  out = limn_keep (run, &out, &h, mark);
  limn_run_release (run, mark);
  limn_vae_spill_end (&spill, run);
  return out;
}

LimnTensor
limn_autoencoder_encoder (LimnAutoencoder *self, LimnRun *run, const LimnTensor *image)
{
  return encode (self, run, image, FALSE);
}

LimnTensor
limn_autoencoder_encode (LimnAutoencoder *self, LimnRun *run, const LimnTensor *image)
{
  return encode (self, run, image, TRUE);
}

LimnTensor
limn_autoencoder_decode (LimnAutoencoder *self, LimnRun *run, const LimnTensor *latent)
{
  int factor = limn_autoencoder_get_factor (self);
  LimnTensor out, h;
  LimnArenaMark mark;
  LimnVaeSpill spill;

  if (!check_input (run, "decoder", latent, self->config.embed_dim, 1))
    return LIMN_TENSOR_EMPTY;
  out = limn_run_nhwc (run, latent->extent[0], latent->extent[1] * factor,
                       latent->extent[2] * factor, self->config.out_ch);
  limn_vae_spill_begin (&spill, run,
                        n_positions (latent) * (double)limn_decoder_place_bytes (&self->config));
  mark = limn_run_mark (run);
  h = *latent;
  if (self->config.n_embed > 0)
    h = limn_quantise (run, &h, &self->codebook);
  h = limn_linear (run, &self->post_quant_conv, &h, NULL);
  h = limn_decoder_forward (self->decoder, run, &self->config, &h);
  out = limn_keep (run, &out, &h, mark);
  limn_run_release (run, mark);
  limn_vae_spill_end (&spill, run);
  return out;
}

LimnTensor
limn_autoencoder_quantise (LimnAutoencoder *self, LimnRun *run, const LimnTensor *latent)
{
  g_return_val_if_fail (self->config.n_embed > 0, LIMN_TENSOR_EMPTY);

  if (!check_input (run, "decoder", latent, self->config.embed_dim, 1))
    return LIMN_TENSOR_EMPTY;
  return limn_quantise (run, latent, &self->codebook);
}

/* ---- The posterior -------------------------------------------------------------------------- */

LimnTensor
limn_moments_mean (LimnRun *run, const LimnTensor *moments)
{
  return limn_slice_channels (run, moments, 0, moments->extent[3] / 2);
}

LimnTensor
limn_moments_std (LimnRun *run, const LimnTensor *moments)
{
  gint64 channels = moments->extent[3] / 2;
  LimnTensor std = limn_slice_channels (run, moments, channels, channels);
  float *values = limn_tensor_f32 (&std);
  gint64 n = limn_tensor_is_empty (&std) ? 0 : limn_tensor_count (&std);

  for (gint64 i = 0; i < n; i++)
    values[i] = expf (0.5f * CLAMP (values[i], LOG_VARIANCE_MIN, LOG_VARIANCE_MAX));
  return std;
}

/* Kingma & Welling 2014, "Auto-Encoding Variational Bayes", section 2.4. */
LimnTensor
limn_moments_sample (LimnRun *run, const LimnTensor *moments, const LimnTensor *noise)
{
  LimnTensor mean = limn_moments_mean (run, moments);
  LimnTensor std = limn_moments_std (run, moments);
  float *values = limn_tensor_f32 (&mean);
  const float *spread = limn_tensor_f32 (&std);
  const float *random = limn_tensor_f32 (noise);

  if (values == NULL || spread == NULL || random == NULL)
    return LIMN_TENSOR_EMPTY;
  if (!limn_tensor_same_shape (&mean, noise))
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "The noise is not of the latent's size");
      return LIMN_TENSOR_EMPTY;
    }
  for (gint64 i = 0; i < limn_tensor_count (&mean); i++)
    values[i] += spread[i] * random[i];
  return mean;
}
