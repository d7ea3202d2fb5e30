/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Two passes: at the model's size, then at the crop's own.
 */
#include <math.h>
#include <string.h>

#include "engine/task/inpaint-private.h"
#include "tests/unit/task-scene.h"
#include "tests/unit/task-testing.h"

static const TaskSceneSize scene_size = { 260, 200, 130, 100, 30 };

static LimnInpaintParams
two_pass_params (LimnModel *model)
{
  LimnInpaintParams params = task_scene_params (model);

  params.two_pass = TRUE;
  return params;
}

/* What the callbacks were told. */
typedef struct
{
  double fraction;
  int step, n_steps, n_previews;
} Told;

static void
progress_cb (const LimnProgress *progress, gpointer user_data)
{
  Told *told = user_data;

  g_assert_cmpfloat (progress->fraction, >=, told->fraction - 1e-9);
  g_assert_cmpfloat (progress->fraction, <=, 1.0 + 1e-9);
  told->fraction = progress->fraction;
  if (progress->stage != LIMN_STAGE_SAMPLE)
    return;
  g_assert_cmpint (progress->step, >=, told->step);
  told->step = progress->step;
  told->n_steps = progress->n_steps;
}

static void
preview_cb (LimnImage *preview, const LimnRect *rect, gpointer user_data)
{
  ((Told *)user_data)->n_previews++;
}

static gboolean
contains (const LimnRect *outer, const LimnRect *inner)
{
  LimnRect common;

  return limn_rect_intersect (outer, inner, &common) && common.width == inner->width
         && common.height == inner->height;
}

/* It is planned where the crop is larger than the model, and nowhere else. */
static void
test_plan (TaskScene *f, gconstpointer data)
{
  LimnInpaintParams params = two_pass_params (f->models[0]);
  LimnInpaintPlan two, one;

  g_assert_true (limn_inpaint_plan (f->models[0], f->photo, f->mask, &params, &two, NULL));
  g_assert_cmpint (two.refine_steps, >, 0);
  g_assert_cmpint (two.refine_width * two.refine_height, >, two.width * two.height);
  g_assert_true (contains (&two.crop, &two.refine_crop));
  g_assert_true (contains (&two.refine_crop, &two.mask_bounds));
  params.two_pass = FALSE;
  g_assert_true (limn_inpaint_plan (f->models[0], f->photo, f->mask, &params, &one, NULL));
  g_assert_cmpint (one.refine_steps, ==, 0);
  g_assert_true (limn_rect_is_empty (&one.refine_crop));
  g_assert_cmpint (one.width, ==, two.width);
  g_assert_cmpuint (one.memory, <=, two.memory);

  /* What is there decides what comes. */
  params.two_pass = TRUE;
  params.strength = LIMN_REFINE_LEAST - 0.1f;
  g_assert_true (limn_inpaint_plan (f->models[0], f->photo, f->mask, &params, &one, NULL));
  g_assert_cmpint (one.refine_steps, ==, 0);

  /* Small enough for the model as it is. */
  params.strength = 1;
  memset (f->mask->pixels, 0, f->mask->stride * (gsize)f->mask->height);
  limn_image_row (f->mask, 100)[130] = 255;
  params.grow = params.feather = 2;
  params.context = 4;
  g_assert_true (limn_inpaint_plan (f->models[0], f->photo, f->mask, &params, &one, NULL));
  g_assert_cmpint (one.crop.width, ==, one.width);
  g_assert_cmpint (one.refine_steps, ==, 0);
}

/* The second pass makes another picture of the hole and leaves what is around it alone, bit by bit;
 * the same bits with any number of threads. */
static void
test_exact (TaskScene *f, gconstpointer data)
{
  for (int i = 0; i < 2; i++)
    {
      LimnInpaintParams params = two_pass_params (f->models[i]);
      Told told = { 0 };
      const LimnTaskCallbacks callbacks = { progress_cb, preview_cb, &told, NULL };
      g_autoptr (LimnPatch) two = task_scene_inpaint (f, f->models[i], &params, 2, &callbacks);
      g_autoptr (LimnPatch) again = task_scene_inpaint (f, f->models[i], &params, 1, NULL);
      g_autoptr (LimnPatch) one = NULL;
      g_autoptr (LimnImage) result = limn_image_copy (f->photo, NULL);
      g_autofree char *first = limn_image_hash (two->pixels),
                      *second = limn_image_hash (again->pixels);
      g_autofree char *single = NULL;
      LimnInpaintPlan plan;
      int changed = 0, kept = 0;

      g_assert_cmpstr (first, ==, second);
      params.two_pass = FALSE;
      one = task_scene_inpaint (f, f->models[i], &params, 2, NULL);
      single = limn_image_hash (one->pixels);
      g_assert_cmpstr (first, !=, single);
      g_assert_cmpmem (&one->rect, sizeof one->rect, &two->rect, sizeof two->rect);

      params.two_pass = TRUE;
      g_assert_true (limn_inpaint_plan (f->models[i], f->photo, f->mask, &params, &plan, NULL));
      g_assert_cmpint (told.n_steps, ==, plan.steps + plan.refine_steps);
      g_assert_cmpint (told.step, ==, told.n_steps);
      g_assert_cmpint (told.n_previews, ==, told.n_steps);
      g_assert_cmpfloat (told.fraction, >, 0.9);

      limn_patch_apply (two, result);
      for (int y = 0; y < 200; y++)
        for (int x = 0; x < 260; x++)
          {
            LimnRect here = { x, y, 1, 1 }, common;
            gboolean inside = limn_rect_intersect (&here, &two->rect, &common);
            guint8 alpha
                = inside ? limn_image_row (two->alpha, y - two->rect.y)[x - two->rect.x] : 0;
            const guint8 *a = limn_image_row (f->photo, y) + 3 * x,
                         *b = limn_image_row (result, y) + 3 * x;

            if (alpha == 0)
              g_assert_cmpmem (a, 3, b, 3);
            changed += memcmp (a, b, 3) != 0;
            kept += alpha == 0;
          }
      g_assert_cmpint (changed, >, 1500);
      g_assert_cmpint (kept, >, 260 * 200 / 2);
    }
}

/* Mean of the absolute differences of neighbours in the middle of the hole. */
static double
detail (const LimnPatch *patch)
{
  double sum = 0;

  for (int y = 80; y < 120; y++)
    for (int x = 110; x < 150; x++)
      {
        const guint8 *p
            = limn_image_row (patch->pixels, y - patch->rect.y) + 3 * (x - patch->rect.x);

        sum += abs (p[0] - p[3]) + abs (p[1] - p[4]) + abs (p[2] - p[5]);
      }
  return sum / (40 * 40 * 3);
}

/* It begins with what the first pass made, and at the crop's own size: finer than what is enlarged.
 */
static void
test_begins_with_first (TaskScene *f, gconstpointer data)
{
  LimnInpaintParams params = two_pass_params (f->models[1]);
  g_autoptr (LimnPatch) two = task_scene_inpaint (f, f->models[1], &params, 2, NULL), one = NULL,
                        other = NULL;
  double to_own = 0, to_other = 0;

  params.two_pass = FALSE;
  one = task_scene_inpaint (f, f->models[1], &params, 2, NULL);
  params.seed = 4;
  other = task_scene_inpaint (f, f->models[1], &params, 2, NULL);
  g_test_message ("detail: %.2f in one pass, %.2f in two", detail (one), detail (two));
  g_assert_cmpfloat (detail (two), >, detail (one));
  for (int y = 80; y < 120; y++)
    for (int x = 110; x < 150; x++)
      {
        gsize i = 3 * (gsize)(x - two->rect.x);
        int k = y - two->rect.y, sums[3] = { 0 };

        for (int c = 0; c < 3; c++)
          {
            sums[0] += limn_image_row (two->pixels, k)[i + c];
            sums[1] += limn_image_row (one->pixels, k)[i + c];
            sums[2] += limn_image_row (other->pixels, k)[i + c];
          }
        to_own += pow (sums[0] - sums[1], 2);
        to_other += pow (sums[0] - sums[2], 2);
      }
  g_test_message ("distance: %.3g to its own first pass, %.3g to another's", to_own, to_other);
  g_assert_cmpfloat (to_own, <, to_other);
}

/* With room for the first pass alone it is refused, and said why. */
static void
test_memory (TaskScene *f, gconstpointer data)
{
  LimnInpaintParams params = two_pass_params (f->models[0]);
  g_autoptr (GError) error = NULL;
  LimnInpaintPlan two, one;
  g_auto (TaskRun) run;

  g_assert_true (limn_inpaint_plan (f->models[0], f->photo, f->mask, &params, &two, NULL));
  params.two_pass = FALSE;
  g_assert_true (limn_inpaint_plan (f->models[0], f->photo, f->mask, &params, &one, NULL));
  g_assert_cmpuint (one.memory, <, two.memory);
  task_run_init (&run, 1, NULL);
  run.run.memory_limit = one.memory;
  params.two_pass = TRUE;
  g_assert_null (limn_inpaint (f->models[0], &run.run, f->photo, f->mask, &params, NULL, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY);
  g_assert_nonnull (strstr (error->message, "without a second pass"));
}

/* The geometry of any mask in any picture. */
static void
test_geometry (void)
{
  static const LimnModelSize sizes[] = { { 64, 512, 256 }, { 16, 64, 16 }, { 32, 256, 256 } };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  int n_refined = 0;

  for (int i = 0; i < 20000; i++)
    {
      const LimnModelSize *size = &sizes[i % 3];
      int width = g_rand_int_range (rand, 1, 6000), height = g_rand_int_range (rand, 1, 6000);
      LimnRect painted
          = { g_rand_int_range (rand, 0, width), g_rand_int_range (rand, 0, height), 0, 0 };
      LimnInpaintParams params = { .grow = -1, .feather = -1, .paste_fade = -1, .context = -1 };
      LimnInpaintPlan p = { 0 };
      double first, second;

      painted.width = g_rand_int_range (rand, 1, width - painted.x + 1);
      painted.height = g_rand_int_range (rand, 1, height - painted.y + 1);
      limn_inpaint_geometry (size, width, height, &painted, &params, &p);
      limn_inpaint_refine_geometry (size, &p);
      if (limn_rect_is_empty (&p.refine_crop))
        {
          g_assert_cmpint (p.refine_width, ==, 0);
          continue;
        }
      n_refined++;
      g_assert_true (contains (&p.crop, &p.refine_crop));
      g_assert_true (contains (&p.refine_crop, &p.mask_bounds));
      g_assert_cmpint (p.refine_width % size->multiple, ==, 0);
      g_assert_cmpint (p.refine_height % size->multiple, ==, 0);
      g_assert_cmpint (p.refine_width, <=, p.refine_crop.width);
      g_assert_cmpint (p.refine_height, <=, p.refine_crop.height);
      g_assert_cmpint ((gint64)p.refine_width * p.refine_height, <=,
                       (gint64)(5.2 * size->native * size->native));
      /* More of the picture's detail, on both axes together. */
      first = (double)p.width / p.crop.width * p.height / p.crop.height;
      second
          = (double)p.refine_width / p.refine_crop.width * p.refine_height / p.refine_crop.height;
      g_assert_cmpfloat (second, >, first);
    }
  g_assert_cmpint (n_refined, >, 5000);
}

#define ADD(path, test)                                                                            \
  g_test_add (path, TaskScene, &scene_size, task_scene_set_up, test, task_scene_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/refine/geometry", test_geometry);
  ADD ("/refine/plan", test_plan);
  ADD ("/refine/exact", test_exact);
  ADD ("/refine/begins-with-first", test_begins_with_first);
  ADD ("/refine/memory", test_memory);
  return g_test_run ();
}
