/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-history.h"

G_BEGIN_DECLS

struct _LimnGeneration
{
  GObject parent_instance;

  gint64 id, created;
  guint64 seed;
  int crop_x, crop_y, crop_width, crop_height, two_pass, raw_x, raw_y, expanded;
  int steps, factor, width, height, result_x, result_y, noise_level, step_cache;
  double guidance, strength, grow, feather, paste_fade, context, seconds, eta, guidance_rescale, paste_grow, paste_feather, paste_reach;

  /* Owned */
  char *kind, *prompt, *negative, *sampler, *model, *model_hash, *engine_version, *source_name;
  char *input_hash, *mask_hash, *output_hash, *condition_hash, *raw_hash, *matched_hash;
  char *loras, *lora_hashes;
};

/* One property, and one column of the history's table: the property's name with _ for -. */
typedef struct
{
  const char *name;
  GType type;              /* G_TYPE_STRING, _INT, _INT64, _UINT64 or _DOUBLE */
  gsize offset;            /* of the field in LimnGeneration */
  int since;               /* version of the history's schema that has it first */
  double missing;          /* what a number of an older row is */
} LimnGenerationField;

/* All fields, "id" first; @n_fields of them. */
const LimnGenerationField *_limn_generation_fields (guint *n_fields);

/* Whether what was made is stored as a patch of its input. */
static inline gboolean
_limn_generation_is_patch (LimnGeneration *self)
{
  return g_strcmp0 (self->kind, "inpaint") == 0 || g_strcmp0 (self->kind, "remove") == 0;
}

static inline gpointer
_limn_generation_field (LimnGeneration *self, const LimnGenerationField *field)
{
  return (guint8 *) self + field->offset;
}

G_END_DECLS
