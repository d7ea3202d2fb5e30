/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-boxes"

#include "config.h"

#include "app/limn-boxes.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>

#include "engine/model/json-config.h"

/* More is no list of boxes. */
#define MAX_JSON_BYTES (16 * 1024 * 1024)

struct _LimnBoxes
{
  gatomicrefcount ref_count;
  GArray *boxes; /* of LimnBox with labels of their own */
};

static void
box_clear (gpointer data)
{
  LimnBox *box = data;

  g_free ((char *)box->label);
}

LimnBoxes *
limn_boxes_new (void)
{
  LimnBoxes *self = g_new0 (LimnBoxes, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->boxes = g_array_new (FALSE, TRUE, sizeof (LimnBox));
  g_array_set_clear_func (self->boxes, box_clear);
  return self;
}

LimnBoxes *
limn_boxes_ref (LimnBoxes *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
limn_boxes_unref (LimnBoxes *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_array_unref (self->boxes);
  g_free (self);
}

guint
limn_boxes_get_count (LimnBoxes *self)
{
  return self != NULL ? self->boxes->len : 0;
}

const LimnBox *
limn_boxes_get (LimnBoxes *self, guint i)
{
  g_return_val_if_fail (i < limn_boxes_get_count (self), NULL);

  return &g_array_index (self->boxes, LimnBox, i);
}

static gboolean
box_equal (const LimnBox *a, const LimnBox *b)
{
  return g_str_equal (a->label, b->label) && a->x == b->x && a->y == b->y && a->width == b->width
         && a->height == b->height && a->flags == b->flags;
}

gboolean
limn_boxes_equal (LimnBoxes *a, LimnBoxes *b)
{
  guint n = limn_boxes_get_count (a);

  if (n != limn_boxes_get_count (b))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!box_equal (limn_boxes_get (a, i), limn_boxes_get (b, i)))
      return FALSE;
  return TRUE;
}

/* Only while the list is being made. */
static void
add (LimnBoxes *self, const LimnBox *box)
{
  LimnBox copy = *box;

  copy.label = g_strdup (box->label != NULL ? box->label : "");
  g_array_append_val (self->boxes, copy);
}

LimnBoxes *
limn_boxes_append (LimnBoxes *self, const LimnBox *box)
{
  LimnBoxes *made = limn_boxes_new ();

  for (guint i = 0; i < limn_boxes_get_count (self); i++)
    add (made, limn_boxes_get (self, i));
  add (made, box);
  return made;
}

LimnBoxes *
limn_boxes_replace (LimnBoxes *self, guint at, const LimnBox *box)
{
  LimnBoxes *made = limn_boxes_new ();

  for (guint i = 0; i < limn_boxes_get_count (self); i++)
    add (made, i == at ? box : limn_boxes_get (self, i));
  return made;
}

LimnBoxes *
limn_boxes_remove (LimnBoxes *self, guint at)
{
  LimnBoxes *made = limn_boxes_new ();

  for (guint i = 0; i < limn_boxes_get_count (self); i++)
    if (i != at)
      add (made, limn_boxes_get (self, i));
  return made;
}

LimnBoxes *
limn_boxes_map (LimnBoxes *self, double x, double y, double width, double height)
{
  LimnBoxes *made = limn_boxes_new ();

  for (guint i = 0; i < limn_boxes_get_count (self); i++)
    {
      LimnBox box = *limn_boxes_get (self, i);

      box.x = (box.x - x) / width;
      box.y = (box.y - y) / height;
      box.width /= width;
      box.height /= height;
      add (made, &box);
    }
  return made;
}

/* ---- To and from what a model is told -------------------------------------------------------- */

GArray *
limn_boxes_resolve (LimnBoxes *self, LimnModel *model, GError **error)
{
  g_autoptr (GArray) resolved = g_array_new (FALSE, TRUE, sizeof (LimnLabelledBox));

  g_return_val_if_fail (model != NULL, NULL);

  for (guint i = 0; i < limn_boxes_get_count (self); i++)
    {
      const LimnBox *box = limn_boxes_get (self, i);
      g_autoptr (GError) cause = NULL;
      LimnLabelledBox told = {
        .x = box->x, .y = box->y, .width = box->width, .height = box->height, .flags = box->flags
      };

      if (box->label[0] == '\0')
        {
          g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                       _ ("box %u has no label yet"), i + 1);
          return NULL;
        }
      told.category = limn_model_find_category (model, box->label, &cause);
      if (told.category < 0)
        {
          g_set_error (error, cause->domain, cause->code, _ ("box %u: %s"), i + 1, cause->message);
          return NULL;
        }
      g_array_append_val (resolved, told);
    }
  return g_steal_pointer (&resolved);
}

LimnBoxes *
limn_boxes_new_labelled (const LimnLabelledBox *boxes, guint n_boxes, LimnModel *model)
{
  LimnBoxes *made = limn_boxes_new ();

  for (guint i = 0; i < n_boxes; i++)
    {
      const LimnLabelledBox *told = &boxes[i];
      const char *name = limn_model_get_category_name (model, told->category);
      g_autofree char *number = g_strdup_printf ("%d", told->category);
      gboolean unique
          = name != NULL && limn_model_find_category (model, name, NULL) == told->category;
      LimnBox box = { .label = unique ? name : number,
                      .x = told->x,
                      .y = told->y,
                      .width = told->width,
                      .height = told->height,
                      .flags = told->flags };

      add (made, &box);
    }
  return made;
}

char *
limn_boxes_describe (LimnBoxes *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < limn_boxes_get_count (self); i++)
    {
      const char *label = limn_boxes_get (self, i)->label;

      if (label[0] == '\0' || !g_hash_table_add (seen, (gpointer)label))
        continue;
      if (text->len > 0)
        g_string_append (text, ", ");
      g_string_append (text, label);
    }
  return g_string_free (text, FALSE);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static const struct
{
  const char *name;
  LimnBoxFlags flag;
} flag_names[] = { { "group", LIMN_BOX_GROUP },
                   { "occluded", LIMN_BOX_OCCLUDED },
                   { "depiction", LIMN_BOX_DEPICTION },
                   { "inside", LIMN_BOX_INSIDE } };

char *
limn_boxes_to_json (LimnBoxes *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_array (builder);
  for (guint i = 0; i < limn_boxes_get_count (self); i++)
    {
      const LimnBox *box = limn_boxes_get (self, i);

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "label");
      json_builder_add_string_value (builder, box->label);
      json_builder_set_member_name (builder, "box");
      json_builder_begin_array (builder);
      json_builder_add_double_value (builder, box->x);
      json_builder_add_double_value (builder, box->y);
      json_builder_add_double_value (builder, box->width);
      json_builder_add_double_value (builder, box->height);
      json_builder_end_array (builder);
      for (guint f = 0; f < G_N_ELEMENTS (flag_names); f++)
        if (box->flags & flag_names[f].flag)
          {
            json_builder_set_member_name (builder, flag_names[f].name);
            json_builder_add_boolean_value (builder, TRUE);
          }
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

/* One list of boxes being read. */
typedef struct
{
  const char *name; /* of the file, for messages */
  int number;       /* of the box, from 1 */
} Reading;

static gboolean bad_box (GError **error, const Reading *r, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
bad_box (GError **error, const Reading *r, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "“%s”: %s", r->name, message);
  return FALSE;
}

static JsonNode *
member_of (JsonObject *object, const char *name, const char *other)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL ? node : json_object_get_member (object, other);
}

/* @number: (out): holds the label where it is one. */
static gboolean
read_label (const Reading *r, JsonObject *object, LimnBox *box, char **number, GError **error)
{
  JsonNode *node = member_of (object, "label", "class");

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
    {
      if (json_node_get_value_type (node) == G_TYPE_STRING)
        box->label = json_node_get_string (node);
      else if (json_node_get_value_type (node) == G_TYPE_INT64)
        box->label = *number = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
    }
  return box->label != NULL
         || bad_box (error, r, _ ("box %d has no “label”, a name or a number"), r->number);
}

static gboolean
read_corners (const Reading *r, JsonObject *object, LimnBox *box, GError **error)
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
        return bad_box (error, r, _ ("box %d has no “box”, a list of left, top, width and height"),
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
read_flags (const Reading *r, JsonObject *object, LimnBox *box, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (flag_names); i++)
    {
      JsonNode *node = json_object_get_member (object, flag_names[i].name);

      if (node == NULL)
        continue;
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
        return bad_box (error, r, _ ("box %d: “%s” is neither true nor false"), r->number,
                        flag_names[i].name);
      if (json_node_get_boolean (node))
        box->flags |= flag_names[i].flag;
    }
  return TRUE;
}

static gboolean
read_box (const Reading *r, JsonNode *node, LimnBoxes *boxes, GError **error)
{
  g_autofree char *number = NULL;
  LimnBox box = { 0 };
  JsonObject *object;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return bad_box (error, r, _ ("box %d is not an object with “label” and “box”"), r->number);
  object = json_node_get_object (node);
  if (!read_label (r, object, &box, &number, error) || !read_corners (r, object, &box, error)
      || !read_flags (r, object, &box, error))
    return FALSE;
  add (boxes, &box);
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

LimnBoxes *
limn_boxes_parse (const char *name, const char *text, gsize n, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (LimnBoxes) boxes = limn_boxes_new ();
  g_autoptr (GError) cause = NULL;
  Reading reading = { .name = name };
  JsonNode *root = NULL;
  JsonArray *list;

  g_return_val_if_fail (name != NULL && text != NULL, NULL);

  if (n <= MAX_JSON_BYTES)
    root = limn_json_parse (parser, text, n, &cause);
  if (root == NULL)
    {
      bad_box (error, &reading, _ ("is not JSON: %s"),
               cause != NULL ? cause->message : _ ("the file is too large"));
      return NULL;
    }
  list = find_list (root);
  if (list == NULL)
    {
      bad_box (error, &reading, "%s", _ ("has no list of boxes"));
      return NULL;
    }
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      reading.number = (int)i + 1;
      if (!read_box (&reading, json_array_get_element (list, i), boxes, error))
        return NULL;
    }
  return g_steal_pointer (&boxes);
}
