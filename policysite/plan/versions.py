"""Which version of a policy is in force, and which one each language shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from policysite.core.model import LanguageText, VersionId


@dataclass(frozen=True, slots=True)
class Shown:
    """What a language shows of a policy: a version, and the newer one in force it is behind of."""

    version: VersionId
    text: LanguageText
    behind: VersionId | None


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
