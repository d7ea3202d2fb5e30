/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <adwaita.h>
#include <glib/gstdio.h>

#include "app/limn-image-file.h"
#include "tests/bench/bench.h"
#include "tests/bench/report.h"
#include "ui/limn-canvas-private.h"

/*
 * What the workspace costs the main thread, on a display: strokes, zooming and undo on pictures of
 * 24 and 100 megapixels, and how long a photo takes to be seen. It is the window's own canvas on a
 * document, and points come in where a pen's do. A frame is the main thread's processor time from
 * its points until it is painted, so other processes and waiting for the next frame do not count;
 * opening is by the clock.
 */

#define WINDOW_WIDTH 1600
#define WINDOW_HEIGHT 1000
#define STROKE_FRAMES 120
/* Of a mouse that reports 500 times a second, at 1200 pixels a second. */
#define POINTS_PER_FRAME 8
#define STEP 20.0
/* Diameter of the brush on the screen. */
#define BRUSH 60.0
/* Diameter of a brush that is large, picture pixels. */
#define LARGE_BRUSH 2000.0
#define ZOOM_FRAMES 60

typedef struct
{
  Bench bench;
  BenchReport report;
  gboolean tiny;
  char *only; /* nullable: what is measured has this in its name */
  GtkWidget *window;
  LimnCanvas *canvas;
  gboolean painted; /* since it was last set to FALSE */
  LimnDocument *opened;
} Workspace;

/* Seconds that this thread has worked. */
static double
thread_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Seconds that all threads have worked. */
static double
process_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double
clock_now (void)
{
  return 1e-6 * (double)g_get_monotonic_time ();
}

static gboolean
is_wanted (const Workspace *self, const char *name)
{
  return self->only == NULL || strstr (name, self->only) != NULL;
}

static void
painted_cb (GdkFrameClock *clock, gpointer user_data)
{
  ((Workspace *)user_data)->painted = TRUE;
}

/* Until the next frame has been painted. */
static void
wait_for_frame (Workspace *self)
{
  self->painted = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self->canvas));
  while (!self->painted)
    g_main_context_iteration (NULL, TRUE);
}

/* Until the canvas has nothing left to make. Returns the number of frames. */
static int
wait_for_all (Workspace *self)
{
  int frames = 0;

  do
    {
      wait_for_frame (self);
      frames++;
    }
  while (self->canvas->tick_id != 0);
  return frames;
}

static int
compare_seconds (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static void
add_row (Workspace *self, const char *name, double seconds)
{
  bench_report_add (&self->report,
                    &(BenchRow){ .name = (char *)name, .seconds = seconds, .error = -1.0 });
}

/* The median of @frames, and what 19 of 20 are within. */
static void
add_frames (Workspace *self, const char *name, GArray *frames)
{
  g_autofree char *most = g_strconcat (name, ", 19 of 20", NULL);

  g_array_sort (frames, compare_seconds);
  add_row (self, name, g_array_index (frames, double, frames->len / 2));
  add_row (self, most, g_array_index (frames, double, frames->len * 19 / 20));
}

/* Smooth parts, edges and noise, as in photos. */
static LimnImage *
make_photo (int width, int height)
{
  g_autoptr (GError) error = NULL;
  LimnImage *image = limn_image_new (width, height, 3, &error);
  g_autofree float *wave = g_new (float, width);
  guint32 noise = 1;

  if (image == NULL)
    bench_die (error);
  for (int x = 0; x < width; x++)
    wave[x] = 50.0f * sinf ((float)x * 0.004f);
  for (int y = 0; y < height; y++)
    {
      guint8 *row = limn_image_row (image, y);
      float height_wave = 60.0f * cosf ((float)y * 0.003f);

      for (int x = 0; x < width; x++, row += 3)
        {
          float value = 120.0f + height_wave + wave[x] + (((x >> 9) ^ (y >> 8)) & 1 ? 20.0f : 0.0f);

          noise = noise * 1664525u + 1013904223u;
          for (int c = 0; c < 3; c++)
            row[c] = (guint8)(CLAMP (value, 0.0f, 247.0f) + (float)(noise >> (8 * c + 5) & 7));
        }
    }
  return image;
}

static void
show_document (Workspace *self, LimnDocument *document)
{
  limn_canvas_set_document (self->canvas, document);
  wait_for_all (self);
}

/* Where strokes go: what is seen of the picture but for @margin, widget coordinates. */
static void
get_seen (Workspace *self, double margin, double *x0, double *y0, double *x1, double *y1)
{
  LimnDocument *document = limn_canvas_get_document (self->canvas);

  limn_canvas_get_position (self->canvas, 0, 0, x0, y0);
  limn_canvas_get_position (self->canvas, limn_document_get_width (document),
                            limn_document_get_height (document), x1, y1);
  *x0 = MAX (*x0, 0) + margin;
  *y0 = MAX (*y0, 0) + margin;
  *x1 = MIN (*x1, gtk_widget_get_width (GTK_WIDGET (self->canvas))) - margin;
  *y1 = MIN (*y1, gtk_widget_get_height (GTK_WIDGET (self->canvas))) - margin;
}

/* From @began until what has changed since is seen. */
static void
add_frame (Workspace *self, const char *stroke, const char *what, double began)
{
  g_autofree char *name = g_strdup_printf ("%s, %s", stroke, what);

  wait_for_frame (self);
  add_row (self, name, thread_now () - began);
}

/* One stroke over what is seen, to and fro, with @tool at the present zoom; @size of the brush on
 * the screen. */
static void
bench_stroke (Workspace *self, const char *tool, double size, const char *name)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (double));
  g_autofree char *frame = g_strconcat (name, ", a frame", NULL);
  double zoom = limn_canvas_get_zoom (self->canvas);
  double x0, y0, x1, y1, x, y, direction = 1, began;
  int n = self->tiny ? 3 : STROKE_FRAMES;

  limn_canvas_set_tool (self->canvas, tool);
  g_object_set (self->canvas, "brush-size", size / zoom, "brush-hardness", 0.7, NULL);
  wait_for_all (self);
  get_seen (self, size, &x0, &y0, &x1, &y1);
  x = x0;
  y = y0;
  began = thread_now ();
  _limn_canvas_pen_down (self->canvas, x, y, 1, FALSE);
  add_frame (self, name, "press", began);
  wait_for_all (self);
  for (int i = 0; i < n; i++)
    {
      double seconds;

      began = thread_now ();
      for (int point = 0; point < POINTS_PER_FRAME; point++)
        {
          x += direction * STEP / POINTS_PER_FRAME;
          _limn_canvas_pen_move (self->canvas, x, y + BRUSH / 2 * sin (x * 0.02),
                                 0.6 + 0.4 * sin (x * 0.01));
        }
      wait_for_frame (self);
      seconds = thread_now () - began;
      g_array_append_val (frames, seconds);
      if (x < x0 || x > x1)
        {
          direction = -direction;
          y = y + BRUSH < y1 ? y + BRUSH : y0;
        }
    }
  add_frames (self, frame, frames);
  began = thread_now ();
  _limn_canvas_pen_up (self->canvas);
  add_frame (self, name, "release", began);
  wait_for_all (self);
}

/* Undoes what was done, and redoes it; each is seen. */
static void
bench_undo (Workspace *self, LimnDocument *document, const char *stroke)
{
  double began = thread_now ();

  limn_document_undo (document);
  add_frame (self, stroke, "undo", began);
  wait_for_all (self);
}

/* To and fro by a pixel, so that all is drawn again and nothing made: what GTK itself takes. */
static void
bench_pan (Workspace *self, const char *picture)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (double));
  g_autofree char *name = g_strconcat (picture, ", 100 %, panning by a pixel, a frame", NULL);
  int n = self->tiny ? 3 : ZOOM_FRAMES;

  if (!is_wanted (self, name))
    return;
  limn_canvas_zoom_to (self->canvas, 1);
  wait_for_all (self);
  for (int i = 0; i < n; i++)
    {
      double began = thread_now (), seconds;

      limn_canvas_pan (self->canvas, i % 2 == 0 ? 1 : -1, 0);
      wait_for_frame (self);
      seconds = thread_now () - began;
      g_array_append_val (frames, seconds);
    }
  add_frames (self, name, frames);
}

/* A pinch from the whole picture to 800 %, a frame for each step. */
static void
bench_zoom (Workspace *self, const char *picture)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (double));
  g_autofree char *name = g_strconcat (picture, ", zooming, a frame", NULL),
                  *jump = g_strconcat (picture, ", to 100 %, all sharp (clock)", NULL);
  int n = self->tiny ? 3 : ZOOM_FRAMES;
  double fit, began;

  if (!is_wanted (self, name) && !is_wanted (self, jump))
    return;
  limn_canvas_zoom_fit (self->canvas);
  wait_for_all (self);
  fit = limn_canvas_get_zoom (self->canvas);
  for (int i = 1; i <= n; i++)
    {
      double seconds;

      began = thread_now ();
      limn_canvas_zoom_to (self->canvas, fit * pow (8 / fit, (double)i / n));
      wait_for_frame (self);
      seconds = thread_now () - began;
      g_array_append_val (frames, seconds);
    }
  add_frames (self, name, frames);
  limn_canvas_zoom_fit (self->canvas);
  wait_for_all (self);
  began = clock_now ();
  limn_canvas_zoom_to (self->canvas, 1);
  wait_for_all (self);
  add_row (self, jump, clock_now () - began);
}

static void
bench_picture (Workspace *self, const char *picture, int width, int height)
{
  static const struct
  {
    const char *name;
    double zoom;
  } zooms[] = { { "10 %", 0.1 }, { "100 %", 1 }, { "800 %", 8 } };
  static const struct
  {
    const char *name, *tool;
  } tools[] = { { "mask", "brush" }, { "paint", "paint" } };
  g_autoptr (LimnImage) photo = make_photo (width, height);
  g_autoptr (LimnDocument) document
      = limn_document_new (limn_tiles_new_from_image (photo), NULL, NULL);

  show_document (self, document);
  for (guint t = 0; t < G_N_ELEMENTS (tools); t++)
    for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
      {
        g_autofree char *stroke
            = g_strdup_printf ("%s, %s, %s stroke", picture, zooms[i].name, tools[t].name);

        if (!is_wanted (self, stroke))
          continue;
        limn_canvas_zoom_to (self->canvas, zooms[i].zoom);
        wait_for_all (self);
        bench_stroke (self, tools[t].tool, BRUSH, stroke);
        if (!limn_document_get_can_undo (document))
          bench_die (g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "%s changed nothing", stroke));
        bench_undo (self, document, stroke);
      }
  for (guint t = 0; t < G_N_ELEMENTS (tools); t++)
    {
      g_autofree char *stroke
          = g_strdup_printf ("%s, 10 %%, %s stroke of 2000 pixels", picture, tools[t].name);

      if (!is_wanted (self, stroke))
        continue;
      limn_canvas_zoom_to (self->canvas, 0.1);
      wait_for_all (self);
      bench_stroke (self, tools[t].tool, LARGE_BRUSH * limn_canvas_get_zoom (self->canvas), stroke);
      bench_undo (self, document, stroke);
    }
  bench_zoom (self, picture);
  bench_pan (self, picture);
  limn_canvas_set_document (self->canvas, NULL);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  ((Workspace *)user_data)->opened = limn_document_open_finish (result, &error);
  if (error != NULL)
    bench_die (error);
}

/* A JPEG of a camera: until something of it is seen, and until all is. */
static void
bench_open (Workspace *self, int width, int height)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "limn-bench-XXXXXX.jpg", NULL);
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;
  int n = self->bench.n_runs;
  g_autofree double *first = g_new (double, n);
  g_autofree double *all = g_new (double, n);
  g_autofree double *worked = g_new (double, n);
  int descriptor;

  if (!is_wanted (self, "open a JPEG"))
    return;
  descriptor = g_mkstemp (path);
  if (descriptor < 0)
    bench_die (g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "“%s” cannot be made", path));
  close (descriptor);
  file = g_file_new_for_path (path);
  {
    g_autoptr (LimnImage) photo = make_photo (width, height);

    if (!limn_image_file_write (photo, file, 92, NULL, NULL, NULL, &error))
      bench_die (error);
  }
  limn_canvas_zoom_fit (self->canvas);
  for (int run = 0; run < n; run++)
    {
      double began = clock_now (), began_work = process_now ();
      guint rendered;

      limn_document_open_async (file, NULL, opened_cb, self);
      while (self->opened == NULL)
        g_main_context_iteration (NULL, TRUE);
      rendered = limn_canvas_cache_get_n_rendered (self->canvas->cache);
      limn_canvas_set_document (self->canvas, self->opened);
      do
        wait_for_frame (self);
      while (limn_canvas_cache_get_n_rendered (self->canvas->cache) == rendered);
      first[run] = clock_now () - began;
      while (self->canvas->tick_id != 0)
        wait_for_frame (self);
      all[run] = clock_now () - began;
      worked[run] = process_now () - began_work;
      limn_canvas_set_document (self->canvas, NULL);
      g_clear_object (&self->opened);
    }
  g_remove (path);
  add_row (self, "open a JPEG, first pixels (clock)", bench_median (first, n));
  add_row (self, "open a JPEG, all of it (clock)", bench_median (all, n));
  add_row (self, "open a JPEG, processor time of that", bench_median (worked, n));
}

static void
make_window (Workspace *self)
{
  GdkFrameClock *clock;

  self->window = gtk_window_new ();
  self->canvas = g_object_new (LIMN_TYPE_CANVAS, NULL);
  gtk_window_set_default_size (GTK_WINDOW (self->window), WINDOW_WIDTH, WINDOW_HEIGHT);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->canvas));
  gtk_window_present (GTK_WINDOW (self->window));
  while (gtk_widget_get_width (GTK_WIDGET (self->canvas)) == 0)
    g_main_context_iteration (NULL, TRUE);
  clock = gtk_widget_get_frame_clock (self->window);
  g_signal_connect (clock, "after-paint", G_CALLBACK (painted_cb), self);
}

int
main (int argc, char **argv)
{
  static Workspace self;
  const GOptionEntry entries[]
      = { { "tiny", 0, 0, G_OPTION_ARG_NONE, &self.tiny, "Small pictures, for tests", NULL },
          { "only", 0, 0, G_OPTION_ARG_STRING, &self.only, "Only what has TEXT in its name",
            "TEXT" },
          { NULL } };
  g_autoptr (GError) error = NULL;
  g_autofree char *processor = bench_processor ();

  bench_parse (&self.bench, &argc, &argv, "- the workspace on the main thread", 3, entries);
  if (!gtk_init_check ())
    bench_die (g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "There is no display to draw on"));
  adw_init ();
  bench_report_init (&self.report, processor);
  g_print ("%s\nA window of %d x %d, drawn by %s\n", processor, WINDOW_WIDTH, WINDOW_HEIGHT,
           g_getenv ("GSK_RENDERER") != NULL ? g_getenv ("GSK_RENDERER") : "GTK's own choice");
  make_window (&self);
  bench_report_heading ("the main thread's time");
  bench_open (&self, self.tiny ? 300 : 6000, self.tiny ? 200 : 4000);
  bench_picture (&self, "24 MP", self.tiny ? 600 : 6000, self.tiny ? 400 : 4000);
  bench_picture (&self, "100 MP", self.tiny ? 1000 : 12250, self.tiny ? 700 : 8165);
  gtk_window_destroy (GTK_WINDOW (self.window));
  if (!bench_report_write (&self.report, self.bench.json, &error))
    bench_die (error);
  bench_report_clear (&self.report);
  g_free (self.bench.json);
  g_free (self.only);
  return 0;
}
