/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What each target defines, under the name that libFuzzer calls. Returns 0. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* What a target's mutator may define and call, under libFuzzer's names; only linked with it. */
gsize LLVMFuzzerCustomMutator (guint8 *data, gsize size, gsize max_size, unsigned int seed);
gsize LLVMFuzzerMutate (guint8 *data, gsize size, gsize max_size);

/* Either success or an error whose message is a text. */
void fuzz_outcome (gboolean success, const GError *error);
/* Puts @data into a file without a name and returns a path to it (transfer full). Close @fd when
 * done. */
char *fuzz_file (const guint8 *data, gsize size, int *fd);
/* Opens @data as a model file, touches every byte that the store promises, and finds out what model
 * it is. */
void fuzz_weights (const guint8 *data, gsize size);
/* Opens a file or folder as a model and looks at all that `limn models` shows of it. */
void fuzz_model (const char *path);

/* Stands between the files that one input is made of: ASCII's record separator. */
#define FUZZ_SEPARATOR 0x1e

/* Cuts the next file off *@data; FALSE when there is none left. */
gboolean fuzz_next_part (const guint8 **data, gsize *size, const guint8 **part, gsize *part_size);
/* A folder in memory of this process alone, with these folders in it (NULL-terminated; nullable).
 * Made at the first call, removed when the process ends. */
const char *fuzz_folder (const char *const *folders);
/* Writes a file into it; @data NULL removes it. */
void fuzz_put (const char *name, const guint8 *data, gsize size);
/* DIR/NAME of the fixtures of the golden tests (transfer full). */
char *fuzz_fixture (const char *name);

G_END_DECLS
