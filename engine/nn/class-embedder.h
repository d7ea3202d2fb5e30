/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/layers.h"

G_BEGIN_DECLS

/**
 * LimnClassEmbedder:
 *
 * LDM's ClassEmbedder: a table with one row per class, which becomes a context of a single token
 * for cross-attention (Rombach et al. 2022, appendix E.2.1, ImageNet).
 */
typedef struct
{
  int n_classes; /* 1000 when config.yaml does not say */
  int embed_dim;
  LimnLayers layers;
  LimnTensor embedding; /* [n_classes, embed_dim] */
} LimnClassEmbedder;

/* Binds "embedding.weight" after the source's prefix ("cond_stage_model."). Clear it also after a
 * failure. */
gboolean limn_class_embedder_init (LimnClassEmbedder *self,
                                   int n_classes,
                                   int embed_dim,
                                   const LimnWeightSource *source,
                                   GError **error);
void limn_class_embedder_clear (LimnClassEmbedder *self);

/* classes: [n] -> context [n, 1, embed_dim]. A class that there is not is
 * LIMN_ENGINE_ERROR_ARGUMENT. */
LimnTensor limn_class_embedder_forward (LimnClassEmbedder *self,
                                        LimnRun *run,
                                        const gint32 *classes,
                                        gint64 n);

G_END_DECLS
