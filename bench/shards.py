"""A site built in parts: what each part and the merge cost, and whether the merged site is that of one build.

The parts run one after the other here, each with the whole machine; on as many machines they would take as
long as the slowest, and the merge.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import results
from bench.corpus import SIZES, Corpus
from bench.measure import Cost, figures, run
from bench.options import Options
from bench.peers.model import Tool, Wrong
from bench.speed import Project
from bench.table import table
from bench.tools import ENVIRONMENT, OURS

ROUNDS = 3
PARTS = (2, 4)


def main(options: Options) -> None:
    """Measures at the largest size asked for, prints the table and renews bench/RESULTS.md."""
    size = options.sizes[-1]
    rows = measure(Corpus(*SIZES[size]), options.folder / "shards", OURS, options.rounds or ROUNDS)
    text = (
        f"{size}, cold, by language. Each part reads and plans the whole site, checks the translations and "
        f"renders the pages of its own languages; merged, the site is that of one build, byte for byte.\n\n"
        + table(["parts", "slowest part, s", "merge, s", "together, s", "× one build"], rows)
    )
    print(text)
    results.keep(options.results, "shards", {"title": "On several machines", "text": text})
    results.write(options.results)


def measure(
    corpus: Corpus, folder: Path, ours: Tool, rounds: int, parts: Sequence[int] = PARTS
) -> list[list[str]]:
    """Rows of the table, one build first. Raises Wrong where a merged site is not that of one build."""
    project = Project(ours, corpus, folder / "project")
    once = figures([project.cold() for _ in range(rounds)]).wall
    rows = [["1", f"{once:.2f}", "", f"{once:.2f}", "1.00"]]
    for count in parts:
        slowest, merge = _in_parts(project, folder, count, rounds)
        total = slowest + merge
        rows.append([str(count), f"{slowest:.2f}", f"{merge:.2f}", f"{total:.2f}", f"{total / once:.2f}"])
        print(f"{count} parts: merged is built", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    return rows


def _in_parts(project: Project, folder: Path, count: int, rounds: int) -> tuple[float, float]:
    """Median seconds of the slowest part and of the merge."""
    tags = [words.tag for words in project.corpus.languages]
    groups = [group for index in range(count) if (group := tags[index::count])]
    outputs = [folder / f"part-{index}" for index in range(len(groups))]
    walls = []
    for group, output in zip(groups, outputs, strict=True):
        part = replace(project.tool, cold=(*project.tool.cold, "--languages", ",".join(group)))
        command = [*part.command(project.source, output), *part.cold]
        walls.append(figures([_fresh(command, output, project) for _ in range(rounds)]).wall)
    merged = folder / "merged"
    program = project.tool.command(project.source, merged)[0]
    merge = [program, "merge", *outputs, "--project", project.source, "--output", merged]
    cost = figures([_fresh(merge, merged, project) for _ in range(rounds)]).wall
    if _tree(merged) != _tree(project.output):
        raise Wrong(f"merged from {len(groups)} parts, the site is not the one that one build makes")
    return max(walls), cost


def _fresh(command: Sequence[str | Path], output: Path, project: Project) -> Cost:
    shutil.rmtree(output, ignore_errors=True)
    return run(command, project.source, ENVIRONMENT)


def _tree(folder: Path) -> dict[str, Any]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
