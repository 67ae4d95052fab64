from __future__ import annotations

import re

import pytest

from policysite.core.diagnostics import (
    CODES,
    LEVELS,
    Diagnostic,
    Place,
    did_you_mean,
    errors_of,
    has_errors,
    nearest,
    ordered,
    place_at,
    place_in,
    problem,
)


def test_codes_have_a_shape_a_level_and_a_title() -> None:
    for code, (level, title) in CODES.items():
        assert re.fullmatch(r"[A-Z]\d{3}", code)
        assert level in LEVELS
        assert title
        assert not title.endswith(".")


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (Place("a.md"), "a.md"),
        (Place("a.md", 3), "a.md:3"),
        (Place("a.md", 3, 4), "a.md:3:4"),
        (Place("a.md", 0, 4), "a.md"),
    ],
)
def test_place_says_what_it_knows(place: Place, shown: str) -> None:
    assert str(place) == shown


def test_place_in_cuts_the_line_out() -> None:
    assert place_in("a", "one\r\ntwo\n", 1) == Place("a", 1, 0, "one")
    assert place_in("a", "one\ntwo", 2, 3) == Place("a", 2, 3, "two")
    assert place_in("a", "one", 2) == Place("a", 2, 0, "")
    assert place_in("a", "one", 0) == Place("a", 0, 0, "")


@pytest.mark.parametrize(
    ("offset", "line", "col", "text"),
    [(0, 1, 1, "ab"), (2, 1, 3, "ab"), (3, 2, 1, "বাং"), (5, 2, 3, "বাং"), (99, 3, 1, ""), (-5, 1, 1, "ab")],
)
def test_place_at_counts_characters(offset: int, line: int, col: int, text: str) -> None:
    assert place_at("a", "ab\nবাং\n", offset) == Place("a", line, col, text)


def test_a_report_is_ordered_by_place_and_says_nothing_twice() -> None:
    def at(path: str, line: int, col: int, code: str = "D201", message: str = "m") -> Diagnostic:
        return problem(code, Place(path, line, col), message)

    wanted = (
        at("a", 1, 2),
        at("a", 2, 1),
        at("a", 10, 1, "D101"),
        at("a", 10, 1, "D201", "a"),
        at("a", 10, 1, "D201", "b"),
        at("b", 1, 1),
    )
    assert ordered([*reversed(wanted), wanted[2], wanted[0]]) == wanted


def test_levels_come_from_the_registry() -> None:
    assert problem("T201", Place("a"), "m").level == "info"
    assert problem("T005", Place("a"), "m").level == "warning"
    with pytest.raises(KeyError):
        problem("Z999", Place("a"), "m")


def test_only_errors_are_errors() -> None:
    info, warning, error = (problem(code, Place("a"), "m") for code in ("T201", "T005", "D101"))
    assert not has_errors([info, warning])
    assert has_errors([info, error])
    assert list(errors_of([info, error, warning])) == [error]


def test_hints_name_the_nearest_word() -> None:
    assert nearest("langauges", ["languages", "facts"]) == "languages"
    assert nearest("zzz", ["languages"]) is None
    assert did_you_mean("privcy", ["privacy"]) == "did you mean “privacy”?"
    assert did_you_mean("zzz", ["privacy"], "known: privacy") == "known: privacy"
