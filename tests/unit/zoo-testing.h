/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The tensors of the published models, as the original code names and shapes them: written down
 * here a second time, from the constructors of CompVis' ldm, so that the engine is not held against
 * itself.
 */

typedef struct
{
  char *name;
  int n_dims;
  gint64 extent[4];
} ZooTensor;

/* List of ZooTensor; free with g_ptr_array_unref(). */
GPtrArray *zoo_tensors_new (void);
gint64 zoo_count (GPtrArray *tensors, const char *prefix);

/* openaimodel.UNetModel; strings have a digit per level. */
typedef struct
{
  int in, out, channels, res_blocks;
  const char *mult;
  const char *attention;  /* 1: there is some */
  int depth;              /* of the transformers; 0: attention without */
  int context;            /* width */
  const char *cross_only; /* 1: no self attention; NULL: none such */
  gboolean linear, scale_shift, updown;
  int classes;
} ZooUnet;
void zoo_add_unet (GPtrArray *tensors, const ZooUnet *unet);
/* The same tensors as moving averages. */
void zoo_add_ema (GPtrArray *tensors);

/* AutoencoderKL, or VQModelInterface when there is a codebook. */
typedef struct
{
  int z, embed, codebook, channels;
  const char *mult;
  const char *attention; /* 1: there is some */
  gboolean mid_attention;
} ZooAutoencoder;
void zoo_add_autoencoder (GPtrArray *tensors, const char *prefix, const ZooAutoencoder *config);

/* Condition stages. */
void zoo_add_clip (GPtrArray *tensors, int vocabulary, int width, int layers);
void zoo_add_openclip (GPtrArray *tensors, int vocabulary, int width, int layers);
void zoo_add_bert (GPtrArray *tensors, int vocabulary, int length, int width, int layers);
void zoo_add_tensor (GPtrArray *tensors, const char *name, int n_dims, const gint64 *extent);
/* LDM's schedule, beside the weights. */
void zoo_add_betas (GPtrArray *tensors);

/* Full size without data: a safetensors file of float16 whose data are a hole in the file. Returns
 * the path (transfer full); @header: bytes before the data. */
char *zoo_write_sparse (GPtrArray *tensors, const char *folder, gsize *header);
/* With random data, so large that activations stay about 1; "betas" are those from @beta_start to
 * @beta_end. As safetensors of float16, as PyTorch's checkpoint {"state_dict": {...}}, and as GGUF.
 */
typedef struct
{
  double beta_start, beta_end;
} ZooSchedule;
char *zoo_write_safetensors (GPtrArray *tensors, const ZooSchedule *schedule, const char *folder);
char *zoo_write_checkpoint (GPtrArray *tensors, const ZooSchedule *schedule, const char *folder);
char *zoo_write_gguf (GPtrArray *tensors, const ZooSchedule *schedule, const char *folder);

G_END_DECLS
