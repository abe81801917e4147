/* What one may ask at first: questions made of the headings in the knowledge base. */
import { get, path, query } from "/api.js";
import { empty, h, icon } from "/dom.js";
import { t } from "/text.js";

const EXAMPLES = 4;
const LOOK_AT = 40; /* documents */

/* "notes.py" is named for its file, and says little of what is in it. */
const isNamed = (one) => !/\.\w{1,5}$/.test(one.title);

/* A heading of a document; of a picture alone there is its name. */
async function topicOf(one, i) {
    if (!one.chunks)
        return one.title.replace(/\.\w+$/, "");
    const { chunks } = await get(path`/documents/${one.id}` + query({ limit: 20 }));
    const headings = [...new Set(chunks.map((chunk) => chunk.section.at(-1)).filter((heading) => heading && heading.length < 60))];
    return headings[(i + 1) % (headings.length || 1)] || one.title;
}

/* Of the newest documents with text, else of the oldest, else of pictures. */
async function topics() {
    const [newest, oldest] = await Promise.all(["newest", "oldest"].map((order) => get("/documents" + query({ limit: LOOK_AT, order }))));
    const all = [...newest.documents, ...oldest.documents], seen = new Set();
    const chosen = [...all.filter((one) => one.chunks && isNamed(one)), ...all.filter((one) => one.chunks), ...all]
        .filter((one) => !seen.has(one.id) && seen.add(one.id)).slice(0, EXAMPLES);
    return { total: newest.total, found: await Promise.all(chosen.map(async (one, i) => ({ topic: await topicOf(one, i), form: one.chunks ? i % 3 : 2 }))) };
}

/** What stands where nothing has been asked yet; `ask` is called with a question that was chosen. */
export async function makeExamples(ask) {
    const { total, found } = await topics();
    if (!total)
        return empty("library", t("base-empty"), t("base-empty-words"),
                     h("a.button.primary", { href: "#/library" }, icon("plus"), t("add-documents")));
    return h("div.welcome", null, h("h1", null, t("welcome")), h("p.soft", null, t("welcome-words", { n: total })),
             h("ul.examples", null, found.map(({ topic, form }) => {
                 const question = t(`example-${form}`, { topic });
                 return h("li", null, h("button.card.example", { type: "button", onclick: () => ask(question) }, question));
             })));
}
