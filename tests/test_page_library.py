"""The library of the page, in Chromium: documents, jobs, the map; and the models."""
from browsing import browser, server, told, window  # noqa: F401


def test_upload_and_find(window):
    window.open("#/library")
    window.find(".document-open").first.wait_for()
    window.page.set_input_files(".add input[type=file] >> nth=0", [
        {"name": "quokka.md", "mimeType": "text/markdown", "buffer": b"# Quokkas\n\nQuokkas live on Rottnest Island.\n"},
        {"name": "broken.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\nnonsense"}])
    job = window.find(".job", has_text="broken.png")
    job.locator(".tag.good").wait_for()
    problem = job.locator(".problems li").first
    assert problem.locator("strong").inner_text() == "broken.png" and len(problem.inner_text()) > 15
    window.find(".document-open", has_text="Quokkas").wait_for()
    window.screenshot("library")
    window.open("#/search?q=quokkas")
    window.find(".hit", has_text="Rottnest").first.wait_for()
    window.open("#/library")
    window.page.click("[aria-label='Delete Quokkas']")
    window.page.click("dialog .danger")
    window.find(".document-open", has_text="Quokkas").wait_for(state="detached")


def test_map(window, server):
    found = server.json("/api/v1/map")
    axes = [[point[axis] for point in found["points"]] for axis in "xy"]
    span = max(max(axis) - min(axis) for axis in axes)
    place = [0.5 + (axis[0] - (max(axis) + min(axis)) / 2) * 0.88 / span * turned for axis, turned in zip(axes, (1, -1))]
    window.open("#/library/map")
    window.find(".legend li").first.wait_for()
    canvas = window.find(".map canvas")
    assert "vectors of clip" in canvas.get_attribute("aria-label")
    box = canvas.bounding_box()
    window.page.mouse.move(box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"])
    tip = window.find(".map-tip strong")
    tip.wait_for()
    assert tip.inner_text() in {point["document"]["title"] for point in found["points"]}
    window.screenshot("map")
    window.page.mouse.down()
    window.page.mouse.up()
    window.find(".viewer .here").wait_for()


def test_models(window):
    window.open("#/models")
    card = window.find(".model", has_text="Ollama")
    card.wait_for()
    assert card.locator("li", has_text="eyes:4b").locator(".tag.use").is_visible()
    assert "in use" in window.find(".model", has_text="clip").locator(".tag.use").inner_text()
    assert window.find(".known button").count() > 5
    window.screenshot("models")
