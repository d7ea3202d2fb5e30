/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

#include "engine/task/image.h"
#include "engine/task/remove.h"
#include "engine/task/upscale.h"

G_BEGIN_DECLS

/* Everything that is needed to find a result, show it and make it again. Strings are UTF-8, hashes hex SHA-256 of the stored PNG. */
#define LIMN_TYPE_GENERATION (limn_generation_get_type ())
/**
 * LimnGeneration: one row of the history. Properties (construct or writable until added, then constant): "id" int64 (0 before it is added),
 * "kind" string ("inpaint", "remove", "upscale", "generate" from a prompt or nothing, and "generate-class", "-boxes", "-labels", "-embedding"), "created" int64 (Unix microseconds, UTC), "prompt", "negative", "sampler", "model", "model-hash",
 * "engine-version", "source-name" string, "seed" uint64, "steps" int, "guidance", "strength", "grow", "feather", "paste-fade",
 * "context", "seconds" double, "factor", "width", "height" (of the whole result) int,
 * "step-cache" int: of how many steps one ran the whole network, 0 or 1: every one; "input-hash", "mask-hash", "output-hash" string, "result-x", "result-y" int; "eta" and "guidance-rescale" double, -1: the sampler's
 * and the model's own; "condition-hash" string: the file of boxes or of an embedding that it was told (a map of labels is its input);
 * "crop-x", "crop-y", "crop-width", "crop-height" int: what the model was to see, when somebody chose it (a width of 0: nobody did);
 * "two-pass" int: whether a crop larger than the model was to be refined at its own size; "raw-hash", "matched-hash" string, "raw-x",
 * "raw-y" int, "paste-grow", "paste-feather", "paste-reach" double: the crop before it was pasted (limn_history_load_crop());
 * "expanded" int: whether what was filled had been added around the picture (0 for rows that were written before this was kept);
 * "loras" string: a line "FILE:WEIGHT" for each LoRA file that changed the model, "lora-hashes": their hex SHA-256, in the same order.
 *
 * The output of an inpaint or a removal is its patch alone, RGBA, to be laid on the input at ("result-x", "result-y"); of an upscale it is the
 * picture. limn_history_load_result() gives the whole picture of both.
 */
G_DECLARE_FINAL_TYPE (LimnGeneration, limn_generation, LIMN, GENERATION, GObject)

LimnGeneration *limn_generation_new (const char *kind);
gint64 limn_generation_get_id (LimnGeneration *self);
const char *limn_generation_get_kind (LimnGeneration *self);
/* The parameters that made it, for "Use again"; strings are borrowed from @self. */
void limn_generation_get_inpaint_params (LimnGeneration *self, LimnInpaintParams *params);
void limn_generation_set_inpaint_params (LimnGeneration *self, const LimnInpaintParams *params);
void limn_generation_get_upscale_params (LimnGeneration *self, LimnUpscaleParams *params);
void limn_generation_set_upscale_params (LimnGeneration *self, const LimnUpscaleParams *params);
void limn_generation_get_remove_params (LimnGeneration *self, LimnRemoveParams *params);
void limn_generation_set_remove_params (LimnGeneration *self, const LimnRemoveParams *params);
/* Whether a seed had a part in it: not in one pass, nor where a removal was left at seed 0, as the command line does when none is given. */
gboolean limn_generation_has_seed (LimnGeneration *self);
/* PNG metadata (transfer full): "parameters", the text that many programs read; "limn", every property as JSON; "Software". */
GHashTable *limn_generation_to_text (LimnGeneration *self);

#define LIMN_TYPE_HISTORY (limn_history_get_type ())
/**
 * LimnHistory: SQLite (WAL) plus content-addressed PNG files. A GListModel of LimnGeneration, newest first, as of the last
 * search; rows appear as they are added (signals in the main context). Files first (temporary, fsync, rename), row second: a kill at any
 * instant leaves a history that opens and is complete up to the last finished job. Safe to add to from the engine thread.
 *
 * Properties: "error" string or NULL (why nothing can be stored: read-only folder, newer version; or that a damaged history was
 * set aside; to be shown as a banner), "can-store" boolean.
 */
G_DECLARE_FINAL_TYPE (LimnHistory, limn_history, LIMN, HISTORY, GObject)

/* @folder: where history.sqlite and files/ live, NULL for XDG_DATA_HOME/limn. Never fails as a whole: a history that cannot be written
 * (read-only folder) is shown as it is, one of a newer version is not touched and appears empty, one that is damaged is set aside (moved
 * into a folder beside it, nothing deleted) and a new one begun. What happened is in the property "error". NULL and
 * @error only when SQLite cannot work at all. */
LimnHistory *limn_history_open (const char *folder, GError **error);
/* Stores images (nullable ones may be NULL) and the row; blocking, any thread. Gives @generation its "id" and hashes. Where a hash is set
 * already, from limn_history_store_image(), its image is not stored again and may be NULL. Nothing is left of a row that could not be completed. */
gboolean limn_history_add (LimnHistory *self, LimnGeneration *generation, const LimnImage *input, const LimnImage *mask,
                           const LimnImage *output, GError **error);
/* Stores one image ahead of the row that will need it; blocking, any thread. Its hash (transfer full); an image that is there already costs
 * a look. */
char *limn_history_store_image (LimnHistory *self, const LimnImage *image, GCancellable *cancellable, GError **error);
/* Stores the content of a file that the model is told, by its kind ("json", "safetensors"); blocking, any thread. Its hash (transfer full). */
char *limn_history_store_file (LimnHistory *self, GBytes *content, const char *extension, GError **error);
/* Where the file @hash of the history lies (transfer full), for programs that read it; NULL when it is not there. */
char *limn_history_find_file (LimnHistory *self, const char *hash);
/* Stores what @crop is beside the mask ahead of the row that will need it, and tells @generation; blocking, any thread. */
gboolean limn_history_store_crop (LimnHistory *self, LimnGeneration *generation, LimnCrop *crop, GError **error);
/* The crop (transfer full) that @generation's patch was cut out of, so that it can be pasted in another way: G_IO_ERROR_NOT_FOUND when
 * none is kept, as of older versions; blocking, any thread. */
LimnCrop *limn_history_load_crop (LimnHistory *self, LimnGeneration *generation, GError **error);
/* Full-text search over prompt, negative, model, LoRA files and source name; NULL or "" for everything. */
void limn_history_search (LimnHistory *self, const char *text);
LimnGeneration *limn_history_lookup (LimnHistory *self, gint64 id, GError **error);
/* Where the list, as of the last search, has @id. */
gboolean limn_history_find (LimnHistory *self, gint64 id, guint *position);
/* Takes the row out of the list. It and its files, where no other row needs them, go at a start a day later or after that: until then
 * it can be brought back to its place. */
gboolean limn_history_remove (LimnHistory *self, gint64 id, GError **error);
gboolean limn_history_restore (LimnHistory *self, gint64 id, GError **error);
/* Brings back what was removed last, also before the program was closed: its id; 0 and @error (G_IO_ERROR_NOT_FOUND: nothing was). */
gint64 limn_history_restore_last (LimnHistory *self, GError **error);
/* Whether there is something to bring back. */
gboolean limn_history_can_restore (LimnHistory *self);
/* Blocking, any thread: @hash as in the row; a missing or damaged file gives an error that says so. */
LimnImage *limn_history_load_image (LimnHistory *self, const char *hash, GError **error);
/* The mask of @generation, 1 channel; blocking, any thread. */
LimnImage *limn_history_load_mask (LimnHistory *self, LimnGeneration *generation, GError **error);
/* The whole picture that @generation made: its output, laid on its input where it is a patch; blocking, any thread. */
LimnImage *limn_history_load_result (LimnHistory *self, LimnGeneration *generation, GError **error);
/* At most 256 px on the longer side; of a patch the part that it changed with what is around it; made when added; blocking, any thread. */
LimnImage *limn_history_load_thumbnail (LimnHistory *self, gint64 id, GError **error);

G_END_DECLS
