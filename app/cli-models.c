/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-cli"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "app/cli-private.h"
#include "engine/diffusion/sampler.h"

static const char description[]
    = N_("Models are folders or files in ~/.local/share/limn/models, beside the built-in ones.\n"
          "\n"
          "Examples:\n"
          "  limn models\n"
          "  limn models limn-inpaint\n"
          "      what it can do, how large it is, and its defaults\n");

/* "inpaint, generate" (transfer full). */
static char *
capabilities_text (LimnCapabilities capabilities)
{
  const struct
  {
    LimnCapabilities flag;
    const char *name;
  } names[] = { { LIMN_CAN_INPAINT, _("inpaint") },
                { LIMN_CAN_GENERATE, _("generate") },
                { LIMN_CAN_UPSCALE, _("upscale") } };
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (capabilities & names[i].flag)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", names[i].name);
  return g_string_free (text, FALSE);
}

static void
print_row (LimnModelEntry *entry)
{
  const LimnModelInfo *info = limn_model_entry_get_info (entry);
  const char *id = limn_model_entry_get_id (entry);

  if (info == NULL)
    g_print ("%-20s %s\n", id, limn_model_entry_get_error (entry));
  else
    {
      g_autofree char *can = capabilities_text (info->capabilities);
      g_autofree char *size = g_format_size (info->file_bytes);

      g_print ("%-20s %-18s %10s  %s\n", id, can, size, info->name != NULL ? info->name : "");
    }
}

static void
print_line (const char *label, const char *value)
{
  if (value != NULL && value[0] != '\0')
    g_print ("%-14s %s\n", label, value);
}

static void
print_defaults (const LimnModelInfo *info)
{
  g_autoptr (GString) samplers = g_string_new (NULL);

  for (const LimnSamplerInfo *s = limn_sampler_list (); s->name != NULL; s++)
    g_string_append_printf (samplers, "%s%s", samplers->len > 0 ? ", " : "", s->name);
  g_print ("%-14s %d\n", _("Steps"), info->default_steps);
  if (info->takes_prompt)
    g_print ("%-14s %g\n", _("Guidance"), info->default_guidance);
  g_print (_("%-14s %s (of %s)\n"), _("Sampler"), info->default_sampler, samplers->str);
}

static void
print_details (LimnModelEntry *entry, const LimnModelInfo *info)
{
  g_autofree char *can = capabilities_text (info->capabilities);
  g_autofree char *size = g_format_size (info->file_bytes);

  print_line (_("Model"), info->id);
  print_line (_("Name"), info->name);
  print_line (_("Description"), info->description);
  print_line (_("Can"), can);
  print_line (_("Licence"), info->licence);
  print_line (_("File"), info->path);
  print_line (_("Size"), size);
  g_print ("%-14s %.1f M\n", _("Parameters"), info->n_parameters / 1e6);
  g_print (_("%-14s made for %d pixels, at least %d\n"), _("Picture size"), info->native_size,
           info->min_size);
  print_line (_("Prompt"), info->takes_prompt ? _("yes") : _("no"));
  print_defaults (info);
  print_line (_("Built in"), limn_model_entry_is_builtin (entry) ? _("yes") : _("no"));
}

static int
describe (LimnLibrary *library, const char *name)
{
  LimnModelEntry *entry = limn_library_lookup (library, name);
  const LimnModelInfo *info = entry != NULL ? limn_model_entry_get_info (entry) : NULL;

  if (entry == NULL)
    {
      limn_cli_complain (_("There is no model “%s”. “limn models” lists what is there."), name);
      return LIMN_CLI_FAILURE;
    }
  if (info == NULL)
    {
      limn_cli_complain ("%s", limn_model_entry_get_error (entry));
      return LIMN_CLI_FAILURE;
    }
  print_details (entry, info);
  return LIMN_CLI_OK;
}

int
limn_cli_models (int argc, char **argv)
{
  g_autoptr (LimnLibrary) library = NULL;
  g_auto (GStrv) names = NULL;
  const GOptionEntry entries[] = {
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &names, NULL, NULL },
    { NULL },
  };
  guint n;
  int code = LIMN_CLI_OK;

  if (!limn_cli_parse ("models", "[NAME]", _("Lists the installed models, or describes one."),
                       _(description), entries, &argc, &argv, &code))
    return code;
  if (names != NULL && g_strv_length (names) > 1)
    return limn_cli_usage ("models", "%s", _("One name at a time"));
  library = limn_library_new ();
  if (names != NULL && names[0] != NULL)
    return describe (library, names[0]);

  n = g_list_model_get_n_items (G_LIST_MODEL (library));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (LimnModelEntry) entry = g_list_model_get_item (G_LIST_MODEL (library), i);

      print_row (entry);
    }
  if (n == 0)
    g_print ("%s\n", _("No models are installed."));
  return LIMN_CLI_OK;
}
