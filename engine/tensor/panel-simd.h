/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
/*
 * The register-blocked product of rows by a packed panel; included by kernels-simd.h. A block of up
 * to LIMN_SIMD_PANEL_ROWS rows by two vectors of columns stays in registers for the whole depth;
 * each step loads two vectors of the panel and broadcasts one value of each row. One function per
 * number of rows, so that all loops over rows unroll.
 */

#define PANEL_WIDTH (2 * VF_N)
#define CACHE_LINE 64

typedef void (*PanelBlock) (const LimnPanelProduct *product, gint64 row);

/* Rows @row .. @row + @rows - 1 by @vectors vectors, of which the last has @last columns: all
 * constant where this is inlined, but @last where it is less than a vector. */
static inline __attribute__ ((always_inline)) void
panel_block (const LimnPanelProduct *product,
             gint64 row,
             const int rows,
             const int vectors,
             gint64 last)
{
  vf sum[LIMN_SIMD_PANEL_ROWS][2];
  gint64 stride = product->x_stride;
  gint64 step = product->x_step;
  gint64 length = product->segment_length;
  const float *panel = product->panel;
  gint64 y_stride = product->y_stride;
  const float *residual = product->residual;
  float *y = product->y + row * y_stride;

#pragma GCC unroll 16
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
    for (int j = 0; j < vectors; j++)
      sum[i][j] = vf_zero ();
  if (product->init != NULL)
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
      for (int j = 0; j < vectors; j++)
        sum[i][j] = load_columns (product->init + (row + i) * product->init_stride + j * VF_N,
                                  j < vectors - 1 ? VF_N : last);

  for (int segment = 0; segment < product->n_segments; segment++)
    {
      const float *x = product->x + row * stride + segment * product->segment_stride;

      for (gint64 k = 0; k < length; k++, panel += PANEL_WIDTH, x += step)
        {
          vf column[2];

#pragma GCC unroll 2
          for (int j = 0; j < vectors; j++)
            column[j] = vf_load (panel + j * VF_N);
#pragma GCC unroll 16
          for (int i = 0; i < rows; i++)
            {
              vf value = vf_set (x[i * stride]);

#pragma GCC unroll 2
              for (int j = 0; j < vectors; j++)
                sum[i][j] = vf_fma (value, column[j], sum[i][j]);
            }
        }
    }

  if (residual != NULL)
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
      for (int j = 0; j < vectors; j++)
        sum[i][j] = vf_add (sum[i][j], load_columns (residual + (row + i) * y_stride + j * VF_N,
                                                     j < vectors - 1 ? VF_N : last));
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
    for (int j = 0; j < vectors; j++)
      store_columns (y + i * y_stride + j * VF_N, sum[i][j], j < vectors - 1 ? VF_N : last);
}

/* With a last vector of fewer columns, for one vector and for two; and two whole ones, which is
 * nearly all there is: asking for each vector whether it is whole would take as long as some ten
 * steps. */
#define DEFINE_BLOCK(rows)                                                                         \
  static void panel_block_##rows##_1 (const LimnPanelProduct *product, gint64 row)                 \
  {                                                                                                \
    panel_block (product, row, rows, 1, product->n_columns);                                       \
  }                                                                                                \
  static void panel_block_##rows##_2 (const LimnPanelProduct *product, gint64 row)                 \
  {                                                                                                \
    panel_block (product, row, rows, 2, product->n_columns - VF_N);                                \
  }                                                                                                \
  static void panel_block_##rows##_whole (const LimnPanelProduct *product, gint64 row)             \
  {                                                                                                \
    panel_block (product, row, rows, 2, VF_N);                                                     \
  }
#define BLOCKS(rows)                                                                               \
  {                                                                                                \
    panel_block_##rows##_1, panel_block_##rows##_2, panel_block_##rows##_whole                     \
  }

DEFINE_BLOCK (1)
DEFINE_BLOCK (2)
DEFINE_BLOCK (3)
DEFINE_BLOCK (4)
DEFINE_BLOCK (5)
DEFINE_BLOCK (6)
#if LIMN_SIMD_PANEL_ROWS > 6
DEFINE_BLOCK (7)
DEFINE_BLOCK (8)
DEFINE_BLOCK (9)
DEFINE_BLOCK (10)
DEFINE_BLOCK (11)
DEFINE_BLOCK (12)
#endif

static const PanelBlock panel_blocks[LIMN_SIMD_PANEL_ROWS][3] = {
  BLOCKS (1), BLOCKS (2), BLOCKS (3), BLOCKS (4),  BLOCKS (5),  BLOCKS (6),
#if LIMN_SIMD_PANEL_ROWS > 6
  BLOCKS (7), BLOCKS (8), BLOCKS (9), BLOCKS (10), BLOCKS (11), BLOCKS (12),
#endif
};

/* Lines of the cache that block @block of @n_blocks fetches ahead. */
static inline void
fetch_ahead (const LimnPanelProduct *product, gint64 block, gint64 n_blocks)
{
  gint64 n_lines = (gint64)(product->ahead_bytes / CACHE_LINE);
  const char *ahead = product->ahead;

  for (gint64 i = block * n_lines / n_blocks; i < (block + 1) * n_lines / n_blocks; i++)
    __builtin_prefetch (ahead + i * CACHE_LINE, 0, 2);
}

/* In blocks of nearly equal height: a last block of one row would wait for its own results. */
static void
simd_panel_product (const LimnPanelProduct *product)
{
  gint64 n_blocks = (product->n_rows + LIMN_SIMD_PANEL_ROWS - 1) / LIMN_SIMD_PANEL_ROWS;
  gint64 row = 0;
  int columns;

  if (product->n_columns == PANEL_WIDTH)
    columns = 2;
  else
    columns = product->n_columns > VF_N ? 1 : 0;
  for (gint64 block = 0; block < n_blocks; block++)
    {
      gint64 next = (block + 1) * product->n_rows / n_blocks;

      if (product->ahead != NULL)
        fetch_ahead (product, block, n_blocks);
      panel_blocks[next - row - 1][columns](product, row);
      row = next;
    }
}

/* ---- Attention on panels: a query in each column ---- */

/* Both vectors of a row at once, so that the chains of their maxima and sums overlap. */
static void
simd_softmax_columns (gint64 n_keys, float *s, float *max, float *sum, float *correction)
{
  vf old_max[2], new_max[2], total[2];

#pragma GCC unroll 2
  for (int j = 0; j < 2; j++)
    {
      old_max[j] = new_max[j] = vf_load (max + j * VF_N);
      total[j] = vf_zero ();
    }
  for (gint64 key = 0; key < n_keys; key++)
#pragma GCC unroll 2
    for (int j = 0; j < 2; j++)
      new_max[j] = vf_max (new_max[j], vf_load (s + key * PANEL_WIDTH + j * VF_N));
#pragma GCC unroll 2
  for (gint64 key = 0; key < n_keys; key++)
#pragma GCC unroll 2
    for (int j = 0; j < 2; j++)
      {
        float *at = s + key * PANEL_WIDTH + j * VF_N;
        vf e = vf_exp2_weight (vf_sub (vf_load (at), new_max[j]));

        vf_store (at, e);
        total[j] = vf_add (total[j], e);
      }
#pragma GCC unroll 2
  for (int j = 0; j < 2; j++)
    {
      vf factor = vf_exp2_weight (vf_sub (old_max[j], new_max[j]));

      vf_store (max + j * VF_N, new_max[j]);
      vf_store (sum + j * VF_N, vf_fma (vf_load (sum + j * VF_N), factor, total[j]));
      vf_store (correction + j * VF_N, factor);
    }
}

static void
simd_scale_columns (gint64 n_rows, const float *factors, float *y)
{
  for (gint64 i = 0; i < n_rows; i++)
    for (int j = 0; j < PANEL_WIDTH; j += VF_N)
      vf_store (y + i * PANEL_WIDTH + j,
                vf_mul (vf_load (y + i * PANEL_WIDTH + j), vf_load (factors + j)));
}

/* Four floats, whatever the instruction set: transposing them in squares is as fast as the stores.
 */
typedef float v4 __attribute__ ((vector_size (16)));

static inline __attribute__ ((always_inline)) v4
v4_load (const float *p)
{
  v4 v;

  memcpy (&v, p, sizeof v);
  return v;
}

static inline __attribute__ ((always_inline)) void
v4_store (float *p, v4 v)
{
  memcpy (p, &v, sizeof v);
}

static inline __attribute__ ((always_inline)) void
v4_transpose (v4 r[4])
{
  v4 a = __builtin_shufflevector (r[0], r[1], 0, 4, 1, 5);
  v4 b = __builtin_shufflevector (r[0], r[1], 2, 6, 3, 7);
  v4 c = __builtin_shufflevector (r[2], r[3], 0, 4, 1, 5);
  v4 d = __builtin_shufflevector (r[2], r[3], 2, 6, 3, 7);

  r[0] = __builtin_shufflevector (a, c, 0, 1, 4, 5);
  r[1] = __builtin_shufflevector (a, c, 2, 3, 6, 7);
  r[2] = __builtin_shufflevector (b, d, 0, 1, 4, 5);
  r[3] = __builtin_shufflevector (b, d, 2, 3, 6, 7);
}

static void
simd_rows_to_panel (gint64 n_rows,
                    gint64 n,
                    float factor,
                    const float *x,
                    gint64 stride,
                    float *panel)
{
  const v4 factors = { factor, factor, factor, factor };
  gint64 i = 0, k;
  v4 r[4];

  for (; i + 4 <= n_rows; i += 4)
    {
      for (k = 0; k + 4 <= n; k += 4)
        {
#pragma GCC unroll 4
          for (int j = 0; j < 4; j++)
            r[j] = v4_load (x + (i + j) * stride + k) * factors;
          v4_transpose (r);
#pragma GCC unroll 4
          for (int j = 0; j < 4; j++)
            v4_store (panel + (k + j) * PANEL_WIDTH + i, r[j]);
        }
      for (; k < n; k++)
        for (int j = 0; j < 4; j++)
          panel[k * PANEL_WIDTH + i + j] = x[(i + j) * stride + k] * factor;
    }
  for (; i < PANEL_WIDTH; i++)
    for (k = 0; k < n; k++)
      panel[k * PANEL_WIDTH + i] = i < n_rows ? x[i * stride + k] * factor : 0.0f;
}

static void
simd_panel_to_rows (gint64 n_rows,
                    gint64 n,
                    const float *factors,
                    const float *panel,
                    float *y,
                    gint64 stride)
{
  gint64 i = 0, k;
  v4 r[4];

  for (; i + 4 <= n_rows; i += 4)
    {
      v4 f = v4_load (factors + i);

      for (k = 0; k + 4 <= n; k += 4)
        {
#pragma GCC unroll 4
          for (int j = 0; j < 4; j++)
            r[j] = v4_load (panel + (k + j) * PANEL_WIDTH + i) * f;
          v4_transpose (r);
#pragma GCC unroll 4
          for (int j = 0; j < 4; j++)
            v4_store (y + (i + j) * stride + k, r[j]);
        }
      for (; k < n; k++)
        for (int j = 0; j < 4; j++)
          y[(i + j) * stride + k] = panel[k * PANEL_WIDTH + i + j] * factors[i + j];
    }
  for (; i < n_rows; i++)
    for (k = 0; k < n; k++)
      y[i * stride + k] = panel[k * PANEL_WIDTH + i] * factors[i];
}
