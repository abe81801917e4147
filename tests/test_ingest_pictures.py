"""Pictures of documents: found however their address is written, never from outside, and not listed twice."""
import base64
import os

import pytest
from library import png
from test_ingest import assert_sound, documents, ingest

COLOURS = [(i * 40 % 256, i * 80 % 256, 255 - i * 20) for i in range(12)]


def picture(i):
    return png(10 + i, 10, COLOURS[i])


def page(*sources, head=""):
    figures = "".join(f'<figure><img src="{s}" alt="alt {i}"><figcaption>Caption {i}</figcaption></figure>'
                      for i, s in enumerate(sources))
    return f"<html><head><title>T</title>{head}</head><body><h1>H</h1><p>Some text here.</p>{figures}</body></html>"


def images(jackdaw):
    return jackdaw.ok("ls", "--images", "--json").json()


def test_addresses_of_local_pictures(jackdaw):
    folder = jackdaw.folder / "docs"
    (folder / "images").mkdir(parents=True)
    names = ["plain.png", "with space.png", "0*star.png", "question?x", "no_ending", "50%.png", "ünï.png", "a#b.png"]
    for i, name in enumerate(names):
        (folder / "images" / name).write_bytes(picture(i))
    written = ["images/plain.png", "images/with%20space.png", "images/0*star.png", "images/question?x", "./images/no_ending",
               "images/50%25.png", "images/%C3%BCn%C3%AF.png", "/images/a%23b.png"]
    (folder / "a.html").write_text(page(*written))
    report = ingest(jackdaw, folder)
    assert report["warnings"] == [] and report["images"] == len(names)
    got = images(jackdaw)
    assert [i["source"] for i in got] == written
    assert [i["width"] for i in got] == [10 + i for i in range(len(names))]
    assert all(i["sha256"] and i["media_type"] == "image/png" for i in got)
    assert len(documents(jackdaw)) == 1, "a picture that the page shows is not a document of its own"


def test_base_and_data_and_file_addresses(jackdaw):
    folder = jackdaw.folder / "docs"
    (folder / "deep" / "pics").mkdir(parents=True)
    (folder / "deep" / "pics" / "x.png").write_bytes(picture(0))
    data = "data:image/png;base64," + base64.b64encode(picture(1)).decode()
    (folder / "a.html").write_text(page("x.png", data, head='<base href="deep/pics/">'))
    (folder / "b.html").write_text(page((folder / "deep/pics/x.png").as_uri()))
    assert ingest(jackdaw, folder)["warnings"] == []
    assert [(i["width"], bool(i["sha256"])) for i in images(jackdaw)] == [(10, True), (11, True), (10, True)]
    assert ingest(jackdaw, folder)["unchanged"] == 2


@pytest.mark.parametrize("source", ["../secret.png", "..%2Fsecret.png", "{outside}", "file://{outside}", "link.png",
                                    "linked/secret.png", "images/../../secret.png"])
def test_nothing_from_outside(jackdaw, source):
    folder = jackdaw.folder / "docs"
    (folder / "images").mkdir(parents=True)
    outside = jackdaw.folder / "secret.png"
    outside.write_bytes(picture(0))
    (folder / "link.png").symlink_to(outside)
    (folder / "linked").symlink_to(jackdaw.folder)
    source = source.format(outside=outside)
    (folder / "a.html").write_text(page(source))
    report = ingest(jackdaw, folder, status=3)
    assert report["documents"] == 1
    assert [w["reason"] for w in report["warnings"]] == [f"picture {source}: lies outside the folders given"]
    image, = images(jackdaw)
    assert image["sha256"] is None and image["caption"] == "Caption 0"


def test_etc_passwd_is_refused(jackdaw):
    (jackdaw.folder / "a.html").write_text(page("/etc/passwd", "file:///etc/passwd"))
    report = ingest(jackdaw, "a.html")
    assert len(report["warnings"]) == 2
    assert all("outside" in w["reason"] for w in report["warnings"])


def test_missing_and_broken_pictures_keep_their_words(jackdaw):
    folder = jackdaw.folder / "docs"
    folder.mkdir()
    (folder / "cut.png").write_bytes(picture(3)[:40])
    (folder / "text.png").write_text("no picture at all")
    (folder / "a.html").write_text(page("missing.png", "cut.png", "text.png", "javascript:alert(1)"))
    report = ingest(jackdaw, "docs/a.html")
    assert report["documents"] == 1 and len(report["warnings"]) >= 3
    assert any("missing.png" in w["reason"] and "No such file" in w["reason"] for w in report["warnings"])
    got = images(jackdaw)
    assert [i["caption"] for i in got][:3] == ["Caption 0", "Caption 1", "Caption 2"]
    assert all(i["sha256"] is None for i in got)


def test_a_changed_picture_is_read_again(jackdaw):
    folder = jackdaw.folder / "docs"
    folder.mkdir()
    (folder / "a.html").write_text(page("x.png", "y.png"))
    (folder / "x.png").write_bytes(picture(0))
    assert len(ingest(jackdaw, folder)["warnings"]) == 1
    assert ingest(jackdaw, folder)["unchanged"] == 1
    (folder / "y.png").write_bytes(picture(1))  # the missing one comes
    assert ingest(jackdaw, folder)["documents"] == 1
    (folder / "x.png").write_bytes(picture(2))  # another one changes
    assert ingest(jackdaw, folder)["documents"] == 1
    assert [i["width"] for i in images(jackdaw)] == [12, 11]
    (folder / "x.png").unlink()
    assert len(ingest(jackdaw, folder)["warnings"]) == 1
    assert ingest(jackdaw, folder)["unchanged"] == 1
    assert_sound(jackdaw)


def test_pictures_of_their_own(jackdaw):
    folder = jackdaw.folder / "docs"
    folder.mkdir()
    (folder / "shown.png").write_bytes(picture(0))
    (folder / "alone.png").write_bytes(picture(1))
    (folder / "copy of alone").write_bytes(picture(1))
    (folder / "a.html").write_text(page("shown.png"))
    report = ingest(jackdaw, folder)
    assert (report["documents"], report["images"]) == (3, 3)
    own = {os.path.basename(uri): d for uri, d in documents(jackdaw).items()}
    assert set(own) == {"a.html", "alone.png", "copy of alone"}
    assert own["alone.png"]["title"] == "alone.png" and own["alone.png"]["media_type"] == "image/png"
    assert ingest(jackdaw, folder)["unchanged"] == 3
    # A document that comes later takes the picture over; named by the user it is a document again.
    (folder / "b.html").write_text(page("alone.png"))
    assert ingest(jackdaw, folder)["documents"] == 1
    assert {os.path.basename(uri) for uri in documents(jackdaw)} == {"a.html", "b.html"}
    assert ingest(jackdaw, folder / "alone.png")["documents"] == 1
    assert_sound(jackdaw)


def test_one_picture_in_many_documents_is_stored_once(jackdaw):
    folder = jackdaw.folder / "docs"
    folder.mkdir()
    (folder / "x.png").write_bytes(picture(0))
    for i in range(30):
        (folder / f"{i}.html").write_text(page("x.png", "x.png"))
    report = ingest(jackdaw, "--jobs", 4, folder)
    assert (report["documents"], report["images"]) == (30, 60)
    assert len({i["sha256"] for i in images(jackdaw)}) == 1
    assert_sound(jackdaw)


def test_remote_pictures_stay_on_the_web(jackdaw):
    (jackdaw.folder / "a.html").write_text(page("https://example.invalid/x.png", "//example.invalid/y.png"))
    report = ingest(jackdaw, "a.html")
    assert [w["reason"] for w in report["warnings"]] == ["2 pictures on the web not fetched (--fetch fetches them)"]
    assert [i["source"] for i in images(jackdaw)] == ["https://example.invalid/x.png", "//example.invalid/y.png"]
    assert ingest(jackdaw, "a.html")["unchanged"] == 1
