"""Many files on their way from the page to the server, in Chromium."""
import re

import pytest

from browsing import Window, browser  # noqa: F401
from conftest import Jackdaw
from serving import Server


@pytest.fixture
def place(tmp_path):
    with Server(Jackdaw(tmp_path)) as server:
        yield server


def notes(folder, count, size=0):
    """Files of a folder, each of so many bytes more."""
    folder.mkdir(parents=True)
    for i in range(count):
        (folder / f"note{i}.md").write_text(f"# Note {i} of {folder.name}\n\nThe heron stands in field {i}.\n\n{'reeds ' * (size // 6)}\n")
    return folder


def uris(server, total):
    """Of all documents, once there are so many."""
    found = []
    while len(found) < total:
        page = server.json("/api/v1/documents", limit=100, offset=len(found))["documents"]
        assert page, f"{len(found)} of {total}"
        found += page
    return {one["uri"] for one in found}


def slow(window, bytes_a_second):
    """-1: as fast as it goes."""
    session = window.context.new_cdp_session(window.page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second})


def test_a_large_folder_goes_in_parts(browser, place, tmp_path):
    """Each is a job of its own, and what belongs together stays together."""
    top = tmp_path / "birds"
    for name, count in ("lakes", 450), ("moors", 600), ("moors/high", 20):
        notes(top / name, count)
    with Window(browser, place) as window:
        window.open("#/library")
        window.find(".empty", has_text="There are no documents yet").wait_for()
        window.drop(top)
        window.find(".job").nth(1).wait_for()
        window.find(".sending").wait_for(state="detached")
        window.find(".documents-head ~ .rest", has_text="of 1,070").wait_for(timeout=120_000)
        assert len(uris(place, 1070)) == 1070
        parts = [{name.split("/")[1] for name in job["request"]["files"]} for job in place.json("/api/v1/jobs")["jobs"]]
        assert sorted(map(sorted, parts)) == [["lakes"], ["moors"]]


def test_progress_stop_and_the_rest(browser, place, tmp_path):
    folder = notes(tmp_path / "marsh", 300, 2000)
    with Window(browser, place) as window:
        window.open("#/library")
        window.find(".empty").wait_for()
        slow(window, 60_000)
        window.drop(folder)
        sending = window.find(".sending")
        sending.locator(".job-now", has_text=re.compile(r"^[1-9]\d* of 300 files")).wait_for()
        bar = sending.locator("progress")
        assert 0 < float(bar.get_attribute("value")) < float(bar.get_attribute("max")) >= 300 * 2000
        window.screenshot("library-sending")
        sending.get_by_role("button", name="Stop").click()
        sending.locator(".tag", has_text="Stopped").wait_for()
        assert "0 of 300 files" in sending.inner_text() and place.json("/api/v1/jobs")["jobs"] == []
        window.screenshot("library-stopped")
        slow(window, -1)
        sending.get_by_role("button", name="Send the other 300 files").click()
        window.find(".rest", has_text="of 300").wait_for(timeout=60_000)
        assert window.find(".sending").count() == 0


def test_what_cannot_be_read_is_told(browser, place, tmp_path):
    """A file that went away between the drop and the sending costs itself alone."""
    folder = notes(tmp_path / "dunes", 5)
    refused = []

    def lose(route):
        (folder / "note3.md").unlink(missing_ok=True)
        refused.append(route)
        route.abort() if len(refused) == 1 else route.continue_()
    with Window(browser, place) as window:
        window.page.route("**/api/v1/ingest", lose)
        window.open("#/library")
        window.find(".empty").wait_for()
        window.drop(folder)
        sending = window.find(".sending", has_text="4 of 5 files were sent")
        sending.wait_for()
        problem = sending.locator(".problems li")
        assert problem.locator("strong").inner_text() == "dunes/note3.md" and "could not be read" in problem.inner_text()
        window.screenshot("library-not-sent")
        window.find(".rest", has_text="of 4").wait_for()
        sending.get_by_role("button", name="Close").click()
        assert window.find(".sending").count() == 0
        window.forget("ERR_FAILED")


def test_a_server_that_refuses_files(browser, place, tmp_path):
    folder = notes(tmp_path / "fens", 3)
    with Window(browser, place) as window:
        window.page.route("**/api/v1/ingest", lambda route: route.fulfill(status=507, content_type="application/json", body="""
            {"error": {"code": "no-space", "message": "the disk is full", "hint": "make room"}}"""))
        window.open("#/library")
        window.find(".empty").wait_for()
        window.drop(folder)
        notice = window.find(".sending .notice", has_text="the disk is full")
        notice.wait_for()
        assert "make room" in notice.inner_text()
        window.page.unroute("**/api/v1/ingest")
        window.find(".sending").get_by_role("button", name="Send the other 3 files").click()
        window.find(".rest", has_text="of 3").wait_for()
        window.forget("507")
