/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/description.h"
#include "engine/model/model.h"
#include "engine/nn/class-embedder.h"
#include "engine/nn/rrdb.h"
#include "engine/nn/srvgg.h"
#include "engine/nn/taesd.h"
#include "engine/text/tokenizer.h"
#include "engine/text/wordpiece.h"

G_BEGIN_DECLS

struct _LimnModel
{
  gatomicrefcount ref_count;
  LimnModelInfo info; /* strings: those below, or in the description */
  LimnDescription description;

  /* Owned */
  char *id;
  char *path;
  char *missing;            /* info.missing */
  LimnWeights *weights;     /* with LDM's names */
  LimnTokenizer *tokenizer; /* NULL when it takes no prompt, or it is missing; or: */
  LimnWordpiece *wordpiece;
  float *alphas_cumprod;
  float *low_alphas_cumprod; /* NULL: it takes no noise level */
  float *preview;            /* [latent_channels + 1][3]: offset last; made at first use */
  char **category_names;     /* NULL-terminated; NULL: not known */

  /* Those that the description and the file have */
  LimnAutoencoder autoencoder;
  LimnUnet unet;
  gboolean has_condition; /* one of those below is bound */
  LimnClipText text;
  LimnBertText bert;
  LimnClassEmbedder classes;
  LimnSpatialRescaler rescaler;
  LimnRrdb rrdb;
  LimnSrvgg srvgg;
  LimnTaesd tiny_encoder, tiny_decoder; /* either may be missing */

  LimnModel *preview_decoder; /* owned, nullable; see limn_model_set_preview_decoder() */

  /* What packed weights may stay in memory: of the networks that a task goes through again and
   * again (UNet, upscaler), and of those that it needs once or twice. */
  LimnWeightBudget main_budget, other_budget;
  gsize main_bytes, other_bytes; /* of all panels of either */
  gsize largest_bytes;           /* of one layer's */

  float scale_factor;
  guint32 pad; /* what a prompt is filled up with */
};

/* Its parts, for tests; NULL when the model lacks one. */
LimnAutoencoder *limn_model_get_autoencoder (LimnModel *model);
LimnUnet *limn_model_get_unet (LimnModel *model);
LimnClipText *limn_model_get_text (LimnModel *model);
LimnTokenizer *limn_model_get_tokenizer (LimnModel *model);
const LimnDescription *limn_model_get_description (LimnModel *model);

/* What the description alone says of the use of the model: info.capabilities, takes and what goes
 * with them. Errors name file and key of a combination that cannot be run. */
gboolean _limn_model_find_use (LimnModel *model, GError **error);
/* All else in info, when the networks are bound. */
gboolean _limn_model_fill_info (LimnModel *model, GError **error);

/* Binds the layers to the model's budgets, which hold anything at first; memory.c. */
void _limn_model_begin_budgets (LimnModel *model);

/* The networks that are a model of their own: binds them and fills info; networks-alone.c. */
gboolean _limn_model_open_alone (LimnModel *model, GError **error);
void _limn_model_clear_alone (LimnModel *model);
void _limn_model_unload_alone (LimnModel *model);
/* The same for each kind: without and with info. */
gboolean _limn_model_bind_upscaler (LimnModel *model, GError **error);
void _limn_model_fill_upscaler (LimnModel *model);
gboolean _limn_model_bind_taesd (LimnModel *model, GError **error);
void _limn_model_fill_taesd (LimnModel *model);
/* Bytes that limn_model_upscale() needs for a result of @pixels, weights not included. */
double _limn_model_upscale_bytes (const LimnModel *model, double pixels);

/* Names, container, type and size of the file, from the description: a part of info. */
void _limn_model_fill_strings (LimnModel *model);

/* Adds a sentence to model->missing. */
void _limn_model_miss (LimnModel *model, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Opens the vocabulary that the text encoder needs: the one at @folder (nullable), or one in
 * @search. Without one, model->missing says so. FALSE when the one at @folder cannot be read. */
gboolean _limn_model_open_vocabulary (LimnModel *model,
                                      const char *beside,
                                      const char *folder,
                                      const char *const *search,
                                      GError **error);

/* Reads categories.txt, a name per line from number 0, when it is in @folder. */
gboolean _limn_model_open_categories (LimnModel *model, const char *folder, GError **error);

/* Fits model->preview when it is not there. FALSE when the run failed. */
gboolean _limn_model_fit_preview (LimnModel *model, LimnRun *run);

G_END_DECLS
