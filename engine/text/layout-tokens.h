/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A rectangle relative to the picture, which is 0, 0, 1, 1. */
typedef struct
{
  double x, y, width, height;
} LimnLayoutRect;

/* An object and where it is. The flags are those of OpenImages; a model that was trained without
 * them ignores them. */
typedef struct
{
  int category; /* from 0 */
  LimnLayoutRect box;
  gboolean is_group_of, is_occluded, is_depiction, is_inside;
} LimnLayoutBox;

/* How a layout becomes tokens, under the names of the original's
 * ObjectsBoundingBoxConditionalBuilder. */
typedef struct
{
  int no_object_classes;
  int no_max_objects;
  int no_tokens; /* the text encoder's vocab_size */
  gboolean encode_crop;
  gboolean use_group_parameter;
  gboolean use_additional_parameters;
} LimnLayoutConfig;

/* What layout2img-openimages256 was trained with: 600 classes, 30 objects, 8192 tokens, everything
 * on. */
void limn_layout_config_init (LimnLayoutConfig *config);

/* Tokens of a layout: 3 per object, and 2 for the crop; the text encoder's max_seq_len. */
int limn_layout_config_get_length (const LimnLayoutConfig *config);

/**
 * limn_layout_tokens:
 * @boxes: @n_boxes objects; their order is kept (the original shuffles: any order is as good)
 * @crop: (nullable): the part of the picture that is to be made; NULL: all of it
 * @flip: mirrors the layout left to right
 * @tokens: limn_layout_config_get_length() ids
 * @n_cut: (nullable): how many boxes were more than no_max_objects and left out
 *
 * Each object is its class, its top-left and its bottom-right corner; then come triples of padding,
 * and with encode_crop the corners of @crop at the end. A corner is the nearest point of a grid of
 * floor (sqrt (no_tokens)) lines each way, halves to even. Boxes that do not overlap @crop are left
 * out. Rombach et al. 2022, appendix E.2.1, layout-to-image; the tokens are those of
 * taming-transformers' objects_bbox.py.
 *
 * Returns: FALSE and LIMN_ENGINE_ERROR_ARGUMENT when a category, a box or the crop cannot be
 * expressed
 */
gboolean limn_layout_tokens (const LimnLayoutConfig *config,
                             const LimnLayoutBox *boxes,
                             int n_boxes,
                             const LimnLayoutRect *crop,
                             gboolean flip,
                             gint32 *tokens,
                             int *n_cut,
                             GError **error);

G_END_DECLS
