/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/model/description.h"
#include "engine/model/json-config.h"

static void
read_activation (LimnJsonConfig *config, const char *key, LimnActivation *activation)
{
  const char *name;

  if (!limn_json_config_has (config, key))
    return;
  name = limn_json_config_string (config, key);
  if (g_strcmp0 (name, "quick_gelu") == 0)
    *activation = LIMN_ACTIVATION_QUICK_GELU;
  else if (g_strcmp0 (name, "gelu") == 0)
    *activation = LIMN_ACTIVATION_GELU;
  else
    limn_json_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, key,
                           "only quick_gelu and gelu are supported");
}

gboolean
limn_clip_config_read (LimnClipTextConfig *clip, const char *path, GError **error)
{
  g_autoptr (LimnJsonConfig) config = limn_json_config_open (path, error);
  double epsilon = clip->layer_norm_eps;

  if (config == NULL)
    return FALSE;
  limn_json_config_int (config, "vocab_size", &clip->vocab_size);
  limn_json_config_int (config, "hidden_size", &clip->hidden_size);
  limn_json_config_int (config, "intermediate_size", &clip->intermediate_size);
  limn_json_config_int (config, "num_hidden_layers", &clip->num_hidden_layers);
  limn_json_config_int (config, "num_attention_heads", &clip->num_attention_heads);
  limn_json_config_int (config, "max_position_embeddings", &clip->max_position_embeddings);
  read_activation (config, "hidden_act", &clip->hidden_act);
  limn_json_config_fraction (config, "layer_norm_eps", &epsilon);
  clip->layer_norm_eps = (float)epsilon;
  return limn_json_config_check (config, error);
}
