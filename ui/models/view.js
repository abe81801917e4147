/* The models: what is installed, what is used and why, and fetching more. */
import { get, query, send } from "/api.js";
import { button, bytes, empty, fill, h, loading, number, question, withOptions } from "/dom.js";
import { createJobs } from "/jobs.js";
import { english, errorBox, failed } from "/problems.js";
import { t } from "/text.js";

const USES = ["text", "pictures", "reranker"];

export function createModels() {
    const servers = h("div.cards"), installed = h("div.cards"), known = h("div"), problem = h("div", null, loading());
    const jobs = createJobs(["pull", "embed"], () => load());
    const name = h("input.field.grow", { type: "text", placeholder: "OWNER/NAME", "aria-label": t("model-name"), required: true });
    const element = h("section", { "aria-label": t("models") }, h("div.sheet", null, h("h1", null, t("models")), problem,
        h("section.block", null, h("h2", null, t("language-models")), h("p.small.soft", null, t("language-models-words")), servers),
        h("section.block", null, h("h2", null, t("encoders")), h("p.small.soft", null, t("encoders-words")), installed),
        jobs.element,
        h("section.block", null, h("h2", null, t("get-encoders")), known, h("form.row.pull", { onsubmit: (event) => {
            event.preventDefault();
            pull(name.value.trim());
            name.value = "";
        } }, name, h("button.button", { type: "submit" }, t("pull"))))));

    async function act(what) {
        try {
            await what();
        } catch (error) {
            failed(error);
        }
    }

    /* What was clicked is far below. */
    async function showJobs() {
        await jobs.load();
        jobs.element.scrollIntoView({ block: "nearest" });
    }

    const pull = (model) => act(async () => {
        await send("POST", "/encoders", { name: model });
        await showJobs();
    });

    const remove = (model) => act(async () => {
        if (!await question(t("delete-model"), { words: model, action: t("delete"), danger: true }))
            return;
        await send("DELETE", "/encoders" + query({ name: model }));
        await load();
    });

    const embed = (model) => act(async () => {
        await send("POST", "/embed", { model });
        await showJobs();
    });

    /* `found` is what /models tells: of each kind the encoder that comes first there is the one for what is added. */
    function encoderCard(model, found) {
        const vectors = found.spaces.filter((space) => space.model === model.name).reduce((sum, space) => sum + space.texts + space.images, 0);
        const kinds = found.encoders.filter((one) => one.name === model.name).map((one) => one.kind);
        const first = kinds.some((kind) => found.encoders.find((one) => one.kind === kind).name === model.name);
        const facts = [model.use && t(`use-${model.use}`), model.dimension && t("dimension", { n: number(model.dimension) }), bytes(model.bytes), model.licence];
        return h("article.panel.model", null, h("div.row", null, h("h3.cut.grow", { title: model.name }, model.name),
                 button(t("delete"), () => remove(model.name), { name: "trash", kind: "danger", title: t("delete-named", { title: model.name }) })),
                 h("p.small.soft", null, facts.filter(Boolean).join(" · ")),
                 h("div.row", null, vectors > 0 && h("span.tag.use", null, t("in-use", { n: number(vectors) })),
                   first && h("span.tag.use", null, t("used-new")),
                   kinds.length > 0 && !vectors && h("span.tag", null, t("no-vectors")),
                   model.verified && h("span.tag", { title: model.sha256 || "" }, t(`verified-${model.verified}`))),
                 kinds.length > 0 && h("div.row", null, button(t("embed"), () => embed(model.name), { name: "again", title: t("embed-words") })),
                 model.problem && h("p.notice.bad", null, english(model.problem)));
    }

    /* The one that answers, where the server was started without --model: the first that takes pictures, else the first. */
    function serverCard(server, answers, used) {
        const models = server.models.map((model) => h("li", null, h("span.cut.grow", null, model.name),
            model.name === used && h("span.tag.use", null, t(answers.model ? "used-chosen" : model.vision ? "used-vision" : "used-first")),
            model.vision && h("span.tag", null, t("sees-pictures")), model.elsewhere && h("span.tag", null, t("elsewhere")),
            model.context_tokens && h("span.tiny.soft.number", null, t("context", { n: number(model.context_tokens) })),
            !model.answers && h("span.tag.bad", { title: model.problem || "" }, t("cannot-answer")), model.problem && h("p.tiny.soft", null, english(model.problem))));
        return h("article.panel.model", null, h("div.row", null, h("h3.grow", null, t(`server-${server.backend}`), server.version && h("span.soft", null, ` ${server.version}`)),
                 h(server.reachable ? "span.tag.good" : "span.tag", null, t(server.reachable ? "reachable" : "unreachable"))),
                 h("p.tiny.soft.cut", null, server.url), models.length > 0 && h("ul.model-list", null, models),
                 !server.url && h("p.small.soft", null, withOptions(t("no-url"))), server.problem && h("p.small", null, english(server.problem)), server.hint && h("p.small.soft", null, english(server.hint)));
    }

    function usedModel(found) {
        const { backend, model } = found.answers;
        for (const server of found.servers.filter((one) => one.reachable && (backend === "auto" || one.backend === backend))) {
            const able = server.models.filter((one) => one.answers);
            const one = model ? able.find((each) => each.name === model || each.name === `${model}:latest`) : able.find((each) => each.vision) || able[0];
            if (one)
                return { server, name: one.name };
        }
        return null;
    }

    function showKnown(encoders) {
        const have = new Set(encoders.installed.map((model) => model.name));
        fill(known, USES.map((use) => h("section.known", null, h("h3", null, t(`use-${use}`)), h("ul.model-list.panel", null,
            encoders.known.filter((model) => model.use === use).map((model) => h("li", null,
                h("span.grow", null, h("span", null, model.name), h("br"), h("span.tiny.soft", null, english(model.about), ` · ${model.parameters} · ${model.licence}`)),
                have.has(model.name) ? h("span.tag.good", null, t("installed"))
                    : button(t("pull"), () => pull(model.name), { name: "down", "aria-label": t("pull-named", { title: model.name }) })))))));
    }

    async function load() {
        try {
            const [found, encoders] = await Promise.all([get("/models"), get("/encoders")]);
            const used = usedModel(found);
            fill(problem);
            fill(servers, !used && h("p.notice.warn", null, t("no-language-model")),
                 found.servers.map((server) => serverCard(server, found.answers, used?.server === server ? used.name : null)));
            fill(installed, encoders.installed.length ? encoders.installed.map((model) => encoderCard(model, found))
                : empty("models", t("no-encoders"), t("no-encoders-words")));
            showKnown(encoders);
        } catch (error) {
            fill(problem, errorBox(error, load));
        }
    }

    return { element, show: () => {
        load();
        jobs.load();
    } };
}
