# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Photos prepared by prepare.py, and random crops of them."""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


class Photos:
    """One split of the prepared photos, memory-mapped."""

    def __init__(self, folder, split):
        folder = Path(folder)
        self.items = [i for i in json.loads((folder / "index.json").read_text()) if i["split"] == split]
        self._pixels = np.memmap(folder / "pixels.u8", dtype=np.uint8, mode="r")
        self._labels = np.memmap(folder / "labels.u8", dtype=np.uint8, mode="r")

    def __len__(self):
        return len(self.items)

    def pixels(self, i):
        """The photo as a uint8 array, height x width x 3."""
        it = self.items[i]
        n = it["w"] * it["h"] * 3
        return self._pixels[it["pixels"] : it["pixels"] + n].reshape(it["h"], it["w"], 3)

    def labels(self, i):
        """The region map at a quarter of the photo's size."""
        it = self.items[i]
        h, w = it["h"] // 4, it["w"] // 4
        return self._labels[it["labels"] : it["labels"] + h * w].reshape(h, w)

    def crop(self, i, x, y, side, out):
        """A square crop resized to `out` pixels: float tensor 3 x out x out in [-1,1]."""
        a = np.array(self.pixels(i)[y : y + side, x : x + side])
        t = torch.from_numpy(a).permute(2, 0, 1)[None].float() / 127.5 - 1
        if side != out:
            t = F.interpolate(t, size=(out, out), mode="bicubic", antialias=True, align_corners=False)
        return t[0].clamp(-1, 1)


def random_batch(photos, rng, batch, out, max_scale=1.0):
    """Random square crops, flipped at random; each crop side is out..max_scale*out pixels."""
    crops = []
    for _ in range(batch):
        i = rng.integers(len(photos))
        it = photos.items[i]
        side = int(out * rng.uniform(1.0, max_scale)) if rng.random() < 0.5 else out
        side = min(side, it["w"], it["h"])
        x, y = rng.integers(it["w"] - side + 1), rng.integers(it["h"] - side + 1)
        t = photos.crop(i, x, y, side, out)
        crops.append(t.flip(2) if rng.random() < 0.5 else t)
    return torch.stack(crops)
