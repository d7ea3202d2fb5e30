/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/check-private.h"
#include "engine/task/generate-private.h"
#include "engine/task/memory-private.h"

/* When it does not fit: the largest picture of the same proportions that would, in sixteenths. */
static gboolean
check_memory (const LimnGenerate *self, gsize available, GError **error)
{
  const LimnGeneratePlan *plan = &self->plan;

  if (plan->memory <= available)
    {
      limn_memory_share (self->model, available, plan->memory);
      return TRUE;
    }
  for (int part = 15; part > 0; part--)
    {
      LimnGenerateParams smaller = *self->params;
      LimnGeneratePlan other;

      smaller.width = MAX (plan->width * part / 16, 1);
      smaller.height = MAX (plan->height * part / 16, 1);
      if (limn_generate_plan (self->model, &smaller, &other, NULL) && other.memory <= available)
        return limn_memory_refuse (plan->memory, available, self->run->memory_limit, other.width,
                                   other.height, error);
    }
  return limn_memory_refuse (plan->memory, available, self->run->memory_limit, 0, 0, error);
}

static gboolean
progress (LimnGenerate *self, LimnStage stage, int step)
{
  return limn_stage_begin (&self->costs, self->run, self->callbacks, stage, step, self->plan.steps);
}

/* ---- What it is told ------------------------------------------------------------------------- */

/* The map of labels at the size that is made: each pixel takes the nearest one's. */
static LimnTensor
encode_labels (LimnGenerate *self)
{
  const LimnImage *labels = self->params->labels;
  int width = self->plan.made.width, height = self->plan.made.height;
  g_autofree gint32 *map = g_try_new (gint32, (gsize)width * (gsize)height);

  if (map == NULL)
    {
      limn_run_fail (self->run, LIMN_ENGINE_ERROR_NO_MEMORY,
                     "There is not enough memory for the map of labels");
      return LIMN_TENSOR_EMPTY;
    }
  for (int y = 0; y < height; y++)
    {
      const guint8 *row
          = limn_image_row (labels, (int)((gint64)(2 * y + 1) * labels->height / (2 * height)));

      for (int x = 0; x < width; x++)
        map[(gsize)y * (gsize)width + (gsize)x]
            = row[(gint64)(2 * x + 1) * labels->width / (2 * width)];
    }
  return limn_model_encode_labels (self->model, self->run, map, width, height);
}

/* What takes the place of a prompt; empty when there is nothing. */
static LimnTensor
encode_context (LimnGenerate *self)
{
  const LimnGenerateParams *params = self->params;

  if (self->info->takes & LIMN_TAKES_CLASS)
    return limn_model_encode_class (self->model, self->run, params->category);
  if (self->info->takes & LIMN_TAKES_BOXES)
    return limn_model_encode_boxes (self->model, self->run, params->boxes, params->n_boxes);
  if (self->info->takes & LIMN_TAKES_EMBEDDING)
    return limn_model_encode_embedding (self->model, self->run, params->embedding,
                                        params->n_vectors, params->embedding_width);
  return LIMN_TENSOR_EMPTY;
}

void
_limn_generate_tell (LimnGenerate *self)
{
  const LimnGenerateParams *params = self->params;
  LimnTensor labels = LIMN_TENSOR_EMPTY;

  if (self->info->takes & LIMN_TAKES_LABELS)
    labels = encode_labels (self);
  if (self->info->takes_prompt)
    limn_guided_init_prompts (&self->guided, self->model, self->run, params->prompt,
                              params->negative, params->guidance, params->rescale,
                              self->callbacks);
  else
    {
      LimnTensor cond = encode_context (self), uncond = LIMN_TENSOR_EMPTY;

      if (limn_guided_is_double (self->info, params->guidance))
        uncond = limn_model_encode_nothing (self->model, self->run, MAX (params->n_vectors, 1));
      limn_guided_init (&self->guided, self->model, self->run,
                        limn_tensor_is_empty (&cond) ? NULL : &cond,
                        limn_tensor_is_empty (&uncond) ? NULL : &uncond, params->guidance,
                        params->rescale);
    }
  self->guided.concat = labels;
}

/* ---- Sampling -------------------------------------------------------------------------------- */

static LimnTensor
denoise (LimnRun *run, const LimnTensor *x, float t, gpointer user_data)
{
  LimnGenerate *self = user_data;

  return limn_guided_predict (&self->guided, run, x, t);
}

static void
show_preview (LimnGenerate *self, LimnRun *run, const LimnTensor *x0)
{
  g_autoptr (LimnImage) preview = NULL;
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor x = limn_model_preview (self->model, run, x0);

  if (!limn_tensor_is_empty (&x))
    preview = limn_image_from_tensor (&x, NULL);
  limn_run_release (run, mark);
  if (preview != NULL)
    self->callbacks->preview (preview, &self->plan.made, self->callbacks->user_data);
}

static gboolean
step_done (LimnRun *run,
           int step,
           int n_steps,
           LimnTensor *x,
           const LimnTensor *x0,
           gpointer user_data)
{
  LimnGenerate *self = user_data;

  progress (self, LIMN_STAGE_SAMPLE, step + 1);
  if (self->callbacks != NULL && self->callbacks->preview != NULL)
    show_preview (self, run, x0);
  return limn_run_ok (run);
}

static gboolean
sample (LimnGenerate *self)
{
  LimnSamplerCallbacks callbacks
      = { .denoise = denoise, .step = step_done, .seed = self->params->seed, .user_data = self };

  if (!progress (self, LIMN_STAGE_SAMPLE, 0))
    return FALSE;
  limn_noise_normal (self->params->seed, LIMN_NOISE_START, limn_tensor_f32 (&self->latent),
                     (gsize)limn_tensor_count (&self->latent));
  limn_sampler_start (self->sampler, &self->latent, NULL);
  return limn_guided_sample (&self->guided, self->run, self->sampler, &self->latent, &callbacks,
                             self->params->step_cache)
         && limn_task_check_finite (self->model, self->run, &self->latent);
}

/* ---- The whole of it ------------------------------------------------------------------------- */

/* The picture, cut to its size. */
static LimnImage *
finish (const LimnGenerate *self, const LimnTensor *made, GError **error)
{
  const LimnGeneratePlan *plan = &self->plan;
  LimnRect inside = { -plan->made.x, -plan->made.y, plan->width, plan->height };
  g_autoptr (LimnImage) whole = limn_image_from_tensor (made, error);

  if (whole == NULL)
    return NULL;
  if (whole->width == plan->width && whole->height == plan->height)
    return g_steal_pointer (&whole);
  return limn_image_crop (whole, &inside, error);
}

static LimnImage *
run_stages (LimnGenerate *self, GError **error)
{
  int factor = self->info->latent_factor;
  LimnTensor made;

  if (!progress (self, LIMN_STAGE_PREPARE, 0))
    return NULL;
  self->latent = limn_run_nhwc (self->run, 1, self->plan.made.height / factor,
                                self->plan.made.width / factor, self->info->latent_channels);
  if (!progress (self, LIMN_STAGE_TEXT, 0))
    return NULL;
  _limn_generate_tell (self);
  if (!sample (self) || !progress (self, LIMN_STAGE_DECODE, self->plan.steps))
    return NULL;
  made = limn_model_decode (self->model, self->run, &self->latent);
  if (!limn_run_ok (self->run) || !limn_task_check_finite (self->model, self->run, &made))
    return NULL;
  return finish (self, &made, error);
}

LimnImage *
limn_generate (LimnModel *model,
               LimnRun *run,
               const LimnGenerateParams *params,
               const LimnTaskCallbacks *callbacks,
               GError **error)
{
  LimnGenerate self = { .model = model, .run = run, .params = params, .callbacks = callbacks };
  g_autoptr (LimnSamplerPlan) sampler = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (LimnImage) image = NULL;
  LimnArenaMark mark;

  g_return_val_if_fail (model != NULL && run != NULL && params != NULL, NULL);
  self.info = limn_model_get_info (model);
  if (!limn_generate_plan (model, params, &self.plan, error)
      || !check_memory (&self, limn_memory_for_task (model, run), error))
    return NULL;
  sampler = limn_task_sampler_plan (model, params->sampler, params->steps, 1.0f, params->eta, error);
  if (sampler == NULL)
    return NULL;
  self.sampler = sampler;
  self.costs = limn_stage_costs (sampler->n_evaluations,
                                 limn_guided_is_double (self.info, params->guidance));
  self.costs.of[LIMN_STAGE_ENCODE] = self.costs.of[LIMN_STAGE_BLEND] = 0.0;

  mark = limn_run_mark (run);
  image = run_stages (&self, &local);
  limn_run_release (run, mark);
  if (!limn_run_check (run, error))
    return NULL;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return g_steal_pointer (&image);
}
