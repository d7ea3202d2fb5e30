# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Write a trained model as LDM lays it out: config.yaml, model.safetensors (f16) and what goes with them."""

import argparse
import json
from pathlib import Path

import torch
import yaml

import safetensors_file
from diffusion import LINEAR_END, LINEAR_START, STEPS
from inpainter import UNET as INPAINT_UNET
from inpainter import text_config
from upscaler import UNET as UPSCALE_UNET

LICENCE = "CC-BY-SA-4.0"
LIMN = {
    "inpaint": dict(name="Limn Inpaint", description="Repaints masked parts of photos after a prompt.",
                    native_size=512, min_size=256, steps=12, guidance=5.0, start=0.3, prompt_start=1.0,
                    prefill="patchmatch", keep_detail=True, two_pass=False, sampler="dpmpp_2m_karras",
                    licence=LICENCE),
    "upscale": dict(name="Limn Upscale (latent diffusion)", description="Enlarges photos four times.",
                    factor=4, tile=128, steps=8, sampler="dpmpp_2m_karras", licence=LICENCE),
}


def first_stage(state):
    return {"target": "ldm.models.autoencoder.AutoencoderKL",
            "params": {"embed_dim": state["embed_dim"], "monitor": "val/rec_loss", "ddconfig": state["ddconfig"],
                       "lossconfig": {"target": "torch.nn.Identity"}}}


def config(kind, autoencoder):
    inpaint = kind == "inpaint"
    unet = INPAINT_UNET if inpaint else UPSCALE_UNET
    params = {
        "linear_start": LINEAR_START, "linear_end": LINEAR_END, "num_timesteps_cond": 1, "timesteps": STEPS,
        "parameterization": "x0" if inpaint else "v", "beta_schedule": "linear", "first_stage_key": "image",
        "image_size": unet["image_size"],
        "channels": unet["out_channels"], "cond_stage_key": "caption" if inpaint else "LR_image",
        "cond_stage_trainable": inpaint,
        "conditioning_key": "hybrid" if inpaint else "concat", "scale_factor": autoencoder["scale_factor"],
        "use_ema": False,
        "unet_config": {"target": "ldm.modules.diffusionmodules.openaimodel.UNetModel",
                        "params": unet},
        "first_stage_config": first_stage(autoencoder),
        "cond_stage_config": {"target": "ldm.modules.encoders.modules.FrozenCLIPEmbedder" if inpaint
                              else "torch.nn.Identity"},
    }
    if inpaint:
        params["finetune_keys"] = None
    target = "LatentInpaintDiffusion" if inpaint else "LatentDiffusion"
    return {"limn": LIMN[kind], "model": {"target": f"ldm.models.diffusion.ddpm.{target}", "params": params}}


def tensors(kind, autoencoder, ema):
    """The averaged weights under the layout's names, as f16."""
    named = {f"first_stage_model.{k}": v for k, v in autoencoder["export"].items()}
    if kind == "inpaint":
        for k, v in ema.items():
            part, rest = k.split(".", 1)
            prefix = {"unet": "model.diffusion_model.", "text": "cond_stage_model.transformer.text_model."}[part]
            named[prefix + rest] = v
    else:
        named.update({f"model.diffusion_model.{k}": v for k, v in ema.items()})
    return {k: v.half() for k, v in named.items()}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("kind", choices=("inpaint", "upscale"))
    p.add_argument("autoencoder", type=Path)
    p.add_argument("checkpoint", type=Path)
    p.add_argument("out", type=Path, help="model folder; its tokenizer/ is written by tokenizer.py")
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    autoencoder = torch.load(a.autoencoder, map_location="cpu")
    state = torch.load(a.checkpoint, map_location="cpu")
    named = tensors(a.kind, autoencoder, state["ema"])
    for name, tensor in named.items():
        if not torch.isfinite(tensor).all():
            raise SystemExit(f"{name} does not fit into f16")
    safetensors_file.write(a.out / "model.safetensors", named, {"format": "pt"})
    text = yaml.safe_dump(config(a.kind, autoencoder), sort_keys=False, width=120)
    (a.out / "config.yaml").write_text(text)
    if a.kind == "inpaint":
        text = json.dumps(text_config(state["vocabulary"]), indent=1)
        (a.out / "text_encoder_config.json").write_text(text + "\n")
    size = (a.out / "model.safetensors").stat().st_size
    print(f"{a.out}: {len(named)} tensors, {size / 1e6:.1f} MB, step {state['step']}")


if __name__ == "__main__":
    main()
