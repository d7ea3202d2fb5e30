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

typedef void (*PanelBlock) (const LimnPanelProduct *product, gint64 row);

/* Rows @row .. @row + @rows - 1 by @vectors vectors, both constant where this is inlined. */
static inline __attribute__ ((always_inline)) void
panel_block (const LimnPanelProduct *product, gint64 row, const int rows, const int vectors)
{
  vf sum[LIMN_SIMD_PANEL_ROWS][2];
  gint64 stride = product->x_stride;
  gint64 step = product->x_step;
  gint64 length = product->segment_length;
  const float *panel = product->panel;
  gint64 at = row * product->y_stride;

#pragma GCC unroll 16
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
    for (int j = 0; j < vectors; j++)
      sum[i][j] = product->init == NULL
                      ? vf_zero ()
                      : load_columns (product->init + (row + i) * product->init_stride + j * VF_N,
                                      product->n_columns - j * VF_N);

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

#pragma GCC unroll 16
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
    for (int j = 0; j < vectors; j++)
      {
        gint64 n = product->n_columns - j * VF_N;
        gint64 offset = at + i * product->y_stride + j * VF_N;

        if (product->residual != NULL)
          sum[i][j] = vf_add (sum[i][j], load_columns (product->residual + offset, n));
        store_columns (product->y + offset, sum[i][j], n);
      }
}

#define DEFINE_BLOCK(rows)                                                                         \
  static void panel_block_##rows##_1 (const LimnPanelProduct *product, gint64 row)                 \
  {                                                                                                \
    panel_block (product, row, rows, 1);                                                           \
  }                                                                                                \
  static void panel_block_##rows##_2 (const LimnPanelProduct *product, gint64 row)                 \
  {                                                                                                \
    panel_block (product, row, rows, 2);                                                           \
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

static const PanelBlock panel_blocks[LIMN_SIMD_PANEL_ROWS][2] = {
  { panel_block_1_1, panel_block_1_2 },   { panel_block_2_1, panel_block_2_2 },
  { panel_block_3_1, panel_block_3_2 },   { panel_block_4_1, panel_block_4_2 },
  { panel_block_5_1, panel_block_5_2 },   { panel_block_6_1, panel_block_6_2 },
#if LIMN_SIMD_PANEL_ROWS > 6
  { panel_block_7_1, panel_block_7_2 },   { panel_block_8_1, panel_block_8_2 },
  { panel_block_9_1, panel_block_9_2 },   { panel_block_10_1, panel_block_10_2 },
  { panel_block_11_1, panel_block_11_2 }, { panel_block_12_1, panel_block_12_2 },
#endif
};

/* In blocks of nearly equal height: a last block of one row would wait for its own results. */
static void
simd_panel_product (const LimnPanelProduct *product)
{
  gint64 n_blocks = (product->n_rows + LIMN_SIMD_PANEL_ROWS - 1) / LIMN_SIMD_PANEL_ROWS;
  int vectors = product->n_columns > VF_N ? 2 : 1;
  gint64 row = 0;

  for (gint64 block = 0; block < n_blocks; block++)
    {
      gint64 next = (block + 1) * product->n_rows / n_blocks;

      panel_blocks[next - row - 1][vectors - 1](product, row);
      row = next;
    }
}

/* ---- Attention on panels: a query in each column ---- */

static void
simd_softmax_columns (gint64 n_keys, float *s, float *max, float *sum, float *correction)
{
  for (int j = 0; j < PANEL_WIDTH; j += VF_N)
    {
      vf old_max = vf_load (max + j), new_max = old_max, total = vf_zero ();
      vf factor;

      for (gint64 key = 0; key < n_keys; key++)
        new_max = vf_max (new_max, vf_load (s + key * PANEL_WIDTH + j));
      for (gint64 key = 0; key < n_keys; key++)
        {
          vf e = vf_exp (vf_sub (vf_load (s + key * PANEL_WIDTH + j), new_max));

          vf_store (s + key * PANEL_WIDTH + j, e);
          total = vf_add (total, e);
        }
      factor = vf_exp (vf_sub (old_max, new_max));
      vf_store (max + j, new_max);
      vf_store (sum + j, vf_fma (vf_load (sum + j), factor, total));
      vf_store (correction + j, factor);
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
