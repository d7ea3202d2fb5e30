/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-history"

#include "config.h"

#include <json-glib/json-glib.h>

#include "app/limn-generation-private.h"

/* Numbers in files do not depend on the language. */
static void
append_number (GString *text, const char *name, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (text, ", %s: %s", name, g_ascii_formatd (buffer, sizeof buffer, "%.7g", value));
}

/* No model was asked, so there are no steps and no guidance. */
static char *
removal_text (LimnGeneration *self)
{
  g_autoptr (GString) text
      = g_string_new (self->expanded ? "Expanded from its surroundings" : "Removed from its surroundings");

  if (limn_generation_has_seed (self))
    g_string_append_printf (text, ", Seed: %" G_GUINT64_FORMAT, self->seed);
  g_string_append_printf (text, ", Size: %dx%d, Version: Limn %s", self->width, self->height, self->engine_version);
  return g_strdup (text->str);
}

/* The one line of text that AUTOMATIC1111's web UI made common and many programs read. */
static char *
parameters_text (LimnGeneration *self)
{
  g_autoptr (GString) text = g_string_new (self->prompt);
  gboolean upscale = g_strcmp0 (self->kind, "upscale") == 0;

  if (g_strcmp0 (self->kind, "remove") == 0)
    return removal_text (self);
  if (text->len > 0)
    g_string_append_c (text, '\n');
  if (self->negative != NULL && self->negative[0] != '\0')
    g_string_append_printf (text, "Negative prompt: %s\n", self->negative);
  if (upscale && self->steps == 0)
    g_string_append (text, "Upscaled in one pass");
  else
    g_string_append_printf (text, "Steps: %d", self->steps);
  if (self->sampler != NULL && self->sampler[0] != '\0')
    g_string_append_printf (text, ", Sampler: %s", self->sampler);
  /* An upscaler that was told nothing was not guided. */
  if (!upscale || (self->prompt != NULL && self->prompt[0] != '\0'))
    append_number (text, "CFG scale", self->guidance);
  if (self->guidance_rescale >= 0.0)
    append_number (text, "CFG rescale", self->guidance_rescale);
  if (self->eta >= 0.0)
    append_number (text, "Eta", self->eta);
  if (self->step_cache > 1)
    g_string_append_printf (text, ", Step cache: %d", self->step_cache);
  if (self->two_pass)
    g_string_append (text, ", Two passes: yes");
  if (limn_generation_has_seed (self))
    g_string_append_printf (text, ", Seed: %" G_GUINT64_FORMAT, self->seed);
  g_string_append_printf (text, ", Size: %dx%d", self->width, self->height);
  if (self->model_hash != NULL)
    g_string_append_printf (text, ", Model hash: %.10s", self->model_hash);
  if (self->model != NULL)
    g_string_append_printf (text, ", Model: %s", self->model);
  if (self->loras != NULL)
    {
      g_autofree char *line = g_strdelimit (g_strdup (self->loras), "\n", ' ');

      g_string_append_printf (text, ", LoRA: %s", line);
    }
  if (g_strcmp0 (self->kind, "inpaint") == 0)
    append_number (text, "Denoising strength", self->strength);
  else if (self->factor > 0)
    g_string_append_printf (text, ", Upscale: %d", self->factor);
  if (upscale && self->noise_level > 0)
    g_string_append_printf (text, ", Noise level: %d", self->noise_level);
  g_string_append_printf (text, ", Version: Limn %s", self->engine_version);
  return g_strdup (text->str);
}

/* 64-bit numbers as strings: JSON's numbers are doubles to most readers. */
static void
add_field (JsonBuilder *builder, LimnGeneration *self, const LimnGenerationField *field)
{
  gpointer value = _limn_generation_field (self, field);
  g_autofree char *digits = NULL;

  if (field->type == G_TYPE_STRING && *(char **) value == NULL)
    return;
  json_builder_set_member_name (builder, field->name);
  switch (field->type)
    {
    case G_TYPE_STRING:
      json_builder_add_string_value (builder, *(char **) value);
      break;
    case G_TYPE_INT:
      json_builder_add_int_value (builder, *(int *) value);
      break;
    case G_TYPE_INT64:
      json_builder_add_int_value (builder, *(gint64 *) value);
      break;
    case G_TYPE_UINT64:
      digits = g_strdup_printf ("%" G_GUINT64_FORMAT, *(guint64 *) value);
      json_builder_add_string_value (builder, digits);
      break;
    default:
      json_builder_add_double_value (builder, *(double *) value);
    }
}

static char *
json_text (LimnGeneration *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  guint n_fields;
  const LimnGenerationField *fields = _limn_generation_fields (&n_fields);

  json_builder_begin_object (builder);
  /* "id" means something in one history only. */
  for (guint i = 1; i < n_fields; i++)
    add_field (builder, self, &fields[i]);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

GHashTable *
limn_generation_to_text (LimnGeneration *self)
{
  GHashTable *text;

  g_return_val_if_fail (LIMN_IS_GENERATION (self), NULL);

  text = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (text, g_strdup ("parameters"), parameters_text (self));
  g_hash_table_insert (text, g_strdup ("limn"), json_text (self));
  g_hash_table_insert (text, g_strdup ("Software"), g_strdup ("Limn " LIMN_VERSION));
  return text;
}
