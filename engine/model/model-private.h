/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/description.h"
#include "engine/model/model.h"
#include "engine/text/tokenizer.h"

G_BEGIN_DECLS

struct _LimnModel
{
  gatomicrefcount ref_count;
  LimnModelInfo info; /* strings: those below, or in the description */
  LimnDescription description;

  /* Owned */
  char *id;
  char *path;
  LimnWeights *weights;
  LimnTokenizer *tokenizer; /* NULL when it takes no prompt */
  float *alphas_cumprod;
  float *preview; /* [latent_channels + 1][3]: offset last; made at first use */

  /* Those that the description has */
  LimnAutoencoder autoencoder;
  LimnUnet unet;
  LimnClipText text;

  float scale_factor;
  guint32 pad; /* what a prompt is filled up with */
};

/* Its parts, for tests; NULL when the model lacks one. */
LimnAutoencoder *limn_model_get_autoencoder (LimnModel *model);
LimnUnet *limn_model_get_unet (LimnModel *model);
LimnClipText *limn_model_get_text (LimnModel *model);
LimnTokenizer *limn_model_get_tokenizer (LimnModel *model);
const LimnDescription *limn_model_get_description (LimnModel *model);

/* Fits model->preview when it is not there. FALSE when the run failed. */
gboolean _limn_model_fit_preview (LimnModel *model, LimnRun *run);

G_END_DECLS
