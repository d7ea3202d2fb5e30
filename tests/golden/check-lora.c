/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/weights/lora.h"
#include "tests/golden/golden-model.h"
#include "tests/golden/golden.h"

/* LoRA files: "cases" of fixture.json lists for each case files and weights. "CASE.context" is what
 * the changed text encoder makes of "ids", "CASE.unet_out" what the changed UNet makes of "x", "t"
 * and that context, "CASE.unet_out_base_context" the same with the context of case "base";
 * "merged_weight.CASE.NAME" is a changed tensor. Without a "config" only these are checked. */

typedef struct
{
  Golden *golden;
  LimnWeights *store;
  LimnWeights *base;
  char *config, *text_config;
} Fixture;

static void
fixture_clear (Fixture *self)
{
  g_clear_pointer (&self->store, limn_weights_unref);
  g_clear_pointer (&self->base, limn_weights_unref);
  g_free (self->config);
  g_free (self->text_config);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

/* The base model's weights with the LoRAs of @list, [[file, weight], ...]. */
static LimnWeights *
merge (Fixture *self, JsonArray *list, GError **error)
{
  guint n = json_array_get_length (list);
  g_autofree LimnLoraUse *uses = g_new0 (LimnLoraUse, n + 1);
  LimnWeights *merged = NULL;
  gboolean opened = TRUE;

  for (guint i = 0; opened && i < n; i++)
    {
      JsonArray *use = json_array_get_array_element (list, i);
      g_autofree char *path
          = g_build_filename (self->golden->dir, json_array_get_string_element (use, 0), NULL);

      uses[i].weight = uses[i].text_weight = json_array_get_double_element (use, 1);
      uses[i].lora = limn_lora_open (path, error);
      opened = uses[i].lora != NULL;
    }
  if (opened)
    merged = limn_weights_with_loras (self->base, uses, n, NULL, error);
  for (guint i = 0; i < n; i++)
    limn_lora_unref (uses[i].lora);
  return merged;
}

static void
check_merged (Fixture *self, LimnWeights *merged, const char *name)
{
  g_autofree char *prefix = g_strdup_printf ("merged_weight.%s.", name);

  for (const char *const *line = limn_weights_list (self->store); *line != NULL; line++)
    if (g_str_has_prefix (*line, prefix))
      {
        LimnTensor got = golden_load (self->golden, merged, "%s", *line + strlen (prefix));
        LimnTensor want = golden_load (self->golden, self->store, "%s", *line);

        /* Both in the file's layout. */
        if (!limn_tensor_is_empty (&got) && !limn_tensor_is_empty (&want))
          {
            got = limn_tensor_1d (got.dtype, got.data, limn_tensor_count (&got));
            want = limn_tensor_1d (want.dtype, want.data, limn_tensor_count (&want));
          }
        golden_compare (self->golden, *line, &got, &want, GOLDEN_NETWORK);
      }
}

static void
compare_unet (Fixture *self, GoldenModel *model, const char *name, const LimnTensor *context)
{
  LimnTensor x = golden_load_map (self->golden, self->store, "x");
  float t = (float)golden_number (self->store, "t", 0);
  LimnTensor out;

  if (!limn_weights_has (self->store, name))
    return;
  out = limn_unet_forward (&model->unet, self->golden->run, &x, &t, context);
  golden_compare_named (self->golden, self->store, name, &out, GOLDEN_NETWORK);
}

static gboolean
check_networks (Fixture *self, LimnWeights *merged, const char *name, GError **error)
{
  g_autofree char *context_name = g_strconcat (name, ".context", NULL);
  g_autofree char *out = g_strconcat (name, ".unet_out", NULL);
  g_autofree char *out_base = g_strconcat (name, ".unet_out_base_context", NULL);
  g_autoptr (GoldenModel) model
      = golden_model_open_weights (merged, self->config, self->text_config, error);
  LimnTensor context;

  if (model == NULL || !golden_model_need (model, GOLDEN_UNET | GOLDEN_TEXT, error))
    return FALSE;
  context = golden_model_encode_ids (self->golden, model, self->store, "ids");
  golden_compare_named (self->golden, self->store, context_name, &context, GOLDEN_NETWORK);
  compare_unet (self, model, out, &context);
  if (limn_weights_has (self->store, out_base))
    {
      context = golden_load (self->golden, self->store, "base.context");
      compare_unet (self, model, out_base, &context);
    }
  return TRUE;
}

static gboolean
check_case (Fixture *self, const char *name, JsonArray *list, GError **error)
{
  g_autoptr (LimnWeights) merged = merge (self, list, error);
  LimnArenaMark mark = limn_run_mark (self->golden->run);

  if (merged == NULL)
    return FALSE;
  check_merged (self, merged, name);
  if (self->config != NULL && !check_networks (self, merged, name, error))
    return FALSE;
  limn_run_release (self->golden->run, mark);
  return limn_run_check (self->golden->run, error);
}

gboolean
golden_check_lora (Golden *golden, GError **error)
{
  g_auto (Fixture) self = { .golden = golden };
  g_autofree char *folder = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *list;

  self.store = golden_open (golden, "golden", error);
  self.base = self.store != NULL ? golden_open (golden, "model", error) : NULL;
  self.config = golden_path (golden, "config", NULL);
  if (self.base == NULL)
    return FALSE;
  if (!json_object_has_member (golden->fixture, "cases"))
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING,
                   "%s/fixture.json has no “cases”", golden->dir);
      return FALSE;
    }
  folder = g_path_get_dirname (limn_weights_get_path (self.base));
  self.text_config = g_build_filename (folder, "text_encoder_config.json", NULL);
  json_object_iter_init (&iter, json_object_get_object_member (golden->fixture, "cases"));
  while (json_object_iter_next (&iter, &name, &list))
    if (!check_case (&self, name, json_node_get_array (list), error))
      return FALSE;
  return TRUE;
}
