"""Figures of several runs, kept as JSON below .bench/results, and bench/RESULTS.md made of them.

So one run may measure a part, and the page still tells all. Each goal stands beside its figure.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.corpus import ROOT, SIZES
from bench.plot import plot
from bench.table import table

PAGE = ROOT / "bench" / "RESULTS.md"
PLOT = ROOT / "bench" / "scale.svg"

#: What the profile says of a goal that is not met, by the goal's id; written by hand.
NOTES = ROOT / "bench" / "data" / "unmet.yaml"

TITLES = {
    "cold": "{size}, cold",
    "edit": "{size}, one document edited in one language, new process",
    "no-op": "{size}, nothing changed, new process",
}

OURS = "policysite"

Record = Mapping[str, Any]


def machine() -> dict[str, str]:
    """Where it was measured, as far as it matters: processor, cores, memory, system, Python, commit."""
    return {
        "processor": _field(Path("/proc/cpuinfo"), "model name")
        or platform.processor()
        or platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": _field(Path("/proc/meminfo"), "MemTotal"),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": " ".join(f"{value:.1f}" for value in os.getloadavg()),
        "commit": _commit(),
    }


def _field(file: Path, name: str) -> str:
    if file.is_file():
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(name):
                return line.split(":", 1)[1].strip()
    return ""


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=10"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


# ── keeping ─────────────────────────────────────────────────────────────────────────────────────


def keep(folder: Path, name: str, record: Record, key: Sequence[str] = ()) -> None:
    """Store what a measurement found. Its rows take the place of older ones with the same `key`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    old = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    merged = {**old, **record}
    for part, names in (("rows", tuple(key)), ("floors", ("size",))):
        if part in record:
            rows = {tuple(row[one] for one in names): row for row in (*old.get(part, ()), *record[part])}
            merged[part] = list(rows.values())
    file.write_text(json.dumps(merged, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def kept(folder: Path, name: str) -> dict[str, Any]:
    """What `keep` stored; empty where nothing was."""
    file = folder / f"{name}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return found


# ── tables ──────────────────────────────────────────────────────────────────────────────────────


def _ratio(row: Record, peer: str) -> str:
    if peer not in row["to"] or row["tool"] == peer:
        return ""
    middle, least, most = row["to"][peer]
    return f"{middle:.2f} ({least:.2f}–{most:.2f})"


def speed_table(rows: Iterable[Record]) -> str:
    """One scenario at one size, by tool."""
    head = ["", "wall s", "least", "CPU s", "least", "peak MB", "ms a page", "× Hugo", "× Zola"]
    return table(
        head,
        [
            [
                f"{row['tool']} {row['version']}" if "," not in row["tool"] else row["tool"],
                f"{row['wall']:.2f}",
                f"{row['least_wall']:.2f}",
                f"{row['cpu']:.2f}",
                f"{row['least_cpu']:.2f}",
                f"{row['peak'] / 1e6:.0f}",
                f"{row['cpu'] * 1000 / row['pages']:.2f}",
                _ratio(row, "Hugo"),
                _ratio(row, "Zola"),
            ]
            for row in rows
        ],
    )


def floor_table(floors: Iterable[Record]) -> str:
    """The floor of each size."""
    return table(
        ["floor", "files", "MB", "written from Python, s", "cp -r, s"],
        [
            [
                row["size"],
                f"{row['files']:,}",
                f"{row['bytes'] / 1e6:.1f}",
                f"{row['write']:.3f}",
                f"{row['copy']:.3f}",
            ]
            for row in floors
        ],
    )


def scale_table(rows: Iterable[Record]) -> str:
    """The scale curve."""
    return table(
        ["pages", "documents × languages", "wall s", "CPU s", "ms CPU a page", "peak MB"],
        [
            [
                f"{row['pages']:,}",
                f"{row['documents']:,} × {row['languages']}",
                f"{row['wall']:.2f}",
                f"{row['cpu']:.2f}",
                f"{row['cpu'] * 1000 / row['pages']:.2f}",
                f"{row['peak'] / 1e6:.0f}",
            ]
            for row in rows
        ],
    )


# ── goals ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal of the design. figure: what was measured, None where it was not; met when it is at most `limit`
    (`least`: at least)."""

    id: str
    text: str
    figure: Callable[[Figures], float | None]
    limit: float
    unit: str = "×"
    least: bool = False

    def met(self, value: float) -> bool:
        """Whether a figure meets it."""
        return value >= self.limit if self.least else value <= self.limit


class Figures:
    """Everything measured so far, as the goals ask for it."""

    def __init__(self, folder: Path) -> None:
        self.speed, self.scale = kept(folder, "speed"), kept(folder, "scale")
        self.serve, self.shards = kept(folder, "serve"), kept(folder, "shards")

    def row(self, size: str, scenario: str, tool: str = OURS) -> Record | None:
        """The figures of a tool."""
        for row in self.speed.get("rows", ()):
            if (row["size"], row["scenario"], row["tool"]) == (size, scenario, tool):
                found: Record = row
                return found
        return None

    def ratio(self, size: str, scenario: str, peer: str) -> float | None:
        """Median ratio of wall times to a peer, round by round."""
        row = self.row(size, scenario)
        return row["to"][peer][0] if row and peer in row["to"] else None

    def memory(self, size: str, peer: str) -> float | None:
        """Ratio of peaks to a peer's."""
        ours, theirs = self.row(size, "cold"), self.row(size, "cold", peer)
        return ours["peak"] / theirs["peak"] if ours and theirs and theirs["peak"] else None

    def faster(self, size: str, peers: Sequence[str]) -> float | None:
        """How many times faster than the fastest of these peers."""
        ours = self.row(size, "cold")
        walls = [row["wall"] for peer in peers if (row := self.row(size, "cold", peer))]
        return min(walls) / ours["wall"] if ours and walls else None

    def flat(self, small: str, large: str) -> float | None:
        """Cost of a page at one size over that at another, in processor time."""
        rows = [self.row(size, "cold") for size in (large, small)]
        costs = [row["cpu"] / row["pages"] for row in rows if row]
        return costs[0] / costs[1] if len(costs) == 2 else None

    def languages(self) -> float | None:
        """Peak with the most languages over that with the fewest, with as many pages."""
        rows = [row for row in self.scale.get("rows", ()) if row["kind"] == "languages"]
        peaks = {row["languages"]: row["peak"] for row in rows}
        return peaks[max(peaks)] / peaks[min(peaks)] if len(peaks) > 1 else None

    def saved(self) -> float | None:
        """Milliseconds from save to reloaded page."""
        found = self.serve.get("median_ms")
        return float(found) if found is not None else None


GOALS: tuple[Goal, ...] = (
    Goal("cold-m-hugo", "M cold, to Hugo", lambda found: found.ratio("M", "cold", "Hugo"), 0.8),
    Goal("cold-m-zola", "M cold, ahead of Zola", lambda found: found.ratio("M", "cold", "Zola"), 1.0),
    Goal("cold-l-hugo", "L cold, to Hugo", lambda found: found.ratio("L", "cold", "Hugo"), 0.5),
    Goal("memory-l-hugo", "L cold, peak memory, to Hugo", lambda found: found.memory("L", "Hugo"), 0.25),
    Goal("edit-m-hugo", "M one edit, to Hugo", lambda found: found.ratio("M", "edit", "Hugo"), 0.3),
    Goal("noop-m-hugo", "M no-op, to Hugo", lambda found: found.ratio("M", "no-op", "Hugo"), 0.25),
    Goal("cold-s-hugo", "S cold, to Hugo", lambda found: found.ratio("S", "cold", "Hugo"), 2.0),
    Goal("serve-m", "save to reloaded page under serve, M", lambda found: found.saved(), 150, "ms"),
    Goal("flat", "cost of a page, L to M", lambda found: found.flat("M", "L"), 1.1),
    Goal("languages", "peak memory, 20 languages to 5, as many pages", lambda found: found.languages(), 1.1),
    Goal(
        "python-peers",
        "M cold, times faster than the fastest Python peer",
        lambda found: found.faster("M", ("Pelican", "MkDocs", "Nikola")),
        6,
        least=True,
    ),
)


def goals_table(found: Figures) -> str:
    """Each goal beside its figure."""
    rows = []
    for goal in GOALS:
        value = goal.figure(found)
        sign = "≥" if goal.least else "≤"
        said = (
            "not measured" if value is None else f"{value:.0f} ms" if goal.unit == "ms" else f"{value:.2f} ×"
        )
        limit = f"{sign} {goal.limit:g} {goal.unit}"
        verdict = "" if value is None else "met" if goal.met(value) else "**not met**"
        rows.append([goal.text, limit, said, verdict])
    return table(["goal", "at most (≤), at least (≥)", "measured", ""], rows)


def _unmet(found: Figures) -> Iterable[str]:
    notes = yaml.safe_load(NOTES.read_text(encoding="utf-8")) if NOTES.is_file() else None
    for goal in GOALS:
        value = goal.figure(found)
        if value is not None and not goal.met(value):
            text = (notes or {}).get(goal.id, "nobody has looked into the profile yet.")
            yield f"- **{goal.text}**: {text.strip()}"


# ── the page ────────────────────────────────────────────────────────────────────────────────────

_METHOD = """\
The same site for every tool: policies of 13 sections and 6 to 20 KB of Markdown in real scripts, one page
for each document and language with masthead, menu, `hreflang` links, list of languages, table of contents and
footer (`bench/corpus.py`, `bench/peers/`). S: {S}, M: {M}, L: {L} (documents × languages).
A tool is measured only after each of its pages was found, and language, title, a sentence from the middle,
tables, lists and `hreflang` links were found in it. Every tool has its best flags and whatever cache it has.

Rounds are interleaved, forwards and backwards. Figures are medians of wall time and processor time (user and
system, all processes); ratios are of wall times within a round, with their spread. Peak memory is the sum of
proportional set sizes of all processes, in a run of its own. Absolute figures drift with the machine: only
ratios of one run count.

Cold is without output and without any cache of the tool. What is compiled stays compiled: Hugo's and Zola's
binaries, Python's bytecode. policysite reads gettext catalogs and runs every check on every text, which no
peer does; it writes no `.br` and `.gz` here, since no peer does, save where its line says so.
"""


def write(folder: Path, page: Path = PAGE, picture: Path = PLOT) -> None:
    """Renew bench/RESULTS.md and its plot from everything kept."""
    found = Figures(folder)
    rows = found.speed.get("rows", ())
    parts = ["# Results", "Made by `make bench`; do not edit. The goals are those of the design, in ratios."]
    parts += ["## Goals", goals_table(found)]
    if left := list(_unmet(found)):
        parts += ["What is left, by the profile:", "\n".join(left)]
    sizes = {name: f"{documents} × {languages}" for name, (documents, languages) in SIZES.items()}
    parts += ["## How it was measured", _METHOD.format(**sizes).strip()]
    if about := found.speed.get("machine") or found.scale.get("machine"):
        parts.append("\n".join(f"- {name}: {value}" for name, value in about.items()))
    for name, reason in found.speed.get("missing", {}).items():
        parts.append(f"{name} could not be measured here: {reason}.")
    for scenario in TITLES:
        for size in SIZES:
            some = [row for row in rows if (row["size"], row["scenario"]) == (size, scenario)]
            if some:
                parts += [f"## {TITLES[scenario].format(size=size)}", f"{some[0]['rounds']} rounds."]
                parts.append(speed_table(some))
                notes = {f"{row['tool']}: {row['note']}." for row in some if row["note"]}
                parts += ["\n".join(f"- {note}" for note in sorted(notes))] if notes else []
    if found.speed.get("floors"):
        parts += ["## Floor", "The bytes of policysite's output, written to as many new files."]
        parts.append(floor_table(found.speed["floors"]))
    parts += _scale_parts(found, picture)
    parts += _more(found)
    page.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _scale_parts(found: Figures, picture: Path) -> list[str]:
    rows = [row for row in found.scale.get("rows", ()) if row["kind"] == "pages"]
    if not rows:
        return []
    rows.sort(key=lambda row: (row["tool"] != OURS, row["pages"]))
    ours = [row for row in rows if row["tool"] == OURS]
    picture.write_text(plot(rows), encoding="utf-8")
    parts = ["## Scale", "Cold builds of policysite, all languages.", scale_table(ours)]
    parts.append(f"![seconds, peak memory and cost of a page by number of pages]({picture.name})")
    more = [row for row in found.scale["rows"] if row["kind"] == "languages"]
    if more:
        more.sort(key=lambda row: int(row["languages"]))
        parts += ["The same number of pages in more languages:", scale_table(more)]
    return parts


def _more(found: Figures) -> list[str]:
    """What other measurements say of themselves: a `title` and a `text` (Markdown)."""
    parts: list[str] = []
    for record in (found.serve, found.shards):
        if "text" in record:
            parts += [f"## {record['title']}", str(record["text"]).strip()]
    return parts
