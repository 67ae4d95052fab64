"""What ships with the package: which files, and how a project's own ones lie over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from policysite.core.model import LAYOUTS
from policysite.load.project import load_project
from policysite.load.sources import read_sources
from policysite.load.theme import THEME, read_interface, read_starter, read_theme, theme_files
from tests.helpers import mini
from tests.helpers.machine import ROOT

CONFIG = mini.CONFIG.replace("theme: none\n", "")


def test_the_theme_has_every_template_and_asset_of_the_repository() -> None:
    found = theme_files()
    for folder in ("templates", "assets"):
        files = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert files <= found.keys()
    assert {f"templates/{layout}.html" for layout in LAYOUTS} <= found.keys()


@pytest.mark.parametrize("path", list(theme_files()))
def test_no_file_of_the_theme_names_a_site(path: str) -> None:
    text = theme_files()[path].read_text(encoding="utf-8").lower()
    assert "ohmegull" not in text
    assert "coomeet" not in text


@pytest.mark.parametrize("path", list(read_starter()))
def test_no_file_of_the_starter_names_a_site(path: str) -> None:
    text = read_starter()[path].decode().lower()
    assert "ohmegull" not in text
    assert "coomeet" not in text


def test_only_what_is_lacking_is_read() -> None:
    own = {"templates/base.html", "assets/css/site.css"}
    found = read_theme(own)
    assert {path.removeprefix(THEME) for path in found} == theme_files().keys() - own


def test_an_own_file_wins_and_the_rest_comes_from_the_theme(tmp_path: Path) -> None:
    content = {path: text for path, text in mini.texts().items() if path.startswith("content/")}
    mini.write(tmp_path, {**content, "config.yaml": CONFIG, "templates/toc.html": "mine"})
    sources, problems = read_sources(tmp_path)
    assert problems == ()
    project, _ = load_project(sources)
    assert project is not None
    texts = {template.path: template.text for template in project.templates}
    assert texts["toc.html"] == "mine"
    assert texts["base.html"] == (ROOT / "templates/base.html").read_text(encoding="utf-8")
    assert texts["wordmark.html"] != (ROOT / "templates/wordmark.html").read_text(encoding="utf-8")
    assert {asset.path for asset in project.assets} == {
        path.removeprefix("assets/") for path in theme_files() if path.startswith("assets/")
    }


def test_a_project_can_bring_all_of_its_own(tmp_path: Path) -> None:
    project, _ = load_project(read_sources(mini.write(tmp_path))[0])
    assert project is not None
    own = {path.removeprefix("templates/") for path in mini.texts() if path.startswith("templates/")}
    assert {template.path for template in project.templates} == own
    assert [asset.path for asset in project.assets] == ["dot.svg", "style.css"]


def test_interface_texts_are_there_in_the_languages_of_the_repository() -> None:
    for folder in (ROOT / "translations").iterdir():
        text = read_interface(folder.name)
        assert text == (folder / "LC_MESSAGES/site.po").read_text(encoding="utf-8")
    assert read_interface("xx") is None
