"""The development server on a small project, for tests that watch it from outside."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from policysite.core.diagnostics import Place, problem
from policysite.core.model import Built
from policysite.devserver import no_headers, serve
from policysite.devsite import EVENTS_PATH

#: Longer than anything here takes on the slowest machine: a test that reaches it has failed.
PATIENCE = 60

FILES = {
    "index.html": b"<body>choose</body>",
    "404.html": b"<body>lost</body>",
    "en/index.html": b"<body>home</body>",
    "en/privacy/index.html": b"<body>privacy</body>",
    "bn/index.html": b"<body>bn home</body>",
    "bn/404.html": b"<body>bn lost</body>",
    "bn/গ/index.html": b"<body>letter</body>",
    "assets/site.css": b"body{}",
    "robots.txt": b"User-agent: *",
}

BROKEN = problem("D101", Place("content/home.md", 3, 2, "<img onerror=x>"), "Not closed <b>", "Close it")
DOUBT = problem("T005", Place("translations/bn/LC_MESSAGES/home.po"), "Lacks messages")


@dataclass
class Told:
    """What the server said in the terminal; `wait` returns once it said something."""

    lines: list[str] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, text: str) -> None:
        with self.news:
            self.lines.append(text)
            self.news.notify_all()

    def wait(self, text: str) -> None:
        with self.news:
            assert self.news.wait_for(lambda: text in self.text, PATIENCE), self.text

    def wait_for_change(self, name: str) -> None:
        """Until the server names the file among those that changed (several changes may share a line)."""

        def named() -> bool:
            return any(line.startswith("changed:") and name in line for line in self.lines)

        with self.news:
            assert self.news.wait_for(named, PATIENCE), self.text

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass
class Running:
    """A server on a small project: `content/home.md` is its one source, and its words decide the build."""

    root: Path
    port: int
    told: Told
    stack: ExitStack

    def write(self, text: str) -> None:
        # In one step, so that no build can read half of it.
        (self.root / "draft").write_text(text, "utf-8")
        (self.root / "draft").replace(self.root / "content/home.md")

    def ask(
        self, target: str, method: str = "GET", host: str | None = None, **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        connection = self.stack.enter_context(closing_connection(self.port))
        # `putrequest` sends the target as it is, unlike clients that tidy it up.
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host or f"127.0.0.1:{self.port}")
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        response = connection.getresponse()
        streaming = response.headers.get_content_type() == "text/event-stream"
        return response, b"" if streaming else response.read()

    def events(self) -> Iterator[dict[str, Any]]:
        response, _ = self.ask(EVENTS_PATH)
        assert response.status == 200
        return self.read_events(response)

    @staticmethod
    def read_events(response: HTTPResponse) -> Iterator[dict[str, Any]]:
        # The socket's timeout alone would wait for ever: the server says that it is there every few seconds.
        end = time.monotonic() + PATIENCE
        while (line := response.readline()) and time.monotonic() < end:
            if line.startswith(b"data: "):
                yield json.loads(line[6:])
        pytest.fail("no event")


@contextmanager
def closing_connection(port: int) -> Iterator[HTTPConnection]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        yield connection
    finally:
        connection.close()


def build(root: Path) -> Built:
    text = (root / "content/home.md").read_text("utf-8")
    if text == "bug":
        raise ZeroDivisionError("a bug")
    if text == "broken":
        return Built({}, (BROKEN, DOUBT), 0.01)
    home = f"<!doctype html><title>x</title><body>{text}</body>".encode()
    return Built({**FILES, "en/index.html": home}, (DOUBT,), 0.01)


@contextmanager
def running(
    root: Path, text: str = "first", headers: Callable[[str], Mapping[str, str]] = no_headers
) -> Iterator[Running]:
    (root / "content").mkdir(exist_ok=True)
    (root / "content/home.md").write_text(text, "utf-8")
    told, stop = Told(), threading.Event()
    addresses: list[str] = []
    failures: list[BaseException] = []
    ready = threading.Event()
    before = set(threading.enumerate())

    def announce(address: str) -> None:
        addresses.append(address)
        ready.set()

    def work() -> None:
        try:
            serve(
                rebuild=lambda: build(root),
                watch_paths=lambda: [root / "content", root / "config.yaml", root / "translations"],
                port=0,
                out=told,
                headers=headers,
                ready=announce,
                stop=stop,
            )
        except BaseException as error:
            failures.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        assert not failures, failures
        with ExitStack() as stack:
            port = int(addresses[0].rstrip("/").rpartition(":")[2])
            yield Running(root, port, told, stack)
            stop.set()
            # Connections are still open here: ending them is the server's work, not the client's.
            for left in set(threading.enumerate()) - before:
                left.join(PATIENCE)
                assert not left.is_alive(), left
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert not failures, failures
