/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/whole-source-private.h"

#include <string.h>

static char *
remember (const char *prefix, const char *name, gpointer user_data)
{
  GHashTable *asked = user_data;
  char *full = g_strconcat (prefix, name, NULL);

  g_hash_table_add (asked, g_strdup (full));
  return full;
}

void
limn_whole_source_init (LimnWholeSource *self, LimnWeights *weights, const char *prefix)
{
  self->asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->source = (LimnWeightSource){
    .weights = weights, .prefix = prefix, .map = remember, .map_data = self->asked
  };
}

void
limn_whole_source_clear (LimnWholeSource *self)
{
  g_clear_pointer (&self->asked, g_hash_table_unref);
}

gboolean
limn_whole_source_has (const LimnWholeSource *self, const char *format, ...)
{
  g_autofree char *name = NULL, *full = NULL;
  va_list args;

  va_start (args, format);
  name = g_strdup_vprintf (format, args);
  va_end (args);
  full = g_strconcat (self->source.prefix, name, NULL);
  return limn_weights_has (self->source.weights, full);
}

gboolean
limn_whole_source_shape (const LimnWholeSource *self,
                         LimnBinder *binder,
                         const char *name,
                         int n_dims,
                         gint64 *extent)
{
  const gint64 any[LIMN_MAX_DIMS] = { -1, -1, -1, -1 };
  g_autofree char *full = g_strconcat (self->source.prefix, name, NULL);
  LimnTensor tensor;

  if (!limn_binder_ok (binder)
      || !limn_weights_get (self->source.weights, full, n_dims, any, &tensor, &binder->error))
    return FALSE;
  memcpy (extent, tensor.extent, (gsize)n_dims * sizeof *extent);
  return TRUE;
}

void
limn_whole_source_check (const LimnWholeSource *self,
                         LimnBinder *binder,
                         const char *network,
                         const char *const *modules)
{
  const char *const *names = limn_weights_list (self->source.weights);
  gsize skip = strlen (self->source.prefix);

  for (gsize i = 0; names[i] != NULL && limn_binder_ok (binder); i++)
    {
      if (!g_str_has_prefix (names[i], self->source.prefix)
          || g_hash_table_contains (self->asked, names[i]))
        continue;
      for (gsize k = 0; modules[k] != NULL; k++)
        if (g_str_has_prefix (names[i] + skip, modules[k]))
          limn_binder_fail (binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                            "%s looks like %s, but a plain one has no tensor “%s”",
                            limn_weights_get_path (self->source.weights), network, names[i]);
    }
}
