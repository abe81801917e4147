"""A real Chromium for the tests of the page, and the fixtures that they share: a server with documents, an encoder and a
model server that is told what to say. A module of tests imports those that it needs."""
import shutil

import pytest

from conftest import ROOT, Jackdaw
from models import make
from servers.ollama import Ollama, model, say
from serving import Server

SCREENS = ROOT / "build-results" / "screens"
CHROMIUM = shutil.which("chromium")
QUESTION = "How does contrastive learning pull pictures and texts together?"
ANSWER = """Matching pairs are **pulled together** [1], all others pushed apart [2].

| tower | makes |
|---|---|
| text | a vector |

```python
loss = cross_entropy(logits, targets)
```

The loss is $-\\log p_i$."""


def start():
    """A browser, or a skipped test. It is closed with the generator."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (tests/requirements.txt)")
    if not CHROMIUM:
        pytest.skip("chromium is not installed (packaging/deps.sh test)")
    SCREENS.mkdir(parents=True, exist_ok=True)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Window:
    """One window of its own profile on the page of a server, in which nothing may go wrong unseen."""

    def __init__(self, browser, server, size=(1280, 800), **settings):
        self.server = server
        self.context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **{"locale": "en-US", **settings})
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.problems = []
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("console", lambda message: message.type == "error" and self.problems.append(message.text))
        self.page.on("request", self.check_request)
        self.page.on("dialog", lambda dialog: (self.problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def check_request(self, request):
        if not request.url.startswith((self.server.url, "data:", "blob:")):
            self.problems.append(f"a request to {request.url}")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.context.close()
        assert kind or not self.problems, self.problems

    def open(self, where=""):
        self.page.goto(self.server.url + where)
        return self.page

    def find(self, selector, **kwargs):
        return self.page.locator(selector, **kwargs)

    def ask(self, words):
        self.page.fill(".composer textarea", words)
        self.page.press(".composer textarea", "Enter")
        self.page.wait_for_selector(".turn:last-child .actions")
        return self.page.locator(".turn").last

    def paste(self, selector, path, kind):
        """A file from the clipboard, which a test cannot fill otherwise."""
        self.page.locator(selector).evaluate("""(element, [name, kind, bytes]) => {
            const data = new DataTransfer();
            data.items.add(new File([Uint8Array.from(bytes)], name, { type: kind }));
            element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""", [path.name, kind, list(path.read_bytes())])

    def drag(self, kind, *paths, at=(640, 400)):
        """dragEnter, dragOver or drop, as the system sends them to the browser: files and folders."""
        session = self.context.new_cdp_session(self.page)
        session.send("Input.dispatchDragEvent", {"type": kind, "x": at[0], "y": at[1], "data": {
            "items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}})
        session.detach()

    def drop(self, *paths):
        for kind in ("dragEnter", "dragOver", "drop"):
            self.drag(kind, *paths)

    def forget(self, *words):
        """These problems were meant to be; others were not."""
        left = [problem for problem in self.problems if not any(word in problem for word in words)]
        assert not left, left
        self.problems.clear()

    def hold(self, pattern):
        """Requests of this kind wait. Returns what lets them go on."""
        held = []
        self.page.route(pattern, lambda route: route.continue_() if held is None else held.append(route))

        def release():
            nonlocal held
            waiting, held = held, None
            for route in waiting:
                route.continue_()
        return release

    def screenshot(self, name):
        self.page.screenshot(path=SCREENS / f"{name}.png")


@pytest.fixture(scope="module")
def browser():
    yield from start()


class Told:
    """What the model says next."""

    def __init__(self):
        self.reply = say(ANSWER)
        self.rewording = None  # of questions that follow up; None: as they were asked

    def __call__(self, body):
        if "You prepare searches" in body["messages"][0]["content"]:
            return self.rewording or say("")
        return self.reply


@pytest.fixture(scope="module")
def told():
    return Told()


@pytest.fixture(scope="module")
def server(tmp_path_factory, told):
    jackdaw = Jackdaw(tmp_path_factory.mktemp("page"))
    jackdaw.ok("ingest", ROOT / "samples" / "handbook")
    jackdaw.ok("model", "add", make("clip", jackdaw.folder / "checkpoints"))
    jackdaw.ok("embed")
    with Ollama([model("eyes:4b"), model("words:8b", vision=False)], chat=told) as ollama, \
            Server(jackdaw, env={"OLLAMA_HOST": ollama.host}) as running:
        yield running


@pytest.fixture
def window(browser, server, told):
    told.reply = say(ANSWER)
    with Window(browser, server) as opened:
        yield opened
