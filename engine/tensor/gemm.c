/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include <cblas.h>

#include "engine/tensor/kernels-private.h"

/* BLAS takes 32-bit sizes; tiles are far below that, but row lengths come from the model. */
void
limn_gemm_blas (gboolean b_transposed,
                gint64 m,
                gint64 n,
                gint64 k,
                const float *a,
                gint64 lda,
                const float *b,
                gint64 ldb,
                float beta,
                float *y,
                gint64 ldy)
{
  g_return_if_fail (MAX (MAX (m, n), k) <= G_MAXINT32 && MAX (MAX (lda, ldb), ldy) <= G_MAXINT32);

  if (m == 0 || n == 0)
    return;
  cblas_sgemm (CblasRowMajor, CblasNoTrans, b_transposed ? CblasTrans : CblasNoTrans, (int) m,
               (int) n, (int) k, 1.0f, a, (int) lda, b, (int) ldb, beta, y, (int) ldy);
}

/* One line after the other, one panel after the other. A panel whose rows are more than the
 * first-level cache holds is used in several passes over all lines, which add up in y: y of one
 * tile and one panel is small enough to stay in the second level. A pass is a range of whole
 * segments or, where one is too long already, a part of one. */
typedef struct
{
  int segment, n_segments;
  gint64 first, length; /* within the segment */
} Pass;

static gboolean
next_pass (const LimnPanelLines *lines, int depth, Pass *pass)
{
  gint64 length = lines->segment_length;
  gint64 n_parts = (length + depth - 1) / depth;
  gint64 part = (length + n_parts - 1) / n_parts;

  if (pass->n_segments == 0)
    pass->segment = 0;
  else if (pass->first + pass->length < length)
    {
      pass->first += pass->length;
      pass->length = MIN (part, length - pass->first);
      return TRUE;
    }
  else
    pass->segment += pass->n_segments;

  pass->n_segments = (int) MIN (MAX (depth / length, 1), lines->n_segments - pass->segment);
  pass->first = 0;
  pass->length = part;
  return pass->n_segments > 0;
}

static void
multiply_panel (const LimnKernels *kernels,
                const LimnPanelLines *lines,
                const float *panel,
                const float *bias,
                gint64 channel,
                gint64 n_columns)
{
  Pass pass = { 0 };
  gboolean first = TRUE;

  while (next_pass (lines, kernels->panel_depth, &pass))
    {
      gboolean last = pass.segment + pass.n_segments == lines->n_segments
                      && pass.first + pass.length == lines->segment_length;
      LimnPanelProduct product = {
        .n_rows = lines->n_rows,
        .n_columns = n_columns,
        .x_stride = lines->x_stride,
        .x_step = 1,
        .n_segments = pass.n_segments,
        .segment_length = pass.length,
        .segment_stride = lines->segment_stride,
        .panel = panel + (pass.segment * lines->segment_length + pass.first) * kernels->panel_width,
        .y_stride = lines->y_stride,
        .init = bias != NULL ? bias + channel : NULL,
      };

      for (gint64 line = 0; line < lines->n_lines; line++)
        {
          gint64 at = line * lines->y_line_stride + channel;

          product.x = lines->x + line * lines->x_line_stride + pass.segment * lines->segment_stride
                      + pass.first;
          product.y = lines->y + at;
          if (!first)
            {
              product.init = product.y;
              product.init_stride = lines->y_stride;
            }
          product.residual = last && lines->residual != NULL ? lines->residual + at : NULL;
          kernels->panel_product (&product);
        }
      first = FALSE;
    }
}

void
limn_multiply_panels (const LimnKernels *kernels,
                      const LimnPanelLines *lines,
                      const float *packed,
                      const float *bias,
                      gint64 channel,
                      gint64 n_channels)
{
  gint64 width = kernels->panel_width;
  gint64 panel_size = lines->n_segments * lines->segment_length * width;

  for (gint64 c = channel; c < channel + n_channels; c += width)
    multiply_panel (kernels, lines, packed + c / width * panel_size, bias, c,
                    MIN (width, channel + n_channels - c));
}
