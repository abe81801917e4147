"""Bad input costs the file that it is in, named with the reason, and nothing else."""
import json
import os
import zlib

import pytest
from library import png
from PIL import Image
from test_ingest import assert_sound, documents, ingest, page, start_ingest

GOOD = "good.html"


def huge_picture():
    """A PNG that claims 60,000 x 60,000 pixels and has a few."""
    data = bytearray(png(4, 4, (9, 9, 9)))
    data[16:24] = (60000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


def truncated(folder, ending):
    path = folder / f"whole.{ending}"
    Image.effect_noise((300, 300), 90).convert("RGB").save(path)
    data = path.read_bytes()
    path.unlink()
    return data[:len(data) * 2 // 3]


BAD = {
    "empty.html": (lambda folder: b"", "empty file"),
    "binary.html": (lambda folder: os.urandom(4096) + bytes(range(256)) * 20, ""),
    "claims.png": (lambda folder: huge_picture(), "60000"),
    "cut.jpg": (lambda folder: truncated(folder, "jpg"), ""),
    "cut.png": (lambda folder: truncated(folder, "png"), ""),
    "cut.webp": (lambda folder: truncated(folder, "webp"), ""),
    "cut.gif": (lambda folder: truncated(folder, "gif"), ""),
    "blank.html": (lambda folder: b"<html><body> <p> </p> </body></html>", "neither text nor pictures"),
    "program": (lambda folder: b"\x7fELF" + bytes(200), ""),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_in_a_folder(jackdaw, name):
    folder = jackdaw.folder / "docs"
    folder.mkdir()
    make, reason = BAD[name]
    (folder / name).write_bytes(make(folder))
    (folder / GOOD).write_text(page("Good", "A good text."))
    report = ingest(jackdaw, folder, status=3)
    assert report["documents"] == 1
    skipped, = report["skipped"]
    assert skipped["uri"] == str(folder / name)
    assert reason in skipped["reason"] and 5 < len(skipped["reason"]) < 300, skipped
    assert list(documents(jackdaw)) == [str(folder / GOOD)]
    assert_sound(jackdaw)


def test_all_of_them_at_once(jackdaw):
    folder = jackdaw.folder / "docs"
    folder.mkdir()
    for name, (make, _) in BAD.items():
        (folder / name).write_bytes(make(folder))
    (folder / GOOD).write_text(page("Good", "A good text."))
    report = ingest(jackdaw, "--jobs", 3, folder, status=3)
    assert report["documents"] == 1
    assert {os.path.basename(s["uri"]) for s in report["skipped"]} == set(BAD)
    result = jackdaw.run("ingest", folder)
    assert result.status == 3
    assert len(result.err.splitlines()) == len(BAD), result.err


def test_deep_nesting(jackdaw):
    depth = 200_000 // len("<div>")
    text = "<div>" * depth + "<p>deep inside</p>" + "</div>" * depth
    (jackdaw.folder / "deep.html").write_text(text)
    (jackdaw.folder / GOOD).write_text(page("Good", "A good text."))
    result = jackdaw.run("ingest", "--json", "deep.html", GOOD)
    assert result.status in (0, 3), result.err
    assert result.json()["documents"] + len(result.json()["skipped"]) == 2
    assert str(jackdaw.folder / GOOD) in documents(jackdaw)


def test_a_gigabyte_of_zeros(jackdaw):
    path = jackdaw.folder / "zeros.html"
    with open(path, "wb") as file:
        file.truncate(1 << 30)
    (jackdaw.folder / GOOD).write_text(page("Good", "A good text."))
    report = ingest(jackdaw, "zeros.html", GOOD, status=3)
    assert report["documents"] == 1
    assert report["skipped"][0]["reason"].replace("\xa0", " ") == "1.0 GiB, over the limit of 256.0 MiB for one file"


def test_a_file_that_is_only_just_allowed(jackdaw):
    with open(jackdaw.folder / "zeros.html", "wb") as file:
        file.truncate(200 << 20)
    report = ingest(jackdaw, "zeros.html", status=3)
    assert len(report["skipped"]) == 1


def test_files_that_change_meanwhile(jackdaw):
    """Whatever the moment, each file is either stored as it was at one moment or named."""
    folder = jackdaw.folder / "docs"
    folder.mkdir()
    for i in range(300):
        (folder / f"{i:03d}.html").write_text(page(f"P{i}", "A text. " * 50))
    process = start_ingest(jackdaw, folder)
    for i in range(299, -1, -1):
        path = folder / f"{i:03d}.html"
        if i % 3 == 0:
            path.unlink()
        else:
            path.write_text(page(f"P{i}", "Another text. " * 50))
    out, err = process.communicate(timeout=120)
    assert process.returncode in (0, 3), err
    report = json.loads(out)
    assert all(s["reason"] for s in report["skipped"])
    ingest(jackdaw, "--prune", folder)
    assert len(documents(jackdaw)) == 200
    assert_sound(jackdaw)
