/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Turning weights over: a file has the inputs of one output side by side, panels the outputs of one
 * input. Squares of N x N elements go through registers: step by step the halves of two rows that
 * lie apart are woven into each other, until the rows are what the columns were.
 */
#include <string.h>

#include "engine/tensor/panels-private.h"

/* The elements may be floats. */
typedef guint8 __attribute__ ((may_alias)) Byte;
typedef guint16 __attribute__ ((may_alias)) Half;
typedef guint32 __attribute__ ((may_alias)) Word;
typedef guint8 Bytes8 __attribute__ ((vector_size (8)));
typedef guint16 Halves8 __attribute__ ((vector_size (16)));
typedef guint32 Words4 __attribute__ ((vector_size (16)));

#define LOW_OF_8(a, b) __builtin_shufflevector (a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH_OF_8(a, b) __builtin_shufflevector (a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define LOW_OF_4(a, b) __builtin_shufflevector (a, b, 0, 4, 1, 5)
#define HIGH_OF_4(a, b) __builtin_shufflevector (a, b, 2, 6, 3, 7)

/* Weaving row i with row i + N / 2, log2 (N) times, transposes. */
#define DEFINE_TRANSPOSE(name, element, vector, N, LOW, HIGH)                                      \
  static inline void name##_square (const element *rows, gint64 stride, element *to,               \
                                    const gint64 *offsets)                                         \
  {                                                                                                \
    vector v[N], w[N];                                                                             \
                                                                                                   \
    for (int i = 0; i < N; i++)                                                                    \
      memcpy (&v[i], rows + i * stride, sizeof v[i]);                                              \
    for (int half = N; half > 1; half /= 2)                                                        \
      {                                                                                            \
        for (int i = 0; i < N / 2; i++)                                                            \
          {                                                                                        \
            w[2 * i] = LOW (v[i], v[i + N / 2]);                                                   \
            w[2 * i + 1] = HIGH (v[i], v[i + N / 2]);                                              \
          }                                                                                        \
        memcpy (v, w, sizeof v);                                                                   \
      }                                                                                            \
    for (int i = 0; i < N; i++)                                                                    \
      memcpy (to + offsets[i], &v[i], sizeof v[i]);                                                \
  }                                                                                                \
                                                                                                   \
  static void name (const element *rows, gint64 stride, gint64 n_rows, gint64 n, element *to,      \
                    const gint64 *offsets)                                                         \
  {                                                                                                \
    gint64 whole_rows = n_rows / N * N, whole = n / N * N;                                         \
                                                                                                   \
    for (gint64 j = 0; j < whole; j += N)                                                          \
      for (gint64 i = 0; i < whole_rows; i += N)                                                   \
        name##_square (rows + i * stride + j, stride, to + i, offsets + j);                        \
    for (gint64 j = 0; j < n; j++)                                                                 \
      for (gint64 i = j < whole ? whole_rows : 0; i < n_rows; i++)                                 \
        to[offsets[j] + i] = rows[i * stride + j];                                                 \
  }

DEFINE_TRANSPOSE (transpose_bytes, Byte, Bytes8, 8, LOW_OF_8, HIGH_OF_8)
DEFINE_TRANSPOSE (transpose_halves, Half, Halves8, 8, LOW_OF_8, HIGH_OF_8)
DEFINE_TRANSPOSE (transpose_words, Word, Words4, 4, LOW_OF_4, HIGH_OF_4)

void
limn_transpose (gsize size,
                const void *rows,
                gint64 stride,
                gint64 n_rows,
                gint64 n,
                void *to,
                const gint64 *offsets)
{
  switch (size)
    {
    case 1:
      transpose_bytes (rows, stride, n_rows, n, to, offsets);
      break;
    case 2:
      transpose_halves (rows, stride, n_rows, n, to, offsets);
      break;
    case 4:
      transpose_words (rows, stride, n_rows, n, to, offsets);
      break;
    default:
      g_return_if_reached ();
    }
}
