/* The frame: which view is shown, colours, language, the way in. */
import { onLogin, send } from "/api.js";
import { fill, question, toast } from "/dom.js";
import { explain } from "/problems.js";
import { language, setLanguage, t, translate } from "/text.js";
import { createChat } from "/chat/view.js";
import { createLibrary } from "/library/view.js";
import { createModels } from "/models/view.js";
import { createSearch } from "/search/view.js";

const views = { chat: createChat, search: createSearch, library: createLibrary, models: createModels };
const main = document.getElementById("view");
const shown = {}; /* name -> { element, show(rest, parameters) }: a view that was left stays as it was */

/* "#/chat/c12?x=y" */
function address() {
    const [where, parameters] = location.hash.replace(/^#\/?/, "").split("?");
    const [name, ...rest] = where.split("/").map(decodeURIComponent);
    return { name: name in views ? name : "chat", rest, parameters: new URLSearchParams(parameters) };
}

function mark(name) {
    for (const link of document.querySelectorAll(".tabs a"))
        if (link.dataset.view === name)
            link.setAttribute("aria-current", "page");
        else
            link.removeAttribute("aria-current");
    document.title = `${t(name)} – Jackdaw`;
}

function show() {
    const { name, rest, parameters } = address();
    mark(name);
    shown[name] ||= views[name]();
    if (main.firstChild !== shown[name].element)
        fill(main, shown[name].element);
    shown[name].show(rest, parameters);
}

/* ---- colours and language ---- */

function keep(name, value) {
    try {
        localStorage.setItem(name, value);
    } catch {
        /* It lasts until the page is left, then. */
    }
}

document.getElementById("theme").addEventListener("click", () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const theme = (document.documentElement.dataset.theme || system) === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    keep("theme", theme);
    toast(t(`theme-${theme}`));
});

const select = document.getElementById("language");
select.addEventListener("change", () => {
    setLanguage(select.value);
    keep("language", select.value);
    for (const name of Object.keys(shown))
        delete shown[name];
    translate(document);
    show();
});

/* ---- the token ---- */

let entering = null;
onLogin(() => {
    entering ||= enter().finally(() => { entering = null; });
    return entering;
});

async function enter() {
    for (let problem = "";;) {
        const token = await question(t("token"), { words: problem || t("token-words"), value: "", action: t("enter") });
        if (token === null)
            return;
        try {
            await send("POST", "/session", { token });
            return;
        } catch (error) {
            problem = explain(error)[0].textContent;
        }
    }
}

/* ---- keys ---- */

/* "/" goes to where one writes, wherever one is. */
document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input, textarea, select, dialog");
    if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey) {
        const field = main.querySelector("[data-main-field]");
        if (field) {
            event.preventDefault();
            field.focus();
        }
    }
});
/* The address is a view's, not an anchor's. */
document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
});

select.value = language();
translate(document);
document.documentElement.classList.add("translated");
window.addEventListener("hashchange", show);
show();
