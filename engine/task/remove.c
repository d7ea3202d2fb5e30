/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/remove.h"

#include <math.h>
#include <string.h>

#include "engine/task/geometry-private.h"
#include "engine/task/mask-private.h"
#include "engine/task/memory-private.h"
#include "engine/task/paste-private.h"
#include "engine/task/patchmatch-private.h"
#include "engine/task/progress-private.h"
#include "engine/task/resample-private.h"
#include "engine/task/seam-private.h"

/* Automatic growth, of the diagonal of what is painted, in picture pixels. */
#define GROW_OF_DIAGONAL 0.02f
#define GROW_MIN 3.0f
#define GROW_MAX 12.0f
#define PASTE_FADE 2.0f
/* The least crop, of the longer side of what is painted; and its limits, where the larger one is
 * also the side of the square whose pixels are the most that is worked on. */
#define CROP_OF_PAINTED 3
#define CROP_MIN 256
#define CROP_MAX 1536
/* How far the colours at the edge reach into a completion, whose own are worth less than a model's:
 * see LIMN_SEAM_REACH. */
#define REACH 0.5f

typedef struct
{
  LimnRun *run;
  const LimnImage *image, *mask;
  const LimnRemoveParams *params;
  const LimnTaskCallbacks *callbacks;
  LimnInpaintPlan plan;
  LimnStageCosts costs;
  guint8 *hole; /* [plan.height][plan.width]: 255 = to be completed, 0 = kept */
} Removal;

void
limn_remove_params_init (LimnRemoveParams *params)
{
  *params = (LimnRemoveParams){ .grow = -1.0f, .paste_fade = -1.0f, .context = -1.0f };
}

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT, message);
  return FALSE;
}

/* Written so that NaN is out of range. */
static gboolean
check_width (const char *name, float value, GError **error)
{
  if (value < 0.0f || (value >= 0.0f && value <= LIMN_IMAGE_MAX_SIDE))
    return TRUE;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT, "%s must be 0 to %d pixels",
               name, LIMN_IMAGE_MAX_SIDE);
  return FALSE;
}

static gboolean
check (const LimnImage *image,
       const LimnImage *mask,
       const LimnRemoveParams *params,
       LimnRect *painted,
       GError **error)
{
  if (mask->channels != 1)
    return refuse (error, "A mask has one channel");
  if (mask->width != image->width || mask->height != image->height)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "The mask is %d × %d pixels, but the picture is %d × %d", mask->width,
                   mask->height, image->width, image->height);
      return FALSE;
    }
  if (!limn_mask_bounds (mask, painted))
    return refuse (error, "The mask is empty: nothing is painted that could be removed");
  return check_width ("Grow", params->grow, error)
         && check_width ("The paste fade", params->paste_fade, error)
         && check_width ("The context", params->context, error)
         && limn_check_crop (&params->crop, error);
}

/* What limn_inpaint_geometry() is to make the plan from. */
static LimnInpaintParams
edges (const LimnRemoveParams *params, const LimnRect *painted)
{
  float diagonal = hypotf (painted->width, painted->height);
  float grow = params->grow >= 0.0f ? params->grow
                                    : CLAMP (GROW_OF_DIAGONAL * diagonal, GROW_MIN, GROW_MAX);

  return (LimnInpaintParams){
    .grow = grow,
    .feather = 0.0f,
    .paste_fade = params->paste_fade >= 0.0f ? params->paste_fade : PASTE_FADE,
    .context = params->context,
    .crop = params->crop,
  };
}

static gsize
memory (const LimnInpaintPlan *plan, const LimnImage *image)
{
  gsize pixels = (gsize)plan->width * plan->height;

  /* The crop, its hole and what is painted of it, and the completion or the seam, which comes
   * after; the patch and what is kept and made for it. */
  return pixels * (3 * sizeof (float) + 2) + limn_patchmatch_memory (plan->height, plan->width)
         + limn_crop_bytes (plan, image->width, image->height);
}

gboolean
limn_remove_plan (const LimnImage *image,
                  const LimnImage *mask,
                  const LimnRemoveParams *params,
                  LimnInpaintPlan *plan,
                  GError **error)
{
  LimnModelSize size = { .multiple = 1, .smallest = 1 };
  LimnInpaintParams inpaint;
  LimnRect painted;

  g_return_val_if_fail (image != NULL && mask != NULL && params != NULL && plan != NULL, FALSE);
  if (!check (image, mask, params, &painted, error))
    return FALSE;
  size.native = CLAMP (limn_rect_is_empty (&params->crop)
                           ? CROP_OF_PAINTED * MAX (painted.width, painted.height)
                           : MAX (params->crop.width, params->crop.height),
                       CROP_MIN, CROP_MAX);
  inpaint = edges (params, &painted);
  *plan = (LimnInpaintPlan){ .steps = 0 };
  limn_inpaint_geometry (&size, image->width, image->height, &painted, &inpaint, plan);
  plan->memory = memory (plan, image);
  return TRUE;
}

/* ---- Running --------------------------------------------------------------------------------- */

/* self->hole: what is painted at the working size, grown. FALSE when the run failed or nothing is
 * left to copy from. */
static gboolean
prepare_hole (Removal *self)
{
  const LimnInpaintPlan *plan = &self->plan;
  gsize n = (gsize)plan->height * plan->width;
  float grow = plan->grow * (float)plan->width / (float)plan->crop.width;
  g_autofree guint8 *painted = g_try_malloc (n);

  self->hole = g_try_malloc (n);
  if (painted == NULL || self->hole == NULL)
    {
      limn_run_fail (self->run, LIMN_ENGINE_ERROR_NO_MEMORY,
                     "There is not enough memory for the mask");
      return FALSE;
    }
  limn_mask_shrink_max (self->run, self->mask, &plan->crop, plan->height, plan->width, painted);
  limn_mask_falloff (self->run, painted, plan->height, plan->width, grow, grow, LIMN_FALLOFF_LINEAR,
                     self->hole);
  if (limn_run_ok (self->run) && memchr (self->hole, 0, n) == NULL)
    limn_run_fail (self->run, LIMN_ENGINE_ERROR_ARGUMENT,
                   "The mask covers the whole picture: nothing is left to fill it from");
  return limn_run_ok (self->run);
}

static void
report_round (int round, int n_rounds, double fraction, gpointer data)
{
  Removal *self = data;
  double total = 0, before = 0;

  for (int i = 0; i <= LIMN_STAGE_BLEND; i++)
    {
      total += self->costs.of[i];
      before += i < LIMN_STAGE_SAMPLE ? self->costs.of[i] : 0;
    }
  if (self->callbacks == NULL || self->callbacks->progress == NULL)
    return;
  self->callbacks->progress (
      &(LimnProgress){ .stage = LIMN_STAGE_SAMPLE,
                       .step = round,
                       .n_steps = n_rounds,
                       .fraction
                       = (before + fraction * self->costs.of[LIMN_STAGE_SAMPLE]) / total },
      self->callbacks->user_data);
}

static LimnPatch *
run_stages (Removal *self)
{
  LimnTensor kept, made, joined;

  if (!limn_stage_begin (&self->costs, self->run, self->callbacks, LIMN_STAGE_PREPARE, 0, 0)
      || !prepare_hole (self))
    return NULL;
  kept = limn_resample_crop (self->run, self->image, &self->plan.crop, self->plan.height,
                             self->plan.width);
  if (!limn_run_ok (self->run))
    return NULL;
  made = limn_patchmatch_complete (self->run, &kept, self->hole, self->params->seed, report_round,
                                   self);
  if (!limn_stage_begin (&self->costs, self->run, self->callbacks, LIMN_STAGE_BLEND, 0, 0))
    return NULL;
  joined = limn_run_nhwc (self->run, 1, self->plan.height, self->plan.width, 3);
  if (!limn_run_ok (self->run))
    return NULL;
  memcpy (joined.data, made.data, limn_tensor_bytes (&joined));
  limn_seam_join_in_place (self->run, &joined, &kept, self->hole, REACH);
  return limn_crop_paste_first (self->run, &made, &joined, self->mask, &self->plan,
                                self->plan.grow, LIMN_GREY_IS_PASTED);
}

/* When it does not fit: the largest square that would. */
static gboolean
check_memory (const LimnInpaintPlan *plan,
              const LimnImage *image,
              const LimnRun *run,
              GError **error)
{
  gsize available = limn_memory_for_task (NULL, run);
  LimnInpaintPlan smaller = *plan;

  if (plan->memory <= available)
    return TRUE;
  for (smaller.width = MIN (plan->width, plan->height); smaller.width > 0; smaller.width -= 16)
    {
      smaller.height = smaller.width;
      if (memory (&smaller, image) <= available)
        break;
    }
  return limn_memory_refuse (plan->memory, available, run->memory_limit, MAX (smaller.width, 0),
                             MAX (smaller.width, 0), error);
}

LimnPatch *
limn_remove (LimnRun *run,
             const LimnImage *image,
             const LimnImage *mask,
             const LimnRemoveParams *params,
             const LimnTaskCallbacks *callbacks,
             GError **error)
{
  Removal self = {
    .run = run,
    .image = image,
    .mask = mask,
    .params = params,
    .callbacks = callbacks,
    .costs
    = { .of = { [LIMN_STAGE_PREPARE] = 0.05, [LIMN_STAGE_SAMPLE] = 1.0, [LIMN_STAGE_BLEND] = 0.1 } }
  };
  LimnArenaMark mark;
  LimnPatch *patch;

  g_return_val_if_fail (run != NULL && image != NULL && mask != NULL && params != NULL, NULL);
  if (!limn_remove_plan (image, mask, params, &self.plan, error)
      || !check_memory (&self.plan, image, run, error))
    return NULL;
  mark = limn_run_mark (run);
  patch = run_stages (&self);
  limn_run_release (run, mark);
  g_free (self.hole);
  if (!limn_run_check (run, error))
    g_clear_pointer (&patch, limn_patch_free);
  return patch;
}
