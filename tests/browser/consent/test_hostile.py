"""Sites with one thing wrong, each made of this project by one small change: the checks must notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.consent import checks
from tests.browser.consent.guests import Guest, Guests, build, guests_of, replaced, sources
from tests.helpers import cdn, projects

BANNER = "templates/banner.html"
BASE = "templates/base.html"
SCRIPT = "assets/js/consent.js"
STYLE = "assets/css/site.css"

REJECT = '<button type="button" class="button" value="reject">'


def pre_ticked(files: Mapping[str, bytes]) -> dict[str, bytes]:
    hidden = replaced(files, BANNER, '<input type="checkbox"', '<input type="checkbox" checked')
    return replaced(
        hidden, SCRIPT, "box.checked = states[box.name];", "box.checked = states[box.name] ?? true;"
    )


def smaller_reject(files: Mapping[str, bytes]) -> dict[str, bytes]:
    rule = (
        ".answers [value=reject] { transform: none; font-size: .75rem; justify-self: center; }\n  .signal {"
    )
    return replaced(files, STYLE, ".signal {", rule)


def paler_reject(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return replaced(
        files, STYLE, ".signal {", ".answers [value=reject]:hover { background: var(--tint); }\n  .signal {"
    )


def reject_as_link(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return replaced(files, BANNER, REJECT, REJECT.replace('"button" value', '"plain" value'))


def reject_on_the_second_layer(files: Mapping[str, bytes]) -> dict[str, bytes]:
    hidden = REJECT.replace(' value="reject"', ' value="reject" data-when="choosing:true" hidden')
    return replaced(files, BANNER, REJECT, hidden)


def focus_trap(files: Mapping[str, bytes]) -> dict[str, bytes]:
    trap = """banner.addEventListener("focusout", ({ relatedTarget }) => {
  if (!banner.contains(relatedTarget)) setTimeout(() => banner.querySelector("button").focus());
});
"""
    return {**files, SCRIPT: files[SCRIPT] + trap.encode()}


def granted_by_scrolling(files: Mapping[str, bytes]) -> dict[str, bytes]:
    line = '\naddEventListener("scroll", () => choice ?? save(() => true));\n'
    return {**files, SCRIPT: files[SCRIPT] + line.encode()}


def early_frame(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Analytics starts without an answer: the frame is added, and it does not ask either."""
    eager = replaced(
        files, SCRIPT, "if (analytics && states.analytics && !running)", "if (analytics && !running)"
    )
    kept = replaced(eager, SCRIPT, "running && !states.analytics", "false")
    return replaced(kept, "assets/js/analytics.js", "else if (agreed())", "else")


def stored_early(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {**files, SCRIPT: files[SCRIPT] + b'\nsessionStorage.seen = "yes";\n'}


@contextmanager
def site(folder: Path, browser: Browser, files: Mapping[str, bytes]) -> Iterator[Guests]:
    with cdn.serve(build(files, folder)) as origin:
        guests = guests_of(browser, origin)
        try:
            yield guests
        finally:
            guests.close()


def first_page(check: Callable[[Guest], None]) -> Callable[[Guests], None]:
    return lambda guests: check(guests("/en/"))


def r1(guests: Guests) -> None:
    checks.no_third_party_before_a_choice(guests, "en")


def r2(guests: Guests) -> None:
    checks.nothing_stored_before_a_choice(checks.no_third_party_before_a_choice(guests, "en"))


def r6(guests: Guests) -> None:
    checks.one_action_each(guests, "en")


def r8(guests: Guests) -> None:
    checks.nothing_but_a_button_grants(guests, "en")


VARIANTS = [
    (pre_ticked, "R7", first_page(checks.nothing_is_ticked)),
    (smaller_reject, "R5", first_page(checks.accept_and_reject_are_equal)),
    (paler_reject, "R5", first_page(checks.accept_and_reject_are_equal)),
    (reject_as_link, "R4", first_page(checks.reject_is_no_link_in_prose)),
    (reject_on_the_second_layer, "R3", first_page(checks.reject_is_a_button_beside_accept)),
    (reject_on_the_second_layer, "R6", r6),
    (focus_trap, "R31", first_page(checks.no_trap)),
    (granted_by_scrolling, "R8", r8),
    (early_frame, "R1", r1),
    (stored_early, "R2", r2),
]


@pytest.mark.parametrize(
    ("change", "line", "check"), VARIANTS, ids=[f"{change.__name__}-{line}" for change, line, _ in VARIANTS]
)
def test_a_hostile_variant_is_noticed(
    tmp_path: Path,
    browser: Browser,
    change: Callable[[Mapping[str, bytes]], dict[str, bytes]],
    line: str,
    check: Callable[[Guests], None],
) -> None:
    with (
        site(tmp_path, browser, change(sources())) as guests,
        pytest.raises(AssertionError, match=rf"^{line}: "),
    ):
        check(guests)


GTAG = '<script async src="https://www.googletagmanager.com/gtag/js?id=G-EXAMPLE000"></script>\n'
PIXEL = '<img src="https://ads.example/pixel.gif" alt="">\n'


@pytest.mark.parametrize("added", [GTAG, PIXEL], ids=["early-gtag", "undeclared-host"])
def test_the_build_refuses_a_foreign_address_in_a_template(added: str) -> None:
    site, problems = projects.built(replaced(sources(), BASE, "</footer>", added + "</footer>"))
    assert not site
    assert any("https://" in str(problem) for problem in problems)


def smuggled(folder: Path, added: str, *, headers: bool) -> Path:
    """What the build refuses, put into the finished pages; with `headers=False` without their policy too."""
    site = build(sources(), folder)
    for page in site.glob("en/**/*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace("</footer>", added + "</footer>"), encoding="utf-8")
    if not headers:
        (site / "_headers").unlink()
    return site


@pytest.mark.parametrize("added", [GTAG, PIXEL], ids=["early-gtag", "undeclared-host"])
def test_a_foreign_address_in_the_finished_pages_is_noticed(
    tmp_path: Path, browser: Browser, added: str
) -> None:
    with cdn.serve(smuggled(tmp_path, added, headers=False)) as origin:
        guests = guests_of(browser, origin)
        with pytest.raises(AssertionError, match=r"^R1: "):
            r1(guests)
        if added is PIXEL:
            guest = guests("/en/")
            with pytest.raises(AssertionError, match=r"host ads\.example"):
                checks.nothing_undeclared(guest, "/en/")
        guests.close()


def test_the_headers_stop_what_was_smuggled_in_and_the_recorder_sees_it(
    tmp_path: Path, browser: Browser
) -> None:
    with cdn.serve(smuggled(tmp_path, GTAG + PIXEL, headers=True)) as origin:
        guests = guests_of(browser, origin)
        guest = guests("/en/privacy/")
        guest.settle()
        assert guest.parties.seen == []
        seen = " ".join(guests.violations())
        guests.close()
    for host in ("www.googletagmanager.com", "ads.example"):
        assert (
            f"policy violation: script-src-elem https://{host}" in seen or f"img-src https://{host}" in seen
        )
