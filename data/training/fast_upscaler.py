# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""The fast x4 upscaler: one pass of a small convolutional network, in the layout of SRVGGNetCompact."""

import torch
import torch.nn.functional as F
from torch import nn

FACTOR = 4
FEATURES = 32
CONVS = 8


class FastUpscaler(nn.Module):
    """3x3 convolutions with PReLU at the low resolution, pixel shuffle, added to the picture's nearest enlargement."""

    def __init__(self, features=FEATURES, convs=CONVS, factor=FACTOR):
        super().__init__()
        layers = [nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features)]
        for _ in range(convs):
            layers += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features)]
        layers.append(nn.Conv2d(features, 3 * factor**2, 3, padding=1))
        self.body = nn.ModuleList(layers)
        self.factor = factor
        self._begin()

    def _begin(self):
        """The inner convolutions begin near the identity, and half of the channels pass the PReLUs as they are: so the
        last layer sees plain linear filters of the picture at once, and the depth has only to add to them."""
        for i, layer in enumerate(self.body):
            if isinstance(layer, nn.Conv2d):
                nn.init.zeros_(layer.bias)
                if 0 < i < len(self.body) - 1:
                    nn.init.normal_(layer.weight, std=0.5 / (9 * layer.in_channels) ** 0.5)
                    layer.weight.data[:, :, 1, 1] += torch.eye(layer.out_channels)
            elif i > 1:
                layer.weight.data[: layer.weight.shape[0] // 2] = 1.0
        nn.init.kaiming_normal_(self.body[0].weight, a=0.25)
        nn.init.zeros_(self.body[-1].weight)

    def features(self, x):
        """What the last convolution sees."""
        for layer in self.body[:-1]:
            x = layer(x)
        return x

    def forward(self, x):
        """x: [n, 3, h, w] in [0, 1] -> [n, 3, 4h, 4w], not clamped."""
        corrections = F.pixel_shuffle(self.body[-1](self.features(x)), self.factor)
        return corrections + F.interpolate(x, scale_factor=self.factor, mode="nearest")

    @torch.no_grad()
    def solve_last(self, pairs, ridge=1e-6):
        """Sets the last convolution to the one with the least squared error, whatever the others are.
        pairs: iterable of (small pictures, large ones)."""
        products = answers = 0
        for low, high in pairs:
            columns = F.unfold(self.features(low), 3, padding=1).transpose(1, 2).flatten(0, 1)
            columns = torch.cat([columns, torch.ones(len(columns), 1)], dim=1)
            rest = high - F.interpolate(low, scale_factor=self.factor, mode="nearest")
            rest = F.pixel_unshuffle(rest, self.factor).flatten(2).transpose(1, 2).flatten(0, 1)
            products = products + (columns.T @ columns).double()
            answers = answers + (columns.T @ rest).double()
        products += ridge * products.diagonal().mean() * torch.eye(len(products), dtype=products.dtype)
        weights = torch.linalg.solve(products, answers).float()
        self.body[-1].weight.copy_(weights[:-1].T.reshape(self.body[-1].weight.shape))
        self.body[-1].bias.copy_(weights[-1])
