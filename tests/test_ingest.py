"""`jackdaw ingest`: what is read, read again, left out and dropped; parallel, interrupted and refused runs."""
import json
import os
import resource
import signal
import sqlite3
import subprocess
import time

import pytest
from library import png


def page(title, *texts):
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>" + "".join(
        f"<p>{text}</p>" for text in texts) + "</body></html>"


def write_pages(folder, n, words=40):
    folder.mkdir(exist_ok=True)
    for i in range(n):
        text = " ".join(f"word{(i * 7 + j) % 997}" for j in range(words))
        (folder / f"page{i:04d}.html").write_text(page(f"Page {i}", f"This is page number {i}. {text}."))
    return folder


def ingest(jackdaw, *args, status=0, **kwargs):
    result = jackdaw.run("ingest", "--json", *args, **kwargs)
    assert result.status == status, result.err
    return result.json()


def documents(jackdaw):
    return {d["uri"]: d for d in jackdaw.ok("ls", "--json").json()}


def chunks(jackdaw):
    return jackdaw.ok("ls", "--chunks", "--json").json()


def assert_sound(jackdaw):
    assert jackdaw.ok("verify", "--json").json()["sound"] is True


def test_first_run_reads_and_second_does_not(jackdaw):
    folder = write_pages(jackdaw.folder / "docs", 12)
    first = ingest(jackdaw, folder)
    assert (first["documents"], first["unchanged"], first["skipped"]) == (12, 0, [])
    assert first["chunks"] == len(chunks(jackdaw)) == 12
    before = documents(jackdaw)
    second = ingest(jackdaw, folder)
    assert (second["documents"], second["unchanged"], second["chunks"]) == (0, 12, 0)
    assert documents(jackdaw) == before
    assert set(before) == {str(folder / f"page{i:04d}.html") for i in range(12)}


def test_touched_is_unchanged_and_changed_is_replaced(jackdaw):
    folder = write_pages(jackdaw.folder / "docs", 3)
    ingest(jackdaw, folder)
    ids = {uri: d["id"] for uri, d in documents(jackdaw).items()}
    os.utime(folder / "page0000.html", (1, 1))
    changed = folder / "page0001.html"
    stat = changed.stat()
    changed.write_text(changed.read_text().replace("number 1", "number X"))
    os.utime(changed, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # same size and time: the hash decides
    report = ingest(jackdaw, folder)
    assert (report["documents"], report["unchanged"]) == (1, 2)
    assert {uri: d["id"] for uri, d in documents(jackdaw).items()} == ids
    texts = [c["text"] for c in chunks(jackdaw)]
    assert sum("number X" in t for t in texts) == 1 and not any("number 1." in t for t in texts)
    assert_sound(jackdaw)


def test_other_settings_read_again(jackdaw):
    folder = write_pages(jackdaw.folder / "docs", 2, words=400)
    assert ingest(jackdaw, folder)["documents"] == 2
    smaller = ingest(jackdaw, "--chunk-chars", 300, folder)
    assert smaller["documents"] == 2
    assert max(len(c["text"]) for c in chunks(jackdaw)) <= 1800
    assert ingest(jackdaw, "--chunk-chars", 300, folder)["unchanged"] == 2
    assert ingest(jackdaw, "--force", "--chunk-chars", 300, folder)["documents"] == 2


def test_chunks_know_where_they_come_from(jackdaw):
    path = jackdaw.folder / "a.html"
    path.write_text(page("Title", "Intro.").replace("</body>", "<h2>Part</h2><p>Grüße 😀 aus der Mitte.</p></body>"))
    ingest(jackdaw, path)
    first, second = chunks(jackdaw)
    assert first["document"]["title"] == "Title" and first["document"]["uri"] == str(path)
    assert second["section"][-1] == "Part" and second["ordinal"] == 1
    assert second["text"] == "Grüße 😀 aus der Mitte."


def test_prune_drops_what_is_gone_below_the_given_folders(jackdaw):
    one, other = write_pages(jackdaw.folder / "one", 3), write_pages(jackdaw.folder / "other", 2)
    ingest(jackdaw, one, other)
    (one / "page0000.html").unlink()
    (other / "page0000.html").unlink()
    assert ingest(jackdaw, one)["pruned"] == 0
    assert len(documents(jackdaw)) == 5
    assert ingest(jackdaw, "--prune", one)["pruned"] == 1
    assert len(documents(jackdaw)) == 4
    # A folder that is not there (an unmounted disk) drops nothing.
    other.rename(jackdaw.folder / "away")
    assert ingest(jackdaw, "--prune", one, other, status=3)["pruned"] == 0
    assert len(documents(jackdaw)) == 4
    assert_sound(jackdaw)


def test_collections_are_apart(jackdaw):
    folder = write_pages(jackdaw.folder / "docs", 2)
    ingest(jackdaw, folder)
    assert ingest(jackdaw, "--collection", "second", folder)["documents"] == 2
    for path in folder.iterdir():
        path.unlink()
    assert ingest(jackdaw, "--collection", "second", "--prune", folder)["pruned"] == 2
    assert {d["collection"] for d in jackdaw.ok("ls", "--json").json()} == {"default"}


def test_missing_paths(jackdaw):
    folder = write_pages(jackdaw.folder / "docs", 1)
    report = ingest(jackdaw, "nothing-here", folder, status=3)
    assert report["documents"] == 1
    assert report["skipped"] == [{"uri": "nothing-here", "reason": "there is no such file or folder"}]
    for args in (["nothing-here"], ["nothing-here", "nor-this"]):
        result = jackdaw.run("ingest", *args)
        assert result.status == 1 and "nothing-here" in result.err
        assert len(result.err.splitlines()) == 1
    assert jackdaw.run("ingest").status == 2


def test_what_a_folder_walk_leaves_out(jackdaw):
    folder = write_pages(jackdaw.folder / "docs", 1)
    for name in (".git/config.html", "node_modules/x.html", ".hidden.html", "old.html~"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(page("Hidden", "Hidden."))
    outside = jackdaw.folder / "secret.html"
    outside.write_text(page("Secret", "The secret."))
    (folder / "escape.html").symlink_to(outside)
    (folder / "escape").symlink_to(jackdaw.folder)
    (folder / "again.html").symlink_to("page0000.html")
    os.mkfifo(folder / "pipe.html")
    report = ingest(jackdaw, folder, status=3)
    assert report["documents"] == 1
    reasons = {os.path.basename(s["uri"]): s["reason"] for s in report["skipped"]}
    assert set(reasons) == {"escape.html", "escape", "pipe.html"}
    assert "outside the folders given" in reasons["escape.html"]
    assert "pipe" in reasons["pipe.html"]
    assert ingest(jackdaw, folder / ".hidden.html")["documents"] == 1


def test_the_base_does_not_read_itself(jackdaw):
    write_pages(jackdaw.folder, 2)
    (jackdaw.folder / "home").rename(jackdaw.folder / ".home")
    for _ in range(2):
        report = ingest(jackdaw, jackdaw.folder, env={"HOME": "/nonexistent"})
        assert report["skipped"] == []
    assert len(documents(jackdaw)) == 2


def test_names_are_kept_as_they_are(jackdaw):
    folder = jackdaw.folder / "docs"
    folder.mkdir()
    names = ["with space.html", "100%.html", "ünïcode 日本.html", "a'b\"c.html", "*star?.html", "-dash.html", "no_ending"]
    for name in names:
        (folder / name).write_text(page(name.replace("\"", ""), "Some text."))
    assert ingest(jackdaw, folder)["documents"] == len(names)
    assert {os.path.basename(uri) for uri in documents(jackdaw)} == set(names)
    assert ingest(jackdaw, folder)["unchanged"] == len(names)


def test_a_file_that_can_no_longer_be_read_keeps_what_was_read(jackdaw):
    folder = write_pages(jackdaw.folder / "docs", 2)
    ingest(jackdaw, folder)
    (folder / "page0000.html").write_bytes(b"")
    report = ingest(jackdaw, folder, status=3)
    assert report["unchanged"] == 1
    assert report["skipped"][0]["reason"] == "empty file (what was read earlier is kept)"
    assert len(documents(jackdaw)) == 2


@pytest.mark.parametrize("jobs", [1, 4])
def test_jobs_give_the_same_items(jackdaw, jobs):
    folder = write_pages(jackdaw.folder / "docs", 60, words=200)
    report = ingest(jackdaw, "--jobs", jobs, folder)
    assert report["documents"] == 60
    texts = {d["document"]["uri"]: d["text"] for d in chunks(jackdaw) if d["ordinal"] == 0}
    for i in range(60):
        assert f"This is page number {i}." in texts[str(folder / f"page{i:04d}.html")]


# ---- interrupted, refused, full ----

def start_ingest(jackdaw, *args, **kwargs):
    return subprocess.Popen([jackdaw.program, "ingest", "--json", *map(str, args)], env=jackdaw.env, cwd=jackdaw.folder,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)


def committed(jackdaw):
    if not jackdaw.kb.exists():
        return set()
    try:
        with sqlite3.connect(f"file:{jackdaw.kb}?mode=ro", uri=True) as db:
            return {uri for uri, in db.execute("SELECT uri FROM document")}
    except sqlite3.OperationalError:
        return set()


def wait_for_documents(jackdaw, process, n):
    """Returns what was committed once at least `n` documents are, or the run is over."""
    while True:
        over = process.poll() is not None
        seen = committed(jackdaw)
        if len(seen) >= n or over:
            return seen
        time.sleep(0.005)


def test_killed_in_the_middle_and_run_again(jackdaw):
    folder = write_pages(jackdaw.folder / "docs", 1500, words=300)
    seen = set()
    for round_ in range(4):
        process = start_ingest(jackdaw, folder)
        acknowledged = wait_for_documents(jackdaw, process, len(seen) + 100)
        process.kill()
        process.communicate()
        assert seen <= acknowledged
        seen = acknowledged
        assert acknowledged <= committed(jackdaw), "a committed document was lost"
        assert_sound(jackdaw)
    report = ingest(jackdaw, folder)
    assert report["documents"] + report["unchanged"] == 1500
    assert report["unchanged"] >= len(seen)
    assert len(documents(jackdaw)) == 1500
    assert_sound(jackdaw)


def test_interrupted_politely(jackdaw):
    folder = write_pages(jackdaw.folder / "docs", 1500, words=300)
    process = start_ingest(jackdaw, folder)
    wait_for_documents(jackdaw, process, 50)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    if process.returncode == 0:
        pytest.skip("the run was over before the signal came")
    assert process.returncode == 130
    assert b"stopped on request" in err
    report = ingest(jackdaw, folder)
    assert report["documents"] + report["unchanged"] == 1500 and report["unchanged"] >= 50


def test_two_at_once(jackdaw):
    """The second waits for the first, or says in one sentence who holds the base."""
    folder = write_pages(jackdaw.folder / "docs", 800, words=300)
    first = start_ingest(jackdaw, folder)
    wait_for_documents(jackdaw, first, 1)
    second = jackdaw.run("ingest", "--json", folder)
    out, _ = first.communicate(timeout=120)
    assert first.returncode == 0 and json.loads(out)["documents"] == 800
    if second.status == 0:
        assert second.json()["documents"] + second.json()["unchanged"] == 800
    else:
        assert second.status == 1
        error = json.loads(second.err)["error"]
        assert error["code"] == "busy" and str(jackdaw.kb) in error["message"]
    assert len(documents(jackdaw)) == 800
    assert_sound(jackdaw)


def test_full_disk(jackdaw):
    folder = write_pages(jackdaw.folder / "docs", 400, words=400)
    ingest(jackdaw, folder / "page0000.html")

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, 900_000))

    process = start_ingest(jackdaw, folder, preexec_fn=limit)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1 and out == b""
    error = json.loads(err)["error"]
    assert error["code"] in ("no-space", "io") and str(jackdaw.kb) in error["message"]
    assert_sound(jackdaw)
    assert str(folder / "page0000.html") in documents(jackdaw)
    report = ingest(jackdaw, folder)
    assert report["documents"] + report["unchanged"] == 400
    assert_sound(jackdaw)


def test_read_only_folder(jackdaw):
    folder = write_pages(jackdaw.folder / "docs", 1)
    locked = jackdaw.folder / "locked"
    locked.mkdir()
    locked.chmod(0o500)
    if os.geteuid() == 0:
        locked = "/sys/kernel"  # where not even root may make a file
    before = os.listdir(locked)
    result = jackdaw.run("--kb", f"{locked}/kb.db", "ingest", "--json", folder)
    assert result.status == 1
    assert json.loads(result.err)["error"]["code"] == "read-only"
    assert os.listdir(locked) == before


@pytest.mark.parametrize("reader", ["/nonexistent/reader", "/bin/false"])
def test_without_a_reader_the_run_ends_with_one_sentence(jackdaw, reader):
    folder = write_pages(jackdaw.folder / "docs", 20)
    result = jackdaw.run("ingest", "--json", folder, env={"JACKDAW_READER": reader})
    assert result.status == 1 and result.out == ""
    error = json.loads(result.err)["error"]
    assert error["code"] == "unavailable" and "reader" in error["message"]
    assert ingest(jackdaw, folder)["documents"] == 20


def test_unreadable_files_are_named(jackdaw):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    folder = write_pages(jackdaw.folder / "docs", 2)
    (folder / "page0000.html").chmod(0)
    report = ingest(jackdaw, folder, status=3)
    assert report["documents"] == 1
    assert "Permission denied" in report["skipped"][0]["reason"]


def test_memory_does_not_grow_with_the_number_of_files(jackdaw):
    measure = ("import resource, subprocess, sys\n"
               "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)\n"
               "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n")
    env = {**jackdaw.env, "ASAN_OPTIONS": "quarantine_size_mb=1"}
    peaks = {}
    for n in (300, 3000):
        folder = write_pages(jackdaw.folder / f"docs{n}", n, words=20)
        command = [jackdaw.program, "--kb", jackdaw.folder / f"{n}.db", "ingest", folder]
        done = subprocess.run(["python3", "-c", measure, *command], env=env, capture_output=True, text=True, check=True)
        peaks[n] = int(done.stdout) // 1024
    # SQLite's page cache fills as the base grows, here to some 10 MB; nothing else may.
    assert peaks[3000] - peaks[300] < 32, peaks


def test_progress_is_for_terminals(jackdaw):
    folder = write_pages(jackdaw.folder / "docs", 3)
    result = jackdaw.ok("ingest", folder)
    assert result.err == ""
    assert "3 documents read" in result.out


def test_png_helper_is_a_picture(jackdaw):
    (jackdaw.folder / "a.png").write_bytes(png(3, 2, (1, 2, 3)))
    assert ingest(jackdaw, "a.png")["images"] == 1
