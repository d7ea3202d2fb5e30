/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/kernels.h"

G_BEGIN_DECLS

/*
 * Panels: how weights are laid out for the kernels. A layer is a matrix of K rows (in, or kh * kw *
 * in) and `out` columns. It is cut into panels of `width` columns; a panel is stored row after row,
 * and the last one is filled up with zeros. So the inner loop of a product walks through one panel
 * from its first byte to its last. Where a table has no panel_width, there is one panel of all
 * columns: the plain row-major matrix that BLAS wants.
 *
 * Panels have the file's own precision. A product makes float32 of the rows that it is about to
 * multiply, a slice that stays in the first-level cache; this costs a hundredth of the product, and
 * half of the memory or less. The float32 are those that limn_tensor_read_f32() gives, bit by bit.
 */
typedef enum
{
  LIMN_PANELS_F32, /* f32, f64, computed */
  LIMN_PANELS_F16,
  LIMN_PANELS_BF16,
  LIMN_PANELS_INT8, /* the quantised types: scale * q, or scale * q + offset; see quantised.c */
} LimnPanelType;

/* A panel of INT8 begins with its scales, [groups][width], and its offsets likewise; then q. */
struct _LimnPanels
{
  const LimnKernels *kernels; /* whose layout it is */
  LimnPanelType type;
  gint64 k, n_out;
  gint64 width;     /* of a panel */
  gint64 group;     /* INT8: rows that share a scale */
  int n_parameters; /* INT8: 1, or 2 with offsets */
  gsize panel_bytes;
  gsize bytes; /* of all panels */

  guint8 *data;             /* owned, but in the copy that limn_panels_prepare() fills */
  float *bias;              /* owned, nullable: [n_out] */
  LimnWeightBudget *budget; /* borrowed, nullable */
  gsize taken;              /* from the budget */
};

/* What the panels of such weights are, without any data. FALSE when the sizes are absurd. */
gboolean limn_panels_describe (LimnPanels *self,
                               const LimnKernels *kernels,
                               const LimnTensor *weight,
                               gint64 n_out,
                               gint64 n_in,
                               gint64 n_taps);

/**
 * limn_panels_prepare:
 * @weight: [n_out][n_in][n_taps]
 * @bias: [n_out] or empty
 * @budget: (nullable): what kept panels are counted in
 * @packed: the layer's own, made at first use; freed by limn_panels_free()
 * @view: filled with what to multiply by
 *
 * At first use the panels are made, in parallel, and kept while @budget has room for them. Those
 * for which it has none are made anew for each use, in memory of the run that the next layer's
 * take: so
 * @view is good until the run prepares another layer. FALSE with a sticky error, and nothing
 * changed.
 */
gboolean limn_panels_prepare (LimnRun *run,
                              const LimnTensor *weight,
                              const LimnTensor *bias,
                              gint64 n_out,
                              gint64 n_in,
                              gint64 n_taps,
                              LimnWeightBudget *budget,
                              LimnPanels **packed,
                              LimnPanels *view);
void limn_panels_free (LimnPanels *self);

/* Rows @row .. @row + @n_rows - 1 of @n_columns columns from @channel on, which lie in one panel,
 * as float32 rows that are @stride apart: the panel itself, or made in @room, which holds n_rows *
 * n_columns floats. Where tables have panels, all columns of the panel are there. */
const float *limn_panels_rows (const LimnPanels *self,
                               gint64 channel,
                               gint64 n_columns,
                               gint64 row,
                               gint64 n_rows,
                               float *room,
                               gint64 *stride);

/* Where those rows lie, of all columns of the panel, and how many bytes they have; scales of INT8
 * lie elsewhere. */
const guint8 *limn_panels_place (const LimnPanels *self,
                                 gint64 channel,
                                 gint64 row,
                                 gint64 n_rows,
                                 gsize *bytes);

/* float32 copy of a vector of @n, or of @fill where it is empty. NULL with a sticky error. */
float *limn_pack_vector (LimnRun *run, const LimnTensor *t, gint64 n, float fill);

/* Writes column j of the matrix @rows (@n_rows rows of elements of @size 1, 2 or 4 bytes, @stride
 * elements apart) to @to + @offsets[j] elements, for @n columns j. */
void limn_transpose (gsize size,
                     const void *rows,
                     gint64 stride,
                     gint64 n_rows,
                     gint64 n,
                     void *to,
                     const gint64 *offsets);

G_END_DECLS
