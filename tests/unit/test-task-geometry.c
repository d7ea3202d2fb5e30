/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>

#include "engine/task/geometry-private.h"
#include "engine/task/upscale-private.h"

static const LimnModelSize sd = { .multiple = 64, .native = 512, .smallest = 256 };
static const LimnModelSize tiny = { .multiple = 16, .native = 64, .smallest = 16 };
/* No smaller than it was trained for. */
static const LimnModelSize rigid = { .multiple = 64, .native = 256, .smallest = 256 };
/* As a removal: any size. */
static const LimnModelSize free_size = { .multiple = 1, .native = 875, .smallest = 1 };

/* Nothing is asked of pictures that are so many times as long as wide. */
#define LONG 2.2

static LimnInpaintParams
automatic (void)
{
  return (LimnInpaintParams){ .grow = -1, .feather = -1, .paste_fade = -1, .context = -1 };
}

static gboolean
contains (const LimnRect *outer, const LimnRect *inner)
{
  return outer->x <= inner->x && outer->y <= inner->y
         && outer->x + outer->width >= inner->x + inner->width
         && outer->y + outer->height >= inner->y + inner->height;
}

/* What must hold for every mask in every picture. */
static void
check_plan (const LimnModelSize *size,
            int width,
            int height,
            const LimnRect *painted,
            const LimnInpaintPlan *p)
{
  LimnRect picture = { 0, 0, width, height };
  double sx = (double)p->width / p->crop.width, sy = (double)p->height / p->crop.height;

  g_assert_cmpint (p->width % size->multiple, ==, 0);
  g_assert_cmpint (p->height % size->multiple, ==, 0);
  g_assert_cmpint (p->width, >=, size->smallest);
  g_assert_cmpint (p->height, >=, size->smallest);
  g_assert_cmpint ((gint64)p->width * p->height, <=, 2 * size->native * size->native);
  g_assert_true (contains (&p->mask_bounds, painted));
  g_assert_true (contains (&picture, &p->mask_bounds));
  g_assert_true (contains (&p->crop, &p->mask_bounds));
  /* Never enlarged, proportions kept to a pixel or two, unless what changes takes up so much of the
   * picture that only a little of squeezing makes it a multiple. */
  g_assert_cmpfloat (sx, <=, 1.0 + 1e-9);
  g_assert_cmpfloat (sy, <=, 1.0 + 1e-9);
  if (fabs (sx / sy - 1.0) >= 2.0 / MIN (p->crop.width, p->crop.height))
    {
      g_assert_cmpfloat (fabs (log (sx / sy)), <=, log (1.16));
      g_assert_cmpint (MAX (p->mask_bounds.width, p->mask_bounds.height), >,
                       0.6 * MIN (width, height));
    }
  /* Hangs over only where the picture has no more. */
  if (p->crop.width <= width)
    g_assert_true (p->crop.x >= 0 && p->crop.x + p->crop.width <= width);
  if (p->crop.height <= height)
    g_assert_true (p->crop.y >= 0 && p->crop.y + p->crop.height <= height);
  /* And a picture has enough that is larger than the least that the model can do and than some
   * multiples, and not very long. */
  if (MIN (width, height) >= MAX (size->smallest + size->multiple, 4 * size->multiple)
      && MAX (width, height) <= LONG * MIN (width, height))
    g_assert_true (contains (&picture, &p->crop));
  /* The paste mask fades within what is denoised. */
  g_assert_cmpfloat (p->paste_fade, <=, limn_inpaint_rim (p));
}

static void
test_invariants (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  LimnInpaintParams params = automatic ();

  for (int round = 0; round < 20000; round++)
    {
      const LimnModelSize *const sizes[] = { &sd, &tiny, &rigid, &free_size };
      const LimnModelSize *size = sizes[round % 4];
      int limit = 1 << g_rand_int_range (random, 1, 17);
      int width = g_rand_int_range (random, 1, MIN (limit, LIMN_IMAGE_MAX_SIDE) + 1);
      int height = g_rand_int_range (random, 1, MIN (limit, LIMN_IMAGE_MAX_SIDE) + 1);
      LimnRect painted;
      LimnInpaintPlan plan = { 0 };

      painted.x = g_rand_int_range (random, 0, width);
      painted.y = g_rand_int_range (random, 0, height);
      painted.width = g_rand_int_range (random, 1, width - painted.x + 1);
      painted.height = g_rand_int_range (random, 1, height - painted.y + 1);
      limn_inpaint_geometry (size, width, height, &painted, &params, &plan);
      check_plan (size, width, height, &painted, &plan);
      g_assert_cmpfloat (plan.grow, >=, 4.0f + plan.feather / 2.0f - 1e-3f);
    }
}

/* A small mask in a large picture: the native size, pixel for pixel, around the mask. */
static void
test_small_mask (void)
{
  LimnInpaintParams params = automatic ();
  LimnRect painted = { 2000, 1500, 60, 60 };
  LimnInpaintPlan plan = { 0 };

  limn_inpaint_geometry (&sd, 4000, 3000, &painted, &params, &plan);
  check_plan (&sd, 4000, 3000, &painted, &plan);
  g_assert_cmpint (plan.crop.width, ==, 512);
  g_assert_cmpint (plan.crop.height, ==, 512);
  g_assert_cmpint (plan.width, ==, 512);
  g_assert_cmpfloat (plan.feather, ==, 16.0f);
  g_assert_cmpfloat (plan.grow, ==, 12.0f);
  g_assert_cmpint (ABS (plan.crop.x + 256 - 2030), <=, 1);
}

/* A thin line across a picture changes little beside it: its edges are those of a small mask, and
 * as the box says where it is thick. */
static void
test_thin (void)
{
  LimnInpaintParams params = automatic ();
  LimnRect painted = { 0, 0, 512, 512 };
  LimnInpaintPlan thin = { .thickness = 10 }, thick = { .thickness = 256 }, plan = { 0 };

  limn_inpaint_geometry (&sd, 512, 512, &painted, &params, &plan);
  limn_inpaint_geometry (&sd, 512, 512, &painted, &params, &thick);
  limn_inpaint_geometry (&sd, 512, 512, &painted, &params, &thin);
  g_assert_cmpfloat (plan.feather, >, 70.0f);
  g_assert_cmpfloat (thick.feather, ==, plan.feather);
  g_assert_cmpfloat (thick.grow, ==, plan.grow);
  g_assert_cmpfloat (thin.feather, ==, 16.0f);
  g_assert_cmpfloat (thin.grow, ==, 12.0f);
}

/* A large one is scaled to about the model's area, and its feather stays within the limits at the
 * model's scale. */
static void
test_large_mask (void)
{
  LimnInpaintParams params = automatic ();
  LimnRect painted = { 500, 500, 3000, 2000 };
  LimnInpaintPlan plan = { 0 };
  float scale;

  limn_inpaint_geometry (&sd, 8688, 5792, &painted, &params, &plan);
  check_plan (&sd, 8688, 5792, &painted, &plan);
  scale = (float)plan.width / plan.crop.width;
  g_assert_cmpfloat (scale, <, 0.3f);
  g_assert_cmpfloat (plan.feather * scale, >=, 15.0f);
  g_assert_cmpfloat (plan.feather * scale, <=, 97.0f);
}

/* A little more than native is enlarged to the next multiple, not scaled. */
static void
test_prefers_multiple (void)
{
  LimnInpaintParams params = automatic ();
  LimnRect painted = { 1000, 1000, 400, 300 };
  LimnInpaintPlan plan = { 0 };

  params.context = 16;
  limn_inpaint_geometry (&sd, 4000, 3000, &painted, &params, &plan);
  check_plan (&sd, 4000, 3000, &painted, &plan);
  g_assert_cmpint (plan.crop.width, ==, plan.width);
  g_assert_cmpint (plan.crop.width, ==, 640);
  g_assert_cmpint (plan.crop.height, ==, 512);
}

static void
test_picture_smaller_than_model (void)
{
  LimnInpaintParams params = automatic ();
  LimnRect painted = { 0, 0, 1, 1 };
  LimnInpaintPlan plan = { 0 };

  limn_inpaint_geometry (&sd, 1, 1, &painted, &params, &plan);
  check_plan (&sd, 1, 1, &painted, &plan);
  g_assert_cmpint (plan.width, ==, 256);
  g_assert_cmpint (plan.mask_bounds.width, ==, 1);

  painted = (LimnRect){ 50, 60, 200, 100 };
  limn_inpaint_geometry (&sd, 300, 1000, &painted, &params, &plan);
  check_plan (&sd, 300, 1000, &painted, &plan);
  g_assert_cmpint (plan.width, ==, 256);
  g_assert_cmpint (plan.crop.width, ==, 256);
  g_assert_cmpint (plan.crop.x, ==, 22);

  painted = (LimnRect){ 0, 0, 60000, 10 };
  limn_inpaint_geometry (&sd, 60000, 10, &painted, &params, &plan);
  check_plan (&sd, 60000, 10, &painted, &plan);
}

/* What changes is wider than the picture is high: the crop ends where the picture does, and the model's
 * size has the crop's shape. Also when such a crop is asked for. */
static void
test_within (void)
{
  const LimnModelSize *const sizes[] = { &sd, &tiny, &rigid, &free_size };
  const LimnRect picture = { 0, 0, 1200, 800 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (int asked = 0; asked < 2; asked++)
      {
        LimnInpaintParams params = automatic ();
        LimnRect painted = { 250, 100, 500, 500 };
        LimnInpaintPlan plan = { 0 };

        if (asked)
          params.crop = (LimnRect){ 200, -75, 875, 875 };
        limn_inpaint_geometry (sizes[i], 1200, 800, &painted, &params, &plan);
        check_plan (sizes[i], 1200, 800, &painted, &plan);
        g_assert_true (contains (&picture, &plan.crop));
        g_assert_cmpint (plan.crop.height, >=, plan.mask_bounds.height);
      }
}

static void
test_edges_given (void)
{
  LimnInpaintParams params = { .grow = 3, .feather = 0, .paste_fade = 100, .context = 0 };
  LimnRect painted = { 100, 100, 50, 40 };
  LimnInpaintPlan plan = { 0 };

  limn_inpaint_geometry (&sd, 1000, 1000, &painted, &params, &plan);
  check_plan (&sd, 1000, 1000, &painted, &plan);
  g_assert_cmpfloat (plan.grow, ==, 3.0f);
  g_assert_cmpfloat (plan.feather, ==, 0.0f);
  g_assert_cmpfloat (plan.paste_fade, ==, 3.0f);
  g_assert_cmpint (plan.mask_bounds.x, ==, 97);
  g_assert_cmpint (plan.mask_bounds.width, ==, 56);
}

static void
test_model_size (void)
{
  LimnModelInfo info
      = { .latent_factor = 8, .unet_factor = 8, .native_size = 512, .min_size = 200 };
  LimnModelSize size = limn_model_size (&info);

  g_assert_cmpint (size.multiple, ==, 64);
  g_assert_cmpint (size.smallest, ==, 256);
  info = (LimnModelInfo){ .latent_factor = 4, .unet_factor = 4, .native_size = 60, .min_size = 0 };
  size = limn_model_size (&info);
  g_assert_cmpint (size.multiple, ==, 16);
  g_assert_cmpint (size.native, ==, 64);
  g_assert_cmpint (size.smallest, ==, 16);
}

/* Tiles cover the axis, and their weights add up to one at every pixel, within the tiles that they
 * belong to. */
static void
check_axis (int length, int tile, int smallest, int unit, int alignment, int factor)
{
  LimnTileAxis axis = limn_tile_axis (length, tile, smallest, unit, alignment);

  g_assert_cmpint (axis.tile % unit, ==, 0);
  g_assert_cmpint (axis.tile, <=, MAX (tile, smallest));
  g_assert_cmpint (limn_tile_axis_start (&axis, 0), ==, 0);
  g_assert_cmpint (limn_tile_axis_start (&axis, axis.n - 1) + axis.tile, >=, length);
  for (gint64 p = 0; p < (gint64)length * factor; p++)
    {
      double sum = 0.0;

      for (int i = 0; i < axis.n; i++)
        {
          float weight = limn_tile_axis_weight (&axis, i, p, factor);
          gint64 start = (gint64)limn_tile_axis_start (&axis, i) * factor;

          g_assert_cmpfloat (weight, >=, -1e-6f);
          if (weight > 1e-6f)
            g_assert_true (p >= start && p < start + (gint64)axis.tile * factor);
          sum += weight;
        }
      g_assert_cmpfloat_with_epsilon (sum, 1.0, 1e-5);
    }
}

/* A crop that was asked for: it is taken as far as the picture has it, with the mask and what the
 * model needs; what cannot be is refused or left. */
static void
test_asked (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  LimnInpaintParams params = automatic ();
  LimnRect painted = { 1000, 800, 60, 40 }, odd = { 0, 0, LIMN_IMAGE_MAX_SIDE + 1, 5 };
  LimnInpaintPlan plan, usual;
  g_autoptr (GError) error = NULL;

  limn_inpaint_geometry (&sd, 4000, 3000, &painted, &params, &usual);
  /* Moved, and nothing else. */
  params.crop = usual.crop;
  params.crop.x += 100;
  params.crop.y -= 60;
  limn_inpaint_geometry (&sd, 4000, 3000, &painted, &params, &plan);
  g_assert_cmpint (plan.crop.x, ==, usual.crop.x + 100);
  g_assert_cmpint (plan.crop.y, ==, usual.crop.y - 60);
  g_assert_cmpint (plan.crop.width, ==, usual.crop.width);
  check_plan (&sd, 4000, 3000, &painted, &plan);
  /* Beyond the picture: as if nobody had asked. */
  params.crop = (LimnRect){ 5000, 0, 600, 600 };
  limn_inpaint_geometry (&sd, 4000, 3000, &painted, &params, &plan);
  g_assert_cmpint (plan.crop.x, ==, usual.crop.x);
  for (int i = 0; i < 2000; i++)
    {
      params.crop
          = (LimnRect){ g_rand_int_range (random, -500, 4000),
                        g_rand_int_range (random, -500, 3000), g_rand_int_range (random, 1, 5000),
                        g_rand_int_range (random, 1, 4000) };
      limn_inpaint_geometry (&sd, 4000, 3000, &painted, &params, &plan);
      check_plan (&sd, 4000, 3000, &painted, &plan);
    }
  g_assert_true (limn_check_crop (&params.crop, NULL));
  g_assert_false (limn_check_crop (&odd, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
}

static void
test_tile_axis (void)
{
  for (int length = 1; length < 300; length++)
    {
      check_axis (length, 64, 16, 8, 1, 4);
      check_axis (length, 32, 8, 8, 2, 2);
      check_axis (length, 8, 8, 4, 1, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/task/geometry/invariants", test_invariants);
  g_test_add_func ("/task/geometry/small-mask", test_small_mask);
  g_test_add_func ("/task/geometry/thin", test_thin);
  g_test_add_func ("/task/geometry/large-mask", test_large_mask);
  g_test_add_func ("/task/geometry/prefers-multiple", test_prefers_multiple);
  g_test_add_func ("/task/geometry/picture-smaller-than-model", test_picture_smaller_than_model);
  g_test_add_func ("/task/geometry/within", test_within);
  g_test_add_func ("/task/geometry/edges-given", test_edges_given);
  g_test_add_func ("/task/geometry/asked", test_asked);
  g_test_add_func ("/task/geometry/model-size", test_model_size);
  g_test_add_func ("/task/geometry/tile-axis", test_tile_axis);
  return g_test_run ();
}
