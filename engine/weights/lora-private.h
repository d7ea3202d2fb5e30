/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/weights/lora.h"

G_BEGIN_DECLS

/* What a tensor of a LoRA file is to its module. */
typedef enum
{
  LIMN_LORA_DOWN,
  LIMN_LORA_UP,
  LIMN_LORA_MID, /* the kernel between a 1x1 down and a 1x1 up */
  LIMN_LORA_ALPHA,
  LIMN_LORA_MAGNITUDE, /* DoRA */
  LIMN_LORA_HADA_W1_A,
  LIMN_LORA_HADA_W1_B,
  LIMN_LORA_HADA_W2_A,
  LIMN_LORA_HADA_W2_B,
  LIMN_LORA_KRON_W1,
  LIMN_LORA_KRON_W1_A,
  LIMN_LORA_KRON_W1_B,
  LIMN_LORA_KRON_W2,
  LIMN_LORA_KRON_W2_A,
  LIMN_LORA_KRON_W2_B,
  LIMN_LORA_TUCKER, /* of LoHa and LoKr: not supported */
  LIMN_LORA_N_ROLES,
} LimnLoraRole;

/**
 * LimnLoraModule:
 * @name: as the file has it, for messages
 * @key: "unet:" or "te:" and diffusers' path with every dot turned into an underscore. Kohya's
 * names cannot be turned back into paths, so the known paths are turned into keys instead.
 * @parts: by role; empty where the file has none
 */
typedef struct
{
  char *name;
  char *key;
  LimnTensor parts[LIMN_LORA_N_ROLES];
} LimnLoraModule;

/* All modules, in the order of their names (transfer none). */
const GPtrArray *_limn_lora_get_modules (LimnLora *lora);
gboolean _limn_lora_has (const LimnLoraModule *module, LimnLoraRole role);
gboolean _limn_lora_is_text (const LimnLoraModule *module);
/* @prefix and @path with underscores for dots (transfer full). */
char *_limn_lora_key (const char *prefix, const char *path);

/**
 * LimnLoraDelta:
 *
 * What one module adds to some rows of a weight, with its factors as float32.
 */
typedef struct _LimnLoraDelta LimnLoraDelta;
struct _LimnLoraDelta
{
  gint64 first_row, n_rows; /* of the weight */
  gint64 n_columns;         /* of a row, with all taps of a convolution */
  float scale;
  /* Adds columns @first to @first + @n - 1 of row @row (of the delta), not yet scaled, to @sum. */
  void (*add) (const LimnLoraDelta *self, gint64 row, gint64 first, gint64 n, float *sum);
  gint64 rank, rank2;
  float *a, *b;   /* LoRA: up [rows, rank], down [rank, columns]; LoHa: w1_a, w1_b; LoKr: w1, w2 */
  float *a2, *b2; /* LoHa: w2_a [rows, rank2], w2_b [rank2, columns] */
  gint64 w1_rows, w1_columns, w2_rows, w2_columns; /* LoKr; w2_columns with taps */
};

/* The change of @module for a weight of @n_rows of @n_in * @n_taps, times @weight. NULL and an
 * error that names the module when it does not fit. */
LimnLoraDelta *_limn_lora_delta_new (LimnLora *lora,
                                     const LimnLoraModule *module,
                                     gint64 n_rows,
                                     gint64 n_in,
                                     gint64 n_taps,
                                     double weight,
                                     GError **error);
void _limn_lora_delta_free (LimnLoraDelta *delta);

G_END_DECLS
