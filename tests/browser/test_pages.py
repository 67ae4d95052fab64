"""What a visitor of the shipped site meets: language, direction, keyboard, phone, accessibility."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.axe import describe, run_axe
from tests.helpers.chromium import Visitors
from tests.helpers.site import site_languages
from tests.helpers.vnu import run_vnu

LANGUAGES = ("en", "bn", "ar")
PAGES = ("", "live/", "privacy/", "cookies/", "terms/", "delete-data/", "contact/", "404.html")
OF_VERSIONS = tuple(
    f"{document}/{page}/" for document in ("privacy", "cookies", "terms") for page in ("history", "2025-10")
)


@pytest.mark.parametrize("tag", site_languages())
@pytest.mark.parametrize("page", [*PAGES, *OF_VERSIONS])
def test_every_page_is_accessible_and_fits_a_narrow_phone(visit: Visitors, tag: str, page: str) -> None:
    # The frame of the live page is CooMeet's and blocked here; axe would wait for it.
    view = visit(f"/{tag}/{page}", color_scheme="light").page
    found = run_axe(view)
    assert not found, describe(found)
    view.set_viewport_size({"width": 320, "height": 640})
    assert view.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_accessible_in_the_dark(visit: Visitors, tag: str, page: str) -> None:
    found = run_axe(visit(f"/{tag}/{page}", color_scheme="dark").page)
    assert not found, describe(found)


def test_axe_finds_nothing_on_the_chooser(visit: Visitors) -> None:
    found = run_axe(visit("/").page)
    assert not found, describe(found)


#: What the checker does not know yet, each with the text that defines it.
NEWER_THAN_THE_CHECKER = (
    # Storage Access API, section “Sandboxing storage access”; named by our design for the chat frame.
    "“allow-storage-access-by-user-activation” is not a valid keyword",
    # CSS Overflow 5: marks the current section in the table of contents; ignored where it is not known.
    "Property “scroll-target-group” doesn't exist",
    "Unknown pseudo-element or pseudo-class “:target-current”",
)


def test_the_html_checker_finds_nothing(built_site: Path) -> None:
    found = [
        message
        for message in run_vnu([built_site])
        if not any(known in message.text for known in NEWER_THAN_THE_CHECKER)
    ]
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize(("tag", "direction"), [("en", "ltr"), ("bn", "ltr"), ("ar", "rtl")])
def test_language_and_direction_are_declared(visit: Visitors, tag: str, direction: str) -> None:
    page = visit(f"/{tag}/privacy/").page
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [tag, direction]


def test_the_switcher_leads_to_the_same_page_in_each_language(visit: Visitors) -> None:
    page = visit("/en/privacy/").page
    for tag in ("bn", "ar", "en"):
        page.locator("details.languages > summary").click()
        entry = page.locator(f"details.languages a[hreflang={tag}]")
        assert entry.get_attribute("lang") == tag
        entry.click()
        page.wait_for_url(f"**/{tag}/privacy/")
        current = page.locator("details.languages a[aria-current]")
        assert current.get_attribute("hreflang") == tag


def test_the_switcher_names_each_language_in_itself(visit: Visitors) -> None:
    page = visit("/en/").page
    names = page.locator("details.languages a").all_text_contents()
    assert {"English", "বাংলা", "العربية", "Deutsch", "português (Brasil)", "日本語"} <= {*names}
    assert len(names) == len(set(names)) == len(site_languages())


def test_the_switcher_opens_by_keyboard_without_script(visit: Visitors) -> None:
    page = visit("/en/privacy/", javascript=False).page
    page.locator("details.languages > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator("details.languages a:focus").count() == 1


def test_the_skip_link_is_the_first_stop_and_moves_to_the_text(visit: Visitors) -> None:
    page = visit("/bn/privacy/").page
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.get_attribute("href") == "#main"
    assert focused.is_visible()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_right_to_left_mirrors_the_page(visit: Visitors) -> None:
    def brand_before_menu(tag: str) -> bool:
        page = visit(f"/{tag}/").page
        brand = page.locator(".brand").bounding_box()
        menu = page.locator(".menu").bounding_box()
        assert brand is not None
        assert menu is not None
        return brand["x"] < menu["x"]

    assert brand_before_menu("en")
    assert not brand_before_menu("ar")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_without_script_everything_is_readable_and_nothing_is_asked(visit: Visitors, tag: str) -> None:
    visitor = visit(f"/{tag}/privacy/", javascript=False)
    page = visitor.page
    assert page.locator("#consent").is_hidden()
    assert page.locator("main h2").count() >= 14
    assert page.locator("#retention").is_visible()
    page.goto(page.url.replace("/privacy/", "/"))
    live = page.locator("main a[href$='/live/']").first
    assert live.is_visible()
    assert not visitor.third_party
    assert not visitor.context.cookies()


@pytest.mark.parametrize("tag", LANGUAGES)
def test_anchors_are_the_same_in_every_language(visit: Visitors, tag: str) -> None:
    script = "[...document.querySelectorAll('main :is(h2, h3)[id]')].map(heading => heading.id)"
    here = visit(f"/{tag}/privacy/").page.evaluate(script)
    assert here == visit("/en/privacy/").page.evaluate(script)
    assert len(here) >= 16


def test_each_entry_of_the_contents_leads_to_its_section(visit: Visitors) -> None:
    page = visit("/ar/privacy/").page
    targets = page.evaluate(
        "[...document.querySelectorAll('.toc a')].map(link => link.getAttribute('href').slice(1))"
    )
    assert len(targets) >= 16
    missing = page.evaluate("ids => ids.filter(id => !document.getElementById(id))", targets)
    assert missing == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_nothing_is_asked_of_others_before_a_choice(visit: Visitors, tag: str) -> None:
    visitor = visit(f"/{tag}/")
    visitor.go(f"/{tag}/privacy/").mouse.wheel(0, 4000)
    visitor.go(f"/{tag}/cookies/")
    assert visitor.page.locator("#consent").is_visible()
    assert not visitor.third_party
    assert not visitor.context.cookies()
    assert visitor.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert not visitor.problems


def test_the_banner_remembers_a_refusal_and_loads_nothing(visit: Visitors) -> None:
    visitor = visit("/bn/")
    visitor.page.locator("#consent button[value=reject]").click()
    assert visitor.page.locator("#consent").is_hidden()
    visitor.go("/bn/privacy/")
    assert visitor.page.locator("#consent").is_hidden()
    assert not visitor.third_party
    assert not visitor.problems


def test_an_agreement_loads_analytics_in_a_frame_of_our_own(visit: Visitors) -> None:
    visitor = visit("/ar/")
    with visitor.context.expect_event("request", lambda request: "googletagmanager.com" in request.url):
        visitor.page.locator("#consent button[value=accept]").click()
    assert all("googletagmanager.com" in url for url in visitor.third_party)
    frames = [frame.url for frame in visitor.page.frames]
    assert any("/analytics/" in url for url in frames)


def test_the_chat_frame_comes_with_the_click_only(visit: Visitors) -> None:
    visitor = visit("/bn/")
    assert visitor.page.locator("iframe").count() == 0
    visitor.page.locator("#consent button[value=reject]").click()
    visitor.page.locator("main a[href='/bn/live/']").first.click()
    frame = visitor.page.locator("main iframe")
    assert "camera https://" in (frame.get_attribute("allow") or "")
    assert "allow-top-navigation" not in (frame.get_attribute("sandbox") or "")
    assert frame.get_attribute("title")


def test_an_unknown_page_is_answered_in_its_language(visit: Visitors) -> None:
    page = visit(None).page
    for tag in LANGUAGES:
        answer = page.goto(visit.origin + f"/{tag}/nowhere/")
        assert answer is not None
        assert answer.status == 404
        assert page.evaluate("document.documentElement.lang") == tag
