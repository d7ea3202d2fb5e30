/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/weights/weights.h"

G_BEGIN_DECLS

/*
 * Names of tensors in two dialects, diffusers' and LDM's. A dialect is a table; nothing else knows
 * it.
 */

/* What a module is called within a block. */
typedef struct
{
  const char *diffusers, *ldm;
} LimnNameTail;

/**
 * LimnNameRow:
 * @diffusers: a block, with its last dot
 * @ldm: the same block
 * @tails: (nullable): what differs within it; what is not listed is the same in both
 *
 * In braces stand numbers. Of diffusers' names {i} is the level and {j} the layer; of LDM's names
 * each is computed from these, from the number of levels L and of layers per level n:
 *   {down} 1 + i (n + 1) + j    {next} (i + 1) (n + 1)    {even} 2 j    {odd} 2 j + 1
 *   {up} i (n + 1) + j          {last} i (n + 1) + n      {j1} j + 1    {rev} L - 1 - i
 *   {after} 2 where level i has attention, else 1
 */
typedef struct
{
  const char *diffusers, *ldm;
  const LimnNameTail *tails;
} LimnNameRow;

/* Both end with an empty row. */
extern const LimnNameRow _limn_names_unet[];
extern const LimnNameRow _limn_names_autoencoder[];
extern const LimnNameRow _limn_names_openclip[]; /* "diffusers" is transformers, "LDM" OpenCLIP */

/* Bounds of what names may claim. */
#define LIMN_NAMES_MAX_LEVELS 64
#define LIMN_NAMES_MAX_LAYERS 16

typedef struct
{
  int n_levels, n_layers;
  guint64 attention_up; /* bit i: level i of up_blocks has attention */
} LimnNameShape;

/* From diffusers' names behind @prefix, and from LDM's. */
LimnNameShape _limn_names_shape_diffusers (LimnWeights *weights, const char *prefix);
LimnNameShape _limn_names_shape_ldm (LimnWeights *weights, const char *prefix);

/* A table filled in for one network. */
typedef struct _LimnNames LimnNames;

LimnNames *_limn_names_new (const LimnNameRow *rows, const LimnNameShape *shape);
void _limn_names_free (LimnNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnNames, _limn_names_free)

/* The other dialect's name (transfer full), NULL when the table does not know @name. */
char *_limn_names_to_ldm (LimnNames *names, const char *name);
char *_limn_names_to_diffusers (LimnNames *names, const char *name);

G_END_DECLS
