"""Vectors at ingest, questions searched by meaning: with small encoders of random weights."""
import json
import shutil
import sys

import numpy as np
import pytest

from conftest import ROOT, Jackdaw

sys.path.insert(0, str(ROOT / "tests" / "parity"))

import make_checkpoints  # noqa: E402  (needs the path above)

PAGE = """<html><head><title>On birds</title></head><body><h1>Jackdaws</h1><p>Jackdaws nest in chimneys and in holes of old
trees, and they collect what shines.</p><h2>Food</h2><p>They eat beetles, seeds, and the crumbs that people leave behind on
their terraces.</p><img src="a.png" alt="A jackdaw on a chimney"></body></html>"""


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def installed(jackdaw, models):
    """A knowledge base's home with a sentence encoder and a CLIP, both small, and two documents."""
    folder = jackdaw.folder / "home" / "data" / "jackdaw" / "models"
    for name in ("bert-mean", "clip"):
        shutil.copytree(make_checkpoints.make(name, models), folder / name)
    docs = jackdaw.folder / "docs"
    docs.mkdir()
    (docs / "birds.html").write_text(PAGE)
    (docs / "fish.md").write_text("# Trout\n\nTrout live in cold and clear rivers, above all in the mountains.\n")
    for number in range(4):
        save_png(docs / f"{'abcd'[number]}.png", number)
    return jackdaw


def save_png(path, seed):
    from PIL import Image
    values = np.random.RandomState(seed).randint(0, 256, size=(40, 50, 3), dtype=np.uint8)
    Image.fromarray(values).save(path)


def spaces(jackdaw):
    return {space["model"]: space for space in jackdaw.ok("embed", "--list", "--json").json()}


def exported(jackdaw, *options, name="out.jsonl"):
    jackdaw.ok("export-embeddings", *options, jackdaw.folder / name)
    lines = (jackdaw.folder / name).read_text().splitlines()
    return {row["id"]: np.array(row["embedding"]) for row in map(json.loads, lines)}


def encode(jackdaw, model, rows, *options):
    lines = "\n".join(json.dumps(row) for row in rows).encode()
    return [json.loads(line)["embedding"]
            for line in jackdaw.ok("encode", "--model", model, *options, stdin=lines).out.splitlines()]


def test_ingest_embeds(installed):
    report = installed.ok("ingest", "--json", installed.folder / "docs").json()
    chunks, images = report["chunks"], report["images"]
    assert report["vectors"] == 2 * (chunks + images)
    for model, dimension in (("bert-mean", 72), ("clip", 41)):
        space = spaces(installed)[model]
        assert (space["dimension"], space["texts"], space["images"]) == (dimension, chunks, images)
    again = installed.ok("ingest", "--json", installed.folder / "docs").json()
    assert again["vectors"] == 0


def test_what_is_embedded(installed):
    """Title, section path and passage for the sentence encoder; pictures by their pixels for CLIP."""
    installed.ok("ingest", "--image-model", "none", installed.folder / "docs")
    chunk = installed.ok("ls", "--chunks", "--json").json()[0]
    text = "\n".join([chunk["document"]["title"], " › ".join(chunk["section"]), chunk["text"]])
    expected, = encode(installed, "bert-mean", [{"id": 1, "text": text}])
    np.testing.assert_allclose(exported(installed)[chunk["id"]], expected, atol=2e-6)

    other = Jackdaw(installed.folder)
    other.env["JACKDAW_KB"] = str(installed.folder / "second.db")
    other.ok("ingest", "--text-model", "none", installed.folder / "docs")
    image = other.ok("ls", "--images", "--json").json()[0]
    expected, = encode(other, "clip", [{"id": 1, "image": str(installed.folder / "docs" / "a.png")}])
    assert image["source"].endswith("a.png")
    np.testing.assert_allclose(exported(other, name="second.jsonl")[image["id"]], expected, atol=2e-6)


def test_search_has_dense_scores(installed):
    installed.ok("ingest", installed.folder / "docs")
    results = installed.run("search", "--json", "--threshold", "0", "jackdaws in chimneys").json()
    assert "dense: bert-mean" in results["notes"] and "pixels: clip" in results["notes"]
    query, = encode(installed, "bert-mean", [{"id": 1, "text": "jackdaws in chimneys"}])
    vectors = exported(installed, "--model", "bert-mean")
    found = results["text"]
    assert len(found) == len(installed.ok("ls", "--chunks", "--json").json())  # by meaning every passage is found
    for item in found:
        assert 0 <= item["score"] <= 1
        assert abs(item["scores"]["dense"] - np.dot(query, vectors[item["id"]])) < 1e-5
    assert [item["score"] for item in found] == sorted((item["score"] for item in found), reverse=True)
    assert results["timings_ms"]["embed"] > 0


def test_words_only_without_an_encoder(installed):
    installed.ok("ingest", installed.folder / "docs")
    plain = ("--text-model", "none", "--image-model", "none")
    results = installed.ok(*plain, "search", "--json", "jackdaws in chimneys").json()
    assert results["text"][0]["scores"]["dense"] is None
    assert "searched by words only: no text encoder is installed" in results["notes"]


def test_embed_fills_in(installed):
    plain = ("--text-model", "none", "--image-model", "none")
    assert installed.ok(*plain, "ingest", "--json", installed.folder / "docs").json()["vectors"] == 0
    assert spaces(installed) == {}
    results = installed.ok("search", "--json", "jackdaws").json()
    assert any("`jackdaw embed` makes them" in note for note in results["notes"])
    report = installed.ok("embed", "--json", "--model", "clip").json()
    assert report["texts"] > 0 and report["images"] == 4 and set(spaces(installed)) == {"clip"}
    assert installed.ok("embed", "--json").json()["texts"] == report["texts"]
    assert installed.ok("embed", "--json").json()["texts"] == 0
    # A document that comes without an encoder lacks its vectors, and the search says so.
    (installed.folder / "docs" / "new.md").write_text("# Herons\n\nHerons stand still in the water and wait for fish.\n")
    installed.ok(*plain, "ingest", installed.folder / "docs")
    results = installed.ok("search", "--json", "herons in the water").json()
    assert results["text"][0]["document"]["title"] == "Herons"
    assert any("have no vector yet" in note for note in results["notes"])


def test_changed_model_gets_a_new_space(installed):
    installed.ok("ingest", "--image-model", "none", installed.folder / "docs")
    before = spaces(installed)["bert-mean"]
    pooling = installed.folder / "home" / "data" / "jackdaw" / "models" / "bert-mean" / "1_Pooling" / "config.json"
    pooling.write_text(pooling.read_text().replace('"pooling_mode_mean_tokens"', '"pooling_mode_mean_tokens" '))
    results = installed.ok("search", "--json", "--image-model", "none", "jackdaws").json()
    assert any("nothing has a vector of bert-mean" in note for note in results["notes"])
    installed.ok("embed", "--image-model", "none")
    both = installed.ok("embed", "--list", "--json").json()
    assert [space["model"] for space in both] == ["bert-mean", "bert-mean"]
    assert both[0] == before and both[1]["texts"] == before["texts"] and both[0]["revision"] != both[1]["revision"]
    installed.ok("embed", "--drop", before["id"])
    assert [space["id"] for space in installed.ok("embed", "--list", "--json").json()] == [both[1]["id"]]
    installed.ok("verify")


def test_search_by_picture(installed):
    installed.ok("ingest", installed.folder / "docs")
    save_png(installed.folder / "query.png", 2)
    results = installed.ok("search", "--json", "--image", installed.folder / "query.png").json()
    assert results["images"][0]["document"]["uri"].endswith("c.png")
    assert results["images"][0]["scores"]["dense"] == pytest.approx(1, abs=1e-5)
    assert results["text"]  # through CLIP's vectors of the passages


def test_search_by_words_and_picture(installed):
    """Both count: what is like the picture, and what the words find."""
    shutil.copy(installed.folder / "docs" / "c.png", installed.folder / "docs" / "same.png")
    installed.ok("ingest", installed.folder / "docs")
    save_png(installed.folder / "query.png", 2)
    arguments = ("search", "--json", "--image", installed.folder / "query.png")
    alone = installed.ok(*arguments).json()
    results = installed.ok(*arguments, "a jackdaw on a chimney").json()
    words = installed.ok("search", "--json", "a jackdaw on a chimney").json()
    assert "picture: clip" in results["notes"] and "dense: bert-mean" in results["notes"]
    assert results["query"] == "a jackdaw on a chimney"
    by_words, by_picture = words["images"][0], alone["images"][0]
    assert by_words["source"].endswith("a.png") and by_picture["document"]["uri"].endswith(("c.png", "same.png"))
    found = {item["id"]: item for item in results["images"]}
    assert len({item["sha256"] for item in results["images"]}) == len(found)  # the same picture is shown once
    assert found[by_words["id"]]["score"] > 0.5 and found[by_words["id"]]["scores"]["keyword"] > 0
    nearest = next(item for item in results["images"] if item["sha256"] == by_picture["sha256"])
    assert nearest["scores"]["dense"] == pytest.approx(1, abs=1e-5)
    assert [item["score"] for item in results["images"]] == sorted((item["score"] for item in results["images"]), reverse=True)
    # Without a word it is the picture's search.
    for text in ("", "  "):
        assert installed.ok(*arguments, text).json()["images"] == alone["images"]


def test_like_compares_pictures_by_pixels(installed):
    shutil.copy(installed.folder / "docs" / "b.png", installed.folder / "docs" / "copy.png")
    installed.ok("ingest", installed.folder / "docs")
    images = installed.ok("ls", "--images", "--json").json()
    first = next(image for image in images if image["document"]["uri"].endswith("/b.png"))
    results = installed.ok("search", "--json", "--images", "--like", first["id"]).json()
    assert results["images"][0]["document"]["uri"].endswith("copy.png")
    assert results["images"][0]["scores"]["dense"] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("arguments, message", [
    (["--text-model", "nowhere", "ingest", "docs"], "no model 'nowhere'"),
    (["--text-model", "clip", "search", "x"], "does not hold an encoder for texts"),
    (["embed", "--model", "nowhere"], "no model 'nowhere'"),
    (["embed", "--drop", "77"], "no embedding space 77"),
    (["search", "--image", "missing.png"], "missing.png"),
    (["search", "birds", "--image", "missing.png"], "missing.png"),
    (["search", "--like", "i1", "--image", "docs/a.png"], "two query vectors"),
])
def test_refusals(installed, arguments, message):
    installed.ok("ingest", installed.folder / "docs")
    done = installed.run(*arguments)
    assert done.status in (1, 2) and message in done.err


def test_a_picture_needs_an_encoder(jackdaw):
    (jackdaw.folder / "a.md").write_text("# Birds\n\nJackdaws nest in chimneys.\n")
    jackdaw.ok("ingest", jackdaw.folder / "a.md")
    done = jackdaw.run("search", "--image", "x.png")
    assert done.status == 1 and "no encoder for pictures is installed" in done.err
    assert jackdaw.run("embed").status == 1


def test_broken_model_is_named(installed):
    weights = installed.folder / "home" / "data" / "jackdaw" / "models" / "bert-mean" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    done = installed.run("ingest", installed.folder / "docs")
    assert done.status == 1 and "model.safetensors" in done.err
    # What was read is there, and is found by its words.
    found = installed.ok("--text-model", "none", "--image-model", "none", "search", "--json", "trout in rivers").json()
    assert found["text"][0]["document"]["title"] == "Trout"
