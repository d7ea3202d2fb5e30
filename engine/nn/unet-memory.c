/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/unet-private.h"

/* ---- The attentions that look at the context ------------------------------------------------ */

typedef void (*Visit) (LimnCrossAttention *attention, gboolean to_context, gpointer data);

static void
visit_block (LimnUnetBlock *block, Visit visit, gpointer data)
{
  for (int i = 0; i < block->n_parts; i++)
    {
      LimnSpatialTransformer *transformer = &block->parts[i].transformer;

      if (block->parts[i].kind != LIMN_PART_TRANSFORMER)
        continue;
      for (int k = 0; k < transformer->depth; k++)
        {
          visit (&transformer->blocks[k].attn1, !transformer->blocks[k].self_attention, data);
          visit (&transformer->blocks[k].attn2, TRUE, data);
        }
    }
}

/* In the order in which the network runs. */
static void
visit_attentions (LimnUnet *self, Visit visit, gpointer data)
{
  for (int i = 0; i < self->n_input_blocks; i++)
    visit_block (&self->input_blocks[i], visit, data);
  visit_block (self->middle_block, visit, data);
  for (int i = 0; i < self->n_output_blocks; i++)
    visit_block (&self->output_blocks[i], visit, data);
}

static void
number (LimnCrossAttention *attention, gboolean to_context, gpointer data)
{
  int *n = data;

  attention->number = to_context ? (*n)++ : -1;
}

void
limn_unet_number_attentions (LimnUnet *self)
{
  int n = 0;

  visit_attentions (self, number, &n);
}

static void
count (LimnCrossAttention *attention, gboolean to_context, gpointer data)
{
  int *n = data;

  *n += attention->number >= 0;
}

typedef struct
{
  LimnUnetMemory *memory;
  LimnRun *run;
} Filling;

static void
fill (LimnCrossAttention *attention, gboolean to_context, gpointer data)
{
  Filling *filling = data;
  LimnUnetMemory *memory = filling->memory;

  if (attention->number < 0 || !limn_run_ok (filling->run))
    return;
  memory->keys[attention->number]
      = limn_linear (filling->run, &attention->to_k, &memory->context, NULL);
  memory->values[attention->number]
      = limn_linear (filling->run, &attention->to_v, &memory->context, NULL);
}

/* ---- The memory ------------------------------------------------------------------------------ */

static gboolean
check (LimnUnet *self, LimnRun *run, const LimnTensor *context, gint64 n, int step_cache)
{
  if (!limn_run_ok (run))
    return FALSE;
  if (step_cache < 0 || step_cache > LIMN_UNET_MAX_STEP_CACHE)
    limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT,
                   "Of 1 to %d evaluations one may run all blocks, not of %d",
                   LIMN_UNET_MAX_STEP_CACHE, step_cache);
  else if (context != NULL
           && (context->n_dims != 3 || context->extent[0] != n
               || context->extent[2] != self->config.context_dim))
    {
      g_autofree char *found = limn_tensor_describe (context);

      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE,
                     "The UNet takes a context [%" G_GINT64_FORMAT ", tokens, %d], not %s", n,
                     self->config.context_dim, found);
    }
  return limn_run_ok (run);
}

/* All keys and values of the context. */
static void
remember_context (LimnUnet *self, LimnRun *run, LimnUnetMemory *memory, const LimnTensor *context)
{
  Filling filling = { memory, run };

  if (context == NULL || !self->config.use_spatial_transformer)
    return;
  memory->context = *context;
  visit_attentions (self, count, &memory->n_attentions);
  memory->keys = limn_run_array (run, memory->n_attentions, sizeof (LimnTensor));
  memory->values = limn_run_array (run, memory->n_attentions, sizeof (LimnTensor));
  visit_attentions (self, fill, &filling);
}

LimnUnetMemory *
limn_unet_remember (LimnUnet *self,
                    LimnRun *run,
                    const LimnTensor *context,
                    gint64 n,
                    gint64 h,
                    gint64 w,
                    int step_cache)
{
  LimnUnetMemory *memory;
  int entered = self->n_output_blocks - LIMN_UNET_SHALLOW_BLOCKS - 1;

  if (!check (self, run, context, n, step_cache))
    return NULL;
  memory = limn_run_array (run, 1, sizeof (LimnUnetMemory));
  if (memory == NULL)
    return NULL;
  *memory = (LimnUnetMemory){ .n = n, .h = h, .w = w, .step_cache = MAX (step_cache, 1) };
  /* Networks of two blocks have none between. */
  if (entered < 0)
    memory->step_cache = 1;
  else if (memory->step_cache > 1)
    memory->deep = limn_unet_block_room (run, &self->output_blocks[entered], n, h, w);
  remember_context (self, run, memory, context);
  return limn_run_ok (run) ? memory : NULL;
}

gboolean
limn_unet_memory_fits (const LimnUnetMemory *memory,
                       LimnRun *run,
                       const LimnTensor *x,
                       const LimnTensor *context)
{
  if (memory == NULL)
    return TRUE;
  if (!limn_tensor_is_empty (&memory->context)
      && (context == NULL || context->data != memory->context.data
          || !limn_tensor_same_shape (context, &memory->context)))
    limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "The UNet remembers another context");
  else if (memory->n != x->extent[0] || memory->h != x->extent[1] || memory->w != x->extent[2])
    {
      g_autofree char *found = limn_tensor_describe (x);

      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE,
                     "The UNet remembers inputs of %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
                     " x %" G_GINT64_FORMAT ", not %s",
                     memory->n, memory->h, memory->w, found);
    }
  return limn_run_ok (run);
}

gboolean
limn_unet_memory_is_fresh (const LimnUnetMemory *memory)
{
  return memory != NULL && memory->step_cache > 1 && memory->evaluation % memory->step_cache != 0;
}
