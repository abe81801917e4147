#!/usr/bin/env python3
"""The article's corpus with a CLIP ViT-B/16 of random weights: vectors and search equal transformers'. check_article.py BUILD

Computes anew too what the tests expect of it with a small CLIP, tests/parity/expected/article.json.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import compute_article

NAME = "real-clip-vit-b16"
BLOG = pathlib.Path(__file__).resolve().parents[3] / "shared" / "reference" / "blog"
EXPECTED = pathlib.Path(__file__).resolve().parent / "expected" / "article.json"
TOLERANCE = 2e-5  # largest difference of unit vectors
SAME = 2e-6  # between two versions of the references, or two processors


def check_stored(models):
    """Whether what is stored is what transformers give now."""
    stored = json.loads(EXPECTED.read_text("utf-8"))
    computed = compute_article.compute(compute_article.MODEL, models, BLOG)
    off = max(np.abs(np.array(stored[key]) - np.array(computed[key])).max() for key in ("query", "text", "images"))
    print(f"expected/article.json is off by {off:.1e}")
    return stored["question"] == computed["question"] and off <= SAME


def main():
    if not BLOG.is_dir():
        print("not compared: the article's corpus (../shared/reference/blog) is not there")
        return 0
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        status = 0 if check_stored(folder) else 1
        expected = compute_article.compute(NAME, folder, BLOG)
        env = {**os.environ, "JACKDAW_KB": str(folder / "kb.db"), "JACKDAW_IMAGE_MODEL": str(folder / NAME),
               "JACKDAW_TEXT_MODEL": "none", "JACKDAW_READER": str(build / "jackdaw-reader"), "XDG_CACHE_HOME": name}

        def run(*arguments):
            done = subprocess.run([build / "jackdaw", *arguments], env=env, stdout=subprocess.PIPE, check=True)
            return done.stdout.decode()

        print(run("ingest", "--profile", "article", str(BLOG / "site")).strip())
        run("export-embeddings", str(folder / "all.jsonl"))
        vectors = {row["id"]: row["embedding"] for row in map(json.loads, (folder / "all.jsonl").read_text().splitlines())}
        found = json.loads(run("search", "--profile", "article", "--json", "--threshold", "0", expected["question"]))
        for kind, listing, file, temperature in (("text", "--chunks", "text", .25), ("images", "--images", "image", .5)):
            items = json.loads((BLOG / "data" / f"{file}_content.json").read_text("utf-8"))
            titles = list(dict.fromkeys(item["article_title"] for item in items))
            ours = sorted(json.loads(run("ls", listing, "--json")),
                          key=lambda item: (titles.index(item["document"]["title"]), item["ordinal"]))
            theirs = np.array(expected[kind])
            difference = np.abs(np.array([vectors[item["id"]] for item in ours]) - theirs).max()
            scores = np.exp(theirs @ np.array(expected["query"]) / temperature)
            scores = np.sort(scores / scores.sum())[::-1]
            off = max(abs(item["score"] / score - 1) for item, score in zip(found[kind], scores))
            print(f"{kind}: {len(ours)} vectors, largest difference {difference:.1e}; probabilities off by {off:.1e}")
            status |= difference > TOLERANCE or off > 1e-3 or not found[kind]
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
