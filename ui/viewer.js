/* A document in a dialog, at the place of a passage or a picture. */
import { get, path, picture, query, thumbnail } from "/api.js";
import { add, button, fill, h, iconButton } from "/dom.js";
import { pictureElement } from "/pictures.js";
import { errorBox } from "/problems.js";
import { t } from "/text.js";

const AROUND = 150; /* items before and after the place */

/** The address of a document, where it may be followed. */
function origin(uri) {
    return /^https?:\/\//i.test(uri) ? h("a.cut.small", { href: uri, target: "_blank", rel: "noopener noreferrer" }, uri)
        : h("span.cut.small.soft", { title: uri }, uri);
}

/* Rows of a table are kept as lines of "a | b | c", all with as many cells. */
function tableOf(part) {
    const rows = part.split("\n").map((line) => line.split(" | "));
    if (rows.length < 2 || rows[0].length < 2 || rows.some((row) => row.length !== rows[0].length))
        return null;
    const [head, ...body] = rows.map((row, i) => h("tr", null, row.map((cell) => h(i ? "td" : "th", null, cell))));
    return h("div.scroll", { tabIndex: 0, role: "region", "aria-label": t("table") }, h("table", null, h("thead", null, head), h("tbody", null, body)));
}

function passage(chunk, here) {
    return h(here ? "div.passage.prose.here" : "div.passage.prose", { id: `at-${chunk.id}`, dir: "auto", tabIndex: here ? -1 : undefined },
             chunk.text.split(/\n\n+/).map((part) => tableOf(part) || h("p", null, part)));
}

function figure(image, here) {
    const words = image.caption || image.alt || "";
    return h(here ? "figure.here" : "figure", { id: `at-${image.id}`, tabIndex: here ? -1 : undefined },
             pictureElement(image, { width: image.width || undefined, height: image.height || undefined, loading: here ? "eager" : "lazy" },
                            here ? picture(image.id) : thumbnail(image.id, 1024)),
             h("figcaption", null, words, " ", h("a", { href: `#/search?like=${image.id}` }, t("more-like-this"))));
}

const sectionOf = (item) => item.section.join(" › ");

/* Passages and pictures have each their own order; a picture stands where its section ends. */
function blocks(chunks, images, at) {
    const out = [], left = [...images];
    const putImages = (section) => {
        for (let i = 0; i < left.length;)
            if (section === null || sectionOf(left[i]) === section)
                out.push(figure(left[i], left.splice(i, 1)[0].id === at));
            else
                i++;
    };
    let section = null;
    for (const chunk of chunks) {
        if (sectionOf(chunk) !== section) {
            if (section !== null)
                putImages(section);
            section = sectionOf(chunk);
            out.push(h("h3.passage-section", { dir: "auto" }, section, chunk.page ? ` · ${t("page", { n: chunk.page })}` : ""));
        }
        out.push(passage(chunk, chunk.id === at));
    }
    putImages(section);
    putImages(null);
    return out;
}

/** `place`: the id of a passage or picture, and its ordinal; both may be absent. */
export async function openDocument(document_, place = {}) {
    const body = h("div.viewer-body", { tabIndex: 0 }, h("p.soft", null, t("loading")));
    const dialog = h("dialog.viewer", { "aria-label": document_.title },
                     h("header.viewer-head", null,
                       h("div.grow", null, h("h2", { dir: "auto" }, document_.title), origin(document_.uri)),
                       iconButton("close", t("close"), () => dialog.close())), body);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    window.addEventListener("hashchange", () => dialog.close(), { once: true });
    document.body.append(dialog);
    dialog.showModal();
    await load(body, document_, place, Math.max(0, (place.ordinal || 0) - AROUND));
}

async function load(body, document_, place, offset) {
    try {
        const found = await get(path`/documents/${document_.id}` + query({ limit: 2 * AROUND, offset }));
        const more = offset + 2 * AROUND < Math.max(found.document.chunks, found.document.images);
        fill(body);
        if (offset > 0)
            add(body, button(t("earlier"), () => load(body, document_, {}, Math.max(0, offset - 2 * AROUND))));
        add(body, blocks(found.chunks, found.images, place.id));
        if (more)
            add(body, button(t("later"), () => load(body, document_, {}, offset + 2 * AROUND)));
        const here = body.querySelector(".here");
        if (here) {
            here.focus({ preventScroll: true });
            here.scrollIntoView({ block: "center" });
        } else {
            body.scrollTop = 0;
        }
    } catch (error) {
        fill(body, errorBox(error, () => load(body, document_, place, offset)));
    }
}

/** Opens the document of an item at that item. */
export const openItem = (item) => openDocument(item.document, { id: item.id, ordinal: item.ordinal });
