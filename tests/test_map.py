"""The map of an embedding space against numpy's singular value decomposition."""
import json

import numpy as np
import pytest

from conftest import ROOT, Jackdaw
from models import make
from serving import Server, error_of


@pytest.fixture
def jackdaw(jackdaw):
    jackdaw.ok("model", "add", make("clip", jackdaw.folder / "checkpoints"))
    jackdaw.ok("ingest", ROOT / "samples" / "handbook")
    jackdaw.ok("embed")
    return jackdaw


def test_principal_components(jackdaw):
    rows = [json.loads(row) for row in exported(jackdaw)]
    vectors = np.array([row["embedding"] for row in rows], dtype=np.float64)
    with Server(jackdaw) as server:
        found = server.json("/api/v1/map")
        few = server.json("/api/v1/map", limit=10)
        aligned = server.json("/api/v1/map", align="true")
        error_of(server.get("/api/v1/map?space=99"), 404)
        error_of(server.get("/api/v1/map?limit=0"), 400)
    assert [point["id"] for point in found["points"]] == [row["id"] for row in rows]
    assert 5 <= len(few["points"]) <= 10
    check_projection(found, vectors)
    for kind in "ti":
        of_kind = [n for n, row in enumerate(rows) if row["id"].startswith(kind)]
        vectors[of_kind] -= vectors[of_kind].mean(0)
    check_projection(aligned, vectors)
    assert (found["space"]["texts"], found["space"]["images"]) == tuple(
        sum(row["id"].startswith(letter) for row in rows) for letter in "ti")


def check_projection(found, vectors):
    u, s, _ = np.linalg.svd(vectors - vectors.mean(0), full_matrices=False)
    expected = (u * s)[:, :2]
    got = np.array([[point["x"], point["y"]] for point in found["points"]])
    signs = np.sign((expected * got).sum(0))
    assert np.allclose(got, expected * signs, atol=1e-4 * s[0])
    assert np.allclose(found["variance"], s[:2] ** 2 / (s**2).sum(), atol=1e-6)


def exported(jackdaw):
    path = jackdaw.folder / "vectors.jsonl"
    jackdaw.ok("export-embeddings", path)
    return path.read_text().splitlines()


def test_without_vectors(tmp_path):
    with Server(Jackdaw(tmp_path)) as server:
        assert server.json("/api/v1/map") == {"space": None, "variance": [0, 0], "points": []}
        known = server.json("/api/v1/encoders")
        assert known["installed"] == [] and {"text", "pictures", "reranker"} == {one["use"] for one in known["known"]}
        error_of(server.client.request("DELETE", "/api/v1/encoders?name=none/such"), 404)
        error_of(server.post("/api/v1/encoders", {}), 400)
