/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/nn/noise-augmentation.h"
#include "tests/golden/trajectory.h"

/* Stable Diffusion's x4-upscaler: the small picture is noised ("IMG.lr_image", "IMG.lr_noise" ->
 * "IMG.nl<level>.lr_noised") and concatenated to the latent, the level of the noise is the UNet's
 * label: "IMG.X.x", "IMG.X.t", "IMG.X.noise_level", "IMG.context" -> "IMG.X.out"; and one guided
 * trajectory, "sample". */

typedef struct
{
  Golden *golden;
  GoldenModel *model;
  LimnWeights *store;
} Upscaler;

static LimnTensor
noised (Upscaler *self, const char *image, int level)
{
  LimnTensor picture = golden_load_map (self->golden, self->store, "%s.lr_image", image);
  LimnTensor noise = golden_load_map (self->golden, self->store, "%s.lr_noise", image);

  return limn_noise_augment (self->golden->run, &picture, &noise, self->model->low_alphas_cumprod,
                             self->model->n_low_timesteps, level);
}

static void
check_noise (Upscaler *self, const char *image)
{
  g_autofree char *prefix = g_strconcat (image, ".nl", NULL);

  for (const char *const *want = limn_weights_list (self->store); *want != NULL; want++)
    if (g_str_has_prefix (*want, prefix) && g_str_has_suffix (*want, ".lr_noised"))
      {
        int level = (int)g_ascii_strtoull (*want + strlen (prefix), NULL, 10);
        LimnTensor got = noised (self, image, level);

        golden_compare_named (self->golden, self->store, *want, &got, GOLDEN_SCHEDULE);
      }
}

static void
check_evaluation (Upscaler *self, const char *image, const char *name)
{
  LimnRun *run = self->golden->run;
  g_autofree char *t_name = g_strconcat (name, ".t", NULL);
  g_autofree char *level_name = g_strconcat (name, ".noise_level", NULL);
  g_autofree char *want = g_strconcat (name, ".out", NULL);
  float t = (float)golden_number (self->store, t_name, 0);
  gint32 level = (gint32)golden_number (self->store, level_name, -1);
  LimnTensor context = golden_load (self->golden, self->store, "%s.context", image);
  LimnTensor x = golden_load_map (self->golden, self->store, "%s.x", name);
  LimnTensor low = noised (self, image, level);

  x = limn_concat_channels (run, &x, &low);
  x = limn_unet_forward_labels (&self->model->unet, run, &x, &t, &context, &level);
  golden_compare_named (self->golden, self->store, want, &x, GOLDEN_NETWORK);
}

static void
check_image (Upscaler *self, const char *image)
{
  g_autofree char *prefix = g_strconcat (image, ".", NULL);
  g_auto (GStrv) cases = golden_cases (self->store, ".out");

  check_noise (self, image);
  for (char **name = cases; *name != NULL; name++)
    if (g_str_has_prefix (*name, prefix))
      {
        LimnArenaMark mark = limn_run_mark (self->golden->run);

        check_evaluation (self, image, *name);
        limn_run_release (self->golden->run, mark);
      }
}

/* The image that the trajectory is of: the last one of its size. */
static const char *
sampled_image (Upscaler *self, char **images)
{
  LimnTensor start, picture;
  const char *found = NULL;

  if (!limn_weights_lookup (self->store, "sample.x_T", &start))
    return NULL;
  for (char **name = images; *name != NULL; name++)
    {
      g_autofree char *full = g_strconcat (*name, ".lr_image", NULL);

      if (limn_weights_lookup (self->store, full, &picture) && picture.extent[2] == start.extent[2]
          && picture.extent[3] == start.extent[3])
        found = *name;
    }
  return found;
}

static gboolean
check_trajectory (Upscaler *self, char **images, GError **error)
{
  Golden *golden = self->golden;
  const char *image = sampled_image (self, images);
  gint32 level = (gint32)golden_number (self->store, "sample.noise_level", 0);
  LimnTensor start, low, cond, uncond;
  GoldenTrajectory trajectory = {
    .golden = golden,
    .model = self->model,
    .store = self->store,
    .name = "sample",
    .row = { .sampler = "ddim", .spacing = LIMN_SPACING_LEADING },
    .cond = &cond,
    .uncond = &uncond,
    .start = &start,
    .concat = &low,
    .label = &level,
  };

  if (image == NULL)
    return TRUE;
  trajectory.guidance
      = (float)json_object_get_double_member_with_default (golden->fixture, "cfg", 1.0);
  trajectory.row.steps = (int)json_object_get_int_member_with_default (golden->fixture, "steps", 0);
  start = golden_load_map (golden, self->store, "sample.x_T");
  cond = golden_load (golden, self->store, "%s.context", image);
  uncond = golden_load (golden, self->store, "sample.uncond");
  low = noised (self, image, level);
  return golden_trajectory_check (&trajectory, NULL, error);
}

gboolean
golden_check_upscaler (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_autoptr (GoldenModel) model = NULL;
  g_auto (GStrv) images = NULL;
  Upscaler self;

  if (store == NULL)
    return FALSE;
  model = golden_model_open (golden, "model", "config", error);
  if (model == NULL || !golden_model_need (model, GOLDEN_UNET | GOLDEN_NOISE_LEVEL, error))
    return FALSE;
  self = (Upscaler){ golden, model, store };
  images = golden_cases (store, ".lr_image");
  for (char **name = images; *name != NULL; name++)
    check_image (&self, *name);
  return check_trajectory (&self, images, error);
}
