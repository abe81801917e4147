/* One question and its answer, while it is written and after. */
import { shownPicture } from "/api.js";
import { add, button, copyText, duration, fill, h, icon, iconButton } from "/dom.js";
import { ready, render } from "/markdown.js";
import { errorBox, remark } from "/problems.js";
import { t } from "/text.js";
import { openItem } from "/viewer.js";
import { linkCites, withMarks } from "./cites.js";
import { details, sourcesOf } from "./evidence.js";

/* How often a growing answer is drawn anew. */
const DRAW_MS = 60;
/* From when on it is told how long one has been waiting. */
const SLOW_S = 5;

/**
 * `on`: { again(), edit(text), sources(turn), mark(n, on) }. A turn has its element, and
 * stage/query/evidence/token/note/finish/fail as the stream tells.
 */
export function createTurn(asked, on) {
    const turn = { question: asked.text, picture: asked.picture, message: asked.message, answer: null };
    const words = h("div.prose", { dir: "auto" });
    const waited = h("span.number", { "aria-hidden": "true" });
    const state = h("p.state", null, h("span.pulse", { "aria-hidden": "true" }), h("span"), waited);
    const searched = h("p.searched.tiny.soft", { hidden: true });
    const foot = h("footer.turn-foot");
    const body = h("div.answer", { "aria-busy": "true" }, searched, state, words, foot);
    let text = "", timer = 0, seconds = 0;
    const clock = setInterval(() => { waited.textContent = ++seconds < SLOW_S ? "" : duration(seconds * 1000); }, 1000);

    /* Nothing is waited for any more. */
    function rest() {
        clearInterval(clock);
        state.hidden = true;
    }

    const open = (n) => {
        const source = sourcesOf(turn.answer?.evidence)[n - 1];
        if (source)
            openItem(source);
    };
    const onuse = { open, mark: (n, lit) => {
        on.mark(turn, n, lit);
        words.querySelectorAll(`.cite[data-n="${n}"]`).forEach((cite) => cite.classList.toggle("lit", lit));
    } };
    turn.onuse = onuse;

    function draw() {
        timer = 0;
        fill(words, render(withMarks(text, turn.answer?.citations || [])));
        linkCites(words, sourcesOf(turn.answer?.evidence), onuse);
        on.grown();
    }

    turn.stage = (name) => { state.children[1].textContent = t(`stage-${name}`); };
    /* What a question that follows up was made into. */
    turn.query = (query) => {
        searched.hidden = !query;
        fill(searched, icon("search"), h("span", null, t("searched-for", { query })));
    };
    turn.evidence = (evidence) => {
        turn.answer = { ...turn.answer, evidence };
        on.sources(turn, false);
    };
    turn.token = (piece) => {
        rest();
        text += piece;
        timer ||= setTimeout(draw, DRAW_MS);
    };
    turn.note = (note) => fill(state.children[1], remark(note)[0]);

    turn.finish = (answer) => {
        clearTimeout(timer);
        turn.answer = answer;
        text = answer.answer;
        rest();
        turn.query(answer.search_query);
        body.removeAttribute("aria-busy");
        draw();
        body.classList.toggle("unanswered", !answer.answered);
        if (!answer.answered)
            body.prepend(h("p.unanswered-head", null, icon("info"), h("strong", null, t("not-in-documents"))));
        fill(foot, actions(turn, on, body), !answer.answered && ways(turn));
        on.sources(turn, false);
        on.grown();
    };

    turn.fail = (error) => {
        clearTimeout(timer);
        if (text)
            draw();
        rest();
        body.removeAttribute("aria-busy");
        const stopped = error.name === "AbortError" || error.code === "cancelled";
        fill(foot, stopped ? h("p.small.soft", null, t("stopped")) : errorBox(error),
             h("div.row", null, button(t("regenerate"), on.again, { name: "again" })));
        on.grown();
    };
    turn.element = h("article.turn", null, questionElement(turn, on), body);
    ready.then(() => turn.answer?.answer !== undefined && draw());
    return turn;
}

function questionElement(turn, on) {
    const words = h("div.asked-words", { dir: "auto" }, turn.question);
    return h("div.asked", null,
             turn.picture && h("img.asked-picture", { src: shownPicture(turn.picture), alt: t("picture-of-question") }), words,
             iconButton("edit", t("edit"), () => edit(words, turn, on), { className: "icon-button small" }));
}

/* The question becomes a field; sending it anew drops what followed. */
function edit(words, turn, on) {
    const field = h("textarea.field", { dir: "auto", value: turn.question, rows: 3, "aria-label": t("edit") });
    const end = () => form.replaceWith(words);
    const save = () => field.value.trim() && on.edit(field.value.trim());
    field.addEventListener("keydown", (event) => {
        if (event.key === "Escape")
            end();
        else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            save();
        }
    });
    const form = h("div.asked-edit", null, field, h("div.row", null, button(t("cancel"), end), button(t("resend"), save, { kind: "primary" })));
    words.replaceWith(form);
    field.focus();
}

function actions(turn, on, body) {
    const { answer } = turn;
    const n = sourcesOf(answer.evidence).length;
    const more = h("div", { hidden: true });
    const how = iconButton("info", t("how-found"), () => {
        more.hidden = !more.hidden;
        how.setAttribute("aria-expanded", String(!more.hidden));
        if (!more.firstChild)
            add(more, details(answer));
        more.scrollIntoView({ block: "nearest" });
    }, { className: "icon-button small how" });
    how.setAttribute("aria-expanded", "false");
    return [h("div.actions", null,
              iconButton("copy", t("copy"), () => copyText(answer.answer), { className: "icon-button small" }),
              iconButton("again", t("regenerate"), on.again, { className: "icon-button small" }), how,
              n > 0 && h("button.tag.sources-of", { type: "button", onclick: () => on.sources(turn, true) }, icon("sources"), t("sources-n", { n })),
              answer.complete === false && h("span.tag", null, t("incomplete")),
              h("span.tiny.soft.grow.cut.by", null, answer.model || t(`backend-${answer.backend}`))), more];
}

/* What one can do where the documents do not hold it. */
function ways(turn) {
    return h("div.row", null,
             h("a.button", { href: `#/search?q=${encodeURIComponent(turn.question)}` }, icon("search"), t("search-instead")),
             h("a.button", { href: "#/library" }, icon("plus"), t("add-documents")));
}
