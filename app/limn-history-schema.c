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
  LimnSchemaState state;
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
  state = check_soundness (db);
  return state == LIMN_SCHEMA_CURRENT && version < LIMN_HISTORY_VERSION ? LIMN_SCHEMA_OLDER : state;
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

/* Name and type of the column of @field (transfer full). */
static char *
column_text (const LimnGenerationField *field)
{
  g_autofree char *name = g_strdelimit (g_strdup (field->name), "-", '_');

  if (field->type == G_TYPE_STRING)
    return g_strconcat (name, " TEXT", NULL);
  return g_strdup_printf ("%s %s NOT NULL DEFAULT %d", name, field->type == G_TYPE_DOUBLE ? "REAL" : "INTEGER",
                          (int) field->missing);
}

/* What is searched; without content of its own. */
#define TEXT_TABLE                                                                                                       \
  "CREATE VIRTUAL TABLE IF NOT EXISTS generation_text USING fts5 (prompt, negative, model, source_name, loras,"           \
  " content='generation', content_rowid='id', tokenize='unicode61 remove_diacritics 2');"

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
      g_autofree char *column = column_text (&fields[i]);

      g_string_append_printf (sql, ", %s", column);
    }
  g_string_append (sql, ");"
                        "CREATE TABLE IF NOT EXISTS picture (pixels TEXT PRIMARY KEY, file TEXT NOT NULL) WITHOUT ROWID;" TEXT_TABLE);
  g_string_append_printf (sql, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;", APPLICATION_ID,
                          LIMN_HISTORY_VERSION);
  if (_limn_history_sql_exec (db, sql->str, error))
    return TRUE;
  sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/* ---- From earlier versions ------------------------------------------------------------------------------------------ */

int
_limn_history_schema_version (sqlite3 *db, GError **error)
{
  gint64 version = 0;

  if (query_int (db, "PRAGMA user_version", &version) == SQLITE_ROW)
    return (int) version;
  _limn_history_sql_error (db, error);
  return 0;
}

/* "FILE:WEIGHT"? */
static gboolean
is_weighted (const char *text)
{
  const char *colon = strrchr (text, ':');
  char *end = NULL;

  if (colon == NULL || colon == text || colon[1] == '\0')
    return FALSE;
  g_ascii_strtod (colon + 1, &end);
  return *end == '\0';
}

/* From the end: an id may hold a plus of its own. */
char *
_limn_history_split_model (char *model)
{
  static const char joint[] = " + ";
  GString *lines = g_string_new (NULL);
  char *at;

  while (model != NULL && (at = g_strrstr (model, joint)) != NULL && at > model && is_weighted (at + strlen (joint)))
    {
      if (lines->len > 0)
        g_string_prepend_c (lines, '\n');
      g_string_prepend (lines, at + strlen (joint));
      *at = '\0';
    }
  return g_string_free (lines, lines->len == 0);
}

/* Gives the LoRA files in the rows' model a column of their own. */
static gboolean
split_models (sqlite3 *db)
{
  sqlite3_stmt *rows = NULL, *update = NULL;
  int rc = sqlite3_prepare_v2 (db, "SELECT id, model FROM generation WHERE model LIKE '% + %:%'", -1, &rows, NULL);

  if (rc == SQLITE_OK)
    rc = sqlite3_prepare_v2 (db, "UPDATE generation SET model = ?, loras = ? WHERE id = ?", -1, &update, NULL);
  while (rc == SQLITE_OK && (rc = sqlite3_step (rows)) == SQLITE_ROW)
    {
      g_autofree char *model = g_strdup ((const char *) sqlite3_column_text (rows, 1));
      g_autofree char *loras = _limn_history_split_model (model);

      rc = SQLITE_OK;
      if (loras == NULL)
        continue;
      sqlite3_bind_text (update, 1, model, -1, SQLITE_TRANSIENT);
      sqlite3_bind_text (update, 2, loras, -1, SQLITE_TRANSIENT);
      sqlite3_bind_int64 (update, 3, sqlite3_column_int64 (rows, 0));
      if (sqlite3_step (update) != SQLITE_DONE)
        rc = SQLITE_ERROR;
      sqlite3_reset (update);
    }
  sqlite3_finalize (rows);
  sqlite3_finalize (update);
  return rc == SQLITE_DONE;
}

static gboolean
upgrade (sqlite3 *db, int version, GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  guint n_fields;
  const LimnGenerationField *fields = _limn_generation_fields (&n_fields);

  for (guint i = 1; i < n_fields; i++)
    if (fields[i].since > version)
      {
        g_autofree char *column = column_text (&fields[i]);

        g_string_append_printf (sql, "ALTER TABLE generation ADD COLUMN %s;", column);
      }
  if (!_limn_history_sql_exec (db, sql->str, error))
    return FALSE;
  if (version < 2 && !split_models (db))
    return _limn_history_sql_error (db, error);
  g_string_printf (sql, "DROP TABLE generation_text;" TEXT_TABLE
                        "INSERT INTO generation_text (generation_text) VALUES ('rebuild'); PRAGMA user_version = %d; COMMIT;",
                   LIMN_HISTORY_VERSION);
  return _limn_history_sql_exec (db, sql->str, error);
}

gboolean
_limn_history_schema_upgrade (sqlite3 *db, GError **error)
{
  int version;

  if (!_limn_history_sql_exec (db, "BEGIN IMMEDIATE", error))
    return FALSE;
  version = _limn_history_schema_version (db, error);
  if (version >= LIMN_HISTORY_VERSION)
    return _limn_history_sql_exec (db, "COMMIT", error);
  if (version > 0 && upgrade (db, version, error))
    return TRUE;
  sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}
