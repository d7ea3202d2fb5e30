/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Which numbers of a seed are used for what, so that nothing is drawn twice. A stream holds 2^66
 * numbers.
 */
enum
{
  LIMN_NOISE_START = 0, /* the latent at the first step; img2img and masked blending use the same */
  LIMN_NOISE_POSTERIOR = 1, /* sampling of the autoencoder's posterior */
  LIMN_NOISE_CONDITION = 2, /* noise on a conditioning image */
  LIMN_NOISE_REFINE = 3, /* the latent that a second pass starts from */
  LIMN_NOISE_STEP = 1024,   /* + number of the evaluation: stochastic samplers */
};

/* One block of Philox 4x32-10: encrypts @counter with @key. Salmon et al. 2011, "Parallel Random
 * Numbers: As Easy as 1, 2, 3". */
void limn_philox_4x32 (const guint32 counter[4], const guint32 key[2], guint32 out[4]);

/* Standard normals: element i of stream s of seed k is the same for any @n, any number of threads
 * and any order of asking, and the same to the bit on every machine with IEEE arithmetic (no
 * function of libm but the exactly rounded sqrt is used). */
void limn_noise_normal (guint64 seed, guint64 stream, float *out, gsize n);
/* Elements @first .. @first + @n - 1 of the same. */
void limn_noise_normal_range (guint64 seed, guint64 stream, guint64 first, float *out, gsize n);

G_END_DECLS
