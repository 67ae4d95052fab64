from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.reports import as_github, as_json, as_records, as_text, count_line, report

BENGALI = "র‍্যাব কী"  # with a zero-width joiner


def at(text: str, col: int, **changes: str) -> Diagnostic:
    return problem("D201", Place("content/a.md", 7, col, text), changes.get("message", "what"), "cure")


def caret(text: str, col: int) -> tuple[str, int]:
    """The line as shown, and the number of characters before the caret."""
    rows = as_text([at(text, col)]).split("\n")
    assert rows[1].startswith("    7 | ")
    assert rows[2].startswith("      | ")
    assert rows[2].endswith("^")
    return rows[1][8:], len(rows[2]) - 9


def test_a_block_says_place_line_caret_and_cure() -> None:
    assert as_text([at("see <b>", 5)]) == (
        "content/a.md:7:5: error D201 what\n    7 | see <b>\n      |     ^\n      = cure"
    )


def test_what_is_not_known_is_left_out() -> None:
    assert as_text([problem("D102", Place("a.md"), "empty")]) == "a.md: error D102 empty"
    assert as_text([problem("D102", Place("a.md", 2, 0, "x"), "m")]) == "a.md:2: error D102 m\n    2 | x"
    assert as_text([problem("D102", Place("a.md", 2, 1, "   "), "m")]) == "a.md:2:1: error D102 m"


@pytest.mark.parametrize(
    ("text", "col", "cells"),
    [
        ("abc", 1, 0),
        ("abc", 3, 2),
        ("中文x", 3, 4),  # wide
        ("ｗx", 2, 2),  # full width
        ("e\u0301x", 3, 1),  # combining
        ("কী x", 4, 3),  # spacing vowel sign counts as a cell
        ("ক্ষ x", 5, 3),  # the virama has none
        ("\tx", 2, 1),  # shown as one space
        (BENGALI, 4, 3),  # the joiner is shown as a space, the virama before it has no cell
        ("abc", 99, 3),
    ],
)
def test_the_caret_stands_below_its_character(text: str, col: int, cells: int) -> None:
    wanted = cells - (1 if text == BENGALI else 0)
    assert caret(text, col)[1] == wanted


@pytest.mark.parametrize("col", [1, 79, 80, 81, 200, 499, 500])
def test_a_long_line_is_cut_around_the_caret(col: int) -> None:
    text = "".join(chr(ord("a") + index % 26) for index in range(500))
    shown, cells = caret(text, col)
    assert len(shown) <= 162
    assert shown[cells] == text[col - 1]
    assert shown.startswith("…") == (col > 80)
    assert shown.endswith("…") == (col < 500 - 80)


def test_a_long_line_without_a_column_is_cut_at_its_end() -> None:
    rows = as_text([problem("D201", Place("a", 1, 0, "x" * 500), "m")]).split("\n")
    assert rows[1] == "    1 | " + "x" * 160 + "…"
    assert len(rows) == 2


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text(max_size=400), st.integers(0, 420), st.text(max_size=20))
@example("\x1b[31mred\x1b[0m \u202e", 3, "\x1b]0;title\x07 \u2066")
def test_no_text_can_steer_a_terminal(text: str, col: int, message: str) -> None:
    shown = as_text([Diagnostic("D201", "error", Place("a\x1bb", 1, col, text), message, message)])
    assert not [
        char
        for char in shown.replace("\n", "").replace("\u200c", "").replace("\u200d", "")
        if unicodedata.category(char) in ("Cc", "Cf")
    ]


def test_joiners_of_a_message_stay() -> None:
    assert BENGALI in as_text([at("x", 1, message=BENGALI)])


def test_json_is_records_in_order() -> None:
    first, second = at("বাং", 1), problem("T201", Place("b.po"), 'say "no"')
    assert json.loads(as_json([first, second])) == as_records([first, second])
    assert as_records([first])[0] == {
        "code": "D201",
        "level": "error",
        "path": "content/a.md",
        "line": 7,
        "column": 1,
        "text": "বাং",
        "message": "what",
        "hint": "cure",
    }
    assert "বাং" in as_json([first])
    assert json.loads(as_json([])) == []


def test_github_commands_are_escaped() -> None:
    item = Diagnostic("C101", "error", Place("a,b:c%.md", 2, 3, "x"), "50 % of\r\n::set-output::", "cure: it")
    assert as_github([item]) == (
        "::error file=a%2Cb%3Ac%25.md,line=2,col=3,title=C101::50 %25 of%0D%0A::set-output::%0Acure: it"
    )


def test_github_levels_have_other_names() -> None:
    rows = as_github([problem(code, Place("a"), "m") for code in ("D101", "T005", "T201")]).split("\n")
    assert [row.split(" ")[0] for row in rows] == ["::error", "::warning", "::notice"]
    assert rows[0] == "::error file=a,title=D101::m"


def test_report_takes_the_form() -> None:
    items = [at("x", 1)]
    assert report(items, "text") == as_text(items)
    assert report(items, "json") == as_json(items)
    assert report(items, "github") == as_github(items)
    assert report([], "text") == report([], "github") == ""
    assert report([], "json") == "[]"


@pytest.mark.parametrize(
    ("codes", "line"),
    [
        ((), "no problems"),
        (("D101",), "1 error"),
        (("D101", "D102", "T005"), "2 errors, 1 warning"),
        (("T201", "T201"), "2 info"),
        (("T201", "T005", "D101", "T005"), "1 error, 2 warnings, 1 info"),
    ],
)
def test_count_line(codes: tuple[str, ...], line: str) -> None:
    assert count_line([problem(code, Place("a"), str(index)) for index, code in enumerate(codes)]) == line
