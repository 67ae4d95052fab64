"""A policy as a machine translates it into Bengali: each planted defect is caught in its line by its rule."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from policysite.core.diagnostics import Diagnostic
from tests.helpers.machine import ROOT
from tests.helpers.projects import built, files_of

FOLDER = Path(__file__).parent / "machine"
CATALOG = "translations/bn/LC_MESSAGES/safety.po"
TABLE = yaml.safe_load((FOLDER / "defects.yaml").read_text(encoding="utf-8"))

_CONFIG = b"protected_terms: [Ohmegull, CooMeet, GDPR, CCPA, SSL/TLS]\n"


def problems() -> list[Diagnostic]:
    """What a build of a site with this policy says of its Bengali catalog."""
    files = files_of(ROOT / "tests" / "mistakes" / "_base")
    config = files["config.yaml"].replace(b"protected_terms: [Acme]", _CONFIG)
    files |= {
        "config.yaml": config,
        "content/safety/2025-10.md": (FOLDER / "2025-10.md").read_bytes(),
        CATALOG: (FOLDER / "safety.po").read_bytes(),
        "translations/bn/glossary.yaml": "consent: [সম্মতি]\n".encode(),
    }
    _, found = built(files)
    return [item for item in found if item.place.path == CATALOG]


@pytest.mark.parametrize("defect", TABLE, ids=lambda defect: defect["defect"])
def test_a_planted_defect_is_caught(defect: dict[str, str]) -> None:
    lines = (FOLDER / "safety.po").read_text(encoding="utf-8").split("\n")
    (line,) = (number for number, row in enumerate(lines, 1) if defect["in"] in row)
    found = [item for item in problems() if (item.code, item.place.line) == (defect["rule"], line)]
    assert found
    assert any(defect.get("says", "") in item.message for item in found)


def test_nothing_else_is_reported() -> None:
    """No rule fires where nothing is planted: the sentences without a defect are read in silence."""
    lines = (FOLDER / "safety.po").read_text(encoding="utf-8").split("\n")
    planted = {
        (defect["rule"], number)
        for defect in TABLE
        for number, row in enumerate(lines, 1)
        if defect["in"] in row
    }
    assert {(item.code, item.place.line) for item in problems()} == planted
