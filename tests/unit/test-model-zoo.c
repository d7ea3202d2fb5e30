/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Every published model, told by its tensors alone: at full size without data, where what the
 * networks count is held against the original's figures, and narrow with random data, where it is
 * run.
 */
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "engine/model/model-private.h"
#include "tests/unit/tensor-testing.h"
#include "tests/unit/weights-testing.h"
#include "tests/unit/zoo-rows.h"

static void
add_condition (GPtrArray *tensors, const ZooRow *row, int width)
{
  switch (row->condition)
    {
    case ZOO_CLIP:
      zoo_add_clip (tensors, row->vocabulary, width, row->layers);
      break;
    case ZOO_OPENCLIP:
      zoo_add_openclip (tensors, row->vocabulary, width, row->layers);
      break;
    case ZOO_BERT:
    case ZOO_LAYOUT:
      zoo_add_bert (tensors, row->vocabulary, row->condition == ZOO_BERT ? 77 : 92, width,
                    row->layers);
      break;
    case ZOO_CLASSES:
      zoo_add_tensor (tensors, "cond_stage_model.embedding.weight", 2,
                      (gint64[]){ row->vocabulary, width });
      break;
    case ZOO_RESCALER:
      zoo_add_tensor (tensors, "cond_stage_model.channel_mapper.weight", 4,
                      (gint64[]){ row->width, row->vocabulary, 1, 1 });
      break;
    default:
      break;
    }
}

#define NARROW_CONTEXT 40

/* The tensors of a row; @narrow: of other widths, but the same structure. */
static GPtrArray *
make_tensors (const ZooRow *row, gboolean narrow)
{
  GPtrArray *tensors = zoo_tensors_new ();
  ZooUnet unet = row->unet;
  ZooAutoencoder stage = zoo_find_stage (row->stage)->config;

  if (narrow)
    {
      unet.channels = row->head_channels == 64 ? 64 : 32;
      /* As wide as no level, since keys of that width look like those of self attention. */
      unet.context = unet.context > 0 ? NARROW_CONTEXT : 0;
      stage.channels = 32;
    }
  zoo_add_unet (tensors, &unet);
  if (row->checkpoint)
    {
      zoo_add_betas (tensors);
      if (narrow)
        zoo_add_ema (tensors);
    }
  zoo_add_autoencoder (tensors, "first_stage_model.", &stage);
  add_condition (tensors, row, narrow ? unet.context : row->width);
  return tensors;
}

/* ---- Full size ------------------------------------------------------------------------------- */

/* Pages of the file that are in memory: those that somebody has read. */
static gsize
count_resident (const char *path, gsize first)
{
  gsize page = (gsize)sysconf (_SC_PAGESIZE), n_pages, n = 0;
  g_autofree unsigned char *resident = NULL;
  GStatBuf status;
  void *map;
  int fd = g_open (path, O_RDONLY, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  n_pages = ((gsize)status.st_size + page - 1) / page;
  map = mmap (NULL, (gsize)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
  g_assert_true (map != MAP_FAILED);
  resident = g_malloc0 (n_pages);
  g_assert_cmpint (mincore (map, (gsize)status.st_size, resident), ==, 0);
  for (gsize i = first / page + 1; i < n_pages; i++)
    n += resident[i] & 1;
  g_assert_cmpint (munmap (map, (gsize)status.st_size), ==, 0);
  close (fd);
  return n;
}

/* 16 MB: what the kernel reads around the header, and around the one norm of Stable Diffusion 2. */
#define MAX_PAGES_READ 4096

static void
check_counts (const ZooRow *row,
              const ZooStage *stage,
              GPtrArray *tensors,
              const LimnModelInfo *info)
{
  gint64 text = zoo_count (tensors, "cond_stage_model.");

  g_assert_cmpint (info->parameters.unet, ==, zoo_count (tensors, "model.diffusion_model."));
  if (row->parameters > 0)
    g_assert_cmpint (info->parameters.unet, ==, row->parameters);
  if (stage->encoder > 0)
    {
      g_assert_cmpint (info->parameters.encoder, ==, stage->encoder);
      g_assert_cmpint (info->parameters.decoder, ==, stage->decoder);
    }
  g_assert_cmpint (info->parameters.encoder + info->parameters.decoder
                       + info->parameters.bottleneck,
                   ==, zoo_count (tensors, "first_stage_model."));
  /* Logits, the projection for pictures and OpenCLIP's last block are not used. */
  if (row->condition == ZOO_BERT || row->condition == ZOO_LAYOUT)
    text -= (gint64)row->vocabulary * (row->width + 1);
  if (row->condition == ZOO_OPENCLIP)
    text -= zoo_count (tensors, "cond_stage_model.model.transformer.resblocks.23.")
            + zoo_count (tensors, "cond_stage_model.model.text_projection");
  g_assert_cmpint (info->parameters.condition, ==, text);
}

static void
check_description (const ZooRow *row, LimnModel *model)
{
  const LimnModelInfo *info = limn_model_get_info (model);
  const LimnDescription *description = limn_model_get_description (model);

  g_assert_cmpstr (info->architecture, ==, row->architecture);
  g_assert_cmpint (info->capabilities, ==, row->capabilities);
  g_assert_cmpint (info->takes, ==, row->takes);
  g_assert_cmpint (description->unet.num_heads, ==, row->heads);
  g_assert_cmpint (description->unet.num_head_channels, ==, row->head_channels);
  g_assert_cmpint (description->betas, ==, LIMN_BETAS_LINEAR);
  g_assert_cmpfloat (description->linear_start, ==, row->linear_start);
  g_assert_cmpfloat (description->linear_end, ==, row->linear_end);
  g_assert_cmpfloat_with_epsilon (info->scale_factor, row->scale_factor, 1e-7);
  g_assert_cmpint (info->native_size, ==, row->native_size);
  g_assert_cmpint (info->prediction, ==,
                   row->unet.classes > 0 ? LIMN_PREDICT_V : LIMN_PREDICT_EPSILON);
  g_assert_null (info->described_by);
  for (int i = 0; i < description->unet.n_levels; i++)
    g_assert_cmpint (description->unet.disable_self_attentions[i], ==,
                     row->unet.cross_only != NULL && row->unet.cross_only[i] == '1');
}

/* ---- Described ------------------------------------------------------------------------------- */

/* With a config.yaml: the same model as without. */
static void
check_described (const ZooRow *row, LimnModel *told, const char *folder)
{
  const LimnModelInfo *want = limn_model_get_info (told), *got;
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModel) model = NULL;

  zoo_write_config (row, folder);
  model = limn_model_open (folder, NULL, &error);
  g_assert_no_error (error);
  got = limn_model_get_info (model);
  g_assert_nonnull (got->described_by);
  g_assert_cmpmem (&got->parameters, sizeof got->parameters, &want->parameters,
                   sizeof want->parameters);
  g_assert_cmpint (got->capabilities, ==, want->capabilities);
  g_assert_cmpint (got->takes, ==, want->takes);
  g_assert_cmpint (got->inpaint_convention, ==, want->inpaint_convention);
  g_assert_cmpint (got->n_categories, ==, want->n_categories);
  g_assert_cmpint (got->max_boxes, ==, want->max_boxes);
  g_assert_cmpint (got->context_width, ==, want->context_width);
  g_assert_cmpint (got->max_noise_level, ==, want->max_noise_level);
  g_assert_cmpint (got->native_size, ==, want->native_size);
  g_assert_cmpint (got->prediction, ==, want->prediction);
  g_assert_cmpfloat (got->scale_factor, ==, want->scale_factor);
  g_assert_cmpint (limn_model_get_description (model)->text.skip_layers, ==,
                   limn_model_get_description (told)->text.skip_layers);
  g_assert_cmpint (limn_model_get_description (model)->text.num_attention_heads, ==,
                   limn_model_get_description (told)->text.num_attention_heads);
}

/* ---- Whole models --------------------------------------------------------------------------- */

static void
test_full (gconstpointer data)
{
  const ZooRow *row = data;
  char *folder = test_folder_new ();
  g_autoptr (GPtrArray) tensors = make_tensors (row, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModel) model = NULL;
  g_autofree char *path = NULL;
  gsize header;
  gint64 begin;

  /* A hole would read as a schedule of zeros. */
  for (guint i = 0; i < tensors->len; i++)
    if (g_str_equal (((ZooTensor *)tensors->pdata[i])->name, "betas"))
      g_ptr_array_remove_index (tensors, i);
  path = zoo_write_sparse (tensors, folder, &header);
  begin = g_get_monotonic_time ();
  model = limn_model_open (path, NULL, &error);
  g_test_message ("%s: opened in %.1f ms", row->name,
                  (double)(g_get_monotonic_time () - begin) / 1000);
  g_assert_no_error (error);
  check_description (row, model);
  check_counts (row, zoo_find_stage (row->stage), tensors, limn_model_get_info (model));
  g_assert_cmpuint (count_resident (path, header), <, MAX_PAGES_READ);
  check_described (row, model, folder);
  g_test_message ("%s: %.2f GB, %" G_GINT64_FORMAT " parameters", row->name,
                  (double)limn_model_get_info (model)->file_bytes / 1e9,
                  limn_model_get_info (model)->n_parameters);
  test_folder_free (folder);
}

static void
test_full_stage (gconstpointer data)
{
  const ZooStage *stage = data;
  char *folder = test_folder_new ();
  g_autoptr (GPtrArray) tensors = zoo_tensors_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModel) model = NULL;
  g_autofree char *path = NULL;
  const LimnModelInfo *info;
  gsize header;

  zoo_add_autoencoder (tensors, "", &stage->config);
  path = zoo_write_sparse (tensors, folder, &header);
  model = limn_model_open (path, NULL, &error);
  g_assert_no_error (error);
  info = limn_model_get_info (model);
  g_assert_cmpint (info->parameters.encoder, ==, stage->encoder);
  g_assert_cmpint (info->parameters.decoder, ==, stage->decoder);
  g_assert_cmpint (info->capabilities, ==, 0);
  g_assert_cmpint (info->latent_factor, ==, 1 << (strlen (stage->config.mult) - 1));
  g_assert_true (g_str_has_prefix (info->architecture, stage->config.codebook > 0 ? "VQ" : "KL"));
  g_assert_cmpuint (count_resident (path, header), <, MAX_PAGES_READ);
  test_folder_free (folder);
}

/* ---- Narrow ---------------------------------------------------------------------------------- */

#define SIDE 16

static LimnTensor
random_in (LimnRun *run, int n_dims, const gint64 *extent)
{
  g_auto (LimnTensor) values = test_random (7, n_dims, extent);
  LimnTensor copy = limn_run_tensor (run, n_dims, extent);

  g_assert_false (limn_tensor_is_empty (&copy));
  memcpy (copy.data, values.data, limn_tensor_bytes (&copy));
  return copy;
}

/* What the model takes, made up; prompts and embeddings are vectors here. */
static LimnTensor
make_context (const ZooRow *row, LimnModel *model, LimnRun *run)
{
  const LimnLabelledBox boxes[] = { { 3, 0.1, 0.2, 0.5, 0.5, LIMN_BOX_GROUP } };
  const float vector[NARROW_CONTEXT] = { 1, -1 };
  int width = limn_model_get_info (model)->context_width;

  switch (row->condition)
    {
    case ZOO_CLASSES:
      return limn_model_encode_class (model, run, 7);
    case ZOO_LAYOUT:
      return limn_model_encode_boxes (model, run, boxes, G_N_ELEMENTS (boxes));
    case ZOO_NOTHING:
      return width > 0 ? limn_model_encode_embedding (model, run, vector, 1, width)
                       : LIMN_TENSOR_EMPTY;
    default:
      return width > 0 ? random_in (run, 3, (gint64[]){ 1, 5, width }) : LIMN_TENSOR_EMPTY;
    }
}

static LimnTensor
make_concat (const ZooRow *row, LimnModel *model, LimnRun *run)
{
  int factor = limn_model_get_info (model)->latent_factor;
  int extra = row->unet.in - row->unet.out;
  g_autofree gint32 *labels = NULL;

  if (row->condition != ZOO_RESCALER)
    return extra > 0 ? random_in (run, 4, (gint64[]){ 1, SIDE, SIDE, extra }) : LIMN_TENSOR_EMPTY;
  labels = g_new0 (gint32, (gsize)SIDE * SIDE * (gsize)(factor * factor));
  for (int i = 0; i < SIDE * SIDE * factor * factor; i++)
    labels[i] = i % limn_model_get_info (model)->n_categories;
  return limn_model_encode_labels (model, run, labels, SIDE * factor, SIDE * factor);
}

static void
assert_finite (const char *what, const LimnTensor *x)
{
  double sum = 0;

  g_assert_false (limn_tensor_is_empty (x));
  for (gint64 i = 0; i < limn_tensor_count (x); i++)
    sum += fabs ((double)limn_tensor_f32 (x)[i]);
  if (!(sum > 0) || !isfinite (sum))
    g_error ("%s: the sum of magnitudes is %g", what, sum);
}

/* One evaluation of the UNet; the caller frees the data. */
static LimnTensor
run_model (const ZooRow *row, LimnModel *model)
{
  g_auto (TestRun) test = { 0 };
  const LimnModelInfo *info = limn_model_get_info (model);
  const float t[] = { 500 };
  const gint32 labels[] = { 20 };
  LimnTensor context, concat, x, out, latent, image;
  LimnConditions conditions = { 0 };

  test_run_init (&test, 2, NULL, NULL);
  context = make_context (row, model, &test.run);
  concat = make_concat (row, model, &test.run);
  if (!limn_tensor_is_empty (&context))
    conditions.context = &context;
  if (!limn_tensor_is_empty (&concat))
    conditions.concat = &concat;
  if (row->unet.classes > 0)
    conditions.labels = labels;
  x = random_in (&test.run, 4, (gint64[]){ 1, SIDE, SIDE, row->unet.out });
  out = limn_model_evaluate (model, &test.run, &x, t, &conditions);
  g_assert_no_error (test.run.error);
  assert_finite (row->name, &out);
  g_assert_true (limn_tensor_same_shape (&out, &x));

  image = random_in (&test.run, 4,
                     (gint64[]){ 1, 2 * info->latent_factor, 3 * info->latent_factor, 3 });
  latent = limn_model_encode (model, &test.run, &image);
  image = limn_model_decode (model, &test.run, &latent);
  g_assert_no_error (test.run.error);
  assert_finite (row->name, &image);
  g_assert_cmpint (latent.extent[1], ==, 2);
  g_assert_cmpint (image.extent[2], ==, 3 * info->latent_factor);

  x = out;
  x.data = g_memdup2 (out.data, limn_tensor_bytes (&out));
  return x;
}

static LimnTensor
open_and_run (const ZooRow *row, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModel) model = limn_model_open (path, NULL, &error);

  g_assert_no_error (error);
  check_description (row, model);
  g_assert_cmpint (limn_model_get_info (model)->uses_ema, ==, row->checkpoint);
  return run_model (row, model);
}

/* LDM's models come as checkpoints, Stable Diffusion as GGUF too: the same bits from each. */
static void
test_narrow (gconstpointer data)
{
  const ZooRow *row = data;
  const ZooSchedule schedule = { row->linear_start, row->linear_end };
  char *folder = test_folder_new ();
  g_autoptr (GPtrArray) tensors = make_tensors (row, TRUE);
  g_autofree char *safetensors = zoo_write_safetensors (tensors, &schedule, folder);
  g_autofree char *other = NULL;
  g_auto (LimnTensor) first = open_and_run (row, safetensors), second = { 0 };

  if (row->checkpoint)
    other = zoo_write_checkpoint (tensors, &schedule, folder);
  else
    other = zoo_write_gguf (tensors, &schedule, folder);
  second = open_and_run (row, other);
  test_assert_same_bits (row->name, &second, &first);
  test_folder_free (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < zoo_n_stages; i++)
    {
      g_autofree char *path = g_strdup_printf ("/model-zoo/full/%s", zoo_stages[i].name);

      if (zoo_stages[i].encoder > 0)
        g_test_add_data_func (path, &zoo_stages[i], test_full_stage);
    }
  for (gsize i = 0; i < zoo_n_rows; i++)
    {
      g_autofree char *full = g_strdup_printf ("/model-zoo/full/%s", zoo_rows[i].name);
      g_autofree char *narrow = g_strdup_printf ("/model-zoo/narrow/%s", zoo_rows[i].name);

      g_test_add_data_func (full, &zoo_rows[i], test_full);
      g_test_add_data_func (narrow, &zoo_rows[i], test_narrow);
    }
  return g_test_run ();
}
