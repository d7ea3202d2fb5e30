# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Twelve pictures drawn by program, each with a mask and a prompt: for what a card shows."""

import numpy as np

SIDE = 384
X, Y = np.meshgrid(np.arange(SIDE) / SIDE, np.arange(SIDE) / SIDE)


def noise(rng, cells, octaves=5, stretch=1.0):
    """Fractal value noise in about [0, 1]: SIDE x SIDE; stretch > 1: longer across than down."""
    total = np.zeros((SIDE, SIDE))
    for octave in range(octaves):
        n = cells * 2**octave
        grid = rng.random((int(n * stretch) + 2, n + 2))
        v, u = Y * n * stretch, X * n
        i, j = v.astype(int), u.astype(int)
        v, u = v - i, u - j
        v, u = v * v * (3 - 2 * v), u * u * (3 - 2 * u)
        top = grid[i, j] * (1 - u) + grid[i, j + 1] * u
        bottom = grid[i + 1, j] * (1 - u) + grid[i + 1, j + 1] * u
        total += (top * (1 - v) + bottom * v) * 0.5 ** (octave + 1)
    return total


def mix(a, b, t):
    """Colours (or pictures) a and b, by t."""
    t = np.clip(t, 0, 1)[..., None]
    return np.asarray(a, float) * (1 - t) + np.asarray(b, float) * t


def sky(rng, above=(70, 120, 190), below=(190, 210, 230), clouds=(245, 245, 245), share=0.5):
    clear = mix(above, below, Y * 1.3)
    return mix(clear, clouds, (noise(rng, 3, 6, 2.0) - 1 + share) * 5)


def ground(rng, colour, contrast, cells=24, stretch=1.0):
    return np.asarray(colour, float) + contrast * (noise(rng, cells, 4, stretch) - 0.47)[..., None]


def below(line, lower, upper):
    """lower where y is beyond the line, with a soft edge of a pixel."""
    return mix(upper, lower, (Y - line) * SIDE)


def box(x0, y0, x1, y1):
    return (X >= x0) & (X < x1) & (Y >= y0) & (Y < y1)


def disc(x, y, r):
    return np.hypot(X - x, Y - y) < r


def strokes(width, *points):
    """A line of that many pixels through the points."""
    found = np.zeros((SIDE, SIDE), bool)
    for (ax, ay), (bx, by) in zip(points, points[1:]):
        t = np.clip(((X - ax) * (bx - ax) + (Y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2), 0, 1)
        found |= np.hypot(X - ax - t * (bx - ax), Y - ay - t * (by - ay)) * SIDE < width / 2
    return found


def bricks(rng):
    row = np.floor(Y * 16)
    x, y = (X * 8 + 0.5 * (row % 2)) % 1, Y * 16 % 1
    joint = (x < 0.06) | (y < 0.12)
    tone = rng.random((17, 10))[row.astype(int), np.floor(X * 8 + 0.5 * (row % 2)).astype(int)]
    wall = mix((150, 70, 50), (190, 100, 75), tone) + 40 * (noise(rng, 32, 3) - 0.47)[..., None]
    return np.where(joint[..., None], 190 + 30 * (noise(rng, 32, 3) - 0.47)[..., None], wall)


def planks(rng):
    grain = noise(rng, 40, 3, 0.12) + 0.3 * noise(rng, 4)
    wood = mix((110, 70, 35), (190, 135, 80), grain)
    return np.where(((X * 6) % 1 < 0.03)[..., None], 40.0, wood)


def lettering(rng):
    page = np.full((SIDE, SIDE, 3), 240.0)
    cells = rng.random((49, 65)) < 0.55
    ink = cells[(Y * 48).astype(int), (X * 64).astype(int)] & ((Y * 12) % 1 < 0.6) & ((X * 16) % 1 < 0.8)
    page[ink] = 30
    return page


def scenes():
    """(what, picture uint8, mask, prompt) of each."""
    rng = np.random.default_rng(12)
    hills = 0.62 + 0.12 * np.sin(5 * X + 1) + 0.05 * noise(rng, 6)
    meadow = below(hills, ground(rng, (75, 115, 50), 90), sky(rng))
    sea = below(np.full_like(X, 0.5), ground(rng, (40, 85, 120), 100, 12, 6), sky(rng, share=0.35))
    sunset = sky(rng, (60, 60, 120), (250, 150, 70), (200, 110, 90))
    night = mix((8, 10, 30), (25, 30, 60), Y)
    night[rng.random((SIDE, SIDE)) > 0.997] = 220
    snow = below(0.45 + 0.1 * np.sin(4 * X), ground(rng, (225, 230, 240), 40, 8), sky(rng, share=0.8))
    house = np.where(box(0.45, 0.42, 0.62, 0.62)[..., None], (90.0, 50, 40), snow)
    ball = np.where(disc(0.5, 0.6, 0.12)[..., None], mix((250, 120, 40), (120, 30, 10), (X + Y - 0.9) * 3),
                    ground(rng, (80, 120, 45), 110, 40, 0.5))
    fog = mix(meadow, (205, 208, 212), 0.75 + 0 * X)
    line = strokes(9, (0.05, 0.2), (0.4, 0.3), (0.95, 0.15)), strokes(12, (0.1, 0.8), (0.5, 0.3), (0.9, 0.7))
    made = [
        ("clouds", sky(rng), box(0.35, 0.3, 0.7, 0.65), ""),
        ("a sunset", sunset, line[1], "sunset sky"),
        ("hills", meadow, box(0.3, 0.1, 0.65, 0.4), "blue sky"),
        ("the sea", sea, box(0.35, 0.35, 0.65, 0.8), ""),
        ("sand", ground(rng, (205, 175, 125), 70, 30, 2), disc(0.5, 0.5, 0.18), ""),
        ("a ball in the grass", ball, disc(0.5, 0.6, 0.15), "green grass"),
        ("stars", night, strokes(30, (0.2, 0.2), (0.8, 0.7)), ""),
        ("a house in the snow", house, box(0.42, 0.38, 0.66, 0.66), "snow"),
        ("fog, a wire across", np.where(line[0][..., None], 30.0, fog), strokes(15, (0.05, 0.2), (0.4, 0.3), (0.95, 0.15)), ""),
        ("bricks", bricks(rng), box(0.3, 0.3, 0.6, 0.65), ""),
        ("planks", planks(rng), box(0.35, 0.25, 0.65, 0.6), ""),
        ("lettering", lettering(rng), box(0.3, 0.3, 0.7, 0.6), ""),
    ]
    return [(what, np.clip(picture, 0, 255).round().astype(np.uint8), mask, prompt) for what, picture, mask, prompt in made]
