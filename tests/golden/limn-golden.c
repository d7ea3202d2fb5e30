/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <locale.h>
#include <stdlib.h>

#include "tests/golden/golden.h"

/*
 * limn-golden DIR: computes what the fixture in DIR describes and compares it with the reference.
 * One line per checked tensor, "name max_abs max_rel", " FAIL" after those out of tolerance. Exits
 * with 0 when all passed, 1 when something differed, 2 when the fixture could not be run.
 */

/* clang-format off */
static const GoldenKind kinds[] = {
  { "autoencoder-kl", golden_check_autoencoder },
  { "autoencoder-vq", golden_check_autoencoder },
  { "unet", golden_check_unet },
  { "text-encoder-clip", golden_check_text },
  { "tokenizer-clip", golden_check_tokenizer },
  { "samplers", golden_check_samplers },
  { "inpaint-sd", golden_check_inpaint_sd },
  { "inpaint-ldm", golden_check_inpaint_ldm },
  { "img2img-masked", golden_check_img2img },
  { "superres", golden_check_superres },
  { "containers", golden_check_containers },
  { "folder", golden_check_folder },
  { "gguf", golden_check_gguf },
  { "lora", golden_check_lora },
  { "esrgan", golden_check_esrgan },
  { "taesd", golden_check_taesd },
  { "unet-class", golden_check_class },
  { "class-sample", golden_check_class_sample },
  { "text-encoder-bert", golden_check_bert },
  { "tokenizer-wordpiece", golden_check_wordpiece },
  { "semantic", golden_check_semantic },
  { "layout", golden_check_layout },
  { "upscaler-sd", golden_check_upscaler },
};
/* clang-format on */

static gboolean
check (Golden *golden, GError **error)
{
  const char *kind = json_object_get_string_member_with_default (golden->fixture, "kind", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i].kind, kind) == 0)
      return kinds[i].check (golden, error) && limn_run_check (golden->run, error);
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_UNSUPPORTED, "%s: unknown kind “%s”",
               golden->dir, kind != NULL ? kind : "");
  return FALSE;
}

static gboolean
parse_convolution (const char *name, LimnConvolution *convolution)
{
  static const char *const names[] = {
    [LIMN_CONVOLUTION_AUTOMATIC] = "auto",
    [LIMN_CONVOLUTION_DIRECT] = "direct",
    [LIMN_CONVOLUTION_WINOGRAD_2] = "f2",
    [LIMN_CONVOLUTION_WINOGRAD_4] = "f4",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (names[i], name) == 0)
      {
        *convolution = (LimnConvolution)i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
run_fixture (const char *dir, int n_threads, LimnConvolution convolution, Golden *golden,
             GError **error)
{
  g_autofree char *path = g_build_filename (dir, "fixture.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (LimnPool) pool = NULL;
  g_autoptr (LimnArena) arena = NULL;
  g_auto (LimnRun) run = { 0 };

  if (!json_parser_load_from_file (parser, path, error))
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE, "%s is not a JSON object",
                   path);
      return FALSE;
    }
  pool = limn_pool_new (n_threads, FALSE);
  arena = limn_arena_new (0);
  limn_run_init (&run, pool, arena, NULL);
  run.convolution = convolution;
  *golden = (Golden) {
    .dir = dir,
    .fixture = json_node_get_object (json_parser_get_root (parser)),
    .run = &run,
  };
  return check (golden, error);
}

int
main (int argc, char **argv)
{
  int n_threads = 2;
  g_autofree char *conv = NULL;
  LimnConvolution convolution = LIMN_CONVOLUTION_AUTOMATIC;
  const GOptionEntry entries[] = {
    { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Worker threads (default 2)", "N" },
    { "conv", 0, 0, G_OPTION_ARG_STRING, &conv,
      "How to convolve 3x3: auto, direct, f2 or f4 (default auto)", "HOW" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("DIR");
  g_autoptr (GError) error = NULL;
  Golden golden = { 0 };

  setlocale (LC_ALL, "");
  g_option_context_set_summary (context, "Compares the engine with the reference vectors of a "
                                         "golden fixture.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2)
    {
      g_printerr ("limn-golden: %s\n", error != NULL ? error->message : "one folder is needed");
      return 2;
    }
  if (conv != NULL && !parse_convolution (conv, &convolution))
    {
      g_printerr ("limn-golden: no way to convolve is called “%s”\n", conv);
      return 2;
    }
  if (!run_fixture (argv[1], n_threads, convolution, &golden, &error))
    {
      g_printerr ("limn-golden: %s\n", error->message);
      return 2;
    }
  if (golden.n_checked == 0)
    {
      g_printerr ("limn-golden: %s has nothing to check\n", argv[1]);
      return 2;
    }
  g_print ("# %d checked, %d failed, %d skipped\n", golden.n_checked, golden.n_failed,
           golden.n_skipped);
  return golden.n_failed == 0 ? 0 : 1;
}
