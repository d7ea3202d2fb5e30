/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/upscale-private.h"

#include <math.h>
#include <string.h>

#include "engine/task/check-private.h"
#include "engine/tensor/kernels.h"

/* The low frequencies that are taken from the picture: two box blurs of this radius, in pixels of
 * the picture. */
#define MATCH_RADIUS 3
/* Expected time of decoding in units of one evaluation of the UNet. */
#define COST_DECODE 2.0

void
_limn_upscale_progress (LimnUpscale *self, LimnStage stage, int step)
{
  int n_steps = self->sampler != NULL ? self->sampler->n_steps : 1,
      n_tiles = self->across.n * self->down.n;
  double per_tile = n_steps + (self->sampler != NULL ? COST_DECODE : 0.0),
         within = stage > LIMN_STAGE_SAMPLE ? n_steps : step;

  if (self->callbacks == NULL || self->callbacks->progress == NULL)
    return;
  self->callbacks->progress (
      &(LimnProgress){ .stage = stage,
                       .step = self->tile_index * n_steps + (int)within,
                       .n_steps = n_tiles * n_steps,
                       .fraction = (self->tile_index + within / per_tile) / n_tiles },
      self->callbacks->user_data);
}

/* One axis of a box blur with repeated edges, in place; @stride floats from pixel to pixel. @line:
 * [n] */
static void
blur_line (float *x, gint64 n, gint64 stride, float *line)
{
  for (gint64 i = 0; i < n; i++)
    line[i] = x[i * stride];
  for (gint64 i = 0; i < n; i++)
    {
      float sum = 0.0f;

      for (gint64 k = i - MATCH_RADIUS; k <= i + MATCH_RADIUS; k++)
        sum += line[CLAMP (k, 0, n - 1)];
      x[i * stride] = sum / (2 * MATCH_RADIUS + 1);
    }
}

static void
blur_in_place (LimnTensor *x)
{
  gint64 h = x->extent[1], w = x->extent[2];
  g_autofree float *line = g_new (float, MAX (h, w));
  float *data = limn_tensor_f32 (x);

  for (int pass = 0; pass < 2; pass++)
    {
      for (gint64 i = 0; i < w * 3; i++)
        blur_line (data + i, h, w * 3, line);
      for (gint64 y = 0; y < h; y++)
        for (int c = 0; c < 3; c++)
          blur_line (data + y * w * 3 + c, w, 3, line);
    }
}

void
limn_upscale_match_low (LimnRun *run, LimnTensor *made, const LimnTensor *low)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor difference = limn_resize (run, made, low->extent[1], low->extent[2], LIMN_RESIZE_AREA);
  float *d = limn_tensor_f32 (&difference), *out = limn_tensor_f32 (made);
  const float *l = limn_tensor_f32 (low);

  if (d != NULL)
    {
      for (gint64 i = 0; i < limn_tensor_count (low); i++)
        d[i] = l[i] - d[i];
      blur_in_place (&difference);
      difference
          = limn_resize (run, &difference, made->extent[1], made->extent[2], LIMN_RESIZE_BILINEAR);
      d = limn_tensor_f32 (&difference);
    }
  for (gint64 i = 0; d != NULL && i < limn_tensor_count (made); i++)
    out[i] += d[i];
  limn_run_release (run, mark);
}

/* ---- By diffusion ---------------------------------------------------------------------------- */

static LimnTensor
denoise (LimnRun *run, const LimnTensor *x, float t, gpointer user_data)
{
  LimnUpscale *self = user_data;

  return limn_guided_predict (&self->guided, run, x, t);
}

/* Shows the part of the tile that is within the picture. */
static void
show_preview (LimnUpscale *self, LimnRun *run, const LimnTensor *x0)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) preview = NULL;
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor x = limn_model_preview (self->model, run, x0);

  if (!limn_tensor_is_empty (&x))
    preview = limn_image_from_tensor (&x, &error);
  limn_run_release (run, mark);
  if (preview != NULL)
    self->callbacks->preview (preview, &self->tile, self->callbacks->user_data);
}

static gboolean
step_done (LimnRun *run,
           int step,
           int n_steps,
           LimnTensor *x,
           const LimnTensor *x0,
           gpointer user_data)
{
  LimnUpscale *self = user_data;

  _limn_upscale_progress (self, LIMN_STAGE_SAMPLE, step + 1);
  if (self->callbacks != NULL && self->callbacks->preview != NULL)
    show_preview (self, run, x0);
  return limn_run_ok (run);
}

/* Noise by position in the whole picture's latent, so that neighbouring tiles start from the same
 * where they overlap. */
static void
fill_noise (const LimnUpscale *self, guint64 stream, LimnTensor *x)
{
  int enlarge = self->info->upscale_factor, factor = self->info->latent_factor;
  guint64 row_length = ((guint64)self->image->width + self->across.tile) * enlarge / factor;
  guint64 left = (guint64)self->tile.x * enlarge / factor,
          top = (guint64)self->tile.y * enlarge / factor;
  gint64 w = x->extent[2], channels = x->extent[3];
  float *out = limn_tensor_f32 (x);

  for (gint64 y = 0; y < x->extent[1]; y++)
    limn_noise_normal_range (self->params->seed, stream,
                             ((top + (guint64)y) * row_length + left) * (guint64)channels,
                             out + y * w * channels, (gsize)(w * channels));
}

/* @low as the UNet sees it: at the latent's size, and noised for models that were trained so (Ho et
 * al. 2022, "Cascaded Diffusion Models", section 4.2). */
static LimnTensor
make_condition (LimnUpscale *self, const LimnTensor *low, gint64 h, gint64 w)
{
  LimnTensor condition = *low, noise;
  int n_levels, level = self->params->noise_level;
  const float *alphas = limn_model_get_low_res_alphas_cumprod (self->model, &n_levels);
  float *x, *random, keep, spread;

  if (h != low->extent[1] || w != low->extent[2])
    condition = limn_resize (self->run, low, h, w, LIMN_RESIZE_BICUBIC);
  if (alphas == NULL)
    return condition;
  level = CLAMP (level, 0, n_levels - 1);
  self->guided.label = level;
  keep = sqrtf (alphas[level]);
  spread = sqrtf (1.0f - alphas[level]);
  noise = limn_run_tensor (self->run, condition.n_dims, condition.extent);
  x = limn_tensor_f32 (&condition);
  random = limn_tensor_f32 (&noise);
  if (x == NULL || random == NULL)
    return LIMN_TENSOR_EMPTY;
  fill_noise (self, LIMN_NOISE_CONDITION, &noise);
  /* In the noise's place: the tile's own pixels are needed once more. */
  for (gint64 i = 0; i < limn_tensor_count (&noise); i++)
    random[i] = keep * x[i] + spread * random[i];
  return noise;
}

static LimnTensor
denoise_tile (LimnUpscale *self)
{
  LimnSamplerCallbacks callbacks
      = { .denoise = denoise, .step = step_done, .seed = self->params->seed, .user_data = self };
  int enlarge = self->info->upscale_factor, factor = self->info->latent_factor;
  gint64 h = (gint64)self->down.tile * enlarge / factor,
         w = (gint64)self->across.tile * enlarge / factor;
  LimnTensor low, latent, made;

  low = limn_image_to_tensor (self->run, self->image, &self->tile);
  self->guided.concat = make_condition (self, &low, h, w);
  latent = limn_run_nhwc (self->run, 1, h, w, self->info->latent_channels);
  if (!limn_run_ok (self->run))
    return LIMN_TENSOR_EMPTY;

  fill_noise (self, LIMN_NOISE_START, &latent);
  limn_sampler_start (self->sampler, &latent, NULL);
  _limn_upscale_progress (self, LIMN_STAGE_SAMPLE, 0);
  if (!limn_guided_sample (&self->guided, self->run, self->sampler, &latent, &callbacks, 0)
      || !limn_task_check_finite (self->model, self->run, &latent))
    return LIMN_TENSOR_EMPTY;

  _limn_upscale_progress (self, LIMN_STAGE_DECODE, self->sampler->n_steps);
  made = limn_model_decode (self->model, self->run, &latent);
  if (!limn_run_ok (self->run) || !limn_task_check_finite (self->model, self->run, &made))
    return LIMN_TENSOR_EMPTY;
  limn_upscale_match_low (self->run, &made, &low);
  return limn_run_ok (self->run) ? made : LIMN_TENSOR_EMPTY;
}

/* ---- In one pass ----------------------------------------------------------------------------- */

/* No larger than the tile was. */
static void
show_tile (LimnUpscale *self, const LimnTensor *made)
{
  g_autoptr (LimnImage) preview = NULL;
  LimnArenaMark mark = limn_run_mark (self->run);
  LimnTensor small
      = limn_resize (self->run, made, self->tile.height, self->tile.width, LIMN_RESIZE_AREA);

  if (!limn_tensor_is_empty (&small))
    preview = limn_image_from_tensor (&small, NULL);
  limn_run_release (self->run, mark);
  if (preview != NULL)
    self->callbacks->preview (preview, &self->tile, self->callbacks->user_data);
}

/* The last tiles end where the picture does: what is beyond, the network knows best itself. */
static LimnTensor
pass_tile (LimnUpscale *self)
{
  LimnTensor low, made;

  self->tile.width = MIN (self->tile.width, self->image->width - self->tile.x);
  self->tile.height = MIN (self->tile.height, self->image->height - self->tile.y);
  _limn_upscale_progress (self, LIMN_STAGE_SAMPLE, 0);
  low = limn_image_to_tensor (self->run, self->image, &self->tile);
  made = limn_model_upscale (self->model, self->run, &low);
  if (!limn_run_ok (self->run) || !limn_task_check_finite (self->model, self->run, &made))
    return LIMN_TENSOR_EMPTY;
  _limn_upscale_progress (self, LIMN_STAGE_SAMPLE, 1);
  if (self->callbacks != NULL && self->callbacks->preview != NULL)
    show_tile (self, &made);
  return made;
}

/* ---- Either ---------------------------------------------------------------------------------- */

LimnTensor
_limn_upscale_tile (LimnUpscale *self, int i, int j)
{
  LimnTensor made;

  self->tile
      = (LimnRect){ limn_tile_axis_start (&self->across, i), limn_tile_axis_start (&self->down, j),
                    self->across.tile, self->down.tile };
  made = self->sampler != NULL ? denoise_tile (self) : pass_tile (self);
  if (limn_tensor_is_empty (&made) || self->factor == self->info->upscale_factor)
    return made;
  return limn_resize (self->run, &made, (gint64)self->tile.height * self->factor,
                      (gint64)self->tile.width * self->factor,
                      self->factor < self->info->upscale_factor ? LIMN_RESIZE_AREA
                                                                : LIMN_RESIZE_BICUBIC);
}
