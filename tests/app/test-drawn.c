/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What is drawn to tell a model what to make: boxes and maps of labels, by their properties.
 */
#include <math.h>
#include <string.h>

#include "app/limn-condition-file.h"
#include "app/limn-document-drawn.h"
#include "app/limn-document-expand.h"
#include "app/limn-job.h"
#include "app/limn-model-entry-private.h"
#include "tests/app/fixtures.h"
#include "tests/unit/task-testing.h"

static char *
fixture (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "..", "golden", "fixtures", name, "model.safetensors",
                                NULL);
}

static LimnModel *
open_model (const char *name)
{
  g_autofree char *path = fixture (name);
  g_autoptr (GError) error = NULL;
  LimnModel *model = limn_model_open (path, NULL, &error);

  g_assert_no_error (error);
  return model;
}

static LimnBox
random_box (GRand *rand, const char *label)
{
  LimnBox box = { .label = label,
                  .x = g_rand_double_range (rand, 0, 0.5),
                  .y = g_rand_double_range (rand, 0, 0.5),
                  .width = g_rand_double_range (rand, 0.01, 0.5),
                  .height = g_rand_double_range (rand, 0.01, 0.5),
                  .flags = (LimnBoxFlags)g_rand_int_range (rand, 0, 16) };

  return box;
}

static LimnBoxes *
random_boxes (GRand *rand, int n)
{
  static const char *const labels[] = { "7", "Baum “groß”", "a\\b\n", "39", "" };
  LimnBoxes *boxes = limn_boxes_new ();

  for (int i = 0; i < n; i++)
    {
      LimnBox box = random_box (rand, labels[g_rand_int_range (rand, 0, G_N_ELEMENTS (labels))]);
      LimnBoxes *more = limn_boxes_append (boxes, &box);

      limn_boxes_unref (boxes);
      boxes = more;
    }
  return boxes;
}

/* What is written is read as the same bits, and lists do not change when others are made of them.
 */
static void
test_boxes (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (int n = 0; n < 20; n++)
    {
      g_autoptr (LimnBoxes) boxes = random_boxes (rand, n), same = NULL, longer = NULL, back = NULL;
      g_autofree char *json = limn_boxes_to_json (boxes), *after = NULL;
      g_autoptr (GError) error = NULL;
      LimnBox box = random_box (rand, "3");

      same = limn_boxes_parse ("x.json", json, strlen (json), &error);
      g_assert_no_error (error);
      g_assert_true (limn_boxes_equal (boxes, same));
      longer = limn_boxes_append (boxes, &box);
      g_assert_false (limn_boxes_equal (boxes, longer));
      back = limn_boxes_remove (longer, (guint)n);
      g_assert_true (limn_boxes_equal (boxes, back));
      after = limn_boxes_to_json (boxes);
      g_assert_cmpstr (json, ==, after);
    }
}

/* Labels become the model's numbers, and come back; what it does not know is an error that says
 * which. */
static void
test_resolve (void)
{
  g_autoptr (LimnModel) model = open_model ("K3-layout");
  g_autoptr (LimnBoxes) boxes = limn_boxes_new (), known = NULL, unknown = NULL, none = NULL,
                        back = NULL;
  g_autoptr (GArray) told = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  known = limn_boxes_append (boxes, &(LimnBox){ "7", 0.1, 0.2, 0.3, 0.4, LIMN_BOX_GROUP });
  told = limn_boxes_resolve (known, model, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (told->len, ==, 1);
  g_assert_cmpint (g_array_index (told, LimnLabelledBox, 0).category, ==, 7);
  back = limn_boxes_new_labelled ((const LimnLabelledBox *)(gpointer)told->data, 1, model);
  g_assert_true (limn_boxes_equal (known, back));
  text = limn_boxes_describe (back);
  g_assert_cmpstr (text, ==, "7");

  unknown = limn_boxes_append (known, &(LimnBox){ "unicorn", 0, 0, 1, 1, 0 });
  g_assert_null (limn_boxes_resolve (unknown, model, &error));
  g_assert_nonnull (strstr (error->message, "box 2"));
  g_assert_nonnull (strstr (error->message, "unicorn"));
  g_clear_error (&error);
  none = limn_boxes_append (known, &(LimnBox){ "", 0, 0, 1, 1, 0 });
  g_assert_null (limn_boxes_resolve (none, model, &error));
  g_assert_nonnull (strstr (error->message, "no label"));
}

/* ---- Labels ---------------------------------------------------------------------------------- */

/* All pixels whose centres are in the disc, and no others. */
static void
test_disc (void)
{
  for (double radius = 0.5; radius < 40; radius += 3.3)
    {
      g_autoptr (LimnTiles) labels = limn_tiles_new (300, 280, 1);
      double cx = 255.3, cy = 131.7;

      g_assert_true (limn_labels_sweep (labels, cx, cy, cx, cy, radius, 5, NULL));
      for (int y = 0; y < 280; y++)
        for (int x = 0; x < 300; x++)
          {
            gboolean in
                = hypot (x + 0.5 - cx, y + 0.5 - cy) <= radius || (x == (int)cx && y == (int)cy);

            g_assert_cmpint (limn_labels_get (labels, x, y), ==, in ? 5 : 0);
          }
      g_assert_false (limn_labels_sweep (labels, cx, cy, cx, cy, radius, 5, NULL));
    }
}

/* A ring flooded from within is a disc: nothing leaks, nothing is left. */
static void
test_flood (void)
{
  g_autoptr (LimnTiles) labels = limn_tiles_new (400, 400, 1);
  double x = 200 + 120, y = 200;

  for (int i = 1; i <= 360; i++)
    {
      double nx = 200 + 120 * cos (i * G_PI / 180), ny = 200 + 120 * sin (i * G_PI / 180);

      limn_labels_sweep (labels, x, y, nx, ny, 2, 3, NULL);
      x = nx;
      y = ny;
    }
  g_assert_true (limn_labels_flood (labels, 200, 200, 3));
  g_assert_false (limn_labels_flood (labels, 200, 200, 3));
  g_assert_false (limn_labels_flood (labels, -1, 200, 3));
  g_assert_false (limn_labels_flood (labels, 200, 400, 3));
  for (int v = 0; v < 400; v++)
    for (int u = 0; u < 400; u++)
      {
        double distance = hypot (u + 0.5 - 200, v + 0.5 - 200);

        if (distance < 120)
          g_assert_cmpint (limn_labels_get (labels, u, v), ==, 3);
        else if (distance > 123)
          g_assert_cmpint (limn_labels_get (labels, u, v), ==, 0);
      }
}

/* Every pixel gets a label that lies nearest to it, and what is drawn stays. */
static void
check_complete (LimnTiles *labels, int width, int height)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) image = limn_labels_complete (labels, width, height, &error);

  g_assert_no_error (error);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        int best = G_MAXINT, found = limn_image_row (image, y)[x];
        gboolean is_one = FALSE;

        for (int v = 0; v < height; v++)
          for (int u = 0; u < width; u++)
            {
              int label = limn_labels_get (labels, u, v);
              int distance = (u - x) * (u - x) + (v - y) * (v - y);

              if (label == 0 || distance > best)
                continue;
              is_one = (distance == best && is_one) || label - 1 == found;
              best = distance;
            }
        g_assert_true (is_one);
      }
}

static void
test_complete (void)
{
  static const int sizes[][2] = { { 1, 1 }, { 1, 17 }, { 17, 1 }, { 15, 9 }, { 33, 31 } };
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  g_autoptr (LimnTiles) empty = limn_tiles_new (8, 8, 1);
  g_autoptr (GError) error = NULL;

  g_assert_null (limn_labels_complete (empty, 8, 8, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int n = 1; n < 8; n++)
      {
        g_autoptr (LimnTiles) labels = limn_tiles_new (sizes[s][0], sizes[s][1], 1);

        for (int i = 0; i < n; i++)
          {
            double x = g_rand_int_range (rand, 0, sizes[s][0]) + 0.5,
                   y = g_rand_int_range (rand, 0, sizes[s][1]) + 0.5;

            limn_labels_sweep (labels, x, y, x, y, 0, (guint8)(i + 1), NULL);
          }
        check_complete (labels, sizes[s][0], sizes[s][1]);
      }
}

/* A map of a photo is small, and what a model was told can be drawn on again. */
static void
test_sizes (void)
{
  g_autoptr (LimnTiles) labels = limn_labels_new (6000, 4000), again = NULL;
  g_autoptr (LimnImage) told = NULL, same = NULL;
  int width, height;

  g_assert_cmpint (limn_tiles_get_width (labels), ==, LIMN_LABELS_SIDE);
  limn_labels_get_size (100000, 1, &width, &height);
  g_assert_cmpint (height, ==, 1);
  limn_labels_sweep (labels, 0, 0, 300, 200, 40, 1, NULL);
  limn_labels_sweep (labels, 1000, 0, 300, 600, 90, LIMN_LABELS_MAX + 1, NULL);
  told = limn_labels_complete (labels, 96, 64, NULL);
  again = limn_labels_from_image (told, 6000, 4000);
  same = limn_labels_complete (again, 96, 64, NULL);
  g_assert_cmpmem (told->pixels, 96 * 64, same->pixels, 96 * 64);
  g_assert_cmpint (limn_image_row (told, 0)[95], ==, LIMN_LABELS_MAX);
}

/* ---- In the document ------------------------------------------------------------------------- */

static LimnDocument *
new_document (int width, int height)
{
  return limn_document_new (limn_tiles_new (width, height, 3), NULL, NULL);
}

/* All that is drawn, as text. */
static char *
describe (LimnDocument *document)
{
  LimnTiles *labels = limn_document_get_labels (document);
  g_autofree char *boxes = limn_boxes_to_json (limn_document_get_boxes (document));
  g_autoptr (LimnImage) image = labels != NULL ? limn_tiles_to_image (labels, NULL) : NULL;
  g_autofree char *hash = limn_document_has_labels (document) ? limn_image_hash (image) : NULL;

  return g_strconcat (boxes, hash, NULL);
}

static void
edit (LimnDocument *document, GRand *rand)
{
  int width = limn_document_get_width (document), height = limn_document_get_height (document);
  guint8 value = (guint8)g_rand_int_range (rand, 0, 6);
  g_autoptr (LimnBoxes) boxes = NULL;
  LimnBox box = random_box (rand, "1");

  switch (g_rand_int_range (rand, 0, 5))
    {
    case 0:
      limn_document_begin_labels (document, value, g_rand_double_range (rand, 0, 60));
      for (int i = 0; i < 3; i++)
        limn_document_labels_to (document, g_rand_double_range (rand, -50, width + 50),
                                 g_rand_double_range (rand, -50, height + 50));
      limn_document_end_labels (document);
      break;
    case 1:
      limn_document_flood_labels (document, g_rand_double_range (rand, 0, width),
                                  g_rand_double_range (rand, 0, height), value);
      break;
    case 2:
      boxes = limn_boxes_append (limn_document_get_boxes (document), &box);
      limn_document_set_boxes (document, boxes, "Draw Box", FALSE);
      break;
    case 3:
      limn_document_replace_image (
          document,
          limn_tiles_new (g_rand_int_range (rand, 50, 1500), g_rand_int_range (rand, 50, 1500), 3),
          "Generate", NULL);
      break;
    default:
      limn_document_mask_fill (document);
    }
}

/* Undo after any edits gives every earlier state back, and redo every later one. */
static void
test_undo (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autoptr (LimnDocument) document = new_document (1300, 700);
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);
  guint n;

  for (int i = 0; i < 60; i++)
    {
      g_autofree char *state = describe (document);

      edit (document, rand);
      /* Some edits change nothing, and are no step. */
      if (states->len == 0 || limn_document_get_can_undo (document))
        g_ptr_array_add (states, g_steal_pointer (&state));
    }
  n = states->len;
  g_ptr_array_add (states, describe (document));
  /* Steps that change neither boxes nor labels show as the same state. */
  for (int pass = 0; pass < 2; pass++)
    {
      guint at = n;

      while (limn_document_get_can_undo (document))
        {
          g_autofree char *state = NULL;

          limn_document_undo (document);
          state = describe (document);
          while (at > 0 && !g_str_equal (state, g_ptr_array_index (states, at)))
            at--;
          g_assert_cmpstr (state, ==, g_ptr_array_index (states, at));
        }
      g_assert_cmpstr (g_ptr_array_index (states, 0), ==, "[]");
      while (limn_document_get_can_redo (document))
        limn_document_redo (document);
      {
        g_autofree char *state = describe (document);

        g_assert_cmpstr (state, ==, g_ptr_array_index (states, n));
      }
    }
}

static void
changed_cb (LimnDocument *document, const LimnRect *rect, guint layers, guint *seen)
{
  *seen |= layers;
}

static void
test_cancel (void)
{
  g_autoptr (LimnDocument) document = new_document (200, 100);
  guint seen = 0;

  g_signal_connect (document, "changed", G_CALLBACK (changed_cb), &seen);
  limn_document_begin_labels (document, 4, 10);
  limn_document_labels_to (document, 50, 50);
  g_assert_cmpint (limn_document_get_label (document, 50, 50), ==, 4);
  g_assert_cmpint (limn_document_get_label (document, 70, 50), ==, 0);
  g_assert_false (limn_document_get_can_undo (document));
  g_assert_cmpuint (seen, ==, LIMN_LAYER_LABELS);
  limn_document_cancel_labels (document);
  g_assert_false (limn_document_has_labels (document));
  g_assert_false (limn_document_get_can_undo (document));
  /* What changes nothing is no step. */
  limn_document_begin_labels (document, 0, 10);
  limn_document_labels_to (document, 50, 50);
  limn_document_end_labels (document);
  g_assert_false (limn_document_get_can_undo (document));
  g_assert_cmpint (limn_document_get_label (document, -1, 1e300), ==, 0);
  g_assert_cmpint (limn_document_get_label (document, NAN, 0), ==, 0);
}

/* Arrow keys held down are one step. */
static void
test_goes_on (void)
{
  g_autoptr (LimnDocument) document = new_document (200, 100);
  g_autoptr (LimnBoxes) first = limn_boxes_append (NULL, &(LimnBox){ "1", 0.1, 0.1, 0.2, 0.2, 0 });

  limn_document_set_boxes (document, first, "Draw Box", FALSE);
  for (int i = 0; i < 5; i++)
    {
      LimnBox box = *limn_boxes_get (limn_document_get_boxes (document), 0);
      g_autoptr (LimnBoxes) moved = NULL;

      box.x += 0.01;
      moved = limn_boxes_replace (limn_document_get_boxes (document), 0, &box);
      limn_document_set_boxes (document, moved, "Move Box", TRUE);
    }
  limn_document_undo (document);
  g_assert_true (limn_boxes_equal (limn_document_get_boxes (document), first));
  limn_document_undo (document);
  g_assert_null (limn_document_get_boxes (document));
  g_assert_false (limn_document_get_can_undo (document));
}

static void
expanded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  limn_document_expand_finish (LIMN_DOCUMENT (source), result, &error);
  g_assert_no_error (error);
  *(gboolean *)user_data = TRUE;
}

/* A larger canvas: what was drawn stays where it was in the picture. */
static void
test_expand (void)
{
  g_autoptr (LimnDocument) document = new_document (200, 100);
  LimnMargins margins = { .left = 100, .top = 50, .right = 0, .bottom = 50 };
  g_autoptr (LimnBoxes) boxes
      = limn_boxes_append (NULL, &(LimnBox){ "1", 0.25, 0.5, 0.5, 0.25, 0 });
  const LimnBox *box;
  gboolean done = FALSE;

  limn_document_set_boxes (document, boxes, "Draw Box", FALSE);
  limn_document_flood_labels (document, 0, 0, 3);
  limn_document_expand_async (document, &margins, NULL, expanded_cb, &done);
  fixture_wait (&done);
  box = limn_boxes_get (limn_document_get_boxes (document), 0);
  g_assert_cmpfloat_with_epsilon (box->x * 300, 0.25 * 200 + 100, 1e-9);
  g_assert_cmpfloat_with_epsilon (box->y * 200, 0.5 * 100 + 50, 1e-9);
  g_assert_cmpfloat_with_epsilon (box->width * 300, 0.5 * 200, 1e-9);
  g_assert_cmpfloat_with_epsilon (box->height * 200, 0.25 * 100, 1e-9);
  for (int y = 0; y < 200; y += 7)
    for (int x = 0; x < 300; x += 7)
      g_assert_cmpint (limn_document_get_label (document, x, y), ==,
                       x >= 100 && y >= 50 && y < 150 ? 3 : 0);
  limn_document_undo (document);
  g_assert_true (limn_boxes_equal (limn_document_get_boxes (document), boxes));
}

/* ---- Jobs ------------------------------------------------------------------------------------ */

typedef struct
{
  char *folder;
  LimnHistory *history;
  LimnJobQueue *queue;
} World;

static void
set_up (World *world, gconstpointer data)
{
  world->folder = fixture_folder ();
  world->history = limn_history_open (world->folder, NULL);
  world->queue = limn_job_queue_new (world->history, 2);
}

static void
tear_down (World *world, gconstpointer data)
{
  g_assert_finalize_object (world->queue);
  g_object_unref (world->history);
  g_free (world->folder);
}

static void
finished_cb (LimnJob *job, gboolean *done)
{
  *done = TRUE;
}

/* Borrowed from @job: the row of the history. */
static LimnGeneration *
run (World *world, LimnJob *job)
{
  gboolean done = FALSE;

  g_signal_connect (job, "finished", G_CALLBACK (finished_cb), &done);
  limn_job_queue_add (world->queue, job);
  fixture_wait (&done);
  g_assert_no_error (limn_job_get_error (job));
  g_assert_cmpint (limn_job_get_state (job), ==, LIMN_JOB_DONE);
  g_assert_null (limn_job_get_history_error (job));
  return limn_job_get_generation (job);
}

static char *
hash_of (LimnJob *job)
{
  g_autoptr (LimnImage) image = limn_tiles_to_image (limn_job_get_generated (job), NULL);

  return limn_image_hash (image);
}

/* Boxes make a picture, stay in the history with it, and what is kept there makes the same picture.
 */
static void
test_boxes_job (World *world, gconstpointer data)
{
  g_autofree char *path = fixture_folder ();
  g_autoptr (LimnModel) joined = task_join_models (path, "K3-layout/model.safetensors",
                                                   "K2-semantic/model.safetensors", NULL);
  g_autoptr (LimnModelEntry) entry = _limn_model_entry_new (path, FALSE);
  LimnModel *model = limn_model_entry_get_model (entry);
  LimnLabelledBox told[] = { { 3, 0.1, 0.1, 0.5, 0.7, 0 }, { 12, 0.4, 0.2, 1 / 3.0, 0.3, 0 } };
  g_autoptr (LimnJob) first = NULL, again = NULL, other = NULL;
  g_autoptr (GArray) kept = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = NULL, *kind = NULL, *prompt = NULL, *found = NULL, *a = NULL, *b = NULL,
                  *c = NULL;
  LimnGenerateParams params;

  limn_generate_params_init (&params, model);
  params.steps = 2;
  params.seed = 5;
  params.boxes = told;
  params.n_boxes = 2;
  first = limn_job_new_generate (entry, &params);
  g_object_get (run (world, first), "condition-hash", &hash, "kind", &kind, "prompt", &prompt,
                NULL);
  g_assert_cmpstr (kind, ==, "generate-boxes");
  g_assert_cmpstr (prompt, ==, "3, 12");
  found = limn_history_find_file (world->history, hash);
  file = g_file_new_for_path (found);
  kept = limn_boxes_file_read (file, model, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (kept->len, ==, 2);
  for (guint i = 0; i < kept->len; i++)
    {
      const LimnLabelledBox *box = &g_array_index (kept, LimnLabelledBox, i);

      g_assert_cmpint (box->category, ==, told[i].category);
      g_assert_true (box->x == told[i].x && box->y == told[i].y && box->width == told[i].width
                     && box->height == told[i].height && box->flags == told[i].flags);
    }

  params.boxes = (const LimnLabelledBox *)(gpointer)kept->data;
  again = limn_job_new_generate (entry, &params);
  /* The job has its own. */
  memset (kept->data, 0, sizeof told);
  run (world, again);
  a = hash_of (first);
  b = hash_of (again);
  g_assert_cmpstr (a, ==, b);
  told[0].x = 0.3;
  params.boxes = told;
  other = limn_job_new_generate (entry, &params);
  run (world, other);
  c = hash_of (other);
  g_assert_cmpstr (a, !=, c);
}

/* The same of a map of labels. */
static void
test_labels_job (World *world, gconstpointer data)
{
  g_autofree char *path = fixture ("K2-semantic");
  g_autoptr (LimnModelEntry) entry = _limn_model_entry_new (path, FALSE);
  g_autoptr (LimnTiles) labels = limn_tiles_new (128, 128, 1);
  g_autoptr (LimnImage) told = NULL, kept = NULL;
  g_autoptr (LimnJob) first = NULL, again = NULL, other = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = NULL, *kind = NULL, *a = NULL, *b = NULL, *c = NULL;
  LimnGenerateParams params;

  limn_labels_sweep (labels, 20, 20, 90, 40, 15, 3, NULL);
  limn_labels_sweep (labels, 20, 100, 90, 90, 15, 12, NULL);
  told = limn_labels_complete (labels, 32, 32, &error);
  g_assert_no_error (error);
  limn_generate_params_init (&params, limn_model_entry_get_model (entry));
  params.steps = 1;
  params.labels = told;
  first = limn_job_new_generate (entry, &params);
  g_object_get (run (world, first), "input-hash", &hash, "kind", &kind, NULL);
  g_assert_cmpstr (kind, ==, "generate-labels");
  kept = limn_history_load_image (world->history, hash, &error);
  g_assert_no_error (error);
  g_assert_cmpint (kept->width, ==, 32);
  params.labels = kept;
  if (kept->channels > 1)
    {
      g_autoptr (LimnImage) grey = limn_image_new (kept->width, kept->height, 1, &error);

      for (int y = 0; y < kept->height; y++)
        for (int x = 0; x < kept->width; x++)
          limn_image_row (grey, y)[x] = limn_image_row (kept, y)[x * kept->channels];
      limn_image_unref (kept);
      kept = g_steal_pointer (&grey);
      params.labels = kept;
    }
  again = limn_job_new_generate (entry, &params);
  run (world, again);
  a = hash_of (first);
  b = hash_of (again);
  g_assert_cmpstr (a, ==, b);
  limn_labels_sweep (labels, 64, 64, 64, 64, 20, 1, NULL);
  limn_image_unref (told);
  told = limn_labels_complete (labels, 32, 32, &error);
  params.labels = told;
  other = limn_job_new_generate (entry, &params);
  run (world, other);
  c = hash_of (other);
  g_assert_cmpstr (a, !=, c);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/drawn/boxes", test_boxes);
  g_test_add_func ("/drawn/resolve", test_resolve);
  g_test_add_func ("/drawn/disc", test_disc);
  g_test_add_func ("/drawn/flood", test_flood);
  g_test_add_func ("/drawn/complete", test_complete);
  g_test_add_func ("/drawn/sizes", test_sizes);
  g_test_add_func ("/drawn/undo", test_undo);
  g_test_add_func ("/drawn/cancel", test_cancel);
  g_test_add_func ("/drawn/goes-on", test_goes_on);
  g_test_add_func ("/drawn/expand", test_expand);
  g_test_add ("/drawn/boxes-job", World, NULL, set_up, test_boxes_job, tear_down);
  g_test_add ("/drawn/labels-job", World, NULL, set_up, test_labels_job, tear_down);
  return g_test_run ();
}
