"""Documents → segments: what translators see of a text, and the digest that tells when it changed."""

from __future__ import annotations

import hashlib

from policysite.core.markdown import fold, parse
from policysite.core.model import Document, ParsedDocument


def parse_document(document: Document) -> ParsedDocument:
    """Parse a document's body once. Never raises."""
    skeleton = parse(document.body)
    slot_ids = tuple(fold(slot.raw) if slot.translatable else "" for slot in skeleton.slots)
    field_ids = tuple(fold(field.text) for _, field in document.fields)
    return ParsedDocument(document, skeleton, slot_ids, field_ids)


def source_digest(parsed: ParsedDocument) -> str:
    """Twelve hex digits of what the English text says; an override names the digest it was made from."""
    text = "\0".join((*parsed.field_ids, *parsed.slot_ids))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
