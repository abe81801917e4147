"""What others wrote does nothing in the page, and nobody comes in without the token."""
import re

from browsing import QUESTION, Window, browser, server, told, window  # noqa: F401
from conftest import Jackdaw
from servers.ollama import say
from serving import Server

XSS = """<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1"> [1]
[here](javascript:window.hacked=1) ![p](https://example.invalid/p.png) <svg/onload=window.hacked=1>
<a href="javascript:window.hacked=1">b</a> `<b onclick=window.hacked=1>` $\\href{javascript:window.hacked=1}{x}$

```html
<script>window.hacked = 1</script>
```"""


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
    def without(route):
        script, found = re.subn(r"^const files = \[.*\];$", "const files = [];", route.fetch().text(), flags=re.M)
        assert found == 1
        route.fulfill(body=script, content_type="text/javascript")
    window.page.route("**/page.js", without)
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
