/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/weights/weights.h"

G_BEGIN_DECLS

/* A folder of its own for each test, deleted with everything in it. */
char *test_folder_new (void);
void test_folder_free (char *folder);

/* Writes FOLDER/NAME and returns its path (transfer full). */
char *test_write (const char *folder, const char *name, const void *data, gsize size);
/* Contents of a file below tests/ (transfer full). */
char *test_read_fixture (const char *name, gsize *size);
/* Path of a file below tests/ (transfer full). */
char *test_fixture (const char *name);

/* Collects tensors and writes them as safetensors. */
typedef struct
{
  GString *header;
  GByteArray *data;
} TestSafetensors;

void test_safetensors_init (TestSafetensors *self);
/* @shape: "2, 3"; @dtype: "F32", ... */
void test_safetensors_add (TestSafetensors *self,
                           const char *name,
                           const char *dtype,
                           const char *shape,
                           const void *data,
                           gsize size);
/* Writes FOLDER/NAME, clears @self and returns the path (transfer full). */
char *test_safetensors_write (TestSafetensors *self, const char *folder, const char *name);

G_END_DECLS
