"""The toolbar of `policysite serve` and of `build --preview`, in a page with its own strict policy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.helpers import cdn, mini
from tests.helpers.chromium import Visit, Visitors
from tests.helpers.machine import ROOT
from tests.test_preview import CONTACT, PO

#: A limit for failures; nothing here takes that long.
LONG = 60_000

#: The contact page with nothing wrong but one text to be reviewed.
FILES = {**mini.texts(), PO: CONTACT.replace("কোনো চিঠির", "**কোনো** চিঠির")}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return mini.write(tmp_path / "project", FILES)


@contextmanager
def served(project: Path, browser: Browser, *options: str) -> Iterator[Visitors]:
    command = [sys.executable, str(ROOT / "build.py"), "serve", "--project", str(project), "--port", "0"]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        said = []
        try:
            for line in process.stdout:
                said.append(line)
                if line.startswith("serving http"):
                    visitors = Visitors(browser, line.split()[1].rstrip("/"))
                    try:
                        yield visitors
                    finally:
                        visitors.close()
                    return
            raise AssertionError("".join(said))
        finally:
            process.kill()


def toolbar(visit: Visit) -> Locator:
    bar = visit.page.locator("policysite-preview aside")
    expect(bar).to_be_visible(timeout=LONG)
    return bar


def test_the_toolbar_tells_what_is_to_do_and_where(browser: Browser, project: Path) -> None:
    with served(project, browser, "--editor", "edit://{path}#{line}") as visitors:
        visit = visitors("/bn/contact/")
        page, bar = visit.page, toolbar(visit)
        summary = bar.locator("summary")
        expect(summary).to_contain_text("bn 80 %", timeout=LONG)
        expect(summary).to_contain_text("2 words to translate", timeout=LONG)
        post = page.locator("[data-policysite-state=warning]")
        expect(post).to_have_text("By post", timeout=LONG)
        summary.click()
        bar.get_by_label("Mark the texts").check()
        line = CONTACT.split("\n").index('msgid "By post"') + 1
        post.click()
        expect(bar).to_contain_text("to be reviewed", timeout=LONG)
        link = bar.locator(f"a[href='edit://{PO}#{line}']")
        expect(link.first).to_have_text(f"{PO}:{line}", timeout=LONG)
        marked = page.locator("[data-policysite-state=translated]")
        assert marked.count() >= 3
        assert visit.problems == []
        assert visit.third_party == []


def test_a_problem_is_shown_in_its_place_and_goes_when_it_is_mended(browser: Browser, project: Path) -> None:
    po = project / PO
    with served(project, browser) as visitors:
        visit = visitors("/bn/contact/")
        bar = toolbar(visit)
        expect(bar.locator("summary")).to_contain_text("1 problem", timeout=LONG)
        expect(visit.page.locator("[data-policysite-state=warning]")).to_have_count(1, timeout=LONG)
        approved = po.read_text("utf-8").replace("#, fuzzy\n", "")
        po.write_text(approved, "utf-8")
        expect(visit.page.locator("[data-policysite-state=warning]")).to_have_count(0, timeout=LONG)
        expect(bar.locator("summary")).to_contain_text("bn 100 %", timeout=LONG)
        expect(bar.locator("summary")).to_contain_text("0 problems · 0 words", timeout=LONG)
        expect(visit.page.locator("policysite-preview")).to_have_count(1, timeout=LONG)


def test_there_is_none_when_nobody_wants_it_and_none_in_a_build(browser: Browser, project: Path) -> None:
    with served(project, browser, "--no-toolbar") as visitors:
        visit = visitors("/bn/contact/")
        expect(visit.page.locator("h2").first).to_be_visible(timeout=LONG)
        assert visit.page.locator("script[src*='preview']").count() == 0
    build = [sys.executable, str(ROOT / "build.py"), "build", "--project", str(project), "--no-cache"]
    subprocess.run(build, check=True, capture_output=True)
    assert not [path for path in (project / "dist").rglob("*.html") if b"policysite" in path.read_bytes()]
    refused = subprocess.run([*build, "--preview", "--output", str(project / "dist")], capture_output=True)
    assert refused.returncode == 2
    subprocess.run([*build, "--preview"], check=True, capture_output=True)
    with cdn.serve(project / "preview") as origin:
        visitors = Visitors(browser, origin)
        try:
            visit = visitors("/bn/contact/")
            expect(toolbar(visit).locator("summary")).to_contain_text("bn 80 %", timeout=LONG)
            assert visit.problems == []
        finally:
            visitors.close()
