"""What each address of a policy with three versions shows on four days, in two languages, one behind."""

from __future__ import annotations

import json
from datetime import date
from xml.etree import ElementTree

import feedparser
import jsonschema
import pytest
from lxml import html

from policysite import pipeline
from policysite.core.model import VersionLock
from policysite.load.locks import format_lock
from policysite.plan.lock import amended, locked
from tests.helpers import mini
from tests.helpers.projects import built

NAMES = ("2024-05", "2025-10-15", "2026-03-01")

TEXTS = {
    "2024-05": "We keep nothing.",
    "2025-10-15": "We keep logs.",
    "2026-03-01": "We keep logs for a month.",
}

BENGALI = {
    "We keep nothing.": "আমরা কিছুই রাখি না।",
    "We keep logs.": "আমরা লগ রাখি।",
    "Privacy policy": "গোপনীয়তা নীতি",
    "What we keep.": "আমরা কী রাখি।",
    "Logs are new.": "লগ নতুন।",
}

POLICY = """\
{% extends "base.html" %}
{% block main %}
<main data-state="{{ page.shown.state if page.shown }}" data-shown="{{ page.updated.iso }}"
  data-until="{{ page.shown.until.iso if page.shown and page.shown.until }}"
  data-upcoming="{% for one in page.upcoming %}{{ one.date.iso }} {{ one.link.href }}{% endfor %}"
  data-notices="{% for one in page.notices %}{{ one.kind }} {% endfor %}">
<link rel="canonical" href="{{ page.canonical }}">
{% if page.noindex %}<meta name="robots" content="noindex">{% endif %}
{{ page.body }}
</main>
{% endblock %}
"""

HISTORY = """\
{% extends "base.html" %}
{% block main %}
{% if page.noindex %}<meta name="robots" content="noindex">{% endif %}
<ol>{% for one in page.versions %}
<li data-state="{{ one.state }}" data-material="{{ one.material }}" data-href="{{ one.link.href }}">
{% for change in one.changes %}<i>{{ change }}</i>{% endfor %}
{% for day, reason in one.amendments %}<b>{{ day.iso }} {{ reason }}</b>{% endfor %}</li>
{% endfor %}</ol>
{% endblock %}
"""

HOME = """\
{% extends "base.html" %}
{% block main %}
{% for one in updates %}
<p class="update">{{ one.date.iso }} {{ one.upcoming }} {{ one.policy.href }}</p>
{% endfor %}
{{ page.body }}
{% endblock %}
"""


def project() -> dict[str, bytes]:
    """Three versions in English, the first two in Bengali as well."""
    files = mini.texts()
    for path in list(files):
        if path.startswith("content/privacy/"):
            del files[path]
    for name in NAMES:
        front = 'title: "Privacy policy"\ndescription: "What we keep."\n'
        if name == "2025-10-15":
            front += 'changes: ["Logs are new."]\nannounced: "2025-09-15"\n'
        if name == "2026-03-01":
            front += 'changes: ["We say for how long."]\nannounced: "2026-01-20"\n'
        files[f"content/privacy/{name}.md"] = f"---\n{front}---\n\n{TEXTS[name]}\n"
    files["translations/bn/LC_MESSAGES/privacy.po"] = mini.po("bn", BENGALI)
    for name, text in (("policy", POLICY), ("history", HISTORY), ("home", HOME)):
        files[f"templates/{name}.html"] = text
    files["content/home.md"] = files["content/home.md"].replace("/privacy/#rights", "/privacy/")
    files["translations/bn/LC_MESSAGES/home.po"] = files["translations/bn/LC_MESSAGES/home.po"].replace(
        "/privacy/#rights", "/privacy/"
    )
    return {path: text.encode() for path, text in files.items()}


#: day -> {address: (text, state, shown, until)}; an address that is not here does not exist.
EXPECTED: dict[str, dict[str, tuple[str, str, str, str]]] = {
    "2025-01-01": {
        "en": (TEXTS["2024-05"], "current", "2024-05", "2025-10-15"),
        "bn": (BENGALI[TEXTS["2024-05"]], "current", "2024-05", "2025-10-15"),
    },
    "2025-10-15": {
        "en": (TEXTS["2025-10-15"], "current", "2025-10-15", "2026-03-01"),
        "bn": (BENGALI[TEXTS["2025-10-15"]], "current", "2025-10-15", "2026-03-01"),
    },
    "2026-02-28": {
        "en": (TEXTS["2025-10-15"], "current", "2025-10-15", "2026-03-01"),
        "bn": (BENGALI[TEXTS["2025-10-15"]], "current", "2025-10-15", "2026-03-01"),
    },
    "2026-03-01": {
        "en": (TEXTS["2026-03-01"], "current", "2026-03-01", ""),
        "bn": (BENGALI[TEXTS["2025-10-15"]], "archived", "2025-10-15", "2026-03-01"),
    },
}

STATES = {
    "2025-01-01": ("current", "upcoming", "upcoming"),
    "2025-10-15": ("archived", "current", "upcoming"),
    "2026-02-28": ("archived", "current", "upcoming"),
    "2026-03-01": ("archived", "archived", "current"),
}

every_day = pytest.mark.parametrize("day", list(EXPECTED))


def site(day: str) -> dict[str, bytes]:
    files, problems = built(project(), date.fromisoformat(day))
    assert files, problems
    return files


def main_of(data: bytes) -> html.HtmlElement:
    [main] = html.fromstring(data.decode()).xpath("//main")
    assert isinstance(main, html.HtmlElement)
    return main


@every_day
def test_the_main_page_shows_the_version_in_force_or_the_newest_complete_one(day: str) -> None:
    files = site(day)
    for tag, (text, state, shown, until) in EXPECTED[day].items():
        main = main_of(files[f"{tag}/privacy/index.html"])
        assert text in main.text_content()
        assert (main.get("data-state"), main.get("data-shown"), main.get("data-until")) == (
            state,
            shown,
            until,
        )
        assert ("behind" in (main.get("data-notices") or "")) is (state == "archived")
        assert not main.xpath(".//meta[@name='robots']")


@every_day
def test_every_version_has_its_address_in_every_language_that_covers_it(day: str) -> None:
    files = site(day)
    for tag, names in (("en", NAMES), ("bn", NAMES[:2])):
        for name, state in zip(NAMES, STATES[day], strict=True):
            path = f"{tag}/privacy/{name}/index.html"
            assert (path in files) is (name in names)
            if name not in names:
                continue
            main = main_of(files[path])
            text = TEXTS[name] if tag == "en" else BENGALI[TEXTS[name]]
            assert text in main.text_content()
            assert main.get("data-state") == state
            [canonical] = main.xpath(".//link/@href")
            noindex = bool(main.xpath(".//meta[@name='robots']"))
            current = state == "current"
            assert noindex is not current
            assert canonical == f"https://acme.test/{tag}/privacy/" + ("" if current else f"{name}/")
            assert f"{name}/".encode() not in files["sitemap.xml"]


@every_day
def test_search_engines_may_list_the_history(day: str) -> None:
    files = site(day)
    for tag in ("en", "bn"):
        page = html.fromstring(files[f"{tag}/privacy/history/index.html"].decode())
        assert not page.xpath("//meta[@name='robots']")
        own = f"https://acme.test/{tag}/privacy/history/"
        sitemap = files["sitemap.xml"].decode()
        assert f"<loc>{own}</loc>" in sitemap
        assert f'hreflang="{tag}" href="{own}"' in sitemap


@every_day
def test_the_main_page_tells_what_is_to_come(day: str) -> None:
    main = main_of(site(day)["en/privacy/index.html"])
    coming = [name for name, state in zip(NAMES, STATES[day], strict=True) if state == "upcoming"]
    assert (main.get("data-upcoming") or "") == "".join(
        f"{name} /en/privacy/{name}/" for name in reversed(coming)
    )


@every_day
def test_the_history_lists_all_with_their_changes_in_the_language(day: str) -> None:
    files = site(day)
    for tag in ("en", "bn"):
        rows = html.fromstring(files[f"{tag}/privacy/history/index.html"].decode()).xpath("//ol/li")
        assert [row.get("data-state") for row in rows] == list(reversed(STATES[day]))
        assert [row.get("data-material") for row in rows] == ["True", "True", "False"]
    assert "লগ নতুন।" in files["bn/privacy/history/index.html"].decode()
    # Bengali does not have the newest version: its page and summary are the English ones, marked as such.
    assert (
        '<span lang="en" dir="ltr">We say for how long.</span>'
        in files["bn/privacy/history/index.html"].decode()
    )
    assert rows[0].get("data-href") == "/en/privacy/2026-03-01/"


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2025-01-01", ["2026-03-01 True", "2025-10-15 True"]),
        ("2025-10-14", ["2026-03-01 True", "2025-10-15 True"]),
        ("2025-11-14", ["2026-03-01 True", "2025-10-15 False"]),
        ("2025-11-15", ["2026-03-01 True"]),
        ("2026-03-31", ["2026-03-01 False"]),
        ("2026-04-01", []),
    ],
)
def test_the_home_page_tells_of_material_changes(day: str, told: list[str]) -> None:
    found = html.fromstring(site(day)["en/index.html"].decode()).xpath("//p[@class='update']")
    assert [row.text_content().rpartition(" ")[0] for row in found] == told


def test_a_change_that_is_not_material_is_not_told() -> None:
    files = project()
    path = "content/privacy/2026-03-01.md"
    files[path] = files[path].replace(b"changes:", b"material: false\nchanges:")
    found, _ = built(files, date(2026, 3, 2))
    assert b'class="update"' not in found["en/index.html"]
    assert json.loads(found["policies.json"])["policies"][0]["versions"][0]["material"] is False


@every_day
def test_policies_json_follows_its_schema_and_the_pages(day: str) -> None:
    files = site(day)
    data = json.loads(files["policies.json"])
    schema = json.loads(files["policies.schema.json"])
    assert data["$schema"] == schema["$id"]
    jsonschema.Draft202012Validator(schema).validate(data)
    [policy] = data["policies"]
    assert [version["version"] for version in policy["versions"]] == list(reversed(NAMES))
    assert [version["state"] for version in policy["versions"]] == list(reversed(STATES[day]))
    for version in policy["versions"]:
        for language in version["languages"]:
            path = language["url"].removeprefix("https://acme.test/") + "index.html"
            assert path in files
    digests = [entry["digest"] for version in policy["versions"] for entry in version["languages"]]
    assert len(set(digests)) == len(digests) == 5


def test_a_digest_stays_while_the_text_does() -> None:
    before, after = (
        json.loads(site(day)["policies.json"])["policies"][0]["versions"]
        for day in ("2025-01-01", "2026-03-01")
    )
    assert [row["languages"] for row in before] == [row["languages"] for row in after]


def test_the_feed_is_the_same_on_every_day_and_dated_by_the_announcement() -> None:
    feeds = {site(day)["bn/privacy/feed.xml"] for day in EXPECTED}
    assert len(feeds) == 1
    space = {"a": "http://www.w3.org/2005/Atom"}
    root = ElementTree.fromstring(feeds.pop().decode())
    assert root.findtext("a:updated", "", space) == "2026-01-20T00:00:00Z"
    entries = root.findall("a:entry", space)
    assert [entry.findtext("a:updated", "", space)[:10] for entry in entries] == [
        "2026-01-20",
        "2025-09-15",
        "2024-05-01",
    ]
    assert [entry.findtext("a:id", "", space) for entry in entries] == [
        "https://acme.test/en/privacy/2026-03-01/",
        "https://acme.test/bn/privacy/2025-10-15/",
        "https://acme.test/bn/privacy/2024-05/",
    ]
    assert entries[1].findtext("a:summary", "", space) == "লগ নতুন।"


def test_a_feed_parser_reads_every_feed() -> None:
    files = site("2026-02-28")
    feeds = [path for path in files if path.endswith("feed.xml")]
    assert feeds == ["en/privacy/feed.xml", "bn/privacy/feed.xml"]
    for path in feeds:
        found = feedparser.parse(files[path], sanitize_html=False)
        assert not found.bozo, found.get("bozo_exception")
        assert found.version == "atom10"
        assert found.feed.title
        assert found.feed.links[0].rel == "self"
        assert found.feed.links[0].href == f"https://acme.test/{path}"
        assert len(found.entries) == 3
        for entry in found.entries:
            assert entry.id == entry.link
            assert entry.updated_parsed
            page = entry.link.removeprefix("https://acme.test/") + "index.html"
            assert page in files


def test_a_recorded_correction_stands_in_the_history() -> None:
    files = project()
    day = date(2026, 3, 2)
    translated, _ = pipeline.translate(files)
    assert translated is not None
    editions = pipeline.editions(translated, "privacy")
    lock = locked(VersionLock("content/privacy/versions.lock", "privacy"), editions, day)
    path = "content/privacy/2025-10-15.md"
    files[path] = files[path].replace(b"We keep logs.", b"We keep log files.")
    corrected, _ = pipeline.translate(files)
    assert corrected is not None
    [one] = [one for one in pipeline.editions(corrected, "privacy") if one.version.name == "2025-10-15"]
    found = amended(lock, one, day, "a slip of the pen")
    files["content/privacy/versions.lock"] = format_lock(found).encode()
    site, problems = built(files, day)
    assert site, problems
    rows = html.fromstring(site["bn/privacy/history/index.html"].decode()).xpath("//ol/li")
    assert [row.findtext("b") for row in rows] == [None, "2026-03-02 a slip of the pen", None]
