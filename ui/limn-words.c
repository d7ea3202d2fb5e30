/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-words.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <math.h>

/* Four digits are read without help. */
#define GROUPED_FROM 10000
/* Between groups where the language says nothing (ISO 80000-1, 7.3.1); no line breaks at it. */
#define NARROW_SPACE "\u202f"

/* An estimate with more digits than it deserves would look like a promise. */
static int
round_seconds (double seconds)
{
  if (seconds < 10)
    return MAX (1, (int)ceil (seconds));
  return (int)(ceil (seconds / 5) * 5);
}

char *
limn_words_about (double seconds)
{
  if (seconds < 0 || !isfinite (seconds))
    return NULL;
  if (round_seconds (seconds) < 90)
    return g_strdup_printf (_ ("about %d s"), round_seconds (seconds));
  return g_strdup_printf (_ ("about %d min"), (int)MIN (rint (seconds / 60), 1e6));
}

char *
limn_words_left (double seconds)
{
  if (seconds < 0 || !isfinite (seconds))
    return NULL;
  if (seconds < 90)
    return g_strdup_printf (_ ("%d s left"), MAX (1, (int)ceil (seconds)));
  return g_strdup_printf (_ ("%d min left"), (int)MIN (rint (seconds / 60), 1e6));
}

/* A model that makes whole pictures from a prompt also fills, by keeping what is not marked; one
 * that has to be told more than words does not. */
gboolean
limn_words_can_fill (const LimnModelInfo *info)
{
  const LimnTakes more
      = LIMN_TAKES_CLASS | LIMN_TAKES_BOXES | LIMN_TAKES_LABELS | LIMN_TAKES_EMBEDDING;

  return (info->capabilities & LIMN_CAN_INPAINT) != 0
         || ((info->capabilities & LIMN_CAN_GENERATE) != 0 && (info->takes & more) == 0);
}

char *
limn_words_number (gint64 number)
{
  const char *separator = localeconv ()->thousands_sep;
  g_autofree char *digits = g_strdup_printf ("%" G_GINT64_FORMAT, number);
  GString *text;

  if (ABS (number) < GROUPED_FROM)
    return g_steal_pointer (&digits);
  /* Each language has groups of its own. */
  if (*separator != '\0' && g_utf8_validate (separator, -1, NULL))
    return g_strdup_printf ("%'" G_GINT64_FORMAT, number);
  text = g_string_new (digits);
  for (int at = (int)text->len - 3; at > (number < 0 ? 1 : 0); at -= 3)
    g_string_insert (text, at, NARROW_SPACE);
  return g_string_free (text, FALSE);
}

char *
limn_words_size (int width, int height)
{
  g_autofree char *w = limn_words_number (width), *h = limn_words_number (height);

  return g_strdup_printf ("%s × %s", w, h);
}

char *
limn_words_model (const LimnModelInfo *info)
{
  const struct
  {
    gboolean is;
    const char *words;
  } parts[] = {
    { limn_words_can_fill (info), _ ("Fills") },
    { (info->capabilities & LIMN_CAN_GENERATE) != 0, _ ("Makes new pictures") },
    { (info->capabilities & LIMN_CAN_UPSCALE) != 0, _ ("Upscales") },
    { info->is_preview_decoder, _ ("Shows quick previews") },
    { (info->takes & LIMN_TAKES_PROMPT) != 0, _ ("from a prompt") },
    { (info->takes & LIMN_TAKES_CLASS) != 0, _ ("from a class") },
    { (info->takes & LIMN_TAKES_BOXES) != 0, _ ("from labelled boxes") },
    { (info->takes & LIMN_TAKES_LABELS) != 0, _ ("from a map of labels") },
    { (info->takes & LIMN_TAKES_EMBEDDING) != 0, _ ("from an embedding") },
  };
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (parts[i].is)
      g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", parts[i].words);
  if (info->native_size > 0 && (info->capabilities & (LIMN_CAN_INPAINT | LIMN_CAN_GENERATE)) != 0)
    g_string_append_printf (text, " · %d × %d", info->native_size, info->native_size);
  return g_string_free (text, FALSE);
}

char *
limn_words_date (gint64 microseconds, GDateTime *now)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local
      = utc != NULL ? g_date_time_to_timezone (utc, g_date_time_get_timezone (now)) : NULL;

  if (local == NULL)
    return g_strdup ("");
  if (g_date_time_get_year (local) == g_date_time_get_year (now)
      && g_date_time_get_day_of_year (local) == g_date_time_get_day_of_year (now))
    return g_date_time_format (local, "%H:%M");
  if (g_date_time_get_year (local) == g_date_time_get_year (now))
    /* Translators: a date in this year, see g_date_time_format() */
    return g_date_time_format (local, _ ("%-d %b"));
  /* Translators: a date in another year */
  return g_date_time_format (local, _ ("%-d %b %Y"));
}
