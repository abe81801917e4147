"""Fetching: only where asked for, http and https only, never into the local network, politely, and from a cache."""
import base64
import http.server
import json
import threading
import zlib

import pytest
from library import png
from test_ingest import documents, ingest
from test_ingest_pictures import images

PAGE = b"""<html><head><title>On the web</title></head><body><h1>Web</h1><p>A page of the web.</p>
<figure><img src="pics/a.png" alt="a"><figcaption>A picture</figcaption></figure></body></html>"""


class Site(http.server.BaseHTTPRequestHandler):
    """A web site with every fault that the tests ask for."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body=b"", status=200, length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass

    def do_GET(self):
        site = self.server
        site.seen.append((self.path, dict(self.headers)))
        if self.path in site.redirects:
            self.answer(status=302, Location=site.redirects[self.path])
        elif self.path == "/robots.txt":
            self.answer(site.robots, status=site.robots_status)
        elif self.path in site.pages:
            body = site.pages[self.path]
            tag = f'"{zlib.crc32(body)}"'
            if self.headers.get("If-None-Match") == tag:
                self.answer(status=304)
            else:
                time = {} if self.path.endswith(".png") else {"Last_Modified": "Wed, 21 Oct 2015 07:28:00 GMT"}
                self.answer(body, Content_Type="text/html; charset=utf-8", ETag=tag, **time)
        elif self.path == "/huge":
            self.answer(b"x" * 100_000, length=10**9)
            self.close_connection = True
        elif self.path == "/bomb":
            self.answer(zlib.compress(bytes(100 << 20), 9), Content_Encoding="deflate", Content_Type="text/html")
        elif self.path == "/cut":
            self.answer(PAGE, length=len(PAGE) + 1000)
            self.close_connection = True
        elif self.path == "/broken":
            self.answer(b"no", status=500)
        else:
            self.answer(b"nothing here", status=404)


@pytest.fixture
def site():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    server.seen, server.redirects, server.robots, server.robots_status = [], {}, b"", 404
    server.pages = {"/page": PAGE, "/pics/a.png": png(7, 5, (1, 2, 3))}
    server.host = f"127.0.0.1:{server.server_port}"
    server.url = f"http://{server.host}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def fetch(jackdaw, site, *paths, status=0):
    return ingest(jackdaw, "--fetch", "--fetch-allow", site.host, *(site.url + p for p in paths), status=status)


def reason(jackdaw, site, path):
    skipped, = fetch(jackdaw, site, path, status=3)["skipped"]
    assert skipped["uri"] == site.url + path
    return skipped["reason"]


def test_nothing_is_fetched_without_being_asked(jackdaw, site):
    result = jackdaw.run("ingest", "--fetch-allow", site.host, site.url + "/page")
    assert result.status == 2 and "--fetch" in result.err
    assert site.seen == []


def test_a_page_with_its_picture(jackdaw, site):
    report = fetch(jackdaw, site, "/page")
    assert (report["documents"], report["images"], report["warnings"]) == (1, 1, [])
    document = documents(jackdaw)[site.url + "/page"]
    assert document["title"] == "On the web" and document["mtime"] == 1445412480
    image, = images(jackdaw)
    assert (image["source"], image["width"], image["caption"]) == ("pics/a.png", 7, "A picture")
    agents = {headers["User-Agent"] for _, headers in site.seen}
    assert len(agents) == 1 and agents.pop() == jackdaw.ok("--version").out.strip().replace(" ", "/")
    assert not any("Cookie" in headers or "Authorization" in headers for _, headers in site.seen)


def test_the_cache_is_revalidated(jackdaw, site):
    fetch(jackdaw, site, "/page")
    first = len(site.seen)
    assert fetch(jackdaw, site, "/page")["unchanged"] == 1
    again = {path: headers for path, headers in site.seen[first:]}
    assert "If-None-Match" in again["/page"] and "If-Modified-Since" in again["/page"]
    site.pages["/page"] = PAGE.replace(b"A page", b"Another page")
    assert fetch(jackdaw, site, "/page")["documents"] == 1
    # The picture has a tag but no time, and is revalidated all the same.
    assert [headers.get("If-None-Match") for path, headers in site.seen if path == "/pics/a.png"][-1]
    # A body that someone damaged is not used.
    cache = jackdaw.folder / "home" / "cache" / "jackdaw" / "fetch"
    for body in cache.glob("*.body"):
        body.write_bytes(b"damaged")
    assert fetch(jackdaw, site, "/page")["unchanged"] == 1
    assert not list(cache.glob("new-*")), "a half-made file was left"


def test_pictures_of_local_documents(jackdaw, site):
    (jackdaw.folder / "a.html").write_text(f'<p>Text.</p><img src="{site.url}/pics/a.png" alt="remote">')
    report = ingest(jackdaw, "a.html")
    assert report["images"] == 1 and len(report["warnings"]) == 1 and site.seen == []
    report = ingest(jackdaw, "--fetch", "--fetch-allow", site.host, "a.html")
    assert (report["documents"], report["warnings"]) == (1, [])
    assert images(jackdaw)[0]["sha256"]
    assert ingest(jackdaw, "a.html")["unchanged"] == 1


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}/page", "http://localhost:{port}/page", "http://0x7f.1:{port}/page",
                                     "http://2130706433:{port}/page", "http://[::ffff:127.0.0.1]:{port}/page",
                                     "http://0.0.0.0:{port}/page"])
def test_private_addresses_are_refused(jackdaw, site, address):
    url = address.format(port=site.server_port)
    skipped, = ingest(jackdaw, "--fetch", url, status=3)["skipped"]
    assert "not on the public internet" in skipped["reason"]
    assert site.seen == []


def test_proxies_of_the_environment_are_not_used(jackdaw, site):
    """A proxy would connect where Jackdaw may not."""
    env = {name: site.url for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY")}
    ingest(jackdaw, "--fetch", "http://127.0.0.2:9/page", status=3, env=env)
    assert site.seen == []


@pytest.mark.parametrize("target, says", [
    ("file:///etc/passwd", "neither http nor https"),
    ("ftp://127.0.0.1/x", "neither http nor https"),
    ("gopher://127.0.0.1/x", "neither http nor https"),
    ("http://127.0.0.2:{port}/page", "not on the public internet"),
    ("http://[::1]:{port}/page", "not on the public internet"),
    ("http://169.254.169.254/latest/meta-data", "not on the public internet"),
    ("http://user:secret@127.0.0.1:{port}/page", "a name or a password"),
    ("/loop", "redirects more than 5 times"),
    ("/nothing", "is not there (status 404)"),
])
def test_redirects(jackdaw, site, target, says):
    site.redirects = {"/start": target.format(port=site.server_port), "/loop": "/loop"}
    assert says in reason(jackdaw, site, "/start")


def test_redirects_that_are_fine(jackdaw, site):
    site.redirects = {"/start": "/next", "/next": "/page"}
    report = fetch(jackdaw, site, "/start")
    assert report["documents"] == 1 and report["warnings"] == []
    assert list(documents(jackdaw)) == [site.url + "/start"]


@pytest.mark.parametrize("path, says", [
    ("/huge", ""), ("/bomb", "larger than the limit"), ("/cut", "failed"), ("/broken", "status 500"), ("/nothing", "404")])
def test_faults_of_servers(jackdaw, site, path, says):
    assert says in reason(jackdaw, site, path)
    assert documents(jackdaw) == {}


def test_wrong_types(jackdaw, site):
    site.pages["/pics/a.png"] = b"<html>not a picture"
    site.pages["/binary"] = b"\x7fELF" + bytes(500)
    report = fetch(jackdaw, site, "/page", "/binary", status=3)
    assert report["documents"] == 1 and len(report["skipped"]) == 1
    assert report["warnings"][0]["reason"].startswith("picture pics/a.png: ")
    assert images(jackdaw)[0]["sha256"] is None


def test_robots(jackdaw, site):
    site.robots, site.robots_status = b"User-agent: *\nDisallow: /private\nAllow: /private/open\nDisallow: /pics", 200
    site.pages.update({"/private/x": PAGE, "/private/open": PAGE, "/private/pics/a.png": png(8, 8, (1, 1, 1))})
    report = fetch(jackdaw, site, "/private/x", "/private/open", "/page", status=3)
    assert report["documents"] == 2
    assert "robots.txt" in report["skipped"][0]["reason"]
    assert [path for path, _ in site.seen].count("/robots.txt") == 1
    assert "/private/x" not in [path for path, _ in site.seen]
    # A picture belongs to a page that the user asked for.
    assert all(i["sha256"] for i in images(jackdaw))


def test_robots_that_cannot_be_had(jackdaw, site):
    site.robots_status = 503
    assert "robots.txt" in reason(jackdaw, site, "/page")
    assert [path for path, _ in site.seen] == ["/robots.txt"]


def test_a_page_cannot_reach_local_files(jackdaw, site):
    secret = jackdaw.folder / "secret.png"
    secret.write_bytes(png(3, 3, (5, 5, 5)))
    data = base64.b64encode(png(20, 20, (6, 6, 6))).decode()
    site.pages["/page"] = (f'<p>Text.</p><img src="file://{secret}"><img src="{secret}">'
                           f'<img src="data:image/png;base64,{data}">').encode()
    report = fetch(jackdaw, site, "/page")
    assert [bool(i["sha256"]) for i in images(jackdaw)] == [False, False, True]
    assert len(report["warnings"]) == 2


def test_settings_that_make_no_sense(jackdaw):
    for allow in ("http://x/", "a b", "::1", "host:0", "host:99999", ":80"):
        result = jackdaw.run("ingest", "--json", "--fetch", "--fetch-allow", allow, "http://127.0.0.1/")
        assert result.status == 2, allow
        assert json.loads(result.err)["error"]["code"] == "usage"


def test_offline_and_fetch_contradict(jackdaw):
    assert jackdaw.run("--offline", "ingest", "--fetch", "http://127.0.0.1/").status == 2
