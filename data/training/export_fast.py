# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Write the fast upscaler: model.safetensors (f16) with SRVGGNetCompact's names, and a config.yaml with what it is called."""

import argparse
from pathlib import Path

import torch
import yaml

import safetensors_file
from export import LICENCE

LIMN = dict(name="Limn Upscale (fast)", description="Enlarges photos four times, in one pass.", licence=LICENCE)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("checkpoint", type=Path, help="of train_fast.py")
    p.add_argument("out", type=Path, help="model folder")
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    state = torch.load(a.checkpoint, map_location="cpu")
    named = {name: tensor.half() for name, tensor in state["export"].items()}
    for name, tensor in named.items():
        if not torch.isfinite(tensor).all():
            raise SystemExit(f"{name} does not fit into f16")
    safetensors_file.write(a.out / "model.safetensors", named, {"format": "pt"})
    (a.out / "config.yaml").write_text(yaml.safe_dump({"limn": LIMN}, sort_keys=False, width=120))
    size = (a.out / "model.safetensors").stat().st_size
    print(f"{a.out}: {len(named)} tensors, {size / 1e6:.2f} MB, step {state['step']}")


if __name__ == "__main__":
    main()
