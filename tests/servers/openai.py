"""An OpenAI-compatible server, as llama-server was recorded, with the differences of others as options."""
import json

from .loopback import Loopback, Reply, Stream


def event(delta, reason=None, **more):
    chunk = {"choices": [{"index": 0, "finish_reason": reason, "delta": delta}], "object": "chat.completion.chunk", **more}
    return "data: " + json.dumps(chunk) + "\n\n"


def say(text, finished=True, reason="stop", cut=False):
    """A whole answer, word by word; not `finished`: without [DONE]."""
    words = text.split(" ")
    pieces = [event({"role": "assistant", "content": None})]
    pieces += [event({"content": w if i == 0 else " " + w}) for i, w in enumerate(words)]
    if finished:
        pieces += [event({}, reason), 'data: {"choices":[],"usage":{"prompt_tokens":37,"completion_tokens":27}}\n\n',
                   "data: [DONE]\n\n"]
    return Stream(pieces, "text/event-stream", cut=cut)


def error(status, message, **more):
    return Reply({"error": {"message": message, "code": status, **more}}, status)


class OpenAI(Loopback):
    """`chat` as in Ollama's server. `key`: what it wants as a bearer token. `llama`: it is llama-server and has
    /props."""

    def __init__(self, chat=None, vision=True, context=4096, key=None, llama=True, names=("model-a",)):
        super().__init__()
        self.chat = chat if chat is not None else say("Two invoices were paid [1].")
        self.vision, self.context, self.key, self.llama, self.names = vision, context, key, llama, names

    def answer(self, request):
        if self.key and request.headers.get("Authorization") != "Bearer " + self.key:
            return error(401, "Invalid API Key", type="authentication_error")
        if request.path == "/v1/models":
            owner = "llamacpp" if self.llama else "somebody"
            return Reply({"object": "list", "data": [{"id": n, "object": "model", "owned_by": owner} for n in self.names]})
        if request.path == "/props" and self.llama:
            return Reply({"modalities": {"vision": self.vision}, "default_generation_settings": {"n_ctx": self.context}})
        if request.path == "/v1/chat/completions":
            return self.next(request.body)
        return error(404, "File Not Found", type="not_found_error")

    def next(self, body):
        reply = self.chat
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        return reply(body) if callable(reply) else reply
