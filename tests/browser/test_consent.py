"""Lines of the consent checklist R1 to R44, by number. Those that are not here are not tested yet."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.helpers.chromium import Visit, Visitors

LANGUAGES = ("en", "bn", "ar")
DAY = 86_400_000
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"

#: What Google's script does as far as it matters here: it stores its cookies and sends a hit.
FAKE_GTAG = """
document.cookie = "_ga=GA1.1.1.1; Path=/; Max-Age=31536000";
document.cookie = "_ga_EXAMPLE000=GS1.1; Path=/; Max-Age=31536000";
fetch("https://www.google-analytics.com/g/collect?v=2", { method: "POST", mode: "no-cors" });
"""


def button(page: Page, value: str) -> Any:
    return page.locator(f"#consent button[value={value}]")


def stored(page: Page) -> Any:
    return json.loads(page.evaluate("localStorage.getItem('consent')") or "null")


def google(visit: Visit) -> list[str]:
    return [url for url in visit.third_party if "google" in url]


def with_google(visit: Visit) -> Visit:
    """The visitor with a Google that answers; its requests are still recorded."""

    def answer(route: Route) -> None:
        visit.third_party.append(route.request.url)
        script = FAKE_GTAG if "gtag/js" in route.request.url else ""
        route.fulfill(status=200, content_type="text/javascript", body=script)

    visit.context.route("**/*google*/**", answer)
    return visit


def accept(visit: Visit) -> None:
    with visit.context.expect_event("request", lambda request: "/g/collect" in request.url):
        button(visit.page, "accept").click()


def cookies(visit: Visit) -> set[str]:
    return {str(cookie.get("name")) for cookie in visit.context.cookies()}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_r01_r02_nothing_is_asked_or_stored_before_a_choice(visit: Visitors, tag: str) -> None:
    visitor = visit(f"/{tag}/")
    for path in (f"/{tag}/privacy/", f"/{tag}/cookies/", f"/{tag}/"):
        visitor.go(path).mouse.wheel(0, 5000)
    assert visitor.third_party == []
    assert cookies(visitor) == set()
    script = "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length]"
    assert visitor.page.evaluate(script) == [0, 0, 0]
    assert visitor.problems == []


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_r03_r04_r05_reject_is_a_button_equal_to_accept(visit: Visitors, tag: str, width: int) -> None:
    page = visit(f"/{tag}/", width=width).page
    looks = []
    for value in ("accept", "reject"):
        found = button(page, value)
        assert found.is_visible()
        assert found.evaluate("node => node.tagName") == "BUTTON"
        box = found.bounding_box()
        style = found.evaluate(
            "node => ['color', 'backgroundColor', 'borderColor', 'borderWidth', 'fontSize', 'fontWeight',"
            " 'fontFamily'].map(name => getComputedStyle(node)[name])"
        )
        looks.append((round(box["width"]), round(box["height"]), round(box["y"]), style))
    assert looks[0] == looks[1]


def test_r06_r20_one_action_each_and_the_choice_is_kept_with_version_and_time(visit: Visitors) -> None:
    for value, agreed in (("accept", True), ("reject", False)):
        page = visit("/en/").page
        button(page, value).click()
        assert page.locator("#consent").is_hidden()
        kept = stored(page)
        assert kept["categories"] == {"analytics": agreed}
        assert kept["version"] == page.locator("#consent").get_attribute("data-version")
        assert abs(kept["time"] - page.evaluate("Date.now()")) < DAY


def test_r07_nothing_is_ticked_beforehand(visit: Visitors) -> None:
    page = visit("/en/").page
    button(page, "choose").click()
    boxes = page.locator("#consent input[type=checkbox]")
    assert boxes.count() == 1
    assert not boxes.first.is_checked()


def test_r08_r29_escape_close_scroll_and_navigation_grant_nothing(visit: Visitors) -> None:
    visitor = visit("/en/")
    visitor.page.mouse.wheel(0, 5000)
    visitor.go("/en/privacy/")
    button(visitor.page, "choose").click()
    button(visitor.page, "close").click()
    assert stored(visitor.page) is None
    visitor.go("/en/cookies/")
    button(visitor.page, "choose").focus()
    visitor.page.keyboard.press("Escape")
    assert stored(visitor.page) is None
    assert google(visitor) == []


def test_r09_the_page_can_be_used_meanwhile(visit: Visitors) -> None:
    page = visit("/en/privacy/").page
    assert page.locator("#consent").is_visible()
    page.locator(".menu a[href='/en/contact/']").click()
    page.wait_for_url("**/en/contact/")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_r11_r12_the_table_tells_purpose_duration_and_recipient(visit: Visitors, tag: str) -> None:
    page = visit(f"/{tag}/cookies/").page
    rows = page.locator("main table tr", has=page.locator("code"))
    assert rows.count() == 3
    for index in range(3):
        cells = [text.strip() for text in rows.nth(index).locator("th, td").all_text_contents()]
        assert len(cells) == 4
        assert all(cells)
    assert page.locator("main table a[href='https://policies.google.com/privacy']").count() >= 1


@pytest.mark.parametrize("tag", LANGUAGES)
def test_r13_r38_settings_are_at_the_same_place_on_every_page(visit: Visitors, tag: str) -> None:
    visitor = visit(f"/{tag}/")
    places = []
    for path in ("", "live/", "privacy/", "cookies/", "terms/", "contact/", "delete-data/", "404.html"):
        page = visitor.go(f"/{tag}/{path}")
        links = page.locator(".colophon nav a")
        names = [links.nth(index).get_attribute("data-open") for index in range(links.count())]
        places.append(names.index("consent"))
    assert len(set(places)) == 1


def test_r14_r15_withdrawing_is_as_short_as_agreeing_and_clears_everything(visit: Visitors) -> None:
    visitor = with_google(visit("/en/privacy/"))
    accept(visitor)
    page = visitor.page
    page.wait_for_timeout(200)
    assert {"_ga", "_ga_EXAMPLE000"} <= cookies(visitor)
    page.locator(".colophon [data-open=consent]").click()
    assert page.locator("#consent input[name=analytics]").is_checked()
    with page.expect_navigation():
        button(page, "reject").click()
    assert cookies(visitor) == set()
    before = len(visitor.third_party)
    visitor.go("/en/cookies/")
    page.wait_for_timeout(300)
    assert len(visitor.third_party) == before
    assert stored(page)["categories"] == {"analytics": False}


@pytest.mark.parametrize(("days", "asks"), [(179, False), (181, True)])
def test_r16_r17_a_choice_is_kept_for_six_months(visit: Visitors, days: int, asks: bool) -> None:
    page = visit("/en/").page
    button(page, "reject").click()
    made = stored(page)["time"]
    page.reload()
    assert stored(page)["time"] == made  # a visit does not extend it
    page.evaluate(
        "ms => { const kept = JSON.parse(localStorage.consent); kept.time -= ms;"
        " localStorage.consent = JSON.stringify(kept); }",
        days * DAY,
    )
    page.reload()
    assert page.locator("#consent").is_visible() is asks


def test_r18_another_question_asks_once_more(visit: Visitors) -> None:
    page = visit("/en/").page
    button(page, "accept").click()
    page.evaluate(
        "() => { const kept = JSON.parse(localStorage.consent); kept.version = 'older';"
        " localStorage.consent = JSON.stringify(kept); }"
    )
    page.reload()
    assert page.locator("#consent").is_visible()
    button(page, "reject").click()
    page.reload()
    assert page.locator("#consent").is_hidden()


@pytest.mark.parametrize("tag", LANGUAGES)
def test_r21_r36_the_banner_speaks_the_language_in_a_named_region(visit: Visitors, tag: str) -> None:
    page = visit(f"/{tag}/").page
    banner = page.locator("#consent")
    assert banner.get_attribute("role") == "region"
    name = page.locator("#" + (banner.get_attribute("aria-labelledby") or ""))
    assert name.is_visible()
    assert banner.evaluate("node => node.closest('[lang]').lang") == tag
    assert page.locator("#consent input").evaluate_all("nodes => nodes.map(node => node.type)") == [
        "checkbox"
    ]


def test_r22_buttons_say_what_they_do(visit: Visitors) -> None:
    page = visit("/en/").page
    texts = [button(page, value).inner_text() for value in ("accept", "reject", "choose")]
    assert texts == ["Accept", "Reject", "Choose"]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_r23_r24_r26_a_gpc_signal_refuses_whatever_was_chosen(visit: Visitors, tag: str) -> None:
    visitor = visit(None)
    visitor.context.add_init_script(GPC)
    page = visitor.go(f"/{tag}/cookies/")
    assert page.locator("#consent").is_hidden()
    version = page.locator("#consent").get_attribute("data-version")
    choice = {"version": version, "time": page.evaluate("Date.now()"), "categories": {"analytics": True}}
    page.evaluate("text => localStorage.setItem('consent', text)", json.dumps(choice))
    page.reload()
    page.wait_for_timeout(300)
    assert google(visitor) == []
    assert page.locator("#choices .signal").is_visible()
    assert "Global Privacy Control" in page.locator("#choices .signal").inner_text()


@pytest.mark.parametrize("tag", LANGUAGES)
def test_r27_r41_without_script_the_choices_are_explained(visit: Visitors, tag: str) -> None:
    visitor = visit(f"/{tag}/", javascript=False)
    visitor.page.locator(f".colophon a[href='/{tag}/cookies/#choices']").click()
    assert visitor.page.locator("#choices a[href='/forget/']").is_visible()
    assert visitor.third_party == []
    assert cookies(visitor) == set()


def test_r30_the_controls_are_among_the_first_stops(visit: Visitors) -> None:
    page = visit("/en/privacy/").page
    stops = []
    for _ in range(6):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate("document.activeElement.value || document.activeElement.getAttribute('href')")
        )
    assert stops[0] == "#main"
    assert [stop for stop in stops if stop in ("accept", "reject", "choose")] == [
        "accept",
        "reject",
        "choose",
    ]


def test_r31_r37_it_is_no_dialog_and_gives_the_focus_back(visit: Visitors) -> None:
    page = visit("/en/privacy/").page
    assert page.locator("[aria-modal], [role=dialog]").count() == 0
    button(page, "reject").click()
    assert page.evaluate("document.activeElement.id") == "main"
    opener = page.locator(".colophon [data-open=consent]")
    opener.click()
    assert page.locator("#consent").is_visible()
    button(page, "close").click()
    assert opener.evaluate("node => node === document.activeElement")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_r34_r35_buttons_are_large_and_reachable_at_320_pixels(visit: Visitors, tag: str) -> None:
    page = visit(f"/{tag}/", width=320, height=256).page
    for value in ("accept", "reject", "choose"):
        button(page, value).scroll_into_view_if_needed()
        box = button(page, value).bounding_box()
        assert box["height"] >= 24
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
    button(page, "reject").click()
    assert stored(page)["categories"] == {"analytics": False}


def test_r39_the_banner_moves_nothing(visit: Visitors) -> None:
    visitor = visit(None, reduced_motion="reduce")
    visitor.context.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
        " window.moved += entry.value; }).observe({ type: 'layout-shift', buffered: true })"
    )
    page = visitor.go("/en/privacy/")
    assert page.locator("#consent").is_visible()
    page.wait_for_timeout(300)
    assert page.evaluate("window.moved") == 0
    assert page.evaluate("document.getAnimations().length") == 0


def test_r42_the_apps_copy_has_none_of_it(visit: Visitors) -> None:
    visitor = visit("/app/en/privacy/")
    page = visitor.page
    assert page.locator("#consent, script, [data-open], iframe").count() == 0
    assert visitor.third_party == []
    assert cookies(visitor) == set()


@pytest.mark.parametrize("tag", LANGUAGES)
def test_r43_coomeet_is_asked_after_the_click_only(visit: Visitors, tag: str) -> None:
    visitor = visit(f"/{tag}/")
    button(visitor.page, "accept").click()
    visitor.page.wait_for_timeout(200)
    assert not [url for url in visitor.third_party if "coomeet" in url]
    with visitor.context.expect_event("request", lambda request: "coomeet.com" in request.url):
        visitor.page.locator(f"main a[href='/{tag}/live/']").first.click()
