"""The chat of the page, in Chromium."""
import json
import re
import signal

from browsing import ANSWER, QUESTION, Window, browser, server, told, window  # noqa: F401
from conftest import ROOT, Jackdaw
from library import png
from servers.loopback import Stream
from servers.ollama import Ollama, line, model, say
from serving import Server


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


def test_an_answer_and_its_code_are_copied(window):
    """As they were written; the code also where the browser has no clipboard for pages."""
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.open()
    turn = window.ask(QUESTION)
    turn.locator(".actions").get_by_role("button", name="Copy").click()
    window.find(".toast", has_text="Copied").wait_for()
    assert window.page.evaluate("navigator.clipboard.readText()") == ANSWER
    window.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no clipboard')); }")
    turn.locator("pre").hover()
    turn.get_by_role("button", name="Copy the code").click()
    window.page.wait_for_function("navigator.clipboard.readText().then((text) => text.trim() === 'loss = cross_entropy(logits, targets)')")


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
    assert download.value.suggested_filename.endswith(".md")
    with window.page.expect_download() as download:
        current.get_by_text("JSON").click()
    exported = json.loads(download.value.path().read_text())
    assert [(m["role"], m["text"]) for m in exported["messages"]] == [(m["role"], m["text"]) for m in kept]
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


PICTURE = ROOT / "samples" / "handbook" / "retrieval pipeline.png"


def test_a_picture_is_pasted_and_dropped(window, told):
    told.reply = say("A pipeline [1].")
    window.open()
    window.paste(".composer textarea", PICTURE, "image/png")
    preview = window.find(".composer-picture img")
    preview.wait_for()
    pasted = preview.get_attribute("src")
    assert pasted.startswith("data:image/png;base64,")
    window.page.click("[aria-label='Remove the picture']")
    preview.wait_for(state="detached")
    window.drag("dragEnter", PICTURE)
    window.find(".drop", has_text="Drop a picture to ask about it").wait_for()
    window.screenshot("chat-drop")
    window.drag("dragOver", PICTURE)
    window.drag("drop", PICTURE)
    preview.wait_for()
    assert preview.get_attribute("src") == pasted and window.find(".drop").count() == 0
    window.screenshot("chat-picture")
    assert window.ask("What does this retrieval picture show?").locator(".asked-picture").is_visible()


def test_what_is_no_picture_is_refused_in_words(window, tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    window.open()
    window.drop(notes)
    window.find(".toast", has_text="no picture").wait_for()
    assert window.find(".composer-picture").is_hidden()


def test_the_picture_of_an_earlier_question(window, told, server):
    told.reply = say("It is a pipeline [1].")
    window.open()
    window.paste(".composer textarea", PICTURE, "image/png")
    window.find(".composer-picture img").wait_for()
    window.ask("What does this retrieval picture show?")
    window.page.reload()
    picture = window.find(".asked-picture")
    picture.wait_for()
    assert re.search(r"/api/v1/conversations/c\d+/messages/m\d+/thumbnail\?size=512$", picture.get_attribute("src"))
    picture.evaluate("(image) => image.decode()")
    assert picture.evaluate("(image) => image.naturalWidth") > 100
    bodies = []
    window.page.on("request", lambda request: request.url.endswith("/ask") and bodies.append(request.post_data_json))
    told.reply = say("Still a pipeline [1].")
    window.find(".turn .answer [title='Ask again']").click()
    window.find(".prose", has_text="Still a pipeline").wait_for()
    assert bodies[0]["image"].startswith("data:image/png;base64,")


def test_a_question_that_follows_up(window, told):
    meant = "What is the temperature of a softmax?"
    window.open()
    window.ask("What is a softmax?")
    told.rewording = say(meant)
    try:
        turn = window.ask("And its temperature?")
    finally:
        told.rewording = None
    assert turn.locator(".searched").inner_text() == f"Searched for “{meant}”"
    turn.locator(".how").click()
    assert meant in turn.locator(".details").inner_text() and "rewording" in turn.locator(".details").inner_text()
    window.screenshot("chat-follow-up")
    window.page.reload()
    window.find(".searched", has_text=meant).wait_for()


def test_the_server_goes_and_comes_back(browser, tmp_path):
    """Lost in the middle of an answer, then not there, then back: one sentence each, and the question can be asked again."""
    jackdaw = Jackdaw(tmp_path)
    jackdaw.ok("ingest", ROOT / "samples" / "handbook")
    replies = [Stream([line("It begins")], hold=True), say("It is whole [1].")]
    with Ollama([model("eyes:4b")], chat=replies) as ollama, \
            Server(jackdaw, env={"OLLAMA_HOST": ollama.host}) as server, Window(browser, server) as window:
        window.open()
        window.page.fill(".composer textarea", QUESTION)
        window.page.press(".composer textarea", "Enter")
        window.find(".prose", has_text="It begins").wait_for()
        server.stop(signal.SIGKILL)
        window.find(".turn .notice", has_text="The connection to the server was lost.").wait_for()
        assert window.find(".turn .prose").inner_text() == "It begins" and window.find(".pulse:visible").count() == 0
        window.screenshot("chat-lost")
        window.find(".turn button", has_text="Ask again").click()
        window.find(".turn .notice", has_text="The server does not answer.").wait_for()
        with Server(jackdaw, "--port", server.port, env={"OLLAMA_HOST": ollama.host}):
            window.find(".turn button", has_text="Ask again").click()
            window.find(".prose", has_text="It is whole").wait_for()
            window.find(".turn .actions").wait_for()
            assert window.find(".turn").count() == 1
        window.forget("ERR_")


def test_a_session_that_has_ended(browser, tmp_path, told):
    """The token is asked for in the middle, and what was under way goes on."""
    jackdaw = Jackdaw(tmp_path)
    jackdaw.ok("ingest", ROOT / "samples" / "handbook")
    with Server(jackdaw, "--require-token") as server, Window(browser, server) as window:
        window.open()
        for _ in range(2):
            window.page.fill("dialog input", server.token)
            window.page.press("dialog input", "Enter")
            window.find("dialog").wait_for(state="detached")
            window.find(".example, .turn .actions").first.wait_for()
            if window.find(".turn").count():
                break
            window.context.clear_cookies()
            window.page.fill(".composer textarea", QUESTION)
            window.page.press(".composer textarea", "Enter")
        assert window.find(".turn .prose").inner_text()
        window.forget("401")


def test_markdown_is_whole_however_late_the_page_begins(window):
    """Also where everything else was loaded before."""
    window.page.add_init_script("""
        const paint = window.requestAnimationFrame;
        window.requestAnimationFrame = (call) => {
            window.requestAnimationFrame = paint;
            window.addEventListener("load", () => setTimeout(call, 50));
        };""")
    window.open()
    window.find(".example").first.wait_for()
    turn = window.ask(QUESTION)
    turn.locator("table td").first.wait_for()
    turn.locator(".katex").first.wait_for()
