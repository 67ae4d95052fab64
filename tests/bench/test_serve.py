"""The measurement of `serve` measures what it says, on a tiny corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.corpus import Corpus, write_project
from bench.serve import EDITS, at, measured


def test_percentiles() -> None:
    values = [float(number) for number in range(1, 21)]
    assert (at(0.5, values), at(0.95, values), at(1.0, values)) == (10.0, 19.0, 20.0)
    assert at(0.5, [3.0]) == 3.0


def test_every_kind_of_edit_comes_through(tmp_path: Path) -> None:
    project = tmp_path / "site"
    write_project(Corpus(2, 2, 7), project)
    edits = [(name, path.replace("0007", "0001"), page.replace("0007", "0001")) for name, path, page in EDITS]
    found = measured(project, edits, 2)
    assert [name for name, _ in found] == [name for name, _, _ in EDITS]
    assert all(one.wall > 0 and one.cpu > 0 for _, waits in found for one in waits)


def test_a_page_that_no_edit_changes_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "site"
    write_project(Corpus(2, 2, 7), project)
    monkeypatch.setattr("bench.serve._PATIENCE", 0.5)
    with pytest.raises(RuntimeError, match="did not change"):
        measured(project, [("wrong", "content/policy-0001.md", "/en/policy-0002/")], 1)
