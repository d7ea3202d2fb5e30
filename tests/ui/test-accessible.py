#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Walks the whole window as a screen reader does, over AT-SPI, and fails on a control without a name.

    with-display.sh dbus-run-session -- test-accessible.py LIMN LIMN-SAMPLE

Opens a photo, goes through every tool, opens every menu and popover, makes a result, looks at the history, at preferences, shortcuts and
about. Prints TAP.
"""

import os
import re
import subprocess
import sys
import tempfile
import time


def skip(why):
    print(f'1..0 # SKIP {why}')
    sys.exit(0)


# Warnings are fatal to Limn, not to the bus's own library, which warns when it meets a program that has just begun.
limn_environment = dict(os.environ)
os.environ.pop('G_DEBUG', None)

try:
    import gi
    gi.require_version('Atspi', '2.0')
    from gi.repository import Atspi, Gio, GLib
except (ImportError, ValueError):
    skip('python3-gi or gir1.2-atspi-2.0 is not installed')

NAME, PATH = 'io.github.limn.Limn', '/io/github/limn/Limn'
# Longest wait for anything, seconds.
PATIENCE = 150
CONTROLS = {'push button', 'toggle button', 'check box', 'radio button', 'combo box', 'entry', 'text', 'password text', 'spin button',
            'slider', 'switch', 'menu item', 'check menu item', 'radio menu item', 'page tab', 'link', 'color chooser', 'image'}
# These wrap what has the focus, which is read with their name.
WRAPPERS = CONTROLS | {'list item'}
TOOLS = ['brush', 'eraser', 'rectangle', 'ellipse', 'lasso', 'polygon', 'wand', 'paint', 'expand', 'pan']
# GTK gives the type's name to what has none.
# What GTK 4.8 and libadwaita 1.2 leave without a name in windows that they build themselves: the search and the tabs of preferences, and
# the two windows that are theirs altogether.
FOREIGN = {'entry “GtkSearchEntry”', 'page tab “GtkLabel”', 'push button “GtkImage”', 'push button “GtkMenuButton”', 'push button “GtkButton”',
           'text “GtkTextView”', 'push button “_Copy Text Copy Text”', 'push button “_Save as… Save as…”'}
TYPE_NAME = re.compile(r'^(Gtk|Adw|Limn)[A-Z][A-Za-z]*$')
MNEMONIC = re.compile(r'(^|\s)\w*_\w')

results = []


def check(what, ok, why=''):
    results.append(bool(ok))
    print(f"{'ok' if ok else 'not ok'} {len(results)} - {what}", flush=True)
    if not ok:
        for line in str(why).splitlines():
            print(f'# {line}', flush=True)


def wait_for(condition, what):
    """What @condition returns as soon as that is true."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            value = condition()
            if value:
                return value
        except GLib.Error:
            pass  # it went away while it was looked at
        time.sleep(0.2)
    raise TimeoutError(f'waited in vain for {what}')


def children(node):
    """Of a tree that changes while it is read: those that there are."""
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            yield child


def walk(node, above=()):
    """Each node below @node with those above it, the nearest last."""
    yield node, above
    for child in list(children(node)):
        yield from walk(child, above + (node,))


def is_name(text):
    return bool(text.strip()) and not TYPE_NAME.match(text)


def describe(node, above):
    return ' > '.join(f'{n.get_role_name()} “{n.get_name()}”' for n in above[-5:] + (node,) if n.get_role_name() not in ('panel', 'filler'))


def is_control(node):
    role = node.get_role_name()
    if role == 'image':  # a picture that keys work on is a control, an icon is none
        return node.get_state_set().contains(Atspi.StateType.FOCUSABLE)
    return role in CONTROLS


class Walker:
    """The program, what was seen of it, and what is wrong with that."""

    def __init__(self, limn, *arguments):
        self.process = subprocess.Popen([limn, *arguments], env=limn_environment)
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.told = set()  # what is wrong, each once
        # Before that it has no tree, which libatspi remembers.
        wait_for(self.has_window, 'the window')
        self.app = wait_for(self.find_app, 'the program on the accessibility bus')
        self.app.set_cache_mask(Atspi.Cache.NONE)
        wait_for(lambda: self.find('push button', 'Main menu'), 'the window')

    def has_window(self):
        if self.process.poll() is not None:
            raise SystemExit(f'limn ended with {self.process.returncode}')
        return self.enabled('panel') or True

    def find_app(self):
        desktop = Atspi.get_desktop(0)
        desktop.set_cache_mask(Atspi.Cache.NONE)
        return next((app for app in children(desktop) if app.get_child_count() > 0), None)

    def find(self, role, name):
        return next((node for node, _ in walk(self.app) if node.get_role_name() == role and node.get_name() == name), None)

    def windows(self):
        return [window.get_name() for window in children(self.app)]

    def call(self, path, method, arguments, reply=None):
        return self.bus.call_sync(NAME, path, 'org.gtk.Actions', method, arguments, reply and GLib.VariantType(reply), 0, -1, None)

    def window_path(self):
        return PATH + '/window/1'

    def activate(self, action, value=None):
        """"win.undo" or "app.about"."""
        group, _, name = action.partition('.')
        self.call(self.window_path() if group == 'win' else PATH, 'Activate',
                  GLib.Variant('(sava{sv})', (name, [] if value is None else [GLib.Variant('s', value)], {})))

    def enabled(self, name):
        return self.call(self.window_path(), 'Describe', GLib.Variant('(s)', (name,)), '((bgav))').unpack()[0][0]

    def look(self, what, at_least, root=None, foreign=()):
        """Looks at every control there is now. @at_least: how many have to be there, so that a walk that saw nothing fails."""
        wrong, count = [], 0
        for node, above in walk(root or self.app):
            try:
                if not is_control(node):
                    continue
                count += 1
                name = node.get_name()
                if f'{node.get_role_name()} “{name}”' in foreign:
                    continue
                wrapper = next((n for n in reversed(above) if n.get_role_name() not in ('panel', 'filler')), None)
                wrapped = wrapper is not None and wrapper.get_role_name() in WRAPPERS and is_name(wrapper.get_name())
                if not is_name(name) and not wrapped:
                    wrong.append('no name: ' + describe(node, above))
                elif MNEMONIC.search(name):
                    wrong.append('an underscore is read out: ' + describe(node, above))
            except GLib.Error:
                continue
        new = sorted(set(wrong) - self.told)
        self.told.update(wrong)
        check(f'{what}: every control has a name', not new, '\n'.join(new))
        if count < at_least:
            check(f'{what}: its controls are there', False, f'{count} instead of {at_least}')

    def menu_buttons(self):
        """The buttons that open something: as GTK shows them, a button around a button."""
        return [node for node, above in walk(self.app)
                if node.get_role_name() in ('push button', 'toggle button') and above
                and above[-1].get_role_name() in ('push button', 'toggle button')]

    def open_all(self, where):
        """Opens every menu and popover that can be opened now, one after the other."""
        opened = 0
        for button in self.menu_buttons():
            states = button.get_state_set()
            if not states.contains(Atspi.StateType.SENSITIVE) and not states.contains(Atspi.StateType.ENABLED):
                continue
            parent = button.get_parent()
            before = sum(1 for _ in walk(parent))
            if button.get_n_actions() < 1 or not button.do_action(0):
                continue
            time.sleep(0.4)
            if sum(1 for _ in walk(parent)) >= before:
                opened += 1
            self.look(f'{where}, “{parent.get_name()}” opened', 1, parent)
            button.do_action(0)
            time.sleep(0.2)
        return opened

    def quit(self):
        self.process.kill()
        self.process.wait()


def brush():
    """Over the middle of the picture, with the pointer. To be done again until it was felt: a press that closes a popover is lost."""
    words = ['mousemove', '600', '400', 'mousedown', '1']
    for step in range(1, 11):
        words += ['mousemove', str(600 + 6 * step), '400', 'sleep', '0.02']
    subprocess.run(['xdotool', *words, 'mouseup', '1'], check=True)


def main(limn, sample):
    with tempfile.TemporaryDirectory() as folder:
        photo = os.path.join(folder, 'landscape.png')
        subprocess.run([sample, 'landscape', photo], check=True)
        walker = Walker(limn, photo)
        try:
            wait_for(lambda: walker.enabled('save-as'), 'the photo')
            walker.look('the window with a photo', 40)
            for tool in TOOLS:
                walker.activate('win.tool', tool)
                time.sleep(0.4)
                walker.look(f'the tool “{tool}”', 40)
            opened = 0
            for tool in ('brush', 'paint'):
                walker.activate('win.tool', tool)
                time.sleep(0.4)
                opened += walker.open_all(f'with “{tool}”')
            check('menus and popovers were opened', opened >= 6, opened)

            walker.activate('win.tool', 'brush')
            wait_for(lambda: walker.enabled('remove') or brush(), 'a mask')
            walker.look('a mask', 40)
            walker.activate('win.remove')
            wait_for(lambda: walker.enabled('keep'), 'a result')
            walker.look('a result', 40)
            walker.open_all('a result')
            walker.activate('win.keep')
            walker.activate('win.history')
            time.sleep(1)
            walker.look('the history', 40)

            for action, window in (('app.preferences', 'Preferences'), ('win.show-help-overlay', 'Keyboard Shortcuts'), ('app.about', 'About')):
                before = len(walker.windows())
                walker.activate(action)
                wait_for(lambda: len(walker.windows()) > before, window)
                time.sleep(0.5)
                walker.look(window, 10, foreign=FOREIGN)
                subprocess.run(['xdotool', 'key', 'Escape'], check=True)

            check('the program is still there', walker.process.poll() is None, walker.process.returncode)
        except TimeoutError as error:
            check('everything comes in time', False, f'{error}; windows: {walker.windows()}')
        finally:
            walker.quit()
    print(f'1..{len(results)}')
    sys.exit(0 if all(results) else 1)


if __name__ == '__main__':
    main(*sys.argv[1:3])
