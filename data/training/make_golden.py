# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Reference vectors of an exported model, to check another engine against: fixture.json and golden.safetensors.

Computed in fp32 from the f16 weights as they were written.
"""

import argparse
import json
import os
from pathlib import Path

import torch

import safetensors_file
from model_files import Model


@torch.no_grad()
def vectors(model):
    """CASE.x, CASE.t, CASE.context -> CASE.out for the UNet; image and z cases for the autoencoder."""
    torch.manual_seed(11)
    golden = {}
    channels = model.unet.input_blocks[0][0].in_channels
    context = None
    if hasattr(model, "text"):
        prompts = ["", "blue sky at sunset", "Green grass and dark rocks"]
        golden["text.ids"] = torch.tensor([model.tokenizer.encode(p) for p in prompts])
        golden["text.context"] = model.text(golden["text.ids"])
        context = golden["text.context"]
    for case, (h, w), times in (("lat0_16x16_t0", (16, 16), [0]), ("lat1_16x24_t500", (16, 24), [500]),
                                ("lat2_24x16_t998", (24, 16), [998]), ("batch2", (16, 16), [999, 250])):
        x, t = torch.randn(len(times), channels, h, w), torch.tensor(times)
        if context is not None:
            mask = model.unet.out_channels
            x[:, mask] = (x[:, mask] > 0).float()
            golden[case + ".context"] = context[1 : 1 + len(times), :9].clone()
        golden[case + ".x"], golden[case + ".t"] = x, t
        golden[case + ".out"] = model.unet(x, t, golden.get(case + ".context"))
    return golden


@torch.no_grad()
def autoencoder_vectors(model):
    torch.manual_seed(12)
    golden = {}
    for h, w in ((32, 32), (48, 24)):
        case = f"case_{h}x{w}"
        yy, xx = torch.meshgrid(torch.linspace(-1, 1, h), torch.linspace(-1, 1, w), indexing="ij")
        image = torch.stack([yy, xx, (3 * yy * xx).sin()])[None] * 0.8 + 0.05 * torch.randn(1, 3, h, w)
        golden[case + ".image"] = image
        golden[case + ".encoder_out"] = model.first_stage.encoder(image)
        golden[case + ".moments"] = model.first_stage.quant_conv(golden[case + ".encoder_out"])
        mean, logvar = model.first_stage.encode(image)
        golden[case + ".mode"], golden[case + ".std"] = mean.clone(), torch.exp(0.5 * logvar)
        golden[case + ".z"] = mean + 0.3 * torch.randn_like(mean)
        golden[case + ".decoded_from_z"] = model.first_stage.decode(golden[case + ".z"])
        golden[case + ".decoded_from_mode"] = model.first_stage.decode(mean)
    return golden


def write(folder, model_folder, fixture, golden, title):
    folder.mkdir(parents=True, exist_ok=True)
    here = Path(os.path.relpath(model_folder, folder))
    fixture = {**fixture, "model": str(here / "model.safetensors"), "config": str(here / "config.yaml"),
               "golden": "golden.safetensors"}
    (folder / "fixture.json").write_text(json.dumps(fixture, indent=1) + "\n")
    safetensors_file.write(folder / "golden.safetensors", {k: v.contiguous() for k, v in golden.items()})
    lines = [f"# {title}", "", "Reference vectors of the model that ships, computed by data/training/make_golden.py",
             "in fp32 from the f16 weights. Tolerance: max|got-want| <= 1e-4 * max|want| per tensor.", ""]
    lines += [f"    {k:24} {list(v.shape)}" for k, v in golden.items()]
    (folder / "README.md").write_text("\n".join(lines) + "\n")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("model", type=Path, help="model folder")
    p.add_argument("out", type=Path, help="fixture folder to write; the autoencoder's goes into OUT/autoencoder")
    a = p.parse_args()
    model = Model(a.model)
    name = model.limn["name"]
    fixture = {"kind": "unet"}
    if hasattr(model, "text"):
        here = Path(os.path.relpath(a.model, a.out))
        fixture.update(text_config=str(here / "text_encoder_config.json"), tokenizer=str(here / "tokenizer"))
    write(a.out, a.model, fixture, vectors(model), f"{name}: UNet and text encoder")
    write(a.out / "autoencoder", a.model, {"kind": "autoencoder-kl"}, autoencoder_vectors(model), f"{name}: autoencoder")


if __name__ == "__main__":
    main()
