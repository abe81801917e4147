"""export-embeddings: what was imported comes out again, in every format."""
import json
import pickletools
import zipfile

import numpy
import pytest
from library import png

TEXT = [{"article_title": "Cranes", "section": "Dancing", "text": "Cranes dance in spring on wet meadows."},
        {"article_title": "Cranes", "section": "Migration", "text": "In autumn the cranes fly to the south."},
        {"article_title": "Owls", "section": "Flight", "text": "The flight of an owl is silent at night."}]
IMAGES = [{"article_title": "Cranes", "section": "Dancing", "image_path": "crane.png", "caption": "A crane"},
          {"article_title": "Owls", "section": "Flight", "image_path": "owl.png", "caption": "An owl"}]


def unit(rows, seed):
    vectors = numpy.random.default_rng(seed).normal(size=(rows, 8)).astype(numpy.float32)
    return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def imported(jackdaw):
    folder = jackdaw.folder
    (folder / "text.json").write_text(json.dumps(TEXT))
    (folder / "images.json").write_text(json.dumps(IMAGES))
    for name in ("crane.png", "owl.png"):
        (folder / name).write_bytes(png(12, 9, (10, 20, 30)))
    jackdaw.vectors = numpy.concatenate([unit(3, 1), unit(2, 2)])
    numpy.save(folder / "text.npy", jackdaw.vectors[:3])
    numpy.save(folder / "images.npy", jackdaw.vectors[3:])
    jackdaw.ok("import-article", "--text", "text.json", "--images", "images.json",
               "--text-embeddings", "text.npy", "--image-embeddings", "images.npy")
    jackdaw.ids = [c["id"] for c in jackdaw.ok("ls", "--chunks", "--json").json()]
    jackdaw.ids += [i["id"] for i in jackdaw.ok("ls", "--images", "--json").json()]
    return jackdaw


def test_numpy(imported):
    report = imported.ok("export-embeddings", "out.npy", "--json").json()
    assert (report["vectors"], report["dimension"]) == (5, 8)
    numpy.testing.assert_array_equal(numpy.load(imported.folder / "out.npy"), imported.vectors)
    assert (imported.folder / "out.ids.txt").read_text().split() == imported.ids


def test_json_lines(imported):
    imported.ok("export-embeddings", "out.jsonl")
    lines = [json.loads(line) for line in (imported.folder / "out.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == imported.ids
    numpy.testing.assert_array_equal(numpy.array([line["embedding"] for line in lines], numpy.float32),
                                     imported.vectors)


def test_torch(imported):
    imported.ok("export-embeddings", "--text", "out.pt")
    with zipfile.ZipFile(imported.folder / "out.pt") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["archive/data/0", "archive/data.pkl", "archive/version"]
        assert archive.read("archive/data/0") == imported.vectors[:3].tobytes()
        opcodes = [(op.name, arg) for op, arg, _ in pickletools.genops(archive.read("archive/data.pkl"))]
    assert ("GLOBAL", "torch._utils _rebuild_tensor_v2") in opcodes and opcodes[-1][0] == "STOP"
    # Jackdaw's own reader of such files takes it back.
    imported.ok("--kb", "again.db", "import-article", "--text", "text.json", "--text-embeddings", "out.pt")
    imported.ok("--kb", "again.db", "export-embeddings", "again.npy")
    numpy.testing.assert_array_equal(numpy.load(imported.folder / "again.npy"), imported.vectors[:3])


def test_torch_itself_reads_it(imported):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    imported.ok("export-embeddings", "out.pt")
    tensor = torch.load(imported.folder / "out.pt", weights_only=True)
    numpy.testing.assert_array_equal(tensor.numpy(), imported.vectors)


def test_filters(imported):
    imported.ok("export-embeddings", "--images", "--title", "owls", "out.npy")
    numpy.testing.assert_array_equal(numpy.load(imported.folder / "out.npy"), imported.vectors[4:])


@pytest.mark.parametrize("args, status, says", [
    (["out.txt"], 2, "expected a name that ends in .npy, .pt or .jsonl"),
    (["absent/out.npy"], 1, "absent/out.npy"),
    (["--model", "nobody/none", "out.npy"], 1, "there are no vectors of 'nobody/none', only of: article-import"),
    ([], 2, "'export-embeddings' needs FILE"),
])
def test_what_cannot_be_written(imported, args, status, says):
    result = imported.run("export-embeddings", *args)
    assert result.status == status and says in result.err, result.err
    assert not [p for p in imported.folder.iterdir() if p.name.startswith("out") or p.name.endswith(".part")]


def test_a_base_without_vectors(jackdaw):
    (jackdaw.folder / "a.md").write_text("# A\n\nSome words about nothing in particular.\n")
    jackdaw.ok("ingest", "a.md")
    result = jackdaw.run("export-embeddings", "out.npy")
    assert result.status == 1 and "holds no vectors" in result.err


def test_import_needs_a_list(jackdaw):
    assert jackdaw.run("import-article").status == 2
    assert jackdaw.run("import-article", "--text-embeddings", "x.npy", "--images", "y.json").status == 2
    assert not jackdaw.kb.exists()
