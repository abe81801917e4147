"""A server of the real binary, for the tests of `jackdaw serve`."""
import json
import os
import select
import signal
import socket
import subprocess
import time
from urllib.parse import urlsplit

import httpx


class Server:
    """`jackdaw serve` on a free port, ended with the scope."""

    def __init__(self, jackdaw, *args, env=None):
        self.jackdaw = jackdaw
        self.errors = jackdaw.folder / f"serve-{time.monotonic_ns()}.log"
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [str(jackdaw.program), "--json", "serve", "--port", "0", *map(str, args)], stdout=subprocess.PIPE,
                stderr=errors, env={**jackdaw.env, **(env or {})}, cwd=jackdaw.folder)
        line = self.process.stdout.readline()
        assert line, self.log()
        told = json.loads(line)
        self.urls, self.token = told["urls"], told["token"]
        self.url = self.urls[0]
        self.host, self.port = urlsplit(self.url).hostname, urlsplit(self.url).port
        self.client = httpx.Client(base_url=self.url, timeout=60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()
        if self.process.poll() is None:
            self.stop()
        self.process.stdout.close()

    def log(self):
        return self.errors.read_text(errors="replace")

    def stop(self, how=signal.SIGTERM, timeout=60):
        """Ends it and returns the exit status."""
        self.process.send_signal(how)
        status = self.process.wait(timeout)
        assert "Sanitizer" not in self.log() and "runtime error" not in self.log(), self.log()
        return status

    # ---- requests

    def get(self, path, **kwargs):
        return self.client.get(path, **kwargs)

    def post(self, path, body=None, **kwargs):
        return self.client.post(path, json={} if body is None and not kwargs else body, **kwargs)

    def json(self, path, **params):
        answer = self.client.get(path, params=params or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def connect(self):
        """A bare socket."""
        return socket.create_connection((self.host, self.port), timeout=60)

    def raw(self, data):
        """What comes back for these bytes, until the server closes."""
        with self.connect() as sock:
            sock.sendall(data)
            return read_all(sock)

    # ---- jobs

    def events(self, path, method="GET", **kwargs):
        """(event, data) of a stream, as they come."""
        with self.client.stream(method, path, **kwargs) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"] == "text/event-stream"
            yield from parse_events(answer.iter_lines())

    def finish(self, job):
        """Waits for the end of a job, as its stream tells it."""
        name, data = list(self.events(f"/api/v1/jobs/{job['id']}/events"))[-1]
        assert name == "end"
        return data

    def ingest(self, *paths, **settings):
        answer = self.post("/api/v1/ingest", {"paths": [str(p) for p in paths], **settings})
        assert answer.status_code == 202, answer.text
        return self.finish(answer.json())

    def upload(self, files, **settings):
        """files: name -> bytes."""
        answer = self.client.post("/api/v1/ingest", files=[("file", (n, d)) for n, d in files.items()], data=settings)
        assert answer.status_code == 202, answer.text
        return self.finish(answer.json())


def parse_events(lines):
    name, data = None, None
    for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            data = line[6:]
        elif line == "" and data is not None:
            yield name, json.loads(data)
            name, data = None, None


def read_all(sock):
    out = b""
    while True:
        try:
            piece = sock.recv(65536)
        except ConnectionResetError:
            return out
        if not piece:
            return out
        out += piece


def is_closed(sock, seconds):
    """Whether the other side closes within that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        if poll.poll(200):
            try:
                if not sock.recv(65536):
                    return True
            except ConnectionResetError:
                return True
    return False


def error_of(answer, status, code=None):
    """The error object of an answer of this status, whose form is checked."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "hint"} and error["message"]
    assert os.sep + "home" not in error["message"] and "/tmp" not in error["message"], error
    if code:
        assert error["code"] == code
    return error
