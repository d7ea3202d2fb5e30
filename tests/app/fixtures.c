/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define _GNU_SOURCE   /* unshare() */
#include "tests/app/fixtures.h"

#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

const int fixture_sides[] = { 1, 2, 3, 7, 8, 15, 17, 33, 255, 256, 257, 600 };
const guint n_fixture_sides = G_N_ELEMENTS (fixture_sides);

LimnImage *
fixture_noise (int width, int height, int channels, guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  LimnImage *image = limn_image_new (width, height, channels, NULL);

  g_assert_nonnull (image);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width * channels; x++)
      limn_image_row (image, y)[x] = g_rand_int (rand) >> 24;
  return image;
}

LimnImage *
fixture_gradient (int width, int height, int channels)
{
  LimnImage *image = limn_image_new (width, height, channels, NULL);

  g_assert_nonnull (image);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        guint8 *pixel = limn_image_row (image, y) + (gsize) x * channels;
        const guint8 colour[4] = { x * 255 / MAX (1, width - 1), y * 255 / MAX (1, height - 1), 90, 255 };

        memcpy (pixel, colour, channels);
      }
  return image;
}

int
fixture_image_distance (const LimnImage *a, const LimnImage *b)
{
  int distance = 0;

  if (a->width != b->width || a->height != b->height || a->channels != b->channels)
    return G_MAXINT;
  for (int y = 0; y < a->height; y++)
    for (int x = 0; x < a->width * a->channels; x++)
      distance = MAX (distance, ABS (limn_image_row (a, y)[x] - limn_image_row (b, y)[x]));
  return distance;
}

gboolean
fixture_images_equal (const LimnImage *a, const LimnImage *b)
{
  return fixture_image_distance (a, b) == 0;
}

char *
fixture_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("limn-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static gboolean
give_up_cb (gpointer user_data)
{
  g_error ("nothing came for a long time");
  return G_SOURCE_REMOVE;
}

void
fixture_wait (const gboolean *done)
{
  guint timeout = g_timeout_add_seconds (280, give_up_cb, NULL);

  while (!*done)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}

char *
fixture_program (void)
{
  return g_file_read_link ("/proc/self/exe", NULL);
}

gboolean
fixture_mount_small (const char *folder, const char *size)
{
  g_autofree char *options = g_strdup_printf ("size=%s", size);

  return unshare (CLONE_NEWNS) == 0 && mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
         && mount ("tmpfs", folder, "tmpfs", 0, options) == 0;
}

gboolean
fixture_can_mount (void)
{
  g_autofree char *folder = fixture_folder ();
  pid_t child = fork ();
  int status = 1;

  if (child == 0)
    _exit (fixture_mount_small (folder, "64k") ? 0 : 1);
  return child > 0 && waitpid (child, &status, 0) == child && status == 0;
}
