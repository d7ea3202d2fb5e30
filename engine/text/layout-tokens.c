/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/text/layout-tokens.h"

#include <math.h>

#include "engine/tensor/run.h"

#define TOKENS_PER_OBJECT 3
#define TOKENS_PER_CROP 2

static const LimnLayoutRect whole_picture = { 0, 0, 1, 1 };

/* Bits of what is added to the class, each worth no_object_classes. */
enum
{
  MODIFIER_GROUP = 1 << 0,
  MODIFIER_OCCLUDED = 1 << 1,
  MODIFIER_DEPICTION = 1 << 2,
  MODIFIER_INSIDE = 1 << 3,
};

void
limn_layout_config_init (LimnLayoutConfig *config)
{
  *config = (LimnLayoutConfig){
    .no_object_classes = 600,
    .no_max_objects = 30,
    .no_tokens = 8192,
    .encode_crop = TRUE,
    .use_group_parameter = TRUE,
    .use_additional_parameters = TRUE,
  };
}

int
limn_layout_config_get_length (const LimnLayoutConfig *config)
{
  return config->no_max_objects * TOKENS_PER_OBJECT + (config->encode_crop ? TOKENS_PER_CROP : 0);
}

/* ---- Rectangles ----------------------------------------------------------------------------- */

static gboolean
overlaps (const LimnLayoutRect *a, const LimnLayoutRect *b)
{
  double w = MIN (a->x + a->width, b->x + b->width) - MAX (a->x, b->x);
  double h = MIN (a->y + a->height, b->y + b->height) - MAX (a->y, b->y);

  return MAX (w, 0.0) * MAX (h, 0.0) > 0.0;
}

static LimnLayoutRect
mirror (LimnLayoutRect rect)
{
  rect.x = 1.0 - (rect.x + rect.width);
  return rect;
}

/* @box relative to @crop, cut at its edges. What is cut off at the left or the top stays in the
 * extent, as in the original. */
static LimnLayoutRect
rescale (const LimnLayoutRect *box, const LimnLayoutRect *crop)
{
  double x = CLAMP ((box->x - crop->x) / crop->width, 0.0, 1.0);
  double y = CLAMP ((box->y - crop->y) / crop->height, 0.0, 1.0);

  return (LimnLayoutRect){
    .x = x,
    .y = y,
    .width = MIN (box->width / crop->width, 1.0 - x),
    .height = MIN (box->height / crop->height, 1.0 - y),
  };
}

static gboolean
is_finite (const LimnLayoutRect *rect)
{
  return isfinite (rect->x) && isfinite (rect->y) && isfinite (rect->width)
         && isfinite (rect->height);
}

/* ---- Tokens --------------------------------------------------------------------------------- */

/* FALSE when @value is no token. */
static gboolean
put_token (const LimnLayoutConfig *config, double value, gint32 *token)
{
  if (!(value >= 0 && value < config->no_tokens))
    return FALSE;
  *token = (gint32)value;
  return TRUE;
}

/* The two corners of @rect. */
static gboolean
put_corners (const LimnLayoutConfig *config, const LimnLayoutRect *rect, gint32 tokens[2])
{
  double side = floor (sqrt (config->no_tokens));
  const double x[] = { rect->x, rect->x + rect->width };
  const double y[] = { rect->y, rect->y + rect->height };

  for (int i = 0; i < 2; i++)
    if (!put_token (config, rint (y[i] * (side - 1)) * side + rint (x[i] * (side - 1)), &tokens[i]))
      return FALSE;
  return TRUE;
}

static gboolean
put_class (const LimnLayoutConfig *config, const LimnLayoutBox *box, gint32 *token)
{
  int modifier = 0;

  if (config->use_group_parameter && box->is_group_of)
    modifier |= MODIFIER_GROUP;
  if (config->use_additional_parameters)
    modifier |= (box->is_occluded ? MODIFIER_OCCLUDED : 0)
                | (box->is_depiction ? MODIFIER_DEPICTION : 0)
                | (box->is_inside ? MODIFIER_INSIDE : 0);
  return put_token (config, box->category + (double)config->no_object_classes * modifier, token);
}

static void
set_error (GError **error, int number, const char *what)
{
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT, "Box %d: %s", number, what);
}

/* Box @number, counted from 1, in three tokens. */
static gboolean
put_box (const LimnLayoutConfig *config,
         const LimnLayoutBox *box,
         int number,
         const LimnLayoutRect *rect,
         gint32 tokens[TOKENS_PER_OBJECT],
         GError **error)
{
  if (box->category < 0 || box->category >= config->no_object_classes)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "Box %d: there is no class %d, the model has 0 to %d", number, box->category,
                   config->no_object_classes - 1);
      return FALSE;
    }
  if (!put_class (config, box, &tokens[0]))
    {
      set_error (error, number, "the model has no token for its class with these flags");
      return FALSE;
    }
  if (!put_corners (config, rect, &tokens[1]))
    {
      set_error (error, number, "a corner is not within the picture");
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_config (const LimnLayoutConfig *config, const LimnLayoutRect *crop, GError **error)
{
  /* The smallest grid is one of 1 x 1. */
  if (config->no_tokens < 1 || config->no_object_classes < 1 || config->no_max_objects < 1
      || config->no_max_objects > 65536)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "A layout of %d objects of %d classes in %d tokens cannot be expressed",
                 config->no_max_objects, config->no_object_classes, config->no_tokens);
  else if (!is_finite (crop) || !(crop->width > 0 && crop->height > 0))
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "The part of the picture that is to be made is empty");
  else
    return TRUE;
  return FALSE;
}

gboolean
limn_layout_tokens (const LimnLayoutConfig *config,
                    const LimnLayoutBox *boxes,
                    int n_boxes,
                    const LimnLayoutRect *crop,
                    gboolean flip,
                    gint32 *tokens,
                    int *n_cut,
                    GError **error)
{
  const LimnLayoutRect *part = crop != NULL ? crop : &whole_picture;
  gint32 *next = tokens, *end;

  if (!check_config (config, part, error))
    return FALSE;
  end = tokens + config->no_max_objects * TOKENS_PER_OBJECT;
  if (n_cut != NULL)
    *n_cut = MAX (n_boxes - config->no_max_objects, 0);
  for (int i = 0; i < MIN (n_boxes, config->no_max_objects); i++)
    {
      LimnLayoutRect rect = boxes[i].box;

      if (!is_finite (&rect))
        {
          set_error (error, i + 1, "its place is not a number");
          return FALSE;
        }
      if (!overlaps (&rect, part))
        continue;
      /* With the crop among the tokens, boxes stay relative to the whole picture. */
      rect = rescale (&rect, config->encode_crop ? &whole_picture : part);
      if (flip)
        rect = mirror (rect);
      if (!put_box (config, &boxes[i], i + 1, &rect, next, error))
        return FALSE;
      next += TOKENS_PER_OBJECT;
    }
  while (next < end)
    *next++ = config->no_tokens - 1;
  if (config->encode_crop)
    {
      LimnLayoutRect rect = flip ? mirror (*part) : *part;

      if (put_corners (config, &rect, next))
        return TRUE;
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "The part that is to be made is not within the picture");
      return FALSE;
    }
  return TRUE;
}
