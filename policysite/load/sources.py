"""The only reader of a project: a folder → {path: bytes}. Everything after it is pure."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.model import CONFIG, Sources
from policysite.load.theme import THEME, theme_files

#: The folders and files of a project that a build reads; nothing else is looked at.
FOLDERS = ("content", "templates", "translations", "assets")

_IGNORED_SUFFIXES = ("~", ".swp", ".tmp", ".orig", ".rej", ".mo")


def read_sources(project: Path) -> tuple[Sources, tuple[Diagnostic, ...]]:
    """What a build is made from: the files of a project, and those of the theme that it does not have itself
    (`load.theme.THEME` before their paths).

    Hidden files, editor backups and compiled catalogs are skipped. A symlink that leaves the project is
    refused. Returns (sources, problems); never raises for what it finds on disk.
    """
    found, problems = find_sources(project)
    sources: dict[str, bytes] = {}
    for path, file in found.items():
        data = read_source(file, path)
        if isinstance(data, bytes):
            sources[path] = data
        else:
            problems = (*problems, data)
    return sources, problems


def find_sources(project: Path) -> tuple[Mapping[str, str], tuple[Diagnostic, ...]]:
    """Where the files of `read_sources` are: path there → path on this machine. Returns (files, problems)."""
    files, problems = find_folder(project)
    theme = {THEME + path: str(file) for path, file in theme_files().items() if path not in files}
    return {**files, **theme}, problems


def find_folder(project: Path) -> tuple[Mapping[str, str], tuple[Diagnostic, ...]]:
    """Where the files of a project are: path in it → path on this machine, in sorted order."""
    files: dict[str, str] = {}
    problems: list[Diagnostic] = []
    root = project.resolve()
    config = project / CONFIG
    if config.is_file():
        files[CONFIG] = str(config)
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
        for path, entry in _walk(f"{project}/{folder}", folder):
            try:
                path.encode()
            except UnicodeEncodeError:
                shown = path.encode("utf-8", "backslashreplace").decode()
                problems.append(
                    problem("S004", Place(shown), "the file's name is not valid UTF-8", "rename it")
                )
                continue
            if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(root):
                problems.append(
                    problem(
                        "S002", Place(path), "a link leads out of the project", "put the file itself here"
                    )
                )
                continue
            files[path] = entry.path
    return files, tuple(problems)


def _walk(folder: str, shown: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """The files of a folder and of those in it, by name; links to folders are not followed."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    folders = []
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = f"{shown}/{entry.name}"
        if entry.is_dir():
            if not entry.is_symlink():
                folders.append((entry.path, path))
        elif not entry.name.endswith(_IGNORED_SUFFIXES):
            yield path, entry
    for inner, path in folders:
        yield from _walk(inner, path)


def read_source(file: str, path: str) -> bytes | Diagnostic:
    """The bytes of a file, or S002. path: how the project calls it."""
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - once a file
            return stream.read()
    except OSError as error:
        return unreadable(path, error)


def unreadable(path: str, error: OSError) -> Diagnostic:
    """S002 for a source file."""
    return problem("S002", Place(path), f"cannot be read: {error.strerror}", "check the file's permissions")
