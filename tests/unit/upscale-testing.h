/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/rrdb.h"
#include "engine/nn/srvgg.h"
#include "engine/nn/taesd.h"
#include "tests/unit/weights-testing.h"

G_BEGIN_DECLS

/*
 * Files of small networks with random weights, and what they compute, written down plainly: sums in
 * double, one loop per sum, nothing shared with the engine but the file.
 */

/* ---- Files ---------------------------------------------------------------------------------- */

/* What a file holds besides the network itself. */
typedef struct
{
  const char *without; /* (nullable): name of a tensor that is left out */
  const char *extra;   /* (nullable): name of a tensor [1] that does not belong there */
  const char *grown;   /* (nullable): name of a tensor with one channel too many */
} TestDamage;

typedef struct
{
  LimnRrdbNames names;
  int channels, num_feat, num_grow_ch, num_block, n_up, unshuffle;
} TestRrdb;

typedef struct
{
  int channels, num_feat, num_conv, upscale;
} TestSrvgg;

/* @n_blocks: blocks between two halvings or doublings; @widen: width after the first of these, for
 * blocks whose skip is a convolution. */
typedef struct
{
  LimnTaesdPart part;
  const char *prefix;
  int first; /* number of the first layer */
  int channels, latent_channels, width, widen, n_resamples, n_blocks;
} TestTaesd;

/* Each writes FOLDER/net.safetensors and opens it. */
LimnWeights *test_write_rrdb (const char *folder, const TestRrdb *config, const TestDamage *damage);
LimnWeights *
test_write_srvgg (const char *folder, const TestSrvgg *config, const TestDamage *damage);
LimnWeights *
test_write_taesd (const char *folder, const TestTaesd *config, const TestDamage *damage);

/* ---- What they compute ---------------------------------------------------------------------- */

/* x: [n, h, w, c] with n = 1, pictures in -1 .. 1. Results are owned by the caller: g_free
 * (t.data). */
LimnTensor test_reference_rrdb (LimnWeights *weights, const TestRrdb *config, const LimnTensor *x);
LimnTensor
test_reference_srvgg (LimnWeights *weights, const TestSrvgg *config, const LimnTensor *x);
LimnTensor
test_reference_taesd (LimnWeights *weights, const TestTaesd *config, const LimnTensor *x);

G_END_DECLS
