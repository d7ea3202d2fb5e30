/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-history"

#include "config.h"

#include "app/limn-generation-private.h"

G_DEFINE_FINAL_TYPE (LimnGeneration, limn_generation, G_TYPE_OBJECT)

#define FIELD(name, type, member) { name, type, G_STRUCT_OFFSET (LimnGeneration, member), 1, 0 }
#define FIELD_SINCE(version, name, type, member, missing)                                          \
  { name, type, G_STRUCT_OFFSET (LimnGeneration, member), version, missing }

/* The fundamental types are constants, so that this can be one, too. */
static const LimnGenerationField fields[] = {
  FIELD ("id", G_TYPE_INT64, id),
  FIELD ("kind", G_TYPE_STRING, kind),
  FIELD ("created", G_TYPE_INT64, created),
  FIELD ("prompt", G_TYPE_STRING, prompt),
  FIELD ("negative", G_TYPE_STRING, negative),
  FIELD ("sampler", G_TYPE_STRING, sampler),
  FIELD ("model", G_TYPE_STRING, model),
  FIELD ("model-hash", G_TYPE_STRING, model_hash),
  FIELD ("engine-version", G_TYPE_STRING, engine_version),
  FIELD ("source-name", G_TYPE_STRING, source_name),
  FIELD ("seed", G_TYPE_UINT64, seed),
  FIELD ("steps", G_TYPE_INT, steps),
  FIELD ("guidance", G_TYPE_DOUBLE, guidance),
  FIELD ("strength", G_TYPE_DOUBLE, strength),
  FIELD ("grow", G_TYPE_DOUBLE, grow),
  FIELD ("feather", G_TYPE_DOUBLE, feather),
  FIELD ("paste-fade", G_TYPE_DOUBLE, paste_fade),
  FIELD ("context", G_TYPE_DOUBLE, context),
  FIELD ("seconds", G_TYPE_DOUBLE, seconds),
  FIELD ("factor", G_TYPE_INT, factor),
  FIELD ("width", G_TYPE_INT, width),
  FIELD ("height", G_TYPE_INT, height),
  FIELD ("input-hash", G_TYPE_STRING, input_hash),
  FIELD ("mask-hash", G_TYPE_STRING, mask_hash),
  FIELD ("output-hash", G_TYPE_STRING, output_hash),
  FIELD ("result-x", G_TYPE_INT, result_x),
  FIELD ("result-y", G_TYPE_INT, result_y),
  FIELD_SINCE (2, "eta", G_TYPE_DOUBLE, eta, -1),
  FIELD_SINCE (2, "guidance-rescale", G_TYPE_DOUBLE, guidance_rescale, -1),
  FIELD_SINCE (2, "condition-hash", G_TYPE_STRING, condition_hash, 0),
  FIELD_SINCE (2, "loras", G_TYPE_STRING, loras, 0),
  FIELD_SINCE (2, "lora-hashes", G_TYPE_STRING, lora_hashes, 0),
  FIELD_SINCE (2, "noise-level", G_TYPE_INT, noise_level, 0),
  FIELD_SINCE (3, "step-cache", G_TYPE_INT, step_cache, 0),
  FIELD_SINCE (4, "crop-x", G_TYPE_INT, crop_x, 0),
  FIELD_SINCE (4, "crop-y", G_TYPE_INT, crop_y, 0),
  FIELD_SINCE (4, "crop-width", G_TYPE_INT, crop_width, 0),
  FIELD_SINCE (4, "crop-height", G_TYPE_INT, crop_height, 0),
  FIELD_SINCE (5, "two-pass", G_TYPE_INT, two_pass, 0),
  FIELD_SINCE (5, "raw-hash", G_TYPE_STRING, raw_hash, 0),
  FIELD_SINCE (5, "matched-hash", G_TYPE_STRING, matched_hash, 0),
  FIELD_SINCE (5, "raw-x", G_TYPE_INT, raw_x, 0),
  FIELD_SINCE (5, "raw-y", G_TYPE_INT, raw_y, 0),
  FIELD_SINCE (5, "paste-grow", G_TYPE_DOUBLE, paste_grow, 0),
  FIELD_SINCE (5, "paste-feather", G_TYPE_DOUBLE, paste_feather, 0),
  FIELD_SINCE (5, "paste-reach", G_TYPE_DOUBLE, paste_reach, 0),
  FIELD_SINCE (6, "expanded", G_TYPE_INT, expanded, 0),
};

const LimnGenerationField *
_limn_generation_fields (guint *n_fields)
{
  *n_fields = G_N_ELEMENTS (fields);
  return fields;
}

static void
limn_generation_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  LimnGeneration *self = LIMN_GENERATION (object);
  gpointer field = _limn_generation_field (self, &fields[prop_id - 1]);

  switch (fields[prop_id - 1].type)
    {
    case G_TYPE_STRING:
      g_value_set_string (value, *(char **) field);
      break;
    case G_TYPE_INT:
      g_value_set_int (value, *(int *) field);
      break;
    case G_TYPE_INT64:
      g_value_set_int64 (value, *(gint64 *) field);
      break;
    case G_TYPE_UINT64:
      g_value_set_uint64 (value, *(guint64 *) field);
      break;
    default:
      g_value_set_double (value, *(double *) field);
    }
}

static void
limn_generation_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  LimnGeneration *self = LIMN_GENERATION (object);
  gpointer field = _limn_generation_field (self, &fields[prop_id - 1]);

  /* What the history holds is what happened. */
  g_return_if_fail (self->id == 0);

  switch (fields[prop_id - 1].type)
    {
    case G_TYPE_STRING:
      g_free (*(char **) field);
      *(char **) field = g_value_dup_string (value);
      break;
    case G_TYPE_INT:
      *(int *) field = g_value_get_int (value);
      break;
    case G_TYPE_INT64:
      *(gint64 *) field = g_value_get_int64 (value);
      break;
    case G_TYPE_UINT64:
      *(guint64 *) field = g_value_get_uint64 (value);
      break;
    default:
      *(double *) field = g_value_get_double (value);
    }
}

static void
limn_generation_finalize (GObject *object)
{
  LimnGeneration *self = LIMN_GENERATION (object);

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (fields[i].type == G_TYPE_STRING)
      g_free (*(char **) _limn_generation_field (self, &fields[i]));
  G_OBJECT_CLASS (limn_generation_parent_class)->finalize (object);
}

static GParamSpec *
field_spec (const LimnGenerationField *field)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  switch (field->type)
    {
    case G_TYPE_STRING:
      return g_param_spec_string (field->name, NULL, NULL, NULL, flags);
    case G_TYPE_INT:
      return g_param_spec_int (field->name, NULL, NULL, G_MININT, G_MAXINT, 0, flags);
    case G_TYPE_INT64:
      return g_param_spec_int64 (field->name, NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
    case G_TYPE_UINT64:
      return g_param_spec_uint64 (field->name, NULL, NULL, 0, G_MAXUINT64, 0, flags);
    default:
      return g_param_spec_double (field->name, NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, flags);
    }
}

static void
limn_generation_class_init (LimnGenerationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = limn_generation_get_property;
  object_class->set_property = limn_generation_set_property;
  object_class->finalize = limn_generation_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    g_object_class_install_property (object_class, i + 1, field_spec (&fields[i]));
}

static void
limn_generation_init (LimnGeneration *self)
{
  self->created = g_get_real_time ();
  self->eta = self->guidance_rescale = -1.0;
  self->engine_version = g_strdup (LIMN_VERSION);
}

LimnGeneration *
limn_generation_new (const char *kind)
{
  g_return_val_if_fail (kind != NULL, NULL);

  return g_object_new (LIMN_TYPE_GENERATION, "kind", kind, NULL);
}

gint64
limn_generation_get_id (LimnGeneration *self)
{
  g_return_val_if_fail (LIMN_IS_GENERATION (self), 0);
  return self->id;
}

const char *
limn_generation_get_kind (LimnGeneration *self)
{
  g_return_val_if_fail (LIMN_IS_GENERATION (self), NULL);
  return self->kind;
}

static LimnRect
get_crop (LimnGeneration *self)
{
  return (LimnRect) { self->crop_x, self->crop_y, self->crop_width, self->crop_height };
}

/* One that was not asked for leaves no trace. */
static void
set_crop (LimnGeneration *self, const LimnRect *crop)
{
  if (!limn_rect_is_empty (crop))
    g_object_set (self, "crop-x", crop->x, "crop-y", crop->y, "crop-width", crop->width, "crop-height", crop->height, NULL);
}

void
limn_generation_get_inpaint_params (LimnGeneration *self, LimnInpaintParams *params)
{
  g_return_if_fail (LIMN_IS_GENERATION (self));
  g_return_if_fail (params != NULL);

  *params = (LimnInpaintParams) {
    .prompt = self->prompt != NULL ? self->prompt : "",
    .negative = self->negative != NULL ? self->negative : "",
    .seed = self->seed,
    .steps = self->steps,
    .guidance = (float) self->guidance,
    .strength = (float) self->strength,
    .sampler = self->sampler,
    .eta = (float) self->eta,
    .rescale = (float) self->guidance_rescale,
    .step_cache = self->step_cache,
    .two_pass = self->two_pass != 0,
    .grow = (float) self->grow,
    .feather = (float) self->feather,
    .paste_fade = (float) self->paste_fade,
    .context = (float) self->context,
    .crop = get_crop (self),
  };
}

void
limn_generation_set_inpaint_params (LimnGeneration *self, const LimnInpaintParams *params)
{
  g_return_if_fail (LIMN_IS_GENERATION (self));
  g_return_if_fail (params != NULL);

  /* Floats become doubles and come back as the same floats. */
  g_object_set (self, "prompt", params->prompt, "negative", params->negative, "seed", params->seed, "steps", params->steps,
                "guidance", (double) params->guidance, "strength", (double) params->strength, "sampler", params->sampler,
                "grow", (double) params->grow, "feather", (double) params->feather, "paste-fade",
                (double) params->paste_fade, "context", (double) params->context, "eta", (double) params->eta,
                "guidance-rescale", (double) params->rescale, "step-cache", params->step_cache, "two-pass",
                params->two_pass, NULL);
  set_crop (self, &params->crop);
}

void
limn_generation_get_remove_params (LimnGeneration *self, LimnRemoveParams *params)
{
  g_return_if_fail (LIMN_IS_GENERATION (self));
  g_return_if_fail (params != NULL);

  *params = (LimnRemoveParams) {
    .seed = self->seed,
    .grow = (float) self->grow,
    .paste_fade = (float) self->paste_fade,
    .context = (float) self->context,
    .crop = get_crop (self),
  };
}

void
limn_generation_set_remove_params (LimnGeneration *self, const LimnRemoveParams *params)
{
  g_return_if_fail (LIMN_IS_GENERATION (self));
  g_return_if_fail (params != NULL);

  g_object_set (self, "seed", params->seed, "grow", (double) params->grow, "paste-fade", (double) params->paste_fade, "context",
                (double) params->context, NULL);
  set_crop (self, &params->crop);
}

void
limn_generation_get_upscale_params (LimnGeneration *self, LimnUpscaleParams *params)
{
  g_return_if_fail (LIMN_IS_GENERATION (self));
  g_return_if_fail (params != NULL);

  *params = (LimnUpscaleParams) {
    .factor = self->factor,
    .seed = self->seed,
    .steps = self->steps,
    .sampler = self->sampler,
    .prompt = self->prompt,
    .negative = self->negative,
    .guidance = (float) self->guidance,
    .noise_level = self->noise_level,
  };
}

void
limn_generation_set_upscale_params (LimnGeneration *self, const LimnUpscaleParams *params)
{
  g_return_if_fail (LIMN_IS_GENERATION (self));
  g_return_if_fail (params != NULL);

  g_object_set (self, "factor", params->factor, "seed", params->seed, "steps", params->steps, "sampler", params->sampler,
                "prompt", params->prompt, "negative", params->negative, "guidance", (double) params->guidance, "noise-level",
                params->noise_level, NULL);
}

/* Upscaling in one pass is what has no steps. */
gboolean
limn_generation_has_seed (LimnGeneration *self)
{
  g_return_val_if_fail (LIMN_IS_GENERATION (self), FALSE);

  if (g_strcmp0 (self->kind, "upscale") == 0)
    return self->steps > 0;
  return g_strcmp0 (self->kind, "remove") != 0 || self->seed != 0;
}
