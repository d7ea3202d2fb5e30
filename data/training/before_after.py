# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""A sheet of pictures for a card: drawn scenes, their masks (white), and what the program makes of them."""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from limn_program import Program
from pictures import to_image
from scenes import scenes

COLUMNS = 2  # of triples
THUMB = 176


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("work", type=Path, help="folder for results that are kept")
    p.add_argument("model", type=Path, help="model folder")
    p.add_argument("out", type=Path, help="JPEG file")
    p.add_argument("--limn", type=Path, required=True, help="the program")
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    program, cells = Program(a.limn, a.work, a.threads), []
    for number, (what, picture, mask, prompt) in enumerate(scenes(), 1):
        image = torch.from_numpy(picture).permute(2, 0, 1).float() / 127.5 - 1
        got = program.make("inpaint", image, ("--prompt", prompt, "--seed", "1"), a.model, torch.from_numpy(mask))
        holed = np.where(mask[..., None], 255, picture).astype(np.uint8)
        cells.append([Image.fromarray(picture), Image.fromarray(holed), to_image(got)])
        print(f"{number}. {what}" + (f", “{prompt}”" if prompt else ""), flush=True)
    rows = -(-len(cells) // COLUMNS)
    gap = 8
    sheet = Image.new("RGB", (COLUMNS * (3 * THUMB + gap) - gap, rows * (THUMB + gap) - gap), (255, 255, 255))
    for i, cell in enumerate(cells):
        for k, picture in enumerate(cell):
            place = (i % COLUMNS * (3 * THUMB + gap) + k * THUMB, i // COLUMNS * (THUMB + gap))
            sheet.paste(picture.resize((THUMB, THUMB), Image.LANCZOS), place)
    sheet.save(a.out, quality=85)
    print(f"{a.out}: {a.out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
