"""Which text each language has for each document: catalogs and overrides → `LanguageText`."""

from __future__ import annotations

from collections.abc import Mapping

from policysite.core.model import LanguageText, ParsedDocument


def source_text(parsed: ParsedDocument, tag: str) -> LanguageText:
    """A document in its own language: the English source, or an override."""
    slots = tuple(slot.raw for slot in parsed.skeleton.slots)
    return LanguageText(tag, parsed, slots, tuple(field.text for _, field in parsed.document.fields))


def translated_text(parsed: ParsedDocument, tag: str, translations: Mapping[str, str]) -> LanguageText:
    """A document through a catalog's publishable messages (msgid → msgstr). Generated slots need none."""
    slots = tuple(
        translations.get(msgid) if slot.translatable else ""
        for slot, msgid in zip(parsed.skeleton.slots, parsed.slot_ids, strict=True)
    )
    return LanguageText(tag, parsed, slots, tuple(translations.get(msgid) for msgid in parsed.field_ids))
