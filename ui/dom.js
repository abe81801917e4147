/* Small helpers for building the page. Text is always set as text: nothing here parses HTML. */
import { t } from "/text.js";

/** An element: h("a.button", { href, onclick, ariaLabel, dataset }, child, "text", [more]). */
export function h(tag, attributes, ...children) {
    const [name, ...classes] = tag.split(".");
    const element = document.createElement(name);
    if (classes.length)
        element.className = classes.join(" ");
    for (const [key, value] of Object.entries(attributes || {})) {
        if (value === undefined || value === null || value === false)
            continue;
        if (key === "dataset")
            Object.assign(element.dataset, value);
        else if (key.startsWith("on"))
            element.addEventListener(key.slice(2), value);
        else if (key in element && key !== "list")
            element[key] = value;
        else
            element.setAttribute(key, value === true ? "" : value);
    }
    add(element, children);
    return element;
}

export function add(element, ...children) {
    for (const child of children.flat(Infinity))
        if (child !== undefined && child !== null && child !== false)
            element.append(child);
    return element;
}

export function fill(element, ...children) {
    element.replaceChildren();
    return add(element, children);
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes, ...children) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes || {}))
        if (key.startsWith("on"))
            element.addEventListener(key.slice(2), value);
        else if (value !== undefined && value !== null)
            element.setAttribute(key, value);
    return add(element, children);
}

export function icon(name) {
    return svg("svg", { "aria-hidden": "true" }, svg("use", { href: `#icon-${name}` }));
}

/** A button that is only a picture; its name is read out and shown on hovering. */
export function iconButton(name, label, onclick, more) {
    const button = h("button.icon-button", { type: "button", title: label, onclick, ...more }, icon(name));
    button.setAttribute("aria-label", label);
    return button;
}

export function button(label, onclick, { kind = "", name, ...more } = {}) {
    return h(kind ? `button.button.${kind}` : "button.button", { type: "button", onclick, ...more }, name && icon(name), label);
}

/** Text in which the names of options, such as --server, are not broken at the end of a line. */
export const withOptions = (text) => text.split(/(--[a-z][a-z-]*)/).map((piece, i) => i % 2 ? h("span.option", null, piece) : piece);

export function empty(name, title, words, ...more) {
    return h("div.empty", null, icon(name), h("h2", null, title), words && h("p", null, words), more);
}

/** What stands where something is to come; it is not seen at once, so that what comes soon does not flicker. */
export const loading = () => h("p.loading.soft.small", { role: "status" }, t("loading"));

/** Tells of something in passing, once at a time; it is read out. */
export function toast(words, ...more) {
    const place = document.getElementById("toasts");
    if ([...place.children].some((one) => one.firstChild.textContent === words))
        return;
    const message = h("div.toast", null, h("p", null, words), more);
    place.append(message);
    setTimeout(() => message.remove(), 6000);
}

/** Asks in a dialog: resolves to true, or the text that was written; null where it was dismissed. */
export function question(title, { words, value, action, danger } = {}) {
    return new Promise((resolve) => {
        const input = value === undefined ? null
            : h("input.field", { value, maxLength: 200, required: true, "aria-label": title });
        const form = h("form.ask", { method: "dialog", onsubmit: (event) => {
            event.preventDefault();
            answer = input ? input.value.trim() || null : true;
            dialog.close();
        } }, h("h2", null, title), words && h("p.soft", null, words), input,
        h("div.row", null, button(t("cancel"), () => dialog.close()),
          h("button", { className: danger ? "button danger" : "button primary", type: "submit" }, action || t("ok"))));
        const dialog = h("dialog", { "aria-label": title }, form);
        let answer = null;
        dialog.addEventListener("close", () => {
            dialog.remove();
            resolve(answer);
        });
        document.body.append(dialog);
        dialog.showModal();
        if (input)
            input.select();
    });
}

/** The function, called once things have been quiet for so many milliseconds. */
export function later(milliseconds, call) {
    let timer;
    return (...values) => {
        clearTimeout(timer);
        timer = setTimeout(() => call(...values), milliseconds);
    };
}

export async function copyText(text) {
    try {
        await navigator.clipboard.writeText(text);
        toast(t("copied"));
    } catch {
        /* Beyond this machine without TLS browsers have no clipboard for pages. */
        const area = h("textarea.hidden", { value: text });
        document.body.append(area);
        area.select();
        const done = document.execCommand("copy");
        area.remove();
        toast(t(done ? "copied" : "not-copied"));
    }
}

const locale = () => document.documentElement.lang;
export const number = (value, digits = 0) =>
    new Intl.NumberFormat(locale(), { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
export const score = (value) => value === null || value === undefined ? "–" : number(value, 2);
export const time = (seconds) =>
    new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(seconds * 1000));

export function bytes(size) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    for (; size >= 1000 && unit < units.length - 1; unit++)
        size /= 1000;
    return `${number(size, unit && size < 10 ? 1 : 0)} ${units[unit]}`;
}

export function duration(milliseconds) {
    return milliseconds < 1000 ? `${number(milliseconds, milliseconds < 10 ? 1 : 0)} ms` : `${number(milliseconds / 1000, 1)} s`;
}
