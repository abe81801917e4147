"""A tool makes up requests from /api/v1/openapi.json, good ones and bad ones, and checks the answers against it."""
import json

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


# Of those without parameters there are no bad requests.
OPERATIONS = [(path, method, mode) for path, methods in json.loads((ROOT / "src/server/openapi.json").read_text())["paths"].items()
              for method, operation in methods.items() for mode in GenerationMode
              if mode == GenerationMode.POSITIVE or operation.get("parameters") or operation.get("requestBody")]


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
