/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include <cblas.h>

#include "engine/tensor/kernels-private.h"

/* Columns that BLAS is given at a time. */
#define BLAS_COLUMNS 256

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
  cblas_sgemm (CblasRowMajor, CblasNoTrans, b_transposed ? CblasTrans : CblasNoTrans, (int)m,
               (int)n, (int)k, 1.0f, a, (int)lda, b, (int)ldb, beta, y, (int)ldy);
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

  pass->n_segments = (int)MIN (MAX (depth / length, 1), lines->n_segments - pass->segment);
  pass->first = 0;
  pass->length = part;
  return pass->n_segments > 0;
}

/* @last_channel: at which the tile ends. */
static void
multiply_panel (const LimnPanels *panels,
                const LimnPanelLines *lines,
                const float *bias,
                gint64 channel,
                gint64 last_channel,
                float *room)
{
  const LimnKernels *kernels = panels->kernels;
  gint64 n_columns = MIN (panels->width, last_channel - channel);
  Pass pass = { 0 };
  gboolean first = TRUE;
  gint64 stride;
  gsize n_panels = (gsize)((last_channel + panels->width - 1) / panels->width);
  const guint8 *end = panels->data + n_panels * panels->panel_bytes;

  /* The next slice lies behind this one. */
  while (next_pass (lines, kernels->panel_depth, &pass))
    {
      gboolean last = pass.segment + pass.n_segments == lines->n_segments
                      && pass.first + pass.length == lines->segment_length;
      gint64 row = pass.segment * lines->segment_length + pass.first;
      gint64 n_rows = pass.n_segments * pass.length;
      gsize slice;
      const guint8 *ahead = limn_panels_place (panels, channel, row, n_rows, &slice) + slice;
      LimnPanelProduct product = {
        .n_rows = lines->n_rows,
        .n_columns = n_columns,
        .x_stride = lines->x_stride,
        .x_step = 1,
        .n_segments = pass.n_segments,
        .segment_length = pass.length,
        .segment_stride = lines->segment_stride,
        .panel = limn_panels_rows (panels, channel, panels->width, row, n_rows, room, &stride),
        .ahead_bytes = MIN (slice, (gsize)(end - ahead)) / (gsize)lines->n_lines,
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
          product.ahead = ahead + (gsize)line * product.ahead_bytes;
          product.residual = last && lines->residual != NULL ? lines->residual + at : NULL;
          kernels->panel_product (&product);
        }
      first = FALSE;
    }
}

void
limn_multiply_panels (const LimnPanels *panels,
                      const LimnPanelLines *lines,
                      const float *bias,
                      gint64 channel,
                      gint64 n_channels,
                      void *room)
{
  for (gint64 c = channel; c < channel + n_channels; c += panels->width)
    multiply_panel (panels, lines, bias, c, channel + n_channels, room);
}

/* In pieces that follow from the sizes alone, so that the bits do not depend on the panels' type.
 */
void
limn_multiply_blas (const LimnPanels *panels,
                    gint64 n_rows,
                    const float *x,
                    gint64 x_stride,
                    gint64 channel,
                    gint64 n_channels,
                    float *y,
                    gint64 y_stride,
                    void *room)
{
  const LimnKernels *kernels = panels->kernels;
  gint64 depth = kernels->panel_depth > 0 ? kernels->panel_depth : panels->k;
  gint64 width = kernels->panel_depth > 0 ? BLAS_COLUMNS : n_channels;

  for (gint64 c = channel; c < channel + n_channels; c += width)
    for (gint64 row = 0; row < panels->k; row += depth)
      {
        gint64 n_columns = MIN (width, channel + n_channels - c);
        gint64 length = MIN (depth, panels->k - row);
        gint64 stride;
        const float *part = limn_panels_rows (panels, c, n_columns, row, length, room, &stride);

        kernels->gemm (FALSE, n_rows, n_columns, length, x + row, x_stride, part, stride, 1.0f,
                       y + c, y_stride);
      }
}

gsize
limn_panels_room (const LimnPanels *panels)
{
  gint64 width = panels->kernels->panel_width;

  if (panels->type == LIMN_PANELS_F32)
    return 0;
  return (gsize)(panels->kernels->panel_depth * (width > 0 ? width : BLAS_COLUMNS))
         * sizeof (float);
}

/* ---- Panels as float32 ----------------------------------------------------------------------- */

/* Rows of one group after the other. */
static void
expand_int8 (const LimnPanels *self,
             const void *panel,
             gint64 column,
             gint64 n_columns,
             gint64 row,
             gint64 n_rows,
             float *room)
{
  gint64 n_groups = self->k / self->group;
  const float *first = panel, *parameters = first + column;
  const gint8 *q = (const gint8 *)(first + n_groups * self->n_parameters * self->width) + column;

  while (n_rows > 0)
    {
      gint64 group = row / self->group;
      gint64 n = MIN (n_rows, (group + 1) * self->group - row);
      const float *scale = parameters + group * self->width;

      self->kernels->expand_int8 (n, n_columns, q + row * self->width, self->width, scale,
                                  self->n_parameters > 1 ? scale + n_groups * self->width : NULL,
                                  room);
      room += n * n_columns;
      row += n;
      n_rows -= n;
    }
}

static void
expand_halves (const LimnPanels *self,
               const guint16 *from,
               gint64 n_columns,
               gint64 n_rows,
               float *room)
{
  void (*expand) (gint64 n, const guint16 *from, float *to)
      = self->type == LIMN_PANELS_F16 ? self->kernels->expand_f16 : self->kernels->expand_bf16;

  if (n_columns == self->width)
    expand (n_rows * n_columns, from, room);
  else
    for (gint64 i = 0; i < n_rows; i++)
      expand (n_columns, from + i * self->width, room + i * n_columns);
}

/* Bytes of a panel's element of columns, of INT8 without scales. */
static gsize
element_size (const LimnPanels *self)
{
  switch (self->type)
    {
    case LIMN_PANELS_F16:
    case LIMN_PANELS_BF16:
      return 2;
    case LIMN_PANELS_INT8:
      return 1;
    case LIMN_PANELS_F32:
    default:
      return 4;
    }
}

const guint8 *
limn_panels_place (const LimnPanels *self, gint64 channel, gint64 row, gint64 n_rows, gsize *bytes)
{
  gsize size = element_size (self) * (gsize)self->width;
  gsize panel = (gsize)(channel / self->width) * self->panel_bytes;

  *bytes = (gsize)n_rows * size;
  return self->data + panel + self->panel_bytes - (gsize)(self->k - row) * size;
}

const float *
limn_panels_rows (const LimnPanels *self,
                  gint64 channel,
                  gint64 n_columns,
                  gint64 row,
                  gint64 n_rows,
                  float *room,
                  gint64 *stride)
{
  /* Panels begin where a float may. */
  const void *panel = self->data + (gsize)(channel / self->width) * self->panel_bytes;
  gint64 column = channel % self->width;
  gint64 at = row * self->width + column;

  *stride = n_columns;
  switch (self->type)
    {
    case LIMN_PANELS_F16:
    case LIMN_PANELS_BF16:
      expand_halves (self, (const guint16 *)panel + at, n_columns, n_rows, room);
      return room;
    case LIMN_PANELS_INT8:
      expand_int8 (self, panel, column, n_columns, row, n_rows, room);
      return room;
    case LIMN_PANELS_F32:
    default:
      *stride = self->width;
      return (const float *)panel + at;
    }
}
