# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""How natural pictures look beside others: texture, sharpness, seams."""

import numpy as np
import torch
import torch.nn.functional as F

from pictures import luma

PATCH = 7


def laplacian_pyramid(image, levels):
    """Levels of a picture 3 x H x W, finest first: what each halving loses (the last one: what is left)."""
    line = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    kernel = (line[:, None] * line[None]).expand(3, 1, 5, 5)

    def blur(x):
        return F.conv2d(F.pad(x, (2, 2, 2, 2), mode="reflect"), kernel, groups=3)

    x, out = image[None], []
    for _ in range(levels - 1):
        low = blur(x)[..., ::2, ::2]
        up = F.interpolate(low, size=x.shape[2:], mode="bilinear", align_corners=False)
        out.append((x - up)[0])
        x = low
    return out + [x[0]]


def random_places(where, level, count, rng):
    """Middles of patches at a level of the pyramid: [n, 2]; where: H x W, true = counts."""
    small = where[:: 2**level, :: 2**level].clone()
    edge = PATCH // 2
    inner = torch.zeros_like(small)
    inner[edge:-edge, edge:-edge] = small[edge:-edge, edge:-edge]
    places = inner.nonzero()
    return places[rng.integers(len(places), size=count)] if len(places) else places


def patches(level, places):
    """[n, 3, 7, 7] around the places."""
    edge = PATCH // 2
    offsets = torch.arange(-edge, edge + 1)
    ys, xs = (places[:, i, None] + offsets for i in (0, 1))
    return level[:, ys[:, :, None], xs[:, None, :]].transpose(0, 1)


def sliced_wasserstein(pairs, levels=3, count=256, directions=512, own_scale=True, seed=0):
    """Sliced Wasserstein distance x 1000 of the pyramids' patches, mean of the levels (Karras et al. 2018, "Progressive
    Growing of GANs", section 5). pairs: (got, wanted, where) of pictures in [-1,1]. As in the paper each side is
    brought to mean 0 and deviation 1 by its own statistics; with own_scale False both by those of the wanted side,
    so that too little contrast counts as well."""
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    found = [([], []) for _ in range(levels)]
    for got, want, where in pairs:
        pyramids = laplacian_pyramid(got, levels), laplacian_pyramid(want, levels)
        for level in range(levels):
            places = random_places(where, level, count, rng)
            for side, pyramid in zip(found[level], pyramids):
                side.append(patches(pyramid[level], places))
    distances = []
    for got, want in found:
        got, want = torch.cat(got), torch.cat(want)
        statistics = [(x.mean(dim=(0, 2, 3), keepdim=True), x.std(dim=(0, 2, 3), keepdim=True)) for x in (got, want)]
        mean, deviation = statistics[0 if own_scale else 1]
        a = ((got - mean) / deviation).flatten(1)
        mean, deviation = statistics[1]
        b = ((want - mean) / deviation).flatten(1)
        along = torch.randn(a.shape[1], directions, generator=generator)
        along = along / along.norm(dim=0)
        distances.append(((a @ along).sort(dim=0).values - (b @ along).sort(dim=0).values).abs().mean().item())
    return 1000 * float(np.mean(distances))


def gradient_energy(image):
    """Mean squared difference of neighbouring pixels of luma (0..255), across and down."""
    y = luma(image)
    return ((y[1:] - y[:-1]).pow(2).mean() + (y[:, 1:] - y[:, :-1]).pow(2).mean()).item()


def grown(mask, pixels):
    if pixels == 0:
        return mask
    x = F.max_pool2d(mask[None, None].float(), (1, 2 * pixels + 1), 1, (0, pixels))
    return F.max_pool2d(x, (2 * pixels + 1, 1), 1, (pixels, 0))[0, 0] > 0


def jump(image, mask):
    """Mean difference of luma of the neighbours that the mask's edge divides."""
    y = luma(image)
    across, down = mask[:, 1:] != mask[:, :-1], mask[1:] != mask[:-1]
    steps = torch.cat([(y[:, 1:] - y[:, :-1])[across], (y[1:] - y[:-1])[down]])
    return steps.abs().mean().item()
