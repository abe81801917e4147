/* Numbers of sources in what a model wrote become buttons. */
import { h } from "/dom.js";
import { t } from "/text.js";

const MARK = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/g;

/**
 * The answer with "[2]" behind the sentences whose sources the program found itself. Citations
 * count in bytes of UTF-8.
 */
export function withMarks(text, citations) {
    const data = new TextEncoder().encode(text), decoder = new TextDecoder();
    const places = new Map(); /* end -> numbers */
    for (const { n, start, end } of citations) {
        const sentence = decoder.decode(data.subarray(start, end));
        const written = [...sentence.matchAll(MARK)].some((mark) => mark[1].split(/[,;]/).map(Number).includes(n));
        const fences = decoder.decode(data.subarray(0, end)).split("```").length - 1;
        if (!written && fences % 2 === 0)
            places.set(end, [...(places.get(end) || []), n]);
    }
    let out = "", from = 0;
    for (const end of [...places.keys()].sort((a, b) => a - b)) {
        const before = decoder.decode(data.subarray(from, end)), marks = places.get(end).map((n) => ` [${n}]`).join("");
        /* Behind the bar that ends a table's row would be a cell too many. */
        out += /\|\s*$/.test(before) ? before.replace(/\s*\|\s*$/, (bar) => marks + bar) : before + marks;
        from = end;
    }
    return out + decoder.decode(data.subarray(from));
}

function chips(text, sources, onuse) {
    const out = [];
    let from = 0;
    for (const mark of text.matchAll(MARK)) {
        const numbers = mark[1].split(/[,;]/).map(Number);
        if (!numbers.every((n) => n >= 1 && n <= sources.length))
            continue;
        out.push(text.slice(from, mark.index), ...numbers.map((n) => chip(n, sources[n - 1], onuse)));
        from = mark.index + mark[0].length;
    }
    return out.length ? [...out, text.slice(from)] : null;
}

function chip(n, source, onuse) {
    const button = h("button.cite", { type: "button", dataset: { n }, title: source.document?.title || "",
                                      onclick: () => onuse.open(n), onmouseenter: () => onuse.mark(n, true), onfocus: () => onuse.mark(n, true),
                                      onmouseleave: () => onuse.mark(n, false), onblur: () => onuse.mark(n, false) }, String(n));
    button.setAttribute("aria-label", t("source-n", { n, title: source.document?.title || "" }));
    return button;
}

/** Replaces "[n]" in the texts below `root`, except in code. */
export function linkCites(root, sources, onuse) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode())
        if (walker.currentNode.data.includes("[") && !walker.currentNode.parentElement?.closest("code, pre, a, .katex"))
            texts.push(walker.currentNode);
    for (const text of texts) {
        const parts = chips(text.data, sources, onuse);
        if (parts)
            text.replaceWith(...parts.filter((part) => part !== ""));
    }
}
