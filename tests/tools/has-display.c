/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Exits with 0 when GTK can open a display, else with 1. Variables such as DISPLAY may well name a display that is gone.
 */
#include <gtk/gtk.h>

int
main (void)
{
  return gtk_init_check () ? 0 : 1;
}
