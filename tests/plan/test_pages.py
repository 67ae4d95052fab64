from __future__ import annotations

from datetime import date

import pytest

from policysite import pipeline
from policysite.core.diagnostics import Diagnostic
from policysite.core.model import BuildOptions, DocumentPlan
from tests.helpers import mini

DAY = date(2026, 1, 1)


def planned(
    changes: dict[str, str | None] | None = None, day: date = DAY
) -> tuple[dict[str, DocumentPlan], list[Diagnostic]]:
    files = mini.texts()
    for path, text in (changes or {}).items():
        if text is None:
            del files[path]
        else:
            files[path] = text
    prepared, problems = pipeline.prepare(
        {path: text.encode() for path, text in files.items()}, BuildOptions(day)
    )
    assert prepared is not None, problems
    plan_codes = {"P001", "P003", "D105", "T201"}
    return {plan.key: plan for plan in prepared.plans}, [item for item in problems if item.code in plan_codes]


def pages(plan: DocumentPlan) -> list[tuple[str, str, str]]:
    return [(page.tag, page.url, page.output) for page in plan.pages]


def test_a_page_is_where_its_language_and_slug_say() -> None:
    plans, _ = planned()
    assert list(plans) == ["contact", "home", "not-found", "privacy"]
    assert pages(plans["home"]) == [
        ("en", "/en/", "en/index.html"),
        ("bn", "/bn/", "bn/index.html"),
        ("ar", "/ar/", "ar/index.html"),
    ]
    assert pages(plans["contact"]) == [("en", "/en/contact/", "en/contact/index.html")]
    assert pages(plans["not-found"]) == [("en", "/en/404.html", "en/404.html")]
    assert plans["not-found"].noindex


def test_a_policy_is_complete_or_previous() -> None:
    plans, problems = planned()
    english, bengali = plans["privacy"].pages
    assert english.version is not None
    assert bengali.version is not None
    assert (english.version.name, english.behind) == ("2025-10-15", None)
    assert (bengali.version.name, bengali.behind) == ("2024-05", english.version)
    assert bengali.text.missing == 0
    assert plans["privacy"].withheld == (("bn", 3),)
    assert [item.message for item in problems if item.code == "T201"] == [
        "Bangla lacks 3 texts of “privacy”: readers see the version of 2024-05"
    ]


def test_before_a_version_begins_the_one_before_is_in_force() -> None:
    plans, problems = planned(day=date(2025, 10, 14))
    assert {page.version.name for page in plans["privacy"].pages if page.version} == {"2024-05"}
    assert all(page.behind is None for page in plans["privacy"].pages)
    assert problems == []


def test_a_page_needs_its_title_and_half_of_its_texts() -> None:
    path = "translations/bn/LC_MESSAGES/contact.po"
    some = {"Contact": "যোগাযোগ", "How to reach us.": "যেভাবে।", "By post": "ডাকে"}
    plans, _ = planned({path: mini.po("bn", some)})
    assert [page.tag for page in plans["contact"].pages] == ["en", "bn"]
    assert plans["contact"].pages[1].text.missing == 2
    plans, problems = planned({path: mini.po("bn", {"Contact": "যোগাযোগ", "By post": "ডাকে"})})
    assert [page.tag for page in plans["contact"].pages] == ["en"]
    assert plans["contact"].withheld == (("bn", 3),)
    assert "Bangla lacks 3 texts of “contact”: readers get the English page" in [
        item.message for item in problems
    ]
    del some["Contact"]
    some["We have **no** letter box."] = "নেই **কোনো** বাক্স।"
    plans, _ = planned({path: mini.po("bn", some)})
    assert [page.tag for page in plans["contact"].pages] == ["en"]


def test_a_language_that_is_not_published_has_no_page() -> None:
    config = mini.CONFIG.replace("    status: reviewed", "    published: false")
    plans, problems = planned({"config.yaml": config})
    assert {page.tag for plan in plans.values() for page in plan.pages} == {"en", "ar"}
    assert problems == []


def test_an_override_is_a_page_of_its_own_structure() -> None:
    text = mini.CONTACT.replace("## By post {: #post }", "- একটি\n- তালিকা")
    plans, _ = planned({"content/contact.bn.md": text})
    page = plans["contact"].page("bn")
    assert page is not None
    assert page.url == "/bn/contact/"
    assert page.text.parsed.document.path == "content/contact.bn.md"
    assert plans["contact"].source.parsed.document.path == "content/contact.md"


SECOND = mini.CONTACT.replace("title", "slug: contact\ntitle", 1)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            {"content/write.md": SECOND},
            [("P001", "content/write.md")],
        ),
        (
            {"content/privacy.md": mini.CONTACT},
            [("P001", "content/privacy.md")],
        ),
        (
            {"content/home.md": None, "config.yaml": mini.CONFIG.replace("[home, privacy]", "[privacy]")},
            [("P003", "content")],
        ),
        (
            {"translations/ar/LC_MESSAGES/home.po": mini.po("ar", {})},
            [("P003", "content/home.md")],
        ),
        (
            {"content/start.md": mini.HOME},
            [("P001", "content/start.md")],
        ),
    ],
)
def test_plans_that_cannot_be(changes: dict[str, str | None], found: list[tuple[str, str]]) -> None:
    _, problems = planned(changes)
    assert [(item.code, item.place.path) for item in problems if item.code != "T201"] == found


def test_a_policy_that_has_not_begun_is_a_problem() -> None:
    plans, problems = planned(day=date(2020, 1, 1))
    assert "privacy" not in plans
    assert [(item.code, item.place.path) for item in problems] == [("D105", "content/privacy/2024-05.md")]
