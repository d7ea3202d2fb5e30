/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

#include "app/limn-image-file.h"
#include "app/limn-tiles.h"
#include "engine/task/inpaint.h"

G_BEGIN_DECLS

/* What a "changed" signal is about. */
typedef enum
{
  LIMN_LAYER_IMAGE = 1 << 0,
  LIMN_LAYER_MASK  = 1 << 1,
  LIMN_LAYER_LABELS = 1 << 3, /* the last two: see limn-document-drawn.h */
  LIMN_LAYER_BOXES = 1 << 4,
} LimnLayers;

#define LIMN_TYPE_DOCUMENT (limn_document_get_type ())
/**
 * LimnDocument: a picture being worked on: image, 8-bit mask, undo and redo. Lives on the main thread.
 *
 * Properties (all notify): "file" GFile or NULL, "title" string, "width", "height" int, "modified" boolean (image differs from the
 * saved one), "can-undo", "can-redo" boolean, "undo-label", "redo-label" string, "mask-empty", "paint-empty" boolean,
 * "mask-busy" boolean (a worker edits the mask; undo takes that back),
 * "result-pending" boolean (a result was applied that is neither kept nor discarded yet).
 * Signals: "changed" (LimnRect *rect, guint layers): pixels of rect changed; "resized": new size, everything changed.
 */
G_DECLARE_FINAL_TYPE (LimnDocument, limn_document, LIMN, DOCUMENT, GObject)

/* Takes over @tiles (3 or 4 channels). @file, @meta nullable; meta is taken over. */
LimnDocument *limn_document_new (LimnTiles *tiles, GFile *file, LimnImageMeta *meta);
/* Reads @file in a worker. */
void limn_document_open_async (GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
LimnDocument *limn_document_open_finish (GAsyncResult *result, GError **error);
/* Writes the image in a worker, by suffix; clears "modified" when that state was what got saved. A PNG gets the metadata
 * of the result that the picture ends with. */
void limn_document_save_async (LimnDocument *self, GFile *file, int jpeg_quality, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean limn_document_save_finish (LimnDocument *self, GAsyncResult *result, GError **error);

GFile *limn_document_get_file (LimnDocument *self);
const char *limn_document_get_title (LimnDocument *self);
/* For a picture that has no file: what it is called until it is saved. */
void limn_document_set_title (LimnDocument *self, const char *title);
int limn_document_get_width (LimnDocument *self);
int limn_document_get_height (LimnDocument *self);
/* Borrowed, for drawing on the main thread. The image is the photo with what was painted on it (limn-document-paint.h). */
LimnTiles *limn_document_get_image (LimnDocument *self);
LimnTiles *limn_document_get_mask (LimnDocument *self);
/* The image before the pending result (for comparing); the current image when nothing is pending. */
LimnTiles *limn_document_get_original (LimnDocument *self);
/* Bounding box of the mask; FALSE when it is empty. */
gboolean limn_document_get_mask_bounds (LimnDocument *self, LimnRect *bounds);
gboolean limn_document_get_modified (LimnDocument *self);
/* It was never in a file, so that it is "modified" until it is saved. */
void limn_document_set_unsaved (LimnDocument *self);
/* What it shows now is kept elsewhere: not "modified" until it changes. */
void limn_document_set_saved (LimnDocument *self);
gboolean limn_document_get_can_undo (LimnDocument *self);
gboolean limn_document_get_can_redo (LimnDocument *self);
gboolean limn_document_get_result_pending (LimnDocument *self);

/* Strokes on the mask: spacing does not depend on how fast the points come. One stroke is one undo step.
 * @radius in picture pixels, @hardness 0..1, @pressure 0..1 scales the radius. */
void limn_document_begin_stroke (LimnDocument *self, gboolean erase, double radius, double hardness);
/* Right after a stroke on the mask has begun: it stops at the edges of what is in the picture. Of each place that it goes through counts
 * what hangs together with it and is no more different than @tolerance (0 .. 1) in colour. The radius is at most half of LIMN_EDGES_MAX_SIZE then. */
#define LIMN_EDGES_MAX_SIZE 1000.0
void limn_document_stop_at_edges (LimnDocument *self, double tolerance);
void limn_document_stroke_to (LimnDocument *self, double x, double y, double pressure);
/* The same with a share of the radius and an opacity of its own, 0..1: the mask gets no higher than that (erasing: no lower). */
void limn_document_stroke_to_full (LimnDocument *self, double x, double y, double size, double opacity);
void limn_document_end_stroke (LimnDocument *self);
/* For a view, which paints frame by frame: from now on movements of a stroke are noted, and painted by limn_document_catch_up(). Who asks
 * for the image or the mask gets all of it all the same, and waits. */
void limn_document_set_unhurried (LimnDocument *self, gboolean unhurried);
#define LIMN_DOCUMENT_ALL G_MAXINT64
/* Paints what was noted until g_get_monotonic_time () has come to @deadline, at least one movement over a tile. TRUE when nothing is left; a stroke that was
 * left has ended then. The pixels are those that would have been painted at once. */
gboolean limn_document_catch_up (LimnDocument *self, gint64 deadline);
gboolean limn_document_is_behind (LimnDocument *self);
/* Ends the stroke: now, when that takes no longer than a part of a frame, or when it has been caught up with. */
void limn_document_leave_stroke (LimnDocument *self);
/* What there is of image and mask so far. */
LimnTiles *limn_document_peek_image (LimnDocument *self);
LimnTiles *limn_document_peek_mask (LimnDocument *self);
void limn_document_cancel_stroke (LimnDocument *self);
/* Undoable. Inverting what would take longer than a frame is done in a worker: see limn-mask-edit.h. */
void limn_document_mask_clear (LimnDocument *self);
void limn_document_mask_fill (LimnDocument *self);
void limn_document_mask_invert (LimnDocument *self);
/* Takes over @mask: 1 channel, same size. */
void limn_document_set_mask (LimnDocument *self, LimnTiles *mask, const char *label);
/* Applies a result; pending until kept or discarded. One undo step. @text: (nullable) its generation metadata. */
void limn_document_apply_patch (LimnDocument *self, const LimnPatch *patch, const char *label, GHashTable *text);
/* The same where the work was done beforehand: @after is @before with @patch pasted (both nullable, copied by reference). Tiles that
 * have changed since are pasted now, so a large patch costs the main thread its tiles, not its pixels. */
void limn_document_apply_prepared_patch (LimnDocument *self, const LimnPatch *patch, LimnTiles *before, LimnTiles *after,
                                         const char *label, GHashTable *text);
/* Replaces the picture (upscaled; also of another size; the mask is scaled along). Takes over @tiles. One undo step, pending. */
void limn_document_replace_image (LimnDocument *self, LimnTiles *tiles, const char *label, GHashTable *text);
/* Pastes the pending result in another way: @after is @before, the picture it was made on, with @patch, another of the same crop (tiles
 * copied by reference). Whatever is tried one after the other is one undo step. FALSE, and nothing is done, when nothing is pending or
 * @before is not what it was made on. */
gboolean limn_document_adjust_result (LimnDocument *self, const LimnPatch *patch, LimnTiles *before, LimnTiles *after,
                                      const char *label);
/* The same number is the same image, in whatever way undo and redo came there; another image has another. */
guint64 limn_document_get_image_serial (LimnDocument *self);
void limn_document_keep_result (LimnDocument *self);
void limn_document_discard_result (LimnDocument *self);

void limn_document_undo (LimnDocument *self);
void limn_document_redo (LimnDocument *self);

G_END_DECLS
