"""The article, whole: its corpus is read, cut, embedded and searched as its Python program does it, with a small CLIP.

What is expected was computed by tests/parity/compute_article.py with transformers; tests/parity/check_article.py does the same
with a CLIP of the real size.
"""
import json
import sys

import numpy as np
import pytest

from conftest import ROOT, Jackdaw
from test_article_prompt import article_prompt

sys.path.insert(0, str(ROOT / "tests" / "parity"))

import make_checkpoints  # noqa: E402  (needs the path above)

DEFAULTS = {"text": (15, 0.01, 0.25), "images": (5, 0.25, 0.5)}


@pytest.fixture(scope="module")
def expected(reference):
    found = json.loads((ROOT / "tests" / "parity" / "expected" / "article.json").read_text("utf-8"))
    found["items"] = {kind: json.loads((reference / "blog" / "data" / f"{name}_content.json").read_text("utf-8"))
                      for kind, name in (("text", "text"), ("images", "image"))}
    return found


@pytest.fixture(scope="module")
def base(reference, tmp_path_factory):
    jackdaw = Jackdaw(tmp_path_factory.mktemp("whole"))
    jackdaw.env["JACKDAW_IMAGE_MODEL"] = str(make_checkpoints.make("clip-gelu", tmp_path_factory.mktemp("models")))
    report = jackdaw.ok("ingest", "--profile", "article", "--json", reference / "blog" / "site").json()
    assert (report["chunks"], report["images"], report["vectors"]) == (86, 17, 103)
    return jackdaw


def rows(base, expected, kind):
    """Ids of our items in the order of the article's lists."""
    ours = base.ok("ls", "--chunks" if kind == "text" else "--images", "--json").json()
    titles = list(dict.fromkeys(item["article_title"] for item in expected["items"][kind]))
    ours.sort(key=lambda item: (titles.index(item["document"]["title"]), item["ordinal"]))
    for item, theirs in zip(ours, expected["items"][kind], strict=True):
        assert item["section"][-1] == theirs["section"]
        assert kind == "images" or item["text"] == theirs["text"]
    return [item["id"] for item in ours]


@pytest.mark.parametrize("kind", ["text", "images"])
def test_embeddings(base, expected, kind):
    base.ok("export-embeddings", base.folder / "all.jsonl")
    vectors = {row["id"]: row["embedding"] for row in map(json.loads, (base.folder / "all.jsonl").read_text().splitlines())}
    ours = np.array([vectors[i] for i in rows(base, expected, kind)])
    theirs = np.array(expected[kind])
    assert np.abs(ours - theirs).max() <= 2e-5


def article_search(expected, kind, k, threshold, temperature):
    dots = np.array(expected[kind]) @ np.array(expected["query"])
    scores = np.exp((dots - dots.max()) / temperature)
    scores /= scores.sum()
    order = np.argsort(-scores, kind="stable")
    return [(i, scores[i]) for i in order if scores[i] >= threshold][:k]


@pytest.mark.parametrize("threshold", [None, 0])
def test_search(base, expected, threshold):
    options = [] if threshold is None else ["--threshold", threshold]
    results = base.run("search", "--profile", "article", "--json", *options, expected["question"]).json()
    for kind, (k, default, temperature) in DEFAULTS.items():
        ids = rows(base, expected, kind)
        wanted = article_search(expected, kind, k, default if threshold is None else threshold, temperature)
        found = {item["id"]: item["score"] for item in results[kind]}
        assert len(found) == len(wanted)
        # Rows that are alike to the last digits may change places.
        assert [item["score"] for item in results[kind]] == pytest.approx([score for _, score in wanted], rel=1e-4)
        for row, score in wanted:
            if ids[row] in found:
                assert found[ids[row]] == pytest.approx(score, rel=1e-4)


def test_request(base, expected):
    search = base.run("search", "--profile", "article", "--json", "--threshold", "0", expected["question"]).json()
    request = base.ok("ask", "--json", "--show-prompt", "--profile", "article", "--threshold", "0", "--backend", "ollama",
                      expected["question"]).json()["body"]
    items = {kind: dict(zip(rows(base, expected, kind), expected["items"][kind])) for kind in DEFAULTS}
    texts, images = ([items[kind][found["id"]] for found in search[kind]] for kind in DEFAULTS)
    assert len(texts) == 15 and len(images) == 5
    assert request["model"] == "llama3.2-vision"
    assert request["messages"][0]["content"] == article_prompt(expected["question"], texts, images)
