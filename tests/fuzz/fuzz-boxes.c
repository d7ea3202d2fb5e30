/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as a file of labelled boxes for a model that takes them, and on to its tokens.
 */
#include <unistd.h>

#include "app/limn-condition-file.h"
#include "engine/text/layout-tokens.h"
#include "tests/fuzz/fuzz.h"

#define N_OBJECTS 30

static LimnModel *
open_model (void)
{
  g_autofree char *path = fuzz_fixture ("K3-layout");
  g_autoptr (GError) error = NULL;
  LimnModel *model = limn_model_open (path, NULL, &error);

  g_assert_no_error (error);
  return model;
}

static void
tokenise (const GArray *boxes)
{
  LimnLayoutConfig config;
  g_autofree gint32 *tokens = NULL;
  g_autofree LimnLayoutBox *layout = g_new0 (LimnLayoutBox, boxes->len + 1);
  g_autoptr (GError) error = NULL;

  limn_layout_config_init (&config);
  tokens = g_new (gint32, limn_layout_config_get_length (&config));
  for (guint i = 0; i < boxes->len; i++)
    {
      const LimnLabelledBox *box = &g_array_index (boxes, LimnLabelledBox, i);

      layout[i].category = box->category;
      layout[i].box = (LimnLayoutRect){ box->x, box->y, box->width, box->height };
      layout[i].is_inside = (box->flags & LIMN_BOX_INSIDE) != 0;
    }
  if (!limn_layout_tokens (&config, layout, (int)boxes->len, NULL, FALSE, tokens, NULL, &error))
    {
      fuzz_outcome (FALSE, error);
      return;
    }
  for (int i = 0; i < limn_layout_config_get_length (&config); i++)
    g_assert_true (tokens[i] >= 0 && tokens[i] < config.no_tokens);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static LimnModel *model;
  int fd;
  g_autofree char *path = fuzz_file (data, size, &fd);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) boxes = NULL;

  if (model == NULL)
    model = open_model ();
  boxes = limn_boxes_file_read (file, model, &error);
  fuzz_outcome (boxes != NULL, error);
  if (boxes != NULL)
    tokenise (boxes);
  close (fd);
  return 0;
}
