/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The vocabulary of a text encoder: few files of weights bring one, so it may come from elsewhere.
 */
#include "engine/model/files.h"
#include "engine/model/model-private.h"

static gboolean
is_bert (const LimnModel *model)
{
  return model->description.cond_stage == LIMN_COND_STAGE_BERT;
}

static int
text_size (const LimnModel *model)
{
  return is_bert (model) ? model->description.bert.vocab_size : model->description.text.vocab_size;
}

/* Opens the one in @folder; how many tokens it has, 0 on error. */
static int
open_in (LimnModel *model, const char *folder, GError **error)
{
  g_autofree char *pieces = NULL;

  g_clear_pointer (&model->tokenizer, limn_tokenizer_free);
  g_clear_pointer (&model->wordpiece, limn_wordpiece_free);
  if (is_bert (model))
    {
      pieces = g_build_filename (folder, "vocab.txt", NULL);
      model->wordpiece = limn_wordpiece_open (pieces, error);
      return model->wordpiece != NULL ? limn_wordpiece_get_size (model->wordpiece) : 0;
    }
  model->tokenizer = limn_tokenizer_open (folder, error);
  if (model->tokenizer == NULL)
    return 0;
  /* Stable Diffusion 1 fills up with the end token, open_clip with 0. */
  model->pad = model->description.cond_stage == LIMN_COND_STAGE_CLIP
                       && !model->description.unet.use_linear_in_transformer
                   ? (guint32)limn_tokenizer_get_end (model->tokenizer)
                   : 0;
  return limn_tokenizer_get_size (model->tokenizer);
}

/* The model's own: it may be smaller than the text encoder allows. */
static gboolean
open_own (LimnModel *model, const char *folder, GError **error)
{
  int size = open_in (model, folder, error);

  if (size == 0)
    {
      g_prefix_error (error, "The model takes a prompt, but its tokenizer cannot be read: ");
      return FALSE;
    }
  if (size <= text_size (model))
    return TRUE;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE,
               "%s: has %d tokens, but the model's text encoder knows %d", folder, size,
               text_size (model));
  return FALSE;
}

/* Somebody else's: it is the same when it is of the same size. */
static gboolean
open_found (LimnModel *model, const char *const *search)
{
  g_autoptr (GPtrArray) folders = _limn_model_files_search_vocabulary (
      search, is_bert (model) ? LIMN_VOCABULARY_BERT : LIMN_VOCABULARY_CLIP);

  for (guint i = 0; i < folders->len; i++)
    if (open_in (model, folders->pdata[i], NULL) == text_size (model))
      {
        limn_description_note (&model->description, "Its tokenizer is that in %s.",
                               (const char *)folders->pdata[i]);
        return TRUE;
      }
  g_clear_pointer (&model->tokenizer, limn_tokenizer_free);
  g_clear_pointer (&model->wordpiece, limn_wordpiece_free);
  return FALSE;
}

gboolean
_limn_model_open_vocabulary (LimnModel *model,
                             const char *beside,
                             const char *folder,
                             const char *const *search,
                             GError **error)
{
  if (folder != NULL)
    return open_own (model, folder, error);
  if (open_found (model, search))
    return TRUE;
  if (is_bert (model))
    _limn_model_miss (model,
                      "The vocabulary of BERT (bert-base-uncased, %d words) is not beside the "
                      "model, nor with another one: put its vocab.txt into %s/tokenizer",
                      text_size (model), beside);
  else
    _limn_model_miss (model,
                      "The vocabulary of CLIP (%d words) is not beside the model, nor with another "
                      "one: put its vocab.json and merges.txt into %s/tokenizer",
                      text_size (model), beside);
  return TRUE;
}
