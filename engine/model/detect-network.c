/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Networks that are a model of their own and need no description: what they are follows from their
 * tensors.
 */
#include "engine/model/detect.h"

#include "engine/model/description-private.h"
#include "engine/nn/rrdb.h"
#include "engine/nn/srvgg.h"
#include "engine/nn/taesd.h"

/* What stands before the names where a training state was saved flat; moving averages first. */
static const char *const prefixes[] = { "", "params_ema.", "params.", "state_dict.", "module." };

static LimnNetwork
find_network (LimnWeights *weights, const char **prefix)
{
  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      *prefix = prefixes[i];
      if (limn_rrdb_detect (weights, *prefix))
        return LIMN_NETWORK_RRDB;
      if (limn_srvgg_detect (weights, *prefix))
        return LIMN_NETWORK_SRVGG;
    }
  *prefix = "";
  if (limn_taesd_detect (weights, LIMN_TAESD_DECODER) != NULL
      || limn_taesd_detect (weights, LIMN_TAESD_ENCODER) != NULL)
    return LIMN_NETWORK_TAESD;
  return LIMN_NETWORK_DIFFUSION;
}

gboolean
limn_description_detect_network (LimnDescription *self, LimnWeights *weights)
{
  const char *prefix;
  LimnNetwork network;

  g_return_val_if_fail (self != NULL && weights != NULL, FALSE);

  network = find_network (weights, &prefix);
  if (network == LIMN_NETWORK_DIFFUSION)
    return FALSE;
  _limn_description_init (self, limn_weights_get_path (weights));
  self->network = network;
  self->network_prefix = prefix;
  return TRUE;
}
