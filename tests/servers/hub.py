"""A hub as Hugging Face's is, over loopback: a list of files, files by `resolve`, large ones through a redirect to a second
host. Faults are told per file and used up one by one."""
import hashlib
import http.server
import json
import socket
import threading
import urllib.parse

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LINKED = (".safetensors", ".bin")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def blob(data):
    """Git's name of a file's contents."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        with self.server.lock:
            self.server.owner.requests.append((self.command, url.path, dict(self.headers)))
        self.server.answer(self, urllib.parse.unquote(url.path))

    do_HEAD = do_GET

    def reply(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def cut_off(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, owner, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.owner, self.answer, self.lock = owner, answer, threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client may go away at any time."""

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server_address[1]


class Hub:
    """`files`: path -> bytes, of each repository. `lists`: it has the hub's list of files. `hashes`: it gives hashes; else an
    ETag as a file server's. Use it as a context manager."""

    def __init__(self, repositories, lists=True, hashes=True, token=None, gated=()):
        self.repositories, self.lists, self.hashes, self.token, self.gated = repositories, lists, hashes, token, set(gated)
        self.faults = {}     # path -> [fault, ...], used up in order
        self.renamed = {}    # old name of a repository -> new one, as a relative redirect
        self.redirect = None  # where every file is
        self.promised = {}   # path -> bytes whose hash is given instead of the file's
        self.requests = []
        self.cdn_requests = []
        self.held = threading.Event()     # a transfer is under way and held
        self.release = threading.Event()  # lets it go on

    def __enter__(self):
        self.server = Server(self, self.answer)
        cdn = type("Cdn", (), {"requests": self.cdn_requests})()
        self.cdn = Server(cdn, self.answer_cdn)
        return self

    def __exit__(self, *args):
        self.release.set()
        for server in (self.server, self.cdn):
            server.shutdown()
            server.server_close()

    @property
    def url(self):
        return self.server.url

    def asked(self, ending, command="GET"):
        """Headers of the requests for paths with this ending, to the hub and to where it redirects."""
        return [headers for method, path, headers in self.requests + self.cdn_requests
                if method == command and path.endswith(ending)]

    def fault(self, path):
        faults = self.faults.get(path)
        return faults.pop(0) if faults else None

    # ---- the hub's own host ----

    def answer(self, request, path):
        for old, new in self.renamed.items():
            if f"/{old}/" in path:
                return request.reply(307, Location=request.path.replace(old, new))
        parts = path.strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            return self.answer_list(request, "/".join(parts[2:4]), parts[5] if len(parts) > 5 else "main")
        if len(parts) > 4 and parts[2] == "resolve":
            return self.answer_file(request, "/".join(parts[:2]), "/".join(parts[4:]))
        return request.reply(404)

    def refused(self, request, repository):
        """Answers where the request is refused or fails; TRUE then."""
        fault = self.fault("hub")
        if fault:
            request.reply(fault[0], **fault[1])
        elif self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            request.reply(401, X_Error_Code="GatedRepo" if repository in self.gated else "RepoNotFound")
        elif repository not in self.repositories:
            request.reply(404, X_Error_Code="RepoNotFound")
        else:
            return False
        return True

    def answer_list(self, request, repository, revision):
        if not self.lists:
            return request.reply(404)
        if repository not in self.gated and self.refused(request, repository):
            return None  # what there is in a gated repository is no secret
        if revision not in ("main", COMMIT):
            return request.reply(404, X_Error_Code="RevisionNotFound")
        siblings = []
        for path, data in self.repositories[repository].items():
            data = self.promised.get(path, data)
            entry = {"rfilename": path, "size": len(data), "blobId": blob(data)}
            if path.endswith(LINKED):
                entry.update(blobId=blob(b"a link"), lfs={"sha256": sha256(data), "size": len(data), "pointerSize": 130})
            if not self.hashes:
                entry = {"rfilename": path}
            siblings.append(entry)
        body = {"id": repository, "sha": COMMIT, "siblings": siblings, "tags": ["license:apache-2.0"]}
        return request.reply(200, json.dumps(body).encode(), Content_Type="application/json")

    def answer_file(self, request, repository, path):
        if self.refused(request, repository):
            return None
        if self.redirect:
            return request.reply(302, Location=self.redirect)
        data = self.repositories[repository].get(path)
        if data is None:
            return request.reply(404, X_Error_Code="EntryNotFound")
        promised = self.promised.get(path, data)
        headers = {"X_Repo_Commit": COMMIT} if self.hashes else {}
        if self.hashes and path.endswith(LINKED):
            location = f"{self.cdn.url}/{repository}/{path}?signature=1"
            return request.reply(302, Location=location, X_Linked_ETag=f'"{sha256(promised)}"', X_Linked_Size=len(promised),
                                 ETag='"not-a-hash"', **headers)
        etag = f'"{blob(promised)}"' if self.hashes else f'"{len(data)}-{sha256(data)[:8]}"'
        return self.send(request, path, data, ETag=etag, **headers)

    # ---- where it redirects to ----

    def answer_cdn(self, request, path):
        owner, name, path = path.strip("/").split("/", 2)
        return self.send(request, path, self.repositories[f"{owner}/{name}"][path], ETag='"of the other host"')

    # ---- bytes ----

    def send(self, request, path, data, **headers):
        fault = self.fault(path) if request.command == "GET" else None
        kind = fault[0] if fault else None
        if kind == "status":
            return request.reply(fault[1], **fault[2])
        if kind == "wrong":
            data = data[:-1] + bytes([data[-1] ^ 1])
        if kind == "longer":
            data += b"and more"
        if kind == "shorter":
            data = data[:-8]
        start = self.range_of(request, headers.get("ETag"), ignore=kind == "no range")
        if start is None:
            status = 200
        elif start >= len(data):
            return request.reply(416, Content_Range=f"bytes */{len(data)}")
        else:
            status = 206
            headers["Content_Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        if kind == "other range":
            headers["Content_Range"] = f"bytes 1-{len(data) - 1}/{len(data)}"
        body = data[start or 0:]
        if kind not in ("cut", "hold"):
            return request.reply(status, body, **headers)
        request.reply(status, body[:fault[1]], Content_Length=len(body), **headers)
        request.wfile.flush()
        if kind == "hold":
            self.held.set()
            self.release.wait(60)
        return request.cut_off()

    @staticmethod
    def range_of(request, etag, ignore):
        wanted = request.headers.get("Range")
        condition = request.headers.get("If-Range")
        if not wanted or ignore or (condition and condition != etag):
            return None
        return int(wanted.removeprefix("bytes=").rstrip("-"))


def read_folder(folder):
    """A model's folder as a repository."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
