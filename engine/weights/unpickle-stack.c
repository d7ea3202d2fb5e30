/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The pickle machine's values and its stack.
 */
#include <string.h>

#include "engine/weights/unpickle-private.h"

/* A training checkpoint of 3,000 tensors has about 100,000 values. */
#define MAX_VALUES (1000 * 1000)
/* A pickle may be deflated to next to nothing; what its values describe lies in the same file, and
 * takes more than a byte for each. */
#define MIN_VALUES 10000

static void
value_free (gpointer data)
{
  LimnPickleValue *value = data;

  if (value->type == LIMN_PICKLE_TUPLE || value->type == LIMN_PICKLE_LIST
      || value->type == LIMN_PICKLE_DICT)
    g_ptr_array_unref (value->items);
  g_free (value);
}

void
_limn_pickle_init (LimnPickle *pickle, LimnWeights *weights, const guint8 *data, gsize size)
{
  *pickle = (LimnPickle){ .weights = weights, .data = data, .size = size };
  pickle->max_values = (guint)CLAMP (limn_weights_get_file_bytes (weights), MIN_VALUES, MAX_VALUES);
  pickle->values = g_ptr_array_new_with_free_func (value_free);
  pickle->stack = g_ptr_array_new ();
  pickle->memo = g_hash_table_new (NULL, NULL);
}

void
_limn_pickle_clear (LimnPickle *pickle)
{
  g_clear_pointer (&pickle->memo, g_hash_table_unref);
  g_clear_pointer (&pickle->stack, g_ptr_array_unref);
  g_clear_pointer (&pickle->values, g_ptr_array_unref);
}

LimnPickleValue *
_limn_pickle_fail (LimnPickle *pickle, int code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  if (pickle->failed)
    return NULL;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  pickle->failed = TRUE;
  _limn_weights_fail (pickle->weights, pickle->error, code, "%s", message);
  return NULL;
}

LimnPickleValue *
_limn_pickle_damaged (LimnPickle *pickle)
{
  return _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_BAD_FILE,
                            "the pickle is damaged at byte %" G_GSIZE_FORMAT, pickle->position);
}

LimnPickleValue *
_limn_pickle_new_value (LimnPickle *pickle, LimnPickleType type)
{
  LimnPickleValue *value;

  if (pickle->values->len >= pickle->max_values)
    return _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_BAD_FILE,
                              "the pickle holds more than %u values", pickle->max_values);
  value = g_new0 (LimnPickleValue, 1);
  value->type = type;
  if (type == LIMN_PICKLE_TUPLE || type == LIMN_PICKLE_LIST || type == LIMN_PICKLE_DICT)
    value->items = g_ptr_array_new ();
  g_ptr_array_add (pickle->values, value);
  return value;
}

/* ---- Values ---------------------------------------------------------------------------------- */

gboolean
_limn_pickle_is_string (const LimnPickleValue *value, const char *text)
{
  return value != NULL && value->type == LIMN_PICKLE_STRING && value->string.length == strlen (text)
         && memcmp (value->string.data, text, value->string.length) == 0;
}

char *
_limn_pickle_dup_string (const LimnPickleValue *value)
{
  if (value == NULL || value->type != LIMN_PICKLE_STRING
      || memchr (value->string.data, '\0', value->string.length) != NULL)
    return NULL;
  return g_strndup (value->string.data, value->string.length);
}

const LimnPickleValue *
_limn_pickle_dict_get (const LimnPickleValue *dict, const char *key)
{
  if (dict == NULL || dict->type != LIMN_PICKLE_DICT)
    return NULL;
  for (guint i = dict->items->len; i >= 2; i -= 2)
    if (_limn_pickle_is_string (dict->items->pdata[i - 2], key))
      return dict->items->pdata[i - 1];
  return NULL;
}

/* ---- Stack ----------------------------------------------------------------------------------- */

void
_limn_pickle_push (LimnPickle *pickle, LimnPickleValue *value)
{
  if (value != NULL)
    g_ptr_array_add (pickle->stack, value);
}

void
_limn_pickle_push_type (LimnPickle *pickle, LimnPickleType type)
{
  _limn_pickle_push (pickle, _limn_pickle_new_value (pickle, type));
}

void
_limn_pickle_push_int (LimnPickle *pickle, LimnPickleType type, gint64 integer)
{
  LimnPickleValue *value = _limn_pickle_new_value (pickle, type);

  if (value != NULL)
    value->integer = integer;
  _limn_pickle_push (pickle, value);
}

/* The topmost value, which is not a mark; fails when there is none. */
LimnPickleValue *
_limn_pickle_top (LimnPickle *pickle)
{
  LimnPickleValue *value;

  if (pickle->stack->len == 0)
    return _limn_pickle_damaged (pickle);
  value = pickle->stack->pdata[pickle->stack->len - 1];
  return value->type == LIMN_PICKLE_MARK ? _limn_pickle_damaged (pickle) : value;
}

LimnPickleValue *
_limn_pickle_pop (LimnPickle *pickle)
{
  LimnPickleValue *value = _limn_pickle_top (pickle);

  if (value != NULL)
    g_ptr_array_set_size (pickle->stack, (int)pickle->stack->len - 1);
  return value;
}

/* Index of the value above the topmost mark; fails when there is none. */
gboolean
_limn_pickle_find_mark (LimnPickle *pickle, guint *first)
{
  for (guint i = pickle->stack->len; i > 0; i--)
    if (((LimnPickleValue *)pickle->stack->pdata[i - 1])->type == LIMN_PICKLE_MARK)
      {
        *first = i;
        return TRUE;
      }
  _limn_pickle_damaged (pickle);
  return FALSE;
}

/* A new container of the topmost @n values, which leave the stack. */
static void
collect (LimnPickle *pickle, LimnPickleType type, guint first)
{
  LimnPickleValue *value = _limn_pickle_new_value (pickle, type);

  if (value == NULL)
    return;
  for (guint i = first; i < pickle->stack->len; i++)
    g_ptr_array_add (value->items, pickle->stack->pdata[i]);
  g_ptr_array_set_size (pickle->stack, (int)first);
  _limn_pickle_push (pickle, value);
}

void
_limn_pickle_collect_top (LimnPickle *pickle, LimnPickleType type, guint n)
{
  if (pickle->stack->len < n)
    {
      _limn_pickle_damaged (pickle);
      return;
    }
  for (guint i = 1; i <= n; i++)
    if (((LimnPickleValue *)pickle->stack->pdata[pickle->stack->len - i])->type == LIMN_PICKLE_MARK)
      {
        _limn_pickle_damaged (pickle);
        return;
      }
  collect (pickle, type, pickle->stack->len - n);
}

/* A new container of what lies above the mark, which leaves with it. */
void
_limn_pickle_collect_marked (LimnPickle *pickle, LimnPickleType type)
{
  guint first;

  if (!_limn_pickle_find_mark (pickle, &first))
    return;
  if (type == LIMN_PICKLE_DICT && (pickle->stack->len - first) % 2 != 0)
    _limn_pickle_damaged (pickle);
  collect (pickle, type, first);
  if (pickle->failed)
    return;
  g_ptr_array_remove_index (pickle->stack, first - 1);
}

/* Moves the values from @first on into the container below them (and below the mark, when @marked).
 */
static void
add_to_container (LimnPickle *pickle, guint first, gboolean marked, LimnPickleType type)
{
  guint below = marked ? first - 1 : first;
  LimnPickleValue *container;

  container = below > 0 ? pickle->stack->pdata[below - 1] : NULL;
  if (container == NULL || (container->type != type && container->type != LIMN_PICKLE_OBJECT)
      || (type == LIMN_PICKLE_DICT && (pickle->stack->len - first) % 2 != 0))
    {
      _limn_pickle_damaged (pickle);
      return;
    }
  if (container->type == type && type != LIMN_PICKLE_OBJECT)
    for (guint i = first; i < pickle->stack->len; i++)
      g_ptr_array_add (container->items, pickle->stack->pdata[i]);
  g_ptr_array_set_size (pickle->stack, (int)below);
}

void
_limn_pickle_add_top (LimnPickle *pickle, guint n, LimnPickleType type)
{
  if (pickle->stack->len <= n)
    {
      _limn_pickle_damaged (pickle);
      return;
    }
  add_to_container (pickle, pickle->stack->len - n, FALSE, type);
}

void
_limn_pickle_add_marked (LimnPickle *pickle, LimnPickleType type)
{
  guint first;

  if (_limn_pickle_find_mark (pickle, &first))
    add_to_container (pickle, first, TRUE, type);
}
