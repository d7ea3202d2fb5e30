/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/unit/zoo-rows.h"

#include <string.h>

#include "tests/unit/weights-testing.h"

/* clang-format off */
const ZooStage zoo_stages[] = {
  { "kl-f4", { 3, 3, 0, 128, "124", NULL, TRUE }, 22351238, 32960771 },
  { "kl-f8", { 4, 4, 0, 128, "1244", NULL, TRUE }, 34163592, 49490179 },
  { "kl-f16", { 16, 16, 0, 128, "11224", "00001", TRUE }, 28265760, 41343875 },
  { "kl-f32", { 64, 64, 0, 128, "112244", "000011", TRUE }, 42614656, 61244803 },
  { "vq-f4", { 3, 3, 8192, 128, "124", NULL, TRUE }, 22337411, 32960771 },
  { "vq-f4-noattn", { 3, 3, 8192, 128, "124", NULL, FALSE }, 21285763, 31909123 },
  { "vq-f8", { 4, 4, 16384, 128, "1224", "0001", TRUE }, 27397764, 40253955 },
  { "vq-f8-n256", { 4, 4, 256, 128, "1224", "0001", TRUE }, 27397764, 40253955 },
  { "vq-f16", { 8, 8, 16384, 128, "11224", "00001", TRUE }, 28155144, 41307011 },
  { "x4-upscaler", { 4, 4, 0, 128, "124", NULL, TRUE }, 0, 0 },
};

const ZooRow zoo_rows[] = {
  { "celeba256, ffhq256, lsun_beds256", "LDM-4 unconditional (CelebA-HQ, FFHQ, LSUN bedrooms)",
    { 3, 3, 224, 2, "1234", "0111", 0, 0, NULL, FALSE, FALSE, FALSE, 0 }, 274056163, "vq-f4",
    ZOO_NOTHING, 0, 0, 0, LIMN_CAN_GENERATE, 0, -1, 32, 0.0015, 0.0195, 1, 256, TRUE },
  { "lsun_churches256", "LDM-8 unconditional (LSUN churches)",
    { 4, 4, 192, 2, "12244", "11110", 0, 0, NULL, FALSE, TRUE, TRUE, 0 }, 294966916, "kl-f8",
    ZOO_NOTHING, 0, 0, 0, LIMN_CAN_GENERATE, 0, 8, -1, 0.0015, 0.0155, 1, 256, TRUE },
  { "inpainting_big", "LDM-4 inpainting",
    { 7, 3, 256, 2, "1234", "0111", 0, 0, NULL, FALSE, FALSE, TRUE, 0 }, 387245827, "vq-f4-noattn",
    ZOO_NOTHING, 0, 0, 0, LIMN_CAN_INPAINT, LIMN_TAKES_MASK, 8, -1, 0.0015, 0.0205, 1, 256, TRUE },
  { "bsr_sr", "LDM-4 super-resolution",
    { 6, 3, 160, 2, "1224", "0001", 0, 0, NULL, FALSE, FALSE, FALSE, 0 }, 113622563, "vq-f4",
    ZOO_NOTHING, 0, 0, 0, LIMN_CAN_UPSCALE, LIMN_TAKES_LOW_RES, -1, 32, 0.0015, 0.0155, 1, 256, TRUE },
  { "semantic_synthesis256, 512", "LDM-4 semantic synthesis",
    { 6, 3, 128, 2, "148", "000", 0, 0, NULL, FALSE, FALSE, FALSE, 0 }, 215229315, "vq-f4",
    ZOO_RESCALER, 182, 3, 0, LIMN_CAN_GENERATE, LIMN_TAKES_LABELS, 8, -1, 0.0015, 0.0205, 1, 256, TRUE },
  { "cin256", "LDM-8 class-conditional (ImageNet)",
    { 4, 4, 256, 2, "124", "111", 1, 512, NULL, FALSE, FALSE, FALSE, 0 }, 394984196, "vq-f8",
    ZOO_CLASSES, 1000, 512, 0, LIMN_CAN_GENERATE, LIMN_TAKES_CLASS, -1, 32, 0.0015, 0.0195, 1, 256, TRUE },
  { "cin256-v2", "LDM-4 class-conditional (ImageNet)",
    { 3, 3, 192, 2, "1235", "0111", 1, 512, NULL, FALSE, FALSE, FALSE, 0 }, 400920579, "vq-f4",
    ZOO_CLASSES, 1001, 512, 0, LIMN_CAN_GENERATE, LIMN_TAKES_CLASS, 1, -1, 0.0015, 0.0195, 1, 256, TRUE },
  { "text2img256", "LDM-4 text-to-image",
    { 3, 3, 192, 2, "1235", "0111", 1, 640, NULL, FALSE, FALSE, FALSE, 0 }, 403623939, "vq-f4",
    ZOO_BERT, 30522, 640, 32, LIMN_CAN_GENERATE, LIMN_TAKES_PROMPT, -1, 32, 0.0015, 0.0195, 1, 256, TRUE },
  { "txt2img-f8-large", "LDM-8 text-to-image (1.45 billion parameters)",
    { 4, 4, 320, 2, "1244", "1110", 1, 1280, NULL, FALSE, FALSE, FALSE, 0 }, 872300484, "kl-f8",
    ZOO_BERT, 30522, 1280, 32, LIMN_CAN_GENERATE, LIMN_TAKES_PROMPT, 8, -1, 0.00085, 0.012, 0.18215, 256, TRUE },
  { "layout2img-openimages256", "LDM-4 layout-to-image (Open Images)",
    { 3, 3, 128, 2, "1234", "0111", 3, 512, NULL, FALSE, FALSE, FALSE, 0 }, 246277379, "vq-f4",
    ZOO_LAYOUT, 8192, 512, 16, LIMN_CAN_GENERATE, LIMN_TAKES_BOXES, -1, 32, 0.0015, 0.0205, 1, 256, TRUE },
  { "rdm768x768", "Retrieval-conditioned LDM-16",
    { 16, 16, 448, 2, "1234", "1110", 1, 768, NULL, FALSE, FALSE, FALSE, 0 }, 1335480400, "kl-f16",
    ZOO_NOTHING, 0, 0, 0, LIMN_CAN_GENERATE, LIMN_TAKES_EMBEDDING, -1, 32, 0.0015, 0.015, 0.22765929, 768, TRUE },
  { "stable-diffusion-1", "Stable Diffusion 1",
    { 4, 4, 320, 2, "1244", "1110", 1, 768, NULL, FALSE, FALSE, FALSE, 0 }, 859520964, "kl-f8",
    ZOO_CLIP, 49408, 768, 12, LIMN_CAN_GENERATE, LIMN_TAKES_PROMPT, 8, -1, 0.00085, 0.012, 0.18215, 512, TRUE },
  { "stable-diffusion-1-inpainting", "Stable Diffusion 1 inpainting",
    { 9, 4, 320, 2, "1244", "1110", 1, 768, NULL, FALSE, FALSE, FALSE, 0 }, 859535364, "kl-f8",
    ZOO_CLIP, 49408, 768, 12, LIMN_CAN_INPAINT, LIMN_TAKES_PROMPT | LIMN_TAKES_MASK, 8, -1, 0.00085, 0.012, 0.18215, 512, FALSE },
  { "stable-diffusion-2", "Stable Diffusion 2",
    { 4, 4, 320, 2, "1244", "1110", 1, 1024, NULL, TRUE, FALSE, FALSE, 0 }, 865910724, "kl-f8",
    ZOO_OPENCLIP, 49408, 1024, 24, LIMN_CAN_GENERATE, LIMN_TAKES_PROMPT, -1, 64, 0.00085, 0.012, 0.18215, 512, FALSE },
  { "stable-diffusion-2-inpainting", "Stable Diffusion 2 inpainting",
    { 9, 4, 320, 2, "1244", "1110", 1, 1024, NULL, TRUE, FALSE, FALSE, 0 }, 865925124, "kl-f8",
    ZOO_OPENCLIP, 49408, 1024, 24, LIMN_CAN_INPAINT, LIMN_TAKES_PROMPT | LIMN_TAKES_MASK, -1, 64, 0.00085, 0.012, 0.18215, 512, FALSE },
  { "x4-upscaler", "Stable Diffusion x4 upscaler",
    { 7, 4, 256, 2, "1224", "0111", 1, 1024, "0110", TRUE, FALSE, FALSE, 1000 }, 0, "x4-upscaler",
    ZOO_OPENCLIP, 49408, 1024, 24, LIMN_CAN_UPSCALE,
    LIMN_TAKES_PROMPT | LIMN_TAKES_LOW_RES | LIMN_TAKES_NOISE_LEVEL, 8, -1, 0.0001, 0.02, 0.08333, 512, FALSE },
};
const gsize zoo_n_stages = G_N_ELEMENTS (zoo_stages);
const gsize zoo_n_rows = G_N_ELEMENTS (zoo_rows);
/* clang-format on */

const ZooStage *
zoo_find_stage (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (zoo_stages); i++)
    if (g_str_equal (zoo_stages[i].name, name))
      return &zoo_stages[i];
  g_assert_not_reached ();
}

/* ---- As config.yaml -------------------------------------------------------------------------- */

static void
write_list (GString *yaml, const char *key, int n, const int *values)
{
  g_string_append_printf (yaml, "%s: [", key);
  for (int i = 0; i < n; i++)
    g_string_append_printf (yaml, "%s%d", i > 0 ? ", " : "", values[i]);
  g_string_append (yaml, "]\n");
}

/* One entry per level: the digits themselves, and the sides or factors where there is a 1. */
static void
write_levels (GString *yaml, const char *key, const char *digits)
{
  int values[16], n = 0;

  for (; digits[n] != '\0'; n++)
    values[n] = digits[n] - '0';
  write_list (yaml, key, n, values);
}

static void
write_marked (GString *yaml, const char *key, const char *digits, gboolean sides)
{
  int values[16], n = 0;

  for (int i = 0; digits != NULL && digits[i] != '\0'; i++)
    if (digits[i] == '1')
      values[n++] = sides ? 256 >> i : 1 << i;
  write_list (yaml, key, n, values);
}

static void
write_unet (GString *yaml, const ZooRow *row)
{
  const ZooUnet *unet = &row->unet;

  g_string_append_printf (yaml,
                          "    unet_config:\n"
                          "      target: ldm.modules.diffusionmodules.openaimodel.UNetModel\n"
                          "      params:\n"
                          "        in_channels: %d\n        out_channels: %d\n"
                          "        model_channels: %d\n        num_res_blocks: %d\n",
                          unet->in, unet->out, unet->channels, unet->res_blocks);
  write_levels (yaml, "        channel_mult", unet->mult);
  write_marked (yaml, "        attention_resolutions", unet->attention, FALSE);
  if (row->heads > 0)
    g_string_append_printf (yaml, "        num_heads: %d\n", row->heads);
  if (row->head_channels > 0)
    g_string_append_printf (yaml, "        num_head_channels: %d\n", row->head_channels);
  if (unet->depth > 0)
    g_string_append_printf (yaml,
                            "        use_spatial_transformer: true\n"
                            "        transformer_depth: %d\n        context_dim: %d\n",
                            unet->depth, unet->context);
  if (unet->cross_only != NULL)
    {
      g_string_append (yaml, "        disable_self_attentions: [");
      for (const char *p = unet->cross_only; *p != '\0'; p++)
        g_string_append_printf (yaml, "%s%s", p > unet->cross_only ? ", " : "",
                                *p == '1' ? "True" : "False");
      g_string_append_printf (yaml, "]\n        num_classes: %d\n", unet->classes);
    }
  g_string_append_printf (yaml,
                          "        use_linear_in_transformer: %s\n"
                          "        use_scale_shift_norm: %s\n        resblock_updown: %s\n",
                          unet->linear ? "True" : "False", unet->scale_shift ? "True" : "False",
                          unet->updown ? "True" : "False");
}

static void
write_stage (GString *yaml, const ZooAutoencoder *stage)
{
  g_string_append_printf (yaml,
                          "    first_stage_config:\n      target: ldm.models.autoencoder.%s\n"
                          "      params:\n        embed_dim: %d\n",
                          stage->codebook > 0 ? "VQModelInterface" : "AutoencoderKL", stage->embed);
  if (stage->codebook > 0)
    g_string_append_printf (yaml, "        n_embed: %d\n", stage->codebook);
  g_string_append_printf (yaml,
                          "        ddconfig:\n          double_z: %s\n          z_channels: %d\n"
                          "          resolution: 256\n          in_channels: 3\n"
                          "          out_ch: 3\n          ch: %d\n          num_res_blocks: 2\n",
                          stage->codebook > 0 ? "false" : "true", stage->z, stage->channels);
  if (!stage->mid_attention)
    g_string_append (yaml, "          attn_type: none\n");
  write_levels (yaml, "          ch_mult", stage->mult);
  write_marked (yaml, "          attn_resolutions", stage->attention, TRUE);
}

static void
write_condition (GString *yaml, const ZooRow *row)
{
  static const char *const classes[] = {
    [ZOO_CLIP] = "FrozenCLIPEmbedder", [ZOO_OPENCLIP] = "FrozenOpenCLIPEmbedder",
    [ZOO_BERT] = "BERTEmbedder",       [ZOO_LAYOUT] = "BERTEmbedder",
    [ZOO_CLASSES] = "ClassEmbedder",   [ZOO_RESCALER] = "SpatialRescaler",
  };

  if (row->condition == ZOO_NOTHING && row->takes == 0)
    g_string_append (yaml, "    cond_stage_config: __is_unconditional__\n");
  else if (row->condition == ZOO_NOTHING && row->takes == LIMN_TAKES_MASK)
    g_string_append (yaml, "    cond_stage_config: __is_first_stage__\n");
  else
    g_string_append_printf (yaml,
                            "    cond_stage_config:\n      target: %s%s\n      params:\n"
                            "        a_comment: none\n",
                            row->condition == ZOO_NOTHING ? "torch.nn." : "ldm.modules.encoders.",
                            row->condition == ZOO_NOTHING ? "Identity" : classes[row->condition]);
  if (row->condition == ZOO_OPENCLIP)
    g_string_append (yaml, "        layer: penultimate\n");
  if (row->condition == ZOO_BERT || row->condition == ZOO_LAYOUT)
    g_string_append_printf (yaml, "        n_embed: %d\n        n_layer: %d\n", row->width,
                            row->layers);
  if (row->condition == ZOO_LAYOUT)
    g_string_append_printf (
        yaml, "        vocab_size: %d\n        max_seq_len: 92\n        use_tokenizer: False\n",
        row->vocabulary);
  if (row->condition == ZOO_CLASSES)
    g_string_append_printf (yaml, "        n_classes: %d\n        embed_dim: %d\n", row->vocabulary,
                            row->width);
  if (row->condition == ZOO_RESCALER)
    g_string_append_printf (
        yaml, "        n_stages: 2\n        in_channels: %d\n        out_channels: %d\n",
        row->vocabulary, row->width);
}

void
zoo_write_config (const ZooRow *row, const char *folder)
{
  g_autoptr (GString) yaml = g_string_new (NULL);
  g_autofree char *path = NULL;
  char start[G_ASCII_DTOSTR_BUF_SIZE], end[G_ASCII_DTOSTR_BUF_SIZE], scale[G_ASCII_DTOSTR_BUF_SIZE];
  const char *class = row->unet.classes > 0 ? "LatentUpscaleDiffusion"
                      : row->takes & LIMN_TAKES_MASK
                          ? row->unet.context > 0 ? "LatentInpaintDiffusion" : "LatentDiffusion"
                          : "LatentDiffusion";

  g_string_append_printf (yaml,
                          "model:\n  target: ldm.models.diffusion.ddpm.%s\n  params:\n"
                          "    linear_start: %s\n    linear_end: %s\n    scale_factor: %s\n"
                          "    image_size: %d\n    timesteps: 1000\n",
                          class, g_ascii_dtostr (start, sizeof start, row->linear_start),
                          g_ascii_dtostr (end, sizeof end, row->linear_end),
                          g_ascii_dtostr (scale, sizeof scale, row->scale_factor),
                          row->native_size
                              >> (strlen (zoo_find_stage (row->stage)->config.mult) - 1));
  if (row->unet.classes > 0)
    g_string_append (yaml, "    parameterization: v\n    low_scale_config:\n"
                           "      target: ldm.modules.diffusionmodules.upscaling."
                           "ImageConcatWithNoiseAugmentation\n      params:\n"
                           "        noise_schedule_config:\n          linear_start: 0.0001\n"
                           "          linear_end: 0.02\n        max_noise_level: 350\n");
  else if (row->unet.context > 0)
    g_string_append_printf (yaml, "    conditioning_key: %s\n",
                            row->takes & LIMN_TAKES_MASK ? "hybrid" : "crossattn");
  write_unet (yaml, row);
  write_stage (yaml, &zoo_find_stage (row->stage)->config);
  write_condition (yaml, row);
  path = test_write (folder, "config.yaml", yaml->str, yaml->len);
}
