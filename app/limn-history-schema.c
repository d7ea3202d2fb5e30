/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-history"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "app/limn-history-private.h"
#include "app/limn-history-schema.h"

/* "Limn" in PRAGMA application_id. */
#define APPLICATION_ID 0x4c696d6e

gboolean
_limn_history_sql_error (sqlite3 *db, GError **error)
{
  int code = sqlite3_errcode (db) & 0xff;
  int io_code = code == SQLITE_FULL                                ? G_IO_ERROR_NO_SPACE
                : code == SQLITE_READONLY                          ? G_IO_ERROR_READ_ONLY
                : code == SQLITE_BUSY                              ? G_IO_ERROR_BUSY
                : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? G_IO_ERROR_INVALID_DATA
                                                                   : G_IO_ERROR_FAILED;

  g_set_error (error, G_IO_ERROR, io_code, _("The history could not be used: %s"), sqlite3_errmsg (db));
  return FALSE;
}

gboolean
_limn_history_sql_exec (sqlite3 *db, const char *sql, GError **error)
{
  if (sqlite3_exec (db, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  return _limn_history_sql_error (db, error);
}

/* First column of the first row of @sql as an integer. */
static int
query_int (sqlite3 *db, const char *sql, gint64 *value)
{
  sqlite3_stmt *statement = NULL;
  int rc = sqlite3_prepare_v2 (db, sql, -1, &statement, NULL);

  if (rc == SQLITE_OK)
    rc = sqlite3_step (statement);
  if (rc == SQLITE_ROW)
    *value = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return rc;
}

/* A check that could not be made (a busy file, a disk that fails, no memory) says nothing about the file: only what SQLite itself
 * calls damage is damage, for that is set aside. */
static LimnSchemaState
check_soundness (sqlite3 *db)
{
  sqlite3_stmt *statement = NULL;
  LimnSchemaState state = LIMN_SCHEMA_UNREADABLE;
  int rc = sqlite3_prepare_v2 (db, "PRAGMA quick_check(1)", -1, &statement, NULL);

  if (rc == SQLITE_OK)
    rc = sqlite3_step (statement);
  if (rc == SQLITE_ROW)
    state = g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0 ? LIMN_SCHEMA_CURRENT : LIMN_SCHEMA_DAMAGED;
  else if (rc == SQLITE_NOTADB || rc == SQLITE_CORRUPT)
    state = LIMN_SCHEMA_DAMAGED;
  sqlite3_finalize (statement);
  return state;
}

static LimnSchemaState
probe_database (sqlite3 *db)
{
  gint64 version = 0, application = 0, tables = 0;
  int rc = query_int (db, "PRAGMA user_version", &version);

  if (rc == SQLITE_ROW)
    rc = query_int (db, "PRAGMA application_id", &application);
  if (rc == SQLITE_ROW)
    rc = query_int (db, "SELECT count(*) FROM sqlite_master", &tables);
  if (rc == SQLITE_NOTADB || rc == SQLITE_CORRUPT)
    return LIMN_SCHEMA_DAMAGED;
  if (rc != SQLITE_ROW)
    return LIMN_SCHEMA_UNREADABLE;

  if (application == 0 && version == 0 && tables == 0)
    return LIMN_SCHEMA_NONE;
  if (application != APPLICATION_ID)
    return LIMN_SCHEMA_FOREIGN;
  if (version > LIMN_HISTORY_VERSION)
    return LIMN_SCHEMA_NEWER;
  return check_soundness (db);
}

/* A read-only connection never folds the write-ahead log into the file, so that looking leaves it as it was. */
static sqlite3 *
open_read_only (const char *path, gboolean immutable)
{
  g_autofree char *escaped = g_uri_escape_string (path, "/", TRUE);
  g_autofree char *uri = g_strdup_printf ("file:%s?mode=ro%s", escaped, immutable ? "&immutable=1" : "");
  sqlite3 *db = NULL;

  if (sqlite3_open_v2 (uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX, NULL) != SQLITE_OK)
    g_clear_pointer (&db, sqlite3_close);
  return db;
}

LimnSchemaState
_limn_history_schema_probe (const char *path, GError **error)
{
  LimnSchemaState state = LIMN_SCHEMA_UNREADABLE;
  GStatBuf st;

  if (g_stat (path, &st) != 0 || st.st_size == 0)
    return LIMN_SCHEMA_NONE;

  /* In a folder that cannot be written the log's index cannot be made; there the file is read as it lies. */
  for (int immutable = 0; immutable < 2 && state == LIMN_SCHEMA_UNREADABLE; immutable++)
    {
      sqlite3 *db = open_read_only (path, immutable);

      if (db == NULL)
        continue;
      sqlite3_busy_timeout (db, 5000);
      state = probe_database (db);
      sqlite3_close (db);
    }
  if (state == LIMN_SCHEMA_UNREADABLE)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The history “%s” cannot be read"), path);
  return state;
}

static const char *
column_type (GType type)
{
  switch (type)
    {
    case G_TYPE_STRING:
      return "TEXT";
    case G_TYPE_DOUBLE:
      return "REAL NOT NULL DEFAULT 0";
    default:
      return "INTEGER NOT NULL DEFAULT 0";
    }
}

gboolean
_limn_history_schema_create (sqlite3 *db, GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  guint n_fields;
  const LimnGenerationField *fields = _limn_generation_fields (&n_fields);

  /* IF NOT EXISTS: two programs may start at the same time. AUTOINCREMENT: an id is never given twice, also not after a row was removed. */
  g_string_append (sql, "BEGIN IMMEDIATE;"
                        "CREATE TABLE IF NOT EXISTS generation (id INTEGER PRIMARY KEY AUTOINCREMENT,"
                        " removed INTEGER NOT NULL DEFAULT 0, thumbnail_hash TEXT");
  for (guint i = 1; i < n_fields; i++)
    {
      g_autofree char *column = g_strdelimit (g_strdup (fields[i].name), "-", '_');

      g_string_append_printf (sql, ", %s %s", column, column_type (fields[i].type));
    }
  g_string_append (sql, ");"
                        "CREATE TABLE IF NOT EXISTS picture (pixels TEXT PRIMARY KEY, file TEXT NOT NULL) WITHOUT ROWID;"
                        "CREATE VIRTUAL TABLE IF NOT EXISTS generation_text USING fts5 (prompt, negative, model, source_name,"
                        " content='generation', content_rowid='id', tokenize='unicode61 remove_diacritics 2');");
  g_string_append_printf (sql, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;", APPLICATION_ID,
                          LIMN_HISTORY_VERSION);
  if (_limn_history_sql_exec (db, sql->str, error))
    return TRUE;
  sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}
