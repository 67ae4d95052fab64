"""One mistake a project, and exactly what the editor reads. The data stands in tests/mistakes/.

After a change of messages, POLICYSITE_UPDATE=1 rewrites every expected.txt: read them as an editor would.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policysite.commands import building
from policysite.core.diagnostics import CODES, has_errors
from policysite.core.reports import as_text
from policysite.request import BuildRequest, Terminal
from tests.helpers.projects import DATE, built, cases, changed, files_of, write

FOLDER = Path(__file__).parent / "mistakes"
BASE = files_of(FOLDER / "_base")

#: Only a disk, a lock or the command line can cause these; where they are tested instead.
ELSEWHERE = {
    "C301": "tests/load/test_overrides.py",
    "S002": "tests/load/test_sources.py and tests/publish/test_manifest.py",
    "S003": "tests/test_cli.py",
    "S005": "tests/publish/test_writer.py",
    "S006": "tests/test_starter.py",
    "T314": "tests/rules/T314.yaml; it takes thirty texts to tell",
    "T011": "tests/test_translations.py",
    "T012": "tests/test_translations.py",
    "P002": "tests/publish/test_writer.py; a bad slug is refused before a path is made",
    "H001": "tests/render/test_hosts.py",
    "H002": "tests/render/test_hosts.py",
    "H003": "tests/render/test_hosts.py",
    "X001": "tests/publish/test_writer.py",
    "X002": "tests/publish/test_writer.py",
    "X003": "tests/test_parts.py",
    "X004": "tests/test_parts.py",
    "X005": "tests/test_parts.py",
}


def test_the_base_has_no_mistake() -> None:
    files, problems = built(BASE)
    assert problems == ()
    assert files


@pytest.mark.parametrize("case", cases(FOLDER))
def test_the_report_is_exact(case: str) -> None:
    _, problems = built(changed(BASE, FOLDER / case / "change.yaml"))
    expected = FOLDER / case / "expected.txt"
    report = as_text(problems) + "\n"
    if os.environ.get("POLICYSITE_UPDATE"):
        expected.write_text(report, encoding="utf-8")
    assert report == expected.read_text(encoding="utf-8")
    assert problems, "the case has no mistake"


@pytest.mark.parametrize("case", cases(FOLDER))
def test_an_error_leaves_the_output_as_it_was(case: str, tmp_path: Path) -> None:
    project = write(BASE, tmp_path / "project")
    said: list[str] = []
    terminal = Terminal(out=said.append, err=said.append)
    request = BuildRequest(project, build_date=DATE, cache=False)
    assert building.build(request, terminal) == 0
    before = files_of(project / "dist")
    sources = changed(BASE, FOLDER / case / "change.yaml")
    for path in BASE.keys() - sources.keys():
        (project / path).unlink()
    write(sources, project)
    _, problems = built(sources)
    code = building.build(request, terminal)
    if "config.yaml" not in sources or has_errors(problems):
        assert code == 1
        assert files_of(project / "dist") == before
        assert "Nothing was written" in said[-1]
    else:
        assert code == 0


def test_every_code_has_a_case() -> None:
    text = "".join((FOLDER / case / "expected.txt").read_text(encoding="utf-8") for case in cases(FOLDER))
    lacking = [code for code in CODES if f" {code} " not in text and code not in ELSEWHERE]
    assert lacking == []
    assert set(ELSEWHERE) <= set(CODES)


def test_every_error_names_a_cure() -> None:
    for case in cases(FOLDER):
        _, problems = built(changed(BASE, FOLDER / case / "change.yaml"))
        for item in problems:
            assert item.place.path, case
            if item.code not in (
                "C102",
                "L002",
            ):  # “should be a whole number, not …” says it all; L002 quotes Jinja
                assert item.hint, f"{case}: {item.code} {item.message}"
