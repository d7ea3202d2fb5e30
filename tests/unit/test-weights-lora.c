/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/weights/lora.h"
#include "tests/unit/weights-testing.h"

#define ROWS 4
#define COLUMNS 6
#define RANK 2
#define UNET "model.diffusion_model."
#define TO_Q "input_blocks.1.1.transformer_blocks.0.attn1.to_q"
#define KOHYA_TO_Q "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
#define OPENCLIP "cond_stage_model.model.transformer.resblocks.1.attn."

typedef struct
{
  char *folder;
  LimnWeights *base;
  float weight[ROWS * COLUMNS], fused[3 * ROWS * ROWS];
  float down[RANK * COLUMNS], up[ROWS * RANK];
} Fixture;

/* A UNet of two blocks with moving averages, and a block of OpenCLIP. */
static void
set_up (Fixture *self, gconstpointer unused)
{
  TestSafetensors file;
  g_autofree char *path = NULL;

  self->folder = test_folder_new ();
  for (int i = 0; i < ROWS * COLUMNS; i++)
    self->weight[i] = 0.1f * (float)i - 1;
  for (int i = 0; i < 3 * ROWS * ROWS; i++)
    self->fused[i] = 0.05f * (float)i;
  for (int i = 0; i < RANK * COLUMNS; i++)
    self->down[i] = 0.3f * (float)i - 1;
  for (int i = 0; i < ROWS * RANK; i++)
    self->up[i] = 0.5f - 0.2f * (float)i;
  test_safetensors_init (&file);
  test_safetensors_add (&file, UNET "input_blocks.0.0.weight", "F32", "4, 6", self->weight,
                        sizeof self->weight);
  test_safetensors_add (&file, UNET TO_Q ".weight", "F32", "4, 6", self->weight,
                        sizeof self->weight);
  test_safetensors_add (&file,
                        "model_ema.diffusion_modelinput_blocks11transformer_blocks0attn1to_qweight",
                        "F32", "4, 6", self->weight, sizeof self->weight);
  test_safetensors_add (&file, OPENCLIP "in_proj_weight", "F32", "12, 4", self->fused,
                        sizeof self->fused);
  path = test_safetensors_write (&file, self->folder, "model.safetensors");
  self->base = limn_weights_open (path, NULL);
  g_assert_nonnull (self->base);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  limn_weights_unref (self->base);
  test_folder_free (self->folder);
}

/* A LoRA with one module: names of down and up, and alpha's where there is one. */
static LimnLora *
make_lora (Fixture *self,
           const char *down,
           const char *up,
           const char *alpha_name,
           float alpha,
           const char *shape_down,
           const char *shape_up,
           GError **error)
{
  TestSafetensors file;
  g_autofree char *path = NULL;

  test_safetensors_init (&file);
  if (down != NULL)
    test_safetensors_add (&file, down, "F32", shape_down, self->down, sizeof self->down);
  if (up != NULL)
    test_safetensors_add (&file, up, "F32", shape_up, self->up, sizeof self->up);
  if (alpha_name != NULL)
    test_safetensors_add (&file, alpha_name, "F32", "", &alpha, sizeof alpha);
  path = test_safetensors_write (&file, self->folder, "lora.safetensors");
  return limn_lora_open (path, error);
}

static float
change_at (const Fixture *self, int row, int column)
{
  float sum = 0;

  for (int r = 0; r < RANK; r++)
    sum += self->up[row * RANK + r] * self->down[r * COLUMNS + column];
  return sum;
}

static void
assert_changed (const Fixture *self, LimnWeights *weights, const char *name, float scale)
{
  float got[ROWS * COLUMNS], part[COLUMNS + 1];
  LimnTensor tensor;

  g_assert_true (limn_weights_get (weights, name, 2, (gint64[]){ ROWS, COLUMNS }, &tensor, NULL));
  limn_tensor_read_f32 (&tensor, 0, ROWS * COLUMNS, got);
  for (int row = 0; row < ROWS; row++)
    for (int column = 0; column < COLUMNS; column++)
      {
        int i = row * COLUMNS + column;

        g_assert_cmpfloat_with_epsilon (
            got[i], self->weight[i] + scale * change_at (self, row, column), 4e-6);
      }
  /* However it is cut. */
  for (int first = 0; first + COLUMNS + 1 <= ROWS * COLUMNS; first++)
    {
      limn_tensor_read_f32 (&tensor, first, COLUMNS + 1, part);
      g_assert_cmpmem (part, sizeof part, got + first, sizeof part);
    }
}

/* All names of one module. */
static void
test_names (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    const char *down, *up, *alpha;
  } names[] = {
    { KOHYA_TO_Q ".lora_down.weight", KOHYA_TO_Q ".lora_up.weight", KOHYA_TO_Q ".alpha" },
    { "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q.lora_down.weight",
      "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q.lora_up.weight", NULL },
    { "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight",
      "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_B.weight", NULL },
    { "base_model.model.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight",
      "base_model.model.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_B.weight",
      NULL },
    { "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_q_lora.down.weight",
      "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_q_lora.up.weight",
      NULL },
    { "down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_q_lora.down.weight",
      "down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_q_lora.up.weight", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnLora) lora
          = make_lora (self, names[i].down, names[i].up, names[i].alpha, 1, "2, 6", "4, 2", &error);
      LimnLoraUse use = { lora, 0.5, 0 };
      g_autoptr (LimnWeights) weights = NULL;
      int n_unmatched = -1;

      g_assert_no_error (error);
      g_assert_cmpint (limn_lora_count_modules (lora), ==, 1);
      weights = limn_weights_with_loras (self->base, &use, 1, &n_unmatched, &error);
      g_assert_no_error (error);
      g_assert_cmpint (n_unmatched, ==, 0);
      assert_changed (self, weights, UNET TO_Q ".weight", names[i].alpha != NULL ? 0.25f : 0.5f);
      assert_changed (self, weights,
                      "model_ema.diffusion_modelinput_blocks11transformer_blocks0attn1to_qweight",
                      names[i].alpha != NULL ? 0.25f : 0.5f);
      assert_changed (self, weights, UNET "input_blocks.0.0.weight", 0);
      assert_changed (self, self->base, UNET TO_Q ".weight", 0);
    }
}

/* peft's alpha stands in the metadata: for all modules, or for those with an ending. */
static void
test_metadata (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    const char *text;
    float scale;
  } metadata[] = {
    { "{}", 1.0f },
    { "{\\\"unet.lora_alpha\\\": 3, \\\"text_encoder.lora_alpha\\\": 7}", 1.5f },
    { "{\\\"unet.lora_alpha\\\": 3, \\\"unet.alpha_pattern\\\": {\\\"attn1.to_q\\\": 5.0}}", 2.5f },
    { "{\\\"unet.lora_alpha\\\": 3, \\\"unet.use_rslora\\\": true}", 2.12132034f },
    { "{\\\"unet.lora_alpha\\\": \\\"many\\\"}", 1.0f },
    { "{", NAN },
  };
  const char *stem = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
  g_autofree char *down = g_strconcat (stem, ".lora_A.weight", NULL);
  g_autofree char *up = g_strconcat (stem, ".lora_B.weight", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (metadata); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnLora) lora = NULL;
      g_autoptr (LimnWeights) weights = NULL;
      g_autofree char *path = NULL;
      LimnLoraUse use = { NULL, 1, 1 };
      TestSafetensors file;

      test_safetensors_init (&file);
      g_string_append_printf (file.header, "\"__metadata__\": {\"lora_adapter_metadata\": \"%s\"}",
                              metadata[i].text);
      test_safetensors_add (&file, down, "F32", "2, 6", self->down, sizeof self->down);
      test_safetensors_add (&file, up, "F32", "4, 2", self->up, sizeof self->up);
      path = test_safetensors_write (&file, self->folder, "lora.safetensors");
      use.lora = lora = limn_lora_open (path, &error);
      g_assert_true ((lora == NULL) == (isnan (metadata[i].scale) != 0));
      if (lora == NULL)
        {
          g_assert_nonnull (strstr (error->message, "lora_adapter_metadata"));
          continue;
        }
      weights = limn_weights_with_loras (self->base, &use, 1, NULL, &error);
      g_assert_no_error (error);
      assert_changed (self, weights, UNET TO_Q ".weight", metadata[i].scale);
    }
}

/* The same file twice is the sum; without any the weights are what they were. */
static void
test_several (Fixture *self, gconstpointer unused)
{
  g_autoptr (LimnLora) lora
      = make_lora (self, KOHYA_TO_Q ".lora_down.weight", KOHYA_TO_Q ".lora_up.weight", NULL, 0,
                   "2, 6", "4, 2", NULL);
  LimnLoraUse uses[] = { { lora, 0.5, 0 }, { lora, -1.5, 0 } };
  g_autoptr (LimnWeights) both = limn_weights_with_loras (self->base, uses, 2, NULL, NULL);
  g_autoptr (LimnWeights) nested = limn_weights_with_loras (both, uses, 1, NULL, NULL);
  g_autoptr (LimnWeights) none = limn_weights_with_loras (self->base, NULL, 0, NULL, NULL);
  g_autofree char *plain_hash = limn_weights_hash (self->base, NULL, NULL);
  g_autofree char *hash = limn_weights_hash (none, NULL, NULL);
  g_autofree char *changed_hash = limn_weights_hash (both, NULL, NULL);

  assert_changed (self, both, UNET TO_Q ".weight", -1.0f);
  assert_changed (self, nested, UNET TO_Q ".weight", -0.5f);
  assert_changed (self, none, UNET TO_Q ".weight", 0);
  g_assert_cmpstr (plain_hash, ==, hash);
  g_assert_cmpstr (plain_hash, !=, changed_hash);
  g_assert_true (limn_weights_check_finite (both, NULL, NULL));
}

/* v_proj is the last third of OpenCLIP's fused weight. */
static void
test_openclip (Fixture *self, gconstpointer unused)
{
  const char *module = "lora_te_text_model_encoder_layers_1_self_attn_v_proj";
  g_autofree char *down = g_strconcat (module, ".lora_down.weight", NULL);
  g_autofree char *up = g_strconcat (module, ".lora_up.weight", NULL);
  g_autoptr (LimnWeights) weights = NULL;
  g_autoptr (LimnLora) lora = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  float got[3 * ROWS * ROWS];
  LimnLoraUse use = { NULL, 0, 2 };
  LimnTensor tensor, third;
  TestSafetensors file;

  test_safetensors_init (&file);
  test_safetensors_add (&file, down, "F32", "1, 4", self->down, 4 * sizeof (float));
  test_safetensors_add (&file, up, "F32", "4, 1", self->up, 4 * sizeof (float));
  path = test_safetensors_write (&file, self->folder, "text.safetensors");
  use.lora = lora = limn_lora_open (path, &error);
  g_assert_no_error (error);
  weights = limn_weights_with_loras (self->base, &use, 1, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (limn_weights_lookup (weights, OPENCLIP "in_proj_weight", &tensor));
  limn_tensor_read_f32 (&tensor, 0, 3 * ROWS * ROWS, got);
  for (int row = 0; row < 3 * ROWS; row++)
    for (int column = 0; column < ROWS; column++)
      {
        float want = self->fused[row * ROWS + column];

        if (row >= 2 * ROWS)
          want += 2 * self->up[row - 2 * ROWS] * self->down[column];
        g_assert_cmpfloat_with_epsilon (got[row * ROWS + column], want, 1e-6);
      }
  third = limn_tensor_rows (&tensor, 2 * ROWS, ROWS);
  limn_tensor_read_f32 (&third, 1, 5, got + 1);
  g_assert_cmpfloat_with_epsilon (
      got[1], self->fused[8 * ROWS + 1] + 2 * self->up[0] * self->down[1], 1e-6);
}

static void
assert_no_lora (Fixture *self,
                const char *down,
                const char *up,
                const char *alpha,
                const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (make_lora (self, down, up, alpha, 1, "2, 6", "4, 2", &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_nonnull (strstr (error->message, "lora.safetensors"));
}

static void
assert_misfit (Fixture *self,
               const char *module,
               const char *down,
               const char *up,
               float alpha,
               int code)
{
  g_autofree char *down_name = g_strconcat (module, ".lora_down.weight", NULL);
  g_autofree char *up_name = g_strconcat (module, ".lora_up.weight", NULL);
  g_autofree char *alpha_name = g_strconcat (module, ".alpha", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnLora) lora
      = make_lora (self, down_name, up_name, alpha_name, alpha, down, up, &error);
  LimnLoraUse use = { lora, 1, 1 };

  g_assert_no_error (error);
  g_assert_null (limn_weights_with_loras (self->base, &use, 1, NULL, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, code);
  g_assert_nonnull (strstr (error->message, "lora.safetensors"));
}

static void
test_refused (Fixture *self, gconstpointer unused)
{
  const char *down = KOHYA_TO_Q ".lora_down.weight";
  g_autoptr (GError) error = NULL;

  assert_no_lora (self, "first", "second", NULL, "no LoRA");
  assert_no_lora (self, NULL, NULL, KOHYA_TO_Q ".alpha", "no LoRA");
  assert_no_lora (self, down, NULL, NULL, "make up no change");
  assert_no_lora (self, down, KOHYA_TO_Q ".oft_blocks", NULL, "oft_blocks");
  assert_no_lora (self, KOHYA_TO_Q ".hada_t1", KOHYA_TO_Q ".hada_w1_a", NULL, "Tucker");
  g_assert_null (limn_lora_open ("/nowhere", &error));
  g_assert_nonnull (error);

  assert_misfit (self, KOHYA_TO_Q, "6, 2", "4, 2", 1, LIMN_ENGINE_ERROR_SHAPE);
  assert_misfit (self, KOHYA_TO_Q, "2, 6", "2, 4", 1, LIMN_ENGINE_ERROR_SHAPE);
  assert_misfit (self, KOHYA_TO_Q, "12", "8", 1, LIMN_ENGINE_ERROR_SHAPE);
  assert_misfit (self, KOHYA_TO_Q, "2, 6", "4, 2", NAN, LIMN_ENGINE_ERROR_NUMERIC);
  assert_misfit (self, "lora_unet_down_blocks_9_gone", "2, 6", "4, 2", 1,
                 LIMN_ENGINE_ERROR_UNSUPPORTED);
  self->up[3] = INFINITY;
  assert_misfit (self, KOHYA_TO_Q, "2, 6", "4, 2", 1, LIMN_ENGINE_ERROR_NUMERIC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/weights/lora/names", Fixture, NULL, set_up, test_names, tear_down);
  g_test_add ("/weights/lora/metadata", Fixture, NULL, set_up, test_metadata, tear_down);
  g_test_add ("/weights/lora/several", Fixture, NULL, set_up, test_several, tear_down);
  g_test_add ("/weights/lora/openclip", Fixture, NULL, set_up, test_openclip, tear_down);
  g_test_add ("/weights/lora/refused", Fixture, NULL, set_up, test_refused, tear_down);
  return g_test_run ();
}
