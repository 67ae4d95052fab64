"""What the development server answers, as functions: request and files in, response out. No sockets here.

Files come from a mapping in memory, so nothing outside of it can be asked for, however a path is written.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape, unescape
from http import HTTPStatus
from urllib.parse import parse_qs, quote, unquote_to_bytes

from msgspec import Struct
from msgspec.structs import replace

from policysite.core.diagnostics import Diagnostic, errors_of, has_errors
from policysite.core.mediatypes import TYPES, content_type
from policysite.core.model import Built
from policysite.core.reports import as_records, as_text
from policysite.preview import TOOLBAR_PATH, at_end, toolbar_tag

#: Reserved paths: the script the server adds to every page, and the events that script listens to.
RELOAD_PATH = "/__policysite/reload.js"
EVENTS_PATH = "/__policysite/events"

#: Reserved too: what the toolbar says of a page (`?page=OUTPUT`).
REPORT_PATH = "/__policysite/report.json"

#: Names of this machine. Anything else in a Host header is a foreign page that reached us by DNS rebinding.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

TEXT = TYPES[".txt"]
HTML = TYPES[".html"]

#: Output path (`en/privacy/index.html`) -> headers its host adds to it.
Headers = Callable[[str], Mapping[str, str]]

#: Output path -> what the toolbar says of the page, JSON-ready; None for what is no page of a document.
Report = Callable[[str], Mapping[str, object] | None]


class Toolbar(Struct, frozen=True):
    """The toolbar of the preview. editor: an address that opens a file in the editor's program, with `{path}`
    and `{line}` in it (`vscode://file/srv/site/{path}:{line}`); '' for none."""

    report: Report
    editor: str = ""


class View(Struct, frozen=True):
    """What visitors get: the files of the last good build (None before the first) and today's errors.

    `version` changes exactly when `files` does; an open page with another version reloads.
    """

    version: str
    files: Mapping[str, bytes] | None = None
    problems: tuple[Diagnostic, ...] = ()


class Response(Struct, frozen=True):
    """An answer. `path` is the output file it shows, '' for what the server itself says."""

    status: HTTPStatus
    body: bytes = b""
    path: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def is_html(self) -> bool:
        """Whether a browser shows the body as a page."""
        return any(name == "Content-Type" and value.startswith("text/html") for name, value in self.headers)


def following(view: View, built: Built, version: str) -> View:
    """The view after a build: new files under `version`, or the old files with the errors in front."""
    if has_errors(built.diagnostics):
        return replace(view, problems=tuple(errors_of(built.diagnostics)))
    if view.files == built.files:
        return replace(view, problems=())
    return View(version, built.files)


def host_allowed(host: str | None, port: int) -> bool:
    """Whether a Host header names this machine and `port` (which only port 80 may leave out)."""
    name, colon, number = (host or "").strip().lower().rpartition(":")
    if not colon or number.endswith("]"):
        return port == 80 and (host or "").strip().lower() in LOOPBACK
    return name in LOOPBACK and number == str(port)


def resolve(target: str, files: Mapping[str, bytes]) -> Response:
    """What a static host answers to a request target (`/en/privacy?x=1`).

    A folder is its index.html; without the slash it redirects; what does not exist is the nearest 404.html
    above it; a path that tries to climb, or hides a separator, is refused.
    """
    raw, mark, query = target.partition("?")
    path = _decoded(raw)
    if path is None:
        return plain(HTTPStatus.BAD_REQUEST)
    name = path[1:] + "index.html" if path.endswith("/") else path[1:]
    if name in files:
        return _file(HTTPStatus.OK, name, files)
    if f"{name}/index.html" in files:
        # quote() leaves no byte that could end a header line, and `path` has one leading slash only.
        location = quote(path) + "/" + mark + quote(query, safe="%&=+/:;,@!$'()*?~-._")
        return Response(HTTPStatus.PERMANENT_REDIRECT, headers=(("Location", location),))
    folders = path.strip("/").split("/")
    for depth in range(len(folders), -1, -1):
        nearest = "/".join((*folders[:depth], "404.html"))
        if nearest in files:
            return _file(HTTPStatus.NOT_FOUND, nearest, files)
    return page(HTTPStatus.NOT_FOUND, "Not found", f"The site has no {path}, and no 404.html either.")


def _decoded(raw: str) -> str | None:
    """The path in plain characters, or None when it is not one that a page of ours could have."""
    if not raw.startswith("/") or raw.startswith("//") or re.search(r"%(?:2f|5c)|[\\#]", raw, re.IGNORECASE):
        return None
    try:
        # http.server reads the request line as Latin-1; the bytes behind it are what the client sent.
        path = unquote_to_bytes(raw.encode("latin-1")).decode("utf-8")
    except UnicodeError:
        return None
    climbs = any(part in (".", "..") for part in path.split("/"))
    return None if climbs or re.search(r"[\x00-\x1f\x7f-\x9f]", path) else path


def _file(status: HTTPStatus, name: str, files: Mapping[str, bytes]) -> Response:
    return Response(status, files[name], name, (("Content-Type", content_type(name)),))


def plain(status: HTTPStatus, text: str = "") -> Response:
    """A short answer for a client that is no reader of the site."""
    body = f"{status.value} {status.phrase}\n{text}"
    return Response(status, body.encode(), headers=(("Content-Type", TEXT),))


def page(status: HTTPStatus, title: str, text: str) -> Response:
    """A page of the server's own, in English; `text` is shown as it is."""
    body = (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>'
        f"{escape(title)}</title></head>\n<body><h1>{escape(title)}</h1><pre>{escape(text)}</pre></body>\n</html>\n"
    )
    return Response(status, body.encode("utf-8", "replace"), headers=(("Content-Type", HTML),))


def answer(target: str, host: str, view: View, headers: Headers, toolbar: Toolbar | None = None) -> Response:
    """The whole answer to GET: the file, what its host adds, the reload script, the toolbar, an ETag.

    host: the Host header, already found good. `headers` is asked for the output path that is shown.
    """
    if toolbar is not None and target.partition("?")[0] == REPORT_PATH:
        return _report(target, view, toolbar)
    if view.files is None:
        found = page(HTTPStatus.SERVICE_UNAVAILABLE, "The site does not build yet", as_text(view.problems))
    else:
        found = resolve(target, view.files)
    added = dict(found.headers)
    if found.path:
        # `Content-Type: x` and `content-type: x` are one header: the host's replaces ours.
        ours = {name.lower(): name for name in added}
        added.update({ours.get(name.lower(), name): value for name, value in headers(found.path).items()})
        for name in [name for name in added if name.lower() in _SERVERS_OWN]:
            del added[name]
    if replace(found, headers=tuple(added.items())).is_html:
        # A CSP cannot name an IPv6 address.
        origin = "" if host.startswith("[") else f"http://{host}"
        for name in [name for name in added if name.lower() == "content-security-policy"]:
            added[name] = admit(added[name], origin)
        tools = None
        if toolbar is not None and found.path:
            tools = toolbar_tag(f"{REPORT_PATH}?page={quote(found.path)}", toolbar.editor)
        found = replace(found, body=inject(found.body, view.version, origin, tools or b""))
    if found.status == HTTPStatus.OK:
        added["ETag"] = f'"{hashlib.sha256(found.body).hexdigest()[:20]}"'
    return replace(found, headers=tuple(added.items()))


#: Headers the server decides alone: the transfer's, and those that would keep an old page in the browser.
_SERVERS_OWN = frozenset(
    {"cache-control", "connection", "content-encoding", "content-length", "date", "etag", "expires"}
    | {"last-modified", "server", "strict-transport-security", "transfer-encoding", "x-content-type-options"}
)

_META_POLICY = re.compile(
    rb"(<meta\s+http-equiv=[\"']?content-security-policy[\"']?\s+content=)(?:\"([^\"]*)\"|'([^']*)')",
    re.IGNORECASE,
)


def _report(target: str, view: View, toolbar: Toolbar) -> Response:
    """What the toolbar says of the page that the query names."""
    names = parse_qs(target.partition("?")[2]).get("page", [])
    found = toolbar.report(names[0]) if view.files is not None and names else None
    if found is None:
        return plain(HTTPStatus.NOT_FOUND)
    body = json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")
    return Response(HTTPStatus.OK, body, headers=(("Content-Type", TYPES[".json"]),))


def inject(body: bytes, version: str, origin: str, toolbar: bytes = b"") -> bytes:
    """A page with the reload script before its last `</body>` (else at its end), allowed by its meta CSP.
    toolbar: more to put there."""

    def allow(match: re.Match[bytes]) -> bytes:
        policy = unescape((match[2] or match[3] or b"").decode("utf-8", "replace"))
        return match[1] + b'"' + escape(admit(policy, origin)).encode() + b'"'

    body = _META_POLICY.sub(allow, body)
    script = f'<script src="{RELOAD_PATH}" data-version="{escape(version)}"></script>'.encode()
    return at_end(body, script + toolbar)


def admit(policy: str, origin: str) -> str:
    """A Content-Security-Policy that allows the server's scripts and what they load, and nothing else more.

    origin: `http://127.0.0.1:8000`, or '' where it cannot be written and `'self'` must do. The page is
    plain HTTP here, so `upgrade-insecure-requests` goes.
    """
    return ", ".join(_admit(one, origin) for one in policy.split(","))


def _admit(policy: str, origin: str) -> str:
    rules: dict[str, list[str]] = {}
    for name, *sources in filter(None, (part.split() for part in policy.split(";"))):
        rules.setdefault(name.lower(), sources)
    rules.pop("upgrade-insecure-requests", None)
    script = "script-src-elem" if "script-src-elem" in rules else "script-src"
    for name, paths in ((script, (RELOAD_PATH, TOOLBAR_PATH)), ("connect-src", (EVENTS_PATH, REPORT_PATH))):
        now = rules[name] if name in rules else rules.get("default-src")
        if now is not None:
            kept = [source for source in now if source.lower() != "'none'"]
            rules[name] = [*kept, *((origin + path for path in paths) if origin else ("'self'",))]
    return "; ".join(" ".join((name, *sources)) for name, sources in rules.items())


def event(view: View) -> bytes:
    """The view as a Server-Sent Event `build`, data on one line: `{"version": …, "problems": [record …]}`."""
    data = {"version": view.version, "problems": as_records(view.problems)}
    return b"event: build\ndata: " + json.dumps(data).encode() + b"\n\n"


def shown(changed: Sequence[str]) -> str:
    """Changed files in one line: the first three, and how many more."""
    first = sorted(changed)[:3]
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    return ", ".join(first) + more
