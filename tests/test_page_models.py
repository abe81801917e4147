"""The models of the page, in Chromium: what answers and why, and fetching an encoder while one looks on."""
import re

import pytest

import models
from browsing import Window, browser, server, told, window  # noqa: F401
from conftest import ROOT, Jackdaw
from servers.hub import Hub, read_folder
from serving import Server

REPOSITORY = "someone/small-bert"


def test_models(window):
    window.open("#/models")
    card = window.find(".model", has_text="Ollama")
    card.wait_for()
    assert card.locator("li", has_text="eyes:4b").locator(".tag.use").is_visible()
    assert "in use" in window.find(".model", has_text="clip").locator(".tag.use").first.inner_text()
    assert window.find(".known button").count() > 5
    option = window.find(".model", has_text="OpenAI-compatible").locator(".option")
    assert option.inner_text() == "--server" and option.evaluate("(element) => getComputedStyle(element).whiteSpace") == "nowrap"
    window.screenshot("models")


@pytest.fixture
def hub(tmp_path):
    files = read_folder(models.make("bert-mean", tmp_path / "models"))
    with Hub({REPOSITORY: files}) as running:
        yield running


def pull(window):
    window.page.fill(".pull input", REPOSITORY)
    window.page.click(".pull button")


def test_an_encoder_is_fetched_and_used(browser, hub, tmp_path):
    """Held in the middle, so that its progress can be seen; then the documents get its vectors."""
    jackdaw = Jackdaw(tmp_path)
    jackdaw.ok("ingest", ROOT / "samples" / "handbook")
    hub.faults["model.safetensors"] = [("hold", 10_000)]
    with Server(jackdaw, env={"HF_ENDPOINT": hub.url}) as server, Window(browser, server) as window:
        window.open("#/models")
        window.find(".empty", has_text="No encoders are installed").wait_for()
        window.screenshot("models-none")
        pull(window)
        job = window.find(".job", has_text=REPOSITORY)
        job.locator(".job-now", has_text="Fetching").wait_for()
        assert hub.held.wait(60)
        job.locator(".job-now", has_text=re.compile(r" / \d+ kB")).wait_for()
        progress = job.locator("progress")
        assert float(progress.get_attribute("value")) < float(progress.get_attribute("max"))
        window.screenshot("models-pull")
        hub.release.set()
        job.locator(".tag.good").wait_for(timeout=60_000)
        card = window.find(".model", has_text=REPOSITORY)
        assert card.locator(".tag", has_text="no vectors yet").is_visible()
        card.get_by_role("button", name="Fill in vectors").click()
        card.locator(".tag", has_text="in use: ").wait_for()
        assert card.locator(".tag", has_text="used for what is added").is_visible()
        window.screenshot("models-used")
        card.get_by_role("button", name="Delete").click()
        window.page.click("dialog .danger")
        window.find(".empty", has_text="No encoders are installed").wait_for()


def test_a_model_that_is_not_there(browser, hub, tmp_path):
    hub.repositories.clear()
    with Server(Jackdaw(tmp_path), env={"HF_ENDPOINT": hub.url}) as server, Window(browser, server) as window:
        window.open("#/models")
        pull(window)
        error = window.find(".job .job-error")
        error.wait_for()
        assert REPOSITORY in error.inner_text()
        window.screenshot("models-failed")


def test_a_pull_is_stopped(browser, hub, tmp_path):
    hub.faults["model.safetensors"] = [("hold", 10_000)]
    with Server(Jackdaw(tmp_path), env={"HF_ENDPOINT": hub.url}) as server, Window(browser, server) as window:
        window.open("#/models")
        pull(window)
        assert hub.held.wait(60)
        window.find(".job").get_by_role("button", name="Stop").click()
        window.find(".job .tag", has_text="Stopped").wait_for()
        assert server.json("/api/v1/encoders")["installed"] == []
