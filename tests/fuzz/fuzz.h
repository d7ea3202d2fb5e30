/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What each target defines, under the name that libFuzzer calls. Returns 0. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Puts @data into a file without a name and returns a path to it (transfer full). Close @fd when
 * done. */
char *fuzz_file (const guint8 *data, gsize size, int *fd);
/* Opens @data as a model file and touches every byte that the store promises. */
void fuzz_weights (const guint8 *data, gsize size);

G_END_DECLS
