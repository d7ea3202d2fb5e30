# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""The networks of Stable Diffusion 1 in plain PyTorch, from their descriptions (Rombach et al. 2022, sections 3.1 and 3.2 and appendix; Radford et
al. 2021, section 2.4; Wang et al. 2018, section 3.1): what PyTorch is timed with. Weights are whatever PyTorch starts from."""

import torch
import torch.nn.functional as F
from torch import nn


def attend(q, k, v, heads, causal=False):
    n, tokens, width = q.shape

    def split(x):
        return x.view(n, x.shape[1], heads, width // heads).transpose(1, 2)
    out = F.scaled_dot_product_attention(split(q), split(k), split(v), is_causal=causal)
    return out.transpose(1, 2).reshape(n, tokens, width)


class Residual(nn.Module):
    """Norm, SiLU, convolution, twice; the embedding of the timestep in between, where there is one."""

    def __init__(self, n_in, n_out, embedding=None, eps=1e-6):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(32, n_in, eps), nn.GroupNorm(32, n_out, eps)
        self.conv1, self.conv2 = nn.Conv2d(n_in, n_out, 3, padding=1), nn.Conv2d(n_out, n_out, 3, padding=1)
        self.embed = nn.Linear(embedding, n_out) if embedding else None
        self.skip = nn.Conv2d(n_in, n_out, 1) if n_in != n_out else nn.Identity()

    def forward(self, x, embedding=None):
        h = self.conv1(F.silu(self.norm1(x)))
        if self.embed is not None:
            h = h + self.embed(F.silu(embedding))[:, :, None, None]
        return self.skip(x) + self.conv2(F.silu(self.norm2(h)))


class CrossAttention(nn.Module):
    def __init__(self, width, context, heads):
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(width, width, bias=False)
        self.k, self.v = nn.Linear(context, width, bias=False), nn.Linear(context, width, bias=False)
        self.out = nn.Linear(width, width)

    def forward(self, x, context):
        return self.out(attend(self.q(x), self.k(context), self.v(context), self.heads))


class Transformer(nn.Module):
    def __init__(self, width, context, heads=8):
        super().__init__()
        self.norm = nn.GroupNorm(32, width, 1e-6)
        self.proj_in, self.proj_out = nn.Conv2d(width, width, 1), nn.Conv2d(width, width, 1)
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(3)])
        self.own, self.cross = CrossAttention(width, width, heads), CrossAttention(width, context, heads)
        self.gate, self.down = nn.Linear(width, 8 * width), nn.Linear(4 * width, width)

    def forward(self, x, context):
        n, width, h, w = x.shape
        t = self.proj_in(self.norm(x)).permute(0, 2, 3, 1).reshape(n, h * w, width)
        y = self.norms[0](t)
        t = t + self.own(y, y)
        t = t + self.cross(self.norms[1](t), context)
        value, gate = self.gate(self.norms[2](t)).chunk(2, dim=-1)
        t = t + self.down(value * F.gelu(gate))
        return x + self.proj_out(t.view(n, h, w, width).permute(0, 3, 1, 2))


class Stage(nn.Module):
    """A residual block and what comes after it."""

    def __init__(self, block, transformer=None, resample=None):
        super().__init__()
        self.block, self.transformer, self.resample = block, transformer, resample

    def forward(self, x, embedding, context):
        if self.block is not None:
            x = self.block(x, embedding)
        if self.transformer is not None:
            x = self.transformer(x, context)
        return self.resample(x) if self.resample is not None else x


def upsample(width):
    return nn.Sequential(nn.Upsample(scale_factor=2, mode='nearest'), nn.Conv2d(width, width, 3, padding=1))


class Unet(nn.Module):
    def __init__(self, n_in=9, base=320, mult=(1, 2, 4, 4), context=768):
        super().__init__()
        e = 4 * base
        self.base = base
        self.time = nn.Sequential(nn.Linear(base, e), nn.SiLU(), nn.Linear(e, e))
        self.first = nn.Conv2d(n_in, base, 3, padding=1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        widths, width = [base], base
        for level, m in enumerate(mult):
            for _ in range(2):
                attention = Transformer(base * m, context) if level < 3 else None
                self.down.append(Stage(Residual(width, base * m, e, 1e-5), attention))
                width = base * m
                widths.append(width)
            if level < 3:
                self.down.append(Stage(None, None, nn.Conv2d(width, width, 3, stride=2, padding=1)))
                widths.append(width)
        self.middle = nn.ModuleList([Stage(Residual(width, width, e, 1e-5), Transformer(width, context)), Stage(Residual(width, width, e, 1e-5))])
        for level in reversed(range(4)):
            for i in range(3):
                out = base * mult[level]
                attention = Transformer(out, context) if level < 3 else None
                self.up.append(Stage(Residual(width + widths.pop(), out, e, 1e-5), attention, upsample(out) if i == 2 and level > 0 else None))
                width = out
        self.last = nn.Sequential(nn.GroupNorm(32, base), nn.SiLU(), nn.Conv2d(base, 4, 3, padding=1))

    def forward(self, x, t, context):
        frequencies = torch.exp(-torch.arange(self.base // 2) / (self.base // 2) * torch.log(torch.tensor(10000.0)))
        angles = t[:, None] * frequencies[None]
        embedding = self.time(torch.cat([angles.cos(), angles.sin()], dim=-1))
        h = self.first(x)
        kept = [h]
        for stage in self.down:
            h = stage(h, embedding, context)
            kept.append(h)
        for stage in self.middle:
            h = stage(h, embedding, context)
        for stage in self.up:
            h = stage(torch.cat([h, kept.pop()], dim=1), embedding, context)
        return self.last(h)


class MapAttention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.GroupNorm(32, width, 1e-6)
        self.q, self.k, self.v, self.out = (nn.Conv2d(width, width, 1) for _ in range(4))

    def forward(self, x):
        n, width, h, w = x.shape
        y = self.norm(x)

        def tokens(layer):
            return layer(y).permute(0, 2, 3, 1).reshape(n, h * w, width)
        a = attend(tokens(self.q), tokens(self.k), tokens(self.v), 1)
        return x + self.out(a.view(n, h, w, width).permute(0, 3, 1, 2))


class Down(nn.Module):
    """Halves; pads on the right and below only."""

    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2)

    def forward(self, x):
        return self.conv(F.pad(x, (0, 1, 0, 1)))


def middle(width):
    return [Residual(width, width), MapAttention(width), Residual(width, width)]


def decoder(base=128, mult=(1, 2, 4, 4)):
    width = base * mult[-1]
    layers = [nn.Conv2d(4, 4, 1), nn.Conv2d(4, width, 3, padding=1), *middle(width)]
    for level in reversed(range(4)):
        for _ in range(3):
            layers.append(Residual(width, base * mult[level]))
            width = base * mult[level]
        if level > 0:
            layers.append(upsample(width))
    return nn.Sequential(*layers, nn.GroupNorm(32, width, 1e-6), nn.SiLU(), nn.Conv2d(width, 3, 3, padding=1))


def encoder(base=128, mult=(1, 2, 4, 4)):
    width = base
    layers = [nn.Conv2d(3, base, 3, padding=1)]
    for level in range(4):
        for _ in range(2):
            layers.append(Residual(width, base * mult[level]))
            width = base * mult[level]
        if level < 3:
            layers.append(Down(width))
    return nn.Sequential(*layers, *middle(width), nn.GroupNorm(32, width, 1e-6), nn.SiLU(), nn.Conv2d(width, 8, 3, padding=1), nn.Conv2d(8, 8, 1))


class TextBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q, self.k, self.v, self.out = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        y = self.norm1(x)
        x = x + self.out(attend(self.q(y), self.k(y), self.v(y), x.shape[2] // 64, causal=True))
        y = self.up(self.norm2(x))
        return x + self.down(y * torch.sigmoid(1.702 * y))


class Text(nn.Module):
    def __init__(self, vocabulary=49408, width=768, layers=12):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(77, width)
        self.blocks, self.norm = nn.Sequential(*(TextBlock(width) for _ in range(layers))), nn.LayerNorm(width)

    def forward(self, ids):
        return self.norm(self.blocks(self.tokens(ids) + self.positions.weight[None, :ids.shape[1]]))


class Dense(nn.Module):
    def __init__(self, width=64, grow=32):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(width + i * grow, width if i == 4 else grow, 3, padding=1) for i in range(5)])

    def forward(self, x):
        maps = [x]
        for conv in self.convs[:4]:
            maps.append(F.leaky_relu(conv(torch.cat(maps, dim=1)), 0.2))
        return x + 0.2 * self.convs[4](torch.cat(maps, dim=1))


class Rrdb(nn.Module):
    def __init__(self, blocks=23, width=64):
        super().__init__()
        self.first, self.body, self.hr, self.up1, self.up2 = (nn.Conv2d(c, width, 3, padding=1) for c in (3, width, width, width, width))
        self.blocks = nn.ModuleList([nn.Sequential(Dense(), Dense(), Dense()) for _ in range(blocks)])
        self.last = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, x):
        x = h = self.first(x)
        for block in self.blocks:
            h = h + 0.2 * block(h)
        x = x + self.body(h)
        for conv in (self.up1, self.up2):
            x = F.leaky_relu(conv(F.interpolate(x, scale_factor=2, mode='nearest')), 0.2)
        return self.last(F.leaky_relu(self.hr(x), 0.2))
