/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/prefill-private.h"

#include <string.h>

#include "engine/task/blur-private.h"
#include "engine/task/patchmatch-private.h"

/* What counts as texture: finer than this share of the picture's mean side. */
#define SMOOTH_OF_SIDE (1 / 40.0)

/* @x without its texture, and @x itself where it is not to be seen. */
static LimnTensor
smoothed (LimnRun *run, const LimnTensor *x)
{
  gint64 n = x->extent[1] * x->extent[2];
  LimnTensor sums = limn_run_nhwc (run, 1, x->extent[1], x->extent[2], 4);
  const float *from = limn_tensor_f32 (x);
  float *to = limn_tensor_f32 (&sums);
  int radius = MAX (1, (int)((double)(x->extent[1] + x->extent[2]) / 2 * SMOOTH_OF_SIDE));

  for (gint64 i = 0; to != NULL && i < n; i++)
    {
      for (int c = 0; c < 3; c++)
        to[4 * i + c] = from[3 * i + c];
      to[4 * i + 3] = 1;
    }
  limn_blur_in_place (run, &sums, radius);
  return sums;
}

/* The smooth fill of @image's hole and @texture times what the blur takes from @complete. */
static void
add_texture (LimnRun *run,
             LimnTensor *image,
             const guint8 *hole,
             const LimnTensor *complete,
             float texture)
{
  LimnTensor smooth = smoothed (run, complete);
  gint64 n = image->extent[1] * image->extent[2];
  float *to = limn_tensor_f32 (image);
  const float *from = limn_tensor_f32 (complete), *sums = limn_tensor_f32 (&smooth);

  for (gint64 i = 0; limn_run_ok (run) && i < n; i++)
    for (int c = 0; hole[i] > 0 && c < 3; c++)
      to[3 * i + c]
          += texture * (float)hole[i] / 255 * (from[3 * i + c] - sums[4 * i + c] / sums[4 * i + 3]);
}

/* What @complete has where the hole is. */
static void
take_hole (LimnTensor *image, const guint8 *hole, const LimnTensor *complete)
{
  gint64 n = image->extent[1] * image->extent[2];

  for (gint64 i = 0; i < n; i++)
    if (hole[i] >= 128)
      memcpy (limn_tensor_f32 (image) + 3 * i, limn_tensor_f32 (complete) + 3 * i,
              3 * sizeof (float));
}

void
limn_prefill_in_place (LimnRun *run,
                       LimnTensor *image,
                       const guint8 *hole,
                       LimnPrefill kind,
                       float texture,
                       guint64 seed)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor complete = LIMN_TENSOR_EMPTY;

  if (!limn_run_ok (run))
    return;
  if (kind == LIMN_PREFILL_PATCHMATCH || texture > 0)
    complete = limn_patchmatch_complete (run, image, hole, seed, NULL, NULL);
  if (kind == LIMN_PREFILL_PATCHMATCH && limn_run_ok (run))
    take_hole (image, hole, &complete);
  else
    {
      limn_prefill_smooth_in_place (run, image, hole);
      if (texture > 0 && limn_run_ok (run))
        add_texture (run, image, hole, &complete, texture);
    }
  limn_run_release (run, mark);
}
