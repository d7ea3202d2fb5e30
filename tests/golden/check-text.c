/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <stdio.h>
#include <string.h>

#include "engine/text/tokenizer.h"
#include "tests/golden/golden-model.h"
#include "tests/golden/golden.h"

/* ---- CLIP text encoders --------------------------------------------------------------------- */

/* One folder with config.json, model.safetensors and golden.safetensors. */
static gboolean
check_variant (Golden *golden, const char *variant, GError **error)
{
  g_autofree char *config_path = g_build_filename (golden->dir, variant, "config.json", NULL);
  g_autofree char *model_path = g_build_filename (golden->dir, variant, "model.safetensors", NULL);
  g_autofree char *golden_file = g_build_filename (golden->dir, variant, "golden.safetensors",
                                                   NULL);
  g_autoptr (LimnWeights) store = limn_weights_open (golden_file, error);
  g_autoptr (GoldenModel) model = NULL;
  g_autofree gint32 *ids = NULL;
  gint64 n, tokens;
  int n_blocks;

  if (store == NULL)
    return FALSE;
  model = golden_model_open_files (model_path, NULL, config_path, error);
  if (model == NULL || !golden_model_need (model, GOLDEN_TEXT, error))
    return FALSE;
  ids = golden_ids (store, "ids", &n, &tokens);
  n_blocks = model->text.config.num_hidden_layers;
  for (const char *const *want = limn_weights_list (store); ids != NULL && *want != NULL; want++)
    {
      gboolean last = g_str_equal (*want, "last_hidden_state");
      gboolean penultimate = g_str_equal (*want, "penultimate_then_final_ln");
      LimnTensor got;
      int state;

      if (last || penultimate)
        got = golden_model_text_state (golden, model, ids, n, tokens, penultimate ? 1 : 0);
      else if (sscanf (*want, "hidden_state_%d", &state) == 1 && state >= 0 && state <= n_blocks)
        got = limn_clip_text_hidden (&model->text, golden->run, ids, n, tokens, state);
      else
        continue;

      LimnTensor expected = golden_load (golden, store, "%s", *want);
      g_autofree char *name = g_strdup_printf ("%s/%s", variant, *want);

      golden_compare (golden, name, &got, &expected, GOLDEN_NETWORK);
    }
  return TRUE;
}

gboolean
golden_check_text (Golden *golden, GError **error)
{
  JsonArray *variants;

  if (!json_object_has_member (golden->fixture, "variants"))
    return check_variant (golden, ".", error);
  variants = json_object_get_array_member (golden->fixture, "variants");
  for (guint i = 0; i < json_array_get_length (variants); i++)
    if (!check_variant (golden, json_array_get_string_element (variants, i), error))
      return FALSE;
  return TRUE;
}

/* ---- Tokenizers ----------------------------------------------------------------------------- */

static char *
describe_ids (GArray *ids)
{
  GString *text = g_string_new ("got");

  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (text, " %u", g_array_index (ids, guint32, i));
  return g_string_free (text, FALSE);
}

static gboolean
same_ids (GArray *got, JsonArray *want)
{
  if (got->len != json_array_get_length (want))
    return FALSE;
  for (guint i = 0; i < got->len; i++)
    if (g_array_index (got, guint32, i) != (guint32) json_array_get_int_element (want, i))
      return FALSE;
  return TRUE;
}

/* Rows in which the reference's own tokenizers disagree depend on a library that cleans text up;
 * they are advisory. */
static void
check_row (Golden *golden, LimnTokenizer *tokenizer, const char *folder, guint index,
           JsonObject *row)
{
  g_autofree char *member = g_strconcat (folder, "_ids", NULL);
  g_autofree char *name = g_strdup_printf ("%s.row%u", folder, index);
  g_autoptr (GArray) ids = NULL;
  g_autofree char *detail = NULL;

  if (!json_object_has_member (row, member))
    return;
  ids = limn_tokenizer_encode (tokenizer, json_object_get_string_member (row, "prompt"));
  if (same_ids (ids, json_object_get_array_member (row, member)))
    {
      golden_verdict (golden, name, TRUE, NULL);
      return;
    }
  detail = describe_ids (ids);
  if (json_object_get_boolean_member_with_default (row, "hf_fast_ids_same", TRUE))
    golden_verdict (golden, name, FALSE, detail);
  else
    golden_skip (golden, name, "advisory, differs");
}

/* Every folder with a vocabulary: folder "V" is compared with the rows' "V_ids". */
gboolean
golden_check_tokenizer (Golden *golden, GError **error)
{
  g_autofree char *path = golden_path (golden, "golden", "clip_bpe.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GDir) dir = NULL;
  JsonArray *rows;
  const char *folder;

  if (!json_parser_load_from_file (parser, path, error))
    return FALSE;
  rows = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)),
                                       "rows");
  dir = g_dir_open (golden->dir, 0, error);
  if (dir == NULL)
    return FALSE;
  while ((folder = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *full = g_build_filename (golden->dir, folder, NULL);
      g_autofree char *vocabulary = g_build_filename (full, "vocab.json", NULL);
      g_autoptr (LimnTokenizer) tokenizer = NULL;

      if (!g_file_test (vocabulary, G_FILE_TEST_EXISTS))
        continue;
      tokenizer = limn_tokenizer_open (full, error);
      if (tokenizer == NULL)
        return FALSE;
      for (guint i = 0; i < json_array_get_length (rows); i++)
        check_row (golden, tokenizer, folder, i, json_array_get_object_element (rows, i));
    }
  return TRUE;
}
