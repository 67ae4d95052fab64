"""Builds of the same site by policysite and its peers: cold, after one edit, after nothing.

A tool takes part only after it wrote every page rightly (`peers.model.faults`). Rounds are interleaved, so
that a busy moment of the machine touches all; what counts are ratios within a round. Cold means: no output
folder, no cache of the tool, compiled templates included; the tool's own machine code is there, for Python
its bytecode (the first, unmeasured build writes it), as Hugo's is in its binary. An edit is in one document
of one language; it and the no-op run in a new process on what the build before left.
"""

from __future__ import annotations

import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bench import results
from bench.corpus import COMMONMARK, SIZES, Corpus, say
from bench.measure import Cost, figures, interleaved, ratios, run
from bench.options import Options
from bench.peers.model import Tool, Wrong, faults
from bench.tools import ENVIRONMENT, OURS, VARIANTS, peers

#: Rounds where none are asked for, by size.
ROUNDS = {"S": 9, "M": 7, "L": 3}

#: Sizes where edits and no-ops are measured, unless one size only is asked for.
_AGAIN = ("M",)

#: Every so many-th document is looked into, of a corpus that large.
_LOOK = {"S": 1, "M": 5, "L": 50}


class Project:
    """A corpus as a project of a tool, in a folder of its own, and its builds."""

    def __init__(self, tool: Tool, corpus: Corpus, folder: Path) -> None:
        self.tool = tool
        self.corpus = corpus
        self.source = folder / "source"
        self.output = folder / "output"
        self._environment = {**ENVIRONMENT, "HOME": str(folder)}
        self._edition = 0
        shutil.rmtree(folder, ignore_errors=True)
        self.source.mkdir(parents=True)
        tool.write(corpus, self.source)

    def cold(self, memory: bool = False) -> Cost:
        """A build from nothing."""
        shutil.rmtree(self.output, ignore_errors=True)
        for name in self.tool.keeps:
            path = self.source / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        return self._run(self.tool.cold, memory)

    def again(self, memory: bool = False) -> Cost:
        """A build of what was built before."""
        return self._run((), memory)

    def edit(self, memory: bool = False) -> Cost:
        """A build after an edit of one document in one language, which must show in its page."""
        self._edition += 1
        number = (self.corpus.documents + 1) // 2
        article = self.corpus.article(number, self._edition)
        words = self.corpus.languages[-1]
        self.tool.edit(self.corpus, self.source, article, words)
        cost = self._run((), memory)
        page = self.tool.page(self.output, words, article.slug)
        wanted = say(article.middle, words, COMMONMARK)
        if wanted not in page.read_text(encoding="utf-8"):
            raise Wrong(f"{self.tool.name}: {page} does not show an edit")
        return cost

    def check(self, every: int = 1) -> None:
        """Raises Wrong when the output is not what was asked for."""
        found = list(faults(self.tool, self.corpus, self.output, every))
        if found:
            more = f" and {len(found) - 3} more faults" if len(found) > 3 else ""
            raise Wrong(f"{self.tool.name}: {'; '.join(found[:3])}{more}")

    def _run(self, flags: Sequence[str], memory: bool) -> Cost:
        command = [*self.tool.command(self.source, self.output), *flags]
        return run(command, self.source, self._environment, memory)


def main(options: Options) -> None:
    """Measures, prints tables, keeps the figures and renews bench/RESULTS.md."""
    others, missing = peers(options.tools) if options.tools is not None else peers()
    for name, reason in missing.items():
        print(f"without {name}: {reason}")
    record = measure(options, OURS, VARIANTS, others)
    results.keep(options.results, "speed", {**record, "missing": missing}, key=("size", "scenario", "tool"))
    results.write(options.results)


def measure(options: Options, ours: Tool, variants: Iterable[Tool], others: Iterable[Tool]) -> dict[str, Any]:
    """Every size and scenario of the options. Returns rows of figures, and the floor of each size."""
    rows: list[dict[str, Any]] = []
    floors: list[dict[str, Any]] = []
    everyone = [ours, *others]
    caching = replace(ours, name=f"{ours.name}, filling its cache", cold=())
    for size in options.sizes:
        corpus = Corpus(*SIZES[size])
        rounds = options.rounds or ROUNDS[size]
        tools = [tool for tool in (*everyone, caching, *variants) if corpus.pages <= tool.limit]
        projects: dict[str, Project] = {}
        for tool in tools:
            project = Project(tool, corpus, options.folder / size / _folder(tool.name))
            project.cold()
            project.check(_LOOK[size])
            projects[tool.name] = project
            print(
                f"{size}: {tool.name} {tool.version} writes {corpus.pages} pages", file=sys.stderr, flush=True
            )
        for scenario in options.scenarios:
            if scenario != "cold" and size not in _AGAIN and len(options.sizes) > 1:
                continue
            names = (
                list(projects)
                if scenario == "cold"
                else [tool.name for tool in everyone if tool.name in projects]
            )
            if scenario != "cold":
                for name in names:
                    projects[name].again()
            tasks = {name: _task(projects[name], scenario) for name in names}
            costs = interleaved(tasks, rounds)
            found = [_row(size, scenario, name, corpus, costs, projects[name].tool) for name in names]
            rows += found
            print(
                f"\n{results.TITLES[scenario].format(size=size)}\n\n{results.speed_table(found)}", flush=True
            )
        floors.append(
            {"size": size, **floor(projects[ours.name].output, options.folder / size / "floor", rounds)}
        )
        print(f"\n{results.floor_table(floors[-1:])}\n", flush=True)
        shutil.rmtree(options.folder / size, ignore_errors=True)
    return {"machine": results.machine(), "rows": rows, "floors": floors}


def _folder(name: str) -> str:
    return "".join(char if char.isalnum() else "-" for char in name.lower())


def _task(project: Project, scenario: str) -> Callable[[bool], Cost]:
    return {"cold": project.cold, "edit": project.edit, "no-op": project.again}[scenario]


def _row(
    size: str, scenario: str, name: str, corpus: Corpus, costs: dict[str, list[Cost]], tool: Tool
) -> dict[str, Any]:
    found = figures(costs[name])
    return {
        "size": size,
        "scenario": scenario,
        "tool": name,
        "version": tool.version,
        "note": tool.note,
        "pages": corpus.pages,
        "rounds": found.rounds,
        "wall": found.wall,
        "cpu": found.cpu,
        "least_wall": found.least_wall,
        "least_cpu": found.least_cpu,
        "most_wall": found.most_wall,
        "peak": found.peak,
        "to": {peer: ratios(costs[name], costs[peer]) for peer in ("Hugo", "Zola") if peer in costs},
    }


def floor(output: Path, folder: Path, rounds: int) -> dict[str, Any]:
    """The least that any tool must do: write the same bytes to as many files. Beside it `cp -r`."""
    files = [
        (path.relative_to(output), path.read_bytes()) for path in sorted(output.rglob("*")) if path.is_file()
    ]
    tasks = {"write": partial(_writing, files, folder), "copy": partial(_copying, output, folder)}
    costs = interleaved(tasks, rounds)
    shutil.rmtree(folder, ignore_errors=True)
    return {
        "files": len(files),
        "bytes": sum(len(data) for _, data in files),
        **{name: figures(found).wall for name, found in costs.items()},
    }


def _writing(files: Sequence[tuple[Path, bytes]], folder: Path, memory: bool) -> Cost:
    shutil.rmtree(folder, ignore_errors=True)
    began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    for parent in dict.fromkeys(path.parent for path, _ in files):
        (folder / parent).mkdir(parents=True, exist_ok=True)
    for path, data in files:
        (folder / path).write_bytes(data)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    return Cost(wall, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime)


def _copying(output: Path, folder: Path, memory: bool) -> Cost:
    shutil.rmtree(folder, ignore_errors=True)
    return run(["cp", "-r", output, folder], output, ENVIRONMENT)
