/* The chat: conversations, the thread, the evidence beside it. */
import { ApiError, events, get, path, pictureData, questionPicture, send } from "/api.js";
import { fill, h, iconButton, loading } from "/dom.js";
import { takeDrops, withPicture } from "/pictures.js";
import { errorBox, failed } from "/problems.js";
import { t } from "/text.js";
import { createTurn } from "./answer.js";
import { createComposer } from "./composer.js";
import { createConversations } from "./conversations.js";
import { createEvidence } from "./evidence.js";
import { makeExamples } from "./examples.js";

const TITLE_CHARS = 70;

export function createChat() {
    let conversation = null, turns = [], running = null, opened = false;

    const thread = h("div.thread", { role: "log", "aria-label": t("chat") });
    const scroller = h("div.scroller", { tabIndex: -1 }, thread);
    const composer = createComposer({ ask: (asked) => ask(asked), stop: () => running?.stop() });
    const list = createConversations({ gone: (id) => { if (id === conversation) location.hash = "#/chat"; } });
    const evidence = createEvidence(() => closeOver());
    const aside = iconButton("menu", t("conversations"), () => openOver("with-side", list.element), { className: "icon-button open-side" });
    const element = h("section.chat", { "aria-label": t("chat") }, list.element,
                      h("div.middle", null, aside, scroller, h("div.composer-place", null, composer.element,
                        h("p.tiny.soft.keys", null, t("keys")))), evidence.element);
    takeDrops(element, t("drop-question"), (transfer) => withPicture(transfer, composer.setPicture));
    scroller.addEventListener("click", () => element.matches(".with-side") && closeOver());

    /* Where the columns do not fit, one lies over the thread until it is closed; the focus goes there and comes back. */
    let before = null;
    function openOver(name, column) {
        before = document.activeElement;
        element.classList.add(name);
        if (getComputedStyle(column).position === "absolute")
            column.querySelector("a, button").focus();
    }

    function closeOver() {
        if (!element.matches(".with-side, .with-evidence"))
            return;
        const within = document.activeElement.closest(".side, .evidence");
        element.classList.remove("with-side", "with-evidence");
        if (within)
            before?.focus();
    }
    element.addEventListener("keydown", (event) => event.key === "Escape" && closeOver());

    /* ---- the turns ---- */

    let selected = null;
    function addTurn(asked) {
        const turn = createTurn(asked, {
            again: () => repeat(turn, turn.question),
            edit: (text) => repeat(turn, text),
            sources: (of, open) => {
                selected = of;
                evidence.show(of.answer, of.onuse);
                if (open)
                    openOver("with-evidence", evidence.element);
            },
            mark: (of, n, lit) => {
                if (lit && of !== selected)
                    evidence.show((selected = of).answer, of.onuse);
                evidence.mark(n, lit);
            },
            grown: () => atEnd && toEnd(),
        });
        if (!turns.length)
            fill(thread);
        turns.push(turn);
        thread.append(turn.element);
        return turn;
    }

    /* What grows is followed only by who reads its end. */
    let atEnd = true;
    const toEnd = () => { scroller.scrollTop = scroller.scrollHeight; };
    scroller.addEventListener("scroll", () => {
        atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
    }, { passive: true });

    /* ---- asking ---- */

    async function ensureConversation(text) {
        if (conversation)
            return;
        const title = text.length > TITLE_CHARS ? `${text.slice(0, TITLE_CHARS - 1)}…` : text;
        conversation = (await send("POST", "/conversations", { title })).id;
        history.replaceState(null, "", `#/chat/${conversation}`);
        list.load().then(() => list.setCurrent(conversation));
    }

    async function ask(asked) {
        running?.stop();
        const turn = addTurn(asked);
        const control = new AbortController();
        let id = null;
        const own = running = { stop: () => id ? send("DELETE", path`/ask/${id}`).catch(() => control.abort()) : control.abort() };
        composer.setBusy(true);
        atEnd = true;
        toEnd();
        try {
            turn.stage("search");
            await ensureConversation(asked.text);
            const body = { question: asked.text, conversation, ...asked.settings, ...(asked.picture && { image: asked.picture }) };
            await follow(turn, events("POST", "/ask", { body, signal: control.signal }), (name) => { id = name; });
            await rememberMessages();
        } catch (error) {
            turn.fail(error);
        } finally {
            if (running === own) {
                running = null;
                composer.setBusy(false);
            }
        }
    }

    async function follow(turn, stream, begun) {
        let over = false;
        for await (const { name, data } of stream) {
            if (name === "start")
                begun(data.id);
            else if (name === "stage")
                turn.stage(data.stage);
            else if (name === "query")
                turn.query(data.search_query);
            else if (name === "note")
                turn.note(data.text);
            else if (name === "evidence")
                turn.evidence(data);
            else if (name === "token")
                turn.token(data.text);
            else if (name === "error")
                throw new ApiError(0, data);
            else if (name === "done") {
                turn.finish(data);
                over = true;
            }
        }
        if (!over)
            throw new ApiError(0, { message: t("cut-off"), hint: t("cut-off-hint") });
    }

    /* The numbers under which the base keeps the questions: editing one needs them. */
    async function rememberMessages() {
        const { messages } = await get(path`/conversations/${conversation}`);
        const questions = messages.filter((message) => message.role === "user");
        const kept = turns.filter((turn) => turn.answer?.answer !== undefined);
        kept.forEach((turn, i) => { turn.message = questions[i]?.id; });
    }

    /* Asks a question again, changed or not: it and all that followed go. */
    async function repeat(turn, text) {
        running?.stop();
        const from = turns.indexOf(turn);
        try {
            const kept = turns.slice(from).find((one) => one.message);
            const picture = turn.picture && await pictureData(turn.picture);
            if (kept)
                await send("DELETE", path`/conversations/${conversation}/messages/${kept.message}`);
            turns.splice(from).forEach((one) => one.element.remove());
            await ask({ text, picture, settings: composer.settings() });
        } catch (error) {
            failed(error);
        }
    }

    /* ---- opening ---- */

    function reset(id) {
        running?.stop();
        conversation = id;
        turns = [];
        selected = null;
        evidence.show(null);
        list.setCurrent(id);
        fill(thread);
        element.classList.remove("with-side", "with-evidence");
    }

    async function open(id) {
        reset(id);
        fill(thread, loading());
        try {
            if (!id) {
                const examples = await makeExamples((text) => ask({ text, settings: composer.settings() }));
                /* Somebody may have asked in the meantime. */
                if (!conversation && !turns.length)
                    fill(thread, examples);
                return;
            }
            const whole = await get(path`/conversations/${id}`);
            if (id !== conversation)
                return;
            fill(thread);
            let turn = null;
            for (const message of whole.messages)
                if (message.role === "user")
                    turn = addTurn({ text: message.text, message: message.id, picture: message.content.image && questionPicture(id, message.id) });
                else if (turn)
                    turn.finish({ evidence: { text: [], images: [] }, citations: [], answered: true, ...message.content, answer: message.text });
            turns.filter((one) => !one.answer).forEach((one) => one.fail(new ApiError(0, { message: t("never-answered") })));
            toEnd();
        } catch (error) {
            fill(thread, errorBox(error, () => open(id)));
        }
    }

    function show([id = null]) {
        if (!opened) {
            list.load();
            composer.fillModels();
        }
        if (!opened || id !== conversation)
            open(id);
        opened = true;
        /* On a phone that would bring up the keyboard. */
        if (matchMedia("(hover: hover)").matches)
            composer.focus();
    }

    return { element, show };
}
