/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-condition-file"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>

#include "app/limn-condition-file.h"
#include "app/limn-image-file.h"
#include "engine/model/json-config.h"

/* More is no list of boxes. */
#define MAX_JSON_BYTES (16 * 1024 * 1024)
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

/* One file of boxes being read. */
typedef struct
{
  const char *name; /* of the file, for messages */
  LimnModel *model;
  int number; /* of the box, from 1 */
} Reading;

static JsonNode *
member_of (JsonObject *object, const char *name, const char *other)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL ? node : json_object_get_member (object, other);
}

static gboolean
read_label (Reading *r, JsonObject *object, LimnLabelledBox *box, GError **error)
{
  JsonNode *node = member_of (object, "label", "class");
  g_autofree char *number = NULL;
  g_autoptr (GError) cause = NULL;
  const char *text = NULL;

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
    {
      if (json_node_get_value_type (node) == G_TYPE_STRING)
        text = json_node_get_string (node);
      else if (json_node_get_value_type (node) == G_TYPE_INT64)
        text = number = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
    }
  if (text == NULL)
    return bad_file (error, r->name, _("box %d has no “label”, a name or a number"), r->number);
  box->category = limn_model_find_category (r->model, text, &cause);
  return box->category >= 0
         || bad_file (error, r->name, _("box %d: %s"), r->number, cause->message);
}

static gboolean
read_corners (Reading *r, JsonObject *object, LimnLabelledBox *box, GError **error)
{
  JsonNode *node = member_of (object, "box", "bbox");
  JsonArray *list
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  double numbers[4];

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      JsonNode *element = list != NULL && json_array_get_length (list) == G_N_ELEMENTS (numbers)
                              ? json_array_get_element (list, i)
                              : NULL;
      GType type = element != NULL && JSON_NODE_HOLDS_VALUE (element)
                       ? json_node_get_value_type (element)
                       : G_TYPE_INVALID;

      if (type != G_TYPE_DOUBLE && type != G_TYPE_INT64)
        return bad_file (error, r->name,
                         _("box %d has no “box”, a list of left, top, width and height"),
                         r->number);
      numbers[i] = json_node_get_double (element);
    }
  box->x = numbers[0];
  box->y = numbers[1];
  box->width = numbers[2];
  box->height = numbers[3];
  return TRUE;
}

static gboolean
read_flags (Reading *r, JsonObject *object, LimnLabelledBox *box, GError **error)
{
  static const struct
  {
    const char *name;
    LimnBoxFlags flag;
  } flags[] = { { "group", LIMN_BOX_GROUP },
                { "occluded", LIMN_BOX_OCCLUDED },
                { "depiction", LIMN_BOX_DEPICTION },
                { "inside", LIMN_BOX_INSIDE } };

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      JsonNode *node = json_object_get_member (object, flags[i].name);

      if (node == NULL)
        continue;
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
        return bad_file (error, r->name, _("box %d: “%s” is neither true nor false"), r->number,
                         flags[i].name);
      if (json_node_get_boolean (node))
        box->flags |= flags[i].flag;
    }
  return TRUE;
}

/* The list of boxes in the file; NULL when it has none. */
static JsonArray *
find_list (JsonNode *root)
{
  JsonNode *node = root;

  if (JSON_NODE_HOLDS_OBJECT (root))
    node = json_object_get_member (json_node_get_object (root), "boxes");
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static GArray *
read_list (Reading *r, JsonArray *list, GError **error)
{
  g_autoptr (GArray) boxes = g_array_new (FALSE, TRUE, sizeof (LimnLabelledBox));

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);
      LimnLabelledBox box = { 0 };
      JsonObject *object;

      r->number = (int)i + 1;
      if (!JSON_NODE_HOLDS_OBJECT (node))
        {
          bad_file (error, r->name, _("box %d is no object with “label” and “box”"), r->number);
          return NULL;
        }
      object = json_node_get_object (node);
      if (!read_label (r, object, &box, error) || !read_corners (r, object, &box, error)
          || !read_flags (r, object, &box, error))
        return NULL;
      g_array_append_val (boxes, box);
    }
  return g_steal_pointer (&boxes);
}

GArray *
limn_boxes_file_read (GFile *file, LimnModel *model, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) cause = NULL;
  g_autofree char *name = NULL, *text = NULL;
  Reading reading;
  JsonNode *root = NULL;
  JsonArray *list;
  gsize n;

  g_return_val_if_fail (G_IS_FILE (file) && model != NULL, NULL);
  name = display_name (file);
  reading = (Reading){ .name = name, .model = model };
  if (!g_file_load_contents (file, NULL, &text, &n, NULL, &cause))
    {
      g_set_error (error, cause->domain, cause->code, _("“%s” could not be read: %s"), name,
                   cause->message);
      return NULL;
    }
  if (n <= MAX_JSON_BYTES)
    root = limn_json_parse (parser, text, n, &cause);
  if (root == NULL)
    {
      bad_file (error, name, _("is no JSON: %s"),
                cause != NULL ? cause->message : _("the file is too large"));
      return NULL;
    }
  list = find_list (root);
  if (list == NULL)
    {
      bad_file (error, name, "%s", _("has no list of boxes"));
      return NULL;
    }
  return read_list (&reading, list, error);
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
