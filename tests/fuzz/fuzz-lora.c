/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as a LoRA file for a small model, and as a model whose names are translated. Every
 * changed weight is computed.
 */
#include <string.h>
#include <unistd.h>

#include "engine/weights/lora.h"
#include "tests/fuzz/fuzz.h"

/* The weights that the corpus changes, all zero. */
static const struct
{
  const char *name, *shape;
  gsize bytes;
} tensors[] = {
  { "model.diffusion_model.input_blocks.0.0.weight", "8, 4, 3, 3", 4 * 8 * 4 * 9 },
  { "model.diffusion_model.input_blocks.1.0.in_layers.2.weight", "12, 8, 3, 3", 4 * 12 * 8 * 9 },
  { "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight", "24, 16",
    4 * 24 * 16 },
  { "cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight", "24, 8", 4 * 24 * 8 },
};

static LimnWeights *
open_model (void)
{
  g_autoptr (GString) header = g_string_new ("{");
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  LimnWeights *weights;
  gsize end = 0;
  guint64 length;
  int fd;

  for (gsize i = 0; i < G_N_ELEMENTS (tensors); i++)
    {
      g_string_append_printf (header,
                              "%s\"%s\": {\"dtype\": \"F32\", \"shape\": [%s], \"data_offsets\": "
                              "[%zu, %zu]}",
                              i > 0 ? ", " : "", tensors[i].name, tensors[i].shape, end,
                              end + tensors[i].bytes);
      end += tensors[i].bytes;
    }
  g_string_append_c (header, '}');
  length = GUINT64_TO_LE ((guint64)header->len);
  g_byte_array_append (file, (const guint8 *)&length, sizeof length);
  g_byte_array_append (file, (const guint8 *)header->str, (guint)header->len);
  g_byte_array_set_size (file, file->len + (guint)end);
  memset (file->data + file->len - end, 0, end);
  path = fuzz_file (file->data, file->len, &fd);
  weights = limn_weights_open (path, &error);
  g_assert_no_error (error);
  close (fd);
  return weights;
}

static void
apply (LimnLora *lora)
{
  g_autoptr (LimnWeights) model = open_model ();
  g_autoptr (LimnWeights) merged = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = NULL;
  LimnLoraUse use = { lora, 0.5, 0.5 };

  merged = limn_weights_with_loras (model, &use, 1, NULL, &error);
  fuzz_outcome (merged != NULL, error);
  if (merged == NULL)
    return;
  hash = limn_weights_hash (merged, NULL, NULL);
  g_assert_nonnull (hash);
}

static void
translate (const char *path)
{
  g_autoptr (LimnWeights) weights = limn_weights_open (path, NULL);
  g_autoptr (LimnWeights) ldm = NULL;
  g_autoptr (GError) error = NULL;

  if (weights == NULL)
    return;
  ldm = limn_weights_to_ldm (weights, &error);
  fuzz_outcome (ldm != NULL, error);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  int fd;
  g_autofree char *path = fuzz_file (data, size, &fd);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnLora) lora = limn_lora_open (path, &error);

  fuzz_outcome (lora != NULL, error);
  if (lora != NULL)
    apply (lora);
  translate (path);
  close (fd);
  return 0;
}
