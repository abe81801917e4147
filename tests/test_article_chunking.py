"""`--chunking article` makes exactly the items that the article's program made of its two posts."""
import json
import posixpath

import pytest

FOLDERS = ["site", "raw"]


def text_items(chunks):
    return [(c["document"]["title"], c["section"], c["text"]) for c in chunks]


def expected_texts(reference):
    items = json.loads((reference / "blog" / "data" / "text_content.json").read_text(encoding="utf-8"))
    return [(i["article_title"], [i["section"]], i["text"]) for i in items]


def image_items(images, path):
    return [(i["document"]["title"], i["section"], path(i["source"]), i["caption"]) for i in images]


def expected_images(reference):
    items = json.loads((reference / "blog" / "data" / "image_content.json").read_text(encoding="utf-8"))
    return [(i["article_title"], [i["section"]], i["image_path"], i["caption"]) for i in items]


def downloaded(url):
    """Where the article's program put the picture of a remote address."""
    name = posixpath.basename(url)
    return f"images/{name}" if "." in name else f"images/{name}.jpg"


def by_title(items):
    """The posts' items in their own order, the posts in any."""
    return sorted(items, key=lambda item: item[0])


def listed(jackdaw, what):
    return jackdaw.ok("ls", what, "--json").json()


@pytest.mark.parametrize("folder", FOLDERS)
def test_items_equal_the_articles_field_by_field(jackdaw, reference, folder):
    report = jackdaw.ok("ingest", "--json", "--chunking", "article", reference / "blog" / folder).json()
    assert (report["documents"], report["chunks"], report["images"], report["skipped"]) == (2, 86, 17, [])
    path = downloaded if folder == "raw" else str
    assert by_title(text_items(listed(jackdaw, "--chunks"))) == by_title(expected_texts(reference))
    assert by_title(image_items(listed(jackdaw, "--images"), path)) == by_title(expected_images(reference))


@pytest.mark.parametrize("reverse", [False, True])
def test_order_of_the_files_does_not_matter(jackdaw, reference, reverse):
    for post in sorted((reference / "blog" / "site").glob("*.html"), reverse=reverse):
        jackdaw.ok("ingest", "--chunking", "article", post)
    chunks = listed(jackdaw, "--chunks")
    images = listed(jackdaw, "--images")
    # The article's program read the newer post first.
    in_order = text_items(chunks) == expected_texts(reference)
    assert in_order == reverse
    assert by_title(text_items(chunks)) == by_title(expected_texts(reference))
    assert by_title(image_items(images, str)) == by_title(expected_images(reference))


def test_rules_beyond_the_two_posts(jackdaw):
    (jackdaw.folder / "post.html").write_text("""<title> A post </title>
        <p>Before any heading the section has a name too.</p><h4>No section</h4>
        <h2> Lists </h2><ul><li>first item of a list,</li><li>second
        one &nbsp;</li></ul><p>too short to be kept, at 29.</p><p>just long enough: 30 in all...</p>
        <figure><img src="a.png" alt="Alt"><figcaption>Cap</figcaption></figure><img src="b.png">""")
    (jackdaw.folder / "a.png").write_bytes(b"")
    jackdaw.run("ingest", "--chunking", "article", jackdaw.folder / "post.html")
    chunks = listed(jackdaw, "--chunks")
    assert [(c["section"], c["text"]) for c in chunks] == [
        (["Main"], "Before any heading the section has a name too."),
        (["Lists"], "first item of a list,second\n        one"),
        (["Lists"], "just long enough: 30 in all..."),
    ]
    assert {c["document"]["title"] for c in chunks} == {"A post"}
    assert [(i["caption"], i["alt"], i["source"]) for i in listed(jackdaw, "--images")] == [
        ("Alt", "Alt", "a.png"), ("No caption available", None, "b.png")]
