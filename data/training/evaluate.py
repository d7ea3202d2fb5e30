# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Measure exported models: the autoencoder and inpainting on held-back photos, the upscaler on test pictures."""

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from data import Photos
from model_files import Model
from pictures import load, load_mask, luma, psnr, ssim
from pipelines import inpaint, upscale


def middle(photos, i, side=512):
    it = photos.items[i]
    return photos.crop(i, (it["w"] - side) // 2, (it["h"] - side) // 2, side, side)


def autoencoder(model, photos):
    """PSNR (RGB) and SSIM (luma) of the held-back photos' middle squares through encode and decode."""
    values = []
    for i in range(len(photos)):
        x = middle(photos, i)
        with torch.no_grad():
            y = model.decode(model.encode(x[None]))[0]
        values.append((psnr(y, x), ssim(luma(y), luma(x))))
    p, s = np.mean(values, axis=0)
    print(f"autoencoder: {len(values)} held-back 512x512 crops, PSNR {p:.2f} dB, SSIM {s:.4f}", flush=True)


def inpainting(model, photos, masks, steps, count, guidances):
    """PSNR inside the mask, beside that of the photo's mean colour; no prompt and the photo's caption."""
    for guidance in guidances:
        values = []
        for i in range(count):
            x, mask = middle(photos, i), load_mask(masks[i * len(masks) // count])
            result = inpaint(model, x, mask, [photos.items[i]["caption"]], steps, guidance)[0]
            flat = x[:, ~mask].mean(dim=1)[:, None, None].expand_as(x)
            values.append((psnr(result, x, where=mask), psnr(flat, x, where=mask)))
        got, flat = np.mean(values, axis=0)
        print(f"inpainting: {count} photos, {steps} steps, guidance {guidance}: masked PSNR {got:.2f} dB, "
              f"mean colour of the rest {flat:.2f} dB", flush=True)


def prompts_differ(model, photos, masks, steps, guidance, count):
    """How much the prompt moves the result: mean absolute difference inside the mask, in 8-bit levels."""
    pairs = [("blue sky", "green grass"), ("brown rock", "white snow"), ("red flowers", "dark night sky")]
    values = []
    for i in range(count):
        x, mask = middle(photos, i), load_mask(masks[i * len(masks) // count])
        a, b = inpaint(model, x, mask, list(pairs[i % len(pairs)]), steps, guidance)
        values.append((a - b).abs()[:, mask].mean().item() * 127.5)
    print(f"prompts: two prompts, same seed, differ by {np.mean(values):.1f} levels inside the mask", flush=True)


def upscaling(model, folder, steps, shave=4):
    """PSNR of luma (borders cut) and SSIM against the high-resolution pictures, beside bicubic."""
    values = []
    for path in sorted((folder / "HR").glob("*.png")):
        high, low = load(path), load(folder / "LR" / path.name)
        bicubic = F.interpolate(low[None], size=high.shape[1:], mode="bicubic", align_corners=False)[0].clamp(-1, 1)
        row = []
        for got in (upscale(model, low, steps, sampler=model.limn["sampler"]), bicubic):
            a, b = (luma(t)[shave:-shave, shave:-shave] for t in (got, high))
            row += [psnr(a, b, peak=255.0), ssim(a, b)]
        values.append(row)
    p, s, bp, bs = np.mean(values, axis=0)
    print(f"upscaling {folder.name}: {len(values)} pictures, {steps} steps: {p:.2f} dB / {s:.4f}, "
          f"bicubic {bp:.2f} dB / {bs:.4f}", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--photos", help="folder written by prepare.py")
    p.add_argument("--masks", type=Path, help="folder of 512x512 masks, white = repaint")
    p.add_argument("--inpaint", type=Path, help="model folder")
    p.add_argument("--upscale", type=Path, help="model folder")
    p.add_argument("--bench", type=Path, nargs="*", default=[], help="folders with HR/ and LR/")
    p.add_argument("--guidance", type=float, nargs="*")
    p.add_argument("--steps", type=int, help="instead of the model's own number")
    p.add_argument("--count", type=int, default=8, help="photos to repaint")
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    if a.inpaint:
        model, photos = Model(a.inpaint), Photos(a.photos, "validation")
        autoencoder(model, photos)
        if a.masks:
            masks, steps = sorted(a.masks.glob("*.png")), a.steps or model.limn["steps"]
            inpainting(model, photos, masks, steps, a.count, a.guidance or [1.0, model.limn["guidance"]])
            prompts_differ(model, photos, masks, steps, model.limn["guidance"], min(6, a.count))
    if a.upscale:
        model = Model(a.upscale)
        for folder in a.bench:
            upscaling(model, folder, a.steps or model.limn["steps"])


if __name__ == "__main__":
    main()
