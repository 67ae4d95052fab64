"""The quick way of inline Markdown gives what Python-Markdown gives, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policysite.core.markdown import inline, inline_all, slow_inline, substitute
from policysite.core.quick import quick_all, quick_inline
from policysite.translate.po import parse_po
from tests.helpers.machine import ROOT

REFERENCES = (("ref", ("/target/", "title")), ("b", ("/b/", None)))


def resolve(element: str, target: str) -> tuple[tuple[str, str], ...]:
    """Another address, attributes before and after it in the alphabet, and signs that need escaping."""
    return (("href", f"/x{target}"), ("class", 'a"b'), ("rel", "a&b &amp; <c>"), ("lang", element))


def agree(text: str) -> bool:
    """Compare both ways, with and without `resolve`; whether the quick way took the text."""
    quick = quick_inline(text)
    if quick is not None:
        assert quick == slow_inline(text)
        assert quick_inline(text, resolve) == slow_inline(text, REFERENCES, resolve)
    assert inline(text, REFERENCES, resolve) == slow_inline(text, REFERENCES, resolve)
    return quick is not None


#: Marks, what they stand beside, and letters of several scripts.
ATOMS = (
    *(
        "*",
        "**",
        "***",
        "_",
        "`",
        "``",
        "\\",
        "[",
        "]",
        "(",
        ")",
        "![",
        "](",
        "<",
        ">",
        "&",
        "&amp;",
        "!",
        '"',
    ),
    *(" ", "  ", "\n", "  \n", "\t", "\u00a0", "\u3000", "\u200b", "\r", "\x00", "\x02", "\x03", "\ue000"),
    *(
        "a",
        "B",
        "1",
        ".",
        ",",
        ":",
        "#",
        "{",
        "}",
        "{{ x }}",
        "{: #id }",
        "/privacy/",
        "mailto:a@b.c",
        "é",
        "ক",
    ),
    *(
        "**b**",
        "*e*",
        "`c`",
        "[l](/t/)",
        "[ref]",
        "[b][ref]",
        "<http://x.y>",
        "مرحبا",
        "用户",
        "क्ष",
        "\U0001f600",
    ),
)


@given(st.lists(st.sampled_from(ATOMS), max_size=14).map("".join))
@example("**a**b*c*")
@example("[x](/y/) [z](/w/)")
def test_any_row_of_marks_and_letters(text: str) -> None:
    agree(text)


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    agree(text)


PLAIN = st.text(alphabet="ab é ক!>:;.,{}()\"'", min_size=1, max_size=8)
PARTS = st.one_of(
    PLAIN,
    PLAIN.map(lambda text: f"**{text.strip() or 'x'}**"),
    PLAIN.map(lambda text: f"*{text.strip() or 'x'}*"),
    PLAIN.map(lambda text: f"`{text} & <*_[x](y)`"),
    PLAIN.map(lambda text: f"[{text}](/a_b/#c-d?e=%20)"),
)


@given(st.lists(PARTS, min_size=1, max_size=6))
def test_rows_of_what_it_is_made_for(parts: list[str]) -> None:
    """Nearly all of these are taken: two marks that touch may make a third."""
    agree("".join(parts))
    spaced = " ".join(part for part in parts)
    assert agree(spaced) or not spaced.strip() or any(mark in spaced for mark in ("**", "!", "``"))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "**a* b**",
            "*a **b** c*",
            "***x***",
            "** a **",
            "* a *",
            "a * b * c",
            "*a*b*c*",
            "**a***b*",
            "a**b**c",
        ),
        *(
            "[a](b(c))",
            "[a](<b c>)",
            '[a](b "t")',
            "[a] (b)",
            "[a][ref]",
            "[ref]",
            "![i](/a.png)",
            "x![y](/z/)",
        ),
        *(
            "[*a*](b)",
            "*[a](b)*",
            "[`a`](b)",
            "`[a](b)`",
            "``a`b``",
            "`a``b`",
            "` a `",
            "`  `",
            "`a\nb`",
            "``",
            "`",
        ),
        *(
            "\\*a\\*",
            "a  \nb",
            "a \nb",
            "a\n  b",
            "\n",
            " ",
            "",
            " a ",
            "a > b",
            "a < b",
            "&copy;",
            "&",
            "a&b;",
        ),
        *(
            "[a](mailto:x@y.z)",
            "[a](javascript:x)",
            "[a](/b)[c](/d)",
            "[a](/b) [ref]",
            "[](/a)",
            "[ ](/a)",
            "[a]()",
        ),
        *("*\u3000a*", "**a\u00a0**", "*a\n*", "a_b_c", "__a__", "<a@b.c>", "\x02amp\x03", "[a](/b){: .c }"),
    ],
)
def test_what_could_go_wrong(text: str) -> None:
    agree(text)


def test_nearly_every_shipped_text_goes_the_quick_way() -> None:
    taken = total = 0
    for path in sorted((ROOT / "translations").glob("*/LC_MESSAGES/*.po")):
        catalog, problems = parse_po(path.name, path.read_text("utf-8"), path.parts[-3], path.stem)
        assert not problems
        for message in catalog.messages:
            for text in (message.msgid, *message.msgstr):
                agree(text)
                taken += agree(substitute(text, lambda _: "https://a.test/"))
                total += bool(text.strip())
    assert total > 5000
    assert taken > 0.99 * total


ROWS = st.lists(st.lists(st.sampled_from(ATOMS), max_size=6).map("".join), max_size=6)


@given(ROWS)
@example([])
@example([""])
@example(["`", "a`"])
@example(["**a", "b**"])
@example(["a >", "`>`", "b", "[x](/y/) > *z*"])
@example(["a\x02b", "**c**"])
@example([" ", "a", "\n"])
def test_texts_are_rendered_together_as_alone(texts: list[str]) -> None:
    assert quick_all(texts) == [quick_inline(text) for text in texts]
    assert quick_all(texts, resolve) == [quick_inline(text, resolve) for text in texts]
    assert inline_all(texts, REFERENCES, resolve) == [inline(text, REFERENCES, resolve) for text in texts]


def test_a_page_of_texts_is_taken() -> None:
    """The way of many is no way round: what is taken alone is taken together."""
    texts = ["a **b** c", "*d* `e & f`", "[g](/h/) i", "j > k"]
    assert None not in quick_all(texts)
    assert quick_all(texts)[3] == "j &gt; k"
