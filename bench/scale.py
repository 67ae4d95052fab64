"""How cost grows with the site: cold builds of 100 to 50,000 pages, and as many pages in more languages."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from typing import Any

from bench import results
from bench.corpus import Corpus, languages
from bench.measure import figures, interleaved
from bench.options import Options
from bench.peers.model import Tool
from bench.speed import Project
from bench.tools import OURS, peers

ROUNDS = 3

#: The peer of the curve, up to this many pages.
PEER, PEER_LIMIT = "Hugo", 10_000

#: Pages, and the numbers of languages they are spread over.
SAME_PAGES, LANGUAGES = 1_000, (5, 10, 20)


def main(options: Options) -> None:
    """Measures, prints the tables, keeps the figures and renews bench/RESULTS.md."""
    wanted = [PEER] if options.tools is None or PEER in options.tools else []
    others, _ = peers(wanted) if wanted else ([], {})
    for record in measure(options, OURS, others):  # kept one by one: the last ones take long
        results.keep(options.results, "scale", record, key=("kind", "tool", "pages", "languages"))
    results.write(options.results)
    rows = results.kept(options.results, "scale")["rows"]
    print(results.scale_table([row for row in rows if row["tool"] == OURS.name]))


def measure(options: Options, ours: Tool, others: list[Tool]) -> Iterator[dict[str, Any]]:
    """Rows of figures: `kind` pages (the curve) or languages (as many pages in more languages)."""
    every = len(languages())
    for pages in options.pages:
        corpus = Corpus(max(1, pages // every), every)
        tools = [ours, *(tool for tool in others if corpus.pages <= PEER_LIMIT)]
        yield {"machine": results.machine(), "rows": _rows("pages", corpus, tools, options)}
    for count in LANGUAGES:
        corpus = Corpus(max(1, min(SAME_PAGES, max(options.pages)) // count), count)
        yield {"machine": results.machine(), "rows": _rows("languages", corpus, [ours], options)}


def _rows(kind: str, corpus: Corpus, tools: list[Tool], options: Options) -> list[dict[str, Any]]:
    folder = options.folder / f"{kind}-{corpus.documents}-{corpus.count}"
    projects = {tool.name: Project(tool, corpus, folder / tool.name) for tool in tools}
    costs = interleaved({name: project.cold for name, project in projects.items()}, options.rounds or ROUNDS)
    for project in projects.values():
        project.check(max(1, corpus.documents // 10))
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{corpus.pages} pages in {corpus.count} languages: done", file=sys.stderr, flush=True)
    found = []
    for name, some in costs.items():
        total = figures(some)
        found.append(
            {
                "kind": kind,
                "tool": name,
                "pages": corpus.pages,
                "documents": corpus.documents,
                "languages": corpus.count,
                "rounds": total.rounds,
                "wall": total.wall,
                "cpu": total.cpu,
                "peak": total.peak,
            }
        )
    return found
