/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cblas.h>

#include "engine/tensor/tensor-private.h"

/*
 * Threads wait for a job, take tile numbers from a common counter until there are none left, and
 * report. The thread that submits works too. One job at a time: a second submitter waits.
 *
 * OpenBLAS keeps its own pool of threads per process; it is told once to use none, and is then safe
 * to call from several threads (its buffers are handed out under its own lock).
 *
 * A network is hundreds of jobs that follow each other closely. Sleeping and being woken takes
 * longer than what lies between them, so a worker looks out for the next job for a moment before it
 * sleeps, and the submitter for the end of the workers' last tiles.
 *
 * The locks are pthread's and not GLib's so that ThreadSanitizer, which cannot see into an ordinary
 * build of GLib, sees them.
 */

/* How long to look out before sleeping: some times as long as waking takes, and little of a core
 * when nothing comes. */
#define SPIN_MICROSECONDS 60
/* Looks between two at the clock. */
#define SPIN_LOOKS 64

typedef struct
{
  void *memory;
  gsize size;
} Scratch;

typedef struct
{
  LimnPool *pool;
  Scratch scratch;
  GThread *thread;
} Worker;

typedef struct
{
  LimnTask task;
  void *data;
  gint64 n_tiles;
  gsize scratch_bytes;
  GCancellable *cancellable;
} Job;

struct _LimnPool
{
  int n_threads;
  gboolean low_priority;
  gboolean spins;  /* there is a core for each thread, so that who looks out takes nobody's */
  Worker *workers; /* [n_threads]; number 0 is the submitting thread */

  pthread_mutex_t submit; /* held for the length of a job */
  pthread_mutex_t mutex;  /* guards the following */
  pthread_cond_t wake;
  pthread_cond_t done;
  /* Those that are looked at without it too, atomically: number of the job, which a worker joins at
   * most once; and workers that are at it. */
  guint64 generation;
  int n_joined;
  gboolean open; /* whether workers may still join the job */
  gboolean quit;
  Job job; /* constant while it is open or n_joined > 0 */

  gint64 next_tile; /* atomic */
  int result;       /* atomic, LimnPoolResult: the first failure */
};

static gboolean
scratch_reserve (Scratch *scratch, gsize bytes)
{
  if (scratch->size >= bytes)
    return TRUE;
  g_clear_pointer (&scratch->memory, limn_aligned_free);
  scratch->size = 0;
  scratch->memory = limn_aligned_alloc (bytes);
  if (scratch->memory == NULL)
    return FALSE;
  scratch->size = bytes;
  return TRUE;
}

static void
stop_job (LimnPool *pool, LimnPoolResult why)
{
  int expected = LIMN_POOL_DONE;

  __atomic_compare_exchange_n (&pool->result, &expected, (int)why, FALSE, __ATOMIC_RELAXED,
                               __ATOMIC_RELAXED);
}

static void
work (LimnPool *pool, Worker *worker, const Job *job)
{
  if (!scratch_reserve (&worker->scratch, job->scratch_bytes))
    {
      stop_job (pool, LIMN_POOL_NO_SCRATCH);
      return;
    }
  while (__atomic_load_n (&pool->result, __ATOMIC_RELAXED) == LIMN_POOL_DONE)
    {
      gint64 tile = __atomic_fetch_add (&pool->next_tile, 1, __ATOMIC_RELAXED);

      if (tile >= job->n_tiles)
        break;
      if (job->cancellable != NULL && g_cancellable_is_cancelled (job->cancellable))
        {
          stop_job (pool, LIMN_POOL_CANCELLED);
          break;
        }
      job->task (job->data, tile, worker->scratch.memory);
    }
}

static inline void
relax (void)
{
#if defined __x86_64__ || defined __i386__
  __builtin_ia32_pause ();
#elif defined __aarch64__
  __asm__ volatile("yield");
#endif
}

typedef gboolean (*Ready) (LimnPool *pool, guint64 seen);

static gboolean
has_job (LimnPool *pool, guint64 seen)
{
  return __atomic_load_n (&pool->generation, __ATOMIC_ACQUIRE) != seen;
}

static gboolean
has_finished (LimnPool *pool, guint64 seen)
{
  return __atomic_load_n (&pool->n_joined, __ATOMIC_ACQUIRE) == 0;
}

/* Until @ready, or for a moment. What was seen is looked at again under the mutex. */
static void
look_out (LimnPool *pool, Ready ready, guint64 seen)
{
  gint64 end;

  if (!pool->spins || ready (pool, seen))
    return;
  end = g_get_monotonic_time () + SPIN_MICROSECONDS;
  do
    for (int i = 0; i < SPIN_LOOKS; i++)
      {
        if (ready (pool, seen))
          return;
        relax ();
      }
  while (g_get_monotonic_time () < end);
}

void
limn_thread_lower_priority (void)
{
  /* On Linux niceness belongs to the thread. Where it is refused the work is merely less polite. */
  (void)setpriority (PRIO_PROCESS, (id_t)syscall (SYS_gettid), 19);
}

static void *
worker_thread (void *data)
{
  Worker *worker = data;
  LimnPool *pool = worker->pool;
  guint64 seen = 0;

  if (pool->low_priority)
    limn_thread_lower_priority ();

  pthread_mutex_lock (&pool->mutex);
  for (;;)
    {
      pthread_mutex_unlock (&pool->mutex);
      look_out (pool, has_job, seen);
      pthread_mutex_lock (&pool->mutex);
      /* One that was over before this worker woke is not looked out for again. */
      if (!pool->open)
        seen = pool->generation;
      while (!pool->quit && !(pool->open && pool->generation != seen))
        pthread_cond_wait (&pool->wake, &pool->mutex);
      if (pool->quit)
        break;
      seen = pool->generation;
      __atomic_store_n (&pool->n_joined, pool->n_joined + 1, __ATOMIC_RELAXED);
      pthread_mutex_unlock (&pool->mutex);

      work (pool, worker, &pool->job);

      pthread_mutex_lock (&pool->mutex);
      __atomic_store_n (&pool->n_joined, pool->n_joined - 1, __ATOMIC_RELEASE);
      if (pool->n_joined == 0)
        pthread_cond_signal (&pool->done);
    }
  pthread_mutex_unlock (&pool->mutex);
  return NULL;
}

/**
 * limn_pool_new:
 * @n_threads: threads that compute, the calling one among them; 0 for one per available core
 * @low_priority: the pool's own threads run at the lowest priority; a thread that submits keeps its
 * own unless it calls limn_thread_lower_priority()
 *
 * Threads that the system refuses to start are done without: limn_pool_get_n_threads() says how
 * many there are. Returns: (transfer full)
 */
LimnPool *
limn_pool_new (int n_threads, gboolean low_priority)
{
  LimnPool *pool = g_new0 (LimnPool, 1);
  int wanted = n_threads > 0 ? n_threads : (int)g_get_num_processors ();

  openblas_set_num_threads (1);

  pool->low_priority = low_priority;
  pool->spins = wanted <= (int)g_get_num_processors ();
  pool->workers = g_new0 (Worker, wanted);
  pool->n_threads = 1;
  pthread_mutex_init (&pool->submit, NULL);
  pthread_mutex_init (&pool->mutex, NULL);
  pthread_cond_init (&pool->wake, NULL);
  pthread_cond_init (&pool->done, NULL);

  for (int i = 1; i < wanted; i++)
    {
      Worker *worker = &pool->workers[i];

      worker->pool = pool;
      worker->thread = g_thread_try_new ("limn-worker", worker_thread, worker, NULL);
      if (worker->thread == NULL)
        break;
      pool->n_threads++;
    }
  return pool;
}

void
limn_pool_free (LimnPool *pool)
{
  if (pool == NULL)
    return;

  pthread_mutex_lock (&pool->mutex);
  pool->quit = TRUE;
  pthread_cond_broadcast (&pool->wake);
  pthread_mutex_unlock (&pool->mutex);

  for (int i = 0; i < pool->n_threads; i++)
    {
      if (pool->workers[i].thread != NULL)
        g_thread_join (pool->workers[i].thread);
      limn_aligned_free (pool->workers[i].scratch.memory);
    }
  pthread_mutex_destroy (&pool->submit);
  pthread_mutex_destroy (&pool->mutex);
  pthread_cond_destroy (&pool->wake);
  pthread_cond_destroy (&pool->done);
  g_free (pool->workers);
  g_free (pool);
}

int
limn_pool_get_n_threads (LimnPool *pool)
{
  return pool->n_threads;
}

LimnPoolResult
limn_pool_run (LimnPool *pool,
               GCancellable *cancellable,
               gint64 n_tiles,
               gsize scratch_bytes,
               LimnTask task,
               void *data)
{
  LimnPoolResult result;
  gboolean alone = n_tiles <= 1 || pool->n_threads == 1;

  pthread_mutex_lock (&pool->submit);
  pool->job = (Job){ task, data, n_tiles, scratch_bytes, cancellable };
  __atomic_store_n (&pool->next_tile, 0, __ATOMIC_RELAXED);
  __atomic_store_n (&pool->result, LIMN_POOL_DONE, __ATOMIC_RELAXED);

  if (!alone)
    {
      pthread_mutex_lock (&pool->mutex);
      pool->open = TRUE;
      __atomic_store_n (&pool->generation, pool->generation + 1, __ATOMIC_RELEASE);
      pthread_cond_broadcast (&pool->wake);
      pthread_mutex_unlock (&pool->mutex);
    }

  work (pool, &pool->workers[0], &pool->job);

  /* All tiles are taken. A worker that the system has not woken yet is not waited for: on a busy
   * machine that would cost more than the work. */
  if (!alone)
    {
      pthread_mutex_lock (&pool->mutex);
      pool->open = FALSE;
      pthread_mutex_unlock (&pool->mutex);
      look_out (pool, has_finished, 0);
      pthread_mutex_lock (&pool->mutex);
      while (pool->n_joined > 0)
        pthread_cond_wait (&pool->done, &pool->mutex);
      pthread_mutex_unlock (&pool->mutex);
    }
  result = __atomic_load_n (&pool->result, __ATOMIC_RELAXED);
  pthread_mutex_unlock (&pool->submit);
  return result;
}
