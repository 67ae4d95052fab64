"""What a first visit asks for: requests and bytes, over HTTPS from nginx, with Brotli as browsers ask for it.

Counted are the page and everything its HTML names for loading: style, scripts, pictures, icons. Bytes of
headers are apart. A second table has the page of the privacy policy in every language.
"""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Iterator

from bench.served import HOST, languages, served_site
from bench.table import table
from tests.helpers.servers import TlsServer

#: kind of page -> its path below a language.
KINDS = {
    "home": "",
    "chat": "live/",
    "privacy": "privacy/",
    "cookies": "cookies/",
    "terms": "terms/",
    "archive": "privacy/history/",
    "an archived version": "privacy/2025-10/",
    "form": "contact/",
    "not found": "404.html",
}

_TAG = re.compile(r"<(script|img|link|source)\b[^>]*>")
_ADDRESS = re.compile(r'\b(?:src|href)="(/[^"]+)"')
_RELATION = re.compile(r'\brel="([^"]+)"')

#: Relations of <link> that make a browser load something.
LOADING = frozenset({"stylesheet", "icon", "preload", "modulepreload", "manifest"})


def loaded(html: str) -> list[str]:
    """The addresses on the own host that a browser loads with a page, in order, each once."""
    found = []
    for tag in _TAG.finditer(html):
        relation = _RELATION.search(tag.group())
        if tag.group(1) == "link" and not (relation and LOADING & set(relation.group(1).split())):
            continue
        address = _ADDRESS.search(tag.group())
        if address:
            found.append(address.group(1))
    return list(dict.fromkeys(found))


def _get(server: TlsServer, path: str) -> tuple[int, int, bytes]:
    """Bytes of the compressed body, bytes of the headers, and the body as it was sent uncompressed."""
    context = ssl.create_default_context(cafile=str(server.certificate))
    answers = []
    for encoding in ("br, gzip", "identity"):
        connection = http.client.HTTPSConnection("127.0.0.1", server.https, context=context, timeout=30)
        context.check_hostname = False  # the certificate is for HOST, the connection for this machine
        connection.request("GET", path, headers={"Host": HOST, "Accept-Encoding": encoding})
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status}")
        head = sum(len(f"{name}: {value}\r\n".encode()) for name, value in answer.getheaders())
        answers.append((head, answer.read()))
        connection.close()
    (head, packed), (_, plain) = answers
    return len(packed), head, plain


def visit(server: TlsServer, path: str) -> Iterator[tuple[str, int, int]]:
    """(address, compressed bytes, bytes of headers) of the page and of everything it loads."""
    size, head, html = _get(server, path)
    yield path, size, head
    for address in loaded(html.decode()):
        size, head, _ = _get(server, address)
        yield address, size, head


def row(server: TlsServer, name: str, path: str) -> list[str]:
    """name, requests, then bytes of page, style, script, pictures, all, and headers."""
    kinds = {"html": 0, ".css": 0, ".js": 0, "other": 0}
    heads = requests = 0
    for address, size, head in visit(server, path):
        suffix = "html" if address == path else "." + address.rpartition(".")[2]
        kinds[suffix if suffix in kinds else "other"] += size
        heads += head
        requests += 1
    figures = [requests, *kinds.values(), sum(kinds.values()), heads]
    return [name, *(f"{figure:,}" for figure in figures)]


def main() -> None:
    """Prints both tables."""
    head = [
        "first visit, bytes sent",
        "requests",
        "page",
        "style",
        "script",
        "icon",
        "all",
        "headers",
    ]
    with served_site() as (site, server):
        print(table(head, [row(server, kind, f"/en/{path}") for kind, path in KINDS.items()]))
        print()
        pages = [row(server, f"privacy, {tag}", f"/{tag}/privacy/") for tag in languages(site)]
        print(table(head, pages))
