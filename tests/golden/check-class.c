/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/diffusion/guidance.h"
#include "tests/golden/golden-model.h"
#include "tests/golden/golden.h"
#include "tests/golden/trajectory.h"

/* Classes as conditions: a context of one token from a table. */

static LimnTensor
embed_class (Golden *golden, GoldenModel *model, double class)
{
  gint32 index = (gint32) class;

  return limn_class_embedder_forward (&model->classes, golden->run, &index, 1);
}

static GoldenModel *
open_model (Golden *golden, GError **error)
{
  g_autoptr (GoldenModel) model = golden_model_open (golden, "model", "config", error);

  if (model == NULL || !golden_model_need (model, GOLDEN_UNET | GOLDEN_CLASS, error))
    return NULL;
  return g_steal_pointer (&model);
}

/* ---- One evaluation: "X.x", "X.t" -> "X.out_class<k>" ---------------------------------------- */

static void
check_embeddings (Golden *golden, GoldenModel *model, LimnWeights *store)
{
  gint64 n;
  g_autofree double *classes = golden_numbers (store, "class_label", &n);
  g_autofree gint32 *indices = g_new0 (gint32, MAX (n, 1));
  LimnTensor context;

  if (classes == NULL || !limn_weights_has (store, "context"))
    return;
  for (gint64 i = 0; i < n; i++)
    indices[i] = (gint32)classes[i];
  context = limn_class_embedder_forward (&model->classes, golden->run, indices, n);
  golden_compare_named (golden, store, "context", &context, 0.0);
}

static void
check_case (Golden *golden, GoldenModel *model, LimnWeights *store, const char *name)
{
  g_autofree char *prefix = g_strconcat (name, ".out_class", NULL);
  g_autofree char *t_name = g_strconcat (name, ".t", NULL);
  float t = (float)golden_number (store, t_name, 0);
  LimnTensor x = golden_load_map (golden, store, "%s.x", name);

  for (const char *const *want = limn_weights_list (store); *want != NULL; want++)
    {
      LimnTensor context, out;

      if (!g_str_has_prefix (*want, prefix))
        continue;
      context = embed_class (golden, model, g_ascii_strtod (*want + strlen (prefix), NULL));
      out = limn_unet_forward (&model->unet, golden->run, &x, &t, &context);
      golden_compare_named (golden, store, *want, &out, GOLDEN_NETWORK);
    }
}

gboolean
golden_check_class (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_autoptr (GoldenModel) model = NULL;
  g_auto (GStrv) cases = NULL;

  if (store == NULL)
    return FALSE;
  model = open_model (golden, error);
  if (model == NULL)
    return FALSE;
  check_embeddings (golden, model, store);
  cases = golden_cases (store, ".x");
  for (char **name = cases; *name != NULL; name++)
    {
      LimnArenaMark mark = limn_run_mark (golden->run);

      check_case (golden, model, store, *name);
      limn_run_release (golden->run, mark);
    }
  return TRUE;
}

/* ---- A trajectory of several pictures: "x_T" -> "x_steps", "final" --------------------------- */

/* What the callbacks see: one sample of the batch. */
typedef struct
{
  Golden *golden;
  GoldenModel *model;
  LimnGuidance guidance;
  LimnTensor states; /* [(steps + 1) * n_samples, c, h, w] */
  gint64 n_samples, sample;
} Sample;

static LimnTensor
predict (LimnRun *run,
         const LimnTensor *x,
         const float *t,
         const LimnTensor *context,
         gpointer user_data)
{
  Sample *self = user_data;

  return limn_unet_forward (&self->model->unet, run, x, t, context);
}

static LimnTensor
denoise (LimnRun *run, const LimnTensor *x, float t, gpointer user_data)
{
  Sample *self = user_data;

  return limn_guidance_predict (&self->guidance, run, x, t);
}

static void
compare_state (Sample *self, int index, const LimnTensor *got)
{
  g_autofree char *name
      = g_strdup_printf ("x_steps[%d][%" G_GINT64_FORMAT "]", index, self->sample);
  LimnTensor want = golden_entry (&self->states, index * self->n_samples + self->sample);

  golden_compare (self->golden, name, got, &want, GOLDEN_TRAJECTORY);
}

static gboolean
compare_step (LimnRun *run,
              int step,
              int n_steps,
              LimnTensor *x,
              const LimnTensor *x0,
              gpointer user_data)
{
  compare_state (user_data, step + 1, x);
  return TRUE;
}

static void
check_sample (Sample *self,
              LimnWeights *store,
              const LimnSamplerPlan *plan,
              const LimnTensor *start)
{
  const LimnSamplerCallbacks callbacks
      = { .denoise = denoise, .step = compare_step, .user_data = self };
  LimnRun *run = self->golden->run;
  g_autofree char *name = g_strdup_printf ("final[%" G_GINT64_FORMAT "]", self->sample);
  LimnTensor entry = golden_entry (start, self->sample), final, want;
  LimnTensor x = limn_run_tensor (run, entry.n_dims, entry.extent);

  if (limn_tensor_is_empty (&x))
    return;
  memcpy (x.data, entry.data, limn_tensor_bytes (&x));
  compare_state (self, 0, &x);
  if (!limn_sample (run, plan, &x, &callbacks))
    return;
  final = golden_load (self->golden, store, "final");
  want = golden_entry (&final, self->sample);
  golden_compare (self->golden, name, &x, &want, GOLDEN_TRAJECTORY);
}

static LimnSamplerPlan *
make_plan (Golden *golden, GoldenModel *model, GError **error)
{
  LimnSamplerParams params;

  limn_sampler_params_init (&params, model->alphas_cumprod, model->n_timesteps);
  params.spacing = LIMN_SPACING_UNIFORM;
  params.prediction = model->prediction;
  params.steps = (int)json_object_get_int_member_with_default (golden->fixture, "steps", 0);
  params.eta = (float)json_object_get_double_member_with_default (golden->fixture, "eta", 0.0);
  return limn_sampler_plan_new (&params, error);
}

static gboolean
check_samples (Golden *golden, GoldenModel *model, LimnWeights *store, GError **error)
{
  g_autoptr (LimnSamplerPlan) plan = make_plan (golden, model, error);
  gint64 n;
  g_autofree double *classes = golden_numbers (store, "class_label", &n);
  double unconditional = golden_number (store, "uncond_class", -1);
  double scale = golden_number (store, "guidance", 1.0);
  LimnTensor start = golden_load_map (golden, store, "x_T");
  Sample self = { .golden = golden, .model = model };

  if (plan == NULL)
    return FALSE;
  self.states = golden_load_stacks (golden, "golden", "x_steps", &self.n_samples, error);
  if (limn_tensor_is_empty (&start) || limn_tensor_is_empty (&self.states))
    return FALSE;
  golden_verdict (golden, "number of states",
                  (plan->n_steps + 1) * self.n_samples == self.states.extent[0]
                      && self.n_samples == n && n == start.extent[0],
                  NULL);
  for (; golden->n_failed == 0 && self.sample < n; self.sample++)
    {
      LimnTensor cond = embed_class (golden, model, classes[self.sample]);
      LimnTensor uncond = LIMN_TENSOR_EMPTY;

      if (unconditional >= 0)
        uncond = embed_class (golden, model, unconditional);
      limn_guidance_init (&self.guidance, golden->run, &cond, unconditional >= 0 ? &uncond : NULL,
                          (float)scale, predict, &self);
      check_sample (&self, store, plan, &start);
    }
  return limn_run_check (golden->run, error);
}

gboolean
golden_check_class_sample (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_autoptr (GoldenModel) model = NULL;

  if (store == NULL)
    return FALSE;
  model = open_model (golden, error);
  return model != NULL && check_samples (golden, model, store, error);
}
