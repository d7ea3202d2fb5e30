# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Look at a model: one photo, one mask, several prompts (or one picture enlarged), into one PNG."""

import argparse
import time
from pathlib import Path

import torch

from model_files import Model
from pictures import grid, load, load_mask, to_image
from pipelines import inpaint, upscale


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("model", type=Path, help="model folder")
    p.add_argument("picture", type=Path)
    p.add_argument("out", type=Path)
    p.add_argument("--mask", type=Path, help="white = repaint; resized to the crop")
    p.add_argument("--prompt", action="append", default=[])
    p.add_argument("--side", type=int, default=512, help="the middle square is resized to this")
    p.add_argument("--steps", type=int)
    p.add_argument("--guidance", type=float)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    model = Model(a.model)
    steps = a.steps or model.limn["steps"]
    picture = load(a.picture)
    begin = time.time()
    if a.mask:
        side = min(picture.shape[1:])
        y, x = (picture.shape[1] - side) // 2, (picture.shape[2] - side) // 2
        square = torch.nn.functional.interpolate(picture[None, :, y : y + side, x : x + side], size=(a.side, a.side),
                                                 mode="bicubic", antialias=True)[0].clamp(-1, 1)
        mask = load_mask(a.mask)[None, None].float()
        mask = torch.nn.functional.interpolate(mask, size=(a.side, a.side))[0, 0] > 0.5
        guidance = model.limn["guidance"] if a.guidance is None else a.guidance
        results = inpaint(model, square, mask, a.prompt or [""], steps, guidance, a.seed, model.limn["sampler"])
        grid([[square * ~mask, *results]], a.out)
    else:
        to_image(upscale(model, picture, steps, a.seed, model.limn["sampler"])).save(a.out)
    print(f"{a.out}: {time.time() - begin:.1f} s")


if __name__ == "__main__":
    main()
