"""Real browsers on the real site. Everything below this folder is marked `browser`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.helpers import cdn
from tests.helpers.chromium import Visitors, launch

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def origin(built_site: Path) -> Iterator[str]:
    """Where the built site answers: `http://127.0.0.1:PORT`."""
    with cdn.serve(built_site) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for each worker; a visit has its own profile in it."""
    with launch() as chromium:
        yield chromium


@pytest.fixture
def visit(browser: Browser, origin: str) -> Iterator[Visitors]:
    """`visit("/en/privacy/", width=320)` is a new visitor on that page of the built site."""
    visitors = Visitors(browser, origin)
    yield visitors
    visitors.close()
