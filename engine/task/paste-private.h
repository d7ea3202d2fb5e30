/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/inpaint.h"

G_BEGIN_DECLS

/* What is kept of a crop beyond what may be pasted at first, in picture pixels: as much as that rim
 * again, and at least this, as far as the crop goes. */
#define LIMN_PASTE_ROOM 32.0f

/* The rectangle that is kept of @plan's crop, of a picture of @width x @height pixels. */
LimnRect limn_crop_rect (const LimnInpaintPlan *plan, int width, int height);

/* Bytes of the patch and its crop. */
gsize limn_crop_bytes (const LimnInpaintPlan *plan, int width, int height);

/*
 * @raw, @matched: [1, h, w, 3]: the plan's crop as it was made, and with its colours matched
 * @mask: the picture's; @outer: pixels from what is painted at which nothing is pasted any more;
 * @grey: what its grey parts are
 *
 * The patch with its crop. NULL when the run failed or there is no memory.
 */
LimnPatch *limn_crop_paste_first (LimnRun *run,
                                  const LimnTensor *raw,
                                  const LimnTensor *matched,
                                  const LimnImage *mask,
                                  const LimnInpaintPlan *plan,
                                  float outer,
                                  LimnGrey grey);

G_END_DECLS
