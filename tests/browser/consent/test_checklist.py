"""R1 to R44 of the consent checklist, each by its number, in a real browser.

The first line of each docstring is the line of the checklist; `python -m tools.consent_table` reads it from
here into docs/reference/consent.md.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.consent import checks
from tests.browser.consent.checks import CONTROLS, PAGES
from tests.browser.consent.guests import (
    GPC,
    LANGUAGES,
    Guests,
    build,
    config,
    guests_of,
    replaced,
    sources,
)
from tests.helpers import cdn
from tests.helpers.chromium import ARGS
from tests.helpers.machine import ROOT, find_chromium, find_node_file
from tests.helpers.site import site_languages

every_language = pytest.mark.parametrize("tag", LANGUAGES)

DAY = 86_400
YEAR = 366 * DAY


def squeezed(text: str) -> str:
    return " ".join(text.split())


# ── before a choice ─────────────────────────────────────────────────────────────────────────────


@every_language
def test_r01_no_third_party_request_before_a_choice(guests: Guests, tag: str) -> None:
    """A fresh profile makes no third-party request through three pages and scrolling."""
    checks.no_third_party_before_a_choice(guests, tag)


def test_r02_nothing_is_stored_before_a_choice(guests: Guests) -> None:
    """No cookie, localStorage, sessionStorage, IndexedDB or cache before a choice either."""
    checks.nothing_stored_before_a_choice(checks.no_third_party_before_a_choice(guests, "bn"))


# ── the choice ──────────────────────────────────────────────────────────────────────────────────


@every_language
@pytest.mark.parametrize("width", [390, 1280])
def test_r03_reject_is_a_button_beside_accept(guests: Guests, tag: str, width: int) -> None:
    """Reject is a button beside Accept on the first layer."""
    checks.reject_is_a_button_beside_accept(guests(f"/{tag}/", width=width))


@every_language
def test_r04_reject_is_no_link_in_prose(guests: Guests, tag: str) -> None:
    """Reject is not a link in prose and does not look like one."""
    checks.reject_is_no_link_in_prose(guests(f"/{tag}/"))


@every_language
def test_r05_accept_and_reject_look_the_same(guests: Guests, tag: str) -> None:
    """Accept and Reject have equal width, height, font, weight, colours and border, hovered too."""
    for options in ({"width": 390}, {"width": 1280, "color_scheme": "dark"}):
        checks.accept_and_reject_are_equal(guests(f"/{tag}/", **options))


def test_r06_each_answer_takes_one_action(guests: Guests) -> None:
    """Accept and Reject take one action each."""
    checks.one_action_each(guests, "en")


def test_r07_nothing_is_ticked_beforehand(guests: Guests) -> None:
    """No box is ticked beforehand; saving without a tick grants nothing."""
    checks.nothing_is_ticked(guests("/ar/"))


def test_r08_only_a_button_grants(guests: Guests) -> None:
    """Escape, scrolling, navigation, a click elsewhere and Close never grant."""
    checks.nothing_but_a_button_grants(guests, "en")


@pytest.mark.parametrize("width", [390, 1280])
def test_r09_there_is_no_wall(guests: Guests, width: int) -> None:
    """While the question stands, links, scrolling and the policy can be used."""
    page = guests("/en/privacy/", width=width).page
    assert page.locator("#consent").is_visible()
    page.locator("#retention").scroll_into_view_if_needed()
    assert page.evaluate("scrollY") > 500
    share = page.evaluate("document.getElementById('consent').getBoundingClientRect().height / innerHeight")
    assert share <= 0.41, f"the banner takes {share:.0%} of the window"
    # The end of the page can be scrolled above the banner.
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last = page.locator(".colophon .small").evaluate("node => node.getBoundingClientRect().bottom")
    top = page.locator("#consent").evaluate("node => node.getBoundingClientRect().top")
    assert last <= top
    page.evaluate("scrollTo(0, 0)")
    page.locator(".menu a[href='/en/contact/']").click()
    page.wait_for_url("**/en/contact/")
    assert page.locator("#consent").is_visible()


PREFERENCES = """
services:
  remembered:
    kind: first-party
    name: Reading settings
    category: preferences
    provider: Ohmegull
    purpose: Keeps your choice about cookies, so that we do not ask on every page.
    cookies:
      - name: reading
        purpose: Remembers what you chose in the cookie settings, when, and what you were asked.
        duration: 6 months
"""


def test_r10_each_purpose_is_asked_for_itself(browser: Browser, tmp_path: Path) -> None:
    """The choice is per purpose: saving one grants one. (A variant of the site with two purposes.)"""
    files = replaced(sources(), "config.yaml", "\nservices:\n", PREFERENCES)
    with cdn.serve(build(files, tmp_path)) as origin:
        guests = guests_of(browser, origin)
        for ticked in ("preferences", "analytics"):
            guest = guests("/en/")
            guest.press("choose")
            assert guest.page.locator("#consent input").count() == 2
            guest.page.locator(f"#consent input[name={ticked}]").check()
            guest.press("save")
            assert guest.choice()["categories"] == {
                "preferences": ticked == "preferences",
                "analytics": ticked == "analytics",
            }
            guest.settle()
            assert bool(guest.parties.google) is (ticked == "analytics")
        assert not guests.violations()
        guests.close()


# ── information ─────────────────────────────────────────────────────────────────────────────────


@every_language
def test_r11_every_cookie_has_purpose_duration_and_recipient(guests: Guests, tag: str) -> None:
    """The cookie page tells purpose, duration and recipient of every declared cookie."""
    page = guests(f"/{tag}/cookies/").page
    assert page.locator(f"#consent a[href='/{tag}/cookies/']").count() == 1
    rows = page.locator(".inventory tr", has=page.locator("code"))
    cells = [
        [squeezed(text) for text in rows.nth(index).locator("th, td").all_inner_texts()]
        for index in range(rows.count())
    ]
    named = [row["name"] for service in config()["services"].values() for row in service.get("cookies", ())]
    assert [row[0].split()[0] for row in cells] == named
    for row in cells:
        assert len(row) == 4
        assert all(row)
    assert {row[3] for row in cells} == {"Ohmegull", "Google"}


@every_language
def test_r12_third_parties_are_named_and_linked(guests: Guests, tag: str) -> None:
    """Every third party is named with a link to its privacy policy: cookie page, settings, chat notice."""
    services = config()["services"]
    guest = guests(f"/{tag}/cookies/")
    for service in (services["google"], services["coomeet"]):
        link = guest.page.locator(f".inventory a[href='{service['privacy_url']}']").first
        assert service["provider"] in link.inner_text()
    first = guest.page.locator("#consent .ask").inner_text()
    assert services["google"]["name"] in first
    guest.press("choose")
    link = guest.page.locator(f"#consent a[href='{services['google']['privacy_url']}']")
    assert link.is_visible()
    assert "Google" in link.inner_text()
    notice = guest.go(f"/{tag}/").locator("#chat-notice")
    assert services["coomeet"]["name"] in notice.inner_text()
    for key in ("privacy_url", "terms_url"):
        assert notice.locator(f"a[href='{services['coomeet'][key]}']").is_visible()


def test_r13_cookie_settings_are_on_every_page(guests: Guests) -> None:
    """“Cookie settings” is on every page of every language and opens them."""
    guest = guests(None)
    for tag in LANGUAGES:
        for path in PAGES:
            page = guest.go(f"/{tag}/{path}")
            opened = page.evaluate(
                """() => { const link = document.querySelector('.colophon [data-open=consent]');
                  if (!link?.checkVisibility()) return 'no link';
                  link.click();
                  const parts = document.querySelectorAll(
                    '#consent :is(fieldset, [value=save], [value=reject])');
                  return [...parts].map((node) => node.checkVisibility()).join(); }"""
            )
            assert opened == "true,true,true", (tag, path)


def test_r14_the_settings_show_the_stored_state(guests: Guests) -> None:
    """Opened again, the settings show what was chosen, in the panel and in the text."""
    for tag, value, ticked in (("bn", "reject", False), ("ar", "accept", True)):
        guest = guests(f"/{tag}/cookies/")
        page = guest.page
        state = page.locator("#choices dd span:not([hidden])")
        before = state.inner_text()
        guest.press(value)
        assert state.count() == 1
        now = state.inner_text()
        assert now
        assert now != before
        page.reload()
        assert state.inner_text() == now
        guest.open_settings()
        assert page.locator("#consent input[name=analytics]").is_checked() is ticked


def test_r15_withdrawing_is_as_easy_as_granting(guests: Guests) -> None:
    """Withdrawing takes no more actions than granting; then no Google request and `_ga*` is gone."""
    guest = guests("/en/privacy/")
    page = guest.page
    guest.reject()
    # Granting later: open the settings, press Accept. Withdrawing: open the settings, press Reject.
    guest.open_settings()
    guest.accept()
    assert {"_ga", "_ga_EXAMPLE000"} <= guest.cookies().keys()
    guest.open_settings()
    with page.expect_navigation():
        guest.reject()
    guest.settle()
    assert not [name for name in guest.cookies() if name.startswith("_ga")]
    calls = len(guest.parties.google)
    for path in ("/en/cookies/", "/bn/", "/ar/privacy/"):
        guest.go(path)
        guest.settle()
    assert len(guest.parties.google) == calls
    assert guest.cookies() == {}
    assert guest.choice()["categories"] == {"analytics": False}


def test_r15_withdrawing_clears_the_cookies_of_every_parent_domain(
    browser: Browser, built_site: Path
) -> None:
    """Under a name with labels above it, `_ga*` goes from the host and from every domain above."""
    origin = "https://www.example.ohmegull.com"
    rules = cdn.read_header_rules((built_site / "_headers").read_text(encoding="utf-8"))
    guests = guests_of(browser, origin)
    guest = guests(None)

    def answer(route: Any) -> None:
        found = cdn.answer(built_site, rules, route.request.url.removeprefix(origin))
        route.fulfill(status=found.status, headers=dict(found.headers), body=found.body)

    guest.visit.context.route(f"{origin}/**", answer)
    guest.go("/en/")
    guest.accept()
    script = "(text) => { document.cookie = text; }"
    for domain in ("www.example.ohmegull.com", "example.ohmegull.com", "ohmegull.com"):
        guest.page.evaluate(script, f"_ga_{len(domain)}=x; Path=/; Domain={domain}")
    guest.page.evaluate(script, "_ga_HOST=x; Path=/")
    guest.page.evaluate(script, "other=x; Path=/; Domain=ohmegull.com")
    assert len(guest.cookies()) == 7
    guest.open_settings()
    with guest.page.expect_navigation():
        guest.reject()
    guest.settle()
    assert set(guest.cookies()) == {"other"}
    violations = guests.violations()
    guests.close()
    assert not violations


START = 1_790_000_000  # seconds; any moment will do


def test_r16_a_refusal_is_remembered(guests: Guests) -> None:
    """A refusal is remembered: 179 days later nobody is asked."""
    guest = guests(None)
    clock = guest.page.clock
    clock.set_fixed_time(START)
    guest.go("/en/")
    guest.reject()
    for days in (1, 60, 179):
        clock.set_fixed_time(START + days * DAY)
        guest.go("/bn/privacy/")
        assert guest.banner.is_hidden(), f"asked again after {days} days"
    assert guest.parties.google == []


def test_r17_after_six_months_the_question_comes_again(guests: Guests) -> None:
    """After 181 days it asks again, after a grant as after a refusal; visits do not extend the time."""
    for value in ("reject", "accept"):
        guest = guests(None)
        clock = guest.page.clock
        clock.set_fixed_time(START)
        guest.go("/en/")
        guest.press(value)
        made = guest.choice()
        for days in (90, 178):
            clock.set_fixed_time(START + days * DAY)
            guest.go("/en/privacy/")
            assert guest.banner.is_hidden()
            assert guest.choice() == made, "a visit changed the stored choice"
        clock.set_fixed_time(START + 181 * DAY)
        guest.settle()
        calls = len(guest.parties.google)
        guest.go("/en/privacy/")
        assert guest.banner.is_visible()
        guest.settle()
        assert len(guest.parties.google) == calls, "Google was called on an expired grant"


def test_r18_another_question_is_asked_once(browser: Browser, built_site: Path, tmp_path: Path) -> None:
    """A change of what is asked (another cookie) asks once more; another wording elsewhere does not."""
    files = sources()
    row = "      - name: _ga_*\n"
    other = "      - name: _gac_*\n        purpose: Keeps the state of a visit, for anonymous statistics.\n"
    asked = replaced(files, "config.yaml", row, f"{other}        duration: 1 year\n{row}")
    worded = replaced(files, "templates/home.html", '<p class="lead">', '<p class="lead wide">')
    sites = {"same": build(worded, tmp_path / "same"), "other": build(asked, tmp_path / "other")}
    current = built_site

    guests = guests_of(browser, "https://ohmegull.com")
    guest = guests(None)

    def answer(route: Any) -> None:
        rules = cdn.read_header_rules((current / "_headers").read_text(encoding="utf-8"))
        found = cdn.answer(current, rules, route.request.url.removeprefix("https://ohmegull.com"))
        headers = {**dict(found.headers), "Cache-Control": "no-store"}
        route.fulfill(status=found.status, headers=headers, body=found.body)

    guest.visit.context.route("https://ohmegull.com/**", answer)
    guest.go("/en/")
    guest.accept()
    current = sites["same"]
    guest.go("/en/")
    assert guest.banner.is_hidden()
    current = sites["other"]
    guest.settle()
    calls = len(guest.parties.google)
    guest.go("/en/")
    assert guest.banner.is_visible()
    guest.settle()
    assert len(guest.parties.google) == calls, "Google was called on an answer to another question"
    guest.reject()
    guest.go("/en/privacy/")
    assert guest.banner.is_hidden()
    violations = guests.violations()
    guests.close()
    assert not violations


def test_r19_analytics_cookies_live_no_longer_than_the_policy_says(guests: Guests) -> None:
    """`_ga*` lives at most the policy's year, and Google is called in basic mode with everything else off."""
    assert config()["facts"]["cookie_max_years"] == 1
    guest = guests("/en/privacy/")
    guest.accept()
    cookies = {name: cookie for name, cookie in guest.cookies().items() if name.startswith("_ga")}
    assert len(cookies) == 2
    for cookie in cookies.values():
        assert 0 < cookie["expires"] - time.time() <= YEAR
        assert cookie["secure"]
        assert cookie["sameSite"] == "Lax"
    [hit] = guest.parties.hits
    about = hit.about
    assert about["calls"][:4] == ["consent default", "consent update", "js", "config"]
    granted = {name for name, value in about["consent"].items() if value == "granted"}
    assert granted == {"analytics_storage", "security_storage"}
    assert about["config"]["allow_google_signals"] is False
    assert about["config"]["allow_ad_personalization_signals"] is False
    assert hit.query["dl"] == guest.page.url
    assert hit.query["dt"] == guest.page.title()


def test_r20_the_choice_and_the_build_prove_what_was_asked(guests: Guests, built_site: Path) -> None:
    """The choice carries version, time and categories; the build keeps the banner's text and digest."""
    kept = json.loads((built_site / "build-manifest.json").read_text(encoding="utf-8"))["consent"]
    guest = guests(None)
    for tag in LANGUAGES:
        guest.go(f"/{tag}/")
        shown = squeezed(guest.banner.evaluate("node => node.textContent"))
        assert kept["banners"][tag]["text"] == shown
        assert kept["banners"][tag]["sha256"] == hashlib.sha256(shown.encode()).hexdigest()
    guest.reject()
    choice = guest.choice()
    assert choice.keys() == {"version", "time", "categories"}
    assert choice["version"] == kept["version"]
    assert abs(choice["time"] / 1000 - time.time()) < 60
    assert choice["categories"] == {"analytics": False}


# ── language ────────────────────────────────────────────────────────────────────────────────────

#: What the buttons say. Another word here is a decision, not an accident.
LABELS = {
    "en": ("Accept", "Reject", "Choose"),
}


@every_language
def test_r21_the_banner_speaks_the_language_of_the_page(guests: Guests, tag: str) -> None:
    """The banner's language is that of `<html lang>`, and every text of it is translated."""
    script = {"en": r"[A-Za-z]", "bn": r"[\u0980-\u09ff]", "ar": r"[\u0600-\u06ff]"}[tag]
    guest = guests(f"/{tag}/", locale="fr-FR")
    assert guest.page.evaluate("document.documentElement.lang") == tag
    assert guest.banner.evaluate("node => node.closest('[lang]').lang") == tag
    guest.press("choose")
    for text in guest.page.locator(
        "#consent :is(.title, .ask > p, legend, label, button)"
    ).all_text_contents():
        assert re.search(script, text), text
    other = {"en": r"[\u0600-\u06ff\u0980-\u09ff]", "bn": r"[\u0600-\u06ff]", "ar": r"[\u0980-\u09ff]"}[tag]
    assert not re.search(other, guest.banner.inner_text())


@every_language
def test_r22_the_buttons_say_literally_what_they_do(guests: Guests, tag: str) -> None:
    """Literal button text: Accept, Reject, Choose, as the catalog has them, and no two alike."""
    guest = guests(f"/{tag}/")
    texts = tuple(guest.button(value).inner_text() for value in CONTROLS)
    assert len(set(texts)) == 3
    if tag == "en":
        assert texts == LABELS["en"]
    else:
        catalog = (ROOT / f"translations/{tag}/LC_MESSAGES/site.po").read_text(encoding="utf-8")
        for source, text in zip(LABELS["en"], texts, strict=True):
            assert f'msgid "{source}"\nmsgstr "{text}"' in catalog


@every_language
def test_r23_a_gpc_signal_keeps_analytics_off(guests: Guests, tag: str) -> None:
    """GPC on: no analytics, whatever is pressed (simulated in Chromium)."""
    guest = guests(f"/{tag}/", gpc=True)
    assert guest.banner.is_hidden()
    guest.open_settings()
    box = guest.page.locator("#consent input[name=analytics]")
    assert box.is_disabled()
    assert not box.is_checked()
    guest.press("accept")
    assert guest.choice()["categories"] == {"analytics": False}
    guest.go(f"/{tag}/privacy/")
    guest.settle()
    assert guest.parties.google == []
    assert guest.cookies() == {}


@every_language
def test_r24_the_gpc_status_is_told(guests: Guests, tag: str) -> None:
    """Under GPC the settings and the cookie page say that the opt-out request is honored."""
    guest = guests(f"/{tag}/cookies/", gpc=True)
    told = guest.page.locator("#choices .signal")
    assert told.is_visible()
    text = told.inner_text()
    assert "Global Privacy Control" in text
    if tag == "en":
        assert text.startswith("Opt-out request honored")
    guest.open_settings()
    assert guest.page.locator("#consent .signal").inner_text() == text
    without = guests(f"/{tag}/cookies/")
    without.press("choose")
    assert without.page.locator("#choices .signal").is_hidden()
    assert without.page.locator("#consent .signal").is_hidden()


@every_language
def test_r25_nobody_is_asked_to_turn_gpc_off(guests: Guests, tag: str) -> None:
    """No interstitial asks to turn GPC off: nothing opens and nothing covers the page."""
    guest = guests(f"/{tag}/", gpc=True)
    guest.settle()
    over = guest.page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter((node) => node.checkVisibility() &&
             (['fixed', 'sticky'].includes(getComputedStyle(node).position) ||
              node.matches(':modal, :popover-open')))
           .map((node) => node.outerHTML.slice(0, 80))"""
    )
    assert over == []
    guest.open_settings()
    signal = guest.page.locator("#consent .signal")
    assert signal.locator("a, button").count() == 0
    assert guest.page.locator("#consent a").count() == guests(f"/{tag}/").page.locator("#consent a").count()


def test_r26_gpc_outweighs_an_earlier_agreement(guests: Guests) -> None:
    """GPC against an earlier opt-in follows the documented rule: the signal wins while it is there."""
    rule = (ROOT / "docs/explanation/consent.md").read_text(encoding="utf-8")
    assert "**Global Privacy Control outweighs every agreement**, earlier or later" in rule
    guest = guests("/en/")
    guest.accept()
    agreed = guest.choice()
    context = guest.visit.context
    guest.page.close()
    page = context.new_page()
    page.wait_for_timeout(100)
    calls = len(guest.parties.google)
    page.add_init_script(GPC)
    page.goto(guest.visit.origin + "/en/privacy/")
    page.wait_for_timeout(200)
    assert len(guest.parties.google) == calls
    assert guest.cookies() == {}, "the cookies of the earlier agreement are still there"
    assert page.locator("#consent").is_hidden()
    assert json.loads(page.evaluate("localStorage.consent")) == agreed
    page.close()
    page = context.new_page()  # the signal is gone: the agreement counts again
    with context.expect_event("request", lambda request: "/g/collect" in request.url):
        page.goto(guest.visit.origin + "/en/privacy/")
    assert page.locator("#consent").is_hidden()


def test_r27_your_privacy_choices_work_without_script(guests: Guests) -> None:
    """“Your privacy choices” works without JavaScript on every page and offers to delete everything."""
    guest = guests(None, javascript=False)
    for tag in LANGUAGES:
        for path in PAGES if tag == "en" else ("live/",):
            page = guest.go(f"/{tag}/{path}")
            assert page.locator(f".colophon a[href='/{tag}/cookies/#choices']:not([data-open])").count() == 1
        guest.go(f"/{tag}/").locator(f".colophon a[href='/{tag}/cookies/#choices']").click()
        page.wait_for_url(f"**/{tag}/cookies/#choices")
        assert page.locator("#choices").is_visible()
        assert page.locator("#choices [data-when='script:false']").is_visible()
        # The other link leads to the same page.
        assert (
            page.locator(".colophon [data-open=consent]").get_attribute("href") == f"/{tag}/cookies/#settings"
        )
        assert page.locator("#settings").count() == 1
    host = guest.visit.origin.removeprefix("http://").split(":")[0]
    for name in ("_ga", "_ga_EXAMPLE000"):
        guest.visit.context.add_cookies([{"name": name, "value": "x", "domain": host, "path": "/"}])
    page.locator("#choices a[href='/forget/']").click()
    page.wait_for_url("**/forget/")
    assert guest.cookies() == {}
    assert page.locator("main a").count() == len(site_languages())


def test_r28_opting_out_takes_no_more_steps_than_opting_in(guests: Guests) -> None:
    """Opting out takes no more steps than opting in: from the banner, the footer and the cookie page."""
    ways = {"banner": None, "footer": ".colophon [data-open=consent]", "page": "#choices [data-open=consent]"}
    for tag, (way, opener) in zip(LANGUAGES, ways.items(), strict=True):
        steps = {}
        for value, other in (("accept", "reject"), ("reject", "accept")):
            guest = guests(f"/{tag}/cookies/")
            taken = 0
            if opener:
                guest.press(other)
                guest.page.locator(opener).click()
                taken += 1
            if value == "reject" and opener:
                with guest.page.expect_navigation():
                    guest.press(value)
            else:
                guest.press(value)
            taken += 1
            assert guest.choice()["categories"] == {"analytics": value == "accept"}
            assert guest.banner.is_hidden()
            steps[value] = taken
        assert steps["reject"] <= steps["accept"], (way, steps)


def test_r29_closing_is_not_consent(guests: Guests) -> None:
    """Closing the panel, by the button or by Escape, stores nothing; the next page asks."""
    for close in ("button", "escape"):
        guest = guests("/bn/")
        guest.press("choose")
        if close == "button":
            guest.press("close")
        else:
            guest.page.keyboard.press("Escape")
        assert guest.banner.is_hidden()
        guest.settle()
        checks.nothing_stored_before_a_choice(guest)
        assert guest.parties.seen == []
        guest.go("/bn/privacy/")
        assert guest.banner.is_visible()


# ── access ──────────────────────────────────────────────────────────────────────────────────────


@every_language
def test_r30_every_control_is_reached_by_keyboard_in_order(guests: Guests, tag: str) -> None:
    """All controls work by keyboard, in order, in the first Tab stops."""
    guest = guests(f"/{tag}/privacy/")
    page = guest.page
    found = checks.stops(page, 5)
    assert [stop["value"] or stop["href"] for stop in found] == ["#main", f"/{tag}/cookies/", *CONTROLS]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "consent-title"
    found = checks.stops(page, 7)
    assert [stop["value"] or stop["href"] for stop in found] == [
        f"/{tag}/cookies/",
        "on",
        config()["services"]["google"]["privacy_url"],
        *("accept", "reject", "save", "close"),
    ]
    for _ in range(5):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert page.locator("#consent input").is_checked()
    checks.stops(page, 4)
    page.keyboard.press("Enter")
    assert guest.choice()["categories"] == {"analytics": True}
    guest.settle()


@every_language
def test_r31_it_is_not_modal_and_no_trap(guests: Guests, tag: str) -> None:
    """Not modal: no focus trap in either layer, no `aria-modal`, no dialog."""
    checks.no_trap(guests(f"/{tag}/privacy/"))


@pytest.mark.parametrize("layer", ["first", "settings"])
@pytest.mark.parametrize("size", [(390, 700), (1280, 800)], ids=str)
def test_r32_focus_is_never_hidden_under_the_banner(
    guests: Guests, layer: str, size: tuple[int, int]
) -> None:
    """Focus is never hidden under the banner, wherever it goes in the page, in both layers."""
    guest = guests("/en/cookies/", width=size[0], height=size[1])
    page = guest.page
    if layer == "settings":
        guest.press("choose")
    seen = 0
    for _ in range(80):
        page.keyboard.press("Tab")
        found = page.evaluate(UNDER_THE_BANNER)
        assert not found["hidden"], found
        if found["body"]:
            break
        seen += 1
    assert seen > 25


UNDER_THE_BANNER = """() => {
  const node = document.activeElement;
  const banner = document.getElementById('consent');
  const body = node === document.body;
  if (body || banner.contains(node)) return { body, hidden: false };
  const box = node.getBoundingClientRect(), over = banner.getBoundingClientRect();
  const hidden = box.top < over.bottom && box.left < over.right && box.right > over.left &&
    Math.min(box.bottom, over.bottom) - Math.max(box.top, over.top) > box.height / 2 &&
    box.height < innerHeight / 3;
  return { body, hidden, node: node.outerHTML.slice(0, 120), box, over };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@every_language
def test_r33_focus_is_visible_and_contrast_is_enough(guests: Guests, tag: str, scheme: str) -> None:
    """Visible focus; text has a contrast of 4.5:1, focus rings and buttons of 3:1, light and dark."""
    guest = guests(f"/{tag}/", color_scheme=scheme)
    guest.press("choose")
    page = guest.page
    texts = page.evaluate(checks.TEXT_CONTRAST)
    assert len(texts) >= 10
    poor = [(text, ratio) for text, ratio in texts if ratio < 4.5]
    assert not poor, poor
    for _ in range(7):
        page.keyboard.press("Tab")
        ring = page.evaluate(checks.FOCUS_RING)
        assert ring["style"] not in ("none", "hidden")
        assert ring["width"] >= 2
        assert ring["contrast"] >= 3, ring
        if page.evaluate("document.activeElement.matches('.button')"):
            assert ring["edge"] >= 3, ring


@every_language
def test_r34_targets_are_large_enough(guests: Guests, tag: str) -> None:
    """Targets are at least 24 px wide and high: buttons, boxes and the links in the footer."""
    guest = guests(f"/{tag}/cookies/", width=320)
    guest.press("choose")
    small = guest.page.evaluate(
        """() => [...document.querySelectorAll(
             '#consent :is(button, input), .colophon [data-open], #choices button')]
           .filter((node) => node.checkVisibility()).map((node) => [node.outerHTML.slice(0, 60),
             node.getBoundingClientRect().width, node.getBoundingClientRect().height])"""
    )
    assert len(small) >= 6
    assert not [row for row in small if min(row[1:]) < 24]


@every_language
@pytest.mark.parametrize("size", [(320, 640), (320, 256)], ids=["320-wide", "400-percent"])
def test_r35_both_buttons_are_reachable_on_the_smallest_window(
    guests: Guests, tag: str, size: tuple[int, int]
) -> None:
    """320 px wide and 400 % zoom: both buttons are reachable, nothing scrolls sideways."""
    guest = guests(f"/{tag}/", width=size[0], height=size[1])
    page = guest.page
    assert guest.banner.evaluate("node => node.scrollWidth <= node.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for value in ("accept", "reject"):
        guest.button(value).scroll_into_view_if_needed()
        reached = guest.button(value).evaluate(
            """node => { const box = node.getBoundingClientRect();
              return box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight &&
                document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2) === node; }"""
        )
        assert reached, value
    guest.reject()
    assert guest.choice()["categories"] == {"analytics": False}


@every_language
def test_r36_it_is_a_named_region_with_native_boxes(guests: Guests, tag: str) -> None:
    """A named region with native, labelled checkboxes in a named group."""
    guest = guests(f"/{tag}/")
    page = guest.page
    name = squeezed(page.locator("#consent-title").inner_text())
    assert page.get_by_role("region", name=name, exact=True).count() == 1
    guest.press("choose")
    label = squeezed(page.locator("#consent label").inner_text())
    box = page.get_by_role("checkbox", name=label, exact=True)
    assert box.count() == 1
    assert box.evaluate("node => node.matches('input[type=checkbox]') && !node.hasAttribute('role')")
    assert page.get_by_role("group", name=squeezed(page.locator("#consent legend").inner_text())).count() == 1
    page.locator("#consent label").click()
    assert box.is_checked()


def test_r37_focus_returns_to_the_opener_or_main(guests: Guests) -> None:
    """Focus returns to what opened the settings, and to main when the page asked by itself."""
    focused = "document.activeElement.id || document.activeElement.dataset.open"
    for value in ("reject", "accept"):
        guest = guests("/en/cookies/")
        guest.button(value).focus()
        guest.page.keyboard.press("Enter")
        assert guest.page.evaluate(focused) == "main"
    page = guest.page
    for opener in (".colophon [data-open=consent]", "#choices [data-open=consent]"):
        for close in ("close", "accept", "save", "Escape"):
            page.locator(opener).focus()
            page.keyboard.press("Enter")
            assert page.evaluate(focused) == "consent-title"
            if close == "Escape":
                page.keyboard.press("Escape")
            else:
                guest.button(close).focus()
                page.keyboard.press("Enter")
            assert guest.banner.is_hidden()
            assert page.locator(opener).evaluate("node => node === document.activeElement"), (opener, close)


def test_r38_the_settings_link_is_at_the_same_place_everywhere(guests: Guests) -> None:
    """The settings link is at the same place on every page, under one name in each language."""
    guest = guests(None)
    places = set()
    for tag in LANGUAGES:
        names = set()
        for path in PAGES:
            page = guest.go(f"/{tag}/{path}")
            found = page.evaluate(
                """() => [...document.querySelectorAll('.colophon nav a')]
                   .map((link, index) => [index, link.dataset.open ?? '', link.textContent])"""
            )
            [(place, _, name)] = [row for row in found if row[1] == "consent"]
            places.add((place, len(found)))
            names.add(name)
        assert len(names) == 1
    assert len(places) == 1


_WATCH = """
window.watched = { moved: 0, largest: [] };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.watched.moved += entry.value;
}).observe({ type: 'layout-shift', buffered: true });
new PerformanceObserver((list) => {
  for (const { element } of list.getEntries()) {
    window.watched.largest.push(element?.closest('#consent') ? 'banner' : element?.tagName);
  }
}).observe({ type: 'largest-contentful-paint', buffered: true });
"""


@every_language
@pytest.mark.parametrize("path", ["", "privacy/"], ids=["home", "policy"])
def test_r39_nothing_moves_and_the_banner_is_not_the_largest(guests: Guests, tag: str, path: str) -> None:
    """No motion when reduced; layout shift 0; the banner is not the largest contentful paint."""
    for width, height in ((390, 844), (1280, 800)):
        guest = guests(None, width=width, height=height, reduced_motion="reduce")
        guest.visit.context.add_init_script(_WATCH)
        page = guest.go(f"/{tag}/{path}")
        guest.wait(lambda page=page: page.evaluate("watched.largest.length > 0"), "nothing was painted")  # type: ignore[misc]
        guest.settle()
        assert guest.banner.is_visible()
        found = page.evaluate("watched")
        assert found["moved"] == 0
        assert found["largest"][-1] != "banner", found
        assert page.evaluate("document.getAnimations().length") == 0
        guest.press("choose")
        assert page.evaluate("document.getAnimations().length") == 0


def _boxes(guests: Guests, tag: str, width: int) -> dict[str, Mapping[str, float]]:
    page = guests(f"/{tag}/", width=width).page
    found: dict[str, Mapping[str, float]] = {}
    for value in CONTROLS:
        box = page.locator(f"#consent button[value={value}]").bounding_box()
        assert box is not None
        found[value] = {"start": box["x"], "end": width - box["x"] - box["width"], "width": box["width"]}
    return found


@pytest.mark.parametrize("width", [390, 1280])
def test_r40_right_to_left_is_mirrored_with_equal_weight(guests: Guests, width: int) -> None:
    """Right to left the banner is mirrored, and Accept and Reject have equal weight."""
    english, arabic = _boxes(guests, "en", width), _boxes(guests, "ar", width)
    assert english["accept"]["start"] < english["reject"]["start"]
    assert arabic["accept"]["start"] > arabic["reject"]["start"]
    assert arabic["accept"]["width"] == pytest.approx(arabic["reject"]["width"], abs=0.1)
    guest = guests("/ar/", width=width)
    checks.accept_and_reject_are_equal(guest)
    assert guest.banner.evaluate("node => getComputedStyle(node).direction") == "rtl"
    # The text begins where the page begins: at the right.
    gaps = guest.page.locator("#consent-title").evaluate(
        """node => { const range = document.createRange(); range.selectNodeContents(node);
          const text = range.getBoundingClientRect();
          const box = document.getElementById('consent').getBoundingClientRect();
          return [text.left - box.left, box.right - text.right]; }"""
    )
    assert gaps[1] < gaps[0]


# ── without script, in the app, with the chat ───────────────────────────────────────────────────


@every_language
def test_r41_nothing_happens_without_script(guests: Guests, tag: str) -> None:
    """Without JavaScript: no banner, no third-party request, nothing stored, everything readable."""
    guest = guests(None, javascript=False)
    for path in ("", "privacy/", "cookies/"):
        page = guest.go(f"/{tag}/{path}")
        assert guest.banner.is_hidden()
        assert page.locator("main h1").is_visible()
        page.mouse.wheel(0, 5000)
    guest.settle()
    assert guest.hosts() == set()
    assert guest.cookies() == {}
    assert guest.page.locator(".inventory").is_visible()
    link = guest.go(f"/{tag}/").locator("main .stage a.button")
    assert link.get_attribute("href") == f"/{tag}/live/"
    link.click()
    guest.page.wait_for_url(f"**/{tag}/live/")
    assert guest.page.locator("main iframe").count() == 1


def test_r42_the_app_flavour_has_none_of_it(guests: Guests, built_site: Path) -> None:
    """The app flavour has no banner, no script, no analytics and no cookie code; it is not indexed."""
    pages = sorted((built_site / "app").glob("*/**/index.html"))
    assert {page.relative_to(built_site / "app").parts[0] for page in pages} == set(site_languages())
    guest = guests(None)
    for file in pages:
        path = "/" + file.parent.relative_to(built_site).as_posix() + "/"
        page = guest.go(path)
        assert (
            page.locator("#consent, script, iframe, [data-open], [data-when], form[action^=http]").count()
            == 0
        )
        assert page.locator("meta[name=robots]").get_attribute("content") == "noindex"
        canonical = page.locator("link[rel=canonical]").get_attribute("href") or ""
        assert canonical.endswith(path.removeprefix("/app"))
        assert page.locator("main h1").is_visible()
    guest.settle()
    assert guest.hosts() == set()
    assert not any(guest.stored().values())


@every_language
def test_r43_no_coomeet_request_before_the_click(guests: Guests, tag: str) -> None:
    """No CooMeet request before the click, whatever was chosen; then a titled frame gets the focus."""
    guest = guests(f"/{tag}/")
    guest.accept()
    guest.go(f"/{tag}/").mouse.wheel(0, 3000)
    guest.settle()
    assert guest.parties.coomeet == []
    page = guest.page
    page.locator("main .stage a.button").click()
    guest.wait(lambda: bool(guest.parties.coomeet), "the chat was not opened")
    [request] = guest.parties.coomeet
    assert request.url == config()["services"]["coomeet"]["embed_url"]
    assert request.referrer == guest.visit.origin + "/"
    assert page.locator("main iframe").get_attribute("title")
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"
    assert page.locator(".status").inner_text()


@every_language
def test_r43_the_page_of_the_chat_waits_for_the_click_too(guests: Guests, tag: str) -> None:
    """The live page, where search engines lead as well, asks CooMeet for nothing before the click either."""
    guest = guests(f"/{tag}/live/")
    guest.page.mouse.wheel(0, 3000)
    guest.settle()
    assert guest.parties.coomeet == []
    embed_url = config()["services"]["coomeet"]["embed_url"]
    link = guest.page.locator("main .stage a.button")
    assert link.get_attribute("href") == embed_url
    link.click()
    guest.wait(lambda: bool(guest.parties.coomeet), "the chat was not opened")
    [request] = guest.parties.coomeet
    assert request.url == embed_url
    assert guest.page.evaluate("document.activeElement.tagName") == "IFRAME"


@every_language
def test_r43_a_chat_that_does_not_come_is_said(guests: Guests, tag: str) -> None:
    """A frame that does not load in 15 seconds is reported in words; the link to the live page is there."""
    guest = guests(None)
    page = guest.page
    page.clock.install()
    guest.visit.context.route("https://coomeet.com/**", lambda route: None)  # never answered
    guest.go(f"/{tag}/").locator("main .stage a.button").click()
    status = page.locator(".status")
    loading = status.inner_text()
    page.clock.fast_forward(16_000)
    assert status.inner_text() == status.get_attribute("data-failed") != loading
    assert page.locator(f"main a[href='/{tag}/live/']").is_visible()


def test_r43_the_chat_gets_the_camera_and_no_other_page_does(browser: Browser, origin: str) -> None:
    """The delegation by header and `allow` lets the chat frame, and only that, ask for the camera."""
    switches = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with browser.browser_type.launch(executable_path=find_chromium(), args=[*ARGS, *switches]) as with_camera:
        guests = guests_of(with_camera, origin)
        guest = guests("/en/")
        page = guest.page
        page.locator("main .stage a.button").click()
        guest.wait(lambda: _chat_title(page) not in ("", "asking"), "the chat did not answer")
        assert _chat_title(page) == "camera: 2"
        guest.go("/en/privacy/")
        denied = (
            "navigator.mediaDevices.getUserMedia({ video: true }).then(() => 'given', ({ name }) => name)"
        )
        assert page.evaluate(denied) == "NotAllowedError"
        # The browser reports what was tried here, and nothing else.
        violations = [text for text in guests.violations() if "camera is not allowed" not in text]
        guests.close()
    assert not violations


def _chat_title(page: Page) -> str:
    frames = [frame for frame in page.frames if "coomeet.com" in frame.url]
    return frames[0].title() if frames else ""


#: Languages whose banners autoconsent's heuristics know: patterns for the question and for the button.
AUTOCONSENT = ("de", "en", "es", "fr", "it", "nl", "pl")


@pytest.mark.parametrize("tag", [tag for tag in config()["languages"] if tag in AUTOCONSENT])
def test_r44_an_auto_reject_tool_rejects(guests: Guests, tag: str) -> None:
    """DuckDuckGo's autoconsent finds the banner and rejects, in every language it knows."""
    guest = guests(None)
    page = guest.page
    said: list[dict[str, Any]] = []

    def answer(message: dict[str, Any]) -> None:
        said.append(message)
        if message["type"] == "init":
            response = {"type": "initResp", "config": _AUTOCONSENT, "rules": {"autoconsent": []}}
            page.evaluate("(message) => void autoconsentReceiveMessage(message)", response)

    page.expose_function("autoconsentSendMessage", answer)
    guest.go(f"/{tag}/privacy/")
    assert guest.banner.is_visible()
    page.evaluate(find_node_file("@duckduckgo/autoconsent/dist/autoconsent.playwright.js").read_text("utf-8"))
    guest.wait(lambda: guest.banner.is_hidden(), f"the tool did nothing: {said}", seconds=10)
    assert guest.choice()["categories"] == {"analytics": False}
    found = {message["type"]: message for message in said}
    assert found["popupFound"]["cmp"].startswith("HEURISTIC")
    assert guest.parties.google == []


_AUTOCONSENT = {
    "enabled": True,
    "autoAction": "optOut",
    "disabledCmps": [],
    "enablePrehide": False,
    "enableCosmeticRules": True,
    "enableGeneratedRules": False,
    "detectRetries": 20,
    "isMainWorld": False,
    "prehideTimeout": 2000,
    "enableHeuristicDetection": True,
    "heuristicMode": "reject",
    "heuristicPopupSearchTimeout": 1000,
    "logs": {},
}
