"""nginx, Apache and Caddy serve the site as the model says, with the configuration made for them."""

from __future__ import annotations

import gzip

import brotli
import pytest

from policysite.core.mediatypes import content_type
from policysite.core.negotiation import negotiate
from policysite.core.urls import address
from policysite.render.hosts.model import ASSETS, HostSite
from tests.helpers.languages import ACCEPT_LANGUAGE
from tests.helpers.servers import Reply, Server
from tests.servers.conftest import BuiltForHosts

#: Headers of the server's own, which the model does not speak of.
OWN = {
    *(
        "date",
        "server",
        "content-type",
        "content-length",
        "connection",
        "last-modified",
        "etag",
        "accept-ranges",
    ),
    *("content-encoding", "keep-alive", "location", "transfer-encoding"),
}


def agrees(reply: Reply, model: HostSite, output: str, *, where: str) -> None:
    """The reply has the headers of the model for a file, and no other that the model could speak of."""
    expected: dict[str, str] = {}
    for name, value in model.headers(output):
        expected[name.lower()] = value
    found = {name: value for name, value in reply.headers.items() if name not in OWN}
    vary = {word.strip() for word in found.pop("vary", "").split(",") if word.strip()}
    wanted = {word.strip() for word in expected.pop("vary", "").split(",") if word.strip()}
    assert found == expected, where
    assert vary - {"Accept-Encoding"} == wanted, where


def test_every_page_has_the_headers_of_the_model(server: Server, site: BuiltForHosts) -> None:
    for page in site.model.pages:
        if page.output.endswith("404.html"):
            continue
        reply = server.get(address(page.output))
        assert reply.status == 200, page.output
        assert reply.headers["content-type"].lower() == "text/html; charset=utf-8", page.output
        assert reply.body == (site.folder / page.output).read_bytes(), page.output
        agrees(reply, site.model, page.output, where=page.output)


def test_every_other_file_has_the_headers_of_the_model(server: Server, site: BuiltForHosts) -> None:
    for path in site.model.files:
        if path.endswith((".br", ".gz")):
            continue
        reply = server.get(f"/{path}")
        assert reply.status == 200, path
        assert reply.body == (site.folder / path).read_bytes(), path
        assert reply.headers["content-type"].lower() == content_type(path), path
        agrees(reply, site.model, path, where=path)
        assert ("immutable" in reply.headers["cache-control"]) == path.startswith(ASSETS), path


@pytest.mark.parametrize(
    ("target", "output"),
    [
        ("/nothing", "404.html"),
        ("/nothing/", "404.html"),
        ("/en/nothing/", "en/404.html"),
        ("/bn/nothing/", "bn/404.html"),
        ("/ar/privacy/nothing.html", "ar/404.html"),
        ("/app/bn/nothing/", "bn/404.html"),
        ("/assets/css/site.0000000000.css", "404.html"),
        ("/assets/", "404.html"),
        ("/assets/css/", "404.html"),
        ("/app/", "404.html"),
        ("/app/bn/", "bn/404.html"),
        ("/.env", "404.html"),
        ("/.git/config", "404.html"),
        ("/.htaccess", "404.html"),
        ("/.hosts/nginx-http.conf", "404.html"),
        ("/.hosts/Caddyfile", "404.html"),
        ("/.well-known/.secret", "404.html"),
        ("/en/.secret", "en/404.html"),
    ],
)
def test_what_is_not_there_or_not_for_you_is_the_404_page_of_the_language(
    server: Server, site: BuiltForHosts, target: str, output: str
) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip, br"}, {"Accept-Language": "ar"}):
        reply = server.get(target, headers)
        assert reply.status == 404
        body = reply.body
        if reply.headers.get("content-encoding") == "br":
            body = brotli.decompress(body)
        elif reply.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        assert body == (site.folder / output).read_bytes()
        assert reply.headers["content-type"].lower() == "text/html; charset=utf-8"
        agrees(reply, site.model, output, where=target)


@pytest.mark.parametrize(
    "target",
    [
        "/../../../../etc/passwd",
        "/en/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2f..%2fetc/passwd",
        "/en/..%5c..%5cetc/passwd",
        "//etc/passwd",
        "/%2e%65nv",
        "/en//../.env",
        "/%2egit/config",
        "/.well-known/%2e%2e/.env",
        "/.well-known/../.env",
        "/en/%00.html",
    ],
)
def test_no_path_leads_out_or_to_what_is_hidden(server: Server, target: str) -> None:
    reply = server.get(target)
    assert reply.status in (301, 302, 307, 308, 400, 403, 404), target
    assert b"root:" not in reply.body
    assert b"secret" not in reply.body
    if reply.status < 400:  # a cleaned address: it must be the site's own
        location = server.path(reply.headers["location"])
        assert location.startswith("/")
        assert not location.startswith("//")
        again = server.get(location)
        assert again.status >= 300
        assert b"secret" not in again.body


@pytest.mark.parametrize(("header", "tag"), ACCEPT_LANGUAGE)
def test_the_language_at_the_root(server: Server, site: BuiltForHosts, header: str, tag: str | None) -> None:
    assert tag == negotiate(header, site.model.tags)
    reply = server.get("/", {"Accept-Language": header} if header else {})
    if tag is None:
        assert reply.status == 200
        assert reply.body == (site.folder / "index.html").read_bytes()
    else:
        assert (reply.status, server.path(reply.headers["location"])) == (302, dict(site.model.homes)[tag])
    assert "accept-language" in reply.headers["vary"].lower()
    assert "immutable" not in reply.headers["cache-control"]


def test_only_the_root_is_negotiated(server: Server, site: BuiltForHosts) -> None:
    for page in site.model.pages:
        if page.output not in ("index.html",) and not page.output.endswith("404.html"):
            reply = server.get(address(page.output), {"Accept-Language": "ar"})
            assert reply.status == 200
            assert reply.body == (site.folder / page.output).read_bytes()


def test_a_folder_without_its_slash_goes_to_its_address(server: Server) -> None:
    for path in ("/en", "/bn/privacy", "/app/ar/terms"):
        reply = server.get(path, {"Host": "evil.example"})
        assert reply.status in (301, 302, 307, 308)
        assert server.path(reply.headers["location"]) == f"{path}/"


def test_nothing_else_is_listed(server: Server, site: BuiltForHosts) -> None:
    folders = {f"/{'/'.join(path.split('/')[:-1])}/".replace("//", "/") for path in site.files}
    for folder in folders:
        reply = server.get(folder)
        assert b"Index of" not in reply.body
        assert reply.status == (200 if (site.folder / folder.strip("/") / "index.html").is_file() else 404), (
            folder
        )


def test_html_is_asked_for_again_and_not_sent_again(server: Server) -> None:
    first = server.get("/en/privacy/")
    assert first.headers["cache-control"] == "no-cache"
    again = server.get("/en/privacy/", {"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


def test_only_reading_is_allowed(server: Server) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert server.get("/en/privacy/", {"Content-Length": "0"}, method).status in (403, 404, 405)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),  # every browser of today
        ("br", "br"),
        ("gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("identity", ""),
        ("", ""),
        ("br;q=0, gzip", "gzip"),
    ],
)
def test_what_is_precompressed_is_sent_as_it_is(
    server: Server, site: BuiltForHosts, accepted: str, coding: str
) -> None:
    made = [path for path in site.files if path.endswith(".br")]
    assert len(made) > 40
    for path in made:
        plain = path.removesuffix(".br")
        if plain in ("404.html", "index.html") or plain.endswith("/404.html"):
            continue
        reply = server.get(address(plain), {"Accept-Encoding": accepted} if accepted else {})
        assert reply.status == 200
        assert reply.headers.get("content-encoding", "") == coding, plain
        ending = {"br": ".br", "gzip": ".gz", "": ""}[coding]
        assert reply.body == (site.folder / (plain + ending)).read_bytes(), plain
        assert reply.headers["content-type"].lower() == content_type(plain), plain
        assert "Accept-Encoding" in reply.headers["vary"], plain
        agrees(reply, site.model, plain, where=plain)
