#!/usr/bin/env python3
"""Computes with transformers what the article's program makes of its own corpus with a small CLIP of make_checkpoints.py.

    compute_article.py MODELS REFERENCE OUT     OUT/article.json; REFERENCE is ../shared/reference/blog

As 1-data_prep.ipynb and functions.py do it (github.com/ShawhinT/YouTube-Blog, multimodal-ai/3-multimodal-rag): unit vectors of
`section + ": " + text`, 256 characters of it, and of the pictures; the question's projection as it is.
"""
import json
import pathlib
import sys

import torch
from PIL import Image
from transformers import AutoModel

import make_checkpoints
from compute_expected import pooled, prepare, read_json, rounded, text_ids

MODEL = "clip-gelu"
QUESTION = "What is CLIP's contrastive loss function?"


def article_text(item):
    section = item["section"] + ": "
    return section + item["text"][:256 - len(section)]


def unit(rows):
    rows = torch.stack(rows)
    return rows / rows.norm(dim=1, keepdim=True)


def compute(name, models, blog):
    torch.set_grad_enabled(False)
    folder = make_checkpoints.make(name, models)
    config, spec = read_json(folder / "config.json"), read_json(folder / "preprocessor_config.json")
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()

    def embed(text):
        return pooled(model.get_text_features(input_ids=text_ids(folder, config, [text])))[0]

    def see(path):
        picture = Image.open(path).convert("RGB")
        return pooled(model.get_image_features(pixel_values=torch.tensor(prepare(picture, spec))[None]))[0]

    texts = [embed(article_text(item)) for item in read_json(blog / "data" / "text_content.json")]
    pictures = [see(blog / "site" / item["image_path"]) for item in read_json(blog / "data" / "image_content.json")]
    return {"question": QUESTION, "query": rounded(embed(QUESTION))[0], "text": rounded(unit(texts)),
            "images": rounded(unit(pictures))}


def main():
    models, blog, out = map(pathlib.Path, sys.argv[1:])
    text = json.dumps(compute(MODEL, models, blog), separators=(",", ":"))
    (out / "article.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main()
