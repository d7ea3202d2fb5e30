/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-tool-options.h"

#include "ui/limn-tool.h"

struct _LimnToolOptions
{
  GObject parent_instance;
  LimnToolSettings now;
};

G_DEFINE_FINAL_TYPE (LimnToolOptions, limn_tool_options, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_SIZE,
  PROP_HARDNESS,
  PROP_OPACITY,
  PROP_TOLERANCE,
  PROP_MODE,
  PROP_COLOUR,
  PROP_PAINT_OPACITY,
  PROP_PRESSURE_SIZE,
  PROP_PRESSURE_OPACITY,
  PROP_CONTIGUOUS,
  PROP_STOP_AT_EDGES,
  PROP_PAINT_ERASE,
  PROP_PICK,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static const char *const mode_names[] = { "add", "subtract", "replace" };

static LimnMaskMode
mode_of (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (mode_names); i++)
    if (g_strcmp0 (name, mode_names[i]) == 0)
      return (LimnMaskMode)i;
  return LIMN_MASK_ADD;
}

static void
limn_tool_options_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  const LimnToolSettings *now = &LIMN_TOOL_OPTIONS (object)->now;

  switch (id)
    {
    case PROP_SIZE:
      g_value_set_double (value, now->size);
      break;
    case PROP_HARDNESS:
      g_value_set_double (value, now->hardness);
      break;
    case PROP_OPACITY:
      g_value_set_double (value, now->opacity);
      break;
    case PROP_TOLERANCE:
      g_value_set_double (value, now->tolerance);
      break;
    case PROP_MODE:
      g_value_set_static_string (value, mode_names[now->mode]);
      break;
    case PROP_COLOUR:
      g_value_set_boxed (value, &now->colour);
      break;
    case PROP_PAINT_OPACITY:
      g_value_set_double (value, now->paint_opacity);
      break;
    case PROP_STOP_AT_EDGES:
      g_value_set_boolean (value, now->stop_at_edges);
      break;
    case PROP_PAINT_ERASE:
      g_value_set_boolean (value, now->paint_erase);
      break;
    case PROP_PICK:
      g_value_set_boolean (value, now->pick);
      break;
    case PROP_PRESSURE_SIZE:
      g_value_set_boolean (value, now->pressure_size);
      break;
    case PROP_PRESSURE_OPACITY:
      g_value_set_boolean (value, now->pressure_opacity);
      break;
    case PROP_CONTIGUOUS:
      g_value_set_boolean (value, now->contiguous);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_number (LimnToolOptions *self, double *number, const GValue *value, guint id)
{
  if (*number == g_value_get_double (value))
    return;
  *number = g_value_get_double (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
}

static void
set_flag (LimnToolOptions *self, gboolean *flag, const GValue *value, guint id)
{
  if (*flag == g_value_get_boolean (value))
    return;
  *flag = g_value_get_boolean (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
}

static void
limn_tool_options_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  LimnToolOptions *self = LIMN_TOOL_OPTIONS (object);
  LimnToolSettings *now = &self->now;

  switch (id)
    {
    case PROP_SIZE:
      set_number (self, &now->size, value, id);
      break;
    case PROP_HARDNESS:
      set_number (self, &now->hardness, value, id);
      break;
    case PROP_OPACITY:
      set_number (self, &now->opacity, value, id);
      break;
    case PROP_TOLERANCE:
      set_number (self, &now->tolerance, value, id);
      break;
    case PROP_MODE:
      if (now->mode != mode_of (g_value_get_string (value)))
        {
          now->mode = mode_of (g_value_get_string (value));
          g_object_notify_by_pspec (object, properties[id]);
        }
      break;
    case PROP_COLOUR:
      if (g_value_get_boxed (value) != NULL
          && !gdk_rgba_equal (&now->colour, g_value_get_boxed (value)))
        {
          now->colour = *(const GdkRGBA *)g_value_get_boxed (value);
          g_object_notify_by_pspec (object, properties[id]);
        }
      break;
    case PROP_PAINT_OPACITY:
      set_number (self, &now->paint_opacity, value, id);
      break;
    case PROP_STOP_AT_EDGES:
      set_flag (self, &now->stop_at_edges, value, id);
      break;
    case PROP_PAINT_ERASE:
      set_flag (self, &now->paint_erase, value, id);
      break;
    case PROP_PICK:
      set_flag (self, &now->pick, value, id);
      break;
    case PROP_PRESSURE_SIZE:
      set_flag (self, &now->pressure_size, value, id);
      break;
    case PROP_PRESSURE_OPACITY:
      set_flag (self, &now->pressure_opacity, value, id);
      break;
    case PROP_CONTIGUOUS:
      set_flag (self, &now->contiguous, value, id);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static GParamSpec *
share (const char *name, double value)
{
  return g_param_spec_double (name, NULL, NULL, 0, 1, value,
                              G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static GParamSpec *
flag (const char *name, gboolean value)
{
  return g_param_spec_boolean (name, NULL, NULL, value,
                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                                   | G_PARAM_STATIC_STRINGS);
}

static void
limn_tool_options_class_init (LimnToolOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = limn_tool_options_get_property;
  object_class->set_property = limn_tool_options_set_property;

  properties[PROP_SIZE] = g_param_spec_double ("size", NULL, NULL, 2 * LIMN_BRUSH_MIN_RADIUS,
                                               2 * LIMN_BRUSH_MAX_RADIUS, 64, flags);
  properties[PROP_HARDNESS] = share ("hardness", 0.8);
  properties[PROP_OPACITY] = share ("opacity", 1);
  properties[PROP_TOLERANCE] = share ("tolerance", 0.12);
  properties[PROP_MODE] = g_param_spec_string ("mode", NULL, NULL, "add", flags);
  properties[PROP_COLOUR] = g_param_spec_boxed ("colour", NULL, NULL, GDK_TYPE_RGBA, flags);
  properties[PROP_PAINT_OPACITY] = share ("paint-opacity", 1);
  properties[PROP_STOP_AT_EDGES] = flag ("stop-at-edges", FALSE);
  properties[PROP_PAINT_ERASE] = flag ("paint-erase", FALSE);
  properties[PROP_PICK] = flag ("pick", FALSE);
  properties[PROP_PRESSURE_SIZE] = flag ("pressure-size", TRUE);
  properties[PROP_PRESSURE_OPACITY] = flag ("pressure-opacity", FALSE);
  properties[PROP_CONTIGUOUS] = flag ("contiguous", TRUE);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
limn_tool_options_init (LimnToolOptions *self)
{
  self->now = (LimnToolSettings){
    .size = 64,
    .hardness = 0.8,
    .opacity = 1,
    .tolerance = 0.12,
    .mode = LIMN_MASK_ADD,
    .colour = { 0.75f, 0.11f, 0.16f, 1 },
    .paint_opacity = 1,
    .pressure_size = TRUE,
    .contiguous = TRUE,
  };
}

LimnToolOptions *
limn_tool_options_new (void)
{
  return g_object_new (LIMN_TYPE_TOOL_OPTIONS, NULL);
}

const LimnToolSettings *
limn_tool_options_get (LimnToolOptions *self)
{
  g_return_val_if_fail (LIMN_IS_TOOL_OPTIONS (self), NULL);

  return &self->now;
}
