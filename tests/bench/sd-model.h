/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Models of the published structure with random weights of float16, made on the spot: Stable
 * Diffusion 1 inpainting (UNet of 9 input channels, CLIP's text encoder, KL-f8 autoencoder), and
 * the RRDB upscaler by 4.
 */

/* What there is of each, and the sizes at which it is measured. */
typedef struct
{
  int unet_channels;
  int autoencoder_channels;
  int vocabulary, text_width, text_layers;
  int rrdb_blocks;
  int latent; /* side of the latent; the picture's is 8 times as long */
  int tokens;
  int tile; /* side of what the upscaler is given */
} SdStructure;

/* The published one, and one that is just large enough to have every part. */
extern const SdStructure sd_structure_full;
extern const SdStructure sd_structure_tiny;

/* A folder for the models (transfer full), to be removed with sd_remove_folder(). */
char *sd_make_folder (GError **error);
void sd_remove_folder (const char *folder);

typedef enum
{
  SD_WEIGHTS, /* random ones */
  SD_SHAPES,  /* the data are a hole in the file: to learn what the layers are */
} SdContents;

/* Writes FOLDER/model.safetensors or FOLDER/upscaler.safetensors; the path (transfer full), NULL on
 * error. */
char *sd_write_model (const SdStructure *structure,
                      const char *folder,
                      SdContents contents,
                      GError **error);
char *sd_write_upscaler (const SdStructure *structure,
                         const char *folder,
                         SdContents contents,
                         GError **error);
/* The same for any list of ZooTensor. */
char *sd_write_tensors (GPtrArray *tensors,
                        const char *folder,
                        const char *name,
                        SdContents contents,
                        GError **error);

G_END_DECLS
