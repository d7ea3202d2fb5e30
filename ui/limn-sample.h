/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A photo to try things on: one of Debian's mate-backgrounds, else the one that comes with Limn;
 * NULL when there is none (transfer full). */
GFile *limn_sample_find (void);

G_END_DECLS
