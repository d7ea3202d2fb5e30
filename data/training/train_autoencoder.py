# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Train an autoencoder: L1 on pixels and on a Laplacian pyramid, and a small KL term.

A share of the steps decodes latents that were made smaller and asks for the picture made smaller
(equivariance to scale: Kouzelis et al. 2025, "EQ-VAE", arXiv 2502.09509). Latents then vary as smoothly
as the picture, and a diffusion model learns them in a fraction of the steps.
"""

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from autoencoder import AutoencoderKL
from common import Training, add_options, prepare, set_learning_rate
from data import Photos, random_batch
from model_files import Model

COMMON = dict(double_z=True, resolution=512, in_channels=3, out_ch=3, ch=64, num_res_blocks=0,
              attn_resolutions=[], dropout=0.0, attn_type="none")
LAYOUTS = {  # f = 4 for the upscaler, which concatenates the small picture; f = 8 for inpainting
    "f4": dict(COMMON, z_channels=4, ch_mult=[1, 1, 1]),
    "f8": dict(COMMON, z_channels=8, ch_mult=[1, 1, 1, 2]),
}


def laplacian(x, levels=3):
    """Detail bands of an image, finest first."""
    bands = []
    for _ in range(levels):
        low = F.avg_pool2d(x, 2)
        bands.append(x - F.interpolate(low, scale_factor=2.0, mode="bilinear", align_corners=False))
        x = low
    return bands


def reconstruction_loss(got, want, detail_weight):
    """Mean square keeps PSNR, L1 of pixels and detail bands keeps edges sharp.

    Colour is a small part of the pixels' variance, and its axes are learned late: it counts extra.
    """
    error = got - want
    colour = F.avg_pool2d(error - error.mean(dim=1, keepdim=True), 4)
    loss = error.abs().mean() + 2.0 * error.pow(2).mean() + 4.0 * colour.abs().mean() + 20.0 * colour.pow(2).mean()
    for a, b in zip(laplacian(got), laplacian(want)):
        loss = loss + detail_weight * (a - b).abs().mean()
    return loss


@torch.no_grad()
def validate(model, photos, side=256, count=20):
    """PSNR of the middle crop of each held-back photo, encoded to the mean and decoded."""
    values = []
    for i in range(min(count, len(photos))):
        it = photos.items[i]
        x = photos.crop(i, (it["w"] - side) // 2, (it["h"] - side) // 2, side, side)[None]
        y = model.decode(model.encode(x)[0]).clamp(-1, 1)
        values.append(10 * torch.log10(4 / F.mse_loss(y, x)).item())
    return float(np.mean(values))


@torch.no_grad()
def latents_of(model, photos):
    """Latents of the middles of every fifth photo."""
    latents = []
    for i in range(0, len(photos), 5):
        it = photos.items[i]
        x = photos.crop(i, (it["w"] - 384) // 2, (it["h"] - 384) // 2, 384, 384)[None]
        latents.append(model.encode(x)[0])
    return torch.cat(latents)


@torch.no_grad()
def standardised(model, photos):
    """A copy whose latents have mean 0 and deviation 1 in every channel: the 1x1 convolutions around them do it."""
    z = latents_of(model, photos)
    mean, std = z.mean(dim=(0, 2, 3)), z.std(dim=(0, 2, 3))
    copied = copy.deepcopy(model)
    n = len(mean)
    quant, post = copied.quant_conv, copied.post_quant_conv
    post.bias.add_(post.weight[:, :, 0, 0] @ mean)
    post.weight.mul_(std[None, :, None, None])
    quant.weight[:n].div_(std[:, None, None, None])
    quant.bias[:n].sub_(mean).div_(std)
    quant.bias[n:].sub_(2 * std.log())
    return copied


def begin_with(model, folder):
    """Take those weights of an exported model's first stage that have the same name and shape."""
    have, own = Model(folder).first_stage.state_dict(), model.state_dict()
    fitting = {k: v for k, v in have.items() if k in own and own[k].shape == v.shape}
    model.load_state_dict({**own, **fitting})
    print(f"{len(fitting)} of {len(own)} tensors from {folder}", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("photos", help="folder written by prepare.py")
    p.add_argument("checkpoint", type=Path, help="continued from if it exists")
    p.add_argument("--layout", choices=LAYOUTS, default="f4")
    p.add_argument("--begin", type=Path, help="model folder whose first stage gives the first weights")
    p.add_argument("--coarse", type=float, default=0.0, help="share of steps that decode smaller latents as well")
    add_options(p, minutes=26, seed=1)
    p.add_argument("--crop", type=int, default=96)
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--kl", type=float, default=1e-6)
    p.add_argument("--detail", type=float, default=0.5)
    p.add_argument("--ema", type=float, default=0.995)
    p.add_argument("--new-schedule", action="store_true", help="count the minutes from here, not from the first run")
    p.add_argument("--anchor", type=float, default=0.0,
                   help="how much it costs that latents differ from the first weights', so that models trained on those stay valid")
    p.add_argument("--decoder-only", action="store_true",
                   help="keep the averaged encoder as it is, so that models trained on its latents stay valid")
    a = p.parse_args()
    if a.anchor and not a.begin:
        p.error("--anchor needs the first weights: --begin")
    prepare(a.threads)
    torch.manual_seed(a.seed)
    train, held_back = Photos(a.photos, "train"), Photos(a.photos, "validation")
    ddconfig = LAYOUTS[a.layout]
    model = AutoencoderKL(ddconfig, ddconfig["z_channels"])
    if a.begin:
        begin_with(model, a.begin)
    if a.decoder_only:
        model.encoder.requires_grad_(False)
        model.quant_conv.requires_grad_(False)
    optimiser = torch.optim.Adam((q for q in model.parameters() if q.requires_grad), lr=a.lr, betas=(0.9, 0.99))
    anchor = copy.deepcopy(model).requires_grad_(False) if a.anchor else None
    training = Training(a, model, optimiser, a.ema)
    training.resume("ema" if a.decoder_only else "model", not a.decoder_only, a.new_schedule)
    rng = training.random()

    def checkpoint():
        average = training.ema.module
        print(f"validation step {training.step} psnr {validate(average, held_back):.2f} dB", flush=True)
        export = average if a.decoder_only or a.anchor else standardised(average, train)
        training.save(export=export.state_dict(), scale_factor=round(1 / latents_of(export, train).std().item(), 5),
                      ddconfig=ddconfig, embed_dim=ddconfig["z_channels"])

    def loss_of():
        large = training.step % 4 == 3  # statistics of the norms depend on the crop's size: show both
        x = random_batch(train, rng, a.batch // 4 if large else a.batch, a.crop * (2 if large else 1), 2.0)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.bf16):
            with torch.set_grad_enabled(not a.decoder_only):
                mean, logvar = (m.float() for m in model.encode(x))
            z = mean + torch.randn_like(mean) * torch.exp(0.5 * logvar)
            coarse = rng.random() < a.coarse
            y = model.decode(z)
            y_coarse = model.decode(F.avg_pool2d(z, 2)) if coarse else None
            drift = (mean - anchor.encode(x)[0].float()).pow(2).mean() if a.anchor else torch.zeros(())
        kl = 0.5 * (mean.pow(2) + logvar.exp() - 1 - logvar).sum(dim=(1, 2, 3)).mean()
        rec = reconstruction_loss(y.float(), x, a.detail)
        loss = rec + a.kl * kl + a.anchor * drift
        if coarse:
            loss = loss + reconstruction_loss(y_coarse.float(), F.avg_pool2d(x, 2), a.detail)
        return loss, {"loss": rec.item(), "kl": kl.item(), "std": mean.std().item(), "drift": drift.item() ** 0.5}

    training.run(loss_of, lambda share: set_learning_rate(optimiser, a.lr * share), checkpoint, 500, 50)


if __name__ == "__main__":
    main()
