/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/layers-private.h"

G_BEGIN_DECLS

/**
 * LimnWholeSource:
 *
 * A weight source that remembers what it was asked for. Networks without a description are known
 * by the names in their file alone; a name that the network did not ask for means that it is a
 * relative of it, which would compute something else.
 */
typedef struct
{
  LimnWeightSource source;
  GHashTable *asked; /* owned: char * */
} LimnWholeSource;

void limn_whole_source_init (LimnWholeSource *self, LimnWeights *weights, const char *prefix);
void limn_whole_source_clear (LimnWholeSource *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LimnWholeSource, limn_whole_source_clear)

/* TRUE when the store has prefix + name. */
gboolean limn_whole_source_has (const LimnWholeSource *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
/* Extents of the tensor prefix + name, which must have @n_dims of them. FALSE and a sticky error of
 * the binder when it does not. */
gboolean limn_whole_source_shape (const LimnWholeSource *self,
                                  LimnBinder *binder,
                                  const char *name,
                                  int n_dims,
                                  gint64 *extent);
/* Fails the binder when a name that begins with prefix + one of @modules (NULL-terminated) was not
 * asked for; @network names what it was taken for,
 * "an RRDBNet". */
void limn_whole_source_check (const LimnWholeSource *self,
                              LimnBinder *binder,
                              const char *network,
                              const char *const *modules);

G_END_DECLS
