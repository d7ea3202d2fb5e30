/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-library"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "app/limn-model-entry-private.h"

/* Read at a time: between two reads cancelling is noticed. */
#define HASH_BYTES (1024 * 1024)

struct _LimnModelEntry
{
  GObject parent_instance;

  /* Owned */
  char *path;
  char *id;
  char *name;
  char *stamp;
  LimnModel *model; /* NULL when it could not be opened */
  GError *error;

  gboolean checked; /* engine thread: no damage was found */
  gboolean builtin;

  /* Guarded by mutex */
  GMutex mutex;
  char *hash;       /* nullable */
};

G_DEFINE_FINAL_TYPE (LimnModelEntry, limn_model_entry, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_ID,
  PROP_NAME,
  PROP_ERROR,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
limn_model_entry_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  LimnModelEntry *self = LIMN_MODEL_ENTRY (object);

  switch (prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_ERROR:
      g_value_set_string (value, limn_model_entry_get_error (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
limn_model_entry_finalize (GObject *object)
{
  LimnModelEntry *self = LIMN_MODEL_ENTRY (object);

  g_clear_pointer (&self->model, limn_model_unref);
  g_clear_error (&self->error);
  g_free (self->path);
  g_free (self->id);
  g_free (self->name);
  g_free (self->stamp);
  g_free (self->hash);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (limn_model_entry_parent_class)->finalize (object);
}

static void
limn_model_entry_class_init (LimnModelEntryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = limn_model_entry_get_property;
  object_class->finalize = limn_model_entry_finalize;

  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
limn_model_entry_init (LimnModelEntry *self)
{
  g_mutex_init (&self->mutex);
}

static void
append_stamp (GString *stamp, const char *path)
{
  GStatBuf st;

  if (g_stat (path, &st) == 0)
    g_string_append_printf (stamp, "%s:%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT "\n", path, (gint64) st.st_size,
                            (gint64) st.st_mtime);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char **) a, *(char **) b);
}

/* Names, sizes and times of the files of a model (transfer full). */
static char *
make_stamp (const char *path)
{
  g_autoptr (GString) stamp = g_string_new (NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  append_stamp (stamp, path);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (files, g_build_filename (path, name, NULL));
  g_ptr_array_sort (files, compare_strings);
  for (guint i = 0; i < files->len; i++)
    append_stamp (stamp, files->pdata[i]);
  return g_strdup (stamp->str);
}

/* The name of the folder, or of the file without its suffix (transfer full). */
static char *
id_from_path (const char *path)
{
  g_autofree char *name = g_filename_display_basename (path);
  char *dot = strrchr (name, '.');

  if (dot != NULL && dot != name && !g_file_test (path, G_FILE_TEST_IS_DIR))
    *dot = '\0';
  return g_steal_pointer (&name);
}

/* What the model at @path lacks, a tokenizer at first, may be with the models beside it and with the person's own. */
LimnModel *
_limn_model_entry_open (const char *path, const LimnLoraUse *loras, gsize n_loras, GError **error)
{
  g_autofree char *beside = g_path_get_dirname (path);
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "limn", "models", NULL);
  const char *const search[] = { beside, own, NULL };
  const LimnModelOptions options = { .search = search, .loras = loras, .n_loras = n_loras };

  return limn_model_open_with (path, &options, error);
}

/* Of a link whose target is gone, say so; what the reader would say is no help. */
static gboolean
check_link (const char *path, GError **error)
{
  g_autofree char *target = NULL;
  g_autofree char *name = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  target = g_file_read_link (path, NULL);
  if (target == NULL)
    return TRUE;
  name = g_filename_display_name (target);
  /* Translators: %s is the path of a model file that is used where it was, and was moved or deleted */
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING, _("The model is missing: %s is not there any more"), name);
  return FALSE;
}

LimnModelEntry *
_limn_model_entry_new (const char *path, gboolean builtin)
{
  LimnModelEntry *self = g_object_new (LIMN_TYPE_MODEL_ENTRY, NULL);
  const LimnModelInfo *info = NULL;

  self->path = g_strdup (path);
  self->builtin = builtin;
  self->stamp = make_stamp (path);
  if (check_link (path, &self->error))
    self->model = _limn_model_entry_open (path, NULL, 0, &self->error);
  if (self->model != NULL)
    info = limn_model_get_info (self->model);
  self->id = info != NULL && info->id != NULL ? g_strdup (info->id) : id_from_path (path);
  self->name = info != NULL && info->name != NULL ? g_strdup (info->name) : g_strdup (self->id);
  return self;
}

const char *
_limn_model_entry_get_path (LimnModelEntry *self)
{
  g_assert (LIMN_IS_MODEL_ENTRY (self));
  return self->path;
}

gboolean
_limn_model_entry_is_current (LimnModelEntry *self)
{
  g_autofree char *stamp = NULL;

  g_assert (LIMN_IS_MODEL_ENTRY (self));

  stamp = make_stamp (self->path);
  return strcmp (stamp, self->stamp) == 0;
}

gboolean
_limn_model_entry_check (LimnModelEntry *self, GCancellable *cancellable, GError **error)
{
  g_assert (LIMN_IS_MODEL_ENTRY (self));

  if (!self->checked)
    self->checked = limn_model_check (self->model, cancellable, error);
  return self->checked;
}

static char *
hash_file (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *buffer = g_malloc (HASH_BYTES);
  gssize n;

  if (stream == NULL)
    return NULL;
  while ((n = g_input_stream_read (G_INPUT_STREAM (stream), buffer, HASH_BYTES, cancellable, error)) > 0)
    g_checksum_update (checksum, buffer, n);
  return n == 0 ? g_strdup (g_checksum_get_string (checksum)) : NULL;
}

char *
_limn_model_entry_dup_hash (LimnModelEntry *self, GCancellable *cancellable, GError **error)
{
  const LimnModelInfo *info;
  char *hash;

  g_assert (LIMN_IS_MODEL_ENTRY (self));

  info = limn_model_entry_get_info (self);
  g_mutex_lock (&self->mutex);
  if (self->hash == NULL)
    self->hash = hash_file (info != NULL ? info->path : self->path, cancellable, error);
  hash = g_strdup (self->hash);
  g_mutex_unlock (&self->mutex);
  return hash;
}

const char *
limn_model_entry_get_id (LimnModelEntry *self)
{
  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (self), NULL);
  return self->id;
}

const char *
limn_model_entry_get_name (LimnModelEntry *self)
{
  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (self), NULL);
  return self->name;
}

const LimnModelInfo *
limn_model_entry_get_info (LimnModelEntry *self)
{
  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (self), NULL);
  return self->model != NULL ? limn_model_get_info (self->model) : NULL;
}

const char *
limn_model_entry_get_error (LimnModelEntry *self)
{
  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (self), NULL);
  return self->error != NULL ? self->error->message : NULL;
}

gboolean
limn_model_entry_is_builtin (LimnModelEntry *self)
{
  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (self), FALSE);
  return self->builtin;
}

LimnModel *
limn_model_entry_get_model (LimnModelEntry *self)
{
  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (self), NULL);
  return self->model;
}
