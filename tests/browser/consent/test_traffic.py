"""Who is asked for what, in which situation; and a crawl that finds nothing undeclared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.consent import checks
from tests.browser.consent.checks import PAGES
from tests.browser.consent.guests import LANGUAGES, Guest, Guests, build, guests_of, replaced, sources
from tests.helpers import cdn

GOOGLE = {"www.googletagmanager.com": 1, "www.google-analytics.com": 1}


def by_host(guest: Guest) -> dict[str, int]:
    """Requests by host of another party."""
    found = Counter(urlsplit(url).hostname or "" for url in guest.requests)
    return {host: count for host, count in found.items() if host not in ("", "127.0.0.1")}


def fresh(guests: Guests) -> Guest:
    guest = guests("/en/")
    guest.go("/en/privacy/").mouse.wheel(0, 3000)
    return guest


def accept(guests: Guests) -> Guest:
    guest = guests("/en/")
    guest.accept()
    return guest


def reject(guests: Guests) -> Guest:
    guest = guests("/en/")
    guest.reject()
    guest.go("/en/privacy/")
    return guest


def withdraw(guests: Guests) -> Guest:
    guest = accept(guests)
    guest.open_settings()
    with guest.page.expect_navigation():
        guest.reject()
    guest.go("/en/privacy/")
    return guest


def gpc(guests: Guests) -> Guest:
    guest = guests("/en/", gpc=True)
    guest.open_settings()
    guest.press("accept")
    guest.go("/en/privacy/")
    return guest


def no_script(guests: Guests) -> Guest:
    guest = guests("/en/", javascript=False)
    guest.go("/en/privacy/")
    return guest


def app(guests: Guests) -> Guest:
    guest = guests("/app/en/privacy/")
    guest.go("/app/bn/cookies/")
    return guest


def chat(guests: Guests) -> Guest:
    guest = guests("/en/")
    guest.reject()
    guest.page.locator("main .stage a.button").click()
    guest.wait(lambda: bool(guest.parties.coomeet), "the chat was not opened")
    return guest


VISITS: list[tuple[str, Callable[[Guests], Guest], dict[str, int]]] = [
    ("fresh visit, two pages, scrolling", fresh, {}),
    ("Accept", accept, GOOGLE),
    ("Reject, then another page", reject, {}),
    ("Accept, withdraw, then another page", withdraw, GOOGLE),
    ("GPC, Accept pressed, then another page", gpc, {}),
    ("no JavaScript, two pages", no_script, {}),
    ("app copies of two pages", app, {}),
    ("Reject, then the chat opened", chat, {"coomeet.com": 1}),
]


@pytest.mark.parametrize(("what", "act", "expected"), VISITS, ids=[act.__name__ for _, act, _ in VISITS])
def test_requests_by_host(
    guests: Guests, what: str, act: Callable[[Guests], Guest], expected: dict[str, int]
) -> None:
    guest = act(guests)
    guest.settle()
    assert by_host(guest) == expected, what


def test_a_crawl_finds_nothing_undeclared(guests: Guests) -> None:
    """Every page of every language, everything agreed to, the chat open: cookies, storage keys and hosts are
    those of config.yaml."""
    guest = guests("/en/")
    guest.accept()
    for tag in LANGUAGES:
        for path in PAGES:
            guest.go(f"/{tag}/{path}")
            guest.settle()
            checks.nothing_undeclared(guest, f"/{tag}/{path}")
    guest.go("/en/").locator("main .stage a.button").click()
    guest.wait(lambda: bool(guest.parties.coomeet), "the chat was not opened")
    checks.nothing_undeclared(guest, "the open chat")
    assert set(guest.cookies()) == {"_ga", "_ga_EXAMPLE000"}
    assert guest.stored()["local"] == ["consent"]


# ── analytics.isolation: page ───────────────────────────────────────────────────────────────────


def test_analytics_in_the_page_itself_obeys_the_same_rules(browser: Browser, tmp_path: Path) -> None:
    """`analytics.isolation: page`: no frame; Google is allowed on every page, called after a grant only, and
    gone after the withdrawal."""
    files = replaced(sources(), "config.yaml", "\nforms:\n", "\nanalytics:\n  isolation: page\n\nforms:\n")
    site = build(files, tmp_path)
    assert not (site / "analytics").exists()
    assert "data-id" not in (site / "app/en/privacy/index.html").read_text(encoding="utf-8")
    with cdn.serve(site) as origin:
        guests = guests_of(browser, origin)
        guest = checks.no_third_party_before_a_choice(guests, "en")
        checks.nothing_stored_before_a_choice(guest)
        guest.accept()
        about = guest.parties.hits[0].about
        assert about["calls"][:4] == ["consent default", "consent update", "js", "config"]
        assert guest.page.locator("iframe").count() == 0
        guest.go("/bn/privacy/")
        guest.wait(lambda: len(guest.parties.hits) == 2, "no hit from the second page")
        guest.open_settings()
        with guest.page.expect_navigation():
            guest.reject()
        guest.settle()
        assert guest.cookies() == {}
        calls = len(guest.parties.google)
        guest.go("/ar/")
        guest.settle()
        assert len(guest.parties.google) == calls
        refused = guests("/en/", gpc=True)
        refused.open_settings()
        refused.press("accept")
        refused.settle()
        assert refused.parties.google == []
        violations = guests.violations()
        guests.close()
    assert not violations
