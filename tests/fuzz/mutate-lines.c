/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Changes by lines for a list of tensors: one left out, one twice, two in each other's place, an
 * extent halved or doubled; or libFuzzer's own changes.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* Puts another number in the place of the last but @back of a line (transfer full). */
static char *
change_extent (const char *line, guint back, guint32 how)
{
  static const int others[] = { 0, 1, 3, 4, 9, 64, 77, 320, 512, 768, 1024, 1280 };
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  guint n = g_strv_length (words);
  guint place = n > 2 ? 2 + back % (n - 2) : 0;
  gint64 value;

  if (place == 0)
    return g_strdup (line);
  value = g_ascii_strtoll (words[place], NULL, 10);
  value = how % 3 == 0   ? value * 2
          : how % 3 == 1 ? value / 2
                         : others[how / 3 % G_N_ELEMENTS (others)];
  g_free (words[place]);
  words[place] = g_strdup_printf ("%" G_GINT64_FORMAT, value);
  return g_strjoinv (" ", words);
}

static void
change_lines (GPtrArray *lines, GRand *rand)
{
  guint a = (guint)g_rand_int_range (rand, 0, (gint32)lines->len);
  guint b = (guint)g_rand_int_range (rand, 0, (gint32)lines->len);
  char *held;

  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      g_ptr_array_remove_range (lines, a, MIN (lines->len - a, 1 + g_rand_int (rand) % 3));
      break;
    case 1:
      g_ptr_array_insert (lines, (int)b, g_strdup (lines->pdata[a]));
      break;
    case 2:
      held = lines->pdata[a];
      lines->pdata[a] = lines->pdata[b];
      lines->pdata[b] = held;
      break;
    default:
      held = change_extent (lines->pdata[a], b, g_rand_int (rand));
      g_free (lines->pdata[a]);
      lines->pdata[a] = held;
    }
}

gsize
LLVMFuzzerCustomMutator (guint8 *data, gsize size, gsize max_size, unsigned int seed)
{
  GRand *rand;
  g_autofree char *text = NULL;
  g_autofree char *joined = NULL;
  g_auto (GStrv) split = NULL;
  g_autoptr (GPtrArray) lines = NULL;

  if (size == 0 || seed % 3 == 0)
    return LLVMFuzzerMutate (data, size, max_size);
  text = g_strndup ((const char *)data, size);
  split = g_strsplit (text, "\n", -1);
  lines = g_ptr_array_new_with_free_func (g_free);
  for (char **line = split; *line != NULL; line++)
    g_ptr_array_add (lines, g_strdup (*line));
  rand = g_rand_new_with_seed (seed);
  if (lines->len > 0)
    change_lines (lines, rand);
  g_rand_free (rand);
  g_ptr_array_add (lines, NULL);
  joined = g_strjoinv ("\n", (char **)lines->pdata);
  size = MIN (strlen (joined), max_size);
  memcpy (data, joined, size);
  return size;
}
