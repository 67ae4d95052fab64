from __future__ import annotations

import pytest

from policysite.core.model import GlossaryTerm
from policysite.load.glossary import load_glossary


def load(text: str) -> tuple[tuple[GlossaryTerm, ...] | None, list[tuple[str, int]]]:
    glossary, problems = load_glossary("translations/bn/glossary.yaml", text, "bn")
    return glossary.terms if glossary else None, [(item.code, item.place.line) for item in problems]


def test_terms_and_forms() -> None:
    assert load("# note\ncookie: [কুকি]\n'video  chat': [ভিডিও চ্যাট, আড্ডা]\n") == (
        (GlossaryTerm("cookie", ("কুকি",)), GlossaryTerm("video chat", ("ভিডিও চ্যাট", "আড্ডা"))),
        [],
    )


def test_forms_are_in_normal_form_c() -> None:
    terms, _ = load("service: [cafe\u0301]\nnot: [ন\u09df]\n")
    assert terms is not None
    assert [term.forms for term in terms] == [("café",), ("ন\u09af\u09bc",)]


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_glossary_is_one(text: str) -> None:
    assert load(text) == ((), [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [b\n", ("C001", 2)),
        ("a: &x [b]\n", ("C002", 1)),
        ("a: [b]\na: [c]\n", ("C003", 2)),
        ("a b: [b]\n'a  b': [c]\n", ("C003", 2)),
        ("- a\n", ("C102", 1)),
        ("a: b\n", ("C102", 1)),
        ("a: [1]\n", ("C102", 1)),
        ("a: []\n", ("C104", 1)),
        ("a: ['']\n", ("C104", 1)),
        ("' ': [b]\n", ("C104", 1)),
    ],
)
def test_a_broken_glossary_is_reported_in_its_line(text: str, problem: tuple[str, int]) -> None:
    assert load(text) == (None, [problem])
