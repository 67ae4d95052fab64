from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.sync import edits, ours, verdicts, written
from policysite.translate.match import Unit, predecessors


def units(*texts: str, kind: str = "paragraph") -> list[Unit]:
    return [Unit((None, text), (kind,)) for text in texts]


def found(old: list[Unit], new: list[Unit]) -> dict[str, tuple[str, ...]]:
    wanted = {unit.key for unit in new}
    marked = [Unit(unit.key, unit.kinds, unit.key not in wanted, unit.ordered) for unit in old]
    return {
        new[at].key[1]: tuple(old[one].key[1] for one in origins)
        for at, origins in predecessors(marked, new).items()
    }


BACKUP = "Backups are overwritten after thirty days."
BACKUP_NOW = "Backups are overwritten after fourteen days, or sooner."
COURT = "Disputes are decided by the courts of Dublin."
PHONE = "You can also call us on working days."


def test_equal_texts_have_no_predecessor() -> None:
    assert found(units(BACKUP, COURT), units(COURT, BACKUP)) == {}


def test_a_changed_text_is_found_in_its_gap() -> None:
    assert found(units(COURT, BACKUP, PHONE), units(COURT, BACKUP_NOW, PHONE)) == {BACKUP_NOW: (BACKUP,)}


def test_a_changed_text_is_found_after_a_move() -> None:
    moved = units(COURT, PHONE, BACKUP_NOW)
    assert found(units(BACKUP, COURT, PHONE), moved) == {BACKUP_NOW: (BACKUP,)}


def test_a_new_text_has_none() -> None:
    assert found(units(BACKUP, PHONE), units(COURT, PHONE)) == {}


def test_an_obsolete_text_comes_back_changed() -> None:
    old = [*units(COURT), Unit((None, BACKUP), ("paragraph",), False, False)]
    changed = BACKUP.replace("thirty", "forty")
    assert predecessors(old, units(COURT, changed)) == {1: (1,)}
    assert predecessors(old, units(COURT, PHONE)) == {}


def test_a_split_and_a_merge() -> None:
    both = f"{BACKUP} {PHONE}"
    assert found(units(COURT, both), units(COURT, BACKUP, PHONE)) == {BACKUP: (both,), PHONE: (both,)}
    assert found(units(COURT, BACKUP, PHONE), units(COURT, both)) == {both: (BACKUP, PHONE)}


def test_another_context_is_another_message() -> None:
    old = [Unit(("menu", BACKUP), (), True)]
    assert predecessors(old, [Unit((None, BACKUP_NOW))]) == {}
    assert predecessors(old, [Unit(("menu", BACKUP_NOW))]) == {0: (0,)}


def test_like_texts_keep_their_order() -> None:
    old = units(
        *(f"Used to remember your {what}. Stored for 12 months." for what in ("language", "country", "theme"))
    )
    new = units(
        *(f"Used to remember your {what}. Stored for 6 months." for what in ("language", "country", "theme"))
    )
    assert [origins for _, origins in sorted(predecessors(old, new).items())] == [(0,), (1,), (2,)]


def test_a_document_written_anew_is_matched_in_reasonable_steps() -> None:
    """Hundreds of old against hundreds of new texts go by their words, not pair by pair."""
    old = units(
        *(
            f"Clause {number} speaks of matter{number} and of subject{number} at length."
            for number in range(300)
        )
    )
    new = units(
        *(f"Clause {number} speaks of matter{number} and subject{number} briefly." for number in range(300))
    )
    assert predecessors(old, new) == {number: (number,) for number in range(300)}


@pytest.mark.parametrize("between", [3, 1, 0])
def test_the_edits_of_the_benchmark(between: int) -> None:
    """What `make bench` prints: at least nine of ten predecessors, and hardly a wrong one."""
    case = edits(between)
    counts = Counter(verdict for verdict, _, _ in verdicts(case, ours(*written(case))))
    assert counts["right"] >= 0.9 * (counts["right"] + counts["missed"])
    assert counts["wrong"] <= 1
    assert counts.total() > 90


words = st.sampled_from(["data", "we", "keep", "logs", "30", "90", "days", "[x](/a)", "never", "—", "", "ক"])
texts = st.lists(words, max_size=6).map(" ".join)
lists = st.lists(
    st.builds(Unit, st.tuples(st.none() | st.just("c"), texts), st.just(("paragraph",))),
    max_size=8,
    unique_by=lambda unit: unit.key,
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(lists, lists)
def test_any_lists_are_matched(old: list[Unit], new: list[Unit]) -> None:
    known = {unit.key for unit in old}
    result = predecessors(old, new)
    assert result == predecessors(old, new)
    for at, origins in result.items():
        assert new[at].key not in known
        assert origins
        assert all(old[one].key[0] == new[at].key[0] for one in origins)
        assert list(origins) == sorted(set(origins))
