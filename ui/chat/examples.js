/* What one may ask at first: questions made of the headings in the knowledge base. */
import { get, path, query } from "/api.js";
import { empty, h, icon } from "/dom.js";
import { t } from "/text.js";

const EXAMPLES = 4;

async function topics() {
    const { documents, total } = await get("/documents" + query({ limit: 10 * EXAMPLES, order: "newest" }));
    const texts = documents.filter((one) => one.chunks > 0).slice(0, EXAMPLES);
    const whole = await Promise.all(texts.map((one) => get(path`/documents/${one.id}` + query({ limit: 20 }))));
    return { total, found: whole.map(({ document, chunks }, i) => {
        const headings = [...new Set(chunks.map((chunk) => chunk.section.at(-1)).filter((heading) => heading && heading.length < 60))];
        return headings[(i + 1) % (headings.length || 1)] || document.title;
    }) };
}

/** What stands where nothing has been asked yet; `ask` is called with a question that was chosen. */
export async function makeExamples(ask) {
    const { total, found } = await topics();
    if (!total)
        return empty("library", t("base-empty"), t("base-empty-words"),
                     h("a.button.primary", { href: "#/library" }, icon("plus"), t("add-documents")));
    return h("div.welcome", null, h("h1", null, t("welcome")), h("p.soft", null, t("welcome-words", { n: total })),
             h("ul.examples", null, [...new Set(found)].map((topic, i) => {
                 const question = t(`example-${i % 3}`, { topic });
                 return h("li", null, h("button.card.example", { type: "button", onclick: () => ask(question) }, question));
             })));
}
