from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policysite.core.markdown import inline
from policysite.core.model import Mark, Span
from policysite.core.spans import spans, text_of

STRONG, EM, CODE = Mark("strong"), Mark("em"), Mark("code")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", ()),
        ("Plain words.", (Span("Plain words."),)),
        ("A **b** c", (Span("A "), Span("b", (STRONG,)), Span(" c"))),
        ("***x***", (Span("x", (STRONG, EM)),)),
        ("`a*b*`", (Span("a*b*", (CODE,)),)),
        ("[x](/y/ 'T')", (Span("x", (Mark("a", "/y/", "T"),)),)),
        ("**[x](/y/) z**", (Span("x", (STRONG, Mark("a", "/y/"))), Span(" z", (STRONG,)))),
        ("a  \nb", (Span("a"), Span("\n", (Mark("br"),)), Span("b"))),
        ("![alt](i.png)!", (Span("alt", (Mark("img", "i.png"),)), Span("!"))),
        ("5 < 6 &amp; 7 \\*", (Span("5 < 6 & 7 *"),)),
        ("{{ minimum_age }} or", (Span("{{ minimum_age }} or"),)),
        ("[{{ a }}](mailto:{{ a }})", (Span("{{ a }}", (Mark("a", "mailto:{{ a }}"),)),)),
    ],
)
def test_spans(raw: str, expected: tuple[Span, ...]) -> None:
    assert spans(raw) == expected


def test_a_reference_is_looked_up() -> None:
    assert spans("[x][y]", (("y", ("https://acme.test/", None)),)) == (
        Span("x", (Mark("a", "https://acme.test/"),)),
    )


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(st.sampled_from("ab c*`[]()<>!&\\_\n{}#é") | st.characters(), max_size=40))
def test_the_text_is_the_text_of_the_rendered_html(raw: str) -> None:
    rendered = re.sub(r"<br>\n?", "\n", inline(raw.replace("<", "")))
    rendered = re.sub(r'<img\b[^>]*?alt="([^"]*)"[^>]*>', r"\1", rendered)
    assert text_of(spans(raw.replace("<", ""))) == unescape(re.sub(r"<[^>]*>", "", rendered))
