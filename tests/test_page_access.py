"""The page for everybody: names and roles for screen readers, contrast, sizes, the keyboard, long and foreign texts."""
import pytest

from browsing import ANSWER, QUESTION, Window, browser, server, told, window  # noqa: F401
from conftest import ROOT, Jackdaw
from library import png
from models import make
from servers.hub import Hub, read_folder
from servers.ollama import say
from serving import Server

CHECKS = (ROOT / "tests" / "page_checks.js").read_text(encoding="utf-8")
REPOSITORY = "someone/small-bert"
SHOWN = {"search?q=softmax": ".hit", "library": ".document-open", "library/map": ".legend li", "models": ".known"}


def own_problems(page):
    return page.evaluate(f"({CHECKS})()")


def axe_problems(page):
    """What axe-core holds against the page that is serious or critical."""
    from axe_playwright_python.sync_playwright import Axe
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']} ({one['impact']}): {node['html'][:160]}: {node['failureSummary']}"
            for one in found if one["impact"] in ("serious", "critical") for node in one["nodes"]]


@pytest.fixture(params=["own", "axe"])
def check(request):
    """check(window, name): nothing is wrong with what the window shows."""
    if request.param == "axe":
        pytest.importorskip("axe_playwright_python", reason="axe-core is not installed (tests/requirements.txt)")
    find = {"own": own_problems, "axe": axe_problems}[request.param]

    def judge(window, name):
        problems = find(window.page)
        assert not problems, f"{name}:\n" + "\n".join(problems)
    return judge


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_everything_can_be_read_and_named(browser, server, told, check, colours, size):
    told.reply = say(ANSWER)
    with Window(browser, server, size, color_scheme=colours) as window:
        window.open()
        window.find(".example").first.wait_for()
        check(window, "empty")
        turn = window.ask(QUESTION)
        turn.locator(".how").click()
        check(window, "chat")
        turn.locator(".cite").first.click()
        window.find(".viewer .here").wait_for()
        check(window, "viewer")
        window.page.keyboard.press("Escape")
        told.reply = say("The documents do not hold an answer to this question.")
        window.ask("How much does contrastive learning cost in Lisbon?")
        check(window, "unanswered")
        for view, ready in SHOWN.items():
            window.open(f"#/{view}")
            window.find(ready).first.wait_for()
            check(window, view)


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_what_is_under_way_and_what_is_asked(browser, tmp_path, check, colours, size):
    """A sending, a job that runs, those that ended badly, and dialogs."""
    files = read_folder(make("bert-mean", tmp_path / "models"))
    jackdaw = Jackdaw(tmp_path)
    jackdaw.ok("ingest", ROOT / "samples" / "handbook")
    with Hub({REPOSITORY: files}) as hub, Server(jackdaw, env={"HF_ENDPOINT": hub.url}) as server, \
            Window(browser, server, size, color_scheme=colours) as window:
        hub.faults["model.safetensors"] = [("hold", 10_000)]
        window.open("#/models")
        window.page.fill(".pull input", REPOSITORY)
        window.page.click(".pull button")
        window.find(".job .job-now", has_text=" kB").wait_for()
        check(window, "running")
        window.find(".job").get_by_role("button", name="Stop").click()
        window.find(".job .tag", has_text="Stopped").wait_for()
        check(window, "stopped")
        window.open("#/library")
        window.find(".document-open").first.wait_for()
        release = window.hold("**/api/v1/ingest")
        window.page.set_input_files(".add input[type=file] >> nth=0", {"name": "broken.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\nnonsense"})
        window.find(".sending progress").wait_for()
        check(window, "sending")
        release()
        window.find(".job .problems li").first.wait_for()
        check(window, "skipped")
        window.find(".documents [aria-label^=Delete]").first.click()
        window.find("dialog .danger").wait_for()
        check(window, "a question")
        window.page.keyboard.press("Escape")
        window.find("dialog").wait_for(state="detached")


def test_a_dialog_keeps_the_focus(window):
    """Tab goes round in it; Escape leaves it, and one is where one was."""
    page = window.open("#/library")
    window.find(".document-open").first.wait_for()
    window.find(".document-open").first.focus()
    page.keyboard.press("Enter")
    window.find(".viewer .passage, .viewer figure").first.wait_for()
    for key in ["Tab"] * 12 + ["Shift+Tab"] * 12:
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    window.find(".viewer").wait_for(state="detached")
    assert page.evaluate("document.activeElement.matches('.document-open')")


def test_escape_closes_what_lies_over(browser, server, told):
    """And one is where one was: the menu of a conversation, the sources and the conversations in a narrow window."""
    told.reply = say(ANSWER)
    focused = "document.activeElement.matches('%s')"
    with Window(browser, server, (800, 800)) as window:
        page = window.open()
        turn = window.ask(QUESTION)
        turn.locator(".sources-of").focus()
        page.keyboard.press("Enter")
        window.find(".evidence .source").first.wait_for()
        assert page.evaluate("!!document.activeElement.closest('.evidence')")
        page.keyboard.press("Escape")
        window.find(".evidence").wait_for(state="hidden")
        assert page.evaluate(focused % ".sources-of")
        window.find(".open-side").focus()
        page.keyboard.press("Enter")
        summary = window.find(".menu summary").first
        summary.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("!!document.activeElement.closest('.menu-body')")
        page.keyboard.press("Escape")
        assert summary.evaluate("(element) => element === document.activeElement && !element.parentElement.open")
        assert window.find(".side").is_visible()
        page.keyboard.press("Escape")
        window.find(".side").wait_for(state="hidden")
        assert page.evaluate(focused % ".open-side")


def test_every_control_shows_that_it_has_the_focus(window):
    page = window.open("#/search?q=softmax")
    window.find(".hit").first.wait_for()
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name, shown = page.evaluate("""() => {
            const element = document.activeElement, style = (of) => getComputedStyle(of);
            const rings = [element, element.nextElementSibling, element.closest("form")].filter(Boolean);
            return [element.outerHTML.slice(0, 80), element === document.body || rings.some((one) =>
                style(one).outlineStyle !== "none" || (one.matches("form") && style(one).borderColor !== style(document.querySelector(".panel")).borderColor))];
        }""")
        reached.add(name)
        assert shown, name
    assert len(reached) > 25


LONG = "An unusually long title of a document that goes on and on, " * 4 + "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3
ARABIC = "# النعام والزرافات\n\nتعيش النعام في السهول المفتوحة وتجري بسرعة كبيرة zebrafish.\n"


def test_long_and_foreign_texts(browser, tmp_path, told, check):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "long.md").write_text(f"# {LONG}\n\n## {LONG}\n\nThe zebrafish is a small fish. {'x' * 400}\n", encoding="utf-8")
    (folder / "arabic.md").write_text(ARABIC, encoding="utf-8")
    columns = " | ".join(f"column{i}" for i in range(30))
    (folder / "table.md").write_text(f"# Table\n\n| {columns} |\n|{'---|' * 30}\n| {columns.replace('column', 'zebrafish')} |\n")
    (folder / "a picture with a very long name that no tile can hold in one line or two of them.png").write_bytes(png(400, 30, (10, 120, 200)))
    jackdaw = Jackdaw(tmp_path)
    jackdaw.ok("ingest", folder)
    with Server(jackdaw) as server:
        for size, name in ((1280, 800), "wide"), ((390, 844), "phone"):
            with Window(browser, server, size) as window:
                window.open()
                turn = window.ask("What is a zebrafish?")
                check(window, "chat")
                window.screenshot(f"long-chat-{name}")
                turn.locator(".sources-of").click()
                window.find(".source", has_text="zebrafish").first.click()
                window.find(".viewer .here").wait_for()
                cell = window.find(".viewer .here td").last
                assert cell.inner_text() == "zebrafish29" and cell.evaluate("(element) => element.clientHeight") < 40
                check(window, "viewer")
                window.screenshot(f"long-viewer-{name}")
                for view, ready in ("search?q=zebrafish", ".hit"), ("library", ".document-open"):
                    window.open(f"#/{view}")
                    window.find(ready).first.wait_for()
                    check(window, view)
                    window.screenshot(f"long-{view.split('?')[0]}-{name}")
                arabic = window.find(".document-open", has_text="النعام")
                assert arabic.evaluate("(element) => getComputedStyle(element).direction") == "rtl"
