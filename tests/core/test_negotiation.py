"""The language a visitor gets at `/`: by weights and CLDR, and by the patterns servers decide with."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysite.core.negotiation import choices, match, negotiate, negotiate_by_patterns, wishes
from tests.helpers.languages import ACCEPT_LANGUAGE

SITES = (
    ("en", "bn", "ar"),
    ("en", "pt-BR", "pt-PT"),
    ("en", "pt"),
    ("en", "pt-BR"),
    ("en", "zh-Hans"),
    ("en", "zh-Hant", "zh-Hans"),
    ("en", "zh"),
    ("es", "es-419", "es-MX"),
    ("sr", "sr-Latn", "az", "pa", "uz"),
    ("en-GB", "en", "fr-CA", "fr"),
    ("nb", "he", "id", "fil"),
    ("de", "de-1901", "ca-valencia"),
)


@pytest.mark.parametrize(
    ("language_range", "tags", "tag"),
    [
        ("pt-br", ("en", "pt"), "pt"),
        ("pt", ("en", "pt-BR"), "pt-BR"),
        ("pt", ("en", "pt-PT", "pt-BR"), "pt-BR"),
        ("pt-ao", ("en", "pt-BR", "pt-PT"), "pt-PT"),
        ("pt-ao", ("en", "pt-BR"), "pt-BR"),
        ("es-mx", ("es", "es-419"), "es-419"),
        ("es-es", ("es-419", "es"), "es"),
        ("zh-tw", ("en", "zh-Hans"), None),
        ("zh-tw", ("en", "zh"), None),
        ("zh-tw", ("zh-Hans", "zh-Hant"), "zh-Hant"),
        ("zh-hk", ("zh-Hans", "zh-Hant"), "zh-Hant"),
        ("zh-hant-hk", ("zh-Hans", "zh-Hant"), "zh-Hant"),
        ("zh-hans-tw", ("zh-Hans", "zh-Hant"), "zh-Hans"),
        ("zh-sg", ("zh-Hans", "zh-Hant"), "zh-Hans"),
        ("zh", ("zh-Hant", "zh-Hans"), "zh-Hans"),
        ("zh-yue", ("zh-Hans",), None),
        ("sr-me", ("sr", "sr-Latn"), "sr-Latn"),
        ("sr-me", ("sr",), None),
        ("pa-pk", ("pa",), None),
        ("en-au", ("en", "en-GB"), "en"),
        ("iw", ("he",), "he"),
        ("bn-latn", ("bn",), None),
        ("en-us-u-ca-gregory", ("en",), "en"),
        ("*", ("en",), None),
        ("", ("en",), None),
    ],
)
def test_a_range_finds_its_language_and_script(language_range: str, tags: tuple[str, ...], tag: str | None):
    assert match(language_range, tags) == tag


@pytest.mark.parametrize(("header", "tag"), ACCEPT_LANGUAGE)
def test_what_browsers_send(header: str, tag: str | None):
    assert negotiate(header, ("en", "bn", "ar")) == tag
    assert negotiate_by_patterns(header, ("en", "bn", "ar")) == tag


def test_a_choice_wins_where_the_site_has_it():
    assert negotiate("bn", ("en", "bn"), "en") == "en"
    assert negotiate("bn", ("en", "bn"), "fr") == "bn"
    assert negotiate("", ("en", "bn"), "EN") is None


_SUBTAGS = st.sampled_from(
    (
        "en",
        "pt",
        "zh",
        "sr",
        "es",
        "az",
        "pa",
        "nb",
        "no",
        "iw",
        "bn",
        "fr",
        "de",
        "ca",
        "fil",
        "tl",
        "xx",
        "yue",
    )
)
_SCRIPTS = st.sampled_from(("", "Latn", "Hans", "Hant", "Cyrl", "Arab", "Beng", "Qaaa"))
_REGIONS = st.sampled_from(
    ("", "BR", "PT", "TW", "HK", "CN", "ME", "MX", "419", "GB", "US", "PK", "AO", "ZZ", "001")
)
_TAILS = st.sampled_from(("", "1901", "valencia", "u-ca-gregory", "x"))
_RANGES = st.tuples(_SUBTAGS, _SCRIPTS, _REGIONS, _TAILS).map(lambda parts: "-".join(filter(None, parts)))


@given(
    st.sampled_from(SITES),
    st.lists(st.tuples(_RANGES, st.sampled_from(" \t,"), st.integers(0, 10)), max_size=6),
)
def test_patterns_decide_as_the_truth_does(
    tags: tuple[str, ...], entries: list[tuple[str, str, int]]
) -> None:
    header = ",".join(f"{space.strip(',')}{name};q={tenths / 10:g}" for name, space, tenths in entries)
    assert negotiate_by_patterns(header, tags) == negotiate(header, tags)


@given(st.sampled_from(SITES), st.lists(st.tuples(_RANGES, st.integers(0, 1000)), max_size=6))
def test_patterns_decide_alike_when_the_list_is_in_order(
    tags: tuple[str, ...], entries: list[tuple[str, int]]
) -> None:
    entries.sort(key=lambda entry: -entry[1])
    header = ", ".join(f"{name}; q={weight / 1000:g}" for name, weight in entries)
    assert negotiate_by_patterns(header, tags) == negotiate(header, tags)


@given(st.sampled_from(SITES), st.text("enbparzh-*;q=01.,  \t", max_size=40))
def test_no_header_breaks_it(tags: tuple[str, ...], header: str) -> None:
    assert negotiate(header, tags) in (None, *tags)
    assert negotiate_by_patterns(header, tags) in (None, *tags)


def test_the_one_difference_is_the_documented_one():
    header = "ar;q=0.81,bn;q=0.85"
    assert negotiate(header, ("en", "bn", "ar")) == "bn"
    assert negotiate_by_patterns(header, ("en", "bn", "ar")) == "ar"


@pytest.mark.parametrize("tags", SITES)
def test_patterns_are_those_every_server_reads(tags: tuple[str, ...]):
    for pattern in (*wishes(tags), *(pattern for pattern, _ in choices(tags))):
        assert not re.search(r"\(\?[^:]|\\[0-9bBAZ]", pattern), "lookaround, back reference or anchor"
        assert '"' not in pattern
        assert "`" not in pattern
        assert len(pattern) < 4000
