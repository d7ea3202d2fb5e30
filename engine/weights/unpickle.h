/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/weights/weights-private.h"

G_BEGIN_DECLS

/*
 * The pickle machine: builds numbers, strings, containers, and descriptions of torch storages and
 * tensors. Nothing is imported and nothing is called. A class that is not on the list becomes an
 * inert object that swallows what is done to it; names that only an attack needs (os.system, eval,
 * ...) are refused.
 */

typedef enum
{
  LIMN_PICKLE_NONE,
  LIMN_PICKLE_BOOL,
  LIMN_PICKLE_INT,
  LIMN_PICKLE_FLOAT,
  LIMN_PICKLE_STRING,
  LIMN_PICKLE_TUPLE,
  LIMN_PICKLE_LIST,
  LIMN_PICKLE_DICT,
  LIMN_PICKLE_GLOBAL,
  LIMN_PICKLE_STORAGE,
  LIMN_PICKLE_TENSOR,
  LIMN_PICKLE_OBJECT, /* inert */
  LIMN_PICKLE_MARK,   /* on the machine's stack only */
} LimnPickleType;

typedef struct _LimnPickleValue LimnPickleValue;

/* All values and what they point to belong to the machine that made them; strings point into the
 * pickle. */
struct _LimnPickleValue
{
  LimnPickleType type;
  union
  {
    gint64 integer;
    double real;
    struct
    {
      const char *data; /* not terminated, any bytes */
      gsize length;
    } string;
    GPtrArray *items; /* of tuples, lists; of dicts: key, value, key, value, ... */
    struct
    {
      const LimnPickleValue *module, *name; /* strings */
    } global;
    struct
    {
      LimnDType dtype;
      const LimnPickleValue *key; /* string */
      gint64 n_elements;
    } storage;
    struct
    {
      const LimnPickleValue *storage;
      const LimnPickleValue *size, *stride; /* tuples of as many integers */
      gint64 offset;                        /* in elements */
    } tensor;
  };
};

typedef struct
{
  /* Borrowed */
  LimnWeights *weights; /* for messages */
  const guint8 *data;
  gsize size;

  /* Owned */
  GPtrArray *values;
  GPtrArray *stack;
  GHashTable *memo;

  guint max_values; /* that are made, bounded by the size of the file */
  gsize position; /* next byte; after a run, the one behind STOP */
  gboolean failed;
  GError **error;
} LimnPickle;

/* A machine over @data, which must outlive it. */
void _limn_pickle_init (LimnPickle *pickle, LimnWeights *weights, const guint8 *data, gsize size);
void _limn_pickle_clear (LimnPickle *pickle);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LimnPickle, _limn_pickle_clear)

/* Runs from the current position to STOP. The result belongs to the machine; NULL on error. */
const LimnPickleValue *_limn_pickle_load (LimnPickle *pickle, GError **error);

gboolean _limn_pickle_is_string (const LimnPickleValue *value, const char *text);
/* As a C string (transfer full), NULL when it is none or holds a NUL. */
char *_limn_pickle_dup_string (const LimnPickleValue *value);
/* The last value of @key, NULL when @dict is no dict or has no such key. */
const LimnPickleValue *_limn_pickle_dict_get (const LimnPickleValue *dict, const char *key);

G_END_DECLS
