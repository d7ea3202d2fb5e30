/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <glib/gstdio.h>
#include <string.h>

#include "tests/unit/weights-testing.h"

/* A folder below @folder (transfer full). */
static char *
make_folder (const char *folder, const char *name)
{
  char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  return path;
}

/* A file with tensors of one number each. */
static void
write_names (const char *folder, const char *file, float value, const char *const *names)
{
  TestSafetensors safetensors;
  g_autofree char *path = NULL;

  test_safetensors_init (&safetensors);
  for (gsize i = 0; names[i] != NULL; i++)
    test_safetensors_add (&safetensors, names[i], "F32", "1", &value, sizeof value);
  path = test_safetensors_write (&safetensors, folder, file);
}

static void
write_config (const char *folder)
{
  g_autofree char *path = test_write (folder, "config.json", "{}", 2);
}

static float
value_of (LimnWeights *weights, const char *name)
{
  LimnTensor tensor;
  float value = 0;

  g_assert_true (limn_weights_lookup (weights, name, &tensor));
  limn_tensor_read_f32 (&tensor, 0, 1, &value);
  return value;
}

/* ---- Names ----------------------------------------------------------------------------------- */

typedef struct
{
  const char *diffusers, *ldm;
} Pair;

/* Names of the published Stable Diffusion 1.5: four levels of two layers, attention in the first
 * three; an autoencoder of four levels. */
static const Pair unet[] = {
  { "conv_in.weight", "input_blocks.0.0.weight" },
  { "time_embedding.linear_2.bias", "time_embed.2.bias" },
  { "down_blocks.0.resnets.0.norm1.weight", "input_blocks.1.0.in_layers.0.weight" },
  { "down_blocks.0.resnets.1.conv1.weight", "input_blocks.2.0.in_layers.2.weight" },
  { "down_blocks.0.attentions.1.transformer_blocks.0.attn1.to_out.0.weight",
    "input_blocks.2.1.transformer_blocks.0.attn1.to_out.0.weight" },
  { "down_blocks.0.downsamplers.0.conv.weight", "input_blocks.3.0.op.weight" },
  { "down_blocks.1.resnets.0.conv_shortcut.bias", "input_blocks.4.0.skip_connection.bias" },
  { "down_blocks.2.attentions.1.proj_in.weight", "input_blocks.8.1.proj_in.weight" },
  { "down_blocks.2.attentions.1.norm.weight", "input_blocks.8.1.norm.weight" },
  { "down_blocks.2.downsamplers.0.conv.bias", "input_blocks.9.0.op.bias" },
  { "down_blocks.3.resnets.1.time_emb_proj.weight", "input_blocks.11.0.emb_layers.1.weight" },
  { "mid_block.resnets.0.norm2.weight", "middle_block.0.out_layers.0.weight" },
  { "mid_block.attentions.0.proj_out.weight", "middle_block.1.proj_out.weight" },
  { "mid_block.resnets.1.conv2.bias", "middle_block.2.out_layers.3.bias" },
  { "up_blocks.0.resnets.2.conv1.weight", "output_blocks.2.0.in_layers.2.weight" },
  { "up_blocks.0.upsamplers.0.conv.weight", "output_blocks.2.1.conv.weight" },
  { "up_blocks.1.attentions.0.transformer_blocks.0.ff.net.0.proj.weight",
    "output_blocks.3.1.transformer_blocks.0.ff.net.0.proj.weight" },
  { "up_blocks.1.upsamplers.0.conv.weight", "output_blocks.5.2.conv.weight" },
  { "up_blocks.2.attentions.2.norm.bias", "output_blocks.8.1.norm.bias" },
  { "up_blocks.2.attentions.0.norm.bias", "output_blocks.6.1.norm.bias" },
  { "up_blocks.2.upsamplers.0.conv.bias", "output_blocks.8.2.conv.bias" },
  { "up_blocks.3.attentions.2.proj_out.bias", "output_blocks.11.1.proj_out.bias" },
  { "conv_norm_out.weight", "out.0.weight" },
  { "conv_out.bias", "out.2.bias" },
};

static const Pair autoencoder[] = {
  { "encoder.conv_in.weight", "encoder.conv_in.weight" },
  { "encoder.down_blocks.0.resnets.1.norm2.weight", "encoder.down.0.block.1.norm2.weight" },
  { "encoder.down_blocks.0.resnets.0.conv1.weight", "encoder.down.0.block.0.conv1.weight" },
  { "encoder.down_blocks.1.resnets.0.conv_shortcut.weight",
    "encoder.down.1.block.0.nin_shortcut.weight" },
  { "encoder.down_blocks.2.downsamplers.0.conv.bias", "encoder.down.2.downsample.conv.bias" },
  { "encoder.down_blocks.3.resnets.0.conv1.bias", "encoder.down.3.block.0.conv1.bias" },
  { "encoder.mid_block.resnets.1.conv1.weight", "encoder.mid.block_2.conv1.weight" },
  { "encoder.mid_block.attentions.0.to_q.weight", "encoder.mid.attn_1.q.weight" },
  { "encoder.mid_block.attentions.0.to_out.0.bias", "encoder.mid.attn_1.proj_out.bias" },
  { "decoder.mid_block.attentions.0.query.weight", "decoder.mid.attn_1.q.weight" },
  { "decoder.mid_block.attentions.0.proj_attn.weight", "decoder.mid.attn_1.proj_out.weight" },
  { "decoder.mid_block.attentions.0.group_norm.bias", "decoder.mid.attn_1.norm.bias" },
  { "decoder.up_blocks.0.resnets.2.norm1.weight", "decoder.up.3.block.2.norm1.weight" },
  { "decoder.up_blocks.0.upsamplers.0.conv.weight", "decoder.up.3.upsample.conv.weight" },
  { "decoder.up_blocks.3.resnets.0.conv_shortcut.weight",
    "decoder.up.0.block.0.nin_shortcut.weight" },
  { "decoder.conv_norm_out.weight", "decoder.norm_out.weight" },
  { "post_quant_conv.weight", "post_quant_conv.weight" },
};

static const Pair text[] = {
  { "text_model.final_layer_norm.weight", "text_model.final_layer_norm.weight" },
  { "text_model.encoder.layers.3.mlp.fc1.bias", "text_model.encoder.layers.3.mlp.fc1.bias" },
};

static void
write_component (const char *folder, const char *file, const Pair *pairs, gsize n)
{
  g_autofree const char **names = g_new0 (const char *, n + 1);

  for (gsize i = 0; i < n; i++)
    names[i] = pairs[i].diffusers;
  write_names (folder, file, 1, names);
  write_config (folder);
}

static void
assert_names (LimnWeights *weights, const char *prefix, const Pair *pairs, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *name = g_strconcat (prefix, pairs[i].ldm, NULL);

      if (!limn_weights_has (weights, name))
        g_error ("%s did not become %s", pairs[i].diffusers, name);
    }
}

static guint
count_names (LimnWeights *weights)
{
  return g_strv_length ((char **)limn_weights_list (weights));
}

static void
test_folder (void)
{
  char *folder = test_folder_new ();
  g_autofree char *a = make_folder (folder, "unet");
  g_autofree char *b = make_folder (folder, "vae");
  g_autofree char *c = make_folder (folder, "text_encoder");
  g_autofree char *scheduler = make_folder (folder, "scheduler");
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnWeights) opened = NULL;
  g_autoptr (LimnWeights) ldm = NULL;
  g_autoptr (LimnWeights) again = NULL;

  write_component (a, "diffusion_pytorch_model.safetensors", unet, G_N_ELEMENTS (unet));
  write_component (b, "diffusion_pytorch_model.safetensors", autoencoder,
                   G_N_ELEMENTS (autoencoder));
  write_component (c, "model.safetensors", text, G_N_ELEMENTS (text));
  write_config (scheduler);
  opened = limn_weights_open_folder (folder, &error);
  g_assert_no_error (error);
  g_assert_true (limn_weights_has (opened, "unet/conv_in.weight"));
  g_assert_cmpstr (limn_weights_get_container (opened), ==, "folder");
  ldm = limn_weights_to_ldm (opened, &error);
  g_assert_no_error (error);
  assert_names (ldm, "model.diffusion_model.", unet, G_N_ELEMENTS (unet));
  assert_names (ldm, "first_stage_model.", autoencoder, G_N_ELEMENTS (autoencoder));
  assert_names (ldm, "cond_stage_model.transformer.", text, G_N_ELEMENTS (text));
  g_assert_cmpuint (count_names (ldm), ==, count_names (opened));
  again = limn_weights_to_ldm (ldm, &error);
  g_assert_true (again == ldm);
  test_folder_free (folder);
}

static void
test_single_files (void)
{
  const struct
  {
    const Pair *pairs;
    gsize n;
    const char *prefix;
  } files[] = {
    { unet, G_N_ELEMENTS (unet), "model.diffusion_model." },
    { autoencoder, G_N_ELEMENTS (autoencoder), "" },
    { text, G_N_ELEMENTS (text), "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      char *folder = test_folder_new ();
      g_autofree char *path = g_build_filename (folder, "model.safetensors", NULL);
      g_autoptr (LimnWeights) weights = NULL;
      g_autoptr (LimnWeights) component = NULL;
      g_autoptr (LimnWeights) ldm = NULL;

      write_component (folder, "model.safetensors", files[i].pairs, files[i].n);
      weights = limn_weights_open (path, NULL);
      ldm = limn_weights_to_ldm (weights, NULL);
      assert_names (ldm, files[i].prefix, files[i].pairs, files[i].n);
      /* One component is a folder as well. */
      component = limn_weights_open_folder (folder, NULL);
      g_assert_cmpuint (count_names (component), ==, files[i].n);
      test_folder_free (folder);
    }
}

/* Names that claim thousands of levels cost no more than others. */
static void
test_absurd_names (void)
{
  char *folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "x.safetensors", NULL);
  g_autoptr (LimnWeights) weights = NULL;
  g_autoptr (LimnWeights) ldm = NULL;

  write_names (folder, "x.safetensors", 1,
               (const char *[]){ "down_blocks.99999999999.resnets.0.conv1.weight",
                                 "down_blocks.0.resnets.99999.conv1.weight", "down_blocks..resnets",
                                 "up_blocks.-1.attentions.0.x", ".", "..", NULL });
  weights = limn_weights_open (path, NULL);
  g_assert_nonnull (weights);
  ldm = limn_weights_to_ldm (weights, NULL);
  g_assert_nonnull (ldm);
  g_assert_cmpuint (count_names (ldm), ==, 6);
  test_folder_free (folder);
}

/* ---- Folders --------------------------------------------------------------------------------- */

static const char *const one_name[] = { "x", NULL };

/* Each file has another number; the best is taken, then the next best. */
static void
test_choice (void)
{
  static const char *const best_first[] = {
    "diffusion_pytorch_model.safetensors",
    "diffusion_pytorch_model.bin",
    "diffusion_pytorch_model.fp16.safetensors",
    "diffusion_pytorch_model.non_ema.safetensors",
  };
  char *folder = test_folder_new ();
  g_autofree char *component = make_folder (folder, "unet");

  write_config (component);
  for (gsize i = 0; i < G_N_ELEMENTS (best_first); i++)
    write_names (component, best_first[i], (float)i, one_name);
  for (gsize i = 0; i < G_N_ELEMENTS (best_first); i++)
    {
      g_autofree char *path = g_build_filename (component, best_first[i], NULL);
      g_autoptr (LimnWeights) weights = limn_weights_open_folder (folder, NULL);

      g_assert_nonnull (weights);
      g_assert_cmpfloat (value_of (weights, "unet/x"), ==, (float)i);
      g_remove (path);
    }
  test_folder_free (folder);
}

/* Opens a folder of two shards with @index. */
static LimnWeights *
open_shards (const char *index, GError **error)
{
  char *folder = test_folder_new ();
  g_autofree char *path = NULL;
  LimnWeights *weights;

  write_names (folder, "a.safetensors", 1, (const char *[]){ "x", NULL });
  write_names (folder, "b.safetensors", 2, (const char *[]){ "y", "z", NULL });
  path = test_write (folder, "model.safetensors.index.json", index, strlen (index));
  weights = limn_weights_open_folder (folder, error);
  test_folder_free (folder);
  return weights;
}

static void
test_shards (void)
{
  static const struct
  {
    const char *index, *words;
  } bad[] = {
    { "{", "JSON" },
    { "{}", "weight_map" },
    { "{\"weight_map\": 5}", "weight_map" },
    { "{\"weight_map\": {\"x\": 5}}", "no file" },
    { "{\"weight_map\": {\"x\": \"../a.safetensors\"}}", "no file" },
    { "{\"weight_map\": {\"x\": \"/etc/passwd\"}}", "no file" },
    { "{\"weight_map\": {\"x\": \"gone.safetensors\"}}", "gone.safetensors" },
    { "{\"weight_map\": {\"x\": \"a.safetensors\", \"w\": \"a.safetensors\"}}", "tensor w" },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnWeights) weights = open_shards (
      "{\"metadata\": {\"total_size\": 12}, \"weight_map\": {\"x\": \"a.safetensors\", "
      "\"y\": \"b.safetensors\", \"z\": \"b.safetensors\"}}",
      &error);

  g_assert_no_error (error);
  g_assert_cmpfloat (value_of (weights, "x"), ==, 1);
  g_assert_cmpfloat (value_of (weights, "z"), ==, 2);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (open_shards (bad[i].index, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, bad[i].words));
      g_clear_error (&error);
    }
}

static void
test_no_folder (void)
{
  char *folder = test_folder_new ();
  g_autofree char *component = make_folder (folder, "unet");
  g_autofree char *broken = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (limn_weights_open_folder ("/nowhere/at/all", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  write_config (component);
  g_assert_null (limn_weights_open_folder (folder, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING);
  g_clear_error (&error);
  broken = test_write (component, "model.safetensors", "<html", 5);
  g_assert_null (limn_weights_open_folder (folder, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE);
  g_assert_nonnull (strstr (error->message, broken));
  test_folder_free (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weights/names/folder", test_folder);
  g_test_add_func ("/weights/names/single-files", test_single_files);
  g_test_add_func ("/weights/names/absurd", test_absurd_names);
  g_test_add_func ("/weights/names/choice", test_choice);
  g_test_add_func ("/weights/names/shards", test_shards);
  g_test_add_func ("/weights/names/no-folder", test_no_folder);
  return g_test_run ();
}
