"""Bring a catalog up to date with its source. Pure: (catalog, messages) → catalog and a summary.

A text that changed finds its predecessor (`match`). Where only link targets or white space differ, the
translation is carried over (`carry`); else it is kept as fuzzy with the text it belonged to (`#|`), so that a
person looks at it.

Nothing a translator wrote is lost: a message that left the source stays as an obsolete entry, and is
revived with its translation when the text comes back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Literal

from babel.messages.pofile import escape
from msgspec import Struct
from msgspec.structs import replace

from policysite.core.diagnostics import Diagnostic, place_in, problem
from policysite.core.locales import plural_header
from policysite.core.markdown import SEGMENTER_VERSION, fold
from policysite.core.model import Catalog, Language, Message
from policysite.translate.carry import bare, carried
from policysite.translate.extract import Source
from policysite.translate.match import Unit, predecessors
from policysite.translate.po import previous_message, previous_rows

#: What became of a message. `approved` and `refused` answer --unchanged-meaning; `refused` stands beside what
#: became of it, since its translation was not approved before either.
Outcome = Literal["carried", "fuzzy", "approved", "refused", "added", "revived", "retired"]

_SEGMENTER = "X-Segmenter-Version"
_UNCHANGED = "unchanged-meaning: "

_Key = tuple[str | None, str]


class Change(Struct, frozen=True):
    """What a sync did to one message. id: `message_id`; text: the message now; was: its predecessor or ""."""

    id: str
    outcome: Outcome
    text: str
    was: str = ""


class SyncSummary(Struct, frozen=True):
    """What a sync did to one catalog. total: its messages in use; `kept` of them are as they were."""

    path: str
    tag: str
    domain: str
    total: int
    changes: tuple[Change, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """How many messages ended so."""
        return sum(1 for change in self.changes if change.outcome == outcome)

    @property
    def kept(self) -> int:
        """Messages that were there before under the same text."""
        return self.total - sum(
            self.count(outcome) for outcome in ("carried", "fuzzy", "approved", "added", "revived")
        )

    @property
    def changed(self) -> bool:
        """Whether a message changed (references may change without it)."""
        return any(change.outcome != "refused" for change in self.changes)


def message_id(domain: str, key: _Key) -> str:
    """Eight hex digits that name a source text on the command line, the same in every language."""
    context, msgid = key
    text = "\0".join((domain, "" if context is None else f"\4{context}", msgid))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def empty_catalog(language: Language, domain: str) -> Catalog:
    """A new catalog with the header gettext tools expect."""
    path = f"translations/{language.locale}/LC_MESSAGES/{domain}.po"
    return Catalog(path, language.tag, domain, "", (), _header(language, domain))


def _header(language: Language, domain: str) -> tuple[tuple[str, str], ...]:
    return (
        ("Project-Id-Version", f"{domain}"),
        ("Report-Msgid-Bugs-To", ""),
        ("PO-Revision-Date", "YEAR-MO-DA HO:MI+ZONE"),
        ("Last-Translator", "FULL NAME <EMAIL@ADDRESS>"),
        ("Language-Team", f"{language.english_name}"),
        ("Language", language.locale),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=UTF-8"),
        ("Content-Transfer-Encoding", "8bit"),
        ("Plural-Forms", plural_header(language.tag)),
        ("X-Generator", "policysite"),
        (_SEGMENTER, str(SEGMENTER_VERSION)),
    )


#: Without these a tool cannot read the catalog rightly, so that a sync adds them.
_NEEDED = ("Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Plural-Forms")


def plural_count(language: Language) -> int:
    """How many plural forms the language has."""
    return int(plural_header(language.tag).split("nplurals=")[1].split(";")[0])


# ── older segmenters ────────────────────────────────────────────────────────────────────────────


def segmenter_version(catalog: Catalog) -> int:
    """The version of the segmenter whose texts the catalog holds; 0 when it does not say."""
    for name, value in catalog.header:
        if name.lower() == _SEGMENTER.lower() and value.isdecimal():
            return int(value)
    return 0


def segmenter_problems(catalog: Catalog) -> tuple[Diagnostic, ...]:
    """T010 for a catalog that a newer policysite has written: this one would take its texts apart wrongly."""
    version = segmenter_version(catalog)
    if version <= SEGMENTER_VERSION:
        return ()
    line = next(
        (
            number
            for number, row in enumerate(catalog.text.split("\n"), 1)
            if _SEGMENTER.lower() in row.lower()
        ),
        1,
    )
    return (
        problem(
            "T010",
            place_in(catalog.path, catalog.text, line, 1),
            f"the catalog is of segmenter version {version}, this policysite knows {SEGMENTER_VERSION}",
            "use the policysite that wrote it, or a newer one",
        ),
    )


_ATTRIBUTES = re.compile(r"\s*\{:[^{}]*\}\s*\Z")
_HEADING = re.compile(r"\A#{1,6}\s+(.*?)\s*#*\Z", re.DOTALL)


def _folded(text: str) -> str:
    return fold(_HEADING.sub(r"\1", _ATTRIBUTES.sub("", text)))


def _from_0(message: Message) -> Message:
    """Catalogs that say no version come from other extractors: their texts still hold the line breaks, the
    marks of headings and the attribute lists of the file."""
    return replace(
        message, msgid=_folded(message.msgid), msgstr=tuple(_folded(text) for text in message.msgstr)
    )


#: MIGRATIONS[n] makes a message of segmenter version n one of version n + 1.
MIGRATIONS: tuple[Callable[[Message], Message], ...] = (_from_0,)


def migrated(catalog: Catalog, language: Language, markdown: bool = True) -> Catalog:
    """The catalog as today's segmenter would have made it, with a header that is complete.

    A message whose new text another one has already stays as it is: it becomes obsolete, and nothing is lost.
    """
    messages = catalog.messages
    if markdown:
        for migrate in MIGRATIONS[segmenter_version(catalog) :]:
            taken = {message.key for message in messages}
            moved = []
            for message in messages:
                after = migrate(message)
                if after.key != message.key and (not after.msgid or after.key in taken):
                    after = message
                taken.add(after.key)
                moved.append(after)
            messages = tuple(moved)
    present = {name.lower() for name, _ in catalog.header}
    renewed = {_SEGMENTER.lower(): str(SEGMENTER_VERSION)}
    said = next((value for name, value in catalog.header if name.lower() == "language"), "")
    if re.split(r"[-_@]", said)[0].lower() == re.split(r"[-_@]", language.tag)[0].lower() or not said:
        renewed["language"] = language.locale  # Crowdin writes `bn_BD` where this site says `bn`
    header = [(name, renewed.get(name.lower(), value)) for name, value in catalog.header]
    header += [
        (name, value)
        for name, value in _header(language, catalog.domain)
        if name in (*_NEEDED, _SEGMENTER) and name.lower() not in present
    ]
    return replace(catalog, messages=messages, header=tuple(header))


# ── sync ────────────────────────────────────────────────────────────────────────────────────────


def sync_catalog(
    catalog: Catalog,
    sources: Sequence[Source],
    language: Language,
    *,
    markdown: bool = True,
    unchanged: Collection[str] = (),
) -> tuple[Catalog, SyncSummary]:
    """The catalog with exactly the source's messages in the source's order, and obsolete ones behind.

    markdown: False for interface texts. unchanged: ids (`message_id`) of texts whose edit changed no meaning.
    """
    catalog = migrated(catalog, language, markdown)
    active = {message.key: message for message in catalog.messages if not message.obsolete}
    obsolete = {message.key: message for message in catalog.messages if message.obsolete}
    wanted = {source.key for source in sources}
    fresh = [source for source in sources if source.key not in active and source.key not in obsolete]
    carries = _carried(fresh, catalog.messages, wanted, markdown)
    origins = _origins(sources, catalog.messages, wanted, carries)
    forms = plural_count(language)
    messages: list[Message] = []
    changes: list[Change] = []
    followed: set[_Key] = set()  # removed messages that another one continues
    moved: set[_Key] = set()  # those whose whole translation went with it
    for source in sources:
        name = message_id(catalog.domain, source.key)
        outcome: Outcome | None = None
        was = ""
        known = active.get(source.key)
        if known is not None:
            message = known
            if name in unchanged and known.fuzzy:
                message, outcome = _approved_again(known, catalog.messages)
                was = _was(known)
        elif source.key in obsolete:
            message, outcome = obsolete.pop(source.key), "revived"
        elif source.key in carries:
            origin, message = carries[source.key]
            outcome, was = "carried", origin.msgid
            followed.add(origin.key)
            moved.add(origin.key)
        else:
            found = origins.get(source.key, ())
            followed |= {origin.key for origin in found}
            translated = [origin for origin in found if any(origin.msgstr)]
            message, outcome = _successor(source, translated, name in unchanged)
            was = " ".join(origin.msgid for origin in translated)
        messages.append(_fitted(message, source, forms))
        if outcome is not None:
            changes.append(Change(name, outcome, source.msgid, was))
        if outcome == "fuzzy" and name in unchanged:
            changes.append(Change(name, "refused", source.msgid, was))
    gone = [message for key, message in active.items() if key not in wanted]
    changes += (
        Change(message_id(catalog.domain, message.key), "retired", message.msgid)
        for message in gone
        if message.key not in followed
    )
    retired = [replace(message, obsolete=True, references=()) for message in gone if message.key not in moved]
    entries = {message.key: message for message in (*messages, *obsolete.values(), *retired)}
    behind = [message for message in (*obsolete.values(), *retired) if _worth_keeping(message, entries)]
    summary = SyncSummary(catalog.path, catalog.tag, catalog.domain, len(messages), tuple(changes))
    return replace(catalog, messages=(*messages, *behind)), summary


def _carried(
    fresh: Iterable[Source], entries: Sequence[Message], wanted: Collection[_Key], markdown: bool
) -> dict[_Key, tuple[Message, Message]]:
    """New key → (the message that said the same, the new message), where no person has to look."""
    same: dict[tuple[str | None, str], list[Message]] = {}
    for message in entries:
        if any(message.msgstr):
            same.setdefault((message.context, bare(message.msgid)), []).append(message)
    found: dict[_Key, tuple[Message, Message]] = {}
    for source in fresh:
        # Removed ones first, then those still in use (an older version of a policy), then obsolete ones.
        offers = sorted(
            same.get((source.context, bare(source.msgid)), ()),
            key=lambda message: (message.obsolete, message.key in wanted),
        )
        for message in offers:
            msgstr = _carried_texts(message, source, markdown)
            if msgstr is not None:
                found[source.key] = (message, replace(message, msgid=source.msgid, msgstr=msgstr))
                break
    return found


def _carried_texts(message: Message, source: Source, markdown: bool) -> tuple[str, ...] | None:
    if markdown and message.plural is None and source.plural is None:
        text = carried(message.msgid, source.msgid, message.msgstr[0])
        return None if text is None else (text,)
    alike = all(
        " ".join((one or "").split()) == " ".join((other or "").split())
        for one, other in ((message.msgid, source.msgid), (message.plural, source.plural))
    )
    return message.msgstr if alike and (message.plural is None) == (source.plural is None) else None


def _origins(
    sources: Sequence[Source],
    entries: Sequence[Message],
    wanted: Collection[_Key],
    carries: dict[_Key, tuple[Message, Message]],
) -> dict[_Key, tuple[Message, ...]]:
    """New key → the messages it was made from."""
    old = [
        Unit(message.key, message.auto_comments, message.key not in wanted, not message.obsolete)
        for message in entries
    ]
    # What was carried over is as good as unchanged: it holds the scaffold of the alignment.
    new = [
        Unit(carries[source.key][0].key if source.key in carries else source.key, source.comments)
        for source in sources
    ]
    return {
        sources[position].key: tuple(entries[at] for at in found)
        for position, found in predecessors(old, new).items()
    }


def _successor(source: Source, origins: Sequence[Message], unchanged: bool) -> tuple[Message, Outcome]:
    """A message for a new text: with the translation of what it was made from, or empty."""
    if not origins:
        return Message(source.msgid, context=source.context), "added"
    first = origins[0]
    if len(origins) > 1 and all(origin.plural is None for origin in origins):
        first = replace(
            first,
            msgid=" ".join(origin.msgid for origin in origins),
            msgstr=(" ".join(origin.msgstr[0] for origin in origins),),
            user_comments=tuple(dict.fromkeys(row for origin in origins for row in origin.user_comments)),
            flags=tuple(dict.fromkeys(flag for origin in origins for flag in origin.flags)),
            previous=(),
        )
    message = replace(first, msgid=source.msgid, context=source.context, obsolete=False)
    if unchanged and not first.fuzzy and first.plural == source.plural:
        return _recorded(message, first.msgid), "approved"
    # A translation nobody approved belongs to an even older text: that one stays named.
    previous = first.previous if first.fuzzy and first.previous else previous_rows(first)
    flags = tuple(dict.fromkeys(("fuzzy", *first.flags)))
    return replace(message, flags=flags, previous=previous), "fuzzy"


def _approved_again(message: Message, entries: Iterable[Message]) -> tuple[Message, Outcome]:
    """Take a sync's fuzzy back, when its translation is still the approved one of the text before."""
    before = previous_message(message)
    for entry in entries:
        if (
            before is not None
            and entry.key == before.key
            and not entry.fuzzy
            and entry.msgstr == message.msgstr
            and entry.plural == message.plural
        ):
            flags = tuple(flag for flag in message.flags if flag != "fuzzy")
            return _recorded(replace(message, flags=flags, previous=()), before.msgid), "approved"
    return message, "refused"


def _recorded(message: Message, was: str) -> Message:
    """The message with a comment that tells why its translation is valid though its text has changed."""
    row = _UNCHANGED + escape(was)
    return replace(message, previous=(), user_comments=tuple(dict.fromkeys((*message.user_comments, row))))


def _was(message: Message) -> str:
    before = previous_message(message)
    return before.msgid if before else ""


def _worth_keeping(message: Message, entries: dict[_Key, Message]) -> bool:
    """Whether an obsolete entry holds what nothing else does: not for one that is empty, nor for a fuzzy one
    that is still the copy a sync made of an entry that is kept."""
    if not any(message.msgstr) and not message.user_comments:
        return False
    before = previous_message(message) if message.fuzzy else None
    origin = entries.get(before.key) if before else None
    return (
        origin is None
        or origin is message
        or origin.msgstr != message.msgstr
        or not set(message.user_comments) <= set(origin.user_comments)
    )


def _fitted(message: Message, source: Source, forms: int) -> Message:
    """The message as its source has it: plural text, comments and references; translations stay.

    A translation of another plural text waits for approval; forms too many become comments.
    """
    flags = tuple(flag for flag in message.flags if flag != "python-format")
    previous = message.previous
    if message.plural != source.plural and any(message.msgstr):
        flags = tuple(dict.fromkeys(("fuzzy", *flags)))
        previous = previous or previous_rows(message)
    if source.plural is not None or "%(" in source.msgid:
        flags = (*flags, "python-format")
    wanted = 1 if source.plural is None else forms
    msgstr = (*message.msgstr, *[""] * wanted)[:wanted]
    surplus = tuple(
        f"earlier msgstr[{form}]: {' '.join(text.split())}"
        for form, text in enumerate(message.msgstr[wanted:], wanted)
        if text
    )
    return replace(
        message,
        msgstr=msgstr,
        user_comments=(*message.user_comments, *surplus),
        previous=previous,
        plural=source.plural,
        auto_comments=source.comments,
        references=source.references,
        flags=flags,
        obsolete=False,
    )
