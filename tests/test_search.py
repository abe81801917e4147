"""Finding and looking: search, ls, show, rm, verify, backup, through the command."""
import datetime
import os
import re
import subprocess

import pytest
from conftest import Jackdaw
from library import write_library
from test_cli import on_terminal


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A knowledge base that tests only read."""
    jackdaw = Jackdaw(tmp_path_factory.mktemp("search"))
    jackdaw.library = write_library(jackdaw.folder / "library")
    jackdaw.ok("ingest", jackdaw.library / "cranes.html", jackdaw.library / "owls.md", jackdaw.library / "tape.md")
    return jackdaw


@pytest.fixture
def own(jackdaw):
    """A knowledge base that a test may change."""
    jackdaw.library = write_library(jackdaw.folder / "library")
    jackdaw.ok("ingest", jackdaw.library / "cranes.html", jackdaw.library / "owls.md")
    return jackdaw


def titles(found):
    return [item["document"]["title"] for item in found["text"]]


def test_search_prints_rank_score_place_and_marked_snippet(filled):
    out = filled.ok("search", "why is an owl silent").out
    first = out.split("\n\n")[0]
    assert re.search(r"^ 1  \d\.\d{3}  t\d+  Owls › ", first, re.M), first
    assert str(filled.library / "owls.md") in out
    assert "«silent»" in out


def test_words_need_no_quotes_and_a_dash_reads_standard_input(filled):
    one = filled.ok("search", "--json", "owl hears mouse").json()
    for other in (filled.ok("search", "owl", "hears", "mouse", "--json"),
                  filled.ok("search", "--json", "-", stdin=b"owl hears mouse\n")):
        assert titles(other.json()) == titles(one)
        assert other.json()["query"] == "owl hears mouse"


def test_json_of_search(filled):
    found = filled.ok("search", "--json", "dancing crane").json()
    assert {"query", "profile", "text", "images", "timings_ms", "notes"} <= set(found)
    assert found["profile"] == "default"
    text, image = found["text"][0], found["images"][0]
    assert {"rank", "id", "score", "scores", "document", "section", "ordinal", "page", "text"} <= set(text)
    assert set(text["scores"]) == {"dense", "keyword", "rerank"}
    assert text["section"][-1] == "Dancing" and text["rank"] == 1 and text["id"][0] == "t"
    assert image["caption"] == "A dancing crane on a meadow" and image["alt"] == "a crane"
    assert (image["width"], image["height"], image["media_type"]) == (40, 20, "image/png")


def test_only_text_or_only_images(filled):
    both = filled.ok("search", "--json", "crane").json()
    assert both["text"] and both["images"]
    assert not filled.ok("search", "--json", "--text", "crane").json()["images"]
    assert not filled.ok("search", "--json", "--images", "crane").json()["text"]
    again = filled.ok("search", "--json", "--images", "--text", "crane").json()
    assert again["text"] and again["images"]


def test_k_in_every_form(filled):
    for k in (["-k", "1"], ["-k1"], ["--k=1"], ["--k", "1"]):
        assert len(filled.ok("search", "--json", "--text", *k, "cranes").json()["text"]) == 1


@pytest.mark.parametrize("options, expected", [
    (["--title", "OWL"], {"Owls"}),
    (["--section", "migra"], {"Cranes"}),
    (["--type", "markdown"], {"Owls"}),
    (["--type", "text/html"], {"Cranes"}),
    (["--since", "1d"], {"Owls", "Cranes"}),
    (["--collection", "default"], {"Owls", "Cranes"}),
])
def test_filters(filled, options, expected):
    found = filled.ok("search", "--json", "--text", *options, "owl crane cranes flight south spring").json()
    assert set(titles(found)) == expected


def test_nothing_relevant(filled):
    for args in (["quantum chromodynamics"], ["--collection", "nowhere", "owl"], ["--title", "zebra", "owl"]):
        result = filled.run("search", "--json", *args)
        assert result.status == 4, result.err
        assert result.json()["text"] == [] and result.json()["images"] == []
    result = filled.run("search", "quantum chromodynamics")
    assert result.status == 4 and result.out == "" and "nothing relevant" in result.err


def test_since_takes_dates_and_spans(own):
    old = datetime.datetime(2020, 5, 1).timestamp()
    os.utime(own.library / "owls.md", (old, old))
    own.ok("ingest", "--force", own.library / "owls.md")

    def found(since):
        result = own.run("search", "--json", "--text", "--since", since, "owl crane cranes flight south spring")
        assert result.status in (0, 4), result.err
        return set(titles(result.json()))

    for since in ("2020-04-30", "2020-04-30T23:59", "2019-01-01T00:00:00Z", "50 years", "600mo"):
        assert found(since) == {"Owls", "Cranes"}, since
    for since in ("2020-05-02", "7d", "2 weeks", "3 months", "1y", "12h"):
        assert found(since) == {"Cranes"}, since
    for bad in ("yesterday", "7", "5m", "2020-13-01", "d", "-3d", "99999999999d"):
        result = own.run("search", f"--since={bad}", "owl")
        assert result.status == 2 and "--since: expected a date" in result.err, bad


@pytest.mark.parametrize("args, says", [
    ([], "nothing to search for"),
    (["", "  "], "nothing to search for"),
    (["-k", "0", "x"], "from 1 to 1000"),
    (["--threshold", "2", "x"], "from 0 to 1"),
    (["--threshold", "nan", "x"], "expected a number"),
    (["--profile", "articel", "x"], "did you mean 'article'"),
    (["--like", "x9", "y"], "x9"),
    (["--like", "t1", "--query-embedding", "q.npy"], "give one of them"),
    (["--pictures", "sometimes", "x"], "expected one of auto, always, never"),
])
def test_wrong_usage(filled, args, says):
    result = filled.run("search", *args)
    assert result.status == 2
    assert says in result.err


def test_what_is_not_there(filled):
    missing = filled.run("search", "--kb", filled.folder / "absent.db", "--json", "owl")
    assert missing.status == 1 and '"not-found"' in missing.err
    assert not (filled.folder / "absent.db").exists()
    assert filled.run("search", "--query-embedding", "absent.npy").status == 1
    assert filled.run("search", "--like", "t99999").status == 1


def test_long_and_broken_questions(filled):
    for result in (filled.run("search", "owl " * 25000), filled.run("search", "-", stdin=b"owl " * 25000),
                   filled.run("search", "-", stdin=b"\xff\xfe"), filled.run("search", "-", stdin=b"owl\0")):
        assert result.status in (1, 2) and result.out == "" and result.err.count("\n") <= 2


def test_nothing_of_a_document_acts_on_the_terminal(filled):
    for args in (["search", "tape recorder"], ["ls"], ["ls", "--chunks"], ["search", "--json", "tape recorder"],
                 ["ask", "--backend", "extract", "what does a tape recorder store"], ["ls", "--chunks", "--json"]):
        plain = filled.ok(*args)
        assert "ecord" in plain.out
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", plain.out + plain.err), args
        seen = on_terminal(filled, *args)[1]
        assert "\x1b]" not in seen and "\x9b" not in seen and "\u202e" not in seen, args
        assert "\x1b[31m" not in seen, args


def test_match_is_coloured_on_a_terminal(filled):
    seen = on_terminal(filled, "search", "silent")[1]
    assert "\x1b[1;33msilent\x1b[0m" in seen and "«" not in seen


def test_pictures_are_drawn_where_the_terminal_can(filled):
    plain = on_terminal(filled, "search", "--images", "--pictures", "never", "crane")[1]
    drawn = on_terminal(filled, "search", "--images", "crane", env={"COLORTERM": "truecolor"})[1]
    if "without libchafa" in filled.run("doctor").out:
        pytest.skip("this build draws no pictures")
    assert "\x1b[48;2;200;30;30m" in drawn or "\x1b[38;2;200;30;30m" in drawn
    assert len(drawn.splitlines()) > len(plain.splitlines())
    kitty = on_terminal(filled, "search", "--images", "crane", env={"TERM": "xterm-kitty", "KITTY_PID": "1"})[1]
    assert "\x1b_G" in kitty
    assert "\x1b" not in filled.ok("search", "--images", "crane").out


def test_a_reader_that_leaves_early(filled):
    for command in ("search owl crane", "ls --chunks", "ls --json", "ask --backend extract why do cranes dance"):
        done = subprocess.run(["bash", "-c", f"set -o pipefail; {filled.program} -q {command} | true"],
                              env=filled.env, capture_output=True)
        assert done.returncode == 0 and done.stderr == b"", (command, done.stderr)


def test_ls(filled):
    assert len(filled.ok("ls").out.splitlines()) == 3
    documents = filled.ok("ls", "--json").json()
    assert {d["title"] for d in documents} >= {"Owls", "Cranes"}
    assert all(d["id"].startswith("d") for d in documents)
    chunks = filled.ok("ls", "--chunks", "--json").json()
    images = filled.ok("ls", "--images", "--json").json()
    assert chunks and all({"id", "document", "section", "text"} <= set(c) and "score" not in c for c in chunks)
    assert [i["caption"] for i in images] == ["A dancing crane on a meadow"]
    assert filled.ok("ls", "--title", "zebra", "--json").json() == []
    assert filled.ok("ls", "--title", "zebra").out == ""


def test_show(filled):
    chunk = filled.ok("search", "--json", "silent").json()["text"][0]
    out = filled.ok("show", chunk["id"]).out
    assert chunk["text"] in out and "Owls" in out and "Flight" in out
    assert filled.ok("show", chunk["id"], "--json").json()["text"] == chunk["text"]
    image = filled.ok("ls", "--images", "--json").json()[0]["id"]
    assert "A dancing crane on a meadow" in filled.ok("show", image).out
    saved = filled.folder / "saved.png"
    filled.ok("show", image, "--save", saved)
    assert saved.read_bytes() == (filled.library / "crane.png").read_bytes()
    document = filled.ok("show", chunk["document"]["id"]).out
    assert re.search(r"Owls\n.*Hearing\n.*t\d+.*\n.*Flight\n", document, re.S), document
    whole = filled.ok("show", chunk["document"]["id"], "--json").json()
    assert whole["document"]["title"] == "Owls" and len(whole["chunks"]) == whole["document"]["chunks"]


def test_show_what_is_not_there(filled):
    assert filled.run("show", "d999").status == 1
    assert filled.run("show", "t999").status == 1
    assert filled.run("show", "99").status == 2
    assert filled.run("show").status == 2
    chunk = filled.ok("ls", "--chunks", "--json").json()[0]["id"]
    assert filled.run("show", chunk, "--save", "x").status == 1


def test_rm_by_path_id_and_folder(own):
    removed = own.ok("rm", own.library / "owls.md", "--json").json()["removed"]
    assert [r["uri"] for r in removed] == [str(own.library / "owls.md")]
    assert own.run("search", "silent owl").status == 4
    again = own.run("rm", own.library / "owls.md")
    assert again.status == 1 and "no such document" in again.err
    relative = own.ok("ingest", "library/owls.md") and own.ok("rm", "library/../library/owls.md")
    assert "removed d" in relative.out
    own.ok("ingest", own.library)
    chunk = own.ok("search", "--json", "silent").json()["text"][0]["id"]
    own.ok("rm", chunk)
    assert own.run("show", chunk).status == 1
    assert own.run("rm", own.library).status == 1
    own.ok("rm", "--recursive", own.library)
    assert own.ok("ls", "--json").json() == []
    own.ok("verify")


def test_rm_is_all_or_nothing(own):
    before = own.ok("ls", "--json").json()
    assert own.run("rm", own.library / "owls.md", "d999").status == 1
    assert own.ok("ls", "--json").json() == before


def test_rm_of_a_collection(own):
    own.ok("--collection", "drafts", "ingest", own.library)
    kept, drafts = (own.ok("ls", "--json", "--collection", name).json() for name in ("default", "drafts"))
    for args in (["--all"], ["--all", "d1", "--collection", "drafts"], []):
        assert own.run("rm", *args).status == 2
    assert own.run("rm", "--all", env={"JACKDAW_COLLECTION": "drafts"}).status == 2
    gone = own.ok("rm", "--all", "--collection", "drafts", "--json").json()["removed"]
    assert [one["id"] for one in gone] == [one["id"] for one in drafts] and own.ok("ls", "--json").json() == kept
    assert own.run("rm", "--all", "--collection", "drafts").status == 1
    own.ok("verify")


def test_rm_makes_no_knowledge_base(jackdaw):
    assert jackdaw.run("rm", "d1").status == 1
    assert not jackdaw.kb.exists()


def test_verify_and_backup(own):
    assert own.ok("verify").out.startswith("sound: 2 documents")
    assert own.ok("verify", "--json").json() == {"sound": True, "problems": []}
    copy = own.folder / "copy.db"
    own.ok("backup", copy)
    assert own.ok("--kb", copy, "ls").out == own.ok("ls").out
    again = own.run("backup", copy)
    assert again.status != 0 and str(copy) in again.err
    data = bytearray(own.kb.read_bytes())
    data[len(data) // 3:] = b"\x55" * (len(data) - len(data) // 3)
    own.kb.write_bytes(data)
    broken = own.run("verify")
    assert broken.status == 1 and (broken.out or broken.err)
