/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "engine/tensor/run.h"
#include "engine/weights/file.h"

/* Real files need four levels; json-glib recurses once per level. */
#define MAX_DEPTH 16
/* A value of a byte or two becomes a hundred bytes in memory. The largest real texts are
 * vocabularies of 50,000 values and headers of 2,600 tensors of about ten. */
#define MAX_COMMAS 1000000

/* Maps what @fd is open on. */
static GMappedFile *
map_descriptor (int fd, const char *path, gsize limit, GError **error)
{
  struct stat status;
  int saved_errno;

  if (fd < 0 || fstat (fd, &status) < 0)
    {
      saved_errno = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), "%s: %s", path,
                   g_strerror (saved_errno));
      return NULL;
    }
  if (!S_ISREG (status.st_mode))
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE, "%s: not a regular file",
                   path);
      return NULL;
    }
  if (limit > 0 && (guint64)status.st_size > limit)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE,
                   "%s: longer than any real file of its kind", path);
      return NULL;
    }
  return g_mapped_file_new_from_fd (fd, FALSE, error);
}

GBytes *
limn_file_map (const char *path, gsize limit, GError **error)
{
  g_autoptr (GMappedFile) mapped = NULL;
  int fd;

  g_return_val_if_fail (path != NULL, NULL);

  /* Non-blocking, so that a pipe put in the file's place cannot hold us up. */
  fd = g_open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
  mapped = map_descriptor (fd, path, limit, error);
  if (fd >= 0)
    close (fd);
  return mapped != NULL ? g_mapped_file_get_bytes (mapped) : NULL;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* What a look at the text shows before anything is made of it. */
typedef struct
{
  int deepest;     /* nesting of brackets */
  gsize n_commas;  /* about as many values */
  gboolean strict; /* one value, of JSON's own characters */
} Outline;

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The UTF-16 unit that the escape at @text gives, "\\u" and four digits; -1 when it is none. */
static int
escaped_unit (const char *text, gsize length)
{
  int unit = 0;

  if (length < 6 || text[0] != '\\' || text[1] != 'u')
    return -1;
  for (gsize i = 2; i < 6; i++)
    {
      if (!g_ascii_isxdigit (text[i]))
        return -1;
      unit = 16 * unit + g_ascii_xdigit_value (text[i]);
    }
  return unit;
}

/* Bytes of the escape at @text, in which both halves of a surrogate pair are one; 0 when JSON has
 * none like it. */
static gsize
escape_length (const char *text, gsize length)
{
  int unit = escaped_unit (text, length), second;

  if (unit < 0)
    return length >= 2 && text[1] != '\0' && strchr ("\"\\/bfnrt", text[1]) != NULL ? 2 : 0;
  if (unit < 0xd800 || unit > 0xdfff)
    return 6;
  second = unit < 0xdc00 ? escaped_unit (text + 6, length - 6) : -1;
  return second >= 0xdc00 && second <= 0xdfff ? 12 : 0;
}

/* json-glib also takes comments, texts in single quotes and assignments, in which brackets and
 * quotes mean something else than here: those are not strict. Of several values one after the
 * other it keeps the last, and loses the memory of those before it (json-glib 1.6), as it does of
 * a text with half of a surrogate pair, or with digits missing from a half. */
static Outline
outline (const char *text, gsize length)
{
  static const char plain[] = ":+-.0123456789aeEflnrstu";
  Outline seen = { .strict = TRUE };
  gboolean in_string = FALSE, in_word = FALSE;
  gsize n_values = 0; /* that are in no other */
  int depth = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (in_string)
        {
          if (text[i] == '\\')
            {
              gsize escape = escape_length (text + i, length - i);

              seen.strict = seen.strict && escape > 0;
              i += MAX (escape, 2) - 1;
            }
          else
            in_string = text[i] != '"';
          continue;
        }
      if (depth == 0 && text[i] != '}' && text[i] != ']')
        {
          gboolean was_word = in_word;

          in_word = !is_space (text[i]) && strchr ("\"{[", text[i]) == NULL;
          n_values += !is_space (text[i]) && !(in_word && was_word);
        }
      if (is_space (text[i]))
        continue;
      if (text[i] == '"')
        in_string = TRUE;
      else if (text[i] == '{' || text[i] == '[')
        {
          depth++;
          seen.deepest = MAX (seen.deepest, depth);
        }
      else if (text[i] == '}' || text[i] == ']')
        depth--;
      else if (text[i] == ',')
        seen.n_commas++;
      else if (text[i] == '\0' || strchr (plain, text[i]) == NULL)
        seen.strict = FALSE;
      seen.strict = seen.strict && depth >= 0 && n_values == 1;
    }
  return seen;
}

/* A parsed object keeps the last of several members of one name. The parser announces each of them,
 * so more announcements than members mean a duplicate. */
static void
count_member_cb (JsonParser *parser, JsonObject *object, const char *name, gpointer user_data)
{
  gsize *n_announced = user_data;

  (*n_announced)++;
}

/* Members of all objects below @node; as deep as MAX_DEPTH at most. */
static gsize
count_members (JsonNode *node)
{
  gsize count = 0;

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      JsonNode *member;

      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, NULL, &member))
        count += 1 + count_members (member);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        count += count_members (json_array_get_element (array, i));
    }
  return count;
}

static gpointer
bad (GError **error, const char *what)
{
  g_set_error_literal (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE, what);
  return NULL;
}

JsonNode *
limn_json_parse (JsonParser *parser, const char *text, gsize length, GError **error)
{
  g_autoptr (GError) json_error = NULL;
  Outline seen;
  JsonNode *root;

  /* An empty file is mapped to no address at all. */
  if (length == 0)
    return bad (error, "the JSON is empty");
  if (!g_utf8_validate_len (text, length, NULL))
    return bad (error, "the JSON is not UTF-8 text");
  seen = outline (text, length);
  if (seen.deepest > MAX_DEPTH)
    return bad (error, "the JSON is nested too deeply");
  if (seen.n_commas > MAX_COMMAS)
    return bad (error, "the JSON has more values than any real file");
  if (!seen.strict)
    return bad (error, "not valid JSON: more than one value, an escape that there is none of, or a "
                       "character that can only stand in a text");
  if (!json_parser_load_from_data (parser, text, (gssize)length, &json_error))
    {
      /* json-glib may cut what it quotes within a character. */
      g_autofree char *reason = g_utf8_make_valid (json_error->message, -1);

      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE, "not valid JSON: %s",
                   reason);
      return NULL;
    }
  root = json_parser_get_root (parser);
  return root != NULL ? root : bad (error, "the JSON is empty");
}

JsonObject *
limn_json_parse_object (JsonParser *parser, const char *text, gsize length, GError **error)
{
  gsize n_announced = 0;
  JsonNode *root;

  g_signal_connect (parser, "object-member", G_CALLBACK (count_member_cb), &n_announced);
  root = limn_json_parse (parser, text, length, error);
  g_signal_handlers_disconnect_by_data (parser, &n_announced);
  if (root == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (root))
    return bad (error, "the JSON is not an object");
  if (count_members (root) != n_announced)
    return bad (error, "a name occurs twice in the JSON");
  return json_node_get_object (root);
}
