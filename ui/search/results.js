/* What a search found: a grid of pictures and a list of passages. Of 1,000 only what is in sight is drawn. */
import { scoreLine } from "/chat/evidence.js";
import { empty, fill, h, icon, number } from "/dom.js";
import { pictureElement } from "/pictures.js";
import { remark } from "/problems.js";
import { t } from "/text.js";
import { openItem } from "/viewer.js";

function like(item) {
    const link = h("a.icon-button.small.like", { href: `#/search?like=${item.id}`, title: t("more-like-this") }, icon("like"));
    link.setAttribute("aria-label", t("more-like-this"));
    return link;
}

function pictureTile(item) {
    const words = item.caption || item.alt || item.document.title;
    return h("li.tile", { title: words },
             h("button.tile-open", { type: "button", onclick: () => openItem(item) },
               h("span.tile-picture", null, pictureElement(item)),
               h("span.tile-words", { dir: "auto" }, words)),
             h("span.tile-foot", null, scoreLine(item), like(item)));
}

function passageCard(item) {
    const snippet = item.snippet?.length ? item.snippet.map((piece) => piece.match ? h("mark", null, piece.text) : piece.text) : item.text.slice(0, 300);
    return h("li.hit", null,
             h("button.card", { type: "button", onclick: () => openItem(item) },
               h("span.hit-title", { dir: "auto" }, item.document.title,
                 item.section.length > 0 && h("span.soft", null, ` › ${item.section.join(" › ")}`), item.page && h("span.soft", null, ` · ${t("page", { n: item.page })}`)),
               h("span.hit-words", { dir: "auto" }, snippet)),
             h("span.hit-foot", null, scoreLine(item), like(item)));
}

const AT_ONCE = 60; /* elements made in a frame */

/** Shows lists, and of each the best n. */
export function createResults() {
    const parts = { texts: createPart("texts", "ol.hits", passageCard), pictures: createPart("pictures", "ul.tiles", pictureTile) };
    const nothing = h("div");
    const notes = h("ul.notes.tiny.soft");
    const element = h("div.results", { "aria-live": "off" }, nothing, parts.pictures.element, parts.texts.element, notes);
    let found = false;

    function check() {
        const any = parts.texts.kept + parts.pictures.kept > 0;
        fill(nothing, found && !any && empty("search", t("nothing-found"), t(parts.texts.all + parts.pictures.all > 0 ? "all-cut" : "nothing-found-words")));
    }

    return {
        element,
        fill(results) {
            found = true;
            parts.texts.fill(results.text);
            parts.pictures.fill(results.images);
            fill(notes, results.notes.map((note) => h("li", null, remark(note))));
        },
        keep(kind, n) {
            parts[kind].keep(n);
            check();
        },
        message(...words) {
            found = false;
            parts.texts.fill([]);
            parts.pictures.fill([]);
            fill(notes);
            fill(nothing, words);
        },
    };
}

function createPart(kind, tag, make) {
    const count = h("span.tag.number");
    const list = h(tag);
    const element = h("section", { hidden: true, "aria-label": t(kind) }, h("h2", null, t(kind), " ", count), list);
    const part = { element, kept: 0, all: 0 };
    let items = [], growing = 0;
    part.fill = (found) => {
        cancelAnimationFrame(growing);
        growing = 0;
        items = found;
        part.all = found.length;
        part.kept = 0;
        fill(list);
        element.hidden = true;
    };
    /* The elements that are kept and not there yet, some a frame. */
    function grow() {
        growing = 0;
        const end = Math.min(part.kept, list.children.length + AT_ONCE);
        list.append(...items.slice(list.children.length, end).map(make));
        if (end < part.kept)
            growing = requestAnimationFrame(grow);
    }
    /* Elements are made when they are first kept, and hidden when they no longer are. */
    part.keep = (n) => {
        for (let i = Math.min(n, part.kept); i < Math.max(n, part.kept) && i < list.children.length; i++)
            list.children[i].hidden = i >= n;
        part.kept = n;
        if (!growing && list.children.length < n)
            grow();
        count.textContent = number(n);
        element.hidden = n === 0;
    };
    return part;
}
