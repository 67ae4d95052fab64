from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date

from policysite import pipeline
from policysite.core.diagnostics import Diagnostic
from policysite.core.model import BuildOptions
from policysite.render.discovery import render_whole_site
from tests.helpers import mini

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def whole(base_url: str | None = None, **changes: str) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    files = mini.texts()
    for name, text in changes.items():
        files[name] = text
    prepared, problems = pipeline.prepare(
        {path: text.encode() for path, text in files.items()}, BuildOptions(date(2026, 1, 1), base_url)
    )
    assert prepared is not None, problems
    result = render_whole_site(prepared.frame, prepared.outlines)
    return {file.path: file.data.decode() for file in result.files}, result.diagnostics


def sitemap(base_url: str | None = None, **changes: str) -> dict[str, tuple[str | None, dict[str, str]]]:
    root = ET.fromstring(whole(base_url, **changes)[0]["sitemap.xml"])
    return {
        url.findtext("s:loc", "", NAMES): (
            url.findtext("s:lastmod", None, NAMES),
            {link.attrib["hreflang"]: link.attrib["href"] for link in url.findall("x:link", NAMES)},
        )
        for url in root.findall("s:url", NAMES)
    }


def test_the_sitemap_lists_every_page_with_its_translations() -> None:
    found = sitemap()
    base = "https://acme.test"
    assert list(found) == [
        f"{base}/en/contact/",
        f"{base}/en/",
        f"{base}/bn/",
        f"{base}/ar/",
        f"{base}/en/privacy/",
        f"{base}/bn/privacy/",
    ]
    privacy = {
        "en": f"{base}/en/privacy/",
        "bn": f"{base}/bn/privacy/",
        "x-default": f"{base}/en/privacy/",
    }
    assert found[f"{base}/en/privacy/"] == ("2025-10-15", privacy)
    assert found[f"{base}/bn/privacy/"] == ("2024-05-01", privacy)
    assert found[f"{base}/en/contact/"][0] is None


def test_pages_search_engines_skip_are_not_in_the_sitemap() -> None:
    text = mini.CONTACT.replace("title", "noindex: true\ntitle", 1)
    assert not [url for url in sitemap(**{"content/contact.md": text}) if "contact" in url]
    assert not [url for url in sitemap() if "404" in url]


def test_another_base_url_is_everywhere() -> None:
    files, _ = whole("https://staging.test")
    assert "Sitemap: https://staging.test/sitemap.xml\n" in files["robots.txt"]
    assert all(url.startswith("https://staging.test/") for url in sitemap("https://staging.test"))
    assert "acme.test" not in files["sitemap.xml"]


def test_the_chooser_leads_to_every_published_home() -> None:
    files, problems = whole()
    assert problems == ()
    for link in ('<a href="/en/">English</a>', '<a href="/bn/">বাংলা</a>', '<a href="/ar/">العربية</a>'):
        assert link in files["index.html"]


def test_the_analytics_frame_exists_exactly_when_analytics_does() -> None:
    assert "G-TEST000" in whole()[0]["analytics/index.html"]
    silent = mini.CONFIG.replace("    measurement_id: G-TEST000\n", "")
    files, problems = whole(**{"config.yaml": silent})
    assert "analytics/index.html" not in files
    assert "G-TEST000" not in "".join(files.values())
    assert problems == ()


def test_a_broken_chooser_leaves_the_rest() -> None:
    files, problems = whole(**{"templates/chooser.html": "a\n{{ nothing }}"})
    assert [(item.code, str(item.place)) for item in problems] == [("L002", "templates/chooser.html:2:1")]
    assert {"sitemap.xml", "robots.txt"} <= files.keys()
    assert "index.html" not in files
