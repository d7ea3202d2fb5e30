# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""The x4 upscaler: a UNet told the low-resolution picture, and how pictures lose resolution."""

import io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from unet import UNetModel

UNET = dict(image_size=128, in_channels=7, out_channels=4, model_channels=64, attention_resolutions=[],
            num_res_blocks=1, channel_mult=[1, 1, 2, 2], num_head_channels=32, use_scale_shift_norm=True,
            use_checkpoint=False)
FACTOR = 4


def make_unet():
    return UNetModel(**UNET)


def reduce(image):
    """The plain x4 reduction: bicubic with antialiasing."""
    size = [s // FACTOR for s in image.shape[-2:]]
    return F.interpolate(image, size=size, mode="bicubic", antialias=True, align_corners=False).clamp(-1, 1)


def degrade(image, rng):
    """A x4 reduction as met in life: half of them plain, others blurred, noisy or JPEG-compressed."""
    if rng.random() < 0.5:
        return reduce(image)
    if rng.random() < 0.5:
        size = [s // FACTOR for s in image.shape[-2:]]
        mode = ("area", "bilinear")[rng.integers(2)]
        options = {} if mode == "area" else dict(antialias=True, align_corners=False)
        low = F.interpolate(image, size=size, mode=mode, **options)
    else:
        low = reduce(image)
    if rng.random() < 0.5:
        low = (low + torch.randn_like(low) * rng.uniform(0.0, 0.06)).clamp(-1, 1)
    if rng.random() < 0.5:
        low = torch.stack([jpeg(one, int(rng.integers(60, 96))) for one in low])
    return low


def jpeg(image, quality):
    buffer = io.BytesIO()
    array = ((image.permute(1, 2, 0) + 1) * 127.5).round().numpy().astype(np.uint8)
    Image.fromarray(array).save(buffer, "JPEG", quality=quality)
    array = np.asarray(Image.open(buffer)).astype(np.float32)
    return torch.from_numpy(array).permute(2, 0, 1) / 127.5 - 1
