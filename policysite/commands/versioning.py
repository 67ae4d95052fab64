"""The `policy` commands: differences between versions, and the lock of what was in force."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

import click
from msgspec import Struct

from policysite import pipeline
from policysite.commands.common import failed, translated_project, write_text
from policysite.core.diagnostics import (
    Place,
    problem,
)
from policysite.core.model import (
    VersionLock,
)
from policysite.core.redline import redline
from policysite.load.locks import NAME as LOCK_NAME
from policysite.load.locks import format_lock
from policysite.plan.lock import Edition, amended, compared, locked
from policysite.render.redline import ENGLISH, as_html, as_json, as_markdown, as_text
from policysite.request import Terminal

DiffFormat = Literal["text", "markdown", "html", "json"]


class DiffRequest(Struct, frozen=True):
    """What `policy diff` was asked for. old, new: names of versions; None: the newest and the one before it.
    locked: the text in versions.lock instead of an older version. language: None is the source language."""

    policy: str
    old: str | None = None
    new: str | None = None
    language: str | None = None
    locked: bool = False
    whole: bool = False


def policy_diff(
    project: Path, wanted: DiffRequest, form: DiffFormat, terminal: Terminal, colour: bool = False
) -> int:
    """Print what changed between two versions. Raises click.UsageError for a version there is not."""
    opened = _policy(project, wanted.policy, terminal)
    if opened is None:
        return 1
    translated, editions, lock = opened
    config = translated.project.config
    tag = wanted.language or config.source
    if tag not in {language.tag for language in config.languages}:
        raise click.UsageError(f"“{tag}” is no language of this site")
    names = [one.version.name for one in editions]
    new = _named(wanted.new, names, wanted.policy) if wanted.new else names[-1]
    if wanted.locked:
        if tag != config.source:
            raise click.UsageError("versions.lock holds the text in the source language only")
        kept = next((one for one in lock.versions if one.name == new), None)
        if kept is None:
            raise click.UsageError(f"{new} is not in versions.lock of “{wanted.policy}”")
        found = compared(kept.text, editions[names.index(new)].text)
    else:
        old = _named(wanted.old, names, wanted.policy) if wanted.old else None
        if old is None and names.index(new) == 0:
            raise click.UsageError(f"there is no version of “{wanted.policy}” before {new}")
        old = old or names[names.index(new) - 1]
        texts = dict(pipeline.wordings(translated, wanted.policy, tag))
        for name in (old, new):
            if name not in texts:
                raise click.UsageError(f"{name} of “{wanted.policy}” is not complete in “{tag}”")
        found = redline(texts[old], texts[new])
    writers: dict[DiffFormat, Callable[[], str]] = {
        "text": lambda: as_text(found, colour=colour, only_changes=not wanted.whole),
        "markdown": lambda: as_markdown(found, only_changes=not wanted.whole).removesuffix("\n"),
        "html": lambda: as_html(found, ENGLISH, only_changes=not wanted.whole),
        "json": lambda: as_json(found),
    }
    terminal.out(writers[form]())
    return 0


def policy_lock(project: Path, policies: Sequence[str], day: date, terminal: Terminal) -> int:
    """Record every version in force on the day; all policies when none is named."""
    translated = _opened(project, terminal)
    if translated is None:
        return 1
    known = sorted({item.document.key for item in translated.parsed if item.document.is_policy})
    for name in policies:
        _named(name, known, "")
    for key in policies or known:
        before = _lock_of(translated, key)
        after = locked(before, pipeline.editions(translated, key), day)
        added = [one.name for one in after.versions if one not in before.versions]
        if added:
            write_text(project / after.path, format_lock(after))
        terminal.out(f"{after.path}: {', '.join(added) + ' locked' if added else 'nothing new to lock'}")
    return 0


def policy_revise(project: Path, policy: str, effective: date, day: date, terminal: Terminal) -> int:
    """Start the next version from the last, and lock what is in force."""
    opened = _policy(project, policy, terminal)
    if opened is None:
        return 1
    _, editions, lock = opened
    last = editions[-1]
    path = f"{last.path.rpartition('/')[0]}/{effective.isoformat()}.md"
    if effective <= last.version.date:
        message = f"the version {last.version.name} begins on {last.version.date.isoformat()}, and not before"
        hint = f"give a later day than {last.version.date.isoformat()}"
        return failed([problem("V002", Place(path), message, hint)], terminal, time.perf_counter())
    after = locked(lock, editions, day)
    if after != lock:
        write_text(project / after.path, format_lock(after))
    text = (project / last.path).read_text(encoding="utf-8-sig")
    write_text(project / path, text)
    terminal.out(f"{path} is a copy of {last.version.name}. Change its text, then run:")
    terminal.out(f"  policysite policy diff {policy}")
    terminal.out("  policysite translations sync")
    return 0


def policy_amend(project: Path, policy: str, version: str, reason: str, day: date, terminal: Terminal) -> int:
    """Record a correction of a locked version: the reason, the day, and the text as it was."""
    opened = _policy(project, policy, terminal)
    if opened is None:
        return 1
    _, editions, lock = opened
    one = next((item for item in editions if item.version.name == version), None)
    kept = next((item for item in lock.versions if item.name == version), None)
    if one is None or kept is None:
        _named(version, [item.version.name for item in editions], policy)
        raise click.UsageError(f"{version} is not locked yet: change its text, there is nothing to record")
    found = compared(kept.text, one.text)
    if not found.changed:
        terminal.err(f"{one.path} says what it said when it was locked: there is nothing to record.")
        return 1
    latest = max((item.on for item in kept.amendments), default=kept.date)
    if day < latest:
        message = f"an amendment of {day.isoformat()} would be older than what it amends"
        place = Place(lock.path)
        hint = f"give a day from {latest.isoformat()} on"
        return failed([problem("V002", place, message, hint)], terminal, time.perf_counter())
    write_text(project / lock.path, format_lock(amended(lock, one, day, reason)))
    terminal.out(as_text(found))
    terminal.out(f"\n{lock.path}: {version} amended on {day.isoformat()}: {reason}")
    return 0


def _policy(
    project: Path, policy: str, terminal: Terminal
) -> tuple[pipeline.Translated, tuple[Edition, ...], VersionLock] | None:
    """A policy's versions and its lock (an empty one where it has none)."""
    translated = _opened(project, terminal)
    if translated is None:
        return None
    known = sorted({item.document.key for item in translated.parsed if item.document.is_policy})
    _named(policy, known, "")
    return translated, pipeline.editions(translated, policy), _lock_of(translated, policy)


def _lock_of(translated: pipeline.Translated, key: str) -> VersionLock:
    locks = {lock.key: lock for lock in translated.project.locks}
    return locks.get(key) or VersionLock(f"content/{key}/{LOCK_NAME}", key)


def _named(name: str, known: Sequence[str], policy: str) -> str:
    """The name, if it is known; else a usage error that lists what is."""
    if name in known:
        return name
    what = f"version of “{policy}” is" if policy else "policy is called"
    raise click.UsageError(f"no {what} “{name}”; there is: {', '.join(known) or 'none'}")


def _opened(project: Path, terminal: Terminal) -> pipeline.Translated | None:
    """The project with its texts; None after its problems were told."""
    translated, problems = translated_project(project)
    if translated is None:
        failed(problems, terminal, time.perf_counter())
    return translated
