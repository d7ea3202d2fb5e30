/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/model/diffusers.h"
#include "engine/model/model-private.h"
#include "tests/golden/golden-model.h"
#include "tests/golden/golden.h"

/* Files in every container that should give the same numbers, and files that should not be
 * accepted. */

/* ---- Good files ----------------------------------------------------------------------------- */

typedef struct
{
  Golden *golden;
  LimnWeights *store;
  const char *file;
  /* What the file has, else NULL. */
  LimnUnet *unet, *unet_raw;
  LimnAutoencoder *autoencoder;
  LimnClipText *text;
  int text_left_out;
  float scale_factor;
} Container;

/* Compares with tensor @name of the golden file under the container's name. */
static void
compare (Container *self, const char *name, const LimnTensor *got)
{
  g_autofree char *line = g_strdup_printf ("%s:%s", self->file, name);
  LimnTensor want = golden_load (self->golden, self->store, "%s", name);

  golden_compare (self->golden, line, got, &want, GOLDEN_NETWORK);
}

/* "unet_out_tT" with the first context, "unet_out_tT_non_ema" with the training weights of a file
 * that has both. */
static void
check_unet (Container *self)
{
  LimnRun *run = self->golden->run;
  LimnTensor x = golden_load_map (self->golden, self->store, "x");
  LimnTensor contexts = golden_load (self->golden, self->store, "context");
  LimnTensor context = golden_entry (&contexts, 0);

  for (const char *const *name = limn_weights_list (self->store); *name != NULL; name++)
    {
      gboolean raw = g_str_has_suffix (*name, "_non_ema");
      LimnTensor got;
      float t;

      if (!g_str_has_prefix (*name, "unet_out_t") || (raw && self->unet_raw == NULL))
        continue;
      t = (float) g_ascii_strtod (*name + strlen ("unet_out_t"), NULL);
      got = limn_unet_forward (raw ? self->unet_raw : self->unet, run, &x, &t, &context);
      compare (self, *name, &got);
    }
}

static void
check_text (Container *self)
{
  LimnRun *run = self->golden->run;
  const LimnClipTextConfig *config = &self->text->config;
  gint64 n, tokens;
  g_autofree gint32 *ids = golden_ids (self->store, "ids", &n, &tokens);
  LimnTensor state, got;

  if (ids == NULL)
    return;
  state = limn_clip_text_hidden (self->text, run, ids, n, tokens,
                                 config->num_hidden_layers - self->text_left_out);
  got = limn_layer_norm (run, &self->text->final_norm, &state, config->layer_norm_eps);
  compare (self, "context", &got);
}

static void
check_autoencoder (Container *self)
{
  LimnRun *run = self->golden->run;
  LimnTensor given = golden_load_map (self->golden, self->store, "image");
  LimnTensor got = limn_autoencoder_encode (self->autoencoder, run, &given);

  compare (self, "vae_moments", &got);
  given = golden_load_map (self->golden, self->store, "z_scaled");
  for (gint64 i = 0; !limn_tensor_is_empty (&given) && i < limn_tensor_count (&given); i++)
    limn_tensor_f32 (&given)[i] /= self->scale_factor;
  got = limn_autoencoder_decode (self->autoencoder, run, &given);
  compare (self, "vae_decoded", &got);
}

static gboolean
check_parts (Container *self, GError **error)
{
  LimnArenaMark mark = limn_run_mark (self->golden->run);

  if (self->text != NULL)
    check_text (self);
  if (self->unet != NULL)
    check_unet (self);
  if (self->autoencoder != NULL)
    check_autoencoder (self);
  limn_run_release (self->golden->run, mark);
  return limn_run_check (self->golden->run, error);
}

/* A folder of diffusers, or a part of one, as the model that the engine finds in it. @scale: (inout):
 * of the latent; a part does not know it. */
static gboolean
check_folder (Golden *golden, LimnWeights *store, const char *folder, float *scale, GError **error)
{
  g_autofree char *path = g_build_filename (golden->dir, folder, NULL);
  g_autoptr (LimnModel) model = limn_model_open (path, NULL, error);
  Container self = { .golden = golden, .store = store, .file = folder };

  if (model == NULL)
    return FALSE;
  self.unet = limn_model_get_unet (model);
  self.autoencoder = limn_model_get_autoencoder (model);
  self.text = limn_model_get_text (model);
  if (self.text != NULL)
    self.text_left_out = self.text->config.skip_layers;
  if (self.unet != NULL)
    *scale = limn_model_get_info (model)->scale_factor;
  self.scale_factor = *scale;
  return check_parts (&self, error);
}

/* The whole of it, and autoencoders under other names beside its own. */
static gboolean
check_diffusers (Golden *golden, LimnWeights *store, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (golden->dir, folder, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);
  float scale = 1.0f;
  const char *name;

  if (dir == NULL || !check_folder (golden, store, folder, &scale, error))
    return FALSE;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *part = g_build_filename (folder, name, NULL);

      if (g_str_has_prefix (name, "vae_") && !check_folder (golden, store, part, &scale, error))
        return FALSE;
    }
  return TRUE;
}

/* A file with averages has its own description, config_ema.yaml, when there is one. */
static gboolean
check_container (Golden *golden, LimnWeights *store, const char *file, GError **error)
{
  g_autofree char *path = g_build_filename (golden->dir, file, NULL);
  g_autofree char *config = golden_path (golden, "config", "config.yaml");
  g_autofree char *config_ema = g_build_filename (golden->dir, "config_ema.yaml", NULL);
  g_autofree char *text = g_build_filename (golden->dir, "text_encoder_config.json", NULL);
  gboolean ema = strstr (file, "ema") != NULL && g_file_test (config_ema, G_FILE_TEST_EXISTS);
  g_autoptr (GoldenModel) model = golden_model_open_files (path, ema ? config_ema : config, text,
                                                           error);
  Container self = { .golden = golden, .store = store, .file = file };

  if (model == NULL)
    return FALSE;
  self.unet = (model->parts & GOLDEN_UNET) != 0 ? &model->unet : NULL;
  self.unet_raw = (model->parts & GOLDEN_UNET_RAW) != 0 ? &model->unet_raw : NULL;
  self.autoencoder = (model->parts & GOLDEN_AUTOENCODER) != 0 ? &model->autoencoder : NULL;
  self.text = (model->parts & GOLDEN_TEXT) != 0 ? &model->text : NULL;
  self.text_left_out = model->text_left_out;
  self.scale_factor = model->scale_factor;
  return check_parts (&self, error);
}

/* ---- Hostile files -------------------------------------------------------------------------- */

/* Opens the file and, when there is a description for it, the text encoder inside, which binds
 * every tensor. */
static gboolean
try_file (Golden *golden, const char *file, gboolean bind, GError **error)
{
  g_autofree char *path = g_build_filename (golden->dir, "hostile", file, NULL);
  g_autofree char *config = g_build_filename (golden->dir, "hostile", "config.json", NULL);
  g_autoptr (LimnWeights) weights = limn_weights_open (path, error);
  g_autoptr (GoldenModel) model = NULL;

  if (weights == NULL)
    return FALSE;
  if (!bind)
    return TRUE;
  model = golden_model_open_files (path, NULL, config, error);
  return model != NULL && golden_model_need (model, GOLDEN_TEXT, error)
         && limn_weights_check_finite (model->weights, NULL, error);
}

/* @expected begins with what must happen: "accept", "reject", "refuse" (well-formed, but not the
 * model that it should be), or leaves the choice. Whatever happens, nothing may crash, and an error
 * has a message. */
static void
check_hostile (Golden *golden, const char *file, const char *expected)
{
  gboolean refuse = g_str_has_prefix (expected, "refuse")
                    || g_str_has_prefix (expected, "parse ok");
  gboolean bind = refuse || strstr (expected, "CLIPTextModel") != NULL;
  gboolean open_choice = g_str_has_prefix (expected, "reject or")
                         || g_str_has_prefix (expected, "reject (or")
                         || g_str_has_prefix (expected, "accept or")
                         || strstr (expected, "or accept") != NULL;
  gboolean accept = g_str_has_prefix (expected, "accept");
  g_autofree char *line = g_strdup_printf ("hostile/%s", file);
  g_autoptr (GError) error = NULL;
  gboolean accepted = try_file (golden, file, bind, &error);

  if (!accepted && (error == NULL || error->message[0] == '\0'))
    golden_verdict (golden, line, FALSE, "refused without a message");
  else
    golden_verdict (golden, line, open_choice || accepted == accept,
                    accepted ? "accepted" : error->message);
}

static gboolean
check_hostile_files (Golden *golden, GError **error)
{
  g_autofree char *path = g_build_filename (golden->dir, "hostile", "expected.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GList) files = NULL;
  JsonObject *expected;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!json_parser_load_from_file (parser, path, error))
    return FALSE;
  expected = json_node_get_object (json_parser_get_root (parser));
  files = json_object_get_members (expected);
  for (GList *l = files; l != NULL; l = l->next)
    {
      g_autofree char *file = g_build_filename (golden->dir, "hostile", l->data, NULL);

      if (g_file_test (file, G_FILE_TEST_EXISTS))
        check_hostile (golden, l->data, json_object_get_string_member (expected, l->data));
    }
  return TRUE;
}

gboolean
golden_check_containers (Golden *golden, GError **error)
{
  g_autofree char *golden_file = golden_path (golden, "golden", "golden.safetensors");
  g_autoptr (LimnWeights) store = limn_weights_open (golden_file, error);
  g_autoptr (GDir) dir = NULL;
  const char *file;

  if (store == NULL)
    return FALSE;
  dir = g_dir_open (golden->dir, 0, error);
  if (dir == NULL)
    return FALSE;
  while ((file = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (golden->dir, file, NULL);

      if (g_str_has_suffix (golden_file, file))
        continue;
      if (g_str_has_suffix (file, ".safetensors") || g_str_has_suffix (file, ".ckpt"))
        {
          if (!check_container (golden, store, file, error))
            return FALSE;
        }
      else if (g_file_test (path, G_FILE_TEST_IS_DIR) && limn_diffusers_is_folder (path)
               && !check_diffusers (golden, store, file, error))
        return FALSE;
    }
  return check_hostile_files (golden, error);
}
