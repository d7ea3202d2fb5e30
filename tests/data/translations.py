#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Checks po/: translations.py ROOT prints TAP; translations.py ROOT --update writes po/POTFILES anew.

POTFILES is sorted, names files that exist, and names every file that has translatable strings; each language in LINGUAS has a
catalogue that msgfmt accepts, with every message of the window.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

MARKED = {
    ('.c',): re.compile(r'\b(?:_|N_|C_|NC_|ngettext|g_dngettext|g_dgettext|g_dpgettext2?) ?\(\s*"'),
    ('.ui', '.gschema.xml'): re.compile(r'translatable="(?:yes|true)"|<(?:summary|description)>'),
    ('.desktop.in', '.metainfo.xml.in'): re.compile(''),
}
FOLDERS = ('engine', 'app', 'ui', 'data')


def entries(path):
    with open(path, encoding='utf-8') as file:
        return [line.strip() for line in file if line.strip() and not line.startswith('#')]


def has_strings(path):
    """Whether the file at @path has strings for translators."""
    for suffixes, pattern in MARKED.items():
        if path.endswith(suffixes):
            with open(path, encoding='utf-8', errors='replace') as file:
                return pattern.search(file.read()) is not None
    return False


def files_with_strings(root):
    for top in FOLDERS:
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                path = os.path.join(folder, name)
                if has_strings(path):
                    yield os.path.relpath(path, root)


def update(root):
    with open(os.path.join(root, 'po', 'POTFILES'), 'w', encoding='utf-8') as file:
        file.writelines(path + '\n' for path in sorted(files_with_strings(root)))


def check_catalogue(path):
    """What msgfmt has to say against the catalogue at @path."""
    result = subprocess.run(['msgfmt', '--check', '--output-file=/dev/null', path],
                            capture_output=True, text=True, check=False)
    return result.stderr.splitlines() if result.returncode else []


def untranslated(root, path, listed):
    """Messages of the window and what lies under it that the catalogue at @path lacks or is unsure of. The command line may be behind."""
    wanted = [name for name in listed if not name.startswith('app/cli')]
    with tempfile.TemporaryDirectory() as folder:
        pot, merged = os.path.join(folder, 'limn.pot'), os.path.join(folder, 'merged.po')
        commands = [
            ['xgettext', '--from-code=UTF-8', '--keyword=_', '--keyword=N_', '--keyword=C_:1c,2', '--keyword=ngettext:1,2',
             '--output=' + pot] + wanted,
            ['msgmerge', '--quiet', '--no-fuzzy-matching', '--no-wrap', '--output-file=' + merged, path, pot],
        ]
        for command in commands:
            result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
            if result.returncode:
                return result.stderr.splitlines()
        lacking = subprocess.run(['msgattrib', '--no-obsolete', '--no-wrap', '--no-location', '--untranslated', merged],
                                 capture_output=True, text=True, check=False).stdout
        unsure = subprocess.run(['msgattrib', '--no-obsolete', '--no-wrap', '--no-location', '--only-fuzzy', merged],
                                capture_output=True, text=True, check=False).stdout
        return [line for line in (lacking + unsure).splitlines() if line.startswith('msgid "') and line != 'msgid ""']


def main(root):
    listed = entries(os.path.join(root, 'po', 'POTFILES'))
    languages = entries(os.path.join(root, 'po', 'LINGUAS'))
    checks = [
        ('POTFILES is sorted', [] if listed == sorted(set(listed)) else ['po/POTFILES is not sorted or names a file twice']),
        ('POTFILES names files that exist', [path for path in listed if not os.path.exists(os.path.join(root, path))]),
        ('POTFILES names every file with strings', sorted(set(files_with_strings(root)) - set(listed))),
    ]
    for language in languages:
        path = os.path.join(root, 'po', language + '.po')
        checks.append((f'{language}.po is sound', check_catalogue(path) if os.path.exists(path) else [f'{path} is missing']))
        if os.path.exists(path):
            checks.append((f'{language}.po has every message of the window', untranslated(root, path, listed)))

    print(f'1..{len(checks)}')
    for number, (name, faults) in enumerate(checks, 1):
        for fault in faults:
            print(f'# {fault}')
        print(f"{'not ok' if faults else 'ok'} {number} {name}")
    return 1 if any(faults for _, faults in checks) else 0


if __name__ == '__main__':
    if sys.argv[2:] == ['--update']:
        update(sys.argv[1])
        sys.exit(0)
    if shutil.which('msgfmt') is None:
        print('1..0 # SKIP msgfmt is not installed')
        sys.exit(0)
    sys.exit(main(sys.argv[1]))
