# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Repainting held-back photos, measured beside OpenCV's inpainting and Limn's own filling without a model."""

import numpy as np
import torch

from data import Photos
from measures import grown, jump, sliced_wasserstein
from model_files import Model
from pictures import load_mask, luma, psnr, ssim

SIDE = 512
# Where a seam may lie: the program's own edge is softer and wider than the mask's.
RIMS = (0, 2, 4, 8, 16)


def middle(photos, i, side=SIDE):
    it = photos.items[i]
    return photos.crop(i, (it["w"] - side) // 2, (it["h"] - side) // 2, side, side)


def autoencoder(folder, photos_folder):
    """PSNR (RGB) and SSIM (luma) of the held-back photos' middle squares through encode and decode."""
    model, photos = Model(folder), Photos(photos_folder, "validation")
    values = []
    for i in range(len(photos)):
        x = middle(photos, i)
        with torch.no_grad():
            y = model.decode(model.encode(x[None]))[0]
        values.append((psnr(y, x), ssim(luma(y), luma(x)), *((y - x).mean(dim=(1, 2)) * 127.5).tolist()))
    values = np.array(values)
    p, s, *tint = values.mean(axis=0)
    rows = [[folder.name, len(values), f"{p:.2f} dB", f"{s:.3f}", f"{values[:, 0].min():.2f} dB",
             " ".join(f"{t:+.2f}" for t in tint)]]
    return "Autoencoder, middle squares of held-back photos", \
        ["model", "photos", "PSNR", "SSIM", "worst PSNR", "mean error of R, G, B (levels)"], rows


def masks_between(folder, low=0.10, high=0.30):
    found = [load_mask(path) for path in sorted(folder.glob("*.png"))]
    return [m for m in found if low <= m.float().mean().item() <= high]


def opencv(image, mask, method):
    """OpenCV's inpainting with its usual radius of 3 pixels."""
    import cv2

    levels = ((image.permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255).byte().numpy()
    filled = cv2.inpaint(levels, mask.numpy().astype(np.uint8) * 255, 3, method)
    return torch.from_numpy(filled).permute(2, 0, 1).float() / 127.5 - 1


def settings(steps, guidance, prompt):
    words = ("--prompt", prompt, "--seed", "0")
    if steps:
        words += ("--steps", str(steps))
    if guidance:
        words += ("--guidance", str(guidance))
    return words


def ways(program, model, captions):
    """Name -> function of photo, mask and caption."""
    def limn(steps=None, guidance=None, told=False):
        return lambda x, m, caption: program.make("inpaint", x, settings(steps, guidance, caption if told else ""),
                                                  model, m)

    def telea(x, m, caption):
        import cv2
        return opencv(x, m, cv2.INPAINT_TELEA)

    def navier_stokes(x, m, caption):
        import cv2
        return opencv(x, m, cv2.INPAINT_NS)

    found = {"OpenCV Telea": telea, "OpenCV Navier-Stokes": navier_stokes,
             "PatchMatch (`--remove`)": lambda x, m, caption: program.make("inpaint", x, ("--remove",), None, m),
             f"{model.name}, no prompt": limn()}
    if captions:
        found.update({f"{model.name}, caption, its defaults": limn(told=True),
                      f"{model.name}, caption, 8 steps, no guidance": limn(8, 1, True),
                      f"{model.name}, caption, 40 steps, guidance": limn(40, None, True)})
    return found


def inpainting(program, model, photos_folder, masks_folder, captions=True):
    photos, masks = Photos(photos_folder, "validation"), masks_between(masks_folder)
    originals = [middle(photos, i) for i in range(len(photos))]
    # Masks of all kinds: they are sorted by share, so take them far apart.
    chosen = [masks[i * 7 % len(masks)] for i in range(len(photos))]
    rims = [[grown(m, r) for m in chosen] for r in RIMS]
    natural = [sum(map(jump, originals, edges)) for edges in rims]
    rows = []
    for name, way in ways(program, model, captions).items():
        made = [way(x, m, photos.items[i]["caption"]) for i, (x, m) in enumerate(zip(originals, chosen))]
        p = np.mean([psnr(y, x, where=m) for y, x, m in zip(made, originals, chosen)])
        triples = list(zip(made, originals, chosen))
        swd, scaled = (sliced_wasserstein(triples, own_scale=own) for own in (True, False))
        jumps = [sum(map(jump, made, edges)) / wanted for edges, wanted in zip(rims, natural)]
        rows.append([name, f"{p:.2f} dB", f"{swd:.1f}", f"{scaled:.1f}", f"{jumps[0]:.2f}", f"{max(jumps):.2f}"])
        print(rows[-1], flush=True)
    share = np.mean([m.float().mean().item() for m in chosen])
    return f"Repainting: {len(photos)} held-back photos, masks of 10 to 30 % ({100 * share:.0f} % on average)", \
        ["way", "PSNR in the mask", "SWD", "SWD, original's scale", "jump at the mask's edge / original's",
         "the same, worst of edges up to 16 pixels outside"], rows
