/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The names of what a model can be told by number.
 */
#include <string.h>

#include "engine/model/category-names.h"
#include "engine/model/model-private.h"
#include "engine/weights/file.h"

#define MAX_FILE_BYTES (1024 * 1024)

/* The names that go with a number of classes: models with as many were trained on that data set. */
static const char *
known_names (LimnModel *model)
{
  int n = model->info.n_categories;

  if ((model->info.takes & LIMN_TAKES_CLASS) != 0
      && (n == LIMN_N_IMAGENET || n == LIMN_N_IMAGENET + 1))
    return _limn_imagenet_names;
  if ((model->info.takes & LIMN_TAKES_LABELS) != 0 && n == LIMN_N_COCO_STUFF)
    return _limn_coco_stuff_names;
  return NULL;
}

static char **
split_lines (const char *text)
{
  char **lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    g_strstrip (*line);
  return lines;
}

gboolean
_limn_model_open_categories (LimnModel *model, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "categories.txt", NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;
  const char *data;
  gsize size;

  if (model->info.n_categories == 0)
    return TRUE;
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      if (known_names (model) != NULL)
        model->category_names = split_lines (known_names (model));
      return TRUE;
    }
  bytes = limn_file_map (path, MAX_FILE_BYTES, error);
  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &size);
  if (size > 0 && !g_utf8_validate_len (data, size, NULL))
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE, "%s: not UTF-8 text",
                   path);
      return FALSE;
    }
  text = g_strndup (data != NULL ? data : "", size);
  model->category_names = split_lines (text);
  return TRUE;
}

const char *
limn_model_get_category_name (LimnModel *model, int category)
{
  const char *name;

  g_return_val_if_fail (model != NULL, NULL);

  if (category < 0 || category >= model->info.n_categories || model->category_names == NULL
      || (guint)category >= g_strv_length (model->category_names))
    return NULL;
  name = model->category_names[category];
  return name[0] != '\0' ? name : NULL;
}

/* Whether @wanted, case-folded, is @names or one of those between its commas. */
static gboolean
is_among (const char *names, const char *wanted)
{
  g_auto (GStrv) parts = g_strsplit (names, ",", -1);
  g_autofree char *whole = g_utf8_casefold (names, -1);

  if (g_str_equal (whole, wanted))
    return TRUE;
  for (char **part = parts; *part != NULL; part++)
    {
      g_autofree char *folded = g_utf8_casefold (g_strstrip (*part), -1);

      if (g_str_equal (folded, wanted))
        return TRUE;
    }
  return FALSE;
}

int
limn_model_find_category (LimnModel *model, const char *name_or_number, GError **error)
{
  g_autofree char *wanted = NULL;
  guint64 number;

  g_return_val_if_fail (model != NULL && name_or_number != NULL, -1);

  if (model->info.n_categories > 0
      && g_ascii_string_to_unsigned (name_or_number, 10, 0, (guint64)model->info.n_categories - 1,
                                     &number, NULL))
    return (int)number;
  wanted = g_utf8_casefold (name_or_number, -1);
  for (int i = 0; i < model->info.n_categories; i++)
    {
      const char *name = limn_model_get_category_name (model, i);

      if (name != NULL && is_among (name, wanted))
        return i;
    }
  if (model->info.n_categories > 0 && model->category_names == NULL)
    g_set_error (
        error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
        "What the model “%s” calls its numbers, 0 to %d, is not known; “%s” is none of them",
        model->id, model->info.n_categories - 1, name_or_number);
  else if (model->info.n_categories > 0)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "The model “%s” knows nothing called “%s”; its numbers are 0 to %d", model->id,
                 name_or_number, model->info.n_categories - 1);
  else
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "The model “%s” takes no classes or labels such as “%s”", model->id,
                 name_or_number);
  return -1;
}
