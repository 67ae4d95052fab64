from __future__ import annotations

import difflib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policysite.core.alignment import Token, best_pairs, common, edits, heaviest_rising
from policysite.core.words import weight, words

rows = st.lists(st.sampled_from("abcd").map(lambda letter: (letter,)), max_size=25)


def tokens(text: str) -> list[Token]:
    return [Token((word,), word, weight(word)) for word in words(text)]


def length(one: list[tuple[str]], two: list[tuple[str]]) -> int:
    """Length of a longest common subsequence, the textbook way."""
    table = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(two):
            table[i + 1][j + 1] = table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@settings(max_examples=400, derandomize=True, deadline=None)
@given(rows, rows)
def test_common_is_longest_rising_and_symmetric(one: list[tuple[str]], two: list[tuple[str]]) -> None:
    pairs = common(one, two)
    assert all(one[i] == two[j] for i, j in pairs)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(pairs))
    assert len(pairs) == length(one, two)
    assert common(two, one) == [(j, i) for i, j in pairs]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.permutations(range(7)), st.lists(st.integers(1, 9), min_size=7, max_size=7))
def test_heaviest_rising(order: list[int], weights: list[int]) -> None:
    found = heaviest_rising(order, weights)
    assert [order[index] for index in sorted(found)] == sorted(order[index] for index in found)
    best = 0
    for chosen in range(1 << len(order)):
        indexes = [index for index in range(len(order)) if chosen >> index & 1]
        if all(order[a] < order[b] for a, b in pairwise(indexes)):
            best = max(best, sum(weights[index] for index in indexes))
    assert sum(weights[index] for index in found) == best


def test_heaviest_rising_of_nothing() -> None:
    assert heaviest_rising([], []) == frozenset()


def test_best_pairs_take_the_greatest_sum() -> None:
    scores = [[0.5, 0.9, 0.0], [0.0, 0.5, 0.3]]
    assert best_pairs(2, 3, lambda i, j: scores[i][j], 0.4) == [(0, 0), (1, 1)]
    assert best_pairs(2, 3, lambda i, j: scores[i][j], 0.6) == [(0, 1)]
    assert best_pairs(0, 3, lambda i, j: 1.0, 0.4) == []


def marked(old: str, new: str) -> str:
    left, right = tokens(old), tokens(new)
    result, at = [], 0
    for edit in edits(left, right):
        result += [token.text for token in right[at : edit.new_start]]
        gone = "".join(token.text for token in left[edit.old_start : edit.old_end])
        come = "".join(token.text for token in right[edit.new_start : edit.new_end])
        result += [f"[-{gone}-]"] * bool(gone) + [f"{{+{come}+}}"] * bool(come)
        at = edit.new_end
    return "".join(result + [token.text for token in right[at:]])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("We keep it for 6 months.", "We keep it for 12 months.", "We keep it for [-6-]{+12+} months."),
        ("We sell data.", "We never sell data.", "We {+never +}sell data."),
        ("We never sell data.", "We sell data.", "We [-never -]sell data."),
        ("One. Three.", "One. Two. Three.", "One. {+Two. +}Three."),
        ("We ask. We delete.", "We ask. We keep. We delete.", "We ask. {+We keep. +}We delete."),
        ("names, ages and sizes", "names and sizes", "names[-, ages-] and sizes"),
        ("It is so.", "It is so", "It is so[-.-]"),
        ("a - b", "a – b", "a [---]{+–+} b"),
        # A few equal words between replacements are replaced with them …
        (
            "You may ask us for a copy.",
            "Every person can demand of us one copy.",
            "[-You may ask us for a-]{+Every person can demand of us one+} copy.",
        ),
        # … but not between two insertions, and not when they are many.
        ("We collect data.", "We may collect, and use, data.", "We {+may +}collect{+, and use,+} data."),
        (
            "old one two three four five old",
            "new one two three four five new",
            "[-old-]{+new+} one two three four five [-old-]{+new+}",
        ),
        ("個人情報を収集します。", "個人情報を利用します。", "個人情報を[-収集-]{+利用+}します。"),
        ("আমরা তথ্য রাখি।", "আমরা তথ্য মুছি।", "আমরা তথ্য [-রাখি-]{+মুছি+}।"),
        ("เราเก็บข้อมูล", "เราขายข้อมูล", "เรา[-เก็บ-]{+ขาย+}ข้อมูล"),
        ("", "New.", "{+New.+}"),
        ("Old.", "", "[-Old.-]"),
        ("Same.", "Same.", "Same."),
    ],
)
def test_edits_read_well(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected


prose = st.lists(
    st.sampled_from(["we", "keep", "data", "no", ",", ".", " ", " ", "報", "告", "তথ্য", "\n"]), max_size=30
).map("".join)


@settings(max_examples=500, derandomize=True, deadline=None)
@given(prose, prose)
def test_edits_lead_from_one_text_to_the_other(old: str, new: str) -> None:
    left, right = tokens(old), tokens(new)
    found = edits(left, right)
    i = j = 0
    for edit in found:
        assert [t.item for t in left[i : edit.old_start]] == [t.item for t in right[j : edit.new_start]]
        assert (edit.old_start, edit.new_start) != (edit.old_end, edit.new_end)
        assert not found or (edit.old_start, edit.new_start) != (i, j) or (i, j) == (0, 0)
        i, j = edit.old_end, edit.new_end
    assert [t.item for t in left[i:]] == [t.item for t in right[j:]]
    swapped = [(e.new_start, e.new_end, e.old_start, e.old_end) for e in edits(right, left)]
    assert swapped == [(e.old_start, e.old_end, e.new_start, e.new_end) for e in found]


def test_a_thousand_words_are_compared_at_once() -> None:
    """The worst case for a table of all pairs; the answer is checked against difflib's ratio."""
    old = [(f"w{number * 7 % 997}",) for number in range(1000)]
    new = [(f"w{number * 7 % 991}",) for number in range(1000)]
    matched = sum(
        block.size for block in difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    )
    assert len(common(old, new)) >= matched
