/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/text/layout-tokens.h"
#include "tests/golden/golden-model.h"
#include "tests/golden/golden.h"

/* Labelled boxes as conditions: tokens of layouts, and "token_ids" -> "context"; "X.x", "X.t" ->
 * "X.out_layout<row of the context>". */

/* ---- Boxes -> tokens ------------------------------------------------------------------------ */

static LimnLayoutConfig
read_parameters (JsonObject *object)
{
  return (LimnLayoutConfig){
    .no_object_classes = (int)json_object_get_int_member (object, "no_object_classes"),
    .no_max_objects = (int)json_object_get_int_member (object, "no_max_objects"),
    .no_tokens = (int)json_object_get_int_member (object, "no_tokens"),
    .encode_crop = json_object_get_boolean_member (object, "encode_crop"),
    .use_group_parameter = json_object_get_boolean_member (object, "use_group_parameter"),
    .use_additional_parameters
    = json_object_get_boolean_member (object, "use_additional_parameters"),
  };
}

static LimnLayoutRect
read_rect (JsonArray *array)
{
  return (LimnLayoutRect){
    .x = json_array_get_double_element (array, 0),
    .y = json_array_get_double_element (array, 1),
    .width = json_array_get_double_element (array, 2),
    .height = json_array_get_double_element (array, 3),
  };
}

static gboolean
read_flag (JsonObject *object, const char *name)
{
  return json_object_get_boolean_member_with_default (object, name, FALSE);
}

static LimnLayoutBox *
read_boxes (JsonArray *array)
{
  LimnLayoutBox *boxes = g_new0 (LimnLayoutBox, json_array_get_length (array) + 1);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);

      boxes[i] = (LimnLayoutBox){
        .category = (int)json_object_get_int_member (object, "class"),
        .box = read_rect (json_object_get_array_member (object, "bbox")),
        .is_group_of = read_flag (object, "is_group_of"),
        .is_occluded = read_flag (object, "is_occluded"),
        .is_depiction = read_flag (object, "is_depiction"),
        .is_inside = read_flag (object, "is_inside"),
      };
    }
  return boxes;
}

/* The tokens that @want lists; NULL: a layout that must be refused. */
static void
compare_tokens (Golden *golden,
                const char *name,
                const LimnLayoutConfig *config,
                const gint32 *tokens,
                gboolean expressed,
                const char *message,
                JsonArray *want)
{
  guint length = (guint)limn_layout_config_get_length (config);
  gboolean same = expressed && want != NULL && json_array_get_length (want) == length;
  g_autoptr (GString) detail = g_string_new (message);

  for (guint i = 0; same && i < length; i++)
    same = tokens[i] == json_array_get_int_element (want, i);
  for (guint i = 0; expressed && i < length; i++)
    g_string_append_printf (detail, "%d ", tokens[i]);
  golden_verdict (golden, name, want == NULL ? !expressed : same, detail->str);
}

static void
check_layout (Golden *golden, guint index, const LimnLayoutConfig *config, JsonObject *layout)
{
  JsonArray *array = json_object_get_array_member (layout, "boxes");
  g_autofree LimnLayoutBox *boxes = read_boxes (array);
  g_autofree gint32 *tokens = g_new (gint32, limn_layout_config_get_length (config));
  g_autofree char *name = g_strdup_printf ("layout%u.tokens", index);
  JsonNode *crop_node = json_object_get_member (layout, "crop");
  JsonNode *want = json_object_get_member (layout, "tokens");
  g_autoptr (GError) error = NULL;
  LimnLayoutRect crop;
  gboolean expressed;

  if (JSON_NODE_HOLDS_ARRAY (crop_node))
    crop = read_rect (json_node_get_array (crop_node));
  expressed
      = limn_layout_tokens (config, boxes, (int)json_array_get_length (array),
                            JSON_NODE_HOLDS_ARRAY (crop_node) ? &crop : NULL,
                            json_object_get_boolean_member (layout, "flip"), tokens, NULL, &error);
  compare_tokens (golden, name, config, tokens, expressed, error != NULL ? error->message : "",
                  JSON_NODE_HOLDS_ARRAY (want) ? json_node_get_array (want) : NULL);
}

static gboolean
check_layouts (Golden *golden, GError **error)
{
  g_autofree char *path = golden_path (golden, "layouts", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *root, *parameters;
  JsonArray *layouts;

  if (path == NULL)
    return TRUE;
  if (!json_parser_load_from_file (parser, path, error))
    return FALSE;
  root = json_node_get_object (json_parser_get_root (parser));
  parameters = json_object_get_object_member (root, "parameters");
  layouts = json_object_get_array_member (root, "layouts");
  for (guint i = 0; i < json_array_get_length (layouts); i++)
    {
      JsonObject *layout = json_array_get_object_element (layouts, i);
      const char *set = json_object_get_string_member (layout, "parameters");
      LimnLayoutConfig config = read_parameters (json_object_get_object_member (parameters, set));

      check_layout (golden, i, &config, layout);
    }
  return TRUE;
}

/* ---- Tokens -> context -> the UNet ---------------------------------------------------------- */

static void
check_case (Golden *golden,
            GoldenModel *model,
            LimnWeights *store,
            const char *name,
            const LimnTensor *contexts)
{
  g_autofree char *prefix = g_strconcat (name, ".out_layout", NULL);
  g_autofree char *t_name = g_strconcat (name, ".t", NULL);
  float t = (float)golden_number (store, t_name, 0);
  LimnTensor x = golden_load_map (golden, store, "%s.x", name);

  for (const char *const *want = limn_weights_list (store); *want != NULL; want++)
    {
      LimnTensor context, out;
      gint64 row;

      if (!g_str_has_prefix (*want, prefix))
        continue;
      row = (gint64)g_ascii_strtoull (*want + strlen (prefix), NULL, 10);
      if (limn_tensor_is_empty (contexts) || row >= contexts->extent[0])
        {
          golden_verdict (golden, *want, FALSE, "there is no such row of the context");
          continue;
        }
      context = golden_entry (contexts, row);
      out = limn_unet_forward (&model->unet, golden->run, &x, &t, &context);
      golden_compare_named (golden, store, *want, &out, GOLDEN_NETWORK);
    }
}

gboolean
golden_check_layout (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_autoptr (GoldenModel) model = NULL;
  g_autofree gint32 *ids = NULL;
  g_auto (GStrv) cases = NULL;
  gint64 n, tokens;
  LimnTensor contexts;

  if (store == NULL)
    return FALSE;
  model = golden_model_open (golden, "model", "config", error);
  if (model == NULL || !golden_model_need (model, GOLDEN_UNET | GOLDEN_BERT, error)
      || !check_layouts (golden, error))
    return FALSE;
  ids = golden_ids (store, "token_ids", &n, &tokens);
  contexts = limn_bert_text_forward (&model->bert, golden->run, ids, n, tokens);
  golden_compare_named (golden, store, "context", &contexts, GOLDEN_NETWORK);
  cases = golden_cases (store, ".x");
  for (char **name = cases; *name != NULL; name++)
    {
      LimnArenaMark mark = limn_run_mark (golden->run);

      check_case (golden, model, store, *name, &contexts);
      limn_run_release (golden->run, mark);
    }
  return TRUE;
}
