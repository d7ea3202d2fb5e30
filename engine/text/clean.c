/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What CLIP does to a text before it looks for tokens: Unicode normal form C, lower case, runs of
 * white space to one blank, and then words by the pattern
 *   <|startoftext|> | <|endoftext|> | 's | 't | 're | 've | 'm | 'll | 'd | \p{L}+ | \p{N} |
 * [^\s\p{L}\p{N}]+ (openai/CLIP simple_tokenizer.py). The pattern is matched by hand: it is short,
 * and a regular expression would check the whole text again for each word.
 */
#include <string.h>

#include "engine/text/text-private.h"

#define CAPITAL_SIGMA 0x03a3
#define SMALL_SIGMA 0x03c3
#define FINAL_SIGMA 0x03c2
#define CAPITAL_I_WITH_DOT 0x0130
#define COMBINING_DOT_ABOVE 0x0307
/* Numbers and symbols with a lower case, which g_unichar_tolower() leaves as they are. */
#define CAPITAL_ROMAN_ONE 0x2160
#define CAPITAL_ROMAN_THOUSAND 0x216f
#define CAPITAL_CIRCLED_A 0x24b6
#define CAPITAL_CIRCLED_Z 0x24cf

/* White_Space of Unicode, and the separators 0x1c - 0x1f that Python counts too. */
static gboolean
is_space (gunichar c)
{
  return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0
         || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f
         || c == 0x205f || c == 0x3000;
}

static gboolean
is_letter (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_UPPERCASE_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_OTHER_LETTER:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
is_number (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_LETTER_NUMBER:
    case G_UNICODE_OTHER_NUMBER:
      return TRUE;
    default:
      return FALSE;
    }
}

/* ---- Lower case ------------------------------------------------------------------------------ */

static gboolean
is_cased (gunichar c)
{
  return g_unichar_isupper (c) || g_unichar_islower (c) || g_unichar_istitle (c);
}

/* Marks and signs that do not end a word for the final sigma (Unicode's Case_Ignorable, closely).
 */
static gboolean
is_case_ignorable (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
    case G_UNICODE_FORMAT:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_MODIFIER_SYMBOL:
      return TRUE;
    default:
      return c == '\'' || c == '.' || c == ':' || c == 0xb7 || c == 0x2019;
    }
}

/* A capital sigma at the end of a word, the only letter whose lower case depends on where it
 * stands. The runs of ignorable signs that are looked at on either side are cut short, to stay
 * linear. */
static gboolean
is_final (const char *text, const char *sigma)
{
  const char *p = sigma;
  const int longest_run = 32;
  gunichar c = 0;

  for (int i = 0; i < longest_run && p > text; i++)
    {
      p = g_utf8_prev_char (p);
      c = g_utf8_get_char (p);
      if (!is_case_ignorable (c))
        break;
    }
  if (!is_cased (c))
    return FALSE;
  p = g_utf8_next_char (sigma);
  for (int i = 0; i < longest_run && *p != '\0' && is_case_ignorable (g_utf8_get_char (p)); i++)
    p = g_utf8_next_char (p);
  return *p == '\0' || !is_cased (g_utf8_get_char (p));
}

/* g_utf8_strdown() would ask the locale, and a prompt must mean the same everywhere. */
static void
append_lower (GString *out, const char *text, const char *p)
{
  gunichar c = g_utf8_get_char (p);

  if (c == CAPITAL_SIGMA)
    g_string_append_unichar (out, is_final (text, p) ? FINAL_SIGMA : SMALL_SIGMA);
  else if (c == CAPITAL_I_WITH_DOT)
    {
      g_string_append_c (out, 'i');
      g_string_append_unichar (out, COMBINING_DOT_ABOVE);
    }
  else if (c >= CAPITAL_ROMAN_ONE && c <= CAPITAL_ROMAN_THOUSAND)
    g_string_append_unichar (out, c + 16);
  else if (c >= CAPITAL_CIRCLED_A && c <= CAPITAL_CIRCLED_Z)
    g_string_append_unichar (out, c + 26);
  else
    g_string_append_unichar (out, g_unichar_tolower (c));
}

char *
_limn_text_clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *composed = g_utf8_normalize (valid, -1, G_NORMALIZE_NFC);
  GString *out = g_string_sized_new (strlen (composed));

  for (const char *p = composed; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (!is_space (g_utf8_get_char (p)))
        append_lower (out, composed, p);
      else if (out->len > 0 && out->str[out->len - 1] != ' ')
        g_string_append_c (out, ' ');
    }
  return g_string_free (out, FALSE);
}

/* ---- Words ----------------------------------------------------------------------------------- */

static gsize
contraction_length (const char *p)
{
  static const char *const contractions[] = { "'s", "'t", "'re", "'ve", "'m", "'ll", "'d" };

  for (gsize i = 0; i < G_N_ELEMENTS (contractions); i++)
    if (g_str_has_prefix (p, contractions[i]))
      return strlen (contractions[i]);
  return 0;
}

/* Length of the word that starts at @p, which is no blank. */
static gsize
word_length (const char *p)
{
  const char *end = p;
  gsize contraction = contraction_length (p);

  if (contraction > 0)
    return contraction;
  if (is_number (g_utf8_get_char (p)))
    return (gsize)(g_utf8_next_char (p) - p);
  if (is_letter (g_utf8_get_char (p)))
    while (*end != '\0' && is_letter (g_utf8_get_char (end)))
      end = g_utf8_next_char (end);
  else
    while (*end != '\0' && *end != ' ' && !is_letter (g_utf8_get_char (end))
           && !is_number (g_utf8_get_char (end)))
      end = g_utf8_next_char (end);
  return (gsize)(end - p);
}

LimnWordKind
_limn_text_next_word (const char **cursor, const char **word, gsize *length)
{
  static const char start[] = "<|startoftext|>", end[] = "<|endoftext|>";
  LimnWordKind kind = LIMN_WORD_TEXT;

  while (**cursor == ' ')
    (*cursor)++;
  *word = *cursor;
  if (**cursor == '\0')
    {
      *length = 0;
      return LIMN_WORD_NONE;
    }
  if (g_str_has_prefix (*cursor, start))
    {
      kind = LIMN_WORD_START;
      *length = strlen (start);
    }
  else if (g_str_has_prefix (*cursor, end))
    {
      kind = LIMN_WORD_END;
      *length = strlen (end);
    }
  else
    *length = word_length (*cursor);
  *cursor += *length;
  return kind;
}
