/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

/* limn_json_parse(), for texts of another shape. */
#include "engine/weights/file.h"

G_BEGIN_DECLS

/**
 * LimnJsonConfig:
 *
 * A small JSON file, one object of names and values, read with typed getters: config.json and its
 * kin. An absent value and null leave what is at @value as it is. Errors are sticky: a value of the
 * wrong type is recorded, with file and key, for limn_json_config_check().
 */
typedef struct _LimnJsonConfig LimnJsonConfig;

LimnJsonConfig *limn_json_config_open (const char *path, GError **error);
void limn_json_config_free (LimnJsonConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnJsonConfig, limn_json_config_free)

gboolean limn_json_config_has (LimnJsonConfig *config, const char *key);
gboolean limn_json_config_is_list (LimnJsonConfig *config, const char *key);
/* Belongs to the config; NULL when it is absent. */
const char *limn_json_config_string (LimnJsonConfig *config, const char *key);
/* Whole numbers from 0. */
void limn_json_config_int (LimnJsonConfig *config, const char *key, int *value);
/* Numbers between 0 and 1, exclusive. */
void limn_json_config_fraction (LimnJsonConfig *config, const char *key, double *value);
/* Numbers above 0. */
void limn_json_config_positive (LimnJsonConfig *config, const char *key, double *value);
void limn_json_config_bool (LimnJsonConfig *config, const char *key, gboolean *value);
/* Lists of whole numbers, or of true and false; one value alone stands for a list of one. Returns
 * how many there are, 0 when the value is absent; more than @max is an error. */
int limn_json_config_ints (LimnJsonConfig *config, const char *key, int *out, int max);
int limn_json_config_bools (LimnJsonConfig *config, const char *key, gboolean *out, int max);

/* Records "PATH: KEY: MESSAGE" unless an error is recorded already. */
void
limn_json_config_fail (LimnJsonConfig *config, int code, const char *key, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
/* TRUE while nothing is recorded; else hands a copy of the error to @error. */
gboolean limn_json_config_check (LimnJsonConfig *config, GError **error);

G_END_DECLS
