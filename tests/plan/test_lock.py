from __future__ import annotations

from datetime import date

import pytest

from policysite import pipeline
from policysite.core.diagnostics import Diagnostic
from policysite.core.model import BuildOptions, VersionLock
from policysite.load.locks import format_lock, parse_lock
from policysite.plan.lock import Edition, amended, compared, excerpt, locked
from tests.helpers import mini

PATH = "content/privacy/versions.lock"
OLD, NEW = "content/privacy/2024-05.md", "content/privacy/2025-10-15.md"
DAY = date(2026, 1, 1)


def problems(files: dict[str, str], day: date = DAY) -> list[Diagnostic]:
    sources = {path: text.encode() for path, text in files.items()}
    _, found = pipeline.prepare(sources, BuildOptions(day))
    return [item for item in found if item.code.startswith("V")]


def editions(files: dict[str, str]) -> tuple[Edition, ...]:
    translated, _ = pipeline.translate({path: text.encode() for path, text in files.items()})
    assert translated is not None
    return pipeline.editions(translated, "privacy")


def with_lock(files: dict[str, str], day: date = DAY) -> dict[str, str]:
    lock = locked(VersionLock(PATH, "privacy"), editions(files), day)
    return {**files, PATH: format_lock(lock)}


def test_without_a_lock_nothing_is_asked() -> None:
    assert problems(mini.texts()) == []


def test_only_what_is_or_was_in_force_is_locked() -> None:
    lock, _ = parse_lock(PATH, "privacy", with_lock(mini.texts(), date(2025, 1, 1))[PATH])
    assert lock is not None
    assert [version.name for version in lock.versions] == ["2024-05"]
    later = locked(lock, editions(mini.texts()), DAY)
    assert [version.name for version in later.versions] == ["2024-05", "2025-10-15"]
    assert later.versions[0] == lock.versions[0]
    assert locked(later, editions(mini.texts()), DAY) == later


def test_a_locked_policy_has_no_problems() -> None:
    assert problems(with_lock(mini.texts())) == []


def test_one_word_of_a_locked_version_is_an_error_that_shows_it() -> None:
    files = with_lock(mini.texts())
    files[NEW] = files[NEW].replace("You may ask.", "You may beg.")
    (found,) = problems(files)
    assert (found.code, found.level, found.place.path) == ("V001", "error", NEW)
    assert found.place.text == "You may beg."
    assert "[-ask-]{+beg+}" in found.message
    assert "policy amend privacy 2025-10-15" in found.hint


@pytest.mark.parametrize(
    "edit",
    [
        ("You may ask.", "You may\nask."),
        ("\n\nYou may ask.", "\n\n\nYou may ask."),
        ('description: "What we keep."', 'description: "All of it."'),
    ],
)
def test_what_no_reader_of_the_text_sees_may_change(edit: tuple[str, str]) -> None:
    files = with_lock(mini.texts())
    assert edit[0] in files[NEW]
    files[NEW] = files[NEW].replace(*edit)
    assert problems(files) == []


def test_a_fact_is_part_of_the_text_that_states_it() -> None:
    files = mini.texts()
    files[NEW] = files[NEW].replace("You may ask.", "You may ask at {{ minimum_age }}.")
    files = with_lock(files)
    assert "You may ask at 18." in files[PATH]
    assert problems(files) == []
    files["config.yaml"] = files["config.yaml"].replace("minimum_age: 18", "minimum_age: 16")
    (found,) = problems(files)
    assert (found.code, found.place.path, found.place.text) == (
        "V001",
        NEW,
        "You may ask at {{ minimum_age }}.",
    )
    assert "[-18-]{+16+}" in found.message


def test_an_amendment_records_the_text_before_and_makes_the_lock_fit() -> None:
    files = with_lock(mini.texts())
    lock, _ = parse_lock(PATH, "privacy", files[PATH])
    assert lock is not None
    files[NEW] = files[NEW].replace("You may ask.", "You may ask us.")
    edition = editions(files)[-1]
    after = amended(lock, edition, DAY, "Word left out")
    files[PATH] = format_lock(after)
    assert problems(files) == []
    (amendment,) = after.versions[-1].amendments
    assert (amendment.on, amendment.reason, amendment.text) == (DAY, "Word left out", lock.versions[-1].text)
    assert after.versions[0] == lock.versions[0]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("We keep it.", "We sell it.", "We [-keep-]{+sell+} it."),
        (
            "All names that you gave us on the day on which you wrote are kept for six months after that.",
            "All names that you gave us on the day on which you wrote are kept for two years after that.",
            "…which you wrote are kept for [-six months-]{+two years+} after that.",
        ),
        ("Gone.", "", "[-Gone.-]"),
    ],
)
def test_an_excerpt_is_one_line_around_the_changes(old: str, new: str, expected: str) -> None:
    (section,) = compared([old], [new]).sections
    (change,) = section.blocks
    assert excerpt(change) == expected
