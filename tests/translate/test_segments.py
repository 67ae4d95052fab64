from __future__ import annotations

import pytest

from policysite.core.model import ParsedDocument
from policysite.load.documents import load_document
from policysite.translate.segments import parse_document, source_digest
from policysite.translate.texts import source_text, translated_text

TEXT = """\
---
title: "A title"
description: "A description"
summary: ["First", "A title"]
---

A paragraph over
two lines.

## Heading {: #h }

- item
- item

{{ cookie_table }}
"""


def parsed(text: str = TEXT) -> ParsedDocument:
    document, problems = load_document("content/a.md", text)
    assert problems == ()
    assert document is not None
    return parse_document(document)


def test_segments_come_in_reading_order_with_kind_and_place() -> None:
    assert [(item.kind, item.msgid, item.place.line, item.place.col) for item in parsed().segments()] == [
        ("title", "A title", 2, 8),
        ("description", "A description", 3, 14),
        ("summary", "First", 4, 11),
        ("summary", "A title", 4, 20),
        ("paragraph", "A paragraph over two lines.", 7, 1),
        ("heading", "Heading", 10, 4),
        ("item", "item", 12, 3),
        ("item", "item", 13, 3),
    ]
    assert [item.place.text for item in parsed().segments()][4:6] == [
        "A paragraph over",
        "## Heading {: #h }",
    ]


def msgids(document: ParsedDocument) -> tuple[str, ...]:
    return tuple(dict.fromkeys(segment.msgid for segment in document.segments()))


def test_generated_slots_are_no_segments() -> None:
    document = parsed()
    assert document.slot_ids.count("") == 2  # the anchor beside the heading, the cookie table
    assert "" not in msgids(document)
    assert msgids(document) == (
        "A title",
        "A description",
        "First",
        "A paragraph over two lines.",
        "Heading",
        "item",
    )
    assert document.anchors == {"h"}


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("over\ntwo", "over two", True),
        ("- item\n- item", "-   item\n-   item", True),
        ("paragraph", "paragraf", False),
        ("First", "Second", False),
        ("- item\n- item", "- item", False),
    ],
)
def test_the_digest_changes_with_what_the_text_says(old: str, new: str, same: bool) -> None:
    assert old in TEXT
    digest = source_digest(parsed())
    assert len(digest) == 12
    assert (source_digest(parsed(TEXT.replace(old, new))) == digest) is same


def test_the_source_lacks_nothing() -> None:
    text = source_text(parsed(), "en")
    assert (text.missing, text.total) == (0, 8)
    assert text.text("title") == "A title"
    assert text.text("lead") is None
    assert text.slots[0] == "A paragraph over\ntwo lines."


def test_a_translation_fills_slots_by_message_id() -> None:
    text = translated_text(parsed(), "bn", {"A title": "শিরোনাম", "item": "দফা", "stale": "x"})
    assert text.fields == ("শিরোনাম", None, None, "শিরোনাম")
    assert text.slots == (None, None, "", "দফা", "দফা", "")
    assert (text.missing, text.total) == (4, 8)
