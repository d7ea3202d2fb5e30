/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "engine/tensor/tensor-private.h"

/*
 * One stack in one range of addresses. The range is reserved when the arena is first used, and
 * becomes memory from below as the stack grows; what has become memory stays it. So what a network
 * allocates again lies where it lay before, and asks the system for nothing: pages are zeroed once,
 * however the sizes of the maps change on their way.
 *
 * An arena that was told to spill keeps its first bytes in memory; the rest of the range is mapped
 * from a file without a name. Nothing that computes knows of it. How much of the file is in memory
 * at a time is up to limn_arena_drop(), which hands the pages back to the system's cache of files:
 * written to the disk when the system sees fit, and read again when they are touched.
 */

#define ARENA_ALIGN 64
#define HUGE_PAGE (2 * 1024 * 1024)
/* Steps in which the stack becomes memory. */
#define GROWTH ((gsize)4 * HUGE_PAGE)

/* What no machine that this runs on has for one piece; the system is not asked for it, since some
 * allocators (AddressSanitizer's) take such a question for a mistake of the program. */
#define MOST_BYTES MIN ((guint64)G_MAXSSIZE, (guint64)1 << 39)
/* Where even half a terabyte of addresses is refused less is asked for, down to this. */
#define LEAST_BYTES ((gsize)64 * 1024 * 1024)

struct _LimnArena
{
  guint8 *base; /* NULL until it is first used */
  gsize reserved;
  gsize usable; /* bytes from the base on that are memory or file */
  gsize position;
  gsize limit;
  gsize peak;

  /* Spilling */
  gsize in_memory; /* what lies above is in the file; G_MAXSIZE: nothing is */
  gsize window;
  char *folder;
  int file;      /* -1: none yet */
  char *failure; /* why the file could not grow, nullable */
};

void *
limn_aligned_alloc (gsize bytes)
{
  void *memory;
  gsize align = bytes >= HUGE_PAGE ? HUGE_PAGE : ARENA_ALIGN;

  if (bytes > MOST_BYTES || posix_memalign (&memory, align, MAX (bytes, 1)) != 0)
    return NULL;
  /* Feature maps are walked in many streams at once; 4 KiB pages would cost a miss for each. */
  if (bytes >= HUGE_PAGE)
    (void)madvise (memory, bytes, MADV_HUGEPAGE);
  return memory;
}

void
limn_aligned_free (void *memory)
{
  free (memory);
}

LimnArena *
limn_arena_new (gsize limit)
{
  LimnArena *arena = g_new0 (LimnArena, 1);

  arena->limit = limit;
  arena->in_memory = G_MAXSIZE;
  arena->file = -1;
  return arena;
}

void
limn_arena_free (LimnArena *arena)
{
  if (arena == NULL)
    return;
  if (arena->base != NULL)
    munmap (arena->base, arena->reserved);
  if (arena->file >= 0)
    close (arena->file);
  g_free (arena->folder);
  g_free (arena->failure);
  g_free (arena);
}

gsize
limn_arena_get_peak (LimnArena *arena)
{
  return arena->peak;
}

/* ---- Growing -------------------------------------------------------------------------------- */

static gsize
round_up (gsize bytes, gsize step)
{
  return (bytes + step - 1) / step * step;
}

/* How much to ask for: where a process may not have all addresses, half of what it may. */
static gsize
most_to_reserve (const LimnArena *arena)
{
  gsize most = arena->limit > 0 ? MIN (arena->limit, MOST_BYTES) : MOST_BYTES;
  struct rlimit rule;

  if (getrlimit (RLIMIT_AS, &rule) == 0 && rule.rlim_cur != RLIM_INFINITY)
    most = MIN (most, (gsize)rule.rlim_cur / 2);
  return round_up (most, HUGE_PAGE);
}

/* Aligned to huge pages: the range is longer by one, which is cut off where it is not needed. */
static gboolean
reserve (LimnArena *arena)
{
  gsize most = most_to_reserve (arena), before;
  guint8 *range = MAP_FAILED;

  for (; range == MAP_FAILED; most = most / 2 / HUGE_PAGE * HUGE_PAGE)
    {
      range = mmap (NULL, most + HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (range != MAP_FAILED)
        break;
      if (most <= LEAST_BYTES)
        return FALSE;
    }
  before = round_up (GPOINTER_TO_SIZE (range), HUGE_PAGE) - GPOINTER_TO_SIZE (range);
  if (before > 0)
    munmap (range, before);
  munmap (range + before + most, HUGE_PAGE - before);
  arena->base = range + before;
  arena->reserved = most;
  (void)madvise (arena->base, most, MADV_HUGEPAGE);
  return TRUE;
}

/* Keeps the first reason. */
static gboolean
fail_file (LimnArena *arena, const char *what, int error)
{
  if (arena->failure == NULL)
    arena->failure = g_strdup_printf ("%s in %s: %s", what, arena->folder, g_strerror (error));
  return FALSE;
}

static gboolean
open_file (LimnArena *arena)
{
  g_autofree char *path = NULL;

  if (arena->file >= 0)
    return TRUE;
  if (g_mkdir_with_parents (arena->folder, 0700) != 0)
    return fail_file (arena, "No temporary file", errno);
  path = g_build_filename (arena->folder, "maps-XXXXXX", NULL);
  arena->file = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  if (arena->file < 0)
    return fail_file (arena, "No temporary file", errno);
  /* Gone with the process, however that ends. */
  g_unlink (path);
  return TRUE;
}

/* Bytes @from to @to of the range, both at multiples of GROWTH or of what is in memory, become
 * file. Space on the disk is taken first: a full disk is an error here and not a signal later. */
static gboolean
grow_file (LimnArena *arena, gsize from, gsize to)
{
  gsize at = from - arena->in_memory;
  int error;

  if (!open_file (arena))
    return FALSE;
  do
    error = posix_fallocate (arena->file, (off_t)at, (off_t)(to - from));
  while (error == EINTR);
  if (error != 0)
    return fail_file (arena, "No space for a temporary file", error);
  if (mmap (arena->base + from, to - from, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
            arena->file, (off_t)at)
      == MAP_FAILED)
    return fail_file (arena, "A temporary file cannot be used", errno);
  return TRUE;
}

/* Makes the first @end bytes usable. */
static gboolean
grow (LimnArena *arena, gsize end)
{
  gsize to, middle;

  if (arena->base == NULL && !reserve (arena))
    return FALSE;
  if (end > arena->reserved)
    return FALSE;
  if (end <= arena->usable)
    return TRUE;
  to = MIN (round_up (end, GROWTH), arena->reserved);
  middle = CLAMP (arena->in_memory, arena->usable, to);
  if (middle > arena->usable
      && mprotect (arena->base + arena->usable, middle - arena->usable, PROT_READ | PROT_WRITE) != 0)
    return FALSE;
  if (to > middle && !grow_file (arena, middle, to))
    {
      arena->usable = middle;
      return FALSE;
    }
  arena->usable = to;
  return TRUE;
}

/* @bytes at a multiple of 64, or NULL. */
void *
limn_arena_alloc (LimnArena *arena, gsize bytes)
{
  void *memory;

  if (bytes > MOST_BYTES)
    return NULL;
  bytes = round_up (MAX (bytes, 1), ARENA_ALIGN);
  if ((arena->limit > 0 && bytes > arena->limit - MIN (arena->limit, arena->position))
      || !grow (arena, arena->position + bytes))
    return NULL;
  memory = arena->base + arena->position;
  arena->position += bytes;
  arena->peak = MAX (arena->peak, arena->position);
  return memory;
}

gsize
limn_arena_get_position (LimnArena *arena)
{
  return arena->position;
}

void
limn_arena_set_position (LimnArena *arena, gsize position)
{
  g_return_if_fail (position <= arena->position);
  arena->position = position;
}

/* ---- Spilling ------------------------------------------------------------------------------- */

void
limn_arena_spill (LimnArena *arena, gsize in_memory, gsize window, const char *folder)
{
  g_return_if_fail (arena->base == NULL && folder != NULL);

  arena->in_memory = MIN (in_memory, MOST_BYTES) / GROWTH * GROWTH;
  arena->window = MAX (window, 1);
  g_free (arena->folder);
  arena->folder = g_strdup (folder);
}

double
limn_arena_get_windows (LimnArena *arena)
{
  if (arena->position <= arena->in_memory)
    return 0.0;
  return (double)(arena->position - arena->in_memory) / (double)arena->window;
}

const char *
limn_arena_get_failure (LimnArena *arena)
{
  return arena->failure;
}

void
limn_arena_drop (LimnArena *arena)
{
  if (arena->usable > arena->in_memory)
    (void)madvise (arena->base + arena->in_memory, arena->usable - arena->in_memory,
                   MADV_DONTNEED);
}
