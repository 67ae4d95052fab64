from __future__ import annotations

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from policysite.core.words import _any, _simple, clusters, weight, words

SCRIPTS = (
    "aZé ßœ 09٣০ .,:;!?'’“”()[]{}@/-–—_ \n\t\r\xa0 কষ্ািৰ্য়ং हिन्दी्ष 日本語カタカナーひらがな漢字 "
    "ไทยกำที่ ខ្មែរ မြန်မာ العَرَبِيّة \u200d\u200c\u0301\u0308 👨👩👧🇫🇷🇩🇪 한글각"
)
texts = st.text(st.sampled_from(SCRIPTS) | st.characters(), max_size=40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We don’t sell it.", "We| |don’t| |sell| |it|."),
        ("e-mail, or so", "e|-|mail|,| |or| |so"),
        ("1,000.50 and 2025-10", "1,000.50| |and| |2025|-|10"),
        ("at 10:30 on 1/2/2026.", "at| |10:30| |on| |1/2/2026|."),
        ("help@acme.test.", "help@acme.test|."),
        ("see https://acme.test/a?b=c.", "see| |https://acme.test/a?b=c|."),
        ("over {{ minimum_age }} years", "over| |{{ minimum_age }}| |years"),
        ("আমরা তথ্য সংগ্রহ করি।", "আমরা| |তথ্য| |সংগ্রহ| |করি|।"),
        ("हम जानकारी एकत्र करते हैं।", "हम| |जानकारी| |एकत्र| |करते| |हैं|।"),
        ("র‍্যাব", "র‍্যাব"),
        ("個人情報をメールで", "個|人|情|報|を|メール|で"),
        ("GDPR対応", "GDPR|対|応"),
        ("ข้อมูล", "ข้|อ|มู|ล"),
        ("نحن نجمعُ", "نحن| |نجمعُ"),
        ("👨‍👩‍👧🇫🇷", "👨‍👩‍👧|🇫🇷"),
        ("", ""),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert "|".join(words(text)) == expected


@settings(max_examples=500, derandomize=True, deadline=None)
@given(texts)
def test_words_are_the_text_and_never_cut_a_cluster(text: str) -> None:
    found = words(text)
    assert "".join(found) == text
    assert all(found)
    ends, place = {0}, 0
    for cluster in regex.findall(r"\X", text):
        place += len(cluster)
        ends.add(place)
    place = 0
    for word in found:
        place += len(word)
        assert place in ends, (word, text)


@settings(max_examples=500, derandomize=True, deadline=None)
@given(st.text(st.sampled_from("ab 1.,:'’@/-_{}é“”€\n") | st.characters(max_codepoint=0x2FF), max_size=40))
def test_the_fast_way_finds_the_same(text: str) -> None:
    text = text.replace("\r", "")
    assert _simple().findall(text) == _any().findall(text) == words(text)


def test_clusters_are_what_a_reader_takes_for_one_character() -> None:
    assert clusters("ক্ষমা") == ["ক্ষ", "মা"]
    assert clusters("e\u0301a") == ["e\u0301", "a"]


@pytest.mark.parametrize(
    ("word", "expected"), [(" ", 0), (",", 0), ("।", 0), ("data", 2), ("18", 2), ("報", 1), ("มู", 1)]
)
def test_weight(word: str, expected: int) -> None:
    assert weight(word) == expected
