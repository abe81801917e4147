"""The page in real Chromium: whole journeys against the real server and a model server that is told what to say."""
import json
import re

import pytest

import browsing
from browsing import Window
from conftest import ROOT, Jackdaw
from library import png
from models import make
from servers.loopback import Stream
from servers.ollama import Ollama, line, model, say
from serving import Server

UI = ROOT / "ui"
QUESTION = "How does contrastive learning pull pictures and texts together?"
ANSWER = """Matching pairs are **pulled together** [1], all others pushed apart [2].

| tower | makes |
|---|---|
| text | a vector |

```python
loss = cross_entropy(logits, targets)
```

The loss is $-\\log p_i$."""

XSS = """<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1"> [1]
[here](javascript:window.hacked=1) ![p](https://example.invalid/p.png) <svg/onload=window.hacked=1>
<a href="javascript:window.hacked=1">b</a> `<b onclick=window.hacked=1>` $\\href{javascript:window.hacked=1}{x}$

```html
<script>window.hacked = 1</script>
```"""


@pytest.fixture(scope="module")
def browser():
    yield from browsing.start()


class Told:
    """What the model says next."""

    def __init__(self):
        self.reply = say(ANSWER)

    def __call__(self, body):
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


# ---- chat ----

def test_ask_and_see_the_source(window):
    window.open()
    window.find(".example").first.wait_for()
    window.screenshot("chat-empty")
    turn = window.ask(QUESTION)
    assert turn.locator("strong").first.inner_text() == "pulled together"
    assert turn.locator("table td").first.inner_text() == "text" and turn.locator("table td").count() == 2
    assert "loss = cross_entropy" in turn.locator("pre code").inner_text()
    turn.locator(".cite").first.hover()
    source = window.find(".source[data-n='1']")
    assert "lit" in source.get_attribute("class") and "cited" in source.get_attribute("class")
    assert source.locator(".score").is_visible() and source.locator(".source-words").inner_text()
    turn.locator(".how").click()
    assert "eyes:4b (ollama)" in turn.locator(".details").inner_text()
    window.screenshot("chat-answer")
    turn.locator(".cite").first.click()
    here = window.find(".viewer .passage.here")
    here.wait_for()
    assert source.locator(".source-words").inner_text()[:40] in here.inner_text()
    window.screenshot("viewer")
    window.page.keyboard.press("Escape")
    window.find(".viewer").wait_for(state="detached")


def test_not_in_the_documents(window, told):
    told.reply = say("The documents do not hold an answer to this question.")
    window.open()
    turn = window.ask("How much does contrastive learning cost in Lisbon?")
    turn.locator(".unanswered-head").wait_for()
    assert turn.locator(".unanswered-head").inner_text() == "Not in your documents"
    window.screenshot("chat-unanswered")


def test_stop(window, told):
    told.reply = Stream([line("It begins")], hold=True)
    window.open()
    window.page.fill(".composer textarea", QUESTION)
    window.page.press(".composer textarea", "Enter")
    window.find(".prose", has_text="It begins").wait_for()
    window.page.click(".send[aria-label=Stop]")
    window.find(".send[aria-label=Send]").wait_for()
    assert window.find(".turn .prose").inner_text().startswith("It begins")
    assert window.find(".pulse:visible").count() == 0


def test_conversations_are_kept(window, told, server):
    window.open()
    window.ask(QUESTION)
    told.reply = say("Another answer [1].")
    window.find(".turn .answer [title='Ask again']").click()
    window.find(".prose", has_text="Another answer").wait_for()
    window.find(".turn .actions").wait_for()
    assert window.find(".turn").count() == 1
    window.find(".asked").hover()
    window.page.click("[aria-label='Edit the question']")
    window.page.fill(".asked-edit textarea", "What is a softmax temperature?")
    window.page.press(".asked-edit textarea", "Enter")
    window.find(".asked-words", has_text="softmax temperature").wait_for()
    window.find(".turn .actions").wait_for()
    number = re.search(r"c\d+", window.page.url).group()
    kept = server.json(f"/api/v1/conversations/{number}")["messages"]
    assert [m["role"] for m in kept] == ["user", "assistant"] and "temperature" in kept[0]["text"]

    window.page.reload()
    window.find(".prose", has_text="Another answer").wait_for()
    current = window.find(f".conversations li:has([href='#/chat/{number}'])")
    current.hover()
    current.locator("summary").click()
    with window.page.expect_download() as download:
        current.get_by_text("Markdown").click()
    assert "Another answer" in download.value.path().read_text()
    current.get_by_role("button", name="Rename").click()
    window.page.fill("dialog input", "About temperature")
    window.page.press("dialog input", "Enter")
    window.find(".conversation", has_text="About temperature").wait_for()
    window.page.fill(".side input", "no such words")
    window.find(".conversations .none").wait_for()
    window.page.fill(".side input", "temperature")
    current.wait_for()
    current.hover()
    current.locator("summary").click()
    current.get_by_role("button", name="Delete").click()
    window.page.click("dialog .danger")
    current.wait_for(state="detached")
    window.find(".example").first.wait_for()
    assert server.get(f"/api/v1/conversations/{number}").status_code == 404


def test_a_picture_in_the_question(window, told):
    bodies = []
    told.reply = say("It is red [1].")
    window.open()
    window.page.set_input_files(".composer input[type=file]", {"name": "red.png", "mimeType": "image/png", "buffer": png(40, 30, (200, 20, 20))})
    window.find(".composer-picture img").wait_for()
    window.page.on("request", lambda request: request.url.endswith("/ask") and bodies.append(request.post_data_json))
    turn = window.ask("What colour is this softmax picture?")
    assert turn.locator(".asked-picture").is_visible()
    assert bodies[0]["image"].startswith("data:image/png;base64,")
    assert window.find(".composer-picture").is_hidden()


# ---- safety ----

def test_nothing_that_is_written_is_executed(window, told, server):
    told.reply = say(XSS)
    server.upload({"evil.md": f"# Zebra <script>window.hacked = 1</script>\n\nZebra {XSS}\n".encode()})
    window.open()
    turn = window.ask("What about the zebra?")
    window.page.wait_for_selector(".prose pre code")
    assert turn.locator(".prose :is(script, img, svg:not(.icon-button svg):not(.katex svg), iframe)").count() == 0
    assert turn.locator(".prose a").count() == 0
    assert "<script>" in turn.locator(".prose").inner_text()
    turn.locator(".cite").first.click()
    window.find(".viewer .here").wait_for()
    assert window.find(".viewer :is(script, iframe)").count() == 0
    window.open("#/search?q=zebra")
    window.find(".hit").first.wait_for()
    assert window.find(".hit :is(script, img)").count() == 0
    assert window.page.evaluate("window.hacked") is None


def test_without_the_libraries(window, told):
    """As where the program was built without Debian's packages."""
    window.page.route("**/libraries.js", lambda route: route.fulfill(body="export const files = [];", content_type="text/javascript"))
    told.reply = say(f"## Head\n\n- **one** [1]\n- `two`\n\n{XSS}")
    window.open()
    turn = window.ask(QUESTION)
    prose = turn.locator(".prose")
    assert prose.locator("h2").inner_text() == "Head" and prose.locator("li").count() == 2
    assert prose.locator("strong").inner_text() == "one" and prose.locator(".cite").count() >= 1
    assert prose.locator("pre code").inner_text().strip() == "<script>window.hacked = 1</script>"
    assert prose.locator(":is(script, img, a, svg)").count() == 0
    assert window.page.evaluate("window.hacked") is None


def test_scripts_in_the_page_are_refused(window):
    """The policy holds: an inline script and a style attribute that are put into the page do nothing."""
    window.open()
    window.page.evaluate("""document.body.insertAdjacentHTML('beforeend', '<p id="probe" style="color: red">x</p>');
        const script = document.createElement('script'); script.textContent = 'window.hacked = 1'; document.body.append(script);""")
    assert window.page.evaluate("window.hacked") is None
    assert window.page.evaluate("getComputedStyle(document.getElementById('probe')).color") != "rgb(255, 0, 0)"
    assert all("Content Security Policy" in problem for problem in window.problems) and len(window.problems) == 2
    window.problems.clear()


def test_the_token_is_asked_for(browser, tmp_path):
    jackdaw = Jackdaw(tmp_path)
    with Server(jackdaw, "--require-token") as server, Window(browser, server) as window:
        window.open()
        window.page.fill("dialog input", "wrong")
        window.page.press("dialog input", "Enter")
        window.find("dialog", has_text="this is not the token").wait_for()
        window.page.fill("dialog input", server.token)
        window.page.press("dialog input", "Enter")
        window.find(".empty", has_text="There are no documents yet").wait_for()
        window.screenshot("base-empty")
        assert all("401" in problem for problem in window.problems)
        window.problems.clear()


# ---- search, library, models ----

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


# ---- colours, sizes, keys, languages ----

def paper(window):
    colour = window.page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3


def test_dark(browser, server, told):
    told.reply = say(ANSWER)
    with Window(browser, server, color_scheme="dark") as window:
        window.open()
        assert paper(window) < 60
        window.ask(QUESTION)
        window.screenshot("chat-dark")
        window.page.click("#theme")
        assert paper(window) > 200
        window.page.reload()
        assert paper(window) > 200


def test_phone(browser, server, told):
    told.reply = say(ANSWER)
    with Window(browser, server, (390, 844), has_touch=True, is_mobile=True) as window:
        window.open()
        turn = window.ask(QUESTION)
        assert window.find(".evidence").is_hidden()
        turn.locator(".sources-of").click()
        window.find(".evidence .source").first.wait_for()
        window.screenshot("phone-sources")
        window.page.click(".evidence header button")
        window.screenshot("phone-chat")
        for view in ("chat", "search?q=softmax", "library", "library/map", "models"):
            window.open(f"#/{view}")
            window.find("main > section").wait_for()
            window.find(".example, .hit, .document-open, .legend li, .known").first.wait_for()
            wide = window.page.evaluate("document.scrollingElement.scrollWidth")
            assert wide <= 390, f"{view} is {wide} wide"
            window.screenshot(f"phone-{view.split('?')[0].replace('/', '-')}")


def test_keyboard_alone(window):
    page = window.open()
    window.find(".example").first.wait_for()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    window.find(".turn .actions").wait_for()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.classList.contains('cite')"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    window.find(".viewer .here").wait_for()
    page.keyboard.press("Escape")
    window.find(".viewer").wait_for(state="detached")
    assert page.evaluate("document.activeElement.classList.contains('cite')")
    nameless = page.evaluate("""[...document.querySelectorAll('button, a, input, select, textarea')].filter((element) =>
        element.checkVisibility() && !(element.ariaLabel || element.textContent.trim() || element.labels?.length)).map((e) => e.outerHTML)""")
    assert nameless == []


def test_spanish(browser, server):
    with Window(browser, server, locale="es-ES") as window:
        window.open("#/search?q=softmax")
        window.find(".hit").first.wait_for()
        assert window.find(".tabs").inner_text().split() == ["Chat", "Buscar", "Biblioteca", "Modelos"]
        assert window.page.evaluate("document.documentElement.lang") == "es"
        window.screenshot("search-spanish")
        window.page.select_option("#language", "en")
        window.find(".tabs", has_text="Library").wait_for()
        window.page.reload()
        window.find(".tabs", has_text="Library").wait_for()


# ---- without a browser ----

def words(language):
    source = (UI / "words" / f"{language}.js").read_text(encoding="utf-8")
    return json.loads(re.sub(r",(\s*)\}", r"\1}", source.removeprefix("export default ").rstrip().removesuffix(";")))


def test_every_word_is_in_both_languages():
    english, spanish = words("en"), words("es")
    assert set(english) == set(spanish)
    for name, text in english.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", spanish[name])), name
        assert ("|" in text) == ("|" in spanish[name]), name
    sources = "\n".join(path.read_text(encoding="utf-8") for path in UI.rglob("*.[jh][st]*") if "words" not in path.parts)
    used = set(re.findall(r'\bt\("([\w-]+)"', sources)) | set(re.findall(r'data-(?:text|label)="([\w-]+)"', sources))
    assert used <= set(english), used - set(english)
