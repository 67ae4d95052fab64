"""The site of this repository says what it must, in every language (design: policy-facts.md)."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from datetime import date
from pathlib import Path

import brotli
import pytest
from lxml import html

from policysite.commands import building
from policysite.request import BuildRequest
from tests.helpers.machine import ROOT
from tests.helpers.site import site_languages

LANGUAGES = site_languages()
BENGALI = str.maketrans("০১২৩৪৫৬৭৮৯", "0123456789")


def _tree(site: Path, path: str) -> html.HtmlElement:
    return html.fromstring((site / path).read_bytes())


def _running_text(tree: html.HtmlElement) -> str:
    """What is read in the page: text without addresses, code and names of files."""
    main = tree.cssselect("main")[0] if hasattr(tree, "cssselect") else tree.xpath("//main")[0]
    for node in main.xpath(
        ".//a[starts-with(@href, 'mailto:')] | .//code | .//*[@lang and @lang != //html/@lang]"
    ):
        node.text = ""
        for child in list(node):
            node.remove(child)
    return re.sub(r"https?://\S+", "", str(main.text_content()))


def test_the_translations_break_no_rule_and_waive_none() -> None:
    built = building.build_in_memory(BuildRequest(ROOT, build_date=date(2026, 1, 1)))
    assert built.diagnostics == ()
    for catalog in (ROOT / "translations").rglob("*.po"):
        assert "check:" not in catalog.read_text(encoding="utf-8"), catalog


def test_the_bengali_policy_is_bengali(built_site: Path) -> None:
    tree = _tree(built_site, "bn/privacy/index.html")
    text = _running_text(tree)
    assert tree.get("lang") == "bn"
    for expected in ("৯০", "৩০", "১৮", "অক্টোবর ২০২৫"):
        assert expected in text
    assert not re.search(r"[0-9]", text), re.findall(r".{20}[0-9].{20}", text)


def test_the_arabic_policy_runs_from_right_to_left(built_site: Path) -> None:
    tree = _tree(built_site, "ar/privacy/index.html")
    assert (tree.get("lang"), tree.get("dir")) == ("ar", "rtl")
    text = _running_text(tree)
    for expected in ("90", "30", "18", "أكتوبر 2025"):
        assert expected in text


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_policy_has_its_sections_and_addresses(built_site: Path, tag: str) -> None:
    tree = _tree(built_site, f"{tag}/privacy/index.html")
    numbers = [
        node.text_content().translate(BENGALI) for node in tree.xpath("//main//h2/span[@class='number']")
    ]
    assert numbers == [f"{count}." for count in range(1, 14)]
    inner = [
        node.text_content().translate(BENGALI) for node in tree.xpath("//main//h3/span[@class='number']")
    ]
    assert inner == ["2.1", "2.2"]
    assert tree.xpath("//main//h2[@id='disclaimer']")
    links = set(tree.xpath("//main//a/@href"))
    assert {
        "mailto:support@ohmegull.com",
        "https://coomeet.com",
        f"/{tag}/delete-data/",
        f"/{tag}/cookies/",
        f"/{tag}/contact/",
        f"/{tag}/",
    } <= links
    assert any("coomeet.com/privacy" in link for link in links)
    assert any("coomeet.com/user" in link for link in links)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_protected_names_stay(built_site: Path, tag: str) -> None:
    text = _tree(built_site, f"{tag}/privacy/index.html").text_content()
    for name in (
        "Ohmegull",
        "CooMeet",
        "Google Analytics",
        "GDPR",
        "CCPA",
        "SSL/TLS",
        "SCCs",
        "Android",
        "iOS",
    ):
        assert name in text


def test_no_page_holds_an_unresolved_placeholder_or_inline_code(built_site: Path) -> None:
    for path in built_site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "{{" not in text, path
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", text), path


def test_every_page_lists_its_translations_and_they_list_it(built_site: Path) -> None:
    def alternates(path: str) -> dict[str, str]:
        tree = _tree(built_site, path)
        links = tree.xpath("//link[@rel='alternate' and @hreflang]")
        return {str(link.get("hreflang")): str(link.get("href")) for link in links}

    for key in ("", "privacy/", "cookies/", "terms/", "contact/", "delete-data/"):
        found = [alternates(f"{tag}/{key}index.html") for tag in LANGUAGES]
        assert all(rows == found[0] for rows in found)
        base = "https://ohmegull.com"
        assert found[0] == {
            **{tag: f"{base}/{tag}/{key}" for tag in LANGUAGES},
            "x-default": f"{base}/en/{key}" if key else f"{base}/",
        }


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_cookie_table_lists_the_declared_cookies(built_site: Path, tag: str) -> None:
    tree = _tree(built_site, f"{tag}/cookies/index.html")
    names = [node.text_content() for node in tree.xpath("//table//code")]
    assert names == ["consent", "_ga", "_ga_*"]


@pytest.mark.parametrize(("name", "limit"), [("css", 6 * 1024), ("js", 2 * 1024)])
def test_what_a_page_loads_is_small(built_site: Path, name: str, limit: int) -> None:
    """A guard against surprises; the goals in brotli are measured by the benchmark."""
    files = list((built_site / "assets" / name).glob("consent*.js" if name == "js" else "*.css"))
    assert files
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) <= limit


def _header_rules(site: Path) -> dict[str, dict[str, str]]:
    rules: dict[str, dict[str, str]] = {}
    for line in (site / "_headers").read_text(encoding="utf-8").splitlines():
        if line.startswith("/"):
            rules[line] = current = {}
        else:
            name, _, value = line.strip().partition(": ")
            current[name] = value
    return rules


def test_content_pages_name_no_host_of_others_in_their_policy(built_site: Path) -> None:
    rules = _header_rules(built_site)
    for path, headers in rules.items():
        if "Content-Security-Policy" not in headers:
            continue
        hosts = set(re.findall(r"https://[^ ;]+", headers["Content-Security-Policy"]))
        if re.match(rf"/({'|'.join(LANGUAGES)})/(live/)?(index\.html)?$", path):
            assert hosts == {"https://coomeet.com"}, path
            assert 'camera=(self "https://coomeet.com")' in headers["Permissions-Policy"]
        elif path.startswith("/analytics/"):
            assert "https://www.googletagmanager.com" in hosts
            assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        else:
            assert hosts == set(), path
            assert "camera=()" in headers["Permissions-Policy"]


def test_every_page_has_its_headers(built_site: Path) -> None:
    rules = _header_rules(built_site)
    for path in built_site.rglob("*.html"):
        address = "/" + path.relative_to(built_site).as_posix()
        assert "Content-Security-Policy" in rules[address], address


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_apps_copy_has_no_script_no_banner_and_is_not_indexed(built_site: Path, tag: str) -> None:
    for key in ("privacy", "cookies", "terms", "contact", "delete-data"):
        text = (built_site / f"app/{tag}/{key}/index.html").read_text(encoding="utf-8")
        tree = html.fromstring(text)
        assert not tree.xpath("//script | //*[@id='consent'] | //*[@data-open] | //iframe")
        assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]
        assert tree.xpath("//link[@rel='canonical']/@href") == [f"https://ohmegull.com/{tag}/{key}/"]
        inner = [href for href in tree.xpath("//a/@href") if href.startswith("/") and key != "contact"]
        assert all(href.startswith("/app/") or href.count("/") <= 2 for href in inner), inner
        assert f"/app/{tag}/{key}/" not in (built_site / "sitemap.xml").read_text(encoding="utf-8")


def test_forget_tells_the_browser_to_delete(built_site: Path) -> None:
    assert _header_rules(built_site)["/forget/"]["Clear-Site-Data"] == '"cookies", "storage"'
    tree = _tree(built_site, "forget/index.html")
    assert [node.get("lang") for node in tree.xpath("//main/p")] == list(LANGUAGES)


def test_the_inventory_and_the_proof_are_published(built_site: Path) -> None:
    inventory = json.loads((built_site / "cookies.json").read_bytes())
    assert [row["name"] for row in inventory["cookies"]] == ["consent", "_ga", "_ga_*"]
    assert all(set(row["purpose"]) == set(LANGUAGES) for row in inventory["cookies"])
    assert json.loads((built_site / ".well-known/gpc.json").read_bytes())["gpc"] is True
    proof = json.loads((built_site / "build-manifest.json").read_bytes())["consent"]
    assert proof["version"] == inventory["consent_version"]
    for tag in LANGUAGES:
        page = _tree(built_site, f"{tag}/index.html")
        assert page.xpath("//*[@id='consent']/@data-version") == [proof["version"]]
        banner = " ".join(page.xpath("//*[@id='consent']")[0].text_content().split())
        entry = proof["banners"][tag]
        assert entry["text"] == banner
        assert entry["sha256"] == hashlib.sha256(entry["text"].encode()).hexdigest()


def test_style_and_script_are_as_small_as_the_design_wants(built_site: Path) -> None:
    """Design: look.md (4 KB of style, Brotli) and consent.md (1.5 KB of script)."""
    limits = {"css/site": 4096, "js/consent": 1536}
    for name, limit in limits.items():
        (file,) = (path for path in built_site.glob(f"assets/{name}.*") if path.suffix not in (".br", ".gz"))
        assert len(brotli.compress(file.read_bytes(), quality=11)) <= limit, file.name
