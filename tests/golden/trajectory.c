/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/golden/trajectory.h"

#include <math.h>
#include <string.h>

#include "engine/diffusion/guidance.h"

/* ---- What a row's name says ----------------------------------------------------------------- */

static gboolean
parse_word (const char *word, GoldenRow *row)
{
  char *end;

  if (g_str_equal (word, "karras") && g_str_equal (row->sampler, "dpmpp_2m"))
    row->sampler = "dpmpp_2m_karras";
  else if (g_str_equal (word, "leading"))
    row->spacing = LIMN_SPACING_LEADING;
  else if (g_str_equal (word, "linspace"))
    row->spacing = LIMN_SPACING_LINSPACE;
  else if (g_str_equal (word, "trailing"))
    row->spacing = LIMN_SPACING_TRAILING;
  else if (g_str_equal (word, "noguidance"))
    row->no_guidance = TRUE;
  else if (g_str_has_prefix (word, "eta"))
    row->eta = (float) g_ascii_strtod (word + strlen ("eta"), NULL);
  else if (g_ascii_isdigit (word[0]))
    {
      row->steps = (int) g_ascii_strtoull (word, &end, 10);
      return *end == '\0';
    }
  else
    return g_str_equal (word, "offset1");
  return TRUE;
}

gboolean
golden_row_parse (const char *name, GoldenRow *row)
{
  const char *rest = name;
  g_auto (GStrv) words = NULL;

  *row = (GoldenRow) { .spacing = LIMN_SPACING_DEFAULT };
  if (g_str_has_prefix (rest, "v_"))
    {
      row->v = TRUE;
      rest += strlen ("v_");
    }
  if (g_str_has_prefix (rest, "compvis_"))
    {
      row->spacing = LIMN_SPACING_UNIFORM;
      rest += strlen ("compvis_");
    }
  else if (g_str_has_prefix (rest, "diffusers_"))
    rest += strlen ("diffusers_");
  if (g_str_has_prefix (rest, "dpmpp_2m_sgm_uniform"))
    {
      row->sampler = "dpmpp_2m";
      row->spacing = LIMN_SPACING_TRAILING;
      rest += strlen ("dpmpp_2m_sgm_uniform");
    }
  else if (g_str_has_prefix (rest, "dpmpp_2m"))
    {
      row->sampler = "dpmpp_2m";
      rest += strlen ("dpmpp_2m");
    }
  else if (g_str_has_prefix (rest, "ddim"))
    {
      row->sampler = "ddim";
      rest += strlen ("ddim");
    }
  if (row->sampler == NULL || (*rest != '_' && *rest != '\0'))
    return FALSE;
  words = g_strsplit (rest, "_", -1);
  for (char **word = words; *word != NULL; word++)
    if (**word != '\0' && !parse_word (*word, row))
      return FALSE;
  return TRUE;
}

/* ---- Running -------------------------------------------------------------------------------- */

/* What the callbacks see. */
typedef struct
{
  GoldenTrajectory *t;
  LimnGuidance guidance;
  LimnTensor states;    /* [steps + 1, c, h, w] as stored */
  LimnTensor estimates; /* [steps, c, h, w], empty when the row has none */
  LimnTensor noise;     /* [draws, c, h, w] */
} Running;

static LimnTensor
predict (LimnRun *run, const LimnTensor *x, const float *t, const LimnTensor *context,
         gpointer user_data)
{
  Running *running = user_data;

  return limn_unet_forward (&running->t->model->unet, run, x, t, context);
}

static LimnTensor
denoise (LimnRun *run, const LimnTensor *x, float t, gpointer user_data)
{
  Running *running = user_data;
  LimnTensor input = *x;

  if (running->t->concat != NULL)
    input = limn_concat_channels (run, x, running->t->concat);
  return limn_guidance_predict (&running->guidance, run, &input, t);
}

static void
compare_entry (Running *running, const char *what, int index, const LimnTensor *stack,
               const LimnTensor *got)
{
  g_autofree char *name = g_strdup_printf ("%s.%s[%d]", running->t->name, what, index);
  LimnTensor want = golden_entry (stack, index);

  golden_compare (running->t->golden, name, got, &want, GOLDEN_TRAJECTORY);
}

static gboolean
compare_step (LimnRun *run, int step, int n_steps, LimnTensor *x, const LimnTensor *x0,
              gpointer user_data)
{
  Running *running = user_data;

  compare_entry (running, "x", step + 1, &running->states, x);
  if (!limn_tensor_is_empty (&running->estimates))
    compare_entry (running, "pred_x0", step, &running->estimates, x0);
  return TRUE;
}

/* The fixture's own draws, as the engine lays them out. */
static void
give_noise (int step, float *out, gsize n, gpointer user_data)
{
  Running *running = user_data;
  LimnTensor entry = golden_entry (&running->noise, MIN (step, running->noise.extent[0] - 1));
  LimnTensor map = limn_nchw_to_nhwc (running->t->golden->run, &entry);

  if (!limn_tensor_is_empty (&map) && (gsize) limn_tensor_count (&map) == n)
    memcpy (out, map.data, n * sizeof (float));
}

static void
compare_list (GoldenTrajectory *t, const char *suffix, const double *got, gint64 n,
              double tolerance)
{
  g_autofree char *name = g_strconcat (t->name, suffix, NULL);
  gint64 n_want;
  g_autofree double *want = golden_numbers (t->store, name, &n_want);

  if (want != NULL)
    golden_compare_numbers (t->golden, name, got, n, want, n_want, tolerance);
}

static gboolean
compare_plan (GoldenTrajectory *t, const LimnSamplerPlan *plan)
{
  g_autofree double *timesteps = g_new (double, plan->n_steps);
  g_autofree double *sigmas = g_new (double, plan->n_steps + 1);
  int failed = t->golden->n_failed;

  for (int i = 0; i <= plan->n_steps; i++)
    {
      if (i < plan->n_steps)
        timesteps[i] = plan->timesteps[i];
      sigmas[i] = plan->sigma[i] / plan->alpha[i];
    }
  compare_list (t, ".timesteps", timesteps, plan->n_steps, 0.0);
  compare_list (t, ".sigmas", sigmas, plan->n_steps + 1, GOLDEN_NETWORK);
  return failed == t->golden->n_failed;
}

static LimnSamplerPlan *
make_plan (GoldenTrajectory *t, GError **error)
{
  g_autofree char *timesteps = g_strconcat (t->name, ".timesteps", NULL);
  LimnSamplerParams params;
  LimnTensor stored;

  limn_sampler_params_init (&params, t->model->alphas_cumprod, t->model->n_timesteps);
  params.sampler = t->row.sampler;
  params.spacing = t->row.spacing;
  params.eta = t->row.eta;
  params.prediction = t->model->prediction;
  params.steps = t->row.steps;
  if (params.steps == 0 && t->row.spacing == LIMN_SPACING_UNIFORM)
    params.steps = (int) json_object_get_int_member_with_default (t->golden->fixture, "steps", 0);
  if (params.steps == 0 && limn_weights_lookup (t->store, timesteps, &stored))
    params.steps = (int) limn_tensor_count (&stored);
  return limn_sampler_plan_new (&params, error);
}

gboolean
golden_trajectory_check (GoldenTrajectory *t, LimnTensor *final, GError **error)
{
  LimnRun *run = t->golden->run;
  g_autoptr (LimnSamplerPlan) plan = make_plan (t, error);
  g_autofree char *estimates = g_strconcat (t->name, ".pred_x0", NULL);
  g_autofree char *noise = g_strconcat (t->name, ".noise", NULL);
  g_autofree char *final_name = g_strconcat (t->name, ".final", NULL);
  LimnTensor x = limn_run_tensor (run, t->start->n_dims, t->start->extent);
  Running running = { .t = t };
  LimnSamplerCallbacks callbacks = { denoise, compare_step, NULL, 0, &running };

  if (plan == NULL)
    return FALSE;
  /* Another number of steps would compare states that do not belong together. */
  if (!compare_plan (t, plan) || limn_tensor_is_empty (&x))
    return TRUE;
  memcpy (x.data, t->start->data, limn_tensor_bytes (&x));
  running.states = golden_load (t->golden, t->store, "%s.x", t->name);
  if (limn_weights_has (t->store, estimates))
    running.estimates = golden_load (t->golden, t->store, "%s", estimates);
  if (limn_weights_has (t->store, noise))
    {
      running.noise = golden_load (t->golden, t->store, "%s", noise);
      callbacks.noise = give_noise;
    }
  limn_guidance_init (&running.guidance, run, t->cond, t->row.no_guidance ? NULL : t->uncond,
                      t->guidance, predict, &running);
  compare_entry (&running, "x", 0, &running.states, &x);
  if (limn_sample (run, plan, &x, &callbacks))
    golden_compare_named (t->golden, t->store, final_name, &x, GOLDEN_TRAJECTORY);
  if (final != NULL)
    *final = x;
  return limn_run_check (run, error);
}
