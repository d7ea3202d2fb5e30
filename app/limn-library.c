/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-library"

#include "config.h"

#include <string.h>

#include "app/limn-model-entry-private.h"

struct _LimnLibrary
{
  GObject parent_instance;

  /* Owned */
  GPtrArray *entries; /* of LimnModelEntry */
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
limn_library_finalize (GObject *object)
{
  LimnLibrary *self = LIMN_LIBRARY (object);

  g_ptr_array_unref (self->entries);
  G_OBJECT_CLASS (limn_library_parent_class)->finalize (object);
}

static void
limn_library_class_init (LimnLibraryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = limn_library_finalize;
}

static void
limn_library_init (LimnLibrary *self)
{
  self->entries = g_ptr_array_new_with_free_func (g_object_unref);
}

static gboolean
is_weights_name (const char *name)
{
  return g_str_has_suffix (name, ".safetensors") || g_str_has_suffix (name, ".ckpt");
}

/* Whether @path is a folder that holds a model, by the names in it. */
static gboolean
is_model_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_weights_name (name) || strcmp (name, "config.yaml") == 0)
      return TRUE;
  return FALSE;
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
      if (g_file_test (path, G_FILE_TEST_IS_DIR) ? !is_model_folder (path) : !is_weights_name (name))
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

void
limn_library_scan (LimnLibrary *self)
{
  g_autoptr (GPtrArray) old = NULL;
  g_autofree char *builtin = NULL;
  g_autofree char *own = NULL;

  g_return_if_fail (LIMN_IS_LIBRARY (self));

  builtin = builtin_folder ();
  own = g_build_filename (g_get_user_data_dir (), "limn", "models", NULL);
  old = self->entries;
  self->entries = g_ptr_array_new_with_free_func (g_object_unref);
  scan_folder (builtin, TRUE, old, self->entries);
  scan_folder (own, FALSE, old, self->entries);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, old->len, self->entries->len);
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
