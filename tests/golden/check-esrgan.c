/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/nn/rrdb.h"
#include "engine/nn/srvgg.h"
#include "tests/golden/golden.h"

/* Upscaling networks: each of "models" with each "input_N" -> "MODEL.output_N", and the picture of
 * it, "MODEL.output_N_u8_hwc". What a model is, is told by its file alone and compared with what
 * the fixture says of it. Fixtures have pictures in 0 .. 1, the engine in -1 .. 1. */

typedef struct
{
  gboolean is_rrdb;
  LimnRrdb rrdb;
  LimnSrvgg srvgg;
} Upscaler;

static gboolean
upscaler_init (Upscaler *self, LimnWeights *weights, GError **error)
{
  self->is_rrdb = limn_rrdb_detect (weights, "");
  return self->is_rrdb ? limn_rrdb_init (&self->rrdb, weights, "", error)
                       : limn_srvgg_init (&self->srvgg, weights, "", error);
}

static void
upscaler_clear (Upscaler *self)
{
  limn_rrdb_clear (&self->rrdb);
  limn_srvgg_clear (&self->srvgg);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Upscaler, upscaler_clear)

static void
map_values (const LimnTensor *x, float scale, float shift)
{
  float *values = limn_tensor_f32 (x);

  for (gint64 i = 0; values != NULL && i < limn_tensor_count (x); i++)
    values[i] = values[i] * scale + shift;
}

/* Member @member of the fixture's description of the model, when it has one. */
static void
check_fact (Golden *golden, JsonObject *facts, const char *model, const char *member, gint64 got)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", model, member);
  g_autofree char *detail = NULL;
  gint64 want;

  if (!json_object_has_member (facts, member))
    return;
  want = json_object_get_int_member (facts, member);
  detail = g_strdup_printf ("(%" G_GINT64_FORMAT ")", got);
  golden_verdict (golden, name, got == want, detail);
}

static void
check_facts (Golden *golden, JsonObject *facts, const char *model, const Upscaler *upscaler)
{
  const char *arch = json_object_get_string_member_with_default (facts, "arch", NULL);
  g_autofree char *name = g_strdup_printf ("%s.arch", model);
  const LimnRrdbConfig *rrdb = &upscaler->rrdb.config;
  const LimnSrvggConfig *srvgg = &upscaler->srvgg.config;

  golden_verdict (golden, name,
                  g_strcmp0 (arch, upscaler->is_rrdb ? "RRDBNet" : "SRVGGNetCompact") == 0, arch);
  check_fact (golden, facts, model, "params",
              upscaler->is_rrdb ? upscaler->rrdb.layers.n_parameters
                                : upscaler->srvgg.layers.n_parameters);
  check_fact (golden, facts, model, "output_scale",
              upscaler->is_rrdb ? limn_rrdb_get_scale (&upscaler->rrdb) : srvgg->upscale);
  check_fact (golden, facts, model, "num_feat",
              upscaler->is_rrdb ? rrdb->num_feat : srvgg->num_feat);
  check_fact (golden, facts, model, "num_block", rrdb->num_block);
  check_fact (golden, facts, model, "num_grow_ch", rrdb->num_grow_ch);
  check_fact (golden, facts, model, "num_conv", srvgg->num_conv);
}

static void
check_output (Golden *golden,
              LimnWeights *store,
              Upscaler *upscaler,
              const char *model,
              const char *input)
{
  LimnArenaMark mark = limn_run_mark (golden->run);
  g_autofree char *output = g_strdup_printf ("%s.output_%s", model, input);
  g_autofree char *picture = g_strconcat (output, "_u8_hwc", NULL);
  LimnTensor image, got, want;

  if (!limn_weights_has (store, output))
    return;
  image = golden_load_map (golden, store, "input_%s", input);
  map_values (&image, 2.0f, -1.0f);
  got = upscaler->is_rrdb ? limn_rrdb_forward (&upscaler->rrdb, golden->run, &image)
                          : limn_srvgg_forward (&upscaler->srvgg, golden->run, &image);
  if (limn_weights_lookup (store, picture, &want))
    golden_compare_u8 (golden, picture, &got, &want);
  map_values (&got, 0.5f, 0.5f);
  golden_compare_named (golden, store, output, &got, GOLDEN_NETWORK);
  limn_run_release (golden->run, mark);
}

static gboolean
check_model (Golden *golden,
             LimnWeights *store,
             const char *model,
             JsonObject *facts,
             GError **error)
{
  const char *file = json_object_get_string_member_with_default (facts, "file", "");
  g_autofree char *path = g_build_filename (golden->dir, file, NULL);
  g_autoptr (LimnWeights) weights = limn_weights_open (path, error);
  g_auto (Upscaler) upscaler = { 0 };
  const char *const *names = limn_weights_list (store);

  if (weights == NULL || !upscaler_init (&upscaler, weights, error))
    return FALSE;
  check_facts (golden, facts, model, &upscaler);
  for (gsize i = 0; names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], "input_"))
      check_output (golden, store, &upscaler, model, names[i] + strlen ("input_"));
  return TRUE;
}

gboolean
golden_check_esrgan (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  JsonObject *models;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (store == NULL)
    return FALSE;
  if (!json_object_has_member (golden->fixture, "models"))
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING,
                   "%s/fixture.json has no “models”", golden->dir);
      return FALSE;
    }
  models = json_object_get_object_member (golden->fixture, "models");
  json_object_iter_init (&iter, models);
  while (json_object_iter_next (&iter, &name, &node))
    if (!check_model (golden, store, name, json_node_get_object (node), error))
      return FALSE;
  return TRUE;
}
