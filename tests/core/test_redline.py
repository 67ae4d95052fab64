from __future__ import annotations

from operator import attrgetter

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policysite import pipeline
from policysite.core.markdown import parse
from policysite.core.model import Block, BlockChange, Redline, Span, Wording
from policysite.core.redline import redline, wording, wording_of
from policysite.core.spans import spans
from policysite.translate.texts import source_text
from tests.helpers import mini


def of(text: str, numbered: bool = False) -> Wording:
    return wording_of(parse(text), numbered=numbered)


def statuses(found: Redline) -> list[str]:
    """One line a section: what happened, its numbers where they differ, its heading."""
    lines = []
    for section in found.sections:
        numbers = ""
        if section.renumbered:
            assert section.before
            assert section.after
            numbers = f" {section.before.number}→{section.after.number}"
        edited = " edited" if section.edited and section.status == "moved" else ""
        name = section.heading.text if section.heading else "-"
        lines.append(f"{section.status}{edited}{numbers} {name}")
    return lines


def marked(change: BlockChange) -> str:
    signs = {"equal": ("", ""), "delete": ("[-", "-]"), "insert": ("{+", "+}")}
    return "".join(signs[run.kind][0] + run.text + signs[run.kind][1] for run in change.runs)


def changes(found: Redline) -> list[str]:
    return [
        f"{change.status} {marked(change)}"
        for section in found.sections
        for change in section.blocks
        if change.status != "kept"
    ]


POLICY = """\
We are Acme, and this is what we do with what we know about you.

## What we collect

We collect your name, your address and the pages you read.

- names for letters
- addresses for the envelope

## How long we keep it

We keep everything for six months after your last visit to us.

## Your rights

You can ask us for a copy of it, and you can ask us to delete it all.

## Contact

Write to [us](mailto:help@acme.test).
"""


def sections_of(text: str) -> list[str]:
    first, *rest = text.split("\n## ")
    return [first, *(f"\n## {part}" for part in rest)]


def test_equal_versions_have_no_change() -> None:
    found = redline(of(POLICY), of(POLICY.replace(" and ", "\nand ")))  # wrapped elsewhere: the same text
    assert not found.changed
    assert {line.split()[0] for line in statuses(found)} == {"kept"}
    assert changes(found) == []


def test_words_are_marked_in_their_block() -> None:
    found = redline(of(POLICY), of(POLICY.replace("six months", "twelve months")))
    assert statuses(found) == [
        "kept -",
        "kept What we collect",
        "changed How long we keep it",
        "kept Your rights",
        "kept Contact",
    ]
    assert changes(found) == [
        "changed We keep everything for [-six-]{+twelve+} months after your last visit to us."
    ]


def test_a_new_section_renumbers_the_ones_after_it() -> None:
    parts = sections_of(POLICY)
    new = "".join([*parts[:2], "\n## Children\n\nNobody below 18 may use it.\n", *parts[2:]])
    assert statuses(redline(of(POLICY, True), of(new, True))) == [
        "kept -",
        "kept What we collect",
        "added Children",
        "renumbered 2.→3. How long we keep it",
        "renumbered 3.→4. Your rights",
        "renumbered 4.→5. Contact",
    ]


def test_numbers_that_were_written_by_hand_are_numbers() -> None:
    found = redline(of("## 1. Scope\n\nAll of it.\n\n## 2. Law\n\nOurs."), of("## 1. Law\n\nOurs."))
    assert statuses(found) == ["removed Scope", "renumbered 2.→1. Law"]


@pytest.mark.parametrize(
    ("heading", "number", "text"),
    [
        ("3. Data", "3.", "Data"),
        ("2.1 Data", "2.1", "Data"),
        ("A. Data", "A.", "Data"),
        ("(b) Data", "(b)", "Data"),
        ("IV) Data", "IV)", "Data"),
        ("Section 4: Data", "Section 4:", "Data"),
        ("3\\. Data", "3.", "Data"),
        ("§ 7 Data", "§ 7", "Data"),
        ("১. তথ্য", "১.", "তথ্য"),
        ("Data 3", "", "Data 3"),
        ("A word", "", "A word"),
        ("I am", "", "I am"),
        ("2024", "", "2024"),
    ],
)
def test_the_number_an_author_wrote(heading: str, number: str, text: str) -> None:
    (found,) = of(f"## {heading}").blocks
    assert (found.number, found.text) == (number, text)


def test_a_section_that_moved_is_no_deletion_and_insertion() -> None:
    one, two, three, four, five = sections_of(POLICY)
    moved = four.replace("a copy", "one copy")
    assert statuses(redline(of(POLICY), of(one + moved + two + three + five))) == [
        "kept -",
        "moved edited Your rights",
        "kept What we collect",
        "kept How long we keep it",
        "kept Contact",
    ]


def test_a_section_with_another_heading_is_known_by_its_text() -> None:
    found = redline(of(POLICY), of(POLICY.replace("How long we keep it", "Retention")))
    assert statuses(found)[2] == "changed Retention"
    assert changes(found) == ["changed [-How long we keep it-]{+Retention+}"]


def test_the_same_heading_stays_the_section_whatever_it_says() -> None:
    new = POLICY.replace("You can ask us for a copy of it, and you can ask us to delete it all.", "None.")
    found = redline(of(POLICY), of(new))
    assert statuses(found)[3] == "changed Your rights"


def test_an_id_given_by_the_author_names_a_section() -> None:
    old, new = "## Cookies {: #c }\n\nWe set none.", "## Storage {: #c }\n\nNothing is kept in browsers."
    assert statuses(redline(of(old), of(new))) == ["changed Storage"]


def test_removed_sections_stand_where_they_stood() -> None:
    parts = sections_of(POLICY)
    found = redline(of(POLICY), of("".join([*parts[:2], *parts[4:]])))
    assert statuses(found) == [
        "kept -",
        "kept What we collect",
        "removed How long we keep it",
        "removed Your rights",
        "kept Contact",
    ]


def test_a_paragraph_that_moved_into_another_section_is_shown_once() -> None:
    sentence = "We keep everything for six months after your last visit to us."
    text = POLICY.replace(sentence, "Until you go.").replace("Write to", f"{sentence}\n\nWrite to")
    found = redline(of(POLICY), of(text))
    retention, contact = found.sections[2], found.sections[4]
    assert [block.text for block in retention.left] == [sentence]
    assert [(change.status, marked(change)) for change in contact.blocks][1] == ("moved", sentence)
    assert [change.status for change in retention.blocks] == ["kept", "added"]
    assert (retention.status, contact.status) == ("changed", "changed")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # A link with another target is a change though the words are the same; so is a style.
        ("Read [this](/a/).", "Read [this](/b/).", "Read [-this-]{+this+}."),
        ("It **must** be.", "It must be.", "It [-must-]{+must+} be."),
        ("See [our terms](/t/) now", "See [our new terms](/t/) now", "See our {+new +}terms now"),
        ("Set `_ga` here", "Set `_gid` here", "Set [-_ga-]{+_gid+} here"),
        ("18 years", "{{ minimum_age }} years", "[-18-]{+{{ minimum_age }}+} years"),
    ],
)
def test_markup(old: str, new: str, expected: str) -> None:
    found = redline(of(old), of(new))
    assert changes(found) == [f"changed {expected}"]


def test_pieces_keep_the_styles_they_stand_in() -> None:
    found = redline(of("**Read [our terms](/t/).**"), of("**Read [our new terms](/t/).**"))
    (change,) = found.sections[0].blocks
    assert [span.marks[-1].tag for run in change.runs if run.kind == "insert" for span in run.spans] == ["a"]


def test_a_reference_that_leads_elsewhere_is_a_change() -> None:
    text = "Read [this][t].\n\n[t]: "
    assert changes(redline(of(f"{text}/a/"), of(f"{text}/b/"))) == ["changed Read [-this-]{+this+}."]


def test_another_kind_or_level_is_a_change() -> None:
    old, new = "## A\n\nSome words of a text.", "### A\n\n- Some words of a text."
    assert [change.status for section in redline(of(old), of(new)).sections for change in section.blocks] == [
        "changed",
        "changed",
    ]


PARTS = (
    "We keep the names of all who write to us.",
    "Nobody but our own people may read the letters.",
    "After two years everything is burnt in the yard.",
)


@pytest.mark.parametrize("divider", ["\n\n", "\n\n- "])
def test_a_paragraph_that_was_split_is_not_written_anew(divider: str) -> None:
    one, parts = " ".join(PARTS), divider.join(PARTS).replace("two years", "one year")
    there, back = redline(of(one), of(parts)), redline(of(parts), of(one))
    (section,) = there.sections
    assert [(change.part, change.old, change.new) for change in section.blocks] == [
        ("first", 0, 0),
        ("split", 0, 1),
        ("split", 0, 2),
    ]
    assert [marked(change).replace("[- -]", "") for change in section.blocks] == [
        *PARTS[:2],
        PARTS[2].replace("two years", "[-two years-]{+one year+}"),
    ]
    assert [(change.part, change.old, change.new) for change in back.sections[0].blocks] == [
        ("first", 0, 0),
        ("joined", 1, 0),
        ("joined", 2, 0),
    ]


def test_white_space_is_no_change() -> None:
    assert not redline(of("Two\u00a0words."), of("Two words.")).changed


def test_the_rows_of_a_table_are_compared_as_rows() -> None:
    table = "| a | b |\n| --- | --- |\n| one cookie | two days |\n| session | three days |\n"
    assert of(table).blocks[0] == Block("row", "a | b")
    found = redline(
        of(table), of(table.replace("two days", "nine days").replace("| session", "| x | y |\n| session"))
    )
    assert changes(found) == ["changed one cookie | [-two-]{+nine+} days", "added {+x | y+}"]


def test_the_wording_of_a_document_has_its_front_matter_numbers_and_facts() -> None:
    translated, _ = pipeline.translate(mini.sources())
    assert translated is not None
    by_key = {item.document.path: item for item in translated.parsed}
    policy = by_key["content/privacy/2024-05.md"]
    numbered = replace(policy, document=replace(policy.document, numbered=True))
    assert wording(source_text(numbered, "en")).blocks == (
        Block("title", "Privacy policy"),
        Block("paragraph", "We keep nothing."),
        Block("heading", "Your rights", 2, "rights", "1."),
        Block("paragraph", "You may ask."),
    )
    home = source_text(by_key["content/home.md"], "en")
    assert wording(home).blocks[-1].text.startswith("Acme is for people of {{ minimum_age }}")
    assert wording(home, {"minimum_age": "18"}.get).blocks[-1].text.startswith("Acme is for people of 18")
    bengali = replace(home, tag="bn", slots=(None,), fields=("স্বাগতম", *home.fields[1:]))
    assert wording(bengali).blocks[0].text == "স্বাগতম"
    assert wording(bengali).blocks[1:] == wording(home).blocks[1:]


# ── laws ────────────────────────────────────────────────────────────────────────────────────────

WORDS = (
    *("we", "keep", "sell", "your", "data", "**never**", "[terms](/t/)", "`_ga`", "*and*", ",", ".", "18"),
    *("তথ্য", "সংগ্রহ", "क्षमा", "करें", "個人情報を収集", "ข้อมูลที่", "العَرَبِيّة", "👨‍👩‍👧"),
)
sentence = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join)
block = st.tuples(st.sampled_from(["", "- ", "## ", "### ", "> "]), sentence).map("".join)
document = st.lists(block, max_size=9).map("\n\n".join)


@st.composite
def revisions(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and one made of it as editors do: parts dropped, repeated, moved, words replaced."""
    old = draw(document)
    blocks = draw(st.permutations(old.split("\n\n"))) if draw(st.booleans()) else old.split("\n\n")
    new = []
    for text in blocks:
        match draw(st.integers(0, 5)):
            case 0:
                continue
            case 1:
                new.append(text.replace("data", "names").replace("収集", "利用"))
            case 2:
                new += [text, draw(block)]
            case _:
                new.append(text)
    return old, "\n\n".join(new)


def joined(rows: list[Span]) -> list[Span]:
    result: list[Span] = []
    for span in rows:
        if result and result[-1].marks == span.marks:
            result[-1] = Span(result[-1].text + span.text, span.marks)
        else:
            result.append(span)
    return result


laws = settings(max_examples=250, derandomize=True, deadline=None)


@laws
@given(revisions())
def test_the_runs_give_both_versions_back(pair: tuple[str, str]) -> None:
    old, new = map(of, pair)
    found = [change for section in redline(old, new).sections for change in section.blocks]
    for version, side, gone in ((old, "old", "insert"), (new, "new", "delete")):
        there = [change for change in found if getattr(change, side) is not None]
        there.sort(key=attrgetter(side))
        assert {getattr(change, side) for change in there} == set(range(len(version.blocks)))
        for index, text in enumerate(version.blocks):
            parts = [change for change in there if getattr(change, side) == index]
            assert all((change.before if side == "old" else change.after) == text for change in parts)
            assert len(parts) == 1 or parts[0].part == "first"
            pieces = [span for c in parts for run in c.runs if run.kind != gone for span in run.spans]
            assert joined(pieces) == joined(list(spans(text.text, version.references)))
    order = [change.new for change in found if change.new is not None]
    assert order == sorted(order)


@laws
@given(document)
def test_nothing_changed_when_nothing_changed(text: str) -> None:
    found = redline(of(text, True), of(text, True))
    assert not found.changed
    assert all(run.kind == "equal" for section in found.sections for c in section.blocks for run in c.runs)


@laws
@given(revisions())
def test_back_again_is_the_same_with_insertions_and_deletions_exchanged(pair: tuple[str, str]) -> None:
    old, new = map(of, pair)
    there, back = redline(old, new), redline(new, old)

    def seen(found: Redline, exchange: bool) -> set[tuple[object, ...]]:
        other = {"equal": "equal", "delete": "insert", "insert": "delete"}
        return {
            (
                (c.new, c.old) if exchange else (c.old, c.new),
                c.moved,
                section.moved and not c.moved,  # a moved block is shown in the newer section
                tuple(sorted((other[run.kind] if exchange else run.kind, run.spans) for run in c.runs)),
            )
            for section in found.sections
            for c in section.blocks
        }

    assert seen(there, False) == seen(back, True)


@laws
@given(revisions())
def test_no_piece_begins_or_ends_inside_a_cluster(pair: tuple[str, str]) -> None:
    old, new = map(of, pair)
    for section in redline(old, new).sections:
        for change in section.blocks:
            for gone in ("insert", "delete"):
                pieces = [span.text for run in change.runs if run.kind != gone for span in run.spans]
                whole = regex.findall(r"\X", "".join(pieces))
                assert [cluster for piece in pieces for cluster in regex.findall(r"\X", piece)] == whole


@laws
@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_compared(old: str, new: str) -> None:
    found = redline(of(old), of(new))
    assert found == redline(of(old), of(new))
