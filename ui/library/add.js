/* Adding documents: files and folders that are dropped or chosen, paths and addresses. */
import { send } from "/api.js";
import { button, h, icon, number, toast } from "/dom.js";
import { takeDrops } from "/pictures.js";
import { failed } from "/problems.js";
import { t } from "/text.js";
import { chosenFiles, droppedFiles } from "./gather.js";
import { createSending } from "./sending.js";

/* From so many files on it is told that they are being looked for. */
const MANY = 200;

function picker(folder, take) {
    const input = h("input", { type: "file", multiple: true, hidden: true, webkitdirectory: folder, onchange: () => {
        take({ files: chosenFiles(input), problems: [] });
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

    const sending = createSending(started);
    function take({ files, problems }) {
        if (files.length || problems.length)
            sending.send(files, settings(), problems);
        else
            toast(t("nothing-dropped"));
    }

    async function takeDrop(transfer) {
        const found = await droppedFiles(transfer, (n) => {
            busy.hidden = n < MANY;
            busy.textContent = t("looking", { count: number(n) });
        });
        busy.hidden = true;
        take(found);
    }

    const fromPlace = () => run(async () => {
        const value = place.value.trim();
        await send("POST", "/ingest", { ...settings(), [/^https?:\/\//i.test(value) ? "urls" : "paths"]: [value] });
        place.value = "";
    }, t("loading"));

    const files = picker(false, take), folder = picker(true, take);
    takeDrops(view, t("drop-documents"), takeDrop);
    return h("section.panel.add", { "aria-label": t("add-documents") },
        h("div.add-drop", null, icon("plus"), h("p", null, h("strong", null, t("add-documents-drop")), h("br"), h("span.small.soft", null, t("add-documents-kinds"))),
          h("div.row", null, button(t("choose-files"), () => files.click(), { kind: "primary", name: "plus" }), button(t("choose-folder"), () => folder.click(), { name: "folder" }))),
        files, folder,
        h("div.add-more", null,
          h("label.above", null, t("into-collection"), collection),
          h("form.add-path", { onsubmit: (event) => {
              event.preventDefault();
              fromPlace();
          } }, h("label.above.grow", null, t("path-label"), place), h("button.button", { type: "submit" }, t("read-in")))), busy, sending.element);
}
