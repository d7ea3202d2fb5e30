/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * Reading the small files of a model, which are as hostile as the large one.
 */

/* Maps a regular file; an error when it is longer than @limit bytes (0: no limit). Never waits,
 * whatever stands in the file's place. Errors name the file. A file that another program shortens
 * while it is mapped ends in SIGBUS; a private copy of gigabytes would be the only cure, and is not
 * worth it. */
GBytes *limn_file_map (const char *path, gsize limit, GError **error);

/* Parses @text as one JSON value without deep nesting, strictly: no comments, no single
 * quotes. The value belongs to @parser, a fresh one. Errors are LIMN_ENGINE_ERROR_BAD_FILE and do
 * not name a file. */
JsonNode *limn_json_parse (JsonParser *parser, const char *text, gsize length, GError **error);
/* Parses @text as one JSON object without duplicate names and without deep nesting. The object
 * belongs to @parser, a fresh one. Errors are LIMN_ENGINE_ERROR_BAD_FILE and do not name a file. */
JsonObject *
limn_json_parse_object (JsonParser *parser, const char *text, gsize length, GError **error);

G_END_DECLS
