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
  LIMN_LORA_MAGNITUDE,      /* DoRA: of outputs [out, 1, ..] or of inputs [1, in, ..] */
  LIMN_LORA_MAGNITUDE_PEFT, /* of outputs, whatever its shape */
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
 * @alpha: for a module without a tensor of it, what the file's metadata say; NAN when nothing
 * @root: rank-stabilised: alpha is divided by the root of the rank
 */
typedef struct
{
  char *name;
  char *key;
  LimnTensor parts[LIMN_LORA_N_ROLES];
  double alpha;
  gboolean root;
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
  gint64 n_taps;
  float scale;
  /* Adds columns @first to @first + @n - 1 of row @row (of the delta), not yet scaled, to @sum. */
  void (*add) (const LimnLoraDelta *self, gint64 row, gint64 first, gint64 n, float *sum);
  gint64 rank, rank2;
  float *a, *b;   /* LoRA: up [rows, rank], down [rank, columns]; LoHa: w1_a, w1_b; LoKr: w1, w2 */
  float *a2, *b2; /* LoHa: w2_a [rows, rank2], w2_b [rank2, columns] */
  gint64 w1_columns, w2_rows, w2_columns; /* LoKr; w2_columns with taps */
  LimnLoraDelta *inner;                   /* DoRA: the change of direction */
  LimnTensor base;                        /* DoRA: the rows of the weight */
  float *row_factors, *input_factors;     /* DoRA: one of them */
};

/* Columns that are worked on at a time. */
#define LIMN_LORA_STEP 512

/* What one delta is made from; for messages. */
typedef struct
{
  LimnLora *lora;
  const LimnLoraModule *module;
  GError **error;
} LimnLoraMaker;

/* Sets an error that names the module; returns FALSE. */
gboolean _limn_lora_refuse (const LimnLoraMaker *maker, int code, const char *what);
/* @count floats (transfer full), NULL and an error when there is no memory. */
float *_limn_lora_allocate (const LimnLoraMaker *maker, gint64 count);
/* A part as float32 (transfer full); an error when it has other than finite numbers. */
float *_limn_lora_load (const LimnLoraMaker *maker, const LimnTensor *tensor);

/* The change of @module for @rows, the rows of a weight that it means, times @weight. NULL and an
 * error that names the module when it does not fit. Reads the weight only for DoRA. */
LimnLoraDelta *_limn_lora_delta_new (LimnLora *lora,
                                     const LimnLoraModule *module,
                                     const LimnTensor *rows,
                                     double weight,
                                     GError **error);
void _limn_lora_delta_free (LimnLoraDelta *delta);
/* @inner (transfer full) with the magnitudes of its module. */
LimnLoraDelta *
_limn_lora_dora_new (const LimnLoraMaker *maker, LimnLoraDelta *inner, const LimnTensor *rows);

G_END_DECLS
