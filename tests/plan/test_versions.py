from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policysite.core.model import Document, LanguageText, ParsedDocument, Skeleton, Slot, VersionId
from policysite.plan.versions import in_force, shown

MAY, OCTOBER, NEXT = (
    VersionId("2024-05", date(2024, 5, 1), "month"),
    VersionId("2025-10-15", date(2025, 10, 15), "day"),
    VersionId("2026-03", date(2026, 3, 1), "month"),
)
ALL = (OCTOBER, NEXT, MAY)


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2024, 4, 30), None),
        (date(2024, 5, 1), MAY),
        (date(2025, 10, 14), MAY),
        (date(2025, 10, 15), OCTOBER),
        (date(2030, 1, 1), NEXT),
    ],
)
def test_the_newest_version_that_has_begun_is_in_force(day: date, version: VersionId | None) -> None:
    assert in_force(ALL, day) == version
    assert in_force([], day) is None


def complete(*versions: VersionId) -> list[tuple[VersionId, LanguageText]]:
    return [(version, gaps(0 if version in versions else 1)) for version in ALL]


def gaps(missing: int) -> LanguageText:
    document = Document("p", "p", OCTOBER, None, "policy", "p", "", 1, ())
    parsed = ParsedDocument(document, Skeleton(("", ""), (Slot("a", "paragraph", 1),)), ("a",), ())
    return LanguageText("bn", parsed, (None,) * missing + ("x",) * (1 - missing), ())


def test_a_complete_language_shows_the_version_in_force() -> None:
    found = shown(complete(*ALL), OCTOBER)
    assert found is not None
    assert (found.version, found.behind) == (OCTOBER, None)


def test_a_language_behind_shows_its_newest_complete_version_and_says_so() -> None:
    found = shown(complete(MAY), OCTOBER)
    assert found is not None
    assert (found.version, found.behind) == (MAY, OCTOBER)


def test_a_version_to_come_is_not_shown_early() -> None:
    assert shown(complete(NEXT), OCTOBER) is None


def test_nothing_half_translated_is_shown() -> None:
    assert shown(complete(), OCTOBER) is None
    assert shown([], OCTOBER) is None


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.permutations(ALL), st.sets(st.sampled_from(ALL)), st.dates(date(2024, 1, 1), date(2027, 1, 1)))
def test_the_order_of_files_does_not_matter(order: list[VersionId], done: set[VersionId], day: date) -> None:
    assert in_force(order, day) == in_force(ALL, day)
    current = in_force(ALL, day)
    if current is None:
        return
    texts = dict(complete(*done))
    found = shown([(version, texts[version]) for version in order], current)
    best = max(
        (version for version in done if version.date <= current.date), key=lambda one: one.date, default=None
    )
    assert (found.version if found else None) == best
