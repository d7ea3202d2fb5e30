/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "engine/tensor/costs.h"
#include "engine/tensor/kernels.h"

/* A file of keys: one group for each processor, table and version. */

/* Of what is measured and of what the costs mean; another one makes what is kept of no use. */
#define FORMAT 1
#define MAX_COST 1e5

/* The processor's name; what it is when there is none hardly matters on one machine. */
static char *
processor_name (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    return g_strdup ("unknown");
  lines = g_strsplit (text, "\n", 100);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      const char *colon = strchr (lines[i], ':');

      if (colon != NULL
          && (g_str_has_prefix (lines[i], "model name") || g_str_has_prefix (lines[i], "CPU part")))
        return g_strstrip (g_strdup (colon + 1));
    }
  return g_strdup ("unknown");
}

static char *
group_name (const LimnKernels *kernels, const char *version)
{
  g_autofree char *processor = processor_name ();
  g_autofree char *name
      = g_strdup_printf ("%s, %s, %s, %d", processor, limn_kernels_name (kernels), version, FORMAT);
  char *valid = g_utf8_make_valid (name, -1);

  return g_strdelimit (valid, "[]\n\r", '_');
}

static gboolean
read_costs (GKeyFile *file, const char *group, const char *key, LimnTransformCosts *costs)
{
  gsize n = 0;
  g_autofree double *values = g_key_file_get_double_list (file, group, key, &n, NULL);

  if (values == NULL || n != 4)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i]) || values[i] <= 0.0 || values[i] > MAX_COST)
      return FALSE;
  *costs = (LimnTransformCosts){ values[0], values[1], values[2], values[3] };
  return TRUE;
}

static void
set_costs (GKeyFile *file, const char *group, const char *key, const LimnTransformCosts *costs)
{
  double values[] = { costs->multiply, costs->input, costs->output, costs->weights };

  g_key_file_set_double_list (file, group, key, values, G_N_ELEMENTS (values));
}

/* Atomically, as GLib does it. */
static gboolean
write_file (GKeyFile *file, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return g_mkdir_with_parents (folder, 0700) == 0 && g_key_file_save_to_file (file, path, NULL);
}

void
limn_costs_open (LimnCosts *self,
                 const LimnKernels *kernels,
                 const char *path,
                 const char *version,
                 GCancellable *cancellable)
{
  g_autofree char *own
      = path != NULL ? g_strdup (path)
                     : g_build_filename (g_get_user_cache_dir (), "limn", "convolution.ini", NULL);
  g_autofree char *group = group_name (kernels, version);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  LimnCosts measured, kept;

  *self = *limn_costs_counted ();
  if (g_key_file_load_from_file (file, own, G_KEY_FILE_NONE, NULL)
      && read_costs (file, group, "of-2", &kept.of_2)
      && read_costs (file, group, "of-4", &kept.of_4))
    {
      *self = kept;
      return;
    }
  /* What cannot be kept is not measured either. */
  if (!write_file (file, own) || !limn_costs_measure (&measured, kernels, cancellable))
    return;
  set_costs (file, group, "of-2", &measured.of_2);
  set_costs (file, group, "of-4", &measured.of_4);
  if (!write_file (file, own) || !g_key_file_load_from_file (file, own, G_KEY_FILE_NONE, NULL))
    return;
  /* As they will be read the next time. */
  if (read_costs (file, group, "of-2", &kept.of_2) && read_costs (file, group, "of-4", &kept.of_4))
    *self = kept;
}
