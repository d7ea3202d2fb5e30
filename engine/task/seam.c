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
/* A jump of this size is made half as large; smaller ones vanish, larger ones stay. */
#define HALF_TRUST_JUMP 0.35f
/* Share of a mean that has to be there. */
#define LEAST_WEIGHT 1e-4f

typedef struct
{
  LimnRun *run;
  const guint8 *hole;
  gint64 height, width, n;
  LimnTensor d;                /* what will be added */
  guint8 *ring, *kind, *inner; /* [height][width] each */
  int smooth;
  float length;
} Seam;

/* FALSE when the run failed or there is no edge. */
static gboolean
begin (Seam *self, LimnRun *run, const LimnTensor *made, const guint8 *hole, float reach)
{
  gint64 height = made->extent[1], width = made->extent[2], area = 0;
  LimnTensor bytes = limn_run_nhwc (run, 1, height, width, 1);

  *self = (Seam){ .run = run, .hole = hole, .height = height, .width = width, .n = height * width };
  self->d = limn_run_nhwc (run, 1, height, width, 3);
  if (!limn_run_ok (run))
    return FALSE;
  self->ring = bytes.data;
  self->kind = self->ring + self->n;
  self->inner = self->kind + self->n;
  for (gint64 i = 0; i < self->n; i++)
    area += hole[i] >= 128;
  self->smooth = MAX (1, (int)(SMOOTH_OF_SIZE * sqrt ((double)area)));
  self->length = MAX (1.0f, reach * sqrtf ((float)area));
  return area > 0 && area < self->n;
}

/* City-block distance, up to @far, of the pixels in the hole, or not (@inside), to the others,
 * which are 0. By two sweeps. */
static void
measure_distance (const Seam *self, gboolean inside, int far, guint8 *out)
{
  gint64 w = self->width;

  for (gint64 i = 0; i < self->n; i++)
    {
      int above = i >= w ? out[i - w] : far, left = i % w > 0 ? out[i - 1] : far;
      gboolean here = (self->hole[i] >= 128) == inside;

      out[i] = here ? (guint8)MIN (MIN (above, left) + 1, far) : 0;
    }
  for (gint64 i = self->n - 1; i >= 0; i--)
    {
      int below = i + w < self->n ? out[i + w] : far;
      int right = i % w < w - 1 ? out[i + 1] : far;

      out[i] = (guint8)MIN (out[i], MIN (below, right) + 1);
    }
}

/* Sets @out where that distance is @from .. @to. */
static void
select_near (const Seam *self, gboolean inside, int from, int to, guint8 *out)
{
  int far = MIN (to + 1, G_MAXUINT8);

  measure_distance (self, inside, far, out);
  for (gint64 i = 0; i < self->n; i++)
    out[i] = out[i] >= from && out[i] < far;
}

/* The ring: what is kept within @width pixels of the hole, and all of its soft rim, where the
 * pictures will be mixed. */
static void
make_ring (Seam *self, int width)
{
  select_near (self, FALSE, 1, width, self->ring);
  for (gint64 i = 0; i < self->n; i++)
    self->ring[i] = self->hole[i] < 128 && (self->ring[i] || self->hole[i] > 0);
}

/* How much a difference is believed to be one of colours alone. */
static float
trust_in (const float *d)
{
  float square = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];

  return 1 / (1 + square / (3 * HALF_TRUST * HALF_TRUST));
}

/* The ring is fixed at its @d, and spread into the hole. Beyond it there is no membrane. */
static void
spread (Seam *self)
{
  for (gint64 i = 0; i < self->n; i++)
    self->kind[i] = self->hole[i] >= 128 ? LIMN_MEMBRANE_FREE
                    : self->ring[i]      ? LIMN_MEMBRANE_FIXED
                                         : LIMN_MEMBRANE_NONE;
  limn_membrane_in_place (self->run, &self->d, self->kind, 1 / (self->length * self->length));
}

/* ---- A difference around the hole ------------------------------------------------------------ */

/* Differences in the ring times their trust, and the trust: smoothed along it. */
static void
compare (Seam *self, const LimnTensor *made, const LimnTensor *kept)
{
  LimnTensor sums = limn_run_nhwc (self->run, 1, self->height, self->width, 4);
  const float *a = limn_tensor_f32 (made), *b = limn_tensor_f32 (kept);
  float *to = limn_tensor_f32 (&sums), *d = limn_tensor_f32 (&self->d);

  if (!limn_run_ok (self->run))
    return;
  memset (to, 0, limn_tensor_bytes (&sums));
  for (gint64 i = 0; i < self->n; i++)
    if (self->ring[i])
      {
        float difference[3], trust;

        for (int c = 0; c < 3; c++)
          difference[c] = b[3 * i + c] - a[3 * i + c];
        trust = trust_in (difference);
        for (int c = 0; c < 3; c++)
          to[4 * i + c] = trust * difference[c];
        to[4 * i + 3] = trust;
      }
  limn_blur_in_place (self->run, &sums, self->smooth);
  for (gint64 i = 0; i < self->n; i++)
    for (int c = 0; c < 3; c++)
      d[3 * i + c] = self->ring[i] ? to[4 * i + c] / MAX (to[4 * i + 3], G_MINFLOAT) : 0;
}

void
limn_seam_join_in_place (LimnRun *run,
                         LimnTensor *made,
                         const LimnTensor *kept,
                         const guint8 *hole,
                         float reach)
{
  LimnArenaMark mark = limn_run_mark (run);
  Seam self;

  if (begin (&self, run, made, hole, reach))
    {
      float *to = limn_tensor_f32 (made);
      const float *d = limn_tensor_f32 (&self.d);

      make_ring (&self, RING_OF_SMOOTH * self.smooth);
      compare (&self, made, kept);
      spread (&self);
      for (gint64 i = 0; limn_run_ok (run) && i < self.n; i++)
        for (int c = 0; c < 3 && (hole[i] >= 128 || self.ring[i]); c++)
          to[3 * i + c] += d[3 * i + c];
    }
  limn_run_release (run, mark);
}

/* ---- A jump at its edge ---------------------------------------------------------------------- */

/* How much a jump is believed to be none that was asked for. */
static float
trust_in_jump (const float *d)
{
  float share = (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) / (3 * HALF_TRUST_JUMP * HALF_TRUST_JUMP);

  return 1 / (1 + share * share);
}

/* Local means of @x where @which is set: sums and weights. */
static LimnTensor
means (Seam *self, const LimnTensor *x, const guint8 *which)
{
  LimnTensor sums = limn_run_nhwc (self->run, 1, self->height, self->width, 4);
  const float *from = limn_tensor_f32 (x);
  float *to = limn_tensor_f32 (&sums);

  if (!limn_run_ok (self->run))
    return sums;
  memset (to, 0, limn_tensor_bytes (&sums));
  for (gint64 i = 0; i < self->n; i++)
    if (which[i])
      {
        for (int c = 0; c < 3; c++)
          to[4 * i + c] = from[3 * i + c];
        to[4 * i + 3] = 1;
      }
  limn_blur_in_place (self->run, &sums, self->smooth);
  return sums;
}

/* In the ring: outside less inside, as far as it is trusted; 0 where one of them is too far. */
static void
measure_jump (Seam *self, const LimnTensor *made, const LimnTensor *kept, int gap)
{
  int width = RING_OF_SMOOTH * self->smooth;
  LimnTensor inside, outside;
  const float *a, *b;
  float *d = limn_tensor_f32 (&self->d);

  select_near (self, TRUE, gap + 1, gap + width, self->inner);
  inside = means (self, made, self->inner);
  select_near (self, FALSE, 1, gap + width, self->inner);
  outside = means (self, kept, self->inner);
  a = limn_tensor_f32 (&inside);
  b = limn_tensor_f32 (&outside);
  for (gint64 i = 0; limn_run_ok (self->run) && i < self->n; i++, a += 4, b += 4)
    {
      float trust;

      for (int c = 0; c < 3; c++)
        d[3 * i + c] = self->ring[i] && a[3] > LEAST_WEIGHT && b[3] > LEAST_WEIGHT
                           ? b[c] / b[3] - a[c] / a[3]
                           : 0;
      trust = trust_in_jump (d + 3 * i);
      for (int c = 0; c < 3; c++)
        d[3 * i + c] *= trust;
    }
}

void
limn_seam_level_in_place (LimnRun *run,
                          LimnTensor *made,
                          const LimnTensor *kept,
                          const guint8 *hole,
                          int gap,
                          float reach)
{
  LimnArenaMark mark = limn_run_mark (run);
  Seam self;

  if (begin (&self, run, made, hole, reach))
    {
      float *to = limn_tensor_f32 (made);
      const float *d = limn_tensor_f32 (&self.d);

      self.smooth = MAX (self.smooth, gap / 2);
      make_ring (&self, 1);
      measure_jump (&self, made, kept, gap);
      spread (&self);
      measure_distance (&self, TRUE, 2 * gap, self.inner);
      measure_distance (&self, FALSE, 2 * gap, self.ring);
      for (gint64 i = 0; limn_run_ok (run) && i < self.n; i++)
        {
          /* From half a gap outside to a gap inside. */
          float depth = self.inner[i] > 0 ? self.inner[i] - 0.5f : 0.5f - self.ring[i];
          float weight = CLAMP ((depth + 0.5f * (float)gap) / (1.5f * (float)MAX (gap, 1)), 0, 1);

          for (int c = 0; c < 3 && hole[i] > 0; c++)
            to[3 * i + c] += weight * d[3 * i + c];
        }
    }
  limn_run_release (run, mark);
}
