/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "tests/golden/golden-model.h"
#include "tests/golden/golden.h"

/* Files in every container that should give the same numbers, and files that should not be
 * accepted. */

/* ---- Good files ----------------------------------------------------------------------------- */

typedef struct
{
  Golden *golden;
  GoldenModel *model;
  LimnWeights *store;
  const char *file;
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

      if (!g_str_has_prefix (*name, "unet_out_t")
          || (raw && (self->model->parts & GOLDEN_UNET_RAW) == 0))
        continue;
      t = (float) g_ascii_strtod (*name + strlen ("unet_out_t"), NULL);
      got = limn_unet_forward (raw ? &self->model->unet_raw : &self->model->unet, run, &x, &t,
                               &context);
      compare (self, *name, &got);
    }
}

static void
check_container_parts (Container *self)
{
  LimnRun *run = self->golden->run;
  LimnTensor got, given;

  if ((self->model->parts & GOLDEN_TEXT) != 0)
    {
      got = golden_model_encode_ids (self->golden, self->model, self->store, "ids");
      compare (self, "context", &got);
    }
  if ((self->model->parts & GOLDEN_UNET) != 0)
    check_unet (self);
  if ((self->model->parts & GOLDEN_AUTOENCODER) != 0)
    {
      given = golden_load_map (self->golden, self->store, "image");
      got = limn_autoencoder_encode (&self->model->autoencoder, run, &given);
      compare (self, "vae_moments", &got);
      given = golden_load_map (self->golden, self->store, "z_scaled");
      for (gint64 i = 0; !limn_tensor_is_empty (&given) && i < limn_tensor_count (&given); i++)
        limn_tensor_f32 (&given)[i] /= self->model->scale_factor;
      got = limn_autoencoder_decode (&self->model->autoencoder, run, &given);
      compare (self, "vae_decoded", &got);
    }
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
  Container self = { golden, model, store, file };
  LimnArenaMark mark = limn_run_mark (golden->run);

  if (model == NULL)
    return FALSE;
  check_container_parts (&self);
  limn_run_release (golden->run, mark);
  return limn_run_check (golden->run, error);
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
      else if (g_str_equal (file, "diffusers") && g_file_test (path, G_FILE_TEST_IS_DIR))
        golden_skip (golden, file, "layout not supported");
    }
  return check_hostile_files (golden, error);
}
