/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Pictures from nothing, on tiny models of random numbers of every kind: what must hold whatever
 * the pictures look like.
 */
#include <math.h>
#include <string.h>

#include "engine/task/generate.h"
#include "tests/unit/task-testing.h"
#include "tests/unit/weights-testing.h"

#define STEPS 3

typedef enum
{
  KIND_PROMPT,
  KIND_NOTHING,
  KIND_CLASS,
  KIND_BOXES,
  KIND_LABELS,
  KIND_EMBEDDING,
  N_KINDS,
} Kind;

static const LimnTakes takes[N_KINDS] = {
  LIMN_TAKES_PROMPT, 0, LIMN_TAKES_CLASS, LIMN_TAKES_BOXES, LIMN_TAKES_LABELS, LIMN_TAKES_EMBEDDING,
};

typedef struct
{
  char *folders[N_KINDS];
  LimnModel *models[N_KINDS];
  LimnImage *labels;
  float *embedding;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  static const char *const identity[2]
      = { "ldm.modules.encoders.modules.ClassEmbedder", "torch.nn.Identity" };

  for (int i = 0; i < N_KINDS; i++)
    f->folders[i] = test_folder_new ();
  f->models[KIND_PROMPT] = task_open_fixture ("J-containers/sd1-tiny.safetensors", "config.yaml");
  f->models[KIND_NOTHING]
      = task_join_models (f->folders[KIND_NOTHING], "K1-unet-scaleshift/model.safetensors",
                          "J-containers/sd1-tiny.safetensors", NULL);
  f->models[KIND_CLASS] = task_join_models (f->folders[KIND_CLASS], "E1-unet-classcond/model.ckpt",
                                            "K2-semantic/model.safetensors", NULL);
  f->models[KIND_BOXES] = task_join_models (f->folders[KIND_BOXES], "K3-layout/model.safetensors",
                                            "K2-semantic/model.safetensors", NULL);
  f->models[KIND_LABELS] = task_open_fixture ("K2-semantic/model.safetensors", NULL);
  f->models[KIND_EMBEDDING]
      = task_join_models (f->folders[KIND_EMBEDDING], "E1-unet-classcond/model.ckpt",
                          "K2-semantic/model.safetensors", identity);
  f->labels = limn_image_new (10, 6, 1, NULL);
  for (int i = 0; i < 60; i++)
    f->labels->pixels[i] = (guint8)(i % 12);
  f->embedding = g_new (float, 2 * 24);
  for (int i = 0; i < 2 * 24; i++)
    f->embedding[i] = sinf (i);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < N_KINDS; i++)
    {
      limn_model_unref (f->models[i]);
      test_folder_free (f->folders[i]);
    }
  limn_image_unref (f->labels);
  g_free (f->embedding);
}

static const LimnLabelledBox boxes[]
    = { { .category = 3, .x = 0.1, .y = 0.2, .width = 0.5, .height = 0.4 },
        { .category = 7, .x = 0.5, .y = 0.5, .width = 0.5, .height = 0.5 } };

/* What the model of @kind has to be told. */
static void
tell (Fixture *f, Kind kind, LimnGenerateParams *params)
{
  switch (kind)
    {
    case KIND_PROMPT:
      params->prompt = "a calm sea";
      break;
    case KIND_CLASS:
      params->category = 4;
      break;
    case KIND_BOXES:
      params->boxes = boxes;
      params->n_boxes = G_N_ELEMENTS (boxes);
      break;
    case KIND_LABELS:
      params->labels = f->labels;
      break;
    case KIND_EMBEDDING:
      params->embedding = f->embedding;
      params->n_vectors = 2;
      params->embedding_width = 24;
      break;
    case KIND_NOTHING:
    default:
      break;
    }
}

static LimnGenerateParams
params_for (Fixture *f, Kind kind)
{
  LimnGenerateParams params;

  limn_generate_params_init (&params, f->models[kind]);
  tell (f, kind, &params);
  params.seed = 3;
  params.steps = STEPS;
  params.guidance = 2.0f;
  params.width = 80;
  params.height = 48;
  return params;
}

static LimnImage *
generate (LimnModel *model, const LimnGenerateParams *params, int threads, GError **error)
{
  g_auto (TaskRun) run;

  task_run_init (&run, threads, NULL);
  return limn_generate (model, &run.run, params, NULL, error);
}

/* Every kind of model makes a picture that is not flat, of the size that was asked for, the same
 * with any number of threads. */
static void
test_kinds (Fixture *f, gconstpointer data)
{
  for (Kind kind = 0; kind < N_KINDS; kind++)
    {
      LimnGenerateParams params = params_for (f, kind);
      g_autofree char *first = NULL;

      g_assert_cmpint (limn_model_get_info (f->models[kind])->takes, ==, takes[kind]);
      for (int threads = 1; threads <= 4; threads *= 2)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (LimnImage) image = generate (f->models[kind], &params, threads, &error);
          g_autofree char *hash = NULL;
          int least = 255, most = 0;

          g_assert_no_error (error);
          g_assert_cmpint (image->width, ==, 80);
          g_assert_cmpint (image->height, ==, 48);
          g_assert_cmpint (image->channels, ==, 3);
          for (gsize i = 0; i < image->stride * 48; i++)
            {
              least = MIN (least, image->pixels[i]);
              most = MAX (most, image->pixels[i]);
            }
          g_assert_cmpint (most - least, >, 20);
          hash = limn_image_hash (image);
          if (first == NULL)
            first = g_steal_pointer (&hash);
          else
            g_assert_cmpstr (hash, ==, first);
        }
    }
}

static char *
hash_of (Fixture *f, Kind kind, const LimnGenerateParams *params)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) image = generate (f->models[kind], params, 2, &error);

  g_assert_no_error (error);
  return limn_image_hash (image);
}

/* What a model is told decides the picture, and so do the seed and the other parameters. */
static void
test_told_matters (Fixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) other = limn_image_new (10, 6, 1, NULL);
  g_autofree float *vectors = g_new0 (float, 2 * 24);

  for (Kind kind = 0; kind < N_KINDS; kind++)
    {
      g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      LimnGenerateParams base = params_for (f, kind), variants[5];
      int n = 0;

      variants[n++] = base;
      variants[n] = base;
      variants[n++].seed = 4;
      variants[n] = base;
      variants[n++].steps = STEPS + 1;
      if (limn_model_get_info (f->models[kind])->can_guide)
        {
          variants[n] = base;
          variants[n++].guidance = 3.0f;
        }
      variants[n] = base;
      variants[n].prompt = kind == KIND_PROMPT ? "green hills" : NULL;
      variants[n].category = kind == KIND_CLASS ? 5 : -1;
      if (kind == KIND_BOXES)
        variants[n].n_boxes = 1;
      if (kind == KIND_LABELS)
        variants[n].labels = other;
      if (kind == KIND_EMBEDDING)
        variants[n].embedding = vectors;
      if (kind != KIND_NOTHING)
        n++;
      for (int i = 0; i < n; i++)
        g_assert_true (g_hash_table_add (seen, hash_of (f, kind, &variants[i])));
    }
}

/* A size that the networks cannot make is the middle of one that they can. */
static void
test_sizes (Fixture *f, gconstpointer data)
{
  const struct
  {
    int width, height;
  } sizes[] = { { 1, 1 }, { 33, 50 }, { 64, 32 }, { 101, 16 } };
  LimnModel *model = f->models[KIND_PROMPT];
  LimnGenerateParams params = params_for (f, KIND_PROMPT);
  LimnGeneratePlan plan;

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (LimnImage) image = NULL, whole = NULL, middle = NULL;
      g_autofree char *a = NULL, *b = NULL;
      LimnRect rect;

      params.width = sizes[i].width;
      params.height = sizes[i].height;
      g_assert_true (limn_generate_plan (model, &params, &plan, NULL));
      g_assert_cmpint (plan.width, ==, sizes[i].width);
      image = generate (model, &params, 2, NULL);
      g_assert_nonnull (image);
      params.width = plan.made.width;
      params.height = plan.made.height;
      whole = generate (model, &params, 2, NULL);
      g_assert_nonnull (whole);
      rect = (LimnRect){ -plan.made.x, -plan.made.y, sizes[i].width, sizes[i].height };
      middle = limn_image_crop (whole, &rect, NULL);
      a = limn_image_hash (image);
      b = limn_image_hash (middle);
      g_assert_cmpstr (a, ==, b);
    }
  /* Without a size: the model's own, or that of the map of labels. */
  params = params_for (f, KIND_PROMPT);
  params.width = params.height = 0;
  g_assert_true (limn_generate_plan (model, &params, &plan, NULL));
  g_assert_cmpint (plan.width, ==, limn_model_get_info (model)->native_size);
  params = params_for (f, KIND_LABELS);
  params.width = params.height = 0;
  g_assert_true (limn_generate_plan (f->models[KIND_LABELS], &params, &plan, NULL));
  g_assert_cmpint (plan.width, ==, 10);
  g_assert_cmpint (plan.height, ==, 6);
}

static void
assert_refused (LimnModel *model, const LimnGenerateParams *params, const char *word)
{
  g_autoptr (GError) error = NULL;
  LimnGeneratePlan plan;

  g_assert_false (limn_generate_plan (model, params, &plan, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
  if (strstr (error->message, word) == NULL)
    g_error ("“%s” is not in “%s”", word, error->message);
}

/* What a model does not take is refused, and what it takes has to be there. */
static void
test_wrong_kind (Fixture *f, gconstpointer data)
{
  static const char *const names[N_KINDS]
      = { "a prompt", NULL, "a class", "labelled boxes", "a map of labels", "an embedding" };

  for (Kind kind = 0; kind < N_KINDS; kind++)
    for (Kind told = 0; told < N_KINDS; told++)
      {
        LimnGenerateParams params = params_for (f, kind);

        if (kind == told || told == KIND_NOTHING)
          continue;
        tell (f, told, &params);
        assert_refused (f->models[kind], &params, names[told]);
        if (names[kind] != NULL)
          assert_refused (f->models[kind], &params, names[kind]);
      }
  for (Kind kind = KIND_CLASS; kind < N_KINDS; kind++)
    {
      LimnGenerateParams params;

      limn_generate_params_init (&params, f->models[kind]);
      assert_refused (f->models[kind], &params, names[kind]);
    }
}

static void
test_bad_values (Fixture *f, gconstpointer data)
{
  LimnGenerateParams params;
  LimnLabelledBox box;

  params = params_for (f, KIND_CLASS);
  params.category = limn_model_get_info (f->models[KIND_CLASS])->n_categories;
  assert_refused (f->models[KIND_CLASS], &params, "17");
  params = params_for (f, KIND_LABELS);
  f->labels->pixels[11] = 12;
  assert_refused (f->models[KIND_LABELS], &params, "(at 1, 1)");
  params = params_for (f, KIND_EMBEDDING);
  params.embedding_width = 12;
  assert_refused (f->models[KIND_EMBEDDING], &params, "24");
  params = params_for (f, KIND_EMBEDDING);
  f->embedding[5] = NAN;
  assert_refused (f->models[KIND_EMBEDDING], &params, "not a number");

  params = params_for (f, KIND_BOXES);
  params.boxes = &box;
  params.n_boxes = 1;
  for (int i = 0; i < 6; i++)
    {
      box = boxes[0];
      if (i == 0)
        box.category = -1;
      else if (i == 1)
        box.category = 1000000;
      else if (i == 2)
        box.x = NAN;
      else if (i == 3)
        box.width = 0.95;
      else if (i == 4)
        box.height = 0.0;
      else
        box.y = -0.1;
      assert_refused (f->models[KIND_BOXES], &params, i < 2 ? "object" : "Box 1");
    }
}

static void
test_bad_numbers (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 10; i++)
    {
      LimnGenerateParams params = params_for (f, KIND_PROMPT);

      switch (i)
        {
        case 0:
          params.steps = 0;
          break;
        case 1:
          params.steps = 201;
          break;
        case 2:
          params.guidance = NAN;
          break;
        case 3:
          params.guidance = 0.5f;
          break;
        case 4:
          params.sampler = "magic";
          break;
        case 5:
          params.sampler = NULL;
          break;
        case 6:
          params.width = 0;
          break;
        case 7:
          params.height = -5;
          break;
        case 8:
          params.width = G_MAXINT;
          break;
        default:
          params.width = params.height = 60000;
        }
      assert_refused (f->models[KIND_PROMPT], &params, "");
    }
}

/* What the callbacks were told. */
typedef struct
{
  double fraction;
  int stage, n_previews, cancel_stage;
  LimnRect made;
  GCancellable *cancellable;
} Told;

static void
progress_cb (const LimnProgress *progress, gpointer user_data)
{
  Told *told = user_data;

  g_assert_cmpfloat (progress->fraction, >=, told->fraction);
  g_assert_cmpfloat (progress->fraction, <=, 1.0);
  g_assert_cmpint (progress->stage, >=, told->stage);
  told->fraction = progress->fraction;
  told->stage = progress->stage;
  if (told->cancellable != NULL && (int)progress->stage == told->cancel_stage)
    g_cancellable_cancel (told->cancellable);
}

static void
preview_cb (LimnImage *preview, const LimnRect *rect, gpointer user_data)
{
  Told *told = user_data;

  g_assert_cmpint (preview->channels, ==, 3);
  g_assert_cmpmem (rect, sizeof *rect, &told->made, sizeof told->made);
  told->n_previews++;
}

static void
test_progress (Fixture *f, gconstpointer data)
{
  for (Kind kind = 0; kind < N_KINDS; kind++)
    {
      LimnGenerateParams params = params_for (f, kind);
      Told told = { .cancel_stage = -1 };
      LimnTaskCallbacks callbacks = { progress_cb, preview_cb, &told };
      g_autoptr (LimnImage) image = NULL;
      LimnGeneratePlan plan;
      g_auto (TaskRun) run;

      task_run_init (&run, 2, NULL);
      g_assert_true (limn_generate_plan (f->models[kind], &params, &plan, NULL));
      told.made = plan.made;
      image = limn_generate (f->models[kind], &run.run, &params, &callbacks, NULL);
      g_assert_nonnull (image);
      g_assert_cmpint (told.n_previews, ==, plan.steps);
      g_assert_cmpint (told.stage, ==, LIMN_STAGE_DECODE);
      g_assert_cmpfloat (told.fraction, >, 0.5);
      /* What was planned is an upper estimate of what was taken. */
      g_assert_cmpuint (limn_arena_get_peak (run.arena), <=, plan.memory);
    }
}

/* Cancelled at the beginning of each stage: an error of that kind, and no result. */
static void
test_cancel (Fixture *f, gconstpointer data)
{
  const LimnStage stages[]
      = { LIMN_STAGE_PREPARE, LIMN_STAGE_TEXT, LIMN_STAGE_SAMPLE, LIMN_STAGE_DECODE };

  for (gsize i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      LimnGenerateParams params = params_for (f, KIND_LABELS);
      Told told = { .cancellable = cancellable, .cancel_stage = (int)stages[i] };
      LimnTaskCallbacks callbacks = { progress_cb, NULL, &told };
      g_autoptr (GError) error = NULL;
      g_auto (TaskRun) run;

      task_run_init (&run, 2, cancellable);
      g_assert_null (limn_generate (f->models[KIND_LABELS], &run.run, &params, &callbacks, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpint (told.stage, ==, (int)stages[i]);
    }
}

/* Models for other things say so. */
static void
test_other_models (Fixture *f, gconstpointer data)
{
  static const char *const others[] = { "D-unet-crossattn-sd15-inpaint", "E2-unet-bsr-sr" };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (LimnModel) model = task_open_fixture (others[i], NULL);
      LimnGenerateParams params;

      limn_generate_params_init (&params, model);
      assert_refused (model, &params, others[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/task/generate/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("kinds", test_kinds);
  ADD ("told-matters", test_told_matters);
  ADD ("sizes", test_sizes);
  ADD ("wrong-kind", test_wrong_kind);
  ADD ("bad-values", test_bad_values);
  ADD ("bad-numbers", test_bad_numbers);
  ADD ("progress", test_progress);
  ADD ("cancel", test_cancel);
  ADD ("other-models", test_other_models);
  return g_test_run ();
}
