"""Text formats through the sandboxed reader: what it loads beforehand must be enough for every encoding."""
import pytest

ENCODINGS = [("utf-8", "grün 日本"), ("utf-16", "grün 日本"), ("utf-16-le", "plain words in wide letters"),
             ("utf-32", "grün 日本"), ("iso-8859-1", "grün"), ("iso-8859-2", "złoty"), ("iso-8859-15", "€ grün"),
             ("windows-1250", "złoty"), ("windows-1251", "русский"), ("koi8-r", "русский"), ("shift_jis", "日本語"),
             ("euc-jp", "日本語"), ("gb18030", "中文"), ("big5", "中文"), ("euc-kr", "한국어")]


def texts(jackdaw):
    return [c["text"] for c in jackdaw.ok("ls", "--chunks", "--json").json()]


def test_pages_in_every_encoding(jackdaw):
    folder = jackdaw.folder / "pages"
    folder.mkdir()
    for number, (name, words) in enumerate(ENCODINGS):
        page = f"<!DOCTYPE html><meta charset={name}><title>{name}</title><p>{number} {words}</p>"
        (folder / f"{number:02}.html").write_bytes(page.encode(name))
    report = jackdaw.ok("ingest", "--json", folder).json()
    assert report["documents"] == len(ENCODINGS) and not report["skipped"]
    assert sorted(texts(jackdaw)) == sorted(f"{n} {words}" for n, (_, words) in enumerate(ENCODINGS))


def test_formats_by_content_and_name(jackdaw):
    folder = jackdaw.folder / "files"
    folder.mkdir()
    files = {"page": b"<!DOCTYPE html><p>a page without a name", "page.txt": b"<html><p>a page with a wrong name",
             "note.md": b"# Note\n\nsome *marked* text", "README": b"# Read me\n\n[a link](b) and text",
             "plain.txt": b"# not\nMarkdown", "wide.txt": "wide letters\r\n".encode("utf-16"), "code.py": b"x = 1\ny = 2\n"}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    jackdaw.ok("ingest", folder)
    found = {c["document"]["uri"].rsplit("/", 1)[1]: (c["document"]["media_type"], c["text"])
             for c in jackdaw.ok("ls", "--chunks", "--json").json()}
    assert found == {"page": ("text/html", "a page without a name"), "page.txt": ("text/html", "a page with a wrong name"),
                     "note.md": ("text/markdown", "some marked text"), "README": ("text/markdown", "a link and text"),
                     "plain.txt": ("text/plain", "# not Markdown"), "wide.txt": ("text/plain", "wide letters"),
                     "code.py": ("text/plain", "x = 1\ny = 2")}


@pytest.mark.parametrize("name, data, says", [
    ("empty.html", b"", "empty"),
    ("binary.html", bytes(range(256)) * 40, "not supported"),
    ("zeros.txt", bytes(100_000), "not supported"),
    ("latin.txt", b"caf\xe9 au lait", "byte 0xE9 at offset 3"),
    ("latin.md", b"# caf\xe9", "byte 0xE9 at offset 5"),
])
def test_bad_files_are_named_and_skipped(jackdaw, name, data, says):
    (jackdaw.folder / name).write_bytes(data)
    (jackdaw.folder / "good.md").write_text("good text")
    result = jackdaw.run("ingest", "--json", jackdaw.folder / name, jackdaw.folder / "good.md")
    assert result.status == 3
    skipped = result.json()["skipped"]
    assert [s["uri"].rsplit("/", 1)[1] for s in skipped] == [name]
    assert says in skipped[0]["reason"]
    assert texts(jackdaw) == ["good text"]


@pytest.mark.parametrize("piece", ["<div>", "<div><p>", "<table><tr><td>", "<b>", "<ul><li>", "<span><div></span>", "<"])
def test_deep_pages_are_read(jackdaw, piece):
    page = piece * (200_000 // len(piece)) + "<p>the words at the end"
    (jackdaw.folder / "deep.html").write_text("<!DOCTYPE html>" + page)
    jackdaw.ok("ingest", jackdaw.folder / "deep.html")
    assert "the words at the end" in texts(jackdaw)[-1]
