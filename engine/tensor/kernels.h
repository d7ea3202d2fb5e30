/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

/*
 * The operations that networks are made of. Each allocates its result in the run's arena, polls the
 * cancellable at least every tile, gives the same bits for any number of threads, and returns the
 * empty tensor when the run has failed. Arguments are not modified unless the name says in_place.
 * Formulas, layouts and error bounds stand at each implementation.
 */

typedef enum
{
  LIMN_ACTIVATION_NONE,
  LIMN_ACTIVATION_SILU,       /* x * sigmoid (x) */
  LIMN_ACTIVATION_GELU,       /* x * Phi (x), exact erf */
  LIMN_ACTIVATION_QUICK_GELU, /* x * sigmoid (1.702 x) */
} LimnActivation;

/* Weights as the kernels want them: pack.c. */
typedef struct _LimnPanels LimnPanels;

/* How many bytes of packed weights layers may keep, and how many those that share it do keep. A
 * layer for which there is no room packs its weights anew each time that it is used. */
typedef struct
{
  gsize limit;
  gsize used;
} LimnWeightBudget;

/* Weights of a linear layer or a 1x1 convolution: y = x W^T + b. @weight: [out][in] (or
 * [out][in][1][1]) in the file's type; @bias: [out] or empty. @packed is made at first use: a copy
 * in the layout of the run's kernels; owned, freed by limn_linear_clear(). A layer must not be used
 * by two runs at the same time, nor layers that share a budget. */
typedef struct
{
  LimnTensor weight;
  LimnTensor bias;
  gint64 n_in, n_out;
  LimnWeightBudget *budget; /* borrowed, nullable: no limit */
  LimnPanels *packed;
} LimnLinear;

/* Weights of a convolution. @weight: [out][in][kh][kw] in the file's type; @bias: [out] or empty.
 * The rest as in LimnLinear. */
typedef struct
{
  LimnTensor weight;
  LimnTensor bias;
  gint64 n_in, n_out;
  int kernel_h, kernel_w;
  int stride;
  int pad_top, pad_left, pad_bottom, pad_right;
  LimnWeightBudget *budget;
  LimnPanels *packed;
} LimnConv2d;

/* Scale and shift of a normalisation, [channels] each in the file's type; either may be empty (1
 * and 0).
 * @scale_f32 and @shift_f32 are made at first use; owned, freed by limn_norm_clear(). */
typedef struct
{
  LimnTensor weight;
  LimnTensor bias;
  gint64 n_channels;
  float *scale_f32;
  float *shift_f32;
} LimnNorm;

/* Free what the layer made; it is made again at the next use. */
void limn_linear_clear (LimnLinear *layer);
void limn_conv2d_clear (LimnConv2d *layer);
/* Bytes of the layer's packed weights for @kernels, G_MAXSIZE where the sizes are absurd. */
gsize limn_linear_packed_bytes (const LimnLinear *layer, const LimnKernels *kernels);
gsize limn_conv2d_packed_bytes (const LimnConv2d *layer, const LimnKernels *kernels);
void limn_norm_clear (LimnNorm *layer);

/* x: [..., in] -> [..., out]. @residual: added to the result, same shape as it, or NULL. */
LimnTensor
limn_linear (LimnRun *run, LimnLinear *layer, const LimnTensor *x, const LimnTensor *residual);

/* x: [..., in] -> [..., out / 2]: limn_geglu() of the layer's result, in one pass. */
LimnTensor limn_linear_geglu (LimnRun *run, LimnLinear *layer, const LimnTensor *x);

/* x: [n, h, w, in] -> [n, oh, ow, out], oh = (h + pad_top + pad_bottom - kh) / stride + 1. Zero
 * padding.
 * @residual as above. */
LimnTensor
limn_conv2d (LimnRun *run, LimnConv2d *layer, const LimnTensor *x, const LimnTensor *residual);

/* A normalisation that is applied where a map is read, so that the normalised map is never written:
 * activation ((x - centre) * scale + shift), each [n][channels]. The arrays are the arena's. */
typedef struct
{
  gint64 n_samples, n_channels;
  const float *centre, *scale, *shift;
  LimnActivation activation;
} LimnNormalised;

/* What a convolution does beside convolving. All zero is nothing of it. */
typedef struct
{
  /* The input */
  const LimnNormalised *normalised; /* nullable: how x is read */
  gboolean enlarge;                 /* x as twice as high and wide, each pixel four times */

  /* The output: place = factor * leaky (conv + bias) + residual */
  const float *slopes;        /* nullable, [out]: v > 0 ? v : v * slope */
  float factor;               /* 0 stands for 1 */
  const LimnTensor *residual; /* nullable: the first `out` channels of a map of the result's size */
  const LimnTensor *place;    /* nullable: where the result is written, instead of to a new map */
  gint64 place_channel;       /* the first channel of the place that is written */

  /* A band of the result's rows, into a place of one sample */
  gint64 first_row, n_rows;   /* from a multiple of 4 on, of 4 or to the last; 0: all rows */
  gint64 x_first_row, x_rows; /* x has the rows from this one on of a map of so many, the band's
                               * and those around them; 0: all of the map */
} LimnConvFused;

/* Copies the first @n_channels channels of @x to those of @place, both [n, h, w, at least so many],
 * elsewhere in memory. FALSE when the run failed. */
gboolean
limn_copy_channels (LimnRun *run, const LimnTensor *x, const LimnTensor *place, gint64 n_channels);

/* limn_conv2d() with what stands around it. x and the residual may have more channels than the
 * layer: the first ones count. The place is [n, oh, ow, >= place_channel + out]; its other channels
 * are left alone, and x may lie there. It must not be what is read, but may be the residual itself
 * where there are no slopes and no factor. Bands of a map have the bits of the whole where a table
 * has panels of its own. Returns the place, or a new map. */
LimnTensor limn_conv2d_fused (LimnRun *run,
                              LimnConv2d *layer,
                              const LimnTensor *x,
                              const LimnConvFused *fused);

/* GroupNorm over (h, w, channels / groups) per sample, then * scale + shift per channel, then
 * @activation. x: [n, h, w, c] or [n, tokens, c]. Variance is the biased one; sums in double. */
LimnTensor limn_group_norm (LimnRun *run,
                            LimnNorm *norm,
                            const LimnTensor *x,
                            int n_groups,
                            float eps,
                            LimnActivation activation);
/* The same, to be applied by whoever reads @x, of which the first channels count: FALSE when the run
 * failed. */
gboolean limn_group_norm_statistics (LimnRun *run,
                                     LimnNorm *norm,
                                     const LimnTensor *x,
                                     int n_groups,
                                     float eps,
                                     LimnActivation activation,
                                     LimnNormalised *normalised);
/* As limn_group_norm(), but with y * (1 + scale[n][c]) + shift[n][c] before the activation
 * (openaimodel's use_scale_shift_norm). @scale_shift: [n, 2c], scale first. */
LimnTensor limn_group_norm_scale_shift (LimnRun *run,
                                        LimnNorm *norm,
                                        const LimnTensor *x,
                                        int n_groups,
                                        float eps,
                                        const LimnTensor *scale_shift,
                                        LimnActivation activation);
/* LayerNorm over the last extent. */
LimnTensor limn_layer_norm (LimnRun *run, LimnNorm *norm, const LimnTensor *x, float eps);

LimnTensor limn_activate (LimnRun *run, const LimnTensor *x, LimnActivation activation);
/* x: [..., 2c] -> [..., c]: first half is the value, second half the gate: value * GELU (gate). */
LimnTensor limn_geglu (LimnRun *run, const LimnTensor *x);

/*
 * softmax (q k^T * scale) v per head, blockwise with an online softmax.
 * q: [n, tq, heads * dim], k and v: [n, tk, heads * dim]; element (t, h, d) at [t][h * dim + d].
 * @causal: query i sees keys 0 .. i (tq == tk).
 */
LimnTensor limn_attention (LimnRun *run,
                           const LimnTensor *q,
                           const LimnTensor *k,
                           const LimnTensor *v,
                           int n_heads,
                           float scale,
                           gboolean causal);

LimnTensor limn_add (LimnRun *run, const LimnTensor *a, const LimnTensor *b);
/* x: [n, h, w, c] plus b: [n, c] at every position. */
LimnTensor limn_add_channels (LimnRun *run, const LimnTensor *x, const LimnTensor *b);
/* Joins along the last extent. */
LimnTensor limn_concat_channels (LimnRun *run, const LimnTensor *a, const LimnTensor *b);
/* Joins along the first extent. */
LimnTensor limn_concat_batch (LimnRun *run, const LimnTensor *a, const LimnTensor *b);
/* Channels @first .. @first + @count - 1 as a tensor of their own. */
LimnTensor limn_slice_channels (LimnRun *run, const LimnTensor *x, gint64 first, gint64 count);

/* [n, h, w, c] -> [n, 2h, 2w, c], each pixel four times. */
LimnTensor limn_upsample_nearest_2x (LimnRun *run, const LimnTensor *x);
/* [n, h, w, c] -> [n, h/2, w/2, c], mean of 2x2; odd sides floor. */
LimnTensor limn_avg_pool_2x (LimnRun *run, const LimnTensor *x);

/* Resizing of [n, h, w, c] to [n, height, width, c]. */
typedef enum
{
  LIMN_RESIZE_NEAREST,  /* src = floor (dst * scale), as torch's F.interpolate */
  LIMN_RESIZE_BILINEAR, /* half-pixel centres, no antialiasing (align_corners False) */
  LIMN_RESIZE_AREA,     /* mean of the covered area: for shrinking */
  LIMN_RESIZE_LANCZOS,  /* Lanczos 3, widened when shrinking (antialiased) */
  LIMN_RESIZE_BICUBIC,  /* Catmull-Rom a = -0.5, widened when shrinking (as Pillow) */
  LIMN_RESIZE_MAX,      /* maximum over the covered area: for masks */
} LimnResize;
LimnTensor
limn_resize (LimnRun *run, const LimnTensor *x, gint64 height, gint64 width, LimnResize filter);

/* Layout changes at the edges of the engine: PyTorch's NCHW <-> NHWC. */
LimnTensor limn_nchw_to_nhwc (LimnRun *run, const LimnTensor *x);
LimnTensor limn_nhwc_to_nchw (LimnRun *run, const LimnTensor *x);

/* The table of inner kernels that the operations above reach through run->kernels: chosen at start
 * from the processor's features. "reference" is the plain C one that every other is tested against.
 */
const LimnKernels *limn_kernels_best (void);
const LimnKernels *limn_kernels_reference (void);
/* By name ("reference", "portable", "avx2", "avx512"), NULL when this processor cannot run it. */
const LimnKernels *limn_kernels_by_name (const char *name);
const char *limn_kernels_name (const LimnKernels *kernels);

G_END_DECLS
