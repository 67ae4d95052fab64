"""Edits no translator has to see: another link target, other white space. Pure.

A text is rendered and read as an outline: its tags, its words, and its targets apart. Two texts with one
outline say the same; the translation of the one serves the other once its targets are exchanged. The result
is rendered again, so a translation is carried over only where the exchange is proved.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from html.parser import HTMLParser

from msgspec import Struct

from policysite.core.markdown import PLACEHOLDER, inline

_GUARDED = re.compile("\ue010([^\ue011]*)\ue011")
_TARGET_ATTRIBUTES = {"a": "href", "img": "src"}
_SPACE = re.compile(r"\s+")
_TARGET = re.compile(r"\]\((?:[^()\n]|\([^()\n]*\))*")
_ADDRESS = re.compile(r"https?://[^\s)>\]]+|[\w.+-]+@[\w.-]+\w")
#: Stands in an outline for words that are themselves the target (an address written out).
_SHOWN = "\ue012"


class Outline(Struct, frozen=True):
    """What a text says: tags and words in order without targets, and its link and image targets in order."""

    events: tuple[str, ...]
    targets: tuple[str, ...]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[str] = []
        self.targets: list[str] = []
        self._link = ""  # target of the open link
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        found = {name: value or "" for name, value in attrs}
        target = found.pop(_TARGET_ATTRIBUTES.get(tag, ""), None)
        if target is not None:
            self.targets.append(target)
            if tag == "a":
                self._link = target
        self.events.append(f"<{tag} {sorted(found.items())}>")

    def handle_endtag(self, tag: str) -> None:
        self._flush()
        if tag == "a":
            self._link = ""
        self.events.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._words += data

    def _flush(self) -> None:
        words, self._words = _SPACE.sub(" ", self._words), ""
        if words:
            self.events.append(_SHOWN if self._link and words == shown(self._link) else words)

    def close(self) -> None:
        super().close()
        self._flush()


def shown(target: str) -> str:
    """A link's target as it is written out in a text: an e-mail address goes without its scheme."""
    return target.removeprefix("mailto:")


@lru_cache(maxsize=4096)
def outline(raw: str) -> Outline:
    """The outline of inline Markdown. Placeholders in targets and words stay, as `{{ name }}`."""
    reader = _Reader()
    reader.feed(inline(PLACEHOLDER.sub("\ue010\\1\ue011", raw.strip())))
    reader.close()

    def restored(text: str) -> str:
        return _GUARDED.sub("{{ \\1 }}", text)

    return Outline(tuple(map(restored, reader.events)), tuple(map(restored, reader.targets)))


def bare(raw: str) -> str:
    """A text without targets and with single spaces: equal for all texts that may have one outline. Cheap."""
    return _SPACE.sub(" ", _ADDRESS.sub(" ", PLACEHOLDER.sub(" ", _TARGET.sub("](", raw)))).strip()


def carried(old: str, new: str, translation: str) -> str | None:
    """The translation of `old` with the link targets of `new`, or None where a person has to look.

    A person has to look when the two say different things, when one old target became two, and when the
    translation does not link what its source links.
    """
    was, now = outline(old), outline(new)
    if was.events != now.events:
        return None
    moves: dict[str, str] = {}
    for before, after in zip(was.targets, now.targets, strict=True):
        if moves.setdefault(before, after) != after:
            return None
    theirs = outline(translation)
    if Counter(theirs.targets) != Counter(was.targets):
        return None
    changes = {before: after for before, after in moves.items() if before != after}
    if not changes:
        return translation
    text = _exchanged(translation, changes)
    result = outline(text)
    if result.events != theirs.events or Counter(result.targets) != Counter(now.targets):
        return None
    return text


def _exchanged(text: str, changes: Mapping[str, str]) -> str:
    """The text with other targets, all at once: in `](…)`, in `<…>`, and where a link shows its address."""
    forms = {**{shown(old): shown(new) for old, new in changes.items()}, **changes}
    by_length = sorted(forms, key=len, reverse=True)
    names = "|".join(_pattern(form) for form in by_length)
    # The groups of the alternatives tell which one matched, whatever the spaces inside its `{{ }}`.
    pattern = re.compile(rf"(?P<mark>\]\(<?|<|\[)(?:{names})(?=[>)\]\s])")

    def put(match: re.Match[str]) -> str:
        index = next(at for at, found in enumerate(match.groups()[1:]) if found is not None)
        return match["mark"] + forms[by_length[index]]

    return pattern.sub(put, text)


def _pattern(form: str) -> str:
    """A group that matches a target as it may be written in Markdown."""
    parts = re.split(r"(\{\{ [^{}]+ \}\})", form)
    spelled = (
        r"\{\{\s*" + re.escape(part[3:-3]) + r"\s*\}\}" if part.startswith("{{ ") else re.escape(part)
        for part in parts
    )
    return "(" + "".join(spelled) + ")"
