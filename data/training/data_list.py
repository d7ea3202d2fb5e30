# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Write the list of what the models are trained on, with hashes, in the format of sha256sum.

`cd PHOTOS && sha256sum --check photos.sha256` then tells whether a folder holds the same data.
"""

import argparse
import hashlib
from pathlib import Path

from prepare import rows


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("photos", type=Path, help="folder with photos.tsv, regions.tsv, regions/")
    p.add_argument("out", type=Path)
    p.add_argument("--exclude-licence", action="append", default=[])
    a = p.parse_args()
    files = ["photos.tsv", "regions.tsv"]
    for row in rows(a.photos / "photos.tsv"):
        if row["licence"] not in a.exclude_licence:
            files += [row["file"], f"regions/{Path(row['file']).stem}.png"]
    lines = [f"{hashlib.sha256((a.photos / name).read_bytes()).hexdigest()}  {name}\n" for name in files]
    a.out.write_text("".join(lines), encoding="utf-8")
    print(f"{len(files)} files listed")


if __name__ == "__main__":
    main()
