/* Where a question is written, with a picture if one likes, and stopped. */
import { base64, get } from "/api.js";
import { fill, h, icon, iconButton } from "/dom.js";
import { pictureOf, picturePicker } from "/pictures.js";
import { failed } from "/problems.js";
import { t } from "/text.js";

/** `on`: { ask({ text, picture, settings }), stop() }. */
export function createComposer(on) {
    let picture = null, busy = false;
    const field = h("textarea", { rows: 1, dir: "auto", placeholder: t("ask-placeholder"), "aria-label": t("ask-placeholder"), dataset: { mainField: "" } });
    const preview = h("div.composer-picture", { hidden: true });
    const model = h("select", { title: t("answered-by"), "aria-label": t("answered-by") }, h("option", { value: "" }, t("model-auto")));
    const collection = h("select", { hidden: true, "aria-label": t("collection") }, h("option", { value: "" }, t("all-collections")));
    const go = h("button.icon-button.send", { type: "submit" });
    const picker = picturePicker(setPicture);

    async function setPicture(file) {
        try {
            picture = file ? await base64(file) : null;
        } catch (error) {
            failed(error);
            return;
        }
        preview.hidden = !picture;
        fill(preview, picture && [h("img", { src: picture, alt: t("picture-of-question") }),
                                  iconButton("close", t("remove-picture"), () => setPicture(null), { className: "icon-button small" })]);
        field.focus();
    }

    function setBusy(value) {
        busy = value;
        const label = t(busy ? "stop" : "send");
        go.title = label;
        go.setAttribute("aria-label", label);
        fill(go, icon(busy ? "stop" : "send"));
    }

    function settings() {
        const [backend, ...name] = model.value.split(" ");
        return { ...(backend && { backend }), ...(name.length && { model: name.join(" ") }), ...(collection.value && { collection: collection.value }) };
    }

    function submit() {
        if (busy) {
            on.stop();
            return;
        }
        const text = field.value.trim();
        if (!text) {
            field.focus();
            return;
        }
        on.ask({ text, picture, settings: settings() });
        field.value = "";
        fit();
        setPicture(null);
    }

    function fit() {
        field.style.height = "auto";
        field.style.height = `${Math.min(field.scrollHeight, 240)}px`;
    }
    field.addEventListener("input", fit);
    field.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            if (!busy)
                submit();
        }
    });
    field.addEventListener("paste", (event) => {
        const file = pictureOf(event.clipboardData);
        if (file) {
            event.preventDefault();
            setPicture(file);
        }
    });
    const element = h("form.composer", { onsubmit: (event) => {
        event.preventDefault();
        submit();
    } }, preview, field, h("div.composer-foot", null,
        iconButton("picture", t("add-picture"), picker.open), picker.element, model, collection, h("span.grow"), go));
    setBusy(false);
    return { element, setPicture, setBusy, settings, focus: () => field.focus(), fillModels: () => fillSelects(model, collection) };
}

/* The models that answer, and the collections where there is more than one. */
async function fillSelects(model, collection) {
    try {
        const [models, collections] = await Promise.all([get("/models"), get("/collections")]);
        for (const server of models.servers)
            for (const one of server.models.filter((m) => m.answers))
                model.append(h("option", { value: `${server.backend} ${one.name}` }, one.vision ? `${one.name} · ${t("sees-pictures")}` : one.name));
        model.append(h("option", { value: "extract" }, t("backend-extract")));
        for (const one of collections.collections)
            collection.append(h("option", { value: one.name }, one.name));
        collection.hidden = collections.collections.length < 2;
    } catch (error) {
        failed(error);
    }
}
