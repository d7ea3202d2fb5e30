#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""The benchmark of the stages works, shown on a tiny structure: no figure of time is looked at. test-bench.py PROGRAM prints TAP."""

import json
import os
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
# The operations of the tiny structure, counted by hand from the published layers.
STAGES = ['UNet, one evaluation', 'UNet, two in one batch', 'autoencoder, decode', 'autoencoder, encode', 'text encoder', 'RRDB x4 of a tile']


def conv(side, n_in, n_out, kernel=3):
    return 2 * side * side * n_in * n_out * kernel * kernel


def decode_operations(width=32, side=8):
    """KL-f8's decoder, as its paper's table says, at a width of 32 and a latent of 8 by 8."""
    def block(s, a, b):
        return conv(s, a, b) + conv(s, b, b) + (conv(s, a, b, 1) if a != b else 0)
    top = 4 * width
    total = conv(side, 4, 4, 1) + conv(side, 4, top) + 2 * block(side, top, top)
    total += 4 * conv(side, top, top, 1) + 4 * side ** 4 * top
    now = top
    for level, factor in enumerate([4, 4, 2, 1]):
        s = side << level
        for _ in range(3):
            total += block(s, now, factor * width)
            now = factor * width
        if level < 3:
            total += conv(2 * s, now, now)
    return total + conv(8 * side, now, 3)


def main():
    results = []

    def check(what, ok, why=''):
        results.append(ok)
        print(f"{'ok' if ok else 'not ok'} {len(results)} - {what}{'' if ok else ': ' + str(why)}")

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'figures.json')
        environment = dict(os.environ, TMPDIR=folder)
        run = subprocess.run([PROGRAM, '--tiny', '--runs', '1', '--threads', '2', '--json', path], capture_output=True, text=True, env=environment)
        check('ends well', run.returncode == 0, run.stderr)
        check('leaves nothing behind', os.listdir(folder) == ['figures.json'], os.listdir(folder))
        with open(path, encoding='utf-8') as file:
            rows = {row['name']: row for row in json.load(file)['rows']}
        check('has every stage', all(name in rows for name in STAGES), list(rows))
        check('every stage took time, and memory', all(rows[n]['median_seconds'] > 0 and rows[n]['peak_bytes'] > 1e6 for n in STAGES), rows)
        check('two evaluations are twice one', abs(rows[STAGES[1]]['gflop'] / rows[STAGES[0]]['gflop'] - 2) < 1e-4, rows)
        check('counts the decoder', abs(rows[STAGES[2]]['gflop'] / (decode_operations() / 1e9) - 1) < 1e-4, (rows[STAGES[2]], decode_operations()))
        wrong = subprocess.run([PROGRAM, '--tiny', '--kernels', 'abacus'], capture_output=True, text=True, env=environment)
        check('an unknown table of kernels is named', wrong.returncode == 2 and 'abacus' in wrong.stderr, wrong.stderr)
    print(f'1..{len(results)}')
    return 0 if all(results) else 1


sys.exit(main())
