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
      limn_schedule_alphas_cumprod (betas, start, end, (int)n, alphas);
      for (gint64 k = 0; k < n; k++)
        got[k] = alphas[k];
      golden_compare_numbers (golden, name, got, n, want, n, GOLDEN_SCHEDULE);
      return TRUE;
    }
  return FALSE;
}

/* What a plan says, one number for each of its steps or evaluations. */
static double *
plan_numbers (const LimnSamplerPlan *plan, gboolean sigmas, gboolean rising, int *n)
{
  double *out = g_new (double, plan->n_evaluations + 1);

  *n = sigmas ? plan->n_steps + 1 : plan->n_evaluations;
  for (int k = 0; k < *n; k++)
    out[k]
        = sigmas ? plan->sigma[k] / plan->alpha[k] : plan->evaluations[rising ? *n - 1 - k : k].t;
  return out;
}

/* "ddim_timesteps.uniform.S" (rising), "diffusers.ddim.leading1.S.timesteps",
 * "diffusers.dpmpp2m.karras.S.sigmas". */
static gboolean
check_table (Golden *golden,
             LimnWeights *store,
             const char *name,
             const float *alphas,
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
    { "ddim_timesteps.quad.", "ddim", LIMN_SPACING_QUAD, TRUE },
    { "diffusers.ddim.leading1.", "ddim", LIMN_SPACING_LEADING, FALSE },
    { "diffusers.ddim.trailing.", "ddim", LIMN_SPACING_TRAILING, FALSE },
    { "diffusers.pndm.leading1.", "plms", LIMN_SPACING_LEADING, FALSE },
    { "diffusers.euler.linspace.", "euler", LIMN_SPACING_LINSPACE, FALSE },
    { "diffusers.euler.leading1.", "euler", LIMN_SPACING_LEADING, FALSE },
    { "diffusers.euler.trailing.", "euler", LIMN_SPACING_TRAILING, FALSE },
    { "diffusers.euler.karras.", "euler_karras", LIMN_SPACING_DEFAULT, FALSE },
    { "diffusers.euler.exponential.", "euler_exponential", LIMN_SPACING_DEFAULT, FALSE },
    { "diffusers.euler_a.linspace.", "euler_a", LIMN_SPACING_LINSPACE, FALSE },
    { "diffusers.euler_a.leading1.", "euler_a", LIMN_SPACING_LEADING, FALSE },
    { "diffusers.euler_a.trailing.", "euler_a", LIMN_SPACING_TRAILING, FALSE },
    { "diffusers.dpmpp2m.linspace.", "dpmpp_2m", LIMN_SPACING_LINSPACE, FALSE },
    { "diffusers.dpmpp2m.leading1.", "dpmpp_2m", LIMN_SPACING_LEADING, FALSE },
    { "diffusers.dpmpp2m.trailing.", "dpmpp_2m", LIMN_SPACING_TRAILING, FALSE },
    { "diffusers.dpmpp2m.karras.", "dpmpp_2m_karras", LIMN_SPACING_DEFAULT, FALSE },
    { "diffusers.dpmpp2m.exponential.", "dpmpp_2m_exponential", LIMN_SPACING_DEFAULT, FALSE },
    { "diffusers.lcm.", "lcm", LIMN_SPACING_DEFAULT, FALSE },
  };
  gint64 n;
  g_autofree double *want = golden_numbers (store, name, &n);

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      gboolean sigmas = g_str_has_suffix (name, ".sigmas");
      g_autoptr (LimnSamplerPlan) plan = NULL;
      g_autofree double *got = NULL;
      LimnSamplerParams params;
      gboolean whole = TRUE;
      int n_got;

      if (!g_str_has_prefix (name, tables[i].prefix))
        continue;
      limn_sampler_params_init (&params, alphas, n_timesteps);
      params.sampler = tables[i].sampler;
      params.spacing = tables[i].spacing;
      params.steps = (int)g_ascii_strtoll (name + strlen (tables[i].prefix), NULL, 10);
      plan = limn_sampler_plan_new (&params, NULL);
      if (plan == NULL)
        return FALSE;
      got = plan_numbers (plan, sigmas, tables[i].rising, &n_got);
      for (int k = 0; k < n_got; k++)
        whole = whole && got[k] == floor (got[k]);
      /* The original's table runs one past its end where the stride is too short; the engine stays
       * inside. */
      for (gint64 k = 0; !sigmas && k < n; k++)
        want[k] = MIN (want[k], n_timesteps - 1);
      golden_compare_numbers (golden, name, got, n_got, want, n,
                              sigmas  ? GOLDEN_NETWORK
                              : whole ? 0.0
                                      : GOLDEN_FRACTION);
      return TRUE;
    }
  return FALSE;
}

/* "ddim_params.sd.S10.alphas", ".alphas_prev", ".eta0.5.sigmas", all rising: alphas_cumprod before
 * and after each step of ddim.py, and the deviation of its noise. */
static gboolean
check_ddim_params (Golden *golden,
                   LimnWeights *store,
                   const char *name,
                   const float *alphas,
                   int n_timesteps)
{
  const char *steps = strstr (name, ".S"), *eta = strstr (name, ".eta");
  g_autoptr (LimnSamplerPlan) plan = NULL;
  g_autofree double *got = NULL, *want = NULL;
  LimnSamplerParams params;
  gint64 n_want;

  if (!g_str_has_prefix (name, "ddim_params.") || steps == NULL)
    return FALSE;
  limn_sampler_params_init (&params, alphas, n_timesteps);
  params.spacing = LIMN_SPACING_UNIFORM;
  params.steps = (int)g_ascii_strtoll (steps + strlen (".S"), NULL, 10);
  params.eta = eta != NULL ? (float)g_ascii_strtod (eta + strlen (".eta"), NULL) : 0.0f;
  plan = limn_sampler_plan_new (&params, NULL);
  if (plan == NULL)
    return FALSE;
  got = g_new (double, plan->n_steps);
  for (int i = 0; i < plan->n_steps; i++)
    {
      double level = plan->alpha[i] * plan->alpha[i];
      double next = plan->alpha[i + 1] * plan->alpha[i + 1];

      got[plan->n_steps - 1 - i] = eta != NULL ? limn_schedule_spread (level, next, params.eta)
                                   : g_str_has_suffix (name, ".alphas_prev") ? next
                                                                             : level;
    }
  want = golden_numbers (store, name, &n_want);
  golden_compare_numbers (golden, name, got, plan->n_steps, want, n_want, GOLDEN_FRACTION);
  return TRUE;
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
        && !check_ddim_params (golden, store, *name, model->alphas_cumprod, model->n_timesteps)
        && !g_str_has_suffix (*name, "_f64"))
      golden_skip (golden, *name, "not used by the samplers that there are");
  return TRUE;
}

/* "zero_snr.alphas_cumprod", "zero_snr.betas": what the model's schedule becomes. */
static void
check_zero_snr (Golden *golden, LimnWeights *store, const GoldenModel *model)
{
  int n = model->n_timesteps;
  g_autofree float *alphas = g_memdup2 (model->alphas_cumprod, (gsize)n * sizeof (float));
  g_autofree double *levels = g_new (double, n), *betas = g_new (double, n);
  gint64 n_alphas, n_betas;
  g_autofree double *want_alphas = golden_numbers (store, "zero_snr.alphas_cumprod", &n_alphas);
  g_autofree double *want_betas = golden_numbers (store, "zero_snr.betas", &n_betas);

  limn_schedule_zero_terminal_snr (alphas, n);
  for (int t = 0; t < n; t++)
    {
      levels[t] = alphas[t];
      betas[t] = 1.0 - levels[t] / (t > 0 ? levels[t - 1] : 1.0);
    }
  if (want_alphas != NULL)
    golden_compare_numbers (golden, "zero_snr.alphas_cumprod", levels, n, want_alphas, n_alphas,
                            GOLDEN_SCHEDULE);
  if (want_betas != NULL)
    golden_compare_numbers (golden, "zero_snr.betas", betas, n, want_betas, n_betas,
                            GOLDEN_NETWORK);
}

/* ---- Trajectories --------------------------------------------------------------------------- */

/* A model with the two contexts that the fixture gives for it. */
typedef struct
{
  GoldenModel *model;
  LimnTensor cond, uncond;
} Conditioned;

static gboolean
load_conditioned (Golden *golden,
                  LimnWeights *store,
                  const char *prefix,
                  const char *model_member,
                  const char *config_member,
                  Conditioned *out,
                  GError **error)
{
  out->model = golden_model_open (golden, model_member, config_member, error);
  if (out->model == NULL || !golden_model_need (out->model, GOLDEN_UNET, error))
    return FALSE;
  golden_model_contexts (golden, out->model, store, prefix, &out->cond, &out->uncond);
  return limn_run_check (golden->run, error);
}

/* What the row's name says, and the fixture's "samplers" where it has them. */
static gboolean
read_row (Golden *golden, const char *name, GoldenRow *row)
{
  JsonObject *all = NULL, *said = NULL;

  if (!golden_row_parse (name, row))
    return FALSE;
  if (json_object_has_member (golden->fixture, "samplers"))
    all = json_object_get_object_member (golden->fixture, "samplers");
  if (all != NULL && json_object_has_member (all, name))
    said = json_object_get_object_member (all, name);
  if (said == NULL)
    return TRUE;
  row->eta = (float)json_object_get_double_member_with_default (said, "eta", row->eta);
  row->rescale
      = (float)json_object_get_double_member_with_default (said, "guidance_rescale", row->rescale);
  row->steps = (int)json_object_get_int_member_with_default (said, "steps", row->steps);
  row->v = g_str_equal (
      json_object_get_string_member_with_default (said, "model", row->v ? "v" : ""), "v");
  return TRUE;
}

static gboolean
check_row (Golden *golden,
           LimnWeights *store,
           const char *name,
           Conditioned *on,
           const GoldenRow *row,
           GError **error)
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

  trajectory.guidance
      = (float)golden_number (store, guidance, golden_number (store, "guidance", 1.0));
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
  check_zero_snr (golden, store, v.model != NULL ? v.model : plain.model);
  rows = golden_cases (store, ".timesteps");
  done = TRUE;
  for (char **name = rows; done && *name != NULL; name++)
    {
      GoldenRow row;

      if (!read_row (golden, *name, &row) || (row.v && v.model == NULL))
        golden_skip (golden, *name, "sampler not supported");
      else
        done = check_row (golden, store, *name, row.v ? &v : &plain, &row, error);
    }
out:
  golden_model_free (plain.model);
  golden_model_free (v.model);
  return done;
}
