# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Measure exported models and write the tables of their cards, as Markdown.

What is repainted and enlarged is what the program itself makes; its results are kept in the work folder, so that a
second call only makes what is new. PyTorch alone is used for the autoencoder. OpenCV (python3-opencv) is needed for
its inpainting methods.
"""

import argparse
import platform
import statistics
import subprocess
from pathlib import Path

import torch

from evaluate_inpaint import autoencoder, inpainting, masks_between, middle, settings
from evaluate_prompts import prompts
from evaluate_upscale import upscaling
from data import Photos
from limn_program import Program

PARTS = ("autoencoder", "inpaint", "prompts", "upscale", "jpeg", "noisy", "speed")


def speed(program, inpaint, upscalers, photos_folder, masks_folder, runs=3):
    """Median seconds, and the sizes of the files. The only part that asks for a machine with nothing else to do."""
    photos, rows = Photos(photos_folder, "validation"), []
    photo, mask = middle(photos, 0), masks_between(masks_folder)[0]
    large = photo.repeat(1, 2, 2)[:, :, :1000][:, :1000]

    def row(what, model, *arguments):
        seconds = [program.timed(*arguments) for _ in range(runs)]
        size = (model / "model.safetensors").stat().st_size
        rows.append([what, model.name, f"{statistics.median(seconds):.1f} s", f"{size / 1e6:.1f} MB"])

    if inpaint:
        row("repaint a 512x512 photo", inpaint, "inpaint", photo, settings(None, None, "grass"), inpaint, mask)
    for model in upscalers:
        row("enlarge 1 megapixel x2", model, "upscale", large, ("--factor", "2"), model)
    return f"Time, {program.threads} threads, median of {runs}; size of the weights", \
        ["what", "model", "time", "size"], rows


def markdown(table):
    title, header, rows = table
    lines = [f"{title}:", "", "| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("work", type=Path, help="folder for results that are kept")
    p.add_argument("--limn", type=Path, required=True, help="the program")
    p.add_argument("--photos", help="folder written by prepare.py")
    p.add_argument("--masks", type=Path, help="folder of 512x512 masks, white = repaint")
    p.add_argument("--inpaint", type=Path, help="model folder")
    p.add_argument("--upscale", type=Path, nargs="*", default=[], help="model folders")
    p.add_argument("--bench", type=Path, nargs="*", default=[], help="folders with HR/ and LR/")
    p.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS[:-1])
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--out", type=Path, help="the tables go there too")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    program, tables = Program(a.limn, a.work, a.threads), []

    def add(part, wanted, function, *arguments):
        if part in a.parts and wanted:
            tables.append(markdown(function(*arguments)))
            print(tables[-1], flush=True)

    add("autoencoder", a.inpaint, autoencoder, a.inpaint, a.photos)
    add("inpaint", a.inpaint, inpainting, program, a.inpaint, a.photos, a.masks)
    add("prompts", a.inpaint, prompts, program, a.inpaint, a.photos, a.masks)
    add("upscale", a.upscale, upscaling, program, a.upscale, a.bench)
    add("jpeg", a.upscale, upscaling, program, a.upscale, a.bench, "JPEG")
    add("noisy", a.upscale, upscaling, program, a.upscale, a.bench, "noisy")
    add("speed", a.inpaint or a.upscale, speed, program, a.inpaint, a.upscale, a.photos, a.masks)
    if a.out:
        version = subprocess.run([a.limn, "--version"], capture_output=True, text=True).stdout.strip()
        head = f"{version}, PyTorch {torch.__version__}, Python {platform.python_version()}\n"
        a.out.write_text("\n".join([head, *tables]))


if __name__ == "__main__":
    main()
