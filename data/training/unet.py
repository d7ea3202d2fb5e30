# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""The denoising UNet: names and maths of the LDM layout."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def norm(channels):
    return nn.GroupNorm(32, channels, eps=1e-5)


def timestep_embedding(t, dim):
    """Cosines first, then sines."""
    half = dim // 2
    freqs = torch.exp(-math.log(10000.0) * torch.arange(half, dtype=torch.float32) / half)
    args = t.float()[:, None] * freqs[None].to(t.device)
    return torch.cat([args.cos(), args.sin()], dim=1)


class ResBlock(nn.Module):
    """Two convolutions told the timestep, as a shift or as scale and shift."""

    def __init__(self, cin, cout, emb_dim, scale_shift, dropout=0.0):
        super().__init__()
        self.scale_shift = scale_shift
        self.in_layers = nn.Sequential(norm(cin), nn.SiLU(), nn.Conv2d(cin, cout, 3, padding=1))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(emb_dim, cout * (2 if scale_shift else 1)))
        last = nn.Conv2d(cout, cout, 3, padding=1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.out_layers = nn.Sequential(norm(cout), nn.SiLU(), nn.Dropout(dropout), last)
        self.skip_connection = nn.Identity() if cin == cout else nn.Conv2d(cin, cout, 1)

    def forward(self, x, emb, context):
        h = self.in_layers(x)
        e = self.emb_layers(emb).to(h.dtype)[:, :, None, None]
        if self.scale_shift:
            scale, shift = e.chunk(2, dim=1)
            h = self.out_layers[0](h) * (1 + scale) + shift
            h = self.out_layers[1:](h)
        else:
            h = self.out_layers(h + e)
        return self.skip_connection(x) + h


class Down(nn.Module):
    def __init__(self, ch):
        super().__init__()
        self.op = nn.Conv2d(ch, ch, 3, stride=2, padding=1)

    def forward(self, x, emb, context):
        return self.op(x)


class Up(nn.Module):
    def __init__(self, ch):
        super().__init__()
        self.conv = nn.Conv2d(ch, ch, 3, padding=1)

    def forward(self, x, emb, context):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Input(nn.Conv2d):
    """The first convolution, called like every other layer."""

    def forward(self, x, emb, context):
        return super().forward(x)


class AttentionBlock(nn.Module):
    """Self-attention; q, k and v of each head lie together."""

    def __init__(self, ch, heads):
        super().__init__()
        self.heads = heads
        self.norm = norm(ch)
        self.qkv = nn.Conv1d(ch, 3 * ch, 1)
        self.proj_out = nn.Conv1d(ch, ch, 1)

    def forward(self, x, emb, context):
        b, c, h, w = x.shape
        x = x.flatten(2)
        q, k, v = self.qkv(self.norm(x)).reshape(b * self.heads, 3 * c // self.heads, h * w).chunk(3, dim=1)
        weights = torch.softmax(q.transpose(1, 2) @ k * (c // self.heads) ** -0.5, dim=-1)
        y = (v @ weights.transpose(1, 2)).reshape(b, c, h * w)
        return (x + self.proj_out(y)).reshape(b, c, h, w)


class CrossAttention(nn.Module):
    """Attention to `context`, or to itself where there is none."""

    def __init__(self, dim, context_dim, heads, head_dim):
        super().__init__()
        self.heads = heads
        inner = heads * head_dim
        self.to_q = nn.Linear(dim, inner, bias=False)
        self.to_k = nn.Linear(context_dim, inner, bias=False)
        self.to_v = nn.Linear(context_dim, inner, bias=False)
        self.to_out = nn.Sequential(nn.Linear(inner, dim), nn.Dropout(0.0))

    def forward(self, x, context=None):
        context = x if context is None else context
        q, k, v = (f(y).unflatten(2, (self.heads, -1)).transpose(1, 2)
                   for f, y in ((self.to_q, x), (self.to_k, context), (self.to_v, context)))
        weights = torch.softmax(q @ k.transpose(2, 3) * q.shape[-1] ** -0.5, dim=-1)
        return self.to_out((weights @ v).transpose(1, 2).flatten(2))


class Geglu(nn.Module):
    """First half the value, second half the gate."""

    def __init__(self, dim, out):
        super().__init__()
        self.proj = nn.Linear(dim, 2 * out)

    def forward(self, x):
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.net = nn.Sequential(Geglu(dim, 4 * dim), nn.Dropout(0.0), nn.Linear(4 * dim, dim))

    def forward(self, x):
        return self.net(x)


class BasicTransformerBlock(nn.Module):
    def __init__(self, dim, heads, head_dim, context_dim):
        super().__init__()
        self.attn1 = CrossAttention(dim, dim, heads, head_dim)
        self.ff = FeedForward(dim)
        self.attn2 = CrossAttention(dim, context_dim, heads, head_dim)
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm(dim), nn.LayerNorm(dim), nn.LayerNorm(dim)

    def forward(self, x, context):
        x = x + self.attn1(self.norm1(x))
        x = x + self.attn2(self.norm2(x), context)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    """Transformer blocks over the positions of a map, told the prompt."""

    def __init__(self, ch, heads, head_dim, depth, context_dim):
        super().__init__()
        inner = heads * head_dim
        self.norm = nn.GroupNorm(32, ch, eps=1e-6)
        self.proj_in = nn.Conv2d(ch, inner, 1)
        self.transformer_blocks = nn.ModuleList(
            BasicTransformerBlock(inner, heads, head_dim, context_dim) for _ in range(depth))
        self.proj_out = nn.Conv2d(inner, ch, 1)
        nn.init.zeros_(self.proj_out.weight)
        nn.init.zeros_(self.proj_out.bias)

    def forward(self, x, emb, context):
        h, w = x.shape[2:]
        y = self.proj_in(self.norm(x)).flatten(2).transpose(1, 2)
        for block in self.transformer_blocks:
            y = block(y, context)
        return x + self.proj_out(y.transpose(1, 2).unflatten(2, (h, w)))


class Stage(nn.Sequential):
    """Layers that all take the timestep embedding and the context."""

    def forward(self, x, emb, context):
        for layer in self:
            x = layer(x, emb, context)
        return x


class UNetModel(nn.Module):
    def __init__(self, in_channels, out_channels, model_channels, num_res_blocks, attention_resolutions,
                 channel_mult, num_heads=-1, num_head_channels=-1, use_spatial_transformer=False,
                 transformer_depth=1, context_dim=None, use_scale_shift_norm=False, dropout=0.0, **_):
        super().__init__()
        self.model_channels, self.out_channels = model_channels, out_channels
        emb_dim = 4 * model_channels
        self.time_embed = nn.Sequential(nn.Linear(model_channels, emb_dim), nn.SiLU(), nn.Linear(emb_dim, emb_dim))

        def res(cin, cout):
            return ResBlock(cin, cout, emb_dim, use_scale_shift_norm, dropout)

        def attention(ch):
            heads = num_heads if num_head_channels == -1 else ch // num_head_channels
            if use_spatial_transformer:
                return SpatialTransformer(ch, heads, ch // heads, transformer_depth, context_dim)
            return AttentionBlock(ch, heads)

        ch, ds, skips = model_channels, 1, [model_channels]
        self.input_blocks = nn.ModuleList([Stage(Input(in_channels, ch, 3, padding=1))])
        for level, mult in enumerate(channel_mult):
            for _n in range(num_res_blocks):
                layers = [res(ch, mult * model_channels)]
                ch = mult * model_channels
                if ds in attention_resolutions:
                    layers.append(attention(ch))
                self.input_blocks.append(Stage(*layers))
                skips.append(ch)
            if level + 1 < len(channel_mult):
                self.input_blocks.append(Stage(Down(ch)))
                skips.append(ch)
                ds *= 2
        self.middle_block = Stage(res(ch, ch), attention(ch), res(ch, ch))
        self.output_blocks = nn.ModuleList()
        for level, mult in reversed(list(enumerate(channel_mult))):
            for n in range(num_res_blocks + 1):
                layers = [res(ch + skips.pop(), mult * model_channels)]
                ch = mult * model_channels
                if ds in attention_resolutions:
                    layers.append(attention(ch))
                if level and n == num_res_blocks:
                    layers.append(Up(ch))
                    ds //= 2
                self.output_blocks.append(Stage(*layers))
        last = nn.Conv2d(ch, out_channels, 3, padding=1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.out = nn.Sequential(norm(ch), nn.SiLU(), last)

    def forward(self, x, t, context=None):
        emb = self.time_embed(timestep_embedding(t, self.model_channels))
        skips = []
        for stage in self.input_blocks:
            x = stage(x, emb, context)
            skips.append(x)
        x = self.middle_block(x, emb, context)
        for stage in self.output_blocks:
            x = stage(torch.cat([x, skips.pop()], dim=1), emb, context)
        return self.out(x)
