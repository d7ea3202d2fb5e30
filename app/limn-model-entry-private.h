/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-library.h"

G_BEGIN_DECLS

/* Opens the model at @path; what is wrong with it becomes the entry's error. */
LimnModelEntry *_limn_model_entry_new (const char *path, gboolean builtin);
/* The model at @path with @n_loras LoRA files (nullable) in use; what it lacks is looked for with other models. */
LimnModel *_limn_model_entry_open (const char *path, const LimnLoraUse *loras, gsize n_loras, GError **error);
const char *_limn_model_entry_get_path (LimnModelEntry *self);
/* Whether the files are still those that were opened, by their sizes and times. */
gboolean _limn_model_entry_is_current (LimnModelEntry *self);
/* Looks through the weights for damage, once; engine thread. */
gboolean _limn_model_entry_check (LimnModelEntry *self, GCancellable *cancellable, GError **error);
/* Hex SHA-256 of the weights file, worked out once (transfer full); any thread. */
char *_limn_model_entry_dup_hash (LimnModelEntry *self, GCancellable *cancellable, GError **error);

G_END_DECLS
