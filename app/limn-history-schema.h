/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* What the file at a database's place is. */
typedef enum
{
  LIMN_SCHEMA_NONE,      /* nothing there yet, or an empty file */
  LIMN_SCHEMA_CURRENT,
  LIMN_SCHEMA_OLDER,     /* of an earlier version, to be brought to the present one */
  LIMN_SCHEMA_NEWER,     /* of a newer Limn */
  LIMN_SCHEMA_FOREIGN,   /* a database of another program */
  LIMN_SCHEMA_DAMAGED,
  LIMN_SCHEMA_UNREADABLE /* may not be read; @error says why */
} LimnSchemaState;

/* Looks at @path without changing a byte of it. */
LimnSchemaState _limn_history_schema_probe (const char *path, GError **error);
/* Tables, indices and version of a new database, in one transaction. */
gboolean _limn_history_schema_create (sqlite3 *db, GError **error);
/* Brings an older database to the present version, in one transaction; nothing when another program just did. */
gboolean _limn_history_schema_upgrade (sqlite3 *db, GError **error);
/* The version of the tables of @db; 0 and @error when it cannot be told. */
int _limn_history_schema_version (sqlite3 *db, GError **error);
/* Version 1 had "MODEL + FILE:WEIGHT + ..." for a model that LoRA files changed: cuts @model, and returns a line for each file
 * (transfer full); NULL when there are none. */
char *_limn_history_split_model (char *model);

/* Sets a sentence with SQLite's reason. FALSE, for callers to return. */
gboolean _limn_history_sql_error (sqlite3 *db, GError **error);
gboolean _limn_history_sql_exec (sqlite3 *db, const char *sql, GError **error);

G_END_DECLS
