"""A static host on this machine: folders answer with their index.html, unknown pages with the nearest
404.html, and a `_headers` file says which headers go with which path, as on Cloudflare Pages and Netlify."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}

# What a host reads and does not serve.
PRIVATE = frozenset({"_headers", "_redirects"})


@dataclass(frozen=True, slots=True)
class HeaderRule:
    pattern: re.Pattern[str]
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


def read_header_rules(text: str) -> list[HeaderRule]:
    rules: list[HeaderRule] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace():
            name, _, value = line.strip().partition(":")
            last = rules[-1]
            rules[-1] = HeaderRule(last.pattern, (*last.headers, (name.strip(), value.strip())))
        else:
            escaped = re.escape(line.strip()).replace(r"\*", ".*")
            rules.append(HeaderRule(re.compile(re.sub(r":\w+", "[^/]+", escaped)), ()))
    return rules


def headers_for(path: str, rules: list[HeaderRule]) -> dict[str, str]:
    """Every rule that matches has its say; a header named twice gets both values."""
    found: dict[str, str] = {}
    for rule in rules:
        if rule.pattern.fullmatch(path):
            for name, value in rule.headers:
                found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def answer(folder: Path, rules: list[HeaderRule], target: str) -> Answer:
    path = unquote(urlsplit(target).path)
    parts = path.split("/")[1:]
    file = folder.joinpath(*parts)
    if ".." in parts or "\0" in path or PRIVATE & set(parts):
        return _not_found(folder, [], headers_for(path, rules))
    if file.is_dir() and (file / "index.html").is_file():
        if not path.endswith("/"):
            return Answer(301, (("Location", urlsplit(target).path + "/"),))
        file = file / "index.html"
    if not file.is_file() or (path.endswith("/") and file.name != "index.html"):
        return _not_found(folder, parts, headers_for(path, rules))
    return _file(200, file, headers_for(path, rules))


def _file(status: int, file: Path, headers: dict[str, str]) -> Answer:
    # The one well-known file without a suffix is Apple's, and Apple wants JSON.
    kind = TYPES.get(file.suffix, "application/octet-stream" if file.suffix else "application/json")
    return Answer(status, tuple(({"Content-Type": kind} | headers).items()), file.read_bytes())


def _not_found(folder: Path, parts: list[str], headers: dict[str, str]) -> Answer:
    for depth in range(len(parts), -1, -1):
        page = folder.joinpath(*parts[:depth], "404.html")
        if page.is_file():
            return _file(404, page, headers)
    return Answer(404, (("Content-Type", "text/plain; charset=utf-8"),), b"404")


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve `folder` on a free port of this machine; gives the origin, as `http://127.0.0.1:PORT`."""
    headers_file = folder / "_headers"
    rules = read_header_rules(headers_file.read_text(encoding="utf-8")) if headers_file.is_file() else []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = answer(folder, rules, self.path)
            self.send_response(found.status)
            for name, value in found.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(found.body)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A browser that hangs up is no news."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
