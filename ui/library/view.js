/* The library: documents, adding to them, and the map of what they mean. */
import { get, send } from "/api.js";
import { button, bytes, fill, h, number } from "/dom.js";
import { createJobs } from "/jobs.js";
import { failed } from "/problems.js";
import { t } from "/text.js";
import { createAdd } from "./add.js";
import { createDocuments } from "./documents.js";
import { createMap } from "./map.js";

export function createLibrary() {
    const stats = h("p.soft.small.number");
    const parts = h("nav.segments.parts", { "aria-label": t("library") }, ["documents", "map"].map((name) =>
        h("a", { href: name === "map" ? "#/library/map" : "#/library", dataset: { name } }, t(name))));
    const documents = createDocuments(() => jobs.load());
    const map = createMap();
    const jobs = createJobs(["ingest", "embed", "erase"], () => {
        documents.load();
        count();
    });
    const body = h("div.library-body");
    const element = h("section", { "aria-label": t("library") });
    const list = h("div.library-body", null, createAdd(element, () => jobs.load()), jobs.element, documents.element);
    element.append(h("div.sheet", null, h("div.row", null, h("div.grow", null, h("h1", null, t("library")), stats), parts,
        button(t("embed"), embed, { name: "again", title: t("embed-words") })), body));

    async function embed() {
        try {
            await send("POST", "/embed", {});
            location.hash = "#/library";
            jobs.load();
        } catch (error) {
            failed(error);
        }
    }

    async function count() {
        try {
            const { base } = await get("/health");
            stats.textContent = base ? t("base-counts", { documents: number(base.documents), texts: number(base.chunks), pictures: number(base.images),
                                                          vectors: number(base.vectors), size: bytes(base.bytes) }) : "";
        } catch (error) {
            failed(error);
        }
    }

    function show([part = "documents"]) {
        for (const link of parts.children)
            if (link.dataset.name === part)
                link.setAttribute("aria-current", "page");
            else
                link.removeAttribute("aria-current");
        count();
        fill(body, part === "map" ? map.element : list);
        if (part === "map")
            map.load();
        else {
            documents.load();
            jobs.load();
        }
    }

    return { element, show };
}
