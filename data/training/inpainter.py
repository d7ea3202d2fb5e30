# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""The inpainting model: UNet and text encoder, trained together."""

import torch
import torch.nn as nn

from text import TextModel
from unet import UNetModel

LENGTH = 24
FACTOR = 8  # pixels per latent
UNET = dict(image_size=64, in_channels=17, out_channels=8, model_channels=96, attention_resolutions=[2, 4],
            num_res_blocks=1, channel_mult=[1, 2, 2], num_head_channels=32, use_spatial_transformer=True,
            transformer_depth=1, context_dim=128, use_scale_shift_norm=True, use_checkpoint=False, legacy=False)
OUTER = ("text.", "unet.time_embed.", "unet.input_blocks.0.", "unet.out.")  # weights that AdamW trains, not Muon


def text_config(vocabulary):
    """The text encoder in the terms of a CLIPTextConfig."""
    return dict(architectures=["CLIPTextModel"], model_type="clip_text_model", vocab_size=vocabulary,
                hidden_size=128, intermediate_size=512, num_hidden_layers=2, num_attention_heads=4,
                max_position_embeddings=LENGTH, hidden_act="quick_gelu", layer_norm_eps=1e-5,
                bos_token_id=vocabulary - 2, eos_token_id=vocabulary - 1, pad_token_id=vocabulary - 1,
                torch_dtype="float16", attention_dropout=0.0, dropout=0.0, projection_dim=128)


class Inpainter(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.unet = UNetModel(**UNET)
        self.text = TextModel(text_config(vocabulary))

    def forward(self, x, condition, t, ids):
        """v for noised latents x; condition is the mask and the masked photo's latents."""
        return self.unet(torch.cat([x, condition], dim=1), t, self.text(ids))
