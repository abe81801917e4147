"""The library of the page, in Chromium: documents, jobs, the map."""
import math

from browsing import Window, browser, server, told, window  # noqa: F401
from conftest import Jackdaw
from library import write_library
from models import make
from serving import Server


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
    window.page.fill(".documents-head input", "quokka")
    window.find(".rest", has_text="1 of 1").wait_for()
    assert window.find(".document-open").all_inner_texts() == ["Quokkas"]
    window.open("#/search?q=quokkas")
    window.find(".hit", has_text="Rottnest").first.wait_for()
    window.open("#/library")
    window.page.click("[aria-label='Delete Quokkas']")
    window.page.click("dialog .danger")
    window.find(".document-open", has_text="Quokkas").wait_for(state="detached")


def places(points):
    """Where each is on the map, of its width and height."""
    axes = [[point[axis] for point in points] for axis in "xy"]
    span = max(max(axis) - min(axis) for axis in axes)
    middles = [(max(axis) + min(axis)) / 2 for axis in axes]
    return [tuple(0.5 + (value - middle) * 0.88 / span * turned for value, middle, turned in zip(pair, middles, (1, -1)))
            for pair in zip(*axes)]


def test_the_wheel_zooms_the_map(window, server):
    """Around the pointer: what is under it stays there, all else goes away from it as far as the wheel was turned."""
    points = server.json("/api/v1/map", align="true")["points"]
    window.open("#/library/map")
    window.find(".legend li").first.wait_for()
    canvas, tip = window.find(".map canvas"), window.find(".map-tip")
    box = canvas.bounding_box()
    at = [(x * box["width"], y * box["height"]) for x, y in places(points)]

    def apart(i, spots):
        return min(math.dist(spots[i], spot) for j, spot in enumerate(spots) if j != i)

    def shown_at(spot):
        window.page.mouse.move(box["x"] + spot[0], box["y"] + spot[1])
        tip.wait_for()
        return tip.get_attribute("data-id")
    fixed = max(range(len(at)), key=lambda i: apart(i, at))
    assert shown_at(at[fixed]) == points[fixed]["id"]
    before = canvas.evaluate("(element) => element.toDataURL()")
    window.page.mouse.wheel(0, -300)
    window.page.wait_for_function("(before) => document.querySelector('.map canvas').toDataURL() !== before", arg=before)
    zoomed = [tuple(one + (other - one) * math.e for one, other in zip(at[fixed], spot)) for spot in at]
    assert shown_at(zoomed[fixed]) == points[fixed]["id"]
    inside = [i for i, (x, y) in enumerate(zoomed) if i != fixed and 20 < x < box["width"] - 20 and 20 < y < box["height"] - 20]
    moved = max(inside, key=lambda i: apart(i, zoomed))
    assert shown_at(zoomed[moved]) == points[moved]["id"]
    window.screenshot("map-zoomed")
    window.page.get_by_role("button", name="Show all").click()
    window.page.wait_for_function("(before) => document.querySelector('.map canvas').toDataURL() === before", arg=before)
    assert shown_at(at[fixed]) == points[fixed]["id"]


def test_map(window, server):
    found = server.json("/api/v1/map", align="true")
    place = places(found["points"])[0]
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
    window.find(".map input[type=checkbox]").uncheck()
    apart = server.json("/api/v1/map")["variance"]
    window.find(".map p", has_text=f"show {100 * sum(apart):.0f} %").wait_for()
    window.screenshot("map-apart")
    window.find(".map input[type=checkbox]").check()
    window.find(".map p", has_text=f"show {100 * sum(found['variance']):.0f} %").wait_for()
    window.page.mouse.move(box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"])
    tip.wait_for()
    window.page.mouse.down()
    window.page.mouse.up()
    window.find(".viewer .here").wait_for()


def test_a_folder_is_dropped(browser, tmp_path):
    """With what is in it and below it, but without what nobody means."""
    jackdaw = Jackdaw(tmp_path)
    folder = write_library(tmp_path / "birds")
    (folder / "more").mkdir()
    (folder / "more" / "quokka.md").write_text("# Quokkas\n\nQuokkas live on Rottnest Island.\n")
    for hidden in (".git", "node_modules"):
        (folder / hidden).mkdir()
        (folder / hidden / "not-meant.md").write_text("# Not meant\n\nNobody means this.\n")
    alone = tmp_path / "alone.txt"
    alone.write_text("Badgers dig at night.")
    with Server(jackdaw) as server, Window(browser, server) as window:
        window.open("#/library")
        window.find(".empty", has_text="There are no documents yet").wait_for()
        window.screenshot("library-empty")
        window.drag("dragEnter", folder, alone)
        window.find(".drop", has_text="Drop files or folders to add them").wait_for()
        window.drag("dragOver", folder, alone)
        window.drag("drop", folder, alone)
        window.find(".job .tag.good").wait_for()
        window.find(".document-open", has_text="Quokkas").wait_for()
        uris = {one["uri"] for one in server.json("/api/v1/documents")["documents"]}
        assert uris == {f"upload:{name}" for name in ("birds/cranes.html", "birds/owls.md", "birds/tape.md", "birds/more/quokka.md", "alone.txt")}
        assert server.json("/api/v1/search", query="dancing crane")["images"][0]["caption"] == "A dancing crane on a meadow"


def test_vectors_are_filled_in(browser, tmp_path):
    jackdaw = Jackdaw(tmp_path)
    jackdaw.ok("ingest", write_library(tmp_path / "birds"))
    jackdaw.ok("model", "add", make("clip", tmp_path / "checkpoints"))
    with Server(jackdaw) as server, Window(browser, server) as window:
        window.open("#/library/map")
        window.find(".empty", has_text="There are no vectors to draw").wait_for()
        window.screenshot("map-empty")
        window.find("button", has_text="Fill in vectors").click()
        window.find(".job .tag.good").wait_for()
        window.find("p", has_text=" 0 vectors").wait_for(state="detached")
        window.find(".parts a", has_text="Map").click()
        window.find(".legend li").first.wait_for()


def test_a_path_that_may_not_be_read(window):
    window.open("#/library")
    window.page.fill(".add-path input", "/etc")
    window.page.click(".add-path button")
    toast = window.find(".toast")
    toast.wait_for()
    assert "in no folder that clients may have ingested" in toast.inner_text()
    assert window.page.input_value(".add-path input") == "/etc"
    window.forget("403")


def test_a_collection_is_deleted(browser, tmp_path):
    """It is told how many documents go; those of the other collection stay."""
    jackdaw = Jackdaw(tmp_path)
    folder = write_library(tmp_path / "birds")
    jackdaw.ok("ingest", folder)
    jackdaw.ok("ingest", folder, "--collection", "drafts/2024")
    with Server(jackdaw) as server, Window(browser, server) as window:
        window.open("#/library")
        count = server.json("/api/v1/collections")["collections"][0]["documents"]
        assert window.find("button", has_text="Delete the collection").count() == 0
        chip = window.find(".chip", has_text="drafts/2024")
        chip.click()
        window.find(".rest", has_text=f"{count} of {count}").wait_for()
        button = window.find("button", has_text="Delete the collection")
        button.click()
        dialog = window.find("dialog")
        assert "drafts/2024" in dialog.inner_text() and f"Its {count} documents go" in dialog.inner_text()
        window.screenshot("library-delete-collection")
        window.page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
        assert button.evaluate("(element) => element === document.activeElement")
        assert len(server.json("/api/v1/collections")["collections"]) == 2
        button.click()
        dialog.get_by_role("button", name=f"Delete {count} documents").click()
        window.find(".job", has_text=f"{count} documents were deleted").wait_for()
        chip.wait_for(state="detached")
        assert [one["documents"] for one in server.json("/api/v1/collections")["collections"]] == [count]
        window.find(".rest", has_text=f"{count} of {count}").wait_for()
