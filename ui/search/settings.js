/* The live controls of a search: profile, k, thresholds, temperature; and what they cut off, drawn. */
import { fill, h, icon, number, svg } from "/dom.js";
import { t } from "/text.js";

/* As the profiles have them (jackdaw.h); a search by a vector in the default profile has no threshold. */
const DEFAULTS = {
    default: { texts: { k: 10, threshold: 0.5 }, pictures: { k: 5, threshold: 0.5 } },
    article: { texts: { k: 15, threshold: 0.01, temperature: 0.25 }, pictures: { k: 5, threshold: 0.25, temperature: 0.5 } },
};
/** As many of each kind are asked for as the server gives: the controls cut without asking again. */
export const MOST = 1000;

const WIDTH = 260, HEIGHT = 92, LEAST_BARS = 24, MOST_BARS = 120;

/* Scores by rank: what both cuts leave is coloured. */
function draw(chart, scores, { k, threshold }, kept) {
    const shown = scores.slice(0, Math.min(Math.max(Math.min(k, MOST_BARS) * 2, LEAST_BARS), MOST_BARS));
    const top = Math.max(scores[0] || 0, threshold, 1e-9) * 1.05;
    const step = WIDTH / Math.max(shown.length, LEAST_BARS), y = (value) => HEIGHT - (Math.max(0, value) / top) * HEIGHT;
    fill(chart, shown.map((value, i) => svg("rect", { class: i < kept ? "kept" : "cut-off", x: i * step + step * 0.1, width: step * 0.8,
                                                      y: Math.min(y(value), HEIGHT - 1), height: Math.max(HEIGHT - y(value), 1) })),
         k * step < WIDTH && svg("line", { x1: k * step, x2: k * step, y1: 0, y2: HEIGHT }),
         svg("line", { x1: 0, x2: WIDTH, y1: y(threshold), y2: y(threshold) }));
}

function slider(name, { format, ...attributes }, oninput) {
    const value = h("output.number");
    /* A label names the first thing in it that can have a name, which is the output. */
    const input = h("input", { type: "range", ...attributes, "aria-label": name, oninput: () => {
        show();
        oninput(Number(input.value));
    } });
    const show = () => {
        value.textContent = format(Number(input.value));
        input.setAttribute("aria-valuetext", value.textContent);
    };
    const element = h("label.slider", null, h("span", null, name), value, input);
    return { element, set: (to, max) => {
        if (max !== undefined)
            input.max = max;
        input.value = to;
        show();
    } };
}

/* The controls of the passages, or of the pictures. */
function createKind(kind, on) {
    const state = { k: 0, threshold: 0 };
    let scores = [];
    const chart = svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
    const line = h("p.tiny.soft.number", { role: "status" });
    /* Squares, so that 1 to 20 are as easy to choose as 100 to 1,000. */
    const k = slider(t("k"), { min: 1, max: Math.sqrt(MOST), step: "any", format: (value) => number(value ** 2) }, (value) => {
        state.k = Math.round(value ** 2);
        cut();
    });
    const threshold = slider(t("threshold"), { min: 0, max: 1, step: "any", format: (value) => number(value, 3) }, (value) => {
        state.threshold = value;
        cut();
    });

    /* Both cuts leave the best ones, so what is left is a number. */
    function cut() {
        const over = scores.findIndex((score) => score < state.threshold);
        const kept = Math.min(state.k, over < 0 ? scores.length : over);
        draw(chart, scores, state, kept);
        const words = t("kept", { kept: number(kept), all: number(scores.length) });
        line.textContent = words;
        chart.setAttribute("aria-label", `${t(kind)}: ${words}`);
        on.cut(kind, kept);
    }

    return {
        element: h("fieldset.kind", null, h("legend", null, t(kind)), chart, line, k.element, threshold.element),
        reset(values) {
            Object.assign(state, values);
            k.set(Math.sqrt(state.k));
            threshold.set(state.threshold, 1);
        },
        fill(list) {
            scores = list.map((item) => item.score ?? 0);
            const most = scores[0] > 0.2 ? 1 : Math.max((scores[0] || 0.2) * 1.2, state.threshold);
            threshold.set(state.threshold, most);
            cut();
        },
    };
}

/** `on`: { cut(kind, n): so many of the kind stay; again(): something changed that the server decides }. */
export function createSettings(on) {
    const state = { profile: "default", temperature: null, vector: false };
    const kinds = { texts: createKind("texts", on), pictures: createKind("pictures", on) };
    const profile = h("div.segments", { role: "radiogroup", "aria-label": t("profile") }, ["default", "article"].map((name) =>
        h("label", null, h("input", { type: "radio", name: "profile", value: name, checked: name === state.profile, onchange: () => {
            state.profile = name;
            reset();
            on.again();
        } }), h("span", null, t(`profile-${name}`)))));
    const temperature = slider(t("temperature"), { min: -3, max: 1, step: "any", format: (value) => number(10 ** value, 3) }, (value) => {
        state.temperature = 10 ** value;
        on.again();
    });
    const words = h("p.tiny.soft");

    function reset() {
        state.temperature = null;
        const article = state.profile === "article";
        words.textContent = t(`profile-${state.profile}-words`);
        temperature.element.hidden = !article;
        temperature.set(Math.log10(DEFAULTS.article.texts.temperature));
        for (const [name, kind] of Object.entries(kinds)) {
            const values = DEFAULTS[state.profile][name];
            kind.reset({ k: values.k, threshold: state.vector && !article ? 0 : values.threshold });
        }
    }
    reset();
    const element = h("details.settings.panel", { open: matchMedia("(min-width: 56rem)").matches }, h("summary", null, icon("sliders"), t("settings")), profile, words, temperature.element, kinds.texts.element, kinds.pictures.element,
                      h("button.button", { type: "button", onclick: () => {
                          reset();
                          on.again();
                      } }, t("reset")));
    return {
        element,
        /** What the server is asked for. `vector`: the query is a picture or an item. */
        request(vector) {
            if (vector !== state.vector) {
                state.vector = vector;
                reset();
            }
            return { profile: state.profile, k: MOST, threshold: 0, ...(state.temperature !== null && { temperature: state.temperature }) };
        },
        fill(found) {
            kinds.texts.fill(found.text);
            kinds.pictures.fill(found.images);
        },
    };
}
