"""The search of the page, in Chromium."""
import json
import re

from browsing import Window, browser, server, told, window  # noqa: F401
from conftest import ROOT, Jackdaw
from serving import Server

PICTURE = ROOT / "samples" / "handbook" / "retrieval pipeline.png"


def test_a_threshold_cuts(window):
    from playwright.sync_api import expect
    window.open("#/search?q=temperature+of+the+softmax")
    window.find(".hit").first.wait_for()
    at_first = window.find(".hit:visible").count()
    kept = window.find(".chart .kept").count()
    threshold = window.find(".kind").first.locator("input[type=range]").nth(1)
    threshold.evaluate("element => { element.value = 0; element.dispatchEvent(new Event('input')); }")
    expect(window.find(".hit:visible")).not_to_have_count(at_first)
    assert window.find(".hit:visible").count() > at_first and window.find(".chart .kept").count() > kept
    window.screenshot("search")
    threshold.evaluate("element => { element.value = 1; element.dispatchEvent(new Event('input')); }")
    expect(window.find(".hit:visible")).to_have_count(0)
    threshold.evaluate("element => { element.value = 0; element.dispatchEvent(new Event('input')); }")
    scores = [float(text.split()[0]) for text in window.find(".hit .score").all_text_contents()]
    assert scores == sorted(scores, reverse=True)
    window.find(".hit .like").first.click()
    window.find(".query-chip", has_text="Like").wait_for()
    window.find(".hit").first.wait_for()


def put(slider, value):
    slider.evaluate("(element, value) => { element.value = value; element.dispatchEvent(new Event('input')); }", value)


def test_profile_and_temperature(window):
    """Both are asked for anew: a softmax over everything is the steeper the lower its temperature is."""
    from playwright.sync_api import expect
    asked = []
    window.page.on("request", lambda request: request.url.endswith("/api/v1/search") and asked.append(request.post_data_json))
    window.open("#/search?q=temperature+of+the+softmax")
    window.find(".hit").first.wait_for()
    words, temperature = window.find(".settings > p"), window.find(".slider", has_text="Temperature")
    assert "how likely" in words.inner_text() and temperature.is_hidden()
    with window.page.expect_response("**/api/v1/search"):  # what follows at once would be asked for in its place
        window.find(".segments label", has_text="Article").click()
    expect(words).to_contain_text("softmax over everything")
    assert temperature.locator("output").inner_text() == "0.250"
    put(window.find(".kind").first.locator("input[type=range]").nth(1), 0)
    best = window.find(".hit .score").first
    window.find(".hit").nth(1).wait_for()
    with window.page.expect_response("**/api/v1/search"):
        put(temperature.locator("input"), -3)
    expect(best).to_contain_text("1.00")
    assert temperature.locator("output").inner_text() == "0.001"
    window.screenshot("search-article")
    put(temperature.locator("input"), 1)
    expect(best).to_contain_text(re.compile(r"0\.0\d"))
    assert [(body["profile"], body.get("temperature")) for body in asked] == [("default", None), ("article", None), ("article", 0.001), ("article", 10)]
    window.find(".segments label", has_text="Default").click()
    expect(best).to_contain_text(re.compile(r"0\.[1-9]\d"))
    assert temperature.is_hidden() and asked[-1]["profile"] == "default" and "temperature" not in asked[-1]


def test_search_by_a_picture(window):
    window.open("#/search")
    window.find(".empty").wait_for()
    window.page.set_input_files(".search-form input[type=file]", str(ROOT / "samples" / "handbook" / "retrieval pipeline.png"))
    window.find(".tile").first.wait_for()
    assert window.find(".tile").first.get_attribute("title").startswith("retrieval pipeline")
    window.screenshot("search-picture")
    window.find(".tile-open").first.click()
    window.find(".viewer figure.here img").wait_for()


def first_tile(window):
    window.find(".query-chip", has_text="Picture").wait_for()
    window.find(".tile").first.wait_for()
    return window.find(".tile").first.get_attribute("title")


def test_a_picture_is_pasted_and_dropped(window):
    window.open("#/search")
    window.paste(".query", PICTURE, "image/png")
    assert first_tile(window).startswith("retrieval pipeline")
    window.find(".query-chip button").click()
    window.find(".empty", has_text="Search text and pictures").wait_for()
    window.drag("dragEnter", PICTURE)
    window.find(".drop", has_text="Drop a picture to search by it").wait_for()
    window.drag("dragOver", PICTURE)
    window.drag("drop", PICTURE)
    assert first_tile(window).startswith("retrieval pipeline")


def test_filters(window):
    window.open("#/search?q=softmax")
    window.find(".hit").first.wait_for()
    every = window.find(".hit").count()
    window.page.fill("[aria-label='In the title']", "calibration")
    window.find(".hit", has_text="Embeddings").first.wait_for(state="detached")
    titles = window.find(".hit-title").all_inner_texts()
    assert titles and all("calibration" in title.lower() for title in titles)
    window.page.fill("[aria-label='In the title']", "no such title")
    window.find(".empty", has_text="Nothing found").wait_for()
    window.screenshot("search-nothing")
    window.page.get_by_role("button", name="Clear filters").click()
    window.find(".hit").first.wait_for()
    assert window.find(".hit").count() == every


def test_a_server_that_refuses(window):
    """What it says is shown in place of the results, and one can try again."""
    error = {"error": {"code": "busy", "message": "the server has too much to do", "hint": "try again in a moment"}}
    window.page.route("**/api/v1/search", lambda route: route.fulfill(status=503, body=json.dumps(error), content_type="application/json"))
    window.open("#/search?q=softmax")
    notice = window.find(".notice", has_text="the server has too much to do")
    notice.wait_for()
    assert "try again in a moment" in notice.inner_text() and window.find("[aria-busy=true]").count() == 0
    window.screenshot("search-refused")
    window.page.unroute("**/api/v1/search")
    window.page.route("**/api/v1/search", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>", content_type="text/html"))
    notice.get_by_role("button", name="Try again").click()
    window.find(".notice", has_text="The server answered with 502 Bad Gateway.").wait_for()
    window.page.unroute("**/api/v1/search")
    window.find(".notice").get_by_role("button", name="Try again").click()
    window.find(".hit").first.wait_for()
    window.forget("503", "502")


def test_a_thousand_results(browser, tmp_path):
    """All are there, in order, and cutting back and forth keeps them so."""
    from playwright.sync_api import expect
    folder = tmp_path / "notes"
    folder.mkdir()
    for i in range(40):
        parts = "".join(f"## Part {j}\n\nThe heron of note {i} stands in part {j}.\n\n" for j in range(26))
        (folder / f"note{i}.md").write_text(f"# Note {i}\n\n{parts}")
    jackdaw = Jackdaw(tmp_path)
    jackdaw.ok("ingest", folder)
    with Server(jackdaw) as server, Window(browser, server) as window:
        window.open("#/search?q=heron")
        window.find(".hit").first.wait_for()
        most, threshold = window.find(".kind").first.locator("input[type=range]").all()
        put(threshold, 0)
        put(most, 40)
        hits = window.find(".hit")
        expect(hits).to_have_count(1000)
        assert window.find("h2 .tag.number").last.inner_text() == "1,000"
        window.screenshot("search-thousand")
        order = hits.all_text_contents()
        for kept in (20, 3, 40):
            put(most, kept)
            expect(window.page.locator(".hit:not([hidden])")).to_have_count(min(round(kept**2), 1000))
        assert hits.all_text_contents() == order and len(set(order)) == 1000
