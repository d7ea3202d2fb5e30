# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Teach the text encoder what its prompts look like before the UNet reads it.

A linear map of the mean of its outputs is to give the mean and the spread of the latents that
the prompt names. A UNet that begins with such a text encoder follows prompts after far fewer steps.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

from common import adamw, load_autoencoder, prepare, save
from data import Photos
from inpainter import LENGTH, OUTER, Inpainter
from optimisers import Optimisers
from pool import Pool
from tokenizer import Tokenizer


def statistics(x0, mask):
    """Mean and standard deviation of each channel over the masked latents: [n, 2c]."""
    count = mask.sum(dim=(2, 3)).clamp(min=1)
    mean = (x0 * mask).sum(dim=(2, 3)) / count
    spread = (((x0 - mean[:, :, None, None]) * mask).pow(2).sum(dim=(2, 3)) / count).sqrt()
    return torch.cat([mean, spread], dim=1)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("photos", help="folder written by prepare.py")
    p.add_argument("autoencoder", type=Path)
    p.add_argument("tokenizer", type=Path)
    p.add_argument("checkpoint", type=Path, help="of train_inpaint.py; its text encoder is replaced")
    p.add_argument("--examples", type=int, default=400, help="encoded crops")
    p.add_argument("--windows", type=int, default=12, help="windows of each crop")
    p.add_argument("--steps", type=int, default=1200)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--seed", type=int, default=4)
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    prepare(a.threads)
    torch.manual_seed(a.seed)
    autoencoder, scale = load_autoencoder(a.autoencoder)
    tokenizer = Tokenizer(a.tokenizer, LENGTH)
    model = Inpainter(len(tokenizer.ids))
    if a.checkpoint.exists():
        model.load_state_dict(torch.load(a.checkpoint, map_location="cpu")["ema"])
    fresh = Inpainter(len(tokenizer.ids)).text
    model.text.load_state_dict(fresh.state_dict())

    def encode(images):
        with torch.no_grad():
            return autoencoder.encode(images)[0].float()

    rng = np.random.default_rng(a.seed)
    pool = Pool(Photos(a.photos, "train"), encode, scale, rng, 128, a.examples, a.examples)
    ids, targets = [], []
    for _ in range(a.windows):
        x0, condition, prompts = pool.batch(a.examples, 16)
        ids.append(torch.tensor([tokenizer.encode(q) for q in prompts]))
        targets.append(statistics(x0, condition[:, :1]))
    ids, targets = torch.cat(ids), torch.cat(targets)
    targets = (targets - targets.mean(0)) / targets.std(0)

    head = nn.Linear(model.text.final_layer_norm.weight.numel(), targets.shape[1])
    optimiser = adamw([*model.text.parameters(), *head.parameters()], a.lr)
    for step in range(a.steps):
        for group in optimiser.param_groups:
            group["lr"] = a.lr * min(1, (step + 1) / 50) * (1 - step / a.steps)
        pick = torch.from_numpy(rng.integers(len(ids), size=128))
        loss = (head(model.text(ids[pick]).mean(1)) - targets[pick]).pow(2).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        if step % 100 == 0 or step + 1 == a.steps:
            print(f"step {step} unexplained {loss.item():.3f}", flush=True)
    state = model.state_dict()
    save(a.checkpoint, model=state, ema=state, optimiser=Optimisers(model, 1e-3, OUTER).state_dict(), step=0,
         seconds=0.0, vocabulary=len(tokenizer.ids))


if __name__ == "__main__":
    main()
