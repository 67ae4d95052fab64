"""The development server: what it answers (no sockets), then what it does on one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import watchfiles
from hypothesis import given
from hypothesis import strategies as st

from policysite import devserver
from policysite.core.diagnostics import Diagnostic, Place
from policysite.core.mediatypes import content_type
from policysite.core.model import Built
from policysite.devserver import ServeError, no_headers, serve
from policysite.devsite import (
    EVENTS_PATH,
    RELOAD_PATH,
    REPORT_PATH,
    View,
    admit,
    answer,
    event,
    following,
    host_allowed,
    inject,
    resolve,
    shown,
)
from policysite.preview import TOOLBAR_PATH
from tests.helpers import serving
from tests.helpers.serving import BROKEN, DOUBT, FILES, PATIENCE, Running, closing_connection, running

# ── paths ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", "index.html"),
        ("/en/", "en/index.html"),
        ("/en/privacy/", "en/privacy/index.html"),
        ("/en/privacy/?a=1&b=%2F", "en/privacy/index.html"),
        ("/en/privacy/index.html", "en/privacy/index.html"),
        ("/%65n/privacy/", "en/privacy/index.html"),
        ("/bn/%E0%A6%97/", "bn/গ/index.html"),
        ("/assets/site.css", "assets/site.css"),
        ("/robots.txt?", "robots.txt"),
    ],
)
def test_a_path_is_a_file_or_the_index_of_its_folder(target: str, path: str):
    response = resolve(target, FILES)
    assert (response.status, response.path, response.body) == (HTTPStatus.OK, path, FILES[path])


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/en", "/en/"),
        ("/en/privacy", "/en/privacy/"),
        ("/en/privacy?a=1&b=%20c", "/en/privacy/?a=1&b=%20c"),
        ("/bn/%E0%A6%97", "/bn/%E0%A6%97/"),
        ("/en?a\r\nSet-Cookie: b=c", "/en/?a%0D%0ASet-Cookie:%20b=c"),
    ],
)
def test_a_folder_without_its_slash_redirects(target: str, location: str):
    response = resolve(target, FILES)
    assert response.status == HTTPStatus.PERMANENT_REDIRECT
    assert response.headers == (("Location", location),)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/x", "404.html"),
        ("/en/x/", "404.html"),
        ("/bn/x", "bn/404.html"),
        ("/bn/x/y/z.html", "bn/404.html"),
        ("/bn//x/", "bn/404.html"),
        ("/robots.txt/", "404.html"),
        ("/EN/", "404.html"),
        ("/%zz", "404.html"),
    ],
)
def test_an_unknown_path_is_the_nearest_404_page(target: str, path: str):
    response = resolve(target, FILES)
    assert (response.status, response.path) == (HTTPStatus.NOT_FOUND, path)


def test_a_site_without_404_page_says_so_without_markup_of_the_path():
    response = resolve("/%3Cscript%3E", {})
    assert (response.status, response.path, response.is_html) == (HTTPStatus.NOT_FOUND, "", True)
    assert b"&lt;script&gt;" in response.body
    assert b"<script>" not in response.body


TRAVERSALS = [
    "/../secret.txt",
    "/en/../../secret.txt",
    "/..",
    "/en/./privacy/",
    "/%2e%2e/secret.txt",
    "/%2E./secret.txt",
    "/%252e%252e/secret.txt",
    "/..%2fsecret.txt",
    "/..%5Csecret.txt",
    "/..\\secret.txt",
    "/en%2Fprivacy/",
    "/en/privacy/%00",
    "/en/%0d%0aX-Bad:1",
    "/%ff%fe",
    "/%c0%ae%c0%ae/secret.txt",
    "/bn/\u0997/",
    "/en/#x",
    "//etc/passwd",
    "///secret.txt",
    "//en/",
    "http://127.0.0.1/en/",
    "en/",
    "*",
    "",
]


@pytest.mark.parametrize("target", TRAVERSALS)
def test_a_path_that_climbs_or_hides_something_is_refused(target: str):
    assert resolve(target, FILES | {"../secret.txt": b"no", "/etc/passwd": b"no"}).status in (
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
    )


@given(st.one_of(st.text(), st.text("/.%25\\ecn2f\x00?", max_size=12).map("/".__add__)))
def test_whatever_the_path_only_files_of_the_site_are_answered(target: str):
    response = resolve(target, FILES)
    assert response.body == FILES[response.path] if response.path else response.status != HTTPStatus.OK
    assert "\n" not in "".join(value for _, value in response.headers)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("en/index.html", "text/html; charset=utf-8"),
        ("a.CSS", "text/css; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("sitemap.xml", "application/xml; charset=utf-8"),
        ("a.woff2", "font/woff2"),
        (".well-known/apple-app-site-association", "application/json; charset=utf-8"),
        ("index.html.br", "application/octet-stream"),
    ],
)
def test_content_types_do_not_depend_on_the_machine(path: str, expected: str):
    assert content_type(path) == expected


@pytest.mark.parametrize(
    ("host", "port", "allowed"),
    [
        ("localhost:8000", 8000, True),
        ("LocalHost:8000", 8000, True),
        ("127.0.0.1:8000", 8000, True),
        ("[::1]:8000", 8000, True),
        ("localhost", 80, True),
        ("[::1]", 80, True),
        ("localhost", 8000, False),
        ("[::1]", 8000, False),
        ("localhost:8001", 8000, False),
        ("localhost:", 8000, False),
        ("localhost.:8000", 8000, False),
        ("127.0.0.2:8000", 8000, False),
        ("0.0.0.0:8000", 8000, False),
        ("evil.example:8000", 8000, False),
        ("localhost.evil.example:8000", 8000, False),
        ("evil.example#localhost:8000", 8000, False),
        ("localhost:8000:8000", 8000, False),
        ("", 80, False),
        (None, 80, False),
    ],
)
def test_only_names_of_this_machine_are_hosts(host: str | None, port: int, allowed: bool):
    assert host_allowed(host, port) is allowed


# ── views ───────────────────────────────────────────────────────────────────────────────────────


def test_a_build_with_errors_keeps_the_files_and_shows_only_errors():
    good = View("1", FILES)
    view = following(good, Built({"index.html": b"half"}, (BROKEN, DOUBT), 0.1), "2")
    assert view == View("1", FILES, (BROKEN,))


def test_a_cured_build_takes_the_problems_away_and_reloads_only_for_other_files():
    broken = View("1", FILES, (BROKEN,))
    assert following(broken, Built(dict(FILES), (DOUBT,), 0.1), "2") == View("1", FILES)
    assert following(broken, Built({"a": b""}, (), 0.1), "2") == View("2", {"a": b""})


def test_the_first_good_build_reloads_even_when_it_has_no_files():
    assert following(View("none", None, (BROKEN,)), Built({}, (), 0.1), "1") == View("1", {})


def test_an_event_holds_the_version_and_the_problems_in_one_line():
    odd = Diagnostic("D101", "error", Place("a\nb.md", 1), "ends\n\nevent: x\r\u2028", "গ")
    head, data, *rest = event(View("7", None, (odd,))).decode("ascii").split("\n")
    assert (head, rest) == ("event: build", ["", ""])
    told = json.loads(data.removeprefix("data: "))
    assert told["version"] == "7"
    assert told["problems"][0]["message"] == odd.message
    assert told["problems"][0]["hint"] == "গ"


def test_pages_get_the_script_before_the_end_of_their_body():
    script = f'<script src="{RELOAD_PATH}" data-version="3"></script>'.encode()
    assert inject(b"<p></BODY>x</body></html>", "3", "") == b"<p></BODY>x" + script + b"</body></html>"
    assert inject(b"<p>no body", "3", "") == b"<p>no body" + script


def test_only_pages_get_the_script():
    for target, expected in {
        "/en/": True,
        "/x": True,
        "/assets/site.css": False,
        "/robots.txt": False,
    }.items():
        response = answer(target, "localhost:8000", View("3", FILES), no_headers)
        assert (RELOAD_PATH.encode() in response.body) is expected
    assert all(RELOAD_PATH.encode() not in body for body in FILES.values())


def test_a_site_that_does_not_build_yet_is_a_page_with_the_problems_as_text():
    response = answer("/en/x.css", "localhost:8000", View("none", None, (BROKEN,)), no_headers)
    assert response.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert response.is_html
    assert b"content/home.md:3:2: error D101 Not closed &lt;b&gt;" in response.body
    assert b"<img" not in response.body
    assert b'data-version="none"' in response.body


def test_headers_of_the_host_are_added_by_output_path():
    asked: list[str] = []

    def headers(path: str) -> Mapping[str, str]:
        asked.append(path)
        return {"X-Path": path, "cache-control": "immutable", "content-type": "text/html; charset=x"}

    response = answer("/bn/none", "localhost:8000", View("3", FILES), headers)
    assert asked == ["bn/404.html"]
    assert response.headers == (("Content-Type", "text/html; charset=x"), ("X-Path", "bn/404.html"))
    answer("/en", "localhost:8000", View("3", FILES), headers)
    assert len(asked) == 1, "a redirect has no file"


SCRIPT = " ".join("http://localhost:80" + path for path in (RELOAD_PATH, TOOLBAR_PATH))
EVENTS = " ".join("http://localhost:80" + path for path in (EVENTS_PATH, REPORT_PATH))


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("default-src 'none'", f"default-src 'none'; script-src {SCRIPT}; connect-src {EVENTS}"),
        (
            "default-src a.b; Script-Src 'sha256-x='",
            f"default-src a.b; script-src 'sha256-x=' {SCRIPT}; connect-src a.b {EVENTS}",
        ),
        ("script-src 'none'; script-src *", f"script-src {SCRIPT}"),
        ("script-src-elem 'self'; script-src 'none'", f"script-src-elem 'self' {SCRIPT}; script-src 'none'"),
        ("img-src *; upgrade-insecure-requests;;", "img-src *"),
        ("connect-src a, connect-src 'none'", f"connect-src a {EVENTS}, connect-src {EVENTS}"),
        ("", ""),
    ],
)
def test_a_content_security_policy_lets_in_the_reload_script_and_nothing_more(policy: str, expected: str):
    assert admit(policy, "http://localhost:80") == expected


def test_policies_are_opened_in_header_and_meta_of_pages_only():
    body = b'<meta http-equiv="Content-Security-Policy" content="script-src &#39;none&#39;"><body></body>'
    view = View("3", {"index.html": body, "a.svg": b""})

    def headers(path: str) -> Mapping[str, str]:
        return {"Content-Security-Policy": "script-src 'none'"}

    opened = answer("/", "localhost:80", view, headers)
    assert dict(opened.headers)["Content-Security-Policy"] == f"script-src {SCRIPT}"
    assert f'content="script-src {SCRIPT}"'.encode() in opened.body
    six = answer("/", "[::1]:80", view, headers)
    assert dict(six.headers)["Content-Security-Policy"] == "script-src 'self'"
    assert b'content="script-src &#x27;self&#x27;"' in six.body
    drawing = answer("/a.svg", "localhost:80", view, headers)
    assert dict(drawing.headers)["Content-Security-Policy"] == "script-src 'none'"


def test_many_changed_files_are_one_line():
    assert shown(["b", "a"]) == "a, b"
    assert shown(["d", "c", "b", "a", "e"]) == "a, b, c and 2 more"


def test_the_script_writes_text_only():
    script = Path(devserver.__file__).with_name("reload.js").read_text("utf-8")
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser"):
        assert sink not in script
    assert EVENTS_PATH in script


# ── a running server ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as server:
        yield server


def test_pages_are_served_like_by_a_cdn(site: Running):
    response, body = site.ask("/en/")
    assert response.status == 200
    assert b"first" in body
    assert RELOAD_PATH.encode() in body
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert not [name for name in response.headers if name.lower().startswith("access-control-")]

    response, body = site.ask("/en?x=1")
    assert (response.status, response.headers["Location"], body) == (308, "/en/?x=1", b"")

    response, body = site.ask("/bn/none")
    assert response.status == 404
    assert b"bn lost" in body

    response, body = site.ask("/assets/site.css")
    assert (response.headers["Content-Type"], body) == ("text/css; charset=utf-8", b"body{}")

    response, body = site.ask(RELOAD_PATH)
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert b"EventSource" in body


def test_head_is_get_without_a_body(site: Running):
    for target in ("/en/", "/x", "/en", "/assets/site.css", RELOAD_PATH, EVENTS_PATH):
        got, body = site.ask(target)
        head, nothing = site.ask(target, "HEAD")
        assert nothing == b""
        assert head.status == got.status
        if target != EVENTS_PATH:
            assert head.headers["Content-Length"] == str(len(body))
        assert {k: v for k, v in head.headers.items() if k != "Date"} == {
            k: v for k, v in got.headers.items() if k != "Date"
        }


def test_an_etag_spares_the_body_that_is_known(site: Running):
    response, _ = site.ask("/assets/site.css")
    again, body = site.ask("/assets/site.css", if_none_match=response.headers["ETag"])
    assert (again.status, body) == (304, b"")
    other, body = site.ask("/assets/site.css", if_none_match='"other"')
    assert (other.status, body) == (200, b"body{}")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(site: Running, method: str):
    response, _ = site.ask("/en/", method)
    assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")


def test_no_path_leads_out_of_the_site(site: Running):
    (site.root / "secret.txt").write_text("secret")
    for target in TRAVERSALS:
        if target.isascii() and target:
            response, body = site.ask(target)
            # http.server makes one slash of several at the start before we see the path.
            assert response.status in (400, 404) or target == "//en/"
            assert b"secret" not in body.replace(b"secret.txt", b"")


@pytest.mark.parametrize("target", ["/en/", RELOAD_PATH, EVENTS_PATH, "/none"])
def test_a_foreign_host_gets_nothing(site: Running, target: str):
    for host in ("evil.example", f"evil.example:{site.port}", "localhost", "127.0.0.1:1", "0.0.0.0"):
        response, body = site.ask(target, host=host)
        assert response.status == 421
        assert b"first" not in body
    for host in ("localhost", "127.0.0.1", "[::1]"):
        response, _ = site.ask(target, host=f"{host}:{site.port}")
        assert response.status in (200, 404)


def test_a_request_names_one_host(site: Running):
    for hosts in ([], [f"localhost:{site.port}", "evil.example"]):
        with closing_connection(site.port) as connection:
            connection.putrequest("GET", "/en/", skip_host=True)
            for host in hosts:
                connection.putheader("Host", host)
            connection.endheaders()
            assert connection.getresponse().status == 421


def test_nonsense_is_answered_and_does_not_end_the_server(site: Running):
    for words in (
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"FOO / HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", site.port), PATIENCE) as connection:
            connection.sendall(words)
            while connection.recv(4096):
                pass
    assert site.ask("/en/")[0].status == 200


def test_a_change_reaches_the_browser(site: Running):
    events = site.events()
    first = next(events)
    assert first["problems"] == []
    assert f'data-version="{first["version"]}"'.encode() in site.ask("/en/")[1]
    site.write("second")
    assert next(events)["version"] != first["version"]
    assert b"second" in site.ask("/en/")[1]
    assert "changed: content/home.md" in site.told.text
    site.told.wait("built 9 files in 0.01 s: 1 warning")


def test_every_open_page_is_told(site: Running):
    pages = [site.events() for _ in range(5)]
    before = {next(events)["version"] for events in pages}
    site.write("second")
    after = {next(events)["version"] for events in pages}
    assert (len(before), len(after), before & after) == (1, 1, set())


def test_replaced_new_and_removed_files_are_noticed(site: Running):
    events = site.events()
    seen = {next(events)["version"]}

    def rebuilt_after(change: Callable[[], object], name: str, text: str) -> None:
        site.told.lines.clear()
        change()
        site.told.wait_for_change(name)
        site.write(text)  # the folder is still watched after whatever happened
        while (version := next(events)["version"]) in seen:
            pass
        seen.add(version)

    def replace_config() -> None:
        (site.root / "new").write_text("b")
        (site.root / "new").replace(site.root / "config.yaml")

    rebuilt_after(lambda: (site.root / "config.yaml").write_text("a"), "config.yaml", "2")
    rebuilt_after(replace_config, "config.yaml", "3")
    rebuilt_after(replace_config, "config.yaml", "4")
    rebuilt_after(lambda: (site.root / "config.yaml").unlink(), "config.yaml", "5")
    rebuilt_after(lambda: (site.root / "translations/bn").mkdir(parents=True), "translations", "6")
    po = "translations/bn/home.po"
    rebuilt_after(lambda: (site.root / po).write_text("x"), po, "7")

    def replace_folder() -> None:
        (site.root / "content").rename(site.root / "old")
        (site.root / "next").mkdir()
        (site.root / "next/home.md").write_text("8")
        (site.root / "next").rename(site.root / "content")

    rebuilt_after(replace_folder, "content", "9")


def test_problems_are_shown_while_every_page_stays_as_it_was(site: Running):
    events = site.events()
    first = next(events)
    site.write("broken")
    told = next(events)
    assert told["version"] == first["version"]
    assert [(p["path"], p["line"], p["message"], p["hint"]) for p in told["problems"]] == [
        ("content/home.md", 3, "Not closed <b>", "Close it")
    ]
    response, body = site.ask("/en/")
    assert response.status == 200
    assert b"first" in body
    site.told.wait("content/home.md:3:2: error D101 Not closed <b>")
    site.told.wait("not built: 1 error, 1 warning; pages stay as they were")

    site.write("broken")  # saved again, nothing new: nobody is told
    late = next(site.events())
    assert late == told, "a page opened now shows the problems too"

    site.write("first")
    assert next(events) == first, "cured: no problems, and nothing to reload"
    site.write("second")
    assert next(events)["version"] != first["version"]


def test_a_site_that_never_built_shows_its_problems_and_reloads_when_cured(tmp_path: Path):
    with running(tmp_path, "broken") as site:
        response, body = site.ask("/en/privacy/")
        assert response.status == 503
        assert b"content/home.md:3:2: error D101" in body
        assert "there is nothing to show yet" in site.told.text
        events = site.events()
        broken = next(events)
        assert f'data-version="{broken["version"]}"'.encode() in body
        site.write("cured")
        cured = next(events)
        assert cured["problems"] == []
        assert cured["version"] != broken["version"]
        assert b"cured" in site.ask("/en/")[1]


def test_a_bug_in_the_build_is_told_and_survived(site: Running):
    events = site.events()
    first = next(events)
    site.write("bug")
    told = next(events)
    assert told["version"] == first["version"]
    assert told["problems"][0]["message"] == "policysite failed: ZeroDivisionError: a bug"
    assert told["problems"][0]["path"] == serving.__file__
    site.told.wait("Traceback (most recent call last)")
    site.told.wait("this is a bug in policysite")
    assert b"first" in site.ask("/en/")[1]
    site.write("second")
    assert next(events)["problems"] == []
    assert b"second" in site.ask("/en/")[1]


def test_headers_of_the_host_arrive(tmp_path: Path):
    def headers(path: str) -> Mapping[str, str]:
        return {"X-Shown": path, "Content-Security-Policy": "default-src 'none'"}

    with running(tmp_path, headers=headers) as site:
        response, _ = site.ask("/en/privacy/")
        assert response.headers["X-Shown"] == "en/privacy/index.html"
        assert (
            f"script-src http://127.0.0.1:{site.port}{RELOAD_PATH}"
            in response.headers["Content-Security-Policy"]
        )
        assert response.headers.get_all("Cache-Control") == ["no-store"]


# ── start and end ───────────────────────────────────────────────────────────────────────────────


def start(*, host: str = "127.0.0.1", port: int | None = 0) -> str:
    """The address a server gets; it ends as soon as it has told it."""
    stop, addresses = threading.Event(), list[str]()

    def ready(address: str) -> None:
        addresses.append(address)
        stop.set()

    serve(
        rebuild=lambda: Built({}, (), 0.0),
        watch_paths=list,
        host=host,
        port=port,
        out=lambda text: None,
        ready=ready,
        stop=stop,
    )
    return addresses[0]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.0.1", "example.com", "127.0.0.1.example.com"])
def test_nothing_but_this_machine_can_be_bound(host: str):
    with pytest.raises(ServeError, match="is not this machine"):
        start(host=host)


def test_names_of_this_machine_can_be_bound():
    assert start(host="localhost").startswith("http://127.0.0.1:")
    assert start(host="127.0.0.1").startswith("http://127.0.0.1:")
    if socket.has_dualstack_ipv6():
        assert start(host="::1").startswith("http://[::1]:")


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        yield holder.getsockname()[1]


def test_a_port_in_use_is_said(taken: int):
    with pytest.raises(ServeError, match=f"port {taken} is in use"):
        start(port=taken)


def test_the_default_port_gives_way_to_the_next_free_one(taken: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(devserver, "DEFAULT_PORT", taken)
    port = int(start(port=None).rstrip("/").rpartition(":")[2])
    assert taken < port <= taken + 20


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_number_that_is_no_port_is_said(port: int):
    with pytest.raises(ServeError, match=f"{port} is not a port"):
        start(port=port)


def test_a_system_that_cannot_watch_is_polled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def limited(*paths: Path, force_polling: bool | None, **options: Any) -> object:
        if not force_polling:
            raise OSError(28, "OS file watch limit reached")
        return watchfiles.watch(*paths, force_polling=True, **options)

    monkeypatch.setattr(devserver, "watch", limited)
    with running(tmp_path) as site:
        assert "OS file watch limit reached" in site.told.text
        events = site.events()
        first = next(events)
        site.write("second")
        os.utime(tmp_path / "content/home.md", (3e9, 3e9))  # polling sees later seconds only
        assert next(events)["version"] != first["version"]


PROGRAM = """
import sys
from pathlib import Path
from policysite.devserver import serve
from policysite.core.model import Built

def out(text):
    print(text, flush=True)

serve(rebuild=lambda: Built({"index.html": b"x"}, (), 0.0), watch_paths=lambda: [Path(sys.argv[1])],
      port=0, out=out, ready=lambda address: out("ready " + address))
out("returned")
"""


def test_ctrl_c_ends_it_without_a_word(tmp_path: Path, root: Path):
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONDEVMODE": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            address = next(line for line in process.stdout if line.startswith("ready "))
            port = int(address.strip().rstrip("/").rpartition(":")[2])
            with closing_connection(port) as page, closing_connection(port) as idle:
                page.request("GET", EVENTS_PATH)
                assert page.getresponse().status == 200
                idle.connect()
                process.send_signal(signal.SIGINT)
                said, errors = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, said, errors) == (0, "returned\n", "")
