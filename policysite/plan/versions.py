"""Which version of a policy is in force, and which one each language shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from policysite.core.model import (
    Document,
    DocumentPlan,
    LanguageText,
    VersionId,
    VersionLock,
    VersionRecord,
    VersionState,
)


class Shown(Struct, frozen=True):
    """What a language shows of a policy: a version, and the newer one in force it is behind of."""

    version: VersionId
    text: LanguageText
    behind: VersionId | None


def records(
    group: Sequence[tuple[Document, Sequence[LanguageText]]], current: VersionId
) -> tuple[VersionRecord, ...]:
    """Every version of a policy, newest first, with what it is on the day `current` is in force.

    group: each version's document with its texts in the published languages; only complete ones are kept,
    since a policy is never shown half translated.
    """
    found: list[VersionRecord] = []
    rows = sorted(
        ((document.version, document, texts) for document, texts in group if document.version is not None),
        key=lambda row: row[0].date,
    )
    for index, (version, document, texts) in enumerate(rows):
        state: VersionState = "current" if version == current else "archived"
        found.append(
            VersionRecord(
                id=version,
                state="upcoming" if version.date > current.date else state,
                since=rows[index - 1][0] if index else None,
                until=rows[index + 1][0] if index + 1 < len(rows) else None,
                material=document.material,
                announced=document.announced,
                texts=tuple(text for text in texts if text.missing == 0),
            )
        )
    return tuple(reversed(found))


def with_amendments(plan: DocumentPlan, locks: Sequence[VersionLock]) -> DocumentPlan:
    """The plan with the corrections that the policy's lock records."""
    kept = {version.name: version for lock in locks if lock.key == plan.key for version in lock.versions}
    return replace(
        plan,
        versions=tuple(
            replace(record, amendments=tuple((one.on, one.reason) for one in kept[record.id.name].amendments))
            if record.id.name in kept
            else record
            for record in plan.versions
        ),
    )


def in_force(versions: Sequence[VersionId], build_date: date) -> VersionId | None:
    """The newest version whose date is not after the build date; None when all are still to come."""
    begun = [version for version in versions if version.date <= build_date]
    return max(begun, key=lambda version: version.date) if begun else None


def shown(texts: Sequence[tuple[VersionId, LanguageText]], current: VersionId) -> Shown | None:
    """Complete or previous: the newest version not after `current` that the language has in full.

    texts: every version of the policy in one language. None when no such version is complete: a policy is
    never shown half translated.
    """
    for version, text in sorted(texts, key=lambda item: item[0].date, reverse=True):
        if version.date <= current.date and text.missing == 0:
            return Shown(version, text, None if version == current else current)
    return None
