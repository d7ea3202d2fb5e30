/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-words.h"

#include <glib/gi18n.h>
#include <math.h>

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
