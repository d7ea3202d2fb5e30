/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/image.h"

G_BEGIN_DECLS

/* What grey parts of a mask are: partial change has to happen once, and only once. */
typedef enum
{
  LIMN_GREY_IS_MADE,   /* they were changed in part when the crop was made (differential diffusion): what
                          was made is pasted whole wherever anything is painted */
  LIMN_GREY_IS_PASTED, /* the crop was made anew there, and is pasted in part */
} LimnGrey;

/**
 * LimnCrop:
 *
 * A result as it was made, before anything of it was pasted, so that the way it is pasted can still
 * be changed. Reference counted; nobody writes it.
 */
typedef struct
{
  LimnRect rect;       /* within the picture; larger than any patch that is pasted at first */
  LimnImage *raw;      /* RGB, rect's size: as it was made */
  LimnImage *matched;  /* RGB: the same with its colours matched and its seam levelled */
  LimnImage *mask;     /* 1 channel: what is painted there */
  float grow, feather; /* picture pixels, how it was pasted first: see LimnPasteParams */
  LimnGrey grey;
  float reach;         /* picture pixels around what is painted: farther out nothing was kept */

  /*< private >*/
  gatomicrefcount ref_count;
} LimnCrop;

/* What is known of a crop beside its pictures. */
typedef struct
{
  int x, y; /* where it lies in the picture */
  float grow, feather, reach;
  LimnGrey grey;
} LimnCropParams;

/* A crop that was kept somewhere: @raw and @matched as above (referenced), @mask of the whole picture
 * (what lies in the crop is copied). NULL and LIMN_ENGINE_ERROR_ARGUMENT when they do not fit together. */
LimnCrop *limn_crop_new (LimnImage *raw,
                         LimnImage *matched,
                         const LimnImage *mask,
                         const LimnCropParams *params,
                         GError **error);
LimnCrop *limn_crop_ref (LimnCrop *crop);
void limn_crop_unref (LimnCrop *crop);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnCrop, limn_crop_unref)

/**
 * LimnPatch:
 *
 * A result on its own, so that nothing else of the picture can change. picture = picture + (pixels
 * - picture) * alpha / 255 within @rect; where alpha is 0 the picture's bytes are not written.
 */
typedef struct
{
  LimnRect rect;     /* within the picture */
  LimnImage *pixels; /* RGB, rect's size: what the model made, colours matched */
  LimnImage *alpha;  /* 1 channel, rect's size: the feathered paste mask */
  LimnCrop *crop;    /* nullable: what it was cut out of */
} LimnPatch;

void limn_patch_free (LimnPatch *patch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnPatch, limn_patch_free)

/* The patch as one RGBA picture with straight alpha (transfer full); NULL and @error when there is
 * no memory. */
LimnImage *limn_patch_to_image (const LimnPatch *patch, GError **error);

/* Pastes into @image (3 or 4 channels; the caller is its only owner). */
void limn_patch_apply (const LimnPatch *patch, LimnImage *image);

/* ---- Pasting in another way ------------------------------------------------------------------ */

typedef struct
{
  float grow; /* picture pixels around what is painted that are pasted whole; with feather at most
                 the crop's reach */
  float feather; /* picture pixels beyond those over which old and new mix: growing comes first */
  float opacity; /* 0 .. 1 */
  float colour_match; /* 0: colours as they were made .. 1: matched, with the seam levelled */
} LimnPasteParams;

/* As it was pasted first. */
void limn_paste_params_init (LimnPasteParams *params, const LimnCrop *crop);

/* The patch (transfer full) that @params make of @crop; numbers out of range are brought into it.
 * No network is run: some milliseconds per million pixels. With the first parameters it is bit by
 * bit the patch that came first, on a rectangle that may be larger. NULL when the run failed. */
LimnPatch *limn_paste (LimnRun *run, LimnCrop *crop, const LimnPasteParams *params);

G_END_DECLS
