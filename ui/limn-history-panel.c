/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-history-panel.h"

#include <adwaita.h>

#include "ui/limn-history-cell.h"

struct _LimnHistoryPanel
{
  GtkWidget parent_instance;

  /* Template widgets */
  GtkWidget *box;
  GtkSearchEntry *search_entry;
  GtkStack *stack;
  GtkListView *list;
  GtkWidget *restore_button;

  /* Owned */
  LimnHistory *history;
};

G_DEFINE_FINAL_TYPE (LimnHistoryPanel, limn_history_panel, GTK_TYPE_WIDGET)

static guint activated_signal;

static void
update_page (LimnHistoryPanel *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));
  gboolean any
      = self->history != NULL && g_list_model_get_n_items (G_LIST_MODEL (self->history)) > 0;

  gtk_stack_set_visible_child_name (self->stack, any             ? "list"
                                                 : *text != '\0' ? "nothing-found"
                                                                 : "empty");
  /* Without a list there is no Ctrl+Z in it. */
  gtk_widget_set_visible (self->restore_button,
                          !any && self->history != NULL && limn_history_can_restore (self->history));
}

static void
items_changed_cb (GListModel *model,
                  guint position,
                  guint removed,
                  guint added,
                  LimnHistoryPanel *self)
{
  g_assert (LIMN_IS_HISTORY_PANEL (self));

  update_page (self);
}

static void
search_changed_cb (GtkSearchEntry *entry, LimnHistoryPanel *self)
{
  g_assert (LIMN_IS_HISTORY_PANEL (self));

  if (self->history != NULL)
    limn_history_search (self->history, gtk_editable_get_text (GTK_EDITABLE (entry)));
  update_page (self);
}

void
limn_history_panel_activate (LimnHistoryPanel *self, guint position)
{
  g_autoptr (LimnGeneration) generation = NULL;

  g_return_if_fail (LIMN_IS_HISTORY_PANEL (self));

  if (self->history == NULL)
    return;
  generation = g_list_model_get_item (G_LIST_MODEL (self->history), position);
  if (generation != NULL)
    g_signal_emit (self, activated_signal, 0, generation);
}

static void
activate_cb (GtkListView *list, guint position, LimnHistoryPanel *self)
{
  g_assert (LIMN_IS_HISTORY_PANEL (self));

  limn_history_panel_activate (self, position);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, LimnHistoryPanel *self)
{
  gtk_list_item_set_child (item, limn_history_cell_new ());
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, LimnHistoryPanel *self)
{
  g_assert (LIMN_IS_HISTORY_PANEL (self));

  limn_history_cell_bind (LIMN_HISTORY_CELL (gtk_list_item_get_child (item)), self->history,
                          gtk_list_item_get_item (item));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, LimnHistoryPanel *self)
{
  limn_history_cell_bind (LIMN_HISTORY_CELL (gtk_list_item_get_child (item)), NULL, NULL);
}

void
limn_history_panel_setup (LimnHistoryPanel *self, LimnHistory *history)
{
  g_autoptr (GtkSelectionModel) selection = NULL;

  g_return_if_fail (LIMN_IS_HISTORY_PANEL (self));
  g_return_if_fail (self->history == NULL);

  if (history != NULL)
    {
      self->history = g_object_ref (history);
      selection
          = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (history))));
      gtk_list_view_set_model (self->list, selection);
      g_signal_connect_object (history, "items-changed", G_CALLBACK (items_changed_cb), self, 0);
    }
  update_page (self);
}

void
limn_history_panel_focus_search (LimnHistoryPanel *self)
{
  g_return_if_fail (LIMN_IS_HISTORY_PANEL (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

/* The row that shows @id, NULL when none does at present. */
static GtkWidget *
find_row (LimnHistoryPanel *self, gint64 id)
{
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      GtkWidget *cell = gtk_widget_get_first_child (row);

      if (LIMN_IS_HISTORY_CELL (cell) && limn_history_cell_get_id (LIMN_HISTORY_CELL (cell)) == id)
        return row;
    }
  return NULL;
}

void
limn_history_panel_focus_row (LimnHistoryPanel *self, guint position)
{
  guint n = self->history != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->history)) : 0;
  g_autoptr (LimnGeneration) generation = NULL;
  GtkWidget *row;

  g_return_if_fail (LIMN_IS_HISTORY_PANEL (self));

  if (n == 0)
    {
      if (!gtk_widget_get_visible (self->restore_button)
          || !gtk_widget_grab_focus (self->restore_button))
        limn_history_panel_focus_search (self);
      return;
    }
  position = MIN (position, n - 1);
  generation = g_list_model_get_item (G_LIST_MODEL (self->history), position);
  gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", position);
  row = find_row (self, limn_generation_get_id (generation));
  /* A list that has not been drawn yet has no rows. */
  gtk_widget_grab_focus (row != NULL ? row : GTK_WIDGET (self->list));
}

/* ---- Keys of the list ------------------------------------------------------------------------ */

static gboolean
delete_cb (GtkWidget *list, GVariant *args, gpointer user_data)
{
  GtkWidget *row = gtk_widget_get_focus_child (list);
  GtkWidget *cell = row != NULL ? gtk_widget_get_first_child (row) : NULL;

  return LIMN_IS_HISTORY_CELL (cell)
         && gtk_widget_activate_action (list, "win.history-delete-entry", "x",
                                        limn_history_cell_get_id (LIMN_HISTORY_CELL (cell)));
}

/* Deleting, and what undo means here. */
static void
add_keys (LimnHistoryPanel *self)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();
  const struct
  {
    guint key;
    GdkModifierType modifiers;
    GtkShortcutAction *action;
  } all[] = {
    { GDK_KEY_Delete, 0, gtk_callback_action_new (delete_cb, NULL, NULL) },
    { GDK_KEY_KP_Delete, 0, gtk_callback_action_new (delete_cb, NULL, NULL) },
    { GDK_KEY_z, GDK_CONTROL_MASK, gtk_named_action_new ("win.history-restore-last") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (keys),
        gtk_shortcut_new (gtk_keyval_trigger_new (all[i].key, all[i].modifiers), all[i].action));
  gtk_widget_add_controller (GTK_WIDGET (self->list), keys);
}

static void
limn_history_panel_dispose (GObject *object)
{
  LimnHistoryPanel *self = LIMN_HISTORY_PANEL (object);

  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), LIMN_TYPE_HISTORY_PANEL);
  g_clear_object (&self->history);
  G_OBJECT_CLASS (limn_history_panel_parent_class)->dispose (object);
}

static void
limn_history_panel_class_init (LimnHistoryPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_history_panel_dispose;
  activated_signal = g_signal_new ("activated", LIMN_TYPE_HISTORY_PANEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, LIMN_TYPE_GENERATION);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-history-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnHistoryPanel, box);
  gtk_widget_class_bind_template_child (widget_class, LimnHistoryPanel, search_entry);
  gtk_widget_class_bind_template_child (widget_class, LimnHistoryPanel, stack);
  gtk_widget_class_bind_template_child (widget_class, LimnHistoryPanel, list);
  gtk_widget_class_bind_template_child (widget_class, LimnHistoryPanel, restore_button);
}

static void
limn_history_panel_init (LimnHistoryPanel *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_cb), self, 0);
  gtk_list_view_set_factory (self->list, factory);
  g_signal_connect (self->search_entry, "search-changed", G_CALLBACK (search_changed_cb), self);
  g_signal_connect (self->list, "activate", G_CALLBACK (activate_cb), self);
  add_keys (self);
}
