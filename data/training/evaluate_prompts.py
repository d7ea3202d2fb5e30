# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Whether prompts matter: a linear classifier of colour and texture, trained on labelled regions, looks at what was painted."""

import numpy as np
import torch
import torch.nn.functional as F

from data import Photos
from evaluate_inpaint import masks_between, middle, settings
from pictures import luma

# What is asked for, and what the regions that show it are called.
PROMPTS = {
    "clear blue sky": ("sky-blue",), "sunset sky": ("sky-sunset",), "storm clouds": ("sky-cloudy",), "snow": ("snow",),
    "sea": ("sea",), "forest": ("forest",), "sand": ("sand",), "rock": ("rock",), "grass": ("grass",),
    "flowers": ("flower",), "night stars": ("sky-night", "space"), "fog": ("fog",),
}
WINDOW = 96       # pixels of a training example's window
LEAST = 0.35      # of the window shows the material
PER_CLASS = 400   # examples
FOLDS = 5


def blurred(x, times):
    for _ in range(times):
        x = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return x


def features(image, where):
    """Colour and texture statistics of the pixels of `where`: a vector."""
    r, g, b = image
    opponent = torch.stack([(r + g + b) / 3, r - g, (r + g) / 2 - b])
    values = opponent[:, where]
    mean, deviation = values.mean(dim=1), values.std(dim=1)
    parts = [mean, deviation, mean**2, mean[:1] * mean[1:],
             torch.quantile(values, torch.tensor([0.05, 0.5, 0.95]), dim=1).flatten()]
    # Differences across and down at four scales: how rough it is, and in which direction.
    y = luma(image)[None, None] / 255
    for scale in range(4):
        smooth = blurred(y, 2**scale - 1)
        step = 2**scale
        across = (smooth - smooth.roll(step, 3))[0, 0].abs()[where]
        down = (smooth - smooth.roll(step, 2))[0, 0].abs()[where]
        a, d = across.mean() + 1e-4, down.mean() + 1e-4
        parts.append(torch.stack([a.log(), (d / a).log(), (across.std() + 1e-4).log() - a.log()]))
    return torch.cat(parts)


def examples(photos, rng):
    """Features, class and photo of random windows that show one of the materials."""
    names = list(PROMPTS)
    places = [[] for _ in names]
    for i, it in enumerate(photos.items):
        for number, word in it["regions"].items():
            for c, name in enumerate(names):
                if word in PROMPTS[name] and (photos.labels(i) == int(number)).sum() * 16 > LEAST * WINDOW**2:
                    places[c].append((i, int(number)))
    found = []
    for c, choices in enumerate(places):
        tries = 0
        made = 0
        while made < PER_CLASS and tries < 20 * PER_CLASS:
            tries += 1
            i, number = choices[rng.integers(len(choices))]
            labels = photos.labels(i)
            side = WINDOW // 4
            ys, xs = np.nonzero(labels == number)
            k = rng.integers(len(ys))
            y, x = (int(np.clip(v - side // 2, 0, n - side)) for v, n in zip((ys[k], xs[k]), labels.shape))
            where = torch.from_numpy(labels[y : y + side, x : x + side] == number)
            if where.float().mean() < LEAST:
                continue
            image = photos.crop(i, 4 * x, 4 * y, WINDOW, WINDOW)
            found.append((features(image, where.repeat_interleave(4, 0).repeat_interleave(4, 1)), c, i))
            made += 1
    x, c, photo = zip(*found)
    return torch.stack(x), torch.tensor(c), torch.tensor(photo)


class Linear:
    """Multinomial logistic regression on standardised features, every class weighing the same."""

    def __init__(self, x, c, penalty=1e-3):
        self.mean, self.deviation = x.mean(dim=0), x.std(dim=0) + 1e-6
        z = (x - self.mean) / self.deviation
        n = len(PROMPTS)
        weight = torch.zeros(x.shape[1], n, requires_grad=True)
        bias = torch.zeros(n, requires_grad=True)
        balance = 1.0 / torch.bincount(c, minlength=n).clamp(min=1)
        optimiser = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

        def closure():
            optimiser.zero_grad()
            loss = F.cross_entropy(z @ weight + bias, c, weight=balance) + penalty * weight.pow(2).sum()
            loss.backward()
            return loss

        optimiser.step(closure)
        self.weight, self.bias = weight.detach(), bias.detach()

    def __call__(self, x):
        return ((x - self.mean) / self.deviation @ self.weight + self.bias).argmax(dim=-1)


def own_accuracy(x, c, photo):
    """Share of windows of photos left out that it names rightly, mean of the classes."""
    hits = torch.zeros(len(PROMPTS), 2)
    for fold in range(FOLDS):
        out = photo % FOLDS == fold
        guess = Linear(x[~out], c[~out])(x[out])
        for k in range(len(PROMPTS)):
            of_class = c[out] == k
            hits[k] += torch.tensor([(guess[of_class] == k).sum(), of_class.sum()])
    return (hits[:, 0] / hits[:, 1].clamp(min=1)).tolist()


def prompts(program, model, photos_folder, masks_folder, count=10):
    train, held_back = Photos(photos_folder, "train"), Photos(photos_folder, "validation")
    masks = masks_between(masks_folder)
    x, c, photo = examples(train, np.random.default_rng(0))
    classifier, known = Linear(x, c), own_accuracy(x, c, photo)
    names, rows, total = list(PROMPTS), [], 0
    for k, prompt in enumerate(names):
        guesses = []
        for i in range(count):
            mask = masks[i * 7 % len(masks)]
            got = program.make("inpaint", middle(held_back, i), settings(None, None, prompt), model, mask)
            guesses.append(names[int(classifier(features(got, mask)))])
        hits = guesses.count(prompt)
        total += hits
        wrong = sorted({g: guesses.count(g) for g in guesses if g != prompt}.items(), key=lambda p: -p[1])
        rows.append([prompt, f"{hits} of {count}", ", ".join(f"{g} {n}" for g, n in wrong) or "-", f"{100 * known[k]:.0f} %"])
        print(rows[-1], flush=True)
    rows.append(["all", f"{100 * total / (count * len(names)):.0f} %", "", f"{100 * np.mean(known):.0f} %"])
    return f"Prompts: {count} held-back photos, masks of 10 to 30 %, a linear classifier of colour and texture", \
        ["prompt", "recognised", "taken for", "the classifier on photos (5-fold, by photo)"], rows
