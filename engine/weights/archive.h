/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/weights/weights-private.h"

G_BEGIN_DECLS

/* A zip file in memory whose stored members are handed out without copying. */
typedef struct _LimnArchive LimnArchive;

LimnArchive *_limn_archive_open (LimnWeights *weights, GBytes *bytes, GError **error);
void _limn_archive_free (LimnArchive *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnArchive, _limn_archive_free)

/* The folder that holds data.pkl, as a prefix with its slash (transfer full); NULL when there is
 * none. */
char *_limn_archive_find_root (LimnArchive *archive);
/* The contents of member @name (transfer full). Never writes a file, whatever the name says. */
GBytes *_limn_archive_read (LimnArchive *archive, const char *name, GError **error);

G_END_DECLS
