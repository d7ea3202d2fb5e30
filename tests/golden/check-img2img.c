/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/diffusion/guidance.h"
#include "tests/golden/trajectory.h"

/*
 * Part of a picture repainted by an ordinary UNet, the ways that the originals do it:
 * "ldm_mask": from pure noise; before every step the known part, freshly noised, is put back.
 * "img2img": the whole picture noised one step deeper than the first step, and denoised.
 * "diffusers4ch_SAMPLER": from the noised picture; after every step the known part is put back,
 * always with the same noise, and without any after the last.
 */

typedef enum
{
  WAY_LDM_MASK,
  WAY_IMG2IMG,
  WAY_DIFFUSERS,
} Way;

typedef struct
{
  Golden *golden;
  GoldenModel *model;
  LimnWeights *store;
  LimnTensor x0;      /* the picture's latent */
  LimnTensor repaint; /* [1, h, w, 1]: 1 = made anew */
  LimnTensor cond, uncond;
  float guidance;
  double strength;
  int steps;

  /* The row that is run */
  Way way;
  const char *name;
  const LimnSamplerPlan *plan;
  LimnGuidance guided;
  LimnTensor states;    /* as stored; empty when the row has none */
  LimnTensor noise;     /* of the way: one, or one for each step, as stored */
  gboolean sigma_space; /* the states are stored as x0 + sigma noise */
} Img2img;

/* ---- What all ways start from ---------------------------------------------------------------- */

/* The sampled latent of the picture, and the masks at its size. */
static void
prepare (Img2img *self)
{
  Golden *golden = self->golden;
  LimnRun *run = golden->run;
  LimnTensor image = golden_load_map (golden, self->store, "image");
  LimnTensor mask = golden_load_map (golden, self->store, "mask_repaint_is_1");
  LimnTensor noise = golden_load_map (golden, self->store, "noise_vae");
  LimnTensor moments = limn_autoencoder_encode (&self->model->autoencoder, run, &image), keep;

  self->x0 = limn_moments_sample (run, &moments, &noise);
  if (!limn_run_ok (run))
    return;
  for (gint64 i = 0; i < limn_tensor_count (&self->x0); i++)
    limn_tensor_f32 (&self->x0)[i] *= self->model->scale_factor;
  golden_compare_named (golden, self->store, "x0_scaled_latent", &self->x0, GOLDEN_NETWORK);
  self->repaint
      = limn_resize (run, &mask, self->x0.extent[1], self->x0.extent[2], LIMN_RESIZE_NEAREST);
  golden_compare_named (golden, self->store, "mask_latent_repaint_is_1", &self->repaint, 0.0);
  keep = limn_run_tensor (run, self->repaint.n_dims, self->repaint.extent);
  for (gint64 i = 0; limn_run_ok (run) && i < limn_tensor_count (&keep); i++)
    limn_tensor_f32 (&keep)[i] = 1.0f - limn_tensor_f32 (&self->repaint)[i];
  golden_compare_named (golden, self->store, "keep_mask_given_to_ddim", &keep, 0.0);
}

/* Entry @i of the way's noise, NHWC. */
static LimnTensor
noise_of (Img2img *self, int i)
{
  LimnTensor entry = golden_entry (&self->noise, MIN (i, self->noise.extent[0] - 1));

  return limn_nchw_to_nhwc (self->golden->run, &entry);
}

/* alpha x0 + sigma noise where @mask (nullable) is not 1, in place of what @x has there. */
static void
put_known (Img2img *self,
           LimnTensor *x,
           double alpha,
           double sigma,
           const LimnTensor *noise,
           const LimnTensor *repaint)
{
  float *to = limn_tensor_f32 (x);
  const float *known = limn_tensor_f32 (&self->x0), *random = limn_tensor_f32 (noise);
  const float *mask = repaint != NULL ? limn_tensor_f32 (repaint) : NULL;
  gint64 channels = x->extent[3];

  if (to == NULL || known == NULL || random == NULL)
    return;
  for (gint64 i = 0; i < limn_tensor_count (x); i++)
    if (mask == NULL || mask[i / channels] < 0.5f)
      to[i] = (float)alpha * known[i] + (float)sigma * random[i];
}

/* ---- One way --------------------------------------------------------------------------------- */

static LimnTensor
predict (LimnRun *run,
         const LimnTensor *x,
         const float *t,
         const LimnTensor *context,
         gpointer user_data)
{
  Img2img *self = user_data;

  return limn_unet_forward (&self->model->unet, run, x, t, context);
}

static LimnTensor
denoise (LimnRun *run, const LimnTensor *x, float t, gpointer user_data)
{
  Img2img *self = user_data;

  return limn_guidance_predict (&self->guided, run, x, t);
}

/* The state before step @i, as the originals record it: after their blending, if any. */
static void
compare_state (Img2img *self, int i, const LimnTensor *x)
{
  g_autofree char *name = g_strdup_printf ("%s.x[%d]", self->name, i);
  LimnTensor want;

  if (limn_tensor_is_empty (&self->states))
    return;
  want = golden_entry (&self->states, i);
  if (self->sigma_space)
    for (gint64 k = 0; k < limn_tensor_count (&want); k++)
      limn_tensor_f32 (&want)[k] *= (float)self->plan->alpha[i];
  golden_compare (self->golden, name, x, &want, GOLDEN_TRAJECTORY);
}

/* LDM's blending before step @i; the reference keeps the noised known part of each. */
static void
blend_before (Img2img *self, int i, LimnTensor *x)
{
  LimnTensor noise = noise_of (self, i), known, want, samples;
  g_autofree char *name = g_strdup_printf ("%s.q_samples[%d]", self->name, i);

  known = limn_run_tensor (self->golden->run, x->n_dims, x->extent);
  put_known (self, &known, self->plan->alpha[i], self->plan->sigma[i], &noise, NULL);
  samples = golden_load (self->golden, self->store, "%s.q_samples", self->name);
  want = golden_entry (&samples, i);
  golden_compare (self->golden, name, &known, &want, GOLDEN_NETWORK);
  put_known (self, x, self->plan->alpha[i], self->plan->sigma[i], &noise, &self->repaint);
}

static gboolean
step_done (LimnRun *run,
           int step,
           int n_steps,
           LimnTensor *x,
           const LimnTensor *x0,
           gpointer user_data)
{
  Img2img *self = user_data;
  gboolean last = step + 1 == n_steps;

  if (self->way == WAY_DIFFUSERS)
    {
      LimnTensor noise = noise_of (self, 0);

      put_known (self, x, last ? 1.0 : self->plan->alpha[step + 1],
                 last ? 0.0 : self->plan->sigma[step + 1], &noise, &self->repaint);
    }
  compare_state (self, step + 1, x);
  if (self->way == WAY_LDM_MASK && !last)
    blend_before (self, step + 1, x);
  return limn_run_ok (run);
}

/* The sampler's way; with @part the last int (steps * strength) steps of it, as both originals
 * count them: of the steps asked for, where ddim.py may make more. */
static LimnSamplerPlan *
make_plan (Img2img *self, const GoldenRow *row, gboolean part, GError **error)
{
  g_autoptr (LimnSamplerPlan) whole = NULL;
  LimnSamplerParams params;

  limn_sampler_params_init (&params, self->model->alphas_cumprod, self->model->n_timesteps);
  params.sampler = row->sampler;
  params.spacing = row->spacing;
  params.eta = row->eta;
  params.prediction = self->model->prediction;
  params.steps = self->steps;
  whole = limn_sampler_plan_new (&params, error);
  if (whole == NULL || !part)
    return g_steal_pointer (&whole);
  params.strength = (float)((double)(int)(self->steps * self->strength) / whole->n_steps);
  return limn_sampler_plan_new (&params, error);
}

static void
compare_timesteps (Img2img *self, const char *suffix, const LimnSamplerPlan *plan, gboolean rising)
{
  g_autofree char *name = g_strconcat (self->name, suffix, NULL);
  g_autofree double *got = g_new (double, plan->n_steps);
  gint64 n;
  g_autofree double *want = golden_numbers (self->store, name, &n);

  for (int i = 0; i < plan->n_steps; i++)
    got[i] = plan->timesteps[rising ? plan->n_steps - 1 - i : i];
  if (want != NULL)
    golden_compare_numbers (self->golden, name, got, plan->n_steps, want, n, 0.0);
}

static void
check_picture (Img2img *self, LimnTensor *latent)
{
  Golden *golden = self->golden;
  g_autofree char *final = g_strconcat (self->name, ".final", NULL);
  g_autofree char *decoded = g_strconcat (self->name, ".decoded", NULL);
  g_autofree char *bytes = g_strconcat (self->name, ".image_u8_hwc", NULL);
  LimnTensor picture, want;

  if (limn_weights_has (self->store, final))
    golden_compare_named (golden, self->store, final, latent, GOLDEN_TRAJECTORY);
  for (gint64 i = 0; i < limn_tensor_count (latent); i++)
    limn_tensor_f32 (latent)[i] *= 1.0f / self->model->scale_factor;
  picture = limn_autoencoder_decode (&self->model->autoencoder, golden->run, latent);
  if (limn_weights_has (self->store, decoded))
    golden_compare_named (golden, self->store, decoded, &picture, GOLDEN_TRAJECTORY);
  if (!limn_weights_lookup (self->store, bytes, &want))
    return;
  if (self->way == WAY_DIFFUSERS)
    golden_compare_u8 (golden, bytes, &picture, &want);
  else
    {
      LimnTensor unit = golden_unit (golden, &picture);

      golden_compare_u8_truncated (golden, bytes, &unit, &want);
    }
}

/* Denoises @x along the plan, compares every state, and the picture. */
static gboolean
run_way (Img2img *self, LimnTensor *x, GError **error)
{
  LimnRun *run = self->golden->run;
  g_autofree char *states = g_strconcat (self->name, ".x", NULL);
  LimnSamplerCallbacks callbacks = { .denoise = denoise, .step = step_done, .user_data = self };

  self->states = LIMN_TENSOR_EMPTY;
  if (limn_weights_has (self->store, states))
    self->states = golden_load (self->golden, self->store, "%s", states);
  limn_guidance_init (&self->guided, run, &self->cond, &self->uncond, self->guidance, predict,
                      self);
  compare_state (self, 0, x);
  if (self->way == WAY_LDM_MASK)
    blend_before (self, 0, x);
  if (limn_sample (run, self->plan, x, &callbacks))
    check_picture (self, x);
  return limn_run_check (run, error);
}

static gboolean
check_ldm_mask (Img2img *self, GError **error)
{
  const GoldenRow row = { .sampler = "ddim", .spacing = LIMN_SPACING_UNIFORM };
  g_autoptr (LimnSamplerPlan) plan = make_plan (self, &row, FALSE, error);
  LimnTensor x = golden_load_map (self->golden, self->store, "noise_x_T");

  if (plan == NULL)
    return FALSE;
  self->way = WAY_LDM_MASK;
  self->plan = plan;
  self->noise = golden_load (self->golden, self->store, "q_noise_per_step");
  compare_timesteps (self, ".timesteps", plan, FALSE);
  return run_way (self, &x, error);
}

/* The noise is that of the step before the first one that is run: index t_enc of the rising list,
 * where the first step has t_enc - 1. */
static gboolean
check_img2img (Img2img *self, GError **error)
{
  const GoldenRow row = { .sampler = "ddim", .spacing = LIMN_SPACING_UNIFORM };
  g_autoptr (LimnSamplerPlan) whole = make_plan (self, &row, FALSE, error);
  g_autoptr (LimnSamplerPlan) plan = make_plan (self, &row, TRUE, error);
  LimnTensor x = limn_run_tensor (self->golden->run, self->x0.n_dims, self->x0.extent), noise;
  g_autofree char *t_enc = g_strconcat (self->name, ".t_enc", NULL);
  g_autofree char *z_enc = g_strconcat (self->name, ".z_enc", NULL);
  gint64 n;
  g_autofree double *want = golden_numbers (self->store, t_enc, &n);
  double got;
  int deeper;

  if (whole == NULL || plan == NULL)
    return FALSE;
  self->way = WAY_IMG2IMG;
  self->plan = plan;
  got = plan->n_steps;
  golden_compare_numbers (self->golden, t_enc, &got, 1, want, n, 0.0);
  compare_timesteps (self, ".ddim_timesteps", whole, TRUE);
  deeper = MAX (plan->first_step - 1, 0);
  self->noise = golden_load (self->golden, self->store, "noise_stochastic_encode");
  noise = noise_of (self, 0);
  put_known (self, &x, whole->alpha[deeper], whole->sigma[deeper], &noise, NULL);
  golden_compare_named (self->golden, self->store, z_enc, &x, GOLDEN_NETWORK);
  return run_way (self, &x, error);
}

static gboolean
check_diffusers (Img2img *self, GError **error)
{
  LimnTensor x = limn_run_tensor (self->golden->run, self->x0.n_dims, self->x0.extent), noise;
  g_autoptr (LimnSamplerPlan) plan = NULL;
  GoldenRow row;

  if (!golden_row_parse (self->name + strlen ("diffusers4ch_"), &row))
    {
      golden_skip (self->golden, self->name, "sampler not supported");
      return TRUE;
    }
  plan = make_plan (self, &row, TRUE, error);
  if (plan == NULL)
    return FALSE;
  self->way = WAY_DIFFUSERS;
  self->sigma_space = row.sigma_space;
  self->plan = plan;
  self->noise = golden_load (self->golden, self->store, "noise_diffusers_add");
  noise = noise_of (self, 0);
  put_known (self, &x, plan->alpha[0], plan->sigma[0], &noise, NULL);
  compare_timesteps (self, ".timesteps", plan, FALSE);
  return run_way (self, &x, error);
}

/* ---- The fixture ----------------------------------------------------------------------------- */

static gboolean
check_row (Img2img *self, const char *name, GError **error)
{
  LimnArenaMark mark = limn_run_mark (self->golden->run);
  gboolean done = TRUE;

  self->name = name;
  self->sigma_space = FALSE;
  if (g_str_equal (name, "ldm_mask"))
    done = check_ldm_mask (self, error);
  else if (g_str_equal (name, "img2img"))
    done = check_img2img (self, error);
  else if (g_str_has_prefix (name, "diffusers4ch_"))
    done = check_diffusers (self, error);
  else
    golden_skip (self->golden, name, "no such way is known");
  limn_run_release (self->golden->run, mark);
  return done;
}

gboolean
golden_check_img2img (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_autoptr (GoldenModel) model = NULL;
  g_auto (GStrv) rows = NULL;
  JsonObject *fixture = golden->fixture;
  Img2img self;

  if (store == NULL)
    return FALSE;
  model = golden_model_open (golden, "model", "config", error);
  if (model == NULL || !golden_model_need (model, GOLDEN_UNET | GOLDEN_AUTOENCODER, error))
    return FALSE;
  self = (Img2img){ .golden = golden, .model = model, .store = store };
  self.guidance = (float)json_object_get_double_member_with_default (fixture, "cfg", 1.0);
  self.strength = json_object_get_double_member_with_default (fixture, "strength", 1.0);
  self.steps = (int)json_object_get_int_member_with_default (fixture, "steps", 0);
  golden_model_contexts (golden, model, store, "", &self.cond, &self.uncond);
  prepare (&self);
  if (!limn_run_check (golden->run, error))
    return FALSE;
  rows = golden_cases (store, ".decoded");
  for (char **name = rows; *name != NULL; name++)
    if (!check_row (&self, *name, error))
      return FALSE;
  return TRUE;
}
