/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include <glib/gstdio.h>

#include "tests/app/fixtures.h"
#include "tests/app/history-fixtures.h"

static void
assert_same (LimnGeneration *a, LimnGeneration *b)
{
  guint n;
  const LimnGenerationField *fields = _limn_generation_fields (&n);

  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) first = G_VALUE_INIT;
      g_auto (GValue) second = G_VALUE_INIT;
      g_autofree char *shown = NULL;
      g_autofree char *expected = NULL;

      g_object_get_property (G_OBJECT (a), fields[i].name, &first);
      g_object_get_property (G_OBJECT (b), fields[i].name, &second);
      expected = g_strdup_value_contents (&first);
      shown = g_strdup_value_contents (&second);
      g_assert_cmpstr (expected, ==, shown);
    }
}

/* ---- Rows ----------------------------------------------------------------------------------------------------------- */

/* Everything comes back as it was put in, also after the program ended. */
static void
test_round_trip (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnGeneration) added = NULL;
  gint64 id;

  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);

    added = fixture_add (history, "a red barn 🏚️ \"quoted\" '; DROP TABLE generation;--", 3);
    id = limn_generation_get_id (added);
    g_assert_cmpuint (fixture_n_rows (history), ==, 1);
  }
  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autoptr (GError) error = NULL;
    g_autoptr (LimnGeneration) found = limn_history_lookup (history, id, &error);
    g_autoptr (LimnGeneration) listed = g_list_model_get_item (G_LIST_MODEL (history), 0);
    g_autoptr (LimnImage) input = fixture_noise (120, 90, 3, 1);
    g_autoptr (LimnImage) mask = fixture_noise (120, 90, 1, 2);
    g_autoptr (LimnImage) output = fixture_noise (50, 40, 4, 3);
    g_autoptr (LimnImage) loaded_input = limn_history_load_image (history, found->input_hash, &error);
    g_autoptr (LimnImage) loaded_mask = limn_history_load_mask (history, found, &error);
    g_autoptr (LimnImage) loaded_output = limn_history_load_image (history, found->output_hash, &error);
    g_autoptr (LimnImage) thumbnail = limn_history_load_thumbnail (history, id, &error);

    g_assert_no_error (error);
    assert_same (added, found);
    assert_same (added, listed);
    g_assert_true (fixture_images_equal (loaded_input, input));
    g_assert_true (fixture_images_equal (loaded_mask, mask));
    g_assert_true (fixture_images_equal (loaded_output, output));
    g_assert_cmpint (thumbnail->width, ==, 120);
    g_assert_null (limn_history_lookup (history, id + 1, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  }
}

/* Nothing at all in a row but its kind. */
static void
test_empty_row (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) history = fixture_open_history (folder);
  g_autoptr (LimnGeneration) generation = limn_generation_new ("upscale");
  g_autoptr (LimnGeneration) found = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (limn_history_add (history, generation, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  found = limn_history_lookup (history, limn_generation_get_id (generation), &error);
  assert_same (generation, found);
  g_assert_null (limn_history_load_result (history, found, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

/* However many rows are looked at, few stay in memory, and each is found again. */
static void
test_loaded_is_bounded (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) history = fixture_open_history (folder);
  const guint n = LIMN_HISTORY_MAX_LOADED + 40;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (LimnGeneration) generation = limn_generation_new ("upscale");
      g_autofree char *name = g_strdup_printf ("photo %u", i);

      g_object_set (generation, "source-name", name, NULL);
      g_assert_true (limn_history_add (history, generation, NULL, NULL, NULL, NULL));
    }
  for (int round = 0; round < 2; round++)
    for (guint i = 0; i < n; i++)
      {
        g_autoptr (LimnGeneration) generation = g_list_model_get_item (G_LIST_MODEL (history), i);
        g_autofree char *expected = g_strdup_printf ("photo %u", n - 1 - i);
        g_autofree char *name = NULL;

        g_object_get (generation, "source-name", &name, NULL);
        g_assert_cmpstr (name, ==, expected);
        g_assert_cmpuint (_limn_history_get_n_loaded (history), <=, LIMN_HISTORY_MAX_LOADED);
      }
}

/* The whole picture of an inpaint is its input with the patch laid on it. */
static void
test_load_result (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) history = fixture_open_history (folder);
  g_autoptr (LimnGeneration) generation = fixture_add (history, "sky", 9);
  g_autoptr (LimnImage) expected = fixture_noise (120, 90, 3, 1);
  g_autoptr (LimnImage) output = fixture_noise (50, 40, 4, 9);
  g_autoptr (LimnImage) pixels = limn_image_new (50, 40, 3, NULL);
  g_autoptr (LimnImage) alpha = limn_image_new (50, 40, 1, NULL);
  LimnPatch patch = { { 10, 20, 50, 40 }, pixels, alpha };
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) result = limn_history_load_result (history, generation, &error);

  g_assert_no_error (error);
  for (int y = 0; y < 40; y++)
    for (int x = 0; x < 50; x++)
      {
        memcpy (limn_image_row (pixels, y) + 3 * x, limn_image_row (output, y) + 4 * x, 3);
        limn_image_row (alpha, y)[x] = limn_image_row (output, y)[4 * x + 3];
      }
  limn_patch_apply (&patch, expected);
  g_assert_true (fixture_images_equal (result, expected));
}

/* Parameters come back exactly: that is what "Use again" is made of. */
static void
test_params (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) history = fixture_open_history (folder);
  g_autoptr (LimnGeneration) generation = limn_generation_new ("inpaint");
  g_autoptr (LimnGeneration) found = NULL;
  LimnInpaintParams params = { .prompt = "a", .negative = "b", .seed = 0x8000000000000001ULL, .steps = 33, .guidance = 7.1f,
                               .strength = 0.3f, .sampler = "dpmpp_2m_karras", .grow = -1, .feather = 12.3f,
                               .paste_fade = 1e-7f, .context = 99.9f };
  LimnInpaintParams back;

  limn_generation_set_inpaint_params (generation, &params);
  g_assert_true (limn_history_add (history, generation, NULL, NULL, NULL, NULL));
  found = limn_history_lookup (history, limn_generation_get_id (generation), NULL);
  limn_generation_get_inpaint_params (found, &back);
  g_assert_cmpstr (back.prompt, ==, params.prompt);
  g_assert_cmpstr (back.negative, ==, params.negative);
  g_assert_cmpstr (back.sampler, ==, params.sampler);
  g_assert_true (back.seed == params.seed);
  g_assert_cmpint (back.steps, ==, params.steps);
  g_assert_true (back.guidance == params.guidance && back.strength == params.strength && back.grow == params.grow &&
                 back.feather == params.feather && back.paste_fade == params.paste_fade && back.context == params.context);
}

static void
test_text (void)
{
  g_autoptr (LimnGeneration) generation = fixture_generation ("a barn");
  g_autoptr (GHashTable) text = limn_generation_to_text (generation);
  const char *parameters = g_hash_table_lookup (text, "parameters");

  g_assert_true (g_str_has_prefix (parameters, "a barn\nNegative prompt: blurry\nSteps: 20, Sampler: ddim, CFG scale: 7.5, "
                                               "Seed: 18446744073709551610, Size: 120x90, Model hash: 0123456789, Model: "
                                               "limn-inpaint"));
  g_assert_nonnull (strstr (g_hash_table_lookup (text, "limn"), "\"seed\":\"18446744073709551610\""));
}

/* ---- The list ------------------------------------------------------------------------------------------------------- */

static void
test_search (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) history = fixture_open_history (folder);
  static const char *const prompts[] = { "a red barn by the sea", "Ein Haus am Fluß", "seagulls over the HARBOUR", "snow" };
  static const struct
  {
    const char *text;
    guint n;
  } searches[] = { { "", 4 },        { "  ", 4 },      { "sea", 2 },  { "SEA", 2 },       { "red sea", 1 }, { "harb", 1 },
                   { "arbour", 0 }, { "beach", 4 },   { "\"", 4 },   { "barn\" OR snow", 0 }, { "haus", 1 },    { "fluß", 1 },
                   { "NOT", 0 },     { "*", 0 },       { "blurry", 4 }, { "(", 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (prompts); i++)
    g_object_unref (fixture_add (history, prompts[i], i));
  for (guint i = 0; i < G_N_ELEMENTS (searches); i++)
    {
      limn_history_search (history, searches[i].text);
      g_test_message ("“%s”", searches[i].text);
      g_assert_cmpuint (fixture_n_rows (history), ==, searches[i].n);
    }
  limn_history_search (history, NULL);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (LimnGeneration) item = g_list_model_get_item (G_LIST_MODEL (history), i);

      g_assert_cmpstr (item->prompt, ==, prompts[3 - i]);
    }
}

typedef struct
{
  GArray *ids;
  int n;
} Mirror;

/* Follows a list by its signals alone. */
static void
mirror_cb (GListModel *model, guint position, guint removed, guint added, Mirror *mirror)
{
  g_array_remove_range (mirror->ids, position, removed);
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (LimnGeneration) item = g_list_model_get_item (model, position + i);
      gint64 id = limn_generation_get_id (item);

      g_array_insert_val (mirror->ids, position + i, id);
    }
  mirror->n++;
}

static void
assert_mirrors (LimnHistory *history, const Mirror *mirror)
{
  g_assert_cmpuint (mirror->ids->len, ==, fixture_n_rows (history));
  for (guint i = 0; i < mirror->ids->len; i++)
    {
      g_autoptr (LimnGeneration) item = g_list_model_get_item (G_LIST_MODEL (history), i);

      g_assert_cmpint (limn_generation_get_id (item), ==, g_array_index (mirror->ids, gint64, i));
    }
}

static void
test_list_signals (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) history = fixture_open_history (folder);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GError) error = NULL;
  Mirror mirror = { ids, 0 };

  g_signal_connect (history, "items-changed", G_CALLBACK (mirror_cb), &mirror);
  for (guint i = 0; i < 6; i++)
    g_object_unref (fixture_add (history, i % 2 ? "odd" : "even", i));
  assert_mirrors (history, &mirror);
  g_assert_cmpint (mirror.n, ==, 6);
  g_assert_true (limn_history_remove (history, 3, &error));
  g_assert_true (limn_history_remove (history, 6, &error));
  assert_mirrors (history, &mirror);
  g_assert_cmpuint (fixture_n_rows (history), ==, 4);
  limn_history_search (history, "odd");
  assert_mirrors (history, &mirror);
  g_assert_true (limn_history_restore (history, 6, &error));
  assert_mirrors (history, &mirror);
  g_assert_cmpuint (fixture_n_rows (history), ==, 3);
  limn_history_search (history, "");
  assert_mirrors (history, &mirror);
  g_assert_false (limn_history_remove (history, 77, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_signal_handlers_disconnect_by_data (history, &mirror);
}

typedef struct
{
  LimnHistory *history;
  int start;
} Adder;

static gpointer
add_worker (gpointer data)
{
  Adder *adder = data;

  for (int i = 0; i < 8; i++)
    {
      g_autofree char *prompt = g_strdup_printf ("from a thread %d", adder->start + i);

      g_object_unref (fixture_add (adder->history, prompt, adder->start + i));
    }
  return NULL;
}

/* Rows added elsewhere appear in this thread, when it comes by. */
static void
test_threads (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) history = fixture_open_history (folder);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  Mirror mirror = { ids, 0 };
  Adder adders[3] = { { history, 0 }, { history, 100 }, { history, 200 } };
  GThread *threads[3];

  g_signal_connect (history, "items-changed", G_CALLBACK (mirror_cb), &mirror);
  for (int i = 0; i < 3; i++)
    threads[i] = g_thread_new ("adder", add_worker, &adders[i]);
  for (int i = 0; i < 3; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (fixture_n_rows (history), ==, 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (fixture_n_rows (history), ==, 24);
  assert_mirrors (history, &mirror);
  g_signal_handlers_disconnect_by_data (history, &mirror);
}

/* ---- Files ---------------------------------------------------------------------------------------------------------- */

/* The same picture is stored once; what was removed goes at a start a day later, and only that. */
static void
test_files (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *parent = NULL;
  g_autofree char *stray = NULL;
  g_autofree char *temporary = NULL;
  g_autofree char *kept_hash = NULL;
  gint64 removed_id;

  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autoptr (LimnGeneration) first = fixture_add (history, "one", 1001);
    g_autoptr (LimnGeneration) second = fixture_add (history, "two", 1002);

    g_assert_cmpstr (first->input_hash, ==, second->input_hash);
    /* Input, mask; two outputs, two thumbnails. */
    g_assert_cmpuint (fixture_count_pictures (folder), ==, 6);
    kept_hash = g_strdup (first->output_hash);
    removed_id = limn_generation_get_id (second);
    g_assert_true (limn_history_remove (history, removed_id, NULL));
    g_assert_cmpuint (fixture_count_pictures (folder), ==, 6);
  }
  fixture_age_removed (folder, LIMN_HISTORY_KEEP_REMOVED);
  stray = g_build_filename (folder, "files", "ab", "stray.png", NULL);
  temporary = g_build_filename (folder, "files", "ab", "0123.png.XK3HS2", NULL);
  parent = g_path_get_dirname (stray);
  g_mkdir_with_parents (parent, 0700);
  g_file_set_contents (stray, "x", -1, NULL);
  g_file_set_contents (temporary, "x", -1, NULL);
  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autoptr (GError) error = NULL;
    g_autoptr (LimnImage) kept = limn_history_load_image (history, kept_hash, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (fixture_count_pictures (folder), ==, 4);
    g_assert_cmpuint (fixture_n_rows (history), ==, 1);
    g_assert_false (limn_history_restore (history, removed_id, NULL));
    limn_history_search (history, "two");
    g_assert_cmpuint (fixture_n_rows (history), ==, 0);
  }
}

/* What was removed comes back to its place with its files, also after the program was closed; the last one first. */
static void
test_restore_last (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (GError) error = NULL;
  gint64 ids[3];

  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);

    for (guint i = 0; i < 3; i++)
      {
        g_autoptr (LimnGeneration) generation = fixture_add (history, "one of three", 2000 + i);

        ids[i] = limn_generation_get_id (generation);
      }
    g_assert_cmpint (limn_history_restore_last (history, &error), ==, 0);
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
    g_clear_error (&error);
    g_assert_true (limn_history_remove (history, ids[0], NULL));
    g_assert_true (limn_history_remove (history, ids[1], NULL));
  }
  fixture_age_removed (folder, LIMN_HISTORY_KEEP_REMOVED / 2);
  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    guint position = 77;

    g_assert_cmpuint (fixture_n_rows (history), ==, 1);
    g_assert_false (limn_history_find (history, ids[1], &position));
    g_assert_cmpint (limn_history_restore_last (history, &error), ==, ids[1]);
    g_assert_no_error (error);
    g_assert_true (limn_history_find (history, ids[1], &position));
    g_assert_cmpuint (position, ==, 1);
    g_assert_cmpint (limn_history_restore_last (history, &error), ==, ids[0]);
    g_assert_true (limn_history_find (history, ids[0], &position));
    g_assert_cmpuint (position, ==, 2);
    for (guint i = 0; i < 3; i++)
      {
        g_autoptr (LimnGeneration) back = limn_history_lookup (history, ids[i], &error);
        g_autoptr (LimnImage) result = limn_history_load_result (history, back, &error);
        g_autoptr (LimnImage) thumbnail = limn_history_load_thumbnail (history, ids[i], &error);

        g_assert_no_error (error);
        g_assert_nonnull (result);
        g_assert_nonnull (thumbnail);
      }
    limn_history_search (history, "three");
    g_assert_cmpuint (fixture_n_rows (history), ==, 3);
    /* A clock that was far ahead does not keep it for ever. */
    g_assert_true (limn_history_remove (history, ids[2], NULL));
  }
  fixture_age_removed (folder, -1000 * LIMN_HISTORY_KEEP_REMOVED);
  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);

    g_assert_cmpint (limn_history_restore_last (history, NULL), ==, 0);
  }
}

/* ---- What the list shows -------------------------------------------------------------------------------------------- */

/* Adds a removal of a grey picture that made @x, @y to @x + 39, @y + 39 red; its small picture (transfer full). */
static LimnImage *
red_square (LimnHistory *history, int x, int y)
{
  g_autoptr (LimnGeneration) generation = limn_generation_new ("remove");
  g_autoptr (LimnImage) input = limn_image_new (1000, 800, 3, NULL);
  g_autoptr (LimnImage) output = limn_image_new (60, 60, 4, NULL);
  g_autoptr (GError) error = NULL;
  LimnImage *thumbnail;

  memset (input->pixels, 128, input->stride * input->height);
  memset (output->pixels, 0, output->stride * output->height);
  /* In a corner of the patch, the rest of which is transparent. */
  for (int v = 0; v < 40; v++)
    for (int u = 0; u < 40; u++)
      memcpy (limn_image_row (output, v) + 4 * u, "\xff\x00\x00\xff", 4);
  g_object_set (generation, "result-x", x, "result-y", y, "width", 1000, "height", 800, NULL);
  g_assert_true (limn_history_add (history, generation, input, NULL, output, &error));
  g_assert_no_error (error);
  thumbnail = limn_history_load_thumbnail (history, limn_generation_get_id (generation), &error);
  g_assert_no_error (error);
  return thumbnail;
}

static guint
n_red (const LimnImage *image, LimnRect *bounds)
{
  guint n = 0;

  *bounds = (LimnRect) { 0 };
  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      {
        const guint8 *p = limn_image_row (image, y) + 3 * x;
        LimnRect here = { x, y, 1, 1 };

        if (p[0] < 200 || p[1] > 60)
          continue;
        if (n++ == 0)
          *bounds = here;
        else
          limn_rect_union (bounds, &here, bounds);
      }
  return n;
}

/* Two results of one photo that changed different places look different: each shows its own, in the middle of what is around it. */
static void
test_thumbnail_of_patch (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) history = fixture_open_history (folder);
  g_autoptr (LimnImage) middle = red_square (history, 500, 300);
  g_autoptr (LimnImage) corner = red_square (history, 960, 760);
  LimnRect where;

  g_assert_cmpint (middle->width, ==, 160);
  g_assert_cmpint (middle->height, ==, 160);
  g_assert_cmpuint (n_red (middle, &where), ==, 1600);
  g_assert_cmpint (where.x, ==, 60);
  g_assert_cmpint (where.y, ==, 60);
  g_assert_cmpuint (n_red (corner, &where), ==, 1600);
  g_assert_cmpint (where.x, ==, 120);
  g_assert_cmpint (where.y, ==, 120);
}

static void
test_shown_part (void)
{
  static const struct
  {
    LimnRect changed, shown;
  } rows[] = {
    /* Half as much around it. */
    { { 1000, 1000, 400, 200 }, { 900, 800, 600, 600 } },
    /* At an edge; small; what is larger than the picture is high; all of it. */
    { { 0, 1000, 400, 200 }, { 0, 800, 600, 600 } },
    { { 3990, 0, 10, 10 }, { 3840, 0, 160, 160 } },
    { { 3600, 0, 400, 3000 }, { 1000, 0, 3000, 3000 } },
    { { 0, 2900, 4000, 100 }, { 0, 0, 4000, 3000 } },
    { { 0, 0, 4000, 3000 }, { 0, 0, 4000, 3000 } },
  };
  LimnRect one = { 0, 0, 1, 1 }, shown;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      shown = _limn_history_shown_part (&rows[i].changed, 4000, 3000);
      g_assert_cmpint (shown.x, ==, rows[i].shown.x);
      g_assert_cmpint (shown.y, ==, rows[i].shown.y);
      g_assert_cmpint (shown.width, ==, rows[i].shown.width);
      g_assert_cmpint (shown.height, ==, rows[i].shown.height);
    }
  shown = _limn_history_shown_part (&one, 1, 1);
  g_assert_cmpint (shown.width, ==, 1);
  g_assert_cmpint (shown.height, ==, 1);
}

/* Upscaling in one pass has none, nor a removal for which none was chosen; then no text names one. */
static void
test_has_seed (void)
{
  static const struct
  {
    const char *kind;
    guint64 seed;
    int steps;
    gboolean has;
  } rows[] = { { "inpaint", 0, 20, TRUE }, { "upscale", 5, 20, TRUE }, { "upscale", 5, 0, FALSE }, { "remove", 0, 0, FALSE },
               { "remove", 5, 0, TRUE },   { "generate", 5, 20, TRUE } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (LimnGeneration) generation = limn_generation_new (rows[i].kind);
      g_autoptr (GHashTable) text = NULL;
      const char *parameters;

      g_object_set (generation, "seed", rows[i].seed, "steps", rows[i].steps, NULL);
      g_assert_cmpint (limn_generation_has_seed (generation), ==, rows[i].has);
      text = limn_generation_to_text (generation);
      parameters = g_hash_table_lookup (text, "parameters");
      g_assert_cmpint (strstr (parameters, "Seed: ") != NULL, ==, rows[i].has);
      g_assert_null (strstr (parameters, "Steps: 0"));
    }
}

/* While another program has it open, nothing is cleaned away. */
static void
test_two_programs (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) first = fixture_open_history (folder);
  g_autoptr (LimnGeneration) generation = fixture_add (first, "one", 1);
  g_autoptr (LimnImage) image = fixture_noise (20, 20, 3, 500);
  g_autofree char *ahead = limn_history_store_image (first, image, NULL, NULL);
  g_autoptr (LimnHistory) second = NULL;
  g_autoptr (LimnGeneration) other = NULL;
  g_autoptr (LimnImage) still = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (limn_history_remove (first, limn_generation_get_id (generation), NULL));
  second = fixture_open_history (folder);
  still = limn_history_load_image (second, ahead, &error);
  g_assert_no_error (error);
  g_assert_true (limn_history_restore (first, limn_generation_get_id (generation), &error));
  other = fixture_add (second, "two", 2);
  limn_history_search (first, "");
  g_assert_cmpuint (fixture_n_rows (first), ==, 2);
}

/* A damaged or missing picture is an error that says so; a name that is no hash reaches no file. */
static void
test_damaged_picture (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnHistory) history = fixture_open_history (folder);
  g_autoptr (LimnGeneration) generation = fixture_add (history, "one", 1);
  g_autofree char *start = g_strndup (generation->output_hash, 2);
  g_autofree char *name = g_strconcat (generation->output_hash + 2, ".png", NULL);
  g_autofree char *path = g_build_filename (folder, "files", start, name, NULL);
  g_autoptr (GError) error = NULL;
  static const char *const names[] = { "", "../../etc/passwd", "zz", "abc" };

  g_file_set_contents (path, "damage", -1, NULL);
  g_assert_null (limn_history_load_image (history, generation->output_hash, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_clear_error (&error);
  g_unlink (path);
  g_assert_null (limn_history_load_image (history, generation->output_hash, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_null (limn_history_load_image (history, names[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/history/loaded-is-bounded", test_loaded_is_bounded);
  g_test_add_func ("/history/round-trip", test_round_trip);
  g_test_add_func ("/history/empty-row", test_empty_row);
  g_test_add_func ("/history/load-result", test_load_result);
  g_test_add_func ("/history/params", test_params);
  g_test_add_func ("/history/text", test_text);
  g_test_add_func ("/history/search", test_search);
  g_test_add_func ("/history/list-signals", test_list_signals);
  g_test_add_func ("/history/threads", test_threads);
  g_test_add_func ("/history/files", test_files);
  g_test_add_func ("/history/restore-last", test_restore_last);
  g_test_add_func ("/history/thumbnail-of-patch", test_thumbnail_of_patch);
  g_test_add_func ("/history/shown-part", test_shown_part);
  g_test_add_func ("/history/has-seed", test_has_seed);
  g_test_add_func ("/history/two-programs", test_two_programs);
  g_test_add_func ("/history/damaged-picture", test_damaged_picture);
  return g_test_run ();
}
