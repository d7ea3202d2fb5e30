/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as the JSON files of a diffusers folder, one behind the other, whose weights are those
 * of a fixture.
 */
#include "engine/model/detect.h"
#include "engine/model/diffusers.h"
#include "engine/weights/weights.h"
#include "tests/fuzz/fuzz.h"

static const char *const folders[]
    = { "unet", "vae", "scheduler", "low_res_scheduler", "text_encoder", NULL };
static const char *const files[] = {
  "unet/config.json",         "vae/config.json",  "scheduler/scheduler_config.json",
  "text_encoder/config.json", "model_index.json", "low_res_scheduler/scheduler_config.json",
};

static LimnWeights *
open_weights (void)
{
  g_autofree char *path = fuzz_fixture ("J-containers/diffusers");
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnWeights) folder = limn_weights_open_folder (path, &error);
  LimnWeights *weights;

  g_assert_no_error (error);
  weights = limn_weights_to_ldm (folder, &error);
  g_assert_no_error (error);
  return weights;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static LimnWeights *weights;
  const char *folder = fuzz_folder (folders);
  g_auto (LimnDescription) description = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean noise = FALSE, read;

  if (weights == NULL)
    weights = open_weights ();
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      const guint8 *part = NULL;
      gsize part_size = 0;

      if (!fuzz_next_part (&data, &size, &part, &part_size) || part_size == 0)
        part = NULL;
      fuzz_put (files[i], part, part_size);
      /* The last one makes it an upscaler. */
      noise = part != NULL;
    }
  g_assert_true (limn_description_detect (&description, weights, NULL));
  description.noise_level = noise;
  read = limn_description_read_diffusers (&description, folder, &error)
         && limn_description_check_heads (&description, &error);
  fuzz_outcome (read, error);
  return 0;
}
