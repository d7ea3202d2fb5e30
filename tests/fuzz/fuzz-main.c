/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Runs a fuzz target without libFuzzer: on each file that is named, on each file of each folder,
 * and on changed copies of them. The changes come from a fixed seed, so that a failure can be had
 * again. fuzz-NAME [--rounds=N] [--seed=N] FILE|FOLDER...
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define MAX_CHANGES 8

static int n_rounds = 40;
static int seed = 1;
static int n_inputs;

static void
change (GRand *rand, GByteArray *input)
{
  guint place;

  if (input->len == 0)
    return;
  place = (guint)g_rand_int_range (rand, 0, (gint32)input->len);
  switch (g_rand_int_range (rand, 0, 5))
    {
    case 0:
      input->data[place] = (guint8)g_rand_int (rand);
      break;
    case 1:
      input->data[place] ^= (guint8)(1u << g_rand_int_range (rand, 0, 8));
      break;
    case 2:
      g_byte_array_set_size (input, place);
      break;
    case 3:
      g_byte_array_remove_range (
          input, place, (guint)g_rand_int_range (rand, 1, (gint32)(input->len - place) + 1));
      break;
    default:
      {
        /* A piece of the input once more at its end. */
        guint length = MIN (input->len - place, 64);
        g_autofree guint8 *piece = g_memdup2 (input->data + place, length);

        g_byte_array_append (input, piece, length);
      }
    }
}

static void
run_file (const char *path)
{
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  GRand *rand = g_rand_new_with_seed ((guint32)seed);
  gsize size;

  g_file_get_contents (path, &contents, &size, &error);
  g_assert_no_error (error);
  LLVMFuzzerTestOneInput ((const guint8 *)contents, size);
  for (int round = 0; round < n_rounds; round++)
    {
      g_autoptr (GByteArray) input = g_byte_array_new ();
      int n_changes = g_rand_int_range (rand, 1, MAX_CHANGES);

      g_byte_array_append (input, (const guint8 *)contents, (guint)size);
      for (int i = 0; i < n_changes; i++)
        change (rand, input);
      LLVMFuzzerTestOneInput (input->data, input->len);
      n_inputs++;
    }
  n_inputs++;
  g_rand_free (rand);
}

static void
run_path (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      run_file (path);
      return;
    }
  dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      run_path (child);
    }
}

int
main (int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "Changed copies of each file", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Seed of the changes", "N" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("FILE|FOLDER...");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  for (int i = 1; i < argc; i++)
    run_path (argv[i]);
  g_print ("%d inputs\n", n_inputs);
  return n_inputs > 0 ? 0 : 1;
}
