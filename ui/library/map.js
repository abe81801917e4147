/* The map of an embedding space: what is alike lies close together. Zoom, move, hover, open. */
import { get, query } from "/api.js";
import { button, empty, fill, h, loading, number } from "/dom.js";
import { pictureElement } from "/pictures.js";
import { errorBox } from "/problems.js";
import { t } from "/text.js";
import { openItem } from "/viewer.js";

const NEAR = 12;    /* pixels within which the pointer means a point */
const LEGEND = 12;  /* documents that are named */
const MARGIN = 0.06;
const MOST_ZOOM = 400;

/* Hues that follow each other far apart. */
const hue = (index) => (index * 137.508) % 360;

/** Draws points on a canvas. `on`: { hover(point, x, y), open(point) }. */
function createCanvas(on) {
    const canvas = h("canvas", { tabIndex: 0, role: "img" });
    let points = [], scale = 1, left = 0, top = 0, pending = 0, lit = null;

    const at = (point) => [(point.u - left) * scale * canvas.clientWidth, (point.v - top) * scale * canvas.clientHeight];

    function draw() {
        pending = 0;
        const ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
        if (!width)
            return;
        canvas.width = width * ratio;
        canvas.height = height * ratio;
        const context = canvas.getContext("2d");
        const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
        context.scale(ratio, ratio);
        const size = Math.min(9, 3 + Math.sqrt(scale));
        for (const point of points) {
            const [x, y] = at(point);
            if (x < -size || y < -size || x > width + size || y > height + size)
                continue;
            context.globalAlpha = lit && lit !== point.group ? 0.15 : 0.85;
            context.fillStyle = `hsl(${hue(point.group)} 65% ${dark ? 66 : 42}%)`;
            context.beginPath();
            if (point.picture)
                context.rect(x - size, y - size, 2 * size, 2 * size);
            else
                context.arc(x, y, size, 0, 2 * Math.PI);
            context.fill();
        }
    }
    const redraw = () => { pending ||= requestAnimationFrame(draw); };
    new ResizeObserver(redraw).observe(canvas);

    function zoom(factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
        const u = left + x / (scale * canvas.clientWidth), v = top + y / (scale * canvas.clientHeight);
        scale = Math.min(MOST_ZOOM, Math.max(1, scale * factor));
        left = u - x / (scale * canvas.clientWidth);
        top = v - y / (scale * canvas.clientHeight);
        move(0, 0);
    }

    function move(x, y) {
        const stay = (value) => Math.min(Math.max(value, 0), 1 - 1 / scale);
        left = stay(left - x / (scale * canvas.clientWidth));
        top = stay(top - y / (scale * canvas.clientHeight));
        redraw();
    }

    function nearest(x, y) {
        let best = null, least = NEAR * NEAR;
        for (const point of points) {
            const [px, py] = at(point), distance = (px - x) ** 2 + (py - y) ** 2;
            if (distance < least)
                [best, least] = [point, distance];
        }
        return best;
    }

    let drag = null;
    canvas.addEventListener("wheel", (event) => {
        event.preventDefault();
        zoom(Math.exp(-event.deltaY / 300), event.offsetX, event.offsetY);
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
        drag = { x: event.offsetX, y: event.offsetY, moved: false };
        canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
        if (drag) {
            drag.moved ||= Math.hypot(event.offsetX - drag.x, event.offsetY - drag.y) > 4;
            if (drag.moved) {
                move(event.offsetX - drag.x, event.offsetY - drag.y);
                Object.assign(drag, { x: event.offsetX, y: event.offsetY });
            }
        }
        const point = nearest(event.offsetX, event.offsetY);
        canvas.style.cursor = point ? "pointer" : "grab";
        on.hover(point, event.offsetX, event.offsetY);
    });
    canvas.addEventListener("pointerup", (event) => {
        const point = drag && !drag.moved && nearest(event.offsetX, event.offsetY);
        drag = null;
        if (point)
            on.open(point);
    });
    canvas.addEventListener("pointerleave", () => on.hover(null));
    canvas.addEventListener("keydown", (event) => {
        const step = 60;
        const keys = { "+": () => zoom(1.4), "-": () => zoom(1 / 1.4), "0": () => zoom(0), ArrowLeft: () => move(step, 0), ArrowRight: () => move(-step, 0),
                       ArrowUp: () => move(0, step), ArrowDown: () => move(0, -step) };
        if (keys[event.key]) {
            event.preventDefault();
            keys[event.key]();
        }
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return { element: canvas, zoom, light: (group) => {
        lit = group;
        redraw();
    }, fill: (list, label) => {
        points = list;
        canvas.setAttribute("aria-label", label);
        redraw();
    } };
}

/* Both axes to the same scale, in the middle of the square from 0 to 1. */
function place(points) {
    const bounds = (name) => points.reduce(([low, high], point) => [Math.min(low, point[name]), Math.max(high, point[name])], [Infinity, -Infinity]);
    const [[left, right], [bottom, top]] = [bounds("x"), bounds("y")];
    const span = Math.max(right - left, top - bottom) || 1, room = (1 - 2 * MARGIN) / span;
    const groups = new Map();
    for (const point of points) {
        if (!groups.has(point.document.id))
            groups.set(point.document.id, { index: groups.size, document: point.document, n: 0 });
        const group = groups.get(point.document.id);
        group.n++;
        point.group = group.index;
        point.picture = point.id.startsWith("i");
        point.u = 0.5 + (point.x - (left + right) / 2) * room;
        point.v = 0.5 - (point.y - (bottom + top) / 2) * room;
    }
    return [...groups.values()].sort((a, b) => b.n - a.n);
}

export function createMap() {
    const tip = h("div.map-tip.panel", { hidden: true });
    const canvas = createCanvas({ open: (point) => openItem({ ...point, section: [] }), hover: showTip });
    const spaces = h("select", { "aria-label": t("space"), onchange: () => load(spaces.value), hidden: true });
    const align = h("input", { type: "checkbox", checked: true, onchange: () => load(spaces.value) });
    const aligning = h("label.row.small", { title: t("map-align-why"), hidden: true }, align, t("map-align"));
    const words = h("p.small.soft.number.grow"), zooms = h("div.row", null,
        button("+", () => canvas.zoom(1.6), { title: t("zoom-in"), "aria-label": t("zoom-in") }), button("−", () => canvas.zoom(1 / 1.6), { title: t("zoom-out"), "aria-label": t("zoom-out") }),
        button(t("zoom-all"), () => canvas.zoom(0)));
    const legend = h("ul.legend");
    const body = h("div.map-body", { hidden: true }, h("div.map-place", null, canvas.element, tip), legend);
    const nothing = h("div");
    const element = h("section.map", { "aria-label": t("map") }, h("div.row", null, words, aligning, spaces, zooms), nothing, body);

    function showTip(point, x, y) {
        tip.hidden = !point;
        if (!point)
            return;
        if (tip.dataset.id !== point.id) {
            tip.dataset.id = point.id;
            fill(tip, point.picture && pictureElement({ ...point, alt: point.label }, { width: 160, height: 110, loading: "eager" }), h("strong.small", null, point.document.title),
                 h("p.tiny.soft", null, point.label || ""));
        }
        tip.style.left = `${Math.min(x + 14, canvas.element.clientWidth - 230)}px`;
        tip.style.top = `${Math.min(y + 14, canvas.element.clientHeight - 150)}px`;
    }

    function showLegend(groups) {
        fill(legend, groups.slice(0, LEGEND).map((group) => {
            const dot = h("span.dot");
            dot.style.setProperty("--hue", hue(group.index));
            return h("li", { onmouseenter: () => canvas.light(group.index), onmouseleave: () => canvas.light(null) }, dot,
                     h("span.cut.grow", null, group.document.title), h("span.soft.number", null, number(group.n)));
        }), groups.length > LEGEND && h("li.soft", null, t("and-more", { n: groups.length - LEGEND })));
    }

    async function load(space) {
        if (body.hidden)
            fill(nothing, loading());
        try {
            const found = await get("/map" + query({ space, align: align.checked }));
            const all = (await get("/models")).spaces;
            body.hidden = zooms.hidden = found.points.length === 0;
            fill(spaces, all.map((one) => h("option", { value: one.id, selected: one.id === found.space?.id }, one.model)));
            spaces.hidden = all.length < 2;
            aligning.hidden = !found.space?.texts || !found.space.images;
            if (body.hidden) {
                words.textContent = "";
                fill(nothing, empty("map", t("map-empty"), t("map-empty-words"), h("a.button.primary", { href: "#/models" }, t("models"))));
                return;
            }
            fill(nothing);
            const groups = place(found.points);
            const share = number(100 * (found.variance[0] + found.variance[1]));
            words.textContent = t("map-words", { n: found.points.length, points: number(found.points.length),
                                                 all: number(found.space.texts + found.space.images), model: found.space.model, share });
            canvas.fill(found.points, words.textContent);
            showLegend(groups);
        } catch (error) {
            body.hidden = true;
            fill(nothing, errorBox(error, () => load(space)));
        }
    }
    return { element, load };
}
