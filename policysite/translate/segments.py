"""Documents → segments: what translators see of a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policysite.core.diagnostics import Place, place_in
from policysite.core.markdown import fold, parse
from policysite.core.model import Document, Segment, Skeleton


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document with its structure. `slot_ids[i]` is the message id of skeleton slot i (empty for a
    generated slot), `field_ids[i]` that of front-matter field i."""

    document: Document
    skeleton: Skeleton
    slot_ids: tuple[str, ...]
    field_ids: tuple[str, ...]

    @property
    def domain(self) -> str:
        """The catalog that translates it."""
        return self.document.key

    def slot_place(self, index: int) -> Place:
        """Where a slot's text stands in the file."""
        slot = self.skeleton.slots[index]
        found = place_in(self.document.path, self.document.body, slot.line, slot.col)
        return Place(found.path, found.line + self.document.body_line - 1, found.col, found.text)

    def segments(self) -> Iterator[Segment]:
        """Every translatable text in reading order: front matter, then body."""
        for (name, field), msgid in zip(self.document.fields, self.field_ids, strict=True):
            yield Segment(msgid, name, field.place)
        for index, (slot, msgid) in enumerate(zip(self.skeleton.slots, self.slot_ids, strict=True)):
            if slot.translatable:
                yield Segment(msgid, slot.kind, self.slot_place(index))

    def msgids(self) -> tuple[str, ...]:
        """The distinct message ids, in order of first appearance."""
        return tuple(dict.fromkeys((*self.field_ids, *(msgid for msgid in self.slot_ids if msgid))))


def parse_document(document: Document) -> ParsedDocument:
    """Parse a document's body once. Never raises."""
    skeleton = parse(document.body)
    slot_ids = tuple(fold(slot.raw) if slot.translatable else "" for slot in skeleton.slots)
    field_ids = tuple(fold(field.text) for _, field in document.fields)
    return ParsedDocument(document, skeleton, slot_ids, field_ids)
