/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

#include "engine/task/image.h"

G_BEGIN_DECLS

/* Everything that is needed to find a result, show it and make it again. Strings are UTF-8, hashes hex SHA-256 of the stored PNG. */
#define LIMN_TYPE_GENERATION (limn_generation_get_type ())
/**
 * LimnGeneration: one row of the history. Properties (construct or writable until added, then constant): "id" int64 (0 before it is added),
 * "kind" string ("inpaint", "upscale"), "created" int64 (Unix microseconds, UTC), "prompt", "negative", "sampler", "model", "model-hash",
 * "engine-version", "source-name" string, "seed" uint64, "steps" int, "guidance", "strength", "grow", "feather", "paste-fade",
 * "context", "seconds" double, "factor", "width", "height" (of the output) int,
 * "input-hash", "mask-hash", "output-hash" string, "result-x", "result-y" int.
 */
G_DECLARE_FINAL_TYPE (LimnGeneration, limn_generation, LIMN, GENERATION, GObject)

LimnGeneration *limn_generation_new (const char *kind);
/* A1111-style "parameters" text and Limn's own keys, for PNG metadata (transfer full). */
GHashTable *limn_generation_to_text (LimnGeneration *self);

#define LIMN_TYPE_HISTORY (limn_history_get_type ())
/**
 * LimnHistory: SQLite (WAL) plus content-addressed PNG files. A GListModel of LimnGeneration, newest first, as of the last
 * search; rows appear as they are added (signals in the main context). Files first (temporary, fsync, rename), row second: a kill at any
 * instant leaves a history that opens and is complete up to the last finished job. Safe to add to from the engine thread.
 *
 * Properties: "error" string or NULL (why nothing can be stored: read-only folder, newer version; stays true, shown as a banner).
 */
G_DECLARE_FINAL_TYPE (LimnHistory, limn_history, LIMN, HISTORY, GObject)

/* @folder: where history.sqlite and files/ live, NULL for XDG_DATA_HOME/limn. A database of a newer version is not touched and gives an
 * error; a corrupted one is set aside (renamed, nothing deleted) and a new one begun, which @error-free callers learn from "error". */
LimnHistory *limn_history_open (const char *folder, GError **error);
/* Stores images (nullable ones may be NULL) and the row; blocking. */
gboolean limn_history_add (LimnHistory *self, LimnGeneration *generation, const LimnImage *input, const LimnImage *mask,
                           const LimnImage *output, GError **error);
/* Full-text search over prompt, negative, model and source name; NULL or "" for everything. */
void limn_history_search (LimnHistory *self, const char *text);
LimnGeneration *limn_history_lookup (LimnHistory *self, gint64 id, GError **error);
/* Deletes the row; files that no row needs are removed at the next start (so that undo of a delete works). */
gboolean limn_history_remove (LimnHistory *self, gint64 id, GError **error);
gboolean limn_history_restore (LimnHistory *self, gint64 id, GError **error);
/* Blocking, any thread: @hash as in the row; a missing or damaged file gives an error that says so. */
LimnImage *limn_history_load_image (LimnHistory *self, const char *hash, GError **error);
/* At most 256 px on the longer side; made when added; blocking, any thread. */
LimnImage *limn_history_load_thumbnail (LimnHistory *self, gint64 id, GError **error);

G_END_DECLS
