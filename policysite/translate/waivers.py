"""Waivers in a catalog: `# check: ignore T106 – reason`, a comment that silences a rule for one message.

A waiver needs a reason and holds for its message only. What a translator is not trusted with is never waived.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from policysite.core.diagnostics import CODES, Diagnostic, Place, did_you_mean, place_in, problem
from policysite.core.model import Catalog, Message

_MARK = re.compile(r"\s*check\s*:", re.IGNORECASE)
_WAIVER = re.compile(
    r"\s*check\s*:\s*ignore\s+([A-Za-z]\d+(?:[\s,]+[A-Za-z]\d+)*)\s*(?:[–—:-]+\s*(.*))?\Z", re.I
)
HINT = "write it as: # check: ignore T106 – reason"

#: Security rules: a translation that breaks one is refused, whatever its comment says.
NEVER = frozenset({"T101", "T102", "T103", "T104", "T105", "T108"})

#: What one message can be excused from: every rule on translations but those of `NEVER`.
WAIVABLE = frozenset(
    {
        *("T106", "T107", "T109", "T110"),
        *("T301", "T302", "T303", "T304", "T305", "T306", "T307", "T308", "T309", "T310"),
        *("T311", "T312", "T313", "T314", "T316"),
    }
)


class Waiver(Struct, frozen=True):
    """One code that one message is excused from, and the line that says so."""

    code: str
    place: Place


def waivers_of(catalog: Catalog, message: Message) -> tuple[tuple[Waiver, ...], tuple[Diagnostic, ...]]:
    """The waivers of a message. Returns (waivers, problems: T111 and T112)."""
    found: list[Waiver] = []
    problems: list[Diagnostic] = []
    for comment in message.user_comments:
        if _MARK.match(comment):
            place = _place(catalog, message, comment)
            problems += _read(comment, place, found)
    return tuple(found), tuple(problems)


def _read(comment: str, place: Place, found: list[Waiver]) -> Iterator[Diagnostic]:
    match = _WAIVER.match(comment)
    if match is None:
        yield problem("T111", place, "this waiver cannot be read", HINT)
        return
    codes, reason = re.split(r"[\s,]+", match.group(1).upper()), (match.group(2) or "").strip()
    if not reason:
        yield problem("T111", place, "this waiver gives no reason", HINT)
        return
    for code in codes:
        if code in WAIVABLE:
            found.append(Waiver(code, place))
        elif code in NEVER:
            yield problem(
                "T112",
                place,
                f"{code} ({CODES[code][1]}) guards the site and cannot be waived",
                "correct the translation and remove the waiver",
            )
        elif code in CODES:
            yield problem("T111", place, f"{code} is no rule on one message", f"codes: {_names()}")
        else:
            yield problem("T111", place, f"there is no code {code}", did_you_mean(code, WAIVABLE, HINT))


def _names() -> str:
    return ", ".join(sorted(WAIVABLE))


def _place(catalog: Catalog, message: Message, comment: str) -> Place:
    """The line of a comment: above the message, as far as its entry reaches."""
    lines = catalog.text.split("\n")
    for number in range(message.line - 1, 0, -1):
        row = lines[number - 1].strip()
        if not row:
            break
        if row.startswith("#") and row[1:].strip() == comment.strip():
            return place_in(catalog.path, catalog.text, number, 1)
    return place_in(catalog.path, catalog.text, message.line, 1)
