/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "tests/golden/golden-model.h"
#include "tests/golden/golden.h"

/* UNets: cases "X.x", "X.t" and "X.context" -> "X.out" (the weights that the description means),
 * "X.out_ema", "X.out_raw". */

#define MAX_BATCH 64

typedef struct
{
  Golden *golden;
  GoldenModel *model;
  LimnWeights *store;
} Check;

/* One sample with several timesteps stands for as many samples. */
static LimnTensor
repeat (LimnRun *run, const LimnTensor *x, gint64 n)
{
  gint64 extent[LIMN_MAX_DIMS];
  LimnTensor repeated;

  if (limn_tensor_is_empty (x) || x->extent[0] == n || x->extent[0] != 1)
    return *x;
  memcpy (extent, x->extent, sizeof extent);
  extent[0] = n;
  repeated = limn_run_tensor (run, x->n_dims, extent);
  for (gint64 i = 0; !limn_tensor_is_empty (&repeated) && i < n; i++)
    memcpy (golden_entry (&repeated, i).data, x->data, limn_tensor_bytes (x));
  return repeated;
}

static LimnTensor
predict (Check *check, LimnUnet *unet, const char *name, const LimnTensor *x)
{
  LimnRun *run = check->golden->run;
  g_autofree char *t_name = g_strconcat (name, ".t", NULL);
  g_autofree char *context_name = g_strconcat (name, ".context", NULL);
  LimnTensor context = LIMN_TENSOR_EMPTY, input;
  g_autofree double *t = NULL;
  gint64 n_t;
  float timesteps[MAX_BATCH];

  t = golden_numbers (check->store, t_name, &n_t);
  input = t != NULL ? repeat (run, x, n_t) : *x;
  if (t == NULL || n_t > MAX_BATCH || limn_tensor_is_empty (&input) || n_t != input.extent[0])
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_MISSING, "%s: no timestep for each sample", name);
      return LIMN_TENSOR_EMPTY;
    }
  for (gint64 i = 0; i < n_t; i++)
    timesteps[i] = (float) t[i];
  if (limn_weights_has (check->store, context_name))
    {
      context = golden_load (check->golden, check->store, "%s", context_name);
      context = repeat (run, &context, n_t);
    }
  return limn_unet_forward (unet, run, &input, timesteps,
                            limn_tensor_is_empty (&context) ? NULL : &context);
}

/* x0 and noise from v, at the case's first timestep. Salimans & Ho 2022, "Progressive
 * Distillation", appendix D. */
static void
check_v (Check *check, const char *name, const LimnTensor *x, const LimnTensor *v)
{
  g_autofree char *t_name = g_strconcat (name, ".t", NULL);
  const struct
  {
    const char *suffix;
    gboolean x0;
  } rows[] = { { ".x0_from_v", TRUE }, { ".eps_from_v", FALSE } };
  double t = golden_number (check->store, t_name, 0);
  double level = check->model->alphas_cumprod[CLAMP ((int) t, 0, check->model->n_timesteps - 1)];
  float a = (float) sqrt (level), s = (float) sqrt (1.0 - level);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *want = g_strconcat (name, rows[i].suffix, NULL);
      LimnTensor got;

      if (!limn_weights_has (check->store, want) || limn_tensor_is_empty (v))
        continue;
      got = limn_run_tensor (check->golden->run, v->n_dims, v->extent);
      for (gint64 k = 0; !limn_tensor_is_empty (&got) && k < limn_tensor_count (v); k++)
        limn_tensor_f32 (&got)[k] = rows[i].x0
                                        ? a * limn_tensor_f32 (x)[k] - s * limn_tensor_f32 (v)[k]
                                        : a * limn_tensor_f32 (v)[k] + s * limn_tensor_f32 (x)[k];
      golden_compare_named (check->golden, check->store, want, &got, GOLDEN_NETWORK);
    }
}

static gboolean
check_case (Check *check, const char *name, GError **error)
{
  const struct
  {
    const char *suffix;
    GoldenParts part;
  } outs[] = {
    { ".out", GOLDEN_UNET },
    { ".out_ema", GOLDEN_UNET },
    { ".out_raw", GOLDEN_UNET_RAW },
  };
  LimnTensor x = golden_load_map (check->golden, check->store, "%s.x", name);

  for (guint i = 0; i < G_N_ELEMENTS (outs); i++)
    {
      g_autofree char *want = g_strconcat (name, outs[i].suffix, NULL);
      LimnTensor out;

      if (!limn_weights_has (check->store, want))
        continue;
      if (!golden_model_need (check->model, outs[i].part, error))
        return FALSE;
      out = predict (check,
                     outs[i].part == GOLDEN_UNET ? &check->model->unet : &check->model->unet_raw,
                     name, &x);
      golden_compare_named (check->golden, check->store, want, &out, GOLDEN_NETWORK);
      check_v (check, name, &x, &out);
    }
  return TRUE;
}

/* The model's own text encoder: "X.ids" -> "X.context", or the states that X names. */
static void
check_text (Check *check, const char *name)
{
  GoldenModel *model = check->model;
  g_autofree char *ids_name = g_strconcat (name, ".ids", NULL);
  const struct
  {
    const char *suffix;
    int left_out;
  } rows[] = {
    { ".context", model->text_left_out },
    { ".last_ln", 0 },
    { ".penultimate_ln", 1 },
  };
  gint64 n, tokens;
  g_autofree gint32 *ids = golden_ids (check->store, ids_name, &n, &tokens);

  for (guint i = 0; ids != NULL && i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *want = g_strconcat (name, rows[i].suffix, NULL);
      LimnTensor got;

      if (!limn_weights_has (check->store, want))
        continue;
      if ((model->parts & GOLDEN_TEXT) == 0
          || model->text.config.num_hidden_layers < rows[i].left_out)
        {
          golden_skip (check->golden, want, "the model has no such text encoder");
          continue;
        }
      got = golden_model_text_state (check->golden, model, ids, n, tokens, rows[i].left_out);
      golden_compare_named (check->golden, check->store, want, &got, GOLDEN_NETWORK);
    }
}

gboolean
golden_check_unet (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_autoptr (GoldenModel) model = NULL;
  g_auto (GStrv) cases = NULL;
  g_auto (GStrv) texts = NULL;
  Check check;

  if (store == NULL)
    return FALSE;
  model = golden_model_open (golden, "model", "config", error);
  if (model == NULL)
    return FALSE;
  check = (Check) { golden, model, store };
  cases = golden_cases (store, ".x");
  texts = golden_cases (store, ".ids");
  for (char **name = cases; *name != NULL; name++)
    {
      LimnArenaMark mark = limn_run_mark (golden->run);

      if (!check_case (&check, *name, error))
        return FALSE;
      limn_run_release (golden->run, mark);
    }
  for (char **name = texts; *name != NULL; name++)
    check_text (&check, *name);
  return TRUE;
}
