/* What the server does in the background: how far it is, how it ended, and stopping it. */
import { events, get, path, query, send } from "/api.js";
import { add, button, bytes, fill, h, number, time } from "/dom.js";
import { english, errorBox, explain, failed } from "/problems.js";
import { t } from "/text.js";

const OVER = ["done", "failed", "cancelled"];
const SHOWN = 5;
const MOST_PROBLEMS = 200;

const amount = (value, unit) => unit === "bytes" ? bytes(value) : number(value);

function titleOf({ kind, request }) {
    const sources = [...(request?.files || []), ...(request?.paths || []), ...(request?.urls || [])];
    const what = kind === "erase" ? request?.collection : kind === "pull" || kind === "embed" ? request?.name || request?.model : sources[0];
    return [t(`job-${kind}`), what && ` ${what}`, sources.length > 1 && ` ${t("and-more", { n: sources.length - 1 })}`];
}

function resultWords({ kind, result }) {
    if (kind === "ingest")
        return t("job-ingested", { documents: number(result.documents), texts: number(result.chunks), pictures: number(result.images),
                                   unchanged: number(result.unchanged) });
    if (kind === "erase")
        return t("job-erased", { n: result.documents, count: number(result.documents) });
    return kind === "embed" ? t("job-embedded", { texts: number(result.texts), pictures: number(result.images) }) : t("job-pulled", { size: bytes(result.bytes) });
}

function problems(list, kind) {
    return list?.length > 0 && h("details.problems", { open: kind === "skipped" && list.length <= 3 },
        h("summary", null, t(`job-${kind}`, { n: list.length })),
        h("ul", null, list.slice(0, MOST_PROBLEMS).map((one) => h("li", null, h("strong", null, one.uri.replace(/^upload:\/*/, "")), " ", english(one.reason))),
          list.length > MOST_PROBLEMS && h("li", null, t("and-more", { n: number(list.length - MOST_PROBLEMS) }))));
}

function progressOf(job) {
    const { progress } = job;
    const bar = h("progress", { max: progress?.total || undefined, "aria-label": t(`job-${job.kind}`) });
    if (progress?.total)
        bar.value = progress.done;
    return [bar, h("p.tiny.soft.number.job-now", null,
        progress ? [h("span.cut", null, t(`stage-job-${progress.stage}`), progress.what && ` ${progress.what}`),
                    progress.total ? `${amount(progress.done, progress.unit)} / ${amount(progress.total, progress.unit)}` : amount(progress.done, progress.unit)]
            : t(`job-${job.state}`))];
}

function draw(element, job, reload) {
    const over = OVER.includes(job.state);
    fill(element, h("div.row", null, h("strong.small.cut.grow", null, titleOf(job)),
                    h(`span.tag${job.state === "done" ? ".good" : job.state === "failed" ? ".bad" : ""}`, null, t(`job-${job.state}`)),
                    !over && button(t("stop"), async () => {
                        try {
                            await send("DELETE", path`/jobs/${job.id}`);
                        } catch (error) {
                            failed(error);
                        }
                        reload();
                    }, { name: "stop" })));
    if (!over)
        add(element, progressOf(job));
    if (job.result)
        add(element, h("p.small", null, resultWords(job)), problems(job.result.skipped, "skipped"), problems(job.result.warnings, "warnings"));
    if (job.error)
        add(element, h("div.small.job-error", null, explain(job.error)));
    if (over && job.finished)
        add(element, h("p.tiny.soft", null, time(job.finished)));
}

/** Shows the latest jobs of some kinds; `ended` is called with each that ends while it is watched. */
export function createJobs(kinds, ended) {
    const list = h("ul.jobs");
    const element = h("section.panel.jobs-panel", { hidden: true, "aria-label": t("jobs") }, h("h2", null, t("jobs")), list);
    const followed = new Set(), over = new Set();
    let loaded = false;

    /* Some are over before one hears of them. */
    function endedOnce(job) {
        if (!over.has(job.id) && loaded)
            ended(job);
        over.add(job.id);
    }

    async function follow(job, item) {
        if (followed.has(job.id))
            return;
        followed.add(job.id);
        try {
            for await (const { name, data } of events("GET", path`/jobs/${job.id}/events`)) {
                job = name === "progress" ? { ...job, progress: data } : data;
                draw(item, job, load);
            }
            if (OVER.includes(job.state))
                endedOnce(job);
        } catch (error) {
            /* The job goes on; what is lost is the news of it. */
            add(item, errorBox(error, load));
        } finally {
            followed.delete(job.id);
        }
    }

    async function load() {
        const found = await get("/jobs" + query({ limit: 30 })).catch(failed);
        if (!found)
            return;
        const jobs = found.jobs.filter((job) => kinds.includes(job.kind));
        show(jobs);
        jobs.filter((job) => OVER.includes(job.state)).forEach(endedOnce);
        loaded = true;
    }

    function show(jobs) {
        const shown = jobs.filter((job, i) => i < SHOWN || !OVER.includes(job.state));
        element.hidden = shown.length === 0;
        const items = new Map([...list.children].map((item) => [item.dataset.id, item]));
        fill(list, shown.map((job) => {
            const item = (followed.has(job.id) && items.get(job.id)) || h("li.job", { dataset: { id: job.id } });
            if (!followed.has(job.id))
                draw(item, job, load);
            if (!OVER.includes(job.state))
                follow(job, item);
            return item;
        }));
    }

    return { element, load };
}
