"""Every rule on translations, run over the catalogs of a language; the registries stand below.

A translator is not trusted with markup: a translation may only rearrange what its source has. A rule yields
(code, message, hint); this module adds the place, takes waivers into account, and reports those not needed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from gettext import c2py

from msgspec import Struct

from policysite.core.diagnostics import Diagnostic, Place, place_in, problem
from policysite.core.model import Catalog, Language, Message
from policysite.translate.inlines import References
from policysite.translate.rules import markup, numbers, terms, whole, wording, writing
from policysite.translate.rules.columns import CatalogRule, Suspicion, Table, may_be_joined
from policysite.translate.rules.scope import (
    Finding,
    LanguageRule,
    Lines,
    Rule,
    Said,
    Scope,
)
from policysite.translate.waivers import Waiver, waivers_of
from policysite.translate.words import REMEMBERED

#: Every rule on one message, in the order of their codes, after its suspicion: in other rows than those it
#: names the rule finds nothing, so it need not run (tests/translate/test_suspicions.py).
RULES: tuple[tuple[Suspicion, Rule], ...] = (
    (markup.other_tags, markup.markup),
    (markup.other_links, markup.links),
    (markup.other_placeholders, markup.placeholders),
    (markup.may_be_forbidden, markup.forbidden),
    (markup.may_be_obfuscated, markup.emails),
    (numbers.other_numbers, numbers.numbers),
    (numbers.has_foreign_digits, numbers.digit_system),
    (markup.may_be_invisible, markup.invisible),
    (terms.has_names, terms.protected),
    (terms.lacks_terms, terms.glossary),
    (wording.same_text, wording.unchanged),
    (wording.may_double, wording.doubled),
    (wording.may_offer_twice, wording.alternatives),
    (wording.denies, wording.negation),
    (writing.may_end_otherwise, writing.sentence_end),
    (wording.may_be_informal, wording.register),
    (wording.may_clash, wording.person),
    (writing.may_be_misspelt, writing.spelling),
    (writing.has_list_mark, writing.list_mark),
    (wording.may_have_lone_link, wording.stray_link),
)

#: A plural form may leave out the number (“one day”).
PLURAL_RULES: tuple[tuple[Suspicion, Rule], ...] = (
    (markup.other_placeholders, markup.plural_placeholders),
    *(row for row in RULES if row[1] not in (markup.placeholders, numbers.numbers)),
)

#: Rules on the messages of one catalog together.
CATALOG_RULES: tuple[CatalogRule, ...] = (whole.variants, whole.dashes, whole.lengths)

#: Rules on all catalogs of a language together.
LANGUAGE_RULES: tuple[LanguageRule, ...] = (whole.consistency,)

#: The codes of LANGUAGE_RULES.
LANGUAGE_CODES = frozenset({"T304"})


def too_long(source: str, target: str) -> bool:
    """Whether a translation is refused unread: no language needs five times the letters, and Markdown takes
    minutes over a megabyte of brackets."""
    return len(target) > 500 + 5 * len(source)


class Checkable(Struct, frozen=True):
    """A catalog with what its texts can refer to. markdown is False for interface texts."""

    catalog: Catalog
    references: References = ()
    markdown: bool = True


def check_language(catalogs: Sequence[Checkable], scope: Scope) -> Iterator[Diagnostic]:
    """Every problem of the messages that would be published, in all catalogs of a language."""
    for item in catalogs:
        yield from check_alone(item, scope).problems
    yield from check_together([item.catalog for item in catalogs], scope)


class Checked(Struct, frozen=True):
    """What the rules say of one catalog by itself, and what its language has to be asked for.

    texts: sixteen bytes of a digest of each English text, and of its translation, in turn. waived: some
    message has a waiver of a rule on the whole language.
    """

    problems: tuple[Diagnostic, ...]
    texts: bytes
    waived: bool


def check_alone(item: Checkable, scope: Scope) -> Checked:
    """Every problem of a catalog that shows without the other catalogs of its language."""
    problems: list[Diagnostic] = []
    waivers: _Waivers = {}
    lines = Lines(item.catalog.path, item.catalog.text)
    messages: list[Message] = []
    pairs: list[tuple[str, str]] = []
    for message, form, target in _published(item.catalog, waivers, problems):
        source = message.msgid if form == 0 or message.plural is None else message.plural
        if too_long(source, target):
            found = f"the translation is {len(target)} characters long"
            problems.append(problem("T104", lines.place(message), found, "shorten it"))
        else:
            messages.append(message)
            pairs.append((source, target))
    findings: list[tuple[int, Finding]] = []
    sources, texts = [""] * len(pairs), [""] * len(pairs)
    for places, rules in _together(messages, pairs):
        table = Table([pairs[place] for place in places], scope, item.references, item.markdown)
        findings += ((places[row], finding) for row, finding in _run(rules, table))
        for place, source, text in zip(places, table.english.read, table.read.texts, strict=True):
            sources[place], texts[place] = source, text
    findings.sort(key=lambda found: found[0])  # stable: a row's findings stay in the order of the rules
    for of_catalog in CATALOG_RULES:
        findings += of_catalog(sources, texts, scope)
    placed = [(Said(messages[row], pairs[row][1], lines), finding) for row, finding in findings]
    problems += _unwaived(placed, waivers, lambda code: code not in LANGUAGE_CODES)
    marks: list[bytes] = []
    for message, (_, target) in zip(messages, pairs, strict=True):
        if whole.comparable(message):
            marks += (_source_mark(message.msgid), _mark(target))
    waived = any(waiver.code in LANGUAGE_CODES for found in waivers.values() for waiver in found)
    return Checked(tuple(problems), b"".join(marks), waived)


_Rules = Sequence[tuple[Suspicion, Rule]]


def _together(
    messages: Sequence[Message], pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[list[int], _Rules]]:
    """The rows that go into one table, and the rules on them."""
    singular: list[int] = []
    plural: list[int] = []
    for row, (message, (source, target)) in enumerate(zip(messages, pairs, strict=True)):
        if not (may_be_joined(source) and may_be_joined(target)):
            yield [row], RULES if message.plural is None else PLURAL_RULES
        else:
            (singular if message.plural is None else plural).append(row)
    yield singular, RULES
    yield plural, PLURAL_RULES


def _run(rules: _Rules, table: Table) -> Iterator[tuple[int, Finding]]:
    """What rules find in a table: (row, finding), by rows and in the order of the rules."""
    suspected: dict[int, list[Rule]] = {}
    for suspicion, rule in rules:
        for row in suspicion(table):
            suspected.setdefault(row, []).append(rule)
    for row, of_row in sorted(suspected.items()):
        pair = table.pair(row)
        for rule in of_row:
            for finding in rule(pair):
                yield row, finding


def check_together(catalogs: Sequence[Catalog], scope: Scope) -> Iterator[Diagnostic]:
    """What shows only when all catalogs of a language are compared."""
    findings: list[tuple[Said, Finding]] = []
    waivers: _Waivers = {}
    said = [
        Said(message, target, lines)
        for catalog in catalogs
        for lines in (Lines(catalog.path, catalog.text),)
        for message, _, target in _published(catalog, waivers, [])
        if not too_long(message.msgid, target)
    ]
    for of_language in LANGUAGE_RULES:
        findings += of_language(said, scope)
    yield from _unwaived(findings, waivers, lambda code: code in LANGUAGE_CODES)


def agree(found: Sequence[Checked]) -> bool:
    """Whether `check_together` has nothing to say of these catalogs, as far as digests tell."""
    first: dict[bytes, bytes] = {}
    for one in found:
        if one.waived:
            return False
        for start in range(0, len(one.texts), 2 * _MARK):
            middle = start + _MARK
            text, translation = one.texts[start:middle], one.texts[middle : middle + _MARK]
            if first.setdefault(text, translation) != translation:
                return False
    return True


_Waivers = dict[int, tuple[Waiver, ...]]  # id of a message → its waivers


#: Bytes of a digest.
_MARK = 16


def _mark(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_MARK).digest()


@lru_cache(maxsize=REMEMBERED)
def _source_mark(text: str) -> bytes:
    """`_mark` of an English text, which every language has."""
    return _mark(text)


def _published(
    catalog: Catalog, waivers: _Waivers, problems: list[Diagnostic]
) -> Iterator[tuple[Message, int, str]]:
    """Every translation that would be published: its message, which form, the text. waivers and problems get
    what the comments of its message say."""
    for message in catalog.messages:
        if message.obsolete or message.fuzzy:
            continue
        if message.user_comments:
            waived, faults = waivers_of(catalog, message)
            problems += faults
            if waived and any(message.msgstr):
                waivers[id(message)] = waived
        for form, target in enumerate(message.msgstr):
            if target:
                yield message, form, target


def _unwaived(
    findings: Sequence[tuple[Said, Finding]],
    waivers: _Waivers,
    ours: Callable[[str], bool],
) -> Iterator[Diagnostic]:
    """The findings nobody waived, and T315 for every waiver of `ours` (codes) that silenced nothing."""
    used: set[Waiver] = set()
    for one, (code, message, hint) in findings:
        waived = [waiver for waiver in waivers.get(id(one.message), ()) if waiver.code == code]
        used.update(waived)
        if not waived:
            yield problem(code, one.place, message, hint)
    for waiver in (waiver for of_message in waivers.values() for waiver in of_message if ours(waiver.code)):
        if waiver not in used:
            yield problem("T315", waiver.place, f"nothing here breaks {waiver.code}", "remove this waiver")


def check_state(
    catalog: Catalog, language: Language, keys: Sequence[tuple[str | None, str]], complete: bool = True
) -> Iterator[Diagnostic]:
    """T005, T113, T317, T318: what a catalog lacks, has too much, or still has to be approved.

    keys: context and text of every message of the source. complete: False where a part of the source could
    not be read, so that nothing can be said to be too much.
    """
    messages = {message.key: message for message in catalog.messages if not message.obsolete}

    def at(message: Message) -> Place:
        return place_in(catalog.path, catalog.text, message.line, 1)

    lacking = [key for key in keys if key not in messages]
    if lacking:
        yield problem(
            "T005",
            Place(catalog.path),
            f"{_messages(len(lacking))} in the source but not in this catalog, "
            f"the first: “{_short(lacking[0][1])}”",
            "run `policysite translations sync`",
        )
    wanted = frozenset(keys)
    extra = [message for key, message in messages.items() if key not in wanted]
    if extra and complete and not lacking:  # T005 has the same cause and the same cure
        yield problem(
            "T318",
            at(extra[0]),
            f"{_messages(len(extra))} in this catalog but not in the source, "
            f"the first: “{_short(extra[0].msgid)}”",
            "run `policysite translations sync`, which keeps them as obsolete entries",
        )
    fuzzy = [message for message in messages.values() if message.fuzzy and message.key in wanted]
    if fuzzy:
        text = "1 translation waits" if len(fuzzy) == 1 else f"{len(fuzzy)} translations wait"
        yield problem(
            "T317",
            at(fuzzy[0]),
            f"{text} for approval, the first: “{_short(fuzzy[0].msgid)}”",
            "read each, correct it, and remove its mark `fuzzy`",
        )
    done = sum(1 for key in keys if key in messages and messages[key].usable)
    if keys and done * 100 < language.coverage * len(keys):
        yield problem(
            "T113",
            Place(catalog.path),
            f"{done * 100 // len(keys)} % are translated and approved, "
            f"{language.english_name} promises {language.coverage} %",
            f"translate what is missing, or lower languages.{language.tag}.coverage in config.yaml",
        )


def _messages(count: int) -> str:
    return "1 message is" if count == 1 else f"{count} messages are"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


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
