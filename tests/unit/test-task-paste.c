/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Pasting a result once more in another way, and what is kept of it for that.
 */
#include <math.h>
#include <string.h>

#include "engine/task/colour-match-private.h"
#include "engine/task/geometry-private.h"
#include "engine/task/mask-private.h"
#include "engine/task/remove.h"
#include "engine/task/resample-private.h"
#include "engine/task/seam-private.h"
#include "tests/unit/task-testing.h"

#define WIDTH 210
#define HEIGHT 130
/* What is kept differs from what the test works out, as bytes lie in between: but less than this
 * share of what it differs from any other seam. */
#define MOST_OF_OTHERS 0.95

typedef struct
{
  LimnModel *model;
  LimnImage *photo, *mask;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->model = task_open_fixture ("D-unet-crossattn-sd15-inpaint", NULL);
  f->photo = limn_image_new (WIDTH, HEIGHT, 3, NULL);
  f->mask = limn_image_new (WIDTH, HEIGHT, 1, NULL);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        limn_image_row (f->photo, y)[3 * x] = (guint8)(60 + x / 2);
        limn_image_row (f->photo, y)[3 * x + 1] = (guint8)(120 + 30 * sin (x * 0.1));
        limn_image_row (f->photo, y)[3 * x + 2] = (guint8)(200 - y + (x * y) % 3);
        limn_image_row (f->mask, y)[x] = hypot (x - 120, y - 60) < 14 ? 255 : 0;
      }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  limn_model_unref (f->model);
  limn_image_unref (f->photo);
  limn_image_unref (f->mask);
}

static LimnPatch *
inpainted (Fixture *f, LimnRun *run, LimnInpaintPlan *plan)
{
  LimnInpaintParams params;
  g_autoptr (GError) error = NULL;
  LimnPatch *patch;

  limn_inpaint_params_init (&params, f->model);
  params.prompt = "a calm sea";
  params.seed = 3;
  params.steps = 4;
  params.guidance = 2;
  /* So that the crop is as large as the model. */
  params.grow = 5;
  params.feather = 4;
  params.context = 4;
  g_assert_true (limn_inpaint_plan (f->model, f->photo, f->mask, &params, plan, NULL));
  patch = limn_inpaint (f->model, run, f->photo, f->mask, &params, NULL, &error);
  g_assert_no_error (error);
  return patch;
}

static LimnPatch *
removed (Fixture *f, LimnRun *run)
{
  LimnRemoveParams params;
  g_autoptr (GError) error = NULL;
  LimnPatch *patch;

  limn_remove_params_init (&params);
  patch = limn_remove (run, f->photo, f->mask, &params, NULL, &error);
  g_assert_no_error (error);
  return patch;
}

static void
assert_same (const LimnImage *a, const LimnImage *b)
{
  g_autofree char *first = limn_image_hash (a), *second = limn_image_hash (b);

  g_assert_cmpstr (first, ==, second);
}

/* Pasted once more as it was, it is the same, whoever made it. */
static void
test_again (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 2; i++)
    {
      g_auto (TaskRun) run;
      g_autoptr (LimnPatch) first = NULL, again = NULL;
      LimnInpaintPlan plan;
      LimnPasteParams params;

      task_run_init (&run, 2, NULL);
      first = i == 0 ? inpainted (f, &run.run, &plan) : removed (f, &run.run);
      g_assert_nonnull (first->crop);
      g_assert_cmpfloat (first->crop->reach, >=, first->crop->grow + first->crop->feather);
      limn_paste_params_init (&params, first->crop);
      again = limn_paste (&run.run, first->crop, &params);
      assert_same (first->pixels, again->pixels);
      assert_same (first->alpha, again->alpha);
      g_assert_cmpint (first->rect.x, ==, again->rect.x);
      g_assert_cmpint (first->rect.y, ==, again->rect.y);
    }
}

static int
alpha_at (const LimnPatch *patch, int x, int y)
{
  LimnRect here = { x, y, 1, 1 }, common;

  return limn_rect_intersect (&here, &patch->rect, &common)
             ? limn_image_row (patch->alpha, y - patch->rect.y)[x - patch->rect.x]
             : 0;
}

/* Growing and feathering only add, in this order: feathering takes nothing from what is grown. What
 * is asked for beyond what was kept is not made up. */
static void
test_edges (Fixture *f, gconstpointer data)
{
  g_auto (TaskRun) run;
  g_autoptr (LimnPatch) first = NULL;
  LimnPasteParams params = { .opacity = 1, .colour_match = 1 };
  static const float rows[][2] = { { 0, 0 }, { 6, 0 }, { 6, 10 }, { 12, 10 }, { 1e9f, 1e9f } };
  g_autoptr (LimnPatch) before = NULL;

  task_run_init (&run, 2, NULL);
  first = removed (f, &run.run);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (LimnPatch) patch = NULL;

      params.grow = rows[i][0];
      params.feather = rows[i][1];
      patch = limn_paste (&run.run, first->crop, &params);
      g_assert_nonnull (patch);
      for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
          {
            double distance = hypot (x - 120, y - 60) - 14;

            if (distance < 0 || (distance < rows[i][0] - 1 && i < 4))
              g_assert_cmpint (alpha_at (patch, x, y), ==, 255);
            if (distance > rows[i][0] + rows[i][1] + 1 || distance > first->crop->reach + 1)
              g_assert_cmpint (alpha_at (patch, x, y), ==, 0);
            if (before != NULL)
              g_assert_cmpint (alpha_at (patch, x, y), >=, alpha_at (before, x, y));
          }
      g_clear_pointer (&before, limn_patch_free);
      before = g_steal_pointer (&patch);
    }
}

static void
test_opacity_and_colours (Fixture *f, gconstpointer data)
{
  g_auto (TaskRun) run;
  g_autoptr (LimnPatch) first = NULL, clear = NULL, half = NULL, raw = NULL;
  g_autoptr (LimnImage) picture = limn_image_copy (f->photo, NULL), part = NULL;
  LimnPasteParams params;
  LimnInpaintPlan plan;
  LimnRect rect;

  task_run_init (&run, 2, NULL);
  first = inpainted (f, &run.run, &plan);
  limn_paste_params_init (&params, first->crop);
  params.opacity = 0;
  clear = limn_paste (&run.run, first->crop, &params);
  limn_patch_apply (clear, picture);
  assert_same (picture, f->photo);
  params.opacity = 0.5f;
  half = limn_paste (&run.run, first->crop, &params);
  g_assert_cmpint (alpha_at (half, 120, 60), ==, 128);
  params.opacity = NAN;
  params.colour_match = 0;
  raw = limn_paste (&run.run, first->crop, &params);
  rect = raw->rect;
  rect.x -= first->crop->rect.x;
  rect.y -= first->crop->rect.y;
  part = limn_image_crop (first->crop->raw, &rect, NULL);
  assert_same (raw->pixels, part);
}

/* Mean difference in the hole between what is kept and @x, in levels. */
static double
mean_difference (const LimnImage *kept, const LimnTensor *x, const guint8 *hole)
{
  double sum = 0;
  gint64 n = 0;

  for (gint64 i = 0; i < x->extent[1] * x->extent[2]; i++)
    for (int c = 0; c < 3 && hole[i] >= 128; c++, n++)
      {
        double value = (limn_tensor_f32 (x)[3 * i + c] + 1) * 127.5;

        sum += fabs (limn_image_row (kept, (int)(i / kept->width))[3 * (i % kept->width) + c]
                     - CLAMP (value, 0, 255));
      }
  return sum / (double)n;
}

/* The seam of what the model made, worked out once more from what is kept: the task must have
 * joined and levelled it, and not only matched the colours as a whole. */
static void
test_seam (Fixture *f, gconstpointer data)
{
  g_auto (TaskRun) run;
  g_autoptr (LimnPatch) first = NULL;
  g_autofree guint8 *painted = NULL, *hole = NULL;
  LimnInpaintPlan plan;
  double differences[4];
  LimnRect all;
  gsize n;

  task_run_init (&run, 2, NULL);
  first = inpainted (f, &run.run, &plan);
  /* All of the crop is kept, and it was not scaled: only bytes lie between the two. */
  g_assert_cmpint (first->crop->rect.width, ==, plan.crop.width);
  g_assert_cmpint (first->crop->rect.height, ==, plan.crop.height);
  g_assert_cmpint (plan.width, ==, plan.crop.width);
  n = (gsize)plan.width * plan.height;
  all = (LimnRect){ 0, 0, plan.width, plan.height };
  painted = g_malloc (n);
  hole = g_malloc (n);
  limn_mask_shrink_max (&run.run, f->mask, &plan.crop, plan.height, plan.width, painted);
  limn_mask_falloff (&run.run, painted, plan.height, plan.width,
                     MAX (plan.grow - plan.feather / 2, 0), limn_inpaint_rim (&plan),
                     LIMN_FALLOFF_LINEAR, hole);
  for (int i = 0; i < 4; i++)
    {
      LimnTensor original = limn_image_to_tensor (&run.run, f->photo, &plan.crop);
      LimnTensor made = limn_image_to_tensor (&run.run, first->crop->raw, &all);
      LimnColourMatch match = limn_colour_match (&made, &original, hole);

      limn_colour_match_apply_in_place (&match, &made);
      if (i & 1)
        limn_seam_join_in_place (&run.run, &made, &original, hole, LIMN_SEAM_REACH);
      if (i & 2)
        limn_seam_level_in_place (&run.run, &made, &original, hole,
                                  limn_model_get_info (f->model)->latent_factor, LIMN_SEAM_REACH);
      differences[i] = mean_difference (first->crop->matched, &made, hole);
    }
  g_test_message ("both %.2f, joined %.2f, levelled %.2f, neither %.2f", differences[3],
                  differences[1], differences[2], differences[0]);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat (differences[3], <, differences[i] * MOST_OF_OTHERS);
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/paste/again", test_again);
  ADD ("/paste/edges", test_edges);
  ADD ("/paste/opacity-and-colours", test_opacity_and_colours);
  ADD ("/paste/seam", test_seam);
  return g_test_run ();
}
