/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/model/config.h"
#include "engine/text/wordpiece.h"
#include "tests/golden/golden-model.h"
#include "tests/golden/golden.h"

/* ---- LDM's text transformer: "ids" -> "embedding", and of its first tokens "embedding_*" ------
 */

#define COND_STAGE "model.params.cond_stage_config.params"
#define PREFIX "cond_stage_model.transformer."

/* The configuration is of the text encoder alone: a whole model's says more. */
static gboolean
read_config (Golden *golden, LimnBertTextConfig *bert, GError **error)
{
  g_autofree char *path = golden_path (golden, "config", "config.yaml");
  g_autoptr (LimnConfig) config = limn_config_open (path, error);

  if (config == NULL)
    return FALSE;
  limn_bert_text_config_init (bert);
  bert->n_embed = limn_config_need_int (config, COND_STAGE, "n_embed");
  bert->n_layer = limn_config_need_int (config, COND_STAGE, "n_layer");
  bert->vocab_size = limn_config_int (config, COND_STAGE, "vocab_size", bert->vocab_size);
  bert->max_seq_len = limn_config_int (config, COND_STAGE, "max_seq_len", bert->max_seq_len);
  return limn_config_check (config, error);
}

static void
check_embeddings (Golden *golden, LimnBertText *bert, LimnWeights *store)
{
  gint64 n, tokens;
  g_autofree gint32 *ids = golden_ids (store, "ids", &n, &tokens);

  for (const char *const *name = limn_weights_list (store); ids != NULL && *name != NULL; name++)
    {
      g_autofree gint32 *first = NULL;
      LimnTensor want, got;
      gint64 n_first;

      if (!g_str_has_prefix (*name, "embedding"))
        {
          if (!g_str_equal (*name, "ids"))
            golden_skip (golden, *name, "the output of a part");
          continue;
        }
      want = golden_load (golden, store, "%s", *name);
      n_first = CLAMP (want.extent[1], 1, tokens);
      first = g_new (gint32, n * n_first);
      for (gint64 i = 0; i < n; i++)
        memcpy (first + i * n_first, ids + i * tokens, (gsize)n_first * sizeof *ids);
      got = limn_bert_text_forward (bert, golden->run, first, n, n_first);
      golden_compare (golden, *name, &got, &want, GOLDEN_NETWORK);
    }
}

gboolean
golden_check_bert (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_autoptr (LimnWeights) weights = golden_open (golden, "model", store != NULL ? error : NULL);
  LimnWeightSource source = { .weights = weights, .prefix = PREFIX };
  LimnBertTextConfig config;
  LimnBertText bert;
  gboolean bound;

  if (store == NULL || weights == NULL || !read_config (golden, &config, error))
    return FALSE;
  bound = limn_bert_text_init (&bert, &config, &source, error);
  if (bound)
    check_embeddings (golden, &bert, store);
  limn_bert_text_clear (&bert);
  return bound;
}

/* ---- WordPiece: rows of a JSON file, "text" -> "ids" (with [CLS] and [SEP]) and "padded" ------
 */

static char *
describe (const gint32 *ids, guint n)
{
  GString *text = g_string_new ("got");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, " %d", ids[i]);
  return g_string_free (text, FALSE);
}

static void
compare_ids (Golden *golden, const char *name, const gint32 *got, guint n, JsonArray *want)
{
  gboolean same = n == json_array_get_length (want);
  g_autofree char *detail = NULL;

  for (guint i = 0; same && i < n; i++)
    same = got[i] == json_array_get_int_element (want, i);
  if (!same)
    detail = describe (got, n);
  golden_verdict (golden, name, same, detail);
}

static void
check_row (Golden *golden, LimnWordpiece *wordpiece, guint index, JsonObject *row)
{
  const char *text = json_object_get_string_member (row, "text");
  JsonArray *padded = json_object_get_array_member (row, "padded");
  guint length = json_array_get_length (padded);
  g_autoptr (GArray) ids = limn_wordpiece_encode (wordpiece, text);
  g_autofree gint32 *all = g_new (gint32, length);
  g_autofree char *ids_name = g_strdup_printf ("row%u.ids", index);
  g_autofree char *padded_name = g_strdup_printf ("row%u.padded", index);
  g_autofree char *cut_name = g_strdup_printf ("row%u.cut", index);
  int n_cut;

  compare_ids (golden, ids_name, (const gint32 *)(gpointer)ids->data, ids->len,
               json_object_get_array_member (row, "ids"));
  limn_wordpiece_encode_padded (wordpiece, text, (int)length, all, &n_cut);
  compare_ids (golden, padded_name, all, length, padded);
  golden_verdict (golden, cut_name, n_cut == MAX ((int)ids->len - (int)length + 2, 0), NULL);
}

gboolean
golden_check_wordpiece (Golden *golden, GError **error)
{
  g_autofree char *path = golden_path (golden, "golden", "rows.json");
  g_autofree char *vocabulary = golden_path (golden, "vocabulary", "vocab.txt");
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (LimnWordpiece) wordpiece = limn_wordpiece_open (vocabulary, error);
  JsonArray *rows;

  if (wordpiece == NULL || !json_parser_load_from_file (parser, path, error))
    return FALSE;
  rows
      = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "rows");
  for (guint i = 0; i < json_array_get_length (rows); i++)
    check_row (golden, wordpiece, i, json_array_get_object_element (rows, i));
  return TRUE;
}
