"""What several commands do: tell that they failed, read a project, write a file in one step."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from policysite import pipeline
from policysite.core.diagnostics import (
    Diagnostic,
    Place,
    has_errors,
    ordered,
    problem,
)
from policysite.core.locales import gettext_name
from policysite.core.model import (
    Catalog,
)
from policysite.core.reports import as_records, count_line
from policysite.load.project import SITE_DOMAIN
from policysite.load.sources import read_sources
from policysite.load.theme import read_interface
from policysite.publish.manifest import (
    MANIFEST_PATH,
)
from policysite.request import Terminal, overrides
from policysite.translate.po import parse_po

#: Seconds a host may take to send a manifest, and the bytes a manifest may have (500,000 files).
_MANIFEST_WAIT, _MANIFEST_MAX = 30.0, 64 * 1024 * 1024


def failed(problems: Sequence[Diagnostic], terminal: Terminal, started: float) -> int:
    """Tell the problems of a command that wrote nothing; its exit code. started: by `time.perf_counter`."""
    problems = ordered(problems)
    if terminal.form == "json":
        summary = {
            "ok": False,
            "seconds": round(time.perf_counter() - started, 3),
            "problems": as_records(problems),
        }
        terminal.out(json.dumps(summary, ensure_ascii=False, indent=2))
        return 1
    terminal.problems(problems)
    if terminal.form == "text":
        terminal.err(f"Nothing was written: {count_line(problems)}.")
    return 1


def translated_project(project: Path) -> tuple[pipeline.Translated | None, tuple[Diagnostic, ...]]:
    """The project's texts and catalogs, or None and its problems when one of them cannot be read."""
    sources, problems = read_sources(project)
    translated, found = (None, ()) if has_errors(problems) else pipeline.translate(sources, overrides())
    problems = ordered((*problems, *found))
    return (None if has_errors(problems) else translated), problems


def interface(tag: str) -> Catalog | None:
    """The theme's own texts in a language, if it has them."""
    text = read_interface(gettext_name(tag))
    return parse_po("site.po", text, tag, SITE_DOMAIN)[0] if text is not None else None


def write_text(path: Path, text: str) -> None:
    """Replace a file in one step, so that a kill leaves the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def manifest_data(source: str) -> bytes | Diagnostic:
    """The bytes of a manifest, wherever it is; a problem (S002) when it cannot be had."""
    from http.client import HTTPException
    from urllib.error import URLError
    from urllib.parse import urlsplit
    from urllib.request import urlopen

    cure = f"name a folder with a {MANIFEST_PATH}, that file, or its address; - for a first deploy"
    try:
        if urlsplit(source).scheme in ("http", "https", "file"):
            address = (
                source if urlsplit(source).path.endswith(".json") else f"{source.rstrip('/')}/{MANIFEST_PATH}"
            )
            with urlopen(address, timeout=_MANIFEST_WAIT) as answer:
                data: bytes = answer.read(_MANIFEST_MAX + 1)
        else:
            path = Path(source)
            with (path / MANIFEST_PATH if path.is_dir() else path).open("rb") as file:
                data = file.read(_MANIFEST_MAX + 1)
    except (OSError, ValueError) as error:  # URLError is an OSError; ValueError: an address that is none
        reason = error.reason if isinstance(error, URLError) else getattr(error, "strerror", None) or error
        return problem("S002", Place(source), f"no manifest can be read here: {reason}", cure)
    except HTTPException as error:
        return problem("S002", Place(source), f"no manifest can be read here: {type(error).__name__}", cure)
    if len(data) > _MANIFEST_MAX:
        return problem("S002", Place(source), "the file is too large to be a manifest", cure)
    return data
