/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Networks that are a model of their own: upscalers of one pass and tiny autoencoders.
 */
#include "engine/model/model-private.h"

gboolean
_limn_model_open_alone (LimnModel *model, GError **error)
{
  gboolean tiny = model->description.network == LIMN_NETWORK_TAESD;

  if (tiny ? !_limn_model_bind_taesd (model, error) : !_limn_model_bind_upscaler (model, error))
    return FALSE;
  if (tiny)
    _limn_model_fill_taesd (model);
  else
    _limn_model_fill_upscaler (model);
  _limn_model_fill_strings (model);
  model->info.scale_factor = model->scale_factor;
  g_ptr_array_add (model->description.notes, NULL);
  model->info.notes = (const char *const *)model->description.notes->pdata;
  return TRUE;
}

void
_limn_model_clear_alone (LimnModel *model)
{
  limn_rrdb_clear (&model->rrdb);
  limn_srvgg_clear (&model->srvgg);
  limn_taesd_clear (&model->tiny_encoder);
  limn_taesd_clear (&model->tiny_decoder);
  g_clear_pointer (&model->preview_decoder, limn_model_unref);
}

void
_limn_model_unload_alone (LimnModel *model)
{
  limn_layers_unload (&model->rrdb.layers);
  limn_layers_unload (&model->srvgg.layers);
  limn_layers_unload (&model->tiny_encoder.layers);
  limn_layers_unload (&model->tiny_decoder.layers);
  if (model->preview_decoder != NULL)
    limn_model_unload (model->preview_decoder);
}
