"""The site that `init` makes, as its first visitor meets it: with everything it can have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from policysite.commands import building, starting
from policysite.request import BuildRequest, Terminal
from policysite.starter import Answers
from tests.browser.test_pages import NEWER_THAN_THE_CHECKER
from tests.helpers import cdn
from tests.helpers.axe import describe, run_axe
from tests.helpers.chromium import Visitors
from tests.helpers.vnu import run_vnu

DAY = date(2026, 1, 1)
PAGES = ("", "live/", "privacy/", "cookies/", "terms/", "contact/", "404.html")


#: The checker reads files, for which `'self'` of the policy in <meta> is nobody. That Chromium loads them is
#: seen above: a refusal would be among the visitor's problems.
OWN_FILE = "Resource violates Content Security Policy (meta tag): external "


@pytest.fixture(scope="module", params=["all", "nothing"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site, with analytics and an embedded frame or with neither."""
    folder = tmp_path_factory.mktemp("starter")
    full = request.param == "all"
    embed = "https://player.bakery.shop/embed" if full else None
    answers = Answers("Bakery", "https://bakery.shop", "hello@bakery.shop", ("ar", "bn"), full, embed, DAY)
    said: list[str] = []
    terminal = Terminal(out=said.append, err=said.append)
    assert starting.init(folder, answers, terminal) == 0
    assert building.build(BuildRequest(folder, build_date=DAY), terminal) == 0, said
    return folder / "dist"


@pytest.fixture(scope="module")
def starter(browser: Browser, site: Path) -> Iterator[Visitors]:
    with cdn.serve(site) as address:
        visitors = Visitors(browser, address)
        yield visitors
        visitors.close()


def test_axe_finds_nothing_on_the_starter(site: Path, starter: Visitors) -> None:
    found = []
    for tag in ("en", "ar", "bn"):
        for page in PAGES:
            if page == "live/" and not (site / tag / page).exists():
                continue
            for scheme in ("light", "dark"):
                visitor = starter(f"/{tag}/{page}", color_scheme=scheme)
                found += [f"{tag}/{page} {scheme}: {describe([item])}" for item in run_axe(visitor.page)]
                own = [text for text in visitor.problems if "ERR_" not in text]
                found += [f"{tag}/{page}: {text}" for text in own]
                starter.close()
    assert not found


def test_no_page_of_the_starter_is_wider_than_a_phone(site: Path, starter: Visitors) -> None:
    for page in PAGES:
        if page == "live/" and not (site / "en" / page).exists():
            continue
        visitor = starter(f"/en/{page}", width=320, height=640)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") == 320, page
        starter.close()


def test_the_html_checker_finds_nothing_in_the_starter(site: Path) -> None:
    found = [
        message
        for message in run_vnu([site])
        if not any(known in message.text for known in NEWER_THAN_THE_CHECKER)
        and not (message.text.startswith(OWN_FILE) and "“/assets/" in message.text)
    ]
    assert not found, "\n".join(map(str, found))
