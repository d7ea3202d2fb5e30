# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""What every training shares: checkpoints, the moving average, the clock."""

import copy
import fcntl
import math
import os
import time
from pathlib import Path

import torch

from autoencoder import AutoencoderKL


class Ema:
    """Exponential moving average of a module's parameters, taken every fourth step."""

    def __init__(self, module, decay):
        self.module = copy.deepcopy(module).requires_grad_(False).eval()
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, module):
        self.updates += 1
        if self.updates % 4:
            return
        decay = min(self.decay**4, (1 + self.updates / 4) / (10 + self.updates / 4))
        mine, theirs = list(self.module.parameters()), list(module.parameters())
        torch._foreach_mul_(mine, decay)
        torch._foreach_add_(mine, theirs, alpha=1 - decay)


def prepare(threads):
    """Numbers too small to matter are flushed to zero: on CPUs they cost a hundred times as much as others."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)


def adamw(parameters, lr):
    """AdamW, in one pass over the weights where PyTorch can (2.4 and later, on CPUs)."""
    fused = tuple(map(int, torch.__version__.split(".")[:2])) >= (2, 4)
    options = dict(fused=True) if fused else {}
    return torch.optim.AdamW(parameters, lr=lr, betas=(0.9, 0.99), weight_decay=0.01, **options)


def save(path, **state):
    """Write a checkpoint, never leaving half of one behind."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def learning_rate(elapsed, total, peak, warmup=30.0):
    """Linear warm-up, then cosine to a fiftieth of the peak; by seconds of training."""
    if elapsed < warmup:
        return peak * (0.05 + 0.95 * elapsed / warmup)
    part = min(1.0, (elapsed - warmup) / max(1.0, total - warmup))
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * part)))


def set_learning_rate(optimiser, value):
    for group in optimiser.param_groups:
        group["lr"] = value


class Clock:
    """Seconds of training so far, over all resumed runs."""

    def __init__(self, before=0.0):
        self.before, self.start = before, time.time()

    def seconds(self):
        return self.before + time.time() - self.start

    def wait_for(self, path):
        """Waits while another program holds a lock on the file; the time does not count."""
        with open(path, "a") as lock:
            start = time.time()
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.start += time.time() - start


def load_autoencoder(path):
    """The averaged autoencoder of a checkpoint, frozen, and the scale that makes its latents unit variance."""
    state = torch.load(path, map_location="cpu")
    model = AutoencoderKL(state["ddconfig"], state["embed_dim"])
    model.load_state_dict(state["export"])
    return model.eval().requires_grad_(False), state["scale_factor"]
