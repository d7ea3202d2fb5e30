# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Train the fast upscaler: mean absolute error of pixels, the last layer begun and, where that helps, ended by least squares."""

import argparse
import copy
from pathlib import Path

import numpy as np
import torch

from common import Clock, Ema, learning_rate, prepare, save
from data import Photos, random_batch
from fast_upscaler import CONVS, FEATURES, FastUpscaler
from optimisers import Optimisers
from upscaler import degrade, reduce


def unit(image):
    """[-1, 1] -> [0, 1], as 8-bit files have it."""
    return ((image + 1) * 127.5).round().clamp(0, 255) / 255


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("photos", help="folder written by prepare.py")
    p.add_argument("checkpoint", type=Path, help="continued from if it exists")
    p.add_argument("--minutes", type=float, default=60, help="of training in all, earlier runs included")
    p.add_argument("--features", type=int, default=FEATURES, help="channels between the convolutions")
    p.add_argument("--convs", type=int, default=CONVS, help="convolutions between the first and the last")
    p.add_argument("--side", type=int, default=160, help="pixels of a crop")
    p.add_argument("--batch", type=int, default=12)
    p.add_argument("--plain", type=float, default=0.6, help="share of batches that are only reduced, the rest also harmed")
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--muon", type=float, default=0.01, help="learning rate of the inner weights")
    p.add_argument("--ema", type=float, default=0.998)
    p.add_argument("--solve", type=int, default=16, help="batches that the last layer is solved on")
    p.add_argument("--seed", type=int, default=5)
    p.add_argument("--every", type=int, default=500, help="steps from checkpoint to checkpoint")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--bf16", action="store_true", help="bfloat16 products in the forward pass")
    p.add_argument("--pause", type=Path, help="waits between steps while this file is locked by another program")
    a = p.parse_args()
    prepare(a.threads)
    train, held_back = Photos(a.photos, "train"), Photos(a.photos, "validation")
    torch.manual_seed(a.seed)
    model = FastUpscaler(a.features, a.convs).to(memory_format=torch.channels_last)
    optimiser = Optimisers(model, a.lr, outer=("body.0.", f"body.{len(model.body) - 1}."), muon_lr=a.muon)
    ema = Ema(model, a.ema)
    step, clock = 0, Clock()
    if a.checkpoint.exists():
        state = torch.load(a.checkpoint, map_location="cpu")
        model.load_state_dict(state["model"])
        ema.module.load_state_dict(state["ema"])
        ema.updates = state["step"]
        optimiser.load_state_dict(state["optimiser"])
        step, clock = state["step"], Clock(state["seconds"])
    rng = np.random.default_rng(a.seed + step)
    torch.manual_seed(a.seed + step)

    def batch():
        image = random_batch(train, rng, a.batch, a.side)
        low = reduce(image) if rng.random() < a.plain else degrade(image, rng)
        return unit(low).contiguous(memory_format=torch.channels_last), unit(image)

    def wait():
        if a.pause:
            clock.wait_for(a.pause)

    def solve(module, count):
        def batches():
            for _ in range(count):
                wait()
                yield batch()

        module.solve_last(batches())

    fixed = torch.stack([held_back.crop(i, 64, 64, 256, 256) for i in range(min(16, len(held_back)))])

    def validate(module, name):
        with torch.no_grad():
            error = module(unit(reduce(fixed))).clamp(0, 1) - unit(fixed)
        decibels = -10 * torch.log10(error.pow(2).mean(dim=(1, 2, 3))).mean()
        print(f"validation step {step} {name} PSNR {decibels.item():.3f}", flush=True)
        return decibels.item()

    def checkpoint():
        """With what is to be exported: the average, its last layer solved again if that is better."""
        export = copy.deepcopy(ema.module)
        solve(export, 2 * a.solve)
        if validate(ema.module, "average") > validate(export, "solved"):
            export = ema.module
        save(a.checkpoint, model=model.state_dict(), ema=ema.module.state_dict(), export=export.state_dict(),
             optimiser=optimiser.state_dict(), step=step, seconds=clock.seconds())

    print(f"{sum(q.numel() for q in model.parameters()) / 1e3:.0f} thousand parameters", flush=True)
    if step == 0:
        solve(model, a.solve)
        ema.module.load_state_dict(model.state_dict())
        validate(model, "start")
    total, running = a.minutes * 60, []
    while clock.seconds() < total:
        wait()
        optimiser.set_share(learning_rate(clock.seconds(), total, 1.0))
        low, image = batch()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.bf16):
            got = model(low).float()
        loss = (got - image).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        ema.update(model)
        step += 1
        running.append(loss.item())
        if step % 100 == 0:
            print(f"step {step} seconds {clock.seconds():.0f} loss {np.mean(running):.5f}", flush=True)
            running.clear()
        if step % a.every == 0:
            checkpoint()
    checkpoint()


if __name__ == "__main__":
    main()
