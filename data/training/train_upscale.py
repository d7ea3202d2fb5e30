# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Train the upscaler's UNet on the latents of a trained autoencoder."""

import argparse
from pathlib import Path

import numpy as np
import torch

from common import Clock, Ema, adamw, learning_rate, load_autoencoder, prepare, save, set_learning_rate
from data import Photos, random_batch
from diffusion import STEPS, loss_weight, noised
from upscaler import degrade, make_unet, reduce


def v_error(model, x0, low, noise, t):
    x, target = noised(x0, noise, t)
    v = model(torch.cat([x, low], dim=1), t).float()
    return ((v - target).pow(2).mean(dim=(1, 2, 3)) * loss_weight(t)).mean()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("photos", help="folder written by prepare.py")
    p.add_argument("autoencoder", type=Path)
    p.add_argument("checkpoint", type=Path, help="continued from if it exists")
    p.add_argument("--minutes", type=float, default=20, help="of training in all, earlier runs included")
    p.add_argument("--crops", default="128x24,256x6", help="pixels x batch, taken in turn")
    p.add_argument("--lr", type=float, default=8e-4)
    p.add_argument("--ema", type=float, default=0.998)
    p.add_argument("--seed", type=int, default=3)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--bf16", action="store_true", help="bfloat16 products in the forward pass")
    a = p.parse_args()
    prepare(a.threads)
    autoencoder, scale = load_autoencoder(a.autoencoder)
    train, held_back = Photos(a.photos, "train"), Photos(a.photos, "validation")
    torch.manual_seed(a.seed)
    model = make_unet()
    optimiser = adamw(model.parameters(), a.lr)
    ema = Ema(model, a.ema)
    step, clock = 0, Clock()
    if a.checkpoint.exists():
        state = torch.load(a.checkpoint, map_location="cpu")
        model.load_state_dict(state["model"])
        ema.module.load_state_dict(state["ema"])
        ema.updates = state["step"]
        optimiser.load_state_dict(state["optimiser"])
        step, clock = state["step"], Clock(state["seconds"])

    def encode(images):
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.bf16):
            return autoencoder.encode(images)[0].float() * scale

    torch.manual_seed(7)
    images = torch.stack([held_back.crop(i, 64, 64, 256, 256) for i in range(min(8, len(held_back)))])
    fixed = (encode(images), reduce(images), torch.randn(len(images), 4, 64, 64),
             torch.linspace(20, STEPS - 30, len(images)).long())

    def validate():
        with torch.no_grad():
            print(f"validation step {step} loss {v_error(ema.module, *fixed).item():.4f}", flush=True)

    def checkpoint():
        save(a.checkpoint, model=model.state_dict(), ema=ema.module.state_dict(),
             optimiser=optimiser.state_dict(), step=step, seconds=clock.seconds())

    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters", flush=True)
    rng = np.random.default_rng(a.seed + step)
    torch.manual_seed(a.seed + step)
    crops = [tuple(map(int, c.split("x"))) for c in a.crops.split(",")]
    total = a.minutes * 60
    running = []
    while clock.seconds() < total:
        set_learning_rate(optimiser, learning_rate(clock.seconds(), total, a.lr))
        side, count = crops[step % len(crops)]
        image = random_batch(train, rng, count, side, max_scale=2.0)
        low = degrade(image, rng)
        x0 = encode(image)
        t = torch.randint(STEPS, (count,))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.bf16):
            loss = v_error(model, x0, low, torch.randn_like(x0), t)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        ema.update(model)
        step += 1
        running.append(loss.item())
        if step % 100 == 0:
            print(f"step {step} seconds {clock.seconds():.0f} loss {np.mean(running):.4f}", flush=True)
            running.clear()
        if step % 1000 == 0:
            validate()
            checkpoint()
    validate()
    checkpoint()


if __name__ == "__main__":
    main()
