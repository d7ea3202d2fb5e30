# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""What a masked part of a photo is called: prompts from region words, colours and captions."""

import numpy as np

# How a person would type each region word; the first is the commonest.
PHRASES = {
    "sky-blue": ["blue sky", "sky", "clear blue sky", "clear sky"],
    "sky-cloudy": ["cloudy sky", "clouds", "sky with clouds", "sky", "clouded sky"],
    "sky-sunset": ["sunset sky", "sunset", "sky at sunset", "evening sky", "sky"],
    "sky-night": ["night sky", "sky at night", "stars", "dark sky"],
    "sea": ["sea", "ocean", "water", "sea water", "waves"],
    "lake": ["lake", "water", "calm water", "lake water"],
    "river": ["river", "water", "stream"],
    "waterfall": ["waterfall", "falling water"],
    "forest": ["forest", "trees", "woods"],
    "tree": ["tree", "trees", "branches"],
    "plant": ["plant", "leaves", "green plant", "bush"],
    "flower": ["flower", "flowers", "blossom"],
    "grass": ["grass", "green grass", "lawn", "meadow"],
    "field": ["field", "farmland", "meadow"],
    "rock": ["rock", "rocks", "stone", "cliff"],
    "mountain": ["mountain", "mountains", "hills"],
    "soil": ["soil", "earth", "ground", "dirt"],
    "sand": ["sand", "beach", "desert sand", "dunes"],
    "snow": ["snow", "snow field", "white snow"],
    "wall": ["wall", "plain wall"],
    "building": ["building", "buildings", "house", "facade"],
    "road": ["road", "street", "pavement"],
    "wood": ["wood", "wooden boards", "planks", "wooden"],
    "fabric": ["fabric", "cloth", "textile"],
    "blur": ["blurred background", "blur", "soft background"],
    "dark": ["dark", "darkness", "shadow", "black"],
    "light": ["light", "bright light", "lamp", "lights"],
    "fog": ["fog", "mist", "haze"],
    "space": ["space", "stars in space", "galaxy"],
    "floor": ["floor", "ground"],
    "person": ["person", "people", "man", "woman"],
}
LIGHT = {
    "day": ["in daylight", "on a sunny day"],
    "overcast": ["on an overcast day", "under grey light"],
    "sunset": ["at sunset", "in evening light"],
    "night": ["at night"],
    "fog": ["in fog"],
    "indoor": ["indoors"],
    "studio": ["in a studio"],
    "space": ["in space"],
}
COLOURS = ["black", "dark grey", "grey", "light grey", "white", "red", "orange", "yellow", "green",
           "turquoise", "blue", "purple", "pink", "brown", "dark green", "dark blue", "light blue",
           "light green", "beige", "dark red", "dark", "bright"]


def colour_name(rgb):
    """A plain name for a mean colour given in 0..1."""
    r, g, b = (float(v) for v in rgb)
    high, low = max(r, g, b), min(r, g, b)
    chroma, value = high - low, (r + g + b) / 3
    if chroma < 0.09:
        return ["black", "dark grey", "grey", "light grey", "white"][
            int(np.searchsorted([0.12, 0.35, 0.6, 0.82], value))]
    if high == r:
        hue = 60 * (((g - b) / chroma) % 6)
    elif high == g:
        hue = 60 * ((b - r) / chroma + 2)
    else:
        hue = 60 * ((r - g) / chroma + 4)
    if hue < 45 and value < 0.5 and chroma < 0.45:
        return "brown"
    if 20 <= hue < 65 and value >= 0.5 and chroma < 0.3:
        return "beige"
    limits = [12, 42, 68, 160, 190, 255, 290, 340, 361]
    names = ["red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink", "red"]
    name = names[int(np.searchsorted(limits, hue, side="right"))]
    if name in ("green", "blue", "red") and value < 0.22:
        return "dark " + name
    if name in ("green", "blue") and value > 0.66:
        return "light " + name
    return name


def phrase(word, rng):
    choices = PHRASES.get(word, [word])
    return choices[0] if rng.random() < 0.5 else choices[rng.integers(len(choices))]


def prompt(item, shares, rgb, rng):
    """A prompt for a masked area.

    item: the photo's entry in index.json; shares: (word, share) of the masked
    area, largest first; rgb: its mean colour in 0..1.  One in eight is empty.
    """
    kind = rng.random()
    if kind < 0.125:
        return ""
    if kind < 0.2 or not shares:
        return item["caption"]
    if kind < 0.23:
        tags = item["tags"].split(",")
        rng.shuffle(tags)
        return ", ".join(tags[: rng.integers(1, 5)])
    text = phrase(shares[0][0], rng)
    if rng.random() < 0.5:
        colour = colour_name(rgb)
        if colour.split()[-1] not in text:
            text = f"{colour} {text}"
    if len(shares) > 1 and shares[1][1] > 0.2 and rng.random() < 0.7:
        text = f"{text} and {phrase(shares[1][0], rng)}"
    light = LIGHT.get(item["light"])
    if light and rng.random() < 0.25:
        text = f"{text} {light[rng.integers(len(light))]}"
    return text


def corpus(index):
    """Every text the tokenizer should know, repeated by how often prompts use it."""
    texts = []
    for item in index:
        texts += [item["caption"]] * 2 + item["tags"].split(",")
    for word in {w for item in index for w in item["regions"].values()}:
        texts += PHRASES.get(word, [word]) * 10
    return texts + [p for phrases in LIGHT.values() for p in phrases] * 5 + COLOURS * 10
