/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What a model is told to make, as numbers for its UNet.
 */
#include <string.h>

#include "engine/model/model-private.h"
#include "engine/text/layout-tokens.h"
#include "engine/text/prompt.h"

/* Chunks that a prompt may have: 75 tokens each. */
#define MAX_CHUNKS 8

/* FALSE, and a failed run, when the model has no use for @what, or a part that it needs is not
 * there. */
static gboolean
need (LimnModel *model, LimnRun *run, LimnTakes takes, const char *what)
{
  gboolean ready = model->has_condition || takes == LIMN_TAKES_EMBEDDING;

  if ((model->info.takes & takes) == 0)
    limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT, "The model “%s” takes no %s", model->id, what);
  else if (takes == LIMN_TAKES_PROMPT)
    ready = ready && (model->tokenizer != NULL || model->wordpiece != NULL);
  if (!ready)
    limn_run_fail (run, LIMN_ENGINE_ERROR_MISSING, "%s",
                   model->missing != NULL ? model->missing : what);
  return (model->info.takes & takes) != 0 && ready;
}

/* ---- Prompts --------------------------------------------------------------------------------- */

static int
prompt_length (LimnModel *model, LimnRun *run)
{
  int length = model->wordpiece != NULL ? model->bert.config.max_seq_len
                                        : model->text.config.max_position_embeddings;

  if (length < 2)
    limn_run_fail (run, LIMN_ENGINE_ERROR_UNSUPPORTED,
                   "The text encoder of the model “%s” has no room for a prompt", model->id);
  return length;
}

static LimnTensor
encode_pieces (LimnModel *model, LimnRun *run, const char *prompt, int length, int *n_cut)
{
  g_autofree gint32 *ids = g_new (gint32, length);

  limn_wordpiece_encode_padded (model->wordpiece, prompt, length, ids, n_cut);
  return limn_bert_text_forward (&model->bert, run, ids, 1, length);
}

/* All chunks at once; then one after the other, [1, chunks * length, width]. */
static LimnTensor
encode_chunks (LimnModel *model, LimnRun *run, const LimnPromptTokens *tokens)
{
  LimnTensor states
      = limn_clip_text_forward (&model->text, run, tokens->ids, tokens->n_chunks, tokens->length);

  if (limn_tensor_is_empty (&states))
    return states;
  limn_prompt_tokens_weigh (tokens, limn_tensor_f32 (&states), (int)states.extent[2]);
  return limn_tensor_3d (states.dtype, states.data, 1, (gint64)tokens->n_chunks * tokens->length,
                         states.extent[2]);
}

LimnTensor
limn_model_encode_prompt (LimnModel *model, LimnRun *run, const char *prompt, int *n_cut)
{
  g_autoptr (LimnPromptTokens) tokens = NULL;
  int length;

  g_return_val_if_fail (model != NULL && run != NULL && prompt != NULL, LIMN_TENSOR_EMPTY);

  if (!need (model, run, LIMN_TAKES_PROMPT, "prompt"))
    return LIMN_TENSOR_EMPTY;
  length = prompt_length (model, run);
  if (length < 2)
    return LIMN_TENSOR_EMPTY;
  if (model->wordpiece != NULL)
    return encode_pieces (model, run, prompt, length, n_cut);
  tokens = limn_prompt_encode (model->tokenizer, prompt, length, model->pad, MAX_CHUNKS);
  if (n_cut != NULL)
    *n_cut = tokens->n_cut;
  return encode_chunks (model, run, tokens);
}

gboolean
limn_model_encode_prompts (LimnModel *model,
                           LimnRun *run,
                           const char *prompt,
                           const char *negative,
                           LimnTensor *context,
                           LimnTensor *negative_context,
                           int *n_cut)
{
  g_autoptr (LimnPromptTokens) wanted = NULL, unwanted = NULL;
  int length, chunks, cut = 0, negative_cut = 0;

  g_return_val_if_fail (model != NULL && run != NULL, FALSE);
  g_return_val_if_fail (prompt != NULL && negative != NULL, FALSE);

  *context = *negative_context = LIMN_TENSOR_EMPTY;
  if (!need (model, run, LIMN_TAKES_PROMPT, "prompt"))
    return FALSE;
  length = prompt_length (model, run);
  if (length < 2)
    return FALSE;
  if (model->wordpiece != NULL)
    {
      *context = encode_pieces (model, run, prompt, length, &cut);
      *negative_context = encode_pieces (model, run, negative, length, &negative_cut);
    }
  else
    {
      wanted = limn_prompt_encode (model->tokenizer, prompt, length, model->pad, MAX_CHUNKS);
      unwanted = limn_prompt_encode (model->tokenizer, negative, length, model->pad, MAX_CHUNKS);
      chunks = MAX (wanted->n_chunks, unwanted->n_chunks);
      limn_prompt_tokens_extend (wanted, model->tokenizer, model->pad, chunks);
      limn_prompt_tokens_extend (unwanted, model->tokenizer, model->pad, chunks);
      cut = wanted->n_cut;
      negative_cut = unwanted->n_cut;
      *context = encode_chunks (model, run, wanted);
      *negative_context = encode_chunks (model, run, unwanted);
    }
  if (n_cut != NULL)
    *n_cut = cut + negative_cut;
  return limn_run_ok (run);
}

/* ---- Classes, boxes, labels, embeddings ------------------------------------------------------ */

LimnTensor
limn_model_encode_class (LimnModel *model, LimnRun *run, int category)
{
  const gint32 classes[] = { category };

  g_return_val_if_fail (model != NULL && run != NULL, LIMN_TENSOR_EMPTY);

  if (!need (model, run, LIMN_TAKES_CLASS, "class"))
    return LIMN_TENSOR_EMPTY;
  return limn_class_embedder_forward (&model->classes, run, classes, 1);
}

/* As the tokens' builder wants them. */
static LimnLayoutBox *
convert_boxes (const LimnLabelledBox *boxes, int n_boxes)
{
  LimnLayoutBox *layout = g_new (LimnLayoutBox, MAX (n_boxes, 1));

  for (int i = 0; i < n_boxes; i++)
    layout[i] = (LimnLayoutBox){
      .category = boxes[i].category,
      .box = { boxes[i].x, boxes[i].y, boxes[i].width, boxes[i].height },
      .is_group_of = (boxes[i].flags & LIMN_BOX_GROUP) != 0,
      .is_occluded = (boxes[i].flags & LIMN_BOX_OCCLUDED) != 0,
      .is_depiction = (boxes[i].flags & LIMN_BOX_DEPICTION) != 0,
      .is_inside = (boxes[i].flags & LIMN_BOX_INSIDE) != 0,
    };
  return layout;
}

LimnTensor
limn_model_encode_boxes (LimnModel *model, LimnRun *run, const LimnLabelledBox *boxes, int n_boxes)
{
  const LimnLayoutConfig *config;
  g_autofree LimnLayoutBox *layout = NULL;
  g_autofree gint32 *tokens = NULL;
  g_autoptr (GError) error = NULL;
  int length;

  g_return_val_if_fail (model != NULL && run != NULL, LIMN_TENSOR_EMPTY);
  g_return_val_if_fail (n_boxes >= 0 && (boxes != NULL || n_boxes == 0), LIMN_TENSOR_EMPTY);

  if (!need (model, run, LIMN_TAKES_BOXES, "boxes"))
    return LIMN_TENSOR_EMPTY;
  config = &model->description.layout;
  length = limn_layout_config_get_length (config);
  layout = convert_boxes (boxes, n_boxes);
  tokens = g_new (gint32, MAX (length, 1));
  if (!limn_layout_tokens (config, layout, n_boxes, NULL, FALSE, tokens, NULL, &error))
    {
      limn_run_fail (run, error->code, "%s", error->message);
      return LIMN_TENSOR_EMPTY;
    }
  return limn_bert_text_forward (&model->bert, run, tokens, 1, length);
}

LimnTensor
limn_model_encode_labels (LimnModel *model,
                          LimnRun *run,
                          const gint32 *labels,
                          int width,
                          int height)
{
  g_autofree guint16 *narrow = NULL;
  gsize n;

  g_return_val_if_fail (model != NULL && run != NULL && labels != NULL, LIMN_TENSOR_EMPTY);
  g_return_val_if_fail (width > 0 && height > 0, LIMN_TENSOR_EMPTY);

  if (!need (model, run, LIMN_TAKES_LABELS, "map of labels"))
    return LIMN_TENSOR_EMPTY;
  n = (gsize)width * (gsize)height;
  narrow = g_new (guint16, n);
  for (gsize i = 0; i < n; i++)
    {
      if (labels[i] < 0 || labels[i] >= MIN (model->info.n_categories, G_MAXUINT16 + 1))
        {
          limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT,
                         "The model “%s” knows labels 0 to %d, not %d", model->id,
                         model->info.n_categories - 1, labels[i]);
          return LIMN_TENSOR_EMPTY;
        }
      narrow[i] = (guint16)labels[i];
    }
  return limn_spatial_rescaler_forward_labels (&model->rescaler, run, narrow, height, width);
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
  if (model->info.can_guide && (model->info.takes & LIMN_TAKES_CLASS) != 0)
    return limn_model_encode_class (model, run, model->info.n_categories - 1);
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
