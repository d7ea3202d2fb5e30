/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "ui/limn-mips.h"

G_BEGIN_DECLS

/* From this scale on, picture pixels are shown as squares. */
#define LIMN_SCALER_NEAREST_FROM 2.0

/**
 * LimnScaler:
 *
 * Scratch memory for making device pixels out of a picture. Below LIMN_SCALER_NEAREST_FROM each
 * device pixel is the mean of the area of the picture that it covers (an exact box filter on the
 * nearest finer level of the pyramid), from there on the nearest pixel.
 */
typedef struct _LimnScaler LimnScaler;

LimnScaler *limn_scaler_new (void);
void limn_scaler_free (LimnScaler *scaler);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnScaler, limn_scaler_free)

/* Size of the whole picture at @scale: the number of device pixels that it touches. */
void limn_scaler_get_size (LimnMips *mips, double scale, int *width, int *height);
/* Renders @rect of the scaled picture (within its size) to @dst, channels as in @mips. Device pixel
 * i covers the picture from i / scale to (i + 1) / scale. FALSE, with nothing written, when the
 * levels could not be made before @deadline. */
gboolean limn_scaler_render (LimnScaler *scaler,
                             LimnMips *mips,
                             double scale,
                             const LimnRect *rect,
                             gint64 deadline,
                             guint8 *dst,
                             gsize stride);
/* Whether limn_scaler_render() only copies pixels at @scale, so that a sketch would gain nothing.
 */
gboolean limn_scaler_is_quick (double scale);
/* Like limn_scaler_render(), but quick and rough, for what is seen in passing: the nearest pixel of
 * the level that has about as many pixels as are shown, or else of one that is made already. */
void limn_scaler_sketch (LimnScaler *scaler,
                         LimnMips *mips,
                         double scale,
                         const LimnRect *rect,
                         guint8 *dst,
                         gsize stride);
/* The same of a picture of three channels, as opaque pixels in cairo's order; @stride in pixels. */
void limn_scaler_sketch_packed (LimnScaler *scaler,
                                LimnMips *mips,
                                double scale,
                                const LimnRect *rect,
                                guint32 *dst,
                                gsize stride);
/* The level that limn_scaler_sketch() reads, and the level's pixels that @rect needs. */
int limn_scaler_get_sketch_source (LimnMips *mips,
                                   double scale,
                                   const LimnRect *rect,
                                   LimnRect *source);
/* The level of the pyramid that is read at @scale, and the level's pixels that @rect needs. */
int limn_scaler_get_source (LimnMips *mips, double scale, const LimnRect *rect, LimnRect *source);

G_END_DECLS
