// The official client for JavaScript against a running server: node mcp.mjs (URL | PROGRAM ARGUMENT...). Prints what it
// got as one line of JSON.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const QUESTION = "Which invoices were paid in May?";
const [target, ...args] = process.argv.slice(2);
const transport = target.startsWith("http")
    ? new StreamableHTTPClientTransport(new URL(target))
    : new StdioClientTransport({ command: target, args, env: process.env });
const client = new Client({ name: "jackdaw-tests", version: "1" });
const told = { progress: [] };

await client.connect(transport);
told.version = transport.protocolVersion ?? null;
told.tools = (await client.listTools()).tools.map((tool) => tool.name);
const call = (name, given, options) => client.callTool({ name, arguments: given }, undefined, options);
const found = await call("search", { query: QUESTION, k: 2 });
told.titles = found.structuredContent.text.map((hit) => hit.document.title);
const onprogress = (step) => told.progress.push([step.progress, step.message]);
const answer = await call("ask", { question: QUESTION }, { onprogress });
told.answer = answer.structuredContent.answer;
told.shown = answer.content[0].text;
const picture = (await call("get_image", { id: "i1", max_side: 64 })).content[0];
told.picture = [picture.type, picture.mimeType, picture.data];
told.chunks = (await call("get_document", { id: "d1" })).structuredContent.chunks.length;
told.collections = (await call("list_collections", {})).structuredContent.collections;
const failed = await call("get_document", { id: "d999" });
told.failed = [failed.isError, failed.content[0].text];
told.resources = (await client.listResources()).resources.map((resource) => resource.uri);
told.templates = (await client.listResourceTemplates()).resourceTemplates.map((template) => template.uriTemplate);
told.text = (await client.readResource({ uri: told.resources[0] })).contents[0].text;
told.blob = (await client.readResource({ uri: "jackdaw://image/i1" })).contents[0].blob;
try {
    await client.readResource({ uri: "jackdaw://document/d999" });
} catch (error) {
    told.missing = error.code;
}
await client.close();
console.log(JSON.stringify(told));
