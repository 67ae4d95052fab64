from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from policysite import pipeline
from policysite.cache import Cache
from policysite.core.diagnostics import Diagnostic
from policysite.core.model import BuildOptions, Mapper, serial
from policysite.core.plain import Codec
from policysite.executor import Executor
from tests.helpers import mini
from tests.helpers.machine import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

DAY = date(2026, 1, 1)


def built(
    sources: Mapping[str, bytes],
    mapper: Mapper = serial,
    day: date = DAY,
    base_url: str | None = None,
    keeper: Cache | None = None,
) -> tuple[dict[str, bytes], list[Diagnostic]]:
    if keeper:
        keeper.begin({path: hashlib.sha256(data).hexdigest() for path, data in sources.items()})
    prepared, problems = pipeline.prepare(sources, BuildOptions(day, base_url), keeper, mapper)
    found = list(problems)
    files: dict[str, bytes] = {}
    if prepared is not None:
        for step in pipeline.render(prepared, mapper, keeper=keeper):
            found += step.diagnostics
            for file in step.files:
                assert file.path not in files
                files[file.path] = file.data
    if keeper:
        keeper.end(complete=prepared is not None)
    return files, found


def cache(folder: Path | None) -> Cache:
    return Cache(folder, Codec(pipeline.KEPT_TYPES), "this code")


def changed(**changes: str | None) -> dict[str, bytes]:
    files: dict[str, str | None] = {**mini.texts(), **changes}
    return {path: text.encode() for path, text in files.items() if text is not None}


def codes(sources: Mapping[str, bytes], day: date = DAY) -> list[tuple[str, str]]:
    return [(item.code, item.place.path) for item in built(sources, day=day)[1] if item.level == "error"]


# ── a build is a function ───────────────────────────────────────────────────────────────────────


def test_the_whole_site_of_a_small_project() -> None:
    files, problems = built(mini.sources())
    pages = {path for path in files if path.endswith(".html") and not path.startswith("app/")}
    assert pages == {
        *("index.html", "404.html", "analytics/index.html", "en/404.html"),
        *("en/index.html", "bn/index.html", "ar/index.html"),
        *("en/contact/index.html", "en/privacy/index.html", "bn/privacy/index.html"),
        *("en/privacy/2024-05/index.html", "en/privacy/2025-10-15/index.html"),
        "bn/privacy/2024-05/index.html",
    }
    assert files["404.html"] == files["en/404.html"]
    assert {"sitemap.xml", "robots.txt"} <= files.keys()
    assert len([path for path in files if path.startswith("assets/")]) == 2
    assert [item.level for item in problems] == ["warning", "warning", "info"]


def test_clean_is_cached_is_parallel(tmp_path: Path) -> None:
    clean = built(mini.sources())
    assert built(mini.sources(), Executor(1)) == clean
    assert built(mini.sources(), Executor(2, minimum=1)) == clean
    for folder in (None, tmp_path):
        cold = cache(folder)
        assert built(mini.sources(), Executor(2, minimum=1), keeper=cold) == clean
        assert len(cold.tally.reused) == 0
        warm = cold if folder is None else cache(folder)
        assert built(mini.sources(), keeper=warm) == clean
        assert warm.tally.made == []
        made = {f"render home {tag}" for tag in ("en", "bn", "ar")} | {
            "render contact en",
            "render privacy bn",
        }
        assert made < set(warm.tally.reused)


def test_a_document_is_let_go_once_its_pages_are_made() -> None:
    prepared, _ = pipeline.prepare(mini.sources(), BuildOptions(DAY, None))
    assert prepared is not None
    documents = prepared.documents
    before = {key: documents.plan(key) for key in ("home", "contact", "privacy")}
    assert all(documents.plan(key) is plan for key, plan in before.items())
    assert sum(len(step.files) for step in pipeline.render(prepared)) > 10
    assert not any(documents.plan(key) is plan for key, plan in before.items())
    assert {key: documents.plan(key) for key in before} == before  # who asks again waits


def test_problems_are_replayed_from_the_cache(tmp_path: Path) -> None:
    sources = changed(**{"templates/home.html": "{{ nothing }}"})
    clean = built(sources)
    assert "L002" in {item.code for item in clean[1]}
    for _ in range(2):
        assert built(sources, keeper=cache(tmp_path)) == clean


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("content/contact.md", "no** letter", "no** big letter"),
        ("templates/base.html", "<nav", "<p>new</p><nav"),
        ("config.yaml", "minimum_age: 18", "minimum_age: 21"),
        ("assets/dot.svg", "<svg", "<svg id='x'"),
        ("translations/bn/LC_MESSAGES/site.po", "মেনু", "তালিকা"),
        ("translations/bn/LC_MESSAGES/home.po", "স্বাগতম", "শুভেচ্ছা"),
    ],
)
def test_after_any_change_the_cache_gives_what_a_clean_build_gives(
    tmp_path: Path, path: str, old: str, new: str
) -> None:
    built(mini.sources(), keeper=cache(tmp_path))
    text = mini.texts()[path]
    assert old in text
    sources = changed(**{path: text.replace(old, new)})
    after = built(sources, keeper=cache(tmp_path))
    assert after == built(sources)
    assert after != built(mini.sources())


def test_the_order_of_sources_does_not_matter() -> None:
    backwards = dict(reversed(list(mini.sources().items())))
    assert built(backwards) == built(mini.sources())


SCRIPT = """
import hashlib, json, sys
from datetime import date
from policysite import pipeline
from policysite.core.model import BuildOptions, serial
from policysite.core.reports import as_json
from policysite.executor import Executor
from tests.helpers import mini
prepared, problems = pipeline.prepare(mini.sources(), BuildOptions(date(2026, 1, 1)))
state = hashlib.sha256(as_json(problems).encode())
mapper = Executor(2, minimum=1) if sys.argv[1] == "2" else serial
for step in pipeline.render(prepared, mapper):
    state.update(as_json(step.diagnostics).encode())
    for file in step.files:
        state.update(json.dumps([file.path, len(file.data)]).encode() + file.data)
print(state.hexdigest())
"""


@pytest.mark.parametrize(
    ("environment", "jobs"),
    [
        ({"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"}, "1"),
        ({"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"}, "2"),
        ({"PYTHONHASHSEED": "random", "TZ": "America/Los_Angeles", "LANG": "bn_BD.UTF-8"}, "1"),
        ({"PYTHONHASHSEED": "random", "PYTHONUTF8": "0", "LC_ALL": "POSIX", "PYTHONOPTIMIZE": "1"}, "2"),
    ],
    ids=["plain", "kiritimati", "los-angeles", "posix"],
)
def test_the_environment_does_not_matter(environment: dict[str, str], jobs: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, jobs],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == here()


def here() -> str:
    from policysite.core.reports import as_json

    prepared, problems = pipeline.prepare(mini.sources(), BuildOptions(DAY))
    assert prepared is not None
    state = hashlib.sha256(as_json(problems).encode())
    for step in pipeline.render(prepared):
        state.update(as_json(step.diagnostics).encode())
        for file in step.files:
            state.update(json.dumps([file.path, len(file.data)]).encode() + file.data)
    return state.hexdigest()


# ── what the outside decides ────────────────────────────────────────────────────────────────────


def test_the_date_decides_the_version() -> None:
    files, _ = built(mini.sources(), day=date(2025, 10, 14))
    assert b"We keep nothing" in files["en/privacy/index.html"]
    files, _ = built(mini.sources(), day=date(2025, 10, 15))
    assert b"We keep logs" in files["en/privacy/index.html"]


def test_another_base_url_changes_absolute_addresses_only() -> None:
    files, _ = built(mini.sources(), base_url="https://staging.test/")
    assert b"https://staging.test/en/" in files["sitemap.xml"]
    assert files["en/contact/index.html"] == built(mini.sources())[0]["en/contact/index.html"]


# ── every check runs, and every problem is told ─────────────────────────────────────────────────


def test_problems_of_all_stages_come_in_one_ordered_report() -> None:
    sources = changed(
        **{
            "content/contact.md": mini.CONTACT + "\n<b>x</b> [a](/nowhere/)\n",
            "templates/page.html": "{% if x %}",
            "translations/bn/LC_MESSAGES/home.po": mini.po("bn", {"Home": "<b>"}) + '\nmsgid "x\n',
            "assets/style.css": "a{background:url(nothing.png)}",
        }
    )
    _, problems = pipeline.prepare(sources, BuildOptions(DAY))
    assert list(problems) == sorted(problems, key=lambda item: item.sort_key)
    assert [(item.code, item.place.path) for item in problems if item.level == "error"] == [
        ("L004", "assets/style.css"),
        ("D201", "content/contact.md"),
        ("D201", "content/contact.md"),
        ("D203", "content/contact.md"),
        ("P003", "content/home.md"),
        ("L001", "templates/page.html"),
        ("T104", "translations/bn/LC_MESSAGES/home.po"),
        ("T001", "translations/bn/LC_MESSAGES/home.po"),
        ("T001", "translations/bn/LC_MESSAGES/home.po"),
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"config.yaml": "site: ["}, "C001"),
        ({"content/home.md": None}, "C202"),
        ({"translations/ar/LC_MESSAGES/site.po": None}, "T006"),
        ({"translations/ar/LC_MESSAGES/home.po": None}, "P003"),
        ({"templates/home.html": "{{ asset('nope.css').href }}"}, "L002"),
        ({"templates/home.html": None}, "L003"),
        ({"templates/cookie_table.html": None}, "L003"),
        ({"templates/chooser.html": None}, "L003"),
        ({"templates/home.html": "{{ link('nope').href }}"}, "L002"),
        ({"content/contact.bn.md": mini.CONTACT}, "D301"),
    ],
)
def test_what_stops_a_site(changes: dict[str, str | None], code: str) -> None:
    assert code in [found for found, _ in codes(changed(**changes))]


def test_a_plan_that_cannot_be_renders_nothing_and_does_not_crash() -> None:
    assert codes(mini.sources(), date(2020, 1, 1)) == [("D105", "content/privacy/2024-05.md")]
    assert built(mini.sources(), day=date(2020, 1, 1))[0] == {}


def test_two_writers_of_one_path_are_told() -> None:
    sources = changed(**{"assets/Dot.svg": mini.texts()["assets/dot.svg"]})
    found = [(code, path) for code, path in codes(sources) if code == "P001"]
    assert len(found) == 1
    assert found[0][1].startswith("assets/dot.")


def test_interface_texts_without_approval_are_counted() -> None:
    text = mini.po("ar", mini.MESSAGES["ar"]["site"]).replace('msgid "Menu"', '#, fuzzy\nmsgid "Menu"')
    _, problems = built(changed(**{"translations/ar/LC_MESSAGES/site.po": text}))
    found = [item for item in problems if item.code == "T006"]
    assert len(found) == 1
    assert found[0].message.startswith("1 of ")
    assert "“Menu”" in found[0].message
    assert found[0].place.text == 'msgid "Menu"'


def test_a_catalog_of_the_source_language_is_never_used() -> None:
    catalog = {"translations/en/LC_MESSAGES/home.po": mini.po("en", {"Home": "<b>Changed</b>"})}
    assert built(changed(**catalog)) == built(mini.sources())


def test_a_translation_too_long_to_read_is_not_rendered() -> None:
    text = mini.po("bn", {**mini.MESSAGES["bn"]["home"], "Home": "[" * 3_000})
    files, problems = built(changed(**{"translations/bn/LC_MESSAGES/home.po": text}))
    assert "T104" in {item.code for item in problems}
    assert "[[[" not in files["bn/index.html"].decode()


def test_a_stale_fuzzy_or_empty_message_is_never_published() -> None:
    source = "You may ask."
    approved = mini.po("bn", mini.MESSAGES["bn"]["privacy"])
    fuzzy = approved.replace(f'msgid "{source}"', f'#, fuzzy\nmsgid "{source}"')
    files, _ = built(changed(**{"translations/bn/LC_MESSAGES/privacy.po": fuzzy}))
    assert "bn/privacy/index.html" not in files
    files, _ = built(changed(**{"translations/bn/LC_MESSAGES/privacy.po": approved}))
    assert "bn/privacy/index.html" in files
