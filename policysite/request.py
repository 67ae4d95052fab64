"""What `build` is asked for, where it speaks, how it tells what it did. Imports little: begins every run."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import click
from msgspec import Struct, field

from policysite.core.diagnostics import Diagnostic
from policysite.core.model import ENVIRONMENT_PREFIX, BuildOptions
from policysite.core.reports import Format, as_records, count_line, report


class Terminal(Struct, frozen=True):
    """Where a command speaks: `out` for results, `err` for problems and progress."""

    out: Callable[[str], None] = click.echo
    err: Callable[[str], None] = field(default=lambda text: click.echo(text, err=True))
    form: Format = "text"

    def problems(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Report problems in the chosen format: for people on stderr, for tools on stdout."""
        if self.form == "text":
            if diagnostics:
                self.err(report(diagnostics, "text"))
        elif diagnostics or self.form in ("json", "sarif"):
            self.out(report(diagnostics, self.form))


class BuildRequest(Struct, frozen=True):
    """What `build` was asked for. output None: `dist` in the project. build_date None: today. languages: of
    a part of the site, None for all of it."""

    project: Path
    output: Path | None = None
    base_url: str | None = None
    build_date: date | None = None
    jobs: int = 1
    cache: bool = True
    release: bool = False
    precompress: bool = True
    languages: tuple[str, ...] | None = None

    @property
    def output_folder(self) -> Path:
        """Where the site goes."""
        return self.output or self.project / "dist"

    def options(self) -> BuildOptions:
        """The pure part: the date is --date, else SOURCE_DATE_EPOCH, else today (UTC, like the epoch)."""
        day = self.build_date or today()
        return BuildOptions(day, self.base_url, overrides(), self.release, self.languages)


def overrides() -> tuple[tuple[str, str], ...]:
    """The config values the environment supplies (`POLICYSITE__…`), sorted by name."""
    return tuple(sorted(item for item in os.environ.items() if item[0].startswith(ENVIRONMENT_PREFIX)))


def today() -> date:
    """The build date the environment gives: SOURCE_DATE_EPOCH (reproducible-builds.org), else the UTC day."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = float(epoch) if epoch.isdigit() else time.time()
    return date(*time.gmtime(seconds)[:3])


class Summary(Struct, frozen=True):
    """What a build gave: numbers of pages, files and bytes, the published languages, how many of its
    documents it found unchanged, and every problem. part: it is not the whole site."""

    pages: int
    files: int
    size: int
    languages: tuple[str, ...]
    documents: int
    reused: int
    problems: tuple[Diagnostic, ...]
    part: bool = False


def tell(summary: Summary, output: Path, seconds: float, terminal: Terminal) -> None:
    """Say that the site is built."""
    record = {
        "output": str(output),
        "pages": summary.pages,
        "files": summary.files,
        "bytes": summary.size,
        "languages": list(summary.languages),
        "seconds": round(seconds, 3),
        "rendered": summary.documents - summary.reused,
    }
    reused = f", {summary.reused} of {summary.documents} documents unchanged" if summary.reused else ""
    first = (
        f"Built {counted(summary.pages, 'page')} in {counted(len(summary.languages), 'language')} "
        f"({', '.join(summary.languages)}): "
        f"{counted(summary.files, 'file')}, {summary.size / 1024:.0f} KB, {seconds:.2f} s{reused}."
    )
    lines = [first]
    if summary.problems:
        lines.append(f"{count_line(summary.problems)[0].upper()}{count_line(summary.problems)[1:]}.")
    if summary.part:
        lines.append(f"{output} is a part of the site; `policysite merge` makes a site of all parts.")
    else:
        lines.append(f"Look at {output}, or run `policysite serve`.")
    succeed(record, lines, summary.problems, terminal)


def succeed(
    record: Mapping[str, object], lines: Sequence[str], problems: Sequence[Diagnostic], terminal: Terminal
) -> None:
    """Say that a command did its work: for programs one JSON document of the record and the problems, for
    people the problems and then the lines."""
    if terminal.form == "json":
        found = {"ok": True, **record, "problems": as_records(problems)}
        terminal.out(json.dumps(found, ensure_ascii=False, indent=2))
        return
    terminal.problems(problems)
    if terminal.form == "text":
        terminal.out("\n".join(lines))


def counted(number: int, noun: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
