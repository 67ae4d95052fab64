"""Rules on translations: what a catalog may not say. One function a rule, all of them in `RULES`.

A translator is not trusted with markup: a translation may only rearrange what its source has. Every rule
takes a `Pair` and yields (code, message, hint); `check_catalog` adds the place.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from gettext import c2py

from policysite.core import urls
from policysite.core.diagnostics import Diagnostic, place_in, problem
from policysite.core.locales import LATIN_DIGITS
from policysite.core.markdown import PLACEHOLDER
from policysite.core.model import Catalog, Language
from policysite.translate.inlines import References, facets


@dataclass(frozen=True, slots=True)
class Pair:
    """A source text and its translation. markdown is False for interface texts, which are plain."""

    source: str
    target: str
    language: Language
    protected: tuple[str, ...]
    references: References
    markdown: bool


_Finding = tuple[str, str, str]
_Rule = Callable[[Pair], Iterator[_Finding]]

_FORMAT = re.compile(r"%\((\w+)\)[sd]")
_URLISH = re.compile(r"https?://\S+|\]\([^)]*\)|`[^`]*`|%\(\w+\)[sd]")
_NUMBER = re.compile(r"\d+(?:[.,٫٬]\d+)*")
_FORBIDDEN = re.compile(r"\{:|\[TOC\]|[\x00-\x08\x0b-\x1f\x7f\ue000-\uf8ff]")
_TAG = re.compile(r"</?[a-zA-Z][^\s<>]*|<!--|<\?|<!\[")
#: Bidi controls, zero-width and other invisibles. ZWNJ and ZWJ (U+200C, U+200D) are letters of some scripts.
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_JOINERS = re.compile("[\u200c\u200d]")
_JOINER_SCRIPTS = frozenset(
    {
        "Arab",
        "Aran",
        "Beng",
        "Deva",
        "Gujr",
        "Guru",
        "Knda",
        "Mlym",
        "Orya",
        "Sinh",
        "Taml",
        "Telu",
        "Khmr",
        "Mymr",
        "Mong",
        "Tibt",
    }
)


def markup(pair: Pair) -> Iterator[_Finding]:
    """T101: both sides render to the same multiset of elements."""
    if not pair.markdown:
        return
    ours, theirs = facets(pair.target, pair.references), facets(pair.source, pair.references)
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


def links(pair: Pair) -> Iterator[_Finding]:
    """T102: the same targets, as often."""
    if not pair.markdown:
        return
    ours, theirs = (
        (*found.links, *found.images)
        for found in (facets(pair.target, pair.references), facets(pair.source, pair.references))
    )
    if ours != theirs:
        lacking = Counter(theirs) - Counter(ours)
        extra = Counter(ours) - Counter(theirs)
        detail = [f"{target} is missing" for target in lacking] + [
            f"{target} is not in the source" for target in extra
        ]
        yield "T102", f"links differ: {'; '.join(detail)}", "copy the target in ( ) from the source as it is"


def placeholders(pair: Pair) -> Iterator[_Finding]:
    """T103: the same `{{ name }}`, and for interface texts the same `%(name)s`."""
    for pattern, shape in ((PLACEHOLDER, "{{{{ {} }}}}"), (_FORMAT, "%({})s")):
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


def plural_placeholders(pair: Pair) -> Iterator[_Finding]:
    """T103 for a plural form, which may leave out the number (“one day”) but not name anything else."""
    for name in Counter(_FORMAT.findall(pair.target)) - Counter(_FORMAT.findall(pair.source)):
        yield "T103", f"placeholders differ: %({name})s is not in the source", "copy placeholders as they are"


def forbidden(pair: Pair) -> Iterator[_Finding]:
    """T104: HTML, attribute lists, control characters."""
    for match in _FORBIDDEN.finditer(pair.target):
        shown = match.group() if match.group().isprintable() else f"U+{ord(match.group()):04X}"
        yield "T104", f"“{shown}” is not allowed in a translation", "remove it"
    if not _TAG.search(pair.source):
        for match in _TAG.finditer(pair.target):
            yield "T104", f"HTML ({match.group()}…) is not allowed in a translation", "remove it"


def emails(pair: Pair) -> Iterator[_Finding]:
    """T105: never “[email protected]”."""
    match = urls.OBFUSCATED_EMAIL.search(pair.target)
    if match and not urls.OBFUSCATED_EMAIL.search(pair.source):
        yield "T105", f"the e-mail address is obfuscated: “{match.group()}”", "use the source's link"


def numbers(pair: Pair) -> Iterator[_Finding]:
    """T106: the same numbers by value, whatever the digits."""
    ours, theirs = _numbers(pair.target), _numbers(pair.source)
    if ours != theirs:
        lacking = [f"{value} is missing" for value in theirs - ours]
        extra = [f"{value} is not in the source" for value in ours - theirs]
        yield "T106", f"numbers differ: {'; '.join(lacking + extra)}", "write the same numbers"


def _numbers(text: str) -> Counter[str]:
    text = PLACEHOLDER.sub(" ", _URLISH.sub(" ", text))
    return Counter(_by_value(match.group()) for match in _NUMBER.finditer(text))


def _by_value(number: str) -> str:
    return "".join(str(unicodedata.digit(char, -1)) if char.isdigit() else "." for char in number)


def digit_system(pair: Pair) -> Iterator[_Finding]:
    """T107: one digit system, the language's own."""
    text = PLACEHOLDER.sub(" ", _URLISH.sub(" ", pair.target))
    foreign = sorted({char for char in text if char.isdecimal() and char not in pair.language.digits})
    if foreign:
        if pair.language.digits == LATIN_DIGITS and set(foreign) <= set(_URLISH.sub(" ", pair.source)):
            return
        yield (
            "T107",
            f"{' '.join(foreign)}: not the digits of {pair.language.english_name} ({pair.language.digits})",
            "write the number in the language's digits",
        )


def invisible(pair: Pair) -> Iterator[_Finding]:
    """T108: bidi controls, zero-width characters, text that is not NFC."""
    for match in _INVISIBLE.finditer(pair.target):
        name = unicodedata.name(match.group(), "unnamed")
        yield "T108", f"invisible character U+{ord(match.group()):04X} ({name})", "delete it"
    if pair.language.script not in _JOINER_SCRIPTS and _JOINERS.search(pair.target):
        yield "T108", "a zero-width joiner, which this script does not use", "delete it"
    if not unicodedata.is_normalized("NFC", pair.target):
        yield (
            "T108",
            "the text is not in Unicode normal form C",
            "type it again, or let your editor normalise it to NFC",
        )


def protected(pair: Pair) -> Iterator[_Finding]:
    """T109: names stay as they are."""
    for term in pair.protected:
        if _has(term, pair.source) and not _has(term, pair.target):
            yield "T109", f"“{term}” is missing or changed", "write the name as in the source"


def _has(term: str, text: str) -> bool:
    return re.search(rf"(?<![A-Za-z]){re.escape(term)}(?![A-Za-z])", text) is not None


#: Every rule on one message, in the order of their codes.
RULES: tuple[_Rule, ...] = (
    markup,
    links,
    placeholders,
    forbidden,
    emails,
    numbers,
    digit_system,
    invisible,
    protected,
)


def too_long(source: str, target: str) -> bool:
    """Whether a translation is refused unread: no language needs five times the letters, and Markdown takes
    minutes over a megabyte of brackets."""
    return len(target) > 500 + 5 * len(source)


def check_catalog(
    catalog: Catalog,
    language: Language,
    protected_terms: tuple[str, ...],
    references: References = (),
    markdown: bool = True,
) -> Iterator[Diagnostic]:
    """Every problem of the messages that would be published."""
    for message in catalog.messages:
        if message.obsolete or message.fuzzy:
            continue
        for form, target in enumerate(message.msgstr):
            if not target:
                continue
            source = message.msgid if form == 0 or message.plural is None else message.plural
            place = place_in(catalog.path, catalog.text, message.msgstr_line or message.line, 1)
            if too_long(source, target):
                yield problem(
                    "T104", place, f"the translation is {len(target)} characters long", "shorten it"
                )
                continue
            pair = Pair(source, target, language, protected_terms, references, markdown)
            rules = RULES if message.plural is None else _PLURAL_RULES
            for rule in rules:
                for code, text, hint in rule(pair):
                    yield problem(code, place, text, hint)


#: A plural form may leave out the number (“one day”).
_PLURAL_RULES = (
    plural_placeholders,
    *(rule for rule in RULES if rule not in (placeholders, numbers)),
)


def _same_plurals(theirs: str, ours: str) -> bool:
    """Whether two Plural-Forms choose the same form for every number (Arabic is written in two orders)."""
    formulas = [re.search(r"plural\s*=\s*([^;]+)", text) for text in (theirs, ours)]
    try:
        first, second = (c2py(formula.group(1).strip()) for formula in formulas if formula)
        return all(first(number) == second(number) for number in range(1001))
    except (ValueError, ZeroDivisionError):
        return False


def check_header(catalog: Catalog, language: Language, plural_header: str) -> Iterator[Diagnostic]:
    """T002: language, charset and plural rule."""
    header = {name.lower(): value for name, value in catalog.header}
    line = catalog.header_entry.line or 1
    place = place_in(catalog.path, catalog.text, line, 1)
    if not header:
        yield problem("T002", place, "the catalog has no header", "run `policysite translations sync`")
        return
    charset = re.search(r"charset=([\w-]+)", header.get("content-type", ""), re.IGNORECASE)
    if charset and charset.group(1).lower() not in ("utf-8", "utf8", "charset"):
        yield problem(
            "T002",
            place,
            f"the header says charset {charset.group(1)}",
            "save it as UTF-8 and say charset=UTF-8",
        )
    named = header.get("language", "")
    if named and named.replace("_", "-").lower() != language.tag.lower():
        yield problem(
            "T002",
            place,
            f"the header says Language: {named}, but this is {language.tag}",
            f"write Language: {language.locale}",
        )
    if any(message.plural is not None for message in catalog.messages):
        counted = re.search(r"nplurals\s*=\s*(\d+)", header.get("plural-forms", ""))
        wanted = re.search(r"nplurals\s*=\s*(\d+)", plural_header)
        if wanted and (
            counted is None
            or counted.group(1) != wanted.group(1)
            or not _same_plurals(header["plural-forms"], plural_header)
        ):
            yield problem(
                "T002",
                place,
                f"the header's Plural-Forms is not that of {language.english_name}",
                f"write Plural-Forms: {plural_header}",
            )
            return
        for message in catalog.messages:
            if (
                message.plural is not None
                and message.usable
                and wanted
                and len(message.msgstr) != int(wanted.group(1))
            ):
                at = place_in(catalog.path, catalog.text, message.line, 1)
                yield problem(
                    "T002",
                    at,
                    f"this message has {len(message.msgstr)} plural forms, not {wanted.group(1)}",
                    "add the missing msgstr[n]",
                )
