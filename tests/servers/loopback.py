"""An HTTP server on a free loopback port that is told what to answer and remembers what it was asked."""
import dataclasses
import http.server
import json
import socket
import threading
import time


@dataclasses.dataclass
class Request:
    method: str
    path: str
    headers: dict
    body: object  # parsed JSON, or None


@dataclasses.dataclass
class Reply:
    """A whole answer. `body` is bytes, text, or something that becomes JSON."""
    body: object = b""
    status: int = 200
    content_type: str = "application/json; charset=utf-8"

    def bytes(self):
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclasses.dataclass
class Stream:
    """An answer in pieces. `cut`: the connection dies after the last of them. `hold`: after the last of them it
    stays open until the client goes away."""
    pieces: list
    content_type: str = "application/x-ndjson"
    cut: bool = False
    hold: bool = False
    delay: float = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = raw
        request = Request(self.command, self.path, dict(self.headers), body)
        with self.server.lock:
            self.server.owner.requests.append(request)
        reply = self.server.owner.answer(request)
        if isinstance(reply, Stream):
            self.send_stream(reply)
        else:
            data = reply.bytes()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def send_stream(self, stream):
        self.send_response(200)
        self.send_header("Content-Type", stream.content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in stream.pieces:
                data = piece if isinstance(piece, bytes) else piece.encode()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.flush()
                time.sleep(stream.delay)
            if stream.hold:
                self.connection.recv(1)
                self.server.owner.gone.set()
            if stream.cut:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.server.owner.gone.set()
            self.close_connection = True

    do_GET = do_POST = answer


class ManyServer(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


class Loopback:
    """Subclasses answer in `answer(request)`. Use it as a context manager."""

    def __init__(self):
        self.requests = []
        self.gone = threading.Event()  # a client left in the middle of a stream
        self.server = ManyServer(("127.0.0.1", 0), Handler)
        self.server.lock = threading.Lock()
        self.server.owner = self
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()

    @property
    def host(self):
        return "127.0.0.1:%d" % self.server.server_address[1]

    @property
    def url(self):
        return "http://" + self.host

    def asked(self, path):
        """The bodies that were posted to `path`."""
        return [r.body for r in self.requests if r.path == path]

    def answer(self, request):
        raise NotImplementedError
