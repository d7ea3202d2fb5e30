/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/inpaint-private.h"

#include <string.h>

#include "engine/task/check-private.h"
#include "engine/task/colour-match-private.h"
#include "engine/task/mask-private.h"
#include "engine/task/memory-private.h"
#include "engine/task/prefill-private.h"
#include "engine/task/paste-private.h"
#include "engine/task/resample-private.h"
#include "engine/task/seam-private.h"

/* When it does not fit: the largest square that the model could work on, in steps of its multiple. */
static gboolean
check_memory (const LimnInpaint *self, gsize available, GError **error)
{
  const LimnInpaintPlan *plan = &self->plan;
  gboolean guidance = limn_guided_is_double (self->info, self->params->guidance);
  gsize first = limn_model_estimate_memory (self->model, plan->width, plan->height, guidance);
  gsize networks = _limn_inpaint_network_memory (self->model, self->params, plan);
  gsize rest = plan->memory - MIN (networks, plan->memory);
  int step = limn_model_size (self->info).multiple;
  int side = MIN (plan->width, plan->height);

  if (plan->memory <= available)
    {
      limn_memory_share (self->model, available, plan->memory);
      return TRUE;
    }
  if (first < networks && first <= available && rest <= available - first)
    {
      g_autofree char *needed = g_format_size (plan->memory), *free = g_format_size (available);

      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY,
                   "The second pass, at %d × %d pixels, needs about %s of memory, but only %s may be "
                   "used; without a second pass it fits",
                   plan->refine_width, plan->refine_height, needed, free);
      return FALSE;
    }
  for (side -= step; side > 0; side -= step)
    {
      networks = limn_model_estimate_memory (self->model, side, side, guidance);
      if (networks <= available && rest <= available - networks)
        break;
    }
  return limn_memory_refuse (plan->memory, available, self->run->memory_limit, MAX (side, 0),
                             MAX (side, 0), error);
}

/* Everything that outlives single stages, so that what a stage needs besides can be released after
 * it. */
static gboolean
allocate (LimnInpaint *self)
{
  int height = self->plan.height, width = self->plan.width, factor = self->info->latent_factor;
  int h = height / factor, w = width / factor, channels = self->info->latent_channels;

  self->known = limn_run_nhwc (self->run, 1, h, w, channels);
  self->start = self->first != NULL || _limn_inpaint_is_prefilled (self->info, self->params)
                    ? limn_run_nhwc (self->run, 1, h, w, channels)
                    : self->known;
  if (self->info->keep_detail)
    self->filled = limn_run_nhwc (self->run, 1, height, width, 3);
  self->noise = limn_run_nhwc (self->run, 1, h, w, channels);
  self->latent = limn_run_nhwc (self->run, 1, h, w, channels);
  if (self->info->capabilities & LIMN_CAN_INPAINT)
    self->condition = limn_run_nhwc (self->run, 1, h, w, 1 + channels);
  self->hole = g_try_malloc ((gsize)height * width);
  self->latent_hole = g_try_malloc ((gsize)h * w);
  self->latent_change = g_try_malloc ((gsize)h * w);
  if (self->hole == NULL || self->latent_hole == NULL || self->latent_change == NULL)
    limn_run_fail (self->run, LIMN_ENGINE_ERROR_NO_MEMORY,
                   "There is not enough memory for the mask");
  return limn_run_ok (self->run);
}

/* self->hole and self->latent_hole: the painted pixels at the model's size, grown, then feathered.
 */
static gboolean
prepare_masks (LimnInpaint *self)
{
  const LimnInpaintPlan *plan = &self->plan;
  float scale = (float)plan->width / plan->crop.width;
  float inner = MAX (plan->grow - plan->feather / 2.0f, 0.0f) * scale;
  gsize n = (gsize)plan->height * plan->width;
  g_autofree guint8 *painted = g_try_malloc (n), *change = g_try_malloc (n);

  if (painted == NULL || change == NULL)
    {
      limn_run_fail (self->run, LIMN_ENGINE_ERROR_NO_MEMORY,
                     "There is not enough memory for the mask");
      return FALSE;
    }
  limn_mask_shrink_max (self->run, self->mask, &plan->crop, plan->height, plan->width, painted);
  limn_mask_falloff (self->run, painted, plan->height, plan->width, inner,
                     limn_inpaint_rim (plan) * scale, LIMN_FALLOFF_LINEAR, self->hole);
  limn_mask_falloff_grey (self->run, painted, plan->height, plan->width, inner,
                          limn_inpaint_rim (plan) * scale, LIMN_FALLOFF_LINEAR, change);
  if (!limn_run_ok (self->run))
    return FALSE;
  limn_mask_to_latent (change, plan->height, plan->width, self->info->latent_factor,
                       self->latent_change);
  limn_mask_to_latent (self->hole, plan->height, plan->width, self->info->latent_factor,
                       self->latent_hole);
  return TRUE;
}

/* The first @bytes of @from into @to, when both are there. */
static void
keep (const LimnTensor *to, const LimnTensor *from)
{
  if (!limn_tensor_is_empty (from))
    memcpy (to->data, from->data, limn_tensor_bytes (to));
}

/* The crop with its hole filled as the model wants it to start. */
static LimnTensor
make_prefilled_image (LimnInpaint *self)
{
  LimnTensor x = limn_run_nhwc (self->run, 1, self->plan.height, self->plan.width, 3);

  if (limn_run_ok (self->run))
    {
      /* What patches of the surroundings show is not what a prompt asks for. */
      gboolean told = _limn_inpaint_is_told (self->params);

      memcpy (x.data, self->original.data, limn_tensor_bytes (&x));
      limn_prefill_in_place (self->run, &x, self->hole,
                             told ? LIMN_PREFILL_SMOOTH : self->info->default_prefill,
                             told ? 0 : self->info->prefill_texture, self->params->seed);
    }
  return x;
}

static gboolean
encode (LimnInpaint *self)
{
  LimnArenaMark mark = limn_run_mark (self->run);
  LimnTensor latent = limn_model_encode (self->model, self->run, &self->original);

  keep (&self->known, &latent);
  _limn_inpaint_keep_filled (self, &self->original);
  limn_run_release (self->run, mark);
  if (self->info->capabilities & LIMN_CAN_INPAINT)
    _limn_inpaint_make_condition (self);
  if (self->start.data != self->known.data)
    {
      LimnTensor prefilled = self->first != NULL ? _limn_inpaint_make_first (self)
                                                 : make_prefilled_image (self);

      latent = limn_model_encode (self->model, self->run, &prefilled);
      keep (&self->start, &latent);
      _limn_inpaint_keep_filled (self, &prefilled);
      limn_run_release (self->run, mark);
    }
  return limn_run_ok (self->run) && limn_task_check_finite (self->model, self->run, &self->known);
}

/* Decodes self->latent. */
static LimnTensor
decode (LimnInpaint *self)
{
  LimnTensor made = limn_model_decode (self->model, self->run, &self->latent);

  if (!limn_run_ok (self->run) || !limn_task_check_finite (self->model, self->run, &made))
    return LIMN_TENSOR_EMPTY;
  return made;
}

LimnTensor
_limn_inpaint_match_colours (LimnInpaint *self, const LimnTensor *raw)
{
  LimnTensor made = limn_run_nhwc (self->run, 1, self->plan.height, self->plan.width, 3);
  LimnColourMatch match;

  if (!limn_run_ok (self->run))
    return LIMN_TENSOR_EMPTY;
  memcpy (made.data, raw->data, limn_tensor_bytes (&made));
  match = limn_colour_match (&made, &self->original, self->hole);
  limn_colour_match_apply_in_place (&match, &made);
  limn_seam_join_in_place (self->run, &made, &self->original, self->hole, LIMN_SEAM_REACH);
  limn_seam_level_in_place (self->run, &made, &self->original, self->hole,
                            self->info->latent_factor, LIMN_SEAM_REACH);
  return made;
}

/* The stages in their order. */
LimnTensor
_limn_inpaint_make (LimnInpaint *self)
{
  LimnTensor raw;

  _limn_inpaint_progress (self, LIMN_STAGE_PREPARE, 0);
  if (!allocate (self) || !prepare_masks (self))
    return LIMN_TENSOR_EMPTY;
  self->original = limn_resample_crop (self->run, self->image, &self->plan.crop, self->plan.height,
                                       self->plan.width);
  if (!_limn_inpaint_progress (self, LIMN_STAGE_TEXT, 0))
    return LIMN_TENSOR_EMPTY;
  _limn_inpaint_encode_text (self);
  if (!_limn_inpaint_progress (self, LIMN_STAGE_ENCODE, 0) || !encode (self)
      || !_limn_inpaint_sample (self)
      || !_limn_inpaint_progress (self, LIMN_STAGE_DECODE, self->plan.steps))
    return LIMN_TENSOR_EMPTY;
  raw = decode (self);
  _limn_inpaint_add_detail (self, &raw);
  _limn_inpaint_progress (self, LIMN_STAGE_BLEND, self->plan.steps);
  return raw;
}

void
_limn_inpaint_clear (LimnInpaint *self)
{
  g_clear_pointer (&self->sampler, limn_sampler_plan_free);
  g_clear_pointer (&self->hole, g_free);
  g_clear_pointer (&self->latent_hole, g_free);
  g_clear_pointer (&self->latent_change, g_free);
}

/* One pass or two. NULL when the run failed. */
static LimnPatch *
run_passes (LimnInpaint *self)
{
  LimnArenaMark mark = limn_run_mark (self->run);
  LimnTensor raw = _limn_inpaint_make (self), matched;

  if (!limn_run_ok (self->run))
    return NULL;
  matched = _limn_inpaint_match_colours (self, &raw);
  if (self->plan.refine_steps > 0)
    return _limn_inpaint_refine (self, &matched, mark);
  return limn_crop_paste_first (self->run, &raw, &matched, self->mask, &self->plan,
                                limn_inpaint_rim (&self->plan), LIMN_GREY_IS_MADE);
}

LimnPatch *
limn_inpaint (LimnModel *model,
              LimnRun *run,
              const LimnImage *image,
              const LimnImage *mask,
              const LimnInpaintParams *params,
              const LimnTaskCallbacks *callbacks,
              GError **error)
{
  LimnInpaint self = { .model = model,
                       .run = run,
                       .image = image,
                       .mask = mask,
                       .params = params,
                       .callbacks = callbacks };
  LimnArenaMark mark;
  LimnPatch *patch;

  g_return_val_if_fail (
      model != NULL && run != NULL && image != NULL && mask != NULL && params != NULL, NULL);
  self.info = limn_model_get_info (model);
  if (!limn_inpaint_plan (model, image, mask, params, &self.plan, error)
      || !check_memory (&self, limn_memory_for_task (model, run), error))
    return NULL;
  self.sampler = _limn_inpaint_sampler (model, params, error);
  if (self.sampler == NULL)
    return NULL;

  self.costs = limn_stage_costs (self.sampler->n_evaluations,
                                 limn_guided_is_double (self.info, params->guidance));
  _limn_inpaint_share_costs (&self);

  mark = limn_run_mark (run);
  patch = run_passes (&self);
  limn_run_release (run, mark);
  _limn_inpaint_clear (&self);
  if (!limn_run_check (run, error))
    g_clear_pointer (&patch, limn_patch_free);
  return patch;
}
