"""The only reader of a project: a folder → {path: bytes}. Everything after it is pure."""

from __future__ import annotations

import os
from pathlib import Path

from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.model import Sources
from policysite.load.theme import read_theme

#: The folders and files of a project that a build reads; nothing else is looked at.
FOLDERS = ("content", "templates", "translations", "assets")
CONFIG = "config.yaml"

_IGNORED_SUFFIXES = ("~", ".swp", ".tmp", ".orig", ".rej", ".mo")


def read_sources(project: Path) -> tuple[Sources, tuple[Diagnostic, ...]]:
    """What a build is made from: the files of a project, and those of the theme it does not have itself."""
    sources, problems = read_folder(project)
    return {**sources, **read_theme(sources)}, problems


def read_folder(project: Path) -> tuple[Sources, tuple[Diagnostic, ...]]:
    """Read every source file of a project, in sorted order.

    Hidden files, editor backups and compiled catalogs are skipped. A symlink that leaves the project is
    refused. Returns (sources, problems); never raises for what it finds on disk.
    """
    sources: dict[str, bytes] = {}
    problems: list[Diagnostic] = []
    root = project.resolve()
    config = project / CONFIG
    if config.is_file():
        _read(config, CONFIG, sources, problems)
    else:
        problems.append(
            problem(
                "S003",
                Place(CONFIG),
                f"there is no {CONFIG} in {project}",
                "go to the folder of your site, or name it with --project",
            )
        )
    for folder in FOLDERS:
        for directory, folders, files in os.walk(project / folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if name.startswith(".") or name.endswith(_IGNORED_SUFFIXES):
                    continue
                file = Path(directory, name)
                path = file.relative_to(project).as_posix()
                try:
                    path.encode()
                except UnicodeEncodeError:
                    shown = path.encode("utf-8", "backslashreplace").decode()
                    problems.append(
                        problem("S004", Place(shown), "the file's name is not valid UTF-8", "rename it")
                    )
                    continue
                if file.is_symlink() and not file.resolve().is_relative_to(root):
                    problems.append(
                        problem(
                            "S002", Place(path), "a link leads out of the project", "put the file itself here"
                        )
                    )
                    continue
                _read(file, path, sources, problems)
    return sources, tuple(problems)


def _read(file: Path, path: str, sources: dict[str, bytes], problems: list[Diagnostic]) -> None:
    try:
        sources[path] = file.read_bytes()
    except OSError as error:
        problems.append(
            problem("S002", Place(path), f"cannot be read: {error.strerror}", "check the file's permissions")
        )
