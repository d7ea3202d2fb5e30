/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-estimate"

#include "config.h"

#include <math.h>

#include "app/file-write.h"
#include "app/limn-estimate.h"

/* Encoding and decoding cost about as much as this many evaluations of the UNet. */
#define FIXED_EVALUATIONS 3.0
/* Weight of the latest run: the computer may be busy with other things today. */
#define LATEST_WEIGHT 0.4
#define INPAINT_KEY "seconds-per-unit"
#define UPSCALE_KEY "seconds-per-unit-upscaled"
/* Of a single tile, where making the model ready is a large part of it: says nothing of many tiles. */
#define UPSCALE_ONE_KEY "seconds-per-unit-upscaled-one"
/* Removals of each size learn on their own, and from nothing else: side of what is worked on, pixels. */
static const struct { int side; const char *key; } removals[] = {
  { 384, "seconds-per-pixel-removed-small" },
  { 768, "seconds-per-pixel-removed-middle" },
  { G_MAXINT, "seconds-per-pixel-removed-large" },
};
/* A run that took this share of what was expected is believed at once: what was known before was learnt while the computer
 * was busy. */
#define MUCH_FASTER 0.75
/* One that took more than so many times as long counts as one that took so many: the computer was busy, or it will be seen
 * again. */
#define MUCH_SLOWER 2.0
/* Stands where a model's name stands; no model has a name with a space in front. */
#define NO_MODEL " none"
#define GENERATE_KEY "seconds-per-unit-generated"

struct _LimnEstimate
{
  GMutex mutex;
  char *path;
  GKeyFile *rates; /* [model] seconds-per-unit=..., and the other keys above */
};

/* Work in units of one evaluation of the network for one pixel. */
static double
inpaint_work (const LimnInpaintPlan *plan, gboolean guidance)
{
  double first = (double) plan->width * plan->height * (plan->steps * (guidance ? 2.0 : 1.0) + FIXED_EVALUATIONS);

  if (plan->refine_steps == 0)
    return first;
  return first + (double) plan->refine_width * plan->refine_height * (plan->refine_steps * (guidance ? 2.0 : 1.0) + FIXED_EVALUATIONS);
}

/* The same in evaluations for one pixel of the picture before; every tile is decoded, none is encoded. */
static double
upscale_work (const LimnUpscaleWork *work)
{
  return (double) work->n_tiles * work->tile_width * work->tile_height * (work->steps + FIXED_EVALUATIONS);
}

/* Nothing is encoded, and decoded once; near enough. */
static double
generate_work (const LimnGeneratePlan *plan, gboolean guidance)
{
  return (double) plan->made.width * plan->made.height * (plan->steps * (guidance ? 2.0 : 1.0) + FIXED_EVALUATIONS);
}

LimnEstimate *
limn_estimate_new (const char *path)
{
  LimnEstimate *self = g_new0 (LimnEstimate, 1);

  g_mutex_init (&self->mutex);
  self->path = path != NULL ? g_strdup (path) : g_build_filename (g_get_user_cache_dir (), "limn", "times.ini", NULL);
  self->rates = g_key_file_new ();
  g_key_file_load_from_file (self->rates, self->path, G_KEY_FILE_NONE, NULL);
  return self;
}

void
limn_estimate_free (LimnEstimate *self)
{
  if (self == NULL)
    return;
  g_key_file_unref (self->rates);
  g_mutex_clear (&self->mutex);
  g_free (self->path);
  g_free (self);
}

/* Characters that mean something in key files are replaced (transfer full). */
static char *
group_name (const char *model)
{
  return g_strdelimit (g_strdup (model), "[]\n\r", '_');
}

/* Seconds per unit of work, or -1; the caller holds the mutex. */
static double
get_rate (LimnEstimate *self, const char *group, const char *key)
{
  double rate = g_key_file_get_double (self->rates, group, key, NULL);

  return isfinite (rate) && rate > 0 && rate < 1 ? rate : -1;
}

/* @key: what kind of work; a model that can do two does each at its own rate. */
static double
estimate (LimnEstimate *self, const char *model, const char *key, double work)
{
  g_autofree char *group = group_name (model);
  double rate;

  g_mutex_lock (&self->mutex);
  rate = get_rate (self, group, key);
  g_mutex_unlock (&self->mutex);
  return rate > 0 ? rate * work : -1;
}

static void
save (LimnEstimate *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *text = NULL;
  gsize n;

  text = g_key_file_to_data (self->rates, &n, NULL);
  if (g_mkdir_with_parents (folder, 0700) == 0)
    limn_file_write (self->path, text, n, NULL);
}

static void
learn (LimnEstimate *self, const char *model, const char *key, double work, double seconds)
{
  g_autofree char *group = group_name (model);
  double known, rate;

  if (!(work > 0) || !isfinite (seconds) || seconds <= 0)
    return;
  g_mutex_lock (&self->mutex);
  known = get_rate (self, group, key);
  rate = seconds / work;
  if (known > 0 && rate > known * MUCH_FASTER)
    rate = known + (MIN (rate, known * MUCH_SLOWER) - known) * LATEST_WEIGHT;
  g_key_file_set_double (self->rates, group, key, rate);
  save (self);
  g_mutex_unlock (&self->mutex);
}

double
limn_estimate_inpaint (LimnEstimate *self, const char *model, const LimnInpaintPlan *plan, gboolean guidance)
{
  return estimate (self, model, INPAINT_KEY, inpaint_work (plan, guidance));
}

void
limn_estimate_learn_inpaint (LimnEstimate *self, const char *model, const LimnInpaintPlan *plan, gboolean guidance,
                             double seconds)
{
  learn (self, model, INPAINT_KEY, inpaint_work (plan, guidance), seconds);
}

/* PatchMatch is linear in what it works on. */
static double
remove_work (const LimnInpaintPlan *plan)
{
  return (double) plan->width * plan->height;
}

static int
removal_of (const LimnInpaintPlan *plan)
{
  double side = sqrt (remove_work (plan));
  int i = 0;

  while (side > removals[i].side)
    i++;
  return i;
}

/* Where nothing of this size is known, the next size that is says more than nothing: the rates are alike. */
double
limn_estimate_remove (LimnEstimate *self, const LimnInpaintPlan *plan)
{
  int own = removal_of (plan), n = G_N_ELEMENTS (removals);
  double seconds = -1;

  for (int away = 0; away < n && seconds < 0; away++)
    for (int i = MAX (own - away, 0); i <= MIN (own + away, n - 1) && seconds < 0; i++)
      seconds = estimate (self, NO_MODEL, removals[i].key, remove_work (plan));
  return seconds;
}

void
limn_estimate_learn_remove (LimnEstimate *self, const LimnInpaintPlan *plan, double seconds)
{
  learn (self, NO_MODEL, removals[removal_of (plan)].key, remove_work (plan), seconds);
}

double
limn_estimate_generate (LimnEstimate *self, const char *model, const LimnGeneratePlan *plan, gboolean guidance)
{
  return estimate (self, model, GENERATE_KEY, generate_work (plan, guidance));
}

void
limn_estimate_learn_generate (LimnEstimate *self, const char *model, const LimnGeneratePlan *plan, gboolean guidance,
                              double seconds)
{
  learn (self, model, GENERATE_KEY, generate_work (plan, guidance), seconds);
}

gboolean
limn_upscale_work_init (LimnUpscaleWork *work, LimnModel *model, int width, int height, const LimnUpscaleParams *params)
{
  const LimnModelInfo *info = limn_model_get_info (model);
  int enlarge = MAX (info->upscale_factor, 1);
  /* The plan asks the picture for nothing but its size. */
  LimnImage picture = { .width = width, .height = height, .channels = 3 };
  LimnUpscalePlan plan;
  int side, least;

  if (!limn_upscale_plan (model, &picture, params, &plan, NULL))
    return FALSE;
  side = MAX (info->native_size / enlarge, 1);
  /* What is smaller than the least tile costs as much as that. */
  least = info->one_pass ? 1 : CLAMP (info->min_size / enlarge, 1, side);
  *work = (LimnUpscaleWork) { plan.n_tiles, CLAMP (width, least, side), CLAMP (height, least, side), params->steps };
  return TRUE;
}

double
limn_estimate_upscale (LimnEstimate *self, const char *model, const LimnUpscaleWork *work)
{
  double seconds = work->n_tiles == 1 ? estimate (self, model, UPSCALE_ONE_KEY, upscale_work (work)) : -1;

  return seconds > 0 ? seconds : estimate (self, model, UPSCALE_KEY, upscale_work (work));
}

void
limn_estimate_learn_upscale (LimnEstimate *self, const char *model, const LimnUpscaleWork *work, double seconds)
{
  learn (self, model, work->n_tiles == 1 ? UPSCALE_ONE_KEY : UPSCALE_KEY, upscale_work (work), seconds);
}
