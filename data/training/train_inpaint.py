# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Train the inpainting UNet and its text encoder on the latents of a trained autoencoder."""

import argparse
from pathlib import Path

import numpy as np
import torch

from common import Training, add_options, load_autoencoder, prepare
from data import Photos
from diffusion import STEPS, noised, precision
from inpainter import FACTOR, LENGTH, OUTER, Inpainter
from model_files import Model
from optimisers import Optimisers
from pool import Pool
from tokenizer import Tokenizer


def timesteps(count, least, noisy):
    """Rather the low ones, where most steps of a sampler are; a share `noisy` from 800 on, where the prompt decides."""
    t = least + (STEPS - least) * torch.rand(count).pow(1.2)
    high = max(800, least) + (STEPS - max(800, least)) * torch.rand(count)
    return torch.where(torch.rand(count) < noisy, high, t).long()


def masked_error(got, x0, mask, t):
    """Weighted squared error per sample: the masked latents count eight times as much as the others, and a step
    counts as much as its noise leaves to be known, up to five times (as with v and its weight in diffusion.py)."""
    weight = (mask + 0.125).expand_as(got)
    error = ((got - x0).pow(2) * weight).sum(dim=(1, 2, 3)) / weight.sum(dim=(1, 2, 3))
    return error * precision(t)


@torch.no_grad()
def validate(model, batches, tokenizer):
    """The loss on fixed windows, noises and timesteps of held-back photos."""
    total = []
    for x0, condition, prompts, noise, t in batches:
        ids = torch.tensor([tokenizer.encode(p) for p in prompts])
        got = model(noised(x0, noise, t)[0], condition, t, ids)
        total.append(masked_error(got, x0, condition[:, :1], t).mean().item())
    return float(np.mean(total))


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("photos", help="folder written by prepare.py")
    p.add_argument("autoencoder", type=Path)
    p.add_argument("tokenizer", type=Path)
    p.add_argument("checkpoint", type=Path, help="continued from if it exists")
    p.add_argument("--begin", type=Path, help="model folder whose weights are the first ones of a new checkpoint")
    add_options(p, minutes=55, seed=2)
    p.add_argument("--stop", type=float, help="minutes after which to stop early, to go on with other sizes")
    p.add_argument("--side", type=int, default=256, help="pixels of an encoded crop")
    p.add_argument("--windows", default="32x8", help="latents x batch, taken in turn")
    p.add_argument("--pool", type=int, default=2000, help="encoded crops kept at most")
    p.add_argument("--start", type=int, default=200, help="encoded crops to begin with")
    p.add_argument("--renew", type=float, default=1, help="crops encoded at each step")
    p.add_argument("--lr", type=float, default=1e-3, help="of AdamW")
    p.add_argument("--muon-lr", type=float, default=0.02)
    p.add_argument("--noisy", type=float, default=0.15, help="share of the timesteps that lie above 800")
    p.add_argument("--foreign", type=float, default=0.5, help="share of windows in the surroundings of others")
    p.add_argument("--least", type=int, default=0, help="least timestep: 880 to learn first what prompts say")
    p.add_argument("--ema", type=float, default=0.998)
    a = p.parse_args()
    prepare(a.threads)
    autoencoder, scale = load_autoencoder(a.autoencoder)
    tokenizer = Tokenizer(a.tokenizer, LENGTH)
    torch.manual_seed(a.seed)
    model = Inpainter(len(tokenizer.ids))
    if a.begin:
        trained = Model(a.begin)
        model.unet.load_state_dict(trained.unet.state_dict())
        model.text.load_state_dict(trained.text.state_dict())
    optimiser = Optimisers(model, a.lr, OUTER, a.muon_lr)
    training = Training(a, model, optimiser, a.ema)
    training.resume()

    def encode(images):
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.bf16):
            return autoencoder.encode(images)[0].float()

    windows = [tuple(map(int, w.split("x"))) for w in a.windows.split(",")]
    held_back = Pool(Photos(a.photos, "validation"), encode, scale, np.random.default_rng(7), a.side, 32, 32)
    torch.manual_seed(7)
    fixed = []
    for k in range(8):
        x0, condition, prompts = held_back.batch(8, min(32, a.side // FACTOR))
        t = torch.linspace(20 + 10 * k, STEPS - 101 + 10 * k, 8).long()
        fixed.append((x0, condition, prompts, torch.randn_like(x0), t))

    rng = training.random()
    pool = Pool(Photos(a.photos, "train"), encode, scale, rng, a.side, a.start, a.pool, a.foreign)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {a.start} crops encoded", flush=True)
    due = 0.0

    def checkpoint():
        loss = validate(training.ema.module, fixed, tokenizer)
        print(f"validation step {training.step} loss {loss:.4f}", flush=True)
        training.save(vocabulary=len(tokenizer.ids))

    def loss_of():
        nonlocal due
        n, count = windows[training.step % len(windows)]
        due += a.renew
        if due >= 1:
            pool.renew(int(due))
            due %= 1
        x0, condition, prompts = pool.batch(count, n)
        ids = torch.tensor([tokenizer.encode(q) for q in prompts])
        t = timesteps(count, a.least, a.noisy)
        x, _ = noised(x0, torch.randn_like(x0), t)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.bf16):
            got = model(x, condition, t, ids)
        loss = masked_error(got.float(), x0, condition[:, :1], t).mean()
        return loss, {"loss": loss.item()}

    training.run(loss_of, optimiser.set_share, checkpoint, 250, stop=a.stop)


if __name__ == "__main__":
    main()
