/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/nn/taesd.h"
#include "tests/golden/golden.h"

/* TAESD: "image_X" -> "encoded_X", "encoded_X_scaled_u8" and back "decoded_of_encoded_X"; "z_X" ->
 * "decoded_X" and the picture of it, "decoded_X_u8_hwc". Once with the original's two files
 * ("encoder", "decoder"), once with the one of diffusers. Fixtures have pictures in 0 .. 1, the
 * engine in -1 .. 1. */

typedef struct
{
  Golden *golden;
  LimnWeights *store;
  const char *names; /* whose: for the lines that are printed */
  LimnTaesd encoder, decoder;
} Check;

static void
map_values (const LimnTensor *x, float scale, float shift)
{
  float *values = limn_tensor_f32 (x);

  for (gint64 i = 0; values != NULL && i < limn_tensor_count (x); i++)
    values[i] = values[i] * scale + shift;
}

/* Against tensor @name of the fixture, when it has it; the line says whose weights. */
static void
compare (Check *self, const char *name, const LimnTensor *got)
{
  g_autofree char *shown = g_strdup_printf ("%s.%s", self->names, name);
  LimnTensor want;

  if (!limn_weights_has (self->store, name))
    return;
  want = golden_load (self->golden, self->store, "%s", name);
  golden_compare (self->golden, shown, got, &want, GOLDEN_NETWORK);
}

static void
compare_u8 (Check *self, const char *name, const LimnTensor *got)
{
  g_autofree char *shown = g_strdup_printf ("%s.%s", self->names, name);
  LimnTensor want;

  if (limn_weights_lookup (self->store, name, &want))
    golden_compare_u8 (self->golden, shown, got, &want);
}

static void
decode (Check *self, const char *name, const LimnTensor *z)
{
  g_autofree char *picture = g_strconcat (name, "_u8_hwc", NULL);
  LimnTensor got = limn_taesd_forward (&self->decoder, self->golden->run, z);

  compare_u8 (self, picture, &got);
  map_values (&got, 0.5f, 0.5f);
  compare (self, name, &got);
}

static void
encode (Check *self, const char *suffix)
{
  g_autofree char *encoded = g_strconcat ("encoded_", suffix, NULL);
  g_autofree char *scaled = g_strconcat (encoded, "_scaled_u8", NULL);
  g_autofree char *decoded = g_strconcat ("decoded_of_", encoded, NULL);
  LimnTensor image = golden_load_map (self->golden, self->store, "image_%s", suffix);
  LimnTensor got, shown;

  map_values (&image, 2.0f, -1.0f);
  got = limn_taesd_forward (&self->encoder, self->golden->run, &image);
  compare (self, encoded, &got);
  decode (self, decoded, &got);
  /* As a picture a latent is z / 6 + 1/2: -1 .. 1 is -3 .. 3. */
  shown = limn_nhwc_to_nchw (self->golden->run, &got);
  map_values (&shown, 1.0f / 3.0f, 0.0f);
  compare_u8 (self, scaled, &shown);
}

static void
check_all (Check *self)
{
  const char *const *names = limn_weights_list (self->store);
  LimnRun *run = self->golden->run;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      LimnArenaMark mark = limn_run_mark (run);

      if (g_str_has_prefix (names[i], "image_"))
        encode (self, names[i] + strlen ("image_"));
      else if (g_str_has_prefix (names[i], "z_"))
        {
          g_autofree char *decoded = g_strconcat ("decoded_", names[i] + strlen ("z_"), NULL);
          LimnTensor z = golden_load_map (self->golden, self->store, "%s", names[i]);

          decode (self, decoded, &z);
        }
      limn_run_release (run, mark);
    }
}

static gboolean
check_files (Golden *golden,
             LimnWeights *store,
             const char *names,
             const char *encoder_member,
             const char *decoder_member,
             GError **error)
{
  g_autoptr (LimnWeights) encoder = golden_open (golden, encoder_member, error);
  g_autoptr (LimnWeights) decoder = NULL;
  Check check = { .golden = golden, .store = store, .names = names };
  gboolean ok;

  if (encoder == NULL)
    return FALSE;
  decoder = golden_open (golden, decoder_member, error);
  if (decoder == NULL)
    return FALSE;
  ok = limn_taesd_init (&check.encoder, encoder, LIMN_TAESD_ENCODER, error)
       && limn_taesd_init (&check.decoder, decoder, LIMN_TAESD_DECODER, error);
  if (ok)
    check_all (&check);
  limn_taesd_clear (&check.encoder);
  limn_taesd_clear (&check.decoder);
  return ok;
}

gboolean
golden_check_taesd (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);

  if (store == NULL)
    return FALSE;
  if (json_object_has_member (golden->fixture, "encoder")
      && !check_files (golden, store, "taesd", "encoder", "decoder", error))
    return FALSE;
  return !json_object_has_member (golden->fixture, "diffusers")
         || check_files (golden, store, "diffusers", "diffusers", "diffusers", error);
}
