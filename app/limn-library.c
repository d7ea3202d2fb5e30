/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-library"

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "app/limn-model-entry-private.h"

/* So long the person's folder has been quiet before it is looked through, milliseconds: a file that is still being copied
 * there is no model yet. */
#define QUIET 700
/* More folders in it than these are not watched. */
#define MAX_WATCHED 200

struct _LimnLibrary
{
  GObject parent_instance;

  /* Owned */
  GPtrArray *entries;        /* of LimnModelEntry */
  GPtrArray *monitors;       /* of GFileMonitor; NULL: does not watch */
  GCancellable *cancellable; /* of all that goes on in workers */
  guint timeout;
  guint scanning : 1;        /* a worker does */
  guint again : 1;           /* something changed meanwhile */
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LimnLibrary, limn_library, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static GType
limn_library_get_item_type (GListModel *model)
{
  return LIMN_TYPE_MODEL_ENTRY;
}

static guint
limn_library_get_n_items (GListModel *model)
{
  return LIMN_LIBRARY (model)->entries->len;
}

static gpointer
limn_library_get_item (GListModel *model, guint position)
{
  LimnLibrary *self = LIMN_LIBRARY (model);

  return position < self->entries->len ? g_object_ref (self->entries->pdata[position]) : NULL;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = limn_library_get_item_type;
  iface->get_n_items = limn_library_get_n_items;
  iface->get_item = limn_library_get_item;
}

static void
limn_library_dispose (GObject *object)
{
  LimnLibrary *self = LIMN_LIBRARY (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_pointer (&self->monitors, g_ptr_array_unref);
  G_OBJECT_CLASS (limn_library_parent_class)->dispose (object);
}

static void
limn_library_finalize (GObject *object)
{
  LimnLibrary *self = LIMN_LIBRARY (object);

  g_ptr_array_unref (self->entries);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (limn_library_parent_class)->finalize (object);
}

static void
limn_library_class_init (LimnLibraryClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = limn_library_dispose;
  G_OBJECT_CLASS (klass)->finalize = limn_library_finalize;
}

static void
limn_library_init (LimnLibrary *self)
{
  self->entries = g_ptr_array_new_with_free_func (g_object_unref);
  self->cancellable = g_cancellable_new ();
}

/* A link whose target is gone: a model that was used where it was, and is listed as missing. */
static gboolean
is_broken_link (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_SYMLINK) && !g_file_test (path, G_FILE_TEST_EXISTS);
}

static LimnModelEntry *
find_by_path (GPtrArray *entries, const char *path)
{
  for (guint i = 0; i < entries->len; i++)
    if (strcmp (_limn_model_entry_get_path (entries->pdata[i]), path) == 0)
      return entries->pdata[i];
  return NULL;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  LimnModelEntry *first = *(LimnModelEntry **) a, *second = *(LimnModelEntry **) b;
  int order = g_utf8_collate (limn_model_entry_get_name (first), limn_model_entry_get_name (second));

  return order != 0 ? order : strcmp (limn_model_entry_get_id (first), limn_model_entry_get_id (second));
}

/* Appends the models of @folder, sorted. Models that have not changed since @known was made are the same objects. */
static void
scan_folder (const char *folder, gboolean builtin, GPtrArray *known, GPtrArray *entries)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_object_unref);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      LimnModelEntry *entry;

      if (name[0] == '.' || find_by_path (entries, path) != NULL)
        continue;
      if (!limn_model_is_likely (path) && !is_broken_link (path))
        continue;
      entry = find_by_path (known, path);
      if (entry != NULL && _limn_model_entry_is_current (entry))
        g_ptr_array_add (found, g_object_ref (entry));
      else
        g_ptr_array_add (found, _limn_model_entry_new (path, builtin));
    }
  g_ptr_array_sort (found, compare_names);
  g_ptr_array_extend (entries, found, (GCopyFunc) g_object_ref, NULL);
}

/* Where the models that come with Limn are: named by the environment, beside the installed program, in the source
 * tree of a build that was not installed, or where it would be installed (transfer full). */
static char *
builtin_folder (void)
{
  const char *named = g_getenv ("LIMN_MODELS_DIR");
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);

  if (named != NULL && named[0] != '\0')
    return g_strdup (named);
  if (program != NULL)
    {
      g_autofree char *bin = g_path_get_dirname (program);
      g_autofree char *prefix = g_path_get_dirname (bin);
      g_autofree char *beside = g_build_filename (prefix, "share", "limn", "models", NULL);

      if (g_file_test (beside, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&beside);
    }
  if (LIMN_MODELS_SOURCE_DIR[0] != '\0' && g_file_test (LIMN_MODELS_SOURCE_DIR, G_FILE_TEST_IS_DIR))
    return g_strdup (LIMN_MODELS_SOURCE_DIR);
  return g_strdup (LIMN_MODELS_DIR);
}

LimnLibrary *
limn_library_new (void)
{
  LimnLibrary *self = g_object_new (LIMN_TYPE_LIBRARY, NULL);

  limn_library_scan (self);
  return self;
}

char *
limn_library_dup_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "limn", "models", NULL);
}

/* All models there are; those that have not changed since @known was made are the same objects. Any thread. */
static GPtrArray *
find_entries (GPtrArray *known)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *builtin = builtin_folder ();
  g_autofree char *own = limn_library_dup_folder ();

  scan_folder (builtin, TRUE, known, entries);
  scan_folder (own, FALSE, known, entries);
  return entries;
}

/* Takes over @entries. What stays at both ends of the list is not said to have changed. */
static void
set_entries (LimnLibrary *self, GPtrArray *entries)
{
  g_autoptr (GPtrArray) old = self->entries;
  guint first = 0, last = 0, shorter = MIN (old->len, entries->len);

  while (first < shorter && old->pdata[first] == entries->pdata[first])
    first++;
  while (last < shorter - first && old->pdata[old->len - 1 - last] == entries->pdata[entries->len - 1 - last])
    last++;
  self->entries = entries;
  if (old->len - first - last > 0 || entries->len - first - last > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), first, old->len - first - last, entries->len - first - last);
}

void
limn_library_scan (LimnLibrary *self)
{
  g_return_if_fail (LIMN_IS_LIBRARY (self));

  set_entries (self, find_entries (self->entries));
}

/* ---- Looking again by itself ------------------------------------------------------------------------------------------ */

static void watch_folders (LimnLibrary *self);

static void
rescan_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_task_return_pointer (task, find_entries (task_data), (GDestroyNotify) g_ptr_array_unref);
}

static void
rescanned_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LimnLibrary *self = LIMN_LIBRARY (source);
  GPtrArray *entries = g_task_propagate_pointer (G_TASK (result), NULL);

  self->scanning = FALSE;
  if (entries == NULL)
    return;
  set_entries (self, entries);
  if (self->monitors != NULL)
    watch_folders (self);
  if (self->again)
    limn_library_rescan (self);
}

void
limn_library_rescan (LimnLibrary *self)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (LIMN_IS_LIBRARY (self));

  self->again = self->scanning;
  if (self->scanning)
    return;
  self->scanning = TRUE;
  task = g_task_new (self, self->cancellable, rescanned_cb, NULL);
  g_task_set_source_tag (task, limn_library_rescan);
  g_task_set_task_data (task, g_ptr_array_copy (self->entries, (GCopyFunc) g_object_ref, NULL),
                        (GDestroyNotify) g_ptr_array_unref);
  g_ptr_array_set_free_func (g_task_get_task_data (task), g_object_unref);
  g_task_run_in_thread (task, rescan_worker);
}

static gboolean
quiet_cb (gpointer user_data)
{
  LimnLibrary *self = user_data;

  self->timeout = 0;
  limn_library_rescan (self);
  return G_SOURCE_REMOVE;
}

static void
folder_changed_cb (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, LimnLibrary *self)
{
  g_autofree char *name = g_file_get_basename (file);

  g_assert (LIMN_IS_LIBRARY (self));

  /* What is hidden is no model: one that is still being added. */
  if (name != NULL && name[0] == '.' && other == NULL)
    return;
  g_clear_handle_id (&self->timeout, g_source_remove);
  self->timeout = g_timeout_add (QUIET, quiet_cb, self);
}

static void
watch_folder (LimnLibrary *self, const char *path)
{
  g_autoptr (GFile) folder = g_file_new_for_path (path);
  GFileMonitor *monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);

  if (monitor == NULL)
    return;
  g_signal_connect_object (monitor, "changed", G_CALLBACK (folder_changed_cb), self, 0);
  g_ptr_array_add (self->monitors, monitor);
}

/* The person's folder and those in it: a model that is a folder comes file by file. */
static void
watch_folders (LimnLibrary *self)
{
  g_autofree char *own = limn_library_dup_folder ();
  g_autoptr (GDir) dir = g_dir_open (own, 0, NULL);
  const char *name;

  g_ptr_array_set_size (self->monitors, 0);
  watch_folder (self, own);
  while (dir != NULL && self->monitors->len < MAX_WATCHED && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (own, name, NULL);

      if (name[0] != '.' && g_file_test (path, G_FILE_TEST_IS_DIR))
        watch_folder (self, path);
    }
}

void
limn_library_watch (LimnLibrary *self)
{
  g_autofree char *own = limn_library_dup_folder ();

  g_return_if_fail (LIMN_IS_LIBRARY (self));

  if (self->monitors != NULL)
    return;
  /* What is not there can be watched for only now and then. */
  g_mkdir_with_parents (own, 0700);
  self->monitors = g_ptr_array_new_with_free_func (g_object_unref);
  watch_folders (self);
}

LimnModelEntry *
limn_library_lookup (LimnLibrary *self, const char *id)
{
  g_return_val_if_fail (LIMN_IS_LIBRARY (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  for (guint i = 0; i < self->entries->len; i++)
    if (strcmp (limn_model_entry_get_id (self->entries->pdata[i]), id) == 0)
      return self->entries->pdata[i];
  return NULL;
}

LimnModelEntry *
limn_library_find (LimnLibrary *self, LimnCapabilities capabilities)
{
  g_return_val_if_fail (LIMN_IS_LIBRARY (self), NULL);

  for (guint i = 0; i < self->entries->len; i++)
    {
      const LimnModelInfo *info = limn_model_entry_get_info (self->entries->pdata[i]);

      if (info != NULL && (info->capabilities & capabilities) == capabilities)
        return self->entries->pdata[i];
    }
  return NULL;
}

LimnModelEntry *
limn_library_find_preview_decoder (LimnLibrary *self, LimnModelEntry *model)
{
  const LimnModelInfo *info;

  g_return_val_if_fail (LIMN_IS_LIBRARY (self), NULL);
  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (model), NULL);

  info = limn_model_entry_get_info (model);
  if (info == NULL || info->capabilities == 0 || info->one_pass)
    return NULL;
  for (guint i = 0; i < self->entries->len; i++)
    {
      LimnModel *decoder = limn_model_entry_get_model (self->entries->pdata[i]);

      if (decoder != NULL && limn_model_fits_preview_decoder (limn_model_entry_get_model (model), decoder, NULL))
        return self->entries->pdata[i];
    }
  return NULL;
}
