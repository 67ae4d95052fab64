"""Bring a catalog up to date with its source. Pure: (catalog, messages) → catalog and a summary.

Nothing a translator wrote is lost: a message that left the source stays as an obsolete entry, and is
revived with its translation when the text comes back. A message that changed gets the translation of its
predecessor (`match`): as it is where only link targets or spaces changed, else fuzzy, with the text before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from policysite.core.locales import plural_header
from policysite.core.markdown import SEGMENTER_VERSION
from policysite.core.model import Catalog, Language, Message
from policysite.translate.extract import Source
from policysite.translate.match import Key, carried, predecessors
from policysite.translate.po import previous_rows


@dataclass(frozen=True, slots=True)
class SyncSummary:
    """What a sync did to one catalog, in messages."""

    path: str
    total: int
    kept: int
    added: int
    revived: int
    retired: int
    carried: int = 0
    fuzzy: int = 0
    confirmed: int = 0
    waiting: tuple[tuple[str, str], ...] = ()  # (id, text) of every message made fuzzy by this sync

    @property
    def changed(self) -> bool:
        """Whether the set of messages changed (references may change without it)."""
        return bool(
            self.added or self.revived or self.retired or self.carried or self.fuzzy or self.confirmed
        )


#: What a sync may be told of a message, in front of the digest of the text before.
_CONFIRMED = "meaning unchanged since"

#: Catalogs of an older segmenter: (its version, message id → message id of the next version). None so far.
MIGRATIONS: tuple[tuple[int, Callable[[str], str]], ...] = ()


def message_id(key: Key) -> str:
    """A short name of a message for the command line: 8 hexadecimal digits of its text and context."""
    context, msgid = key
    return hashlib.sha256(f"{context or ''}\x04{msgid}".encode()).hexdigest()[:8]


def segmenter_version(catalog: Catalog) -> int | None:
    """The version of the segmenter that the catalog's messages come from; None where it does not say."""
    for name, value in catalog.header:
        if name.lower() == "x-segmenter-version" and value.strip().isdigit():
            return int(value)
    return None


def migrated(
    catalog: Catalog, migrations: Sequence[tuple[int, Callable[[str], str]]] = MIGRATIONS
) -> Catalog:
    """The catalog with the message ids of today's segmenter, so that a change of it costs no translation."""
    version = segmenter_version(catalog)
    steps = [
        step
        for of, step in sorted(migrations, key=lambda row: row[0])
        if version is not None and of >= version
    ]
    messages = catalog.messages
    for step in steps:
        messages = tuple(replace(message, msgid=step(message.msgid)) for message in messages)
    header = tuple(
        (name, str(SEGMENTER_VERSION) if name.lower() == "x-segmenter-version" else value)
        for name, value in catalog.header
    )
    return replace(catalog, messages=messages, header=header)


def empty_catalog(language: Language, domain: str) -> Catalog:
    """A new catalog with the header gettext tools expect."""
    header = (
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
        ("X-Segmenter-Version", str(SEGMENTER_VERSION)),
    )
    path = f"translations/{language.locale}/LC_MESSAGES/{domain}.po"
    return Catalog(path, language.tag, domain, "", (), header)


def plural_count(language: Language) -> int:
    """How many plural forms the language has."""
    return int(plural_header(language.tag).split("nplurals=")[1].split(";")[0])


def sync_catalog(
    catalog: Catalog, sources: Sequence[Source], language: Language, unchanged: Collection[str] = ()
) -> tuple[Catalog, SyncSummary]:
    """The catalog with exactly the source's messages in the source's order, and obsolete ones behind.

    unchanged: ids (`message_id`) of messages whose text changed while its meaning did not; their translation
    stays valid, and the catalog says so.
    """
    catalog = migrated(catalog)
    came_from = predecessors(catalog.messages, sources)
    origins = {message.key: message for message in catalog.messages}
    known = {message.key: message for message in catalog.messages if not message.obsolete}
    obsolete = {message.key: message for message in catalog.messages if message.obsolete}
    forms = plural_count(language)
    messages: list[Message] = []
    added = revived = carried_over = made_fuzzy = confirmed = 0
    waiting: list[tuple[str, str]] = []
    for source in sources:
        identity = message_id(source.key)
        message = known.pop(source.key, None)
        if message is None:
            message = obsolete.pop(source.key, None)
            predecessor = origins.get(came_from.get(source.key, (None, "")))
            if message is not None:
                revived += 1
            elif predecessor is not None and any(predecessor.msgstr):
                message = _successor(predecessor, source)
                if not message.fuzzy or predecessor.fuzzy:
                    carried_over += 1
                elif identity not in unchanged:
                    made_fuzzy += 1
                    waiting.append((identity, source.msgid))
            else:
                added += 1
                message = Message(source.msgid, context=source.context)
        if identity in unchanged and message.fuzzy and message.previous:
            message = _confirmed(message)
            confirmed += 1
        messages.append(_fitted(message, source, forms))
    retired = [
        replace(message, obsolete=True, references=())
        for message in known.values()
        if any(message.msgstr) or message.user_comments
    ]
    changed = added + revived + carried_over + made_fuzzy
    summary = SyncSummary(
        catalog.path,
        len(messages),
        len(messages) - changed,
        added,
        revived,
        len(known),
        carried_over,
        made_fuzzy,
        confirmed,
        tuple(waiting),
    )
    return replace(catalog, messages=(*messages, *obsolete.values(), *retired)), summary


def _successor(old: Message, source: Source) -> Message:
    """A changed message with the translation of its predecessor, and what translators noted on it."""
    texts = [carried(old.msgid, source.msgid, text) for text in old.msgstr] if old.plural is None else [None]
    flags = tuple(flag for flag in old.flags if flag not in ("python-format", "no-python-format"))
    base = Message(source.msgid, context=source.context, user_comments=old.user_comments)
    if all(text is not None for text in texts):
        kept = tuple(text for text in texts if text is not None)
        return replace(base, msgstr=kept, flags=flags, previous=old.previous if old.fuzzy else ())
    waiting = tuple(dict.fromkeys(("fuzzy", *flags)))
    return replace(base, msgstr=old.msgstr, plural=old.plural, flags=waiting, previous=previous_rows(old))


def _confirmed(message: Message) -> Message:
    """A fuzzy message that somebody said still means the same: valid, with a note of the text before."""
    before = hashlib.sha256("\n".join(message.previous).encode()).hexdigest()[:8]
    return replace(
        message,
        flags=tuple(flag for flag in message.flags if flag != "fuzzy"),
        previous=(),
        user_comments=(*message.user_comments, f"{_CONFIRMED} {before}"),
    )


def _fitted(message: Message, source: Source, forms: int) -> Message:
    """The message as its source has it: plural text, comments and references; translations stay.

    A translation of another plural text waits for approval; forms too many become comments.
    """
    flags = tuple(flag for flag in message.flags if flag != "python-format")
    previous = message.previous
    if message.plural != source.plural and any(message.msgstr):
        flags = tuple(dict.fromkeys(("fuzzy", *flags)))
        previous = previous_rows(message)
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
