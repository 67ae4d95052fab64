"""The consent checklist with its tests and their results: `python -m tools.consent_table` runs the browser
suite and writes docs/reference/consent.md. `tests/test_docs.py` asserts that it names every line and test.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.browser.consent.test_traffic import VISITS

ROOT = Path(__file__).parent.parent
SUITE = ROOT / "tests" / "browser" / "consent"
PAGE = ROOT / "docs" / "reference" / "consent.md"

#: The checklist has lines R1 to R44.
LINES = range(1, 45)

_HEAD = """\
<!-- Made by `python -m tools.consent_table`, which runs the tests. -->

# Consent: what is tested in a real browser

Each line of the checklist is a test in Chromium on the built site, with a Google and a CooMeet on this
machine that record every request; lines marked Firefox run there too, with its own Global Privacy Control
signal. A line runs in English, Bengali and Arabic where the language matters. No test leaves a violation of
the Content-Security-Policy behind: the suite records them, in every visit, and fails on the first.

| line | what holds | test | result |
| --- | --- | --- | --- |
"""

_TRAFFIC = """
## Requests by host

What reaches others in each situation (`test_requests_by_host`):

| visit | requests to others |
| --- | --- |
"""

_REST = """
## Test the tests

Sites with one thing wrong, each made of this project by one small change. The line named must fail on it, and
does:
"""


@dataclass(frozen=True, slots=True)
class Test:
    """A test of a line: its number (0: of no line), name, first line of its docstring, file."""

    line: int
    name: str
    says: str
    file: str


def tests() -> list[Test]:
    """Every test of the suite, in the order of the lines."""
    found = []
    for path in sorted(SUITE.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                number = re.match(r"test_r(\d+)_", node.name)
                says = " ".join((ast.get_docstring(node) or "").split())
                found.append(Test(int(number.group(1)) if number else 0, node.name, says, path.name))
    return sorted(found, key=lambda test: (test.line, test.file))


def results() -> tuple[Counter[str], Counter[str], list[str]]:
    """Runs the suite: passed and all cases by test name, and the hostile variants as “name-line”."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--junitxml={report}", str(SUITE)]
        subprocess.run(command, cwd=ROOT, check=False)
        cases = list(ET.parse(report).iter("testcase"))
    passed: Counter[str] = Counter()
    ran: Counter[str] = Counter()
    hostile = []
    for case in cases:
        name, _, rest = case.attrib["name"].partition("[")
        ran[name] += 1
        good = not list(case)
        passed[name] += good
        if name == "test_a_hostile_variant_is_noticed" and good:
            hostile.append(rest.removesuffix("]"))
    return passed, ran, hostile


def page(passed: Counter[str], ran: Counter[str], hostile: Sequence[str]) -> str:
    """The text of docs/reference/consent.md."""
    rows = []
    for test in tests():
        if test.line:
            where = " (Firefox)" if test.file == "test_firefox.py" else ""
            result = f"{passed[test.name]} of {ran[test.name]} passed"
            rows.append(f"| R{test.line}{where} | {test.says} | `{test.name}` | {result} |")
    traffic = [
        f"| {what} | {', '.join(f'{host}: {count}' for host, count in hosts.items()) or 'none'} |"
        for what, _, hosts in VISITS
    ]
    variants = [entry.rpartition("-") for entry in sorted(hostile)]
    more = [
        f"- `{test.name}`: {passed[test.name]} of {ran[test.name]} passed"
        for test in tests()
        if not test.line
    ]
    return "\n".join(
        [
            _HEAD.rstrip("\n"),
            *rows,
            _TRAFFIC.rstrip("\n"),
            *traffic,
            _REST,
            *(f"- {name.replace('_', ' ')} → {line}" for name, _, line in variants),
            "",
            "## Beside the checklist",
            "",
            *more,
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(*results()), encoding="utf-8")
    print(PAGE.relative_to(ROOT))
