#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""The benchmarks work, shown on a tiny structure: no figure of time is looked at. test-bench.py STAGES SHAPES INPAINT prints TAP."""

import json
import os
import subprocess
import sys
import tempfile

STAGES, SHAPES, INPAINT = sys.argv[1:4]
STAGE_NAMES = ['UNet, one evaluation', 'UNet, two in one batch', 'autoencoder, decode', 'autoencoder, encode', 'text encoder', 'RRDB x4 of a tile']
# The largest that any way to convolve may be off, of the largest output, with the few channels that there are here.
ERROR = 1e-5

results = []


def check(what, ok, why=''):
    results.append(bool(ok))
    print(f"{'ok' if ok else 'not ok'} {len(results)} - {what}{'' if ok else ': ' + str(why)}")


def conv(side, n_in, n_out, kernel=3):
    return 2 * side * side * n_in * n_out * kernel * kernel


def decode_operations(width=32, side=8):
    """KL-f8's decoder at a width of 32 and a latent of 8 by 8, counted from its description."""
    def block(s, a, b):
        return conv(s, a, b) + conv(s, b, b) + (conv(s, a, b, 1) if a != b else 0)
    now = 4 * width
    total = conv(side, 4, 4, 1) + conv(side, 4, now) + 2 * block(side, now, now)
    total += 4 * conv(side, now, now, 1) + 4 * side ** 4 * now
    for level, factor in enumerate([4, 4, 2, 1]):
        for _ in range(3):
            total += block(side << level, now, factor * width)
            now = factor * width
        if level < 3:
            total += conv(side << level + 1, now, now)
    return total + conv(8 * side, now, 3)


def run(folder, program, *options):
    """The rows by name, after checks that it ended well and left nothing behind."""
    name = os.path.basename(program)
    path = os.path.join(folder, 'figures.json')
    done = subprocess.run([program, '--tiny', '--runs', '1', '--threads', '2', '--json', path, *options],
                          capture_output=True, text=True, env=dict(os.environ, TMPDIR=folder))
    check(f'{name} ends well', done.returncode == 0, done.stderr)
    check(f'{name} leaves nothing behind', os.listdir(folder) == ['figures.json'], os.listdir(folder))
    with open(path, encoding='utf-8') as file:
        rows = {row['name']: row for row in json.load(file)['rows']}
    os.remove(path)
    return rows


def check_stages(rows):
    check('every stage is there', all(name in rows for name in STAGE_NAMES), list(rows))
    stages = [rows[name] for name in STAGE_NAMES]
    check('each took time, and memory', all(row['median_seconds'] > 0 and row['peak_bytes'] > 1e6 for row in stages), stages)
    check('two evaluations are twice one', abs(stages[1]['gflop'] / stages[0]['gflop'] - 2) < 1e-4, stages)
    check('the decoder is counted', abs(stages[2]['gflop'] / (decode_operations() / 1e9) - 1) < 1e-4, (stages[2], decode_operations()))


def check_shapes(rows):
    forced = [row for name, row in rows.items() if ', F(' in name or ', direct' in name]
    check('every way to convolve is there', len(forced) > 30 and len(forced) % 3 == 0, list(rows))
    errors = {name: row['error'] for name, row in rows.items() if row['error'] is not None}
    check('errors are those of floats', errors and all(0 < error < ERROR for error in errors.values()), errors)
    total = sum(row['gflop'] * row['count'] for name, row in rows.items() if name.startswith('decoder ') and row['count'] and ', ' not in name)
    attention = sum(row['gflop'] * row['count'] for name, row in rows.items() if name.startswith('decoder attention'))
    check('the decoder is its layers', abs((total + attention) / (decode_operations() / 1e9) - 1) < 1e-3, (total, attention, decode_operations()))


def check_inpaint(rows):
    check('an inpaint has its stages', all(name in rows for name in ['text', 'encode', 'sample', 'decode', 'whole inpaint']), list(rows))
    check('the whole is no less than its parts', rows['whole inpaint']['median_seconds'] >= rows['sample']['median_seconds'], rows)


with tempfile.TemporaryDirectory() as temporary:
    check_stages(run(temporary, STAGES))
    check_shapes(run(temporary, SHAPES, '--ways'))
    check_inpaint(run(temporary, INPAINT, '--sd', '--steps', '4'))
    wrong = subprocess.run([STAGES, '--tiny', '--kernels', 'abacus'], capture_output=True, text=True, check=False)
    check('an unknown table of kernels is named', wrong.returncode == 2 and 'abacus' in wrong.stderr, wrong.stderr)
print(f'1..{len(results)}')
sys.exit(0 if all(results) else 1)
