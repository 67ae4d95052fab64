from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policysite.translate.carry import bare, carried, outline
from policysite.translate.inlines import facets

TRANSLATION = "[আমাদের নীতি](/privacy/) ও [শর্ত](/terms/) পড়ুন।"


@pytest.mark.parametrize(
    ("old", "new", "translation", "expected"),
    [
        # link targets, in the order of the translation
        (
            "Read the [terms](/terms/) and our [policy](/privacy/).",
            "Read the [terms](/terms/#use) and our [policy](/terms/).",
            TRANSLATION,
            "[আমাদের নীতি](/terms/) ও [শর্ত](/terms/#use) পড়ুন।",
        ),
        ("![Chat](/a.png)", "![Chat](/b.png)", "![চ্যাট](/a.png)", "![চ্যাট](/b.png)"),
        ("[a](</b c>)", "[a](/d)", "[ক](</b c>)", "[ক](</d>)"),
        ("[a](/b_(c))", "[a](/d?e=1&f=2)", "[ক](/b_(c))", "[ক](/d?e=1&f=2)"),
        ('[a](/b "T")', '[a](/c "T")', '[ক](/b "T")', '[ক](/c "T")'),
        # a link that shows its target
        (
            "Mail [a@b.c](mailto:a@b.c).",
            "Mail [d@b.c](mailto:d@b.c).",
            "[a@b.c](mailto:a@b.c)",
            "[d@b.c](mailto:d@b.c)",
        ),
        ("<https://a.test/>", "<https://b.test/>", "<https://a.test/>", "<https://b.test/>"),
        # placeholders, however they are spaced
        ("[x]({{ a }})", "[x]({{ b }})", "[ক]({{a}})", "[ক]({{ b }})"),
        (
            "[{{ a }}](mailto:{{ a }})",
            "[{{ b }}](mailto:{{ b }})",
            "[{{a}}](mailto:{{ a }})",
            "[{{ b }}](mailto:{{ b }})",
        ),
        # white space
        ("a  b", "a b", "ক  খ", "ক  খ"),
        ("30 days", "30\u00a0days", "৩০ দিন", "৩০ দিন"),
    ],
)
def test_what_no_translator_has_to_see(old: str, new: str, translation: str, expected: str) -> None:
    assert bare(old) == bare(new)
    assert carried(old, new, translation) == expected
    assert carried(new, old, expected) is not None


@pytest.mark.parametrize(
    ("old", "new", "translation"),
    [
        ("a [b](/c)", "a [d](/c)", "ক [খ](/c)"),  # other words
        ("a **b**", "a *b*", "ক **খ**"),  # other marks
        ("a b", "ab", "ক খ"),  # no space is another word
        ("a  \nb", "a\nb", "ক  \nখ"),  # a line break that is shown
        ('[a](/b "T")', '[a](/b "U")', '[ক](/b "T")'),  # a title is read
        ("[a](/x) [b](/x)", "[a](/x) [b](/y)", "[ক](/x) [খ](/x)"),  # which of the two?
        ("[a](/b)", "[a](/c)", "ক"),  # the translation has lost its link
        ("[a](/b)", "[a](/c)", "[ক](/d)"),  # or has another one
        ("`a` [b](/c)", "`a` b", "`a` [খ](/c)"),
    ],
)
def test_what_a_person_has_to_look_at(old: str, new: str, translation: str) -> None:
    assert carried(old, new, translation) is None


def test_an_outline_has_targets_apart() -> None:
    found = outline("**Read** [this]({{ url }}) ![p](/q.png)")
    assert found.targets == ("{{ url }}", "/q.png")
    assert "Read" in found.events
    assert not any("url" in event for event in found.events)


pieces = st.sampled_from(
    [
        "a",
        " ",
        "  ",
        "\n",
        "[",
        "](",
        ")",
        "/x",
        "/y",
        "<",
        ">",
        "*",
        "**",
        "`",
        "{{ n }}",
        "{{",
        "&",
        "\\",
        '"',
        "!",
        "é",
    ]
)
raw = st.lists(pieces, max_size=12).map("".join)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(raw, raw, raw)
def test_no_text_raises_and_markup_never_changes(old: str, new: str, translation: str) -> None:
    """Whatever is carried over has the tags it had, and the targets of the new source."""
    result = carried(old, new, translation)
    if result is not None:
        assert facets(result).tags == facets(translation).tags
        assert sorted(outline(result).targets) == sorted(outline(new).targets)
        assert outline(result).events == outline(translation).events
