/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "app/limn-job-private.h"
#include "tests/app/fixtures.h"

/* The queue with the real engine and the models that come with Limn: few steps, small pictures. */

typedef struct
{
  LimnHistory *history;
  LimnLibrary *library;
  LimnJobQueue *queue;
} World;

static void
set_up (World *world, gconstpointer data)
{
  g_autofree char *models = g_test_build_filename (G_TEST_DIST, "..", "..", "data", "models", NULL);
  g_autofree char *folder = fixture_folder ();

  g_setenv ("LIMN_MODELS_DIR", models, TRUE);
  world->history = limn_history_open (folder, NULL);
  world->library = limn_library_new ();
  world->queue = limn_job_queue_new (world->history, 2);
}

static void
tear_down (World *world, gconstpointer data)
{
  g_assert_finalize_object (world->queue);
  g_object_unref (world->library);
  g_object_unref (world->history);
}

static void
finished_cb (LimnJob *job, gboolean *done)
{
  *done = TRUE;
}

static void
preview_cb (LimnJob *job, int *previews)
{
  (*previews)++;
}

static void
run (World *world, LimnJob *job)
{
  gboolean done = FALSE;

  g_signal_connect (job, "finished", G_CALLBACK (finished_cb), &done);
  limn_job_queue_add (world->queue, job);
  fixture_wait (&done);
}

static LimnTiles *
new_mask (int width, int height, const LimnRect *hole)
{
  g_autoptr (LimnImage) mask = limn_image_new (width, height, 1, NULL);

  for (int y = hole->y; y < hole->y + hole->height; y++)
    memset (limn_image_row (mask, y) + hole->x, 255, hole->width);
  return limn_tiles_new_from_image (mask);
}

/* What the history has of @job's crop is what the job made: it pastes as that does, in any way. */
static void
check_kept_crop (World *world, LimnJob *job)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnGeneration) found
      = limn_history_lookup (world->history, limn_generation_get_id (limn_job_get_generation (job)), NULL);
  g_autoptr (LimnCrop) kept = limn_history_load_crop (world->history, found, &error);
  g_autoptr (LimnPool) pool = limn_pool_new (1, FALSE);
  LimnCrop *made = limn_job_get_patch (job)->crop;

  g_assert_no_error (error);
  g_assert_cmpmem (&kept->rect, sizeof kept->rect, &made->rect, sizeof made->rect);
  g_assert_true (fixture_images_equal (kept->raw, made->raw));
  g_assert_true (fixture_images_equal (kept->matched, made->matched));
  g_assert_true (fixture_images_equal (kept->mask, made->mask));
  g_assert_cmpint (kept->grey, ==, made->grey);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (LimnArena) arena = limn_arena_new (0);
      g_autoptr (LimnPatch) a = NULL, b = NULL;
      g_auto (LimnRun) run;
      LimnPasteParams params;

      limn_run_init (&run, pool, arena, NULL);
      limn_paste_params_init (&params, kept);
      params.grow += (float) (3 * i);
      params.colour_match = i == 0 ? 1.0f : 0.3f;
      a = limn_paste (&run, kept, &params);
      b = limn_paste (&run, made, &params);
      g_assert_true (fixture_images_equal (a->pixels, b->pixels));
      g_assert_true (fixture_images_equal (a->alpha, b->alpha));
    }
}

static void
test_inpaint (World *world, gconstpointer data)
{
  LimnModelEntry *model = limn_library_find (world->library, LIMN_CAN_INPAINT);
  g_autoptr (LimnImage) image = fixture_gradient (200, 150, 3);
  g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
  g_autoptr (LimnTiles) mask = new_mask (200, 150, &(LimnRect) { 80, 60, 40, 30 });
  g_autoptr (LimnJob) job = NULL;
  g_autoptr (LimnJob) again = NULL;
  g_autoptr (LimnDocument) document = NULL;
  g_autoptr (LimnImage) shown = NULL;
  g_autoptr (LimnImage) stored = NULL;
  g_autoptr (GError) error = NULL;
  LimnInpaintParams params;
  int previews = 0;

  g_assert_nonnull (model);
  limn_inpaint_params_init (&params, limn_model_entry_get_model (model));
  params.prompt = "sky";
  params.seed = 7;
  params.steps = 4;
  job = limn_job_new_inpaint (model, tiles, mask, &params, "gradient.png");
  g_signal_connect (job, "preview", G_CALLBACK (preview_cb), &previews);
  run (world, job);
  g_assert_no_error (limn_job_get_error (job));
  g_assert_cmpint (limn_job_get_state (job), ==, LIMN_JOB_DONE);
  g_assert_cmpstr (limn_job_get_history_error (job), ==, NULL);
  g_assert_cmpint (previews, >, 0);

  /* What the document shows is what the history will show. */
  document = limn_document_new (limn_tiles_copy (tiles), NULL, NULL);
  limn_document_apply_patch (document, limn_job_get_patch (job), "Generate", NULL);
  shown = limn_tiles_to_image (limn_document_get_image (document), NULL);
  stored = limn_history_load_result (world->history, limn_job_get_generation (job), &error);
  g_assert_no_error (error);
  g_assert_true (fixture_images_equal (shown, stored));
  g_assert_false (fixture_images_equal (shown, image));
  check_kept_crop (world, job);

  /* The row is enough to make the same bits again. */
  limn_generation_get_inpaint_params (limn_job_get_generation (job), &params);
  again = limn_job_new_inpaint (model, tiles, mask, &params, "gradient.png");
  run (world, again);
  g_assert_no_error (limn_job_get_error (again));
  g_assert_true (fixture_images_equal (limn_job_get_patch (job)->pixels, limn_job_get_patch (again)->pixels));
  g_assert_true (fixture_images_equal (limn_job_get_patch (job)->alpha, limn_job_get_patch (again)->alpha));
}

/* Without any model: a patch, a row, how long it takes; and nothing in the metadata that was not there. */
static void
test_remove (World *world, gconstpointer data)
{
  g_autoptr (LimnImage) image = fixture_gradient (200, 150, 3);
  g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
  g_autoptr (LimnTiles) mask = new_mask (200, 150, &(LimnRect) { 80, 60, 40, 30 });
  g_autoptr (LimnImage) flat_mask = limn_tiles_to_image (mask, NULL);
  g_autoptr (LimnImage) shown = limn_image_copy (image, NULL), stored = NULL;
  g_autoptr (LimnJob) job = NULL, again = NULL;
  g_autoptr (LimnGeneration) found = NULL;
  g_autoptr (GHashTable) text = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *model = NULL, *hash = NULL, *costs = NULL;
  LimnRemoveParams params;
  LimnInpaintPlan plan;

  limn_remove_params_init (&params);
  params.seed = 5;
  params.grow = 6;
  params.crop = (LimnRect) { 20, 10, 150, 120 };
  g_assert_true (limn_remove_plan (image, flat_mask, &params, &plan, NULL));
  job = limn_job_new_remove (tiles, mask, &params, "gradient.png");
  limn_job_find_preview_decoder (job, world->library);
  run (world, job);
  g_assert_no_error (limn_job_get_error (job));
  g_assert_cmpint (limn_job_get_state (job), ==, LIMN_JOB_DONE);
  g_assert_cmpstr (limn_job_get_history_error (job), ==, NULL);
  g_assert_cmpfloat (limn_job_queue_estimate_remove (world->queue, &plan), >, 0);
  /* What only models need is not measured for it, nor counted as its time. */
  costs = g_build_filename (g_get_user_cache_dir (), "limn", "convolution.ini", NULL);
  g_assert_false (g_file_test (costs, G_FILE_TEST_EXISTS));

  found = limn_history_lookup (world->history, limn_generation_get_id (limn_job_get_generation (job)), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (limn_generation_get_kind (found), ==, "remove");
  g_object_get (found, "model", &model, "model-hash", &hash, NULL);
  g_assert_null (model);
  g_assert_null (hash);
  limn_patch_apply (limn_job_get_patch (job), shown);
  stored = limn_history_load_result (world->history, found, &error);
  g_assert_no_error (error);
  g_assert_true (fixture_images_equal (shown, stored));
  check_kept_crop (world, job);
  text = limn_generation_to_text (found);
  g_assert_null (strstr (g_hash_table_lookup (text, "parameters"), "Steps"));
  g_assert_null (strstr (g_hash_table_lookup (text, "parameters"), "CFG"));
  g_assert_nonnull (strstr (g_hash_table_lookup (text, "parameters"), "Seed: 5"));
  limn_remove_params_init (&params);
  limn_generation_get_remove_params (found, &params);
  g_assert_cmpfloat (params.grow, ==, 6);
  g_assert_cmpint (params.crop.x, ==, 20);
  g_assert_cmpint (params.crop.height, ==, 120);
  again = limn_job_new_remove (tiles, mask, &params, "gradient.png");
  run (world, again);
  g_assert_true (fixture_images_equal (limn_job_get_patch (job)->pixels, limn_job_get_patch (again)->pixels));
}

static void
count_opaque_cb (LimnJob *job, int *n_large)
{
  LimnRect rect;
  LimnImage *preview = limn_job_get_preview (job, &rect);

  /* As sharp as the picture, and none of the model's. */
  *n_large += preview->width == rect.width && preview->height == rect.height;
}

/* Where no words say what should come, what a removal makes of it is the first preview. */
static void
test_first_preview (World *world, gconstpointer data)
{
  LimnModelEntry *model = limn_library_find (world->library, LIMN_CAN_INPAINT);
  g_autoptr (LimnImage) image = fixture_gradient (200, 150, 3);
  g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
  g_autoptr (LimnTiles) mask = new_mask (200, 150, &(LimnRect) { 80, 60, 40, 30 });
  LimnInpaintParams params;

  limn_inpaint_params_init (&params, limn_model_entry_get_model (model));
  params.steps = 4;
  for (int words = 0; words < 2; words++)
    {
      g_autoptr (LimnJob) job = NULL;
      int n_large = 0;

      params.prompt = words ? "sky" : "";
      job = limn_job_new_inpaint (model, tiles, mask, &params, NULL);
      g_signal_connect (job, "preview", G_CALLBACK (count_opaque_cb), &n_large);
      run (world, job);
      g_assert_no_error (limn_job_get_error (job));
      g_assert_cmpint (n_large, ==, words ? 0 : 1);
    }
}

/* What cannot be done is an error with a sentence. */
static void
test_bad_orders (World *world, gconstpointer data)
{
  LimnModelEntry *model = limn_library_find (world->library, LIMN_CAN_INPAINT);
  g_autoptr (LimnImage) image = fixture_gradient (200, 150, 3);
  g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
  g_autoptr (LimnTiles) empty = limn_tiles_new (200, 150, 1);
  g_autoptr (LimnTiles) other = new_mask (100, 150, &(LimnRect) { 10, 10, 20, 20 });
  g_autoptr (LimnTiles) good = new_mask (200, 150, &(LimnRect) { 10, 10, 20, 20 });
  LimnInpaintParams params;
  LimnTiles *masks[] = { empty, other, good };

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (LimnJob) job = NULL;

      limn_inpaint_params_init (&params, limn_model_entry_get_model (model));
      params.prompt = "";
      if (masks[i] == good)
        params.sampler = "no such sampler";
      job = limn_job_new_inpaint (model, tiles, masks[i], &params, NULL);
      run (world, job);
      g_assert_cmpint (limn_job_get_state (job), ==, LIMN_JOB_FAILED);
      g_assert_error (limn_job_get_error (job), LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
      g_test_message ("%s", limn_job_get_error (job)->message);
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (world->history)), ==, 0);
}

static void
cancel_cb (LimnJob *job, GParamSpec *pspec, gpointer user_data)
{
  limn_job_cancel (job);
}

/* A job gets no more memory than the queue is told, and says what would fit. */
static void
test_memory_limit (World *world, gconstpointer data)
{
  LimnModelEntry *model = limn_library_find (world->library, LIMN_CAN_INPAINT);
  g_autoptr (LimnImage) image = fixture_gradient (200, 150, 3);
  g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
  g_autoptr (LimnTiles) mask = new_mask (200, 150, &(LimnRect) { 80, 60, 40, 30 });

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (LimnJob) job = NULL;
      LimnInpaintParams params;

      limn_inpaint_params_init (&params, limn_model_entry_get_model (model));
      params.prompt = "sky";
      params.steps = 1;
      job = limn_job_new_inpaint (model, tiles, mask, &params, NULL);
      limn_job_queue_set_memory_limit (world->queue, i == 0 ? 1000000 : 0);
      run (world, job);
      if (i == 0)
        g_assert_error (limn_job_get_error (job), LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY);
      else
        g_assert_no_error (limn_job_get_error (job));
    }
}

static void
test_cancel (World *world, gconstpointer data)
{
  LimnModelEntry *model = limn_library_find (world->library, LIMN_CAN_INPAINT);
  g_autoptr (LimnImage) image = fixture_gradient (200, 150, 3);
  g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
  g_autoptr (LimnTiles) mask = new_mask (200, 150, &(LimnRect) { 80, 60, 40, 30 });
  LimnInpaintParams params;
  g_autoptr (LimnJob) job = NULL;

  limn_inpaint_params_init (&params, limn_model_entry_get_model (model));
  params.prompt = "sky";
  params.steps = 200;
  job = limn_job_new_inpaint (model, tiles, mask, &params, NULL);
  g_signal_connect (job, "notify::step", G_CALLBACK (cancel_cb), NULL);
  run (world, job);
  g_assert_cmpint (limn_job_get_state (job), ==, LIMN_JOB_CANCELLED);
}

static void
test_upscale (World *world, gconstpointer data)
{
  LimnModelEntry *model = limn_library_find (world->library, LIMN_CAN_UPSCALE);
  g_autoptr (LimnImage) image = fixture_gradient (33, 40, 3);
  g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
  LimnUpscaleParams params;
  g_autoptr (LimnJob) job = NULL;
  double seconds;

  g_assert_nonnull (model);
  limn_upscale_params_init (&params, limn_model_entry_get_model (model));
  params.factor = 4;
  params.steps = 2;
  job = limn_job_new_upscale (model, tiles, &params, "small.png");
  run (world, job);
  g_assert_no_error (limn_job_get_error (job));
  g_assert_cmpint (limn_tiles_get_width (limn_job_get_upscaled (job)), ==, 132);
  g_assert_cmpint (limn_tiles_get_height (limn_job_get_upscaled (job)), ==, 160);
  /* How long it took was learnt; twice as large costs as much as four times. */
  seconds = limn_job_queue_estimate_upscale (world->queue, model, 33, 40, &params);
  g_assert_cmpfloat (seconds, >, 0);
  params.factor = 2;
  g_assert_cmpfloat (limn_job_queue_estimate_upscale (world->queue, model, 33, 40, &params), ==, seconds);
  params.factor = 3;
  g_assert_cmpfloat (limn_job_queue_estimate_upscale (world->queue, model, 33, 40, &params), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/job-engine/inpaint", World, NULL, set_up, test_inpaint, tear_down);
  g_test_add ("/job-engine/remove", World, NULL, set_up, test_remove, tear_down);
  g_test_add ("/job-engine/first-preview", World, NULL, set_up, test_first_preview, tear_down);
  g_test_add ("/job-engine/bad-orders", World, NULL, set_up, test_bad_orders, tear_down);
  g_test_add ("/job-engine/cancel", World, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/job-engine/memory-limit", World, NULL, set_up, test_memory_limit, tear_down);
  g_test_add ("/job-engine/upscale", World, NULL, set_up, test_upscale, tear_down);
  return g_test_run ();
}
