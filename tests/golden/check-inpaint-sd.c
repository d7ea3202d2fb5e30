/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "tests/golden/trajectory.h"

/* Inpainting as Stable Diffusion's pipeline does it: mask 1 repaints, the hole of the masked image
 * is grey, the UNet sees [latent, mask, masked latent], the whole picture is decoded. */

typedef struct
{
  Golden *golden;
  GoldenModel *model;
  LimnWeights *store;
  LimnTensor cond, uncond, start, concat;
} Inpaint;

static LimnTensor
mask_image (Inpaint *self, const LimnTensor *image, const LimnTensor *mask)
{
  LimnTensor masked = limn_run_tensor (self->golden->run, image->n_dims, image->extent);
  gint64 channels = image->extent[3];

  for (gint64 i = 0; !limn_tensor_is_empty (&masked) && i < limn_tensor_count (image); i++)
    limn_tensor_f32 (&masked)[i] = limn_tensor_f32 (mask)[i / channels] < 0.5f
                                       ? limn_tensor_f32 (image)[i]
                                       : 0.0f;
  return masked;
}

static void
scale (const LimnTensor *x, float factor)
{
  for (gint64 i = 0; !limn_tensor_is_empty (x) && i < limn_tensor_count (x); i++)
    limn_tensor_f32 (x)[i] *= factor;
}

/* What is concatenated: the mask at the latent's size and the encoded masked image. */
static void
prepare_concat (Inpaint *self)
{
  Golden *golden = self->golden;
  LimnRun *run = golden->run;
  LimnTensor image = golden_load_map (golden, self->store, "image");
  LimnTensor mask = golden_load_map (golden, self->store, "mask");
  LimnTensor noise = golden_load_map (golden, self->store, "noise_masked_image_vae");
  LimnTensor masked, mask_latent, moments, latent;

  if (!limn_run_ok (run))
    return;
  masked = mask_image (self, &image, &mask);
  golden_compare_named (golden, self->store, "masked_image", &masked, GOLDEN_NETWORK);
  mask_latent = limn_resize (run, &mask, noise.extent[1], noise.extent[2], LIMN_RESIZE_NEAREST);
  golden_compare_named (golden, self->store, "mask_latent", &mask_latent, 0.0);
  moments = limn_autoencoder_encode (&self->model->autoencoder, run, &masked);
  latent = limn_moments_sample (run, &moments, &noise);
  scale (&latent, self->model->scale_factor);
  golden_compare_named (golden, self->store, "masked_image_latents_scaled", &latent,
                        GOLDEN_NETWORK);
  self->concat = limn_concat_channels (run, &mask_latent, &latent);
}

/* The picture of the reference's own final latent differs by more than the decoder does; the
 * engine's own is decoded. */
static void
check_picture (Inpaint *self, const char *name, const LimnTensor *final)
{
  g_autofree char *decoded = g_strconcat (name, ".decoded", NULL);
  g_autofree char *bytes = g_strconcat (name, ".image_u8_hwc", NULL);
  LimnTensor picture, want;

  scale (final, 1.0f / self->model->scale_factor);
  picture = limn_autoencoder_decode (&self->model->autoencoder, self->golden->run, final);
  if (limn_weights_has (self->store, decoded))
    golden_compare_named (self->golden, self->store, decoded, &picture, GOLDEN_TRAJECTORY);
  if (limn_weights_lookup (self->store, bytes, &want))
    golden_compare_u8 (self->golden, bytes, &picture, &want);
}

static gboolean
check_row (Inpaint *self, const char *name, GError **error)
{
  GoldenTrajectory trajectory = {
    .golden = self->golden,
    .model = self->model,
    .store = self->store,
    .name = name,
    .guidance = (float) golden_number (self->store, "guidance", 1.0),
    .cond = &self->cond,
    .uncond = &self->uncond,
    .start = &self->start,
    .concat = &self->concat,
  };
  LimnArenaMark mark = limn_run_mark (self->golden->run);
  LimnTensor final = LIMN_TENSOR_EMPTY;

  if (!golden_row_parse (name, &trajectory.row))
    {
      golden_skip (self->golden, name, "sampler not supported");
      return TRUE;
    }
  if (!golden_trajectory_check (&trajectory, &final, error))
    return FALSE;
  if (!limn_tensor_is_empty (&final))
    check_picture (self, name, &final);
  limn_run_release (self->golden->run, mark);
  return TRUE;
}

gboolean
golden_check_inpaint_sd (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_autoptr (GoldenModel) model = NULL;
  g_auto (GStrv) rows = NULL;
  Inpaint self;

  if (store == NULL)
    return FALSE;
  model = golden_model_open (golden, "model", "config", error);
  if (model == NULL || !golden_model_need (model, GOLDEN_UNET | GOLDEN_AUTOENCODER, error))
    return FALSE;
  self = (Inpaint) { .golden = golden, .model = model, .store = store };
  self.start = golden_load_map (golden, store, "noise_x_T");
  golden_model_contexts (golden, model, store, "", &self.cond, &self.uncond);
  prepare_concat (&self);
  if (!limn_run_check (golden->run, error))
    return FALSE;
  rows = golden_cases (store, ".timesteps");
  for (char **name = rows; *name != NULL; name++)
    if (!check_row (&self, *name, error))
      return FALSE;
  return TRUE;
}
