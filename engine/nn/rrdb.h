/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/layers.h"

G_BEGIN_DECLS

/* The three ways in which published files name the same layers. */
typedef enum
{
  LIMN_RRDB_NAMES_BASICSR, /* conv_first, body.0.rdb1.conv1, conv_body, conv_up1, ...: Real-ESRGAN
                            */
  LIMN_RRDB_NAMES_ESRGAN,  /* conv_first, RRDB_trunk.0.RDB1.conv1, trunk_conv, upconv1, ... */
  LIMN_RRDB_NAMES_OLD,     /* model.0, model.1.sub.0.RDB1.conv1.0, model.3, ... */
} LimnRrdbNames;

/* All of it follows from the file; the names are those of basicsr's RRDBNet. */
typedef struct
{
  LimnRrdbNames names;
  int channels;    /* of the picture */
  int num_feat;    /* width of the trunk */
  int num_grow_ch; /* what each convolution of a dense block adds */
  int num_block;
  int n_up;      /* doublings behind the trunk */
  int unshuffle; /* side of the squares of pixels that are one at its start: 1, 2 or 4 */
} LimnRrdbConfig;

typedef struct _LimnRrdbBlock LimnRrdbBlock;

#define LIMN_RRDB_MAX_UP 4

/**
 * LimnRrdb:
 *
 * RRDBNet, the generator of ESRGAN and Real-ESRGAN: Wang et al. 2018, "ESRGAN: Enhanced
 * Super-Resolution Generative Adversarial Networks", section 3.1; Wang et al. 2021, "Real-ESRGAN",
 * section 3.4 for the pixels that are unshuffled where it enlarges less than its trunk does.
 */
typedef struct
{
  LimnRrdbConfig config;
  LimnLayers layers;

  /* Owned */
  LimnRrdbBlock *blocks; /* num_block */

  LimnConv2d conv_first, conv_body, conv_hr, conv_last;
  LimnConv2d conv_up[LIMN_RRDB_MAX_UP];
} LimnRrdb;

/* TRUE when the store has, after @prefix ("" for a file of its own), the first layers of an
 * RRDBNet. */
gboolean limn_rrdb_detect (LimnWeights *weights, const char *prefix);
/* Finds out what it is and binds every tensor; computes nothing. LIMN_ENGINE_ERROR_UNSUPPORTED
 * names the tensor that a plain RRDBNet does not have (relatives such as ESRGAN+). Clear it also
 * after a failure. */
gboolean limn_rrdb_init (LimnRrdb *self, LimnWeights *weights, const char *prefix, GError **error);
void limn_rrdb_clear (LimnRrdb *self);

/* How many times larger the result is: 1, 2, 4, 8 or 16. */
int limn_rrdb_get_scale (const LimnRrdb *self);

/* image: [n, h, w, channels] in [-1, 1], any size -> [n, h * scale, w * scale, channels], about
 * [-1, 1], not clamped. The network itself has 0 .. 1. */
LimnTensor limn_rrdb_forward (LimnRrdb *self, LimnRun *run, const LimnTensor *image);

G_END_DECLS
