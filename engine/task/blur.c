/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/blur-private.h"

#define PASSES 3
#define LINES_PER_TILE 8

typedef struct
{
  float *data;
  gint64 n_lines, length;
  gint64 line_stride, stride; /* floats from line to line, and from pixel to pixel on a line */
  int channels, radius;
} Blur;

/* One box mean of one channel of a line, by a running sum. @copy: [length] */
static void
box (const Blur *blur, float *line, float *copy)
{
  gint64 r = blur->radius;
  double sum = 0, share = 1.0 / (double)(2 * r + 1);

  for (gint64 i = 0; i < blur->length; i++)
    copy[i] = line[i * blur->stride];
  for (gint64 i = 0; i < MIN (r, blur->length); i++)
    sum += copy[i];
  for (gint64 i = 0; i < blur->length; i++)
    {
      if (i + r < blur->length)
        sum += copy[i + r];
      if (i - r - 1 >= 0)
        sum -= copy[i - r - 1];
      line[i * blur->stride] = (float)(sum * share);
    }
}

static void
blur_tile (void *data, gint64 index, void *scratch)
{
  const Blur *blur = data;

  for (gint64 i = index * LINES_PER_TILE; i < MIN ((index + 1) * LINES_PER_TILE, blur->n_lines);
       i++)
    for (int c = 0; c < blur->channels; c++)
      for (int pass = 0; pass < PASSES; pass++)
        box (blur, blur->data + i * blur->line_stride + c, scratch);
}

static void
blur_lines (LimnRun *run, Blur *blur)
{
  limn_run_parallel (run, (blur->n_lines + LINES_PER_TILE - 1) / LINES_PER_TILE,
                     (gsize)blur->length * sizeof (float), blur_tile, blur);
}

void
limn_blur_in_place (LimnRun *run, LimnTensor *x, int radius)
{
  int channels = (int)x->extent[3];
  gint64 height = x->extent[1], width = x->extent[2];
  Blur rows = { .data = limn_tensor_f32 (x),
                .n_lines = height,
                .length = width,
                .line_stride = width * channels,
                .stride = channels,
                .channels = channels,
                .radius = radius },
       columns = rows;

  if (!limn_run_ok (run) || radius <= 0)
    return;
  columns.n_lines = width;
  columns.length = height;
  columns.line_stride = channels;
  columns.stride = width * channels;
  blur_lines (run, &rows);
  blur_lines (run, &columns);
}
