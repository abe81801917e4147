// OpenAI's own client for JavaScript against a running server: node openai.mjs BASE_URL MODEL QUESTION. Prints what it
// got as one line of JSON.
import OpenAI from "openai";

const [baseURL, model, question] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user", content: question }];
const told = {};

told.models = (await client.models.list()).data.map((entry) => entry.id);
const whole = await client.chat.completions.create({ model, messages });
told.answer = whole.choices[0].message.content;
told.citations = whole.jackdaw.citations.length;
told.streamed = "";
for await (const chunk of await client.chat.completions.create({ model, messages, stream: true }))
    told.streamed += chunk.choices[0].delta.content ?? "";
told.response = (await client.responses.create({ model, input: question })).output_text;
told.kinds = [];
for await (const event of await client.responses.create({ model, input: question, stream: true }))
    if (told.kinds.at(-1) !== event.type)
        told.kinds.push(event.type);
try {
    await client.chat.completions.create({ model: "absent", messages });
} catch (error) {
    told.error = { status: error.status, code: error.code, name: error.constructor.name };
}
console.log(JSON.stringify(told));
