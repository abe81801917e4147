/* The sources beside an answer, and on demand how they were found. */
import { get, path } from "/api.js";
import { duration, fill, h, icon, iconButton, number, score } from "/dom.js";
import { pictureElement } from "/pictures.js";
import { english, failed, remark } from "/problems.js";
import { t } from "/text.js";
import { openItem } from "/viewer.js";

/** Sources in the order of their numbers: the texts, then the pictures. */
export const sourcesOf = (evidence) => [...(evidence?.text || []), ...(evidence?.images || [])];

const isPicture = (item) => item.id.startsWith("i");

export function meter(value) {
    const width = Math.max(0, Math.min(1, value ?? 0)) * 100;
    const bar = h("span.meter", { "aria-hidden": "true" }, h("span"));
    bar.firstChild.style.width = `${width}%`;
    return bar;
}

export function scoreLine(item) {
    const parts = ["dense", "keyword", "rerank"].filter((name) => item.scores?.[name] !== null && item.scores?.[name] !== undefined)
        .map((name) => `${t(`score-${name}`)} ${score(item.scores[name])}`);
    return h("span.score.number", { title: parts.join(" · ") }, meter(item.score), score(item.score),
             h("span.hidden", null, ` (${parts.join(", ")})`));
}

function card(item, n, cited, onuse) {
    const open = () => openItem(item);
    const words = isPicture(item) ? item.caption || item.alt || item.source : item.text;
    const parts = ["dense", "keyword", "rerank"].filter((name) => item.scores[name] !== null)
        .map((name) => `${t(`score-${name}`)} ${score(item.scores[name])}`);
    return h("li", null, h(cited ? "button.card.source.cited" : "button.card.source",
             { type: "button", dataset: { n }, onclick: open, onmouseenter: () => onuse.mark(n, true), onmouseleave: () => onuse.mark(n, false) },
             h("span.source-n", null, String(n)),
             h("span.source-body", null,
               h("span.source-title", { dir: "auto" }, item.document.title),
               item.section.length > 0 && h("span.source-section.cut", null, item.section.join(" › "), item.page ? ` · ${t("page", { n: item.page })}` : ""),
               isPicture(item) && pictureElement(item, { width: item.width || 256, height: item.height || 160 }),
               h("span.source-words", { dir: "auto" }, words),
               h("span.source-scores", null, scoreLine(item), h("span.tiny.soft", null, parts.join(" · "))))));
}

/** The panel; show() fills it for one answer, mark() lights a source up. */
export function createEvidence(onclose) {
    const title = h("h2", null, t("sources"));
    const body = h("div.evidence-body");
    const element = h("aside.evidence", { "aria-label": t("sources") },
                      h("header", null, title, h("span.grow"), iconButton("close", t("close"), onclose)), body);

    function show(answer, onuse) {
        const sources = sourcesOf(answer?.evidence);
        title.textContent = !sources.length ? t("sources") : answer.answered === false ? t("sources-closest") : t("sources-n", { n: sources.length });
        if (!sources.length) {
            fill(body, h("div.empty", null, icon("sources"), h("p.small", null, t(answer ? "sources-none" : "sources-empty"))));
            return;
        }
        const cited = new Set((answer.citations || []).map((citation) => citation.n));
        fill(body, h("ol.sources", null, sources.map((item, i) => card(item, i + 1, cited.has(i + 1), onuse))));
    }

    function mark(n, on) {
        const source = body.querySelector(`[data-n="${n}"]`);
        source?.classList.toggle("lit", on);
        if (on)
            source?.scrollIntoView({ block: "nearest" });
    }

    return { element, show, mark };
}

/* Of what was left out only the number is known. */
function openId(id) {
    const found = isPicture({ id }) ? get(path`/images/${id}`) : get(path`/chunks/${id}`);
    found.then(openItem).catch(failed);
}

/** What was searched, found, left out, and how long it took. */
export function details(answer) {
    const times = answer.timings_ms || {};
    const rows = [[t("searched"), answer.search_query || answer.question],
                  [t("found"), [["texts", answer.evidence.text.length], ["pictures", answer.evidence.images.length]].map(([kind, n]) => t(`found-${kind}`, { n })).join(", ")]];
    if (answer.left_out?.length)
        rows.push([t("left-out"), h("ul", null, answer.left_out.map((left) => h("li", null, h("button.plain", { type: "button", onclick: () => openId(left.id) }, t(isPicture(left) ? "picture-id" : "passage-id", { id: left.id })), " ", english(left.reason))))]);
    rows.push([t("took"), [["rewrite", times.rewrite], ["search", times.search], ["first-token", times.first_token], ["total", times.total]]
        .filter(([, value]) => typeof value === "number").map(([name, value]) => `${t(`took-${name}`)} ${duration(value)}`).join(" · ")]);
    rows.push([t("answered-by"), answer.model ? `${answer.model} (${answer.backend})` : t(`backend-${answer.backend}`)]);
    if (answer.notes?.length)
        rows.push([t("notes"), h("ul", null, answer.notes.map((note) => h("li", null, remark(note))))]);
    return h("dl.details", null, rows.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]));
}
