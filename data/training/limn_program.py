# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""What the program itself makes of pictures, kept in a folder."""

import hashlib
import os
import re
import subprocess
import tempfile
from pathlib import Path

from pictures import load, to_image


class Program:
    """Runs limn; a result that is in the folder already, of the same input, model and options, is not made again."""

    def __init__(self, path, work, threads=2):
        self.path, self.work, self.threads = Path(path), Path(work), threads
        self.work.mkdir(parents=True, exist_ok=True)
        self._digests = {}

    def _digest(self, model):
        """Of the weights: other weights are another result."""
        if model not in self._digests:
            weights = Path(model) / "model.safetensors"
            self._digests[model] = hashlib.sha256(weights.read_bytes()).hexdigest()
        return self._digests[model]

    def _run(self, words, out):
        with tempfile.TemporaryDirectory() as home:
            environment = dict(os.environ, XDG_DATA_HOME=home, LC_ALL="C.UTF-8")
            done = subprocess.run([self.path, *map(str, words), "--threads", str(self.threads), "-o", out],
                                  env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{self.path}: {done.stderr.strip()}")
        return float(re.search(r"Done in ([0-9.]+) s", done.stderr).group(1))

    def make(self, command, image, options=(), model=None, mask=None):
        """The result, a tensor. image: tensor; mask: tensor, true = repaint; model: folder or None."""
        key = hashlib.sha256(repr((command, options, model and self._digest(model))).encode())
        key.update(to_image(image).tobytes())
        if mask is not None:
            key.update(mask.numpy().tobytes())
        out = self.work / f"{key.hexdigest()[:24]}.png"
        if not out.exists():
            self.timed(command, image, options, model, mask, out)
        return load(out)

    def timed(self, command, image, options=(), model=None, mask=None, out=None):
        """Seconds that the program took for it, as it says."""
        with tempfile.TemporaryDirectory() as folder:
            photo, stencil, result = (Path(folder) / name for name in ("photo.png", "mask.png", "out.png"))
            to_image(image).save(photo)
            words = [command, photo, *options]
            if mask is not None:
                to_image(mask.float().expand(3, -1, -1) * 2 - 1).convert("L").save(stencil)
                words += ["--mask", stencil]
            if model is not None:
                words += ["--model", model]
            seconds = self._run(words, result)
            if out is not None:
                out.with_suffix(".part").write_bytes(result.read_bytes())
                os.replace(out.with_suffix(".part"), out)
        return seconds
