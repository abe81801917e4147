"""The knowledge base as its user sees it: ranks by words, erasing, checking, copying, refusing."""
import json
import math
import random
import re
import shutil
import sqlite3
import subprocess

import numpy
import pytest

# Words of no language, which no stemmer touches.
WORDS = ["bok", "dor", "fip", "gub", "kav", "lum", "mig", "nuf", "pov", "qix", "rab", "tav", "vog", "zeb"]
# src/store/bm25.c
K1 = 2.0
B = 0.65
WEIGHTS = {"title": 3.0, "section": 1.5, "text": 1.0}


def page(rng):
    def words(least, most):
        # The first words are the common ones.
        return " ".join(WORDS[min(rng.randrange(len(WORDS)), rng.randrange(len(WORDS)))]
                        for _ in range(rng.randint(least, most)))
    sections = "".join(f"<h2>{words(1, 4)}</h2><p>{words(3, 60)}.</p>" for _ in range(rng.randint(1, 4)))
    return f"<html><head><title>{words(1, 5)}</title></head><body><h1>{words(1, 3)}</h1>{sections}</body></html>"


@pytest.fixture
def pages(jackdaw):
    rng = random.Random(4)
    folder = jackdaw.folder / "pages"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.html").write_text(page(rng))
    jackdaw.ok("ingest", folder)
    return folder


def bm25f(chunks, query):
    """Scores of all chunks, from the formula alone."""
    fields = {"title": [c["document"]["title"] for c in chunks], "section": [" ".join(c["section"]) for c in chunks],
              "text": [c["text"] for c in chunks]}
    tokens = {name: [re.findall(r"\w+", text.lower()) for text in texts] for name, texts in fields.items()}
    lengths = {name: numpy.array([len(words) for words in rows], float) for name, rows in tokens.items()}
    scores = numpy.zeros(len(chunks))
    for term in query.split():
        frequency = numpy.zeros(len(chunks))
        for name, rows in tokens.items():
            count = numpy.array([words.count(term) for words in rows], float)
            frequency += WEIGHTS[name] * count / (1 - B + B * lengths[name] / lengths[name].mean())
        having = numpy.count_nonzero(frequency)
        scores += math.log(1 + (len(chunks) - having + 0.5) / (having + 0.5)) * (K1 + 1) * frequency / (K1 + frequency)
    return scores


@pytest.mark.parametrize("query", ["zeb", "bok", "zeb qix", "vog tav bok", "dor absent"])
def test_keyword_scores_are_bm25f(jackdaw, pages, query):
    chunks = jackdaw.ok("ls", "--chunks", "--json").json()
    wanted = {c["id"]: s for c, s in zip(chunks, bm25f(chunks, query)) if s > 0}
    found = jackdaw.ok("search", query, "--json", "--text", "-k", "1000", "--threshold", "0").json()["text"]
    got = {hit["id"]: hit["scores"]["keyword"] for hit in found}
    assert got
    # What is shown may leave out twins and the irrelevant; what is shown has exactly this score.
    for item, score in got.items():
        assert score == pytest.approx(wanted[item], rel=1e-9)
    best = max(wanted, key=wanted.get)
    assert max(got, key=got.get) == best or wanted[best] == pytest.approx(max(got.values()))


def test_rm_erases(jackdaw, pages):
    secret = pages / "secret.html"
    secret.write_text("<title>zvxqtitle</title><h1>zvxqheading</h1><p>The zvxqpassage is to be forgotten.</p>")
    jackdaw.ok("ingest", secret)
    assert b"zvxq" in jackdaw.kb.read_bytes() + wal(jackdaw)
    jackdaw.ok("rm", secret)
    assert b"zvxq" not in jackdaw.kb.read_bytes() + wal(jackdaw)
    jackdaw.ok("verify")
    assert jackdaw.run("search", "zvxqpassage").status == 4


def wal(jackdaw):
    path = jackdaw.kb.with_name(jackdaw.kb.name + "-wal")
    return path.read_bytes() if path.exists() else b""


def test_removing_frees_space(jackdaw, pages):
    before = jackdaw.kb.stat().st_size
    big = pages / "big.txt"
    rng = random.Random(1)
    big.write_text("\n\n".join(" ".join(rng.choices(WORDS, k=100)) + "." for _ in range(5000)))
    jackdaw.ok("ingest", big)
    grown = jackdaw.kb.stat().st_size + len(wal(jackdaw))
    jackdaw.ok("rm", big)
    assert grown > before + 2_000_000
    assert jackdaw.kb.stat().st_size + len(wal(jackdaw)) < before + 500_000


def test_backup_and_verify(jackdaw, pages):
    copy = jackdaw.folder / "copy.db"
    jackdaw.ok("backup", copy)
    assert jackdaw.ok("--kb", copy, "ls", "--json").json() == jackdaw.ok("ls", "--json").json()
    jackdaw.ok("--kb", copy, "verify")
    again = jackdaw.run("backup", copy)
    assert again.status == 2
    assert "exists" in again.err


def test_verify_finds_damage(jackdaw, pages):
    with sqlite3.connect(jackdaw.kb) as db:
        db.execute("UPDATE chunk SET text = 'changed behind its back' WHERE id = 1")
    db.close()
    result = jackdaw.run("verify")
    assert result.status == 1
    assert "word index" in result.out + result.err


def refuse(jackdaw, make, code):
    """Every command that opens it fails with this code and changes nothing."""
    make(jackdaw.kb)
    before = jackdaw.kb.read_bytes()
    (jackdaw.folder / "new.txt").write_text("a new text")
    for command in (["search", "text"], ["ls"], ["verify"], ["ingest", "new.txt"], ["rm", "d1"]):
        result = jackdaw.run("--json", *command)
        assert result.status == 1, command
        error = json.loads(result.err.strip().splitlines()[-1])["error"]
        assert error["code"] == code, command
        assert "kb.db" in error["message"]
        assert error["hint"]
        assert jackdaw.kb.read_bytes() == before


def test_refuses_what_is_no_knowledge_base(jackdaw):
    refuse(jackdaw, lambda path: path.write_text("Dear diary,\n" * 100), "corrupt")


def test_refuses_another_programs_database(jackdaw):
    def make(path):
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE moz_places(url)")
        db.commit()
        db.close()
    refuse(jackdaw, make, "corrupt")


def test_refuses_a_file_cut_in_half(jackdaw, pages):
    def make(path):
        data = path.read_bytes()
        path.write_bytes(data[:len(data) // 2])
    refuse(jackdaw, make, "corrupt")


def test_refuses_a_newer_one(jackdaw, pages):
    def make(path):
        db = sqlite3.connect(path)
        db.execute("PRAGMA user_version = 99")
        db.commit()
        db.close()
    refuse(jackdaw, make, "version")


def test_two_ingests_at_once(jackdaw, pages):
    """Both come through, one after the other, or one says that the other is writing."""
    folders = []
    for name in "ab":
        folder = jackdaw.folder / name
        shutil.copytree(pages, folder)
        folders.append(folder)
    runs = [subprocess.Popen([jackdaw.program, "--json", "ingest", folder], env=jackdaw.env, cwd=jackdaw.folder,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE) for folder in folders]
    ended = [(run, *run.communicate(timeout=120)) for run in runs]
    stored = 40
    for run, out, err in ended:
        if run.returncode == 0:
            stored += json.loads(out)["documents"]
        else:
            assert run.returncode == 1
            assert json.loads(err.strip().splitlines()[-1])["error"]["code"] == "busy"
    assert stored > 40
    jackdaw.ok("verify")
    assert len(jackdaw.ok("ls", "--json").json()) == stored


def test_filters_do_not_make_a_search_run_short(jackdaw):
    """The filter's items are found although a thousand others rank before them."""
    many = jackdaw.folder / "many"
    many.mkdir()
    for number in range(300):
        (many / f"{number}.txt").write_text("zeb zeb zeb.")
    (many / "one.md").write_text("# Rare\n\nzeb " + "bok dor fip gub " * 20 + ".")
    jackdaw.ok("ingest", many)
    found = jackdaw.ok("search", "zeb", "--json", "--text", "-k", "3", "--type", "markdown", "--threshold", "0").json()
    assert [hit["document"]["title"] for hit in found["text"]] == ["Rare"]
