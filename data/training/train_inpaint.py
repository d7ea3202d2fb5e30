# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Train the inpainting UNet and its text encoder on the latents of a trained autoencoder."""

import argparse
from pathlib import Path

import numpy as np
import torch

from common import Clock, Ema, learning_rate, load_autoencoder, prepare, save
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
    p.add_argument("--minutes", type=float, default=55, help="of training in all, earlier runs included")
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
    p.add_argument("--seed", type=int, default=2)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--bf16", action="store_true", help="bfloat16 products in the forward pass")
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
    ema = Ema(model, a.ema)
    step, before = 0, 0.0
    if a.checkpoint.exists():
        state = torch.load(a.checkpoint, map_location="cpu")
        model.load_state_dict(state["model"])
        ema.module.load_state_dict(state["ema"])
        ema.updates = state["step"]
        optimiser.load_state_dict(state["optimiser"])
        step, before = state["step"], state["seconds"]

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

    rng = np.random.default_rng(a.seed + step)
    torch.manual_seed(a.seed + step)
    pool = Pool(Photos(a.photos, "train"), encode, scale, rng, a.side, a.start, a.pool, a.foreign)
    clock = Clock(before)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {a.start} crops encoded", flush=True)

    def checkpoint():
        save(a.checkpoint, model=model.state_dict(), ema=ema.module.state_dict(),
             optimiser=optimiser.state_dict(), step=step, seconds=clock.seconds(),
             vocabulary=len(tokenizer.ids))

    total = a.minutes * 60
    running, due = [], 0.0
    stop = total if a.stop is None else a.stop * 60
    while clock.seconds() < stop:
        optimiser.set_share(learning_rate(clock.seconds(), total, 1.0))
        n, count = windows[step % len(windows)]
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
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        ema.update(model)
        step += 1
        running.append(loss.item())
        if step % 100 == 0:
            print(f"step {step} seconds {clock.seconds():.0f} loss {np.mean(running):.4f}", flush=True)
            running.clear()
        if step % 250 == 0:
            print(f"validation step {step} loss {validate(ema.module, fixed, tokenizer):.4f}", flush=True)
            checkpoint()
    print(f"validation step {step} loss {validate(ema.module, fixed, tokenizer):.4f}", flush=True)
    checkpoint()


if __name__ == "__main__":
    main()
