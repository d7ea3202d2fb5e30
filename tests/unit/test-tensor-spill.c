/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "engine/tensor/tensor-private.h"
#include "tests/unit/tensor-testing.h"

/* Arenas that spill into a file: the same bits, bounded memory, and errors that name the folder. */

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->folder = g_dir_make_tmp ("limn-spill-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
}

/* Nothing is left behind: the folder is empty, so that it can be removed. */
static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
}

static LimnArena *
spilling (Fixture *self, gsize in_memory)
{
  LimnArena *arena = limn_arena_new (0);

  limn_arena_spill (arena, in_memory, 1, self->folder);
  return arena;
}

/* Every operation, with its operands and result in the file and each tile handing everything back,
 * gives the bits that it gives in memory. */
static void
test_same_bits (Fixture *self, gconstpointer unused)
{
  for (guint i = 0; i < test_n_cases; i++)
    {
      g_autoptr (LimnPool) pool = limn_pool_new (2, FALSE);
      g_autoptr (LimnArena) arena = spilling (self, 0);
      g_auto (LimnRun) run = { 0 };
      g_auto (TestRun) plain = { 0 };
      LimnTensor got, want;

      test_run_init (&plain, 2, NULL, NULL);
      limn_run_init (&run, pool, arena, NULL);
      want = test_cases[i].compute (&plain.run, &test_sizes[test_n_sizes - 1], 1);
      got = test_cases[i].compute (&run, &test_sizes[test_n_sizes - 1], 1);
      g_assert_no_error (plain.run.error);
      g_assert_no_error (run.error);
      g_assert_cmpfloat (limn_arena_get_windows (arena), >, 0.0);
      test_assert_same_bits (test_cases[i].name, &got, &want);
    }
}

/* A stack whose lower part is in memory: what lies on either side, and across, stays what it was. */
static void
test_across (Fixture *self, gconstpointer unused)
{
  const gsize step = 3 * 1024 * 1024, boundary = 8 * 1024 * 1024;
  g_autoptr (LimnArena) arena = spilling (self, boundary);
  guint8 *pieces[8];

  for (int round = 0; round < 2; round++)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
        {
          pieces[i] = limn_arena_alloc (arena, step);
          g_assert_nonnull (pieces[i]);
          g_assert_true (pieces[i] == pieces[0] + i * step);
          memset (pieces[i], (int)(10 * round + (int)i), step);
        }
      g_assert_cmpfloat (limn_arena_get_windows (arena), ==,
                         (double)(G_N_ELEMENTS (pieces) * step - boundary));
      limn_arena_drop (arena);
      for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
        for (gsize b = 0; b < step; b += 4096)
          g_assert_cmpint (pieces[i][b], ==, 10 * round + (int)i);
      limn_arena_set_position (arena, 0);
      g_assert_cmpfloat (limn_arena_get_windows (arena), ==, 0.0);
    }
}

/* Bytes of files and of shared memory that are mapped into the process. */
static gint64
mapped_bytes (void)
{
  g_autofree char *text = NULL;
  long shared = -1;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%*d %*d %ld", &shared), ==, 1);
  return (gint64)shared * sysconf (_SC_PAGESIZE);
}

typedef struct
{
  guint8 *memory;
  gsize bytes;
  gint64 most;
} Touch;

#define TOUCHES 64

static void
touch_tile (void *data, gint64 index, void *scratch)
{
  Touch *touch = data;

  memset (touch->memory + (gsize)index * (touch->bytes / TOUCHES), (int)index,
          touch->bytes / TOUCHES);
  touch->most = MAX (touch->most, mapped_bytes ());
}

/* A task that goes through 256 MiB with a window of 16 holds not much more than that. */
static void
test_window (Fixture *self, gconstpointer unused)
{
  const gint64 window = 16 * 1024 * 1024;
  g_autoptr (LimnPool) pool = limn_pool_new (1, FALSE);
  g_autoptr (LimnArena) arena = limn_arena_new (0);
  g_auto (LimnRun) run = { 0 };
  gint64 before = mapped_bytes ();
  Touch touch = { .bytes = 256 * 1024 * 1024 };

  limn_arena_spill (arena, 0, (gsize)window, self->folder);
  limn_run_init (&run, pool, arena, NULL);
  touch.memory = limn_arena_alloc (arena, touch.bytes);
  if (touch.memory == NULL)
    {
      g_test_skip ("no room for a file of 256 MiB");
      return;
    }
  g_assert_true (limn_run_parallel (&run, TOUCHES, 0, touch_tile, &touch));
  g_assert_cmpint (touch.most - before, >=, window / 2);
  g_assert_cmpint (touch.most - before, <, 2 * window);
  for (gsize i = 0; i < TOUCHES; i++)
    g_assert_cmpint (touch.memory[i * (touch.bytes / TOUCHES) + 5000], ==, (int)i);
}

/* ---- What cannot be had ---- */

static void
assert_fails (LimnArena *arena, const char *named)
{
  g_autoptr (LimnPool) pool = limn_pool_new (1, FALSE);
  g_auto (LimnRun) run = { 0 };
  LimnTensor t;

  limn_run_init (&run, pool, arena, NULL);
  t = limn_run_nhwc (&run, 1, 1024, 1024, 16);
  g_assert_true (limn_tensor_is_empty (&t));
  g_assert_error (run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY);
  g_assert_nonnull (strstr (run.error->message, named));
}

static void
test_no_folder (Fixture *self, gconstpointer unused)
{
  g_autofree char *file = g_build_filename (self->folder, "file", NULL);
  g_autofree char *folder = g_build_filename (file, "maps", NULL);
  g_autoptr (LimnArena) arena = limn_arena_new (0);

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  limn_arena_spill (arena, 0, LIMN_SPILL_WINDOW, folder);
  assert_fails (arena, folder);
  g_unlink (file);
}

/* A bound on the size of files stands in for a full disk. */
static void
test_no_space (Fixture *self, gconstpointer unused)
{
  struct rlimit before, limit;
  g_autoptr (LimnArena) arena = spilling (self, 0);

  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &before);
  limit = (struct rlimit){ 20 * 1024 * 1024, before.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  assert_fails (arena, self->folder);
  g_assert_nonnull (limn_arena_alloc (arena, 1024 * 1024));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*run) (Fixture *self, gconstpointer unused);
  } tests[] = {
    { "same-bits", test_same_bits }, { "across", test_across },     { "window", test_window },
    { "no-folder", test_no_folder }, { "no-space", test_no_space },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/tensor/spill/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].run, tear_down);
    }
  return g_test_run ();
}
