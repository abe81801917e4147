"""The scan cache as its user meets it: a file beside a large base, which changes no result and keeps no secret."""
import json
import shutil

import numpy as np
import pytest

from conftest import Jackdaw

ITEMS, DIMENSION = 9000, 512


@pytest.fixture(scope="module")
def vectors():
    rng = np.random.default_rng(5)
    rows = rng.standard_normal((ITEMS, DIMENSION)) + 1
    rows[100:200] = rows[50]   # twins
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("<f4")


@pytest.fixture(scope="module")
def imported(vectors, tmp_path_factory):
    """A base whose vectors are many enough for a cache, made once."""
    jackdaw = Jackdaw(tmp_path_factory.mktemp("scan"))
    items = [{"article_title": f"Article {n // 100}", "section": "S", "text": f"Item {n}"} for n in range(ITEMS)]
    (jackdaw.folder / "text.json").write_text(json.dumps(items))
    np.save(jackdaw.folder / "text.npy", vectors)
    jackdaw.ok("import-article", "--text", "text.json", "--text-embeddings", "text.npy")
    return jackdaw


@pytest.fixture
def base(imported, jackdaw):
    """A copy for one test to spoil."""
    for path in imported.folder.glob("kb.db*"):
        shutil.copy(path, jackdaw.folder)
    return jackdaw


def cache(base):
    return base.folder / "kb.db.scan-1t"


def search(base, query, *options):
    np.save(base.folder / "query.npy", query.astype("<f4"))
    found = base.ok("search", "--json", "--text", "--threshold", "0", "--query-embedding", "query.npy", *options).json()
    return [(hit["id"], hit["score"], hit["scores"]["dense"]) for hit in found["text"]]


@pytest.mark.parametrize("options", [(), ("--title", "Article 7"), ("-k", "300")])
@pytest.mark.parametrize("profile", ["default", "article"])
def test_results_are_those_of_numpy_with_and_without(base, vectors, profile, options):
    query = vectors[50] * np.float32(3)
    k = int(options[1]) if options[:1] == ("-k",) else {"default": 10, "article": 15}[profile]
    keep = [n for n in range(ITEMS) if options[:1] != ("--title",) or options[1] in f"Article {n // 100}"]
    dots = (vectors[keep].astype(float) * query.astype(float)).sum(axis=1)
    scores = dots / np.linalg.norm(query.astype(float)) / np.linalg.norm(vectors[keep].astype(float), axis=1)
    if profile == "article":
        scores = np.exp(dots / 0.25 - (dots / 0.25).max()) if keep else scores
        scores /= scores.sum() or 1
    order = sorted(range(len(keep)), key=lambda row: (-round(scores[row], 15), keep[row]))[:k]
    arguments = ("--profile", profile, *options)
    assert cache(base).exists()
    found = search(base, query, *arguments)
    assert [hit[0] for hit in found] == [f"t{keep[row] + 1}" for row in order]
    assert [hit[1] for hit in found] == pytest.approx([scores[row] for row in order], abs=1e-9)
    cache(base).unlink()
    assert search(base, query, *arguments) == found      # to the last bit
    assert cache(base).exists()                          # made by that search
    assert search(base, query, "--threads", "1", *arguments) == found
    base.ok("verify")


def test_rm_erases_vectors_there_too(base, vectors):
    secret = vectors[4321].tobytes()
    assert secret in cache(base).read_bytes()
    base.ok("rm", "t4322")
    assert secret not in cache(base).read_bytes()
    assert secret not in base.kb.read_bytes()
    assert vectors[4320].tobytes() in cache(base).read_bytes()
    assert "t4322" not in [hit[0] for hit in search(base, vectors[4321])]


def test_dropping_the_space_removes_it(base):
    base.ok("embed", "--drop", "1")
    assert not cache(base).exists()


def test_a_damaged_cache_is_told_and_mended(base, vectors):
    found = search(base, vectors[4000])
    data = bytearray(cache(base).read_bytes())
    data[5000:100000:777] = bytes(len(range(5000, 100000, 777)))
    cache(base).write_bytes(data)
    told = base.run("verify")
    assert told.status == 1
    assert "kb.db.scan-1t" in told.out and "cache" in told.out
    assert search(base, vectors[4000]) == found
    base.ok("verify")


def test_a_backup_is_the_base_alone(base, vectors):
    base.ok("backup", "copy.db")
    assert not (base.folder / "copy.db.scan-1t").exists()
    found = search(base, vectors[8000])
    base.kb = base.folder / "copy.db"
    assert search(base, vectors[8000], "--kb", "copy.db") == found


def test_ingest_does_not_read_its_own_files(base):
    shutil.rmtree(base.folder / "home")
    (base.folder / "home").mkdir()
    report = base.ok("ingest", "--json", base.folder).json()
    assert report["documents"] == 0
    assert report["skipped"] == []
