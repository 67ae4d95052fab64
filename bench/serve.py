"""From saving a file to the new page: what an editor waits for under `policysite serve`.

A project of the corpus is served as the command serves it: watching, building in memory, answering. Each
round saves one file, waits for the event that makes an open page reload, and gets the page, as a browser
does. Printed for each kind of edit: the median and the 95th percentile of that wait, and of the processor
time it took (all threads).
"""

from __future__ import annotations

import re
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

from msgspec.structs import replace

from bench import results
from bench.corpus import SIZES, Corpus, write_project
from bench.options import Options
from bench.table import table
from policysite import devserver
from policysite.commands import building
from policysite.devsite import EVENTS_PATH
from policysite.request import BuildRequest
from policysite.translate.po import format_po, parse_po

#: What is edited: a name, the file, the page that shows it.
EDITS: tuple[tuple[str, str, str], ...] = (
    ("one translation", "translations/bn/LC_MESSAGES/policy-0007.po", "/bn/policy-0007/"),
    ("the English text", "content/policy-0007.md", "/en/policy-0007/"),
    ("a template", "templates/base.html", "/en/policy-0007/"),
)

ROUNDS = 15

#: Seconds after which a page that does not come is an error.
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds from a save to the new page: by the clock, and of the processor."""

    wall: float
    cpu: float


def main(options: Options) -> None:
    """Prints the table, for a corpus of size M, keeps it, and renews bench/RESULTS.md."""
    documents, languages = SIZES["M"]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "site"
        write_project(Corpus(documents, languages, 7), project)
        found = measured(project, EDITS, options.rounds or ROUNDS)
    rows = [
        (
            name,
            *(f"{1000 * at(share, [getattr(one, kind) for one in waits]):.0f}" for kind, share in _COLUMNS),
        )
        for name, waits in found
    ]
    text = table(("edit of", "p50 ms", "p95 ms", "p50 CPU ms", "p95 CPU ms"), rows)
    print(text)
    middle = 1000 * at(0.5, [one.wall for one in found[0][1]])
    title = "From a save to the page under serve, M"
    results.keep(options.results, "serve", {"title": title, "text": text, "median_ms": middle})
    results.write(options.results)


_COLUMNS = (("wall", 0.5), ("wall", 0.95), ("cpu", 0.5), ("cpu", 0.95))


def at(share: float, values: Sequence[float]) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def measured(
    project: Path, edits: Sequence[tuple[str, str, str]], rounds: int
) -> list[tuple[str, list[Wait]]]:
    """Serve a project and edit it. RuntimeError: a page did not change, or the server ended."""
    (project / ".policysite-cache").mkdir(exist_ok=True)  # as after a build: files are known by their stamps
    preview = building.Preview(BuildRequest(project))
    stop, ready = threading.Event(), threading.Event()
    address: list[str] = []

    def tell(url: str) -> None:
        address.append(url)
        ready.set()

    def run() -> None:
        try:
            devserver.serve(
                rebuild=preview.rebuild,
                watch_paths=building.watched(project),
                port=0,
                out=lambda text: None,
                headers=preview.headers,
                ready=tell,
                stop=stop,
            )
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        ready.wait()
        if not address:
            raise RuntimeError("the server did not start")
        return [
            (name, [_round(project / path, page, address[0], index) for index in range(rounds)])
            for name, path, page in edits
        ]
    finally:
        stop.set()
        thread.join()


def _round(file: Path, page: str, address: str, number: int) -> Wait:
    fetch = _fetcher(address, page)
    before = fetch()
    text = _edited(file.read_text(encoding="utf-8"), file.suffix, number)
    stream = HTTPConnection(urlsplit(address).netloc, timeout=_PATIENCE)
    stream.request("GET", EVENTS_PATH)
    events = stream.getresponse()
    _next_event(events)  # what there is now
    wall, cpu = time.perf_counter(), time.process_time()
    file.write_text(text, encoding="utf-8")
    try:
        _next_event(events)
        after = fetch()
        found = Wait(time.perf_counter() - wall, time.process_time() - cpu)
    except TimeoutError:
        after = before
    finally:
        stream.close()
    if after == before:
        raise RuntimeError(f"{page} did not change after {file.name} was saved")
    time.sleep(0.1)  # the next save is another event
    return found


def _next_event(events: HTTPResponse) -> None:
    """Wait until a whole event has come. Errors: TimeoutError; RuntimeError, when the server ended."""
    while not (line := events.readline()).startswith(b"data:"):
        if not line:
            raise RuntimeError("the server ended")
    events.readline()


def _fetcher(address: str, page: str) -> Callable[[], bytes]:
    host = urlsplit(address).netloc

    def fetch() -> bytes:
        connection = HTTPConnection(host)
        connection.request("GET", page)
        body = connection.getresponse().read()
        connection.close()
        return re.sub(rb'data-version="[^"]*"', b"", body)  # of the build; the page itself may be as it was

    return fetch


def _edited(text: str, suffix: str, number: int) -> str:
    """The text with a change that shows in the page, each time another one."""
    if suffix == ".html":
        return re.sub(r'<body( data-round="\d+")?', f'<body data-round="{number}"', text, count=1)
    if suffix == ".md":
        return f"{text.rstrip()}\n\nRound {number} is added.\n"
    catalog, _ = parse_po("edited.po", text, "bn", "edited")
    index, message = next(
        (index, item)
        for index, item in enumerate(catalog.messages)
        # Where words may change places: no markup, no value, no number.
        if "paragraph" in item.auto_comments and not re.search(r"[*_`\[{%\d]", item.msgstr[0])
    )
    words = message.msgstr[0].split(" ")
    changed = replace(message, msgstr=(" ".join((*words[1:], words[0])),))
    messages = (*catalog.messages[:index], changed, *catalog.messages[index + 1 :])
    return format_po(replace(catalog, messages=messages))
