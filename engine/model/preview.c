/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * A picture of a latent in no time: each latent position becomes one pixel by a linear map from its
 * channels to RGB.
 *
 *   rgb = W^T [z, 1],  W = argmin sum |W^T [z, 1] - mean of the decoded pixels of that position|^2
 * + ridge |W|^2
 *
 * fitted to the model's own decoder on one latent of low-frequency noise, the same for everybody.
 */
#include <math.h>
#include <string.h>

#include "engine/diffusion/noise.h"
#include "engine/model/model-private.h"

/* Side of the decoded picture, within these sides of the latent: enough positions for the fit, few
 * enough to be decoded in the time of a step. */
#define PICTURE_SIDE 128
#define MIN_SIDE 16
#define MAX_SIDE 32

#define SEED 20220417
#define N_OCTAVES 4
#define RIDGE 1e-3
#define RGB 3

/* ---- The latent ------------------------------------------------------------------------------ */

/* Bilinear sample at (x, y) of a map of noise, side x side, that goes round at its edges. */
static float
sample (const float *noise, int side, int channels, int channel, float x, float y)
{
  int x0 = (int)floorf (x), y0 = (int)floorf (y);
  float fx = x - (float)x0, fy = y - (float)y0;
  int x1 = (x0 + 1) % side, y1 = (y0 + 1) % side;
  const float *top = noise + (gsize)y0 * side * channels + channel;
  const float *bottom = noise + (gsize)y1 * side * channels + channel;

  return (1 - fy) * ((1 - fx) * top[x0 * channels] + fx * top[x1 * channels])
         + fy * ((1 - fx) * bottom[x0 * channels] + fx * bottom[x1 * channels]);
}

/* Adds noise with a grain of side / 2^(octave + 1) positions, stretched over the whole latent. */
static void
add_octave (float *latent, int side, int channels, int octave, float weight)
{
  int coarse = 2 << octave;
  g_autofree float *noise = g_new (float, (gsize)coarse *coarse *channels);

  limn_noise_normal (SEED, (guint64)octave, noise, (gsize)coarse * coarse * channels);
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      for (int c = 0; c < channels; c++)
        latent[((gsize)y * side + x) * channels + c]
            += weight
               * sample (noise, coarse, channels, c, (float)(x * coarse) / (float)side,
                         (float)(y * coarse) / (float)side);
}

/* About unit variance, as the scale factor gives real latents; smooth, as those are. */
static LimnTensor
make_latent (LimnRun *run, int side, int channels)
{
  LimnTensor latent = limn_run_nhwc (run, 1, side, side, channels);

  if (limn_tensor_is_empty (&latent))
    return latent;
  memset (latent.data, 0, limn_tensor_bytes (&latent));
  for (int octave = 0; octave < N_OCTAVES; octave++)
    if (2 << octave <= side)
      add_octave (limn_tensor_f32 (&latent), side, channels, octave,
                  1.0f / sqrtf (1.0f + (float)octave));
  return latent;
}

/* ---- The fit --------------------------------------------------------------------------------- */

/* Gaussian elimination with pivoting: @a [n][n + RGB] holds the matrix and the right sides, and the
 * solutions afterwards in the last RGB columns. The ridge keeps the matrix regular. */
static gboolean
solve (double *a, int n)
{
  int width = n + RGB;

  for (int column = 0; column < n; column++)
    {
      int pivot = column;

      for (int row = column + 1; row < n; row++)
        if (fabs (a[row * width + column]) > fabs (a[pivot * width + column]))
          pivot = row;
      if (!(fabs (a[pivot * width + column]) > 0))
        return FALSE;
      for (int k = 0; k < width; k++)
        {
          double held = a[column * width + k];

          a[column * width + k] = a[pivot * width + k];
          a[pivot * width + k] = held;
        }
      for (int row = 0; row < n; row++)
        {
          double factor = a[row * width + column] / a[column * width + column];

          for (int k = column; row != column && k < width; k++)
            a[row * width + k] -= factor * a[column * width + k];
        }
    }
  for (int row = 0; row < n; row++)
    for (int k = n; k < width; k++)
      a[row * width + k] /= a[row * width + row];
  return TRUE;
}

/* Normal equations of all positions. */
static void
accumulate (double *a, int channels, const float *latent, const float *rgb, gint64 n_positions)
{
  int n = channels + 1, width = n + RGB;

  for (gint64 p = 0; p < n_positions; p++)
    for (int i = 0; i < n; i++)
      {
        double zi = i < channels ? latent[p * channels + i] : 1.0;

        for (int j = 0; j < n; j++)
          a[i * width + j] += zi * (j < channels ? latent[p * channels + j] : 1.0);
        for (int k = 0; k < RGB; k++)
          a[i * width + n + k] += zi * rgb[p * RGB + k];
      }
  for (int i = 0; i < channels; i++)
    a[i * width + i] += RIDGE * (double)n_positions;
}

static float *
fit (const LimnTensor *latent, const LimnTensor *rgb)
{
  int channels = (int)latent->extent[3], n = channels + 1;
  g_autofree double *a = g_new0 (double, (gsize)n *(n + RGB));
  float *map = g_new0 (float, (gsize)n *RGB);

  accumulate (a, channels, limn_tensor_f32 (latent), limn_tensor_f32 (rgb),
              latent->extent[1] * latent->extent[2]);
  if (!solve (a, n))
    return map;
  for (int i = 0; i < n; i++)
    for (int k = 0; k < RGB; k++)
      map[i * RGB + k]
          = isfinite (a[i * (n + RGB) + n + k]) ? (float)a[i * (n + RGB) + n + k] : 0.0f;
  return map;
}

gboolean
_limn_model_fit_preview (LimnModel *model, LimnRun *run)
{
  LimnArenaMark mark;
  LimnTensor latent, image, rgb = LIMN_TENSOR_EMPTY;
  int side = CLAMP (PICTURE_SIDE / model->info.latent_factor, MIN_SIDE, MAX_SIDE);

  if (model->preview != NULL || !limn_run_ok (run))
    return model->preview != NULL;
  mark = limn_run_mark (run);
  latent = make_latent (run, side, model->info.latent_channels);
  image = limn_model_decode (model, run, &latent);
  if (!limn_tensor_is_empty (&image) && image.extent[3] == RGB)
    rgb = limn_resize (run, &image, side, side, LIMN_RESIZE_AREA);
  if (!limn_tensor_is_empty (&rgb))
    model->preview = fit (&latent, &rgb);
  else if (limn_run_ok (run))
    limn_run_fail (run, LIMN_ENGINE_ERROR_UNSUPPORTED, "The model “%s” does not decode to RGB",
                   model->id);
  limn_run_release (run, mark);
  return model->preview != NULL;
}

LimnTensor
limn_model_preview (LimnModel *model, LimnRun *run, const LimnTensor *latent)
{
  LimnTensor rgb;
  int channels;
  const float *z;
  float *out;

  g_return_val_if_fail (model != NULL && run != NULL && latent != NULL, LIMN_TENSOR_EMPTY);

  channels = model->info.latent_channels;
  if (limn_tensor_is_empty (latent) || !limn_run_ok (run))
    return LIMN_TENSOR_EMPTY;
  if (latent->n_dims != 4 || latent->extent[3] != channels)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "A preview needs a latent of %d channels",
                     channels);
      return LIMN_TENSOR_EMPTY;
    }
  if (model->preview_decoder != NULL)
    return limn_taesd_forward (&model->preview_decoder->tiny_decoder, run, latent);
  if (!_limn_model_fit_preview (model, run))
    return LIMN_TENSOR_EMPTY;
  rgb = limn_run_nhwc (run, 1, latent->extent[1], latent->extent[2], RGB);
  if (limn_tensor_is_empty (&rgb))
    return rgb;
  z = limn_tensor_f32 (latent);
  out = limn_tensor_f32 (&rgb);
  for (gint64 p = 0; p < latent->extent[1] * latent->extent[2]; p++)
    for (int k = 0; k < RGB; k++)
      {
        float sum = model->preview[channels * RGB + k];

        for (int c = 0; c < channels; c++)
          sum += z[p * channels + c] * model->preview[c * RGB + k];
        out[p * RGB + k] = sum;
      }
  return rgb;
}
