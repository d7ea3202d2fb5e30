# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Compare these modules with a golden fixture: an autoencoder, a UNet or a text encoder."""

import argparse
import json
import sys
from pathlib import Path

import torch
import yaml

from autoencoder import AutoencoderKL
from safetensors_file import read
from text import TextModel
from unet import UNetModel


def weights(path):
    if path.suffix == ".safetensors":
        state = read(path)
    else:
        state = torch.load(path, map_location="cpu")
        state = state.get("state_dict", state)
    return {k: v.float() for k, v in state.items()}


def part(state, prefix):
    return {k[len(prefix):]: v for k, v in state.items() if k.startswith(prefix)}


def load(module, state):
    """Every parameter must be in the file; the file may hold more."""
    missing = module.load_state_dict(state, strict=False).missing_keys
    if missing:
        raise SystemExit(f"not in the file: {missing[:5]}")
    return module.eval()


def checks(folder):
    """Yield (name, got, want)."""
    fixture = json.loads((folder / "fixture.json").read_text())
    params = yaml.safe_load((folder / fixture["config"]).read_text())["model"]["params"]
    state, golden = weights(folder / fixture["model"]), read(folder / fixture["golden"])
    if fixture["kind"] == "autoencoder-kl":
        params = params.get("first_stage_config", {"params": params})["params"]
        model = load(AutoencoderKL(params["ddconfig"], params["embed_dim"]),
                     part(state, "first_stage_model.") or state)
        for case in sorted({k.split(".")[0] for k in golden}):
            yield case + ".mode", model.encode(golden[case + ".image"])[0], golden[case + ".mode"]
            yield case + ".decoded", model.decode(golden[case + ".z"]), golden[case + ".decoded_from_z"]
        return
    model = load(UNetModel(**params["unet_config"]["params"]), part(state, "model.diffusion_model."))
    for case in sorted({k.split(".")[0] for k in golden if k.endswith(".x")}):
        x, t = golden[case + ".x"], golden[case + ".t"]
        yield case, model(x.expand(len(t), -1, -1, -1), t, golden.get(case + ".context")), golden[case + ".out"]
    if "text.ids" in golden:
        config = json.loads((folder / fixture["text_config"]).read_text())
        text = load(TextModel(config), part(state, "cond_stage_model.transformer.text_model."))
        yield "text", text(golden["text.ids"]), golden["text.context"]


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("fixture", type=Path, nargs="+")
    p.add_argument("--tolerance", type=float, default=1e-4)
    a = p.parse_args()
    failed = 0
    for folder in a.fixture:
        with torch.no_grad():
            for name, got, want in checks(folder):
                error = ((got - want).abs().max() / want.abs().max()).item()
                failed += error > a.tolerance
                print(f"{folder.name} {name} {error:.2e}{'  FAILED' if error > a.tolerance else ''}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
