# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""CLIP's byte-level BPE: training on a small corpus, writing, reading, encoding."""

import argparse
import html
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

from captions import corpus

START, END = "<|startoftext|>", "<|endoftext|>"
WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\s\w]|_)+", re.IGNORECASE)


def byte_symbols():
    """Byte -> printable character, in CLIP's order: printable bytes first, then the others."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    symbols = {b: chr(b) for b in printable}
    symbols.update({b: chr(256 + i) for i, b in enumerate(others)})
    return symbols


BYTES = byte_symbols()


def words(text):
    """The clean-up and split that come before BPE."""
    text = html.unescape(html.unescape(unicodedata.normalize("NFC", text)))
    return WORDS.findall(re.sub(r"\s+", " ", text).strip().lower())


def symbols(word):
    letters = [BYTES[b] for b in word.encode("utf-8")]
    return (*letters[:-1], letters[-1] + "</w>")


def merge(parts, pair):
    """Join every occurrence of `pair` in a tuple of symbols."""
    out, i = [], 0
    while i < len(parts):
        if parts[i : i + 2] == pair:
            out.append(parts[i] + parts[i + 1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return tuple(out)


def train(texts, merges_wanted):
    """The most frequent pair is merged first; ties go to the alphabet."""
    counts = Counter(w for t in texts for w in words(t))
    table = {symbols(w): n for w, n in counts.items()}
    merges = []
    while len(merges) < merges_wanted:
        pairs = Counter()
        for parts, n in table.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += n
        if not pairs:
            break
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(best)
        table = {merge(parts, best): n for parts, n in table.items()}
    return merges


class Tokenizer:
    def __init__(self, folder, length=77):
        folder = Path(folder)
        self.ids = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        lines = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()[1:]
        self.rank = {tuple(line.split()): i for i, line in enumerate(lines) if line.strip()}
        self.length = length
        self._cache = {}

    def _word(self, word):
        if word not in self._cache:
            parts = symbols(word)
            while len(parts) > 1:
                best = min(zip(parts, parts[1:]), key=lambda p: self.rank.get(p, 1 << 30))
                if best not in self.rank:
                    break
                parts = merge(parts, best)
            self._cache[word] = [self.ids[p] for p in parts]
        return self._cache[word]

    def encode(self, text):
        """Start, tokens, end; padded with the end token to the full length."""
        ids = [i for w in words(text) for i in self._word(w)][: self.length - 2]
        ids = [self.ids[START], *ids, self.ids[END]]
        return ids + [self.ids[END]] * (self.length - len(ids))


def write(folder, merges, length):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    base = [BYTES[b] for b in (*range(33, 127), *range(161, 173), *range(174, 256))]
    base += [s for s in BYTES.values() if s not in base]
    vocabulary = base + [s + "</w>" for s in base] + [a + b for a, b in merges] + [START, END]
    (folder / "vocab.json").write_text(
        json.dumps({s: i for i, s in enumerate(vocabulary)}, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(f"{a} {b}" for a, b in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = dict(bos_token=START, eos_token=END, pad_token=END, unk_token=END)
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    config = dict(add_prefix_space=False, model_max_length=length, tokenizer_class="CLIPTokenizer",
                  do_lower_case=True, errors="replace", **special)
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("photos", type=Path, help="folder written by prepare.py")
    p.add_argument("out", type=Path, help="tokenizer folder to write")
    p.add_argument("--merges", type=int, default=1022)
    p.add_argument("--length", type=int, default=24, help="longest prompt in tokens, start and end included")
    a = p.parse_args()
    merges = train(corpus(json.loads((a.photos / "index.json").read_text())), a.merges)
    write(a.out, merges, a.length)
    print(f"{len(merges)} merges, vocabulary of {512 + len(merges) + 2}")


if __name__ == "__main__":
    main()
