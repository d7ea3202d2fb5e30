#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Fills Limn's column of the table in SPEED.md, and the table of inpaints below it, from what `make bench` left in a folder.

speed-table.py FOLDER [SPEED.md] [--note TEXT]: TEXT says how quiet the machine was.
"""

import argparse
import json
import os
import sys

# What stands in the table's first cell, and the name of the figure.
STAGES = {
    'one UNet evaluation': 'UNet, one evaluation',
    'UNet with guidance': 'UNet, two in one batch',
    'autoencoder, decode': 'autoencoder, decode',
    'autoencoder, encode': 'autoencoder, encode',
    'text encoder, 77 tokens': 'text encoder',
    'RRDB x4 of a 128x128 tile': 'RRDB x4 of a tile',
}
MEMORY = 'peak memory, whole inpaint'
LINE = "Limn's column: "
PARTS = ['text', 'encode', 'sample', 'decode', 'blend', 'whole inpaint']


def read(folder, name):
    """The machine, and the rows by name; nothing when that part was not run."""
    path = os.path.join(folder, name + '.json')
    if not os.path.exists(path):
        return None, {}
    with open(path, encoding='utf-8') as file:
        figures = json.load(file)
    return figures['machine'], {row['name']: row for row in figures['rows']}


def seconds(value):
    return f'{value:.2f} s' if value >= 0.1 else f'{value * 1000:.1f} ms'


def cell(row):
    return f"{seconds(row['median_seconds'])} (**{row['x_sgemm']:.2f} x**), {row['peak_bytes'] / 1e9:.2f} GB"


def inpaint_line(title, rows):
    return f'| {title} | ' + ' | '.join(seconds(rows[part]['median_seconds']) if part in rows else '' for part in PARTS) + ' |'


def main():
    parser = argparse.ArgumentParser(description='Fills the table in SPEED.md.')
    parser.add_argument('folder')
    parser.add_argument('notebook', nargs='?', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'SPEED.md'))
    parser.add_argument('--note', default='')
    options = parser.parse_args()
    machine, stages = read(options.folder, 'stages')
    _, sd = read(options.folder, 'inpaint-sd')
    _, own = read(options.folder, 'inpaint')
    if machine is None:
        sys.exit(f'{options.folder}: no stages.json; make bench writes it')
    rates = [row['gflop'] / row['median_seconds'] for name, row in stages.items() if name.startswith('sgemm 4096x4096x4096')]

    with open(options.notebook, encoding='utf-8') as file:
        lines = file.read().split('\n')
    for i, line in enumerate(lines):
        cells = line.split('|')
        first = cells[1].strip() if len(cells) > 2 else ''
        if first in STAGES and STAGES[first] in stages:
            cells[-2] = f' {cell(stages[STAGES[first]])} '
        elif first == MEMORY and 'whole inpaint' in sd:
            cells[-2] = f" {sd['whole inpaint']['peak_bytes'] / 1e9:.2f} GB "
        elif first == "Stable Diffusion's size" and sd:
            cells = inpaint_line(first, sd).split('|')
        elif first == "Limn's own model" and own:
            cells = inpaint_line(first, own).split('|')
        lines[i] = '|'.join(cells)
        if line.startswith(LINE):
            note = f'; {options.note}' if options.note else ''
            lines[i] = f'{LINE}{machine}; sgemm 4096x4096x4096 at {max(rates):.0f} GFLOP/s{note}.'
    with open(options.notebook, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines))


main()
