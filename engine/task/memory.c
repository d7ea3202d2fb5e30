/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/memory-private.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* A number in a small file of /proc or /sys; FALSE when the file or the number is not there
 * ("max"). */
static gboolean
read_number (const char *path, const char *key, guint64 *value)
{
  g_autofree char *text = NULL;
  const char *at;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  at = key != NULL ? g_strstr_len (text, -1, key) : text;
  if (at == NULL)
    return FALSE;
  at += key != NULL ? strlen (key) : 0;
  while (g_ascii_isspace (*at))
    at++;
  if (!g_ascii_isdigit (*at))
    return FALSE;
  *value = g_ascii_strtoull (at, NULL, 10);
  return TRUE;
}

static guint64
left_of (guint64 limit, guint64 used)
{
  return limit > used ? limit - used : 0;
}

static guint64
system_available (void)
{
  guint64 kilobytes;
  long pages, page_size;

  if (read_number ("/proc/meminfo", "MemAvailable:", &kilobytes))
    return kilobytes * 1024;
  pages = sysconf (_SC_PHYS_PAGES);
  page_size = sysconf (_SC_PAGESIZE);
  return pages > 0 && page_size > 0 ? (guint64)pages * (guint64)page_size / 2 : G_MAXUINT64;
}

static guint64
address_space_left (void)
{
  struct rlimit limit;
  guint64 pages;

  if (getrlimit (RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY
      || !read_number ("/proc/self/statm", NULL, &pages))
    return G_MAXUINT64;
  return left_of (limit.rlim_cur, pages * (guint64)sysconf (_SC_PAGESIZE));
}

gsize
limn_memory_available (void)
{
  guint64 available = MIN (system_available (), address_space_left ());
  guint64 limit, used;

  /* Control groups, version 2, as containers have them; the pages of files that the group counts
   * can be dropped. */
  if (read_number ("/sys/fs/cgroup/memory.max", NULL, &limit)
      && read_number ("/sys/fs/cgroup/memory.current", NULL, &used))
    {
      guint64 files = 0;

      read_number ("/sys/fs/cgroup/memory.stat", "inactive_file ", &files);
      available = MIN (available, left_of (limit, left_of (used, files)));
    }
  return (gsize)MIN (available, G_MAXSIZE);
}

gsize
limn_memory_for_task (LimnModel *model, const LimnRun *run)
{
  gsize available = limn_memory_available ();
  gsize kept = model != NULL ? limn_model_get_kept_bytes (model) : 0;

  available = kept > G_MAXSIZE - available ? G_MAXSIZE : available + kept;
  return run->memory_limit > 0 ? MIN (available, run->memory_limit) : available;
}

/* What the estimate of memory leaves out is not given away to the last byte. */
#define SPARE 16

void
limn_memory_share (LimnModel *model, gsize available, gsize needed)
{
  gsize rest = available - MIN (needed, available);

  limn_model_set_kept_bytes (model, rest - rest / SPARE);
}

gboolean
limn_memory_refuse (
    gsize needed, gsize available, gsize limit, int width, int height, GError **error)
{
  g_autofree char *needed_text = g_format_size (needed), *free_text = g_format_size (available);
  gboolean limited = limit > 0 && available == limit;
  g_autofree char *what
      = g_strdup_printf (limited ? "This needs about %s of memory, but only %s may be used"
                                 : "This needs about %s of memory, but only %s are free",
                         needed_text, free_text);

  if (width > 0)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY,
                 "%s. %d × %d pixels would fit", what, width, height);
  else
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY,
                 limited ? "%s, and nothing smaller would fit; allow it more or use a smaller model"
                         : "%s, and nothing smaller would fit; close other programs or use a "
                           "smaller model",
                 what);
  return FALSE;
}
