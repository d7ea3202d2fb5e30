/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The whole pipeline on tiny models of random numbers: what must hold whatever the pictures look
 * like.
 */
#include <math.h>
#include <string.h>

#include "engine/task/geometry-private.h"
#include "engine/task/inpaint-private.h"
#include "engine/task/mask-private.h"
#include "tests/unit/task-testing.h"

#define INPAINTER "D-unet-crossattn-sd15-inpaint"
#define STEPS 4
#define N_MODELS 3

typedef struct
{
  LimnModel *inpainter; /* nine channels */
  LimnModel *ordinary;  /* four */
  LimnModel *ldm;       /* seven, no prompt */
  LimnImage *photo;     /* 210 x 130 */
  LimnImage *mask;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->inpainter = task_open_fixture (INPAINTER, NULL);
  f->ordinary = task_open_fixture ("J-containers/sd1-tiny.safetensors", "config.yaml");
  f->ldm = task_open_fixture ("C-unet-concat", NULL);
  f->photo = limn_image_new (210, 130, 3, NULL);
  f->mask = limn_image_new (210, 130, 1, NULL);
  for (int y = 0; y < 130; y++)
    for (int x = 0; x < 210; x++)
      {
        limn_image_row (f->photo, y)[3 * x] = (guint8)(x + y / 2);
        limn_image_row (f->photo, y)[3 * x + 1] = (guint8)(120 + 40 * sin (x * 0.1));
        limn_image_row (f->photo, y)[3 * x + 2] = (guint8)(250 - y + (x * y) % 3);
        limn_image_row (f->mask, y)[x] = hypot (x - 120, y - 60) < 14 ? 255 : 0;
      }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  limn_model_unref (f->inpainter);
  limn_model_unref (f->ordinary);
  limn_model_unref (f->ldm);
  limn_image_unref (f->photo);
  limn_image_unref (f->mask);
}

static LimnInpaintParams
default_params (LimnModel *model)
{
  LimnInpaintParams params;

  limn_inpaint_params_init (&params, model);
  params.prompt = "a calm sea";
  params.seed = 3;
  params.steps = STEPS;
  params.guidance = 2.0f;
  params.two_pass = FALSE; /* test-task-refine.c */
  return params;
}

/* One inpaint with its own pool and arena. */
static LimnPatch *
inpaint (Fixture *f,
         LimnModel *model,
         const LimnInpaintParams *params,
         int threads,
         const LimnTaskCallbacks *callbacks,
         GCancellable *cancellable,
         GError **error)
{
  g_auto (TaskRun) run;

  task_run_init (&run, threads, cancellable);
  return limn_inpaint (model, &run.run, f->photo, f->mask, params, callbacks, error);
}

static char *
hash_patch (const LimnPatch *patch)
{
  g_autofree char *pixels = limn_image_hash (patch->pixels),
                  *alpha = limn_image_hash (patch->alpha);

  return g_strconcat (pixels, alpha, NULL);
}

static LimnModel *
model_of (Fixture *f, int i)
{
  return i == 0 ? f->inpainter : i == 1 ? f->ordinary : f->ldm;
}

/* Applied, the patch changes what is masked and not a byte where its alpha is 0 or beyond its
 * rectangle. */
static void
test_exact (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < N_MODELS; i++)
    {
      LimnInpaintParams params = default_params (model_of (f, i));
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnPatch) patch = inpaint (f, model_of (f, i), &params, 2, NULL, NULL, &error);
      g_autoptr (LimnImage) result = limn_image_copy (f->photo, NULL);
      int changed = 0, kept = 0;

      g_assert_no_error (error);
      limn_patch_apply (patch, result);
      for (int y = 0; y < 130; y++)
        for (int x = 0; x < 210; x++)
          {
            LimnRect here = { x, y, 1, 1 }, common;
            gboolean inside = limn_rect_intersect (&here, &patch->rect, &common);
            guint8 alpha
                = inside ? limn_image_row (patch->alpha, y - patch->rect.y)[x - patch->rect.x] : 0;
            const guint8 *a = limn_image_row (f->photo, y) + 3 * x,
                         *b = limn_image_row (result, y) + 3 * x;

            if (limn_image_row (f->mask, y)[x] != 0)
              g_assert_cmpint (alpha, ==, 255);
            if (alpha == 0)
              g_assert_cmpmem (a, 3, b, 3);
            changed += memcmp (a, b, 3) != 0;
            kept += alpha == 0;
          }
      g_assert_cmpint (changed, >, 500);
      g_assert_cmpint (kept, >, 210 * 130 / 2);
    }
}

static void
test_threads (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < N_MODELS; i++)
    {
      LimnInpaintParams params = default_params (model_of (f, i));
      g_autofree char *first = NULL;

      for (int threads = 1; threads <= 4; threads *= 2)
        {
          g_autoptr (LimnPatch) patch
              = inpaint (f, model_of (f, i), &params, threads, NULL, NULL, NULL);
          g_autofree char *hash = hash_patch (patch);

          if (first == NULL)
            first = g_steal_pointer (&hash);
          else
            g_assert_cmpstr (hash, ==, first);
        }
    }
}

/* Every parameter that decides the result does so. */
static void
test_parameters_matter (Fixture *f, gconstpointer data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  LimnInpaintParams base = default_params (f->inpainter);
  LimnInpaintParams variants[12];
  g_autoptr (GString) longer = g_string_new (base.prompt);

  for (gsize i = 0; i < G_N_ELEMENTS (variants); i++)
    variants[i] = base;
  variants[1].seed = 4;
  variants[2].prompt = "green hills";
  variants[3].negative = "boats";
  variants[4].steps = STEPS + 1;
  variants[5].guidance = 3.0f;
  variants[6].strength = 0.5f;
  variants[7].sampler = strcmp (base.sampler, "ddim") == 0 ? "dpmpp_2m" : "ddim";
  variants[8].grow = 30.0f;
  /* Emphasis, and more words than the text encoder takes at once, on one side only. */
  variants[9].prompt = "(green:1.5) hills";
  for (int i = 0; i < 100; i++)
    g_string_append (longer, ", boats");
  variants[10].prompt = longer->str;
  variants[11].negative = longer->str;
  for (gsize i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnPatch) patch = inpaint (f, f->inpainter, &variants[i], 2, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_true (g_hash_table_add (seen, hash_patch (patch)));
    }
}

/* The published conventions, written out once more: which colour the hole has before it is encoded,
 * which values the mask has, and which of the two comes first. */
static void
test_conventions (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < N_MODELS; i += 2)
    {
      LimnModel *model = model_of (f, i);
      const LimnModelInfo *info = limn_model_get_info (model);
      gboolean ldm = i == 2;
      gint64 side = 32, small = side / info->latent_factor, channels = info->latent_channels;
      g_autofree guint8 *hole = g_malloc0 (side * side), *latent_hole = g_malloc0 (small * small);
      LimnInpaint self = { .model = model, .info = info, .hole = hole, .latent_hole = latent_hole };
      LimnTensor masked, latent;
      g_auto (TaskRun) run;

      task_run_init (&run, 1, NULL);
      self.run = &run.run;
      self.plan.width = self.plan.height = (int)side;
      self.original = limn_run_nhwc (&run.run, 1, side, side, 3);
      self.condition = limn_run_nhwc (&run.run, 1, small, small, 1 + channels);
      masked = limn_run_nhwc (&run.run, 1, side, side, 3);
      for (gint64 k = 0; k < side * side; k++)
        {
          /* Around the threshold: 127 is kept, 128 is a hole. */
          hole[k] = k / side < side / 2 ? 127 : 128;
          for (int c = 0; c < 3; c++)
            {
              float value = sinf (0.1f * k + c);

              limn_tensor_f32 (&self.original)[3 * k + c] = value;
              limn_tensor_f32 (&masked)[3 * k + c]
                  = k / side < side / 2 ? value : (ldm ? -1.0f : 0.0f);
            }
        }
      for (gint64 k = 0; k < small * small; k++)
        latent_hole[k] = k % 2 ? 128 : 127;
      g_assert_cmpint (info->inpaint_convention, ==, ldm ? LIMN_INPAINT_LDM : LIMN_INPAINT_SD);
      _limn_inpaint_make_condition (&self);
      latent = limn_model_encode (model, &run.run, &masked);
      g_assert_true (limn_run_ok (&run.run));
      for (gint64 k = 0; k < small * small; k++)
        {
          const float *got = limn_tensor_f32 (&self.condition) + k * (1 + channels);
          float outside = ldm ? -1.0f : 0.0f;

          g_assert_cmpfloat (got[ldm ? channels : 0], ==, k % 2 ? 1.0f : outside);
          g_assert_cmpmem (got + (ldm ? 0 : 1), channels * sizeof (float),
                           limn_tensor_f32 (&latent) + k * channels, channels * sizeof (float));
        }
    }
}

/* Models that have to be told what an inpaint cannot say. */
static void
test_other_models (Fixture *f, gconstpointer data)
{
  static const char *const others[] = { "K2-semantic", "E2-unet-bsr-sr" };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (LimnModel) model = task_open_fixture (others[i], NULL);
      LimnInpaintParams params;
      g_autoptr (GError) error = NULL;
      LimnInpaintPlan plan;

      limn_inpaint_params_init (&params, model);
      g_assert_false (limn_inpaint_plan (model, f->photo, f->mask, &params, &plan, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
      g_assert_nonnull (strstr (error->message, others[i]));
    }
}

static void
test_strength_steps (Fixture *f, gconstpointer data)
{
  LimnInpaintParams params = default_params (f->inpainter);
  LimnInpaintPlan plan;

  params.steps = 20;
  params.strength = 0.5f;
  g_assert_true (limn_inpaint_plan (f->inpainter, f->photo, f->mask, &params, &plan, NULL));
  g_assert_cmpint (plan.steps, ==, 10);
  params.strength = 0.05f;
  g_assert_true (limn_inpaint_plan (f->inpainter, f->photo, f->mask, &params, &plan, NULL));
  g_assert_cmpint (plan.steps, >=, 4);
  g_assert_cmpint (plan.steps, <=, 5);
  params.steps = 2;
  params.strength = 1.0f;
  g_assert_true (limn_inpaint_plan (f->inpainter, f->photo, f->mask, &params, &plan, NULL));
  g_assert_cmpint (plan.steps, ==, 2);
  g_assert_cmpuint (plan.memory, >, 1000000);
}

static void
test_bad_arguments (Fixture *f, gconstpointer data)
{
  LimnInpaintParams base = default_params (f->inpainter), cases[12];
  g_autoptr (LimnImage) other = limn_image_new (130, 210, 1, NULL),
                        empty = limn_image_new (210, 130, 1, NULL);
  const LimnImage *masks[] = { other, empty, f->photo };
  LimnInpaintPlan plan;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    cases[i] = base;
  cases[0].steps = 0;
  cases[1].steps = 201;
  cases[2].guidance = 0.5f;
  cases[3].guidance = NAN;
  cases[4].strength = 0.0f;
  cases[5].strength = 1.5f;
  cases[6].strength = NAN;
  cases[7].sampler = "no such sampler";
  cases[8].sampler = NULL;
  cases[9].grow = NAN;
  cases[10].feather = 1e9f;
  cases[11].context = INFINITY;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          limn_inpaint_plan (f->inpainter, f->photo, f->mask, &cases[i], &plan, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (inpaint (&(Fixture){ .photo = f->photo, .mask = (LimnImage *)masks[i] },
                              f->inpainter, &base, 1, NULL, NULL, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
    }
}

/* What the callbacks were told. */
typedef struct
{
  double fraction;
  int stage, n_previews, cancel_stage, cancel_step;
  LimnRect crop;
  GCancellable *cancellable;
} Told;

static void
progress_cb (const LimnProgress *progress, gpointer user_data)
{
  Told *told = user_data;

  g_assert_cmpfloat (progress->fraction, >=, told->fraction);
  g_assert_cmpfloat (progress->fraction, <=, 1.0);
  g_assert_cmpint (progress->stage, >=, told->stage);
  g_assert_cmpint (progress->step, <=, progress->n_steps);
  told->fraction = progress->fraction;
  told->stage = progress->stage;
  if (told->cancellable != NULL && (int)progress->stage == told->cancel_stage
      && progress->step >= told->cancel_step)
    g_cancellable_cancel (told->cancellable);
}

static void
preview_cb (LimnImage *preview, const LimnRect *rect, gpointer user_data)
{
  Told *told = user_data;

  g_assert_cmpint (preview->channels, ==, 4);
  g_assert_cmpmem (rect, sizeof *rect, &told->crop, sizeof told->crop);
  g_assert_cmpint (limn_image_row (preview, preview->height / 2)[3], >=, 0);
  told->n_previews++;
}

static void
test_progress (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < N_MODELS; i++)
    {
      LimnInpaintParams params = default_params (model_of (f, i));
      Told told = { 0 };
      LimnTaskCallbacks callbacks = { progress_cb, preview_cb, &told };
      g_autoptr (LimnPatch) patch = NULL;
      LimnInpaintPlan plan;

      g_assert_true (limn_inpaint_plan (model_of (f, i), f->photo, f->mask, &params, &plan, NULL));
      told.crop = plan.crop;
      patch = inpaint (f, model_of (f, i), &params, 2, &callbacks, NULL, NULL);
      g_assert_nonnull (patch);
      g_assert_cmpint (told.n_previews, ==, plan.steps);
      g_assert_cmpint (told.stage, ==, LIMN_STAGE_BLEND);
      g_assert_cmpfloat (told.fraction, >, 0.9);
      g_assert_cmpmem (&patch->rect, sizeof patch->rect, &plan.mask_bounds,
                       sizeof plan.mask_bounds);
    }
}

/* Cancelled at the beginning of each stage and in the middle of denoising: an error of that kind,
 * and no result. */
static void
test_cancel (Fixture *f, gconstpointer data)
{
  for (int stage = LIMN_STAGE_PREPARE; stage <= LIMN_STAGE_BLEND; stage++)
    {
      LimnInpaintParams params = default_params (f->inpainter);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Told told = { .cancellable = cancellable,
                    .cancel_stage = stage,
                    .cancel_step = stage == LIMN_STAGE_SAMPLE ? 2 : 0 };
      LimnTaskCallbacks callbacks = { progress_cb, NULL, &told };
      g_autoptr (GError) error = NULL;

      g_assert_null (inpaint (f, f->inpainter, &params, 2, &callbacks, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpint (told.stage, ==, stage);
    }
}

/* A run and its arena serve one task after the other: nothing is left over, and the result is the
 * same. */
static void
test_run_again (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnPool) pool = limn_pool_new (2, FALSE);
  g_autoptr (LimnArena) arena = limn_arena_new (0);
  g_auto (LimnRun) run = { 0 };
  LimnInpaintParams params = default_params (f->inpainter);
  g_autofree char *first = NULL;
  gsize peak = 0;

  limn_run_init (&run, pool, arena, NULL);
  for (int round = 0; round < 3; round++)
    {
      g_autoptr (LimnPatch) patch
          = limn_inpaint (f->inpainter, &run, f->photo, f->mask, &params, NULL, NULL);
      g_autofree char *hash = hash_patch (patch);

      if (round == 0)
        first = g_strdup (hash);
      g_assert_cmpstr (hash, ==, first);
      if (round > 0)
        g_assert_cmpuint (limn_arena_get_peak (arena), ==, peak);
      peak = limn_arena_get_peak (arena);
    }
}

/* What was planned is an upper estimate of what was taken. */
static void
test_memory_estimate (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnPool) pool = limn_pool_new (2, FALSE);
  g_autoptr (LimnArena) arena = limn_arena_new (0);
  g_auto (LimnRun) run = { 0 };
  LimnInpaintParams params = default_params (f->inpainter);
  g_autoptr (LimnPatch) patch = NULL;
  LimnInpaintPlan plan;

  limn_run_init (&run, pool, arena, NULL);
  g_assert_true (limn_inpaint_plan (f->inpainter, f->photo, f->mask, &params, &plan, NULL));
  patch = limn_inpaint (f->inpainter, &run, f->photo, f->mask, &params, NULL, NULL);
  g_assert_nonnull (patch);
  g_assert_cmpuint (limn_arena_get_peak (arena), <=, plan.memory);
}

/* What is planned is enough, with no weights kept; with a byte less it is not begun. With plenty all
 * are kept but those of what reads the prompt. */
static void
test_memory_limit (Fixture *f, gconstpointer data)
{
  LimnInpaintParams params = default_params (f->inpainter);
  g_autofree char *first = NULL;
  LimnInpaintPlan plan;

  g_assert_true (limn_inpaint_plan (f->inpainter, f->photo, f->mask, &params, &plan, NULL));
  for (int i = 0; i < 3; i++)
    {
      const gsize limits[] = { 0, plan.memory, plan.memory - 1 };
      g_auto (TaskRun) run;
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnPatch) patch = NULL;
      g_autofree char *hash = NULL;

      task_run_init (&run, 2, NULL);
      run.run.memory_limit = limits[i];
      patch = limn_inpaint (f->inpainter, &run.run, f->photo, f->mask, &params, NULL, &error);
      if (i == 2)
        {
          g_assert_null (patch);
          g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY);
          g_assert_nonnull (strstr (error->message, "may be used"));
          continue;
        }
      g_assert_no_error (error);
      hash = hash_patch (patch);
      if (i == 0)
        {
          first = g_steal_pointer (&hash);
          g_assert_cmpuint (limn_model_get_kept_bytes (f->inpainter), >, 0);
          g_assert_cmpuint (limn_model_get_kept_bytes (f->inpainter), <,
                            limn_model_get_weight_bytes (f->inpainter));
          continue;
        }
      g_assert_cmpstr (hash, ==, first);
      g_assert_cmpuint (limn_model_get_kept_bytes (f->inpainter), ==, 0);
    }
}

/* Only the crop costs: fifty megapixels are as good as any. */
static void
test_fifty_megapixels (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) photo = limn_image_new (8688, 5792, 3, NULL),
                        mask = limn_image_new (8688, 5792, 1, NULL);
  Fixture large = { .photo = photo, .mask = mask };
  LimnInpaintParams params = default_params (f->inpainter);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnPatch) small = NULL, wide = NULL;
  LimnInpaintPlan plan;

  memset (photo->pixels, 90, photo->stride * (gsize)photo->height);
  for (int y = 5700; y < 5720; y++)
    memset (limn_image_row (mask, y) + 8600, 255, 30);
  small = inpaint (&large, f->inpainter, &params, 2, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (small->rect.x + small->rect.width, <=, 8688);
  g_assert_true (limn_inpaint_plan (f->inpainter, photo, mask, &params, &plan, NULL));
  g_assert_cmpuint (plan.memory, <, 400000000);

  /* A mask over nearly everything: the crop is the picture. */
  for (int y = 50; y < 5700; y++)
    memset (limn_image_row (mask, y) + 50, 255, 8500);
  params.steps = 1;
  wide = inpaint (&large, f->inpainter, &params, 2, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (wide->rect.width, >=, 8500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/task/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("inpaint/exact", test_exact);
  ADD ("inpaint/threads", test_threads);
  ADD ("inpaint/parameters-matter", test_parameters_matter);
  ADD ("inpaint/conventions", test_conventions);
  ADD ("inpaint/other-models", test_other_models);
  ADD ("inpaint/strength-steps", test_strength_steps);
  ADD ("inpaint/bad-arguments", test_bad_arguments);
  ADD ("inpaint/progress", test_progress);
  ADD ("inpaint/cancel", test_cancel);
  ADD ("inpaint/run-again", test_run_again);
  ADD ("inpaint/memory-estimate", test_memory_estimate);
  ADD ("inpaint/memory-limit", test_memory_limit);
  ADD ("inpaint/fifty-megapixels", test_fifty_megapixels);
  return g_test_run ();
}
