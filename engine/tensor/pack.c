/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"

/* A tile packs this many output channels, which lie side by side in one panel (it divides every
 * panel_width), in steps of as many input values as the first-level cache holds with them. */
#define PACK_CHANNELS 16
#define PACK_VALUES 512

typedef struct
{
  const LimnTensor *weight;
  gint64 n_out, n_in, n_taps;
  gint64 width; /* of a panel */
  float *packed;
} PackJob;

static gint64
panel_width (const LimnKernels *kernels, gint64 n_out)
{
  return kernels->panel_width > 0 ? kernels->panel_width : n_out;
}

/* Input channels @first .. @first + @n_in - 1 of @n_out output channels: @rows has them as the file
 * does, [out][in][taps]; the panel wants, for each (tap, in), the output channels side by side. */
static void
pack_step (const PackJob *job,
           const float *rows,
           gint64 n_out,
           gint64 first,
           gint64 n_in,
           float *panel)
{
  for (gint64 i = 0; i < n_in; i++)
    for (gint64 tap = 0; tap < job->n_taps; tap++)
      {
        float *to = panel + (tap * job->n_in + first + i) * job->width;

        for (gint64 o = 0; o < n_out; o++)
          to[o] = rows[(o * n_in + i) * job->n_taps + tap];
      }
}

static gint64
pack_step_channels (gint64 n_in, gint64 n_taps)
{
  return CLAMP (PACK_VALUES / n_taps, 1, n_in);
}

static void
pack_tile (void *data, gint64 index, void *scratch)
{
  const PackJob *job = data;
  gint64 first_out = index * PACK_CHANNELS;
  gint64 n_out = MIN (PACK_CHANNELS, job->n_out - first_out);
  gint64 k = job->n_in * job->n_taps;
  gint64 step = pack_step_channels (job->n_in, job->n_taps);
  float *panel = job->packed + first_out / job->width * job->width * k + first_out % job->width;
  float *rows = scratch;

  for (gint64 first = 0; first < job->n_in; first += step)
    {
      gint64 n_in = MIN (step, job->n_in - first);

      for (gint64 o = 0; o < n_out; o++)
        limn_tensor_read_f32 (job->weight, (first_out + o) * k + first * job->n_taps,
                              n_in * job->n_taps, rows + o * n_in * job->n_taps);
      pack_step (job, rows, n_out, first, n_in, panel);
    }
}

static void *
allocate_packed (LimnRun *run, gint64 count)
{
  gint64 bytes = 0;
  void *memory = NULL;

  if (limn_checked_mul (count, sizeof (float), &bytes))
    memory = limn_aligned_alloc ((gsize) bytes);
  if (memory == NULL)
    {
      g_autofree char *size = limn_size_text (bytes);

      limn_run_fail (run, LIMN_ENGINE_ERROR_NO_MEMORY, "Not enough memory: %s for weights", size);
    }
  return memory;
}

float *
limn_pack_vector (LimnRun *run, const LimnTensor *t, gint64 n, float fill)
{
  float *vector;

  if (!limn_run_ok (run))
    return NULL;
  if (t->data != NULL && (limn_tensor_count (t) != n || !limn_dtype_is_float (t->dtype)))
    {
      LimnTensor wanted = limn_tensor_1d (LIMN_DTYPE_F32, NULL, n);

      limn_run_fail_shape (run, "weights", t, &wanted);
      return NULL;
    }
  vector = allocate_packed (run, n);
  if (vector == NULL)
    return NULL;
  if (t->data != NULL)
    limn_tensor_read_f32 (t, 0, n, vector);
  else
    for (gint64 i = 0; i < n; i++)
      vector[i] = fill;
  return vector;
}

/* Whether @weight has @n_out * @n_in * @n_taps elements of a type that can be converted. */
static gboolean
check_weight (LimnRun *run, const LimnTensor *weight, gint64 n_out, gint64 n_in, gint64 n_taps)
{
  gint64 count = 0;

  if (weight->data != NULL && limn_dtype_is_float (weight->dtype) && n_out > 0 && n_in > 0 && n_taps > 0
      && limn_checked_mul (n_out, n_in, &count) && limn_checked_mul (count, n_taps, &count)
      && weight->extent[0] == n_out && limn_tensor_count (weight) == count)
    return TRUE;

  {
    LimnTensor wanted = limn_tensor_3d (LIMN_DTYPE_F32, NULL, n_out, n_in, n_taps);

    limn_run_fail_shape (run, "weights", weight, &wanted);
  }
  return FALSE;
}

gboolean
limn_pack_weights (LimnRun *run,
                   const LimnTensor *weight,
                   const LimnTensor *bias,
                   gint64 n_out,
                   gint64 n_in,
                   gint64 n_taps,
                   float **packed,
                   float **bias_f32,
                   const LimnKernels **packed_for)
{
  PackJob job = { .n_out = n_out, .n_in = n_in, .n_taps = n_taps };
  gint64 width, n_panels, count;

  if (*packed != NULL && *packed_for == run->kernels)
    return TRUE;
  g_clear_pointer (packed, limn_aligned_free);
  g_clear_pointer (bias_f32, limn_aligned_free);

  if (!limn_run_ok (run) || !check_weight (run, weight, n_out, n_in, n_taps))
    return FALSE;
  width = panel_width (run->kernels, n_out);
  n_panels = (n_out + width - 1) / width;
  if (!limn_checked_mul (n_panels * width, n_in * n_taps, &count))
    count = G_MAXINT64;

  job.weight = weight;
  job.width = width;
  job.packed = allocate_packed (run, count);
  if (job.packed == NULL)
    return FALSE;
  if (n_out % width != 0)
    {
      gint64 panel_size = width * n_in * n_taps;

      memset (job.packed + (n_panels - 1) * panel_size, 0, (gsize) panel_size * sizeof (float));
    }
  if ((bias->data != NULL && (*bias_f32 = limn_pack_vector (run, bias, n_out, 0.0f)) == NULL)
      || !limn_run_parallel (run, (n_out + PACK_CHANNELS - 1) / PACK_CHANNELS,
                             (gsize) (PACK_CHANNELS * pack_step_channels (n_in, n_taps) * n_taps)
                                 * sizeof (float),
                             pack_tile, &job))
    {
      limn_aligned_free (job.packed);
      g_clear_pointer (bias_f32, limn_aligned_free);
      return FALSE;
    }
  *packed = job.packed;
  *packed_for = run->kernels;
  return TRUE;
}
