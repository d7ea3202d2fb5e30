# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Enlarging test pictures four times, beside plain resampling; plain, JPEG-compressed and noisy ones."""

import numpy as np
import torch
from PIL import Image

from measures import gradient_energy, sliced_wasserstein
from pictures import load, luma, psnr, ssim, to_image
from upscaler import jpeg

SHAVE = 4
JPEG_QUALITY = 70
NOISE = 10  # standard deviation in 8-bit levels


def resampled(low, method):
    small = to_image(low)
    large = small.resize((4 * small.width, 4 * small.height), method)
    return torch.from_numpy(np.array(large)).permute(2, 0, 1).float() / 127.5 - 1


def ways(program, models):
    """Name -> function of the small picture."""
    found = {"bicubic": lambda low: resampled(low, Image.BICUBIC), "Lanczos": lambda low: resampled(low, Image.LANCZOS)}
    for model in models:
        # Of a model of one pass nothing is random.
        seed = () if (model / "config.yaml").read_text().find("unet_config") < 0 else ("--seed", "0")
        found[model.name] = lambda low, m=model, s=seed: program.make("upscale", low, ("--factor", "4", *s), m)
    return found


def harmed(low, how):
    if how == "JPEG":
        return jpeg(low, JPEG_QUALITY)
    if how == "noisy":
        noise = torch.randn(low.shape, generator=torch.Generator().manual_seed(0))
        return (low + noise * NOISE / 127.5).clamp(-1, 1)
    return low


def measure(way, pictures):
    """PSNR and SSIM of luma, gradient energy as a share of the original's, and the two distances of patches."""
    triples, values = [], []
    for high, low in pictures:
        got = way(low)
        a, b = (luma(t)[SHAVE:-SHAVE, SHAVE:-SHAVE] for t in (got, high))
        values.append((psnr(a, b, peak=255.0), ssim(a, b), gradient_energy(got), gradient_energy(high)))
        triples.append((got, high, torch.ones(high.shape[1:], dtype=torch.bool)))
    p, s, energy, wanted = np.mean(values, axis=0)
    distances = (sliced_wasserstein(triples, own_scale=own) for own in (True, False))
    return [f"{p:.2f} dB", f"{s:.4f}", f"{100 * energy / wanted:.0f} %", *(f"{d:.1f}" for d in distances)]


def upscaling(program, models, bench, how="plain"):
    """One table for all sets."""
    rows = []
    for folder in bench:
        pictures = [(load(path), harmed(load(folder / "LR" / path.name), how))
                    for path in sorted((folder / "HR").glob("*.png"))]
        for name, way in ways(program, models).items():
            rows.append([f"{folder.name} ({len(pictures)})", name, *measure(way, pictures)])
            print(rows[-1], flush=True)
    title = {"plain": "Enlarging x4, plain reductions", "JPEG": f"Enlarging x4, JPEG quality {JPEG_QUALITY}",
             "noisy": f"Enlarging x4, noise of deviation {NOISE}"}[how]
    return title, ["set", "way", "PSNR", "SSIM", "gradient energy of the original's", "SWD", "SWD, original's scale"], rows
