/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/panels-private.h"

G_BEGIN_DECLS

/* A product over rows that BLAS cannot be given: y[i] = init[i] + sum_s sum_k x[i * x_stride + s *
 * segment_stride + k * x_step] * panel[s * segment_length + k], for rows i of one panel. A segment
 * is a row of the filter window (kw * in values), or all of a linear layer's input. */
typedef struct
{
  gint64 n_rows;
  gint64 n_columns; /* columns of the panel that exist, <= panel_width */
  const float *x;
  gint64 x_stride;
  gint64 x_step; /* 1, or the row length of a matrix that is read by columns */
  int n_segments;
  gint64 segment_length;
  gint64 segment_stride;
  const float *panel;
  const float *init;     /* nullable: zero */
  gint64 init_stride;    /* 0: the same for every row */
  const float *residual; /* nullable: nothing to add */
  float *y;
  gint64 y_stride; /* of residual too */
  /* What will be read next and nothing fetches: brought into the second-level cache meanwhile. */
  const void *ahead; /* nullable */
  gsize ahead_bytes;
} LimnPanelProduct;

/* A convolution, as the tiles of all threads share it. */
typedef struct
{
  const LimnKernels *kernels;
  /* [n][h][w][in], or half as high and wide when it is enlarged; of a band only the rows that it
   * needs are there */
  const float *x;
  const LimnPanels *panels;
  const float *bias;     /* nullable */
  const float *residual; /* nullable, as y */
  float *y;              /* [n][oh][ow][out] */
  gint64 h, w, in;
  gint64 oh, ow, out;
  gint64 first_row, n_rows; /* of the output: what is computed */
  gint64 x_pixel, residual_pixel, y_pixel; /* floats from a pixel to the next */
  int enlarged;                            /* 1: each pixel of x stands for four */
  const LimnNormalised *normalised;        /* nullable: how x is read */
  const float *slopes;                     /* nullable */
  float factor;
  int kernel_h, kernel_w;
  int stride;
  int pad_top, pad_left;
} LimnConvJob;

/* A box of the output of one sample. */
typedef struct
{
  gint64 sample;
  gint64 row, n_rows;
  gint64 column, n_columns;
  gint64 channel, n_channels; /* channel is a multiple of LIMN_CHANNEL_STEP */
} LimnConvTile;

/* Where in x a pixel of the (enlarged) input lies, in floats. */
static inline gint64
limn_conv_pixel (const LimnConvJob *job, gint64 sample, gint64 row, gint64 column)
{
  gint64 h = job->h >> job->enlarged, w = job->w >> job->enlarged;

  return ((sample * h + (row >> job->enlarged)) * w + (column >> job->enlarged)) * job->x_pixel;
}

/* Input pixels @column .. @column + @n_columns - 1 of a row as the layer sees them, [n_columns][in]:
 * enlarged, normalised, and zero outside of the map. */
void limn_conv_read_line (const LimnConvJob *job,
                          gint64 sample,
                          gint64 row,
                          gint64 column,
                          gint64 n_columns,
                          float *to);

/* Where the outputs of a Winograd tile go; strides in floats: y = factor * leaky (sum + bias) +
 * residual. */
typedef struct
{
  const float *bias;     /* nullable */
  const float *slopes;   /* nullable */
  const float *residual; /* nullable */
  float factor;
  float *y;
  gint64 row_stride, column_stride;
  gint64 residual_row_stride, residual_column_stride;
  int n_rows, n_columns; /* that exist, up to the tile's size */
} LimnWinogradOutput;

/* Channels are split among tiles at multiples of this, which every panel_width divides. */
#define LIMN_CHANNEL_STEP 32

typedef struct
{
  const LimnKernels *kernels;
  const float *q; /* [n][tokens][heads * dim] */
  float *y;       /* as q */
  /* The keys of this step: key first_key + j of a head lies at sample * key_sample + head *
   * key_head + j * key_stride. */
  const float *k, *v;
  gint64 key_sample, key_head, key_stride;
  gint64 n_queries, n_keys; /* all keys */
  gint64 first_key, n_step_keys;
  /* What passes from a step to the next beside the sums, which lie in y: maximum and sum of each
   * query, [n][heads][queries][2]. NULL where all keys are taken in one step. */
  float *state;
  gint64 n_heads, dim;
  float scale;
  gboolean causal;
} LimnAttentionJob;

/* Queries @query .. @query + @n_queries - 1 of one head of one sample. */
typedef struct
{
  gint64 sample, head;
  gint64 query, n_queries;
} LimnAttentionTile;

/*
 * The inner kernels. They know nothing of runs, arenas and threads; lengths may be 0; results may
 * lie on operands of the same layout unless it says otherwise.
 */
struct _LimnKernels
{
  const char *name;
  int panel_width;
  /* Rows of a panel that stay in the first-level cache, or that BLAS is given at a time. 0: all of
   * them, and panels are float32 whatever the weights are. */
  int panel_depth;

  /* y (m x n) = a (m x k) * b + beta * y, b (k x n), or (n x k) when @b_transposed. Row-major with
   * row lengths lda, ldb, ldy. beta is 0 or 1; with 0 what was in y does not matter. */
  void (*gemm) (gboolean b_transposed,
                gint64 m,
                gint64 n,
                gint64 k,
                const float *a,
                gint64 lda,
                const float *b,
                gint64 ldb,
                float beta,
                float *y,
                gint64 ldy);
  /* NULL where panel_width is 0. */
  void (*panel_product) (const LimnPanelProduct *product);

  /* Elements of panels as float32, exactly. */
  void (*expand_f16) (gint64 n, const guint16 *from, float *to);
  void (*expand_bf16) (gint64 n, const guint16 *from, float *to);
  /* @n_rows rows of @n, of one group: to = scale[j] * q + offset[j] (nullable), each rounded. Rows of
   * q are @stride apart, those of @to @n. */
  void (*expand_int8) (gint64 n_rows,
                       gint64 n,
                       const gint8 *q,
                       gint64 stride,
                       const float *scale,
                       const float *offset,
                       float *to);

  gsize (*conv_scratch) (const LimnConvJob *job, const LimnConvTile *largest);
  void (*conv_tile) (const LimnConvJob *job, const LimnConvTile *tile, void *scratch);

  /* Winograd's transforms (winograd-private.h) of @n problems side by side, in tiles of @size 2 or
   * 4; the points of one problem are a stride apart. NULL in the reference table, which
   * always convolves directly. */
  /* v = B^T d B; @pixels: where the (size + 2)^2 inputs of the tile lie, each of @n channels. */
  void (*winograd_input) (int size, gint64 n, const float *const *pixels, float *v, gint64 stride);
  /* u = G g G^T; @taps: the nine of the filter, @tap_stride apart. */
  void (*winograd_weights) (int size,
                            gint64 n,
                            const float *taps,
                            gint64 tap_stride,
                            float *u,
                            gint64 stride);
  /* y of A^T m A */
  void (*winograd_output) (int size,
                           gint64 n,
                           const float *m,
                           gint64 stride,
                           const LimnWinogradOutput *output);

  /* Steps of an attention begin at multiples of so many keys. 0: there is one step only. */
  int attention_keys;
  gsize (*attention_scratch) (const LimnAttentionJob *job, gint64 n_queries);
  void (*attention_tile) (const LimnAttentionJob *job,
                          const LimnAttentionTile *tile,
                          void *scratch);
  /* One row of scores of a block of keys: s = exp (scale * s - max), where max becomes the larger
   * of what it was and the block's; the sum becomes sum * correction + that of the block. The first
   * @n_visible columns count, the rest of the @n becomes 0. Returns the correction,
   * exp (old max - new max), that what was accumulated so far needs. */
  float (*softmax_row) (gint64 n, gint64 n_visible, float scale, float *s, float *max, float *sum);

  /* The four below are NULL where panel_width is 0. */
  /* The same for a block that lies on its side: @s: [n_keys][panel_width], a query in each column;
   * @max, @sum and @correction: [panel_width]. All keys count, the scale is in s already, and
   * powers are of 2: s = 2^(s - max). */
  void (*softmax_columns) (gint64 n_keys, float *s, float *max, float *sum, float *correction);
  /* y: [n_rows][panel_width], each row times @factors. */
  void (*scale_columns) (gint64 n_rows, const float *factors, float *y);
  /* panel[k][i] = factor * x[i * stride + k] for @n_rows rows of @n values; columns beyond are 0.
   */
  void (*rows_to_panel) (gint64 n_rows,
                         gint64 n,
                         float factor,
                         const float *x,
                         gint64 stride,
                         float *panel);
  /* y[i * stride + k] = factors[i] * panel[k][i] */
  void (*panel_to_rows) (gint64 n_rows,
                         gint64 n,
                         const float *factors,
                         const float *panel,
                         float *y,
                         gint64 stride);

  void (*activate) (LimnActivation activation, gint64 n, const float *x, float *y);
  /* y = value * GELU (gate) */
  void (*geglu) (gint64 n, const float *value, const float *gate, float *y);

  /* sums[c] and sums[channels + c]: sum and sum of squares over the rows of column c; rows are
   * @stride apart. */
  void (*channel_sums) (
      gint64 rows, gint64 channels, const float *x, gint64 stride, double *sums);
  /* y = activation ((x - centre[c]) * scale[c] + shift[c]). With the mean as centre the difference
   * is exact where x hardly varies, where x * scale would drown it. */
  void (*affine) (LimnActivation activation,
                  gint64 rows,
                  gint64 channels,
                  const float *x,
                  const float *centre,
                  const float *scale,
                  const float *shift,
                  float *y);
  /* Each row less its mean over its deviation, times scale[c] plus shift[c]. */
  void (*layer_norm) (gint64 rows,
                      gint64 channels,
                      float eps,
                      const float *x,
                      const float *scale,
                      const float *shift,
                      float *y);

  void (*add) (gint64 n, const float *a, const float *b, float *y);
  /* y = y * factor */
  void (*scale) (gint64 n, float factor, float *y);
  /* y = y + weight * x */
  void (*accumulate) (gint64 n, float weight, const float *x, float *y);
};

/* Makes what a norm keeps of its weights. FALSE with a sticky error. */
gboolean limn_norm_prepare (LimnRun *run, LimnNorm *norm);
/* limn_group_norm_statistics() and limn_group_norm_scale_shift(); @scale_shift: (nullable). */
gboolean limn_norm_statistics (LimnRun *run,
                               LimnNorm *norm,
                               const LimnTensor *x,
                               int n_groups,
                               float eps,
                               const LimnTensor *scale_shift,
                               LimnNormalised *normalised);

/* Lines of rows that one packed matrix multiplies: the pixels of the rows of a tile, or (one line)
 * the rows of a linear layer. Strides in floats; the residual has the layout of y. */
typedef struct
{
  gint64 n_lines;
  gint64 n_rows; /* of one line */
  const float *x;
  gint64 x_line_stride, x_stride;
  int n_segments; /* see LimnPanelProduct */
  gint64 segment_length, segment_stride;
  const float *residual; /* nullable */
  float *y;
  gint64 y_line_stride, y_stride;
} LimnPanelLines;

/* Columns @channel .. @channel + @n_channels - 1 of lines * panels + bias + residual; @x, @y and
 * @residual point at column 0. Panel by panel, in passes whose part of the panel stays in the
 * cache. @room: limn_panels_room() bytes. */
void limn_multiply_panels (const LimnPanels *panels,
                           const LimnPanelLines *lines,
                           const float *bias,
                           gint64 channel,
                           gint64 n_channels,
                           void *room);
/* y = y + x * panels, in the same columns, where BLAS multiplies; x and y point at column 0. */
void limn_multiply_blas (const LimnPanels *panels,
                         gint64 n_rows,
                         const float *x,
                         gint64 x_stride,
                         gint64 channel,
                         gint64 n_channels,
                         float *y,
                         gint64 y_stride,
                         void *room);
/* Bytes of scratch that either needs: 0 for panels of float32. */
gsize limn_panels_room (const LimnPanels *panels);

/* Shared by the tables that multiply through BLAS: im2col blocks, and blockwise attention. */
void limn_gemm_blas (gboolean b_transposed,
                     gint64 m,
                     gint64 n,
                     gint64 k,
                     const float *a,
                     gint64 lda,
                     const float *b,
                     gint64 ldb,
                     float beta,
                     float *y,
                     gint64 ldy);
gsize limn_conv_im2col_scratch (const LimnConvJob *job, const LimnConvTile *largest);
void limn_conv_im2col_tile (const LimnConvJob *job, const LimnConvTile *tile, void *scratch);
gsize limn_conv_panels_scratch (const LimnConvJob *job, const LimnConvTile *largest);
void limn_conv_panels_tile (const LimnConvJob *job, const LimnConvTile *tile, void *scratch);
/* What both divide. */
#define LIMN_ATTENTION_KEYS 256
gsize limn_attention_blocks_scratch (const LimnAttentionJob *job, gint64 n_queries);
void limn_attention_blocks_tile (const LimnAttentionJob *job,
                                 const LimnAttentionTile *tile,
                                 void *scratch);
gsize limn_attention_panels_scratch (const LimnAttentionJob *job, gint64 n_queries);
void limn_attention_panels_tile (const LimnAttentionJob *job,
                                 const LimnAttentionTile *tile,
                                 void *scratch);

/* The tables. Those of an instruction set may be entered only where the processor has it. */
const LimnKernels *limn_kernels_portable (void);
#ifdef LIMN_HAVE_AVX2
const LimnKernels *limn_kernels_avx2 (void);
#endif
#ifdef LIMN_HAVE_AVX512
const LimnKernels *limn_kernels_avx512 (void);
#endif

G_END_DECLS
