/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "engine/tensor/tensor-private.h"

/*
 * Memory in blocks, used as one stack. A position is the number of bytes below it: the sum of the
 * blocks before the current one plus what is used in it. Blocks above the position are kept, so a
 * sequence of allocations that is repeated from the same mark meets the same blocks again and asks
 * the system for nothing.
 */

#define ARENA_ALIGN 64
#define ARENA_MIN_BLOCK (4 * 1024 * 1024)
#define HUGE_PAGE (2 * 1024 * 1024)

/* What no machine that this runs on has for one piece; the system is not asked for it, since some
 * allocators (AddressSanitizer's) take such a question for a mistake of the program. */
#define MOST_BYTES MIN ((guint64)G_MAXSSIZE, (guint64)1 << 39)

typedef struct
{
  guint8 *data;
  gsize size;
  gsize start; /* position of its first byte */
} ArenaBlock;

struct _LimnArena
{
  GArray *blocks;
  gsize position;
  gsize held;
  gsize limit;
  gsize peak;
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
    (void) madvise (memory, bytes, MADV_HUGEPAGE);
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

  arena->blocks = g_array_new (FALSE, FALSE, sizeof (ArenaBlock));
  arena->limit = limit;
  return arena;
}

static void
drop_blocks_from (LimnArena *arena, guint first)
{
  for (guint i = first; i < arena->blocks->len; i++)
    {
      ArenaBlock *block = &g_array_index (arena->blocks, ArenaBlock, i);

      arena->held -= block->size;
      limn_aligned_free (block->data);
    }
  g_array_set_size (arena->blocks, first);
}

void
limn_arena_free (LimnArena *arena)
{
  if (arena == NULL)
    return;
  drop_blocks_from (arena, 0);
  g_array_unref (arena->blocks);
  g_free (arena);
}

gsize
limn_arena_get_peak (LimnArena *arena)
{
  return arena->peak;
}

/* Index of the block that the position lies in; between two blocks it belongs to the upper one. */
static guint
current_block (LimnArena *arena)
{
  guint i = 0;

  while (i + 1 < arena->blocks->len
         && g_array_index (arena->blocks, ArenaBlock, i + 1).start <= arena->position)
    i++;
  return i;
}

/* Adds a block of at least @bytes as number @index, in place of the unused ones from there on. */
static gboolean
add_block (LimnArena *arena, guint index, gsize bytes)
{
  ArenaBlock block;
  gsize room;

  drop_blocks_from (arena, index);
  room = arena->limit == 0 ? G_MAXSSIZE : arena->limit - MIN (arena->limit, arena->held);
  if (bytes > room)
    return FALSE;
  /* Growing with what is held keeps the number of blocks small. */
  block.size = MIN (MAX (bytes, MAX (ARENA_MIN_BLOCK, arena->held / 4)), room);
  block.size = block.size / ARENA_ALIGN * ARENA_ALIGN;
  block.data = limn_aligned_alloc (block.size);
  if (block.data == NULL)
    return FALSE;
  block.start = arena->held;
  g_array_append_val (arena->blocks, block);
  arena->held += block.size;
  arena->peak = MAX (arena->peak, arena->held);
  return TRUE;
}

/* @bytes at a multiple of 64, or NULL. */
void *
limn_arena_alloc (LimnArena *arena, gsize bytes)
{
  guint index;
  ArenaBlock *block;
  void *memory;

  if (bytes > G_MAXSSIZE - ARENA_ALIGN)
    return NULL;
  bytes = (MAX (bytes, 1) + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;

  if (arena->blocks->len == 0 && !add_block (arena, 0, bytes))
    return NULL;
  index = current_block (arena);
  block = &g_array_index (arena->blocks, ArenaBlock, index);
  if (bytes > block->start + block->size - arena->position)
    {
      /* An empty last block that is too small is replaced, a used one is followed by another. */
      guint next = arena->position == block->start ? index : index + 1;

      if (next == index || next >= arena->blocks->len
          || g_array_index (arena->blocks, ArenaBlock, next).size < bytes)
        if (!add_block (arena, next, bytes))
          return NULL;
      block = &g_array_index (arena->blocks, ArenaBlock, next);
      arena->position = block->start;
    }
  memory = block->data + (arena->position - block->start);
  arena->position += bytes;
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
