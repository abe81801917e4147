"""A tool makes up requests from /api/v1/openapi.json, good ones and bad ones, and checks the answers against it."""
import json
import re

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (content_type_conformance, negative_data_rejection,
                                               response_schema_conformance, status_code_conformance,
                                               unsupported_method)

from conftest import ROOT, Jackdaw
from library import write_library
from serving import Server

CHECKS = [content_type_conformance, negative_data_rejection, response_schema_conformance, status_code_conformance,
          unsupported_method]
# What no encoder and no model server is there for; and the tool's own guess of what a 503 means.
NOT_OURS = (502, 503)
EXAMPLES = 30


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    jackdaw = Jackdaw(tmp_path_factory.mktemp("described"))
    write_library(jackdaw.folder / "library")
    jackdaw.ok("ingest", "--json", "library")
    with Server(jackdaw, "--backend", "extract") as running:
        running.post("/api/v1/conversations", {"title": "Something to find"})
        yield running
        assert running.stop() == 0, running.log()


@pytest.fixture(scope="module")
def described(server):
    return schemathesis.openapi.from_url(server.url + "api/v1/openapi.json")


DESCRIPTION = json.loads((ROOT / "src/server/openapi.json").read_text())

# Of those without parameters, or with a name in the path alone, there are no bad requests. Those below /v1 and /mcp are left out: what is made up for them
# streams without an end in sight for the tool, and OpenAI's clients send members that nobody has described, which have to
# be taken. Their own clients try them (test_openai.py, test_mcp.py), and test_other_protocols() their forms.
OPERATIONS = [(path, method, mode) for path, methods in DESCRIPTION["paths"].items() if not path.startswith(("/v1/", "/mcp"))
              for method, operation in methods.items() for mode in GenerationMode
              if mode == GenerationMode.POSITIVE or operation.get("requestBody")
              or any(p["in"] != "path" or "pattern" in p["schema"] for p in operation.get("parameters", []))]


def test_description_is_valid(described):
    described.validate()
    for reference in set(re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(DESCRIPTION))):
        assert reference[1] in DESCRIPTION["components"][reference[0]], reference


QUESTION = "Why do cranes dance?"
MESSAGES = [{"role": "user", "content": [{"type": "text", "text": QUESTION}]}]


@pytest.mark.parametrize("path, body, status", [
    ("/v1/chat/completions", {"model": "jackdaw", "messages": MESSAGES, "jackdaw": {"k": 2}}, 200),
    ("/v1/chat/completions", {"model": "jackdaw", "messages": []}, 400),
    ("/v1/chat/completions", {"model": "none-such", "messages": MESSAGES}, 404),
    ("/v1/responses", {"model": "jackdaw", "input": QUESTION}, 200),
    ("/v1/responses", {"model": "jackdaw", "input": QUESTION, "text": {"format": {"type": "json_object"}}}, 400),
    ("/v1/embeddings", {"model": "none-such", "input": QUESTION}, 404),
    ("/v1/embeddings", {"model": "none-such", "input": [1, 2]}, 400),
    ("/v1/models", None, 200),
    ("/v1/models/{id}", {"id": "jackdaw"}, 200),
    ("/v1/models/{owner}/{name}", {"owner": "nobody", "name": "nothing"}, 404),
    ("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "ping"}, 200),
    ("/mcp", {"jsonrpc": "2.0", "id": "a", "method": "none/such"}, 200),
    ("/mcp", {"jsonrpc": "1.0"}, 400),
])
def test_other_protocols(server, path, body, status):
    """Requests are as described where they are good, and only there; answers always."""
    (method, operation), = DESCRIPTION["paths"][path].items()
    answer = server.get(path.format(**(body or {}))) if method == "get" else server.post(path, body)
    assert answer.status_code == status, answer.text
    described = operation["responses"].get(str(status), operation["responses"]["default"])
    if "$ref" in described:
        described = DESCRIPTION["components"]["responses"][described["$ref"].split("/")[-1]]
    validate(answer.json(), described["content"]["application/json"]["schema"])
    if method == "post":
        wanted = operation["requestBody"]["content"]["application/json"]["schema"]
        if status != 400:
            validate(body, wanted)
        else:
            with pytest.raises(jsonschema.ValidationError):
                validate(body, wanted)


def validate(value, schema):
    jsonschema.validate(value, {**schema, "components": DESCRIPTION["components"]})


@pytest.mark.parametrize("path, method, mode", OPERATIONS, ids=[f"{m.value} {o} {p}" for p, o, m in OPERATIONS])
def test_operation(described, path, method, mode):
    operation = described[path][method.upper()]

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case):
        answer = case.call(timeout=60)
        case.validate_response(answer, checks=CHECKS, excluded_checks=[not_a_server_error])
        assert answer.status_code < 500 or answer.status_code in NOT_OURS, answer.text

    check()
