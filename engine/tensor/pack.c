/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"

/* A tile packs a panel, or this many output channels where there is but one: then no line of the
 * cache is written by two. It goes in steps of about as many bytes of each as the first-level cache
 * holds with them, which are whole blocks of every quantised type. */
#define PACK_CHANNELS LIMN_CHANNEL_STEP
#define PACK_BYTES (4 * LIMN_MAX_BLOCK)
/* Steps are a multiple of this, since that many columns are turned over at a time. */
#define PACK_SQUARE 8
/* Between the rows of a step, so that they do not begin in the same set of the cache. */
#define STAGGER 16

typedef struct
{
  const LimnTensor *weight;
  gint64 n_in, n_taps;
  gint64 step; /* input channels */
  gint64 tile; /* output channels */
  LimnPanels *panels;
} PackJob;

static gsize
element_size (LimnPanelType type)
{
  static const gsize sizes[] = {
    [LIMN_PANELS_F32] = 4,
    [LIMN_PANELS_F16] = 2,
    [LIMN_PANELS_BF16] = 2,
    [LIMN_PANELS_INT8] = 1,
  };

  return sizes[type];
}

static LimnPanelType
choose_type (const LimnKernels *kernels, const LimnTensor *weight, gint64 n_in, gint64 n_taps)
{
  if (kernels->panel_depth == 0)
    return LIMN_PANELS_F32;
  if (weight->dtype == LIMN_DTYPE_F16)
    return LIMN_PANELS_F16;
  if (weight->dtype == LIMN_DTYPE_BF16)
    return LIMN_PANELS_BF16;
  /* A block is a run of inputs of one output. */
  if (limn_dtype_block (weight->dtype) > 1 && n_taps == 1
      && n_in % limn_dtype_block (weight->dtype) == 0)
    return LIMN_PANELS_INT8;
  return LIMN_PANELS_F32;
}

gboolean
limn_panels_describe (LimnPanels *self,
                      const LimnKernels *kernels,
                      const LimnTensor *weight,
                      gint64 n_out,
                      gint64 n_in,
                      gint64 n_taps)
{
  gint64 count = 0, bytes = 0, parameters = 0;
  int group = 1;
  gboolean has_offsets = FALSE;

  *self = (LimnPanels){
    .kernels = kernels,
    .type = choose_type (kernels, weight, n_in, n_taps),
    .n_out = n_out,
    .width = kernels->panel_width > 0 ? kernels->panel_width : n_out,
  };
  if (self->type == LIMN_PANELS_INT8)
    {
      limn_quantised_layout (weight->dtype, &group, &has_offsets);
      self->n_parameters = has_offsets ? 2 : 1;
    }
  self->group = group;
  if (n_out < 1 || n_in < 1 || n_taps < 1 || !limn_checked_mul (n_in, n_taps, &self->k)
      || !limn_checked_mul (self->k, self->width, &count)
      || !limn_checked_mul (count, (gint64)element_size (self->type), &bytes)
      || !limn_checked_mul (count / group, self->n_parameters * (gint64)sizeof (float), &parameters)
      || bytes > G_MAXINT64 - parameters)
    return FALSE;
  self->panel_bytes = (gsize)(bytes + parameters);
  if (!limn_checked_mul (bytes + parameters, (n_out - 1) / self->width + 1, &bytes))
    return FALSE;
  self->bytes = (gsize)bytes;
  return TRUE;
}

/* ---- Filling --------------------------------------------------------------------------------- */

static gint64
groups_of (const LimnPanels *panels)
{
  return panels->n_parameters > 0 ? panels->k / panels->group : 0;
}

/* @n values of one output from element @first on, in the panel's type; of quantised ones the scales
 * and offsets go to their columns at once. */
static void
read_values (const PackJob *job, gint64 first, gint64 row, gint64 n, void *to, float *parameters)
{
  const LimnTensor *weight = job->weight;
  const LimnPanels *panels = job->panels;
  const guint8 *data = weight->data;
  float scale[PACK_BYTES / 16], offset[PACK_BYTES / 16];

  switch (panels->type)
    {
    case LIMN_PANELS_F16:
    case LIMN_PANELS_BF16:
      memcpy (to, data + first * 2, (gsize)n * 2);
      break;
    case LIMN_PANELS_INT8:
      data += (gsize)(first / limn_dtype_block (weight->dtype)) * limn_dtype_size (weight->dtype);
      limn_quantised_parts (weight->dtype, data, (gsize)n, to, scale, offset);
      for (gint64 g = 0; g < n / panels->group; g++)
        {
          gint64 at = (row / panels->group + g) * panels->width;

          parameters[at] = scale[g];
          if (panels->n_parameters > 1)
            parameters[groups_of (panels) * panels->width + at] = offset[g];
        }
      break;
    case LIMN_PANELS_F32:
    default:
      limn_tensor_read_f32 (weight, first, n, to);
      break;
    }
}

/* Element offsets from a step's first row of the panel, where the file has [in][taps] and the panel
 * (taps, in). */
static void
find_places (const PackJob *job, gint64 *places)
{
  for (gint64 i = 0; i < job->step; i++)
    for (gint64 tap = 0; tap < job->n_taps; tap++)
      places[i * job->n_taps + tap] = (tap * job->n_in + i) * job->panels->width;
}

static void
pack_tile (void *data, gint64 index, void *scratch)
{
  const PackJob *job = data;
  const LimnPanels *panels = job->panels;
  gsize size = element_size (panels->type);
  gint64 first_out = index * job->tile, column = first_out % panels->width;
  gint64 n_out = MIN (job->tile, panels->n_out - first_out);
  gint64 stride = job->step * job->n_taps + STAGGER;
  guint8 *panel = panels->data + (gsize)(first_out / panels->width) * panels->panel_bytes;
  float *parameters = (float *)(void *)panel + column;
  gint64 *places = scratch;
  guint8 *rows = (guint8 *)(places + job->step * job->n_taps);

  panel += (gsize)(groups_of (panels) * panels->n_parameters * panels->width) * sizeof (float);
  find_places (job, places);
  for (gint64 first = 0; first < job->n_in; first += job->step)
    {
      gint64 n = MIN (job->step, job->n_in - first) * job->n_taps;

      for (gint64 o = 0; o < n_out; o++)
        read_values (job, (first_out + o) * panels->k + first * job->n_taps, first, n,
                     rows + (gsize)(o * stride) * size, parameters + o);
      limn_transpose (size, rows, stride, n_out, n,
                      panel + (gsize)(first * panels->width + column) * size, places);
    }
}

static gboolean
fill (LimnRun *run, const LimnTensor *weight, gint64 n_in, gint64 n_taps, LimnPanels *panels)
{
  PackJob job = { .weight = weight, .n_in = n_in, .n_taps = n_taps, .panels = panels };
  gsize values;

  job.tile = panels->kernels->panel_width > 0 ? panels->width : PACK_CHANNELS;
  job.step = CLAMP (PACK_BYTES / (gint64)element_size (panels->type) / n_taps, 1, n_in);
  if (job.step > PACK_SQUARE)
    job.step = job.step / PACK_SQUARE * PACK_SQUARE;
  values = (gsize)(job.step * n_taps);
  if (panels->n_out % panels->width != 0)
    memset (panels->data + panels->bytes - panels->panel_bytes, 0, panels->panel_bytes);
  if (!limn_run_parallel (run, (panels->n_out + job.tile - 1) / job.tile,
                          values * sizeof (gint64)
                              + (gsize)job.tile * (values + STAGGER) * element_size (panels->type),
                          pack_tile, &job))
    return FALSE;
  /* Else they would be in memory twice. */
  limn_tensor_release_pages (weight);
  return TRUE;
}

/* ---- Keeping --------------------------------------------------------------------------------- */

static void
fail_no_memory (LimnRun *run, gsize bytes)
{
  g_autofree char *size = limn_size_text (bytes);

  limn_run_fail (run, LIMN_ENGINE_ERROR_NO_MEMORY, "Not enough memory: %s for weights", size);
}

float *
limn_pack_vector (LimnRun *run, const LimnTensor *t, gint64 n, float fill)
{
  gint64 bytes = 0;
  float *vector = NULL;

  if (!limn_run_ok (run))
    return NULL;
  if (t->data != NULL && (limn_tensor_count (t) != n || !limn_dtype_is_float (t->dtype)))
    {
      LimnTensor wanted = limn_tensor_1d (LIMN_DTYPE_F32, NULL, n);

      limn_run_fail_shape (run, "weights", t, &wanted);
      return NULL;
    }
  if (limn_checked_mul (n, sizeof (float), &bytes))
    vector = limn_aligned_alloc ((gsize)bytes);
  if (vector == NULL)
    {
      fail_no_memory (run, (gsize)bytes);
      return NULL;
    }
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

  if (weight->data != NULL && limn_dtype_is_float (weight->dtype) && n_out > 0 && n_in > 0
      && n_taps > 0 && limn_checked_mul (n_out, n_in, &count)
      && limn_checked_mul (count, n_taps, &count) && weight->extent[0] == n_out
      && limn_tensor_count (weight) == count)
    return TRUE;

  {
    LimnTensor wanted = limn_tensor_3d (LIMN_DTYPE_F32, NULL, n_out, n_in, n_taps);

    limn_run_fail_shape (run, "weights", weight, &wanted);
  }
  return FALSE;
}

static void
drop_data (LimnPanels *self)
{
  g_clear_pointer (&self->data, limn_aligned_free);
  if (self->budget != NULL)
    self->budget->used -= self->taken;
  self->taken = 0;
}

void
limn_panels_free (LimnPanels *self)
{
  if (self == NULL)
    return;
  drop_data (self);
  limn_aligned_free (self->bias);
  g_free (self);
}

/* Memory that the panels may keep, when there is room for them. */
static gboolean
take (LimnPanels *self)
{
  LimnWeightBudget *budget = self->budget;

  if (budget != NULL
      && (budget->used > budget->limit || budget->limit - budget->used < self->bytes))
    return FALSE;
  self->data = limn_aligned_alloc (self->bytes);
  if (self->data == NULL)
    return FALSE;
  if (budget != NULL)
    {
      self->taken = self->bytes;
      budget->used += self->taken;
    }
  return TRUE;
}

/* Panels without data, for a layer that is used for the first time. */
static LimnPanels *
new_panels (LimnRun *run,
            const LimnTensor *weight,
            const LimnTensor *bias,
            gint64 n_out,
            gint64 n_in,
            gint64 n_taps,
            LimnWeightBudget *budget)
{
  LimnPanels described, *self;
  float *vector = NULL;

  if (!limn_run_ok (run) || !check_weight (run, weight, n_out, n_in, n_taps))
    return NULL;
  if (!limn_panels_describe (&described, run->kernels, weight, n_out, n_in, n_taps))
    {
      fail_no_memory (run, G_MAXSIZE);
      return NULL;
    }
  if (bias->data != NULL && (vector = limn_pack_vector (run, bias, n_out, 0.0f)) == NULL)
    return NULL;
  self = g_new (LimnPanels, 1);
  *self = described;
  self->bias = vector;
  self->budget = budget;
  return self;
}

/* Fills @view, from @self's own panels or the run's. */
static gboolean
fill_view (LimnRun *run,
           const LimnTensor *weight,
           gint64 n_in,
           gint64 n_taps,
           LimnPanels *self,
           LimnPanels *view)
{
  gboolean kept = self->data != NULL;

  if (!kept && take (self))
    {
      kept = fill (run, weight, n_in, n_taps, self);
      if (!kept)
        drop_data (self);
      if (!limn_run_ok (run))
        return FALSE;
    }
  *view = *self;
  if (kept)
    return TRUE;
  view->data = limn_run_panels (run, view->bytes);
  return view->data != NULL && fill (run, weight, n_in, n_taps, view);
}

gboolean
limn_panels_prepare (LimnRun *run,
                     const LimnTensor *weight,
                     const LimnTensor *bias,
                     gint64 n_out,
                     gint64 n_in,
                     gint64 n_taps,
                     LimnWeightBudget *budget,
                     LimnPanels **packed,
                     LimnPanels *view)
{
  LimnPanels *self = *packed;

  if (self != NULL && self->kernels != run->kernels)
    {
      g_clear_pointer (packed, limn_panels_free);
      self = NULL;
    }
  if (self == NULL)
    self = new_panels (run, weight, bias, n_out, n_in, n_taps, budget);
  if (self == NULL)
    return FALSE;
  if (!fill_view (run, weight, n_in, n_taps, self, view))
    {
      if (*packed == NULL)
        limn_panels_free (self);
      return FALSE;
    }
  *packed = self;
  return TRUE;
}
