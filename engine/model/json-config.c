/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/model/json-config.h"

#include <math.h>

#include "engine/tensor/run.h"

#define MAX_FILE_BYTES (1024 * 1024)

struct _LimnJsonConfig
{
  char *path;
  JsonParser *parser;
  JsonObject *object; /* the parser's */
  GError *error;      /* the first one */
};

LimnJsonConfig *
limn_json_config_open (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LimnJsonConfig) config = NULL;
  const char *text;
  gsize length;

  g_return_val_if_fail (path != NULL, NULL);

  bytes = limn_file_map (path, MAX_FILE_BYTES, error);
  if (bytes == NULL)
    return NULL;
  config = g_new0 (LimnJsonConfig, 1);
  config->path = g_strdup (path);
  config->parser = json_parser_new_immutable ();
  text = g_bytes_get_data (bytes, &length);
  config->object = limn_json_parse_object (config->parser, text != NULL ? text : "", length, error);
  if (config->object == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  return g_steal_pointer (&config);
}

void
limn_json_config_free (LimnJsonConfig *config)
{
  if (config == NULL)
    return;
  g_clear_object (&config->parser);
  g_clear_error (&config->error);
  g_free (config->path);
  g_free (config);
}

void
limn_json_config_fail (LimnJsonConfig *config, int code, const char *key, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  if (config->error != NULL)
    return;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  config->error = g_error_new (LIMN_ENGINE_ERROR, code, "%s: %s: %s", config->path, key, message);
}

gboolean
limn_json_config_check (LimnJsonConfig *config, GError **error)
{
  if (config->error == NULL)
    return TRUE;
  if (error != NULL)
    *error = g_error_copy (config->error);
  return FALSE;
}

/* ---- Values ---------------------------------------------------------------------------------- */

static void
wrong_type (LimnJsonConfig *config, const char *key, const char *expected)
{
  limn_json_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, key, "expected %s", expected);
}

/* NULL when the value is absent or null. */
static JsonNode *
find (LimnJsonConfig *config, const char *key)
{
  JsonNode *node = json_object_get_member (config->object, key);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static gboolean
parse_int (JsonNode *node, int *value)
{
  gint64 number;

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  number = json_node_get_int (node);
  if (number < 0 || number > G_MAXINT)
    return FALSE;
  *value = (int)number;
  return TRUE;
}

static gboolean
parse_bool (JsonNode *node, gboolean *value)
{
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return FALSE;
  *value = json_node_get_boolean (node);
  return TRUE;
}

gboolean
limn_json_config_has (LimnJsonConfig *config, const char *key)
{
  return find (config, key) != NULL;
}

gboolean
limn_json_config_is_list (LimnJsonConfig *config, const char *key)
{
  JsonNode *node = find (config, key);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node);
}

const char *
limn_json_config_string (LimnJsonConfig *config, const char *key)
{
  JsonNode *node = find (config, key);

  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  wrong_type (config, key, "a text");
  return NULL;
}

void
limn_json_config_int (LimnJsonConfig *config, const char *key, int *value)
{
  JsonNode *node = find (config, key);

  if (node != NULL && !parse_int (node, value))
    wrong_type (config, key, "a whole number");
}

void
limn_json_config_fraction (LimnJsonConfig *config, const char *key, double *value)
{
  JsonNode *node = find (config, key);
  double number;

  if (node == NULL)
    return;
  number = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : 0;
  if (number > 0 && number < 1)
    *value = number;
  else
    wrong_type (config, key, "a number between 0 and 1");
}

void
limn_json_config_positive (LimnJsonConfig *config, const char *key, double *value)
{
  JsonNode *node = find (config, key);
  double number;

  if (node == NULL)
    return;
  number = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : 0;
  if (number > 0 && isfinite (number))
    *value = number;
  else
    wrong_type (config, key, "a number above 0");
}

void
limn_json_config_bool (LimnJsonConfig *config, const char *key, gboolean *value)
{
  JsonNode *node = find (config, key);

  if (node != NULL && !parse_bool (node, value))
    wrong_type (config, key, "true or false");
}

/* ---- Lists ----------------------------------------------------------------------------------- */

/* What is common to both kinds of lists. */
static int
read_list (LimnJsonConfig *config,
           const char *key,
           gboolean (*parse) (JsonNode *node, int *value),
           const char *expected,
           int *out,
           int max)
{
  JsonNode *node = find (config, key);
  JsonArray *array;
  int count;

  if (node == NULL)
    return 0;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      if (parse (node, &out[0]))
        return 1;
      wrong_type (config, key, expected);
      return 0;
    }
  array = json_node_get_array (node);
  count = (int)MIN (json_array_get_length (array), (guint)G_MAXINT);
  if (count > max)
    {
      limn_json_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, key, "has more than %d entries",
                             max);
      return 0;
    }
  for (int i = 0; i < count; i++)
    if (!parse (json_array_get_element (array, (guint)i), &out[i]))
      {
        wrong_type (config, key, expected);
        return 0;
      }
  return count;
}

int
limn_json_config_ints (LimnJsonConfig *config, const char *key, int *out, int max)
{
  return read_list (config, key, parse_int, "whole numbers", out, max);
}

int
limn_json_config_bools (LimnJsonConfig *config, const char *key, gboolean *out, int max)
{
  return read_list (config, key, parse_bool, "true and false", out, max);
}
