/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Any store as one with LDM's names: which dialect is where, and the store that has the result.
 */
#include <string.h>

#include "engine/weights/names.h"
#include "engine/weights/weights-entry.h"
#include "engine/weights/weights-private.h"

/**
 * Dialect:
 * @probe: a tensor's name starts with it: the dialect is there
 * @prefix: what its tensors start with, replaced
 * @target: by this
 * @rows: (nullable): and the rest by this table
 * @shape: the part of the names that counts levels and layers
 *
 * With @rows only tensors that the table knows are renamed.
 */
typedef struct
{
  const char *probe, *prefix, *target;
  const LimnNameRow *rows;
  const char *shape;
} Dialect;

#define UNET "model.diffusion_model."
#define AUTOENCODER "first_stage_model."
#define TEXT "cond_stage_model.transformer."

/* The first that fits a prefix decides. */
static const Dialect dialects[] = {
  /* diffusers folders */
  { "unet/down_blocks.", "unet/", UNET, _limn_names_unet, "unet/" },
  { "vae/encoder.down_blocks.", "vae/", AUTOENCODER, _limn_names_autoencoder, "vae/encoder." },
  { "vae/decoder.up_blocks.", "vae/", AUTOENCODER, _limn_names_autoencoder, "vae/" },
  { "vqvae/encoder.down_blocks.", "vqvae/", AUTOENCODER, _limn_names_autoencoder,
    "vqvae/encoder." },
  { "text_encoder/text_model.", "text_encoder/", TEXT, NULL, NULL },
  { "text_encoder/embeddings.", "text_encoder/", TEXT "text_model.", NULL, NULL },
  /* diffusers' single files */
  { "down_blocks.", "", UNET, _limn_names_unet, "" },
  { "encoder.down_blocks.", "", "", _limn_names_autoencoder, "encoder." },
  { "decoder.up_blocks.", "", "", _limn_names_autoencoder, "" },
  /* What converters leave of diffusers' names in a file with LDM's */
  { UNET "time_embedding.cond_proj.", UNET "time_embedding.", UNET "time_embed.", NULL, NULL },
  /* What converters to GGUF write */
  { "input_blocks.", "", UNET, NULL, NULL },
  { "vae.encoder.down_blocks.", "vae.", AUTOENCODER, _limn_names_autoencoder, "vae.encoder." },
  { "vae.decoder.", "vae.", AUTOENCODER, NULL, NULL },
  /* What some mergers of checkpoints leave */
  { TEXT "embeddings.", TEXT, TEXT "text_model.", NULL, NULL },
};

typedef struct
{
  const Dialect *dialect;
  LimnNames *names;
} Found;

static void
found_clear (gpointer data)
{
  g_clear_pointer (&((Found *)data)->names, _limn_names_free);
}

/* The dialects that @weights has (transfer full). */
static GArray *
find_dialects (LimnWeights *weights)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (Found));

  g_array_set_clear_func (all, found_clear);
  for (gsize i = 0; i < G_N_ELEMENTS (dialects); i++)
    {
      Found found = { .dialect = &dialects[i] };
      LimnNameShape shape;

      if (!limn_weights_has_prefix (weights, dialects[i].probe))
        continue;
      if (dialects[i].rows != NULL)
        {
          shape = _limn_names_shape_diffusers (weights, dialects[i].shape);
          found.names = _limn_names_new (dialects[i].rows, &shape);
        }
      g_array_append_val (all, found);
    }
  return all;
}

/* LDM's name for @name (transfer full). */
static char *
translate (const GArray *found, const char *name)
{
  for (guint i = 0; i < found->len; i++)
    {
      const Found *f = &g_array_index (found, Found, i);
      const char *rest = name + strlen (f->dialect->prefix);
      g_autofree char *known = NULL;

      if (!g_str_has_prefix (name, f->dialect->prefix))
        continue;
      if (f->names == NULL)
        return g_strconcat (f->dialect->target, rest, NULL);
      known = _limn_names_to_ldm (f->names, rest);
      if (known != NULL)
        return g_strconcat (f->dialect->target, known, NULL);
    }
  return g_strdup (name);
}

/* ---- Fused q, k and v of a text encoder ------------------------------------------------------ */

#define FUSED ".self_attn.in_proj."

/* Adds the thirds of "X.self_attn.in_proj.weight" as "X.self_attn.q_proj.weight", ... */
static gboolean
add_thirds (LimnWeights *weights, const char *name, const LimnTensor *fused, GError **error)
{
  static const char *const parts[]
      = { ".self_attn.q_proj.", ".self_attn.k_proj.", ".self_attn.v_proj." };
  const char *place = strstr (name, FUSED);
  g_autofree char *stem = g_strndup (name, (gsize)(place - name));
  gint64 n = fused->extent[0] / 3;

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *part = g_strconcat (stem, parts[i], place + strlen (FUSED), NULL);
      LimnTensor third = limn_tensor_rows (fused, i * n, n);

      if (!_limn_weights_add (weights, part, &third, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_fused (const char *name, const LimnTensor *tensor)
{
  return g_str_has_prefix (name, TEXT) && strstr (name, FUSED) != NULL && tensor->n_dims > 0
         && tensor->extent[0] % 3 == 0;
}

static gboolean
needs_nothing (LimnWeights *weights, const GArray *found)
{
  const char *const *names = limn_weights_list (weights);

  if (found->len > 0)
    return FALSE;
  for (gsize i = 0; names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], TEXT) && strstr (names[i], FUSED) != NULL)
      return FALSE;
  return TRUE;
}

LimnWeights *
limn_weights_to_ldm (LimnWeights *weights, GError **error)
{
  g_autoptr (GArray) found = NULL;
  g_autoptr (LimnWeights) ldm = NULL;
  const char *const *names;

  g_return_val_if_fail (weights != NULL, NULL);

  found = find_dialects (weights);
  if (needs_nothing (weights, found))
    return limn_weights_ref (weights);
  ldm = _limn_weights_new_over (weights);
  names = limn_weights_list (weights);
  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *name = translate (found, names[i]);
      const LimnTensor *tensor = &_limn_weights_find (weights, names[i])->tensor;

      if (is_fused (name, tensor) ? !add_thirds (ldm, name, tensor, error)
                                  : !_limn_weights_add (ldm, name, tensor, error))
        return NULL;
    }
  _limn_weights_seal (ldm);
  return g_steal_pointer (&ldm);
}
