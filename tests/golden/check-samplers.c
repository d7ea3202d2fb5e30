/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "tests/golden/trajectory.h"

/* ---- Tables: schedules.safetensors ---------------------------------------------------------- */

/* "sd_linear_0.00085_0.012.alphas_cumprod_f32": whose, which betas, from where to where. */
static gboolean
check_alphas (Golden *golden, LimnWeights *store, const char *name)
{
  const char *const kinds[] = { "sqrt_linear", "linear", "cosine", "sqrt" };
  g_autofree char *stem = g_strndup (name, strlen (name) - strlen (".alphas_cumprod_f32"));
  gint64 n;
  g_autofree double *want = golden_numbers (store, name, &n);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const char *found = strstr (stem, kinds[i]);
      g_autofree float *alphas = g_new (float, n);
      g_autofree double *got = g_new (double, n);
      double start = 0.0, end = 0.0;
      LimnBetas betas;

      if (found == NULL || !limn_betas_from_string (kinds[i], &betas))
        continue;
      if (betas != LIMN_BETAS_COSINE)
        {
          char *rest;

          start = g_ascii_strtod (found + strlen (kinds[i]) + 1, &rest);
          end = g_ascii_strtod (*rest == '_' ? rest + 1 : rest, NULL);
        }
      limn_schedule_alphas_cumprod (betas, start, end, (int) n, alphas);
      for (gint64 k = 0; k < n; k++)
        got[k] = alphas[k];
      golden_compare_numbers (golden, name, got, n, want, n, GOLDEN_SCHEDULE);
      return TRUE;
    }
  return FALSE;
}

/* "ddim_timesteps.uniform.S" (rising), "diffusers.ddim.leading1.S.timesteps",
 * "diffusers.dpmpp2m.karras.S.sigmas". */
static gboolean
check_table (Golden *golden, LimnWeights *store, const char *name, const float *alphas,
             int n_timesteps)
{
  const struct
  {
    const char *prefix;
    const char *sampler;
    LimnSpacing spacing;
    gboolean rising;
  } tables[] = {
    { "ddim_timesteps.uniform.", "ddim", LIMN_SPACING_UNIFORM, TRUE },
    { "diffusers.ddim.leading1.", "ddim", LIMN_SPACING_LEADING, FALSE },
    { "diffusers.dpmpp2m.linspace.", "dpmpp_2m", LIMN_SPACING_LINSPACE, FALSE },
    { "diffusers.dpmpp2m.karras.", "dpmpp_2m_karras", LIMN_SPACING_DEFAULT, FALSE },
  };
  gint64 n;
  g_autofree double *want = golden_numbers (store, name, &n);

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      gboolean sigmas = g_str_has_suffix (name, ".sigmas");
      g_autoptr (LimnSamplerPlan) plan = NULL;
      g_autofree double *got = NULL;
      LimnSamplerParams params;
      int n_got;

      if (!g_str_has_prefix (name, tables[i].prefix))
        continue;
      limn_sampler_params_init (&params, alphas, n_timesteps);
      params.sampler = tables[i].sampler;
      params.spacing = tables[i].spacing;
      params.steps = (int) g_ascii_strtoll (name + strlen (tables[i].prefix), NULL, 10);
      plan = limn_sampler_plan_new (&params, NULL);
      if (plan == NULL)
        return FALSE;
      n_got = sigmas ? plan->n_steps + 1 : plan->n_steps;
      got = g_new (double, n_got);
      for (int k = 0; k < n_got; k++)
        got[k] = sigmas ? plan->sigma[k] / plan->alpha[k]
                        : plan->timesteps[tables[i].rising ? n_got - 1 - k : k];
      /* The original's table runs one past its end where the stride is too short; the engine stays
       * inside. */
      for (gint64 k = 0; !sigmas && k < n; k++)
        want[k] = MIN (want[k], n_timesteps - 1);
      golden_compare_numbers (golden, name, got, n_got, want, n, sigmas ? GOLDEN_NETWORK : 0.0);
      return TRUE;
    }
  return FALSE;
}

static gboolean
check_schedules (Golden *golden, GoldenModel *model, GError **error)
{
  g_autofree char *path = golden_path (golden, "schedules", "schedules.safetensors");
  g_autoptr (LimnWeights) store = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  store = limn_weights_open (path, error);
  if (store == NULL)
    return FALSE;
  for (const char *const *name = limn_weights_list (store); *name != NULL; name++)
    if (!(g_str_has_suffix (*name, ".alphas_cumprod_f32") && check_alphas (golden, store, *name))
        && !check_table (golden, store, *name, model->alphas_cumprod, model->n_timesteps)
        && !g_str_has_suffix (*name, "_f64"))
      golden_skip (golden, *name, "not used by the samplers that there are");
  return TRUE;
}

/* ---- Trajectories --------------------------------------------------------------------------- */

/* A model with the two contexts that the fixture gives for it. */
typedef struct
{
  GoldenModel *model;
  LimnTensor cond, uncond;
} Conditioned;

static gboolean
load_conditioned (Golden *golden, LimnWeights *store, const char *prefix, const char *model_member,
                  const char *config_member, Conditioned *out, GError **error)
{
  out->model = golden_model_open (golden, model_member, config_member, error);
  if (out->model == NULL || !golden_model_need (out->model, GOLDEN_UNET, error))
    return FALSE;
  golden_model_contexts (golden, out->model, store, prefix, &out->cond, &out->uncond);
  return limn_run_check (golden->run, error);
}

static gboolean
check_row (Golden *golden, LimnWeights *store, const char *name, Conditioned *on,
           const GoldenRow *row, GError **error)
{
  g_autofree char *guidance = g_strconcat (name, ".guidance", NULL);
  LimnArenaMark mark = limn_run_mark (golden->run);
  LimnTensor start = golden_load_map (golden, store, "x_T");
  GoldenTrajectory trajectory = {
    .golden = golden,
    .model = on->model,
    .store = store,
    .name = name,
    .row = *row,
    .cond = &on->cond,
    .uncond = &on->uncond,
    .start = &start,
  };
  gboolean done;

  trajectory.guidance = (float) golden_number (store, guidance,
                                               golden_number (store, "guidance", 1.0));
  done = golden_trajectory_check (&trajectory, NULL, error);
  limn_run_release (golden->run, mark);
  return done;
}

gboolean
golden_check_samplers (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_auto (GStrv) rows = NULL;
  Conditioned plain = { NULL }, v = { NULL };
  gboolean done = FALSE;

  if (store == NULL)
    return FALSE;
  if (!load_conditioned (golden, store, "", "model", "config", &plain, error)
      || (json_object_has_member (golden->fixture, "model_v")
          && !load_conditioned (golden, store, "v.", "model_v", "config_v", &v, error)))
    goto out;
  if (!check_schedules (golden, plain.model, error))
    goto out;
  rows = golden_cases (store, ".timesteps");
  done = TRUE;
  for (char **name = rows; done && *name != NULL; name++)
    {
      GoldenRow row;

      if (!golden_row_parse (*name, &row) || (row.v && v.model == NULL))
        golden_skip (golden, *name, "sampler not supported");
      else
        done = check_row (golden, store, *name, row.v ? &v : &plain, &row, error);
    }
out:
  golden_model_free (plain.model);
  golden_model_free (v.model);
  return done;
}
