"""Good and bad cases of every rule on translations: data in tests/rules/, run through real PO text.

A case names a language, and either source and target or a list of messages. `at` is the index of the
message that is reported (the last one without it). Optional: protected, glossary, register, digits, comment,
markdown, elsewhere (messages of a catalog read before).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from policysite.core import locales
from policysite.core.diagnostics import CODES, Diagnostic
from policysite.core.model import Catalog, Glossary, GlossaryTerm, Language, Message
from policysite.translate.checks import Checkable, check_language
from policysite.translate.po import format_po, parse_po
from policysite.translate.rules.scope import scope_of

FOLDER = Path(__file__).parent.parent / "rules"
PROTECTED = ("Ohmegull", "CooMeet", "GDPR", "SSL/TLS", "Google Analytics", "iOS")

#: Rules on a catalog beside its source or its approval; tests/translate/test_checks.py has their cases.
OF_CATALOGS = frozenset({"T113", "T317", "T318"})

Case = Mapping[str, Any]


def language(case: Case) -> Language:
    tag = case["language"]
    native = {"native": True, "latin": False}.get(case.get("digits", ""))
    return Language(
        tag=tag,
        locale=locales.gettext_name(tag),
        name=locales.own_name(tag),
        english_name=locales.english_name(tag),
        direction=locales.direction(tag),
        script=locales.script(tag),
        digits=locales.digits(tag, native),
        status="reviewed",
        register=case.get("register", "formal"),
    )


def run(case: Case) -> tuple[Catalog, list[Diagnostic]]:
    """The catalog of a case, written and read again, and what is found in it."""
    rows = case.get("messages") or [(case["source"], case["target"])]
    comments = tuple(str(case["comment"]).split("\n")) if "comment" in case else ()
    messages = tuple(
        Message(source, (target,), user_comments=comments if index == len(rows) - 1 else ())
        for index, (source, target) in enumerate(rows)
    )
    tag = case["language"]
    text = format_po(Catalog("x.po", tag, "x", "", messages, (("Language", tag),)))
    catalog, faults = parse_po("x.po", text, tag, "x")
    if len({source for source, _ in rows}) == len(rows):
        assert faults == ()
    glossary = Glossary(
        tag,
        "glossary.yaml",
        tuple(GlossaryTerm(term, tuple(forms)) for term, forms in case.get("glossary", {}).items()),
    )
    scope = scope_of(language(case), "en", tuple(case.get("protected", PROTECTED)), glossary)
    catalogs = [Checkable(catalog, (), case.get("markdown", True))]
    if "elsewhere" in case:  # a second catalog of the language, read before
        others = tuple(Message(source, (target,)) for source, target in case["elsewhere"])
        other = format_po(Catalog("a.po", tag, "a", "", others, (("Language", tag),)))
        catalogs.insert(0, Checkable(parse_po("a.po", other, tag, "a")[0]))
    return catalog, list(check_language(catalogs, scope))


def _cases(kind: str) -> Iterator[Any]:
    for path in sorted(FOLDER.glob("T*.yaml")):
        for number, case in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))[kind]):
            yield pytest.param(path.stem, case, id=f"{path.stem}-{case['language']}-{number}")


@pytest.mark.parametrize(("code", "case"), [*_cases("bad")])
def test_what_is_wrong_is_reported_in_its_line(code: str, case: Case) -> None:
    catalog, problems = run(case)
    message = catalog.messages[case.get("at", -1)]
    found = [item for item in problems if item.code == code]
    assert found, [(item.code, item.message) for item in problems]
    lines = {item.place.line for item in found}
    if code in ("T111", "T112", "T315"):  # about the comment above the message
        assert lines == {line for line, row in enumerate(catalog.text.split("\n"), 1) if "check:" in row}
    else:
        assert lines == {message.msgstr_line}
    assert all(item.hint and item.level == CODES[code][0] for item in found)
    if "says" in case:
        assert any(case["says"] in item.message for item in found), [item.message for item in found]


@pytest.mark.parametrize(("code", "case"), [*_cases("good")])
def test_what_is_right_is_not_reported(code: str, case: Case) -> None:
    _, problems = run(case)
    assert code not in {item.code for item in problems}, [item.message for item in problems]


def test_every_rule_has_cases_in_several_languages() -> None:
    rules = {code for code in CODES if code[:2] in ("T1", "T3")} - OF_CATALOGS
    assert {path.stem for path in FOLDER.glob("*.yaml")} == rules
    for path in FOLDER.glob("*.yaml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert len(data["bad"]) >= 2, path
        assert len(data["good"]) >= 2, path
        assert len({case["language"] for case in (*data["bad"], *data["good"])}) >= 2, path
