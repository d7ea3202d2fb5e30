/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "tests/golden/trajectory.h"

/* Upscaling as latent-diffusion's bsr_sr does it: the small picture in [-1, 1] is concatenated to a
 * latent of its size; bytes are rounded towards zero. Rows: "eta1", "eta0". */

typedef struct
{
  Golden *golden;
  GoldenModel *model;
  LimnWeights *store;
  LimnTensor low, start;
} Superres;

/* How many steps ddim.py was asked for, from the stride of the timesteps that it chose; the largest
 * number that gives this stride. */
static int
steps_asked (Superres *self, const char *name)
{
  g_autofree char *timesteps = g_strconcat (name, ".timesteps", NULL);
  gint64 n;
  g_autofree double *t = golden_numbers (self->store, timesteps, &n);
  double stride = n > 1 ? ABS (t[1] - t[0]) : self->model->n_timesteps;

  return stride >= 1.0 ? (int)(self->model->n_timesteps / stride) : (int)n;
}

/* The reference's own last state, decoded with and without the codebook. */
static void
check_pictures (Superres *self, const char *name)
{
  Golden *golden = self->golden;
  LimnAutoencoder *autoencoder = &self->model->autoencoder;
  int n_embed = autoencoder->config.n_embed;
  g_autofree char *decoded = g_strconcat (name, ".decoded", NULL);
  g_autofree char *plain = g_strconcat (name, ".decoded_not_quantized", NULL);
  g_autofree char *bytes = g_strconcat (name, ".image_u8_hwc", NULL);
  LimnTensor latent = golden_load_map (golden, self->store, "%s.final", name);
  LimnTensor picture = limn_autoencoder_decode (autoencoder, golden->run, &latent), unit, want;

  golden_compare_named (golden, self->store, decoded, &picture, GOLDEN_NETWORK);
  unit = golden_unit (golden, &picture);
  if (limn_weights_lookup (self->store, bytes, &want))
    golden_compare_u8_truncated (golden, bytes, &unit, &want);
  if (!limn_weights_has (self->store, plain))
    return;
  autoencoder->config.n_embed = 0;
  picture = limn_autoencoder_decode (autoencoder, golden->run, &latent);
  autoencoder->config.n_embed = n_embed;
  golden_compare_named (golden, self->store, plain, &picture, GOLDEN_NETWORK);
}

static gboolean
check_row (Superres *self, const char *name, GError **error)
{
  GoldenTrajectory trajectory = {
    .golden = self->golden,
    .model = self->model,
    .store = self->store,
    .name = name,
    .row = { .sampler = "ddim", .spacing = LIMN_SPACING_UNIFORM },
    .guidance = 1.0f,
    .start = &self->start,
    .concat = &self->low,
  };

  if (!g_str_has_prefix (name, "eta"))
    {
      golden_skip (self->golden, name, "sampler not supported");
      return TRUE;
    }
  trajectory.row.eta = (float)g_ascii_strtod (name + strlen ("eta"), NULL);
  trajectory.row.steps = steps_asked (self, name);
  if (!golden_trajectory_check (&trajectory, NULL, error))
    return FALSE;
  check_pictures (self, name);
  return limn_run_check (self->golden->run, error);
}

gboolean
golden_check_superres (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_autoptr (GoldenModel) model = NULL;
  g_auto (GStrv) rows = NULL;
  Superres self;

  if (store == NULL)
    return FALSE;
  model = golden_model_open (golden, "model", "config", error);
  if (model == NULL || !golden_model_need (model, GOLDEN_UNET | GOLDEN_AUTOENCODER, error))
    return FALSE;
  self = (Superres){ .golden = golden, .model = model, .store = store };
  self.low = golden_load_map (golden, store, "LR_image");
  self.start = golden_load_map (golden, store, "x_T");
  if (!limn_run_check (golden->run, error))
    return FALSE;
  rows = golden_cases (store, ".timesteps");
  for (char **name = rows; *name != NULL; name++)
    if (!check_row (&self, *name, error))
      return FALSE;
  return TRUE;
}
