/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LimnConfig:
 *
 * A YAML file read with typed getters. A value is named by a base and a key, both dotted paths from
 * the root ("" for the root itself): limn_config_int (config, "model.params", "timesteps", 1000).
 * An absent value and null give the fallback.
 *
 * Errors are sticky: a value of the wrong type, or a missing one that is needed, gives its fallback
 * and records the first such error, with file and path, for limn_config_check().
 */
typedef struct _LimnConfig LimnConfig;

LimnConfig *limn_config_open (const char *path, GError **error);
/* The same from memory; @path is for messages. */
LimnConfig *limn_config_parse (const char *path, const char *text, gsize length, GError **error);
void limn_config_free (LimnConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnConfig, limn_config_free)

gboolean limn_config_has (LimnConfig *config, const char *base, const char *key);
gboolean limn_config_is_list (LimnConfig *config, const char *base, const char *key);
/* Strings belong to the config. */
const char *
limn_config_string (LimnConfig *config, const char *base, const char *key, const char *fallback);
/* Whole numbers of the range of int. */
int limn_config_int (LimnConfig *config, const char *base, const char *key, int fallback);
int limn_config_need_int (LimnConfig *config, const char *base, const char *key);
double limn_config_double (LimnConfig *config, const char *base, const char *key, double fallback);
gboolean
limn_config_bool (LimnConfig *config, const char *base, const char *key, gboolean fallback);
/* A list of whole numbers; returns how many were stored. More than @max is an error. -1 when it is
 * absent. */
int limn_config_ints (LimnConfig *config, const char *base, const char *key, int *out, int max);

/* The same of true and false; one value alone stands for a list of one. */
int
limn_config_bools (LimnConfig *config, const char *base, const char *key, gboolean *out, int max);

/* Records "PATH: BASE.KEY: MESSAGE" unless an error is recorded already. */
void limn_config_fail (LimnConfig *config,
                       int code,
                       const char *base,
                       const char *key,
                       const char *format,
                       ...) G_GNUC_PRINTF (5, 6);
/* TRUE while nothing is recorded; else hands a copy of the error to @error. */
gboolean limn_config_check (LimnConfig *config, GError **error);

G_END_DECLS
