/* The words of the page, in the language that was chosen. */
import en from "/words/en.js";
import es from "/words/es.js";

const languages = { en, es };

/** The chosen language, else the browser's, else English. */
export function language() {
    let chosen = null;
    try {
        chosen = localStorage.getItem("language");
    } catch {
        /* Storage is switched off. */
    }
    return [chosen, ...navigator.languages].map((one) => one?.slice(0, 2)).find((one) => one in languages) || "en";
}

let words = languages[language()];
export function setLanguage(name) {
    words = languages[name] || en;
    document.documentElement.lang = name in languages ? name : "en";
}

/** The words under a name, with {n} and the like filled in. "one|many" is chosen by n. */
export function t(name, values = {}) {
    let text = words[name] ?? en[name] ?? name;
    if (values.n !== undefined && text.includes("|"))
        text = text.split("|")[values.n === 1 ? 0 : 1];
    return text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
}

/** Words that stand in the HTML itself. */
export function translate(root) {
    for (const element of root.querySelectorAll("[data-text]"))
        element.textContent = t(element.dataset.text);
    for (const element of root.querySelectorAll("[data-label]")) {
        element.setAttribute("aria-label", t(element.dataset.label));
        if (element.matches("button"))
            element.title = t(element.dataset.label);
    }
}
