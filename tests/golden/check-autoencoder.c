/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/golden/golden-model.h"
#include "tests/golden/golden.h"

/* Autoencoders: cases "X.image" (encoded), "X.z" (decoded); "X.prequant" (quantised and decoded) of
 * VQ. */

static void
compare_if_there (Golden *golden, LimnWeights *store, const char *name, const LimnTensor *got)
{
  if (limn_weights_has (store, name))
    golden_compare_named (golden, store, name, got, GOLDEN_NETWORK);
}

static void
check_encoder (Golden *golden, LimnAutoencoder *autoencoder, LimnWeights *store, const char *name)
{
  LimnRun *run = golden->run;
  LimnTensor image = golden_load_map (golden, store, "%s.image", name);
  g_autofree char *encoder_out = g_strconcat (name, ".encoder_out", NULL);
  g_autofree char *moments_name = g_strconcat (name, ".moments", NULL);
  g_autofree char *prequant = g_strconcat (name, ".prequant", NULL);
  g_autofree char *mode = g_strconcat (name, ".mode", NULL);
  g_autofree char *std_name = g_strconcat (name, ".std", NULL);
  g_autofree char *noise_name = g_strconcat (name, ".noise", NULL);
  g_autofree char *sample = g_strconcat (name, ".sample", NULL);
  g_autofree char *decoded = g_strconcat (name, ".decoded_from_mode", NULL);
  LimnTensor moments, got;

  if (limn_weights_has (store, encoder_out))
    {
      got = limn_autoencoder_encoder (autoencoder, run, &image);
      golden_compare_named (golden, store, encoder_out, &got, GOLDEN_NETWORK);
    }
  moments = limn_autoencoder_encode (autoencoder, run, &image);
  if (autoencoder->config.n_embed > 0)
    {
      golden_compare_named (golden, store, prequant, &moments, GOLDEN_NETWORK);
      return;
    }
  compare_if_there (golden, store, moments_name, &moments);
  got = limn_moments_std (run, &moments);
  compare_if_there (golden, store, std_name, &got);
  if (limn_weights_has (store, noise_name))
    {
      LimnTensor noise = golden_load_map (golden, store, "%s", noise_name);

      got = limn_moments_sample (run, &moments, &noise);
      compare_if_there (golden, store, sample, &got);
    }
  got = limn_moments_mean (run, &moments);
  compare_if_there (golden, store, mode, &got);
  if (limn_weights_has (store, decoded))
    {
      got = limn_autoencoder_decode (autoencoder, run, &got);
      golden_compare_named (golden, store, decoded, &got, GOLDEN_NETWORK);
    }
}

/* Decodes X + @given and compares with X + @want. */
static void
check_decoder (Golden *golden, LimnAutoencoder *autoencoder, LimnWeights *store, const char *name,
               const char *given, const char *want)
{
  g_autofree char *decoded = g_strconcat (name, want, NULL);
  LimnTensor z = golden_load_map (golden, store, "%s%s", name, given);
  LimnTensor got = limn_autoencoder_decode (autoencoder, golden->run, &z);

  golden_compare_named (golden, store, decoded, &got, GOLDEN_NETWORK);
}

/* VQ: what the codebook makes of "X.prequant", and the decoder without it. */
static void
check_codebook (Golden *golden, LimnAutoencoder *autoencoder, LimnWeights *store, const char *name)
{
  int n_embed = autoencoder->config.n_embed;
  g_autofree char *indices = g_strconcat (name, ".indices", NULL);
  g_autofree char *margin = g_strconcat (name, ".index_margin", NULL);
  g_autofree char *quantized = g_strconcat (name, ".quantized", NULL);
  g_autofree char *plain = g_strconcat (name, ".decoded_not_quantized", NULL);
  LimnTensor latent = golden_load_map (golden, store, "%s.prequant", name), got;

  golden_check_codebook (golden, autoencoder, store, indices, margin, &latent);
  got = limn_autoencoder_quantise (autoencoder, golden->run, &latent);
  compare_if_there (golden, store, quantized, &got);
  if (!limn_weights_has (store, plain))
    return;
  autoencoder->config.n_embed = 0;
  got = limn_autoencoder_decode (autoencoder, golden->run, &latent);
  autoencoder->config.n_embed = n_embed;
  compare_if_there (golden, store, plain, &got);
}

static void
check_decoders (Golden *golden, LimnAutoencoder *autoencoder, LimnWeights *store, const char *given,
                const char *want)
{
  g_auto (GStrv) cases = golden_cases (store, given);

  for (char **name = cases; *name != NULL; name++)
    {
      LimnArenaMark mark = limn_run_mark (golden->run);

      check_decoder (golden, autoencoder, store, *name, given, want);
      if (autoencoder->config.n_embed > 0)
        check_codebook (golden, autoencoder, store, *name);
      limn_run_release (golden->run, mark);
    }
}

gboolean
golden_check_autoencoder (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  g_autoptr (GoldenModel) model = NULL;
  g_auto (GStrv) images = NULL;

  if (store == NULL)
    return FALSE;
  model = golden_model_open (golden, "model", "config", error);
  if (model == NULL || !golden_model_need (model, GOLDEN_AUTOENCODER, error))
    return FALSE;
  images = golden_cases (store, ".image");
  for (char **name = images; *name != NULL; name++)
    {
      LimnArenaMark mark = limn_run_mark (golden->run);

      check_encoder (golden, &model->autoencoder, store, *name);
      limn_run_release (golden->run, mark);
    }
  check_decoders (golden, &model->autoencoder, store, ".z", ".decoded_from_z");
  check_decoders (golden, &model->autoencoder, store, ".prequant", ".decoded");
  return TRUE;
}
