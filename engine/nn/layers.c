/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/layers-private.h"

#include <string.h>

#include "engine/tensor/run.h"

char *
limn_name_map_ema (const char *prefix, const char *name, gpointer user_data)
{
  const char *stem = g_str_has_prefix (prefix, "model.") ? prefix + strlen ("model.") : prefix;
  GString *mapped = g_string_new ("model_ema.");

  for (const char *p = stem; *p != '\0'; p++)
    if (*p != '.')
      g_string_append_c (mapped, *p);
  for (const char *p = name; *p != '\0'; p++)
    if (*p != '.')
      g_string_append_c (mapped, *p);
  return g_string_free (mapped, FALSE);
}

void
limn_layers_unload (LimnLayers *self)
{
  for (guint i = 0; self->linears != NULL && i < self->linears->len; i++)
    limn_linear_clear (g_ptr_array_index (self->linears, i));
  for (guint i = 0; self->convs != NULL && i < self->convs->len; i++)
    limn_conv2d_clear (g_ptr_array_index (self->convs, i));
  for (guint i = 0; self->norms != NULL && i < self->norms->len; i++)
    limn_norm_clear (g_ptr_array_index (self->norms, i));
}

static guint
length (const GPtrArray *layers)
{
  return layers != NULL ? layers->len : 0;
}

void
limn_layers_set_budget (LimnLayers *self, LimnWeightBudget *budget)
{
  for (guint i = 0; i < length (self->linears); i++)
    {
      LimnLinear *layer = g_ptr_array_index (self->linears, i);

      if (layer->budget != budget)
        limn_linear_clear (layer);
      layer->budget = budget;
    }
  for (guint i = 0; i < length (self->convs); i++)
    {
      LimnConv2d *layer = g_ptr_array_index (self->convs, i);

      if (layer->budget != budget)
        limn_conv2d_clear (layer);
      layer->budget = budget;
    }
}

static gboolean
is_over (const LimnWeightBudget *budget)
{
  return budget != NULL && budget->used > budget->limit;
}

void
limn_layers_keep_budget (LimnLayers *self)
{
  for (guint i = length (self->convs); i > 0; i--)
    {
      LimnConv2d *layer = g_ptr_array_index (self->convs, i - 1);

      if (is_over (layer->budget))
        limn_conv2d_clear (layer);
    }
  for (guint i = length (self->linears); i > 0; i--)
    {
      LimnLinear *layer = g_ptr_array_index (self->linears, i - 1);

      if (is_over (layer->budget))
        limn_linear_clear (layer);
    }
}

static void
add_layer (gsize bytes, gsize *total, gsize *largest)
{
  *total = bytes > G_MAXSIZE - *total ? G_MAXSIZE : *total + bytes;
  *largest = MAX (*largest, bytes);
}

void
limn_layers_measure (const LimnLayers *self, gsize *total, gsize *largest)
{
  const LimnKernels *kernels = limn_kernels_best ();

  *total = *largest = 0;
  for (guint i = 0; i < length (self->linears); i++)
    add_layer (limn_linear_packed_bytes (g_ptr_array_index (self->linears, i), kernels), total,
               largest);
  for (guint i = 0; i < length (self->convs); i++)
    add_layer (limn_conv2d_packed_bytes (g_ptr_array_index (self->convs, i), kernels), total,
               largest);
}

void
limn_layers_clear (LimnLayers *self)
{
  limn_layers_unload (self);
  g_clear_pointer (&self->linears, g_ptr_array_unref);
  g_clear_pointer (&self->convs, g_ptr_array_unref);
  g_clear_pointer (&self->norms, g_ptr_array_unref);
  g_clear_pointer (&self->weights, limn_weights_unref);
  self->n_parameters = 0;
}

void
limn_binder_begin (LimnBinder *self, LimnLayers *layers, const LimnWeightSource *source)
{
  *self = (LimnBinder){ .source = source, .layers = layers };
  *layers = (LimnLayers){
    .weights = limn_weights_ref (source->weights),
    .linears = g_ptr_array_new (),
    .convs = g_ptr_array_new (),
    .norms = g_ptr_array_new (),
  };
}

gboolean
limn_binder_end (LimnBinder *self, GError **error)
{
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->error));
  return FALSE;
}

gboolean
limn_binder_ok (const LimnBinder *self)
{
  return self->error == NULL;
}

void
limn_binder_fail (LimnBinder *self, int code, const char *format, ...)
{
  va_list args;

  if (self->error != NULL)
    return;
  va_start (args, format);
  self->error = g_error_new_valist (LIMN_ENGINE_ERROR, code, format, args);
  va_end (args);
}

void
limn_binder_check_range (LimnBinder *self, const char *what, gint64 value, gint64 min, gint64 max)
{
  if (value < min || value > max)
    limn_binder_fail (self, LIMN_ENGINE_ERROR_UNSUPPORTED,
                      "%s is %" G_GINT64_FORMAT ", expected %" G_GINT64_FORMAT
                      " to %" G_GINT64_FORMAT,
                      what, value, min, max);
}

/* What the file calls @name of the network (transfer full). */
static char *
full_name (const LimnWeightSource *source, const char *name)
{
  if (source->map != NULL)
    return source->map (source->prefix, name, source->map_data);
  return g_strconcat (source->prefix, name, NULL);
}

gboolean
limn_binder_has (LimnBinder *self, const char *name_format, ...)
{
  g_autofree char *name = NULL, *full = NULL;
  va_list args;

  va_start (args, name_format);
  name = g_strdup_vprintf (name_format, args);
  va_end (args);
  full = full_name (self->source, name);
  return limn_weights_has (self->source->weights, full);
}

/* Looks up path + suffix with the source's names and counts the parameters. */
static void
bind (LimnBinder *self,
      LimnTensor *tensor,
      const char *path,
      const char *suffix,
      int n_dims,
      const gint64 *extent)
{
  const LimnWeightSource *source = self->source;
  g_autofree char *name = g_strconcat (path, suffix, NULL);
  g_autofree char *full = NULL;

  if (self->error != NULL)
    return;
  full = full_name (source, name);
  if (limn_weights_get (source->weights, full, n_dims, extent, tensor, &self->error))
    self->layers->n_parameters += limn_tensor_count (tensor);
}

static char *G_GNUC_PRINTF (1, 0)
format_path (const char *format, va_list args)
{
  return g_strdup_vprintf (format, args);
}

#define FORMAT_PATH(path, format)                                                                  \
  g_autofree char *path = NULL;                                                                    \
  va_list args;                                                                                    \
  va_start (args, format);                                                                         \
  path = format_path (format, args);                                                               \
  va_end (args)

void
limn_bind_linear (LimnBinder *self,
                  LimnLinear *layer,
                  gint64 n_in,
                  gint64 n_out,
                  gboolean bias,
                  const char *path_format,
                  ...)
{
  FORMAT_PATH (path, path_format);

  *layer = (LimnLinear){ .n_in = n_in, .n_out = n_out };
  bind (self, &layer->weight, path, ".weight", 2, (gint64[]){ n_out, n_in });
  if (bias)
    bind (self, &layer->bias, path, ".bias", 1, &n_out);
  g_ptr_array_add (self->layers->linears, layer);
}

void
limn_bind_linear_view (LimnBinder *self,
                       LimnLinear *layer,
                       gint64 n_in,
                       gint64 n_out,
                       const LimnTensor *weight,
                       const LimnTensor *bias)
{
  *layer = (LimnLinear){ .weight = *weight, .bias = *bias, .n_in = n_in, .n_out = n_out };
  g_ptr_array_add (self->layers->linears, layer);
}

static void
bind_conv (LimnBinder *self,
           LimnConv2d *layer,
           gint64 n_in,
           gint64 n_out,
           int kernel,
           int stride,
           int pad,
           gboolean bias,
           const char *path)
{
  *layer = (LimnConv2d){
    .n_in = n_in,
    .n_out = n_out,
    .kernel_h = kernel,
    .kernel_w = kernel,
    .stride = stride,
    .pad_top = pad,
    .pad_left = pad,
    .pad_bottom = pad,
    .pad_right = pad,
  };
  bind (self, &layer->weight, path, ".weight", 4, (gint64[]){ n_out, n_in, kernel, kernel });
  if (bias)
    bind (self, &layer->bias, path, ".bias", 1, &n_out);
  g_ptr_array_add (self->layers->convs, layer);
}

void
limn_bind_conv (LimnBinder *self,
                LimnConv2d *layer,
                gint64 n_in,
                gint64 n_out,
                int kernel,
                int stride,
                int pad,
                const char *path_format,
                ...)
{
  FORMAT_PATH (path, path_format);

  bind_conv (self, layer, n_in, n_out, kernel, stride, pad, TRUE, path);
}

void
limn_bind_conv_plain (LimnBinder *self,
                      LimnConv2d *layer,
                      gint64 n_in,
                      gint64 n_out,
                      int kernel,
                      int stride,
                      int pad,
                      const char *path_format,
                      ...)
{
  FORMAT_PATH (path, path_format);

  bind_conv (self, layer, n_in, n_out, kernel, stride, pad, FALSE, path);
}

static void
bind_norm (LimnBinder *self, LimnNorm *layer, gint64 n_channels, const char *path)
{
  *layer = (LimnNorm){ .n_channels = n_channels };
  bind (self, &layer->weight, path, ".weight", 1, &n_channels);
  bind (self, &layer->bias, path, ".bias", 1, &n_channels);
  g_ptr_array_add (self->layers->norms, layer);
}

void
limn_bind_norm (LimnBinder *self, LimnNorm *layer, gint64 n_channels, const char *path_format, ...)
{
  FORMAT_PATH (path, path_format);

  bind_norm (self, layer, n_channels, path);
}

void
limn_bind_group_norm (LimnBinder *self,
                      LimnNorm *layer,
                      gint64 n_channels,
                      const char *path_format,
                      ...)
{
  FORMAT_PATH (path, path_format);

  if (n_channels % LIMN_N_GROUPS != 0)
    limn_binder_fail (self, LIMN_ENGINE_ERROR_UNSUPPORTED,
                      "%s: %" G_GINT64_FORMAT " channels cannot be normalised in %d groups", path,
                      n_channels, LIMN_N_GROUPS);
  bind_norm (self, layer, n_channels, path);
}

void
limn_bind_tensor (LimnBinder *self,
                  LimnTensor *tensor,
                  int n_dims,
                  gint64 n0,
                  gint64 n1,
                  const char *name_format,
                  ...)
{
  FORMAT_PATH (name, name_format);

  *tensor = LIMN_TENSOR_EMPTY;
  bind (self, tensor, name, "", n_dims, (gint64[]){ n0, n1 });
}

/* ---- Results that outlive their working set ------------------------------------------------- */

/* Floats per tile: a few hundred microseconds of copying. */
#define COPY_TILE (256 * 1024)

typedef struct
{
  float *to;
  const float *from;
  gint64 n;
} Copy;

static void
copy_tile (void *data, gint64 index, void *scratch)
{
  const Copy *copy = data;
  gint64 first = index * COPY_TILE;

  memmove (copy->to + first, copy->from + first,
           (gsize)MIN (COPY_TILE, copy->n - first) * sizeof (float));
}

LimnTensor
limn_keep (LimnRun *run, const LimnTensor *place, const LimnTensor *value, LimnArenaMark mark)
{
  LimnTensor kept = *value;

  if (limn_tensor_is_empty (place) || limn_tensor_is_empty (value))
    return LIMN_TENSOR_EMPTY;
  if (limn_tensor_count (value) > limn_tensor_count (place))
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE,
                     "A feature map is larger than the network's description allows");
      return LIMN_TENSOR_EMPTY;
    }
  Copy copy = { limn_tensor_f32 (place), limn_tensor_f32 (value), limn_tensor_count (value) };
  if (!limn_run_parallel (run, (copy.n + COPY_TILE - 1) / COPY_TILE, 0, copy_tile, &copy))
    return LIMN_TENSOR_EMPTY;
  limn_run_release (run, mark);
  kept.data = place->data;
  return kept;
}

LimnTensor
limn_sink (LimnRun *run, const LimnTensor *value, LimnArenaMark mark)
{
  LimnArenaMark top = limn_run_mark (run);
  LimnTensor place;

  if (limn_tensor_is_empty (value) || !limn_run_ok (run))
    return LIMN_TENSOR_EMPTY;
  limn_run_release (run, mark);
  place = limn_run_tensor (run, value->n_dims, value->extent);
  if (limn_tensor_is_empty (&place))
    return LIMN_TENSOR_EMPTY;
  if (limn_tensor_f32 (&place) + limn_tensor_count (&place) <= limn_tensor_f32 (value))
    return limn_keep (run, &place, value, limn_run_mark (run));
  /* What lies up to the top was there before. */
  limn_run_release (run, mark);
  limn_run_array (run, (gint64)(top - mark), 1);
  return *value;
}

LimnTensor
limn_as_rows (const LimnTensor *x)
{
  if (limn_tensor_is_empty (x) || x->n_dims != 4)
    return LIMN_TENSOR_EMPTY;
  return limn_tensor_3d (x->dtype, x->data, x->extent[0], x->extent[1] * x->extent[2],
                         x->extent[3]);
}

LimnTensor
limn_as_map (const LimnTensor *rows, gint64 h, gint64 w)
{
  if (limn_tensor_is_empty (rows) || rows->n_dims != 3)
    return LIMN_TENSOR_EMPTY;
  return limn_tensor_4d (rows->dtype, rows->data, rows->extent[0], h, w, rows->extent[2]);
}
