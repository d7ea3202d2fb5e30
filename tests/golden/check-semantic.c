/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */

#include "tests/golden/trajectory.h"

/* Maps of labels as conditions: "MAP.labels" -> "MAP.rescaled_stage<n>", "MAP.cond"; with that
 * "MAP.T.x", "MAP.T.t" -> "MAP.T.out"; and one trajectory, "ddim", decoded. */

typedef struct
{
  Golden *golden;
  GoldenModel *model;
  LimnWeights *store;
} Semantic;

/* The labels of map @name as the engine takes them (transfer full). */
static guint16 *
load_labels (Semantic *self, const char *name, gint64 *h, gint64 *w)
{
  g_autofree char *full = g_strconcat (name, ".labels", NULL);
  LimnTensor stored;
  gint64 n;
  g_autofree double *numbers = golden_numbers (self->store, full, &n);
  guint16 *labels = g_new0 (guint16, MAX (n, 1));

  *h = *w = 0;
  if (!limn_weights_lookup (self->store, full, &stored) || stored.n_dims != 2)
    return labels;
  *h = stored.extent[0];
  *w = stored.extent[1];
  for (gint64 i = 0; i < n; i++)
    labels[i] = (guint16)numbers[i];
  return labels;
}

static LimnTensor
condition (Semantic *self, const char *name)
{
  gint64 h, w;
  g_autofree guint16 *labels = load_labels (self, name, &h, &w);

  return limn_spatial_rescaler_forward_labels (&self->model->rescaler, self->golden->run, labels, h,
                                               w);
}

/* The map as one channel per label, after some of the stages and before the channel mapper. */
static void
check_stages (Semantic *self, const char *name)
{
  gint64 h, w;
  g_autofree guint16 *labels = load_labels (self, name, &h, &w);

  for (int stage = 1; stage <= self->model->rescaler.config.n_stages; stage++)
    {
      LimnSpatialRescaler part = self->model->rescaler;
      g_autofree char *want = g_strdup_printf ("%s.rescaled_stage%d", name, stage);
      LimnTensor got;

      if (!limn_weights_has (self->store, want))
        continue;
      part.config.n_stages = stage;
      part.config.out_channels = 0;
      got = limn_spatial_rescaler_forward_labels (&part, self->golden->run, labels, h, w);
      golden_compare_named (self->golden, self->store, want, &got, 0.0);
    }
}

static void
check_evaluation (Semantic *self, const char *name, const LimnTensor *cond)
{
  LimnRun *run = self->golden->run;
  g_autofree char *t_name = g_strconcat (name, ".t", NULL);
  g_autofree char *want = g_strconcat (name, ".out", NULL);
  float t = (float)golden_number (self->store, t_name, 0);
  LimnTensor x = golden_load_map (self->golden, self->store, "%s.x", name);

  x = limn_concat_channels (run, &x, cond);
  x = limn_unet_forward (&self->model->unet, run, &x, &t, NULL);
  golden_compare_named (self->golden, self->store, want, &x, GOLDEN_NETWORK);
}

static void
check_map (Semantic *self, const char *name)
{
  g_autofree char *cond_name = g_strconcat (name, ".cond", NULL);
  g_autofree char *prefix = g_strconcat (name, ".", NULL);
  g_auto (GStrv) evaluations = golden_cases (self->store, ".out");
  LimnTensor cond = condition (self, name);

  check_stages (self, name);
  golden_compare_named (self->golden, self->store, cond_name, &cond, GOLDEN_NETWORK);
  for (char **evaluation = evaluations; *evaluation != NULL; evaluation++)
    if (g_str_has_prefix (*evaluation, prefix))
      check_evaluation (self, *evaluation, &cond);
}

/* ---- The trajectory ------------------------------------------------------------------------- */

/* The map that is sampled: "map<sample_map>_...", or the one at that place of the list. */
static const char *
sampled_map (Semantic *self, char **maps)
{
  gint64 index = json_object_get_int_member_with_default (self->golden->fixture, "sample_map", 0);
  g_autofree char *prefix = g_strdup_printf ("map%" G_GINT64_FORMAT "_", index);

  for (char **name = maps; *name != NULL; name++)
    if (g_str_has_prefix (*name, prefix))
      return *name;
  return index >= 0 && index < (gint64)g_strv_length (maps) ? maps[index] : NULL;
}

/* The reference's last state, quantised, decoded and as bytes. */
static void
check_pictures (Semantic *self)
{
  Golden *golden = self->golden;
  LimnAutoencoder *autoencoder = &self->model->autoencoder;
  LimnTensor latent = golden_load_map (golden, self->store, "ddim.final"), picture, bytes;

  golden_check_codebook (golden, autoencoder, self->store, "ddim.codebook_indices",
                         "ddim.index_margin", &latent);
  picture = limn_autoencoder_decode (autoencoder, golden->run, &latent);
  golden_compare_named (golden, self->store, "ddim.decoded", &picture, GOLDEN_NETWORK);
  picture = golden_unit (golden, &picture);
  if (limn_weights_lookup (self->store, "ddim.image_u8_hwc", &bytes))
    golden_compare_u8_truncated (golden, "ddim.image_u8_hwc", &picture, &bytes);
}

static gboolean
check_trajectory (Semantic *self, char **maps, GError **error)
{
  JsonObject *fixture = self->golden->fixture;
  const char *map = sampled_map (self, maps);
  LimnTensor start, cond;
  GoldenTrajectory trajectory = {
    .golden = self->golden,
    .model = self->model,
    .store = self->store,
    .name = "ddim",
    .row = { .sampler = "ddim", .spacing = LIMN_SPACING_UNIFORM },
    .guidance = 1.0f,
    .start = &start,
    .concat = &cond,
  };

  if (map == NULL || !limn_weights_has (self->store, "ddim.x_T"))
    return TRUE;
  start = golden_load_map (self->golden, self->store, "ddim.x_T");
  cond = condition (self, map);
  trajectory.row.eta = (float)json_object_get_double_member_with_default (fixture, "eta", 0.0);
  trajectory.row.steps = (int)json_object_get_int_member_with_default (fixture, "steps", 0);
  if (!golden_trajectory_check (&trajectory, NULL, error))
    return FALSE;
  if ((self->model->parts & GOLDEN_AUTOENCODER) != 0)
    check_pictures (self);
  return limn_run_check (self->golden->run, error);
}

gboolean
golden_check_semantic (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_autoptr (GoldenModel) model = NULL;
  g_auto (GStrv) maps = NULL;
  Semantic self;

  if (store == NULL)
    return FALSE;
  model = golden_model_open (golden, "model", "config", error);
  if (model == NULL || !golden_model_need (model, GOLDEN_UNET | GOLDEN_RESCALER, error))
    return FALSE;
  self = (Semantic){ golden, model, store };
  maps = golden_cases (store, ".labels");
  for (char **name = maps; *name != NULL; name++)
    {
      LimnArenaMark mark = limn_run_mark (golden->run);

      check_map (&self, *name);
      limn_run_release (golden->run, mark);
    }
  return check_trajectory (&self, maps, error);
}
