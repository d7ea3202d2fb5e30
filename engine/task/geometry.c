/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/geometry-private.h"

#include <math.h>

/* Sides are multiples of this where the model's own factor divides it and the model is not tiny. */
#define PREFERRED_MULTIPLE 64
#define SMALLEST_FOR_PREFERRED 256

/* Edges of the mask; D is the diagonal of the painted area's bounding box, or of that of a compact
 * area as thick, when that is less: what surrounds a thin line is not the line's to change. */
#define DIAGONAL_OF_THICKNESS 4.0f
#define FEATHER_OF_DIAGONAL 0.10f
#define FEATHER_MIN 16.0f /* pixels of the model */
#define FEATHER_MAX 96.0f
#define GROW_MIN 4.0f /* picture pixels, besides half the feather */
#define PASTE_FADE 25.0f
#define PADDING_OF_DIAGONAL 0.06f

/* A crop may be this much larger than what the model was trained for before it is scaled down: a
 * slightly larger map hurts the picture less than resampling does. */
#define MAX_AREA_UNSCALED 1.25
#define MAX_SIDE_OF_NATIVE 1.5
/* What is scaled has about the native area; this much more where only that has its proportions. */
#define MAX_AREA_SCALED 2.0
#define MAX_SIDE_OF_SMALLEST 2.0

/* A crop that has to be all of the picture, or of one of its sides, may be squeezed by this much to
 * have a size that the model takes; beyond it hangs over. */
#define MAX_SQUEEZE 1.15
#define SQUEEZE_COST 10.0
/* How many multiples around the best size are looked at. */
#define NEIGHBOURS 2

/* The second pass: picture pixels that it sees around what may change; at most so many times the
 * native side, of a square; and at least so many times the first pass's resolution. */
#define REFINE_ROOM 48
#define REFINE_MAX 2.0
#define REFINE_MIN_GAIN 1.25

static int
round_up (int value, int multiple)
{
  return (value + multiple - 1) / multiple * multiple;
}

LimnModelSize
limn_model_size (const LimnModelInfo *info)
{
  LimnModelSize size;
  int factor = MAX (info->latent_factor, 1) * MAX (info->unet_factor, 1);

  size.multiple = PREFERRED_MULTIPLE % factor == 0 && info->native_size >= SMALLEST_FOR_PREFERRED
                      ? PREFERRED_MULTIPLE
                      : factor;
  size.native = round_up (MAX (info->native_size, 1), size.multiple);
  size.smallest = MIN (round_up (MAX (info->min_size, 1), size.multiple), size.native);
  return size;
}

/* Painted area, grown by @by on each side. */
static LimnRect
grown (const LimnRect *rect, int by)
{
  return (LimnRect){ rect->x - by, rect->y - by, rect->width + 2 * by, rect->height + 2 * by };
}

/* Places @length pixels around the middle of [@start, @start + @old) so that they lie within 0 ..
 * @limit - 1; when they do not fit they hang over both ends alike. */
static int
place (int start, int old, int length, int limit)
{
  int position = start - (length - old) / 2;

  if (length >= limit)
    return -((length - limit) / 2);
  return CLAMP (position, 0, limit - length);
}

static gboolean
runs_unscaled (const LimnModelSize *size, int width, int height)
{
  double native_area = (double)size->native * size->native;

  return (double)width * height <= MAX_AREA_UNSCALED * native_area
         && MAX (width, height) <= MAX_SIDE_OF_NATIVE * size->native;
}

/* Room around the mask that the model sees, per axis. The longer axis of the mask gets less, so
 * that the crop tends to a square, but never below half. */
static void
add_context (LimnRect *crop, float context)
{
  float difference = fabsf ((float)(crop->width - crop->height)) / 2.0f;
  int more = (int)ceilf (context);
  int less = (int)ceilf (MAX (context - difference, context / 2.0f));
  int dx = crop->width > crop->height ? less : more;
  int dy = crop->width > crop->height ? more : less;

  *crop = (LimnRect){ crop->x - dx, crop->y - dy, crop->width + 2 * dx, crop->height + 2 * dy };
}

/* The context by the rules. The share of the picture's longest side gives a small mask in a large
 * picture its surroundings; it may not cost resolution, so it ends where the crop would have to be
 * scaled. */
static float
automatic_context (const LimnModelSize *size,
                   int width,
                   int height,
                   const LimnRect *padded,
                   const LimnRect *painted)
{
  float of_picture = MAX (width, height) / 16.0f;
  float of_mask = (painted->width + painted->height) / 4.0f;
  float room = (size->native - MAX (padded->width, padded->height)) / 2.0f;

  return MAX (of_mask, MIN (of_picture, MAX (room, 0.0f)));
}

/* The same, of a crop that holds [@need, @need + @need_length). */
static int
place_around (int start, int old, int length, int limit, int need, int need_length)
{
  int position = place (start, old, length, limit);

  return length < limit ? CLAMP (position, need + need_length - length, need) : position;
}

/* One side of a crop that is not scaled: at least native, and a multiple; as much of that as the
 * picture has, where it has what is needed. 0: it has not. */
static int
unscaled_side (const LimnModelSize *size, int wanted, int needed, int limit)
{
  int side = MAX (round_up (MAX (wanted, size->native), size->multiple), size->smallest);

  if (side > limit)
    side = limit / size->multiple * size->multiple;
  return side >= MAX (needed, size->smallest) ? side : 0;
}

/* The size at which the model works for a crop that is too large for it: the native area in the
 * crop's proportions. */
static int
scaled_side (const LimnModelSize *size, double side)
{
  int longest = (int)MAX (MAX_SIDE_OF_NATIVE * size->native, MAX_SIDE_OF_SMALLEST * size->smallest)
                / size->multiple * size->multiple;
  int rounded = (int)lrint (side / size->multiple) * size->multiple;

  return CLAMP (rounded, MAX (size->smallest, size->multiple), MAX (longest, size->native));
}

/* A size of the model, and the crop that is shown at it. */
typedef struct
{
  int width, height;
  int crop_width, crop_height;
  double cost;
} Fit;

/* What the crop is chosen from: the sides of the picture, of what it has to hold and of what is
 * wanted. */
typedef struct
{
  int width, height;
  int need_width, need_height;
  double want_width, want_height;
} Room;

/* The crop for a size of the model that is in @fit; FALSE when it would not lie in the picture, be
 * enlarged or squeezed. What a fit costs is how much of what was wanted is not seen, and how far
 * the model's area is from its native one. */
static gboolean
fit_size (const LimnModelSize *size, const Room *room, Fit *fit)
{
  /* Picture pixels for one of the model's: the least and the most on each axis. */
  double least_x = MAX ((double)room->need_width / fit->width, 1.0);
  double least_y = MAX ((double)room->need_height / fit->height, 1.0);
  double most_x = (double)room->width / fit->width, most_y = (double)room->height / fit->height;
  double least = MAX (least_x, least_y), most = MIN (most_x, most_y);
  double zoom = MAX (room->want_width / fit->width, room->want_height / fit->height);
  double native = (double)size->native * size->native, area = (double)fit->width * fit->height;
  double unseen, squeeze = MAX (least / most, 1.0);

  if (most < 1.0 || area > MAX_AREA_SCALED * native || squeeze > MAX_SQUEEZE)
    return FALSE;
  /* Where one axis has less than the other needs, they come as near to each other as they can. */
  zoom = CLAMP (zoom, MIN (least, most), most);
  fit->crop_width = (int)lrint (fit->width * CLAMP (zoom, least_x, most_x));
  fit->crop_height = (int)lrint (fit->height * CLAMP (zoom, least_y, most_y));
  unseen = (double)fit->crop_width * fit->crop_height / (room->want_width * room->want_height);
  fit->cost = SQUEEZE_COST * log (squeeze) + fabs (log (area / native)) + 2.0 * fabs (log (unseen));
  return TRUE;
}

/* The best size for a crop within the picture that is too large, or of a shape that is no multiple;
 * FALSE when there is none. */
static gboolean
fit_scaled (const LimnModelSize *size, const Room *room, Fit *best)
{
  double scale = MIN (size->native / sqrt (room->want_width * room->want_height), 1.0);
  int width = scaled_side (size, room->want_width * scale);
  int height = scaled_side (size, room->want_height * scale);
  gboolean found = FALSE;

  for (int dy = -NEIGHBOURS; dy <= NEIGHBOURS; dy++)
    for (int dx = -NEIGHBOURS; dx <= NEIGHBOURS; dx++)
      {
        Fit fit = { .width = scaled_side (size, width + dx * size->multiple),
                    .height = scaled_side (size, height + dy * size->multiple) };

        if (fit_size (size, room, &fit) && (!found || fit.cost < best->cost))
          {
            *best = fit;
            found = TRUE;
          }
      }
  return found;
}

/* For a picture that is smaller than what the model can do, or very long: the crop hangs over it.
 */
static void
fit_hanging_over (const LimnModelSize *size, const Room *room, Fit *fit)
{
  double w = room->want_width, h = room->want_height;
  double scale = MIN (size->native / sqrt (w * h), 1.0);

  if (fit->width == 0)
    fit->width = MAX (round_up ((int)w, size->multiple), size->smallest);
  if (fit->height == 0)
    fit->height = MAX (round_up ((int)h, size->multiple), size->smallest);
  fit->crop_width = fit->width;
  fit->crop_height = fit->height;
  if (runs_unscaled (size, fit->width, fit->height))
    return;
  fit->width = scaled_side (size, w * scale);
  fit->height = scaled_side (size, h * scale);
  /* Rounding to multiples changed the proportions: the crop grows on one axis to have them too. */
  scale = MIN (MIN (fit->width / w, fit->height / h), 1.0);
  fit->crop_width = (int)ceil (fit->width / scale);
  fit->crop_height = (int)ceil (fit->height / scale);
}

/* Makes plan->crop (the wanted area) into what is cropped, which holds @need, and sets the model's
 * size. */
static void
fit_crop (const LimnModelSize *size,
          int width,
          int height,
          const LimnRect *need,
          LimnInpaintPlan *plan)
{
  LimnRect wanted = plan->crop;
  Room room = { .width = width,
                .height = height,
                .need_width = need->width,
                .need_height = need->height,
                .want_width = MIN (MAX (wanted.width, size->native), width),
                .want_height = MIN (MAX (wanted.height, size->native), height) };
  Fit fit = { .width = unscaled_side (size, MIN (wanted.width, width), need->width, width),
              .height = unscaled_side (size, MIN (wanted.height, height), need->height, height) };

  if (fit.width > 0 && fit.height > 0 && runs_unscaled (size, fit.width, fit.height))
    {
      fit.crop_width = fit.width;
      fit.crop_height = fit.height;
    }
  else if (!fit_scaled (size, &room, &fit))
    fit_hanging_over (size, &room, &fit);
  plan->width = fit.width;
  plan->height = fit.height;
  plan->crop.x = place_around (wanted.x, wanted.width, fit.crop_width, width, need->x, need->width);
  plan->crop.y
      = place_around (wanted.y, wanted.height, fit.crop_height, height, need->y, need->height);
  plan->crop.width = fit.crop_width;
  plan->crop.height = fit.crop_height;
}

gboolean
limn_check_crop (const LimnRect *crop, GError **error)
{
  const int most = LIMN_IMAGE_MAX_SIDE;

  if (limn_rect_is_empty (crop)
      || (crop->width <= most && crop->height <= most && ABS ((gint64)crop->x) <= most
          && ABS ((gint64)crop->y) <= most))
    return TRUE;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
               "The crop of %d × %d pixels at %d, %d is no part of any picture", crop->width,
               crop->height, crop->x, crop->y);
  return FALSE;
}

/* Makes @crop, the mask with its room, into what was asked for, which holds it. FALSE when nothing
 * was asked for that lies in the picture. */
static gboolean
take_asked (const LimnRect *asked, const LimnRect *picture, LimnRect *crop)
{
  LimnRect part;

  if (limn_rect_is_empty (asked) || !limn_rect_intersect (asked, picture, &part))
    return FALSE;
  limn_rect_intersect (crop, picture, crop);
  limn_rect_union (crop, &part, crop);
  return TRUE;
}

/* Edges for a crop that is shown to the model at @scale model pixels per picture pixel. */
static void
choose_edges (const LimnInpaintParams *params, float diagonal, float scale, LimnInpaintPlan *plan)
{
  float automatic
      = CLAMP (FEATHER_OF_DIAGONAL * diagonal * scale, FEATHER_MIN, FEATHER_MAX) / scale;

  plan->feather = params->feather >= 0.0f ? params->feather : automatic;
  plan->grow = params->grow >= 0.0f ? params->grow : GROW_MIN + plan->feather / 2.0f;
  plan->paste_fade = params->paste_fade >= 0.0f ? params->paste_fade : PASTE_FADE;
  plan->paste_fade = MIN (plan->paste_fade, limn_inpaint_rim (plan));
}

void
limn_inpaint_geometry (const LimnModelSize *size,
                       int width,
                       int height,
                       const LimnRect *painted,
                       const LimnInpaintParams *params,
                       LimnInpaintPlan *plan)
{
  const LimnRect picture = { 0, 0, width, height };
  float diagonal = hypotf (painted->width, painted->height), scale = 1.0f;
  float compact
      = plan->thickness > 0 ? MIN (diagonal, DIAGONAL_OF_THICKNESS * plan->thickness) : diagonal;

  /* The feather is given in pixels of the model and decides the crop, which decides the scale:
   * twice is enough for the numbers to settle, and the edges used are those that the crop was made
   * for. */
  for (int round = 0; round < 3; round++)
    {
      LimnRect padded, need;
      float context;

      choose_edges (params, compact, scale, plan);
      need = grown (painted, (int)ceilf (limn_inpaint_rim (plan)));
      limn_rect_intersect (&need, &picture, &need);
      padded
          = grown (painted, (int)ceilf (limn_inpaint_rim (plan) + PADDING_OF_DIAGONAL * diagonal));
      context = params->context >= 0.0f ? params->context
                                        : automatic_context (size, width, height, &padded, painted);
      plan->crop = padded;
      if (!take_asked (&params->crop, &picture, &plan->crop))
        add_context (&plan->crop, context);
      fit_crop (size, width, height, &need, plan);
      scale = MIN (1.0f, (float)plan->width / plan->crop.width);
    }
  plan->mask_bounds = grown (painted, (int)ceilf (limn_inpaint_rim (plan)));
  limn_rect_intersect (&plan->mask_bounds, &picture, &plan->mask_bounds);
}

/* One axis of the second pass at @scale model pixels per picture pixel: the model's side for
 * @wanted pixels of the crop's @limit, and in @length how many pixels of the picture that is. */
static int
refined_side (const LimnModelSize *size, int wanted, int limit, double scale, int *length)
{
  int side = MAX (round_up ((int)ceil (wanted * scale), size->multiple), size->smallest);

  *length = (int)ceil (side / scale);
  if (*length <= limit)
    return side;
  /* All of the crop; what rounding then stretches or squeezes is too little to be seen. */
  *length = limit;
  return MAX ((int)(limit * scale) / size->multiple * size->multiple, size->smallest);
}

void
limn_inpaint_refine_geometry (const LimnModelSize *size, LimnInpaintPlan *plan)
{
  const LimnRect *crop = &plan->crop;
  LimnRect wanted = grown (&plan->mask_bounds, REFINE_ROOM);
  int width = MIN (MAX (wanted.width, size->native), crop->width);
  int height = MIN (MAX (wanted.height, size->native), crop->height);
  double most = REFINE_MAX * size->native;
  double scale = MIN (1.0, MIN (most / sqrt ((double)width * height),
                                MAX_SIDE_OF_NATIVE * most / MAX (width, height)));
  LimnRect rect;

  plan->refine_crop = (LimnRect){ 0, 0, 0, 0 };
  plan->refine_width = plan->refine_height = 0;
  if (scale < REFINE_MIN_GAIN * plan->width / crop->width)
    return;
  width = refined_side (size, width, crop->width, scale, &rect.width);
  height = refined_side (size, height, crop->height, scale, &rect.height);
  /* A side of the picture that is smaller than the model can do; or rounding took what was gained.
   */
  if (width > rect.width || height > rect.height
      || (double)width * height * crop->width * crop->height
             < REFINE_MIN_GAIN * plan->width * plan->height * (double)rect.width * rect.height)
    return;
  rect.x = crop->x + place (wanted.x - crop->x, wanted.width, rect.width, crop->width);
  rect.y = crop->y + place (wanted.y - crop->y, wanted.height, rect.height, crop->height);
  plan->refine_crop = rect;
  plan->refine_width = width;
  plan->refine_height = height;
}
