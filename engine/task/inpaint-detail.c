/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/inpaint-private.h"

#include <string.h>

/*
 * An autoencoder gives back less than it was given, a small one much less: beside the photo what it
 * decodes is soft, all around the hole as well. What it loses is known, as the picture that the
 * latents began with is: it is that picture less what its latent decodes to. Added to the result it
 * makes the surroundings the picture's own again, and the hole as fine as what it was filled with.
 */

/* Whether the hole still has something of what it was filled with. */
static gboolean
fill_stays (const LimnInpaint *self)
{
  return self->first != NULL
         || (_limn_inpaint_is_prefilled (self->info, self->params)
             && !_limn_inpaint_is_told (self->params));
}

void
_limn_inpaint_keep_filled (LimnInpaint *self, const LimnTensor *filled)
{
  if (limn_run_ok (self->run) && !limn_tensor_is_empty (&self->filled))
    memcpy (self->filled.data, filled->data, limn_tensor_bytes (&self->filled));
}

void
_limn_inpaint_add_detail (LimnInpaint *self, LimnTensor *made)
{
  LimnArenaMark mark = limn_run_mark (self->run);
  float inside = fill_stays (self) ? 1.0f : 0.0f;
  LimnTensor decoded;

  if (!limn_run_ok (self->run) || limn_tensor_is_empty (&self->filled))
    return;
  decoded = limn_model_decode (self->model, self->run, &self->start);
  if (limn_run_ok (self->run))
    {
      gint64 n = (gint64)self->plan.height * self->plan.width;
      const float *from = limn_tensor_f32 (&self->filled), *less = limn_tensor_f32 (&decoded);
      float *to = limn_tensor_f32 (made);

      for (gint64 i = 0; i < n; i++)
        {
          float hole = (float)self->hole[i] / 255, weight = 1 - hole + hole * inside;

          for (int c = 0; c < 3; c++)
            to[3 * i + c] += weight * (from[3 * i + c] - less[3 * i + c]);
        }
    }
  limn_run_release (self->run, mark);
}
