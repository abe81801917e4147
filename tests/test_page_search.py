"""The search of the page, in Chromium."""
from browsing import browser, server, told, window  # noqa: F401
from conftest import ROOT


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


def test_search_by_a_picture(window):
    window.open("#/search")
    window.find(".empty").wait_for()
    window.page.set_input_files(".search-form input[type=file]", str(ROOT / "samples" / "handbook" / "retrieval pipeline.png"))
    window.find(".tile").first.wait_for()
    assert window.find(".tile").first.get_attribute("title").startswith("retrieval pipeline")
    window.screenshot("search-picture")
    window.find(".tile-open").first.click()
    window.find(".viewer figure.here img").wait_for()
