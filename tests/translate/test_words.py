from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysite.translate.lexicons import ENDS, KEYS, Lexicon, lexicon
from policysite.translate.rules.scope import scope_of
from policysite.translate.words import distance, pattern_of, resembles, skeleton, sound, words
from tests.helpers.machine import ROOT
from tests.translate.test_rules import language

FILES = sorted((ROOT / "policysite" / "translate" / "lexicons").glob("*.yaml"))

#: The languages of the site, besides English.
LANGUAGES = ("bn", "ar", "hi", "ur", "es", "pt", "fr", "de", "ru", "id", "tr", "ja", "zh")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("আমরা কী রাখি।", ["আমরা", "কী", "রাখি"]),
        ("র‍্যাব-এর", ["র‍্যাব", "এর"]),
        ("हिन्दी में, नहीं।", ["हिन्दी", "में", "नहीं"]),
        ("مُوافَقة لا", ["مُوافَقة", "لا"]),
        ("don’t l'eau", ["don’t", "l'eau"]),
        ("", []),
    ],
)
def test_marks_and_joiners_belong_to_the_word(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text(alphabet=st.characters(categories=["L", "Mn", "Mc", "Zs", "Po"])))
def test_no_word_begins_with_a_mark_after_a_letter(text: str) -> None:
    """A mark of a living script is never cut off from its letter."""
    for index, word in enumerate(words(text)):
        assert index == 0 or word
    for left, right in pairwise(text):
        if left.isalpha() and 0x900 <= ord(right) < 0xE00 and unicodedata.category(right) in ("Mn", "Mc"):
            assert any(left + right in word for word in words(text))


def test_a_word_list_knows_words_beginnings_and_endings() -> None:
    pattern = pattern_of(["না", "অজানা*", "*বিহীন", "কোনো না"])
    assert pattern is not None
    for text in ("করি না।", "অজানাকে", "মূল্যবিহীন", "কোনো  না"):
        assert pattern.search(text)
    for text in ("নাম", "ঠিকানা", "খানা"):
        assert not pattern.search(text)
    assert pattern_of([]) is None
    anywhere = pattern_of(["不"], spaced=False)
    assert anywhere is not None
    assert anywhere.search("我们不出售")


@pytest.mark.parametrize(
    ("name", "same", "other"),
    [
        (
            "Ohmegull",
            ["ওহমেগুল", "ওহমেগুলের", "ওমেগল", "Ohmegul", "Омегулл", "أوميغول", "اومیگل", "ओमेगल"],
            ["মানুষ", "Google", "много", "مقال", "मंगल"],
        ),
        (
            "CooMeet",
            ["কুমিট", "কুমিটের", "Coomeet", "Кумит", "كوميت", "कूमीट", "クーミート"],
            ["কমিটমেন্ট", "commitment", "comment"],
        ),
        ("GoogleAnalytics", ["গুগলঅ্যানালিটিক্স", "गूगलएनालिटिक्स", "GoogleAnalitics"], ["বিশ্লেষণসেবা"]),
        ("GDPR", [], ["জিডিপিআর", "GDP"]),
    ],
)
def test_names_are_recognised_by_their_sound(name: str, same: list[str], other: list[str]) -> None:
    for word in same:
        assert resembles(word, name), (word, sound(word), sound(name))
    for word in other:
        assert not resembles(word, name), (word, sound(word), sound(name))


def test_distance_and_skeleton() -> None:
    assert (distance("", "abc"), distance("kitten", "sitting"), distance("a", "a")) == (3, 3, 0)
    assert skeleton("umigul") == "mgl"


@given(st.text(max_size=12), st.text(max_size=12))
def test_distance_is_one(left: str, right: str) -> None:
    assert distance(left, right) == distance(right, left) <= max(len(left), len(right))
    assert (distance(left, right) == 0) == (left == right)


def test_every_language_of_the_site_has_its_words() -> None:
    assert {path.stem for path in FILES} == {"en", *LANGUAGES}
    for tag in LANGUAGES:
        found = lexicon(tag)
        assert found.negation, tag
        assert found.alternatives, tag
        assert len(found.numbers) > 10, tag
        assert {kind for kind, _ in found.ends} == set(ENDS.values()), tag


def test_a_region_speaks_its_language_and_an_unknown_one_says_nothing() -> None:
    assert lexicon("pt-BR").negation == lexicon("pt").negation
    assert lexicon("mt") == Lexicon("mt")
    assert scope_of(language({"language": "mt"}), "en", ()).negation is None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_lexicon_is_well_formed(path) -> None:
    import yaml

    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert raw.keys() <= KEYS
    assert len(raw.get("months", [1] * 12)) == 12
    for name in ("negation", "informal", "or", "doubles", "apart"):
        items = raw.get(name, [])
        assert all(isinstance(item, str) and item.strip("* ") for item in items), (name, items)
        assert len(items) == len(set(items)), name
    scope_of(language({"language": path.stem}), "en", ("CooMeet",))  # every pattern compiles
