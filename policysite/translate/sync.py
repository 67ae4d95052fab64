"""Bring a catalog up to date with its source. Pure: (catalog, messages) → catalog and a summary.

Nothing a translator wrote is lost: a message that left the source stays as an obsolete entry, and is
revived with its translation when the text comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from policysite.core.locales import plural_header
from policysite.core.markdown import SEGMENTER_VERSION
from policysite.core.model import Catalog, Language, Message
from policysite.translate.extract import Source
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

    @property
    def changed(self) -> bool:
        """Whether the set of messages changed (references may change without it)."""
        return bool(self.added or self.revived or self.retired)


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
    catalog: Catalog, sources: Sequence[Source], language: Language
) -> tuple[Catalog, SyncSummary]:
    """The catalog with exactly the source's messages in the source's order, and obsolete ones behind."""
    known = {message.key: message for message in catalog.messages if not message.obsolete}
    obsolete = {message.key: message for message in catalog.messages if message.obsolete}
    forms = plural_count(language)
    messages: list[Message] = []
    added = revived = 0
    for source in sources:
        message = known.pop(source.key, None)
        if message is None:
            message = obsolete.pop(source.key, None)
            if message is None:
                added += 1
                message = Message(source.msgid, context=source.context)
            else:
                revived += 1
        messages.append(_fitted(message, source, forms))
    retired = [
        replace(message, obsolete=True, references=())
        for message in known.values()
        if any(message.msgstr) or message.user_comments
    ]
    summary = SyncSummary(
        catalog.path, len(messages), len(messages) - added - revived, added, revived, len(known)
    )
    return replace(catalog, messages=(*messages, *obsolete.values(), *retired)), summary


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
