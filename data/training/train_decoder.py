# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Train the decoder of a trained autoencoder to draw as much texture as there was.

What is trained for the least error alone is the mean of all pictures that a latent may stand for: grass and sand become
smooth. Here the contrast of every surrounding, at three scales and in four directions, has to be that of the photo too, whatever its
phase (steered energies as descriptors of texture: Portilla and Simoncelli 2000, "A parametric texture model based on joint
statistics of complex wavelet coefficients"). The encoder stays as it is, so that models trained on its latents stay valid. Half
of the latents are a UNet's own estimates, which are softer than those of photos: the decoder learns to draw texture on
these too, and must keep what the first decoder made of them when both are seen from afar. What is exported lies between the
first weights and the trained ones (as in Wang et al. 2018, "ESRGAN", section 3.4): the more texture, the more that is not there.
"""

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from autoencoder import AutoencoderKL
from common import Training, add_options, load_autoencoder, prepare, set_learning_rate
from data import Photos
from diffusion import noised
from inpainter import FACTOR, LENGTH, Inpainter
from pool import Pool
from tokenizer import Tokenizer
from train_autoencoder import reconstruction_loss, validate


class Estimates:
    """Windows of photos, and their latents as a UNet estimates them: with noise, denoised at two evaluations."""

    def __init__(self, model, tokenizer, pool, size=32, kept=256):
        self.model, self.tokenizer, self.pool = model, tokenizer, pool
        self.size, self.kept, self.windows = size, kept, []

    @torch.no_grad()
    def renew(self, count):
        rng, n = self.pool.rng, self.size
        pictures, x0, conditions, prompts = [], [], [], []
        for k in rng.integers(len(self.pool.examples), size=count):
            e = self.pool.examples[k]
            y, x = rng.integers(0, e.latent.shape[1] - n + 1, 2)
            area = np.s_[y : y + n, x : x + n]
            mask = e.mask[(slice(None), *area)]
            x0.append(e.latent[(slice(None), *area)].float())
            conditions.append(torch.cat([mask, e.masked_latent[(slice(None), *area)].float()]))
            prompts.append(e.prompt(rng, area, mask[0].numpy() > 0.5))
            pictures.append(part(e.picture, y, x, n))
        x0, condition = torch.stack(x0), torch.stack(conditions)
        ids = torch.tensor([self.tokenizer.encode(q) for q in prompts])
        t = torch.from_numpy(rng.integers(100, 500, count))  # with more noise it would be another picture
        for _ in range(2):
            x, _ = noised(x0, torch.randn_like(x0), t)
            x0 = self.model(x, condition, t, ids).float()
            t = t // 3
        for pair in zip(pictures, x0):
            if len(self.windows) < self.kept:
                self.windows.append(pair)
            else:
                self.windows[rng.integers(self.kept)] = pair

    def batch(self, count, n):
        """As of_photos(), with estimated latents."""
        rng, pictures, latents = self.pool.rng, [], []
        for _ in range(count):
            picture, window = self.windows[rng.integers(len(self.windows))]
            y, x = rng.integers(0, self.size - n + 1, 2)
            latents.append(window[:, y : y + n, x : x + n])
            pictures.append(part(picture, y, x, n))
        return floats(pictures), torch.stack(latents)


def part(picture, y, x, n):
    """The pixels of n x n latents from (x, y) on."""
    f = FACTOR
    return picture[:, y * f : (y + n) * f, x * f : (x + n) * f]


def floats(pictures):
    return torch.stack(pictures).float() / 127.5 - 1


def of_photos(pool, count, n):
    """Pictures in [-1, 1] and their latents, windows of n x n latents."""
    pictures, latents = [], []
    for k in pool.rng.integers(len(pool.examples), size=count):
        e = pool.examples[k]
        y, x = pool.rng.integers(0, e.latent.shape[1] - n + 1, 2)
        latents.append(e.latent[:, y : y + n, x : x + n].float())
        pictures.append(part(e.picture, y, x, n))
    return floats(pictures), torch.stack(latents)


def seen_from_afar(got, want):
    """Error of what is left of pictures at a quarter of their size."""
    error = F.avg_pool2d(got - want, 4)
    return error.abs().mean() + 4.0 * error.pow(2).mean()


def energies(x, scales=3):
    """How strong differences across, down and along both diagonals are around every fourth pixel, at each scale."""
    r, g, b = x.unbind(1)
    x = torch.stack([(r + g + b) / 3, (r - g) / 2, (r + g) / 4 - b / 2], dim=1)
    for _ in range(scales):
        here, right, below = x[:, :, :-1, :-1], x[:, :, :-1, 1:], x[:, :, 1:, :-1]
        steps = torch.cat([here - right, here - below, here - x[:, :, 1:, 1:], right - below], dim=1)
        yield (F.avg_pool2d(steps.pow(2), 8, 4) + 1e-5).sqrt()
        x = F.avg_pool2d(x, 2)


def texture_loss(got, want):
    return sum((a - b).abs().mean() for a, b in zip(energies(got), energies(want)))


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("photos", help="folder written by prepare.py")
    p.add_argument("autoencoder", type=Path, help="checkpoint of train_autoencoder.py")
    p.add_argument("inpainter", type=Path, help="checkpoint of train_inpaint.py")
    p.add_argument("tokenizer", type=Path)
    p.add_argument("checkpoint", type=Path, help="continued from if it exists")
    add_options(p, minutes=45, seed=3)
    p.add_argument("--side", type=int, default=512, help="pixels of an encoded crop")
    p.add_argument("--crops", type=int, default=160, help="encoded crops to begin with")
    p.add_argument("--batch", type=int, default=3, help="windows of photos, and as many of estimates")
    p.add_argument("--lr", type=float, default=4e-4)
    p.add_argument("--texture", type=float, default=5.0, help="what it costs that textures are weaker or stronger")
    p.add_argument("--detail", type=float, default=0.2, help="what errors of detail cost, against those of pixels")
    p.add_argument("--share", type=float, default=0.5,
                   help="of the way from the first decoder's weights to the trained ones' at which the exported lie")
    p.add_argument("--ema", type=float, default=0.998)
    a = p.parse_args()
    prepare(a.threads)
    torch.manual_seed(a.seed)
    first, scale = load_autoencoder(a.autoencoder)
    state = torch.load(a.autoencoder, map_location="cpu")
    model = AutoencoderKL(state["ddconfig"], state["embed_dim"])
    model.load_state_dict(first.state_dict())
    model.encoder.requires_grad_(False)
    model.quant_conv.requires_grad_(False)
    optimiser = torch.optim.Adam([q for q in model.parameters() if q.requires_grad], lr=a.lr, betas=(0.9, 0.99))
    training = Training(a, model, optimiser, a.ema)
    training.resume()
    rng = training.random()

    def cast():
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.bf16)

    def encode(images):
        with torch.no_grad(), cast():
            return first.encode(images)[0].float()

    tokenizer = Tokenizer(a.tokenizer, LENGTH)
    inpainter = Inpainter(len(tokenizer.ids))
    inpainter.load_state_dict(torch.load(a.inpainter, map_location="cpu")["ema"])
    inpainter.eval().requires_grad_(False)
    train, held_back = Photos(a.photos, "train"), Photos(a.photos, "validation")
    pool = Pool(train, encode, scale, rng, a.side, a.crops, 4 * a.crops, keep_pictures=True)
    estimates = Estimates(inpainter, tokenizer, pool)
    with cast():
        for _ in range(16):
            estimates.renew(4)
    print(f"{a.crops} crops encoded", flush=True)

    between = copy.deepcopy(first)

    def checkpoint():
        trained = training.ema.module.state_dict()
        between.load_state_dict({k: w.lerp(trained[k], a.share) for k, w in first.state_dict().items()})
        print(f"validation step {training.step} psnr {validate(between, held_back):.2f} dB", flush=True)
        training.save(export=between.state_dict(), scale_factor=scale, ddconfig=state["ddconfig"],
                      embed_dim=state["embed_dim"])

    def loss_of():
        large = training.step % 4 == 3  # statistics of the norms depend on the crop's size: show both
        count, n = (1, 32) if large else (a.batch, 16)
        if training.step % 8 == 0:
            pool.renew(1)
        if training.step % 4 == 0:
            with cast():
                estimates.renew(4)
        x, z = of_photos(pool, count, n)
        about, soft = estimates.batch(count, n)
        with cast():
            y = model.decode(torch.cat([z, soft]) / scale).float()
            with torch.no_grad():
                before = first.decode(soft / scale).float()
        exact = reconstruction_loss(y[:count], x, a.detail)
        afar = seen_from_afar(y[count:], before)
        texture, texture_soft = texture_loss(y[:count], x), texture_loss(y[count:], about)
        loss = exact + 2.0 * afar + a.texture * (texture + texture_soft)
        return loss, {"exact": exact.item(), "afar": afar.item(), "texture": texture.item(), "soft": texture_soft.item()}

    training.run(loss_of, lambda share: set_learning_rate(optimiser, a.lr * share), checkpoint, 500, 50)


if __name__ == "__main__":
    main()
