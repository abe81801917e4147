/* Files on their way to the server: how far, stopped at will, and at the end what could not be sent and why. */
import { upload } from "/api.js";
import { button, bytes, fill, h, iconButton, number } from "/dom.js";
import { explain } from "/problems.js";
import { t } from "/text.js";
import { partsOf, sizeOf } from "./parts.js";

const MOST_PROBLEMS = 200;

/* A browser tells of a file that it cannot read (any more) as of a connection that failed: which one is found by trying. */
async function readable(file) {
    try {
        await file.slice(0, 1).arrayBuffer();
        return true;
    } catch {
        return false;
    }
}

const unreadable = ({ name }) => ({ name, reason: t("unreadable") });

/* Whoever leaves the page now is asked. */
const warn = (event) => event.preventDefault();

/** A list of sendings. `started` is called when the server has taken a part, and has a job for it. */
export function createSending(started) {
    const list = h("ul.sendings");

    /** `problems`: names of what could not be read already. */
    function send(files, settings, problems = []) {
        const item = h("li.sending.panel");
        list.append(item);
        run(item, { files, settings, problems: problems.map((name) => unreadable({ name })) });
    }

    async function run(item, { files, settings, problems }) {
        const control = new AbortController();
        const view = showProgress(item, files, () => control.abort());
        const left = new Set(files);
        let error = null, sent = 0;
        window.addEventListener("beforeunload", warn);
        try {
            for (const part of partsOf(files)) {
                const kept = await sendPart(part, { settings, signal: control.signal, sent: (loaded) => view.sent(part, loaded) });
                view.done(part);
                sent += kept.length;
                part.forEach((one) => left.delete(one));
                problems.push(...part.filter((one) => !kept.includes(one)).map(unreadable));
                if (kept.length)
                    started();
            }
        } catch (caught) {
            error = caught;
        }
        window.removeEventListener("beforeunload", warn);
        if (left.size || problems.length)
            showEnd(item, { sent, all: files.length, problems, error, left: [...left], again: () => send([...left], settings) });
        else
            item.remove();
    }

    /* Those of the part that were sent: all that can be read. */
    async function sendPart(part, { settings, signal, sent }) {
        const form = (some) => {
            const data = new FormData();
            for (const [name, value] of Object.entries(settings))
                data.append(name, value);
            for (const { file, name } of some)
                data.append("file", file, name);
            return data;
        };
        try {
            await upload("/ingest", form(part), { signal, sent });
            return part;
        } catch (error) {
            if (error.code !== "network")
                throw error;
            const can = await Promise.all(part.map(({ file }) => readable(file)));
            if (!can.includes(false))
                throw error;
            const kept = part.filter((one, i) => can[i]);
            if (kept.length)
                await upload("/ingest", form(kept), { signal, sent });
            return kept;
        }
    }

    return { element: list, send };
}

function showEnd(item, { sent, all, problems, error, left, again }) {
    const stopped = error?.name === "AbortError";
    fill(item, h("div.row", null, h("strong.small.grow", { role: "status" }, t("sent-of", { sent: number(sent), n: all, all: number(all) })),
                 h(stopped ? "span.tag" : "span.tag.bad", null, t(stopped ? "job-cancelled" : "incomplete")),
                 iconButton("close", t("close"), () => item.remove(), { className: "icon-button small" })),
         error && !stopped && h("div.notice.bad", { role: "alert" }, explain(error)), problemList(problems),
         left.length > 0 && h("div.row", null, button(t("send-rest", { n: left.length, count: number(left.length) }), () => {
             item.remove();
             again();
         }, { name: "again" })));
}

const problemList = (problems) => problems.length > 0 && h("details.problems", { open: problems.length <= 3 },
    h("summary", null, t("not-sent", { n: problems.length })),
    h("ul", null, problems.slice(0, MOST_PROBLEMS).map(({ name, reason }) => h("li", null, h("strong", null, name), " ", reason)),
      problems.length > MOST_PROBLEMS && h("li", null, t("and-more", { n: number(problems.length - MOST_PROBLEMS) }))));

/* Bytes and files done, of all. */
function showProgress(item, files, stop) {
    const all = sizeOf(files), label = t("uploading", { n: files.length, count: number(files.length) });
    const bar = h("progress", { max: Math.max(all, 1), value: 0, "aria-label": label });
    const words = h("span.cut"), size = h("span");
    let whole = 0, count = 0; /* of the parts that are sent */
    fill(item, h("div.row", null, h("strong.small.grow", { role: "status" }, label), button(t("stop"), stop, { name: "stop" })),
         bar, h("p.tiny.soft.number.job-now", null, words, size));
    function show(loaded, done) {
        bar.value = whole + loaded;
        words.textContent = t("sent-of", { sent: number(count + done), n: files.length, all: number(files.length) });
        size.textContent = `${bytes(Math.min(whole + loaded, all))} / ${bytes(all)}`;
    }
    show(0, 0);
    return {
        /* So many bytes of a part, whose files go one after the other. */
        sent(part, loaded) {
            let end = 0;
            show(loaded, part.filter(({ file }) => (end += file.size) <= loaded).length);
        },
        done(part) {
            whole += sizeOf(part);
            count += part.length;
            show(0, 0);
        },
    };
}
