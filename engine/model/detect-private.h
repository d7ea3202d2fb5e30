/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/description-private.h"

G_BEGIN_DECLS

/* A store in which tensors are looked for; the first thing that does not fit is kept. */
typedef struct
{
  LimnWeights *weights;
  LimnDescription *description;
  GError *error;
} LimnDetector;

/* Shape of a tensor; all zeros when it is not there. */
LimnTensor _limn_detect_tensor (LimnDetector *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
gboolean _limn_detect_has (LimnDetector *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* An extent that must be there, 1 .. 1000000; 0 and an error that names the tensor otherwise. */
int _limn_detect_need (LimnDetector *self, int dim, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Records "PATH: MESSAGE" unless an error is recorded already. */
void _limn_detect_fail (LimnDetector *self, int code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* The parts. Each fills its part of the description. */
void _limn_detect_unet (LimnDetector *self);
void _limn_detect_first_stage (LimnDetector *self, const char *prefix);
/* After the other two. */
void _limn_detect_condition (LimnDetector *self);
/* After all: prediction, betas, scale factor, heads. */
void _limn_detect_training (LimnDetector *self);

G_END_DECLS
