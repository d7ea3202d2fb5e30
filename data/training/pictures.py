# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Pictures in and out, and how far apart two of them are."""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image


def load(path):
    """3 x H x W in [-1,1]."""
    array = np.array(Image.open(path).convert("RGB"))
    return torch.from_numpy(array).permute(2, 0, 1).float() / 127.5 - 1


def load_mask(path):
    """H x W, true = repaint."""
    return torch.from_numpy(np.array(Image.open(path).convert("L")) >= 128)


def to_image(tensor):
    array = ((tensor.clamp(-1, 1) + 1) * 127.5).round().permute(1, 2, 0).numpy().astype(np.uint8)
    return Image.fromarray(array)


def grid(rows, path):
    """Equal-sized tensors, row by row, into one picture."""
    h, w = rows[0][0].shape[1:]
    sheet = Image.new("RGB", (w * max(map(len, rows)), h * len(rows)))
    for y, row in enumerate(rows):
        for x, tensor in enumerate(row):
            sheet.paste(to_image(tensor), (x * w, y * h))
    sheet.save(path)


def luma(x):
    """BT.601 luma in 0..255, as super-resolution papers measure it."""
    r, g, b = ((x + 1) * 0.5).unbind(-3)
    return 16 + 65.481 * r + 128.553 * g + 24.966 * b


def psnr(got, want, peak=2.0, where=None):
    error = (got - want).pow(2)
    error = error.mean() if where is None else error[..., where].mean()
    return 10 * torch.log10(peak**2 / error.clamp(min=1e-10)).item()


def ssim(got, want, peak=255.0):
    """Structural similarity of two luma pictures, 11 x 11 Gaussian window of sigma 1.5."""
    line = torch.exp(-((torch.arange(11) - 5.0) ** 2) / (2 * 1.5**2))
    line = line / line.sum()
    window = (line[:, None] * line[None])[None, None]

    def blur(x):
        return F.conv2d(x, window)

    a, b = got[None, None], want[None, None]
    ma, mb = blur(a), blur(b)
    va, vb, cov = blur(a * a) - ma**2, blur(b * b) - mb**2, blur(a * b) - ma * mb
    c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    return (((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma**2 + mb**2 + c1) * (va + vb + c2))).mean().item()
