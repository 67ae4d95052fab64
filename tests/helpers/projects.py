"""Projects as data: a folder of files, changes to it, and what a build of it gives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import yaml

from policysite import pipeline
from policysite.core.diagnostics import Diagnostic, has_errors, ordered
from policysite.core.model import BuildOptions

DATE = date(2026, 1, 1)


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder: POSIX path → bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def changed(files: Mapping[str, bytes], changes: Path) -> dict[str, bytes]:
    """The files with the changes of a `change.yaml`.

    Each change names a file and one of: old and new (exactly one place), write, append, append_hex, delete.
    """
    result = dict(files)
    for change in yaml.safe_load(changes.read_text(encoding="utf-8")):
        path = change["file"]
        if change.get("delete"):
            del result[path]
        elif "write" in change:
            result[path] = change["write"].encode()
        elif "append" in change:
            result[path] += change["append"].encode()
        elif "append_hex" in change:
            result[path] += bytes.fromhex(change["append_hex"])
        else:
            old, new = change["old"].encode(), change["new"].encode()
            assert result[path].count(old) >= 1, f"{changes}: {path} does not hold {change['old']!r}"
            result[path] = result[path].replace(old, new, 1)
    return result


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    """The files on disk."""
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


def built(
    sources: Mapping[str, bytes], build_date: date = DATE
) -> tuple[dict[str, bytes], tuple[Diagnostic, ...]]:
    """The site of a project (path → bytes; empty where it has errors) and all its problems."""
    prepared, problems = pipeline.prepare(sources, BuildOptions(build_date))
    files: dict[str, bytes] = {}
    if prepared is not None:
        for step in pipeline.render(prepared):
            problems = (*problems, *step.diagnostics)
            files.update((file.path, file.data) for file in step.files)
    problems = ordered(problems)
    return ({} if has_errors(problems) else files), problems


def cases(folder: Path) -> list[str]:
    """Names of the cases in a folder; `_base` and the like are no cases."""
    return [path.name for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith("_")]
