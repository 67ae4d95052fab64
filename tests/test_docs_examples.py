"""The documentation, followed as a reader follows it: every file, edit and command of a page, offline."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from policysite.commands import building, translating
from policysite.request import BuildRequest, Terminal
from tests.helpers.machine import ROOT
from tests.helpers.walkthrough import NOT_RUN, Reader, Run, like, steps

DOCS = ROOT / "docs"
BAKERY = Path(__file__).parent / "docs" / "bakery"

#: Pages that begin in a checkout of this repository; all others begin in the folder of a site.
IN_CHECKOUT = ("README.md", "CONTRIBUTING.md", "docs/tutorial/first-site.md")

PAGES = [
    path
    for path in sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
    if any(isinstance(step, Run) for step in steps(path.read_text(encoding="utf-8")))
]

#: A day on which the version of 2025-10 is in force; a site whose values are no examples.
ENVIRONMENT = {
    "SOURCE_DATE_EPOCH": "1767225600",  # 2026-01-01
    "COLUMNS": "200",
}
RELEASABLE = {
    "POLICYSITE__SITE__BASE_URL": "https://bakery.localhost",
    "POLICYSITE__FACTS__CONTACT_EMAIL": "hello@bakery.localhost",
}


@pytest.fixture(scope="session")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the how-tos: English and Bengali, complete, without a problem."""
    folder = tmp_path_factory.mktemp("docs") / "bakery"
    shutil.copytree(BAKERY, folder)
    interface = "translations/bn/LC_MESSAGES/site.po"
    shutil.copyfile(ROOT / interface, folder / interface)
    said: list[str] = []
    terminal = Terminal(out=said.append, err=said.append)
    assert translating.sync(translating.SyncRequest(folder), terminal) == 0, said
    catalog = folder / interface
    catalog.write_text(without_obsolete(catalog.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def without_obsolete(catalog: str) -> str:
    """A catalog without what the shipped site says and the bakery does not."""
    return re.sub(r"\n(?:#.*\n)*(?:#~.*\n)+", "", catalog)


def test_the_site_of_the_examples_has_no_problem(bakery: Path) -> None:
    found = building.build_in_memory(BuildRequest(bakery))
    assert found.diagnostics == ()


def start(page: Path, bakery: Path, scratch: Path) -> tuple[Path, Mapping[str, str]]:
    name = page.relative_to(ROOT).as_posix()
    folder = scratch / "here"
    if name in IN_CHECKOUT:
        folder.mkdir()
        return folder, ENVIRONMENT
    shutil.copytree(bakery, folder)
    return folder, {**ENVIRONMENT, **RELEASABLE} if "/deploy-to-" in name else ENVIRONMENT


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_shows_what_happens(page: Path, bakery: Path, tmp_path: Path) -> None:
    folder, environment = start(page, bakery, tmp_path)
    found = list(Reader(folder, environment).follow(page.read_text(encoding="utf-8")))
    assert not found, "\n\n".join(found)


@pytest.mark.parametrize("name", ["README.md", "docs/tutorial/first-site.md"])
def test_a_first_site_is_built_from_an_empty_folder(name: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path, ENVIRONMENT)
    assert not list(reader.follow((ROOT / name).read_text(encoding="utf-8").replace("$ cd ..\n", "")))
    assert reader.folder != tmp_path
    assert (reader.folder / "dist/en/privacy/index.html").is_file()


def test_every_page_with_commands_is_followed() -> None:
    names = {page.relative_to(ROOT).as_posix() for page in PAGES}
    for name in ("add-a-language", "add-a-service", "change-a-policy", "read-a-diagnostic", "go-live"):
        assert f"docs/how-to/{name}.md" in names
    assert "docs/tutorial/first-site.md" in names


def test_what_is_not_run_is_used_somewhere() -> None:
    used = {
        step.command.split()[0]
        for page in PAGES
        for step in steps(page.read_text(encoding="utf-8"))
        if isinstance(step, Run)
    }
    assert set(NOT_RUN) <= used


@pytest.mark.parametrize(
    ("shown", "output", "same"),
    [
        ("a\nb", "a\nb\n", True),
        ("a\nb", "a\nc\n", False),
        ("a 4 KB, … s.", "a 25 KB, 0.12 s.\n", True),
        ("a … s.", "a 0.1\n2 s.\n", False),
        ("a\n…\nd", "a\nb\nc\nd\n", True),
        ("a\n…\nd", "a\nb\nc\n", False),
        ("a", "a\nb\n", False),
        ("…\nb", "a\n\nb", True),
        ("a.c", "abc", False),
    ],
)
def test_dots_stand_for_what_differs(shown: str, output: str, same: bool) -> None:
    assert like(shown, output) is same
