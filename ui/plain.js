/* The little Markdown that is understood where the libraries are absent: paragraphs, headings, lists, code. */
import { h } from "/dom.js";

function inline(text) {
    return text.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*)/).map((part) => {
        if (/^`.+`$/.test(part))
            return h("code", null, part.slice(1, -1));
        return /^\*\*.+\*\*$/.test(part) ? h("strong", null, part.slice(2, -2)) : part;
    });
}

function block(lines) {
    const heading = /^(#{1,4})\s+(.*)/.exec(lines[0]);
    if (heading && lines.length === 1)
        return h(`h${heading[1].length}`, null, inline(heading[2]));
    for (const [tag, mark] of [["ul", /^\s*[-*]\s+/], ["ol", /^\s*\d+[.)]\s+/]])
        if (lines.every((line) => mark.test(line)))
            return h(tag, null, lines.map((line) => h("li", null, inline(line.replace(mark, "")))));
    return h("p", null, lines.map((line, i) => [i > 0 && h("br"), inline(line)]));
}

export function renderPlain(text) {
    const fragment = document.createDocumentFragment();
    /* Odd parts stand between fences. */
    text.split(/^```.*$/m).forEach((part, i) => {
        if (i % 2)
            fragment.append(h("pre", { tabIndex: 0 }, h("code", null, part.replace(/^\n/, ""))));
        else
            for (const lines of part.split(/\n\s*\n/).map((p) => p.split("\n").filter((l) => l.trim())))
                if (lines.length)
                    fragment.append(block(lines));
    });
    return fragment;
}
