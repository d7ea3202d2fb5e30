/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/model/config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include <yaml.h>

#include "engine/tensor/run.h"
#include "engine/weights/file.h"

/* Published files have 2 to 5 KB. */
#define MAX_FILE_BYTES (256 * 1024)
/* libyaml takes time with the square of the depth of brackets. */
#define MAX_BRACKETS 64

struct _LimnConfig
{
  char *path;
  yaml_document_t document;
  GError *error; /* the first one */
};

/* ---- Opening --------------------------------------------------------------------------------- */

/* Counts brackets in strings too: those are few as well. */
static gboolean
is_too_deep (const char *text, gsize length)
{
  int depth = 0;

  for (gsize i = 0; i < length && depth <= MAX_BRACKETS; i++)
    {
      if (text[i] == '[' || text[i] == '{')
        depth++;
      else if ((text[i] == ']' || text[i] == '}') && depth > 0)
        depth--;
    }
  return depth > MAX_BRACKETS;
}

static gboolean
load (LimnConfig *config, const char *text, gsize length, GError **error)
{
  yaml_parser_t parser;
  gboolean loaded;

  if (is_too_deep (text, length))
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE, "%s: nested too deeply",
                   config->path);
      return FALSE;
    }
  if (!yaml_parser_initialize (&parser))
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY, "%s: no memory",
                   config->path);
      return FALSE;
    }
  yaml_parser_set_input_string (&parser, (const unsigned char *)text, length);
  loaded = yaml_parser_load (&parser, &config->document);
  if (!loaded)
    {
      memset (&config->document, 0, sizeof config->document);
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE,
                   "%s:%zu: not valid YAML: %s", config->path, parser.problem_mark.line + 1,
                   parser.problem != NULL ? parser.problem : "cannot be read");
    }
  yaml_parser_delete (&parser);
  return loaded;
}

LimnConfig *
limn_config_parse (const char *path, const char *text, gsize length, GError **error)
{
  g_autoptr (LimnConfig) config = NULL;
  yaml_node_t *root;

  g_return_val_if_fail (path != NULL && text != NULL, NULL);

  config = g_new0 (LimnConfig, 1);
  config->path = g_strdup (path);
  if (!load (config, text, length, error))
    return NULL;
  root = yaml_document_get_root_node (&config->document);
  if (root == NULL || root->type != YAML_MAPPING_NODE)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE,
                   "%s: not a mapping of names to values", path);
      return NULL;
    }
  return g_steal_pointer (&config);
}

LimnConfig *
limn_config_open (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  const char *text;
  gsize length;

  g_return_val_if_fail (path != NULL, NULL);

  bytes = limn_file_map (path, MAX_FILE_BYTES, error);
  if (bytes == NULL)
    return NULL;
  text = g_bytes_get_data (bytes, &length);
  return limn_config_parse (path, text != NULL ? text : "", length, error);
}

void
limn_config_free (LimnConfig *config)
{
  if (config == NULL)
    return;
  yaml_document_delete (&config->document);
  g_clear_error (&config->error);
  g_free (config->path);
  g_free (config);
}

/* ---- Errors ---------------------------------------------------------------------------------- */

static char *
join (const char *base, const char *key)
{
  return base[0] == '\0'  ? g_strdup (key)
         : key[0] == '\0' ? g_strdup (base)
                          : g_strconcat (base, ".", key, NULL);
}

void
limn_config_fail (LimnConfig *config,
                  int code,
                  const char *base,
                  const char *key,
                  const char *format,
                  ...)
{
  g_autofree char *name = join (base, key);
  g_autofree char *message = NULL;
  va_list args;

  if (config->error != NULL)
    return;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  config->error = g_error_new (LIMN_ENGINE_ERROR, code, "%s: %s: %s", config->path, name, message);
}

gboolean
limn_config_check (LimnConfig *config, GError **error)
{
  if (config->error == NULL)
    return TRUE;
  if (error != NULL)
    *error = g_error_copy (config->error);
  return FALSE;
}

static void
wrong_type (LimnConfig *config, const char *base, const char *key, const char *expected)
{
  limn_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, base, key, "expected %s", expected);
}

/* ---- Finding --------------------------------------------------------------------------------- */

static const char *
scalar_text (const yaml_node_t *node)
{
  return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static gboolean
is_null (const yaml_node_t *node)
{
  const char *text = scalar_text (node);

  return text != NULL && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
         && (text[0] == '\0' || g_str_equal (text, "null") || g_str_equal (text, "~")
             || g_str_equal (text, "Null") || g_str_equal (text, "NULL"));
}

/* The last value of @name of @length bytes in a mapping. */
static yaml_node_t *
find_member (LimnConfig *config, const yaml_node_t *mapping, const char *name, gsize length)
{
  yaml_node_t *found = NULL;

  if (mapping == NULL || mapping->type != YAML_MAPPING_NODE)
    return NULL;
  for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
       pair < mapping->data.mapping.pairs.top; pair++)
    {
      yaml_node_t *key = yaml_document_get_node (&config->document, pair->key);

      if (key != NULL && key->type == YAML_SCALAR_NODE && key->data.scalar.length == length
          && memcmp (key->data.scalar.value, name, length) == 0)
        found = yaml_document_get_node (&config->document, pair->value);
    }
  return found;
}

/* The value at a dotted path below @node. */
static yaml_node_t *
find_below (LimnConfig *config, yaml_node_t *node, const char *path)
{
  while (node != NULL && *path != '\0')
    {
      gsize length = strcspn (path, ".");

      node = find_member (config, node, path, length);
      path += length;
      if (*path == '.')
        path++;
    }
  return node;
}

/* NULL when the value is absent or null. */
static yaml_node_t *
find (LimnConfig *config, const char *base, const char *key)
{
  yaml_node_t *node = yaml_document_get_root_node (&config->document);

  node = find_below (config, find_below (config, node, base), key);
  return node != NULL && !is_null (node) ? node : NULL;
}

/* ---- Getters --------------------------------------------------------------------------------- */

static gboolean
parse_int (const char *text, int *value)
{
  gint64 number;
  char *end;

  errno = 0;
  number = g_ascii_strtoll (text, &end, 10);
  if (end == text || *end != '\0' || errno != 0 || number < G_MININT || number > G_MAXINT)
    return FALSE;
  *value = (int)number;
  return TRUE;
}

gboolean
limn_config_has (LimnConfig *config, const char *base, const char *key)
{
  return find (config, base, key) != NULL;
}

gboolean
limn_config_is_list (LimnConfig *config, const char *base, const char *key)
{
  yaml_node_t *node = find (config, base, key);

  return node != NULL && node->type == YAML_SEQUENCE_NODE;
}

const char *
limn_config_string (LimnConfig *config, const char *base, const char *key, const char *fallback)
{
  yaml_node_t *node = find (config, base, key);

  if (node == NULL)
    return fallback;
  if (scalar_text (node) != NULL && g_utf8_validate (scalar_text (node), -1, NULL))
    return scalar_text (node);
  wrong_type (config, base, key, "a text");
  return fallback;
}

int
limn_config_int (LimnConfig *config, const char *base, const char *key, int fallback)
{
  yaml_node_t *node = find (config, base, key);
  int value;

  if (node == NULL)
    return fallback;
  if (scalar_text (node) != NULL && parse_int (scalar_text (node), &value))
    return value;
  wrong_type (config, base, key, "a whole number");
  return fallback;
}

int
limn_config_need_int (LimnConfig *config, const char *base, const char *key)
{
  if (!limn_config_has (config, base, key))
    limn_config_fail (config, LIMN_ENGINE_ERROR_MISSING, base, key, "is missing");
  return limn_config_int (config, base, key, 0);
}

double
limn_config_double (LimnConfig *config, const char *base, const char *key, double fallback)
{
  yaml_node_t *node = find (config, base, key);
  const char *text = node != NULL ? scalar_text (node) : NULL;
  double value = 0;
  char *end;

  if (node == NULL)
    return fallback;
  if (text != NULL)
    {
      value = g_ascii_strtod (text, &end);
      if (end != text && *end == '\0' && isfinite (value))
        return value;
    }
  wrong_type (config, base, key, "a number");
  return fallback;
}

static gboolean
parse_bool (const yaml_node_t *node, gboolean *value)
{
  static const char *const yes[] = { "true", "yes", "on" };
  static const char *const no[] = { "false", "no", "off" };
  const char *text = node != NULL ? scalar_text (node) : NULL;

  for (gsize i = 0; text != NULL && i < G_N_ELEMENTS (yes); i++)
    {
      *value = g_ascii_strcasecmp (text, yes[i]) == 0;
      if (*value || g_ascii_strcasecmp (text, no[i]) == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
limn_config_bool (LimnConfig *config, const char *base, const char *key, gboolean fallback)
{
  yaml_node_t *node = find (config, base, key);
  gboolean value;

  if (node == NULL)
    return fallback;
  if (parse_bool (node, &value))
    return value;
  wrong_type (config, base, key, "true or false");
  return fallback;
}

int
limn_config_bools (LimnConfig *config, const char *base, const char *key, gboolean *out, int max)
{
  yaml_node_t *node = find (config, base, key);
  int count = 0;

  if (node == NULL)
    return -1;
  if (node->type != YAML_SEQUENCE_NODE)
    {
      out[0] = limn_config_bool (config, base, key, FALSE);
      return 1;
    }
  for (yaml_node_item_t *item = node->data.sequence.items.start;
       item < node->data.sequence.items.top; item++)
    {
      if (count == max)
        limn_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, base, key,
                          "has more than %d entries", max);
      else if (!parse_bool (yaml_document_get_node (&config->document, *item), &out[count]))
        wrong_type (config, base, key, "a list of true and false");
      else
        {
          count++;
          continue;
        }
      return count;
    }
  return count;
}

int
limn_config_ints (LimnConfig *config, const char *base, const char *key, int *out, int max)
{
  yaml_node_t *node = find (config, base, key);
  int count = 0;

  if (node == NULL)
    return -1;
  if (node->type != YAML_SEQUENCE_NODE)
    {
      wrong_type (config, base, key, "a list of whole numbers");
      return -1;
    }
  for (yaml_node_item_t *item = node->data.sequence.items.start;
       item < node->data.sequence.items.top; item++)
    {
      yaml_node_t *element = yaml_document_get_node (&config->document, *item);

      if (count == max)
        {
          limn_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, base, key,
                            "has more than %d entries", max);
          return count;
        }
      if (element == NULL || scalar_text (element) == NULL
          || !parse_int (scalar_text (element), &out[count]))
        {
          wrong_type (config, base, key, "a list of whole numbers");
          return count;
        }
      count++;
    }
  return count;
}
