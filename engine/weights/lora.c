/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * LoRA files: from names of tensors to modules and their parts.
 */
#include <math.h>
#include <string.h>

#include "engine/weights/file.h"
#include "engine/weights/lora-private.h"
#include "engine/weights/weights-private.h"

struct _LimnLora
{
  gatomicrefcount ref_count;
  LimnWeights *weights;
  GPtrArray *modules; /* LimnLoraModule */
};

static void
module_free (gpointer data)
{
  LimnLoraModule *module = data;

  g_free (module->name);
  g_free (module->key);
  g_free (module);
}

LimnLora *
limn_lora_ref (LimnLora *lora)
{
  g_return_val_if_fail (lora != NULL, NULL);

  g_atomic_ref_count_inc (&lora->ref_count);
  return lora;
}

void
limn_lora_unref (LimnLora *lora)
{
  if (lora == NULL || !g_atomic_ref_count_dec (&lora->ref_count))
    return;
  g_clear_pointer (&lora->modules, g_ptr_array_unref);
  g_clear_pointer (&lora->weights, limn_weights_unref);
  g_free (lora);
}

LimnWeights *
limn_lora_get_weights (LimnLora *lora)
{
  g_return_val_if_fail (lora != NULL, NULL);

  return lora->weights;
}

int
limn_lora_count_modules (LimnLora *lora)
{
  g_return_val_if_fail (lora != NULL, 0);

  return (int)lora->modules->len;
}

const GPtrArray *
_limn_lora_get_modules (LimnLora *lora)
{
  return lora->modules;
}

gboolean
_limn_lora_has (const LimnLoraModule *module, LimnLoraRole role)
{
  return module->parts[role].data != NULL;
}

gboolean
_limn_lora_is_text (const LimnLoraModule *module)
{
  return g_str_has_prefix (module->key, "te:");
}

/* ---- Names ----------------------------------------------------------------------------------- */

static const struct
{
  const char *suffix;
  LimnLoraRole role;
} suffixes[] = {
  /* kohya */
  { ".lora_down.weight", LIMN_LORA_DOWN },
  { ".lora_up.weight", LIMN_LORA_UP },
  { ".lora_mid.weight", LIMN_LORA_MID },
  { ".alpha", LIMN_LORA_ALPHA },
  { ".dora_scale", LIMN_LORA_MAGNITUDE },
  /* peft */
  { ".lora_A.weight", LIMN_LORA_DOWN },
  { ".lora_B.weight", LIMN_LORA_UP },
  { ".lora_A.default.weight", LIMN_LORA_DOWN },
  { ".lora_B.default.weight", LIMN_LORA_UP },
  { ".lora_magnitude_vector", LIMN_LORA_MAGNITUDE_PEFT },
  { ".lora_magnitude_vector.weight", LIMN_LORA_MAGNITUDE_PEFT },
  { ".lora_magnitude_vector.default.weight", LIMN_LORA_MAGNITUDE_PEFT },
  /* diffusers before peft, UNet and text encoder */
  { "_lora.down.weight", LIMN_LORA_DOWN },
  { "_lora.up.weight", LIMN_LORA_UP },
  { "_lora.alpha", LIMN_LORA_ALPHA },
  { ".lora.down.weight", LIMN_LORA_DOWN },
  { ".lora.up.weight", LIMN_LORA_UP },
  { ".lora_linear_layer.down.weight", LIMN_LORA_DOWN },
  { ".lora_linear_layer.up.weight", LIMN_LORA_UP },
  /* LyCORIS */
  { ".hada_w1_a", LIMN_LORA_HADA_W1_A },
  { ".hada_w1_b", LIMN_LORA_HADA_W1_B },
  { ".hada_w2_a", LIMN_LORA_HADA_W2_A },
  { ".hada_w2_b", LIMN_LORA_HADA_W2_B },
  { ".hada_t1", LIMN_LORA_TUCKER },
  { ".hada_t2", LIMN_LORA_TUCKER },
  { ".lokr_w1", LIMN_LORA_KRON_W1 },
  { ".lokr_w1_a", LIMN_LORA_KRON_W1_A },
  { ".lokr_w1_b", LIMN_LORA_KRON_W1_B },
  { ".lokr_w2", LIMN_LORA_KRON_W2 },
  { ".lokr_w2_a", LIMN_LORA_KRON_W2_A },
  { ".lokr_w2_b", LIMN_LORA_KRON_W2_B },
  { ".lokr_t2", LIMN_LORA_TUCKER },
};

/* Where a module is, by the start of its name; the first that fits. */
static const struct
{
  const char *start, *key;
  gboolean keep; /* the start belongs to the path */
} places[] = {
  { "lora_unet_", "unet:", FALSE },
  { "lora_te_", "te:", FALSE },
  { "lora_te1_", "te:", FALSE },
  { "unet.", "unet:", FALSE },
  { "text_encoder.", "te:", FALSE },
  { "base_model.model.text_model.", "te:text_model_", FALSE },
  { "base_model.model.", "unet:", FALSE },
  { "text_model.", "te:", TRUE },
  { "down_blocks.", "unet:", TRUE },
  { "mid_block.", "unet:", TRUE },
  { "up_blocks.", "unet:", TRUE },
};

char *
_limn_lora_key (const char *prefix, const char *path)
{
  char *key = g_strconcat (prefix, path, NULL);

  for (char *p = key; *p != '\0'; p++)
    if (*p == '.')
      *p = '_';
  return key;
}

/* The key of the module that a file calls @name (transfer full). */
static char *
module_key (const char *name)
{
  g_autoptr (GString) path = g_string_new (name);

  /* Diffusers' oldest names go through the attention's processor, and leave out the 0 of to_out.0.
   */
  g_string_replace (path, ".processor.", ".", 0);
  if (g_str_has_suffix (path->str, "to_out"))
    g_string_append (path, ".0");
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_str_has_prefix (path->str, places[i].start))
      return _limn_lora_key (places[i].key,
                             path->str + (places[i].keep ? 0 : strlen (places[i].start)));
  return g_strdup (name);
}

/* The role of tensor @name and the length of its module's name; FALSE when it is no part of a LoRA.
 */
static gboolean
split_name (const char *name, LimnLoraRole *role, gsize *length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (name, suffixes[i].suffix))
      {
        *role = suffixes[i].role;
        *length = strlen (name) - strlen (suffixes[i].suffix);
        return *length > 0;
      }
  return FALSE;
}

/* ---- Opening --------------------------------------------------------------------------------- */

static gboolean
refuse (LimnLora *lora, GError **error, const char *name, const char *what)
{
  g_autofree char *shown = _limn_weights_quote (name);

  return _limn_weights_fail (lora->weights, error, LIMN_ENGINE_ERROR_UNSUPPORTED, "%s: %s", shown,
                             what);
}

static gboolean
add_tensor (LimnLora *lora, GHashTable *by_name, const char *name, GError **error)
{
  g_autofree char *module_name = NULL;
  LimnLoraModule *module;
  LimnLoraRole role;
  gsize length;

  if (!split_name (name, &role, &length))
    return refuse (lora, error, name, "this tensor is no part of any kind of LoRA that is known");
  module_name = g_strndup (name, length);
  module = g_hash_table_lookup (by_name, module_name);
  if (module == NULL)
    {
      module = g_new0 (LimnLoraModule, 1);
      module->name = g_strdup (module_name);
      module->key = module_key (module_name);
      module->alpha = NAN;
      g_ptr_array_add (lora->modules, module);
      g_hash_table_insert (by_name, module->name, module);
    }
  if (_limn_lora_has (module, role))
    return refuse (lora, error, name, "the module has this part twice");
  limn_weights_lookup (lora->weights, name, &module->parts[role]);
  if (role != LIMN_LORA_ALPHA && !limn_dtype_is_float (module->parts[role].dtype))
    return refuse (lora, error, name, "its numbers are not floating-point");
  return TRUE;
}

/* Whether the parts make up a change that is known. */
static gboolean
check_module (LimnLora *lora, const LimnLoraModule *module, GError **error)
{
  gboolean plain = _limn_lora_has (module, LIMN_LORA_DOWN) && _limn_lora_has (module, LIMN_LORA_UP);
  gboolean hadamard = _limn_lora_has (module, LIMN_LORA_HADA_W1_A)
                      && _limn_lora_has (module, LIMN_LORA_HADA_W1_B)
                      && _limn_lora_has (module, LIMN_LORA_HADA_W2_A)
                      && _limn_lora_has (module, LIMN_LORA_HADA_W2_B);
  gboolean first = _limn_lora_has (module, LIMN_LORA_KRON_W1)
                   || (_limn_lora_has (module, LIMN_LORA_KRON_W1_A)
                       && _limn_lora_has (module, LIMN_LORA_KRON_W1_B));
  gboolean second = _limn_lora_has (module, LIMN_LORA_KRON_W2)
                    || (_limn_lora_has (module, LIMN_LORA_KRON_W2_A)
                        && _limn_lora_has (module, LIMN_LORA_KRON_W2_B));

  if (_limn_lora_has (module, LIMN_LORA_TUCKER))
    return refuse (lora, error, module->name,
                   "LoHa and LoKr with Tucker decomposition are not supported");
  if (plain + hadamard + (first && second) != 1)
    return refuse (lora, error, module->name,
                   "its parts make up no change (a LoRA has an up and a down)");
  return TRUE;
}

/* An alpha without anything to scale changes nothing. */
static void
drop_lone_alphas (GPtrArray *modules)
{
  for (guint i = modules->len; i-- > 0;)
    {
      const LimnLoraModule *module = modules->pdata[i];
      gboolean lone = TRUE;

      for (int role = 0; role < LIMN_LORA_N_ROLES; role++)
        lone &= role == LIMN_LORA_ALPHA || !_limn_lora_has (module, role);
      if (lone)
        g_ptr_array_remove_index (modules, i);
    }
}

/* ---- Metadata -------------------------------------------------------------------------------- */

/* peft's configuration of both parts, as diffusers writes it: "unet.lora_alpha", ... */
#define ADAPTER_METADATA "lora_adapter_metadata"

static double
get_number (JsonObject *object, const char *part, const char *key)
{
  g_autofree char *name = g_strconcat (part, key, NULL);
  JsonNode *node = json_object_get_member (object, name);
  GType type = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node)
                                                            : G_TYPE_INVALID;

  if (type == G_TYPE_BOOLEAN)
    return json_node_get_boolean (node);
  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : NAN;
}

/* The alpha that "alpha_pattern" has for the end of @name; @fallback when it has none. */
static double
get_pattern (JsonObject *object, const char *part, const char *name, double fallback)
{
  g_autofree char *member = g_strconcat (part, "alpha_pattern", NULL);
  JsonNode *node = json_object_get_member (object, member);
  JsonObjectIter iter;
  const char *pattern;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return fallback;
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &pattern, NULL))
    if (g_str_has_suffix (name, pattern))
      return get_number (json_node_get_object (node), "", pattern);
  return fallback;
}

static gboolean
read_metadata (LimnLora *lora, GError **error)
{
  const char *text = limn_weights_get_metadata (lora->weights, ADAPTER_METADATA);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonObject *object;

  if (text == NULL)
    return TRUE;
  object = limn_json_parse_object (parser, text, strlen (text), error);
  if (object == NULL)
    {
      g_prefix_error (error, "%s: in %s, ", limn_weights_get_path (lora->weights),
                      ADAPTER_METADATA);
      return FALSE;
    }
  for (guint i = 0; i < lora->modules->len; i++)
    {
      LimnLoraModule *module = lora->modules->pdata[i];
      const char *part = _limn_lora_is_text (module) ? "text_encoder." : "unet.";
      double alpha = get_number (object, part, "lora_alpha");

      module->alpha = get_pattern (object, part, module->name, alpha);
      module->root = get_number (object, part, "use_rslora") == 1;
    }
  return TRUE;
}

static gboolean
read_modules (LimnLora *lora, GError **error)
{
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  const char *const *names = limn_weights_list (lora->weights);
  gboolean any = FALSE;
  LimnLoraRole role;
  gsize length;

  for (gsize i = 0; names[i] != NULL; i++)
    any |= split_name (names[i], &role, &length) && role != LIMN_LORA_ALPHA;
  if (!any)
    return _limn_weights_fail (lora->weights, error, LIMN_ENGINE_ERROR_UNSUPPORTED,
                               "this is no LoRA: it has no up and down tensors");
  for (gsize i = 0; names[i] != NULL; i++)
    if (!add_tensor (lora, by_name, names[i], error))
      return FALSE;
  drop_lone_alphas (lora->modules);
  for (guint i = 0; i < lora->modules->len; i++)
    if (!check_module (lora, lora->modules->pdata[i], error))
      return FALSE;
  return read_metadata (lora, error);
}

LimnLora *
limn_lora_open (const char *path, GError **error)
{
  g_autoptr (LimnLora) lora = g_new0 (LimnLora, 1);

  g_return_val_if_fail (path != NULL, NULL);

  g_atomic_ref_count_init (&lora->ref_count);
  lora->modules = g_ptr_array_new_with_free_func (module_free);
  lora->weights = limn_weights_open (path, error);
  if (lora->weights == NULL || !read_modules (lora, error))
    return NULL;
  return g_steal_pointer (&lora);
}
