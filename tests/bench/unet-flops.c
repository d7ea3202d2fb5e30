/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/bench/unet-flops.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "model.diffusion_model."

/* Number of the block in "input_blocks.N." or "output_blocks.N."; -1 when @name is not of @part. */
static int
block_number (const char *name, const char *part)
{
  gsize n = strlen (part);

  return strncmp (name, part, n) == 0 && name[n] == '.' ? atoi (name + n + 1) : -1;
}

/* TRUE when input block @i halves the map, or output block @i doubles it. */
static gboolean
changes_size (LimnWeights *weights, const char *part, int i)
{
  static const char *const inner[] = { "0.op.weight", "1.conv.weight", "2.conv.weight" };

  for (gsize k = 0; k < G_N_ELEMENTS (inner); k++)
    {
      g_autofree char *name = g_strdup_printf (PREFIX "%s.%d.%s", part, i, inner[k]);

      if (limn_weights_has (weights, name))
        return TRUE;
    }
  return FALSE;
}

static int
n_downsamples (LimnWeights *weights, int before)
{
  int n = 0;

  for (int i = 0; i < before; i++)
    n += changes_size (weights, "input_blocks", i);
  return n;
}

/* How often the map was halved where the layer @name works. */
static int
level_of (LimnWeights *weights, const char *name)
{
  int block = block_number (name, "input_blocks");
  int level;

  if (block >= 0)
    return n_downsamples (weights, block + 1);
  level = n_downsamples (weights, 1000);
  block = block_number (name, "output_blocks");
  if (block < 0)
    return strncmp (name, "middle_block", 12) == 0 ? level : 0;
  for (int i = 0; i < block; i++)
    level -= changes_size (weights, "output_blocks", i);
  /* An upsample's own convolution works on the doubled map. */
  if (strstr (name, ".conv.weight") != NULL)
    level--;
  return level;
}

/* Positions that the layer is applied to. */
static double
positions (const char *name, double map, double context_tokens)
{
  if (strstr (name, "emb_layers") != NULL || strncmp (name, "time_embed", 10) == 0
      || strncmp (name, "label_emb", 9) == 0)
    return 1.0;
  if (strstr (name, "attn2.to_k") != NULL || strstr (name, "attn2.to_v") != NULL)
    return context_tokens;
  return map;
}

double
limn_unet_gflop (LimnWeights *weights, int height, int width, gint64 context_tokens)
{
  const char *const *names = limn_weights_list (weights);
  double total = 0.0;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      const char *name = names[i] + strlen (PREFIX);
      LimnTensor w;
      double map, level;

      if (!g_str_has_prefix (names[i], PREFIX) || !g_str_has_suffix (name, ".weight")
          || !limn_weights_lookup (weights, names[i], &w) || w.n_dims < 2)
        continue;
      level = (double)(1 << level_of (weights, name));
      map = height / level * (width / level);
      total += 2.0 * (double)limn_tensor_count (&w) * positions (name, map, (double)context_tokens);
      /* Both products of the attention, counted at its query projection. */
      if (g_str_has_suffix (name, "attn1.to_q.weight"))
        total += 4.0 * map * map * (double)w.extent[0];
      if (g_str_has_suffix (name, "attn2.to_q.weight"))
        total += 4.0 * map * (double)context_tokens * (double)w.extent[0];
    }
  return total / 1e9;
}
