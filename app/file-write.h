/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Puts @n bytes at @path so that whoever looks, at any time and after a crash, finds the old file or the new one, whole: temporary file
 * beside it, fsync, rename, fsync of the folder. Links are followed, the permissions of a file that is replaced are kept.
 * What is no file (a device, a pipe, /dev/stdout) is written to and stays what it is. */
gboolean limn_file_write (const char *path, const void *data, gsize n, GError **error);
/* The same for a GFile; where there is no local path, by GIO's replace. */
gboolean limn_gfile_write (GFile *file, GBytes *bytes, GCancellable *cancellable, GError **error);
/* FALSE when it can be told before writing that limn_gfile_write() would fail: no such folder, or one that takes no files. A file is made
 * there for that, and is gone again. */
gboolean limn_gfile_can_write (GFile *file, GError **error);

G_END_DECLS
