/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/class-embedder.h"

#include "engine/nn/layers-private.h"

#define MAX_CLASSES (1 << 22)
#define MAX_WIDTH 65536

gboolean
limn_class_embedder_init (LimnClassEmbedder *self,
                          int n_classes,
                          int embed_dim,
                          const LimnWeightSource *source,
                          GError **error)
{
  LimnBinder binder;

  *self = (LimnClassEmbedder){ .n_classes = n_classes, .embed_dim = embed_dim };
  limn_binder_begin (&binder, &self->layers, source);
  limn_binder_check_range (&binder, "ClassEmbedder: n_classes", n_classes, 1, MAX_CLASSES);
  limn_binder_check_range (&binder, "ClassEmbedder: embed_dim", embed_dim, 1, MAX_WIDTH);
  limn_bind_tensor (&binder, &self->embedding, 2, n_classes, embed_dim, "embedding.weight");
  return limn_binder_end (&binder, error);
}

void
limn_class_embedder_clear (LimnClassEmbedder *self)
{
  limn_layers_clear (&self->layers);
}

LimnTensor
limn_class_embedder_forward (LimnClassEmbedder *self, LimnRun *run, const gint32 *classes, gint64 n)
{
  LimnTensor out;

  for (gint64 i = 0; i < n; i++)
    if (classes[i] < 0 || classes[i] >= self->n_classes)
      {
        limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT,
                       "There is no class %d: the model has classes 0 to %d", classes[i],
                       self->n_classes - 1);
        return LIMN_TENSOR_EMPTY;
      }
  out = limn_run_rows (run, n, 1, self->embed_dim);
  for (gint64 i = 0; !limn_tensor_is_empty (&out) && i < n; i++)
    limn_embedding_row (&self->embedding, classes[i], limn_tensor_f32 (&out) + i * self->embed_dim);
  return out;
}
