# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Read an exported model folder back into these modules, in fp32."""

import json
from pathlib import Path

import torch
import yaml

from autoencoder import AutoencoderKL
from safetensors_file import read
from text import TextModel
from tokenizer import Tokenizer
from unet import UNetModel

PREFIXES = {"first_stage": "first_stage_model.", "unet": "model.diffusion_model.",
            "text": "cond_stage_model.transformer.text_model."}


class Model:
    """first_stage, unet, and for inpainting text and tokenizer."""

    def __init__(self, folder):
        folder = Path(folder)
        config = yaml.safe_load((folder / "config.yaml").read_text())
        self.limn = config["limn"]
        params = config["model"]["params"]
        self.scale, self.parameterization = params["scale_factor"], params["parameterization"]
        stage = params["first_stage_config"]["params"]
        self.first_stage = AutoencoderKL(stage["ddconfig"], stage["embed_dim"])
        self.unet = UNetModel(**params["unet_config"]["params"])
        parts = {"first_stage": self.first_stage, "unet": self.unet}
        description = folder / "text_encoder_config.json"
        if description.exists():
            text = json.loads(description.read_text())
            parts["text"] = self.text = TextModel(text)
            self.tokenizer = Tokenizer(folder / "tokenizer", text["max_position_embeddings"])
        tensors = read(folder / "model.safetensors")
        for name, module in parts.items():
            prefix = PREFIXES[name]
            module.load_state_dict({k[len(prefix):]: v.float() for k, v in tensors.items() if k.startswith(prefix)})
            module.eval().requires_grad_(False)

    def context(self, prompts):
        return self.text(torch.tensor([self.tokenizer.encode(p) for p in prompts]))

    def encode(self, images):
        return self.first_stage.encode(images)[0] * self.scale

    def decode(self, latents):
        return self.first_stage.decode(latents / self.scale).clamp(-1, 1)
