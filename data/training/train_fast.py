# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Train the fast upscaler: mean absolute error of pixels, the last layer begun and, where that helps, ended by least squares."""

import argparse
import copy
from pathlib import Path

import torch

from common import Training, add_options, prepare
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
    add_options(p, minutes=60, seed=5)
    p.add_argument("--features", type=int, default=FEATURES, help="channels between the convolutions")
    p.add_argument("--convs", type=int, default=CONVS, help="convolutions between the first and the last")
    p.add_argument("--side", type=int, default=160, help="pixels of a crop")
    p.add_argument("--batch", type=int, default=12)
    p.add_argument("--plain", type=float, default=0.6, help="share of batches that are only reduced, the rest also harmed")
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--muon", type=float, default=0.01, help="learning rate of the inner weights")
    p.add_argument("--ema", type=float, default=0.998)
    p.add_argument("--solve", type=int, default=16, help="batches that the last layer is solved on")
    p.add_argument("--every", type=int, default=500, help="steps from checkpoint to checkpoint")
    a = p.parse_args()
    prepare(a.threads)
    train, held_back = Photos(a.photos, "train"), Photos(a.photos, "validation")
    torch.manual_seed(a.seed)
    model = FastUpscaler(a.features, a.convs).to(memory_format=torch.channels_last)
    optimiser = Optimisers(model, a.lr, outer=("body.0.", f"body.{len(model.body) - 1}."), muon_lr=a.muon)
    training = Training(a, model, optimiser, a.ema)
    training.resume()
    rng = training.random()

    def batch():
        image = random_batch(train, rng, a.batch, a.side)
        low = reduce(image) if rng.random() < a.plain else degrade(image, rng)
        return unit(low).contiguous(memory_format=torch.channels_last), unit(image)

    def solve(module, count):
        def batches():
            for _ in range(count):
                training.wait()
                yield batch()

        module.solve_last(batches())

    fixed = torch.stack([held_back.crop(i, 64, 64, 256, 256) for i in range(min(16, len(held_back)))])

    def validate(module, name):
        with torch.no_grad():
            error = module(unit(reduce(fixed))).clamp(0, 1) - unit(fixed)
        decibels = -10 * torch.log10(error.pow(2).mean(dim=(1, 2, 3))).mean()
        print(f"validation step {training.step} {name} PSNR {decibels.item():.3f}", flush=True)
        return decibels.item()

    def checkpoint():
        """With what is to be exported: the average, its last layer solved again if that is better."""
        average = training.ema.module
        export = copy.deepcopy(average)
        solve(export, 2 * a.solve)
        if validate(average, "average") > validate(export, "solved"):
            export = average
        training.save(export=export.state_dict())

    def loss_of():
        low, image = batch()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.bf16):
            got = model(low).float()
        loss = (got - image).abs().mean()
        return loss, {"loss": loss.item()}

    print(f"{sum(q.numel() for q in model.parameters()) / 1e3:.0f} thousand parameters", flush=True)
    if training.step == 0:
        solve(model, a.solve)
        training.ema.module.load_state_dict(model.state_dict())
        validate(model, "start")
    training.run(loss_of, optimiser.set_share, checkpoint, a.every)


if __name__ == "__main__":
    main()
