/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LIMN_N_IMAGENET 1000
#define LIMN_N_COCO_STUFF 182

/* A name per line. */
extern const char _limn_imagenet_names[];
extern const char _limn_coco_stuff_names[];

G_END_DECLS
