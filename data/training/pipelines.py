# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""What an application does with the models: repaint a masked square, enlarge a picture."""

import torch
import torch.nn.functional as F

from diffusion import SAMPLERS, v_of
from inpainter import FACTOR
from pool import latent_mask


@torch.no_grad()
def inpaint(model, image, mask, prompts, steps, guidance, seed=0, sampler="dpmpp_2m_karras"):
    """One repainted picture per prompt. image: 3 x H x W in [-1,1]; mask: H x W, true = repaint."""
    torch.manual_seed(seed)
    h, w = image.shape[1] // FACTOR, image.shape[2] // FACTOR
    noise = torch.randn(1, model.unet.out_channels, h, w).expand(len(prompts), -1, -1, -1)
    hole = image * ~mask
    condition = torch.cat([latent_mask(mask)[None], model.encode(hole[None])], dim=1)
    condition = condition.expand(len(prompts), -1, -1, -1)
    context, empty = model.context(prompts), model.context([""]).expand(len(prompts), -1, -1)

    def predict(x, t):
        ts = t.expand(len(x))
        told = torch.cat([x, condition], dim=1)
        out = model.unet(told, ts, context)
        if guidance != 1:
            unconditional = model.unet(told, ts, empty)
            out = unconditional + guidance * (out - unconditional)
        return v_of(x, out, t) if model.parameterization == "x0" else out

    result = model.decode(SAMPLERS[sampler](predict, noise, steps))
    return torch.where(mask, result, image[None])


@torch.no_grad()
def upscale(model, low, steps, seed=0, sampler="ddim"):
    """x4. low: 3 x H x W in [-1,1]; the sides are padded to what the network divides."""
    torch.manual_seed(seed)
    h, w = low.shape[1:]
    padded = F.pad(low[None], (0, -w % 8, 0, -h % 8), mode="replicate")
    noise = torch.randn(1, 4, *padded.shape[2:])
    latent = SAMPLERS[sampler](lambda x, t: model.unet(torch.cat([x, padded], dim=1), t.expand(1)), noise, steps)
    return model.decode(latent)[0, :, : 4 * h, : 4 * w]
