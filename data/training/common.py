# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""What every training shares: its options, checkpoints, the moving average, the clock, the loop over the steps."""

import copy
import fcntl
import math
import os
import time
from pathlib import Path

import numpy as np
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


def add_options(parser, minutes, seed):
    """The options of all trainings."""
    parser.add_argument("--minutes", type=float, default=minutes, help="of training in all, earlier runs included")
    parser.add_argument("--seed", type=int, default=seed)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--bf16", action="store_true", help="bfloat16 products in the forward pass")
    parser.add_argument("--pause", type=Path, help="waits between steps while this file is locked by another program")


class Training:
    """A training: its model and the average of it, how far it is, and the steps that it takes."""

    def __init__(self, options, model, optimiser, decay):
        """options: of add_options(), with the checkpoint; decay: of the average."""
        self.options, self.model, self.optimiser = options, model, optimiser
        self.ema = Ema(model, decay)
        self.step, self.clock = 0, Clock()

    def resume(self, weights="model", with_optimiser=True, new_schedule=False):
        """Goes on from the checkpoint if there is one."""
        if not self.options.checkpoint.exists():
            return
        state = torch.load(self.options.checkpoint, map_location="cpu")
        self.model.load_state_dict(state[weights])
        self.ema.module.load_state_dict(state["ema"])
        if with_optimiser:
            self.optimiser.load_state_dict(state["optimiser"])
        self.step = self.ema.updates = state["step"]
        self.clock = Clock(0.0 if new_schedule else state["seconds"])

    def random(self):
        """Random numbers from here on, also PyTorch's: other ones after each resumption."""
        torch.manual_seed(self.options.seed + self.step)
        return np.random.default_rng(self.options.seed + self.step)

    def save(self, **more):
        save(self.options.checkpoint, model=self.model.state_dict(), ema=self.ema.module.state_dict(),
             optimiser=self.optimiser.state_dict(), step=self.step, seconds=self.clock.seconds(), **more)

    def wait(self):
        if self.options.pause:
            self.clock.wait_for(self.options.pause)

    def run(self, loss_of, set_rate, checkpoint, every, report=100, stop=None):
        """Steps until the minutes are over, or those of stop. loss_of(): the loss and what to print of it, by name;
        set_rate(share): of the peak learning rates; checkpoint(): after every so many steps, and at the end."""
        total, seen = self.options.minutes * 60, []
        self.clock.start = time.time()
        while self.clock.seconds() < (total if stop is None else stop * 60):
            self.wait()
            set_rate(learning_rate(self.clock.seconds(), total, 1.0))
            loss, values = loss_of()
            self.optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimiser.step()
            self.ema.update(self.model)
            self.step += 1
            seen.append(list(values.values()))
            if self.step % report == 0:
                means = " ".join(f"{name} {mean:.4g}" for name, mean in zip(values, np.mean(seen, axis=0)))
                print(f"step {self.step} seconds {self.clock.seconds():.0f} {means}", flush=True)
                seen.clear()
            if self.step % every == 0:
                checkpoint()
        checkpoint()


def load_autoencoder(path):
    """The averaged autoencoder of a checkpoint, frozen, and the scale that makes its latents unit variance."""
    state = torch.load(path, map_location="cpu")
    model = AutoencoderKL(state["ddconfig"], state["embed_dim"])
    model.load_state_dict(state["export"])
    return model.eval().requires_grad_(False), state["scale_factor"]
