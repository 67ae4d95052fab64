"""The tools of the browser tests see what they are there to see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser

from tests.helpers import cdn
from tests.helpers.axe import describe, run_axe
from tests.helpers.chromium import Visitors
from tests.helpers.machine import MissingToolError, find_chromium
from tests.helpers.vnu import run_vnu

PAGE = "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><body>{body}"

FILES = {
    "index.html": PAGE.format(
        title="Home",
        body="<main><h1>Home</h1><img src=https://ads.example/a.png alt=''><img src=/b.png></main>",
    ),
    "404.html": PAGE.format(title="Lost", body="<h1>Lost</h1>"),
    "bn/index.html": PAGE.format(title="bn", body="<h1>bn</h1>"),
    "bn/404.html": PAGE.format(title="Lost in bn", body="<h1>Lost in bn</h1>"),
    "style.css": "body { colour: red }",
    "_headers": """# every page
/*
  Content-Security-Policy: default-src 'none'; img-src *

/bn/*
  X-Robots-Tag: noindex
""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small-site")
    for path, text in FILES.items():
        file = folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def small_site(folder: Path) -> Iterator[str]:
    with cdn.serve(folder) as origin:
        yield origin


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/bn/none", "Lost in bn"),
        ("/bn/none/at/all/", "Lost in bn"),
        ("/none", "Lost"),
        ("/_headers", "Lost"),
        ("/%2e%2e/x", "Lost"),
    ],
)
def test_unknown_address_gets_the_nearest_404_page(small_site: str, path: str, title: str) -> None:
    with pytest.raises(HTTPError, match="404") as caught:
        urlopen(small_site + path)
    with caught.value as answer:
        assert f"<title>{title}</title>" in answer.read().decode()


def test_folder_answers_with_its_index_and_its_headers(small_site: str) -> None:
    with urlopen(small_site + "/bn") as answer:
        assert answer.url == small_site + "/bn/"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    with urlopen(small_site + "/") as answer:
        assert answer.headers["X-Robots-Tag"] is None


def test_third_party_requests_are_recorded_and_blocked(browser: Browser, small_site: str) -> None:
    visitors = Visitors(browser, small_site)
    visit = visitors()
    assert visit.third_party == ["https://ads.example/a.png"]
    assert visit.problems
    visitors.close()


def test_axe_finds_a_missing_alt_text_under_a_strict_policy(browser: Browser, small_site: str) -> None:
    visitors = Visitors(browser, small_site)
    violations = run_axe(visitors().page)
    assert {violation["id"] for violation in violations} == {"image-alt"}
    assert "/b.png" in describe(violations)
    assert run_axe(visitors("/").page, without=["image-alt"]) == []
    visitors.close()


def test_vnu_finds_a_missing_alt_text_and_a_misspelt_property(folder: Path) -> None:
    errors = [message for message in run_vnu([folder]) if message.kind == "error"]
    assert {Path(message.path).name for message in errors} == {"index.html", "style.css"}
    assert any("alt" in message.text for message in errors)
    assert any("colour" in message.text for message in errors)


def test_missing_browser_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYSITE_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(MissingToolError, match="make setup-test"):
        find_chromium()
