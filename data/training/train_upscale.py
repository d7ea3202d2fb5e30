# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Train the upscaler's UNet on the latents of a trained autoencoder."""

import argparse
from pathlib import Path

import torch

from common import Training, adamw, add_options, load_autoencoder, prepare, set_learning_rate
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
    add_options(p, minutes=20, seed=3)
    p.add_argument("--crops", default="128x24,256x6", help="pixels x batch, taken in turn")
    p.add_argument("--lr", type=float, default=8e-4)
    p.add_argument("--ema", type=float, default=0.998)
    a = p.parse_args()
    prepare(a.threads)
    autoencoder, scale = load_autoencoder(a.autoencoder)
    train, held_back = Photos(a.photos, "train"), Photos(a.photos, "validation")
    torch.manual_seed(a.seed)
    model = make_unet()
    optimiser = adamw(model.parameters(), a.lr)
    training = Training(a, model, optimiser, a.ema)
    training.resume()

    def encode(images):
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.bf16):
            return autoencoder.encode(images)[0].float() * scale

    torch.manual_seed(7)
    images = torch.stack([held_back.crop(i, 64, 64, 256, 256) for i in range(min(8, len(held_back)))])
    fixed = (encode(images), reduce(images), torch.randn(len(images), 4, 64, 64),
             torch.linspace(20, STEPS - 30, len(images)).long())

    def checkpoint():
        with torch.no_grad():
            print(f"validation step {training.step} loss {v_error(training.ema.module, *fixed).item():.4f}", flush=True)
        training.save()

    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters", flush=True)
    rng = training.random()
    crops = [tuple(map(int, c.split("x"))) for c in a.crops.split(",")]

    def loss_of():
        side, count = crops[training.step % len(crops)]
        image = random_batch(train, rng, count, side, max_scale=2.0)
        low = degrade(image, rng)
        x0 = encode(image)
        t = torch.randint(STEPS, (count,))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.bf16):
            loss = v_error(model, x0, low, torch.randn_like(x0), t)
        return loss, {"loss": loss.item()}

    training.run(loss_of, lambda share: set_learning_rate(optimiser, a.lr * share), checkpoint, 1000)


if __name__ == "__main__":
    main()
