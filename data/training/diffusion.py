# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""The noise schedule, the objectives and the samplers used for looking at results."""

import numpy as np
import torch

STEPS, LINEAR_START, LINEAR_END = 1000, 0.0015, 0.0195


def alphas_cumprod():
    """LDM's "linear" schedule: the square roots of the betas are equally spaced."""
    betas = np.linspace(LINEAR_START**0.5, LINEAR_END**0.5, STEPS, dtype=np.float64) ** 2
    return torch.from_numpy(np.cumprod(1 - betas)).float()


ALPHAS = alphas_cumprod()


def noised(x0, noise, t):
    """x_t and the v target."""
    a = ALPHAS[t].sqrt()[:, None, None, None]
    s = (1 - ALPHAS[t]).sqrt()[:, None, None, None]
    return a * x0 + s * noise, a * noise - s * x0


def precision(t, limit=5.0):
    """Weight of the squared error of x0 at timestep t: that of v with a weight of 1, up to a limit."""
    return (1 / (1 - ALPHAS[t])).clamp(max=limit)


def loss_weight(t, limit=5.0):
    """Weight of the squared error of v: one at high noise, where layout, colour and the prompt's meaning are
    decided, less where nearly all is known already (there an error of x0 counts `limit` times)."""
    return precision(t, limit) * (1 - ALPHAS[t])


def v_of(x, x0, t):
    """v, from x_t and an estimate of x0: what the samplers below take."""
    a = ALPHAS[t]
    return (a.sqrt() * x - x0) / (1 - a).sqrt()


def karras_timesteps(steps, rho=7.0):
    """Sigmas spaced after Karras, and the nearest whole timesteps."""
    table = ((1 - ALPHAS) / ALPHAS).sqrt()
    low, high = table[0] ** (1 / rho), table[-1] ** (1 / rho)
    sigmas = (high + torch.linspace(0, 1, steps) * (low - high)) ** rho
    position = np.interp(sigmas.log().numpy(), table.log().numpy(), np.arange(STEPS))
    return sigmas, torch.from_numpy(position.round()).long()


@torch.no_grad()
def dpmpp_2m_karras(predict_v, noise, steps):
    """DPM-Solver++ 2M; predict_v(x, t) takes x_t of the variance-preserving form."""
    sigmas, timesteps = karras_timesteps(steps)
    x, previous = noise * sigmas[0], None
    for i in range(steps):
        sigma = sigmas[i]
        scale = 1 / (sigma**2 + 1).sqrt()
        v = predict_v(x * scale, timesteps[i])
        x0 = x * scale**2 - v * sigma * scale
        if i + 1 == steps:
            return x0
        following = sigmas[i + 1]
        h = (sigma / following).log()
        blend = x0
        if previous is not None:
            r = (sigmas[i - 1] / sigma).log() / h
            blend = x0 + (x0 - previous) / (2 * r)
        x = following / sigma * x - torch.expm1(-h) * blend
        previous = x0
    return x


@torch.no_grad()
def ddim(predict_v, noise, steps):
    """DDIM without added noise, LDM's timesteps."""
    timesteps = np.arange(0, STEPS, STEPS // steps)[:steps][::-1] + 1
    x = noise
    for i, t in enumerate(timesteps):
        a = ALPHAS[t]
        a_next = ALPHAS[timesteps[i + 1]] if i + 1 < len(timesteps) else ALPHAS[0]
        v = predict_v(x, torch.tensor(t))
        x0 = a.sqrt() * x - (1 - a).sqrt() * v
        noise_part = a.sqrt() * v + (1 - a).sqrt() * x
        x = a_next.sqrt() * x0 + (1 - a_next).sqrt() * noise_part
    return x


SAMPLERS = {"dpmpp_2m_karras": dpmpp_2m_karras, "ddim": ddim}
