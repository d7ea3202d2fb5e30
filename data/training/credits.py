# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Write the credits of the photos that the models are trained on, by source and licence."""

import argparse
from collections import Counter, defaultdict
from pathlib import Path

from prepare import rows


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("photos", type=Path, help="folder with photos.tsv")
    p.add_argument("out", type=Path)
    p.add_argument("--exclude-licence", action="append", default=[])
    a = p.parse_args()
    photos = [r for r in rows(a.photos / "photos.tsv") if r["licence"] not in a.exclude_licence]
    lines = ["# Credits of the training photos", "",
             f"{len(photos)} photos, scaled and cropped for training; none of them is in this repository.", "",
             "| licence | photos |", "|---|---:|"]
    lines += [f"| {name} | {n} |" for name, n in Counter(r["licence"] for r in photos).most_common()]
    groups = defaultdict(lambda: defaultdict(Counter))
    for r in photos:
        groups[r["source"]][r["licence"]][r["author"]] += 1
    for source, licences in sorted(groups.items()):
        lines += ["", f"## https://github.com/{source}", ""]
        for licence, authors in licences.items():
            names = "; ".join(f"{name} ({n})" if n > 1 else name for name, n in sorted(authors.items()))
            lines.append(f"- {licence}: {names}")
    a.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(photos)} photos credited")


if __name__ == "__main__":
    main()
