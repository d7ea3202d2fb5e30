/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-generation-private.h"
#include "app/limn-history.h"

G_BEGIN_DECLS

/* So many rows that were looked at stay in memory. */
#define LIMN_HISTORY_MAX_LOADED 512
/* For tests: how many do. */
guint _limn_history_get_n_loaded (LimnHistory *self);

/* So long, in microseconds, what was removed can be brought back, also after the program was closed: a day. */
#define LIMN_HISTORY_KEEP_REMOVED (24 * G_TIME_SPAN_HOUR)

/* ---- Files by content: FOLDER/files/ab/cdef....png (limn-history-files.c); blocking, any thread --------------------- */

/* Hex SHA-256 of @content (transfer full), which is on the disk when this returns. @extension: "png", "json" or "safetensors". */
char *_limn_history_files_put (const char *folder, GBytes *content, const char *extension, GError **error);
/* Where it lies (transfer full); NULL when it is not there. */
char *_limn_history_files_find (const char *folder, const char *hash);
/* The file's bytes; an error when it is missing or is not what its name says. */
GBytes *_limn_history_files_get (const char *folder, const char *hash, GError **error);
gboolean _limn_history_files_has (const char *folder, const char *hash);
/* Deletes what is not in @needed (a set of hashes), temporary files of a killed program included. */
void _limn_history_files_collect (const char *folder, GHashTable *needed);

/* ---- Pictures of a row (limn-history-picture.c) -------------------------------------------------------------------- */

/* The part of a picture of @width x @height that the list shows when @changed, which lies in it, was repainted. */
LimnRect _limn_history_shown_part (const LimnRect *changed, int width, int height);
/* What the list shows of a row: the whole result small, or of a patch the part that it changed and what is around it (transfer full).
 * @input: nullable; what @output, a patch, belongs to. */
LimnImage *_limn_history_make_thumbnail (LimnGeneration *generation, const LimnImage *input, const LimnImage *output, GError **error);

/* ---- Rows (limn-history-store.c, -schema.c); callers serialise ------------------------------------------------------ */

typedef struct _LimnHistoryStore LimnHistoryStore;

#define LIMN_HISTORY_DATABASE "history.sqlite"
/* 2: eta, guidance_rescale, condition_hash, loras, lora_hashes, which version 1 had behind the model's name. 3: step_cache. 4: crop. 5: two_pass, and
 * the crop as it was made: raw_hash to paste_reach. */
#define LIMN_HISTORY_VERSION 6

/* @notice: what the person should know although it opened (transfer full), or NULL. @read_only: nothing can be stored. NULL and @error
 * when there is nothing that could be shown. */
LimnHistoryStore *_limn_history_store_open (const char *folder, gboolean *read_only, char **notice, GError **error);
void _limn_history_store_free (LimnHistoryStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnHistoryStore, _limn_history_store_free)

/* One transaction. @pictures: (element-type utf8 utf8) pixel hash -> file hash, remembered beside it. */
gboolean _limn_history_store_add (LimnHistoryStore *store, LimnGeneration *generation, const char *thumbnail,
                                  GHashTable *pictures, gint64 *id, GError **error);
/* Ids (gint64) of the rows that match @text, newest first. */
GArray *_limn_history_store_search (LimnHistoryStore *store, const char *text, GError **error);
LimnGeneration *_limn_history_store_lookup (LimnHistoryStore *store, gint64 id, GError **error);
char *_limn_history_store_thumbnail (LimnHistoryStore *store, gint64 id, GError **error);
/* Whether the row is shown; when it was removed is kept. */
gboolean _limn_history_store_set_removed (LimnHistoryStore *store, gint64 id, gboolean removed, GError **error);
/* The row that was removed last and can still be brought back; 0 and @error when there is none. */
gint64 _limn_history_store_last_removed (LimnHistoryStore *store, GError **error);
/* The file that holds an image with these pixels, or NULL. */
char *_limn_history_store_find_picture (LimnHistoryStore *store, const char *pixels);
/* Forgets for good what was removed longer ago than LIMN_HISTORY_KEEP_REMOVED; the set of all hashes that rows need, NULL and @error on failure. */
GHashTable *_limn_history_store_purge (LimnHistoryStore *store, GError **error);

G_END_DECLS
