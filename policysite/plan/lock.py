"""What was in force stays as it was: each version against its lock, and against the version before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.markdown import fold, parse, substitute
from policysite.core.model import (
    Amendment,
    BlockChange,
    Fact,
    LockedVersion,
    ParsedDocument,
    Redline,
    Values,
    VersionId,
    VersionLock,
)

_FIELDS = ("title", "lead", "summary")


class Edition(Struct, frozen=True):
    """A version of a policy as it is now, in the source language. text: see `edition`."""

    version: VersionId
    parsed: ParsedDocument
    text: tuple[str, ...]

    @property
    def path(self) -> str:
        """Its file."""
        return self.parsed.document.path


def plain_values(facts: Sequence[Fact]) -> Values:
    """Fact name → its value, written the same whatever the CLDR says next year (dates as 2025-10-15)."""
    return {fact.name: str(fact.value) for fact in facts}.get


def edition(parsed: ParsedDocument, values: Values) -> Edition:
    """What a version says, as one Markdown text: title, lead, summary and body, with the facts filled in.

    So a changed fact is a change of every locked version that states it.
    """
    document = parsed.document
    assert document.version is not None
    marks = {"title": "# ", "lead": "", "summary": "- "}
    fields = [
        marks[name] + fold(field.text)
        for wanted in _FIELDS
        for name, field in document.fields
        if name == wanted
    ]
    text = substitute("\n\n".join([*fields, document.body.strip("\n")]), values)
    return Edition(document.version, parsed, tuple(text.split("\n")))


def compared(old: Sequence[str], new: Sequence[str]) -> Redline:
    """What changed between two texts as `Edition` holds them."""
    from policysite.core.redline import redline, wording_of  # only where something changed

    return redline(wording_of(parse("\n".join(old))), wording_of(parse("\n".join(new))))


# ── rules ───────────────────────────────────────────────────────────────────────────────────────


def lock_problems(
    lock: VersionLock | None, editions: Sequence[Edition], build_date: date, values: Values
) -> Iterator[Diagnostic]:
    """V001 to V006 of one policy. lock: None where it has none; editions in any order."""
    ordered = sorted(editions, key=lambda one: one.version.date)
    for before, after in pairwise(ordered):
        if not compared(before.text, after.text).edited:
            yield problem(
                "V003",
                Place(after.path),
                f"this version says the same as {before.version.name}",
                "write what changes, or remove the file",
            )
    if lock is None:
        return
    by_name = {one.version.name: one for one in ordered}
    for locked in lock.versions:
        one = by_name.get(locked.name)
        if one is None:
            yield problem(
                "V004",
                locked.place,
                f"the version {locked.name} was in force, and its file is missing",
                f"restore content/{lock.key}/{locked.name}.md from version control",
            )
            continue
        found = compared(locked.text, one.text)
        if found.changed:
            yield _edited(lock, one, found, values)
    names = {locked.name for locked in lock.versions}
    newest = max((locked.date for locked in lock.versions), default=None)
    for one in ordered:
        if one.version.name in names or one.version.date > build_date:
            continue
        if newest is not None and one.version.date < newest:
            yield problem(
                "V002",
                Place(one.path),
                f"this version begins before {newest.isoformat()}, which is locked already",
                "name it by the day from which it applies; the past cannot be written anew",
            )
        else:
            yield problem(
                "V006",
                Place(one.path),
                f"this version has been in force since {one.version.date.isoformat()} and is not locked",
                f"run `policysite policy lock {lock.key}`, and commit content/{lock.key}/versions.lock",
            )


def _edited(lock: VersionLock, one: Edition, found: Redline, values: Values) -> Diagnostic:
    changes = [change for section in found.sections for change in section.blocks if change.status != "kept"]
    shown = "; ".join(excerpt(change) for change in changes[:3])
    more = f" (and {len(changes) - 3} more changes)" if len(changes) > 3 else ""
    message = shown + more if shown else "sections changed their order or number"
    return problem(
        "V001",
        _place(one, changes, values),
        f"this version is locked since it was in force, and its text changed: {message}",
        f"undo the change; or run `policysite policy revise {lock.key}` to start a new version, or "
        f"`policysite policy amend {lock.key} {one.version.name}` to record a correction",
    )


def _place(one: Edition, changes: Sequence[BlockChange], values: Values) -> Place:
    """Where the first changed text stands in the file (the whole file where only something is missing)."""
    for change in changes:
        if change.after is None:
            continue
        for segment in one.parsed.segments():
            if change.after.text in fold(substitute(segment.msgid, values)):
                return segment.place
    return Place(one.path)


_CONTEXT = 30


def excerpt(change: BlockChange) -> str:
    """The changed words of a block with a little of what stands around them, in one line."""
    parts = []
    for index, run in enumerate(change.runs):
        text = re.sub(r"\s+", " ", run.text)
        if run.kind == "equal":
            parts.append(_shortened(text, index == 0, index == len(change.runs) - 1))
        elif not run.blank:
            parts.append(f"[-{text}-]" if run.kind == "delete" else f"{{+{text}+}}")
    return "".join(parts).strip()


def _shortened(text: str, first: bool, last: bool) -> str:
    if len(text) <= 2 * _CONTEXT:
        return text if not (first or last) or len(text) <= _CONTEXT else _cut(text, first)
    if first or last:
        return _cut(text, first)
    return f"{_cut(text, False)}{_cut(text, True)[1:]}"


def _cut(text: str, end: bool) -> str:
    """The end or the beginning of a text, at a space where there is one near."""
    if end:
        tail = text[-_CONTEXT:]
        return "…" + (tail[tail.index(" ") + 1 :] if " " in tail[:-1].rstrip() else tail)
    head = text[:_CONTEXT]
    return (head[: head.rindex(" ")] if " " in head[1:].lstrip() else head) + "…"


# ── changes of the lock ─────────────────────────────────────────────────────────────────────────


def locked(lock: VersionLock, editions: Sequence[Edition], build_date: date) -> VersionLock:
    """The lock with every version that is or was in force on the day; what it holds stays as it is."""
    names = {one.name for one in lock.versions}
    added = [
        LockedVersion(one.version.name, one.version.date, one.text)
        for one in editions
        if one.version.date <= build_date and one.version.name not in names
    ]
    return replace(lock, versions=tuple(sorted((*lock.versions, *added), key=lambda one: one.date)))


def amended(lock: VersionLock, one: Edition, on: date, reason: str) -> VersionLock:
    """The lock with the present text of a locked version, and the text before as an amendment."""
    versions = [
        replace(item, text=one.text, amendments=(*item.amendments, Amendment(on, reason, item.text)))
        if item.name == one.version.name
        else item
        for item in lock.versions
    ]
    return replace(lock, versions=tuple(versions))
