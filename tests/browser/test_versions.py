"""A policy with a second version: its pages, and the notice on the home page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.consent.guests import Guest, Guests, guests_of, replaced, sources
from tests.helpers import cdn, projects
from tests.helpers.axe import describe, run_axe
from tests.helpers.vnu import run_vnu

PATHS = (
    "en/privacy/history/",
    "en/privacy/2026-12/changes/",
    "en/privacy/2025-10/",
    "bn/privacy/history/",
    "en/",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped site a day after a new version of the privacy policy took effect."""
    files = sources()
    old = "content/privacy/2025-10.md"
    front = 'changes: ["We keep **less**."]\nannounced: "2026-11-01"\nnumbered:'
    text = replaced(files, old, "numbered:", front)[old].decode()
    before, rest = text.split("\n## Security", 1)
    section, after = rest.split("\n## ", 1)
    head, tail = before.split("\n## ", 1)
    moved = f"{head}\n## Security{section}\n## {tail}\n## {after}".replace(
        "limited information", "little information"
    )
    found, problems = projects.built(
        {**files, "content/privacy/2026-12.md": moved.encode()}, date(2026, 12, 2)
    )
    assert found, problems
    return projects.write(found, tmp_path_factory.mktemp("versions"))


@pytest.fixture
def guests(site: Path, browser: Browser) -> Iterator[Guests]:
    with cdn.serve(site) as origin:
        found = guests_of(browser, origin)
        yield found
        violations = found.violations()
        found.close()
    assert not violations


def test_the_notice_is_read_and_closed_without_script_and_keeps_nothing(guests: Guests) -> None:
    for options in ({"javascript": False}, {}):
        guest = guests("/en/", **options)
        notice = guest.page.locator("dialog.update")
        assert notice.is_visible()
        assert notice.locator("a").get_attribute("href") == "/en/privacy/"
        notice.locator("button").click()
        assert notice.is_hidden()
        assert guest.page.url.endswith("/en/")
        assert guest.cookies() == {}
        if not options:
            assert not any(guest.stored().values())
        guest.go("/en/privacy/")
        assert guest.page.locator("dialog").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(guests: Guests, path: str, scheme: str) -> None:
    found = run_axe(guests(f"/{path}", color_scheme=scheme).page)
    assert not found, describe(found)


def test_the_html_checker_finds_nothing(site: Path) -> None:
    found = run_vnu([site / path / "index.html" for path in PATHS[:4]])
    assert not found, "\n".join(map(str, found))


def test_what_changed_is_said_in_words_and_seen_without_colour(guests: Guests) -> None:
    page = guests("/en/privacy/2026-12/changes/", forced_colors="active").page
    changed = page.locator(".changes del", has_text="limited").first
    assert changed.evaluate("node => getComputedStyle(node).textDecorationLine") == "line-through"
    assert "deleted:" in (changed.text_content() or "")
    new = page.locator(".changes ins", has_text="little").first
    assert new.evaluate("node => getComputedStyle(node).textDecorationLine") == "underline"
    assert "inserted:" in (new.text_content() or "")
    moved = page.locator("section.moved h2")
    assert "Security" in " ".join(moved.all_text_contents())


def test_the_archive_says_that_it_is_not_current_and_links_what_is(guests: Guests) -> None:
    guest: Guest = guests("/en/privacy/2025-10/")
    note = guest.page.locator(".notice").first
    assert "no longer in force" in note.inner_text()
    note.locator("a").click()
    guest.page.wait_for_url("**/en/privacy/")
    assert guest.page.locator("meta[name=robots]").count() == 0
    assert guest.page.locator(".text", has_text="little information").count() == 1


def test_nothing_scrolls_sideways_on_the_smallest_window(guests: Guests) -> None:
    for path in PATHS:
        page = guests(f"/{path}", width=320).page
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
