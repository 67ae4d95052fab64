"""Whole sites, byte for byte: tests/sites/<case>/project builds to tests/sites/<case>/expected.

POLICYSITE_UPDATE=1 writes the trees anew; read the difference before you keep it.
"""

from __future__ import annotations

import os
import random
import re
import shutil
from pathlib import Path

import pytest
from lxml import etree, html

from policysite.core.diagnostics import has_errors
from policysite.translate.po import format_po, parse_po
from tests.helpers.projects import built, cases, files_of, write

FOLDER = Path(__file__).parent / "sites"
LANGUAGES = FOLDER / "languages" / "project"


@pytest.mark.parametrize("case", cases(FOLDER))
def test_the_site_is_as_before(case: str) -> None:
    files, problems = built(files_of(FOLDER / case / "project"))
    assert not has_errors(problems), problems
    expected = FOLDER / case / "expected"
    if os.environ.get("POLICYSITE_UPDATE"):
        shutil.rmtree(expected, ignore_errors=True)
        write(files, expected)
    before = files_of(expected)
    assert sorted(files) == sorted(before)
    for path, data in files.items():
        assert data.decode() == before[path].decode(), path


def _without(sources: dict[str, bytes], path: str, msgids: set[str]) -> dict[str, bytes]:
    """The project without the translations of some messages."""
    catalog, problems = parse_po(path, sources[path].decode(), "bn", "x")
    assert not problems
    text = format_po(catalog)
    for message in catalog.messages:
        if message.msgid in msgids:
            rows = format_po(type(catalog)(path, "bn", "x", "", (message,))).split("\n\n", 1)[1]
            emptied = re.sub(r"(?ms)^msgstr .*", 'msgstr ""\n', rows)
            assert rows in text
            text = text.replace(rows, emptied)
    return {**sources, path: text.encode()}


def _alternates(data: bytes) -> dict[str, str]:
    tree = html.fromstring(data)
    return {
        str(link.get("hreflang")): str(link.get("href"))
        for link in tree.xpath("//link[@rel='alternate'][@hreflang]")
    }


def _agree(files: dict[str, bytes]) -> None:
    """hreflang, sitemap and selector name exactly the pages that exist; every alternate is returned."""
    base = "https://acme.test"
    pages = {
        f"{base}/{path.removesuffix('index.html')}": data
        for path, data in files.items()
        if re.match(r"(en|bn|ar)/(.*/)?index\.html$", path) and not re.search(r"/\d{4}-\d{2}", path)
    }
    for url, data in pages.items():
        found = _alternates(data)
        assert url in found.values()
        home = url.count("/") == 4
        assert found["x-default"] == f"{base}/" if home else found["x-default"].startswith(f"{base}/en/")
        for target in found.values():
            if target != f"{base}/":
                assert _alternates(pages[target]) == found, (url, target)
        tree = html.fromstring(data)
        selector = {
            link.get("hreflang"): base + link.get("href")
            for link in tree.xpath("//nav[@class='languages']//a")
        }
        assert selector == {tag: target for tag, target in found.items() if tag != "x-default"}
    root = etree.fromstring(files["sitemap.xml"])
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    listed = root.xpath("//s:loc/text()", namespaces=space)
    assert sorted(map(str, listed)) == sorted(pages)
    for entry in root.xpath("//s:url", namespaces=space):
        url = str(entry.xpath("s:loc/text()", namespaces=space)[0])
        links = entry.xpath("x:link", namespaces=space)
        assert {link.get("hreflang"): link.get("href") for link in links} == _alternates(pages[url])


def test_hreflang_sitemap_and_selector_agree() -> None:
    files, _ = built(files_of(LANGUAGES))
    _agree(files)


def test_a_policy_with_one_missing_text_is_withheld() -> None:
    path = "translations/bn/LC_MESSAGES/privacy.po"
    whole, _ = built(files_of(LANGUAGES))
    assert "bn/privacy/index.html" in whole
    files, problems = built(_without(files_of(LANGUAGES), path, {"Your rights"}))
    assert "bn/privacy/index.html" not in files
    assert "bn" not in _alternates(files["en/privacy/index.html"])
    assert b"/bn/privacy/" not in files["sitemap.xml"]
    assert {item.code for item in problems} == {"T201"}
    link = html.fromstring(files["bn/index.html"]).xpath("//main//a[contains(@href, 'privacy')]")[0]
    assert link.get("href").startswith("/en/privacy/")
    assert link.get("hreflang") == "en"
    _agree(files)


def test_a_page_with_one_missing_text_shows_that_text_in_english() -> None:
    path = "translations/bn/LC_MESSAGES/contact.po"
    files, _ = built(_without(files_of(LANGUAGES), path, {"We have **no** letter box."}))
    foreign = html.fromstring(files["bn/contact/index.html"]).xpath("//main//span[@lang]")
    assert [(node.get("lang"), node.get("dir"), node.text_content()) for node in foreign] == [
        ("en", "ltr", "We have no letter box.")
    ]
    _agree(files)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_missing_they_agree(seed: int) -> None:
    chance = random.Random(seed)
    sources = files_of(LANGUAGES)
    for path in sorted(sources):
        if path.endswith(".po") and not path.endswith(("site.po", "home.po")):
            catalog, _ = parse_po(path, sources[path].decode(), "bn", "x")
            ids = [message.msgid for message in catalog.messages]
            sources = _without(sources, path, set(chance.sample(ids, chance.randint(0, len(ids)))))
    files, problems = built(sources)
    assert not has_errors(problems), problems
    _agree(files)
