/* Adding documents: files and folders that are dropped or chosen, paths and addresses. */
import { request, send } from "/api.js";
import { button, failed, h, icon, toast } from "/dom.js";
import { takeDrops } from "/pictures.js";
import { t } from "/text.js";

/* What is in folders and nobody means to be read, as `jackdaw ingest` has it (docs/ingest.md). */
const isPassedOver = (name) => /^\.|~$|^(node_modules|__pycache__|lost\+found)$/.test(name);

/* Files of a folder that was dropped, with their paths in it. */
async function filesOf(entry, at) {
    if (entry.isFile)
        return [{ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), name: at + entry.name }];
    const reader = entry.createReader(), found = [];
    for (;;) {
        const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (!some.length)
            return found;
        for (const one of some.filter(({ name }) => !isPassedOver(name)))
            found.push(...await filesOf(one, `${at}${entry.name}/`));
    }
}

async function droppedFiles(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (!entries.length)
        return [...transfer.files].map((file) => ({ file, name: file.name }));
    return (await Promise.all(entries.map((entry) => filesOf(entry, "")))).flat();
}

function picker(folder, take) {
    const input = h("input", { type: "file", multiple: true, hidden: true, webkitdirectory: folder, onchange: () => {
        take([...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name }))
            .filter(({ name }) => !folder || !name.split("/").slice(1).some(isPassedOver)));
        input.value = "";
    } });
    input.setAttribute("aria-label", t(folder ? "choose-folder" : "choose-files"));
    return input;
}

/** `started` is called when a job was made. */
export function createAdd(view, started) {
    const collection = h("input.field", { type: "text", placeholder: t("collection-default"), maxLength: 100 });
    const place = h("input.field.grow", { type: "text", placeholder: t("path-placeholder"), "aria-label": t("path-placeholder"), required: true });
    const busy = h("p.small.soft", { role: "status", hidden: true });
    const settings = () => collection.value.trim() ? { collection: collection.value.trim() } : {};

    async function run(act, words) {
        busy.hidden = false;
        busy.textContent = words;
        try {
            await act();
            started();
        } catch (error) {
            failed(error);
        } finally {
            busy.hidden = true;
        }
    }

    const upload = (files) => files.length ? run(() => {
        const form = new FormData();
        for (const [name, value] of Object.entries(settings()))
            form.append(name, value);
        for (const { file, name } of files)
            form.append("file", file, name);
        return request("POST", "/ingest", { form });
    }, t("uploading", { n: files.length })) : toast(t("nothing-dropped"));

    const fromPlace = () => run(async () => {
        const value = place.value.trim();
        await send("POST", "/ingest", { ...settings(), [/^https?:\/\//i.test(value) ? "urls" : "paths"]: [value] });
        place.value = "";
    }, t("loading"));

    const files = picker(false, upload), folder = picker(true, upload);
    takeDrops(view, t("drop-documents"), (transfer) => droppedFiles(transfer).then(upload, failed));
    return h("section.panel.add", { "aria-label": t("add-documents") },
        h("div.add-drop", null, icon("plus"), h("p", null, h("strong", null, t("add-documents-drop")), h("br"), h("span.small.soft", null, t("add-documents-kinds"))),
          h("div.row", null, button(t("choose-files"), () => files.click(), { kind: "primary", name: "plus" }), button(t("choose-folder"), () => folder.click(), { name: "folder" }))),
        files, folder,
        h("div.add-more", null,
          h("label.above", null, t("into-collection"), collection),
          h("form.add-path", { onsubmit: (event) => {
              event.preventDefault();
              fromPlace();
          } }, h("label.above.grow", null, t("path-label"), place), h("button.button", { type: "submit" }, t("read-in")))), busy);
}
