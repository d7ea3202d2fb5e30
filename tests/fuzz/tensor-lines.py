#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""tensor-lines.py FOLDER FILE...: writes what fuzz-detect reads, names, types and shapes, one a line, of each safetensors FILE into FOLDER:
whole networks to begin with, which are too long to be kept twice."""

import json
import os
import struct
import sys

LONGEST = 49152  # bytes of an input, as in scripts/fuzz.sh


def tensor_lines(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    header.pop("__metadata__", None)
    return "\n".join(" ".join([name, tensor["dtype"], *map(str, tensor["shape"])]) for name, tensor in header.items())


def main():
    folder, *paths = sys.argv[1:]
    for path in paths:
        try:
            lines = tensor_lines(path)
        except (ValueError, struct.error):
            continue  # no safetensors file
        if 0 < len(lines) <= LONGEST:
            with open(os.path.join(folder, "seed-" + path.replace("/", "_")[-120:]), "w", encoding="utf-8", errors="replace") as file:
                file.write(lines)


main()
