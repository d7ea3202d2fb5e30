/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/task/remove.h"
#include "tests/unit/task-testing.h"

#define WIDTH 200
#define HEIGHT 150
#define RADIUS 26

/* What a removed disc must come back as, against the picture that never had it: of a texture, and
 * of a gradient. A fill with the mean colour reaches neither. */
#define MIN_PSNR_TEXTURE 24.0
#define MIN_PSNR_GRADIENT 34.0
/* Levels that the mean may jump by at the edge of a removal. */
#define MAX_STEP 12.0

typedef struct
{
  LimnImage *texture, *gradient; /* as they should be */
  LimnImage *mask;               /* the disc */
} Fixture;

static double
from_disc (int x, int y)
{
  return hypot (x - 90, y - 70);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->texture = limn_image_new (WIDTH, HEIGHT, 3, NULL);
  f->gradient = limn_image_new (WIDTH, HEIGHT, 3, NULL);
  f->mask = limn_image_new (WIDTH, HEIGHT, 1, NULL);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        for (int c = 0; c < 3; c++)
          {
            limn_image_row (f->texture, y)[3 * x + c]
                = (guint8)(128 + 60 * sin (0.5 * x + 0.15 * y + c) + 50 * sin (0.6 * y));
            limn_image_row (f->gradient, y)[3 * x + c]
                = (guint8)(40 + 0.5 * x + (0.2 + 0.2 * c) * y);
          }
        limn_image_row (f->mask, y)[x] = from_disc (x, y) < RADIUS ? 255 : 0;
      }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  limn_image_unref (f->texture);
  limn_image_unref (f->gradient);
  limn_image_unref (f->mask);
}

/* With the disc on it, in red. */
static LimnImage *
covered (Fixture *f, const LimnImage *image)
{
  LimnImage *copy = limn_image_copy (image, NULL);

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      if (limn_image_row (f->mask, y)[x])
        memcpy (limn_image_row (copy, y) + 3 * x, "\xff\x10\x10", 3);
  return copy;
}

static LimnPatch *
removed (const LimnImage *image,
         const LimnImage *mask,
         const LimnRemoveParams *params,
         int threads,
         const LimnTaskCallbacks *callbacks,
         GCancellable *cancellable,
         GError **error)
{
  g_auto (TaskRun) run;

  task_run_init (&run, threads, cancellable);
  return limn_remove (&run.run, image, mask, params, callbacks, error);
}

/* Of the masked pixels. */
static double
psnr (Fixture *f, const LimnImage *a, const LimnImage *b)
{
  double sum = 0;
  int n = 0;

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < 3 * WIDTH; x++)
      if (limn_image_row (f->mask, y)[x / 3])
        {
          sum += pow (limn_image_row (a, y)[x] - limn_image_row (b, y)[x], 2);
          n++;
        }
  return 10 * log10 (255.0 * 255.0 / MAX (sum / n, 1e-6));
}

/* @image with the masked pixels in the mean of all others. */
static LimnImage *
mean_fill (Fixture *f, const LimnImage *image)
{
  LimnImage *copy = limn_image_copy (image, NULL);
  double sum[3] = { 0 };
  int n = 0;

  for (int pass = 0; pass < 2; pass++)
    for (int y = 0; y < HEIGHT; y++)
      for (int x = 0; x < WIDTH; x++)
        {
          gboolean masked = limn_image_row (f->mask, y)[x] > 0;

          n += pass == 0 && !masked;
          for (int c = 0; c < 3; c++)
            if (pass == 0 && !masked)
              sum[c] += limn_image_row (image, y)[3 * x + c];
            else if (pass == 1 && masked)
              limn_image_row (copy, y)[3 * x + c] = (guint8)(sum[c] / n);
        }
  return copy;
}

static void
test_known (Fixture *f, gconstpointer data)
{
  LimnImage *truth[] = { f->texture, f->gradient };
  static const double bounds[] = { MIN_PSNR_TEXTURE, MIN_PSNR_GRADIENT };

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (LimnImage) image = covered (f, truth[i]), plain = mean_fill (f, truth[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnPatch) patch = NULL;
      LimnRemoveParams params;

      limn_remove_params_init (&params);
      patch = removed (image, f->mask, &params, 2, NULL, NULL, &error);
      g_assert_no_error (error);
      limn_patch_apply (patch, image);
      g_test_message ("%.1f dB; mean colour %.1f dB", psnr (f, image, truth[i]),
                      psnr (f, plain, truth[i]));
      g_assert_cmpfloat (psnr (f, image, truth[i]), >, bounds[i]);
      g_assert_cmpfloat (psnr (f, plain, truth[i]), <, bounds[i] - 6);
    }
}

/* Not a byte where the patch's alpha is 0, all of what is painted, nothing beyond what grows. */
static void
test_exact (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) image = covered (f, f->texture), result = limn_image_copy (image, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnPatch) patch = NULL;
  LimnRemoveParams params;

  limn_remove_params_init (&params);
  params.grow = 5;
  patch = removed (image, f->mask, &params, 2, NULL, NULL, &error);
  g_assert_no_error (error);
  limn_patch_apply (patch, result);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        LimnRect here = { x, y, 1, 1 }, common;
        gboolean inside = limn_rect_intersect (&here, &patch->rect, &common);
        guint8 alpha
            = inside ? limn_image_row (patch->alpha, y - patch->rect.y)[x - patch->rect.x] : 0;

        if (limn_image_row (f->mask, y)[x])
          g_assert_cmpint (alpha, ==, 255);
        if (from_disc (x, y) > RADIUS + 5)
          g_assert_cmpint (alpha, ==, 0);
        if (alpha == 0)
          g_assert_cmpmem (limn_image_row (image, y) + 3 * x, 3, limn_image_row (result, y) + 3 * x,
                           3);
      }
}

/* A halo around what is painted goes, too, where the mask is grown over it, and stays without. */
static void
test_grow (Fixture *f, gconstpointer data)
{
  for (int grow = 0; grow <= 6; grow += 6)
    {
      g_autoptr (LimnImage) image = limn_image_copy (f->texture, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnPatch) patch = NULL;
      LimnRemoveParams params;
      int n_red = 0;

      for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
          if (from_disc (x, y) < RADIUS + 3)
            memcpy (limn_image_row (image, y) + 3 * x, "\xff\x10\x10", 3);
      limn_remove_params_init (&params);
      params.grow = (float)grow;
      patch = removed (image, f->mask, &params, 2, NULL, NULL, &error);
      g_assert_no_error (error);
      limn_patch_apply (patch, image);
      for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
          {
            const guint8 *pixel = limn_image_row (image, y) + 3 * x;

            n_red += pixel[0] > 240 && pixel[1] < 32 && pixel[2] < 32;
          }
      if (grow == 0)
        g_assert_cmpint (n_red, >, 200);
      else
        g_assert_cmpint (n_red, ==, 0);
    }
}

/* A light that is brightest under the disc: patches of what is left are all darker than what the
 * disc ends at, and only the seam knows by how much. */
static void
test_seam (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) image = limn_image_new (WIDTH, HEIGHT, 3, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnPatch) patch = NULL;
  LimnRemoveParams params;
  double inside = 0, outside = 0;
  int n_inside = 0, n_outside = 0;

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      memset (limn_image_row (image, y) + 3 * x,
              (int)(60 + 170 * exp (-pow (from_disc (x, y) / 26, 2))) + (x * 7 + y * 13) % 5, 3);
  limn_remove_params_init (&params);
  params.grow = 0;
  patch = removed (image, f->mask, &params, 2, NULL, NULL, &error);
  g_assert_no_error (error);
  limn_patch_apply (patch, image);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        double distance = from_disc (x, y), value = limn_image_row (image, y)[3 * x];

        if (distance > RADIUS - 2 && distance < RADIUS)
          inside += value, n_inside++;
        else if (distance >= RADIUS && distance < RADIUS + 2)
          outside += value, n_outside++;
      }
  g_test_message ("inside %.1f, outside %.1f", inside / n_inside, outside / n_outside);
  g_assert_cmpfloat (inside / n_inside, >, outside / n_outside - MAX_STEP);
}

static char *
hash_patch (const LimnPatch *patch)
{
  g_autofree char *pixels = limn_image_hash (patch->pixels),
                  *alpha = limn_image_hash (patch->alpha);

  return g_strconcat (pixels, alpha, NULL);
}

static void
test_threads (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) image = covered (f, f->texture);
  g_autofree char *first = NULL;
  LimnRemoveParams params;

  limn_remove_params_init (&params);
  for (int threads = 1; threads <= 4; threads *= 2)
    {
      g_autoptr (LimnPatch) patch = removed (image, f->mask, &params, threads, NULL, NULL, NULL);
      g_autofree char *hash = hash_patch (patch);

      if (first == NULL)
        first = g_steal_pointer (&hash);
      else
        g_assert_cmpstr (hash, ==, first);
    }
}

typedef struct
{
  GCancellable *cancellable; /* nullable: cancelled in the middle */
  double last, leap; /* the largest step of it */
  int calls;
} Watch;

static void
watch (const LimnProgress *progress, gpointer data)
{
  Watch *self = data;

  g_assert_cmpfloat (progress->fraction, >=, self->last);
  g_assert_cmpfloat (progress->fraction, <=, 1.0);
  g_assert_cmpint (progress->step, <=, progress->n_steps);
  self->leap = MAX (self->leap, progress->fraction - self->last);
  self->last = progress->fraction;
  self->calls++;
  if (self->cancellable != NULL && progress->stage == LIMN_STAGE_SAMPLE && progress->step > 1)
    g_cancellable_cancel (self->cancellable);
}

static void
test_progress (Fixture *f, gconstpointer data)
{
  Watch state = { .calls = 0 };
  LimnTaskCallbacks callbacks = { .progress = watch, .user_data = &state };
  g_autoptr (LimnPatch) patch = NULL;
  LimnRemoveParams params;

  limn_remove_params_init (&params);
  patch = removed (f->texture, f->mask, &params, 1, &callbacks, NULL, NULL);
  g_assert_nonnull (patch);
  g_assert_cmpint (state.calls, >, 4);
  g_assert_cmpfloat (state.last, >, 0.8);
  g_assert_cmpfloat (state.leap, <, 0.12);
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Watch state = { .cancellable = cancellable };
  LimnTaskCallbacks callbacks = { .progress = watch, .user_data = &state };
  g_autoptr (GError) error = NULL;
  LimnRemoveParams params;

  limn_remove_params_init (&params);
  g_assert_null (removed (f->texture, f->mask, &params, 2, &callbacks, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_errors (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) empty = limn_image_new (WIDTH, HEIGHT, 1, NULL);
  g_autoptr (LimnImage) full = limn_image_new (WIDTH, HEIGHT, 1, NULL);
  g_autoptr (LimnImage) small = limn_image_new (WIDTH - 1, HEIGHT, 1, NULL);
  LimnRemoveParams usual, odd;
  const struct
  {
    LimnImage *mask;
    LimnRemoveParams *params;
    const char *part;
  } rows[] = {
    { empty, &usual, "empty" },        { full, &usual, "whole picture" },
    { small, &usual, "199 × 150" },    { f->texture, &usual, "one channel" },
    { f->mask, &odd, "Grow must be" },
  };

  memset (full->pixels, 255, full->stride * HEIGHT);
  limn_remove_params_init (&usual);
  odd = usual;
  odd.grow = NAN;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (removed (f->texture, rows[i].mask, rows[i].params, 1, NULL, NULL, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
      g_assert_nonnull (strstr (error->message, rows[i].part));
    }
}

/* Pictures of a few pixels, with one of them masked. */
static void
test_tiny (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 25; i++)
    {
      g_autoptr (LimnImage) image = limn_image_new (i % 5 * 3 + 1, i / 5 * 3 + 1, 4, NULL);
      g_autoptr (LimnImage) mask = limn_image_new (image->width, image->height, 1, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnPatch) patch = NULL;
      LimnRemoveParams params;

      memset (image->pixels, 200, image->stride * (gsize)image->height);
      memset (image->pixels, 0, 3);
      mask->pixels[0] = 255;
      limn_remove_params_init (&params);
      params.grow = 0;
      patch = removed (image, mask, &params, 1, NULL, NULL, &error);
      if (i == 0)
        {
          g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
          continue;
        }
      g_assert_no_error (error);
      limn_patch_apply (patch, image);
      /* Alpha 200 over white. */
      g_assert_cmpint (abs (image->pixels[0] - 212), <=, 3);
    }
}

/* What is worked on is bounded, however large the hole. */
static void
test_large (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) image = limn_image_new (6000, 3000, 3, NULL);
  g_autoptr (LimnImage) mask = limn_image_new (6000, 3000, 1, NULL);
  LimnInpaintPlan plan;
  LimnRemoveParams params;

  for (int y = 300; y < 2500; y++)
    memset (limn_image_row (mask, y) + 1000, 255, 4000);
  limn_remove_params_init (&params);
  g_assert_true (limn_remove_plan (image, mask, &params, &plan, NULL));
  g_assert_cmpint (plan.width * plan.height, <, 3000000);
  g_assert_cmpuint (plan.memory, <, 500 * 1000 * 1000);
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/remove/known", test_known);
  ADD ("/remove/exact", test_exact);
  ADD ("/remove/grow", test_grow);
  ADD ("/remove/seam", test_seam);
  ADD ("/remove/threads", test_threads);
  ADD ("/remove/progress", test_progress);
  ADD ("/remove/cancel", test_cancel);
  ADD ("/remove/errors", test_errors);
  ADD ("/remove/tiny", test_tiny);
  ADD ("/remove/large", test_large);
  return g_test_run ();
}
