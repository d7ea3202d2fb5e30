/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/inpaint.h"

G_BEGIN_DECLS

/**
 * LimnRemoveParams:
 *
 * Everything that decides the result: the same parameters give the same bits. Set the defaults with
 * limn_remove_params_init(). Negative widths mean: chosen from the size of the mask.
 */
typedef struct
{
  float grow; /* picture pixels around what is painted that are replaced, too: shadows, halos */
  float paste_fade; /* picture pixels within those over which old and new mix; at most @grow */
  float context;    /* picture pixels around that, from which is copied */
  LimnRect crop;    /* from where is copied, in the picture, as LimnInpaintParams.crop */
  guint64 seed;     /* another seed is another way to fill */
} LimnRemoveParams;

void limn_remove_params_init (LimnRemoveParams *params);

/* What will happen, before it does: cheap. As limn_inpaint_plan(); feather and steps are 0. A hole
 * that is very large is filled at a smaller size. LIMN_ENGINE_ERROR_ARGUMENT when the mask is
 * empty, of another size, or there is nothing around it, or a parameter is out of range. */
gboolean limn_remove_plan (const LimnImage *image,
                           const LimnImage *mask,
                           const LimnRemoveParams *params,
                           LimnInpaintPlan *plan,
                           GError **error);

/* Removes what is painted, without any model: the hole is completed from patches of the picture
 * around it (patchmatch-private.h), and its colours are made to meet those at its edge
 * (seam-private.h). Synchronous; cancel by run's cancellable. @callbacks: (nullable): of the stages
 * only prepare, sample and blend happen, and there is no preview. The free memory is checked before
 * anything is computed. NULL and @error on failure. */
LimnPatch *limn_remove (LimnRun *run,
                        const LimnImage *image,
                        const LimnImage *mask,
                        const LimnRemoveParams *params,
                        const LimnTaskCallbacks *callbacks,
                        GError **error);

G_END_DECLS
