# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Masks that look like a person's: boxes, blobs, brush strokes, whole regions."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


def box(rng, side, centre, area):
    ratio = np.exp(rng.uniform(-0.7, 0.7))
    w, h = side * np.sqrt(area * ratio), side * np.sqrt(area / ratio)
    image = Image.new("L", (side, side))
    x, y = centre
    shape = ImageDraw.Draw(image).rectangle if rng.random() < 0.5 else ImageDraw.Draw(image).ellipse
    shape([x - w / 2, y - h / 2, x + w / 2, y + h / 2], fill=255)
    return np.asarray(image) > 127


def blob(rng, side, centre, area):
    """Smooth noise, higher near the centre, cut so that `area` remains."""
    n = int(rng.integers(4, 10))
    noise = Image.fromarray((rng.random((n, n)) * 255).astype(np.uint8))
    noise = np.asarray(noise.resize((side, side), Image.BICUBIC), dtype=np.float32) / 255
    yy, xx = np.mgrid[:side, :side]
    distance = np.hypot(xx - centre[0], yy - centre[1]) / side
    field = noise - rng.uniform(1.0, 3.0) * distance
    return field > np.quantile(field, 1 - area)


def strokes(rng, side, centre, area):
    """A brush moved about until `area` is covered."""
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    width = side * rng.uniform(0.05, 0.22)
    x, y = centre
    angle = rng.uniform(0, 2 * np.pi)
    for _ in range(60):
        for _n in range(int(rng.integers(3, 8))):
            angle += rng.normal(0, 0.6)
            step = side * rng.uniform(0.03, 0.12)
            nx = float(np.clip(x + step * np.cos(angle), 0, side))
            ny = float(np.clip(y + step * np.sin(angle), 0, side))
            draw.line([x, y, nx, ny], fill=255, width=int(width))
            draw.ellipse([nx - width / 2, ny - width / 2, nx + width / 2, ny + width / 2], fill=255)
            x, y = nx, ny
        if np.asarray(image).mean() / 255 >= area:
            break
        if rng.random() < 0.3:
            x, y = rng.uniform(0, side, 2)
    return np.asarray(image) > 127


def grown(region, rng, side):
    """A region of the photo, grown by up to a tenth of the side, its edge rounded."""
    image = Image.fromarray(region.astype(np.uint8) * 255)
    image = image.filter(ImageFilter.GaussianBlur(side * rng.uniform(0.01, 0.05)))
    return np.asarray(image) > rng.uniform(10, 110)


def random_mask(rng, side, centre, region):
    """A mask of 4 to 75 % about `centre`; `region` is where the chosen material is. One in four is everything."""
    kind = rng.random()
    if kind < 0.25:
        return np.ones((side, side), bool)
    area = rng.uniform(0.08, 0.55)
    draw = (box, blob, strokes)[rng.integers(3)]
    mask = draw(rng, side, centre, area)
    if kind < 0.55:
        whole = grown(region, rng, side)
        if whole.mean() > 0.65:
            whole &= blob(rng, side, centre, rng.uniform(0.2, 0.6))
        mask = whole if rng.random() < 0.7 else whole | mask
    if not 0.04 <= mask.mean() <= 0.75:
        mask = box(rng, side, centre, max(area, 0.1))
    return mask
