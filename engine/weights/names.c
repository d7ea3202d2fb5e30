/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Fills a dialect's table in for a network's levels and layers, and looks names up in it.
 */
#include <string.h>

#include "engine/weights/names.h"

struct _LimnNames
{
  /* A block's name, with its last dot -> Block */
  GHashTable *from_diffusers;
  GHashTable *from_ldm;
};

typedef struct
{
  char *name; /* in the other dialect */
  const LimnNameTail *tails;
} Block;

static void
block_free (gpointer data)
{
  Block *block = data;

  g_free (block->name);
  g_free (block);
}

/* ---- Filling in ------------------------------------------------------------------------------ */

/* The number that @place stands for at level @i, layer @j. */
static int
place_value (const char *place, gsize length, const LimnNameShape *shape, int i, int j)
{
  const int n = shape->n_layers;
  const struct
  {
    const char *name;
    int value;
  } places[] = {
    { "i", i },
    { "j", j },
    { "down", 1 + i * (n + 1) + j },
    { "next", (i + 1) * (n + 1) },
    { "even", 2 * j },
    { "odd", 2 * j + 1 },
    { "up", i * (n + 1) + j },
    { "last", i * (n + 1) + n },
    { "after", shape->attention_up >> i & 1 ? 2 : 1 },
    { "j1", j + 1 },
    { "rev", shape->n_levels - 1 - i },
  };

  for (gsize k = 0; k < G_N_ELEMENTS (places); k++)
    if (strlen (places[k].name) == length && strncmp (places[k].name, place, length) == 0)
      return places[k].value;
  g_assert_not_reached ();
}

static char *
fill_in (const char *pattern, const LimnNameShape *shape, int i, int j)
{
  GString *name = g_string_new (NULL);

  for (const char *p = pattern; *p != '\0'; p++)
    if (*p == '{')
      {
        const char *end = strchr (p, '}');

        g_string_append_printf (name, "%d", place_value (p + 1, (gsize)(end - p) - 1, shape, i, j));
        p = end;
      }
    else
      g_string_append_c (name, *p);
  return g_string_free (name, FALSE);
}

/* The first of several rows for a name stays. */
static void
add_block (GHashTable *table, const char *from, const char *to, const LimnNameTail *tails)
{
  Block *block;

  if (g_hash_table_contains (table, from))
    return;
  block = g_new (Block, 1);
  block->name = g_strdup (to);
  block->tails = tails;
  g_hash_table_insert (table, g_strdup (from), block);
}

LimnNames *
_limn_names_new (const LimnNameRow *rows, const LimnNameShape *shape)
{
  LimnNames *names = g_new (LimnNames, 1);

  names->from_diffusers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, block_free);
  names->from_ldm = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, block_free);
  for (const LimnNameRow *row = rows; row->diffusers != NULL; row++)
    for (int i = 0; i < (strstr (row->diffusers, "{i}") != NULL ? shape->n_levels : 1); i++)
      /* Up and middle have one layer more than down. */
      for (int j = 0; j < (strstr (row->diffusers, "{j}") != NULL ? shape->n_layers + 1 : 1); j++)
        {
          g_autofree char *diffusers = fill_in (row->diffusers, shape, i, j);
          g_autofree char *ldm = fill_in (row->ldm, shape, i, j);

          add_block (names->from_diffusers, diffusers, ldm, row->tails);
          add_block (names->from_ldm, ldm, diffusers, row->tails);
        }
  return names;
}

void
_limn_names_free (LimnNames *names)
{
  g_hash_table_unref (names->from_diffusers);
  g_hash_table_unref (names->from_ldm);
  g_free (names);
}

/* ---- Looking up ------------------------------------------------------------------------------ */

/* @rest of a name within a block, translated. */
static char *
translate_tail (const LimnNameTail *tails, gboolean to_ldm, const char *rest)
{
  for (const LimnNameTail *tail = tails; tail != NULL && tail->diffusers != NULL; tail++)
    {
      const char *from = to_ldm ? tail->diffusers : tail->ldm;
      gsize length = strlen (from);

      if (strncmp (rest, from, length) == 0 && (rest[length] == '.' || rest[length] == '\0'))
        return g_strconcat (to_ldm ? tail->ldm : tail->diffusers, rest + length, NULL);
    }
  return g_strdup (rest);
}

/* The longest block that @name is in decides. */
static char *
translate (GHashTable *table, gboolean to_ldm, const char *name)
{
  g_autofree char *block_name = g_strdup (name);

  for (char *dot = strrchr (block_name, '.'); dot != NULL; dot = strrchr (block_name, '.'))
    {
      const Block *block;

      dot[1] = '\0';
      block = g_hash_table_lookup (table, block_name);
      if (block != NULL)
        {
          g_autofree char *rest = translate_tail (block->tails, to_ldm, name + strlen (block_name));

          return g_strconcat (block->name, rest, NULL);
        }
      *dot = '\0';
    }
  return NULL;
}

char *
_limn_names_to_ldm (LimnNames *names, const char *name)
{
  return translate (names->from_diffusers, TRUE, name);
}

char *
_limn_names_to_diffusers (LimnNames *names, const char *name)
{
  return translate (names->from_ldm, FALSE, name);
}

/* ---- What a store's names say about levels and layers ---------------------------------------- */

/* How many numbers from 0 on have a tensor whose name starts with @format filled in. */
G_GNUC_PRINTF (3, 0)
static int
count_numbers (LimnWeights *weights, int limit, const char *format, va_list args)
{
  g_autofree char *stem = g_strdup_vprintf (format, args);
  int n = 0;

  while (n < limit)
    {
      g_autofree char *prefix = g_strdup_printf ("%s%d.", stem, n);

      if (!limn_weights_has_prefix (weights, prefix))
        break;
      n++;
    }
  return n;
}

G_GNUC_PRINTF (3, 4)
static int
count (LimnWeights *weights, int limit, const char *format, ...)
{
  va_list args;
  int n;

  va_start (args, format);
  n = count_numbers (weights, limit, format, args);
  va_end (args);
  return n;
}

LimnNameShape
_limn_names_shape_diffusers (LimnWeights *weights, const char *prefix)
{
  LimnNameShape shape = { 0 };
  int n_up;

  /* An autoencoder's are behind "encoder." and "decoder.". */
  shape.n_levels = count (weights, LIMN_NAMES_MAX_LEVELS, "%sdown_blocks.", prefix);
  shape.n_layers = count (weights, LIMN_NAMES_MAX_LAYERS, "%sdown_blocks.0.resnets.", prefix);
  if (shape.n_levels == 0)
    {
      /* The decoder has one layer more. */
      shape.n_levels = count (weights, LIMN_NAMES_MAX_LEVELS, "%sdecoder.up_blocks.", prefix);
      n_up = count (weights, LIMN_NAMES_MAX_LAYERS, "%sdecoder.up_blocks.0.resnets.", prefix);
      shape.n_layers = MAX (n_up - 1, 1);
    }
  for (int i = 0; i < shape.n_levels; i++)
    if (count (weights, 1, "%sup_blocks.%d.attentions.", prefix, i) > 0)
      shape.attention_up |= G_GUINT64_CONSTANT (1) << i;
  return shape;
}

static gboolean
has (LimnWeights *weights, const char *prefix, const char *block, int number, const char *rest)
{
  g_autofree char *name = g_strdup_printf ("%s%s.%d.%s", prefix, block, number, rest);

  return limn_weights_has_prefix (weights, name);
}

LimnNameShape
_limn_names_shape_ldm (LimnWeights *weights, const char *prefix)
{
  int n_blocks = count (weights, LIMN_NAMES_MAX_LEVELS * (LIMN_NAMES_MAX_LAYERS + 1),
                        "%sinput_blocks.", prefix);
  LimnNameShape shape = { .n_layers = n_blocks - 1 };

  /* The first block that halves the resolution ends the first level. */
  for (int i = n_blocks - 1; i > 0; i--)
    if (has (weights, prefix, "input_blocks", i, "0.op."))
      shape.n_layers = i - 1;
  shape.n_layers = CLAMP (shape.n_layers, 1, LIMN_NAMES_MAX_LAYERS);
  shape.n_levels = CLAMP (n_blocks / (shape.n_layers + 1), 1, LIMN_NAMES_MAX_LEVELS);
  for (int i = 0; i < shape.n_levels; i++)
    if (has (weights, prefix, "output_blocks", i * (shape.n_layers + 1) + shape.n_layers, "2."))
      shape.attention_up |= G_GUINT64_CONSTANT (1) << i;
  return shape;
}
