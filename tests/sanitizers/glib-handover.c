/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * How GLib hands things from thread to thread, told to ThreadSanitizer; loaded with glib-locks.c. GLib is not instrumented: the
 * locks and atomic counts inside its thread pools, main contexts and reference counts are not seen, and all that one thread
 * wrote before it handed an object over would look like a race with the other. Each function here calls GLib's own and says
 * which of the two comes first; what our code does on either side is still judged.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <gio/gio.h>
#include <sanitizer/tsan_interface.h>

#pragma GCC diagnostic ignored "-Wmissing-prototypes"

/* GLib's own @name, looked up once. */
#define REAL(name) ((__typeof__ (&name)) find (&real_##name, #name))

static gpointer
find (gpointer *slot, const char *name)
{
  gpointer found = __atomic_load_n (slot, __ATOMIC_ACQUIRE);

  if (found == NULL)
    {
      found = dlsym (RTLD_NEXT, name);
      __atomic_store_n (slot, found, __ATOMIC_RELEASE);
    }
  return found;
}

/* ---- Reference counts: what was done before one is let go of comes before the last is ---------------------------------- */

static gpointer real_g_object_unref, real_g_bytes_unref;

#undef g_atomic_ref_count_init
#undef g_atomic_ref_count_inc
#undef g_atomic_ref_count_dec

void
g_atomic_ref_count_init (gatomicrefcount *count)
{
  __atomic_store_n (count, 1, __ATOMIC_RELEASE);
}

void
g_atomic_ref_count_inc (gatomicrefcount *count)
{
  __atomic_fetch_add (count, 1, __ATOMIC_ACQ_REL);
}

gboolean
g_atomic_ref_count_dec (gatomicrefcount *count)
{
  return __atomic_fetch_sub (count, 1, __ATOMIC_ACQ_REL) == 1;
}

static void
let_go (gpointer object)
{
  if (object == NULL)
    return;
  __tsan_acquire (object);
  __tsan_release (object);
}

#undef g_object_unref
void
g_object_unref (gpointer object)
{
  let_go (object);
  REAL (g_object_unref) (object);
}

void
g_bytes_unref (GBytes *bytes)
{
  let_go (bytes);
  REAL (g_bytes_unref) (bytes);
}

/* ---- Thread pools (GTask's among them): what comes before the push comes before the work ----------------------------- */

static gpointer real_g_thread_pool_new, real_g_thread_pool_new_full, real_g_thread_pool_push;

/* Lives as long as the pool may: for good. */
typedef struct
{
  GFunc func;
  gpointer user_data;
} Work;

static void
work (gpointer data, gpointer user_data)
{
  const Work *own = user_data;

  __tsan_acquire (data);
  own->func (data, own->user_data);
}

static Work *
work_new (GFunc func, gpointer user_data)
{
  Work *own = g_new (Work, 1);

  *own = (Work){ func, user_data };
  return own;
}

GThreadPool *
g_thread_pool_new (GFunc func, gpointer user_data, int max_threads, gboolean exclusive, GError **error)
{
  return REAL (g_thread_pool_new) (work, work_new (func, user_data), max_threads, exclusive, error);
}

GThreadPool *
g_thread_pool_new_full (GFunc func, gpointer user_data, GDestroyNotify free_func, int max_threads, gboolean exclusive, GError **error)
{
  return REAL (g_thread_pool_new_full) (work, work_new (func, user_data), free_func, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
{
  __tsan_release (data);
  return REAL (g_thread_pool_push) (pool, data, error);
}

/* ---- Main contexts: what comes before a callback is set comes before it is called ------------------------------------- */

static gpointer real_g_source_set_callback, real_g_idle_add_full;

typedef struct
{
  GSourceFunc func;
  gpointer data;
  GDestroyNotify notify; /* nullable */
} Call;

static gboolean
call (gpointer user_data)
{
  Call *own = user_data;

  __tsan_acquire (own);
  return own->func (own->data);
}

static void
call_free (gpointer user_data)
{
  Call *own = user_data;

  __tsan_acquire (own);
  if (own->notify != NULL)
    own->notify (own->data);
  g_free (own);
}

static Call *
call_new (GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  Call *own = g_new (Call, 1);

  *own = (Call){ func, data, notify };
  __tsan_release (own);
  return own;
}

/* Other kinds of sources call functions of other kinds. */
void
g_source_set_callback (GSource *source, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  if (func != NULL && (source->source_funcs == &g_idle_funcs || source->source_funcs == &g_timeout_funcs))
    REAL (g_source_set_callback) (source, call, call_new (func, data, notify), call_free);
  else
    REAL (g_source_set_callback) (source, func, data, notify);
}

guint
g_idle_add_full (int priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  return REAL (g_idle_add_full) (priority, call, call_new (func, data, notify), call_free);
}

guint
g_idle_add (GSourceFunc func, gpointer data)
{
  return g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, func, data, NULL);
}
