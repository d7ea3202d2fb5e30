/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-library.h"

G_BEGIN_DECLS

/**
 * LimnModelFile:
 *
 * A file or folder from anywhere that was looked at: a model that could be added to the library, or a LoRA file. Nothing of
 * it changes once it is made.
 */
typedef struct _LimnModelFile LimnModelFile;

/* Whether @file is better looked at as a model than as a picture: a folder, or a file whose name says weights. Opens
 * nothing. */
gboolean limn_model_file_is_likely (GFile *file);

/* Looks at @path; blocking, any thread: names and shapes are read, no weights. NULL and the reader's error, which names the
 * file, when it is neither model nor LoRA. */
LimnModelFile *limn_model_file_examine (const char *path, GError **error);
/* The same in a worker; @file must be on this computer. */
void limn_model_file_examine_async (GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
LimnModelFile *limn_model_file_examine_finish (GAsyncResult *result, GError **error);
void limn_model_file_free (LimnModelFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnModelFile, limn_model_file_free)

const char *limn_model_file_get_path (const LimnModelFile *self);
/* The name that the file or folder has for people. */
const char *limn_model_file_get_name (const LimnModelFile *self);
/* The model, described (borrowed); NULL for a LoRA. */
LimnModelEntry *limn_model_file_get_entry (const LimnModelFile *self);
/* Of a LoRA: parts of a model that it changes; 0 for a model. */
int limn_model_file_get_n_modules (const LimnModelFile *self);
/* Bytes that a copy of it takes, with what belongs to it. */
guint64 limn_model_file_get_bytes (const LimnModelFile *self);
/* Whether it is in the person's folder of models already. */
gboolean limn_model_file_is_installed (const LimnModelFile *self);

/* How a model gets into the person's folder. */
typedef enum
{
  LIMN_ADD_COPY, /* its own copy */
  LIMN_ADD_LINK, /* a symbolic link: it is used where it is, and is missing once it is moved */
} LimnAddHow;

/* In a worker: @done of @total bytes are copied. */
typedef void (*LimnAddProgress) (guint64 done, guint64 total, gpointer user_data);

/**
 * limn_model_file_add:
 *
 * Puts the model into the person's folder under its own name, or one with a number where that is taken; of a single file
 * what belongs to it comes along (config, tokenizer), in a folder. Whoever looks, at any time and after a crash, finds all of
 * it or nothing: it is made in a hidden folder, synced, and renamed. Blocking, any thread; nothing is left behind
 * when it fails or is cancelled, also of earlier attempts that were killed.
 *
 * Returns: where it is now (transfer full); NULL and a sentence, G_IO_ERROR_NO_SPACE when there is no room
 */
char *limn_model_file_add (const LimnModelFile *self, LimnAddHow how, LimnAddProgress progress, gpointer user_data,
                           GCancellable *cancellable, GError **error);

G_END_DECLS
