/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/check-private.h"

#include <math.h>

#include "engine/diffusion/sampler.h"
#include "engine/task/inpaint.h"

#define MAX_STEPS 200
#define MAX_GUIDANCE 30.0f

gboolean
limn_task_check_finite (LimnModel *model, LimnRun *run, const LimnTensor *x)
{
  const float *data = limn_tensor_f32 (x);
  g_autoptr (GError) error = NULL;

  if (!limn_run_ok (run))
    return FALSE;
  for (gint64 i = 0, n = limn_tensor_count (x); i < n; i++)
    if (!isfinite (data[i]))
      {
        /* Only now is it worth reading all weights to find the damaged one. */
        if (limn_model_check (model, run->cancellable, &error))
          limn_run_fail (
              run, LIMN_ENGINE_ERROR_NUMERIC,
              "The model “%s” computed numbers that are not finite; try another seed, fewer "
              "steps or less guidance",
              limn_model_get_info (model)->id);
        else
          limn_run_fail (run, LIMN_ENGINE_ERROR_NUMERIC, "%s", error->message);
        return FALSE;
      }
  return TRUE;
}

gboolean
limn_task_check_model (const LimnModelInfo *info, GError **error)
{
  if (info->missing == NULL)
    return TRUE;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING,
               "The model “%s” cannot be used yet: %s", info->id, info->missing);
  return FALSE;
}

gboolean
limn_task_check_guidance (float guidance, GError **error)
{
  /* Written so that NaN is out of range. */
  if (guidance >= 1.0f && guidance <= MAX_GUIDANCE)
    return TRUE;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
               "Guidance must be 1 to %g, not %g", MAX_GUIDANCE, guidance);
  return FALSE;
}

gboolean
limn_task_check_steps (int steps, GError **error)
{
  if (steps >= 1 && steps <= MAX_STEPS)
    return TRUE;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
               "Steps must be 1 to %d, not %d", MAX_STEPS, steps);
  return FALSE;
}

gboolean
limn_task_check_sampler (const char *sampler, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  if (sampler != NULL && limn_sampler_is_known (sampler))
    return TRUE;
  for (const LimnSamplerInfo *info = limn_sampler_list (); info->name != NULL; info++)
    g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", info->name);
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
               "There is no sampler “%s”. The samplers are: %s", sampler != NULL ? sampler : "",
               names->str);
  return FALSE;
}

gboolean
limn_task_check_eta (const char *sampler, float eta, GError **error)
{
  if (eta == LIMN_ETA_DEFAULT)
    return TRUE;
  if (!limn_sampler_takes_eta (sampler))
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "The sampler “%s” takes no eta: no share of its noise can be chosen", sampler);
  else if (!(eta >= 0.0f && eta <= 1.0f))
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT, "Eta must be 0 to 1, not %g",
                 eta);
  else
    return TRUE;
  return FALSE;
}

gboolean
limn_task_check_rescale (float rescale, GError **error)
{
  if (rescale == LIMN_RESCALE_DEFAULT || (rescale >= 0.0f && rescale <= 1.0f))
    return TRUE;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
               "The rescaling of the guidance must be 0 to 1, not %g", rescale);
  return FALSE;
}

gboolean
limn_task_check_step_cache (int step_cache, GError **error)
{
  if (step_cache >= 0 && step_cache <= LIMN_MAX_STEP_CACHE)
    return TRUE;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
               "One of 1 to %d steps may run the whole network, not one of %d", LIMN_MAX_STEP_CACHE,
               step_cache);
  return FALSE;
}
