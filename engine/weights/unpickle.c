/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The stack machine of Python's pickle, protocols 0 to 5 (PEP 3154, PEP 574). What names and calls mean is decided
 * in unpickle-torch.c. Each opcode makes at most a few values, so that time and memory are bounded by the
 * pickle's length and MAX_VALUES.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/weights/unpickle.h"

#define MAX_VALUES (4 * 1000 * 1000)

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
  *pickle = (LimnPickle) { .weights = weights, .data = data, .size = size };
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

static LimnPickleValue *
damaged (LimnPickle *pickle)
{
  return _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_BAD_FILE, "the pickle is damaged at byte %" G_GSIZE_FORMAT,
                            pickle->position);
}

LimnPickleValue *
_limn_pickle_new_value (LimnPickle *pickle, LimnPickleType type)
{
  LimnPickleValue *value;

  if (pickle->values->len >= MAX_VALUES)
    return _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_BAD_FILE, "the pickle holds more than %d values",
                              MAX_VALUES);
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

static void
push (LimnPickle *pickle, LimnPickleValue *value)
{
  if (value != NULL)
    g_ptr_array_add (pickle->stack, value);
}

static void
push_type (LimnPickle *pickle, LimnPickleType type)
{
  push (pickle, _limn_pickle_new_value (pickle, type));
}

static void
push_int (LimnPickle *pickle, LimnPickleType type, gint64 integer)
{
  LimnPickleValue *value = _limn_pickle_new_value (pickle, type);

  if (value != NULL)
    value->integer = integer;
  push (pickle, value);
}

/* The topmost value, which is not a mark; fails when there is none. */
static LimnPickleValue *
top (LimnPickle *pickle)
{
  LimnPickleValue *value;

  if (pickle->stack->len == 0)
    return damaged (pickle);
  value = pickle->stack->pdata[pickle->stack->len - 1];
  return value->type == LIMN_PICKLE_MARK ? damaged (pickle) : value;
}

static LimnPickleValue *
pop (LimnPickle *pickle)
{
  LimnPickleValue *value = top (pickle);

  if (value != NULL)
    g_ptr_array_set_size (pickle->stack, (int) pickle->stack->len - 1);
  return value;
}

/* Index of the value above the topmost mark; fails when there is none. */
static gboolean
find_mark (LimnPickle *pickle, guint *first)
{
  for (guint i = pickle->stack->len; i > 0; i--)
    if (((LimnPickleValue *) pickle->stack->pdata[i - 1])->type == LIMN_PICKLE_MARK)
      {
        *first = i;
        return TRUE;
      }
  damaged (pickle);
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
  g_ptr_array_set_size (pickle->stack, (int) first);
  push (pickle, value);
}

static void
collect_top (LimnPickle *pickle, LimnPickleType type, guint n)
{
  if (pickle->stack->len < n)
    {
      damaged (pickle);
      return;
    }
  for (guint i = 1; i <= n; i++)
    if (((LimnPickleValue *) pickle->stack->pdata[pickle->stack->len - i])->type == LIMN_PICKLE_MARK)
      {
        damaged (pickle);
        return;
      }
  collect (pickle, type, pickle->stack->len - n);
}

/* A new container of what lies above the mark, which leaves with it. */
static void
collect_marked (LimnPickle *pickle, LimnPickleType type)
{
  guint first;

  if (!find_mark (pickle, &first))
    return;
  if (type == LIMN_PICKLE_DICT && (pickle->stack->len - first) % 2 != 0)
    damaged (pickle);
  collect (pickle, type, first);
  if (pickle->failed)
    return;
  g_ptr_array_remove_index (pickle->stack, first - 1);
}

/* Moves the values from @first on into the container below them (and below the mark, when @marked). */
static void
add_to_container (LimnPickle *pickle, guint first, gboolean marked, LimnPickleType type)
{
  guint below = marked ? first - 1 : first;
  LimnPickleValue *container;

  container = below > 0 ? pickle->stack->pdata[below - 1] : NULL;
  if (container == NULL || (container->type != type && container->type != LIMN_PICKLE_OBJECT)
      || (type == LIMN_PICKLE_DICT && (pickle->stack->len - first) % 2 != 0))
    {
      damaged (pickle);
      return;
    }
  if (container->type == type && type != LIMN_PICKLE_OBJECT)
    for (guint i = first; i < pickle->stack->len; i++)
      g_ptr_array_add (container->items, pickle->stack->pdata[i]);
  g_ptr_array_set_size (pickle->stack, (int) below);
}

static void
add_top (LimnPickle *pickle, guint n, LimnPickleType type)
{
  if (pickle->stack->len <= n)
    {
      damaged (pickle);
      return;
    }
  add_to_container (pickle, pickle->stack->len - n, FALSE, type);
}

static void
add_marked (LimnPickle *pickle, LimnPickleType type)
{
  guint first;

  if (find_mark (pickle, &first))
    add_to_container (pickle, first, TRUE, type);
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static const guint8 *
take (LimnPickle *pickle, guint64 n)
{
  const guint8 *bytes = pickle->data + pickle->position;

  if (n > pickle->size - pickle->position)
    {
      _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_BAD_FILE, "the pickle is cut off");
      return NULL;
    }
  pickle->position += n;
  return bytes;
}

/* A little-endian unsigned number of @n bytes, at most 8; 0 after a failure. */
static guint64
take_uint (LimnPickle *pickle, int n)
{
  const guint8 *bytes = take (pickle, (guint64) n);
  guint64 value = 0;

  for (int i = n - 1; bytes != NULL && i >= 0; i--)
    value = value << 8 | bytes[i];
  return value;
}

static void
push_string (LimnPickle *pickle, const guint8 *data, gsize length)
{
  LimnPickleValue *value;

  if (data == NULL)
    return;
  value = _limn_pickle_new_value (pickle, LIMN_PICKLE_STRING);
  if (value == NULL)
    return;
  value->string.data = (const char *) data;
  value->string.length = length;
  push (pickle, value);
}

/* Texts and bytes are one type here: both are only ever names. */
static void
push_counted_string (LimnPickle *pickle, int count_bytes)
{
  guint64 length = take_uint (pickle, count_bytes);

  if (!pickle->failed)
    push_string (pickle, take (pickle, length), (gsize) length);
}

/* The rest of the line, without its end. */
static const guint8 *
take_line (LimnPickle *pickle, gsize *length)
{
  const guint8 *line = pickle->data + pickle->position;
  const guint8 *end = memchr (line, '\n', pickle->size - pickle->position);

  if (end == NULL)
    {
      damaged (pickle);
      return NULL;
    }
  *length = (gsize) (end - line);
  pickle->position += *length + 1;
  return line;
}

static void
push_line (LimnPickle *pickle)
{
  gsize length = 0;
  const guint8 *line = take_line (pickle, &length);

  push_string (pickle, line, length);
}

/* Protocol 0's quoted strings, taken as they stand between the quotes. */
static void
push_quoted_line (LimnPickle *pickle)
{
  gsize length = 0;
  const guint8 *line = take_line (pickle, &length);

  if (line != NULL && length >= 2)
    push_string (pickle, line + 1, length - 2);
  else
    damaged (pickle);
}

/* A decimal number on a line of its own, with the L of Python 2's long integers. */
static gint64
take_decimal (LimnPickle *pickle)
{
  gsize length = 0;
  const guint8 *line = take_line (pickle, &length);
  g_autofree char *text = line != NULL ? g_strndup ((const char *) line, MIN (length, 32)) : NULL;

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

static void
push_float (LimnPickle *pickle)
{
  const guint8 *bytes = take (pickle, 8);
  LimnPickleValue *value = bytes != NULL ? _limn_pickle_new_value (pickle, LIMN_PICKLE_FLOAT) : NULL;
  guint64 bits = 0;

  if (value == NULL)
    return;
  for (int i = 0; i < 8; i++)
    bits = bits << 8 | bytes[i];
  memcpy (&value->real, &bits, sizeof bits);
  push (pickle, value);
}

/* Two's complement of any length; more than 64 bits is no number that we need. */
static void
push_long (LimnPickle *pickle, int count_bytes)
{
  guint64 length = take_uint (pickle, count_bytes);
  const guint8 *bytes = pickle->failed ? NULL : take (pickle, length);
  guint64 bits;

  if (bytes == NULL)
    return;
  if (length > 8)
    {
      push_type (pickle, LIMN_PICKLE_OBJECT);
      return;
    }
  bits = length > 0 && (bytes[length - 1] & 0x80) != 0 ? G_MAXUINT64 : 0;
  for (guint64 i = length; i > 0; i--)
    bits = bits << 8 | bytes[i - 1];
  push_int (pickle, LIMN_PICKLE_INT, (gint64) bits);
}

/* ---- Memo ------------------------------------------------------------------------------------ */

static void
memo_put (LimnPickle *pickle, guint64 key)
{
  LimnPickleValue *value = top (pickle);

  if (value != NULL && !pickle->failed && key <= G_MAXUINT32)
    g_hash_table_insert (pickle->memo, GUINT_TO_POINTER ((guint) key), value);
}

static void
memo_get (LimnPickle *pickle, guint64 key)
{
  LimnPickleValue *value = NULL;

  if (!pickle->failed && key <= G_MAXUINT32)
    value = g_hash_table_lookup (pickle->memo, GUINT_TO_POINTER ((guint) key));
  if (value == NULL)
    damaged (pickle);
  push (pickle, value);
}

/* ---- Opcodes --------------------------------------------------------------------------------- */

static gboolean
step_number (LimnPickle *pickle, guint8 opcode)
{
  switch (opcode)
    {
    case 'N':
      push_type (pickle, LIMN_PICKLE_NONE);
      return TRUE;
    case 0x88: /* NEWTRUE */
    case 0x89: /* NEWFALSE */
      push_int (pickle, LIMN_PICKLE_BOOL, opcode == 0x88);
      return TRUE;
    case 'I':
    case 'L':
      push_int (pickle, LIMN_PICKLE_INT, take_decimal (pickle));
      return TRUE;
    case 'J':
      push_int (pickle, LIMN_PICKLE_INT, (gint32) take_uint (pickle, 4));
      return TRUE;
    case 'K':
      push_int (pickle, LIMN_PICKLE_INT, (gint64) take_uint (pickle, 1));
      return TRUE;
    case 'M':
      push_int (pickle, LIMN_PICKLE_INT, (gint64) take_uint (pickle, 2));
      return TRUE;
    case 0x8a: /* LONG1 */
      push_long (pickle, 1);
      return TRUE;
    case 0x8b: /* LONG4 */
      push_long (pickle, 4);
      return TRUE;
    case 'F':
      take_decimal (pickle);
      push_type (pickle, LIMN_PICKLE_FLOAT);
      return TRUE;
    case 'G':
      push_float (pickle);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
step_string (LimnPickle *pickle, guint8 opcode)
{
  switch (opcode)
    {
    case 'S':
      push_quoted_line (pickle);
      return TRUE;
    case 'V':
      push_line (pickle);
      return TRUE;
    case 'U':  /* SHORT_BINSTRING */
    case 'C':  /* SHORT_BINBYTES */
    case 0x8c: /* SHORT_BINUNICODE */
      push_counted_string (pickle, 1);
      return TRUE;
    case 'T': /* BINSTRING */
    case 'B': /* BINBYTES */
    case 'X': /* BINUNICODE */
      push_counted_string (pickle, 4);
      return TRUE;
    case 0x8d: /* BINUNICODE8 */
    case 0x8e: /* BINBYTES8 */
    case 0x96: /* BYTEARRAY8 */
      push_counted_string (pickle, 8);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
step_container (LimnPickle *pickle, guint8 opcode)
{
  guint first;

  switch (opcode)
    {
    case '(':
      push_type (pickle, LIMN_PICKLE_MARK);
      return TRUE;
    case ')':
      push_type (pickle, LIMN_PICKLE_TUPLE);
      return TRUE;
    case ']':
      push_type (pickle, LIMN_PICKLE_LIST);
      return TRUE;
    case '}':
      push_type (pickle, LIMN_PICKLE_DICT);
      return TRUE;
    case 0x8f: /* EMPTY_SET */
      push_type (pickle, LIMN_PICKLE_OBJECT);
      return TRUE;
    case 0x85: /* TUPLE1 */
    case 0x86:
    case 0x87:
      collect_top (pickle, LIMN_PICKLE_TUPLE, (guint) opcode - 0x84);
      return TRUE;
    case 't':
      collect_marked (pickle, LIMN_PICKLE_TUPLE);
      return TRUE;
    case 'l':
      collect_marked (pickle, LIMN_PICKLE_LIST);
      return TRUE;
    case 'd':
      collect_marked (pickle, LIMN_PICKLE_DICT);
      return TRUE;
    case 'a':
      add_top (pickle, 1, LIMN_PICKLE_LIST);
      return TRUE;
    case 'e':
      add_marked (pickle, LIMN_PICKLE_LIST);
      return TRUE;
    case 's':
      add_top (pickle, 2, LIMN_PICKLE_DICT);
      return TRUE;
    case 'u':
      add_marked (pickle, LIMN_PICKLE_DICT);
      return TRUE;
    case 0x90: /* ADDITEMS, to a set: inert */
      add_marked (pickle, LIMN_PICKLE_OBJECT);
      return TRUE;
    case '1': /* POP_MARK */
    case 0x91: /* FROZENSET */
      if (find_mark (pickle, &first))
        g_ptr_array_set_size (pickle->stack, (int) first - 1);
      if (opcode == 0x91)
        push_type (pickle, LIMN_PICKLE_OBJECT);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
step_memo (LimnPickle *pickle, guint8 opcode)
{
  switch (opcode)
    {
    case 'p':
      memo_put (pickle, (guint64) take_decimal (pickle));
      return TRUE;
    case 'q':
      memo_put (pickle, take_uint (pickle, 1));
      return TRUE;
    case 'r':
      memo_put (pickle, take_uint (pickle, 4));
      return TRUE;
    case 0x94: /* MEMOIZE */
      memo_put (pickle, g_hash_table_size (pickle->memo));
      return TRUE;
    case 'g':
      memo_get (pickle, (guint64) take_decimal (pickle));
      return TRUE;
    case 'h':
      memo_get (pickle, take_uint (pickle, 1));
      return TRUE;
    case 'j':
      memo_get (pickle, take_uint (pickle, 4));
      return TRUE;
    case '0':
      if (pickle->stack->len == 0)
        damaged (pickle);
      else
        g_ptr_array_set_size (pickle->stack, (int) pickle->stack->len - 1);
      return TRUE;
    case '2':
      push (pickle, top (pickle));
      return TRUE;
    default:
      return FALSE;
    }
}

/* Pops a name and the module below it. */
static void
push_stack_global (LimnPickle *pickle)
{
  LimnPickleValue *name = pop (pickle);
  LimnPickleValue *module = pickle->failed ? NULL : pop (pickle);

  if (module != NULL)
    push (pickle, _limn_pickle_global (pickle, module, name));
}

/* Pops the arguments (and, for NEWOBJ_EX, keywords above them) and the callable below them. */
static void
push_reduced (LimnPickle *pickle, gboolean keywords)
{
  LimnPickleValue *args, *callable;

  if (keywords)
    pop (pickle);
  args = pickle->failed ? NULL : pop (pickle);
  callable = args == NULL ? NULL : pop (pickle);
  if (callable != NULL)
    push (pickle, _limn_pickle_reduce (pickle, callable, args));
}

static gboolean
step_object (LimnPickle *pickle, guint8 opcode)
{
  LimnPickleValue *value;
  guint first;

  switch (opcode)
    {
    case 'c':
      push_line (pickle);
      if (!pickle->failed)
        push_line (pickle);
      if (!pickle->failed)
        push_stack_global (pickle);
      return TRUE;
    case 0x93: /* STACK_GLOBAL */
      push_stack_global (pickle);
      return TRUE;
    case 'R':
    case 0x81: /* NEWOBJ */
      push_reduced (pickle, FALSE);
      return TRUE;
    case 0x92: /* NEWOBJ_EX */
      push_reduced (pickle, TRUE);
      return TRUE;
    case 'b': /* BUILD: the state goes, the object stays. */
      pop (pickle);
      if (!pickle->failed)
        top (pickle);
      return TRUE;
    case 'o': /* OBJ, INST: classes of protocol 0 */
    case 'i':
      if (opcode == 'i')
        {
          push_line (pickle);
          if (!pickle->failed)
            push_line (pickle);
          if (!pickle->failed)
            push_stack_global (pickle);
        }
      if (!pickle->failed && find_mark (pickle, &first))
        {
          g_ptr_array_set_size (pickle->stack, (int) first - 1);
          push_type (pickle, LIMN_PICKLE_OBJECT);
        }
      return TRUE;
    case 'P':
      push_line (pickle);
      /* fallthrough */
    case 'Q':
      value = pickle->failed ? NULL : pop (pickle);
      if (value != NULL)
        push (pickle, _limn_pickle_persistent (pickle, value));
      return TRUE;
    default:
      return FALSE;
    }
}

static void
step (LimnPickle *pickle, guint8 opcode)
{
  if (opcode == 0x80) /* PROTO */
    {
      if (take_uint (pickle, 1) > 5)
        damaged (pickle);
    }
  else if (opcode == 0x95) /* FRAME */
    take (pickle, 8);
  else if (!step_number (pickle, opcode) && !step_string (pickle, opcode)
           && !step_container (pickle, opcode) && !step_memo (pickle, opcode)
           && !step_object (pickle, opcode))
    _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_BAD_FILE,
                       "the pickle has opcode 0x%02x at byte %" G_GSIZE_FORMAT ", which no checkpoint needs",
                       opcode, pickle->position - 1);
}

const LimnPickleValue *
_limn_pickle_load (LimnPickle *pickle, GError **error)
{
  const LimnPickleValue *result = NULL;

  pickle->error = error;
  pickle->failed = FALSE;
  g_ptr_array_set_size (pickle->stack, 0);
  g_hash_table_remove_all (pickle->memo);
  while (!pickle->failed)
    {
      const guint8 *opcode = take (pickle, 1);

      if (opcode == NULL)
        break;
      if (*opcode == '.')
        {
          result = pop (pickle);
          break;
        }
      step (pickle, *opcode);
    }
  return pickle->failed ? NULL : result;
}
