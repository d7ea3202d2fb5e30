/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/task/inpaint-private.h"
#include "engine/task/paste-private.h"
#include "engine/task/resample-private.h"

/*
 * The second pass: what the first one made at the model's size, enlarged, is noised a little and
 * denoised again at the crop's own size. Meng et al. 2022, "SDEdit", on the masked area.
 */

LimnInpaintParams
_limn_inpaint_refine_params (const LimnModelInfo *info, const LimnInpaintParams *params)
{
  LimnInpaintParams second = *params;

  /* A model that never starts from more than a share of the noise gets that share of it here. */
  second.strength = LIMN_REFINE_STRENGTH;
  if (_limn_inpaint_is_prefilled (info, params))
    second.strength *= _limn_inpaint_start (info, params);
  return second;
}

LimnTensor
_limn_inpaint_make_first (LimnInpaint *self)
{
  const LimnRect all = { 0, 0, self->first->width, self->first->height };
  LimnTensor x = limn_resample_crop (self->run, self->first, &all, self->plan.height, self->plan.width);
  const float *known = limn_tensor_f32 (&self->original);
  float *made = limn_tensor_f32 (&x);
  gint64 n = (gint64)self->plan.height * self->plan.width;

  for (gint64 i = 0; limn_run_ok (self->run) && i < n; i++)
    for (int c = 0; c < 3; c++)
      made[3 * i + c] = known[3 * i + c] + (made[3 * i + c] - known[3 * i + c]) * self->hole[i] / 255.0f;
  return x;
}

/* How the time is shared, by the pixels that each pass works on. */
static void
share_costs (LimnInpaint *first, LimnInpaint *second)
{
  double before = 0, after = 0;

  for (int i = 0; i <= LIMN_STAGE_BLEND; i++)
    {
      before += first->costs.of[i] * first->plan.width * first->plan.height;
      after += second->costs.of[i] * second->plan.width * second->plan.height;
    }
  first->costs.share = before / (before + after);
  second->costs.begin = first->costs.share;
  second->costs.share = 1 - first->costs.share;
  second->costs.first_step = first->plan.steps;
  first->costs.all_steps = second->costs.all_steps = first->plan.steps + second->plan.steps;
}

/* The second pass as a task of its own, which has not begun. FALSE when the run failed. */
static gboolean
init_second (LimnInpaint *self, LimnInpaint *second, const LimnInpaintParams *params)
{
  g_autoptr (GError) error = NULL;

  *second = (LimnInpaint){ .model = self->model,
                           .info = self->info,
                           .run = self->run,
                           .image = self->image,
                           .mask = self->mask,
                           .params = params,
                           .callbacks = self->callbacks,
                           .plan = self->plan };
  second->plan.crop = self->plan.refine_crop;
  second->plan.width = self->plan.refine_width;
  second->plan.height = self->plan.refine_height;
  second->plan.steps = self->plan.refine_steps;
  second->sampler = _limn_inpaint_sampler (self->model, params, &error);
  if (second->sampler == NULL)
    {
      limn_run_fail (self->run, error->code, "%s", error->message);
      return FALSE;
    }
  second->costs = limn_stage_costs (second->sampler->n_evaluations,
                                    limn_guided_is_double (self->info, params->guidance));
  return TRUE;
}

void
_limn_inpaint_share_costs (LimnInpaint *self)
{
  LimnInpaintParams params = _limn_inpaint_refine_params (self->info, self->params);
  LimnInpaint second;

  if (self->plan.refine_steps > 0 && init_second (self, &second, &params))
    {
      share_costs (self, &second);
      _limn_inpaint_clear (&second);
    }
}

LimnPatch *
_limn_inpaint_refine (LimnInpaint *self, const LimnTensor *matched, LimnArenaMark mark)
{
  LimnInpaintParams params = _limn_inpaint_refine_params (self->info, self->params);
  g_autoptr (LimnImage) first = limn_resample_part (self->run, matched, &self->plan.crop,
                                                    &self->plan.refine_crop);
  LimnPatch *patch = NULL;
  LimnInpaint second;
  LimnTensor raw;

  if (first == NULL || !init_second (self, &second, &params))
    return NULL;
  limn_run_release (self->run, mark);
  second.first = first;
  share_costs (self, &second);
  raw = _limn_inpaint_make (&second);
  if (limn_run_ok (self->run))
    {
      LimnTensor joined = _limn_inpaint_match_colours (&second, &raw);

      patch = limn_crop_paste_first (self->run, &raw, &joined, self->mask, &second.plan,
                                     limn_inpaint_rim (&second.plan), LIMN_GREY_IS_MADE);
    }
  _limn_inpaint_clear (&second);
  return patch;
}
