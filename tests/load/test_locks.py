from __future__ import annotations

import hashlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policysite.core.diagnostics import Place
from policysite.core.model import Amendment, LockedVersion, VersionLock
from policysite.load.locks import FORMAT, digest_of, format_lock, parse_lock

PATH = "content/privacy/versions.lock"

line = st.text(
    st.sampled_from("ab \t\"'\\:#-{}[]&*!|>%@`,?\x7f\x85\xa0\u2028\ufeffকষ報👍") | st.characters(),
    max_size=20,
)
lines = st.lists(line, max_size=5).map(tuple)
months = st.dates(date(2020, 1, 1), date(2030, 1, 1)).map(lambda day: day.replace(day=1))


@st.composite
def locks(draw: st.DrawFn) -> VersionLock:
    versions = []
    for day in sorted(draw(st.sets(months, max_size=3))):
        days = sorted(draw(st.lists(st.dates(date(2030, 1, 1), date(2040, 1, 1)), max_size=2)))
        amendments = tuple(Amendment(on, draw(line), draw(lines)) for on in days)
        versions.append(LockedVersion(day.isoformat()[:7], day, draw(lines), amendments))
    return VersionLock(PATH, "privacy", tuple(versions))


@settings(max_examples=300, derandomize=True, deadline=None)
@given(locks())
def test_what_is_written_is_read(lock: VersionLock) -> None:
    text = format_lock(lock)
    found, problems = parse_lock(PATH, "privacy", text)
    assert problems == ()
    assert found is not None
    assert replace(found, versions=tuple(replace(one, place=Place("")) for one in found.versions)) == lock
    assert format_lock(found) == text


def test_the_file_is_read_line_by_line_by_people_too() -> None:
    version = LockedVersion("2025-10", date(2025, 10, 1), ("# Privacy", "", "We keep “logs”."))
    lock = VersionLock(PATH, "privacy", (version,))
    digest = hashlib.sha256("# Privacy\n\nWe keep “logs”.".encode()).hexdigest()
    assert digest_of(version.text) == digest
    assert format_lock(lock) == (
        "# The versions that were in force, as they were. Written by policysite; not to be edited by hand.\n"
        f'format: {FORMAT}\nversions:\n  "2025-10":\n    digest: "{digest}"\n    text:\n'
        '      - "# Privacy"\n      - ""\n      - "We keep “logs”."\n'
    )


VALID = format_lock(
    VersionLock(
        PATH,
        "privacy",
        (
            LockedVersion(
                "2025-10",
                date(2025, 10, 1),
                ("New.",),
                (Amendment(date(2025, 11, 3), "Typing error", ("Old.",)),),
            ),
        ),
    )
)


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("New.", "Never.", "V005", 5),
        ("Old.", "Odd.", "V005", 7),
        ('"2025-10"', '"soon"', "V005", 4),
        ("2025-11-03", "2025-11", "V005", 7),
        ("2025-11-03", "2025-09-03", "V002", 7),
        ("format: 1", "format: 9", "V005", 2),
        ("format: 1", "format: one", "C102", 2),
        ("reason:", "why:", "C101", 8),
        ("versions:", "- versions:", "C001", 3),
        ("digest:", "digest: &a", "C002", 5),
    ],
)
def test_a_damaged_lock_is_not_trusted(old: str, new: str, code: str, line: int) -> None:
    lock, problems = parse_lock(PATH, "privacy", VALID.replace(old, new, 1))
    assert lock is None
    assert (code, line) in {(item.code, item.place.line) for item in problems}
    assert all(item.place.path == PATH for item in problems)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(max_size=60) | st.integers(0, len(VALID)).map(lambda end: VALID[:end] + "\x00" + VALID[end:]))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    lock, problems = parse_lock(PATH, "privacy", text)
    assert lock is not None or problems
