/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/task/colour-match-private.h"
#include "engine/task/inpaint.h"
#include "engine/task/mask-private.h"
#include "engine/task/resample-private.h"
#include "tests/unit/task-testing.h"

static const int odd_sizes[] = { 1, 2, 3, 7, 8, 15, 17, 33 };

typedef TaskRun Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  task_run_init (f, 2, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_no_error (f->run.error);
  task_run_clear (f);
}

/* The definition, pixel by pixel. */
static double
brute_distance (const guint8 *set, int h, int w, int y, int x)
{
  double best = HUGE_VAL;

  for (int j = 0; j < h; j++)
    for (int i = 0; i < w; i++)
      if (set[j * w + i])
        best = MIN (best, hypot (j - y, i - x));
  return best;
}

static void
test_falloff (Fixture *f, gconstpointer data)
{
  const float inner = 2.5f, outer = 9.25f;

  for (gsize a = 0; a < G_N_ELEMENTS (odd_sizes); a++)
    for (gsize b = 0; b < G_N_ELEMENTS (odd_sizes); b++)
      {
        int h = odd_sizes[a], w = odd_sizes[b];
        g_autofree guint8 *set = g_malloc0 (h * w), *linear = g_malloc (h * w),
                          *smooth = g_malloc (h * w);
        g_autoptr (GRand) random = g_rand_new_with_seed (h * 100 + w);

        for (int k = 0; k < 1 + h * w / 100; k++)
          set[g_rand_int_range (random, 0, h * w)] = 1 + k;
        limn_mask_falloff (&f->run, set, h, w, inner, outer, LIMN_FALLOFF_LINEAR, linear);
        limn_mask_falloff (&f->run, set, h, w, inner, outer, LIMN_FALLOFF_SMOOTH, smooth);
        for (int y = 0; y < h; y++)
          for (int x = 0; x < w; x++)
            {
              double d = brute_distance (set, h, w, y, x),
                     t = CLAMP ((outer - d) / (outer - inner), 0.0, 1.0);

              g_assert_cmpint (ABS (linear[y * w + x] - (int)lrint (255 * t)), <=, 1);
              g_assert_cmpint (ABS (smooth[y * w + x] - (int)lrint (255 * t * t * (3 - 2 * t))), <=,
                               1);
              if (set[y * w + x])
                g_assert_cmpint (linear[y * w + x], ==, 255);
              if (d >= outer)
                g_assert_cmpint (smooth[y * w + x], ==, 0);
            }
      }
}

static void
test_falloff_nothing_set (Fixture *f, gconstpointer data)
{
  guint8 set[17 * 3] = { 0 }, out[17 * 3];

  memset (out, 77, sizeof out);
  limn_mask_falloff (&f->run, set, 3, 17, 5.0f, 10.0f, LIMN_FALLOFF_LINEAR, out);
  g_assert_cmpmem (out, sizeof out, set, sizeof set);
}

/* With nothing to grow or fade, the mask comes out as it went in. */
static void
test_falloff_zero (Fixture *f, gconstpointer data)
{
  guint8 set[33 * 7] = { 0 }, out[33 * 7];

  for (int i = 0; i < 33 * 7; i += 3)
    set[i] = 255;
  limn_mask_falloff (&f->run, set, 7, 33, 0.0f, 0.0f, LIMN_FALLOFF_LINEAR, out);
  g_assert_cmpmem (out, sizeof out, set, sizeof set);
}

static void
test_shrink_max (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) mask = limn_image_new (33, 17, 1, NULL);
  LimnRect all = { 0, 0, 33, 17 }, over = { -8, -8, 49, 33 };
  guint8 out[16 * 16];

  /* A single pixel is never lost. */
  for (int y = 0; y < 17; y++)
    for (int x = 0; x < 33; x++)
      {
        int largest = 0;

        limn_image_row (mask, y)[x] = 200;
        limn_mask_shrink_max (&f->run, mask, &all, 5, 7, out);
        for (int i = 0; i < 35; i++)
          largest = MAX (largest, out[i]);
        g_assert_cmpint (largest, ==, 200);
        g_assert_cmpint (out[y * 5 / 17 * 7 + x * 7 / 33], ==, 200);
        limn_image_row (mask, y)[x] = 0;
      }
  /* The same size is a copy; hanging over repeats the corner. */
  limn_image_row (mask, 0)[0] = 9;
  limn_mask_shrink_max (&f->run, mask, &(LimnRect){ 0, 0, 16, 16 }, 16, 16, out);
  g_assert_cmpint (out[0], ==, 9);
  g_assert_cmpint (out[1], ==, 0);
  limn_mask_shrink_max (&f->run, mask, &over, 3, 5, out);
  g_assert_cmpint (out[0], ==, 9);
  g_assert_cmpint (out[14], ==, 0);
}

static void
test_to_latent (Fixture *f, gconstpointer data)
{
  guint8 mask[24 * 16] = { 0 }, out[3 * 2];

  mask[9 * 24 + 23] = 3;
  mask[15 * 24 + 16] = 7;
  mask[0] = 1;
  limn_mask_to_latent (mask, 16, 24, 8, out);
  g_assert_cmpmem (out, 6, ((guint8[]){ 1, 0, 0, 0, 0, 7 }), 6);
}

static void
test_paste_alpha (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) mask = limn_image_new (80, 60, 1, NULL), alpha = NULL;
  LimnRect rect = { 5, 4, 70, 50 };
  gboolean rises = FALSE;

  for (int y = 20; y < 40; y++)
    memset (limn_image_row (mask, y) + 30, 255, 20);
  limn_image_row (mask, 5)[6] = 60; /* a soft dab far from the rest */
  alpha = limn_mask_paste_alpha (&f->run, mask, &rect, 3.0f, 12.0f, LIMN_GREY_IS_PASTED);
  g_assert_nonnull (alpha);
  for (int y = 0; y < rect.height; y++)
    for (int x = 0; x < rect.width; x++)
      {
        guint8 painted = limn_image_row (mask, y + rect.y)[x + rect.x],
               a = limn_image_row (alpha, y)[x];
        int dx = MAX (MAX (30 - (x + rect.x), x + rect.x - 49), 0),
            dy = MAX (MAX (20 - (y + rect.y), y + rect.y - 39), 0);

        g_assert_cmpint (a, >=, painted);
        if (hypot (dx, dy) >= 12.0 && painted == 0)
          g_assert_cmpint (a, ==, 0);
        if (hypot (dx, dy) <= 3.0)
          g_assert_cmpint (a, ==, 255);
        rises |= a > 0 && a < 255 && painted == 0;
      }
  g_assert_true (rises);
  g_assert_cmpint (limn_image_row (alpha, 1)[1], ==, 60);

  /* What was changed in part when it was made is pasted whole, and has a rim like all that is painted. */
  limn_image_unref (alpha);
  alpha = limn_mask_paste_alpha (&f->run, mask, &rect, 3.0f, 12.0f, LIMN_GREY_IS_MADE);
  for (int y = 0; y < 12; y++)
    for (int x = 0; x < 14; x++)
      {
        double distance = hypot (x - 1, y - 1);

        if (distance <= 3.0)
          g_assert_cmpint (limn_image_row (alpha, y)[x], ==, 255);
        if (distance >= 12.0)
          g_assert_cmpint (limn_image_row (alpha, y)[x], ==, 0);
      }
  g_assert_cmpint (limn_image_row (alpha, 1)[8], >, 0);
  g_assert_cmpint (limn_image_row (alpha, 1)[8], <, 255);
}

/* The rule of the patch: below + (above - below) a / 255, nothing where a is 0. */
static void
test_patch_apply (Fixture *f, gconstpointer data)
{
  for (int channels = 3; channels <= 4; channels++)
    {
      g_autoptr (LimnImage) image = limn_image_new (33, 17, channels, NULL), before = NULL;
      g_autoptr (LimnPatch) patch = g_new0 (LimnPatch, 1);

      patch->rect = (LimnRect){ 25, 10, 8, 7 };
      patch->pixels = limn_image_new (8, 7, 3, NULL);
      patch->alpha = limn_image_new (8, 7, 1, NULL);
      for (int i = 0; i < 33 * 17 * channels; i++)
        image->pixels[i] = (guint8)(i * 7);
      for (int i = 3; channels == 4 && i < 33 * 17 * 4; i += 4)
        image->pixels[i] = 255;
      for (int i = 0; i < 8 * 7; i++)
        {
          patch->alpha->pixels[i] = (guint8)(i % 3 == 0 ? 0 : i * 4);
          memset (patch->pixels->pixels + 3 * i, 255 - i, 3);
        }
      before = limn_image_copy (image, NULL);
      limn_patch_apply (patch, image);
      for (int y = 0; y < 17; y++)
        for (int x = 0; x < 33; x++)
          for (int c = 0; c < channels; c++)
            {
              gboolean inside = x >= 25 && y >= 10;
              int k = inside ? (y - 10) * 8 + x - 25 : 0;
              int a = inside ? patch->alpha->pixels[k] : 0;
              int old = limn_image_row (before, y)[x * channels + c];
              int above = c == 3 ? 255 : patch->pixels->pixels[3 * k];

              g_assert_cmpint (limn_image_row (image, y)[x * channels + c], ==,
                               a == 0 ? old : (old * (255 - a) + above * a + 127) / 255);
            }
    }
}

/* Over a transparent picture the patch brings its own opacity, and hidden colours do not shine
 * through. */
static void
test_patch_transparent (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) image = limn_image_new (2, 1, 4, NULL);
  g_autoptr (LimnPatch) patch = g_new0 (LimnPatch, 1);
  const guint8 hidden[] = { 9, 9, 9, 0, 9, 9, 9, 0 },
               expected[] = { 200, 100, 50, 128, 9, 9, 9, 0 };

  memcpy (image->pixels, hidden, 8);
  patch->rect = (LimnRect){ 0, 0, 2, 1 };
  patch->pixels = limn_image_new (2, 1, 3, NULL);
  patch->alpha = limn_image_new (2, 1, 1, NULL);
  memcpy (patch->pixels->pixels, ((guint8[]){ 200, 100, 50, 1, 2, 3 }), 6);
  patch->alpha->pixels[0] = 128;
  limn_patch_apply (patch, image);
  g_assert_cmpmem (image->pixels, 8, expected, 8);
}

/* A patch that hangs over the picture writes within it only. */
static void
test_patch_over_edge (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) image = limn_image_new (3, 3, 3, NULL);
  g_autoptr (LimnPatch) patch = g_new0 (LimnPatch, 1);

  patch->rect = (LimnRect){ -1, 2, 3, 3 };
  patch->pixels = limn_image_new (3, 3, 3, NULL);
  patch->alpha = limn_image_new (3, 3, 1, NULL);
  memset (patch->pixels->pixels, 50, 27);
  memset (patch->alpha->pixels, 255, 9);
  limn_patch_apply (patch, image);
  for (int i = 0; i < 27; i++)
    g_assert_cmpint (image->pixels[i], ==, i >= 18 && i < 24 ? 50 : 0);
}

static void
test_colour_match (Fixture *f, gconstpointer data)
{
  const int h = 33, w = 17;
  LimnTensor original = limn_run_nhwc (&f->run, 1, h, w, 3),
             made = limn_run_nhwc (&f->run, 1, h, w, 3);
  float *o = limn_tensor_f32 (&original), *m = limn_tensor_f32 (&made);
  g_autofree guint8 *mask = g_malloc0 (h * w);
  LimnColourMatch match;

  /* Outside the mask the made picture is a known transform of the original; inside it is something
   * else altogether. */
  for (int i = 0; i < h * w; i++)
    {
      mask[i] = i % 5 == 0 ? 255 : 0;
      for (int c = 0; c < 3; c++)
        {
          o[3 * i + c] = (float)sin (i * 0.7 + c) * 0.5f;
          m[3 * i + c] = mask[i] ? 30.0f : (o[3 * i + c] - 0.1f * (c + 1)) / 1.1f;
        }
    }
  match = limn_colour_match (&made, &original, mask);
  for (int c = 0; c < 3; c++)
    {
      g_assert_cmpfloat_with_epsilon (match.gain[c], 1.1f, 1e-4);
      g_assert_cmpfloat_with_epsilon (match.offset[c], 0.1f * (c + 1), 1e-4);
    }
  limn_colour_match_apply_in_place (&match, &made);
  for (int i = 0; i < h * w * 3; i++)
    if (!mask[i / 3])
      g_assert_cmpfloat_with_epsilon (m[i], o[i], 1e-4);
}

static void
test_colour_match_limits (Fixture *f, gconstpointer data)
{
  LimnTensor original = limn_run_nhwc (&f->run, 1, 16, 16, 3),
             made = limn_run_nhwc (&f->run, 1, 16, 16, 3);
  float *o = limn_tensor_f32 (&original), *m = limn_tensor_f32 (&made);
  guint8 mask[256] = { 0 };
  LimnColourMatch match;

  for (int i = 0; i < 256; i++)
    {
      o[3 * i] = i % 2 ? 0.9f : -0.9f; /* far more contrast: limited */
      m[3 * i] = i % 2 ? 0.1f : -0.1f;
      o[3 * i + 1] = 0.25f; /* flat: offset only */
      m[3 * i + 1] = i % 2 ? 0.51f : 0.49f;
      o[3 * i + 2] = m[3 * i + 2] = 0.0f;
    }
  match = limn_colour_match (&made, &original, mask);
  g_assert_cmpfloat (match.gain[0], ==, 1.25f);
  g_assert_cmpfloat (match.gain[1], ==, 1.0f);
  g_assert_cmpfloat_with_epsilon (match.offset[1], -0.25f, 1e-5);
  g_assert_cmpfloat (match.gain[2], ==, 1.0f);

  memset (mask, 255, sizeof mask); /* nothing to compare with */
  match = limn_colour_match (&made, &original, mask);
  g_assert_cmpfloat (match.gain[0], ==, 1.0f);
  g_assert_cmpfloat (match.offset[1], ==, 0.0f);
}

static void
test_resample_identity (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) image = limn_image_new (33, 17, 3, NULL), back = NULL;
  LimnRect all = { 0, 0, 33, 17 }, part = { 3, 2, 20, 11 };
  LimnTensor x;

  for (int i = 0; i < 33 * 17 * 3; i++)
    image->pixels[i] = (guint8)(i * 13);
  x = limn_resample_crop (&f->run, image, &all, 17, 33);
  back = limn_resample_part (&f->run, &x, &all, &part);
  for (int y = 0; y < 11; y++)
    g_assert_cmpmem (limn_image_row (back, y), 60, limn_image_row (image, y + 2) + 9, 60);
}

/* A flat picture stays flat at any sizes, and a ramp comes back as the ramp away from the edges. */
static void
test_resample_scales (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) image = limn_image_new (190, 130, 3, NULL), back = NULL;
  LimnRect crop = { -5, -7, 200, 144 }, part = { 10, 10, 170, 110 };
  LimnTensor x;

  for (int y = 0; y < 130; y++)
    for (int i = 0; i < 190; i++)
      {
        limn_image_row (image, y)[3 * i] = 93;
        limn_image_row (image, y)[3 * i + 1] = (guint8)(i + 20);
        limn_image_row (image, y)[3 * i + 2] = (guint8)(2 * y > 255 ? 255 : 2 * y);
      }
  x = limn_resample_crop (&f->run, image, &crop, 48, 64);
  back = limn_resample_part (&f->run, &x, &crop, &part);
  for (int y = 0; y < part.height; y++)
    for (int i = 0; i < part.width; i++)
      {
        g_assert_cmpint (limn_image_row (back, y)[3 * i], ==, 93);
        g_assert_cmpint (ABS (limn_image_row (back, y)[3 * i + 1] - (i + 30)), <=, 2);
        g_assert_cmpint (ABS (limn_image_row (back, y)[3 * i + 2] - MIN (2 * (y + 10), 255)), <=,
                         4);
      }
}

/* Transparent pixels look white to the model, whatever colour they hide. */
static void
test_resample_alpha (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) image = limn_image_new (8, 8, 4, NULL);
  LimnRect all = { 0, 0, 8, 8 };
  LimnTensor x = limn_resample_crop (&f->run, image, &all, 2, 2);

  for (int i = 0; i < 12; i++)
    g_assert_cmpfloat (limn_tensor_f32 (&x)[i], ==, 1.0f);
}

/* Of black and white as before; of grey: what is painted is never weakened, nothing is stronger
 * than the strongest, nothing is left farther out, and darker is less. */
static void
test_falloff_grey (Fixture *f, gconstpointer data)
{
  const float inner = 2.5f, outer = 9.25f;
  static const guint8 greys[] = { 255, 200, 128, 40, 3 };
  enum
  {
    W = 61,
    H = 47
  };
  guint8 before[W * H], painted[W * H], plain[W * H], grey[W * H];

  memset (before, 255, sizeof before);
  for (gsize k = 0; k < G_N_ELEMENTS (greys); k++)
    {
      memset (painted, 0, sizeof painted);
      for (int y = 20; y < 28; y++)
        memset (painted + y * W + 25, greys[k], 10);
      limn_mask_falloff (&f->run, painted, H, W, inner, outer, LIMN_FALLOFF_LINEAR, plain);
      limn_mask_falloff_grey (&f->run, painted, H, W, inner, outer, LIMN_FALLOFF_LINEAR, grey);
      if (k == 0)
        g_assert_cmpmem (plain, sizeof plain, grey, sizeof grey);
      for (int i = 0; i < W * H; i++)
        {
          g_assert_cmpint (grey[i], >=, painted[i]);
          g_assert_cmpint (grey[i], <=, greys[k]);
          g_assert_cmpint (grey[i], <=, before[i]);
          if (painted[i] > 0)
            g_assert_cmpint (grey[i], ==, greys[k]);
          if (plain[i] == 0)
            g_assert_cmpint (grey[i], ==, 0);
        }
      /* It is spread, too, but for what is next to nothing. */
      if (greys[k] > 32)
        g_assert_cmpint (grey[24 * W + 23], >=, greys[k] - 33);
      memcpy (before, grey, sizeof before);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/task/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("mask/falloff", test_falloff);
  ADD ("mask/falloff-nothing-set", test_falloff_nothing_set);
  ADD ("mask/falloff-zero", test_falloff_zero);
  ADD ("mask/falloff-grey", test_falloff_grey);
  ADD ("mask/shrink-max", test_shrink_max);
  ADD ("mask/to-latent", test_to_latent);
  ADD ("mask/paste-alpha", test_paste_alpha);
  ADD ("patch/apply", test_patch_apply);
  ADD ("patch/transparent", test_patch_transparent);
  ADD ("patch/over-edge", test_patch_over_edge);
  ADD ("colour-match/known-transform", test_colour_match);
  ADD ("colour-match/limits", test_colour_match_limits);
  ADD ("resample/identity", test_resample_identity);
  ADD ("resample/scales", test_resample_scales);
  ADD ("resample/alpha", test_resample_alpha);
  return g_test_run ();
}
