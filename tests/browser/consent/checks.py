"""Lines of the consent checklist as functions of a site: `test_checklist.py` calls them on the shipped site,
`test_hostile.py` on sites with one thing wrong, where they must fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page

from tests.browser.consent.guests import Guest, Guests, declared

PAGES = ("", "live/", "privacy/", "cookies/", "terms/", "delete-data/", "contact/", "404.html")
CONTROLS = ("accept", "reject", "choose")

_LOOK = """node => { const style = getComputedStyle(node); return Object.fromEntries(
  ['color', 'backgroundColor', 'borderTopColor', 'borderTopWidth', 'borderTopStyle', 'borderTopLeftRadius',
   'fontSize', 'fontWeight', 'fontFamily', 'textDecorationLine', 'textTransform', 'boxShadow', 'opacity']
  .map(name => [name, style[name]])); }"""

_FOCUS = """() => { const node = document.activeElement; return {
  tag: node.tagName, id: node.id, value: node.value ?? '', href: node.getAttribute('href') ?? '',
  inside: !!node.closest('#consent') }; }"""


def no_third_party_before_a_choice(guests: Guests, tag: str) -> Guest:
    """R1: three pages and scrolling; gives the guest, for what else was not done."""
    guest = guests(f"/{tag}/")
    for path in ("privacy/", "cookies/", ""):
        page = guest.go(f"/{tag}/{path}")
        page.mouse.move(300, 300)
        for _ in range(3):
            page.mouse.wheel(0, 2500)
        guest.settle()
    assert guest.hosts() == set(), f"R1: asked before a choice: {sorted(guest.hosts())}"
    assert guest.parties.seen == []
    return guest


def nothing_stored_before_a_choice(guest: Guest) -> None:
    """R2"""
    kept = {kind: names for kind, names in guest.stored().items() if names}
    assert not kept, f"R2: stored before a choice: {kept}"


def nothing_undeclared(guest: Guest, where: str) -> None:
    """The crawl: cookies, storage keys and hosts are those of config.yaml."""
    wrong = declared().undeclared(guest)
    assert not wrong, f"{where}: not declared in config.yaml: {wrong}"


def reject_is_a_button_beside_accept(guest: Guest) -> None:
    """R3"""
    boxes = []
    for value in ("accept", "reject"):
        button = guest.button(value)
        assert button.count() == 1, f"R3: {button.count()} buttons “{value}”"
        assert button.is_visible(), f"R3: “{value}” is not on the first layer"
        assert button.evaluate("node => node.tagName") == "BUTTON"
        box = button.bounding_box()
        assert box is not None
        boxes.append(box)
    first, second = boxes
    assert first["y"] == second["y"], "R3: not side by side"
    gap = max(first["x"], second["x"]) - min(first["x"], second["x"]) - first["width"]
    assert 0 <= gap <= 24, f"R3: {gap} px between them"


def reject_is_no_link_in_prose(guest: Guest) -> None:
    """R4"""
    button = guest.button("reject")
    assert button.is_visible(), "R4: no Reject on the first layer"
    assert button.evaluate("node => !node.closest('p, a, li, small')"), "R4: inside prose"
    assert button.evaluate("node => getComputedStyle(node).textDecorationLine") == "none", (
        "R4: looks like a link"
    )
    background = button.evaluate("node => getComputedStyle(node).backgroundColor")
    assert background not in ("transparent", "rgba(0, 0, 0, 0)"), "R4: looks like text"


def accept_and_reject_are_equal(guest: Guest) -> None:
    """R5: at rest, under the pointer and with focus."""
    sizes, rest, hovered = [], [], []
    for value in ("accept", "reject"):
        button = guest.button(value)
        box = button.bounding_box()
        assert box is not None, f"R5: “{value}” is not on the first layer"
        sizes.append((round(box["width"], 1), round(box["height"], 1)))
        guest.page.mouse.move(0, 0)
        rest.append(button.evaluate(_LOOK))
        button.hover()
        hovered.append(button.evaluate(_LOOK))
    assert sizes[0] == sizes[1], f"R5: sizes differ: {sizes}"
    assert rest[0] == rest[1], f"R5: {_difference(rest)}"
    assert hovered[0] == hovered[1], f"R5: {_difference(hovered)}"


def _difference(looks: Sequence[dict[str, str]]) -> dict[str, tuple[str, str]]:
    return {name: (looks[0][name], looks[1][name]) for name in looks[0] if looks[0][name] != looks[1][name]}


def one_action_each(guests: Guests, tag: str) -> None:
    """R6"""
    for value, agreed in (("accept", True), ("reject", False)):
        guest = guests(f"/{tag}/")
        assert guest.button(value).is_visible(), f"R6: “{value}” takes more than one action"
        guest.press(value)
        assert guest.banner.is_hidden()
        assert guest.choice()["categories"] == {"analytics": agreed}


def nothing_is_ticked(guest: Guest) -> None:
    """R7: neither when the boxes are shown nor in the page as it came; saving at once grants nothing."""
    guest.press("choose")
    boxes = guest.page.locator("#consent input")
    assert boxes.count() >= 1
    for index in range(boxes.count()):
        assert not boxes.nth(index).is_checked(), "R7: ticked beforehand"
        assert not boxes.nth(index).evaluate("node => node.defaultChecked"), "R7: ticked in the page"
    guest.press("save")
    assert set(guest.choice()["categories"].values()) == {False}, (
        "R7: saving without a tick granted something"
    )
    guest.settle()
    assert guest.parties.google == []


def no_trap(guest: Guest) -> None:
    """R31: Tab leaves the banner at both ends, in both of its layers, and nothing is modal."""
    page = guest.page
    modal = page.locator("[aria-modal], [role=dialog], [role=alertdialog], dialog[open], [inert]")
    assert modal.count() == 0, "R31: modal"
    assert page.locator("main").evaluate("node => !node.closest('[aria-hidden=true]')")
    for layer in ("first", "settings"):
        if layer == "settings":
            guest.press("choose")
        guest.button("reject").focus()
        assert _leaves(page, "Tab"), f"R31: Tab does not leave the {layer} layer"
        guest.button("accept").focus()
        assert _leaves(page, "Shift+Tab"), f"R31: Shift+Tab does not leave the {layer} layer"


def _leaves(page: Page, key: str) -> bool:
    for _ in range(10):
        page.keyboard.press(key)
        page.wait_for_timeout(30)  # a trap may take the focus back a moment later
        if not page.evaluate(_FOCUS)["inside"]:
            return True
    return False


def stops(page: Page, count: int) -> list[dict[str, Any]]:
    """Where the focus is after each Tab."""
    found = []
    for _ in range(count):
        page.keyboard.press("Tab")
        found.append(page.evaluate(_FOCUS))
    return found


#: Contrast of what is painted, by the formula of WCAG; colours of any notation through a canvas.
COLOURS = """
const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const rgba = (text) => {
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = text;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const ground = (node) => {
  for (; node; node = node.parentElement) {
    const colour = rgba(getComputedStyle(node).backgroundColor);
    if (colour[3] === 1) return colour;
  }
  return [255, 255, 255, 1];
};
const light = (colour) => colour.slice(0, 3).map((value) => value / 255)
  .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
  .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
const contrast = (one, other) => {
  const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
"""

TEXT_CONTRAST = f"""() => {{ {COLOURS}
  const walker = document.createTreeWalker(document.getElementById('consent'), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {{
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility()) continue;
    found.push([walker.currentNode.data.trim(), contrast(rgba(getComputedStyle(node).color), ground(node))]);
  }}
  return found;
}}"""

FOCUS_RING = f"""() => {{ {COLOURS}
  const node = document.activeElement;
  const style = getComputedStyle(node);
  const banner = document.getElementById('consent');
  return {{ style: style.outlineStyle, width: parseFloat(style.outlineWidth),
    contrast: contrast(rgba(style.outlineColor), ground(banner)),
    edge: contrast(ground(node), ground(banner)) }};
}}"""


def nothing_but_a_button_grants(guests: Guests, tag: str) -> Guest:
    """R8, R29: scrolling, navigation, Escape, Close and a click beside the banner are no agreement."""
    guest = guests(f"/{tag}/")
    page = guest.page
    page.mouse.wheel(0, 4000)
    guest.settle()
    _no_grant(guest, "scrolling")
    guest.go(f"/{tag}/privacy/")
    page.locator("main h1").click()
    _no_grant(guest, "a click in the page")
    page.locator(f".menu a[href='/{tag}/cookies/']").click()
    page.wait_for_url(f"**/{tag}/cookies/")
    assert guest.banner.is_visible(), "R8: navigation took the question away"
    _no_grant(guest, "navigation")
    guest.button("accept").focus()
    page.keyboard.press("Escape")
    _no_grant(guest, "Escape")
    page.reload()
    guest.press("choose")
    page.locator("#consent input").first.check()
    guest.press("close")
    assert guest.banner.is_hidden()
    guest.settle()
    _no_grant(guest, "Close, even with a box ticked")
    page.reload()
    assert guest.banner.is_visible(), "R29: closing was taken for an answer"
    return guest


def _no_grant(guest: Guest, what: str) -> None:
    assert guest.choice() is None, f"R8: {what} was taken for an answer"
    assert guest.parties.google == [], f"R8: {what} called Google"
