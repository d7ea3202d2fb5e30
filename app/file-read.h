/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Sets @error to a sentence that says why @file could not be read. GIO's own @cause names the file
 * once more, in other words; its domain and code are kept. */
void limn_set_read_error (GError **error, GFile *file, const GError *cause);

G_END_DECLS
