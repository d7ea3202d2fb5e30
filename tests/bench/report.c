/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/bench/report.h"

#include <stdio.h>

static void
row_clear (gpointer data)
{
  BenchRow *row = data;

  g_free (row->name);
}

void
bench_report_init (BenchReport *self, const char *machine)
{
  self->machine = g_strdup (machine);
  self->rows = g_array_new (FALSE, FALSE, sizeof (BenchRow));
  g_array_set_clear_func (self->rows, row_clear);
}

void
bench_report_clear (BenchReport *self)
{
  g_free (self->machine);
  g_array_unref (self->rows);
}

void
bench_report_heading (const char *title)
{
  g_print ("\n%-44s %9s %10s %9s %8s\n", title, "GFLOP", "median", "GFLOP/s", "x sgemm");
}

void
bench_report_add (BenchReport *self, const BenchRow *row)
{
  BenchRow kept = *row;

  kept.name = g_strdup (row->name);
  g_array_append_val (self->rows, kept);
  g_print ("%-44s", row->name);
  if (row->count > 0)
    g_print (" %3d x", row->count);
  if (row->gflop > 0.0)
    g_print (" %9.3f %8.2f ms %9.1f", row->gflop, row->seconds * 1e3, row->gflop / row->seconds);
  else
    g_print (" %9s %8.2f ms %9s", "", row->seconds * 1e3, "");
  if (row->x_sgemm > 0.0)
    g_print (" %8.2f", row->x_sgemm);
  if (row->first > 0.0)
    g_print ("   first %.2f s", row->first);
  if (row->peak > 0.0)
    g_print ("   peak %.2f GB", row->peak / 1e9);
  if (row->error >= 0.0)
    g_print ("   error %.0e", row->error);
  g_print ("\n");
  fflush (stdout);
}

static void
append_text (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (; *text != '\0'; text++)
    {
      if (*text == '"' || *text == '\\')
        g_string_append_c (json, '\\');
      if ((guchar)*text >= ' ')
        g_string_append_c (json, *text);
    }
  g_string_append_c (json, '"');
}

static void
append_number (GString *json, const char *key, double value, gboolean known)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (json, ", \"%s\": %s", key,
                          known ? g_ascii_formatd (number, sizeof number, "%.6g", value) : "null");
}

gboolean
bench_report_write (const BenchReport *self, const char *path, GError **error)
{
  g_autoptr (GString) json = g_string_new ("{\"machine\": ");

  if (path == NULL)
    return TRUE;
  append_text (json, self->machine);
  g_string_append (json, ",\n \"rows\": [");
  for (guint i = 0; i < self->rows->len; i++)
    {
      const BenchRow *row = &g_array_index (self->rows, BenchRow, i);

      g_string_append (json, i > 0 ? ",\n  {\"name\": " : "\n  {\"name\": ");
      append_text (json, row->name);
      append_number (json, "count", row->count, row->count > 0);
      append_number (json, "gflop", row->gflop, row->gflop > 0.0);
      append_number (json, "median_seconds", row->seconds, TRUE);
      append_number (json, "x_sgemm", row->x_sgemm, row->x_sgemm > 0.0);
      append_number (json, "first_seconds", row->first, row->first > 0.0);
      append_number (json, "peak_bytes", row->peak, row->peak > 0.0);
      append_number (json, "error", row->error, row->error >= 0.0);
      g_string_append_c (json, '}');
    }
  g_string_append (json, "]}\n");
  return g_file_set_contents (path, json->str, (gssize)json->len, error);
}
