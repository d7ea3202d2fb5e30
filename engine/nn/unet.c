/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/unet-private.h"

#include <math.h>

#define EPSILON 1e-5f
#define MAX_PERIOD 10000.0
#define GUIDANCE_SCALE 1000.0f /* what a guidance is multiplied with before it is embedded */

/* [n, model_channels]: cosines, then sines, of t * 10000^(-i / half). In float32 step by step as
 * PyTorch does it: at t = 999 the rounding of the frequencies is visible in the result. Ho et al.
 * 2020, appendix B; Vaswani et al. 2017, section 3.5. */
static LimnTensor
timestep_embedding (LimnRun *run, const float *t, gint64 n, gint64 dim)
{
  LimnTensor e = limn_run_tensor (run, 2, (gint64[]){ n, dim });
  float *out = limn_tensor_f32 (&e);
  gint64 half = dim / 2;

  if (out == NULL)
    return e;
  for (gint64 row = 0; row < n; row++, out += dim)
    {
      for (gint64 i = 0; i < half; i++)
        {
          float frequency = expf ((float)-log (MAX_PERIOD) * (float)i / (float)half);

          out[i] = cosf (t[row] * frequency);
          out[half + i] = sinf (t[row] * frequency);
        }
      if (dim % 2 != 0)
        out[dim - 1] = 0.0f;
    }
  return e;
}

/* Adds each sample's row of label_emb in place. */
static void
add_labels (LimnUnet *self, LimnRun *run, const gint32 *labels, const LimnTensor *embedding)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor row = limn_run_tensor (run, 1, &self->label_embedding.extent[1]);
  float *e = limn_tensor_f32 (embedding), *label = limn_tensor_f32 (&row);
  gint64 width = self->label_embedding.extent[1];

  for (gint64 i = 0; e != NULL && label != NULL && i < embedding->extent[0]; i++, e += width)
    {
      limn_embedding_row (&self->label_embedding, labels[i], label);
      for (gint64 c = 0; c < width; c++)
        e[c] += label[c];
    }
  limn_run_release (run, mark);
}

/* [1, dim]: sines, then cosines, of 1000 w 10000^(-i / (half - 1)), w being what @guidance is above
 * none: the other way round, and with another last frequency, than a timestep's. In float32 step by
 * step, as there. */
static LimnTensor
guidance_embedding (LimnRun *run, float guidance, gint64 dim)
{
  LimnTensor e = limn_run_tensor (run, 2, (gint64[]){ 1, dim });
  float *out = limn_tensor_f32 (&e);
  gint64 half = dim / 2;
  float w = (guidance - 1.0f) * GUIDANCE_SCALE, step = (float)log (MAX_PERIOD) / (float)(half - 1);

  if (out == NULL)
    return e;
  for (gint64 i = 0; i < half; i++)
    {
      float angle = w * expf ((float)i * -step);

      out[i] = sinf (angle);
      out[half + i] = cosf (angle);
    }
  if (dim % 2 != 0)
    out[dim - 1] = 0.0f;
  return e;
}

/* Adds the projected guidance to each sample's embedding in place. */
static void
add_guidance (LimnUnet *self, LimnRun *run, float guidance, const LimnTensor *embedding)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor told = guidance_embedding (run, guidance, self->config.time_cond_dim);
  gint64 width = self->config.model_channels;
  float *e = limn_tensor_f32 (embedding);
  const float *add;

  told = limn_linear (run, &self->guidance_embed, &told, NULL);
  add = limn_tensor_f32 (&told);
  for (gint64 i = 0; e != NULL && add != NULL && i < embedding->extent[0]; i++, e += width)
    for (gint64 c = 0; c < width; c++)
      e[c] += add[c];
  limn_run_release (run, mark);
}

/* The embedding as every residual block uses it: after its SiLU. */
static LimnTensor
embed_time (LimnUnet *self,
            LimnRun *run,
            const float *t,
            const gint32 *labels,
            const float *guidance,
            gint64 n)
{
  LimnTensor e = timestep_embedding (run, t, n, self->config.model_channels);

  if (guidance != NULL && self->config.time_cond_dim > 0)
    add_guidance (self, run, *guidance, &e);
  e = limn_linear (run, &self->time_embed[0], &e, NULL);
  e = limn_activate (run, &e, LIMN_ACTIVATION_SILU);
  e = limn_linear (run, &self->time_embed[1], &e, NULL);
  if (labels != NULL)
    add_labels (self, run, labels, &e);
  return limn_activate (run, &e, LIMN_ACTIVATION_SILU);
}

/* What all blocks of one evaluation are given. */
typedef struct
{
  LimnTensor embedding;
  const LimnTensor *context; /* nullable */
  LimnUnetMemory *memory;    /* nullable */
} Given;

static LimnTensor
part_forward (LimnUnetPart *part, LimnRun *run, const LimnTensor *x, const Given *given)
{
  LimnTensor h;

  switch (part->kind)
    {
    case LIMN_PART_CONV:
      return limn_conv2d (run, &part->conv, x, NULL);
    case LIMN_PART_RES:
      return limn_res_block_forward (&part->res, run, x, &given->embedding);
    case LIMN_PART_ATTENTION:
      return limn_attention_block_forward (&part->attention, run, x);
    case LIMN_PART_TRANSFORMER:
      return limn_spatial_transformer_forward (&part->transformer, run, x, given->context,
                                               given->memory);
    case LIMN_PART_AVG_POOL:
      return limn_avg_pool_2x (run, x);
    case LIMN_PART_UPSAMPLE:
      return limn_upsample_nearest_2x (run, x);
    case LIMN_PART_UPSAMPLE_CONV:
      h = limn_upsample_nearest_2x (run, x);
      return limn_conv2d (run, &part->conv, &h, NULL);
    default:
      g_return_val_if_reached (LIMN_TENSOR_EMPTY);
    }
}

/* Runs a block and keeps its result at @place. @mark is from before anything that the block may
 * forget. */
static LimnTensor
block_forward (LimnUnetBlock *block,
               LimnRun *run,
               const LimnTensor *x,
               const Given *given,
               const LimnTensor *place,
               LimnArenaMark mark)
{
  LimnTensor h = *x;

  for (int i = 0; i < block->n_parts; i++)
    {
      if (i > 0)
        h = limn_sink (run, &h, mark);
      h = part_forward (&block->parts[i], run, &h, given);
    }
  return limn_keep (run, place, &h, mark);
}

LimnTensor
limn_unet_block_room (LimnRun *run, const LimnUnetBlock *block, gint64 n, gint64 h, gint64 w)
{
  return limn_run_nhwc (run, n, h >> block->level, w >> block->level, block->n_out);
}

static LimnTensor
allocate_result (LimnRun *run, const LimnUnetBlock *block, const LimnTensor *x)
{
  return limn_unet_block_room (run, block, x->extent[0], x->extent[1], x->extent[2]);
}

/* Room for whatever passes between the middle and the output blocks. */
static LimnTensor
allocate_trunk (LimnUnet *self, LimnRun *run, const LimnTensor *x)
{
  const LimnUnetBlock *largest = self->middle_block;
  double most = 0;

  for (int i = -1; i < self->n_output_blocks; i++)
    {
      const LimnUnetBlock *block = i < 0 ? self->middle_block : &self->output_blocks[i];
      double size = ldexp ((double)block->n_out, -2 * block->level);

      if (size > most)
        {
          most = size;
          largest = block;
        }
    }
  return allocate_result (run, largest, x);
}

/* The trunk as it enters the last output blocks, kept for the evaluations that follow. */
static void
keep_deep (LimnRun *run, LimnUnetMemory *memory, const LimnTensor *h)
{
  LimnTensor kept = limn_keep (run, &memory->deep, h, limn_run_mark (run));

  if (!limn_tensor_is_empty (&kept))
    memory->deep = kept;
}

/*
 * The skip connections and the trunk, one buffer that every output block's result is copied into,
 * stay in the arena; what a block computes on its way is released when its result has been kept.
 * With deep features at hand only the blocks at both ends run.
 */
static LimnTensor
run_blocks (LimnUnet *self, LimnRun *run, const LimnTensor *x, const Given *given)
{
  LimnUnetMemory *memory = given->memory;
  gboolean fresh = limn_unet_memory_is_fresh (memory);
  int n_input = fresh ? LIMN_UNET_SHALLOW_BLOCKS : self->n_input_blocks;
  int shallow = self->n_output_blocks - LIMN_UNET_SHALLOW_BLOCKS;
  LimnTensor skips[LIMN_UNET_MAX_BLOCKS];
  LimnTensor h = *x;
  LimnTensor trunk;

  for (int i = 0; i < n_input; i++)
    {
      LimnTensor place = allocate_result (run, &self->input_blocks[i], x);
      LimnArenaMark mark = limn_run_mark (run);

      h = skips[i] = block_forward (&self->input_blocks[i], run, &h, given, &place, mark);
    }
  trunk = allocate_trunk (self, run, x);
  if (fresh)
    h = memory->deep;
  else
    h = block_forward (self->middle_block, run, &h, given, &trunk, limn_run_mark (run));
  for (int i = fresh ? shallow : 0; i < self->n_output_blocks; i++)
    {
      LimnArenaMark mark = limn_run_mark (run);

      if (i == shallow && !fresh && memory != NULL && memory->step_cache > 1)
        keep_deep (run, memory, &h);
      h = limn_concat_channels (run, &h, &skips[self->n_input_blocks - 1 - i]);
      h = block_forward (&self->output_blocks[i], run, &h, given, &trunk, mark);
    }
  if (memory != NULL)
    memory->evaluation++;
  return h;
}

static gboolean
check_input (LimnUnet *self, LimnRun *run, const LimnTensor *x, const LimnTensor *context)
{
  int factor = limn_unet_get_factor (self);

  if (limn_tensor_is_empty (x))
    return FALSE;
  if (x->n_dims != 4 || x->extent[3] != self->config.in_channels)
    {
      g_autofree char *found = limn_tensor_describe (x);

      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "The UNet takes %d channels, not %s",
                     self->config.in_channels, found);
    }
  else if (x->extent[1] % factor != 0 || x->extent[2] % factor != 0)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE,
                     "The UNet takes sides that are multiples of %d, not %" G_GINT64_FORMAT
                     " x %" G_GINT64_FORMAT,
                     factor, x->extent[2], x->extent[1]);
    }
  else if (context != NULL
           && (context->n_dims != 3 || context->extent[0] != x->extent[0]
               || context->extent[2] != self->config.context_dim))
    {
      g_autofree char *found = limn_tensor_describe (context);

      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE,
                     "The UNet takes a context [%" G_GINT64_FORMAT ", tokens, %d], not %s",
                     x->extent[0], self->config.context_dim, found);
    }
  else if (context == NULL && self->config.context_dim > 0)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "The UNet takes a context, and there is none");
    }
  return limn_run_ok (run);
}

static gboolean
check_labels (LimnUnet *self, LimnRun *run, const gint32 *labels, gint64 n)
{
  int n_classes = self->config.num_classes;

  if (labels != NULL && n_classes == 0)
    limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT, "The UNet takes no labels");
  else if (labels == NULL && n_classes > 0)
    limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT, "The UNet takes a label, and there is none");
  for (gint64 i = 0; n_classes > 0 && labels != NULL && i < n; i++)
    if (labels[i] < 0 || labels[i] >= n_classes)
      limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT, "The UNet takes labels 0 to %d, not %d",
                     n_classes - 1, labels[i]);
  return limn_run_ok (run);
}

LimnTensor
limn_unet_forward (LimnUnet *self,
                   LimnRun *run,
                   const LimnTensor *x,
                   const float *t,
                   const LimnTensor *context)
{
  return limn_unet_forward_labels (self, run, x, t, context, NULL);
}

LimnTensor
limn_unet_forward_labels (LimnUnet *self,
                          LimnRun *run,
                          const LimnTensor *x,
                          const float *t,
                          const LimnTensor *context,
                          const gint32 *labels)
{
  return limn_unet_forward_guided (self, run, x, t, context, labels, NULL);
}

LimnTensor
limn_unet_forward_guided (LimnUnet *self,
                          LimnRun *run,
                          const LimnTensor *x,
                          const float *t,
                          const LimnTensor *context,
                          const gint32 *labels,
                          const float *guidance)
{
  return limn_unet_evaluate (
      self, run, x, t,
      &(LimnUnetConditions){ .context = context, .labels = labels, .guidance = guidance });
}

LimnTensor
limn_unet_evaluate (LimnUnet *self,
                    LimnRun *run,
                    const LimnTensor *x,
                    const float *t,
                    const LimnUnetConditions *conditions)
{
  const LimnTensor *context = conditions->context;
  Given given = { .memory = conditions->memory };
  LimnTensor out, h;
  LimnArenaMark mark;

  if (context != NULL && limn_tensor_is_empty (context))
    return LIMN_TENSOR_EMPTY;
  if (!check_input (self, run, x, context)
      || !check_labels (self, run, conditions->labels, x->extent[0])
      || !limn_unet_memory_fits (given.memory, run, x, context))
    return LIMN_TENSOR_EMPTY;
  out = limn_run_nhwc (run, x->extent[0], x->extent[1], x->extent[2], self->config.out_channels);
  mark = limn_run_mark (run);
  given.embedding
      = embed_time (self, run, t, conditions->labels, conditions->guidance, x->extent[0]);
  given.context = self->config.use_spatial_transformer ? context : NULL;
  h = run_blocks (self, run, x, &given);
  h = limn_group_norm (run, &self->out_norm, &h, LIMN_N_GROUPS, EPSILON, LIMN_ACTIVATION_SILU);
  h = limn_conv2d (run, &self->out_conv, &h, NULL);
  out = limn_keep (run, &out, &h, mark);
  limn_run_release (run, mark);
  return out;
}
