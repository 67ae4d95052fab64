from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policysite.core.diagnostics import Place
from policysite.load.yamlnodes import Yaml, parse_yaml


def good(text: str, offset: int = 0) -> Yaml:
    document, problems = parse_yaml("c.yaml", text, offset)
    assert not problems
    assert document is not None
    return document


def bad(text: str) -> list[tuple[str, str]]:
    document, problems = parse_yaml("c.yaml", text)
    assert document is None
    return [(item.code, str(item.place)) for item in problems]


TEXT = """\
# comment
site:
  name: "বাংলা: নাম"
  list: [a, {b: c}]
  more:
    - one
    -   two
"""


def test_every_key_and_value_has_a_place() -> None:
    document = good(TEXT)
    assert document.value == {"site": {"name": "বাংলা: নাম", "list": ["a", {"b": "c"}], "more": ["one", "two"]}}
    lines = TEXT.split("\n")
    for path, line, col in [
        (("site",), 3, 3),
        (("site", "name"), 3, 9),
        (("site", "list"), 4, 9),
        (("site", "list", 0), 4, 10),
        (("site", "list", 1, "b"), 4, 17),
        (("site", "more", 1), 7, 9),
    ]:
        assert document.at(*path) == Place("c.yaml", line, col, lines[line - 1])
    for path, line, col in [(("site",), 2, 1), (("site", "name"), 3, 3), (("site", "list", 1, "b"), 4, 14)]:
        assert document.at_key(*path) == Place("c.yaml", line, col, lines[line - 1])


def test_a_path_that_does_not_exist_has_the_place_of_its_parent() -> None:
    document = good(TEXT)
    assert document.at("site", "nothing", "deeper") == document.at("site")
    assert document.at_key("site", "nothing") == document.at("site")
    assert document.at("nothing") == document.at()


def test_a_key_called_key_does_not_confuse_places() -> None:
    document = good("key:\n  x: 1\nx: 2\n")
    assert document.at("key", "x").line == 2
    assert document.at_key("x").line == 3


def test_columns_count_characters_and_lines_start_where_the_file_says() -> None:
    document = good("ক: {খ: x}\nd: y\n", offset=1)
    assert document.at("ক", "খ") == Place("c.yaml", 2, 8, "ক: {খ: x}")
    assert document.at("d").line == 3


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2025-10-15", "2025-10-15"),
        ("2025-10", "2025-10"),
        ("2025.10", "2025.10"),
        ("1.10", "1.10"),
        ("18", 18),
        ("'18'", "18"),
        ("no", False),
        ("null", None),
        ("", None),
        ('"a\\nb"', "a\nb"),
        ("<<", "<<"),
    ],
)
def test_values_keep_what_was_written(written: str, value: object) -> None:
    document, problems = parse_yaml("c.yaml", f"a: {written}\n")
    if written == "<<":
        assert [item.code for item in problems] == ["C001"]
        return
    assert document is not None
    assert document.value == {"a": value}


def test_keys_are_texts() -> None:
    assert good("no: 1\n2: x\n2025-10-15: y\n").value == {"no": 1, "2": "x", "2025-10-15": "y"}
    assert bad("? [a]\n: b\n") == [("C001", "c.yaml:1:3")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: &x 1\nb: *x\n", [("C002", "c.yaml:1:4"), ("C002", "c.yaml:2:4")]),
        ("a: !!python/object:os.system x\n", [("C002", "c.yaml:1:4")]),
        ("a: !mine x\n", [("C002", "c.yaml:1:4")]),
        ("a: 1\nb: 2\na: 3\n", [("C003", "c.yaml:3:1")]),
        ("x:\n  a: 1\n  a: 2\n", [("C003", "c.yaml:3:3")]),
        ("title: like: this\n", [("C001", "c.yaml:1:12")]),
        ("a: [1, 2\n", [("C001", "c.yaml:2:1")]),
        ("a:\n\t- b\n", [("C001", "c.yaml:2:1")]),
        ("a: 1\n---\nb: 2\n", [("C001", "c.yaml:2:1")]),
        ("a: \x00\n", [("C001", "c.yaml")]),
        ("a: \udcff\n", [("C001", "c.yaml")]),
        ("a: " + "9" * 5000, [("C001", "c.yaml:1:4")]),
        ("a: 0x_\n", [("C001", "c.yaml:1:4")]),
    ],
)
def test_what_is_refused_and_where(text: str, found: list[tuple[str, str]]) -> None:
    assert bad(text) == found


def test_signs_inside_texts_are_no_anchors() -> None:
    assert good("a: R&D * 5!\nb: '*'\nc: \"&x\"\n").value == {"a": "R&D * 5!", "b": "*", "c": "&x"}


def test_a_colon_has_its_own_hint() -> None:
    _, problems = parse_yaml("c.yaml", "title: like: this\n")
    assert "quotes" in problems[0].hint


def test_an_alias_bomb_is_refused_at_once() -> None:
    rows = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    begun = time.perf_counter()
    found = bad("\n".join(rows))
    assert time.perf_counter() - begun < 2
    assert {code for code, _ in found} == {"C002"}


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 50_000, "? " * 50_000])
def test_deep_nesting_is_refused_and_does_not_overflow_the_stack(text: str) -> None:
    (found,) = bad(text)
    assert found[0] == "C001"


def test_an_empty_document_is_none() -> None:
    assert good("").value is None
    assert good("# nothing\n").value is None


SIGNS = st.sampled_from(
    [*"abc:-?[]{}#&*!|>'\"%@`,\n \t0123\\~=<", "\n  ", "\n- ", ": ", "é", "\u2028", "\x85"]
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(SIGNS, max_size=40).map("".join) | st.text(max_size=30))
@example("\ufeffa: 1")
@example("%TAG ! x\n---\na")
@example("a: |\n  x\n y")
def test_no_text_raises(text: str) -> None:
    document, problems = parse_yaml("c.yaml", text)
    assert (document is None) == bool(problems)
    for item in problems:
        assert item.code in {"C001", "C002", "C003"}
        assert "\n" not in item.message
