/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where the files of a model are. All paths owned. */
typedef struct
{
  char *id;           /* name of the folder, or of the file without its suffix */
  char *weights;      /* the file; of a diffusers folder, the folder */
  char *folder;       /* that the weights are in, and other files beside them */
  char *config;       /* LDM's config.yaml; NULL: there is none */
  char *text_config;  /* a CLIPTextModel's config.json; NULL: there is none */
  gboolean is_folder; /* the weights are those of a diffusers folder */
} LimnModelFiles;

/* @path: a file or a folder. @config: (nullable): the config.yaml to take. Of a folder's files,
 * unless it is one of diffusers: model.* before any other; the only one; of several that differ in
 * words for variants at the end of their names only, moving averages (ema, emaonly) before weights
 * as trained (nonema), whole precision before half (fp16), safetensors before all that. */
gboolean _limn_model_files_find (LimnModelFiles *files,
                                 const char *path,
                                 const char *config,
                                 GError **error);
void _limn_model_files_clear (LimnModelFiles *files);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LimnModelFiles, _limn_model_files_clear)

/* What a text encoder's vocabulary lies in. */
typedef enum
{
  LIMN_VOCABULARY_CLIP, /* vocab.json and merges.txt, or bpe_simple_vocab_16e6.txt.gz */
  LIMN_VOCABULARY_BERT, /* vocab.txt */
} LimnVocabularyKind;

/* The folder beside the model that has such a vocabulary: FOLDER/tokenizer or FOLDER (transfer
 * full); NULL when there is none. */
char *_limn_model_files_find_vocabulary (const LimnModelFiles *files, LimnVocabularyKind kind);
/* All folders with one in @search: those themselves, their tokenizer folders, and the same of the
 * folders in them, in sorted order (transfer full). */
GPtrArray *_limn_model_files_search_vocabulary (const char *const *search, LimnVocabularyKind kind);

G_END_DECLS
