"""Reading a project folder: what is read, what is skipped, what is refused."""

from __future__ import annotations

from pathlib import Path

from policysite.load.sources import read_folder
from tests.helpers.mini import texts, write


def test_only_what_a_build_reads_is_read(tmp_path: Path) -> None:
    write(tmp_path)
    for noise in (
        "README.md",
        "dist/index.html",
        "content/.hidden.md",
        "content/home.md~",
        "content/.git/x.md",
    ):
        file = tmp_path / noise
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("noise")
    sources, problems = read_folder(tmp_path)
    assert problems == ()
    assert {path: data.decode() for path, data in sources.items()} == texts()


def test_a_folder_without_config_is_no_project(tmp_path: Path) -> None:
    sources, (problem,) = read_folder(tmp_path)
    assert sources == {}
    assert (problem.code, problem.place.path) == ("S003", "config.yaml")
    assert "--project" in problem.hint


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("secret")
    project = write(tmp_path / "project")
    (project / "content" / "leak.md").symlink_to(secret)
    sources, (problem,) = read_folder(project)
    assert (problem.code, problem.place.path) == ("S002", "content/leak.md")
    assert "content/leak.md" not in sources


def test_a_link_to_nothing_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    project = write(tmp_path)
    (project / "content" / "gone.md").symlink_to("nowhere.md")
    _, (problem,) = read_folder(project)
    assert (problem.code, problem.place.path) == ("S002", "content/gone.md")
