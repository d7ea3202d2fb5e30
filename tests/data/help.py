#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""help.py ROOT: checks the pages of the help, data/help/LANGUAGE. Prints TAP.

Each page is well-formed, has only what Mallard knows, and its file's name as its id; what it links to is there, and the index leads to it. Every key that it
names is one that the window has, and so is every button: what is said of the program is looked up in its sources. The same holds for the keys in the list of
shortcuts (ui/help-overlay.ui).
"""

import glob
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

MALLARD = '{http://projectmallard.org/1.0/}'
ELEMENTS = set('''page info link title desc credit name license p section list item steps table tr td em gui guiseq key keyseq file cmd screen'''.split())
# As keys are called in the help, and by GDK.
NAMES = {'[': 'bracketleft', ']': 'bracketright', ',': 'comma', '?': 'question', '+': 'plus', '-': 'minus', 'Esc': 'Escape', 'Enter': 'Return',
         'Backspace': 'BackSpace'}
MODIFIERS = {'Ctrl', 'Shift', 'Alt'}
MODIFIER_KEYS = {'Control_L': 'Ctrl', 'Shift_L': 'Shift'}


def read(root, pattern):
    """All of the files @pattern in one text."""
    texts = []
    for path in sorted(glob.glob(os.path.join(root, pattern))):
        with open(path, encoding='utf-8') as file:
            texts.append(file.read())
    assert texts, f'there is no {pattern}'
    return '\n'.join(texts)


def combination(modifiers, key):
    return '+'.join(sorted(modifiers) + [key.lower() if len(key) == 1 else key])


def accelerator(text):
    """<ctrl><shift>o as it is compared."""
    modifiers = {'Ctrl' if name.lower() in ('ctrl', 'control') else name.capitalize() for name in re.findall(r'<(\w+)>', text)}
    return combination(modifiers, re.sub(r'<\w+>', '', text))


def window_keys(root):
    """Every combination that the window's sources bind."""
    keys = set()
    for key, modifiers in re.findall(r'GDK_KEY_(\w+), ([\w| ]+),', read(root, 'ui/*.c')):
        names = {'CONTROL': 'Ctrl', 'SHIFT': 'Shift', 'ALT': 'Alt'}
        keys.add(combination({names[name] for name in re.findall(r'GDK_(\w+)_MASK', modifiers)}, key))
    # Keys that are looked at when they come.
    for path in ('ui/limn-canvas-keys.c', 'ui/limn-canvas-input.c', 'ui/limn-canvas.c', 'ui/limn-box-tool.c'):
        for key in re.findall(r'GDK_KEY_(\w+)', read(root, path)):
            keys.update({combination((), key), combination({'Shift'}, key)})
    for action, text in re.findall(r'set_accel \(self, "([\w.-]+)", "([^"]+)"', read(root, 'ui/limn-application.c')):
        keys.add(accelerator(text))
    for key in re.findall(r'(?:\.key =|-symbolic",)\s*"(\w+)"', read(root, 'ui/limn-tool.c')):
        keys.add(combination((), key))
    # GTK's own, of the button that is marked as the primary menu's.
    if re.search(r'name="primary">[Tt]rue', read(root, 'ui/limn-window.ui')):
        keys.add('F10')
    return keys


def window_words(root):
    """What stands on buttons and labels, without mnemonics."""
    texts = re.findall(r'translatable="yes"[^>]*>([^<]+)<', read(root, 'ui/*.ui'))
    texts += [text.replace('\\"', '"') for text in re.findall(r'\b[NC]?_ ?\("((?:[^"\\]|\\.)*)"', read(root, 'ui/*.c'))]
    return {text.replace('_', '').rstrip('…') for text in texts}


class Page:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-len('.page')]
        self.root = ElementTree.parse(path).getroot()
        self.problems = []

    def all(self, name):
        return self.root.iter(MALLARD + name)

    def sections(self):
        return {section.get('id') for section in self.all('section')}

    def check_structure(self):
        for element in self.root.iter():
            if element.tag.replace(MALLARD, '') not in ELEMENTS or not element.tag.startswith(MALLARD):
                self.problems.append(f'{element.tag} is nothing that Mallard knows')
        if self.root.get('id') != self.name:
            self.problems.append(f'its id is {self.root.get("id")}')
        info = self.root.find(MALLARD + 'info')
        if info is None or info.find(MALLARD + 'desc') is None or self.root.find(MALLARD + 'title') is None:
            self.problems.append('title or description is missing')
        sections = [section.get('id') for section in self.all('section')]
        if len(sections) != len(set(sections)) or None in sections:
            self.problems.append('two sections have one id, or one has none')

    def check_links(self, pages):
        for link in self.all('link'):
            target, _, section = link.get('xref', '').partition('#')
            if target not in pages or (section and section not in pages[target].sections()):
                self.problems.append(f'links to {link.get("xref")}, which is not there')

    def check_keys(self, keys):
        inside = set()
        for sequence in self.all('keyseq'):
            names = [key.text for key in sequence.iter(MALLARD + 'key')]
            inside.update(id(key) for key in sequence.iter(MALLARD + 'key'))
            self.check_key(names[:-1], names[-1], keys)
        for key in self.all('key'):
            if id(key) not in inside and key.text not in MODIFIERS:
                self.check_key([], key.text, keys)

    def check_key(self, modifiers, key, keys):
        wanted = combination(modifiers, NAMES.get(key, key))
        if not set(modifiers) <= MODIFIERS or wanted not in keys:
            self.problems.append(f'names {wanted}, which the window does not have')

    def check_words(self, words):
        for gui in self.all('gui'):
            if gui.text not in words:
                self.problems.append(f'names “{gui.text}”, which the window does not say')


def check_language(folder, keys, words):
    pages = {}
    for path in sorted(glob.glob(os.path.join(folder, '*.page'))):
        page = Page(path)
        pages[page.name] = page
    for page in pages.values():
        page.check_structure()
        page.check_links(pages)
        page.check_keys(keys)
        # What is on the buttons is looked up in the language of the sources.
        if os.path.basename(folder) == 'C':
            page.check_words(words)
        guides = [link for link in page.all('link') if link.get('type') == 'guide']
        if page.name != 'index' and not guides:
            page.problems.append('the index does not lead to it')
    return pages


def main():
    root = sys.argv[1]
    keys, words = window_keys(root), window_words(root)
    number = failed = 0
    found = {}
    for folder in sorted(glob.glob(os.path.join(root, 'data/help/*'))):
        pages = found[os.path.basename(folder)] = check_language(folder, keys, words)
        for page in pages.values():
            number += 1
            failed += bool(page.problems)
            for problem in page.problems:
                print(f'# {problem}')
            print(f'{"not ok" if page.problems else "ok"} {number} {os.path.relpath(page.path, root)}')
    number += 1
    same = bool(found.get('C')) and all(pages.keys() == found['C'].keys() for pages in found.values())
    failed += not same
    print(f'{"ok" if same else "not ok"} {number} every language has the same pages')
    number += 1
    unknown = []
    for text in re.findall(r'name="accelerator">([^<]+)<', read(root, 'ui/help-overlay.ui')):
        for part in re.split(r' |\.\.\.', text.replace('&lt;', '<').replace('&gt;', '>')):
            if part not in MODIFIER_KEYS and accelerator(part) not in keys:
                unknown.append(part)
    failed += bool(unknown)
    for part in unknown:
        print(f'# the list of shortcuts names {part}')
    print(f'{"not ok" if unknown else "ok"} {number} the list of shortcuts names keys that the window has')
    print(f'1..{number}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
