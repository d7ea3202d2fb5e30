/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * A store whose weights have LoRAs in them: which weight each module means, and the tensors that
 * are computed when they are read.
 */
#include <string.h>

#include "engine/weights/lora-private.h"
#include "engine/weights/names.h"
#include "engine/weights/weights-entry.h"
#include "engine/weights/weights-private.h"

#define UNET "model.diffusion_model."
#define TEXT "cond_stage_model.transformer."
#define OPENCLIP "cond_stage_model.model."
#define WEIGHT ".weight"

/* ---- Weights with changes -------------------------------------------------------------------- */

typedef struct
{
  LimnTensorSource source;
  LimnTensor base;
  gint64 n_columns;
  GPtrArray *deltas; /* LimnLoraDelta, borrowed */
} Merged;

static void
merged_free (gpointer data)
{
  Merged *merged = data;

  g_ptr_array_unref (merged->deltas);
  g_free (merged);
}

/* Columns @first to @first + @n - 1 of row @row, at most LIMN_LORA_STEP. */
static void
add_deltas (const Merged *merged, gint64 row, gint64 first, gint64 n, float *dst)
{
  for (guint d = 0; d < merged->deltas->len; d++)
    {
      const LimnLoraDelta *delta = merged->deltas->pdata[d];
      float sum[LIMN_LORA_STEP] = { 0 };

      if (row < delta->first_row || row >= delta->first_row + delta->n_rows)
        continue;
      delta->add (delta, row - delta->first_row, first, n, sum);
      for (gint64 i = 0; i < n; i++)
        dst[i] += delta->scale * sum[i];
    }
}

static void
read_merged (const LimnTensorSource *source, gint64 first, gint64 n, float *dst)
{
  const Merged *merged = (const Merged *)source;

  limn_tensor_read_f32 (&merged->base, first, n, dst);
  while (n > 0)
    {
      gint64 row = first / merged->n_columns, column = first % merged->n_columns;
      gint64 m = MIN (MIN (n, LIMN_LORA_STEP), merged->n_columns - column);

      add_deltas (merged, row, column, m, dst);
      first += m;
      dst += m;
      n -= m;
    }
}

static void
release_merged (const LimnTensorSource *source)
{
  limn_tensor_release_pages (&((const Merged *)source)->base);
}

/* ---- Which weight a module means ------------------------------------------------------------- */

/* Some rows of a tensor. */
typedef struct
{
  const char *name; /* in the store */
  gint64 first_row, n_rows;
} Target;

typedef struct
{
  LimnWeights *weights;
  GHashTable *targets; /* key -> Target */
  GHashTable *changes; /* name in the store -> GPtrArray of LimnLoraDelta, borrowed */
  LimnWeights *result;
} Merger;

static void
add_target (Merger *merger, char *key, const char *name, gint64 first_row, gint64 n_rows)
{
  Target *target = g_new (Target, 1);

  *target = (Target){ name, first_row, n_rows };
  g_hash_table_replace (merger->targets, key, target);
}

/* Under diffusers' path, and under LDM's own, which some trainers write. */
static void
add_unet_target (Merger *merger, LimnNames *names, const char *name, const LimnTensor *tensor)
{
  g_autofree char *path
      = g_strndup (name + strlen (UNET), strlen (name) - strlen (UNET) - strlen (WEIGHT));
  g_autofree char *full = g_strconcat (path, ".", NULL);
  g_autofree char *diffusers = _limn_names_to_diffusers (names, full);

  add_target (merger, _limn_lora_key ("unet:", path), name, 0, tensor->extent[0]);
  if (diffusers == NULL)
    return;
  diffusers[strlen (diffusers) - 1] = '\0';
  add_target (merger, _limn_lora_key ("unet:", diffusers), name, 0, tensor->extent[0]);
}

/* OpenCLIP's weights under the names of Hugging Face's, which is what files call them. */
static void
add_openclip_target (Merger *merger, LimnNames *names, const char *name, const LimnTensor *tensor)
{
  static const char *const thirds[]
      = { "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj" };
  const char *path = name + strlen (OPENCLIP);
  g_autofree char *hf = _limn_names_to_diffusers (names, path);
  char *end = hf != NULL ? strstr (hf, "attn.in_proj_weight") : NULL;

  if (hf == NULL)
    return;
  if (end == NULL)
    {
      if (g_str_has_suffix (hf, WEIGHT))
        {
          hf[strlen (hf) - strlen (WEIGHT)] = '\0';
          add_target (merger, _limn_lora_key ("te:", hf), name, 0, tensor->extent[0]);
        }
      return;
    }
  *end = '\0';
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *third = g_strconcat (hf, thirds[i], NULL);
      gint64 n = tensor->extent[0] / 3;

      add_target (merger, _limn_lora_key ("te:", third), name, i * n, n);
    }
}

static void
find_targets (Merger *merger)
{
  const char *const *all = limn_weights_list (merger->weights);
  LimnNameShape unet = _limn_names_shape_ldm (merger->weights, UNET);
  LimnNameShape text = { .n_levels = LIMN_NAMES_MAX_LEVELS };
  g_autoptr (LimnNames) unet_names = _limn_names_new (_limn_names_unet, &unet);
  g_autoptr (LimnNames) text_names = _limn_names_new (_limn_names_openclip, &text);

  for (gsize i = 0; all[i] != NULL; i++)
    {
      const LimnTensor *tensor = &_limn_weights_find (merger->weights, all[i])->tensor;
      const char *text_path = g_str_has_prefix (all[i], TEXT) ? all[i] + strlen (TEXT) : all[i];

      if (tensor->n_dims < 2 || limn_tensor_count (tensor) == 0
          || !limn_dtype_is_float (tensor->dtype))
        continue;
      if (g_str_has_prefix (all[i], OPENCLIP))
        add_openclip_target (merger, text_names, all[i], tensor);
      else if (!g_str_has_suffix (all[i], WEIGHT))
        continue;
      else if (g_str_has_prefix (all[i], UNET))
        add_unet_target (merger, unet_names, all[i], tensor);
      else if (g_str_has_prefix (text_path, "text_model."))
        {
          g_autofree char *path = g_strndup (text_path, strlen (text_path) - strlen (WEIGHT));

          add_target (merger, _limn_lora_key ("te:", path), all[i], 0, tensor->extent[0]);
        }
    }
}

/* ---- Putting it together --------------------------------------------------------------------- */

static void
add_change (Merger *merger, const char *name, LimnLoraDelta *delta)
{
  GPtrArray *deltas = g_hash_table_lookup (merger->changes, name);

  if (deltas == NULL)
    {
      deltas = g_ptr_array_new ();
      g_hash_table_insert (merger->changes, g_strdup (name), deltas);
    }
  g_ptr_array_add (deltas, delta);
}

/* "model_ema.diffusion_modelinput_blocks00weight" of
 * "model.diffusion_model.input_blocks.0.0.weight" (transfer full). */
static char *
average_name (const char *name)
{
  GString *average = g_string_new ("model_ema.");

  for (const char *p = name + strlen ("model."); *p != '\0'; p++)
    if (*p != '.')
      g_string_append_c (average, *p);
  return g_string_free (average, FALSE);
}

static gboolean
same_weight (Merger *merger, const char *a, const char *b)
{
  const LimnWeightsEntry *x = _limn_weights_find (merger->weights, a);
  const LimnWeightsEntry *y = _limn_weights_find (merger->weights, b);

  return x != NULL && y != NULL && limn_tensor_same_shape (&x->tensor, &y->tensor)
         && limn_dtype_is_float (y->tensor.dtype);
}

static gboolean
apply_module (Merger *merger,
              LimnLora *lora,
              const LimnLoraModule *module,
              const Target *target,
              double weight,
              GError **error)
{
  const LimnTensor *tensor = &_limn_weights_find (merger->weights, target->name)->tensor;
  LimnTensor rows = limn_tensor_rows (tensor, target->first_row, target->n_rows);
  LimnLoraDelta *delta = _limn_lora_delta_new (lora, module, &rows, weight, error);
  g_autofree char *average = NULL;

  if (delta == NULL)
    return FALSE;
  delta->first_row = target->first_row;
  _limn_weights_own (merger->result, delta, (GDestroyNotify)_limn_lora_delta_free);
  add_change (merger, target->name, delta);
  if (!g_str_has_prefix (target->name, UNET))
    return TRUE;
  average = average_name (target->name);
  if (same_weight (merger, target->name, average))
    add_change (merger, average, delta);
  return TRUE;
}

/* Adds to @n_unmatched. */
static gboolean
apply_lora (Merger *merger, const LimnLoraUse *use, int *n_unmatched, GError **error)
{
  const GPtrArray *modules = _limn_lora_get_modules (use->lora);
  guint n_missed = 0;

  for (guint i = 0; i < modules->len; i++)
    {
      const LimnLoraModule *module = modules->pdata[i];
      const Target *target = g_hash_table_lookup (merger->targets, module->key);
      double weight = _limn_lora_is_text (module) ? use->text_weight : use->weight;

      if (target == NULL)
        n_missed++;
      else if (!apply_module (merger, use->lora, module, target, weight, error))
        return FALSE;
    }
  *n_unmatched += (int)n_missed;
  if (n_missed < modules->len)
    return TRUE;
  return _limn_weights_fail (limn_lora_get_weights (use->lora), error,
                             LIMN_ENGINE_ERROR_UNSUPPORTED,
                             "this LoRA is for another kind of model: nothing of it fits %s",
                             limn_weights_get_path (merger->weights));
}

static gboolean
add_tensors (Merger *merger, GError **error)
{
  const char *const *all = limn_weights_list (merger->weights);

  for (gsize i = 0; all[i] != NULL; i++)
    {
      LimnTensor tensor = _limn_weights_find (merger->weights, all[i])->tensor;
      GPtrArray *deltas = g_hash_table_lookup (merger->changes, all[i]);

      if (deltas != NULL)
        {
          Merged *merged = g_new0 (Merged, 1);

          merged->source.read = read_merged;
          merged->source.release = release_merged;
          merged->base = tensor;
          merged->n_columns = limn_tensor_count (&tensor) / tensor.extent[0];
          merged->deltas = g_ptr_array_ref (deltas);
          _limn_weights_own (merger->result, merged, merged_free);
          tensor.dtype = LIMN_DTYPE_COMPUTED;
          tensor.first = 0;
          tensor.data = &merged->source;
        }
      if (!_limn_weights_add (merger->result, all[i], &tensor, error))
        return FALSE;
    }
  return TRUE;
}

LimnWeights *
limn_weights_with_loras (LimnWeights *weights,
                         const LimnLoraUse *uses,
                         gsize n_uses,
                         int *n_unmatched,
                         GError **error)
{
  g_autoptr (GHashTable) targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) changes
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  g_autoptr (LimnWeights) result = NULL;
  Merger merger = { .weights = weights, .targets = targets, .changes = changes };
  int n_missed = 0;

  g_return_val_if_fail (weights != NULL && (uses != NULL || n_uses == 0), NULL);

  result = merger.result = _limn_weights_new_over (weights);
  find_targets (&merger);
  for (gsize i = 0; i < n_uses; i++)
    if (!apply_lora (&merger, &uses[i], &n_missed, error))
      return NULL;
  if (!add_tensors (&merger, error))
    return NULL;
  _limn_weights_seal (result);
  if (n_unmatched != NULL)
    *n_unmatched = n_missed;
  return g_steal_pointer (&result);
}
