#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Holds the rules of HACKING.md that can be read off the sources. architecture.py ROOT prints TAP.

Includes point one way (ui -> app -> engine/task -> engine/model -> engine/nn, diffusion, text -> engine/weights, tensor); the engine knows no
toolkit, image loader or database, the app no widgets; the tree stands alone; every source names its licence; nothing is left unfinished.
"""

import os
import re
import sys

# Which folders the files of a folder may include from. The longest name that fits a file's path counts.
BASE = ['engine/tensor']
LOADED = BASE + ['engine/weights']
NETWORKS = LOADED + ['engine/nn', 'engine/diffusion', 'engine/text']
ENGINE = NETWORKS + ['engine/model', 'engine/task']
ARROWS = {
    'engine/tensor': BASE,
    'engine/weights': LOADED,
    'engine/text': LOADED + ['engine/text'],
    'engine/nn': LOADED + ['engine/nn'],
    'engine/diffusion': LOADED + ['engine/diffusion'],
    'engine/model': NETWORKS + ['engine/model'],
    'engine/task': ENGINE,
    'app': ['app', 'engine/task', 'engine/model', 'engine/diffusion', 'engine/tensor'],
    'app/main': ['app', 'ui', 'engine/task', 'engine/model', 'engine/diffusion', 'engine/tensor'],
    'ui': ['ui', 'app', 'engine/task', 'engine/model'],
}

# System headers that a layer may not know, by how they begin.
STRANGERS = {
    'engine': ('gtk/', 'gdk/', 'gsk/', 'adwaita', 'gdk-pixbuf/', 'cairo', 'sqlite3', 'lcms2', 'pango/'),
    'app': ('gtk/', 'gdk/', 'gsk/', 'adwaita', 'pango/'),
    'ui': ('sqlite3', 'cblas', 'openblas'),
}

LICENCE = 'SPDX-License-Identifier: GPL-3.0-or-later'
LICENSED = ('.c', '.h', '.py', '.sh')
# Put together here so that this file does not find itself.
UNFINISHED = re.compile('|'.join([r'\bTO' + r'DO\b', r'\bFIX' + r'ME\b', r'\bXX' + r'X\b', r'\bHA' + r'CK\b', 'not ' + 'implemented']))
MACHINE_PATHS = re.compile('|'.join([r'\.\./sha' + 'red', r'(?<![\w.$}~/-])/(?:wo' + r'rk|ho' + r'me|ro' + r'ot)/']))
TEXTS = LICENSED + ('.build', '.md', '.in', '.xml', '.ui', '.css', '.yaml', '.json', '.txt', 'Makefile', 'run')
LONGEST_FILE = 800

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def sources(root):
    """Paths, relative to @root, of the files that belong to the project: no build folders, no hidden ones but .ci."""
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names
                          if not name.startswith(('build', '_build')) and name not in ('__pycache__', 'artefacts')
                          and (not name.startswith('.') or name == '.ci'))
        for name in sorted(files):
            yield os.path.relpath(os.path.join(folder, name), root)


def longest_prefix(path, folders):
    fitting = [folder for folder in folders if path.startswith(folder + '/')]
    return max(fitting, key=len) if fitting else None


def line_of(text, offset):
    return text.count('\n', 0, offset) + 1


def check_includes(path, text):
    """Yields a sentence for each include of @path against the arrows."""
    folder = longest_prefix(path, ARROWS)
    if folder is None or not path.endswith(('.c', '.h')):
        return
    layer = longest_prefix(path, STRANGERS)
    if folder == 'app/main':
        layer = None
    for match in INCLUDE.finditer(text):
        quote, header = match.groups()
        where = f'{path}:{line_of(text, match.start(2))}'
        if layer and header.startswith(STRANGERS[layer]):
            yield f'{where}: {layer} may not include <{header}>'
        target = longest_prefix(header, ['engine', 'app', 'ui', 'tests'])
        if quote != '"' or target is None:
            continue
        if longest_prefix(header, ARROWS) not in ARROWS[folder]:
            yield f'{where}: {folder} may not include "{header}"'


def check_licence(path, text):
    if path.endswith(LICENSED) and LICENCE not in text[:400]:
        yield f'{path}: does not begin with "{LICENCE}"'


def matches(path, text, pattern, what):
    for match in pattern.finditer(text):
        yield f'{path}:{line_of(text, match.start())}: {what} "{match.group()}"'


def check_unfinished(path, text):
    if path.endswith(('.c', '.h', '.py', '.sh', '.ui', '.build')):
        yield from matches(path, text, UNFINISHED, 'left unfinished:')


def check_alone(path, text):
    yield from matches(path, text, MACHINE_PATHS, 'a path of one machine:')


def check_length(path, text):
    if path.endswith(('.c', '.h')) and text.count('\n') > LONGEST_FILE:
        yield f'{path}: {text.count(chr(10))} lines; split it (at most {LONGEST_FILE})'


CHECKS = [
    ('includes follow the arrows', check_includes),
    ('sources name their licence', check_licence),
    ('nothing is left unfinished', check_unfinished),
    ('the tree stands alone', check_alone),
    ('files are short', check_length),
]


def read(root, path):
    try:
        with open(os.path.join(root, path), encoding='utf-8') as file:
            return file.read()
    except (UnicodeDecodeError, OSError):
        return ''


def find_faults(root):
    """One list of sentences for each of CHECKS."""
    texts = {path: read(root, path) for path in sources(root) if path.endswith(TEXTS)}
    return [[fault for path, text in texts.items() for fault in check(path, text)] for _, check in CHECKS]


def main(root):
    print(f'1..{len(CHECKS)}')
    results = find_faults(root)
    for number, ((name, _), faults) in enumerate(zip(CHECKS, results), 1):
        for fault in faults:
            print(f'# {fault}')
        print(f"{'not ok' if faults else 'ok'} {number} {name}")
    return 1 if any(results) else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
