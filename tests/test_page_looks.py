"""How the page looks and is used: colours, sizes, keys, languages."""
import json
import re

from browsing import ANSWER, QUESTION, Window, browser, server, told, window  # noqa: F401
from conftest import ROOT
from servers.ollama import say

UI = ROOT / "ui"


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


def test_the_frame_is_painted_without_a_script(browser, server):
    """From HTML and CSS alone; in the colours and without the words of another language than the page's."""
    with Window(browser, server, locale="es-ES", color_scheme="dark") as window:
        release = window.hold("**/page.js")
        window.page.goto(server.url, wait_until="commit")
        window.page.evaluate("new Promise((done) => new PerformanceObserver(done).observe({ type: 'paint', buffered: true })).then(() => true)")
        assert window.find(".bar .brand").is_visible() and not window.find(".tabs span").first.is_visible()
        assert paper(window) < 60 and window.page.evaluate("document.documentElement.lang") == "es"
        release()
        window.find(".tabs", has_text="Biblioteca").wait_for()
        assert window.find(".tabs span").first.is_visible()


def test_spanish_without_english(browser, server):
    """What the server says stands in English below what is meant, small and marked as English."""
    refusal = {"error": {"code": "busy", "message": "the server has too much to do", "hint": "try again in a moment"}}
    with Window(browser, server, locale="es-ES") as window:
        window.page.route("**/api/v1/search", lambda route: route.fulfill(status=503, body=json.dumps(refusal), content_type="application/json"))
        window.open("#/search?q=softmax")
        notice = window.find(".notice")
        notice.wait_for()
        assert notice.locator("strong").inner_text() == "El servidor está ocupado"
        assert notice.locator("[lang=en].tiny").inner_text() == "the server has too much to do — try again in a moment"
        window.screenshot("search-refused-spanish")
        window.open("#/library")
        window.page.fill(".add-path input", "/etc")
        window.page.click(".add-path button")
        window.find(".toast", has_text="Eso no está permitido").wait_for()
        assert "in no folder" in window.find(".toast [lang=en]").inner_text()
        window.page.select_option("#language", "en")
        window.page.set_input_files(".add input[type=file] >> nth=0", {"name": "broken.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\nnonsense"})
        window.find(".problems li", has_text="broken.png").first.wait_for()
        assert window.find(".problems [lang=en]").count() == 0
        window.page.select_option("#language", "es")
        window.find(".problems li [lang=en]").first.wait_for()
        window.open("#/chat")
        window.page.select_option(".composer select", "extract")
        turn = window.ask("¿Qué es softmax?")
        turn.locator(".how").click()
        assert "Se buscó solo por palabras" in turn.locator(".details").inner_text()
        mine = turn.locator(".details").evaluate("""(list) => {
            const copy = list.cloneNode(true);
            copy.querySelectorAll("[lang=en]").forEach((one) => one.remove());
            return copy.innerText;
        }""")
        assert not re.search(r"\b(the|with|by|was|searched|answering)\b", mine), mine
        window.screenshot("chat-details-spanish")
        window.forget("503", "403")



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
