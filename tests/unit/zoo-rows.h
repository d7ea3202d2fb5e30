/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/info.h"
#include "tests/unit/zoo-testing.h"

G_BEGIN_DECLS

/*
 * The published models as rows: their structure, the reference's figures, and what a loader must
 * find out about them.
 */

typedef struct
{
  const char *name;
  ZooAutoencoder config;
  gint64 encoder, decoder; /* parameters */
} ZooStage;

/* How the model is told what to make. */
typedef enum
{
  ZOO_NOTHING,
  ZOO_CLIP,
  ZOO_OPENCLIP,
  ZOO_BERT,
  ZOO_LAYOUT,
  ZOO_CLASSES,
  ZOO_RESCALER,
} ZooCondition;

typedef struct
{
  const char *name;
  const char *architecture;
  ZooUnet unet;
  gint64 parameters; /* of the UNet; 0: no published figure */
  const char *stage; /* NULL: none in the file */
  ZooCondition condition;
  int vocabulary, width, layers; /* of the text encoder; classes: how many and how wide */
  LimnCapabilities capabilities;
  LimnTakes takes;
  int heads, head_channels;
  double linear_start, linear_end, scale_factor;
  int native_size;
  gboolean checkpoint; /* published as PyTorch's, with schedule and moving averages */
} ZooRow;

extern const ZooStage zoo_stages[];
extern const gsize zoo_n_stages;
extern const ZooRow zoo_rows[];
extern const gsize zoo_n_rows;

const ZooStage *zoo_find_stage (const char *name);
/* The row as FOLDER/config.yaml, the way its authors write it. */
void zoo_write_config (const ZooRow *row, const char *folder);

G_END_DECLS
