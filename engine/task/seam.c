/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/seam-private.h"

#include <math.h>
#include <string.h>

#include "engine/task/blur-private.h"

/* Half the side of the means along the edge, of the side of a square as large as the hole. */
#define SMOOTH_OF_SIZE 0.03
/* Width of the ring of kept pixels that is compared, in those. */
#define RING_OF_SMOOTH 2
/* A difference of this size, in [-1, 1], counts half; larger ones less and less. */
#define HALF_TRUST 0.25f

/* The pixels that are compared: kept ones within @width steps of the hole. By two sweeps of
 * city-block distance from it. */
static void
make_ring (const guint8 *hole, gint64 height, gint64 w, int width, guint8 *ring)
{
  int far = MIN (width + 1, G_MAXUINT8);

  for (gint64 i = 0; i < height * w; i++)
    {
      int above = i >= w ? ring[i - w] : far, left = i % w > 0 ? ring[i - 1] : far;

      ring[i] = hole[i] >= 128 ? 0 : (guint8)MIN (MIN (above, left) + 1, far);
    }
  for (gint64 i = height * w - 1; i >= 0; i--)
    {
      int below = i + w < height * w ? ring[i + w] : far;
      int right = i % w < w - 1 ? ring[i + 1] : far;

      ring[i] = (guint8)MIN (ring[i], MIN (below, right) + 1);
    }
  for (gint64 i = 0; i < height * w; i++)
    ring[i] = ring[i] > 0 && ring[i] < far;
}

/* Differences in the ring times their trust, and the trust. */
static void
compare (const LimnTensor *made,
         const LimnTensor *kept,
         const guint8 *ring,
         gint64 n,
         LimnTensor *sums)
{
  const float *a = limn_tensor_f32 (made), *b = limn_tensor_f32 (kept);
  float *to = limn_tensor_f32 (sums);

  memset (to, 0, limn_tensor_bytes (sums));
  for (gint64 i = 0; i < n; i++)
    if (ring[i])
      {
        float square = 0, trust;

        for (int c = 0; c < 3; c++)
          square += (b[3 * i + c] - a[3 * i + c]) * (b[3 * i + c] - a[3 * i + c]);
        trust = 1 / (1 + square / (3 * HALF_TRUST * HALF_TRUST));
        for (int c = 0; c < 3; c++)
          to[4 * i + c] = trust * (b[3 * i + c] - a[3 * i + c]);
        to[4 * i + 3] = trust;
      }
}

/* The ring is fixed at the smoothed difference; beyond it there is no membrane. */
static void
set_boundary (const LimnTensor *sums, const guint8 *ring, gint64 n, LimnTensor *d)
{
  const float *from = limn_tensor_f32 (sums);
  float *to = limn_tensor_f32 (d);

  for (gint64 i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      to[3 * i + c] = ring[i] ? from[4 * i + c] / MAX (from[4 * i + 3], G_MINFLOAT) : 0;
}

static void
add (LimnTensor *made, const LimnTensor *d, const guint8 *hole, const guint8 *ring, gint64 n)
{
  float *to = limn_tensor_f32 (made);
  const float *from = limn_tensor_f32 (d);

  for (gint64 i = 0; i < n; i++)
    for (int c = 0; c < 3 && (hole[i] >= 128 || ring[i]); c++)
      to[3 * i + c] += from[3 * i + c];
}

void
limn_seam_join_in_place (LimnRun *run,
                         LimnTensor *made,
                         const LimnTensor *kept,
                         const guint8 *hole,
                         float reach)
{
  gint64 height = made->extent[1], width = made->extent[2], n = height * width, area = 0;
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor sums = limn_run_nhwc (run, 1, height, width, 4);
  LimnTensor d = limn_run_nhwc (run, 1, height, width, 3);
  LimnTensor bytes = limn_run_nhwc (run, 1, height, (width + 1) / 2, 1);
  guint8 *ring = bytes.data, *kind = ring != NULL ? ring + n : NULL;
  int smooth;
  float length;

  for (gint64 i = 0; i < n; i++)
    area += hole[i] >= 128;
  if (limn_run_ok (run) && area > 0 && area < n)
    {
      smooth = MAX (1, (int)(SMOOTH_OF_SIZE * sqrt ((double)area)));
      length = MAX (1.0f, reach * sqrtf ((float)area));
      make_ring (hole, height, width, RING_OF_SMOOTH * smooth, ring);
      for (gint64 i = 0; i < n; i++)
        kind[i] = hole[i] >= 128 ? LIMN_MEMBRANE_FREE
                  : ring[i]      ? LIMN_MEMBRANE_FIXED
                                 : LIMN_MEMBRANE_NONE;
      compare (made, kept, ring, n, &sums);
      limn_blur_in_place (run, &sums, smooth);
      set_boundary (&sums, ring, n, &d);
      limn_membrane_in_place (run, &d, kind, 1 / (length * length));
      if (limn_run_ok (run))
        add (made, &d, hole, ring, n);
    }
  limn_run_release (run, mark);
}
