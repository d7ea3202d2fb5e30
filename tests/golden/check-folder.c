/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Models as people have them, a folder or file told from its contents, through the engine's own
 * interface: "X.x", "X.t", "X.context", "X.guidance" -> "X.out" (one evaluation); "X.latent" ->
 * "X.image"; "X.start", "X.run_context", "X.run_guidance", "X.noise" -> "X.final" (a whole way by
 * the model's schedule, with the sampler and steps of "runs" in fixture.json).
 */
#include <string.h>

#include "engine/diffusion/sampler.h"
#include "engine/model/model.h"
#include "tests/golden/golden.h"

#define MAX_BATCH 64

typedef struct
{
  Golden *golden;
  LimnModel *model;
  LimnWeights *store;
} Check;

/* @name with @suffix, as it is stored; empty when there is none. */
static LimnTensor
load_optional (Check *check, const char *name, const char *suffix)
{
  g_autofree char *whole = g_strconcat (name, suffix, NULL);

  if (!limn_weights_has (check->store, whole))
    return LIMN_TENSOR_EMPTY;
  return golden_load (check->golden, check->store, "%s", whole);
}

static const LimnTensor *
or_null (const LimnTensor *tensor)
{
  return limn_tensor_is_empty (tensor) ? NULL : tensor;
}

static void
check_evaluation (Check *check, const char *name)
{
  LimnRun *run = check->golden->run;
  LimnTensor x = golden_load_map (check->golden, check->store, "%s.x", name);
  LimnTensor context = load_optional (check, name, ".context");
  LimnTensor guidance = load_optional (check, name, ".guidance"), out;
  LimnConditions conditions = { .context = or_null (&context) };
  g_autofree char *t_name = g_strconcat (name, ".t", NULL);
  g_autofree char *want = g_strconcat (name, ".out", NULL);
  gint64 n;
  g_autofree double *t = golden_numbers (check->store, t_name, &n);
  float timesteps[MAX_BATCH];

  if (t == NULL || limn_tensor_is_empty (&x) || n != x.extent[0] || n > MAX_BATCH)
    {
      golden_verdict (check->golden, want, FALSE, "no timestep for each sample");
      return;
    }
  for (gint64 i = 0; i < n; i++)
    timesteps[i] = (float)t[i];
  if (!limn_tensor_is_empty (&guidance))
    conditions.guidance = limn_tensor_f32 (&guidance);
  out = limn_model_evaluate (check->model, run, &x, timesteps, &conditions);
  golden_compare_named (check->golden, check->store, want, &out, GOLDEN_NETWORK);
}

static void
check_decoding (Check *check, const char *name)
{
  LimnTensor latent = golden_load_map (check->golden, check->store, "%s.latent", name);
  LimnTensor image = limn_model_decode (check->model, check->golden->run, &latent);
  g_autofree char *want = g_strconcat (name, ".image", NULL);

  golden_compare_named (check->golden, check->store, want, &image, GOLDEN_NETWORK);
}

/* ---- A whole way ----------------------------------------------------------------------------- */

typedef struct
{
  Check *check;
  LimnConditions conditions;
  LimnTensor noise; /* [draws, c, h, w] */
} Way;

static LimnTensor
denoise (LimnRun *run, const LimnTensor *x, float t, gpointer user_data)
{
  Way *way = user_data;

  return limn_model_evaluate (way->check->model, run, x, &t, &way->conditions);
}

static void
give_noise (int evaluation, float *out, gsize n, gpointer user_data)
{
  Way *way = user_data;
  LimnTensor entry, map;

  if (evaluation >= way->noise.extent[0])
    {
      golden_verdict (way->check->golden, "noise", FALSE, "more noise than the reference drew");
      return;
    }
  entry = golden_entry (&way->noise, evaluation);
  map = limn_nchw_to_nhwc (way->check->golden->run, &entry);
  if (!limn_tensor_is_empty (&map) && (gsize)limn_tensor_count (&map) == n)
    memcpy (out, map.data, n * sizeof (float));
}

static LimnSamplerPlan *
make_plan (Check *check, const char *name, GError **error)
{
  JsonObject *runs = json_object_get_object_member (check->golden->fixture, "runs");
  JsonObject *said = json_object_get_object_member (runs, name);
  const LimnModelInfo *info = limn_model_get_info (check->model);
  LimnSamplerParams params;
  int n_timesteps;
  const float *alphas = limn_model_get_alphas_cumprod (check->model, &n_timesteps);

  limn_sampler_params_init (&params, alphas, n_timesteps);
  params.prediction = info->prediction;
  params.sampler = json_object_get_string_member (said, "sampler");
  params.steps = (int)json_object_get_int_member (said, "steps");
  params.eta = (float)json_object_get_double_member_with_default (said, "eta", LIMN_ETA_DEFAULT);
  return limn_sampler_plan_new (&params, error);
}

static gboolean
check_way (Check *check, const char *name, GError **error)
{
  LimnTensor x = golden_load_map (check->golden, check->store, "%s.start", name);
  LimnTensor context = load_optional (check, name, ".run_context");
  LimnTensor guidance = load_optional (check, name, ".run_guidance");
  Way way = { .check = check, .conditions.context = or_null (&context) };
  LimnSamplerCallbacks callbacks = { .denoise = denoise, .noise = give_noise, .user_data = &way };
  g_autoptr (LimnSamplerPlan) plan = make_plan (check, name, error);
  g_autofree char *want = g_strconcat (name, ".final", NULL);

  if (plan == NULL)
    return FALSE;
  way.noise = load_optional (check, name, ".noise");
  if (!limn_tensor_is_empty (&guidance))
    way.conditions.guidance = limn_tensor_f32 (&guidance);
  limn_sampler_start (plan, &x, NULL);
  if (!limn_sample (check->golden->run, plan, &x, &callbacks))
    return limn_run_check (check->golden->run, error);
  golden_compare_named (check->golden, check->store, want, &x, GOLDEN_TRAJECTORY);
  return TRUE;
}

gboolean
golden_check_folder (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_autofree char *path = golden_path (golden, "model", NULL);
  g_autoptr (LimnModel) model = NULL;
  g_auto (GStrv) evaluations = NULL, decodings = NULL, ways = NULL;
  Check check;
  gboolean done = TRUE;

  if (store == NULL)
    return FALSE;
  model = limn_model_open (path, NULL, error);
  if (model == NULL)
    return FALSE;
  check = (Check){ golden, model, store };
  evaluations = golden_cases (store, ".x");
  decodings = golden_cases (store, ".latent");
  ways = golden_cases (store, ".start");
  for (char **name = evaluations; *name != NULL; name++)
    check_evaluation (&check, *name);
  for (char **name = decodings; *name != NULL; name++)
    check_decoding (&check, *name);
  for (char **name = ways; done && *name != NULL; name++)
    done = check_way (&check, *name, error);
  return done;
}
