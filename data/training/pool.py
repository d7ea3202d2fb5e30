# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Encoded training examples for inpainting, kept for a while and renewed bit by bit.

Encoding a photo and its masked copy costs as much as a training step on it, so
each encoded crop is used several times, with other noise, prompts and windows.
"""

import numpy as np
import torch
import torch.nn.functional as F

from captions import prompt
from inpainter import FACTOR
from masks import random_mask


def latent_mask(mask, f=FACTOR):
    """A latent is masked where any of its pixels is."""
    return F.max_pool2d(mask.float()[None, None], f)[0]


class RegionIndex:
    """Which photo shows which material, and where."""

    def __init__(self, photos):
        self.photos = photos
        table = {}
        self.words = []
        for i, item in enumerate(photos.items):
            labels = photos.labels(i)
            counts = np.bincount(labels.ravel(), minlength=256)
            shares = {}
            for number, word in item["regions"].items():
                shares[word] = shares.get(word, 0) + counts[int(number)] / labels.size
            for word, share in shares.items():
                if share > 0.01:
                    table.setdefault(word, []).append((i, share))
            lookup = np.full(256, "", dtype=object)
            for number, word in item["regions"].items():
                lookup[int(number)] = word
            self.words.append(lookup)
        self.names = sorted(table)
        totals = np.array([sum(s for _, s in table[w]) for w in self.names])
        self.word_odds = np.sqrt(totals) / np.sqrt(totals).sum()
        self.table = table

    def choose(self, rng):
        """(photo, material, x, y): a random place of a random material, in photo pixels."""
        word = self.names[rng.choice(len(self.names), p=self.word_odds)]
        entries = self.table[word]
        odds = np.sqrt([s for _, s in entries])
        photo = entries[rng.choice(len(entries), p=odds / odds.sum())][0]
        numbers = [int(n) for n, w in self.photos.items[photo]["regions"].items() if w == word]
        ys, xs = np.nonzero(np.isin(self.photos.labels(photo), numbers))
        k = rng.integers(len(xs))
        return photo, word, xs[k] * 4 + 2, ys[k] * 4 + 2


class Example:
    """One crop: latents, and what is needed to caption any window of it."""

    def __init__(self, photos, index, rng, side):
        photo, word, cx, cy = index.choose(rng)
        item = photos.items[photo]
        limit = min(item["w"], item["h"])
        span = int(min(limit, side if rng.random() < 0.5 else rng.uniform(side, max(side, limit) * 1.001)))
        x = int(np.clip(cx - span * rng.uniform(0.2, 0.8), 0, item["w"] - span))
        y = int(np.clip(cy - span * rng.uniform(0.2, 0.8), 0, item["h"] - span))
        n = side // FACTOR
        cells = np.minimum((np.arange(n) + 0.5) * FACTOR / 4 * span / side, span / 4 - 1).astype(int)
        labels = photos.labels(photo)[y // 4 :, x // 4 :]
        cells_y, cells_x = np.minimum(cells, labels.shape[0] - 1), np.minimum(cells, labels.shape[1] - 1)
        self.labels = labels[np.ix_(cells_y, cells_x)]
        self.lookup, self.item = index.words[photo], item
        region = (self.lookup[self.labels] == word).repeat(FACTOR, 0).repeat(FACTOR, 1)
        centre = ((cx - x) * side / span, (cy - y) * side / span)
        mask = random_mask(rng, side, centre, region)
        image = photos.crop(photo, x, y, span, side)
        if rng.random() < 0.5:
            image, mask, self.labels = image.flip(2), mask[:, ::-1], self.labels[:, ::-1]
        mask = torch.from_numpy(np.ascontiguousarray(mask))
        self.image, self.masked_image = image, image * ~mask
        self.mask = latent_mask(mask)
        self.colours = F.avg_pool2d(image[None], FACTOR)[0].permute(1, 2, 0).numpy() * 0.5 + 0.5

    def window(self, rng, n):
        """(x0, condition, prompt) of an n x n window of latents that holds some of the mask."""
        size = self.mask.shape[1]
        y = x = 0
        for _ in range(4):
            y, x = rng.integers(0, size - n + 1, 2)
            share = self.mask[0, y : y + n, x : x + n].mean()
            if 0.2 < share < 0.9:
                break
        area = np.s_[y : y + n, x : x + n]
        mask = self.mask[(slice(None), *area)]
        condition = torch.cat([mask, self.masked_latent[(slice(None), *area)].float()])
        return self.latent[(slice(None), *area)].float(), condition, self.prompt(rng, area, mask[0].numpy() > 0.5)

    def prompt(self, rng, area, mask):
        if not mask.any():
            return ""
        names, counts = np.unique(self.lookup[self.labels[area][mask]].astype(str), return_counts=True)
        order = np.argsort(-counts)
        shares = [(names[k], counts[k] / counts.sum()) for k in order if names[k]]
        colours = self.colours[area][mask]
        if shares:
            colours = colours[self.lookup[self.labels[area][mask]] == shares[0][0]]
        return prompt(self.item, shares, colours.mean(axis=0), rng)


class Pool:
    def __init__(self, photos, encode, scale_factor, rng, side, start, size, foreign=0.0, keep_pictures=False):
        """encode: images -> mean latents; `start` examples now, up to `size` later; keep_pictures: also as
        `picture`, 3 x side x side bytes."""
        self.photos, self.encode, self.scale = photos, encode, scale_factor
        self.rng, self.side, self.size, self.foreign = rng, side, size, foreign
        self.keep_pictures = keep_pictures
        self.index = RegionIndex(photos)
        self.examples = []
        while len(self.examples) < start:
            self.examples += self._new(4)

    def _new(self, count):
        examples = [Example(self.photos, self.index, self.rng, self.side) for _ in range(count)]
        images = torch.stack([e.image for e in examples] + [e.masked_image for e in examples])
        latents = (self.encode(images) * self.scale).half()
        for k, e in enumerate(examples):
            e.latent, e.masked_latent = latents[k].clone(), latents[count + k].clone()
            if self.keep_pictures:
                e.picture = ((e.image + 1) * 127.5).round().byte()
            del e.image, e.masked_image
        return examples

    def renew(self, count):
        """Add `count` examples, each in place of an old one once the pool is full."""
        for e in self._new(count):
            if len(self.examples) < self.size:
                self.examples.append(e)
            else:
                self.examples[self.rng.integers(self.size)] = e

    def batch(self, count, n):
        """x0, condition and prompts of `count` windows of n x n latents.

        A share `foreign` of them gets the surroundings of another window: what is in the hole is then known from
        the prompt alone, as when a person asks for something else than what was there.
        """
        picks = self.rng.integers(len(self.examples), size=count)
        x0, condition, prompts = zip(*(self.examples[k].window(self.rng, n) for k in picks))
        x0, condition = torch.stack(x0), torch.stack(condition)
        # Without a prompt what is made always belongs to its surroundings: guidance leads away from there.
        foreign = (self.rng.random(count) < self.foreign) & np.array([q != "" for q in prompts])
        foreign = torch.from_numpy(foreign)[:, None, None, None]
        outside = foreign & (condition[:, :1] < 0.5)
        condition[:, 1:] = torch.where(outside, x0.roll(1, 0), condition[:, 1:])
        return torch.where(outside, x0.roll(1, 0), x0), condition, list(prompts)
