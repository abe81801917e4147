/* The documents of the knowledge base: filtered, ordered, opened, deleted. */
import { get, path, query, send } from "/api.js";
import { add, button, bytes, empty, fill, h, iconButton, later, loading, number, question, time } from "/dom.js";
import { errorBox, failed } from "/problems.js";
import { t } from "/text.js";
import { openDocument } from "/viewer.js";

const PAGE = 100;
const ORDERS = ["newest", "oldest", "title", "changed"];

/** `erasing` is called when a job was made that erases a collection. */
export function createDocuments(erasing) {
    let collection = "", shown = 0, turn = 0;
    const chips = h("div.row.collections", { role: "group", "aria-label": t("collections") });
    const title = h("input.field", { type: "search", placeholder: t("filter-title"), "aria-label": t("filter-title"), oninput: later(200, () => load()) });
    const order = h("select", { "aria-label": t("order"), onchange: () => load() }, ORDERS.map((name) => h("option", { value: name }, t(`order-${name}`))));
    const rows = h("tbody");
    const table = h("table.documents", null, h("thead", null, h("tr", null,
        ["document", "passages", "pictures", "size", "changed"].map((name) => h("th", { scope: "col" }, t(`column-${name}`))), h("th", null, h("span.hidden", null, t("delete"))))), rows);
    const rest = h("div.row.rest");
    const nothing = h("div", null, loading());
    const erase = h("span");
    const head = h("div.row.documents-head", null, chips, erase, h("span.grow"), title, order);
    const element = h("section", { "aria-label": t("documents") }, head, nothing, h("div.scroll", null, table), rest);

    async function remove(one) {
        try {
            if (!await question(t("delete-document"), { words: one.title, action: t("delete"), danger: true }))
                return;
            await send("DELETE", path`/documents/${one.id}`);
            await reload();
        } catch (error) {
            failed(error);
        }
    }

    function row(one) {
        return h("tr", null,
                 h("td", null, h("button.plain.document-open", { dir: "auto", type: "button", title: one.uri, onclick: () => openDocument(one) }, one.title),
                   h("span.tiny.soft.cut.document-uri", null, one.uri.replace(/^upload:\/*/, ""))),
                 h("td.number", null, number(one.chunks)), h("td.number", null, number(one.images)), h("td.number", null, bytes(one.size)),
                 h("td.number", null, one.mtime > 0 ? time(one.mtime) : "–"),
                 h("td", null, iconButton("trash", t("delete-named", { title: one.title }), () => remove(one), { className: "icon-button small" })));
    }

    async function load(more) {
        const mine = ++turn, offset = more ? shown : 0;
        try {
            const found = await get("/documents" + query({ collection, title: title.value.trim(), order: order.value, limit: PAGE, offset }));
            if (mine !== turn)
                return;
            shown = offset + found.documents.length;
            if (!offset)
                fill(rows);
            add(rows, found.documents.map(row));
            const filtered = title.value || collection;
            table.hidden = shown === 0;
            head.hidden = rest.hidden = shown === 0 && !filtered;
            fill(nothing, shown === 0 && (filtered ? empty("search", t("nothing-found"))
                : empty("library", t("base-empty"), t("base-empty-words"))));
            fill(rest, h("span.small.soft.number", null, t("shown-of", { shown: number(shown), n: found.total, all: number(found.total) })),
                 shown < found.total && button(t("show-more"), () => load(true)));
        } catch (error) {
            table.hidden = true;
            fill(rest);
            fill(nothing, errorBox(error, () => load()));
        }
    }

    async function removeCollection(name, n) {
        try {
            if (!await question(t("delete-collection", { title: name }), { words: t("delete-collection-words", { n, count: number(n) }),
                                                                           action: t("delete-collection-do", { n, count: number(n) }), danger: true }))
                return;
            await send("DELETE", path`/collections/${name}`);
            collection = "";
            erasing();
        } catch (error) {
            failed(error);
        }
    }

    async function loadCollections() {
        const { collections } = await get("/collections");
        const chip = (name, label, count) => h("button.button.chip", { type: "button", "aria-pressed": String(name === collection), onclick: () => {
            collection = name;
            reload();
        } }, label, h("span.soft.number", null, number(count)));
        const all = collections.reduce((sum, one) => sum + one.documents, 0);
        fill(chips, collections.length > 1 && [chip("", t("all-collections"), all), collections.map((one) => chip(one.name, one.name, one.documents))]);
        const shownOne = collections.find((one) => one.name === collection) || (collections.length === 1 ? collections[0] : null);
        fill(erase, shownOne && button(t("delete-collection-button"), () => removeCollection(shownOne.name, shownOne.documents),
                                       { name: "trash", kind: "danger", title: t("delete-collection", { title: shownOne.name }) }));
    }

    const reload = () => Promise.all([load(), loadCollections().catch(failed)]);
    return { element, load: reload };
}
