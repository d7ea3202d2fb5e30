/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/task/upscale-private.h"
#include "engine/tensor/kernels.h"
#include "tests/unit/task-testing.h"

typedef struct
{
  TaskRun own;
  LimnRun *run;
  LimnModel *model; /* the built-in upscaler */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "..", "..", "data", "models", "limn-upscale", NULL);
  g_autoptr (GError) error = NULL;

  task_run_init (&f->own, 2, NULL);
  f->run = &f->own.run;
  f->model = limn_model_open (path, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  limn_model_unref (f->model);
  task_run_clear (&f->own);
}

static void
fill_tile (LimnTensor *x, int left, int top, float (*value) (int x, int y, int c), float error)
{
  float *out = limn_tensor_f32 (x);

  for (int j = 0; j < x->extent[1]; j++)
    for (int i = 0; i < x->extent[2]; i++)
      for (int c = 0; c < x->extent[3]; c++)
        *out++ = value (left + i, top + j, c) + error;
}

static float
gradient (int x, int y, int c)
{
  return -0.9f + 0.003f * x + 0.002f * y + 0.1f * c;
}

/* Tiles of one picture, added up, are the picture, whole and halved. */
static void
test_band (Fixture *f, gconstpointer data)
{
  for (int shrink = 1; shrink <= 2; shrink++)
    {
      LimnTileAxis across = limn_tile_axis (101, 32, 8, 8, 1),
                   down = limn_tile_axis (75, 32, 8, 8, 1);
      g_autoptr (LimnImage) out = limn_image_new (101 * 4 / shrink, 75 * 4 / shrink, 3, NULL);
      LimnBand band;

      g_assert_true (limn_band_init (&band, &across, &down, 4, out, NULL));
      for (int j = 0; j < down.n; j++)
        {
          for (int i = 0; i < across.n; i++)
            {
              LimnTensor tile = limn_run_nhwc (f->run, 1, 128, 128, 3);

              fill_tile (&tile, limn_tile_axis_start (&across, i) * 4,
                         limn_tile_axis_start (&down, j) * 4, gradient, 0.0f);
              limn_band_add (&band, i, j, &tile, NULL);
            }
          limn_band_finish_row (&band, j);
        }
      for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++)
          {
            float first = gradient (x * shrink, y * shrink, 1),
                  last = gradient (x * shrink + shrink - 1, y * shrink + shrink - 1, 1);
            int expected = (int)lrintf (((first + last) / 2.0f + 1.0f) * 127.5f);

            g_assert_cmpint (ABS (limn_image_row (out, y)[3 * x + 1] - expected), <=, 1);
          }
      limn_band_clear (&band);
    }
}

/* Fades keep away from the tiles' edges by all of a network's reach where the overlap has room for
 * it: a tile counts for nothing where what it lacks could be seen. */
static void
test_keep_away (Fixture *f, gconstpointer data)
{
  const struct
  {
    int tile, reach, alignment;
    gboolean all;
  } cases[] = { { 512, 34, 1, TRUE }, { 512, 18, 1, TRUE },  { 512, 59, 1, TRUE },
                { 448, 40, 2, TRUE }, { 512, 61, 1, FALSE }, { 224, 350, 1, FALSE } };

  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      LimnTileAxis axis = limn_tile_axis (1999, cases[k].tile, 1, 1, cases[k].alignment);
      int away = cases[k].all ? cases[k].reach : 1;

      limn_tile_axis_keep_away (&axis, cases[k].reach);
      g_assert_cmpint (axis.n, >, 1);
      for (int i = 0; i < axis.n; i++)
        {
          int start = limn_tile_axis_start (&axis, i), end = start + axis.tile;

          for (int p = 0; p < 1999; p++)
            if ((i > 0 && p < start + away) || (i + 1 < axis.n && p >= end - away))
              g_assert_cmpfloat (limn_tile_axis_weight (&axis, i, p, 1), ==, 0.0f);
        }
    }
}

static float
grey (int x, int y, int c)
{
  return 0.0f;
}

/* A network that is off in brightness is brought back, on a gradient and on 50 % grey; its detail
 * stays. */
static void
test_match_low (Fixture *f, gconstpointer data)
{
  float (*const pictures[]) (int x, int y, int c) = { gradient, grey };

  for (gsize k = 0; k < G_N_ELEMENTS (pictures); k++)
    {
      LimnTensor low = limn_run_nhwc (f->run, 1, 32, 32, 3),
                 made = limn_run_nhwc (f->run, 1, 128, 128, 3);
      const float *out;

      for (int i = 0; i < 32 * 32 * 3; i++)
        {
          /* The area mean of the large picture over a pixel of the small one. */
          int x = i / 3 % 32, y = i / 96;

          limn_tensor_f32 (&low)[i]
              = (pictures[k](4 * x, 4 * y, i % 3) + pictures[k](4 * x + 3, 4 * y + 3, i % 3))
                / 2.0f;
        }
      fill_tile (&made, 0, 0, pictures[k], 0.2f);
      for (int i = 0; i < 128 * 128 * 3; i++)
        limn_tensor_f32 (&made)[i] += i / 3 % 2 ? 0.05f : -0.05f;
      limn_upscale_match_low (f->run, &made, &low);
      out = limn_tensor_f32 (&made);
      for (int i = 0; i < 128 * 128 * 3; i++)
        {
          float expected = pictures[k](i / 3 % 128, i / 384, i % 3) + (i / 3 % 2 ? 0.05f : -0.05f);

          g_assert_cmpfloat_with_epsilon (out[i], expected, 0.004);
        }
    }
  g_assert_true (limn_run_ok (f->run));
}

static LimnImage *
upscale (LimnModel *model,
         const LimnImage *image,
         const LimnUpscaleParams *params,
         int threads,
         GError **error)
{
  g_auto (TaskRun) run;

  task_run_init (&run, threads, NULL);
  return limn_upscale (model, &run.run, image, params, NULL, error);
}

/* The built-in model on flat grey in two tiles: no step anywhere along the seam between them, in
 * the mean over the columns. */
static void
test_upscale_no_grid (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) image = limn_image_new (150, 20, 3, NULL), result = NULL;
  g_autoptr (GError) error = NULL;
  LimnUpscaleParams params;
  LimnUpscalePlan plan;

  memset (image->pixels, 128, 150 * 20 * 3);
  limn_upscale_params_init (&params, f->model);
  params.steps = 2;
  g_assert_true (limn_upscale_plan (f->model, image, &params, &plan, NULL));
  g_assert_cmpint (plan.n_tiles, >=, 2);
  result = upscale (f->model, image, &params, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->width, ==, 600);
  g_assert_cmpint (result->height, ==, 80);
  /* Windows of a dozen picture pixels: within three levels of the grey that went in. */
  for (int x = 0; x + 48 <= 600; x += 24)
    {
      double sum = 0.0;

      for (int y = 0; y < 80; y++)
        for (int i = 0; i < 48 * 3; i++)
          sum += limn_image_row (result, y)[3 * x + i];
      g_assert_cmpfloat_with_epsilon (sum / (80 * 48 * 3), 128.0, 3.0);
    }
}

static void
test_upscale_odd (Fixture *f, gconstpointer data)
{
  const struct
  {
    int width, height, channels, factor;
  } cases[] = { { 1, 1, 3, 4 }, { 3, 2, 4, 2 }, { 17, 5, 1, 4 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LimnImage) image
          = limn_image_new (cases[i].width, cases[i].height, cases[i].channels, NULL);
      g_autofree char *first = NULL;
      LimnUpscaleParams params;

      memset (image->pixels, 77, image->stride * (gsize)image->height);
      limn_upscale_params_init (&params, f->model);
      params.factor = cases[i].factor;
      params.steps = 1;
      for (int threads = 1; threads <= 2; threads++)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (LimnImage) result = upscale (f->model, image, &params, threads, &error);
          g_autofree char *hash = NULL;

          g_assert_no_error (error);
          g_assert_cmpint (result->width, ==, cases[i].width * cases[i].factor);
          g_assert_cmpint (result->height, ==, cases[i].height * cases[i].factor);
          g_assert_cmpint (result->channels, ==, MAX (cases[i].channels, 3));
          if (cases[i].channels == 4)
            g_assert_cmpint (result->pixels[3], ==, 77);
          hash = limn_image_hash (result);
          if (first == NULL)
            first = g_steal_pointer (&hash);
          else
            g_assert_cmpstr (hash, ==, first);
        }
    }
}

/* Discs and stripes with soft edges, a few pixels wide: what a photo is made of. In 0 .. 255. */
static double
painted (double x, double y)
{
  double value = 90.0 + 0.2 * x;

  for (int k = 0; k < 6; k++)
    {
      double distance
          = hypot (x - 37.3 * k - 20.0, y - 60.0 - 25.0 * sin (2.1 * k)) - 9.0 - 2.0 * k;

      value += (k % 2 ? -60.0 : 60.0) / (1.0 + exp (2.0 * distance));
    }
  return value + 25.0 * tanh (3.0 * sin (0.11 * x + 0.19 * y));
}

static double
squared_error (const LimnImage *a, const LimnImage *b)
{
  double sum = 0.0;

  for (int y = 8; y < a->height - 8; y++)
    for (int x = 8 * 3; x < (a->width - 8) * 3; x++)
      sum += pow ((double)limn_image_row (a, y)[x] - limn_image_row (b, y)[x], 2);
  return sum;
}

/* The built-in model of one pass finds edges again that resampling leaves blurred. */
static void
test_upscale_fast (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "..", "data", "models",
                                                 "limn-upscale-fast", NULL);
  g_autoptr (LimnImage) large = limn_image_new (240, 128, 3, NULL), small = NULL, resampled = NULL,
                        result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModel) model = limn_model_open (path, NULL, &error);
  LimnUpscaleParams params;
  LimnTensor low, up;

  g_assert_no_error (error);
  for (int y = 0; y < large->height; y++)
    for (int x = 0; x < large->width * 3; x++)
      limn_image_row (large, y)[x] = (guint8)CLAMP (lrint (painted (x / 3, y)), 0, 255);
  low = limn_image_to_tensor (f->run, large, &(LimnRect){ 0, 0, 240, 128 });
  low = limn_resize (f->run, &low, 32, 60, LIMN_RESIZE_BICUBIC);
  small = limn_image_from_tensor (&low, &error);
  g_assert_no_error (error);
  up = limn_resize (f->run, &low, 128, 240, LIMN_RESIZE_BICUBIC);
  resampled = limn_image_from_tensor (&up, &error);
  g_assert_no_error (error);
  limn_upscale_params_init (&params, model);
  result = upscale (model, small, &params, 2, &error);
  g_assert_no_error (error);
  g_test_message ("squared error %.0f, resampled %.0f", squared_error (result, large),
                  squared_error (resampled, large));
  g_assert_cmpfloat (squared_error (result, large), <, 0.75 * squared_error (resampled, large));
}

/* A model like bsr_sr: the codebook's autoencoder four times smaller, the small picture beside the
 * latent, several tiles. It follows the picture, as any upscaler does: what is dark stays darker
 * than what is light. The same bits with any number of threads. */
static void
test_upscale_bsr (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnModel) model = task_open_fixture ("E2-unet-bsr-sr", NULL);
  g_autoptr (LimnImage) image = limn_image_new (60, 22, 3, NULL);
  g_autofree char *first = NULL;
  LimnUpscaleParams params;
  LimnUpscalePlan plan;

  for (int y = 0; y < 22; y++)
    for (int x = 0; x < 60; x++)
      memset (limn_image_row (image, y) + 3 * x, x < 30 ? 60 : 190, 3);
  limn_upscale_params_init (&params, model);
  params.steps = 2;
  g_assert_true (limn_upscale_plan (model, image, &params, &plan, NULL));
  g_assert_cmpint (plan.n_tiles, >=, 2);
  for (int threads = 1; threads <= 4; threads *= 2)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnImage) result = upscale (model, image, &params, threads, &error);
      g_autofree char *hash = NULL;
      double dark = 0.0, light = 0.0;

      g_assert_no_error (error);
      g_assert_cmpint (result->width, ==, 240);
      g_assert_cmpint (result->height, ==, 88);
      for (int y = 0; y < 88; y++)
        for (int x = 0; x < 80 * 3; x++)
          {
            dark += limn_image_row (result, y)[x];
            light += limn_image_row (result, y)[160 * 3 + x];
          }
      g_assert_cmpfloat (light - dark, >, 60.0 * 88 * 240);
      hash = limn_image_hash (result);
      if (first == NULL)
        first = g_steal_pointer (&hash);
      else
        g_assert_cmpstr (hash, ==, first);
    }
}

static void
test_upscale_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) wide = limn_image_new (60000, 10, 3, NULL),
                        small = limn_image_new (8, 8, 3, NULL);
  LimnUpscaleParams params;
  LimnUpscalePlan plan;
  g_autoptr (GError) error = NULL;

  limn_upscale_params_init (&params, f->model);
  g_assert_false (limn_upscale_plan (f->model, wide, &params, &plan, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
  g_clear_error (&error);
  params.factor = 3;
  g_assert_false (limn_upscale_plan (f->model, small, &params, &plan, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
  g_clear_error (&error);
  params.factor = 4;
  params.steps = 0;
  g_assert_false (limn_upscale_plan (f->model, small, &params, &plan, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/task/upscale/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("band", test_band);
  ADD ("keep-away", test_keep_away);
  ADD ("match-low", test_match_low);
  ADD ("no-grid", test_upscale_no_grid);
  ADD ("odd", test_upscale_odd);
  ADD ("fast", test_upscale_fast);
  ADD ("bsr", test_upscale_bsr);
  ADD ("refused", test_upscale_refused);
  return g_test_run ();
}
