/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Figures as a table for people, line by line as they come, and all of them as JSON. */

typedef struct
{
  char *name;
  int count;      /* how often the network has it; 0: not said */
  double gflop;   /* of the direct computation; 0: not counted */
  double seconds; /* median */
  double x_sgemm; /* rate over sgemm's; 0: not known */
  double first;   /* seconds of the first run; 0: not measured */
  double peak;    /* bytes of the process; 0: not measured */
  double error;   /* negative: not measured */
} BenchRow;

typedef struct
{
  char *machine;
  GArray *rows; /* of BenchRow */
} BenchReport;

void bench_report_init (BenchReport *self, const char *machine);
void bench_report_clear (BenchReport *self);
/* Prints the line and keeps the row, whose name it copies. */
void bench_report_add (BenchReport *self, const BenchRow *row);
/* Nothing when @path is NULL. */
gboolean bench_report_write (const BenchReport *self, const char *path, GError **error);
/* The line above the rows. */
void bench_report_heading (const char *title);

G_END_DECLS
