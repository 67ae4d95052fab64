"""Rules on what a translator is not trusted with: markup, links, placeholders, invisibles. Never waived."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from policysite.core import urls
from policysite.core.markdown import PLACEHOLDER
from policysite.translate.rules.columns import Rows, Table
from policysite.translate.rules.scope import FORMAT, Finding, Pair
from policysite.translate.words import REMEMBERED

_FORBIDDEN = re.compile(r"\{:|\[TOC\]|[\x00-\x08\x0b-\x1f\x7f\ue000-\uf8ff]")
_TAG = re.compile(r"</?[a-zA-Z][^\s<>]*|<!--|<\?|<!\[")
#: Bidi controls, zero-width and other invisibles. ZWNJ and ZWJ (U+200C, U+200D) are letters of some scripts.
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_JOINERS = re.compile("[\u200c\u200d]")
_JOINER_SCRIPTS = frozenset(
    {
        *("Arab", "Aran", "Beng", "Deva", "Gujr", "Guru", "Knda", "Mlym", "Orya", "Sinh", "Taml", "Telu"),
        *("Khmr", "Mymr", "Mong", "Tibt"),
    }
)


def other_tags(table: Table) -> Rows:
    """Where `markup` finds something."""
    theirs, ours = table.english.facets, table.facets
    return {
        row
        for row in table.english.marked | ours.keys()
        if theirs[row].tags != (ours[row].tags if row in ours else ())
    }


def markup(pair: Pair) -> Iterator[Finding]:
    """T101: both sides render to the same multiset of elements."""
    if not pair.markdown:
        return
    ours, theirs = pair.ours, pair.theirs
    if ours.tags != theirs.tags:
        yield (
            "T101",
            f"the translation has {_tags(ours.tags)}, its source {_tags(theirs.tags)}",
            "keep **bold**, *emphasis*, links and code of the source, as many of each",
        )


def _tags(tags: Sequence[tuple[str, int]]) -> str:
    names = {
        "strong": "bold",
        "em": "emphasis",
        "a": "link",
        "code": "code",
        "br": "line break",
        "img": "image",
    }
    return ", ".join(f"{count} × {names.get(tag, tag)}" for tag, count in tags) or "no markup"


def other_links(table: Table) -> Rows:
    """Where `links` may find something."""
    theirs, ours = table.english.facets, table.facets
    return {
        row
        for row in table.english.marked | ours.keys()
        if (theirs[row].links, theirs[row].images)
        != ((ours[row].links, ours[row].images) if row in ours else ((), ()))
    }


def links(pair: Pair) -> Iterator[Finding]:
    """T102: the same targets, as often."""
    if not pair.markdown:
        return
    ours, theirs = ((*found.links, *found.images) for found in (pair.ours, pair.theirs))
    if ours != theirs:
        lacking = Counter(theirs) - Counter(ours)
        extra = Counter(ours) - Counter(theirs)
        detail = [f"{target} is missing" for target in lacking] + [
            f"{target} is not in the source" for target in extra
        ]
        yield "T102", f"links differ: {'; '.join(detail)}", "copy the target in ( ) from the source as it is"


def other_placeholders(table: Table) -> Rows:
    """Where `placeholders` finds something."""
    rows = table.english.placeholders | table.targets.holding("{{", "%(")
    theirs, ours = table.english.texts, table.targets.texts
    return {row for row in rows if _named(ours[row]) != _source_named(theirs[row])}


def _named(text: str) -> tuple[list[str], list[str]]:
    """The names of a text's placeholders, of either kind."""
    return sorted(PLACEHOLDER.findall(text)), sorted(FORMAT.findall(text)) if "%(" in text else []


@lru_cache(maxsize=REMEMBERED)
def _source_named(text: str) -> tuple[list[str], list[str]]:
    """`_named` of an English text, remembered. Not to be changed."""
    return _named(text)


def placeholders(pair: Pair) -> Iterator[Finding]:
    """T103: the same `{{ name }}`, and for interface texts the same `%(name)s`."""
    for mark, pattern, shape in (("{{", PLACEHOLDER, "{{{{ {} }}}}"), ("%(", FORMAT, "%({})s")):
        if mark not in pair.target and mark not in pair.source:
            continue
        ours = Counter(pattern.findall(pair.target))
        theirs = Counter(pattern.findall(pair.source))
        if ours != theirs:
            lacking = [shape.format(name) + " is missing" for name in theirs - ours]
            extra = [shape.format(name) + " is not in the source" for name in ours - theirs]
            yield (
                "T103",
                f"placeholders differ: {'; '.join(lacking + extra)}",
                "copy placeholders as they are",
            )


def plural_placeholders(pair: Pair) -> Iterator[Finding]:
    """T103 for a plural form, which may leave out the number (“one day”) but not name anything else."""
    for name in Counter(FORMAT.findall(pair.target)) - Counter(FORMAT.findall(pair.source)):
        yield "T103", f"placeholders differ: %({name})s is not in the source", "copy placeholders as they are"


def may_be_forbidden(table: Table) -> Rows:
    """Where a translation holds what all findings of `forbidden` begin with."""
    return table.odd | table.targets.holding("<", "{:", "[TOC]")


def forbidden(pair: Pair) -> Iterator[Finding]:
    """T104: HTML, attribute lists, control characters."""
    for match in _FORBIDDEN.finditer(pair.target):
        shown = match.group() if match.group().isprintable() else f"U+{ord(match.group()):04X}"
        yield "T104", f"“{shown}” is not allowed in a translation", "remove it"
    if "<" in pair.target and not _TAG.search(pair.source):
        for match in _TAG.finditer(pair.target):
            yield "T104", f"HTML ({match.group()}…) is not allowed in a translation", "remove it"


#: Every match of `urls.OBFUSCATED_EMAIL` holds one of the two. (`re` finds a class of letters faster than a
#: letter of either case.)
_OBFUSCATED = re.compile(r"[\[(]\s*(?:[aA][tT]|@)\s*[\])]")
_PROTECTED = re.compile("[pP][rR][oO][tT][eE][cC][tT][eE][dD]")


def may_be_obfuscated(table: Table) -> Rows:
    """Where a translation holds the word that takes the place of an address, or an “at” in brackets."""
    return table.targets.matching(_PROTECTED) | table.targets.matching(_OBFUSCATED)


def emails(pair: Pair) -> Iterator[Finding]:
    """T105: never “[email protected]”."""
    match = urls.OBFUSCATED_EMAIL.search(pair.target)
    if match and not urls.OBFUSCATED_EMAIL.search(pair.source):
        yield "T105", f"the e-mail address is obfuscated: “{match.group()}”", "use the source's link"


#: Letters that keyboards make and that normal form C takes apart (its composition exclusions): the reader
#: sees no difference, and searching and matching here go by normal form C.
_TAKEN_APART = re.compile("[\u0958-\u095f\u09dc\u09dd\u09df\u0a33\u0a36\u0a59-\u0a5b\u0a5e\u0b5c\u0b5d]")


def _as_typed(text: str) -> bool:
    """Whether a text is in normal form C, but for such letters."""
    plain = _TAKEN_APART.sub(lambda match: unicodedata.normalize("NFC", match.group()), text)
    return unicodedata.is_normalized("NFC", plain)


def may_be_invisible(table: Table) -> Rows:
    """Where `invisible` has anything to look at."""
    rows = table.not_normal
    if rows and _as_typed(table.targets.joined):
        rows = frozenset()
    return table.odd | rows


def invisible(pair: Pair) -> Iterator[Finding]:
    """T108: bidi controls, zero-width characters, text that is not NFC."""
    if pair.target.isascii():
        return
    for match in _INVISIBLE.finditer(pair.target):
        name = unicodedata.name(match.group(), "unnamed")
        yield "T108", f"invisible character U+{ord(match.group()):04X} ({name})", "delete it"
    if pair.scope.language.script not in _JOINER_SCRIPTS and _JOINERS.search(pair.target):
        yield "T108", "a zero-width joiner, which this script does not use", "delete it"
    if not _as_typed(pair.target):
        yield (
            "T108",
            "the text is not in Unicode normal form C",
            "type it again, or let your editor normalise it to NFC",
        )
