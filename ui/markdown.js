/*
 * Markdown to elements, with the libraries that were there when the program was built: marked takes
 * the text apart, KaTeX draws formulas, highlight.js colours code. Without marked plain.js does the
 * simple things.
 *
 * What is shown is built of marked's tokens, element by element: HTML in the text is shown as it is
 * written, pictures stay words, and nothing is fetched or executed.
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

let lexer = null;
/** Resolves when Markdown is understood in full; until then plain.js renders. */
export const ready = need("marked.min.js").then(() => {
    if (!window.marked)
        return;
    window.marked.use({ gfm: true, breaks: true, extensions: [formula] });
    lexer = window.marked.lexer;
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

/* The formula at the beginning of `text`, or undefined. */
function formulaAt(text) {
    for (const [open, close, block] of PAIRS) {
        const end = text.startsWith(open) ? text.indexOf(close, open.length) : -1;
        const source = text.slice(open.length, end);
        if (end > 0 && isFormula(open, source, text.slice(end + close.length)))
            return { type: "formula", raw: text.slice(0, end + close.length), source, block };
    }
    return undefined;
}

const formula = {
    name: "formula",
    level: "inline",
    start: (text) => {
        const at = text.search(/\$|\\[[(]/);
        return at < 0 ? undefined : at;
    },
    tokenizer: formulaAt,
};

function formulaElement({ source, block }) {
    const element = h(block ? "span.formula" : "span", { title: source }, source);
    const options = { displayMode: block, throwOnError: false, trust: false, maxSize: 50, maxExpand: 200, strict: "ignore" };
    need("katex.min.css");
    withLibrary("katex.min.js", "katex", () => window.katex.render(source, element, options));
    return element;
}

/* ---- code ---- */

/* Of what highlight.js makes, the texts and the names of their colours. */
function coloured(node) {
    return [...node.childNodes].map((child) => child.nodeType === Node.TEXT_NODE ? child.data
        : h("span", { className: child.className }, coloured(child)));
}

function codeElement({ text, lang }) {
    const code = h("code", null, text);
    const name = /^[\w+#-]+/.exec(lang || "")?.[0];
    if (name)
        withLibrary("highlight.min.js", "hljs", () => {
            if (!window.hljs.getLanguage(name))
                return;
            const html = window.hljs.highlight(name, text, true).value;
            code.replaceChildren(...coloured(new DOMParser().parseFromString(html, "text/html").body));
        });
    return h("pre", { tabIndex: 0 }, code,
             iconButton("copy", t("copy-code"), () => copyText(text), { className: "icon-button small copy" }));
}

/* ---- everything else ---- */

/* "&eacute;" */
function decode(text) {
    return text.includes("&") ? new DOMParser().parseFromString(text.replaceAll("<", "&lt;"), "text/html").documentElement.textContent : text;
}

function linkElement(token) {
    return /^(https?|mailto):/i.test(token.href) ? h("a", { href: token.href, target: "_blank", rel: "noopener noreferrer" }, inside(token))
        : h("span", null, inside(token));
}

function tableElement({ header, rows, align }) {
    const cell = (tag) => (one, i) => {
        const element = h(tag, null, inside(one));
        element.style.textAlign = align[i] || "";
        return element;
    };
    return h("div.scroll", { tabIndex: 0 },
             h("table", null, h("thead", null, h("tr", null, header.map(cell("th")))),
               h("tbody", null, rows.map((row) => h("tr", null, row.map(cell("td")))))));
}

const inside = (token) => (token.tokens || []).map(element);

const makers = {
    space: () => null,
    def: () => null,
    hr: () => h("hr"),
    br: () => h("br"),
    code: codeElement,
    formula: formulaElement,
    table: tableElement,
    link: linkElement,
    paragraph: (token) => h("p", null, inside(token)),
    heading: (token) => h(`h${Math.min(token.depth, 4)}`, null, inside(token)),
    blockquote: (token) => h("blockquote", null, inside(token)),
    list: (token) => h(token.ordered ? "ol" : "ul", { start: token.ordered ? token.start : undefined },
                       token.items.map((item) => h("li", null, item.task && (item.checked ? "☑ " : "☐ "), inside(item)))),
    strong: (token) => h("strong", null, inside(token)),
    em: (token) => h("em", null, inside(token)),
    del: (token) => h("del", null, inside(token)),
    codespan: (token) => h("code", null, token.raw.replace(/^`+|`+$/g, "").trim()),
    escape: (token) => token.raw.slice(1),
    image: (token) => token.raw,
    html: (token) => token.raw,
    text: (token) => token.tokens ? inside(token) : decode(token.raw),
};

function element(token) {
    return (makers[token.type] || makers.html)(token);
}

/** A fragment. */
export function render(text) {
    if (!lexer)
        return renderPlain(text);
    const fragment = document.createDocumentFragment();
    try {
        fragment.append(...lexer(text).map(element).flat(Infinity).filter((part) => part !== null));
    } catch {
        /* Nested too deeply for marked. */
        return renderPlain(text);
    }
    return fragment;
}
