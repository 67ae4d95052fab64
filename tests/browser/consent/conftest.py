"""Guests of the shipped site. No test of this folder leaves a violation of the security policy behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.consent.guests import Guests, guests_of


@pytest.fixture
def guests(browser: Browser, origin: str) -> Iterator[Guests]:
    """`guests("/bn/", gpc=True)` is a new visitor; see `tests.browser.consent.guests`."""
    found = guests_of(browser, origin)
    yield found
    violations = found.violations()
    found.close()
    assert not violations, violations
