"""What comes in at the socket of `jackdaw serve` that is no HTTP, or doubtful, or too much of one address."""
import json
import socket

import pytest

from library_server import home, server  # noqa: F401
from serving import Server, is_closed, read_all


NEXT = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("headers, body", [
    (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    (b"Content-Length: 0\r\nContent-Length: 9\r\n", b""),
    (b"Transfer-Encoding: gzip\r\n", b""),
    (b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
    (b"Transfer-Encoding: chunked \r\n", b"0\r\n\r\n"),
    (b"Content-Length : 9\r\n", b""),
])
def test_no_request_within_another(server, headers, body):
    """What a proxy in front may take to end elsewhere than here is refused at once, with all that comes after it."""
    head = b"POST /api/v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    answer = server.raw(head + headers + b"\r\n" + body + NEXT)
    assert answer.count(b"HTTP/1.1") == 1 and answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501"))
    head, _, text = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    if b"application/json" in head:  # newer versions of libmicrohttpd refuse some of it by themselves
        assert json.loads(text)["error"]["message"] == "the headers of the request are malformed"


def test_white_space_around_values(server):
    answer = server.raw(b"GET /api/v1/health HTTP/1.1\r\nHost: \t localhost \t\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("request_bytes, status", [
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"marker" * 10000 + b"\r\n\r\n", 431),
    (b"GET /" + b"marker" * 10000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    (b"GET /marker HTTP/1.1\r\nHost: localhost\r\nmarker\r\n\r\n", 400),
    (b"GET /marker HTTP/1.1\r\nX: marker\r\n\r\n", 400),
    (b"GET /marker HTTP/7.3\r\nHost: marker\r\n\r\n", 505),
    (b"POST /marker HTTP/1.1\r\nHost: localhost\r\nContent-Length: marker\r\n\r\n", 400),
    (b"POST /marker HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n", 413),
])
def test_refusals_of_the_library(server, request_bytes, status):
    """What is no HTTP is refused before Jackdaw sees it: by a text that has nothing of the request in it."""
    with server.connect() as sock:
        try:
            sock.sendall(request_bytes)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = read_all(sock)
    # A reset takes an answer with it that has not been read: more has come in than was read here.
    assert answer.startswith(b"HTTP/1.1 %d " % status) or (answer == b"" and status in (431, 414))
    assert b"marker" not in answer and b"jackdaw" not in answer.lower() and b"/" + b"home" not in answer


def test_half_open_connections(server):
    """Clients that have said all that they will say are waited for no longer; who has closed one way may have closed both,
    so that even a whole request may go without its answer."""
    with server.connect() as sock:
        sock.sendall(b"GET /api/v1/search?query=owl HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        sock.shutdown(socket.SHUT_WR)
        answer = read_all(sock)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 200")
    for half in (b"", b"GET / HTTP/1.1\r\nHost: loc",
                 b"POST /api/v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc"):
        with server.connect() as sock:
            sock.sendall(half)
            sock.shutdown(socket.SHUT_WR)
            assert is_closed(sock, 60), half


def own_address():
    """An address of this machine that is not loopback, or None. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = sock.getsockname()[0]
    return None if address.startswith("127.") else address


def test_connections_of_one_address(home, tmp_path):
    """The 129th from one address beyond loopback is closed; others come in, and so does it when one has gone."""
    address = own_address()
    if not address:
        pytest.skip("this machine has no address but loopback")
    request = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with Server(home, "--listen", "*", "--token-file", tmp_path / "token") as running:
        def connect(host):
            sock = socket.create_connection((host, running.port), timeout=60)
            try:
                sock.sendall(request)
                return sock, sock.recv(100)
            except (BrokenPipeError, ConnectionResetError):
                return sock, b""
        held = [connect(address) for _ in range(128)]
        assert all(answer.startswith(b"HTTP/1.1 200") for _, answer in held)
        over, answer = connect(address)
        assert answer == b""
        over.close()
        local, answer = connect("127.0.0.1")
        assert answer.startswith(b"HTTP/1.1 200")
        held.pop()[0].close()
        answer, tries = b"", 0
        while not answer and tries < 200:  # until the server has seen that one has gone
            again, answer = connect(address)
            again.close()
            tries += 1
        assert answer.startswith(b"HTTP/1.1 200")
        local.close()
        for sock, _ in held:
            sock.close()
