/* The search: by words, by a picture, by an item of the base; with filters and live controls. */
import { base64, get, path, query, send, thumbnail } from "/api.js";
import { add, button, duration, empty, fill, h, icon, iconButton, later } from "/dom.js";
import { pictureOf, picturePicker, takeDrops, withPicture } from "/pictures.js";
import { errorBox, failed } from "/problems.js";
import { t } from "/text.js";
import { createResults } from "./results.js";
import { createSettings } from "./settings.js";

const SNIPPET_CHARS = 280;
const TYPES = ["html", "markdown", "text", "pdf", "png", "jpeg"];
const SINCE = ["1d", "7d", "30d", "1y"];

export function createSearch() {
    const wanted = { q: "", like: null, picture: null };
    let turn = 0;

    const field = h("input.field.query", { dir: "auto", type: "search", placeholder: t("search-placeholder"), "aria-label": t("search-placeholder"), dataset: { mainField: "" } });
    const chip = h("span.query-chip", { hidden: true });
    const took = h("p.tiny.soft.number.took", { role: "status" });
    const filters = createFilters(() => run());
    const settings = createSettings({ cut: (kind, n) => results.keep(kind, n), again: later(150, () => run()) });
    const results = createResults();
    const picker = picturePicker((file) => usePicture(file));
    const element = h("section.search", { "aria-label": t("search") },
        h("div.search-head", null,
          h("form.search-form", { role: "search", onsubmit: (event) => {
              event.preventDefault();
              go();
          } }, chip, field, iconButton("picture", t("search-by-picture"), picker.open), picker.element,
            h("button.button.primary", { type: "submit" }, icon("search"), t("search"))),
          filters.element),
        settings.element, h("div.search-body", null, took, results.element));
    takeDrops(element, t("drop-search"), (transfer) => withPicture(transfer, usePicture));
    field.addEventListener("paste", (event) => {
        const file = pictureOf(event.clipboardData);
        if (file) {
            event.preventDefault();
            usePicture(file);
        }
    });

    /* ---- what is searched for ---- */

    function go() {
        const address = "#/search" + query({ q: field.value.trim(), like: wanted.like });
        if (location.hash === address || wanted.picture) {
            wanted.q = field.value.trim();
            run();
        } else {
            location.hash = address;
        }
    }

    async function usePicture(file) {
        try {
            wanted.picture = await base64(file);
            wanted.like = null;
            showChip(wanted.picture, t("picture"));
            run();
        } catch (error) {
            failed(error);
        }
    }

    function showChip(source, words) {
        chip.hidden = !source && !words;
        fill(chip, source && h("img", { src: source, alt: "" }), h("span.cut", null, words),
             iconButton("close", t("remove"), () => {
                 wanted.picture = wanted.like = null;
                 showChip();
                 go();
             }, { className: "icon-button small" }));
    }

    async function showLike(id) {
        if (id.startsWith("i"))
            showChip(thumbnail(id, 64), t("like"));
        else
            showChip(null, `${t("like")} “${(await get(path`/chunks/${id}`)).text.slice(0, 40)}…”`);
    }

    /* ---- searching ---- */

    async function run() {
        const { q, like, picture } = wanted;
        const mine = ++turn;
        if (!q && !like && !picture) {
            took.textContent = "";
            settings.fill({ text: [], images: [] });
            results.message(empty("search", t("search-empty"), t("search-empty-words")));
            return;
        }
        took.textContent = t("searching");
        results.element.setAttribute("aria-busy", "true");
        try {
            const body = { ...settings.request(Boolean(like || picture)), ...filters.values(), snippet: SNIPPET_CHARS,
                           ...(q && { query: q }), ...(picture ? { image: picture } : like && { like }) };
            const found = await send("POST", "/search", body);
            if (mine !== turn)
                return;
            took.textContent = t("search-took", { time: duration(found.timings_ms.total) });
            results.fill(found);
            settings.fill(found);
        } catch (error) {
            if (mine === turn) {
                took.textContent = "";
                settings.fill({ text: [], images: [] });
                results.message(errorBox(error, run));
            }
        } finally {
            if (mine === turn)
                results.element.removeAttribute("aria-busy");
        }
    }

    function show(rest, parameters) {
        wanted.q = parameters.get("q") || "";
        wanted.like = parameters.get("like");
        if (wanted.like)
            wanted.picture = null;
        field.value = wanted.q;
        if (!wanted.picture)
            showChip();
        if (wanted.like)
            showLike(wanted.like).catch(failed);
        filters.load();
        run();
        if (!wanted.q && !wanted.like && matchMedia("(hover: hover)").matches)
            field.focus();
    }

    return { element, show };
}

/* ---- filters ---- */

function createFilters(changed) {
    const choice = (name, options) => h("select", { "aria-label": t(name), onchange: changed },
        h("option", { value: "" }, t(`any-${name}`)), options.map(([value, label]) => h("option", { value }, label)));
    const words = (name) => h("input.field", { type: "text", placeholder: t(`filter-${name}`), "aria-label": t(`filter-${name}`), oninput: later(300, changed) });
    const fields = { collection: choice("collection", []), type: choice("type", TYPES.map((one) => [one, one])),
                     since: choice("since", SINCE.map((one) => [one, t(`since-${one}`)])), title: words("title"), section: words("section") };
    const clear = button(t("clear-filters"), () => {
        for (const field of Object.values(fields))
            field.value = "";
        fields.collection.focus();
        clear.hidden = true;
        changed();
    }, { hidden: true });
    const element = h("div.filters", null, Object.values(fields), clear);
    element.addEventListener("input", () => { clear.hidden = !Object.values(fields).some((field) => field.value.trim()); });
    let loaded = false;
    return {
        element,
        values: () => Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value.trim()]).filter(([, value]) => value)),
        async load() {
            if (loaded)
                return;
            loaded = true;
            try {
                for (const { name } of (await get("/collections")).collections)
                    add(fields.collection, h("option", { value: name }, name));
            } catch (error) {
                failed(error);
            }
        },
    };
}
