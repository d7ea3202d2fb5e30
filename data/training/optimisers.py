# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Muon for the inner weights of a network, AdamW for the others."""

import torch

from common import adamw, set_learning_rate


@torch.no_grad()
def orthogonalised(matrices, steps=4):
    """Nearly the nearest matrices with equal singular values, of a stack [n, rows, columns] with rows <= columns,
    by Newton-Schulz steps (Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks")."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.bfloat16()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.transpose(1, 2)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.float()


class Muon(torch.optim.Optimizer):
    """Momentum whose direction is orthogonalised: for the weights of convolutions and linear layers.

    In a short training every direction of a weight then moves, not only the loudest ones. Weights of one
    shape are handled together.
    """

    def __init__(self, parameters, lr, momentum=0.95, weight_decay=0.01):
        super().__init__(parameters, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            by_shape = {}
            for q in group["params"]:
                if q.grad is not None:
                    by_shape.setdefault(q.shape, []).append(q)
            for shape, weights in by_shape.items():
                rows, columns = shape[0], shape[1:].numel()
                updates = []
                for q in weights:
                    momentum = self.state[q].setdefault("momentum", torch.zeros_like(q))
                    momentum.lerp_(q.grad, 1 - group["momentum"])
                    updates.append(q.grad.lerp(momentum, group["momentum"]).reshape(rows, columns))
                stack = torch.stack(updates)
                wide = rows <= columns
                stack = orthogonalised(stack if wide else stack.transpose(1, 2))
                stack = stack if wide else stack.transpose(1, 2)
                scale = group["lr"] * max(1.0, rows / columns) ** 0.5
                for q, update in zip(weights, stack):
                    q.mul_(1 - group["lr"] * group["weight_decay"])
                    q.add_(update.reshape(shape), alpha=-scale)


class Optimisers:
    """Muon for the inner weights, AdamW for all else, with one learning rate to turn."""

    def __init__(self, module, lr, outer, muon_lr=0.02):
        """outer: names' beginnings of weights that AdamW keeps: the first and last layers, embeddings."""
        inner, others = [], []
        for name, q in module.named_parameters():
            (inner if q.ndim >= 2 and not name.startswith(tuple(outer)) else others).append(q)
        self.parts = [Muon(inner, muon_lr), adamw(others, lr)]
        self.peaks = [muon_lr, lr]

    def set_share(self, share):
        for part, peak in zip(self.parts, self.peaks):
            set_learning_rate(part, peak * share)

    def zero_grad(self):
        for part in self.parts:
            part.zero_grad(set_to_none=True)

    def step(self):
        for part in self.parts:
            part.step()

    def state_dict(self):
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, states):
        for part, state in zip(self.parts, states):
            part.load_state_dict(state)
