/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What a model is told to make, as numbers for its UNet.
 */
#include <string.h>

#include "engine/model/model-private.h"

/* FALSE, and a failed run, when the model has no use for @what. */
static gboolean
need (LimnModel *model, LimnRun *run, LimnTakes takes, const char *what)
{
  if ((model->info.takes & takes) != 0)
    return TRUE;
  limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT, "The model “%s” takes no %s", model->id, what);
  return FALSE;
}

LimnTensor
limn_model_encode_prompt (LimnModel *model, LimnRun *run, const char *prompt, int *n_cut)
{
  int tokens;
  g_autofree gint32 *ids = NULL;

  g_return_val_if_fail (model != NULL && run != NULL && prompt != NULL, LIMN_TENSOR_EMPTY);

  if (!need (model, run, LIMN_TAKES_PROMPT, "prompt"))
    return LIMN_TENSOR_EMPTY;
  tokens = model->text.config.max_position_embeddings;
  if (tokens < 2)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_UNSUPPORTED,
                     "The text encoder of the model “%s” has no room for a prompt", model->id);
      return LIMN_TENSOR_EMPTY;
    }
  ids = g_new (gint32, tokens);
  limn_tokenizer_encode_padded (model->tokenizer, prompt, tokens, model->pad, ids, n_cut);
  return limn_clip_text_forward (&model->text, run, ids, 1, tokens);
}

LimnTensor
limn_model_encode_class (LimnModel *model, LimnRun *run, int category)
{
  g_return_val_if_fail (model != NULL && run != NULL, LIMN_TENSOR_EMPTY);

  need (model, run, LIMN_TAKES_CLASS, "class");
  return LIMN_TENSOR_EMPTY;
}

LimnTensor
limn_model_encode_boxes (LimnModel *model, LimnRun *run, const LimnLabelledBox *boxes, int n_boxes)
{
  g_return_val_if_fail (model != NULL && run != NULL, LIMN_TENSOR_EMPTY);
  g_return_val_if_fail (boxes != NULL || n_boxes == 0, LIMN_TENSOR_EMPTY);

  need (model, run, LIMN_TAKES_BOXES, "boxes");
  return LIMN_TENSOR_EMPTY;
}

LimnTensor
limn_model_encode_labels (LimnModel *model,
                          LimnRun *run,
                          const gint32 *labels,
                          int width,
                          int height)
{
  g_return_val_if_fail (model != NULL && run != NULL && labels != NULL, LIMN_TENSOR_EMPTY);

  need (model, run, LIMN_TAKES_LABELS, "map of labels");
  return LIMN_TENSOR_EMPTY;
}

LimnTensor
limn_model_encode_embedding (LimnModel *model,
                             LimnRun *run,
                             const float *vectors,
                             int n_vectors,
                             int width)
{
  LimnTensor context;

  g_return_val_if_fail (model != NULL && run != NULL && vectors != NULL, LIMN_TENSOR_EMPTY);

  if (!need (model, run, LIMN_TAKES_EMBEDDING, "embedding"))
    return LIMN_TENSOR_EMPTY;
  if (n_vectors < 1 || width != model->info.context_width)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT,
                     "The model “%s” takes embeddings of %d numbers, not %d of %d", model->id,
                     model->info.context_width, n_vectors, width);
      return LIMN_TENSOR_EMPTY;
    }
  context = limn_run_tensor (run, 3, (gint64[]){ 1, n_vectors, width });
  if (!limn_tensor_is_empty (&context))
    memcpy (context.data, vectors, limn_tensor_bytes (&context));
  return context;
}

LimnTensor
limn_model_encode_nothing (LimnModel *model, LimnRun *run, int n_vectors)
{
  LimnTensor context;

  g_return_val_if_fail (model != NULL && run != NULL, LIMN_TENSOR_EMPTY);

  if (model->info.can_guide && model->info.takes_prompt)
    return limn_model_encode_prompt (model, run, "", NULL);
  if (!model->info.can_guide || n_vectors < 1)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT,
                     "The model “%s” has nothing to be guided away from", model->id);
      return LIMN_TENSOR_EMPTY;
    }
  context = limn_run_tensor (run, 3, (gint64[]){ 1, n_vectors, model->info.context_width });
  if (!limn_tensor_is_empty (&context))
    memset (context.data, 0, limn_tensor_bytes (&context));
  return context;
}

const char *
limn_model_get_category_name (LimnModel *model, int category)
{
  g_return_val_if_fail (model != NULL, NULL);

  return NULL;
}

int
limn_model_find_category (LimnModel *model, const char *name_or_number, GError **error)
{
  guint64 number;

  g_return_val_if_fail (model != NULL && name_or_number != NULL, -1);

  if (model->info.n_categories > 0
      && g_ascii_string_to_unsigned (name_or_number, 10, 0, (guint64)model->info.n_categories - 1,
                                     &number, NULL))
    return (int)number;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
               "The model “%s” knows nothing of the name or number “%s”", model->id,
               name_or_number);
  return -1;
}
