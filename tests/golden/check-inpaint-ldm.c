/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/golden/trajectory.h"

/*
 * Inpainting as latent-diffusion's scripts/inpaint.py does it: the hole of the masked picture is
 * black, the mask is -1 or 1 and comes last, the UNet's moving averages are used, and the original
 * is pasted back outside the hard mask, in bytes rounded towards zero.
 */

typedef struct
{
  Golden *golden;
  GoldenModel *model;
  LimnWeights *store;
  LimnTensor image, mask; /* [1, h, w, 3] in [-1, 1] and [1, h, w, 1], -1 or 1 */
  LimnTensor concat, start;
} Inpaint;

/* (1 - mask) picture in [0, 1], as [-1, 1]. */
static LimnTensor
mask_image (Inpaint *self)
{
  LimnTensor image = golden_unit (self->golden, &self->image);
  LimnTensor mask = golden_unit (self->golden, &self->mask);
  float *x = limn_tensor_f32 (&image);
  const float *m = limn_tensor_f32 (&mask);

  for (gint64 i = 0; m != NULL && i < limn_tensor_count (&image); i++)
    x[i] = (1.0f - m[i / 3]) * x[i] * 2.0f - 1.0f;
  return image;
}

/* What is concatenated: the masked picture's latent, then the mask at the latent's size. */
static void
prepare_concat (Inpaint *self)
{
  Golden *golden = self->golden;
  LimnRun *run = golden->run;
  LimnTensor masked = mask_image (self);
  LimnTensor latent = limn_autoencoder_encode (&self->model->autoencoder, run, &masked);
  LimnTensor mask;

  golden_compare_named (golden, self->store, "masked_image", &masked, GOLDEN_SCHEDULE);
  if (!limn_run_ok (run))
    return;
  golden_compare_named (golden, self->store, "c_latent", &latent, GOLDEN_NETWORK);
  mask = limn_resize (run, &self->mask, latent.extent[1], latent.extent[2], LIMN_RESIZE_NEAREST);
  golden_compare_named (golden, self->store, "c_mask", &mask, 0.0);
  self->concat = limn_concat_channels (run, &latent, &mask);
  golden_compare_named (golden, self->store, "c", &self->concat, GOLDEN_NETWORK);
}

/* Decodes the reference's own last state: one that lies between two entries of the codebook would
 * otherwise decide about a whole patch of pixels. */
static void
check_picture (Inpaint *self, const char *name)
{
  Golden *golden = self->golden;
  LimnTensor latent = golden_load_map (golden, self->store, "%s.final", name);
  LimnTensor picture = limn_autoencoder_decode (&self->model->autoencoder, golden->run, &latent);
  LimnTensor image = golden_unit (golden, &self->image), mask = golden_unit (golden, &self->mask);
  LimnTensor made = golden_unit (golden, &picture), want;
  float *x = limn_tensor_f32 (&made);
  const float *original = limn_tensor_f32 (&image), *m = limn_tensor_f32 (&mask);

  golden_compare_named (golden, self->store, "decoded", &picture, GOLDEN_NETWORK);
  if (x == NULL || original == NULL || m == NULL || !limn_tensor_same_shape (&made, &image))
    return;
  for (gint64 i = 0; i < limn_tensor_count (&made); i++)
    x[i] = (1.0f - m[i / 3]) * original[i] + m[i / 3] * x[i];
  golden_compare_named (golden, self->store, "inpainted_01", &made, GOLDEN_NETWORK);
  if (limn_weights_lookup (self->store, "inpainted_u8_hwc", &want))
    golden_compare_u8_truncated (golden, "inpainted_u8_hwc", &made, &want);
}

static gboolean
check_row (Inpaint *self, const char *name, GError **error)
{
  GoldenTrajectory trajectory = {
    .golden = self->golden,
    .model = self->model,
    .store = self->store,
    .name = name,
    .guidance = 1.0f,
    .start = &self->start,
    .concat = &self->concat,
  };

  if (!golden_row_parse (name, &trajectory.row))
    {
      golden_skip (self->golden, name, "sampler not supported");
      return TRUE;
    }
  /* As ddim.py spaces them, which is not diffusers' way when the steps do not divide the schedule.
   */
  if (g_str_equal (trajectory.row.sampler, "ddim"))
    trajectory.row.spacing = LIMN_SPACING_UNIFORM;
  if (!golden_trajectory_check (&trajectory, NULL, error))
    return FALSE;
  check_picture (self, name);
  return limn_run_check (self->golden->run, error);
}

gboolean
golden_check_inpaint_ldm (Golden *golden, GError **error)
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
  self = (Inpaint){ .golden = golden, .model = model, .store = store };
  self.image = golden_load_map (golden, store, "image");
  self.mask = golden_load_map (golden, store, "mask");
  self.start = golden_load_map (golden, store, "x_T");
  prepare_concat (&self);
  if (!limn_run_check (golden->run, error))
    return FALSE;
  rows = golden_cases (store, ".timesteps");
  for (char **name = rows; *name != NULL; name++)
    if (!check_row (&self, *name, error))
      return FALSE;
  return TRUE;
}
