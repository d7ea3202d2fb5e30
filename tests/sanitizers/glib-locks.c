/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * GLib's locks, made of pthread's. Loaded before everything else (LD_PRELOAD) in runs under ThreadSanitizer: GLib builds its locks on
 * futexes and is not itself instrumented, so without this every use of a GMutex would look like none.
 *
 * A GMutex that is all zeros is valid, so the pthread lock behind it is made at first use. GLib's own internal locks never come
 * here (it calls itself directly), which is why its two kinds do not mix.
 */
#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <time.h>

#pragma GCC diagnostic ignored "-Wmissing-prototypes"

/* Returns what @slot points to, made by @make if this is the first use; of two threads that make one, the first wins. */
static void *
lazily (gpointer *slot, void *(*make) (void))
{
  void *made, *found = __atomic_load_n (slot, __ATOMIC_ACQUIRE);

  if (found != NULL)
    return found;
  made = make ();
  if (__atomic_compare_exchange_n (slot, &found, made, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return made;
  g_free (made);
  return found;
}

/* Whoever is handed the lock under one of GLib's own looks at it with lazily(). */
static void
set (gpointer *slot, void *made)
{
  __atomic_store_n (slot, made, __ATOMIC_RELEASE);
}

static void *
make_mutex (void)
{
  pthread_mutex_t *mutex = g_new (pthread_mutex_t, 1);

  pthread_mutex_init (mutex, NULL);
  return mutex;
}

static void *
make_recursive_mutex (void)
{
  pthread_mutex_t *mutex = g_new (pthread_mutex_t, 1);
  pthread_mutexattr_t attributes;

  pthread_mutexattr_init (&attributes);
  pthread_mutexattr_settype (&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init (mutex, &attributes);
  pthread_mutexattr_destroy (&attributes);
  return mutex;
}

static void *
make_cond (void)
{
  pthread_cond_t *cond = g_new (pthread_cond_t, 1);
  pthread_condattr_t attributes;

  /* g_cond_wait_until() counts in g_get_monotonic_time(). */
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (cond, &attributes);
  pthread_condattr_destroy (&attributes);
  return cond;
}

static void *
make_rw_lock (void)
{
  pthread_rwlock_t *lock = g_new (pthread_rwlock_t, 1);

  pthread_rwlock_init (lock, NULL);
  return lock;
}

#define MUTEX(m) ((pthread_mutex_t *) lazily (&(m)->p, make_mutex))
#define RECURSIVE(m) ((pthread_mutex_t *) lazily (&(m)->p, make_recursive_mutex))
#define COND(c) ((pthread_cond_t *) lazily (&(c)->p, make_cond))
#define RW_LOCK(l) ((pthread_rwlock_t *) lazily (&(l)->p, make_rw_lock))

void g_mutex_init (GMutex *mutex) { set (&mutex->p, make_mutex ()); }
void g_mutex_clear (GMutex *mutex) { pthread_mutex_destroy (MUTEX (mutex)); g_free (mutex->p); }
void g_mutex_lock (GMutex *mutex) { pthread_mutex_lock (MUTEX (mutex)); }
void g_mutex_unlock (GMutex *mutex) { pthread_mutex_unlock (MUTEX (mutex)); }
gboolean g_mutex_trylock (GMutex *mutex) { return pthread_mutex_trylock (MUTEX (mutex)) == 0; }

void g_rec_mutex_init (GRecMutex *mutex) { set (&mutex->p, make_recursive_mutex ()); }
void g_rec_mutex_clear (GRecMutex *mutex) { pthread_mutex_destroy (RECURSIVE (mutex)); g_free (mutex->p); }
void g_rec_mutex_lock (GRecMutex *mutex) { pthread_mutex_lock (RECURSIVE (mutex)); }
void g_rec_mutex_unlock (GRecMutex *mutex) { pthread_mutex_unlock (RECURSIVE (mutex)); }
gboolean g_rec_mutex_trylock (GRecMutex *mutex) { return pthread_mutex_trylock (RECURSIVE (mutex)) == 0; }

void g_cond_init (GCond *cond) { set (&cond->p, make_cond ()); }
void g_cond_clear (GCond *cond) { pthread_cond_destroy (COND (cond)); g_free (cond->p); }
void g_cond_wait (GCond *cond, GMutex *mutex) { pthread_cond_wait (COND (cond), MUTEX (mutex)); }
void g_cond_signal (GCond *cond) { pthread_cond_signal (COND (cond)); }
void g_cond_broadcast (GCond *cond) { pthread_cond_broadcast (COND (cond)); }

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  struct timespec until = { .tv_sec = end_time / G_USEC_PER_SEC, .tv_nsec = end_time % G_USEC_PER_SEC * 1000 };

  return pthread_cond_timedwait (COND (cond), MUTEX (mutex), &until) != ETIMEDOUT;
}

void g_rw_lock_init (GRWLock *lock) { set (&lock->p, make_rw_lock ()); }
void g_rw_lock_clear (GRWLock *lock) { pthread_rwlock_destroy (RW_LOCK (lock)); g_free (lock->p); }
void g_rw_lock_writer_lock (GRWLock *lock) { pthread_rwlock_wrlock (RW_LOCK (lock)); }
gboolean g_rw_lock_writer_trylock (GRWLock *lock) { return pthread_rwlock_trywrlock (RW_LOCK (lock)) == 0; }
void g_rw_lock_writer_unlock (GRWLock *lock) { pthread_rwlock_unlock (RW_LOCK (lock)); }
void g_rw_lock_reader_lock (GRWLock *lock) { pthread_rwlock_rdlock (RW_LOCK (lock)); }
gboolean g_rw_lock_reader_trylock (GRWLock *lock) { return pthread_rwlock_tryrdlock (RW_LOCK (lock)) == 0; }
void g_rw_lock_reader_unlock (GRWLock *lock) { pthread_rwlock_unlock (RW_LOCK (lock)); }
