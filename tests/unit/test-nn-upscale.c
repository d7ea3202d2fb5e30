/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "tests/unit/tensor-testing.h"
#include "tests/unit/upscale-testing.h"

/* RRDBNet, SRVGGNetCompact and TAESD, of every layout that files have, on sizes that fit nothing.
 */

#define TOLERANCE 2e-5

static const TestRrdb rrdbs[] = {
  { LIMN_RRDB_NAMES_BASICSR, 3, 6, 3, 2, 2, 1 }, { LIMN_RRDB_NAMES_BASICSR, 3, 5, 4, 1, 2, 2 },
  { LIMN_RRDB_NAMES_BASICSR, 3, 4, 2, 1, 2, 4 }, { LIMN_RRDB_NAMES_BASICSR, 3, 4, 2, 1, 1, 1 },
  { LIMN_RRDB_NAMES_BASICSR, 1, 4, 2, 1, 3, 1 }, { LIMN_RRDB_NAMES_ESRGAN, 3, 7, 5, 1, 2, 1 },
  { LIMN_RRDB_NAMES_OLD, 3, 4, 2, 2, 0, 1 },     { LIMN_RRDB_NAMES_OLD, 4, 4, 2, 1, 1, 1 },
  { LIMN_RRDB_NAMES_OLD, 3, 4, 2, 1, 2, 2 },     { LIMN_RRDB_NAMES_OLD, 3, 4, 2, 1, 3, 1 },
};

static const TestSrvgg srvggs[]
    = { { 3, 5, 0, 1 }, { 3, 8, 2, 2 }, { 3, 6, 1, 3 }, { 1, 7, 3, 4 }, { 4, 4, 1, 2 } };

static const TestTaesd taesds[] = {
  { LIMN_TAESD_ENCODER, "", 0, 3, 4, 6, 6, 3, 1 },
  { LIMN_TAESD_DECODER, "", 1, 3, 4, 6, 6, 3, 1 },
  { LIMN_TAESD_ENCODER, "encoder.layers.", 0, 3, 16, 5, 5, 3, 2 },
  { LIMN_TAESD_DECODER, "decoder.layers.", 0, 3, 16, 5, 5, 3, 2 },
  { LIMN_TAESD_ENCODER, "taesd_encoder.", 0, 3, 4, 4, 7, 2, 2 },
  { LIMN_TAESD_DECODER, "decoder.", 1, 3, 4, 6, 3, 2, 1 },
};

static const int sizes[][2] = { { 1, 1 }, { 2, 3 }, { 7, 5 }, { 8, 17 } };

/* ---- Any of the three ----------------------------------------------------------------------- */

typedef enum
{
  RRDB,
  SRVGG,
  TAESD,
} Kind;

typedef struct
{
  Kind kind;
  LimnRrdb rrdb;
  LimnSrvgg srvgg;
  LimnTaesd taesd;
} Net;

static LimnTensor
forward (Net *self, LimnRun *run, const LimnTensor *x)
{
  switch (self->kind)
    {
    case RRDB:
      return limn_rrdb_forward (&self->rrdb, run, x);
    case SRVGG:
      return limn_srvgg_forward (&self->srvgg, run, x);
    case TAESD:
    default:
      return limn_taesd_forward (&self->taesd, run, x);
    }
}

static void
net_clear (Net *self)
{
  limn_rrdb_clear (&self->rrdb);
  limn_srvgg_clear (&self->srvgg);
  limn_taesd_clear (&self->taesd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Net, net_clear)

static gint64
n_parameters (const Net *self)
{
  return self->kind == RRDB    ? self->rrdb.layers.n_parameters
         : self->kind == SRVGG ? self->srvgg.layers.n_parameters
                               : self->taesd.layers.n_parameters;
}

/* Row @row of the three tables, in one order. */
#define N_NETS (G_N_ELEMENTS (rrdbs) + G_N_ELEMENTS (srvggs) + G_N_ELEMENTS (taesds))

static LimnWeights *
open_net (guint row, const char *folder, Net *net, int *channels, GError **error)
{
  LimnWeights *weights;

  *net = (Net){ 0 };
  if (row < G_N_ELEMENTS (rrdbs))
    {
      net->kind = RRDB;
      *channels = rrdbs[row].channels;
      weights = test_write_rrdb (folder, &rrdbs[row], NULL);
      limn_rrdb_init (&net->rrdb, weights, "", error);
      return weights;
    }
  row -= G_N_ELEMENTS (rrdbs);
  if (row < G_N_ELEMENTS (srvggs))
    {
      net->kind = SRVGG;
      *channels = srvggs[row].channels;
      weights = test_write_srvgg (folder, &srvggs[row], NULL);
      limn_srvgg_init (&net->srvgg, weights, "", error);
      return weights;
    }
  row -= G_N_ELEMENTS (srvggs);
  net->kind = TAESD;
  *channels
      = taesds[row].part == LIMN_TAESD_ENCODER ? taesds[row].channels : taesds[row].latent_channels;
  weights = test_write_taesd (folder, &taesds[row], NULL);
  limn_taesd_init (&net->taesd, weights, taesds[row].part, error);
  return weights;
}

static LimnTensor
reference (guint row, LimnWeights *weights, const LimnTensor *x)
{
  if (row < G_N_ELEMENTS (rrdbs))
    return test_reference_rrdb (weights, &rrdbs[row], x);
  row -= G_N_ELEMENTS (rrdbs);
  if (row < G_N_ELEMENTS (srvggs))
    return test_reference_srvgg (weights, &srvggs[row], x);
  return test_reference_taesd (weights, &taesds[row - G_N_ELEMENTS (srvggs)], x);
}

/* ---- What they compute ---------------------------------------------------------------------- */

static void
test_reference (void)
{
  for (guint row = 0; row < N_NETS; row++)
    {
      g_autofree char *folder = test_folder_new ();
      g_autoptr (LimnWeights) weights = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (Net) net = { 0 };
      g_auto (TestRun) test = { 0 };
      int channels;

      weights = open_net (row, folder, &net, &channels, &error);
      g_assert_no_error (error);
      test_run_init (&test, 2, NULL, NULL);
      for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
        {
          g_auto (LimnTensor) x = TEST_RANDOM (i + 1, 1, sizes[i][0], sizes[i][1], channels);
          g_auto (LimnTensor) want = { 0 };
          g_autofree char *name = g_strdup_printf ("net %u, %dx%d", row, sizes[i][0], sizes[i][1]);
          LimnTensor got;

          /* Too short to be continued by reflection: the edge is repeated, which the reference
           * does not do. */
          if (row < G_N_ELEMENTS (rrdbs) && rrdbs[row].unshuffle > MIN (sizes[i][0], sizes[i][1]))
            {
              got = forward (&net, &test.run, &x);
              g_assert_no_error (test.run.error);
              g_assert_false (limn_tensor_is_empty (&got));
              continue;
            }
          want = reference (row, weights, &x);
          got = forward (&net, &test.run, &x);
          g_assert_true (limn_tensor_same_shape (&got, &want));
          test_assert_close (&test.run, name, &got, &want, TOLERANCE);
        }
      test_folder_free (g_steal_pointer (&folder));
    }
}

/* Nothing of the file is left out, and what it is was told right. */
static void
test_configs (void)
{
  for (guint row = 0; row < N_NETS; row++)
    {
      g_autofree char *folder = test_folder_new ();
      g_autoptr (LimnWeights) weights = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (Net) net = { 0 };
      gint64 want = 0;
      int channels;

      weights = open_net (row, folder, &net, &channels, &error);
      g_assert_no_error (error);
      for (const char *const *name = limn_weights_list (weights); *name != NULL; name++)
        {
          LimnTensor t;

          g_assert_true (limn_weights_lookup (weights, *name, &t));
          want += limn_tensor_count (&t);
        }
      g_assert_cmpint (n_parameters (&net), ==, want);
      g_assert_cmpint (limn_rrdb_detect (weights, ""), ==, net.kind == RRDB);
      g_assert_cmpint (limn_srvgg_detect (weights, ""), ==, net.kind == SRVGG);
      for (int part = 0; part < 2; part++)
        g_assert_cmpstr (limn_taesd_detect (weights, (LimnTaesdPart)part), ==,
                         net.kind == TAESD && (int)net.taesd.config.part == part
                             ? taesds[row - G_N_ELEMENTS (rrdbs) - G_N_ELEMENTS (srvggs)].prefix
                             : NULL);
      if (net.kind == RRDB)
        {
          g_assert_cmpint (net.rrdb.config.names, ==, rrdbs[row].names);
          g_assert_cmpint (net.rrdb.config.num_block, ==, rrdbs[row].num_block);
          g_assert_cmpint (net.rrdb.config.unshuffle, ==, rrdbs[row].unshuffle);
          g_assert_cmpint (limn_rrdb_get_scale (&net.rrdb), ==,
                           (1 << rrdbs[row].n_up) / rrdbs[row].unshuffle);
        }
      test_folder_free (g_steal_pointer (&folder));
    }
}

/* Samples of a batch do not see each other. */
static void
test_batch (void)
{
  for (guint row = 0; row < N_NETS; row++)
    {
      g_autofree char *folder = test_folder_new ();
      g_autoptr (LimnWeights) weights = NULL;
      g_auto (Net) net = { 0 };
      g_auto (TestRun) test = { 0 };
      LimnTensor both;
      int channels;

      weights = open_net (row, folder, &net, &channels, NULL);
      test_run_init (&test, 2, NULL, NULL);
      g_auto (LimnTensor) x = TEST_RANDOM (1, 2, 8, 5, channels);
      both = forward (&net, &test.run, &x);
      for (int i = 0; i < 2; i++)
        {
          LimnTensor one = limn_tensor_rows (&x, i, 1), want = limn_tensor_rows (&both, i, 1);
          LimnTensor got = forward (&net, &test.run, &one);

          test_assert_close (&test.run, "batch", &got, &want, 1e-6);
        }
      test_folder_free (g_steal_pointer (&folder));
    }
}

/* ---- How they run --------------------------------------------------------------------------- */

static void
test_threads (void)
{
  for (guint row = 0; row < N_NETS; row++)
    {
      g_autofree char *folder = test_folder_new ();
      g_autoptr (LimnWeights) weights = NULL;
      g_auto (Net) net = { 0 };
      g_auto (TestRun) one = { 0 };
      LimnTensor want;
      int channels;

      weights = open_net (row, folder, &net, &channels, NULL);
      g_auto (LimnTensor) x = TEST_RANDOM (row, 1, 33, 47, channels);
      test_run_init (&one, 1, NULL, NULL);
      want = forward (&net, &one.run, &x);
      g_assert_no_error (one.run.error);
      for (int n_threads = 2; n_threads <= 4; n_threads += 2)
        {
          g_auto (TestRun) many = { 0 };
          LimnTensor got;

          test_run_init (&many, n_threads, NULL, NULL);
          got = forward (&net, &many.run, &x);
          test_assert_same_bits ("threads", &got, &want);
        }
      test_folder_free (g_steal_pointer (&folder));
    }
}

/* Only the result stays in the arena; a second evaluation gives the same bits, also after the
 * packed weights were freed. */
static void
test_memory (void)
{
  for (guint row = 0; row < N_NETS; row++)
    {
      g_autofree char *folder = test_folder_new ();
      g_autoptr (LimnWeights) weights = NULL;
      g_auto (Net) net = { 0 };
      g_auto (TestRun) test = { 0 };
      LimnTensor first, again;
      LimnArenaMark before, after;
      int channels;

      weights = open_net (row, folder, &net, &channels, NULL);
      g_auto (LimnTensor) x = TEST_RANDOM (row, 1, 9, 14, channels);
      test_run_init (&test, 2, NULL, NULL);
      before = limn_run_mark (&test.run);
      first = forward (&net, &test.run, &x);
      after = limn_run_mark (&test.run);
      g_assert_cmpuint (after - before, >=, limn_tensor_bytes (&first));
      g_assert_cmpuint (after - before, <, limn_tensor_bytes (&first) + 4096);
      limn_layers_unload (&net.rrdb.layers);
      limn_layers_unload (&net.srvgg.layers);
      limn_layers_unload (&net.taesd.layers);
      again = forward (&net, &test.run, &x);
      test_assert_same_bits ("again", &again, &first);

      /* A limit that is too small is an error at whichever allocation it strikes. */
      for (gsize limit = 64; limit <= 1024 * 1024; limit *= 2)
        {
          g_autoptr (LimnPool) pool = limn_pool_new (1, FALSE);
          g_autoptr (LimnArena) arena = limn_arena_new (limit);
          g_auto (LimnRun) run = { 0 };

          limn_run_init (&run, pool, arena, NULL);
          again = forward (&net, &run, &x);
          if (limn_run_ok (&run))
            test_assert_same_bits ("limit", &again, &first);
          else
            g_assert_error (run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY);
        }
      test_folder_free (g_steal_pointer (&folder));
    }
}

typedef struct
{
  GCancellable *cancellable;
  gint started; /* atomic */
} Canceller;

static gpointer
cancel_later (gpointer data)
{
  Canceller *canceller = data;

  while (!g_atomic_int_get (&canceller->started))
    g_usleep (100);
  g_usleep (1500);
  g_cancellable_cancel (canceller->cancellable);
  return NULL;
}

/* Cancelled by another thread while evaluations follow each other: the one that it meets stops with
 * the right error. */
static void
test_cancel (void)
{
  for (guint row = 0; row < N_NETS; row++)
    {
      g_autofree char *folder = test_folder_new ();
      g_autoptr (LimnWeights) weights = NULL;
      g_auto (Net) net = { 0 };
      g_auto (TestRun) test = { 0 };
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Canceller canceller = { cancellable, 0 };
      g_autoptr (GThread) thread = g_thread_new ("cancel", cancel_later, &canceller);
      LimnArenaMark mark;
      LimnTensor out;
      int channels;

      weights = open_net (row, folder, &net, &channels, NULL);
      g_auto (LimnTensor) x = TEST_RANDOM (row, 1, 24, 24, channels);
      test_run_init (&test, 2, NULL, cancellable);
      mark = limn_run_mark (&test.run);
      do
        {
          limn_run_release (&test.run, mark);
          g_atomic_int_set (&canceller.started, 1);
          out = forward (&net, &test.run, &x);
        }
      while (limn_run_ok (&test.run));
      g_assert_error (test.run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      out = forward (&net, &test.run, &x);
      g_assert_true (limn_tensor_is_empty (&out));
      g_thread_join (g_steal_pointer (&thread));
      test_folder_free (g_steal_pointer (&folder));
    }
}

/* ---- What is refused ------------------------------------------------------------------------ */

static void
test_bad_maps (void)
{
  for (guint row = 0; row < N_NETS; row++)
    {
      g_autofree char *folder = test_folder_new ();
      g_autoptr (LimnWeights) weights = NULL;
      g_auto (Net) net = { 0 };
      g_auto (TestRun) test = { 0 };
      LimnTensor out;
      int channels;

      weights = open_net (row, folder, &net, &channels, NULL);
      g_auto (LimnTensor) x = TEST_RANDOM (row, 1, 8, 8, channels + 1);
      test_run_init (&test, 1, NULL, NULL);
      out = forward (&net, &test.run, &x);
      g_assert_true (limn_tensor_is_empty (&out));
      g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
      test_folder_free (g_steal_pointer (&folder));
    }
}

typedef struct
{
  Kind kind;
  guint row; /* of the kind's table */
  TestDamage damage;
  const char *named;
} BadRow;

static const BadRow bad_rows[] = {
  { RRDB, 0, { .without = "conv_first.weight" }, "RRDBNet" },
  { RRDB, 0, { .without = "conv_last.weight" }, "conv_last.weight" },
  { RRDB, 0, { .without = "conv_hr.bias" }, "conv_hr.bias" },
  { RRDB, 0, { .without = "body.1.rdb2.conv3.weight" }, "body.1.rdb2.conv3.weight" },
  { RRDB, 0, { .without = "body.1.rdb1.conv1.weight" }, "body.1." },
  { RRDB, 0, { .without = "conv_up1.weight" }, "conv_up" },
  { RRDB, 0, { .grown = "body.0.rdb1.conv2.weight" }, "body.0.rdb1.conv2.weight" },
  { RRDB, 0, { .grown = "conv_up2.bias" }, "conv_up2.bias" },
  { RRDB, 0, { .grown = "conv_last.weight" }, "no whole factor" },
  { RRDB, 0, { .extra = "body.0.rdb1.conv1x1.weight" }, "body.0.rdb1.conv1x1.weight" },
  { RRDB, 0, { .extra = "conv_up4.weight" }, "conv_up4.weight" },
  { RRDB, 9, { .without = "model.13.weight" }, "last convolution" },
  { RRDB, 9, { .extra = "model.1.sub.0.noise" }, "model.1.sub.0.noise" },
  { SRVGG, 1, { .without = "body.0.weight" }, "SRVGGNetCompact" },
  { SRVGG, 1, { .without = "body.1.weight" }, "PReLU" },
  { SRVGG, 1, { .without = "body.3.weight" }, "body.3.weight" },
  { SRVGG, 1, { .without = "body.4.weight" }, "no whole factor" },
  { SRVGG, 1, { .without = "body.4.bias" }, "body.4.bias" },
  { SRVGG, 1, { .grown = "body.6.weight" }, "no whole factor" },
  { SRVGG, 1, { .grown = "body.3.weight" }, "body.3.weight" },
  { SRVGG, 1, { .extra = "body.9.weight" }, "body.9.weight" },
  { TAESD, 0, { .without = "0.weight" }, "encoder" },
  { TAESD, 0, { .without = "8.weight" }, "last layer 7" },
  { TAESD, 0, { .without = "3.conv.2.bias" }, "3.conv.2.bias" },
  { TAESD, 0, { .without = "2.weight" }, "layer 2" },
  { TAESD, 0, { .grown = "3.conv.4.weight" }, "3.conv.4.weight" },
  { TAESD, 0, { .extra = "3.pool.0.weight" }, "3.pool.0.weight" },
  { TAESD, 0, { .extra = "90.weight" }, "90.weight" },
  { TAESD, 1, { .without = "3.conv.0.weight" }, "decoder" },
  { TAESD, 1, { .without = "5.weight" }, "layer 4" },
  { TAESD, 1, { .extra = "2.weight" }, "decoder" },
  { TAESD, 3, { .grown = "decoder.layers.0.bias" }, "decoder.layers.0.bias" },
};

static void
test_bad_files (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++)
    {
      const BadRow *row = &bad_rows[i];
      g_autofree char *folder = test_folder_new ();
      g_autoptr (LimnWeights) weights = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (Net) net = { .kind = row->kind };
      gboolean ok;

      if (row->kind == RRDB)
        {
          weights = test_write_rrdb (folder, &rrdbs[row->row], &row->damage);
          ok = limn_rrdb_init (&net.rrdb, weights, "", &error);
        }
      else if (row->kind == SRVGG)
        {
          weights = test_write_srvgg (folder, &srvggs[row->row], &row->damage);
          ok = limn_srvgg_init (&net.srvgg, weights, "", &error);
        }
      else
        {
          weights = test_write_taesd (folder, &taesds[row->row], &row->damage);
          ok = limn_taesd_init (&net.taesd, weights, taesds[row->row].part, &error);
        }
      g_assert_false (ok);
      g_test_message ("%u: %s", i, error->message);
      g_assert_nonnull (strstr (error->message, "net.safetensors"));
      if (strstr (error->message, row->named) == NULL)
        g_error ("%u: “%s” does not name %s", i, error->message, row->named);
      test_folder_free (g_steal_pointer (&folder));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn-upscale/reference", test_reference);
  g_test_add_func ("/nn-upscale/configs", test_configs);
  g_test_add_func ("/nn-upscale/batch", test_batch);
  g_test_add_func ("/nn-upscale/threads", test_threads);
  g_test_add_func ("/nn-upscale/memory", test_memory);
  g_test_add_func ("/nn-upscale/cancel", test_cancel);
  g_test_add_func ("/nn-upscale/bad-maps", test_bad_maps);
  g_test_add_func ("/nn-upscale/bad-files", test_bad_files);
  return g_test_run ();
}
