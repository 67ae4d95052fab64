"""What a measurement is asked for on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: What a build is measured at: from nothing; after an edit of one document in one language; after nothing.
SCENARIOS = ("cold", "edit", "no-op")

SIZES = ("S", "M", "L")
PAGES = (100, 1_000, 10_000, 50_000)


@dataclass(frozen=True, slots=True)
class Options:
    """names: measurements to run. sizes: of `corpus.SIZES`. scenarios: of SCENARIOS. tools: names of peers,
    None for all. rounds: None for each measurement's own number. pages: the points of `scale`. folder: where
    projects are made. results: where figures are kept between runs."""

    names: tuple[str, ...]
    folder: Path
    results: Path
    sizes: tuple[str, ...] = SIZES
    scenarios: tuple[str, ...] = SCENARIOS
    tools: tuple[str, ...] | None = None
    rounds: int | None = None
    pages: tuple[int, ...] = PAGES


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word.replace("_", "")) for word in _words(text))


def parse(arguments: Sequence[str], names: Sequence[str], folder: Path) -> Options:
    """Options from the words of a command line. folder: where everything is put (.bench). Ends the process
    with exit code 2 for what it does not know."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measurements; see bench/RESULTS.md."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; default: all")
    parser.add_argument("--sizes", type=_words, default=SIZES, help="speed: of S,M,L")
    parser.add_argument(
        "--scenarios", type=_words, default=SCENARIOS, help=f"speed: of {','.join(SCENARIOS)}"
    )
    parser.add_argument("--tools", type=_words, help="speed, scale: peers, such as Hugo,Zola; default: all")
    parser.add_argument("--rounds", type=int, help="how often each thing is measured")
    parser.add_argument("--pages", type=_numbers, default=PAGES, help="scale: 100,1000,10000,50000")
    found = parser.parse_args(arguments)
    for given, known in ((found.names, names), (found.sizes, SIZES), (found.scenarios, SCENARIOS)):
        for word in given:
            if word not in known:
                parser.error(f"“{word}” is none of {', '.join(known)}")
    if found.rounds is not None and found.rounds < 1:
        parser.error("--rounds is 1 at least")
    return Options(
        names=tuple(found.names) or tuple(names),
        folder=folder / "work",
        results=folder / "results",
        sizes=tuple(found.sizes),
        scenarios=tuple(found.scenarios),
        tools=found.tools,
        rounds=found.rounds,
        pages=found.pages,
    )
