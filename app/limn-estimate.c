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

struct _LimnEstimate
{
  GMutex mutex;
  char *path;
  GKeyFile *rates; /* [model] seconds-per-unit=... */
};

/* Work in units of one evaluation of the network for one pixel. */
static double
inpaint_work (const LimnInpaintPlan *plan, gboolean guidance)
{
  return (double) plan->width * plan->height * (plan->steps * (guidance ? 2.0 : 1.0) + FIXED_EVALUATIONS);
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
get_rate (LimnEstimate *self, const char *group)
{
  double rate = g_key_file_get_double (self->rates, group, "seconds-per-unit", NULL);

  return isfinite (rate) && rate > 0 && rate < 1 ? rate : -1;
}

double
limn_estimate_inpaint (LimnEstimate *self, const char *model, const LimnInpaintPlan *plan, gboolean guidance)
{
  g_autofree char *group = group_name (model);
  double rate;

  g_mutex_lock (&self->mutex);
  rate = get_rate (self, group);
  g_mutex_unlock (&self->mutex);
  return rate > 0 ? rate * inpaint_work (plan, guidance) : -1;
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

void
limn_estimate_learn_inpaint (LimnEstimate *self, const char *model, const LimnInpaintPlan *plan, gboolean guidance,
                             double seconds)
{
  g_autofree char *group = group_name (model);
  double work = inpaint_work (plan, guidance);
  double known, rate;

  if (!(work > 0) || !isfinite (seconds) || seconds <= 0)
    return;
  g_mutex_lock (&self->mutex);
  known = get_rate (self, group);
  rate = seconds / work;
  if (known > 0)
    rate = known + (rate - known) * LATEST_WEIGHT;
  g_key_file_set_double (self->rates, group, "seconds-per-unit", rate);
  save (self);
  g_mutex_unlock (&self->mutex);
}
