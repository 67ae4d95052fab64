"""SARIF is what the standard says: validated against the JSON schema that @microsoft/jest-sarif ships."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft4Validator

from policysite.core.diagnostics import CODES, Diagnostic, Place, problem
from policysite.core.reports import as_sarif, report
from tests.helpers.machine import NODE_MODULES

#: One finding a code, without place, with a line, with a column, and with a path that is no plain URI.
FOUND = [
    problem(code, place, "what <is> wrong", hint)
    for code, place, hint in zip(
        CODES,
        [
            Place("config.yaml"),
            Place("content/a b/ক.md", 7),
            Place("translations/bn/LC_MESSAGES/home.po", 9, 3, 'msgstr "র‍্যাব"'),
        ]
        * len(CODES),
        ["", "cure"] * len(CODES),
        strict=False,
    )
]


def schema() -> Any:
    path = NODE_MODULES / "@microsoft" / "jest-sarif" / "lib" / "schemas" / "sarif-2.1.0-rtm.5.json"
    if not path.exists():
        pytest.skip("needs node_modules: make setup-test")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.browser
@pytest.mark.parametrize("found", [[], FOUND], ids=["nothing", "every code"])
def test_the_log_is_valid(found: list[Diagnostic]) -> None:
    errors = list(Draft4Validator(schema()).iter_errors(json.loads(as_sarif(found))))
    assert [error.message for error in errors] == []


@pytest.mark.browser
def test_the_schema_refuses_what_is_wrong() -> None:
    """The validation can fail: a level, a line and a URI that the standard does not allow."""
    log = json.loads(as_sarif(FOUND))
    result = log["runs"][0]["results"][1]
    result["level"] = "info"
    result["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert len(list(Draft4Validator(schema()).iter_errors(log))) == 2


def test_every_finding_has_its_rule_level_and_place() -> None:
    run = json.loads(report(FOUND, "sarif"))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(CODES)
    for item, result in zip(FOUND, run["results"], strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == item.code
        assert result["level"] == {"info": "note"}.get(item.level, item.level)
        assert item.message in result["message"]["text"]
        assert item.hint in result["message"]["text"]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert places[0] == {"artifactLocation": {"uri": "config.yaml"}}
    assert places[1]["artifactLocation"]["uri"] == "content/a%20b/%E0%A6%95.md"
    assert places[1]["region"] == {"startLine": 7}
    assert (places[2]["region"]["startLine"], places[2]["region"]["startColumn"]) == (9, 3)
    assert run["columnKind"] == "unicodeCodePoints"
