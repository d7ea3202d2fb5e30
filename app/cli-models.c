/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-cli"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "app/cli-private.h"
#include "app/limn-model-entry-private.h"
#include "engine/diffusion/sampler.h"
#include "engine/task/generate.h"

#define LINE_WIDTH 79

static const char description[] = N_(
    "Models are folders or files in ~/.local/share/limn/models, beside the built-in ones.\n"
    "\n"
    "Examples:\n"
    "  limn models\n"
    "  limn models limn-inpaint\n"
    "      what it can do, what it takes, how large it is, and its defaults; for models that take\n"
    "      classes or labels, the list of them\n"
    "  limn models ~/Downloads/v1-5-pruned.safetensors\n"
    "      the same of any file or folder, without installing it\n");

/* "inpaint, generate" (transfer full). */
static char *
capabilities_text (const LimnModelInfo *info)
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
    if (info->capabilities & names[i].flag)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", names[i].name);
  if (info->is_preview_decoder)
    g_string_append (text, _("show previews"));
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
      g_autofree char *can = capabilities_text (info);
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

/* "a prompt"; "nothing" (transfer full). */
static char *
takes_text (const LimnModelInfo *info)
{
  char *text = limn_takes_describe (info->takes);

  if (text != NULL || (info->capabilities & LIMN_CAN_GENERATE) == 0)
    return text;
  return g_strdup (_("nothing: it makes pictures of its own"));
}

/* "safetensors, LDM's names, f16" (transfer full). */
static char *
format_text (const LimnModelInfo *info)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  if (info->container != NULL && info->container[0] != '\0')
    g_ptr_array_add (parts, g_strdup (info->container));
  if (info->dialect != NULL && info->dialect[0] != '\0')
    g_ptr_array_add (parts, g_strdup_printf (_("names of %s"), info->dialect));
  if (info->weight_type != NULL && info->weight_type[0] != '\0')
    g_ptr_array_add (parts, g_strdup (info->weight_type));
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (", ", (char **)parts->pdata);
}

static const char *
prediction_text (const LimnModelInfo *info)
{
  switch (info->prediction)
    {
    case LIMN_PREDICT_V:
      return "v";
    case LIMN_PREDICT_X0:
      return "x0";
    case LIMN_PREDICT_EPSILON:
    default:
      return "epsilon";
    }
}

/* What it was told to be and what was found out about it. */
static void
print_technical (const LimnModelInfo *info)
{
  g_autofree char *format = format_text (info);

  print_line (_("Kind"), info->architecture);
  print_line (_("Format"), format);
  print_line (_("Described by"),
              info->described_by != NULL ? info->described_by : _("its own tensors"));
  if ((info->capabilities != 0 && !info->one_pass) || info->is_preview_decoder)
    g_print (_("%-14s %d channels, %d × %d pixels each\n"), _("Latent"), info->latent_channels,
             info->latent_factor, info->latent_factor);
  if (info->capabilities != 0 && !info->one_pass)
    print_line (_("Predicts"), prediction_text (info));
  for (const char *const *note = info->notes; note != NULL && *note != NULL; note++)
    print_line (_("Note"), *note);
  print_line (_("Missing"), info->missing);
}

/* Classes, kinds of objects or labels, one a line: number and name. */
static void
print_categories (LimnModel *model, const LimnModelInfo *info)
{
  gboolean named = FALSE;

  if (info->n_categories == 0)
    return;
  for (int i = 0; i < info->n_categories && !named; i++)
    named = limn_model_get_category_name (model, i) != NULL;
  if (!named)
    {
      g_print (
          _ ("%-14s 0 to %d; their names are not known. A file categories.txt beside the model,\n"
             "               with one a line, gives them\n"),
          info->takes & LIMN_TAKES_CLASS ? _ ("Classes") : _ ("Labels"), info->n_categories - 1);
      return;
    }
  g_print ("%s\n", info->takes & LIMN_TAKES_CLASS ? _("Classes") : _("Labels"));
  for (int i = 0; i < info->n_categories; i++)
    {
      const char *name = limn_model_get_category_name (model, i);

      g_print ("  %5d  %s\n", i, name != NULL ? name : "");
    }
}

/* All that --sampler takes, in lines that fit a terminal. */
static void
print_samplers (void)
{
  int column = LINE_WIDTH;

  for (const LimnSamplerInfo *s = limn_sampler_list (); s->name != NULL; s++)
    {
      int width = (int)strlen (s->name) + 1;

      if (column + width > LINE_WIDTH)
        {
          g_print ("%s%-14s", s != limn_sampler_list () ? "\n" : "",
                   s == limn_sampler_list () ? _("Samplers") : "");
          column = 14;
        }
      g_print (" %s", s->name);
      column += width;
    }
  g_print ("\n");
}

static void
print_defaults (const LimnModelInfo *info)
{
  g_print ("%-14s %d\n", _("Steps"), info->default_steps);
  if (info->can_guide)
    g_print ("%-14s %g\n", _("Guidance"), info->default_guidance);
  print_line (_("Sampler"), info->default_sampler);
  print_samplers ();
}

static void
print_details (LimnModelEntry *entry, const LimnModelInfo *info)
{
  g_autofree char *can = capabilities_text (info);
  g_autofree char *takes = takes_text (info);
  g_autofree char *size = g_format_size (info->file_bytes);

  print_line (_("Model"), info->id);
  print_line (_("Name"), info->name);
  print_line (_("Description"), info->description);
  print_line (_("Can"), can);
  print_line (_("Licence"), info->licence);
  print_line (_("File"), info->path);
  print_line (_("Size"), size);
  g_print ("%-14s %.1f M\n", _("Parameters"), info->n_parameters / 1e6);
  print_technical (info);
  if (info->upscale_factor > 1)
    g_print (_("%-14s by %d\n"), _("Upscales"), info->upscale_factor);
  if (info->capabilities != 0 && !info->one_pass)
    {
      g_print (_("%-14s made for %d pixels, at least %d\n"), _("Picture size"), info->native_size,
               info->min_size);
      print_line (_ ("Takes"), takes);
      print_defaults (info);
    }
  print_line (_("Built in"), limn_model_entry_is_builtin (entry) ? _("yes") : _("no"));
  print_categories (limn_model_entry_get_model (entry), info);
}

static int
describe (LimnLibrary *library, const char *name)
{
  LimnModelEntry *installed = limn_library_lookup (library, name);
  g_autoptr (LimnModelEntry) entry = installed != NULL ? g_object_ref (installed) : NULL;
  const LimnModelInfo *info;

  if (entry == NULL && g_file_test (name, G_FILE_TEST_EXISTS))
    entry = _limn_model_entry_new (name, FALSE);
  info = entry != NULL ? limn_model_entry_get_info (entry) : NULL;
  if (entry == NULL)
    {
      g_autofree char *shown = g_filename_display_name (name);

      limn_cli_complain (
          _("There is no model and no file “%s”. “limn models” lists what is there."), shown);
      return LIMN_CLI_FAILURE;
    }
  if (info == NULL)
    return limn_cli_failure_of (_limn_model_entry_get_path (entry), limn_model_entry_get_error (entry));
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

  if (!limn_cli_parse ("models", "[NAME|FILE]", _("Lists the installed models, or describes one."),
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
