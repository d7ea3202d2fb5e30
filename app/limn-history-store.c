/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-history"

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "app/limn-history-private.h"
#include "app/limn-history-schema.h"

struct _LimnHistoryStore
{
  sqlite3 *db;
  int version; /* of its tables; only one that cannot be written may be older */
};

typedef sqlite3_stmt Statement;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Statement, sqlite3_finalize)

static Statement *
prepare (LimnHistoryStore *store, const char *sql, GError **error)
{
  Statement *statement = NULL;

  if (sqlite3_prepare_v2 (store->db, sql, -1, &statement, NULL) == SQLITE_OK)
    return statement;
  _limn_history_sql_error (store->db, error);
  return NULL;
}

void
_limn_history_store_free (LimnHistoryStore *store)
{
  if (store == NULL)
    return;
  sqlite3_close_v2 (store->db);
  g_free (store);
}

/* ---- Opening ------------------------------------------------------------------------------------------------------- */

/* Moves the database, its log and the pictures into a folder beside them, whose name is returned (transfer full). */
static char *
set_aside (const char *folder, GError **error)
{
  static const char *const names[] = { LIMN_HISTORY_DATABASE, LIMN_HISTORY_DATABASE "-wal", LIMN_HISTORY_DATABASE "-shm",
                                       "files" };
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "damaged-%Y-%m-%d-%H%M%S-XXXXXX");
  g_autofree char *aside = g_build_filename (folder, stamp, NULL);

  if (g_mkdtemp (aside) == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The history in “%s” is damaged and cannot be set aside"), folder);
      return NULL;
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_build_filename (folder, names[i], NULL);
      g_autofree char *to = g_build_filename (aside, names[i], NULL);

      if (g_rename (from, to) != 0 && g_file_test (from, G_FILE_TEST_EXISTS))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The damaged history “%s” cannot be set aside"), from);
          return NULL;
        }
    }
  return g_path_get_basename (aside);
}

static LimnHistoryStore *
open_writable (const char *path, gboolean create, GError **error)
{
  g_autoptr (LimnHistoryStore) store = g_new0 (LimnHistoryStore, 1);
  int rc = sqlite3_open_v2 (path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, NULL);

  if (rc != SQLITE_OK)
    {
      _limn_history_sql_error (store->db, error);
      return NULL;
    }
  sqlite3_busy_timeout (store->db, 10000);
  /* FULL: a finished job is on the disk, also when the power fails. */
  if (!_limn_history_sql_exec (store->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;",
                               error))
    return NULL;
  if (create ? !_limn_history_schema_create (store->db, error) : !_limn_history_schema_upgrade (store->db, error))
    return NULL;
  store->version = LIMN_HISTORY_VERSION;
  return g_steal_pointer (&store);
}

/* For a folder that cannot be written: the rows as they lie there. */
static LimnHistoryStore *
open_readable (const char *path, GError **error)
{
  g_autoptr (LimnHistoryStore) store = g_new0 (LimnHistoryStore, 1);
  g_autofree char *escaped = g_uri_escape_string (path, "/", TRUE);
  g_autofree char *uri = g_strdup_printf ("file:%s?immutable=1", escaped);

  if (sqlite3_open_v2 (uri, &store->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX, NULL) != SQLITE_OK)
    {
      _limn_history_sql_error (store->db, error);
      return NULL;
    }
  store->version = _limn_history_schema_version (store->db, error);
  return store->version > 0 ? g_steal_pointer (&store) : NULL;
}

/* Whether @folder can be written in, by doing it: permission bits do not tell of read-only mounts. */
static gboolean
can_write_in (const char *folder)
{
  g_autofree char *probe = g_build_filename (folder, ".limn-XXXXXX", NULL);
  int fd = g_mkstemp (probe);

  if (fd < 0)
    return FALSE;
  g_close (fd, NULL);
  g_unlink (probe);
  return TRUE;
}

LimnHistoryStore *
_limn_history_store_open (const char *folder, gboolean *read_only, char **notice, GError **error)
{
  g_autofree char *path = g_build_filename (folder, LIMN_HISTORY_DATABASE, NULL);
  g_autofree char *aside = NULL;
  LimnSchemaState state = _limn_history_schema_probe (path, error);

  *notice = NULL;
  *read_only = !can_write_in (folder);
  switch (state)
    {
    case LIMN_SCHEMA_UNREADABLE:
      return NULL;
    case LIMN_SCHEMA_NEWER:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _("The history “%s” was written by a newer version of Limn. It is left as it is, and nothing is stored."), path);
      return NULL;
    case LIMN_SCHEMA_FOREIGN:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _("“%s” is a database of another program. It is left as it is, and nothing is stored."), path);
      return NULL;
    case LIMN_SCHEMA_DAMAGED:
    case LIMN_SCHEMA_NONE:
      if (*read_only)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY, _("Nothing can be stored in “%s”, the folder of the history"),
                       folder);
          return NULL;
        }
      if (state == LIMN_SCHEMA_DAMAGED)
        {
          aside = set_aside (folder, error);
          if (aside == NULL)
            return NULL;
          *notice = g_strdup_printf (_("The history was damaged. It was moved to “%s” in “%s”, and a new one begun."), aside,
                                     folder);
        }
      return open_writable (path, TRUE, error);
    default:
      break;
    }

  if (*read_only)
    {
      *notice = g_strdup_printf (_("Nothing can be stored in “%s”, the folder of the history"), folder);
      return open_readable (path, error);
    }
  return open_writable (path, FALSE, error);
}

/* ---- Rows ---------------------------------------------------------------------------------------------------------- */

/* "a, b, c" or "?, ?, ?" for the fields from @first on; for those that tables of @version lack, what older rows have. */
static char *
column_list (guint first, gboolean marks, int version)
{
  g_autoptr (GString) list = g_string_new (NULL);
  guint n_fields;
  const LimnGenerationField *fields = _limn_generation_fields (&n_fields);

  for (guint i = first; i < n_fields; i++)
    {
      g_autofree char *column = g_strdelimit (g_strdup (fields[i].name), "-", '_');

      g_string_append (list, i > first ? ", " : "");
      if (fields[i].since <= version)
        g_string_append (list, marks ? "?" : column);
      else if (fields[i].type == G_TYPE_STRING)
        g_string_append (list, "NULL");
      else
        g_string_append_printf (list, "%d", (int) fields[i].missing);
    }
  return g_strdup (list->str);
}

static void
bind_field (Statement *statement, int at, LimnGeneration *generation, const LimnGenerationField *field)
{
  gpointer value = _limn_generation_field (generation, field);

  switch (field->type)
    {
    case G_TYPE_STRING:
      sqlite3_bind_text (statement, at, *(char **) value, -1, SQLITE_TRANSIENT);
      break;
    case G_TYPE_INT:
      sqlite3_bind_int (statement, at, *(int *) value);
      break;
    case G_TYPE_INT64:
      sqlite3_bind_int64 (statement, at, *(gint64 *) value);
      break;
    case G_TYPE_UINT64:
      /* SQLite's integers are signed: the same 64 bits. */
      sqlite3_bind_int64 (statement, at, (gint64) * (guint64 *) value);
      break;
    default:
      sqlite3_bind_double (statement, at, *(double *) value);
    }
}

static void
read_field (Statement *statement, int column, LimnGeneration *generation, const LimnGenerationField *field)
{
  gpointer value = _limn_generation_field (generation, field);

  switch (field->type)
    {
    case G_TYPE_STRING:
      g_free (*(char **) value);
      *(char **) value = g_strdup ((const char *) sqlite3_column_text (statement, column));
      break;
    case G_TYPE_INT:
      *(int *) value = sqlite3_column_int (statement, column);
      break;
    case G_TYPE_INT64:
      *(gint64 *) value = sqlite3_column_int64 (statement, column);
      break;
    case G_TYPE_UINT64:
      *(guint64 *) value = (guint64) sqlite3_column_int64 (statement, column);
      break;
    default:
      *(double *) value = sqlite3_column_double (statement, column);
    }
}

static gboolean
run (LimnHistoryStore *store, Statement *statement, GError **error)
{
  if (sqlite3_step (statement) == SQLITE_DONE)
    return TRUE;
  return _limn_history_sql_error (store->db, error);
}

static gboolean
insert_row (LimnHistoryStore *store, LimnGeneration *generation, const char *thumbnail, gint64 *id, GError **error)
{
  g_autofree char *columns = column_list (1, FALSE, store->version);
  g_autofree char *marks = column_list (1, TRUE, store->version);
  g_autofree char *sql = g_strdup_printf ("INSERT INTO generation (thumbnail_hash, %s) VALUES (?, %s)", columns, marks);
  g_autoptr (Statement) statement = prepare (store, sql, error);
  guint n_fields;
  const LimnGenerationField *fields = _limn_generation_fields (&n_fields);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, thumbnail, -1, SQLITE_TRANSIENT);
  for (guint i = 1; i < n_fields; i++)
    bind_field (statement, (int) i + 1, generation, &fields[i]);
  if (!run (store, statement, error))
    return FALSE;
  *id = sqlite3_last_insert_rowid (store->db);
  return TRUE;
}

static gboolean
insert_text (LimnHistoryStore *store, LimnGeneration *generation, gint64 id, GError **error)
{
  g_autoptr (Statement) statement = prepare (
      store, "INSERT INTO generation_text (rowid, prompt, negative, model, source_name, loras) VALUES (?, ?, ?, ?, ?, ?)", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, id);
  sqlite3_bind_text (statement, 2, generation->prompt, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 3, generation->negative, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 4, generation->model, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 5, generation->source_name, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 6, generation->loras, -1, SQLITE_TRANSIENT);
  return run (store, statement, error);
}

static gboolean
insert_pictures (LimnHistoryStore *store, GHashTable *pictures, GError **error)
{
  g_autoptr (Statement) statement = prepare (store, "INSERT OR REPLACE INTO picture (pixels, file) VALUES (?, ?)", error);
  GHashTableIter iter;
  gpointer pixels, file;

  if (statement == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, pictures);
  while (g_hash_table_iter_next (&iter, &pixels, &file))
    {
      sqlite3_bind_text (statement, 1, pixels, -1, SQLITE_TRANSIENT);
      sqlite3_bind_text (statement, 2, file, -1, SQLITE_TRANSIENT);
      if (!run (store, statement, error))
        return FALSE;
      sqlite3_reset (statement);
    }
  return TRUE;
}

gboolean
_limn_history_store_add (LimnHistoryStore *store, LimnGeneration *generation, const char *thumbnail, GHashTable *pictures,
                         gint64 *id, GError **error)
{
  if (!_limn_history_sql_exec (store->db, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (insert_row (store, generation, thumbnail, id, error) && insert_text (store, generation, *id, error) &&
      insert_pictures (store, pictures, error) && _limn_history_sql_exec (store->db, "COMMIT", error))
    return TRUE;
  /* Some failures have rolled back already; then this fails, too, and changes nothing. */
  sqlite3_exec (store->db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/* What a person typed as an FTS5 query: every word must occur, as the beginning of one (transfer full, "" when there is no word). FTS5
 * takes the quoted words apart by its own rules; nothing in quotes is an operator. */
static char *
match_expression (const char *text)
{
  g_autoptr (GString) expression = g_string_new (NULL);
  g_auto (GStrv) words = g_strsplit_set (text, " \t\r\n\"", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_string_append_printf (expression, "\"%s\"* ", words[i]);
  return g_strdup (expression->str);
}

GArray *
_limn_history_store_search (LimnHistoryStore *store, const char *text, GError **error)
{
  g_autofree char *expression = match_expression (text);
  gboolean all = expression[0] == '\0';
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (Statement) statement = NULL;
  int rc;

  statement = prepare (store,
                       all ? "SELECT id FROM generation WHERE NOT removed ORDER BY id DESC"
                           : "SELECT id FROM generation WHERE NOT removed AND id IN"
                             " (SELECT rowid FROM generation_text WHERE generation_text MATCH ?) ORDER BY id DESC",
                       error);
  if (statement == NULL)
    return NULL;
  if (!all)
    sqlite3_bind_text (statement, 1, expression, -1, SQLITE_TRANSIENT);
  while ((rc = sqlite3_step (statement)) == SQLITE_ROW)
    {
      gint64 id = sqlite3_column_int64 (statement, 0);

      g_array_append_val (ids, id);
    }
  if (rc != SQLITE_DONE)
    {
      _limn_history_sql_error (store->db, error);
      return NULL;
    }
  return g_steal_pointer (&ids);
}

LimnGeneration *
_limn_history_store_lookup (LimnHistoryStore *store, gint64 id, GError **error)
{
  g_autofree char *columns = column_list (0, FALSE, store->version);
  g_autofree char *sql = g_strdup_printf ("SELECT %s FROM generation WHERE id = ?", columns);
  g_autoptr (Statement) statement = prepare (store, sql, error);
  LimnGeneration *generation;
  guint n_fields;
  const LimnGenerationField *fields = _limn_generation_fields (&n_fields);
  int rc;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, id);
  rc = sqlite3_step (statement);
  if (rc != SQLITE_ROW)
    {
      if (rc == SQLITE_DONE)
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("The history has no entry number %" PRId64), id);
      else
        _limn_history_sql_error (store->db, error);
      return NULL;
    }
  generation = g_object_new (LIMN_TYPE_GENERATION, NULL);
  for (guint i = 0; i < n_fields; i++)
    read_field (statement, (int) i, generation, &fields[i]);
  if (store->version < 2)
    generation->loras = _limn_history_split_model (generation->model);
  return generation;
}

char *
_limn_history_store_thumbnail (LimnHistoryStore *store, gint64 id, GError **error)
{
  g_autoptr (Statement) statement = prepare (store, "SELECT thumbnail_hash FROM generation WHERE id = ?", error);
  char *hash;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, id);
  hash = sqlite3_step (statement) == SQLITE_ROW ? g_strdup ((const char *) sqlite3_column_text (statement, 0)) : NULL;
  if (hash == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("The history has no picture for entry number %" PRId64),
                 id);
  return hash;
}

gboolean
_limn_history_store_set_removed (LimnHistoryStore *store, gint64 id, gboolean removed, GError **error)
{
  g_autoptr (Statement) statement = prepare (store, "UPDATE generation SET removed = ? WHERE id = ?", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, removed ? g_get_real_time () : 0);
  sqlite3_bind_int64 (statement, 2, id);
  if (!run (store, statement, error))
    return FALSE;
  if (sqlite3_changes (store->db) > 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("The history has no entry number %" PRId64), id);
  return FALSE;
}

gint64
_limn_history_store_last_removed (LimnHistoryStore *store, GError **error)
{
  g_autoptr (Statement) statement
      = prepare (store, "SELECT id FROM generation WHERE removed ORDER BY removed DESC, id DESC LIMIT 1", error);
  int rc = statement != NULL ? sqlite3_step (statement) : SQLITE_ERROR;

  if (rc == SQLITE_ROW)
    return sqlite3_column_int64 (statement, 0);
  if (rc == SQLITE_DONE)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("Nothing was deleted from the history in the last day"));
  else if (statement != NULL)
    _limn_history_sql_error (store->db, error);
  return 0;
}

char *
_limn_history_store_find_picture (LimnHistoryStore *store, const char *pixels)
{
  g_autoptr (Statement) statement = prepare (store, "SELECT file FROM picture WHERE pixels = ?", NULL);

  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, pixels, -1, SQLITE_TRANSIENT);
  return sqlite3_step (statement) == SQLITE_ROW ? g_strdup ((const char *) sqlite3_column_text (statement, 0)) : NULL;
}

/* Between these two times nothing that was removed goes yet; a time to come is of a clock that was wrong. */
#define GONE "removed AND removed NOT BETWEEN %" PRId64 " AND %" PRId64
static const char purge_sql[] =
    "BEGIN IMMEDIATE;"
    /* An external-content index forgets a row when it is told what it had remembered. */
    "INSERT INTO generation_text (generation_text, rowid, prompt, negative, model, source_name, loras)"
    " SELECT 'delete', id, prompt, negative, model, source_name, loras FROM generation WHERE " GONE ";"
    "DELETE FROM generation WHERE " GONE ";"
    "DELETE FROM picture WHERE file NOT IN (SELECT input_hash FROM generation WHERE input_hash NOTNULL UNION"
    " SELECT mask_hash FROM generation WHERE mask_hash NOTNULL UNION"
    " SELECT output_hash FROM generation WHERE output_hash NOTNULL UNION"
    " SELECT raw_hash FROM generation WHERE raw_hash NOTNULL UNION"
    " SELECT matched_hash FROM generation WHERE matched_hash NOTNULL);"
    "COMMIT;";

GHashTable *
_limn_history_store_purge (LimnHistoryStore *store, GError **error)
{
  g_autoptr (GHashTable) needed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (Statement) statement = NULL;
  gint64 now = g_get_real_time (), then = now - LIMN_HISTORY_KEEP_REMOVED;
  g_autofree char *sql = g_strdup_printf (purge_sql, then, now, then, now);
  int rc;

  if (!_limn_history_sql_exec (store->db, sql, error))
    {
      sqlite3_exec (store->db, "ROLLBACK", NULL, NULL, NULL);
      return NULL;
    }
  statement = prepare (store, "SELECT input_hash, mask_hash, output_hash, thumbnail_hash, condition_hash, raw_hash, matched_hash FROM generation", error);
  if (statement == NULL)
    return NULL;
  while ((rc = sqlite3_step (statement)) == SQLITE_ROW)
    for (int i = 0; i < sqlite3_column_count (statement); i++)
      if (sqlite3_column_type (statement, i) == SQLITE_TEXT)
        g_hash_table_add (needed, g_strdup ((const char *) sqlite3_column_text (statement, i)));
  if (rc == SQLITE_DONE)
    return g_steal_pointer (&needed);
  _limn_history_sql_error (store->db, error);
  return NULL;
}
