/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/golden/trajectory.h"

#include <math.h>
#include <string.h>

#include "engine/diffusion/guidance.h"

/* ---- What a row's name says ----------------------------------------------------------------- */

/* Names of the fixtures for what the engine has, the longer before those they begin with. */
static const struct
{
  const char *name, *sampler;
  gboolean sigma_space;
} samplers[] = {
  { "ddim", "ddim" },
  { "plms", "plms" },
  { "pndm", "plms" },
  { "euler_ancestral", "euler_a", TRUE },
  { "euler_a", "euler_a", TRUE },
  { "euler", "euler", TRUE },
  { "heun", "heun", TRUE },
  { "dpmpp_2m_sde", "dpmpp_2m_sde" },
  { "dpmpp_2m", "dpmpp_2m" },
  { "dpmpp_2s_sde", "dpmpp_2s_sde" },
  { "dpmpp_2s", "dpmpp_2s" },
  { "dpmpp_sde_single", "dpmpp_sde", TRUE },
  { "dpmpp_sde", "dpmpp_sde", TRUE },
  { "unipc_bh1", "unipc_bh1" },
  { "unipc_bh2", "unipc" },
  { "unipc", "unipc" },
  { "lcm", "lcm" },
  { "tcd", "tcd" },
};

/* @rest: after @prefix, when it is a whole word at the beginning. */
static gboolean
skip_word (const char **rest, const char *prefix)
{
  gsize length = strlen (prefix);

  if (strncmp (*rest, prefix, length) != 0 || ((*rest)[length] != '_' && (*rest)[length] != '\0'))
    return FALSE;
  *rest += length;
  return TRUE;
}

/* The number after @prefix; FALSE when @word is something else. */
static gboolean
parse_number (const char *word, const char *prefix, float *number)
{
  char *end;

  if (!g_str_has_prefix (word, prefix) || !g_ascii_isdigit (word[strlen (prefix)]))
    return FALSE;
  *number = (float)g_ascii_strtod (word + strlen (prefix), &end);
  return *end == '\0';
}

static gboolean
parse_word (const char *word, GoldenRow *row)
{
  static const struct
  {
    const char *word;
    LimnSpacing spacing;
  } spacings[] = {
    { "leading", LIMN_SPACING_LEADING },
    { "linspace", LIMN_SPACING_LINSPACE },
    { "trailing", LIMN_SPACING_TRAILING },
    { "uniform", LIMN_SPACING_TRAILING }, /* "sgm_uniform" */
  };
  float number;

  for (guint i = 0; i < G_N_ELEMENTS (spacings); i++)
    if (g_str_equal (word, spacings[i].word))
      {
        row->spacing = spacings[i].spacing;
        return TRUE;
      }
  if (g_str_equal (word, "karras") || g_str_equal (word, "exponential"))
    {
      g_autofree char *sampler = g_strconcat (row->sampler, "_", word, NULL);

      row->sampler = g_intern_string (sampler);
      return limn_sampler_is_known (sampler);
    }
  if (g_str_equal (word, "noguidance"))
    return row->no_guidance = TRUE;
  if (g_str_equal (word, "zsnr"))
    return row->zero_snr = TRUE;
  if (parse_number (word, "eta", &row->eta) || parse_number (word, "gr", &row->rescale)
      || parse_number (word, "rescale", &row->rescale))
    return TRUE;
  if (parse_number (word, "order", &number))
    return (row->order = (int)number) > 0;
  if (parse_number (word, "", &number))
    return (row->steps = (int)number) > 0;
  return g_str_equal (word, "offset1") || g_str_equal (word, "sgm")
         || g_str_equal (word, "guidance");
}

gboolean
golden_row_parse (const char *name, GoldenRow *row)
{
  const char *rest = name;
  g_auto (GStrv) words = NULL;

  *row = (GoldenRow){ .spacing = LIMN_SPACING_DEFAULT, .eta = LIMN_ETA_DEFAULT };
  if (g_str_has_prefix (rest, "v_") || g_str_has_prefix (rest, "v."))
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
  for (guint i = 0; i < G_N_ELEMENTS (samplers) && row->sampler == NULL; i++)
    if (skip_word (&rest, samplers[i].name))
      {
        row->sampler = samplers[i].sampler;
        row->sigma_space = samplers[i].sigma_space;
      }
  if (row->sampler == NULL)
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
  const LimnSamplerPlan *plan;
  LimnGuidance guidance;
  LimnTensor states;    /* [steps or evaluations + 1, c, h, w] as stored */
  LimnTensor estimates; /* [steps, c, h, w], empty when the row has none */
  LimnTensor guided;    /* [evaluations, c, h, w], what the network says; empty as above */
  LimnTensor noise;     /* [draws, c, h, w] */
  gboolean each;        /* there is a state for each evaluation, not for each step */
  int evaluation;
} Running;

static LimnTensor
predict (LimnRun *run,
         const LimnTensor *x,
         const float *t,
         const LimnTensor *context,
         gpointer user_data)
{
  Running *running = user_data;

  const gint32 *label = running->t->label;
  const gint32 labels[] = { label != NULL ? *label : 0, label != NULL ? *label : 0 };

  return limn_unet_forward_labels (&running->t->model->unet, run, x, t, context,
                                   label != NULL ? labels : NULL);
}

static void
compare_entry (Running *running,
               const char *what,
               int index,
               const LimnTensor *stack,
               const LimnTensor *got)
{
  g_autofree char *name = g_strdup_printf ("%s.%s[%d]", running->t->name, what, index);
  LimnTensor want = golden_entry (stack, index);

  golden_compare (running->t->golden, name, got, &want, GOLDEN_TRAJECTORY);
}

/* @alpha: of the level that @x is at. */
static void
compare_state (Running *running, int index, double alpha, const LimnTensor *x)
{
  LimnRun *run = running->t->golden->run;
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor state = *x;

  if (running->t->row.sigma_space)
    {
      state = limn_run_tensor (run, x->n_dims, x->extent);
      for (gint64 i = 0; !limn_tensor_is_empty (&state) && i < limn_tensor_count (x); i++)
        limn_tensor_f32 (&state)[i] = (float)(limn_tensor_f32 (x)[i] / alpha);
    }
  compare_entry (running, "x", index, &running->states, &state);
  limn_run_release (run, mark);
}

/* The state before each evaluation is what the network is given. */
static LimnTensor
denoise (LimnRun *run, const LimnTensor *x, float t, gpointer user_data)
{
  Running *running = user_data;
  int e = running->evaluation++;
  LimnTensor input = *x;

  if (running->each)
    compare_state (running, e, running->plan->evaluations[e].alpha, x);
  if (running->t->concat != NULL)
    input = limn_concat_channels (run, x, running->t->concat);
  input = limn_guidance_predict (&running->guidance, run, &input, t);
  if (!limn_tensor_is_empty (&running->guided))
    compare_entry (running, "guided", e, &running->guided, &input);
  return input;
}

static gboolean
compare_step (LimnRun *run G_GNUC_UNUSED,
              int step,
              int n_steps,
              LimnTensor *x,
              const LimnTensor *x0,
              gpointer user_data)
{
  Running *running = user_data;
  int index = running->each ? running->evaluation : step + 1;

  if (!running->each || step + 1 == n_steps)
    compare_state (running, index, running->plan->alpha[step + 1], x);
  if (!limn_tensor_is_empty (&running->estimates))
    compare_entry (running, "pred_x0", step, &running->estimates, x0);
  return TRUE;
}

/* The fixture's own draws, as the engine lays them out. */
static void
give_noise (int evaluation, float *out, gsize n, gpointer user_data)
{
  Running *running = user_data;
  LimnTensor entry = golden_entry (&running->noise, MIN (evaluation, running->noise.extent[0] - 1));
  LimnTensor map = limn_nchw_to_nhwc (running->t->golden->run, &entry);

  if (!limn_tensor_is_empty (&map) && (gsize)limn_tensor_count (&map) == n)
    memcpy (out, map.data, n * sizeof (float));
}

static void
compare_list (GoldenTrajectory *t,
              const char *suffix,
              const double *got,
              gint64 n,
              double tolerance)
{
  g_autofree char *name = g_strconcat (t->name, suffix, NULL);
  gint64 n_want;
  g_autofree double *want = golden_numbers (t->store, name, &n_want);

  if (want != NULL)
    golden_compare_numbers (t->golden, name, got, n, want, n_want, tolerance);
}

/* LDM's rows tell of steps, the others of evaluations. */
static gboolean
tells_each (const GoldenTrajectory *t)
{
  return t->row.spacing != LIMN_SPACING_UNIFORM;
}

/* The second evaluation of a step has the sigma that the step leads to, wherever it is done. */
static gboolean
compare_plan (GoldenTrajectory *t, const LimnSamplerPlan *plan)
{
  g_autofree double *timesteps = g_new (double, plan->n_evaluations);
  g_autofree double *sigmas = g_new (double, plan->n_evaluations + 1);
  int failed = t->golden->n_failed, n = 0;
  gboolean whole = TRUE;

  for (int e = 0; e < plan->n_evaluations; e++)
    {
      const LimnEvaluation *at = &plan->evaluations[e];
      int level = at->step + (at->again ? 1 : 0);

      if (at->again && !tells_each (t))
        continue;
      timesteps[n] = at->t;
      whole = whole && at->t == floorf (at->t);
      sigmas[n++] = plan->sigma[level] / plan->alpha[level];
    }
  sigmas[n] = plan->sigma[plan->n_steps] / plan->alpha[plan->n_steps];
  compare_list (t, ".timesteps", timesteps, n, whole ? 0.0 : GOLDEN_FRACTION);
  compare_list (t, ".sigmas", sigmas, n + 1, GOLDEN_NETWORK);
  return failed == t->golden->n_failed;
}

/* The last of the row's sigmas, or 0. */
static double
last_sigma (GoldenTrajectory *t)
{
  g_autofree char *name = g_strconcat (t->name, ".sigmas", NULL);
  gint64 n = 0;
  g_autofree double *sigmas = golden_numbers (t->store, name, &n);

  return sigmas != NULL && n > 0 ? sigmas[n - 1] : 0.0;
}

static LimnSamplerPlan *
make_plan (GoldenTrajectory *t, const float *alphas_cumprod, GError **error)
{
  g_autofree char *timesteps = g_strconcat (t->name, ".timesteps", NULL);
  LimnSamplerPlan *plan;
  LimnSamplerParams params;
  LimnTensor stored;

  limn_sampler_params_init (&params, alphas_cumprod, t->model->n_timesteps);
  params.sampler = t->row.sampler;
  params.spacing = t->row.spacing;
  params.eta = t->row.eta;
  params.order = t->row.order;
  params.end_low = last_sigma (t) > 0.0;
  params.prediction = t->model->prediction;
  params.steps = t->row.steps;
  if (params.steps == 0 && t->row.spacing == LIMN_SPACING_UNIFORM)
    params.steps = (int)json_object_get_int_member_with_default (t->golden->fixture, "steps", 0);
  if (params.steps != 0 || !limn_weights_lookup (t->store, timesteps, &stored))
    return limn_sampler_plan_new (&params, error);
  /* As many as need that many evaluations. */
  params.steps = (int)limn_tensor_count (&stored);
  plan = limn_sampler_plan_new (&params, error);
  while (plan != NULL && plan->n_evaluations > limn_tensor_count (&stored) && params.steps > 1)
    {
      limn_sampler_plan_free (plan);
      params.steps--;
      plan = limn_sampler_plan_new (&params, error);
    }
  return plan;
}

gboolean
golden_trajectory_check (GoldenTrajectory *t, LimnTensor *final, GError **error)
{
  LimnRun *run = t->golden->run;
  g_autofree float *alphas
      = g_memdup2 (t->model->alphas_cumprod, (gsize)t->model->n_timesteps * sizeof (float));
  g_autoptr (LimnSamplerPlan) plan = NULL;
  g_autofree char *estimates = g_strconcat (t->name, ".pred_x0", NULL);
  g_autofree char *guided = g_strconcat (t->name, ".guided", NULL);
  g_autofree char *noise = g_strconcat (t->name, ".noise", NULL);
  g_autofree char *final_name = g_strconcat (t->name, ".final", NULL);
  LimnTensor x = limn_run_tensor (run, t->start->n_dims, t->start->extent);
  Running running = { .t = t };
  LimnSamplerCallbacks callbacks = { denoise, compare_step, NULL, 0, &running };

  if (t->row.zero_snr)
    limn_schedule_zero_terminal_snr (alphas, t->model->n_timesteps);
  plan = make_plan (t, alphas, error);
  if (plan == NULL)
    return FALSE;
  /* Another number of steps would compare states that do not belong together. */
  if (!compare_plan (t, plan) || limn_tensor_is_empty (&x))
    return TRUE;
  memcpy (x.data, t->start->data, limn_tensor_bytes (&x));
  limn_sampler_start (plan, &x, NULL);
  running.plan = plan;
  running.states = golden_load (t->golden, t->store, "%s.x", t->name);
  running.each = tells_each (t);
  if (running.states.extent[0] != (running.each ? plan->n_evaluations : plan->n_steps) + 1)
    {
      golden_verdict (t->golden, t->name, FALSE, "another number of states than steps");
      return TRUE;
    }
  if (limn_weights_has (t->store, estimates))
    running.estimates = golden_load (t->golden, t->store, "%s", estimates);
  if (limn_weights_has (t->store, guided))
    running.guided = golden_load (t->golden, t->store, "%s", guided);
  if (limn_weights_has (t->store, noise))
    {
      running.noise = golden_load (t->golden, t->store, "%s", noise);
      callbacks.noise = give_noise;
    }
  limn_guidance_init (&running.guidance, run, t->cond, t->row.no_guidance ? NULL : t->uncond,
                      t->guidance, predict, &running);
  running.guidance.rescale = t->row.rescale;
  if (!running.each)
    compare_state (&running, 0, plan->alpha[0], &x);
  if (limn_sample (run, plan, &x, &callbacks))
    golden_compare_named (t->golden, t->store, final_name, &x, GOLDEN_TRAJECTORY);
  if (final != NULL)
    *final = x;
  return limn_run_check (run, error);
}
