#!/usr/bin/env python3
"""Writes model folders with random weights, made from a seed by numpy alone: what `jackdaw encode` is compared on.

    make_checkpoints.py FOLDER [NAME...]     the small ones of odd sizes, or those named
    make_checkpoints.py --list               all names

compute_expected.py computes what the reference libraries make of them.
"""
import json
import pathlib
import sys

import numpy as np

import families
from families import Sizes

SMALL = {
    # Legacy configurations of CLIP say that texts end with id 2; the picture does not divide into whole patches.
    "clip": families.clip(1, text=Sizes(56, 4, 3, 100), vision=Sizes(60, 5, 2, 128), dimension=41, patch=7, image=30, eos=2, positions=20),
    "clip-gelu": families.clip(2, text=Sizes(48, 3, 2, 96), vision=Sizes(40, 2, 3, 88), dimension=32, patch=8, image=32, eos=None,
                               positions=77, activation="gelu", dtype="F16"),
    "siglip": families.siglip(3, Sizes(48, 4, 2, 104), Sizes(48, 4, 2, 104), patch=8, image=24),
    "siglip2": families.siglip(4, Sizes(40, 2, 2, 72), Sizes(40, 2, 3, 72), patch=6, image=27, gemma=True),
    "bert-mean": families.bert(5, Sizes(72, 6, 3, 144), normalise=True, max_length=40),
    "bert-cls": families.bert(6, Sizes(64, 4, 2, 100), pooling="cls", prompts={"query": "query: "}, dense=24),
    "bert-old-names": families.bert(7, Sizes(32, 2, 2, 64), pooling="max", old_names=True),
    "roberta": families.roberta(8, Sizes(60, 3, 2, 120), dtype="F16"),
    "xlm-roberta": families.xlm_roberta(9, Sizes(56, 4, 2, 112), dtype="BF16", shards=3, normalise=True,
                                        prompts={"query": "query: ", "passage": "passage: "}),
    "distilbert": families.distilbert(10, Sizes(52, 2, 3, 90)),
    "mpnet": families.mpnet(11, Sizes(48, 4, 2, 96), normalise=True),
    "modernbert": families.modernbert(12, Sizes(64, 4, 5, 84), local=8, pooling="cls", normalise=True),
    "modernbert-old": families.modernbert(13, Sizes(48, 2, 4, 60), local=6, every=2, old_layout=True, bias=True),
    "cross-bert": families.bert(14, Sizes(48, 4, 2, 96), classifier=True),
    "cross-bert-identity": families.bert(15, Sizes(48, 3, 2, 80), classifier=True, activation_fn="torch.nn.modules.linear.Identity"),
    "cross-roberta": families.roberta(16, Sizes(40, 4, 2, 80), classifier=True),
    "cross-xlm-roberta": families.xlm_roberta(17, Sizes(40, 2, 2, 80), classifier=True),
    "cross-distilbert": families.distilbert(18, Sizes(40, 2, 2, 72), classifier=True),
    "cross-mpnet": families.mpnet(19, Sizes(40, 4, 2, 72), classifier=True),
    "cross-modernbert": families.modernbert(20, Sizes(48, 4, 3, 60), local=8, classifier="mean"),
    "cross-modules": families.modernbert(21, Sizes(48, 4, 3, 60), local=8, pooling="cls", scorer=True),
}

# The sizes of models that people use; `make parity` alone makes them.
REAL = {
    "real-clip-vit-b16": families.clip(31, text=Sizes(512, 8, 12, 2048), vision=Sizes(768, 12, 12, 3072), dimension=512, patch=16, image=224,
                                       eos=2, positions=77),
    "real-siglip-b16": families.siglip(32, Sizes(768, 12, 12, 3072), Sizes(768, 12, 12, 3072), patch=16, image=224),
    "real-minilm": families.bert(33, Sizes(384, 12, 6, 1536), normalise=True, max_length=256),
    "real-modernbert-small": families.modernbert(34, Sizes(384, 12, 12, 1536), local=128, pooling="cls", normalise=True),
    "real-xlm-r": families.xlm_roberta(35, Sizes(384, 12, 12, 1536), normalise=True, prompts={"query": "query: "}),
    "real-cross-minilm": families.bert(36, Sizes(384, 12, 6, 1536), classifier=True),
    "real-cross-xlm-r": families.xlm_roberta(37, Sizes(768, 12, 12, 3072), classifier=True),
    "real-cross-modules": families.modernbert(38, Sizes(256, 4, 7, 384), local=128, pooling="cls", scorer=True),
}
ALL = {**SMALL, **REAL}


def make(name, parent):
    """Writes the folder, unless it is there already; returns it."""
    folder = pathlib.Path(parent) / name
    done = folder / "config.json"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        ALL[name](folder)
    return folder


def make_pictures(folder):
    """Pictures to embed, as arrays of RGB: shapes on gradients, and noise."""
    random = np.random.RandomState(77)
    folder.mkdir(parents=True, exist_ok=True)
    for number, (width, height) in enumerate([(64, 48), (31, 77), (24, 24), (300, 40)]):
        y, x = np.mgrid[0:height, 0:width]
        picture = np.stack([x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1), (x * y) % 256], axis=2)
        picture[(x - width // 2) ** 2 + (y - height // 2) ** 2 < min(width, height) ** 2 // 9] = (250, 200, 10)
        picture = np.clip(picture + random.randint(-20, 21, size=picture.shape), 0, 255).astype(np.uint8)
        np.save(folder / f"{number}.npy", picture)
    return sorted(folder.glob("*.npy"))


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print(json.dumps(list(ALL)))
    elif len(sys.argv) > 1:
        for wanted in sys.argv[2:] or SMALL:
            print(make(wanted, sys.argv[1]))
    else:
        sys.exit(__doc__)
