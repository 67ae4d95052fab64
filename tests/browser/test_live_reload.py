"""What `policysite serve` does in an open page: reload it, or lay the problems of a failed build over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.helpers.chromium import Visit, Visitors
from tests.helpers.serving import PATIENCE, Running, running

STRICT = (
    "default-src 'none'; script-src 'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'; upgrade-insecure-requests"
)

#: A limit for failures; nothing here takes that long.
LONG = PATIENCE * 1000


def strict(path: str) -> Mapping[str, str]:
    return {"Content-Security-Policy": STRICT, "Cross-Origin-Opener-Policy": "same-origin"}


@contextmanager
def opened(browser: Browser, root: Path, text: str = "first") -> Iterator[tuple[Running, Visit]]:
    with running(root, text, headers=strict) as site:
        visitors = Visitors(browser, f"http://127.0.0.1:{site.port}")
        try:
            # A page that follows events never stops loading: wait for its text, not for the network.
            yield site, visitors("/en/")
        finally:
            visitors.close()


def test_a_page_follows_its_source(browser: Browser, tmp_path: Path):
    with opened(browser, tmp_path) as (site, visit):
        expect(visit.page.locator("body")).to_have_text("first", timeout=LONG)
        site.write("second")
        expect(visit.page.locator("body")).to_have_text("second", timeout=LONG)
        expect(visit.page.locator("policysite-problems")).to_have_count(0, timeout=LONG)
        assert visit.problems == []
        assert visit.third_party == []


def test_problems_lie_over_the_page_as_text_until_they_are_cured(browser: Browser, tmp_path: Path):
    with opened(browser, tmp_path) as (site, visit):
        page = visit.page
        page.evaluate("window.mark = 1")
        site.write("broken")
        section = page.locator("policysite-problems section")
        expect(section).to_be_visible(timeout=LONG)
        expect(section).to_contain_text("1 error in the latest build", timeout=LONG)
        for part in ("content/home.md:3:2 D101", "Not closed <b>", "<img onerror=x>", "Close it"):
            expect(section).to_contain_text(part, timeout=LONG)
        expect(section.locator("img, b")).to_have_count(0, timeout=LONG)
        expect(page.locator("body")).to_have_text("first", timeout=LONG)
        assert section.evaluate("element => getComputedStyle(element).position") == "fixed"

        site.write("first")
        expect(section).to_have_count(0, timeout=LONG)
        assert page.evaluate("window.mark") == 1, "the same page: there was nothing to reload"

        site.write("broken")
        expect(section).to_be_visible(timeout=LONG)
        page.get_by_role("button", name="Hide").click()
        expect(section).to_have_count(0, timeout=LONG)
        assert visit.problems == []


def test_a_site_that_never_built_comes_up_when_cured(browser: Browser, tmp_path: Path):
    with opened(browser, tmp_path, "broken") as (site, visit):
        expect(visit.page.locator("policysite-problems section")).to_contain_text(
            "Not closed <b>", timeout=LONG
        )
        site.write("cured")
        expect(visit.page.locator("body")).to_have_text("cured", timeout=LONG)
        expect(visit.page.locator("policysite-problems")).to_have_count(0, timeout=LONG)
