/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/model/description.h"
#include "engine/weights/file.h"

#define MAX_FILE_BYTES (1024 * 1024)

/* A config.json being read; the first wrong value is kept. */
typedef struct
{
  const char *path;
  JsonObject *object;
  GError *error;
} Reader;

static void
fail (Reader *reader, int code, const char *key, const char *what)
{
  if (reader->error == NULL)
    reader->error = g_error_new (LIMN_ENGINE_ERROR, code, "%s: %s: %s", reader->path, key, what);
}

static JsonNode *
value_of (Reader *reader, const char *key)
{
  JsonNode *node = json_object_get_member (reader->object, key);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static void
read_int (Reader *reader, const char *key, int *value)
{
  JsonNode *node = value_of (reader, key);
  gint64 number;

  if (node == NULL)
    return;
  number = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
               ? json_node_get_int (node)
               : -1;
  if (number < 0 || number > G_MAXINT)
    fail (reader, LIMN_ENGINE_ERROR_BAD_FILE, key, "expected a whole number");
  else
    *value = (int)number;
}

static void
read_float (Reader *reader, const char *key, float *value)
{
  JsonNode *node = value_of (reader, key);
  double number;

  if (node == NULL)
    return;
  number = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : 0;
  if (!(number > 0 && number < 1))
    fail (reader, LIMN_ENGINE_ERROR_BAD_FILE, key, "expected a number between 0 and 1");
  else
    *value = (float)number;
}

static void
read_activation (Reader *reader, const char *key, LimnActivation *activation)
{
  JsonNode *node = value_of (reader, key);
  const char *name;

  if (node == NULL)
    return;
  name = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
  if (g_strcmp0 (name, "quick_gelu") == 0)
    *activation = LIMN_ACTIVATION_QUICK_GELU;
  else if (g_strcmp0 (name, "gelu") == 0)
    *activation = LIMN_ACTIVATION_GELU;
  else
    fail (reader, LIMN_ENGINE_ERROR_UNSUPPORTED, key, "only quick_gelu and gelu are supported");
}

gboolean
limn_clip_config_read (LimnClipTextConfig *config, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = limn_file_map (path, MAX_FILE_BYTES, error);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  Reader reader = { .path = path };
  const char *text;
  gsize length;

  if (bytes == NULL)
    return FALSE;
  text = g_bytes_get_data (bytes, &length);
  reader.object = limn_json_parse_object (parser, text != NULL ? text : "", length, error);
  if (reader.object == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  read_int (&reader, "vocab_size", &config->vocab_size);
  read_int (&reader, "hidden_size", &config->hidden_size);
  read_int (&reader, "intermediate_size", &config->intermediate_size);
  read_int (&reader, "num_hidden_layers", &config->num_hidden_layers);
  read_int (&reader, "num_attention_heads", &config->num_attention_heads);
  read_int (&reader, "max_position_embeddings", &config->max_position_embeddings);
  read_activation (&reader, "hidden_act", &config->hidden_act);
  read_float (&reader, "layer_norm_eps", &config->layer_norm_eps);
  if (reader.error == NULL)
    return TRUE;
  g_propagate_error (error, reader.error);
  return FALSE;
}
