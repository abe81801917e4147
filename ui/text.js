/* The words of the page, in the language that was chosen. */
import en from "/words/en.js";
import es from "/words/es.js";

const languages = { en, es };

/** The language of the page; at first the one that early.js found. */
export const language = () => document.documentElement.lang;

let words = languages[language()];
export function setLanguage(name) {
    words = languages[name];
    document.documentElement.lang = name;
}

export const knows = (name) => name in words;

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
