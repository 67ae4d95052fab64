"""The lines that ask for Firefox too: its own Global Privacy Control signal, not one made up by a test."""

from __future__ import annotations

from typing import Any

from tests.browser.consent.guests import LANGUAGES
from tests.helpers.machine import find_firefox
from tests.helpers.node import run_node

PATHS = [f"/{tag}/{path}" for tag in LANGUAGES for path in ("", "privacy/")]


def visit(origin: str, *, gpc: bool) -> dict[str, dict[str, Any]]:
    """What Firefox finds on each page, pressing Accept in the settings."""
    signal = "true" if gpc else "false"
    needs = "puppeteer-core/package.json"
    found: dict[str, dict[str, Any]] = run_node(
        "firefox.mjs", str(find_firefox()), origin, signal, *PATHS, needs=needs
    )
    assert list(found) == PATHS
    return found


def test_r23_firefox_sends_the_signal_and_analytics_stays_off(origin: str) -> None:
    """In Firefox with its real signal: no question, no analytics even after Accept, and it is said."""
    ours = origin.removeprefix("http://")
    for path, seen in visit(origin, gpc=True).items():
        assert seen["gpc"], "this Firefox sends no signal"
        assert not seen["asked"], path
        assert seen["boxes"] == [["analytics", False, True]]
        assert "Global Privacy Control" in seen["told"]
        assert seen["choice"]["categories"] == {"analytics": False}
        assert seen["hosts"] == [ours]
        assert seen["cookies"] == ""


def test_r23_firefox_without_the_signal_is_asked_and_may_agree(origin: str) -> None:
    """The same visit without the signal calls Google after Accept: the test above can fail."""
    for path, seen in visit(origin, gpc=False).items():
        assert not seen["gpc"]
        assert seen["asked"], path
        assert seen["told"] == ""
        assert seen["choice"]["categories"] == {"analytics": True}
        assert "www.googletagmanager.com" in seen["hosts"]
