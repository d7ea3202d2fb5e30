/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The stack machine of Python's pickle, protocols 0 to 5 (PEP 3154, PEP 574). What names and calls
 * mean is decided in unpickle-torch.c. Each opcode makes at most a few values, so that time and
 * memory are bounded by the pickle's length and the largest number of values.
 */
#include <string.h>

#include "engine/weights/unpickle-private.h"

/* ---- Arguments ------------------------------------------------------------------------------- */

static const guint8 *
take (LimnPickle *pickle, guint64 n)
{
  const guint8 *bytes;

  if (n > pickle->size - pickle->position)
    {
      _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_BAD_FILE, "the pickle is cut off");
      return NULL;
    }
  /* Only now: what is empty may be nowhere. */
  bytes = pickle->data + pickle->position;
  pickle->position += n;
  return bytes;
}

/* A little-endian unsigned number of @n bytes, at most 8; 0 after a failure. */
static guint64
take_uint (LimnPickle *pickle, int n)
{
  const guint8 *bytes = take (pickle, (guint64)n);
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
  value->string.data = (const char *)data;
  value->string.length = length;
  _limn_pickle_push (pickle, value);
}

/* Texts and bytes are one type here: both are only ever names. */
static void
push_counted_string (LimnPickle *pickle, int count_bytes)
{
  guint64 length = take_uint (pickle, count_bytes);

  if (!pickle->failed)
    push_string (pickle, take (pickle, length), (gsize)length);
}

/* The rest of the line, without its end. */
static const guint8 *
take_line (LimnPickle *pickle, gsize *length)
{
  const guint8 *line = pickle->data + pickle->position;
  const guint8 *end = memchr (line, '\n', pickle->size - pickle->position);

  if (end == NULL)
    {
      _limn_pickle_damaged (pickle);
      return NULL;
    }
  *length = (gsize)(end - line);
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
    _limn_pickle_damaged (pickle);
}

/* A decimal number on a line of its own, with the L of Python 2's long integers. */
static gint64
take_decimal (LimnPickle *pickle)
{
  gsize length = 0;
  const guint8 *line = take_line (pickle, &length);
  g_autofree char *text = line != NULL ? g_strndup ((const char *)line, MIN (length, 32)) : NULL;

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

static void
push_float (LimnPickle *pickle)
{
  const guint8 *bytes = take (pickle, 8);
  LimnPickleValue *value
      = bytes != NULL ? _limn_pickle_new_value (pickle, LIMN_PICKLE_FLOAT) : NULL;
  guint64 bits = 0;

  if (value == NULL)
    return;
  for (int i = 0; i < 8; i++)
    bits = bits << 8 | bytes[i];
  memcpy (&value->real, &bits, sizeof bits);
  _limn_pickle_push (pickle, value);
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
      _limn_pickle_push_type (pickle, LIMN_PICKLE_OBJECT);
      return;
    }
  bits = length > 0 && (bytes[length - 1] & 0x80) != 0 ? G_MAXUINT64 : 0;
  for (guint64 i = length; i > 0; i--)
    bits = bits << 8 | bytes[i - 1];
  _limn_pickle_push_int (pickle, LIMN_PICKLE_INT, (gint64)bits);
}

/* ---- Memo ------------------------------------------------------------------------------------ */

static void
memo_put (LimnPickle *pickle, guint64 key)
{
  LimnPickleValue *value = _limn_pickle_top (pickle);

  if (value != NULL && !pickle->failed && key <= G_MAXUINT32)
    g_hash_table_insert (pickle->memo, GUINT_TO_POINTER ((guint)key), value);
}

static void
memo_get (LimnPickle *pickle, guint64 key)
{
  LimnPickleValue *value = NULL;

  if (!pickle->failed && key <= G_MAXUINT32)
    value = g_hash_table_lookup (pickle->memo, GUINT_TO_POINTER ((guint)key));
  if (value == NULL)
    _limn_pickle_damaged (pickle);
  _limn_pickle_push (pickle, value);
}

/* ---- Opcodes --------------------------------------------------------------------------------- */

static gboolean
step_number (LimnPickle *pickle, guint8 opcode)
{
  switch (opcode)
    {
    case 'N':
      _limn_pickle_push_type (pickle, LIMN_PICKLE_NONE);
      return TRUE;
    case 0x88: /* NEWTRUE */
    case 0x89: /* NEWFALSE */
      _limn_pickle_push_int (pickle, LIMN_PICKLE_BOOL, opcode == 0x88);
      return TRUE;
    case 'I':
    case 'L':
      _limn_pickle_push_int (pickle, LIMN_PICKLE_INT, take_decimal (pickle));
      return TRUE;
    case 'J':
      _limn_pickle_push_int (pickle, LIMN_PICKLE_INT, (gint32)take_uint (pickle, 4));
      return TRUE;
    case 'K':
      _limn_pickle_push_int (pickle, LIMN_PICKLE_INT, (gint64)take_uint (pickle, 1));
      return TRUE;
    case 'M':
      _limn_pickle_push_int (pickle, LIMN_PICKLE_INT, (gint64)take_uint (pickle, 2));
      return TRUE;
    case 0x8a: /* LONG1 */
      push_long (pickle, 1);
      return TRUE;
    case 0x8b: /* LONG4 */
      push_long (pickle, 4);
      return TRUE;
    case 'F':
      take_decimal (pickle);
      _limn_pickle_push_type (pickle, LIMN_PICKLE_FLOAT);
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
      _limn_pickle_push_type (pickle, LIMN_PICKLE_MARK);
      return TRUE;
    case ')':
      _limn_pickle_push_type (pickle, LIMN_PICKLE_TUPLE);
      return TRUE;
    case ']':
      _limn_pickle_push_type (pickle, LIMN_PICKLE_LIST);
      return TRUE;
    case '}':
      _limn_pickle_push_type (pickle, LIMN_PICKLE_DICT);
      return TRUE;
    case 0x8f: /* EMPTY_SET */
      _limn_pickle_push_type (pickle, LIMN_PICKLE_OBJECT);
      return TRUE;
    case 0x85: /* TUPLE1 */
    case 0x86:
    case 0x87:
      _limn_pickle_collect_top (pickle, LIMN_PICKLE_TUPLE, (guint)opcode - 0x84);
      return TRUE;
    case 't':
      _limn_pickle_collect_marked (pickle, LIMN_PICKLE_TUPLE);
      return TRUE;
    case 'l':
      _limn_pickle_collect_marked (pickle, LIMN_PICKLE_LIST);
      return TRUE;
    case 'd':
      _limn_pickle_collect_marked (pickle, LIMN_PICKLE_DICT);
      return TRUE;
    case 'a':
      _limn_pickle_add_top (pickle, 1, LIMN_PICKLE_LIST);
      return TRUE;
    case 'e':
      _limn_pickle_add_marked (pickle, LIMN_PICKLE_LIST);
      return TRUE;
    case 's':
      _limn_pickle_add_top (pickle, 2, LIMN_PICKLE_DICT);
      return TRUE;
    case 'u':
      _limn_pickle_add_marked (pickle, LIMN_PICKLE_DICT);
      return TRUE;
    case 0x90: /* ADDITEMS, to a set: inert */
      _limn_pickle_add_marked (pickle, LIMN_PICKLE_OBJECT);
      return TRUE;
    case '1':  /* POP_MARK */
    case 0x91: /* FROZENSET */
      if (_limn_pickle_find_mark (pickle, &first))
        g_ptr_array_set_size (pickle->stack, (int)first - 1);
      if (opcode == 0x91)
        _limn_pickle_push_type (pickle, LIMN_PICKLE_OBJECT);
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
      memo_put (pickle, (guint64)take_decimal (pickle));
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
      memo_get (pickle, (guint64)take_decimal (pickle));
      return TRUE;
    case 'h':
      memo_get (pickle, take_uint (pickle, 1));
      return TRUE;
    case 'j':
      memo_get (pickle, take_uint (pickle, 4));
      return TRUE;
    case '0':
      if (pickle->stack->len == 0)
        _limn_pickle_damaged (pickle);
      else
        g_ptr_array_set_size (pickle->stack, (int)pickle->stack->len - 1);
      return TRUE;
    case '2':
      _limn_pickle_push (pickle, _limn_pickle_top (pickle));
      return TRUE;
    default:
      return FALSE;
    }
}

/* Pops a name and the module below it. */
static void
push_stack_global (LimnPickle *pickle)
{
  LimnPickleValue *name = _limn_pickle_pop (pickle);
  LimnPickleValue *module = pickle->failed ? NULL : _limn_pickle_pop (pickle);

  if (module != NULL)
    _limn_pickle_push (pickle, _limn_pickle_global (pickle, module, name));
}

/* Pops the arguments (and, for NEWOBJ_EX, keywords above them) and the callable below them. */
static void
push_reduced (LimnPickle *pickle, gboolean keywords)
{
  LimnPickleValue *args, *callable;

  if (keywords)
    _limn_pickle_pop (pickle);
  args = pickle->failed ? NULL : _limn_pickle_pop (pickle);
  callable = args == NULL ? NULL : _limn_pickle_pop (pickle);
  if (callable != NULL)
    _limn_pickle_push (pickle, _limn_pickle_reduce (pickle, callable, args));
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
      _limn_pickle_pop (pickle);
      if (!pickle->failed)
        _limn_pickle_top (pickle);
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
      if (!pickle->failed && _limn_pickle_find_mark (pickle, &first))
        {
          g_ptr_array_set_size (pickle->stack, (int)first - 1);
          _limn_pickle_push_type (pickle, LIMN_PICKLE_OBJECT);
        }
      return TRUE;
    case 'P':
      push_line (pickle);
      /* fallthrough */
    case 'Q':
      value = pickle->failed ? NULL : _limn_pickle_pop (pickle);
      if (value != NULL)
        _limn_pickle_push (pickle, _limn_pickle_persistent (pickle, value));
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
        _limn_pickle_damaged (pickle);
    }
  else if (opcode == 0x95) /* FRAME */
    take (pickle, 8);
  else if (!step_number (pickle, opcode) && !step_string (pickle, opcode)
           && !step_container (pickle, opcode) && !step_memo (pickle, opcode)
           && !step_object (pickle, opcode))
    _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_BAD_FILE,
                       "the pickle has opcode 0x%02x at byte %" G_GSIZE_FORMAT
                       ", which no checkpoint needs",
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
          result = _limn_pickle_pop (pickle);
          break;
        }
      step (pickle, *opcode);
    }
  return pickle->failed ? NULL : result;
}
