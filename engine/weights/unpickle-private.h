/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/weights/unpickle.h"

G_BEGIN_DECLS

/* Between the files of the machine. All of it may be called after a failure; pushing NULL does
 * nothing. */
LimnPickleValue *_limn_pickle_new_value (LimnPickle *pickle, LimnPickleType type);
/* Records the first failure; returns NULL. */
LimnPickleValue *_limn_pickle_fail (LimnPickle *pickle, int code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
LimnPickleValue *_limn_pickle_global (LimnPickle *pickle,
                                      const LimnPickleValue *module,
                                      const LimnPickleValue *name);
LimnPickleValue *_limn_pickle_reduce (LimnPickle *pickle,
                                      const LimnPickleValue *callable,
                                      const LimnPickleValue *args);
LimnPickleValue *_limn_pickle_persistent (LimnPickle *pickle, const LimnPickleValue *id);

/* Fails with the place; returns NULL. */
LimnPickleValue *_limn_pickle_damaged (LimnPickle *pickle);

void _limn_pickle_push (LimnPickle *pickle, LimnPickleValue *value);
void _limn_pickle_push_type (LimnPickle *pickle, LimnPickleType type);
/* @type: INT or BOOL. */
void _limn_pickle_push_int (LimnPickle *pickle, LimnPickleType type, gint64 integer);
/* The topmost value, which is not a mark; NULL and a failure when there is none. */
LimnPickleValue *_limn_pickle_top (LimnPickle *pickle);
LimnPickleValue *_limn_pickle_pop (LimnPickle *pickle);
/* Index of the value above the topmost mark; fails when there is none. */
gboolean _limn_pickle_find_mark (LimnPickle *pickle, guint *first);
/* A new container of the topmost @n values, or of what lies above the mark. */
void _limn_pickle_collect_top (LimnPickle *pickle, LimnPickleType type, guint n);
void _limn_pickle_collect_marked (LimnPickle *pickle, LimnPickleType type);
/* Moves the topmost @n values, or what lies above the mark, into the container below. */
void _limn_pickle_add_top (LimnPickle *pickle, guint n, LimnPickleType type);
void _limn_pickle_add_marked (LimnPickle *pickle, LimnPickleType type);

G_END_DECLS
