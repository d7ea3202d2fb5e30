/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>

#include "engine/task/check-private.h"
#include "engine/task/generate-private.h"

/* What a person tells a model; the rest of LimnTakes is pictures and numbers of other tasks. */
#define TOLD                                                                                       \
  (LIMN_TAKES_PROMPT | LIMN_TAKES_CLASS | LIMN_TAKES_BOXES | LIMN_TAKES_LABELS                     \
   | LIMN_TAKES_EMBEDDING)
/* What there is no picture without. */
#define NEEDED (TOLD & ~LIMN_TAKES_PROMPT)

void
limn_generate_params_init (LimnGenerateParams *params, LimnModel *model)
{
  const LimnModelInfo *info;

  g_return_if_fail (params != NULL && model != NULL);
  info = limn_model_get_info (model);
  *params = (LimnGenerateParams){
    .category = -1,
    .steps = info->default_steps,
    .guidance = info->default_guidance,
    .sampler = info->default_sampler,
    .eta = LIMN_ETA_DEFAULT,
    .rescale = LIMN_RESCALE_DEFAULT,
  };
}

char *
limn_takes_describe (LimnTakes takes)
{
  static const struct
  {
    LimnTakes flag;
    const char *name;
  } names[] = {
    { LIMN_TAKES_PROMPT, "a prompt" },        { LIMN_TAKES_CLASS, "a class" },
    { LIMN_TAKES_BOXES, "labelled boxes" },   { LIMN_TAKES_LABELS, "a map of labels" },
    { LIMN_TAKES_EMBEDDING, "an embedding" },
  };
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (takes & names[i].flag)
      g_string_append_printf (text, "%s%s", text->len > 0 ? " and " : "", names[i].name);
  return g_string_free (text, text->len == 0);
}

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT, message);
  return FALSE;
}

static LimnTakes
given (const LimnGenerateParams *params)
{
  LimnTakes told = 0;

  if (params->prompt != NULL || params->negative != NULL)
    told |= LIMN_TAKES_PROMPT;
  if (params->category >= 0)
    told |= LIMN_TAKES_CLASS;
  if (params->boxes != NULL)
    told |= LIMN_TAKES_BOXES;
  if (params->labels != NULL)
    told |= LIMN_TAKES_LABELS;
  if (params->embedding != NULL)
    told |= LIMN_TAKES_EMBEDDING;
  return told;
}

/* What is given is what the model takes, and all that it needs. */
static gboolean
check_told (const LimnModelInfo *info, const LimnGenerateParams *params, GError **error)
{
  LimnTakes told = given (params), takes = info->takes & TOLD;
  g_autofree char *taken = limn_takes_describe (takes);
  g_autofree char *wrong = limn_takes_describe (told & ~takes);
  g_autofree char *absent = limn_takes_describe (takes & NEEDED & ~told);

  if ((info->capabilities & LIMN_CAN_GENERATE) == 0)
    return fail (error, "The model “%s” cannot make pictures from nothing", info->id);
  if (wrong != NULL && taken != NULL)
    return fail (error, "The model “%s” takes %s, not %s", info->id, taken, wrong);
  if (wrong != NULL)
    return fail (error, "The model “%s” makes pictures of its own and does not take %s", info->id,
                 wrong);
  if (absent != NULL)
    return fail (error, "The model “%s” needs %s", info->id, absent);
  return TRUE;
}

static gboolean
check_category (const LimnModelInfo *info, const char *what, int category, GError **error)
{
  if (category >= 0 && category < info->n_categories)
    return TRUE;
  return fail (error, "%s %d is none of the model “%s”, which has 0 to %d", what, category,
               info->id, info->n_categories - 1);
}

/* Written so that NaN is wrong. */
static gboolean
check_box (const LimnModelInfo *info, const LimnLabelledBox *box, int i, GError **error)
{
  if (!check_category (info, "The object", box->category, error))
    return FALSE;
  if (box->x >= 0.0 && box->y >= 0.0 && box->width > 0.0 && box->height > 0.0
      && box->x + box->width <= 1.0 + 1e-6 && box->y + box->height <= 1.0 + 1e-6)
    return TRUE;
  return fail (error,
               "Box %d does not lie within the picture: its left and top edges and its size are "
               "shares of the picture's, from 0 to 1",
               i + 1);
}

static gboolean
check_labels (const LimnModelInfo *info, const LimnImage *labels, GError **error)
{
  if (labels->channels != 1)
    return fail (error, "A map of labels has one channel, not %d", labels->channels);
  for (int y = 0; y < labels->height; y++)
    for (int x = 0; x < labels->width; x++)
      if (!check_category (info, "The label", limn_image_row (labels, y)[x], error))
        {
          g_autofree char *where = g_strdup_printf (" (at %d, %d)", x, y);

          if (error != NULL && *error != NULL)
            {
              char *message = g_strconcat ((*error)->message, where, NULL);

              g_free ((*error)->message);
              (*error)->message = message;
            }
          return FALSE;
        }
  return TRUE;
}

static gboolean
check_values (const LimnModelInfo *info, const LimnGenerateParams *params, GError **error)
{
  if (params->category >= 0 && !check_category (info, "The class", params->category, error))
    return FALSE;
  for (int i = 0; params->boxes != NULL && i < params->n_boxes; i++)
    if (!check_box (info, &params->boxes[i], i, error))
      return FALSE;
  if (params->labels != NULL && !check_labels (info, params->labels, error))
    return FALSE;
  if (params->embedding == NULL)
    return TRUE;
  if (params->n_vectors < 1 || params->embedding_width != info->context_width)
    return fail (error, "The model “%s” takes an embedding of %d numbers, not %d", info->id,
                 info->context_width, params->embedding_width);
  for (gsize i = 0; i < (gsize)params->n_vectors * (gsize)params->embedding_width; i++)
    if (!isfinite (params->embedding[i]))
      return fail (error, "The embedding holds something that is not a number");
  return TRUE;
}

static int
round_up (int value, int multiple)
{
  return (value + multiple - 1) / multiple * multiple;
}

/* The picture's size and, around it, one that the networks can make. */
static gboolean
set_sizes (const LimnModelInfo *info,
           const LimnGenerateParams *params,
           LimnGeneratePlan *plan,
           GError **error)
{
  int multiple = MAX (info->latent_factor, 1) * MAX (info->unet_factor, 1);
  int width = params->width, height = params->height;

  if (width == 0 && height == 0)
    {
      width = params->labels != NULL ? params->labels->width : info->native_size;
      height = params->labels != NULL ? params->labels->height : info->native_size;
    }
  if (width < 1 || height < 1 || MAX (width, height) > LIMN_IMAGE_MAX_SIDE - multiple
      || (gint64)width * height > LIMN_IMAGE_MAX_PIXELS)
    return fail (error, "A picture of %d × %d pixels cannot be made: sides are 1 to %d pixels",
                 width, height, LIMN_IMAGE_MAX_SIDE - multiple);
  plan->width = width;
  plan->height = height;
  plan->made.width = round_up (width, multiple);
  plan->made.height = round_up (height, multiple);
  plan->made.x = -((plan->made.width - width) / 2);
  plan->made.y = -((plan->made.height - height) / 2);
  return TRUE;
}

gboolean
limn_generate_plan (LimnModel *model,
                    const LimnGenerateParams *params,
                    LimnGeneratePlan *plan,
                    GError **error)
{
  g_autoptr (LimnSamplerPlan) sampler = NULL;
  const LimnModelInfo *info;

  g_return_val_if_fail (model != NULL && params != NULL && plan != NULL, FALSE);
  info = limn_model_get_info (model);
  *plan = (LimnGeneratePlan){ .steps = 0 };
  if (!limn_task_check_model (info, error) || !check_told (info, params, error)
      || !check_values (info, params, error) || !limn_task_check_steps (params->steps, error)
      || !limn_task_check_sampler (params->sampler, error)
      || !limn_task_check_guidance (params->guidance, error)
      || !limn_task_check_eta (params->sampler, params->eta, error)
      || !limn_task_check_rescale (params->rescale, error)
      || !limn_task_check_step_cache (params->step_cache, error)
      || !set_sizes (info, params, plan, error))
    return FALSE;
  sampler = limn_task_sampler_plan (model, params->sampler, params->steps, 1.0f, params->eta, error);
  if (sampler == NULL)
    return FALSE;
  plan->steps = sampler->n_steps;
  /* The picture's bytes, before and after it is cut, and its map of labels. */
  plan->memory = limn_model_estimate_memory (model, plan->made.width, plan->made.height,
                                             limn_guided_is_double (info, params->guidance))
                 + (gsize)plan->made.width * (gsize)plan->made.height
                       * (6 + (params->labels != NULL ? sizeof (gint32) : 0));
  return TRUE;
}
