"""`init`, `eject`, `schema`: what somebody needs to begin."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from policysite.commands.common import failed, interface, write_text
from policysite.core.diagnostics import (
    Diagnostic,
    Place,
    did_you_mean,
    problem,
)
from policysite.core.model import (
    CONFIG,
)
from policysite.load.schema import editor_schema
from policysite.load.sources import read_sources
from policysite.load.theme import read_starter, read_theme, theme_files
from policysite.request import Terminal, counted
from policysite.starter import Answers, new_project


def init(folder: Path, answers: Answers, terminal: Terminal) -> int:
    """Make a project in the folder. Writes nothing where one of its files is there already (S006)."""
    interfaces = {tag: found for tag in answers.languages if (found := interface(tag))}
    made = new_project(answers, read_starter(), read_theme(()), interfaces)
    problems = _in_the_way(folder, made.files)
    if problems:
        return failed(problems, terminal, time.perf_counter())
    for path, text in made.files.items():
        try:
            write_text(folder / path, text)
        except OSError as error:
            message = f"cannot be written: {error.strerror or error}"
            hint = "free some space, or check the permissions, and run the command in an empty folder"
            return failed([problem("X002", Place(path), message, hint)], terminal, time.perf_counter())
    terminal.out(f"{folder}: {counted(len(made.files), 'file')} for “{answers.name}”.")
    for state in made.languages:
        if state.complete:
            terminal.out(
                f"{state.english_name} ({state.tag}) is complete. Nobody has reviewed it: pages say so."
            )
        else:
            waiting = state.total - state.translated
            terminal.out(
                f"{state.english_name} ({state.tag}) waits for {waiting} of {state.total} translations: "
                "it is declared `published: false`."
            )
    terminal.out("What only you can say stands in [FILL IN: …] in content/. Next:")
    for command in (f"cd {shlex.quote(str(folder))}", "policysite serve", "policysite check"):
        terminal.out(f"  {command}")
    return 0


def eject(project: Path, files: Sequence[str], terminal: Terminal) -> int:
    """Copy files of the theme into the project, to be changed there; without names, list them.

    S003 where there is no project, S006 for a file that is there already. Raises click.UsageError for a file
    the theme does not have.
    """
    theme = theme_files()
    for name in files:
        if name not in theme:
            hint = did_you_mean(name, theme, "`policysite eject` lists them all")
            raise click.UsageError(f"the theme has no file “{name}”; {hint}")
    if not (project / CONFIG).is_file():
        return failed(read_sources(project)[1], terminal, time.perf_counter())
    if not files:
        for name in theme:
            terminal.out(f"{name}  (yours)" if (project / name).exists() else name)
        return 0
    problems = _in_the_way(project, files)
    if problems:
        return failed(problems, terminal, time.perf_counter())
    for name in files:
        try:
            write_text(project / name, theme[name].read_text(encoding="utf-8"))
        except OSError as error:
            message = f"cannot be written: {error.strerror or error}"
            hint = "free some space, or check the permissions"
            return failed([problem("X002", Place(name), message, hint)], terminal, time.perf_counter())
        terminal.out(f"{name} is yours now: change it. Delete it to have the one of policysite again.")
    return 0


def _in_the_way(folder: Path, paths: Iterable[str]) -> tuple[Diagnostic, ...]:
    """S006 for each path that would be overwritten."""
    hint = "choose another folder, or move this file away: nothing is ever overwritten"
    return tuple(
        problem("S006", Place(path), f"the file is there already, in {folder}", hint)
        for path in paths
        if (folder / path).exists()
    )


def schema(name: str, terminal: Terminal) -> int:
    """Print a schema that editors read. name: a key of `load.schema.SCHEMAS`."""
    terminal.out(editor_schema(name))
    return 0
