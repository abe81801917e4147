/* What went wrong, and what the server remarks, in the language of the page. The server writes English: elsewhere what is
 * meant stands in the page's words, and the server's own, which say more, in small print below. */
import { button, h, toast, withOptions } from "/dom.js";
import { knows, language, t } from "/text.js";

const isForeign = () => language() !== "en";

/** The server's own words. */
export const english = (text, tag = "span") => isForeign() ? h(`${tag}.tiny`, { lang: "en" }, withOptions(text)) : h(tag, null, withOptions(text));

/** The parts of an error: { message, hint, code }. What the page itself says is in its language, and has a code of no word. */
export function explain({ code, message, hint }) {
    if (!isForeign() || !knows(`error-${code}`))
        return [h("strong", null, withOptions(message)), hint && h("p", null, withOptions(hint))];
    return [h("strong", null, t(`error-${code}`)), h("p.tiny", { lang: "en" }, withOptions(hint ? `${message} — ${hint}` : message))];
}

/** Tells of an error in passing. */
export function failed(error) {
    if (error.name === "AbortError")
        return;
    const [title, more] = explain(error);
    toast(title.textContent, more);
}

/** An error where the content would be. */
export const errorBox = (error, again) => h("div.notice.bad", { role: "alert" }, explain(error), again && h("p", null, button(t("again"), again)));

/* Remarks of searches and answers, by how they begin. */
const NOTES = [
    ["words-only", /^searched by words only/],
    ["no-words", /^the question has (no words|only words that are too common)/],
    ["long-question", /^the question is long/],
    ["quoted", /^answering with quoted passages/],
    ["answering", /^answering with (?<model>.+?) \(/],
    ["loading", /^waiting for (?<model>.+?) to load/],
    ["busy", /^(?<model>.+?) is busy: trying again$/],
    ["cut-off", /^the answer was cut off/],
    ["stopped", /^the answer was stopped on request/],
    ["broke-off", /^(.+ broke off, )?the answer is not complete/],
    ["too-long", /^the prompt did not fit/],
    ["unsupported", /^no source supports: (?<text>.+)$/],
    ["pixels", /^pixels: (?<model>.+)$/],
    ["no-pictures", /^(?<model>.+?) refused the pictures/],
];

/** A remark in the page's language where it is known, the server's words below. */
export function remark(text) {
    const known = isForeign() && NOTES.map(([name, pattern]) => ({ name, match: pattern.exec(text) })).find(({ match }) => match);
    return known ? [t(`note-${known.name}`, known.match.groups), h("br"), english(text)] : [english(text)];
}
