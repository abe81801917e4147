"""The chat of the page, in Chromium."""
import re

from browsing import QUESTION, browser, server, told, window  # noqa: F401
from library import png
from servers.loopback import Stream
from servers.ollama import line, say


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
