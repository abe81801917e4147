/* Pictures that are pasted, dropped or chosen. */
import { thumbnail } from "/api.js";
import { h, icon, toast } from "/dom.js";
import { t } from "/text.js";

const isPicture = (file) => /^image\/(png|jpeg|webp|gif)$/.test(file.type);

/** A picture of the base made small; where only its address was in the document, a sign in its place. */
export function pictureElement(item, attributes = {}, address = thumbnail(item.id)) {
    const words = item.alt || item.caption || t("picture");
    return item.sha256 ? h("img", { src: address, alt: words, loading: "lazy", decoding: "async", ...attributes })
        : h("span.no-picture", { role: "img", "aria-label": words, title: t("picture-not-stored") }, icon("picture"));
}

/** The first picture of a paste or a drop; undefined where there is none. */
export const pictureOf = (transfer) => [...(transfer?.files || [])].find(isPicture);

/** Gives the picture of a drop to `take`; where there is none, that is said. */
export function withPicture(transfer, take) {
    const file = pictureOf(transfer);
    if (file)
        take(file);
    else
        toast(t("no-picture"), h("p", null, t("picture-kinds")));
}

/** Has files dropped on `element` given to `take`, and says so while they hover over it. */
export function takeDrops(element, words, take) {
    let sign = null, depth = 0;
    const holdsFiles = (event) => [...event.dataTransfer.types].includes("Files");
    const end = () => {
        depth = 0;
        sign?.remove();
        sign = null;
    };
    element.addEventListener("dragenter", (event) => {
        if (!holdsFiles(event))
            return;
        event.preventDefault();
        depth++;
        if (!sign)
            element.append(sign = h("div.drop", null, words));
    });
    element.addEventListener("dragleave", (event) => holdsFiles(event) && --depth <= 0 && end());
    element.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
    element.addEventListener("drop", (event) => {
        if (!holdsFiles(event))
            return;
        event.preventDefault();
        end();
        take(event.dataTransfer);
    });
}

/** A field for a picture file, not seen: `open` shows the system's dialog. */
export function picturePicker(take) {
    const input = h("input", { type: "file", accept: "image/png,image/jpeg,image/webp,image/gif", hidden: true, onchange: () => {
        if (input.files[0])
            take(input.files[0]);
        input.value = "";
    } });
    input.setAttribute("aria-label", t("picture"));
    return { element: input, open: () => input.click() };
}
