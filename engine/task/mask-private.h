/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/patch.h"

G_BEGIN_DECLS

/*
 * Masks between what the person painted and what the model and the blend are given. All of them
 * come from one quantity, the Euclidean distance to the painted pixels: growing is a threshold on
 * it and feathering a ramp on it, so growing always comes before feathering, corners are round and
 * nothing of the painted area is ever weakened.
 */

typedef enum
{
  LIMN_FALLOFF_LINEAR, /* straight line: for denoising, where the value is compared with the step */
  LIMN_FALLOFF_SMOOTH, /* 3 t^2 - 2 t^3: for pasting, where a kink at the rim would be seen */
} LimnFalloff;

/* @set: [@height][@width] bytes, 0 or not. Writes 255 where the distance to the nearest set pixel
 * is <= @inner pixels, 0 where it is >= @outer, the falloff between. @out may not be @set. A set
 * pixel always gets 255. Polls the run. */
void limn_mask_falloff (LimnRun *run,
                        const guint8 *set,
                        int height,
                        int width,
                        float inner,
                        float outer,
                        LimnFalloff falloff,
                        guint8 *out);

/* The same for grey values: a pixel of value v is one of that v / 255 of what surrounds it, or is
 * it itself, spread as above; the largest of those. Of black and white it is the same, bit by bit;
 * in between the values are told apart by LIMN_FALLOFF_LEVELS of them, and pixels that are painted
 * keep theirs exactly where nothing near them is lighter. */
#define LIMN_FALLOFF_LEVELS 8
void limn_mask_falloff_grey (LimnRun *run,
                             const guint8 *painted,
                             int height,
                             int width,
                             float inner,
                             float outer,
                             LimnFalloff falloff,
                             guint8 *out);

/* Largest mask value that each of @height x @width cells laid over @rect of @mask covers. @rect may
 * hang over: edge pixels repeat. */
void limn_mask_shrink_max (LimnRun *run,
                           const LimnImage *mask,
                           const LimnRect *rect,
                           int height,
                           int width,
                           guint8 *out);

/* Largest value of each @factor x @factor block: a latent is repainted when any of its pixels is.
 * @height and @width are multiples of @factor. */
void limn_mask_to_latent (const guint8 *mask, int height, int width, int factor, guint8 *out);

/* The paste mask for @rect (within @mask): opaque up to @inner pixels around what is painted, 0 from
 * @outer on. Painted is all above 0, where the hole of the denoising mask begins; or, where @grey is
 * pasted in part, all from one half on, and darker pixels are their own value, at least. NULL when the
 * run failed or there is no memory. */
LimnImage *limn_mask_paste_alpha (LimnRun *run,
                                  const LimnImage *mask,
                                  const LimnRect *rect,
                                  float inner,
                                  float outer,
                                  LimnGrey grey);

G_END_DECLS
