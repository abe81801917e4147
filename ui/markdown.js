/*
 * Markdown to elements. With the libraries that were there when the program was built: markdown-it
 * (which takes no HTML), DOMPurify over what it makes, KaTeX for formulas, highlight.js for code.
 * Without them plain.js does the simple things.
 */
import { copyText, h, iconButton } from "/dom.js";
import { files } from "/libraries.js";
import { renderPlain } from "/plain.js";
import { t } from "/text.js";

const loading = {};

/** Has a library loaded, once. Resolves where it is absent, too. */
function need(name) {
    return loading[name] ||= new Promise((resolve) => {
        if (!files.includes(name)) {
            resolve();
            return;
        }
        const element = name.endsWith(".css") ? h("link", { rel: "stylesheet", href: `/lib/${name}` })
            : h("script", { src: `/lib/${name}` });
        element.onload = element.onerror = resolve;
        document.head.append(element);
    });
}

let parser = null;
/** Resolves when Markdown is understood in full; until then plain.js renders. */
export const ready = Promise.all([need("markdown-it.min.js"), need("purify.min.js")]).then(() => {
    if (window.markdownit && window.DOMPurify)
        parser = window.markdownit({ html: false, linkify: true, breaks: true }).use(formulas);
});

/* The larger ones come when there is something for them; `draw` at once where they are there. */
function withLibrary(name, global, draw) {
    if (window[global])
        draw();
    else
        need(name).then(() => window[global] && draw());
}

/* ---- formulas: $...$, \(...\), $$...$$, \[...\] ---- */

const PAIRS = [["$$", "$$", true], ["\\[", "\\]", true], ["\\(", "\\)", false], ["$", "$", false]];

/* "costs $5 or $10" is no formula: a lone dollar sign stands close to what it encloses. */
function isFormula(open, text, after) {
    return text.trim() !== "" && (open !== "$" || (!/^\s|\s$/.test(text) && !/^\d/.test(after) && !text.includes("\n")));
}

function formulas(markdown) {
    markdown.inline.ruler.before("escape", "formula", (state, silent) => {
        const rest = state.src.slice(state.pos, state.posMax);
        for (const [open, close, block] of PAIRS) {
            const end = rest.startsWith(open) ? rest.indexOf(close, open.length) : -1;
            if (end < 0 || !isFormula(open, rest.slice(open.length, end), rest.slice(end + close.length)))
                continue;
            if (!silent) {
                const token = state.push("formula", "span", 0);
                token.content = rest.slice(open.length, end);
                token.block = block;
            }
            state.pos += end + close.length;
            return true;
        }
        return false;
    });
    const escape = markdown.utils.escapeHtml;
    markdown.renderer.rules.formula = (tokens, i) =>
        `<span class="formula-source${tokens[i].block ? " formula" : ""}">${escape(tokens[i].content)}</span>`;
}

function drawFormula(element) {
    const source = element.textContent;
    const options = { displayMode: element.classList.contains("formula"), throwOnError: false, trust: false, maxSize: 50, maxExpand: 200,
                      strict: "ignore" };
    element.title = source;
    need("katex.min.css");
    withLibrary("katex.min.js", "katex", () => window.katex.render(source, element, options));
}

/* ---- code, tables, links ---- */

function finishCode(pre) {
    const code = pre.querySelector("code");
    const text = code ? code.textContent : pre.textContent;
    const language = code && /language-([\w+#-]+)/.exec(code.className);
    if (language)
        withLibrary("highlight.min.js", "hljs", () => {
            if (window.hljs.getLanguage(language[1]))
                code.replaceChildren(clean(window.hljs.highlight(language[1], text, true).value));
        });
    pre.append(iconButton("copy", t("copy-code"), () => copyText(text.replace(/\n$/, "")), { className: "icon-button small copy" }));
    pre.tabIndex = 0;
}

function clean(html) {
    return window.DOMPurify.sanitize(html, {
        RETURN_DOM_FRAGMENT: true, USE_PROFILES: { html: true }, FORBID_TAGS: ["style", "form", "input", "button", "img", "video", "audio"],
        FORBID_ATTR: ["style", "id", "name"], ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i });
}

function finish(root) {
    for (const link of root.querySelectorAll("a")) {
        link.target = "_blank";
        link.rel = "noopener noreferrer";
    }
    for (const table of root.querySelectorAll("table")) {
        const around = h("div.scroll", { tabIndex: 0 });
        table.replaceWith(around);
        around.append(table);
    }
    root.querySelectorAll("pre").forEach(finishCode);
}

/** A fragment. Nothing in `text` is ever executed, and nothing in it is fetched: pictures stay words. */
export function render(text) {
    if (!parser)
        return renderPlain(text);
    const fragment = clean(parser.render(text));
    fragment.querySelectorAll(".formula-source").forEach(drawFormula);
    finish(fragment);
    return fragment;
}
