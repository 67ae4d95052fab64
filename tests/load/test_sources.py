"""Reading a project folder: what is read, what is skipped, what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policysite.core.model import Sources
from policysite.load.sources import read_sources
from policysite.load.theme import THEME
from tests.helpers import mini


def own(sources: Sources) -> Sources:
    """The files of the project, without those of the theme."""
    return {path: data for path, data in sources.items() if not path.startswith(THEME)}


def test_a_folder_without_config_is_no_project(tmp_path: Path) -> None:
    sources, (problem,) = read_sources(tmp_path)
    assert own(sources) == {}
    assert (problem.code, problem.place.path) == ("S003", "config.yaml")
    assert "--project" in problem.hint


def test_backups_hidden_files_and_other_folders_are_not_read(tmp_path: Path) -> None:
    mini.write(tmp_path)
    for name in ("content/.hidden.md", "content/a.md~", "translations/bn/LC_MESSAGES/home.mo", ".git/config"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    for name in ("content/.cache/x.md", "dist/index.html", "README.md"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    sources, problems = read_sources(tmp_path)
    assert problems == ()
    assert own(sources) == mini.sources()
    assert next(iter(sources)) == "config.yaml"


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    project = mini.write(tmp_path / "project")
    (tmp_path / "secret.md").write_text("secret")
    (project / "content" / "secret.md").symlink_to(tmp_path / "secret.md")
    (project / "content" / "twin.md").symlink_to(project / "content" / "home.md")
    sources, problems = read_sources(project)
    assert [(item.code, item.place.path) for item in problems] == [("S002", "content/secret.md")]
    assert "content/secret.md" not in sources
    assert sources["content/twin.md"] == sources["content/home.md"]


def test_a_broken_link_is_a_problem_with_a_place(tmp_path: Path) -> None:
    mini.write(tmp_path)
    (tmp_path / "content" / "gone.md").symlink_to(tmp_path / "content" / "nothing.md")
    _, problems = read_sources(tmp_path)
    assert [(item.code, item.place.path) for item in problems] == [("S002", "content/gone.md")]


def test_a_name_that_is_no_utf_8_is_a_problem_that_can_be_printed(tmp_path: Path) -> None:
    mini.write(tmp_path)
    try:
        Path(os.fsdecode(os.fsencode(tmp_path / "content") + b"/\xff.md")).write_text("x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    sources, problems = read_sources(tmp_path)
    assert [(item.code, item.place.path) for item in problems] == [("S004", "content/\\udcff.md")]
    assert own(sources) == mini.sources()
