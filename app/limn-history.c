/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-history"

#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sqlite3.h>

#include "app/limn-history-private.h"
#include "app/limn-image-file.h"

struct _LimnHistory
{
  GObject parent_instance;

  /* Owned */
  char *folder;
  GMainContext *context;  /* of the list */
  GThread *thread;        /* not referenced: that in which the history was opened */
  GArray *ids;            /* gint64, newest first: what the list shows */
  GHashTable *loaded;     /* gint64 * -> LimnGeneration: the rows that were looked at last */
  GQueue recent;          /* their keys, borrowed from loaded, oldest first */
  char *search;
  int lock;               /* file descriptor; shared while open, exclusive while cleaning up */

  /* Guarded by mutex: everything that other threads use */
  GMutex mutex;
  LimnHistoryStore *store; /* NULL when nothing can be shown */
  GHashTable *pictures;    /* pixel hash -> file hash, of images stored since it was opened */
  char *error;             /* nullable; only the list's thread changes it */

  guint can_store : 1;     /* never changes once it is open */
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LimnHistory, limn_history, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

enum
{
  PROP_0,
  PROP_ERROR,
  PROP_CAN_STORE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* ---- The list ------------------------------------------------------------------------------------------------------ */

static GType
limn_history_get_item_type (GListModel *model)
{
  return LIMN_TYPE_GENERATION;
}

static guint
limn_history_get_n_items (GListModel *model)
{
  return LIMN_HISTORY (model)->ids->len;
}

/* Keeps @generation for whoever looks at the same rows again, and forgets what nobody looked at for longest. */
static void
remember (LimnHistory *self, LimnGeneration *generation)
{
  gint64 *key = g_memdup2 (&generation->id, sizeof generation->id);

  g_hash_table_insert (self->loaded, key, g_object_ref (generation));
  g_queue_push_tail (&self->recent, key);
  if (g_queue_get_length (&self->recent) > LIMN_HISTORY_MAX_LOADED)
    g_hash_table_remove (self->loaded, g_queue_pop_head (&self->recent));
}

guint
_limn_history_get_n_loaded (LimnHistory *self)
{
  g_assert (LIMN_IS_HISTORY (self));
  return g_hash_table_size (self->loaded);
}

/* Rows are read when somebody looks at them: a long history costs its ids. */
static gpointer
limn_history_get_item (GListModel *model, guint position)
{
  LimnHistory *self = LIMN_HISTORY (model);
  LimnGeneration *generation;
  gint64 id;

  if (position >= self->ids->len)
    return NULL;
  id = g_array_index (self->ids, gint64, position);
  generation = g_hash_table_lookup (self->loaded, &id);
  if (generation != NULL)
    return g_object_ref (generation);

  generation = limn_history_lookup (self, id, NULL);
  if (generation == NULL)
    {
      /* Gone since the search, or unreadable: an empty row in its place keeps the list's promise. */
      generation = limn_generation_new ("");
      generation->id = id;
    }
  remember (self, generation);
  return generation;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = limn_history_get_item_type;
  iface->get_n_items = limn_history_get_n_items;
  iface->get_item = limn_history_get_item;
}

/* Replaces the list by @ids (takes over) and reports the part that differs. */
static void
set_ids (LimnHistory *self, GArray *ids)
{
  GArray *old = self->ids;
  guint head = 0, tail = 0, shorter = MIN (old->len, ids->len);

  while (head < shorter && g_array_index (old, gint64, head) == g_array_index (ids, gint64, head))
    head++;
  while (tail < shorter - head &&
         g_array_index (old, gint64, old->len - 1 - tail) == g_array_index (ids, gint64, ids->len - 1 - tail))
    tail++;
  self->ids = ids;
  if (old->len - head - tail > 0 || ids->len - head - tail > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), head, old->len - head - tail, ids->len - head - tail);
  g_array_unref (old);
}

static void
set_error_text (LimnHistory *self, const char *text)
{
  if (g_strcmp0 (self->error, text) == 0)
    return;
  g_mutex_lock (&self->mutex);
  g_free (self->error);
  self->error = g_strdup (text);
  g_mutex_unlock (&self->mutex);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

static void
update_list (LimnHistory *self)
{
  g_autoptr (GError) error = NULL;
  GArray *ids = NULL;

  g_mutex_lock (&self->mutex);
  if (self->store != NULL)
    ids = _limn_history_store_search (self->store, self->search, &error);
  g_mutex_unlock (&self->mutex);
  if (error != NULL)
    set_error_text (self, error->message);
  set_ids (self, ids != NULL ? ids : g_array_new (FALSE, FALSE, sizeof (gint64)));
}

static gboolean
update_list_cb (gpointer user_data)
{
  GWeakRef *weak = user_data;
  g_autoptr (LimnHistory) self = g_weak_ref_get (weak);

  if (self != NULL)
    update_list (self);
  return G_SOURCE_REMOVE;
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* Now when this is the list's thread, else as soon as it comes by. Not g_main_context_invoke(), which runs in the caller's thread
 * while nobody happens to iterate the context. */
static void
schedule_update (LimnHistory *self)
{
  g_autoptr (GSource) source = NULL;
  GWeakRef *weak;

  if (g_thread_self () == self->thread)
    {
      update_list (self);
      return;
    }
  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, update_list_cb, weak, weak_ref_free);
  g_source_attach (source, self->context);
}

/* ---- Object -------------------------------------------------------------------------------------------------------- */

static void
limn_history_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  LimnHistory *self = LIMN_HISTORY (object);

  switch (prop_id)
    {
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    case PROP_CAN_STORE:
      g_value_set_boolean (value, self->can_store);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
limn_history_finalize (GObject *object)
{
  LimnHistory *self = LIMN_HISTORY (object);

  g_clear_pointer (&self->store, _limn_history_store_free);
  if (self->lock >= 0)
    close (self->lock);
  g_hash_table_unref (self->pictures);
  g_queue_clear (&self->recent);
  g_hash_table_unref (self->loaded);
  g_array_unref (self->ids);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self->folder);
  g_free (self->error);
  g_free (self->search);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (limn_history_parent_class)->finalize (object);
}

static void
limn_history_class_init (LimnHistoryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = limn_history_get_property;
  object_class->finalize = limn_history_finalize;

  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  properties[PROP_CAN_STORE] = g_param_spec_boolean ("can-store", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
limn_history_init (LimnHistory *self)
{
  g_mutex_init (&self->mutex);
  self->lock = -1;
  self->thread = g_thread_self ();
  self->context = g_main_context_ref_thread_default ();
  self->ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_queue_init (&self->recent);
  self->loaded = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
  self->pictures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->search = g_strdup ("");
}

/* Deletes what no row needs, unless another program has this history open: it may be about to need it. */
static void
clean_up (LimnHistory *self)
{
  g_autofree char *path = g_build_filename (self->folder, "lock", NULL);
  g_autoptr (GHashTable) needed = NULL;
  g_autoptr (GError) error = NULL;

  self->lock = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self->lock < 0)
    return;
  if (flock (self->lock, LOCK_EX | LOCK_NB) == 0)
    {
      needed = _limn_history_store_purge (self->store, &error);
      if (needed != NULL)
        _limn_history_files_collect (self->folder, needed);
      else
        set_error_text (self, error->message);
    }
  flock (self->lock, LOCK_SH);
}

LimnHistory *
limn_history_open (const char *folder, GError **error)
{
  g_autoptr (LimnHistory) self = g_object_new (LIMN_TYPE_HISTORY, NULL);
  g_autoptr (GError) cause = NULL;
  gboolean read_only;

  if (sqlite3_threadsafe () == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("This SQLite was built without threads"));
      return NULL;
    }
  self->folder = folder != NULL ? g_strdup (folder) : g_build_filename (g_get_user_data_dir (), "limn", NULL);
  /* What could not be made is noticed when the store is opened. */
  (void) g_mkdir_with_parents (self->folder, 0700);

  self->store = _limn_history_store_open (self->folder, &read_only, &self->error, &cause);
  if (self->store == NULL)
    self->error = g_strdup (cause->message);
  self->can_store = self->store != NULL && !read_only;
  if (self->can_store)
    clean_up (self);
  update_list (self);
  return g_steal_pointer (&self);
}

/* ---- Storing ------------------------------------------------------------------------------------------------------- */

/* Sets @error to what is wrong with the history; any thread. */
static void
set_own_error (LimnHistory *self, GIOErrorEnum code, GError **error)
{
  g_mutex_lock (&self->mutex);
  g_set_error_literal (error, G_IO_ERROR, code, self->error != NULL ? self->error : _("Nothing can be stored"));
  g_mutex_unlock (&self->mutex);
}

static gboolean
check_can_store (LimnHistory *self, GError **error)
{
  if (self->can_store)
    return TRUE;
  set_own_error (self, G_IO_ERROR_READ_ONLY, error);
  return FALSE;
}

/* The file that holds these pixels already (transfer full), or NULL. */
static char *
find_picture (LimnHistory *self, const char *pixels)
{
  g_autofree char *hash = NULL;

  g_mutex_lock (&self->mutex);
  hash = g_strdup (g_hash_table_lookup (self->pictures, pixels));
  if (hash == NULL)
    hash = _limn_history_store_find_picture (self->store, pixels);
  g_mutex_unlock (&self->mutex);
  return hash != NULL && _limn_history_files_has (self->folder, hash) ? g_steal_pointer (&hash) : NULL;
}

char *
limn_history_store_image (LimnHistory *self, const LimnImage *image, GCancellable *cancellable, GError **error)
{
  g_autofree char *pixels = NULL;
  g_autofree char *hash = NULL;
  g_autoptr (GBytes) png = NULL;

  g_return_val_if_fail (LIMN_IS_HISTORY (self), NULL);
  g_return_val_if_fail (image != NULL, NULL);

  if (!check_can_store (self, error))
    return NULL;
  pixels = limn_image_hash (image);
  hash = find_picture (self, pixels);
  if (hash != NULL)
    return g_steal_pointer (&hash);

  png = limn_image_file_encode_png (image, NULL, cancellable, error);
  hash = png != NULL ? _limn_history_files_put (self->folder, png, "png", error) : NULL;
  if (hash == NULL)
    return NULL;
  g_mutex_lock (&self->mutex);
  g_hash_table_insert (self->pictures, g_steal_pointer (&pixels), g_strdup (hash));
  g_mutex_unlock (&self->mutex);
  return g_steal_pointer (&hash);
}

char *
limn_history_store_file (LimnHistory *self, GBytes *content, const char *extension, GError **error)
{
  g_return_val_if_fail (LIMN_IS_HISTORY (self), NULL);
  g_return_val_if_fail (content != NULL && extension != NULL, NULL);

  return check_can_store (self, error) ? _limn_history_files_put (self->folder, content, extension, error) : NULL;
}

char *
limn_history_find_file (LimnHistory *self, const char *hash)
{
  g_return_val_if_fail (LIMN_IS_HISTORY (self), NULL);
  g_return_val_if_fail (hash != NULL, NULL);

  return _limn_history_files_find (self->folder, hash);
}

/* Stores @image (nullable) and sets *@hash to its file, unless that was done before. */
static gboolean
store_into (LimnHistory *self, const LimnImage *image, char **hash, GError **error)
{
  char *stored;

  if (image == NULL || *hash != NULL)
    return TRUE;
  stored = limn_history_store_image (self, image, NULL, error);
  *hash = stored;
  return stored != NULL;
}

/* The hash of the thumbnail's file (transfer full); NULL without @error when there is nothing to show. */
static char *
store_thumbnail (LimnHistory *self, LimnGeneration *generation, const LimnImage *input, const LimnImage *output,
                 GError **error)
{
  g_autoptr (LimnImage) loaded = NULL;
  g_autoptr (LimnImage) small = NULL;
  g_autoptr (GBytes) png = NULL;

  if (output == NULL)
    return NULL;
  if (input == NULL && generation->input_hash != NULL)
    {
      input = loaded = limn_history_load_image (self, generation->input_hash, error);
      if (input == NULL)
        return NULL;
    }
  small = _limn_history_make_thumbnail (generation, input, output, error);
  png = small != NULL ? limn_image_file_encode_png (small, NULL, NULL, error) : NULL;
  return png != NULL ? _limn_history_files_put (self->folder, png, "png", error) : NULL;
}

static gboolean
add_row (LimnHistory *self, LimnGeneration *generation, const char *thumbnail, GError **error)
{
  gint64 id = 0;
  gboolean added;

  g_mutex_lock (&self->mutex);
  added = _limn_history_store_add (self->store, generation, thumbnail, self->pictures, &id, error);
  if (added)
    g_hash_table_remove_all (self->pictures);
  g_mutex_unlock (&self->mutex);
  if (added)
    generation->id = id;
  return added;
}

gboolean
limn_history_add (LimnHistory *self, LimnGeneration *generation, const LimnImage *input, const LimnImage *mask,
                  const LimnImage *output, GError **error)
{
  g_autofree char *thumbnail = NULL;
  GError *cause = NULL;

  g_return_val_if_fail (LIMN_IS_HISTORY (self), FALSE);
  g_return_val_if_fail (LIMN_IS_GENERATION (generation) && generation->id == 0, FALSE);

  if (!check_can_store (self, error))
    return FALSE;
  if (!store_into (self, input, &generation->input_hash, error) || !store_into (self, mask, &generation->mask_hash, error) ||
      !store_into (self, output, &generation->output_hash, error))
    return FALSE;
  thumbnail = store_thumbnail (self, generation, input, output, &cause);
  if (cause != NULL)
    {
      g_propagate_error (error, cause);
      return FALSE;
    }
  if (!add_row (self, generation, thumbnail, error))
    return FALSE;
  schedule_update (self);
  return TRUE;
}

/* ---- Finding ------------------------------------------------------------------------------------------------------- */

static gboolean
check_has_store (LimnHistory *self, GError **error)
{
  if (self->store != NULL)
    return TRUE;
  set_own_error (self, G_IO_ERROR_NOT_FOUND, error);
  return FALSE;
}

void
limn_history_search (LimnHistory *self, const char *text)
{
  g_return_if_fail (LIMN_IS_HISTORY (self));

  if (g_strcmp0 (self->search, text != NULL ? text : "") != 0)
    {
      g_free (self->search);
      self->search = g_strdup (text != NULL ? text : "");
    }
  update_list (self);
}

gboolean
limn_history_find (LimnHistory *self, gint64 id, guint *position)
{
  g_return_val_if_fail (LIMN_IS_HISTORY (self), FALSE);

  for (guint i = 0; i < self->ids->len; i++)
    if (g_array_index (self->ids, gint64, i) == id)
      {
        *position = i;
        return TRUE;
      }
  return FALSE;
}

LimnGeneration *
limn_history_lookup (LimnHistory *self, gint64 id, GError **error)
{
  LimnGeneration *generation;

  g_return_val_if_fail (LIMN_IS_HISTORY (self), NULL);

  if (!check_has_store (self, error))
    return NULL;
  g_mutex_lock (&self->mutex);
  generation = _limn_history_store_lookup (self->store, id, error);
  g_mutex_unlock (&self->mutex);
  return generation;
}

static gboolean
set_removed (LimnHistory *self, gint64 id, gboolean removed, GError **error)
{
  gboolean done;

  if (!check_can_store (self, error))
    return FALSE;
  g_mutex_lock (&self->mutex);
  done = _limn_history_store_set_removed (self->store, id, removed, error);
  g_mutex_unlock (&self->mutex);
  if (done)
    schedule_update (self);
  return done;
}

gboolean
limn_history_remove (LimnHistory *self, gint64 id, GError **error)
{
  g_return_val_if_fail (LIMN_IS_HISTORY (self), FALSE);
  return set_removed (self, id, TRUE, error);
}

gboolean
limn_history_restore (LimnHistory *self, gint64 id, GError **error)
{
  g_return_val_if_fail (LIMN_IS_HISTORY (self), FALSE);
  return set_removed (self, id, FALSE, error);
}

/* 0 and @error when there is none that could come back. */
static gint64
last_removed (LimnHistory *self, GError **error)
{
  gint64 id;

  if (!check_can_store (self, error))
    return 0;
  g_mutex_lock (&self->mutex);
  id = _limn_history_store_last_removed (self->store, error);
  g_mutex_unlock (&self->mutex);
  return id;
}

gboolean
limn_history_can_restore (LimnHistory *self)
{
  g_return_val_if_fail (LIMN_IS_HISTORY (self), FALSE);

  return last_removed (self, NULL) != 0;
}

gint64
limn_history_restore_last (LimnHistory *self, GError **error)
{
  gint64 id;

  g_return_val_if_fail (LIMN_IS_HISTORY (self), 0);

  id = last_removed (self, error);
  return id != 0 && set_removed (self, id, FALSE, error) ? id : 0;
}

LimnImage *
limn_history_load_image (LimnHistory *self, const char *hash, GError **error)
{
  g_autoptr (GBytes) png = NULL;

  g_return_val_if_fail (LIMN_IS_HISTORY (self), NULL);
  g_return_val_if_fail (hash != NULL, NULL);

  png = _limn_history_files_get (self->folder, hash, error);
  return png != NULL ? limn_image_file_read_bytes (png, hash, NULL, NULL, error) : NULL;
}

LimnImage *
limn_history_load_thumbnail (LimnHistory *self, gint64 id, GError **error)
{
  g_autofree char *hash = NULL;

  g_return_val_if_fail (LIMN_IS_HISTORY (self), NULL);

  if (!check_has_store (self, error))
    return NULL;
  g_mutex_lock (&self->mutex);
  hash = _limn_history_store_thumbnail (self->store, id, error);
  g_mutex_unlock (&self->mutex);
  return hash != NULL ? limn_history_load_image (self, hash, error) : NULL;
}
