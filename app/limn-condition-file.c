/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-condition-file"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "app/file-read.h"
#include "app/limn-boxes.h"
#include "app/limn-condition-file.h"
#include "app/limn-image-file.h"

/* What a context may be: more vectors than any model reads. */
#define MAX_VECTORS 4096
#define MAX_EMBEDDING (64 * 1024 * 1024)

/* The name that people know a file by (transfer full). */
static char *
display_name (GFile *file)
{
  g_autofree char *basename = g_file_get_basename (file);

  return g_filename_display_name (basename != NULL ? basename : "");
}

static gboolean bad_file (GError **error, const char *name, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
bad_file (GError **error, const char *name, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "“%s”: %s", name, message);
  return FALSE;
}

/* ---- Boxes ----------------------------------------------------------------------------------- */

GArray *
limn_boxes_file_read (GFile *file, LimnModel *model, GError **error)
{
  g_autoptr (LimnBoxes) boxes = NULL;
  g_autoptr (GError) cause = NULL;
  g_autofree char *name = NULL, *text = NULL;
  GArray *resolved;
  gsize n;

  g_return_val_if_fail (G_IS_FILE (file) && model != NULL, NULL);
  name = display_name (file);
  if (!g_file_load_contents (file, NULL, &text, &n, NULL, &cause))
    {
      limn_set_read_error (error, file, cause);
      return NULL;
    }
  boxes = limn_boxes_parse (name, text, n, error);
  if (boxes == NULL)
    return NULL;
  resolved = limn_boxes_resolve (boxes, model, &cause);
  if (resolved == NULL)
    bad_file (error, name, "%s", cause->message);
  return resolved;
}

/* ---- Labels ---------------------------------------------------------------------------------- */

LimnImage *
limn_labels_file_read (GFile *file, GError **error)
{
  g_autoptr (LimnImage) image = limn_image_file_read (file, NULL, NULL, error), labels = NULL;
  g_autofree char *name = NULL;

  if (image == NULL)
    return NULL;
  name = display_name (file);
  labels = limn_image_new (image->width, image->height, 1, error);
  if (labels == NULL)
    return NULL;
  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      {
        const guint8 *pixel = limn_image_row (image, y) + (gsize)x * image->channels;

        if (pixel[0] != pixel[1] || pixel[0] != pixel[2])
          {
            bad_file (
                error, name,
                _("is in colour (at %d, %d); a map of labels is grey, and its values are the "
                   "labels' numbers"),
                x, y);
            return NULL;
          }
        limn_image_row (labels, y)[x] = pixel[0];
      }
  return g_steal_pointer (&labels);
}

/* ---- Embeddings ------------------------------------------------------------------------------ */

/* The tensor that is meant; FALSE when that cannot be told. */
static gboolean
find_embedding (LimnWeights *weights, LimnTensor *tensor)
{
  int n_found = 0;

  if (limn_weights_lookup (weights, "embedding", tensor))
    return limn_dtype_is_float (tensor->dtype);
  for (const char *const *name = limn_weights_list (weights); *name != NULL; name++)
    {
      LimnTensor found;

      if (limn_weights_lookup (weights, *name, &found) && limn_dtype_is_float (found.dtype))
        {
          *tensor = found;
          n_found++;
        }
    }
  return n_found == 1;
}

float *
limn_embedding_file_read (const char *path, int *n, int *width, GError **error)
{
  g_autoptr (LimnWeights) weights = limn_weights_open (path, error);
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *shape = NULL;
  gint64 count, last;
  LimnTensor tensor;
  float *vectors;

  if (weights == NULL)
    return NULL;
  if (!find_embedding (weights, &tensor))
    {
      bad_file (error, name, "%s",
                _("has no tensor “embedding”, and not one tensor of numbers alone"));
      return NULL;
    }
  shape = limn_tensor_describe (&tensor);
  count = limn_tensor_count (&tensor);
  last = tensor.n_dims > 0 ? tensor.extent[tensor.n_dims - 1] : 0;
  if (count < 1 || last < 1 || count / last > MAX_VECTORS || count > MAX_EMBEDDING
      || (tensor.n_dims >= 2 && count != last * tensor.extent[tensor.n_dims - 2]))
    {
      bad_file (error, name, _("its tensor is %s, not some vectors of numbers"), shape);
      return NULL;
    }
  vectors = g_new (float, count);
  limn_tensor_read_f32 (&tensor, 0, count, vectors);
  *n = (int)(count / last);
  *width = (int)last;
  return vectors;
}
