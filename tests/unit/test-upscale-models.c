/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Upscalers and tiny autoencoders as a person has them: files that say nothing of themselves, from
 * detection to the picture.
 */
#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "engine/model/model-private.h"
#include "engine/task/upscale-private.h"
#include "engine/weights/names.h"
#include "tests/unit/task-testing.h"
#include "tests/unit/tensor-testing.h"
#include "tests/unit/upscale-testing.h"
#include "tests/unit/zoo-rows.h"

#define ESRGAN "golden/fixtures/K7-esrgan/"
#define TAESD "golden/fixtures/K8-taesd/"
#define TOKENIZER "golden/fixtures/J-containers/tokenizer/"

/* Of what the reference computes, relative to its largest value. */
#define GOLDEN_TOLERANCE 1e-4
/* Between a picture upscaled in tiles and as a whole, in levels of 255. SRVGGNet's tiles overlap by
 * more than it reaches; an RRDBNet's may not. */
#define SRVGG_TILE_TOLERANCE 1
#define RRDB_TILE_TOLERANCE 2

static LimnModel *
open_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  LimnModel *model = limn_model_open (path, NULL, &error);

  g_assert_no_error (error);
  return model;
}

static LimnModel *
open_fixture (const char *name)
{
  g_autofree char *path = test_fixture (name);

  return open_file (path);
}

/* The tensor @name of @golden, which has NCHW, as NHWC in the arena; times @scale plus @shift. */
static LimnTensor
golden_map (LimnRun *run, LimnWeights *golden, const char *name, float scale, float shift)
{
  LimnTensor stored, copy;

  g_assert_true (limn_weights_lookup (golden, name, &stored));
  copy = limn_run_tensor (run, stored.n_dims, stored.extent);
  limn_convert_to_f32 (stored.dtype, stored.data, limn_tensor_f32 (&copy),
                       (gsize)limn_tensor_count (&stored));
  for (gint64 i = 0; i < limn_tensor_count (&copy); i++)
    limn_tensor_f32 (&copy)[i] = limn_tensor_f32 (&copy)[i] * scale + shift;
  return limn_nchw_to_nhwc (run, &copy);
}

static LimnImage *
upscale (LimnModel *model, const LimnImage *image, const LimnUpscaleParams *params, int threads)
{
  g_auto (TaskRun) run;
  g_autoptr (GError) error = NULL;
  LimnImage *result;

  task_run_init (&run, threads, NULL);
  result = limn_upscale (model, &run.run, image, params, NULL, &error);
  g_assert_no_error (error);
  return result;
}

/* Waves, edges and a little noise. */
static LimnImage *
make_picture (int width, int height, int channels)
{
  LimnImage *image = limn_image_new (width, height, channels, NULL);
  guint32 random = 5;

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width * channels; x++)
      {
        random = random * 1664525u + 1013904223u;
        limn_image_row (image, y)[x] = (guint8)(120 + 60 * sin (x * 0.05 / channels + y * 0.09)
                                                + ((x / 40 + y / 13) % 2) * 40 + (random >> 28));
      }
  return image;
}

static int
greatest_difference (const LimnImage *a, const LimnImage *b)
{
  int greatest = 0;

  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpint (a->channels, ==, b->channels);
  for (int y = 0; y < a->height; y++)
    for (int x = 0; x < a->width * a->channels; x++)
      greatest = MAX (greatest, ABS (limn_image_row (a, y)[x] - limn_image_row (b, y)[x]));
  return greatest;
}

static void
assert_same (const LimnImage *a, const LimnImage *b)
{
  g_assert_cmpint (greatest_difference (a, b), ==, 0);
}

/* ---- One pass: what they are ----------------------------------------------------------------- */

static const struct
{
  const char *file, *golden, *architecture, *dialect, *container;
  int factor;
  gint64 parameters;
} files[] = {
  { "x4_new.pth", "rrdb_x4_new", "ESRGAN", "Real-ESRGAN", "PyTorch checkpoint", 4, 100307 },
  { "x4_old_names.pth", "rrdb_x4_old", "ESRGAN", "ESRGAN (old)", "PyTorch checkpoint (before 1.6)",
    4, 41019 },
  { "x2_new.safetensors", "rrdb_x2_new", "ESRGAN", "Real-ESRGAN", "safetensors", 2, 56531 },
  { "x2_old_names.safetensors", "rrdb_x2_old", "ESRGAN", "ESRGAN (old)", "safetensors", 2, 19013 },
  { "srvgg_x4.pth", "srvgg_x4", "Real-ESRGAN compact", "Real-ESRGAN", "PyTorch checkpoint", 4,
    16768 },
  { "srvgg_x2.safetensors", "srvgg_x2", "Real-ESRGAN compact", "Real-ESRGAN", "safetensors", 2,
    6876 },
};

/* Told by their tensors alone, and computing what the original computes. */
static void
test_files (void)
{
  g_autofree char *path = test_fixture (ESRGAN "golden.safetensors");
  g_autoptr (LimnWeights) golden = limn_weights_open (path, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *name = g_strconcat (ESRGAN, files[i].file, NULL);
      g_autoptr (LimnModel) model = open_fixture (name);
      const LimnModelInfo *info = limn_model_get_info (model);
      g_auto (TestRun) test = { 0 };

      g_assert_true (g_str_has_prefix (info->architecture, files[i].architecture));
      g_assert_cmpstr (info->dialect, ==, files[i].dialect);
      g_assert_cmpstr (info->container, ==, files[i].container);
      g_assert_cmpint (info->capabilities, ==, LIMN_CAN_UPSCALE);
      g_assert_true (info->one_pass);
      g_assert_cmpint (info->upscale_factor, ==, files[i].factor);
      g_assert_cmpint (info->n_parameters, ==, files[i].parameters);
      g_assert_false (info->takes_prompt || info->can_guide);
      g_assert_null (info->missing);
      test_run_init (&test, 2, NULL, NULL);
      for (int k = 0; k < 2; k++)
        {
          g_autofree char *in = g_strdup_printf ("input_%d", k);
          g_autofree char *out = g_strdup_printf ("%s.output_%d", files[i].golden, k);
          LimnTensor x = golden_map (&test.run, golden, in, 2.0f, -1.0f),
                     want = golden_map (&test.run, golden, out, 2.0f, -1.0f),
                     got = limn_model_upscale (model, &test.run, &x);

          g_assert_no_error (test.run.error);
          test_assert_close (&test.run, out, &got, &want, GOLDEN_TOLERANCE);
        }
    }
}

/* ---- One pass: whole pictures ---------------------------------------------------------------- */

static const TestRrdb rrdbs[] = {
  { LIMN_RRDB_NAMES_BASICSR, 3, 8, 4, 2, 2, 1 },
  { LIMN_RRDB_NAMES_ESRGAN, 3, 8, 4, 1, 2, 2 },
  { LIMN_RRDB_NAMES_BASICSR, 3, 8, 4, 1, 2, 4 },
  { LIMN_RRDB_NAMES_OLD, 3, 8, 4, 1, 0, 1 },
};
static const TestSrvgg srvggs[] = { { 3, 8, 2, 2 }, { 3, 8, 3, 4 }, { 3, 6, 1, 3 } };

/* Row @row of the two tables; @exact: overlaps suffice for its reach. */
static LimnModel *
open_net (gsize row, gboolean *exact)
{
  char *folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "net.safetensors", NULL);
  LimnModel *model;

  if (row < G_N_ELEMENTS (rrdbs))
    limn_weights_unref (test_write_rrdb (folder, &rrdbs[row], NULL));
  else
    limn_weights_unref (test_write_srvgg (folder, &srvggs[row - G_N_ELEMENTS (rrdbs)], NULL));
  *exact = row >= G_N_ELEMENTS (rrdbs);
  model = open_file (path);
  test_folder_free (folder);
  return model;
}

#define N_NETS (G_N_ELEMENTS (rrdbs) + G_N_ELEMENTS (srvggs))
#define TILE 64

/* In tiles as a whole; and the same bits with any number of threads. */
static void
test_tiles (void)
{
  for (gsize row = 0; row < N_NETS; row++)
    {
      gboolean exact;
      g_autoptr (LimnModel) model = open_net (row, &exact);
      int unit = model->info.unet_factor; /* pixels that are one to the network */
      g_autoptr (LimnImage) image = make_picture (151 * unit, 99 * unit - 1, 3);
      g_autoptr (LimnImage) whole = NULL, one = NULL, three = NULL;
      LimnUpscaleParams params;
      LimnUpscalePlan plan;
      int difference;

      limn_upscale_params_init (&params, model);
      model->info.native_size = image->width * model->info.upscale_factor;
      g_assert_true (limn_upscale_plan (model, image, &params, &plan, NULL));
      g_assert_cmpint (plan.n_tiles, ==, 1);
      whole = upscale (model, image, &params, 2);
      g_assert_cmpint (whole->width, ==, image->width * model->info.upscale_factor);

      model->info.native_size = TILE * unit * model->info.upscale_factor;
      g_assert_true (limn_upscale_plan (model, image, &params, &plan, NULL));
      g_assert_cmpint (plan.n_tiles, >=, 6);
      one = upscale (model, image, &params, 1);
      three = upscale (model, image, &params, 3);
      assert_same (one, three);
      difference = greatest_difference (one, whole);
      g_test_message ("net %" G_GSIZE_FORMAT ": tiles differ by %d of 255", row, difference);
      g_assert_cmpint (difference, <=, exact ? SRVGG_TILE_TOLERANCE : RRDB_TILE_TOLERANCE);
    }
}

/* The network's result in one piece, resampled to @factor times. */
static LimnImage *
resampled (LimnModel *model, const LimnImage *image, int factor)
{
  const LimnRect all = { 0, 0, image->width, image->height };
  g_auto (TestRun) test = { 0 };
  LimnTensor low, made;

  test_run_init (&test, 2, NULL, NULL);
  low = limn_image_to_tensor (&test.run, image, &all);
  made = limn_model_upscale (model, &test.run, &low);
  made = limn_resize (&test.run, &made, (gint64)image->height * factor,
                      (gint64)image->width * factor,
                      factor < model->info.upscale_factor ? LIMN_RESIZE_AREA : LIMN_RESIZE_BICUBIC);
  g_assert_no_error (test.run.error);
  return limn_image_from_tensor (&made, NULL);
}

/* Other factors than the network's are the network's result, resampled; alpha comes along. */
static void
test_factors (void)
{
  g_autoptr (LimnImage) image = make_picture (21, 13, 4), odd = make_picture (1, 1, 1);

  for (int y = 0; y < 13; y++)
    for (int x = 0; x < 21; x++)
      limn_image_row (image, y)[4 * x + 3] = 200;
  for (gsize row = 0; row < N_NETS; row++)
    for (int factor = 2; factor <= 4; factor += 2)
      {
        gboolean exact;
        g_autoptr (LimnModel) model = open_net (row, &exact);
        g_autoptr (LimnImage) want = resampled (model, image, factor), got = NULL, dot = NULL;
        LimnUpscaleParams params;

        limn_upscale_params_init (&params, model);
        g_assert_cmpint (params.factor, ==, model->info.upscale_factor);
        params.factor = factor;
        got = upscale (model, image, &params, 2);
        g_assert_cmpint (got->width, ==, 21 * factor);
        g_assert_cmpint (got->height, ==, 13 * factor);
        for (int y = 0; y < got->height; y++)
          for (int x = 0; x < got->width; x++)
            {
              g_assert_cmpint (limn_image_row (got, y)[4 * x + 3], ==, 200);
              for (int c = 0; c < 3; c++)
                g_assert_cmpint (
                    ABS (limn_image_row (got, y)[4 * x + c] - limn_image_row (want, y)[3 * x + c]),
                    <=, 1);
            }
        dot = upscale (model, odd, &params, 2);
        g_assert_cmpint (dot->width, ==, factor);
        g_assert_cmpint (dot->channels, ==, 3);
      }
}

/* The published widths; a block more takes no more. */
static const TestRrdb wide_rrdbs[] = {
  { LIMN_RRDB_NAMES_BASICSR, 3, 64, 32, 1, 2, 1 },
  { LIMN_RRDB_NAMES_BASICSR, 3, 64, 32, 1, 2, 2 },
  { LIMN_RRDB_NAMES_BASICSR, 3, 64, 32, 1, 2, 4 },
};
static const TestSrvgg wide_srvggs[] = { { 3, 64, 2, 4 }, { 3, 64, 2, 2 } };

/* What a tile takes is within what was foreseen, and not far below it. */
static void
test_memory (void)
{
  for (gsize row = 0; row < G_N_ELEMENTS (wide_rrdbs) + G_N_ELEMENTS (wide_srvggs); row++)
    {
      char *folder = test_folder_new ();
      g_autofree char *path = g_build_filename (folder, "net.safetensors", NULL);
      g_autoptr (LimnModel) model = NULL;
      g_auto (TestRun) test = { 0 };
      LimnTensor image;
      double foreseen, peak;
      gint64 side;

      if (row < G_N_ELEMENTS (wide_rrdbs))
        limn_weights_unref (test_write_rrdb (folder, &wide_rrdbs[row], NULL));
      else
        limn_weights_unref (
            test_write_srvgg (folder, &wide_srvggs[row - G_N_ELEMENTS (wide_rrdbs)], NULL));
      model = open_file (path);
      /* So large that arenas' blocks do not count. */
      side = (row < G_N_ELEMENTS (wide_rrdbs) ? 384 : 1024) / model->info.upscale_factor;
      test_run_init (&test, 2, NULL, NULL);
      image = limn_run_nhwc (&test.run, 1, side, side, 3);
      memset (image.data, 0, limn_tensor_bytes (&image));
      limn_model_upscale (model, &test.run, &image);
      g_assert_no_error (test.run.error);
      peak = (double)limn_arena_get_peak (test.arena);
      foreseen = _limn_model_upscale_bytes (
          model, (double)(side * side) * model->info.upscale_factor * model->info.upscale_factor);
      g_test_message ("net %" G_GSIZE_FORMAT ": %.1f MB of %.1f foreseen, tiles of %d", row,
                      peak / 1e6, foreseen / 1e6,
                      model->info.native_size / model->info.upscale_factor);
      g_assert_cmpfloat (peak, <=, 1.1 * foreseen);
      g_assert_cmpfloat (peak, >=, 0.4 * foreseen);
      test_folder_free (folder);
    }
}

static void
assert_refused (LimnModel *model, const LimnUpscaleParams *params, const char *words)
{
  g_autoptr (LimnImage) image = make_picture (8, 8, 3);
  g_autoptr (GError) error = NULL;
  LimnUpscalePlan plan;

  g_assert_false (limn_upscale_plan (model, image, params, &plan, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_refused (void)
{
  gboolean exact;
  g_autoptr (LimnModel) model = open_net (0, &exact);
  LimnUpscaleParams params;

  limn_upscale_params_init (&params, model);
  params.prompt = "a cat";
  assert_refused (model, &params, "“net” takes no prompt");
  limn_upscale_params_init (&params, model);
  params.noise_level = 1;
  assert_refused (model, &params, "“net” takes no noise level");
  limn_upscale_params_init (&params, model);
  params.factor = 3;
  assert_refused (model, &params, "not 3 times");
}

/* ---- The upscaler of Stable Diffusion -------------------------------------------------------- */

#define NARROW 40

static void
copy_tokenizer (const char *folder)
{
  static const char *const names[] = { "vocab.json", "merges.txt" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *fixture = g_strconcat (TOKENIZER, names[i], NULL);
      gsize size;
      g_autofree char *contents = test_read_fixture (fixture, &size);
      g_autofree char *path = test_write (folder, names[i], contents, size);
    }
}

static const ZooRow *
find_row (const char *name)
{
  for (gsize i = 0; i < zoo_n_rows; i++)
    if (g_str_equal (zoo_rows[i].name, name))
      return &zoo_rows[i];
  g_assert_not_reached ();
}

/* The row @name with its real structure, narrow, with a vocabulary of 768 pieces: a single file
 * with the tokenizer beside it. */
static LimnModel *
open_narrow (const char *name, const char *folder)
{
  const ZooRow *row = find_row (name);
  g_autoptr (GPtrArray) tensors = zoo_tensors_new ();
  ZooUnet unet = row->unet;
  ZooAutoencoder stage = zoo_find_stage (row->stage)->config;
  const ZooSchedule schedule = { row->linear_start, row->linear_end };
  g_autofree char *path = NULL;

  unet.channels = stage.channels = 32;
  unet.context = NARROW;
  zoo_add_unet (tensors, &unet);
  zoo_add_autoencoder (tensors, "first_stage_model.", &stage);
  if (row->condition == ZOO_OPENCLIP)
    zoo_add_openclip (tensors, 768, NARROW, 2);
  else
    zoo_add_clip (tensors, 768, NARROW, 2);
  copy_tokenizer (folder);
  path = zoo_write_safetensors (tensors, &schedule, folder);
  return open_file (path);
}

/* All that it is told changes the picture, and nothing else does. */
static void
check_told (LimnModel *model)
{
  g_autoptr (LimnImage) image = make_picture (40, 24, 3), plain = NULL, again = NULL, told = NULL,
                        other = NULL, weak = NULL, negative = NULL, clean = NULL, halved = NULL;
  const LimnModelInfo *info = limn_model_get_info (model);
  LimnUpscaleParams params;

  g_assert_null (info->missing);
  g_assert_cmpint (info->takes, ==,
                   LIMN_TAKES_PROMPT | LIMN_TAKES_LOW_RES | LIMN_TAKES_NOISE_LEVEL);
  model->info.native_size = 128; /* tiles of 32 pixels: the picture takes two */
  model->info.min_size = 64;
  limn_upscale_params_init (&params, model);
  g_assert_cmpint (params.factor, ==, 4);
  g_assert_cmpint (params.noise_level, ==, 20);
  g_assert_cmpfloat (params.guidance, ==, 9.0f);
  params.steps = 2;
  params.seed = 3;
  plain = upscale (model, image, &params, 1);
  g_assert_cmpint (plain->width, ==, 160);
  g_assert_cmpint (plain->height, ==, 96);
  again = upscale (model, image, &params, 3);
  assert_same (plain, again);

  params.prompt = "the red moon";
  told = upscale (model, image, &params, 2);
  g_assert_cmpint (greatest_difference (plain, told), >, 0);
  params.guidance = 1.0f;
  weak = upscale (model, image, &params, 2);
  g_assert_cmpint (greatest_difference (weak, told), >, 0);
  params.guidance = 9.0f;
  params.negative = "today";
  negative = upscale (model, image, &params, 2);
  g_assert_cmpint (greatest_difference (negative, told), >, 0);
  params.noise_level = 300;
  clean = upscale (model, image, &params, 2);
  g_assert_cmpint (greatest_difference (clean, negative), >, 0);
  params.sampler = "euler";
  params.factor = 2;
  halved = upscale (model, image, &params, 2);
  g_assert_cmpint (halved->width, ==, 80);

  params.noise_level = 10000;
  assert_refused (model, &params, "noise level of the model");
  params.noise_level = -1;
  assert_refused (model, &params, "noise level");
  params.noise_level = 0;
  params.guidance = 99;
  assert_refused (model, &params, "Guidance");
}

static void
test_x4_upscaler (void)
{
  char *folder = test_folder_new ();
  g_autoptr (LimnModel) model = open_narrow ("x4-upscaler", folder);

  g_assert_cmpstr (limn_model_get_info (model)->architecture, ==, "Stable Diffusion x4 upscaler");
  check_told (model);
  test_folder_free (folder);
}

/* ---- The same as a folder of diffusers ------------------------------------------------------- */

/* Takes @prefix off the names, turns them into diffusers' where @rows are given, and writes them as
 * FOLDER/PART/@file. */
static void
write_part (GPtrArray *tensors,
            const char *prefix,
            const LimnNameRow *rows,
            const LimnNameShape *shape,
            const char *folder,
            const char *part,
            const char *file)
{
  g_autoptr (LimnNames) names = rows != NULL ? _limn_names_new (rows, shape) : NULL;
  g_autofree char *path = g_build_filename (folder, part, NULL);
  g_autofree char *to = g_build_filename (path, file, NULL);
  g_autofree char *from = NULL;

  for (guint i = 0; i < tensors->len; i++)
    {
      ZooTensor *tensor = tensors->pdata[i];
      const char *bare;
      char *name;

      g_assert_true (g_str_has_prefix (tensor->name, prefix));
      bare = tensor->name + strlen (prefix);
      name = names != NULL ? _limn_names_to_diffusers (names, bare) : NULL;
      if (name == NULL)
        name = g_strdup (bare);
      g_free (tensor->name);
      tensor->name = name;
      /* An autoencoder's attention is linear there. */
      if (strstr (name, "mid_block.attentions.0.to_") != NULL && tensor->n_dims == 4
          && g_str_equal (part, "vae"))
        tensor->n_dims = 2;
    }
  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  from = zoo_write_safetensors (tensors, &(ZooSchedule){ 0.0001, 0.02 }, path);
  g_assert_cmpint (g_rename (from, to), ==, 0);
}

/* The JSON files, as far as they say what tensors do not; the numbers are the published ones. */
static const struct
{
  const char *path, *text;
} jsons[] = {
  { "model_index.json",
    "{\"_class_name\": \"StableDiffusionUpscalePipeline\", \"max_noise_level\": 350}" },
  { "unet/config.json",
    "{\"_class_name\": \"UNet2DConditionModel\", \"in_channels\": 7, \"out_channels\": 4, "
    "\"attention_head_dim\": 8, \"block_out_channels\": [32, 64, 64, 128], "
    "\"cross_attention_dim\": 40, \"num_class_embeds\": 1000, \"layers_per_block\": 2, "
    "\"only_cross_attention\": [true, true, true, false], \"use_linear_projection\": true, "
    "\"sample_size\": 128, \"norm_num_groups\": 32, \"down_block_types\": [\"DownBlock2D\", "
    "\"CrossAttnDownBlock2D\", \"CrossAttnDownBlock2D\", \"CrossAttnDownBlock2D\"], "
    "\"up_block_types\": [\"CrossAttnUpBlock2D\", \"CrossAttnUpBlock2D\", "
    "\"CrossAttnUpBlock2D\", \"UpBlock2D\"]}" },
  { "vae/config.json",
    "{\"_class_name\": \"AutoencoderKL\", \"block_out_channels\": [32, 64, 128], "
    "\"latent_channels\": 4, \"layers_per_block\": 2, \"norm_num_groups\": 32, "
    "\"scaling_factor\": 0.08333}" },
  { "scheduler/scheduler_config.json",
    "{\"_class_name\": \"DDIMScheduler\", \"beta_start\": 0.0001, \"beta_end\": 0.02, "
    "\"beta_schedule\": \"scaled_linear\", \"num_train_timesteps\": 1000, \"clip_sample\": false, "
    "\"prediction_type\": \"v_prediction\", \"steps_offset\": 1}" },
  { "low_res_scheduler/scheduler_config.json",
    "{\"_class_name\": \"DDPMScheduler\", \"beta_start\": 0.0001, \"beta_end\": 0.02, "
    "\"beta_schedule\": \"scaled_linear\", \"num_train_timesteps\": 1000}" },
  { "text_encoder/config.json",
    "{\"architectures\": [\"CLIPTextModel\"], \"model_type\": \"clip_text_model\", "
    "\"vocab_size\": 768, \"hidden_size\": 40, \"intermediate_size\": 160, "
    "\"num_hidden_layers\": 2, \"num_attention_heads\": 2, \"max_position_embeddings\": 77, "
    "\"hidden_act\": \"gelu\", \"layer_norm_eps\": 1e-05, \"bos_token_id\": 0, "
    "\"eos_token_id\": 2, \"pad_token_id\": 1}" },
};

static LimnModel *
open_narrow_folder (const char *folder)
{
  const ZooRow *row = find_row ("x4-upscaler");
  g_autoptr (GPtrArray) unet = zoo_tensors_new (), vae = zoo_tensors_new (),
                        text = zoo_tensors_new ();
  ZooUnet config = row->unet;
  ZooAutoencoder stage = zoo_find_stage (row->stage)->config;
  g_autofree char *tokenizer = g_build_filename (folder, "tokenizer", NULL);

  config.channels = stage.channels = 32;
  config.context = NARROW;
  zoo_add_unet (unet, &config);
  write_part (unet, "model.diffusion_model.", _limn_names_unet,
              &(LimnNameShape){ .n_levels = 4, .n_layers = 2, .attention_up = 7 }, folder, "unet",
              "diffusion_pytorch_model.safetensors");
  zoo_add_autoencoder (vae, "first_stage_model.", &stage);
  write_part (vae, "first_stage_model.", _limn_names_autoencoder,
              &(LimnNameShape){ .n_levels = 3, .n_layers = 2 }, folder, "vae",
              "diffusion_pytorch_model.safetensors");
  zoo_add_clip (text, 768, NARROW, 2);
  write_part (text, "cond_stage_model.transformer.", NULL, NULL, folder, "text_encoder",
              "model.safetensors");
  g_assert_cmpint (g_mkdir_with_parents (tokenizer, 0700), ==, 0);
  copy_tokenizer (tokenizer);
  for (gsize i = 0; i < G_N_ELEMENTS (jsons); i++)
    {
      g_autofree char *path = g_build_filename (folder, jsons[i].path, NULL);
      g_autofree char *parent = g_path_get_dirname (path);

      g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
      g_assert_true (g_file_set_contents (path, jsons[i].text, -1, NULL));
    }
  return open_file (folder);
}

static void
test_x4_folder (void)
{
  char *folder = test_folder_new ();
  g_autoptr (LimnModel) model = open_narrow_folder (folder);
  const LimnModelInfo *info = limn_model_get_info (model);

  g_assert_cmpstr (info->container, ==, "diffusers folder");
  g_assert_cmpint (info->capabilities, ==, LIMN_CAN_UPSCALE);
  g_assert_cmpint (info->prediction, ==, LIMN_PREDICT_V);
  g_assert_cmpint (info->upscale_factor, ==, 4);
  g_assert_cmpint (limn_model_get_description (model)->low_betas, ==, LIMN_BETAS_LINEAR);
  check_told (model);
  test_folder_free (folder);
}

/* ---- Previews -------------------------------------------------------------------------------- */

static void
test_preview_decoder (void)
{
  char *folder = test_folder_new ();
  g_autoptr (LimnModel) model = open_narrow ("stable-diffusion-1", folder);
  g_autoptr (LimnModel) decoder = open_fixture (TAESD "taesd_decoder.pth");
  g_autoptr (LimnModel) encoder = open_fixture (TAESD "taesd_encoder.safetensors");
  g_autoptr (LimnModel) both = open_fixture (TAESD "diffusion_pytorch_model.safetensors");
  g_autoptr (LimnModel) autoencoder_folder = open_fixture ("golden/fixtures/A-autoencoder-kl");
  g_autofree char *path = test_fixture (TAESD "golden.safetensors");
  g_autoptr (LimnWeights) golden = limn_weights_open (path, NULL);
  g_autoptr (GError) error = NULL;
  g_auto (TestRun) test = { 0 };
  LimnTensor z, want, got;

  g_assert_nonnull (strstr (limn_model_get_info (decoder)->description,
                            "Fast preview decoder of Stable "
                            "Diffusion's latents"));
  g_assert_true (limn_model_get_info (decoder)->is_preview_decoder);
  g_assert_true (limn_model_get_info (both)->is_preview_decoder);
  g_assert_false (limn_model_get_info (encoder)->is_preview_decoder);
  g_assert_cmpint (limn_model_get_info (decoder)->capabilities, ==, 0);
  test_run_init (&test, 2, NULL, NULL);
  z = golden_map (&test.run, golden, "z_1", 1.0f, 0.0f);
  want = golden_map (&test.run, golden, "decoded_1", 2.0f, -1.0f);

  got = limn_model_preview (model, &test.run, &z);
  g_assert_no_error (test.run.error);
  g_assert_cmpint (got.extent[1], ==, z.extent[1]);
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (limn_model_set_preview_decoder (model, i == 0 ? decoder : both, &error));
      got = limn_model_preview (model, &test.run, &z);
      g_assert_no_error (test.run.error);
      test_assert_close (&test.run, "preview", &got, &want, GOLDEN_TOLERANCE);
    }
  g_assert_false (limn_model_set_preview_decoder (model, encoder, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (limn_model_set_preview_decoder (autoencoder_folder, decoder, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
  g_assert_true (limn_model_set_preview_decoder (model, NULL, NULL));
  got = limn_model_preview (model, &test.run, &z);
  g_assert_cmpint (got.extent[1], ==, z.extent[1]);
  test_folder_free (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/upscale-models/files", test_files);
  g_test_add_func ("/upscale-models/tiles", test_tiles);
  g_test_add_func ("/upscale-models/factors", test_factors);
  g_test_add_func ("/upscale-models/memory", test_memory);
  g_test_add_func ("/upscale-models/refused", test_refused);
  g_test_add_func ("/upscale-models/x4-upscaler", test_x4_upscaler);
  g_test_add_func ("/upscale-models/x4-folder", test_x4_folder);
  g_test_add_func ("/upscale-models/preview-decoder", test_preview_decoder);
  return g_test_run ();
}
