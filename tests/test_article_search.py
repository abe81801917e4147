"""The article's method through the command, against the same computation in numpy's double precision."""
import hashlib
import itertools
import json
import pathlib
import struct
import zipfile

import numpy as np
import pytest

from conftest import Jackdaw

DEFAULTS = {"text": (15, 0.01, 0.25), "images": (5, 0.25, 0.5)}


def read_pt(path):
    """The tensor of the reference's .pt files: float32 [n, 512], contiguous, in storage 0."""
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith("/data/0"))
        return np.frombuffer(archive.read(name), "<f4").reshape(-1, 512)


@pytest.fixture(scope="session")
def data(reference):
    folder = reference / "blog" / "data"
    return {"text": read_pt(folder / "text_embeddings.pt"), "images": read_pt(folder / "image_embeddings.pt"),
            "text_items": json.loads((folder / "text_content.json").read_text("utf-8")),
            "image_items": json.loads((folder / "image_content.json").read_text("utf-8"))}


def import_article(jackdaw, reference, **files):
    folder = reference / "blog" / "data"
    paths = {"text": folder / "text_content.json", "images": folder / "image_content.json",
             "text_embeddings": folder / "text_embeddings.pt", "image_embeddings": folder / "image_embeddings.pt",
             "image_root": reference / "blog" / "site", **files}
    options = [part for name, path in paths.items() if path is not None
               for part in ("--" + name.replace("_", "-"), path)]
    return jackdaw.run("import-article", *options)


@pytest.fixture(scope="session")
def base(reference, tmp_path_factory):
    """The article's data, imported once; the tests only search."""
    jackdaw = Jackdaw(tmp_path_factory.mktemp("article"))
    done = import_article(jackdaw, reference)
    assert done.status == 0, done.err
    return jackdaw


def expected(query, vectors, k, threshold, temperature):
    """(row, score, dot) as the article's similarity_search has them, ties by row. Each row is summed alone and in the
    same order, so that equal rows tie (a matrix product may sum them differently)."""
    dots = (vectors.astype(np.float64) * query.astype(np.float64)).sum(axis=1)
    logits = dots / temperature
    scores = np.exp(logits - logits.max())
    scores /= scores.sum()
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    return [(i, scores[i], dots[i]) for i in order if scores[i] >= threshold][:k]


def check_list(found, wanted):
    """The same rows in the same order with the same scores."""
    assert [int(e["id"][1:]) - 1 for e in found] == [row for row, _, _ in wanted]
    for rank, (evidence, (_, score, dot)) in enumerate(zip(found, wanted), 1):
        assert evidence["rank"] == rank
        assert evidence["score"] == pytest.approx(score, abs=1e-6)
        assert evidence["scores"]["dense"] == pytest.approx(dot, abs=1e-6)
        assert evidence["scores"]["keyword"] is None


def search(base, *options):
    result = base.run("search", "--profile", "article", "--json", *options)
    assert result.status in (0, 4), result.err
    found = result.json()
    assert result.status == (0 if found["text"] or found["images"] else 4)
    return found


def test_import_keeps_the_items(base, data):
    chunks = base.ok("ls", "--chunks", "--json").json()
    images = base.ok("ls", "--images", "--json").json()
    assert [c["id"] for c in chunks] == [f"t{i + 1}" for i in range(86)]
    for chunk, item in zip(chunks, data["text_items"]):
        assert (chunk["document"]["title"], chunk["section"], chunk["text"]) == \
            (item["article_title"], [item["section"]], item["text"])
        assert chunk["document"]["uri"] == "article:" + item["article_title"]
    assert [i["id"] for i in images] == [f"i{i + 1}" for i in range(17)]
    for image, item in zip(images, data["image_items"]):
        assert (image["document"]["title"], image["section"], image["caption"], image["source"]) == \
            (item["article_title"], [item["section"]], item["caption"], item["image_path"])


def test_import_takes_the_pictures(base, data, reference):
    for image, item in zip(base.ok("ls", "--images", "--json").json(), data["image_items"]):
        picture = (reference / "blog" / "site" / item["image_path"]).read_bytes()
        assert image["sha256"] == hashlib.sha256(picture).hexdigest()
        assert image["width"] > 0 and image["height"] > 0


def test_every_item_as_query(base, data):
    items = [(f"t{i + 1}", v) for i, v in enumerate(data["text"])] + \
            [(f"i{i + 1}", v) for i, v in enumerate(data["images"])]
    for item, vector in items:
        found = search(base, "--like", item)
        for kind, settings in DEFAULTS.items():
            check_list(found[kind], expected(vector, data[kind], *settings))


@pytest.mark.parametrize("k, threshold, temperature",
                         list(itertools.product((1, 5, 15, 100), (0, 0.01, 0.05, 0.5), (0.01, 0.25, 0.5, 2))))
def test_options(base, data, k, threshold, temperature):
    found = search(base, "--like", "t14", "-k", k, "--threshold", threshold, "--temperature", temperature)
    for kind in DEFAULTS:
        check_list(found[kind], expected(data["text"][13], data[kind], k, threshold, temperature))


def save_npy(path, vector):
    np.save(path, vector)


def save_json(path, vector):
    path.write_text(json.dumps([float(x) for x in vector]))


def save_pt(path, vector):
    """A bare float32 tensor [1, n], as torch.save writes it."""
    def text(value):
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    def number(value):
        return b"J" + struct.pack("<i", value)
    n = len(vector)
    pickle = (b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") +
              text("cpu") + number(n) + b"tQK\x00K\x01" + number(n) + b"\x86" + number(n) + b"K\x01\x86\x89" +
              b"ccollections\nOrderedDict\n)RtR.")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("query/data.pkl", pickle)
        archive.writestr("query/data/0", np.asarray(vector, "<f4").tobytes())
        archive.writestr("query/version", "3\n")


@pytest.mark.parametrize("ending, save", [("npy", save_npy), ("json", save_json), ("pt", save_pt)])
@pytest.mark.parametrize("length", [0.1, 1, 8, 40])
def test_raw_queries(base, data, tmp_path, ending, save, length):
    """Queries as long as CLIP's raw text projections are: nothing may normalise them."""
    random = np.random.default_rng(7)
    for _ in range(3):
        vector = data["text"][random.integers(86)] + 0.3 * random.standard_normal(512).astype("f4") / 22
        vector = (length * vector / np.linalg.norm(vector)).astype("f4")
        path = tmp_path / f"query.{ending}"
        save(path, vector)
        found = search(base, "--query-embedding", path)
        for kind, settings in DEFAULTS.items():
            check_list(found[kind], expected(vector, data[kind], *settings))


def test_only_one_list(base):
    assert search(base, "--like", "t1", "--text", "--threshold", 0)["images"] == []
    assert search(base, "--like", "t1", "--images", "--threshold", 0)["text"] == []


def test_filter_comes_before_the_sum(base, data):
    title = data["text_items"][0]["article_title"]
    rows = [i for i, item in enumerate(data["text_items"]) if item["article_title"] == title]
    assert 0 < len(rows) < 86
    found = search(base, "--like", "t80", "--title", title, "--text", "--threshold", 0, "-k", 100)["text"]
    wanted = expected(data["text"][79], data["text"][rows], 100, 0, 0.25)
    check_list(found, [(rows[row], score, dot) for row, score, dot in wanted])


def test_article_results(base, reference, jackdaw):
    """What the article printed, wherever its own model is installed."""
    models = jackdaw.run("model", "list", "--json")
    if models.status != 0 or "openai/clip-vit-base-patch16" not in models.out:
        pytest.skip("openai/clip-vit-base-patch16 is not installed: the article's own question cannot be embedded")
    printed = json.loads((reference / "blog" / "data" / "article_results.json").read_text("utf-8"))
    found = search(base, printed["query"])
    assert [int(e["id"][1:]) - 1 for e in found["text"]] == printed["text"]
    assert [int(e["id"][1:]) - 1 for e in found["images"]] == printed["image"]
    few = search(base, printed["query"], "--text", "-k", 5, "--threshold", 0.05)
    assert [int(e["id"][1:]) - 1 for e in few["text"]] == printed["text"][:1]


# ---- what must be refused, with one clear sentence and nothing changed ----

def refused(jackdaw, result, code, *says):
    assert result.status == (2 if code == "usage" else 1), result.err
    for words in says:
        assert words in result.err
    assert not jackdaw.kb.exists() or jackdaw.ok("ls", "--json").json() == []


def write_json(path, value):
    path.write_text(json.dumps(value))
    return path


@pytest.mark.parametrize("field", ["article_title", "section", "text"])
def test_missing_field(jackdaw, reference, data, tmp_path, field):
    items = [dict(item) for item in data["text_items"]]
    del items[3][field]
    path = write_json(tmp_path / "list.json", items)
    refused(jackdaw, import_article(jackdaw, reference, text=path), "invalid", "list.json", "item 3", f'"{field}"')


def test_field_of_wrong_type(jackdaw, reference, data, tmp_path):
    items = [dict(item) for item in data["image_items"]]
    items[5]["caption"] = 7
    path = write_json(tmp_path / "list.json", items)
    refused(jackdaw, import_article(jackdaw, reference, images=path), "invalid", "item 5", '"caption" is a number')


@pytest.mark.parametrize("content", ["", "{}", "[1]", "[{]", '"text"', "\0\0"])
def test_list_that_is_none(jackdaw, reference, tmp_path, content):
    path = tmp_path / "list.json"
    path.write_text(content)
    refused(jackdaw, import_article(jackdaw, reference, text=path), "invalid", "list.json")


def test_different_lengths(jackdaw, reference, data, tmp_path):
    path = write_json(tmp_path / "list.json", data["text_items"][:-1])
    refused(jackdaw, import_article(jackdaw, reference, text=path), "invalid", "86 rows", "85 items")


def test_different_dimensions(jackdaw, reference, data, tmp_path):
    np.save(tmp_path / "images.npy", data["images"][:, :384])
    refused(jackdaw, import_article(jackdaw, reference, image_embeddings=tmp_path / "images.npy"), "invalid", "512", "384")


@pytest.mark.parametrize("value, word", [(np.nan, "NaN"), (np.inf, "infinite")])
def test_not_a_number_names_its_row(jackdaw, reference, data, tmp_path, value, word):
    vectors = data["text"].copy()
    vectors[41, 7] = value
    np.save(tmp_path / "text.npy", vectors)
    refused(jackdaw, import_article(jackdaw, reference, text_embeddings=tmp_path / "text.npy"), "invalid", "row 41", word)


def rewrite_pt(source, target, change):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))


def test_foreign_opcode(jackdaw, reference, tmp_path):
    """A pickle that would run a program where Python loads it."""
    proof = tmp_path / "proof"
    command = f"touch {proof}".encode()
    pickle = b"\x80\x02cposix\nsystem\nX" + struct.pack("<I", len(command)) + command + b"\x85R."
    rewrite_pt(reference / "blog/data/text_embeddings.pt", tmp_path / "evil.pt",
               lambda name, old: pickle if name.endswith("data.pkl") else old)
    refused(jackdaw, import_article(jackdaw, reference, text_embeddings=tmp_path / "evil.pt"), "unsupported",
            "posix.system", "nothing is executed")
    assert not proof.exists()


def test_size_that_does_not_fit(jackdaw, reference, tmp_path):
    rewrite_pt(reference / "blog/data/text_embeddings.pt", tmp_path / "short.pt",
               lambda name, old: old[:-4] if name.endswith("data/0") else old)
    refused(jackdaw, import_article(jackdaw, reference, text_embeddings=tmp_path / "short.pt"), "invalid", "storage 0")


@pytest.mark.parametrize("name", ["text_embeddings.pt", "image_embeddings.pt"])
def test_cut_checkpoint(jackdaw, reference, tmp_path, name):
    whole = (reference / "blog" / "data" / name).read_bytes()
    cut = tmp_path / name
    cut.write_bytes(whole[:len(whole) // 2])
    refused(jackdaw, import_article(jackdaw, reference, **{pathlib.Path(name).stem: cut}), "invalid", name)


def test_missing_picture_is_skipped(jackdaw, reference, tmp_path):
    done = import_article(jackdaw, reference, image_root=tmp_path)
    assert done.status == 3
    assert "a6BF-kEeo8rd7OW2a3JYGA.png" in done.err
    assert len(jackdaw.ok("ls", "--images", "--json").json()) == 17


@pytest.mark.parametrize("vector, says", [([1.0, 2.0], "2 numbers"), ([float("nan")] * 512, "NaN"), ([], "")])
def test_bad_query_vectors(base, tmp_path, vector, says):
    np.save(tmp_path / "query.npy", np.array(vector, "f4"))
    result = base.run("search", "--profile", "article", "--query-embedding", tmp_path / "query.npy")
    assert result.status in (1, 2)
    assert says in result.err


@pytest.mark.parametrize("item", ["t87", "i18", "d1", "x1", "t0"])
def test_like_what_is_not_there(base, item):
    result = base.run("search", "--profile", "article", "--like", item)
    assert result.status in (1, 2)
    assert item in result.err
