# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Decode the photos once: uint8 pixels at a given short side, in one flat file.

Writes PIXELS.u8 (every photo's RGB pixels, one after another), LABELS.u8 (its
region map, resized to a quarter of the photo) and index.json beside them.
"""

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from PIL import Image


def rows(path):
    with open(path, encoding="utf-8") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("photos", type=Path, help="folder with photos.tsv, regions.tsv, regions/")
    p.add_argument("out", type=Path)
    p.add_argument("--side", type=int, default=512, help="short side in pixels")
    p.add_argument("--exclude-licence", action="append", default=[])
    p.add_argument("--validation", type=Path, default=Path(__file__).with_name("validation.txt"))
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    held_back = set(a.validation.read_text().split())
    regions = {r["stem"]: r for r in rows(a.photos / "regions.tsv")}
    index, pixel_offset, label_offset = [], 0, 0
    with open(a.out / "pixels.u8", "wb") as fp, open(a.out / "labels.u8", "wb") as fl:
        for row in rows(a.photos / "photos.tsv"):
            if row["licence"] in a.exclude_licence:
                continue
            stem = Path(row["file"]).stem
            image = Image.open(a.photos / row["file"]).convert("RGB")
            scale = a.side / min(image.size)
            w, h = (max(a.side, round(s * scale)) // 4 * 4 for s in image.size)
            if (w, h) != image.size:
                image = image.resize((w, h), Image.LANCZOS)
            label_map = Image.open(a.photos / "regions" / f"{stem}.png")
            label_map = label_map.resize((w // 4, h // 4), Image.NEAREST)
            fp.write(np.asarray(image).tobytes())
            fl.write(np.asarray(label_map, dtype=np.uint8).tobytes())
            region = regions[stem]
            words = dict(pair.split("=") for pair in region["regions"].split(",") if pair)
            index.append({
                "stem": stem, "w": w, "h": h, "pixels": pixel_offset, "labels": label_offset,
                "caption": row["caption"], "tags": row["tags"], "light": region["light"],
                "regions": words, "licence": row["licence"],
                "split": "validation" if stem in held_back else "train",
            })
            pixel_offset += w * h * 3
            label_offset += (w // 4) * (h // 4)
    (a.out / "index.json").write_text(json.dumps(index))
    print(f"{len(index)} photos, {pixel_offset / 1e6:.0f} MB, "
          f"{sum(i['split'] == 'validation' for i in index)} held back")


if __name__ == "__main__":
    main()
