/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What models are told, from files that people and other programs write.
 */
#include <string.h>

#include <glib/gstdio.h>

#include "app/limn-condition-file.h"

typedef struct
{
  char *path;
  GFile *file;
  LimnModel *model; /* of boxes with 40 kinds of objects */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *model = g_test_build_filename (G_TEST_DIST, "..", "golden", "fixtures",
                                                  "K3-layout", "model.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  int handle = g_file_open_tmp ("limn-boxes-XXXXXX.json", &f->path, &error);

  g_assert_no_error (error);
  g_close (handle, NULL);
  f->file = g_file_new_for_path (f->path);
  f->model = limn_model_open (model, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_remove (f->path);
  g_free (f->path);
  g_object_unref (f->file);
  limn_model_unref (f->model);
}

static GArray *
read_boxes (Fixture *f, const char *text, GError **error)
{
  g_assert_true (g_file_set_contents (f->path, text, -1, NULL));
  return limn_boxes_file_read (f->file, f->model, error);
}

static void
test_boxes (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) boxes
      = read_boxes (f,
                    "[{\"label\": 3, \"box\": [0.25, 0, 0.5, 1], \"group\": true},"
                    " {\"class\": \"17\", \"bbox\": [0, 0.125, 1, 0.5], \"occluded\": true,"
                    "  \"inside\": true, \"depiction\": false, \"note\": \"kept out\"}]",
                    &error);
  g_autoptr (GArray) wrapped = NULL, none = NULL;
  const LimnLabelledBox *box;

  g_assert_no_error (error);
  g_assert_cmpuint (boxes->len, ==, 2);
  box = &g_array_index (boxes, LimnLabelledBox, 0);
  g_assert_cmpint (box->category, ==, 3);
  g_assert_cmpfloat (box->x, ==, 0.25);
  g_assert_cmpfloat (box->y, ==, 0.0);
  g_assert_cmpfloat (box->width, ==, 0.5);
  g_assert_cmpfloat (box->height, ==, 1.0);
  g_assert_cmpint (box->flags, ==, LIMN_BOX_GROUP);
  box = &g_array_index (boxes, LimnLabelledBox, 1);
  g_assert_cmpint (box->category, ==, 17);
  g_assert_cmpfloat (box->y, ==, 0.125);
  g_assert_cmpint (box->flags, ==, LIMN_BOX_OCCLUDED | LIMN_BOX_INSIDE);

  wrapped = read_boxes (f, "{\"boxes\": [{\"label\": 0, \"box\": [0, 0, 1, 1]}]}", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (wrapped->len, ==, 1);
  none = read_boxes (f, "[]", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
}

/* The message names the file, and the box where there is one. */
static void
test_bad_boxes (Fixture *f, gconstpointer data)
{
  static const char *const bad[][2] = {
    { "", "boxes" },
    { "not JSON", "JSON" },
    { "[{\"label\": 3, \"box\": [0, 0, 1, 1]", "JSON" },
    { "7", "list of boxes" },
    { "{\"boxes\": 7}", "list of boxes" },
    { "[7]", "box 1" },
    { "[{\"label\": 1, \"box\": [0, 0, 1, 1]}, {\"box\": [0, 0, 1, 1]}]", "box 2" },
    { "[{\"label\": 1.5, \"box\": [0, 0, 1, 1]}]", "label" },
    { "[{\"label\": null, \"box\": [0, 0, 1, 1]}]", "label" },
    { "[{\"label\": [1], \"box\": [0, 0, 1, 1]}]", "label" },
    { "[{\"label\": 4000, \"box\": [0, 0, 1, 1]}]", "4000" },
    { "[{\"label\": \"no such thing\", \"box\": [0, 0, 1, 1]}]", "no such thing" },
    { "[{\"label\": 1}]", "box 1" },
    { "[{\"label\": 1, \"box\": [0, 0, 1]}]", "left, top" },
    { "[{\"label\": 1, \"box\": [0, 0, 1, \"1\"]}]", "left, top" },
    { "[{\"label\": 1, \"box\": {\"x\": 0}}]", "left, top" },
    { "[{\"label\": 1, \"box\": [0, 0, 1, 1], \"group\": 1}]", "group" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *name = g_path_get_basename (f->path);
      g_autoptr (GError) error = NULL;

      g_assert_null (read_boxes (f, bad[i][0], &error));
      g_assert_nonnull (error);
      if (strstr (error->message, bad[i][1]) == NULL || strstr (error->message, name) == NULL)
        g_error ("“%s” is not in “%s”", bad[i][1], error->message);
    }
  g_remove (f->path);
  g_assert_null (limn_boxes_file_read (f->file, f->model, NULL));
}

/* One tensor as safetensors. */
static void
write_tensors (Fixture *f, const char *header, const void *data, gsize n)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE ((guint64)strlen (header));

  g_byte_array_append (bytes, (const guint8 *)&length, sizeof length);
  g_byte_array_append (bytes, (const guint8 *)header, (guint)strlen (header));
  g_byte_array_append (bytes, data, (guint)n);
  g_assert_true (g_file_set_contents (f->path, (const char *)bytes->data, bytes->len, NULL));
}

static void
test_embedding (Fixture *f, gconstpointer data)
{
  const float values[6] = { 1.0f, 2.0f, 3.0f, -4.0f, 5.5f, 6.0f };
  const struct
  {
    const char *header;
    int n, width;
    float first;
  } good[] = {
    { "{\"x\": {\"dtype\": \"F32\", \"shape\": [2, 3], \"data_offsets\": [0, 24]}}", 2, 3, 1.0f },
    { "{\"x\": {\"dtype\": \"F32\", \"shape\": [1, 3, 2], \"data_offsets\": [0, 24]}}", 3, 2,
      1.0f },
    { "{\"x\": {\"dtype\": \"F32\", \"shape\": [6], \"data_offsets\": [0, 24]}}", 1, 6, 1.0f },
    { "{\"x\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]},"
      " \"embedding\": {\"dtype\": \"F32\", \"shape\": [2, 2], \"data_offsets\": [8, 24]}}",
      2, 2, 3.0f },
  };
  static const char *const bad[] = {
    "{\"x\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]},"
    " \"y\": {\"dtype\": \"F32\", \"shape\": [4], \"data_offsets\": [8, 24]}}",
    "{\"x\": {\"dtype\": \"I32\", \"shape\": [6], \"data_offsets\": [0, 24]}}",
    "{\"x\": {\"dtype\": \"F32\", \"shape\": [2, 3, 1], \"data_offsets\": [0, 24]}}",
    "{}",
  };
  int n, width;

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree float *vectors = NULL;

      write_tensors (f, good[i].header, values, sizeof values);
      vectors = limn_embedding_file_read (f->path, &n, &width, &error);
      g_assert_no_error (error);
      g_assert_cmpint (n, ==, good[i].n);
      g_assert_cmpint (width, ==, good[i].width);
      g_assert_cmpfloat (vectors[0], ==, good[i].first);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *name = g_path_get_basename (f->path);
      g_autoptr (GError) error = NULL;

      write_tensors (f, bad[i], values, strcmp (bad[i], "{}") == 0 ? 0 : sizeof values);
      g_assert_null (limn_embedding_file_read (f->path, &n, &width, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, name));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/condition-file/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("boxes", test_boxes);
  ADD ("bad-boxes", test_bad_boxes);
  ADD ("embedding", test_embedding);
  return g_test_run ();
}
