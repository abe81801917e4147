/* The list of conversations: search, rename, export, delete. */
import { exportUrl, get, path, query, send } from "/api.js";
import { button, fill, h, icon, iconButton, later, question } from "/dom.js";
import { errorBox, failed } from "/problems.js";
import { t } from "/text.js";

const PAGE = 100;

/** `on`: { gone(id) }. */
export function createConversations(on) {
    let current = null, words = "", shown = PAGE;
    const list = h("ul.conversations");
    const search = h("input.field", { type: "search", placeholder: t("search-conversations"), "aria-label": t("search-conversations"),
                                      oninput: later(200, () => {
                                          words = search.value.trim();
                                          shown = PAGE;
                                          load();
                                      }) });
    const element = h("nav.side", { "aria-label": t("conversations") },
                      h("a.button.new", { href: "#/chat" }, icon("plus"), t("new-conversation")), search, list);

    async function rename(one) {
        const title = await question(t("rename"), { value: one.title, action: t("rename") });
        if (title && title !== one.title)
            await send("PATCH", path`/conversations/${one.id}`, { title });
    }

    async function remove(one) {
        if (!await question(t("delete-conversation"), { words: one.title, action: t("delete"), danger: true }))
            return;
        await send("DELETE", path`/conversations/${one.id}`);
        on.gone(one.id);
    }

    const then = (act) => async (one) => {
        try {
            await act(one);
            await load();
        } catch (error) {
            failed(error);
        }
    };

    function item(one) {
        const menu = h("details.menu", { onkeydown: (event) => {
            if (event.key === "Escape" && menu.open) {
                event.stopPropagation();
                menu.open = false;
                menu.firstChild.focus();
            }
        }, onfocusout: (event) => { menu.open &&= menu.contains(event.relatedTarget); } },
            h("summary.icon-button.small", { "aria-label": t("more-about", { title: one.title }), title: t("more") }, "⋯"),
            h("div.menu-body.panel", null,
              button(t("rename"), () => then(rename)(one), { name: "edit" }),
              h("a.button", { href: exportUrl(one.id, "markdown"), download: "" }, icon("export"), "Markdown"),
              h("a.button", { href: exportUrl(one.id, "json"), download: "" }, icon("export"), "JSON"),
              button(t("delete"), () => then(remove)(one), { name: "trash", kind: "danger" })));
        return h("li", null, h("a.conversation.cut", { dir: "auto", href: `#/chat/${one.id}`, title: one.title, "aria-current": one.id === current ? "page" : undefined }, one.title), menu);
    }

    async function load() {
        const asked = words;
        try {
            const { conversations } = await get("/conversations" + query({ query: asked, limit: shown + 1 }));
            if (asked !== words)
                return;
            fill(list, conversations.slice(0, shown).map(item), conversations.length > shown && h("li", null, button(t("show-more"), more)),
                 !conversations.length && h("li.small.soft.none", null, t(asked ? "nothing-found" : "no-conversations")));
        } catch (error) {
            fill(list, h("li", null, errorBox(error, load)));
        }
    }

    function more() {
        shown += PAGE;
        load();
    }

    function setCurrent(id) {
        current = id;
        for (const link of list.querySelectorAll(".conversation"))
            if (link.getAttribute("href") === `#/chat/${id}`)
                link.setAttribute("aria-current", "page");
            else
                link.removeAttribute("aria-current");
    }

    return { element, load, setCurrent };
}
