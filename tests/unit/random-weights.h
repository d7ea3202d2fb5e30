/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "tests/unit/tensor-testing.h"
#include "tests/unit/weights-testing.h"

G_BEGIN_DECLS

/* A file of random weights, made tensor by tensor. */
typedef struct
{
  char *folder;
  TestSafetensors file;
  guint32 seed;
  LimnWeights *weights; /* after test_weights_open() */
} TestWeights;

void test_weights_begin (TestWeights *self);
/* A tensor [n0, n1], or [n0] when @n1 is 0, of values up to @scale around @middle. */
void test_weights_add (TestWeights *self,
                       const char *name,
                       gint64 n0,
                       gint64 n1,
                       float scale,
                       float middle);
void test_weights_open (TestWeights *self);
void test_weights_clear (TestWeights *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestWeights, test_weights_clear)

/* Element [row][column] of the tensor PREFIX + NAME. */
double test_weights_at (TestWeights *self,
                        const char *prefix,
                        const char *name,
                        gint64 row,
                        gint64 column);

/* Fails the test unless there is an error whose message has @named in it. */
void test_assert_names (const GError *error, const char *named);

G_END_DECLS
