/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

#include <string.h>

/* ---- The tables: solvers, schedules, and which pairs of them are offered ------------------- */

static const LimnStrategy strategies[] = {
  { .name = "ddim",
    .takes_eta = TRUE,
    .grid = LIMN_GRID_TIME,
    .levels = LIMN_LEVELS_BY_TIME,
    .step = limn_ddim_step },
  { .name = "plms",
    .grid = LIMN_GRID_TIME,
    .levels = 1 << LIMN_LEVELS_OWN,
    .past = 3,
    .second = limn_plms_second,
    .step = limn_plms_step,
    .correct = limn_plms_correct },
  /* Euler's step along the noise is DDIM's, on other levels; its ancestral form is DDIM with
   * eta = 1. */
  { .name = "euler",
    .takes_eta = TRUE,
    .grid = LIMN_GRID_SIGMA,
    .levels = LIMN_LEVELS_ALL,
    .step = limn_ddim_step },
  { .name = "euler_a",
    .takes_eta = TRUE,
    .grid = LIMN_GRID_SIGMA,
    .levels = LIMN_LEVELS_ALL,
    .eta = 1.0f,
    .step = limn_ddim_step },
  { .name = "heun",
    .grid = LIMN_GRID_SIGMA,
    .levels = LIMN_LEVELS_ALL,
    .second = limn_heun_second,
    .step = limn_heun_step,
    .correct = limn_heun_correct },
  { .name = "dpmpp_2m",
    .grid = LIMN_GRID_LOG,
    .levels = LIMN_LEVELS_ALL,
    .past = 1,
    .step = limn_dpmpp_2m_step },
  { .name = "dpmpp_2m_sde",
    .takes_eta = TRUE,
    .eta = 1.0f,
    .grid = LIMN_GRID_LOG,
    .levels = LIMN_LEVELS_ALL,
    .past = 1,
    .step = limn_dpmpp_2m_sde_step },
  { .name = "dpmpp_2s",
    .grid = LIMN_GRID_LOG,
    .levels = LIMN_LEVELS_ALL,
    .past = 1,
    .step = limn_dpmpp_2s_step },
  { .name = "dpmpp_2s_sde",
    .takes_eta = TRUE,
    .eta = 1.0f,
    .grid = LIMN_GRID_LOG,
    .levels = LIMN_LEVELS_ALL,
    .past = 1,
    .step = limn_dpmpp_2s_sde_step },
  { .name = "dpmpp_sde",
    .takes_eta = TRUE,
    .eta = 1.0f,
    .grid = LIMN_GRID_SIGMA,
    .levels = LIMN_LEVELS_ALL,
    .second = limn_dpmpp_sde_second,
    .step = limn_dpmpp_sde_step,
    .correct = limn_dpmpp_sde_correct },
  { .name = "unipc",
    .grid = LIMN_GRID_LOG,
    .levels = LIMN_LEVELS_ALL,
    .past = 3,
    .step = limn_unipc_bh2_step },
  { .name = "unipc_bh1",
    .grid = LIMN_GRID_LOG,
    .levels = LIMN_LEVELS_ALL,
    .past = 3,
    .step = limn_unipc_bh1_step },
  { .name = "lcm",
    .grid = LIMN_GRID_DISTILLED,
    .levels = 1 << LIMN_LEVELS_OWN,
    .step = limn_lcm_step },
  { .name = "tcd",
    .takes_eta = TRUE,
    .grid = LIMN_GRID_DISTILLED_LOW,
    .levels = 1 << LIMN_LEVELS_OWN,
    .eta = 0.3f,
    .step = limn_tcd_step },
};

static const struct
{
  const char *name;
  LimnLevels levels;
} schedules[] = {
  { "karras", LIMN_LEVELS_KARRAS },
  { "exponential", LIMN_LEVELS_EXPONENTIAL },
  { "trailing", LIMN_LEVELS_TRAILING },
  { "sgm_uniform", LIMN_LEVELS_TRAILING }, /* what Stability's own code calls it */
};

/* clang-format off */
#define BY_TIME(name, title) \
  { name, title }, \
  { name "_trailing", title " trailing" }
#define ALL(name, title) \
  BY_TIME (name, title), \
  { name "_karras", title " Karras" }, \
  { name "_exponential", title " exponential" }
/* clang-format on */

static const LimnSamplerInfo infos[] = {
  BY_TIME ("ddim", "DDIM"),
  { "plms", "PLMS" },
  ALL ("euler", "Euler"),
  ALL ("euler_a", "Euler ancestral"),
  ALL ("heun", "Heun"),
  ALL ("dpmpp_2m", "DPM++ 2M"),
  ALL ("dpmpp_2m_sde", "DPM++ 2M SDE"),
  ALL ("dpmpp_2s", "DPM++ 2S"),
  ALL ("dpmpp_2s_sde", "DPM++ 2S SDE"),
  ALL ("dpmpp_sde", "DPM++ SDE"),
  ALL ("unipc", "UniPC"),
  ALL ("unipc_bh1", "UniPC bh1"),
  { "lcm", "LCM" },
  { "tcd", "TCD" },
  { NULL, NULL },
};

/* ---- Names ---------------------------------------------------------------------------------- */

const LimnSamplerInfo *
limn_sampler_list (void)
{
  return infos;
}

/* What @name says after the solver's own name. */
static gboolean
parse_levels (const LimnStrategy *strategy, const char *name, LimnLevels *levels)
{
  gsize length = strlen (strategy->name);

  if (strncmp (name, strategy->name, length) != 0)
    return FALSE;
  *levels = LIMN_LEVELS_OWN;
  if (name[length] == '\0')
    return TRUE;
  for (guint i = 0; name[length] == '_' && i < G_N_ELEMENTS (schedules); i++)
    if (strcmp (name + length + 1, schedules[i].name) == 0)
      {
        *levels = schedules[i].levels;
        return (strategy->levels & 1u << *levels) != 0;
      }
  return FALSE;
}

static const LimnStrategy *
parse (const char *name, LimnLevels *levels)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (strategies); i++)
    if (parse_levels (&strategies[i], name, levels))
      return &strategies[i];
  return NULL;
}

const LimnStrategy *
limn_strategy_find (const char *name, LimnLevels *levels, const LimnSamplerInfo **info)
{
  const LimnStrategy *found = parse (name, levels);

  for (const LimnSamplerInfo *row = infos; found != NULL && info != NULL && row->name != NULL;
       row++)
    {
      LimnLevels of_row;

      if (parse (row->name, &of_row) == found && of_row == *levels)
        *info = row;
    }
  return found;
}

gboolean
limn_sampler_is_known (const char *name)
{
  LimnLevels levels;

  return parse (name, &levels) != NULL;
}

gboolean
limn_sampler_takes_eta (const char *name)
{
  LimnLevels levels;
  const LimnStrategy *found = parse (name, &levels);

  return found != NULL && found->takes_eta;
}
