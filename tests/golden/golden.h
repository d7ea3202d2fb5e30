/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <json-glib/json-glib.h>

#include "engine/tensor/kernels.h"
#include "engine/weights/weights.h"

G_BEGIN_DECLS

/* Largest |got - want| / max |want| of a tensor that passes: one evaluation of a network, a state
 * of a trajectory. */
#define GOLDEN_NETWORK 1e-4
#define GOLDEN_TRAJECTORY 1e-3
/* Values that are computed in float64 and stored as float32. */
#define GOLDEN_SCHEDULE 1e-6
/* 8-bit pictures: at most one level off, on at most this share of the samples. */
#define GOLDEN_U8_SHARE 0.005

/**
 * Golden:
 *
 * One run over one fixture: its folder and fixture.json, where to compute, and the count of what
 * was compared.
 */
typedef struct
{
  const char *dir;
  JsonObject *fixture;
  LimnRun *run;
  int n_checked, n_failed, n_skipped;
} Golden;

/* What runs the fixtures of one kind. FALSE and @error when it could not be run at all; differences
 * are counted instead. */
typedef struct
{
  const char *kind;
  gboolean (*check) (Golden *golden, GError **error);
} GoldenKind;

gboolean golden_check_autoencoder (Golden *golden, GError **error);
gboolean golden_check_unet (Golden *golden, GError **error);
gboolean golden_check_text (Golden *golden, GError **error);
gboolean golden_check_tokenizer (Golden *golden, GError **error);
gboolean golden_check_samplers (Golden *golden, GError **error);
gboolean golden_check_inpaint_sd (Golden *golden, GError **error);
gboolean golden_check_inpaint_ldm (Golden *golden, GError **error);
gboolean golden_check_img2img (Golden *golden, GError **error);
gboolean golden_check_superres (Golden *golden, GError **error);
gboolean golden_check_containers (Golden *golden, GError **error);
gboolean golden_check_folder (Golden *golden, GError **error);
gboolean golden_check_gguf (Golden *golden, GError **error);
gboolean golden_check_lora (Golden *golden, GError **error);
gboolean golden_check_esrgan (Golden *golden, GError **error);
gboolean golden_check_taesd (Golden *golden, GError **error);
gboolean golden_check_class (Golden *golden, GError **error);
gboolean golden_check_class_sample (Golden *golden, GError **error);
gboolean golden_check_bert (Golden *golden, GError **error);
gboolean golden_check_wordpiece (Golden *golden, GError **error);
gboolean golden_check_semantic (Golden *golden, GError **error);
gboolean golden_check_layout (Golden *golden, GError **error);
gboolean golden_check_upscaler (Golden *golden, GError **error);

/* ---- The fixture ---------------------------------------------------------------------------- */

/* Path of the file that @member of fixture.json names; @fallback (nullable) when there is no such
 * member. NULL (and no error) when there is neither. Transfer full. */
char *golden_path (Golden *golden, const char *member, const char *fallback);
/* The same as an opened store; a missing member is an error. */
LimnWeights *golden_open (Golden *golden, const char *member, GError **error);

/* The names "X" for which @store has X + @suffix, sorted; NULL-terminated (transfer full). */
char **golden_cases (LimnWeights *store, const char *suffix);

/* ---- Tensors -------------------------------------------------------------------------------- */

/* A floating-point tensor as float32 in the arena, layout as stored; fails the run when it is not
 * there. */
LimnTensor
golden_load (Golden *golden, LimnWeights *store, const char *name_format, ...) G_GNUC_PRINTF (3, 4);
/* A tensor [n, c, h, w] as NHWC. */
LimnTensor golden_load_map (Golden *golden, LimnWeights *store, const char *name_format, ...)
    G_GNUC_PRINTF (3, 4);
/* A float32 tensor of five extents, more than the engine has use for, of the safetensors file that
 * @member of fixture.json names, with its first two joined; @n: the second of them. The empty tensor
 * and @error when it is not there. */
LimnTensor golden_load_stacks (Golden *golden, const char *member, const char *name, gint64 *n,
                               GError **error);
/* Entry @index of the outermost extent, which becomes 1. */
LimnTensor golden_entry (const LimnTensor *stack, gint64 index);
/* Numbers of any type as doubles (transfer full), NULL when the tensor is not there; @n: how many.
 */
double *golden_numbers (LimnWeights *store, const char *name, gint64 *n);
/* A single number; @fallback when it is not there. */
double golden_number (LimnWeights *store, const char *name, double fallback);

/* ---- Comparing: each prints a line and counts ----------------------------------------------- */

/* @got as NHWC (4 extents) or rows, @want in the fixture's layout. */
void golden_compare (Golden *golden, const char *name, const LimnTensor *got,
                     const LimnTensor *want, double tolerance);
/* Against tensor @name of the store. */
void golden_compare_named (Golden *golden, LimnWeights *store, const char *name,
                           const LimnTensor *got, double tolerance);
void golden_compare_numbers (Golden *golden, const char *name, const double *got, gint64 n_got,
                             const double *want, gint64 n_want, double tolerance);
/* @got: a picture of the network, [1, h, w, 3] in [-1, 1]; @want: [h, w, 3] bytes. Rounds as
 * diffusers does. */
void
golden_compare_u8 (Golden *golden, const char *name, const LimnTensor *got, const LimnTensor *want);
/* @unit: a picture in [0, 1]. Rounds towards zero as latent-diffusion's scripts do. */
void golden_compare_u8_truncated (Golden *golden, const char *name, const LimnTensor *unit,
                                  const LimnTensor *want);
/* A picture of the network, about [-1, 1], as [0, 1], clamped, in the arena. */
LimnTensor golden_unit (Golden *golden, const LimnTensor *picture);
/* A check that is true or false. */
void golden_verdict (Golden *golden, const char *name, gboolean passed, const char *detail);
/* Something that this engine does not do: counted, not a failure. */
void golden_skip (Golden *golden, const char *name, const char *why);

G_END_DECLS
