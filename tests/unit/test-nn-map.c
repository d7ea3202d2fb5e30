/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/nn/autoencoder-private.h"
#include "tests/unit/tensor-testing.h"

/* The autoencoder's one map: bands that write over what they have read give what one band over the
 * whole map gives, bit for bit, and that is what the plain operations give. */

#define BOUND 2e-5
#define MANY_PIXELS ((gint64)1 << 40)
/* So that a band is 4 rows, the least. */
#define FEW_PIXELS ((gint64)1)

static const gint64 sizes[][3]
    = { { 1, 1, 1 }, { 2, 3, 5 }, { 1, 4, 8 }, { 2, 13, 9 }, { 1, 17, 6 }, { 3, 24, 7 } };
static const gint64 widths[][2] = { { 64, 32 }, { 32, 64 }, { 96, 32 }, { 96, 64 } };

typedef struct
{
  LimnResnet block;
  LimnConv2d resample;
  LimnTensor tensors[16];
  int n_tensors;
} Layers;

static LimnTensor
keep (Layers *self, LimnTensor t)
{
  self->tensors[self->n_tensors++] = t;
  return t;
}

static LimnConv2d
random_conv (Layers *self, gint64 n_in, gint64 n_out, int stride)
{
  int pad = stride == 1;

  return (LimnConv2d){ .weight = keep (self, TEST_RANDOM (1, n_out, n_in, 3, 3)),
                       .bias = keep (self, TEST_RANDOM (2, n_out)),
                       .n_in = n_in,
                       .n_out = n_out,
                       .kernel_h = 3,
                       .kernel_w = 3,
                       .stride = stride,
                       .pad_top = pad,
                       .pad_left = pad,
                       .pad_bottom = 1,
                       .pad_right = 1 };
}

static LimnNorm
random_norm (Layers *self, gint64 n)
{
  return (LimnNorm){ .weight = keep (self, TEST_RANDOM (3, n)),
                     .bias = keep (self, TEST_RANDOM (4, n)),
                     .n_channels = n };
}

static void
layers_init (Layers *self, gint64 n_in, gint64 n_out, int stride)
{
  LimnResnet *block = &self->block;

  *self = (Layers){ 0 };
  block->n_in = n_in;
  block->n_out = n_out;
  block->has_shortcut = TRUE;
  block->norm1 = random_norm (self, n_in);
  block->conv1 = random_conv (self, n_in, n_out, 1);
  block->norm2 = random_norm (self, n_out);
  block->conv2 = random_conv (self, n_out, n_out, 1);
  block->shortcut = (LimnLinear){ .weight = keep (self, TEST_RANDOM (5, n_out, n_in)),
                                  .bias = keep (self, TEST_RANDOM (6, n_out)),
                                  .n_in = n_in,
                                  .n_out = n_out };
  self->resample = random_conv (self, n_in, n_in, stride);
}

static void
layers_clear (Layers *self)
{
  limn_norm_clear (&self->block.norm1);
  limn_norm_clear (&self->block.norm2);
  limn_conv2d_clear (&self->block.conv1);
  limn_conv2d_clear (&self->block.conv2);
  limn_linear_clear (&self->block.shortcut);
  limn_conv2d_clear (&self->resample);
  for (int i = 0; i < self->n_tensors; i++)
    test_tensor_clear (&self->tensors[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Layers, layers_clear)

/* A map that has @x in its trunk. */
static LimnVaeMap
map_of (LimnRun *run, const LimnTensor *x, gint64 pixel, gint64 band_pixels)
{
  LimnVaeMap map = limn_vae_map_new (run, x->extent[0], x->extent[1], x->extent[2], pixel);
  LimnTensor trunk = limn_vae_trunk (run, &map, x->extent[3]);

  map.band_pixels = band_pixels;
  g_assert_true (limn_copy_channels (run, x, &trunk, x->extent[3]));
  return map;
}

/* The trunk, by itself and in memory of its own. */
static LimnTensor
trunk_of (LimnRun *run, const LimnVaeMap *map, gint64 n_channels)
{
  LimnTensor trunk = limn_vae_trunk (run, map, n_channels), copy;

  g_assert_no_error (run->error);
  copy = limn_run_nhwc (run, trunk.extent[0], trunk.extent[1], trunk.extent[2], n_channels);
  g_assert_true (limn_copy_channels (run, &trunk, &copy, n_channels));
  copy.data = g_memdup2 (copy.data, limn_tensor_bytes (&copy));
  return copy;
}

/* shortcut (x) + conv2 (SiLU (norm2 (conv1 (SiLU (norm1 (x)))))), operation by operation. */
static LimnTensor
plain_block (LimnResnet *self, LimnRun *run, const LimnTensor *x)
{
  LimnTensor h = limn_group_norm (run, &self->norm1, x, LIMN_N_GROUPS, LIMN_VAE_EPSILON,
                                  LIMN_ACTIVATION_SILU);
  LimnTensor shortcut = limn_linear (run, &self->shortcut, x, NULL);

  h = limn_conv2d (run, &self->conv1, &h, NULL);
  h = limn_group_norm (run, &self->norm2, &h, LIMN_N_GROUPS, LIMN_VAE_EPSILON,
                       LIMN_ACTIVATION_SILU);
  return limn_conv2d (run, &self->conv2, &h, &shortcut);
}

typedef enum
{
  BLOCK,
  ENLARGE,
  REDUCE,
} Change;

static LimnTensor
change (Layers *layers,
        LimnRun *run,
        Change what,
        const LimnTensor *x,
        gint64 after,
        gint64 band_pixels)
{
  gint64 n_in = layers->block.n_in, n_out = layers->block.n_out;
  LimnVaeMap map = map_of (run, x, limn_vae_pixel (n_in, n_out), band_pixels);

  if (what == BLOCK)
    limn_resnet_forward (&layers->block, run, &map);
  else if (what == ENLARGE)
    limn_vae_map_enlarge (run, &map, &layers->resample, after);
  else
    limn_vae_map_reduce (run, &map, &layers->resample, after);
  /* The map is the arena's last thing, and first: nothing but the test lies before it. */
  g_assert_no_error (run->error);
  g_assert_cmpuint (limn_run_mark (run) - map.mark, <=,
                    (limn_tensor_bytes (&map.place) + 63) / 64 * 64);
  return trunk_of (run, &map, what == BLOCK ? n_out : n_in);
}

static LimnTensor
change_plainly (Layers *layers, LimnRun *run, Change what, const LimnTensor *x)
{
  LimnTensor h = *x;

  if (what == BLOCK)
    return plain_block (&layers->block, run, x);
  if (what == ENLARGE)
    h = limn_upsample_nearest_2x (run, x);
  return limn_conv2d (run, &layers->resample, &h, NULL);
}

static void
check (Change what, const gint64 *size, const gint64 *width, gint64 after)
{
  g_auto (Layers) layers = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (9, size[0], size[1], size[2], width[0]);
  g_auto (LimnTensor) whole = { 0 }, banded = { 0 };
  g_auto (TestRun) one = { 0 }, three = { 0 };
  LimnTensor want;

  layers_init (&layers, width[0], width[1], what == REDUCE ? 2 : 1);
  test_run_init (&one, 1, NULL, NULL);
  test_run_init (&three, 3, NULL, NULL);
  /* Bands are not to choose another way than the whole would. */
  one.run.convolution = three.run.convolution = LIMN_CONVOLUTION_WINOGRAD_4;
  whole = change (&layers, &one.run, what, &x, after, MANY_PIXELS);
  banded = change (&layers, &three.run, what, &x, after, FEW_PIXELS);
  test_assert_same_bits ("bands", &banded, &whole);
  want = change_plainly (&layers, &one.run, what, &x);
  test_assert_close (&one.run, "plain operations", &whole, &want, BOUND);
}

static void
test_change (gconstpointer data)
{
  Change what = (Change)GPOINTER_TO_INT (data);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (widths); j++)
      for (int more = 1; more <= 4; more *= 2)
        {
          if (what == REDUCE && MIN (sizes[i][1], sizes[i][2]) < 2)
            continue;
          check (what, sizes[i], widths[j], more * widths[j][0]);
          if (what == BLOCK)
            break;
        }
}

/* A failure before is not made worse. */
static void
test_failed (void)
{
  g_auto (Layers) layers = { 0 };
  g_auto (TestRun) t = { 0 };
  LimnVaeMap map;

  layers_init (&layers, 64, 32, 1);
  test_run_init (&t, 1, NULL, NULL);
  map = limn_vae_map_new (&t.run, 1, 8, 8, 48);
  limn_resnet_forward (&layers.block, &t.run, &map);
  g_assert_error (t.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
  limn_vae_map_enlarge (&t.run, &map, &layers.resample, 64);
  limn_vae_map_reduce (&t.run, &map, &layers.resample, 64);
  map = limn_vae_map_new (&t.run, 1, 8, 8, 64);
  g_assert_true (limn_tensor_is_empty (&map.place));
  limn_vae_map_enlarge (&t.run, &map, &layers.resample, 64);
  limn_vae_map_reduce (&t.run, &map, &layers.resample, 64);
  limn_resnet_forward (&layers.block, &t.run, &map);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/nn/map/block", GINT_TO_POINTER (BLOCK), test_change);
  g_test_add_data_func ("/nn/map/enlarge", GINT_TO_POINTER (ENLARGE), test_change);
  g_test_add_data_func ("/nn/map/reduce", GINT_TO_POINTER (REDUCE), test_change);
  g_test_add_func ("/nn/map/failed", test_failed);
  return g_test_run ();
}
