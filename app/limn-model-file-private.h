/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-model-file.h"

G_BEGIN_DECLS

/* A file of a model: where it is, and what it is called within the model. */
typedef struct
{
  char *from;     /* absolute */
  char *to;       /* relative to the model's folder; of a model that is one file, its name */
  guint64 bytes;
} LimnModelPart;

struct _LimnModelFile
{
  char *path; /* absolute */
  char *name;
  char *id;                /* what it is called in the library: the name without a suffix */
  LimnModelEntry *entry;   /* nullable */
  int n_modules;
  gboolean is_folder;      /* the model is a folder, or becomes one with what belongs to it */
  GArray *parts;           /* of LimnModelPart */
  guint64 bytes;
};

G_END_DECLS
