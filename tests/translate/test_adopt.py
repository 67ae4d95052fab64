from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policysite import catalogs, pipeline
from policysite.core.markdown import substitute
from policysite.core.model import Catalog, Document, Message, ParsedDocument
from policysite.load.documents import load_foreign
from policysite.load.sources import read_sources
from policysite.pipeline import Translated
from policysite.translate.adopt import adopt_into, align, best_fit, pieces
from policysite.translate.segments import parse_document
from tests.helpers.machine import ROOT


def document(text: str, tag: str | None = None) -> ParsedDocument:
    found, problems = load_foreign("old.md", text, tag or "bn")
    assert problems == ()
    assert found is not None
    return parse_document(found)


def nothing(name: str) -> str | None:
    return None


def paired(source: str, foreign: str) -> dict[str, str]:
    """English → foreign texts of an alignment."""
    ours, theirs = document(source, "en"), document(foreign)
    alignment = align(ours, pieces(ours), pieces(theirs))
    return {
        segment.msgid: " + ".join(alignment.foreign[at].msgid for at in found)
        for segment, found in alignment.pairs
    }


# ── reading the file ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "title", "body", "line"),
    [
        ("# শিরোনাম\n\nকিছু।\n", "শিরোনাম", "কিছু।", 3),
        ("শিরোনাম\n=======\n\nকিছু।\n", "শিরোনাম", "কিছু।", 4),
        ("\n\n# শিরোনাম {: #x }\nকিছু।", "শিরোনাম", "কিছু।", 4),
        ('---\ntitle: "শিরোনাম"\nown: [1, 2]\n---\n\nকিছু।\n', "শিরোনাম", "কিছু।", 6),
        ("---\nlead: a\n---\n# শিরোনাম\nকিছু।\n", "শিরোনাম", "কিছু।", 5),
        ("কিছু।\n\n# পরে\n", None, "কিছু।", 1),
    ],
)
def test_a_file_from_elsewhere_is_read(text: str, title: str | None, body: str, line: int) -> None:
    found = document(text)
    assert dict(found.document.fields).get("title") is None if title is None else True
    if title is not None:
        assert dict(found.document.fields)["title"].text == title
    first = next(segment for segment in found.segments() if segment.msgid == body)
    assert first.place.line == line


# ── aligning ────────────────────────────────────────────────────────────────────────────────────


def test_links_and_numbers_tell() -> None:
    source = "One [a](/terms/).\n\nTwo for 30 days.\n\nThree [b](/privacy/#x).\n"
    foreign = "দুই ৩০ দিন।\n\nতিন [খ](/bn/privacy/#x)।\n"
    assert paired(source, foreign) == {
        "Two for 30 days.": "দুই ৩০ দিন।",
        "Three [b](/privacy/#x).": "তিন [খ](/bn/privacy/#x)।",
    }


def test_headings_pair_with_headings_only() -> None:
    assert paired("## A\n\ntext of a paragraph\n", "লেখা লেখা লেখা\n\n## ক\n\nলেখা লেখা লেখা\n") == {
        "A": "ক",
        "text of a paragraph": "লেখা লেখা লেখা",
    }


def test_two_foreign_paragraphs_may_be_one() -> None:
    long = (
        "We keep the [log](/log/) for 30 days and the [backup](/backup/) for 90 days, and then delete both."
    )
    found = paired(
        f"Short.\n\n{long}\n", "ছোট।\n\n[লগ](/log/) ৩০ দিন রাখি।\n\n[ব্যাকআপ](/backup/) ৯০ দিন রাখি।\n"
    )
    assert found[long] == "[লগ](/log/) ৩০ দিন রাখি। + [ব্যাকআপ](/backup/) ৯০ দিন রাখি।"


@pytest.fixture(scope="module")
def shipped() -> Translated:
    sources, _ = read_sources(ROOT)
    translated, _ = pipeline.translate(sources)
    assert translated is not None
    return translated


def foreign_file(parsed: ParsedDocument, texts: dict[str, str], facts: dict[str, str]) -> str:
    """The English file with every text translated: what somebody would have kept as a whole file."""
    body, at, out = parsed.document.body, 0, ""
    for slot, msgid in zip(parsed.skeleton.slots, parsed.slot_ids, strict=True):
        if slot.translatable:
            begin = body.index(slot.raw, at)
            out += body[at:begin] + substitute(texts[msgid], facts.get)
            at = begin + len(slot.raw)
    return f"# {texts[parsed.field_ids[0]]}\n\n{out}{body[at:]}"


@pytest.mark.parametrize(("dropped", "least"), [(0.0, 0.99), (0.1, 0.85)])
@pytest.mark.parametrize("key", ["privacy", "cookies", "terms"])
@pytest.mark.parametrize("tag", ["bn", "ar"])
def test_the_shipped_translations_find_their_place(
    shipped: Translated, tag: str, key: str, dropped: float, least: float
) -> None:
    """Each policy as one file, whole and with paragraphs taken away: the right document, the right texts."""
    facts = {fact.name: str(fact.value) for fact in shipped.project.config.facts}
    parsed = next(item for item in shipped.parsed if item.document.key == key)
    catalog = shipped.catalog(tag, key)
    assert catalog is not None
    texts = catalog.translations()
    dice = random.Random(1)
    blocks = foreign_file(parsed, texts, facts).split("\n\n")
    text = "\n\n".join(block for block in blocks if block.startswith("# ") or dice.random() >= dropped)
    language = shipped.project.config.language(tag)
    alignment, adopted, problems = catalogs.adopt(shipped, language, "old.md", text)
    assert problems == ()
    assert alignment is not None
    assert adopted is not None
    assert alignment.source is parsed
    source_of = {substitute(target, facts.get): source for source, target in texts.items()}
    pairs = [
        (segment.msgid, alignment.foreign[at].msgid) for segment, found in alignment.pairs for at in found
    ]
    right = sum(source_of.get(theirs) == ours for ours, theirs in pairs)
    assert right >= least * len(alignment.foreign)


def test_the_version_that_fits_is_chosen() -> None:
    old = "We keep [nothing](/a/).\n\n## Rights\n\nYou may ask.\n"
    new = "We keep [logs](/b/) for 30 days.\n\n## Rights\n\nYou may ask.\n\n- At once.\n- Or later.\n"
    versions = [document(old, "en"), document(new, "en")]
    like_new = "আমরা [লগ](/b/) ৩০ দিন রাখি।\n\n## অধিকার\n\nচাইতে পারেন।\n\n- এখনই।\n- পরে।\n"
    like_old = "আমরা [কিছু](/a/) রাখি না।\n\n## অধিকার\n\nচাইতে পারেন।\n"
    for foreign, wanted in ((like_new, versions[1]), (like_old, versions[0])):
        found = best_fit(versions, document(foreign), nothing)
        assert found is not None
        assert found.source is wanted
    assert best_fit([], document(like_new), nothing) is None


# ── nothing is dropped ──────────────────────────────────────────────────────────────────────────

blocks = st.sampled_from(
    [
        "para one",
        "para two [x](/a)",
        "## head",
        "### sub",
        "- item",
        "- item two",
        "> quote",
        "| a | b |\n| --- | --- |\n| c | d |",
    ]
)
documents = st.lists(blocks, min_size=1, max_size=6).map("\n\n".join)


@settings(max_examples=120, derandomize=True, deadline=None)
@given(documents, documents, st.booleans())
def test_every_foreign_text_is_in_the_catalog(source: str, foreign: str, translated: bool) -> None:
    ours = document(source, "en")
    numbered = "\n\n".join(
        block.replace("para", f"para{number}")
        .replace("item", f"item{number}")
        .replace("head", f"head{number}")
        for number, block in enumerate(foreign.split("\n\n"))
    )
    theirs = document(numbered)
    mine = ("mine",) if translated else ("",)
    catalog = Catalog("a.po", "bn", "a", "", tuple(Message(msgid, mine) for msgid in ours.slot_ids if msgid))
    alignment = align(ours, pieces(ours), pieces(theirs))
    adopted = adopt_into(catalog, alignment, "old.md")
    everything = "\n".join(
        row for item in adopted.catalog.messages for row in (*item.msgstr, *item.user_comments)
    )
    for segment in theirs.segments():
        assert segment.msgid in everything
    for before, after in zip(catalog.messages, adopted.catalog.messages, strict=True):
        assert after.msgid == before.msgid
        assert after.msgstr == before.msgstr or (after.fuzzy and not translated)
    again = adopt_into(adopted.catalog, alignment, "old.md")
    assert again.catalog == adopted.catalog
    assert again.imported == 0


def test_a_document_is_read_with_its_levels() -> None:
    parsed = parse_document(replace(_document(), body="## A\n\ntext\n"))
    assert [(piece.level, piece.segment.kind) for piece in pieces(parsed)] == [
        (2, "heading"),
        (0, "paragraph"),
    ]


def _document() -> Document:
    return Document("content/a.md", "a", None, None, "page", "a", "", 1, ())
