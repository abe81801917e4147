"""Ollama as two of its versions were recorded: 0.24.0 (capabilities only in /api/show, plain errors) and 0.33.0
(capabilities in /api/tags, errors of the runner as JSON within JSON, no mllama)."""
import json

from .loopback import Loopback, Reply, Stream


def model(name, vision=True, family="gemma3", context=8192, **more):
    return {"name": name, "family": family, "context": context,
            "capabilities": ["completion"] + (["vision"] if vision else []), **more}


def line(content="", **more):
    return json.dumps({"model": "m", "message": {"role": "assistant", "content": content}, "done": False, **more}) + "\n"


def done(reason="stop", **more):
    return line(done=True, done_reason=reason, prompt_eval_count=37, eval_count=27, **more)


def say(text, reason="stop"):
    """A whole answer, word by word."""
    words = text.split(" ")
    return Stream([line(w if i == 0 else " " + w) for i, w in enumerate(words)] + [done(reason)])


def busy():
    return Reply({"error": "server busy, please try again.  maximum pending requests exceeded"}, 503)


class Ollama(Loopback):
    """`chat` is what /api/chat answers: a reply, a function of the request's body, or a list of them of which the
    last is repeated."""

    def __init__(self, models=(), chat=None, version="0.33.0", window=None):
        super().__init__()
        self.models = list(models)
        self.chat = chat if chat is not None else say("Two invoices were paid [1].")
        self.version = version
        self.window = window  # tokens that really fit, whatever num_ctx says
        self.pulls = []

    @property
    def new(self):
        return tuple(map(int, self.version.split("."))) >= (0, 30)

    def find(self, name):
        names = (name, name + ":latest")
        return next((m for m in self.models if m["name"] in names), None)

    def answer(self, request):
        route = {"/api/version": lambda body: Reply({"version": self.version}), "/api/tags": self.tags,
                 "/api/show": self.show, "/api/chat": self.talk, "/api/pull": self.pull}.get(request.path)
        return route(request.body) if route else Reply("404 page not found", 404, "text/plain")

    def tags(self, body):
        entries = []
        for m in self.models:
            entry = {"name": m["name"], "model": m["name"], "size": 1,
                     "details": {"family": m["family"], "families": [m["family"]]}}
            if self.new:
                entry["capabilities"] = m["capabilities"]
                entry["details"]["context_length"] = m["context"]
            entry.update({k: v for k, v in m.items() if k.startswith("remote_")})
            entries.append(entry)
        return Reply({"models": entries})

    def missing(self, name):
        return Reply({"error": f"model '{name}' not found"}, 404)

    def show(self, body):
        m = self.find(body["model"])
        if not m:
            return self.missing(body["model"])
        return Reply({"model_info": {"general.architecture": m["family"], m["family"] + ".context_length": m["context"]},
                      "details": {"family": m["family"]}, "capabilities": m["capabilities"]})

    def overflow(self, tokens, window):
        if not self.new:
            return Reply({"error": "the input length exceeds the context length"}, 400)
        inner = {"error": {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": tokens, "n_ctx": window,
                           "message": f"request ({tokens} tokens) exceeds the available context size ({window} tokens)"}}
        return Reply({"error": json.dumps(inner)}, 400)

    def talk(self, body):
        m = self.find(body["model"])
        if not m:
            return self.missing(body["model"])
        if m["family"] == "mllama" and self.new:
            return Reply({"error": "llama-server process has terminated: error loading model: unknown model "
                                   "architecture: 'mllama'"}, 500)
        images = [len(message.get("images", [])) for message in body["messages"]]
        if m["family"] == "mllama" and max(images) > 1:
            return Reply({"error": "this model only supports one image while more than one image requested"}, 500)
        tokens = sum(len(message["content"].split()) for message in body["messages"])
        if self.window and tokens > self.window:
            return self.overflow(tokens, self.window)
        return self.next(body)

    def next(self, body):
        reply = self.chat
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        return reply(body) if callable(reply) else reply

    def pull(self, body):
        reply = self.pulls.pop(0) if self.pulls else None
        if reply is None:
            return Stream(['{"status":"pulling manifest"}\n', '{"error":"pull model manifest: file does not exist"}\n'])
        return reply
