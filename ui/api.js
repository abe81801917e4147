/* The HTTP interface of the server that the page came from. */
import { t } from "/text.js";

const ROOT = "/api/v1";

export class ApiError extends Error {
    constructor(status, { code, message, hint }) {
        super(message);
        this.status = status;
        this.code = code;
        this.hint = hint;
    }
}

let login = null; /* asks for the token: set by app.js */
export function onLogin(ask) {
    login = ask;
}

export const path = (strings, ...values) =>
    strings.reduce((sum, part, i) => sum + encodeURIComponent(values[i - 1]) + part);

export function query(values) {
    const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
    return pairs.length ? "?" + new URLSearchParams(pairs) : "";
}

async function problemOf(response) {
    try {
        return new ApiError(response.status, (await response.json()).error);
    } catch {
        /* Of a proxy in between, for example. */
        return new ApiError(response.status, { code: "http", message: t("http-status", { status: `${response.status} ${response.statusText}`.trim() }),
                                               hint: t("no-server-hint") });
    }
}

/* Browsers tell of a connection that failed in their own words, in English. */
function connectionProblem(message) {
    return (error) => {
        if (error.name === "AbortError" || error instanceof ApiError)
            throw error;
        throw new ApiError(0, { code: "network", message: t(message), hint: t("no-server-hint") });
    };
}

/* Where the server wants its token, that is asked for. */
async function answered(where, send) {
    let response = await send();
    if (response.status === 401 && login && where !== "/session") {
        await login();
        response = await send();
    }
    if (!response.ok)
        throw await problemOf(response);
    return response;
}

/** The response, once it is a good one. */
export async function request(method, where, { body, form, signal, accept } = {}) {
    const headers = accept ? { Accept: accept } : {};
    if (body !== undefined)
        headers["Content-Type"] = "application/json";
    const send = () => fetch(ROOT + where, { method, headers, signal, body: form || (body === undefined ? undefined : JSON.stringify(body)) });
    return answered(where, () => send().catch(connectionProblem("no-server")));
}

export async function get(where, options) {
    return (await request("GET", where, options)).json().catch(connectionProblem("connection-lost"));
}

export async function send(method, where, body, options) {
    const response = await request(method, where, { body, ...options });
    return response.status === 204 ? null : response.json().catch(connectionProblem("connection-lost"));
}

/** Sends a form of files; `sent` is called with the bytes that are on their way. (fetch() does not tell of them.) */
export async function upload(where, form, { signal, sent }) {
    const send = () => new Promise((resolve, reject) => {
        const sending = new XMLHttpRequest();
        const stop = () => sending.abort();
        sending.open("POST", ROOT + where);
        sending.upload.addEventListener("progress", (event) => sent(event.loaded));
        sending.addEventListener("load", () => resolve(new Response(sending.response, { status: sending.status, statusText: sending.statusText })));
        sending.addEventListener("error", () => reject(new TypeError("no connection")));
        sending.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
        sending.addEventListener("loadend", () => signal.removeEventListener("abort", stop));
        signal.addEventListener("abort", stop);
        signal.throwIfAborted();
        sending.send(form);
    }).catch(connectionProblem("no-server"));
    return answered(where, send);
}

/** A stream of server-sent events: yields { name, data } until it ends. */
export async function* events(method, where, options) {
    const response = await request(method, where, { accept: "text/event-stream", ...options });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
        const { value, done } = await reader.read().catch(connectionProblem("connection-lost"));
        if (done)
            return;
        rest += value;
        const blocks = rest.split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) {
            const event = eventOf(block);
            if (event)
                yield event;
        }
    }
}

/* Lines that begin with a colon are signs of life. */
function eventOf(block) {
    let name = "message", data = "";
    for (const line of block.split("\n")) {
        if (line.startsWith("event: "))
            name = line.slice(7);
        else if (line.startsWith("data: "))
            data += line.slice(6);
    }
    return data ? { name, data: JSON.parse(data) } : null;
}

export const thumbnail = (id, size = 256) => `${ROOT}/images/${id}/thumbnail?size=${size}`;
export const picture = (id) => `${ROOT}/images/${id}/bytes`;
export const exportUrl = (id, format) => ROOT + path`/conversations/${id}/export` + query({ format });

/** The picture of a question that is kept. */
export const questionPicture = (conversation, message) => ROOT + path`/conversations/${conversation}/messages/${message}/image`;

/** The same made small, as it is shown; a picture that was just chosen is there already. */
export const shownPicture = (address) => address.startsWith("data:") ? address : `${address.replace(/image$/, "thumbnail")}?size=512`;

/** The picture at an address as requests carry it. */
export async function pictureData(address) {
    if (address.startsWith("data:"))
        return address;
    const response = await request("GET", address.slice(ROOT.length));
    return base64(await response.blob().catch(connectionProblem("connection-lost")));
}

/** A file as base64, as requests carry pictures. */
export function base64(file) {
    return new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.onerror = () => reject(reader.error);
        reader.readAsDataURL(file);
    });
}
