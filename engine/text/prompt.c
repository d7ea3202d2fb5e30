/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The notation of prompts. Two passes over the text, each linear in its length whatever the
 * nesting: the first cuts it into pieces and finds out what each opening bracket multiplies by,
 * which stands at its end; the second multiplies. Round and square brackets do not see each other,
 * so "(a [b) c]" is what it looks like.
 */
#include "engine/text/prompt.h"

#include <math.h>
#include <string.h>

#define ROUND_FACTOR 1.1
#define SQUARE_FACTOR (1.0 / 1.1)
/* Keeps products of thousands of brackets finite. */
#define MAX_PRODUCT 1e30

typedef enum
{
  PIECE_TEXT,
  PIECE_OPEN_ROUND,
  PIECE_CLOSE_ROUND,
  PIECE_OPEN_SQUARE,
  PIECE_CLOSE_SQUARE,
} PieceKind;

typedef struct
{
  PieceKind kind;
  const char *start; /* PIECE_TEXT */
  gsize length;
  double factor; /* PIECE_OPEN_ROUND */
} Piece;

/* ---- First pass ----------------------------------------------------------------------------- */

typedef struct
{
  const char *cursor;
  GArray *pieces;     /* Piece */
  GArray *open_round; /* guint: places in @pieces */
  guint n_open_square;
} Scanner;

static void
add_piece (Scanner *self, PieceKind kind, const char *start, gsize length)
{
  Piece piece = { .kind = kind, .start = start, .length = length, .factor = ROUND_FACTOR };

  g_array_append_val (self->pieces, piece);
}

static void
open_round (Scanner *self)
{
  g_array_append_val (self->open_round, self->pieces->len);
  add_piece (self, PIECE_OPEN_ROUND, NULL, 0);
}

static void
close_round (Scanner *self, double factor)
{
  guint place = g_array_index (self->open_round, guint, self->open_round->len - 1);

  g_array_index (self->pieces, Piece, place).factor = factor;
  g_array_set_size (self->open_round, self->open_round->len - 1);
  add_piece (self, PIECE_CLOSE_ROUND, NULL, 0);
}

static gboolean
is_bracket (char c)
{
  return c == '(' || c == ')' || c == '[' || c == ']';
}

static const char *
skip_space (const char *p)
{
  while (g_ascii_isspace (*p))
    p++;
  return p;
}

/* ": number )" at @p: where it ends, or NULL. Not strtod() alone, which takes "inf" and "0x1". */
static const char *
scan_factor (const char *p, double *factor)
{
  const char *number = skip_space (p + 1);
  const char *end = number + (*number == '+' || *number == '-');
  int n_digits = 0, n_points = 0;

  for (; g_ascii_isdigit (*end) || *end == '.'; end++)
    if (*end == '.')
      n_points++;
    else
      n_digits++;
  if (n_digits == 0 || n_points > 1)
    return NULL;
  *factor = CLAMP (g_ascii_strtod (number, NULL), -LIMN_PROMPT_MAX_WEIGHT, LIMN_PROMPT_MAX_WEIGHT);
  end = skip_space (end);
  return *end == ')' ? end + 1 : NULL;
}

/* Backslashes: before a bracket every pair is one, and an odd one makes the bracket text. */
static void
scan_backslashes (Scanner *self)
{
  const char *start = self->cursor;
  gsize n = strspn (start, "\\");

  self->cursor += n;
  if (!is_bracket (*self->cursor))
    {
      add_piece (self, PIECE_TEXT, start, n);
      return;
    }
  if (n / 2 > 0)
    add_piece (self, PIECE_TEXT, start, n / 2);
  if (n % 2 == 1)
    add_piece (self, PIECE_TEXT, self->cursor++, 1);
}

static void
scan_bracket (Scanner *self)
{
  const char *bracket = self->cursor++;

  if (*bracket == '(')
    open_round (self);
  else if (*bracket == '[')
    {
      self->n_open_square++;
      add_piece (self, PIECE_OPEN_SQUARE, NULL, 0);
    }
  else if (*bracket == ')' && self->open_round->len > 0)
    close_round (self, ROUND_FACTOR);
  else if (*bracket == ']' && self->n_open_square > 0)
    {
      self->n_open_square--;
      add_piece (self, PIECE_CLOSE_SQUARE, NULL, 0);
    }
  else
    add_piece (self, PIECE_TEXT, bracket, 1);
}

static void
scan_colon (Scanner *self)
{
  double factor;
  const char *end = self->open_round->len > 0 ? scan_factor (self->cursor, &factor) : NULL;

  if (end != NULL)
    {
      close_round (self, factor);
      self->cursor = end;
    }
  else
    add_piece (self, PIECE_TEXT, self->cursor++, 1);
}

/* (transfer full) (element-type Piece): views of @text. */
static GArray *
scan (const char *text)
{
  g_autoptr (GArray) round = g_array_new (FALSE, FALSE, sizeof (guint));
  Scanner self = { .cursor = text,
                   .pieces = g_array_new (FALSE, FALSE, sizeof (Piece)),
                   .open_round = round };

  while (*self.cursor != '\0')
    {
      gsize n = strcspn (self.cursor, "\\()[]:");

      if (n > 0)
        add_piece (&self, PIECE_TEXT, self.cursor, n);
      self.cursor += n;
      if (*self.cursor == '\\')
        scan_backslashes (&self);
      else if (*self.cursor == ':')
        scan_colon (&self);
      else if (*self.cursor != '\0')
        scan_bracket (&self);
    }
  return self.pieces;
}

/* ---- BREAK ---------------------------------------------------------------------------------- */

static gboolean
is_word_char (gunichar c)
{
  return c != (gunichar)-1 && c != (gunichar)-2 && (c == '_' || g_unichar_isalnum (c));
}

/* The character that ends before @p; invalid bytes are none. */
static gunichar
char_before (const char *start, const char *p)
{
  const char *previous = g_utf8_find_prev_char (start, p);

  return previous != NULL ? g_utf8_get_char_validated (previous, p - previous) : (gunichar)-1;
}

/* The word BREAK in @start .. @end, or NULL. */
static const char *
find_break (const char *start, const char *end)
{
  static const char word[] = "BREAK";
  const gsize length = strlen (word);
  const char *from = start;

  while ((gsize)(end - from) >= length)
    {
      const char *p = g_strstr_len (from, end - from, word);

      if (p == NULL)
        return NULL;
      if (!is_word_char (char_before (start, p))
          && (p + length == end
              || !is_word_char (g_utf8_get_char_validated (p + length, end - p - (gssize)length))))
        return p;
      from = p + 1;
    }
  return NULL;
}

/* ---- Second pass ---------------------------------------------------------------------------- */

/* Products of the open brackets of one kind, the innermost last. */
static double
innermost (const GArray *products)
{
  return products->len > 0 ? g_array_index (products, double, products->len - 1) : 1.0;
}

static void
push_factor (GArray *products, double factor)
{
  double product = CLAMP (innermost (products) * factor, -MAX_PRODUCT, MAX_PRODUCT);

  g_array_append_val (products, product);
}

typedef struct
{
  GArray *runs;  /* LimnPromptRun, without its text */
  GArray *texts; /* GString * of each */
} Runs;

static void
add_run (Runs *self, const char *start, const char *end, float weight, gboolean new_chunk)
{
  guint n = self->runs->len;
  GString *text;

  if (new_chunk || n == 0 || g_array_index (self->runs, LimnPromptRun, n - 1).weight != weight)
    {
      LimnPromptRun run = { .weight = weight, .new_chunk = new_chunk };

      g_array_append_val (self->runs, run);
      text = g_string_new (NULL);
      g_array_append_val (self->texts, text);
    }
  text = g_array_index (self->texts, GString *, self->texts->len - 1);
  g_string_append_len (text, start, end - start);
}

/* The text of one piece, cut at each BREAK, which takes the white space around it with it. */
static void
add_text (Runs *self, const Piece *piece, float weight)
{
  const char *start = piece->start, *end = piece->start + piece->length;
  gboolean new_chunk = FALSE;
  const char *found;

  while ((found = find_break (start, end)) != NULL)
    {
      const char *before = found;

      while (before > start && g_ascii_isspace (before[-1]))
        before--;
      add_run (self, start, before, weight, new_chunk);
      new_chunk = TRUE;
      start = found + strlen ("BREAK");
      while (start < end && g_ascii_isspace (*start))
        start++;
    }
  add_run (self, start, end, weight, new_chunk);
}

static void
clear_run (gpointer data)
{
  g_free (((LimnPromptRun *)data)->text);
}

/* Moves the collected texts into their runs. */
static GArray *
finish (Runs *self)
{
  if (self->runs->len == 0)
    add_run (self, "", "", 1.0f, FALSE);
  for (guint i = 0; i < self->runs->len; i++)
    g_array_index (self->runs, LimnPromptRun, i).text
        = g_string_free (g_array_index (self->texts, GString *, i), FALSE);
  g_array_set_clear_func (self->runs, clear_run);
  g_array_unref (self->texts);
  return self->runs;
}

GArray *
limn_prompt_parse (const char *text)
{
  g_autoptr (GArray) pieces = NULL;
  g_autoptr (GArray) round = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) square = g_array_new (FALSE, FALSE, sizeof (double));
  Runs runs = { g_array_new (FALSE, FALSE, sizeof (LimnPromptRun)),
                g_array_new (FALSE, FALSE, sizeof (GString *)) };

  g_return_val_if_fail (text != NULL, finish (&runs));

  pieces = scan (text);
  for (guint i = 0; i < pieces->len; i++)
    {
      const Piece *piece = &g_array_index (pieces, Piece, i);
      double weight = innermost (round) * innermost (square);

      switch (piece->kind)
        {
        case PIECE_OPEN_ROUND:
          push_factor (round, piece->factor);
          break;
        case PIECE_CLOSE_ROUND:
          g_array_set_size (round, round->len - 1);
          break;
        case PIECE_OPEN_SQUARE:
          push_factor (square, SQUARE_FACTOR);
          break;
        case PIECE_CLOSE_SQUARE:
          g_array_set_size (square, square->len - 1);
          break;
        case PIECE_TEXT:
        default:
          add_text (&runs, piece,
                    (float)CLAMP (weight, -LIMN_PROMPT_MAX_WEIGHT, LIMN_PROMPT_MAX_WEIGHT));
          break;
        }
    }
  return finish (&runs);
}
