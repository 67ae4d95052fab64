from __future__ import annotations

import json
import re
from html import unescape

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from markdown import markdown

from policysite.core.markdown import parse
from policysite.core.model import Redline
from policysite.core.redline import redline, wording_of
from policysite.render.redline import (
    ENGLISH,
    Labels,
    as_html,
    as_json,
    as_markdown,
    as_record,
    as_text,
    schema,
)

OLD = """\
## Data {: #data }

We keep your [name](/name/) for **six** months.

- letters
- parcels

## Rights

Ask [us](/contact/).
"""
NEW = """\
## Rights

Ask [us](/about/).

## Your data {: #data }

We keep your [full name](/name/) for **twelve** months.

- letters
"""


def between(old: str, new: str, numbered: bool = True) -> Redline:
    return redline(wording_of(parse(old), numbered=numbered), wording_of(parse(new), numbered=numbered))


def test_html() -> None:
    labels = Labels(inserted="যোগ:", inserted_end="শেষ", was="ছিল %(number)s", moved="সরানো")
    html = as_html(
        between(OLD, NEW), labels, new_url="/bn/privacy/", old_url="/bn/privacy/2024/", digits="০১২৩৪৫৬৭৮৯"
    )
    first, second = html.split("\n<section")
    assert (
        first
        == """\
<section class="change moved" aria-labelledby="change-1">
<div class="heading"><h2 id="change-1"><span class="number">১.</span> Rights</h2>
<a class="anchor" href="/bn/privacy/#rights" aria-label="Read the section “Rights”"></a>
<p class="status">সরানো, changed, ছিল ২.</p></div>
<p class="paragraph changed">Ask <del><span class="hidden">deleted: </span><a>us <code class="target">\
/contact/</code></a><span class="hidden"> end of deletion </span></del><a href="/about/"><ins>\
<span class="hidden">যোগ: </span>us <code class="target">/about/</code><span class="hidden"> শেষ </span>\
</ins></a>.</p>
</section>"""
    )
    assert '<a href="/name/"><ins><span class="hidden">যোগ: </span>full <span' in second
    assert '<strong><del><span class="hidden">deleted: </span>six<' in second
    assert second.count("<ul>\n<li") == 1
    assert '<li class="removed"><del>' in second


def test_text() -> None:
    assert (
        as_text(between(OLD, NEW))
        == """\
1. Rights (moved, changed, was 2.)
  Ask [-us (/contact/)-]{+us (/about/)+}.

2. [-Data-]{+Your data+} (changed, was 1.)
  We keep your {+full +}name for [-six-]{+twelve+} months.
  - [-parcels-]"""
    )


def test_markdown() -> None:
    assert (
        as_markdown(between(OLD, NEW))
        == """\
## 1. Rights (moved, changed, was 2.)

Ask <del>us (/contact/)</del>[<ins>us</ins>](/about/).

## 2. <del>Data</del><ins>Your data</ins> (changed, was 1.)

We keep your [<ins>full </ins>name](/name/) for <strong><del>six</del><ins>twelve</ins></strong> months.

- <del>parcels</del>
"""
    )


def test_colour_adds_to_the_signs() -> None:
    found = as_text(between(OLD, NEW), colour=True)
    assert re.sub("\x1b\\[[0-9;]*m", "", found) == as_text(between(OLD, NEW))
    assert "\x1b[31;9m[-six-]\x1b[0m" in found


@pytest.mark.parametrize("only", [True, False])
def test_what_is_equal_can_be_left_out(only: bool) -> None:
    found = between(OLD, OLD.replace("parcels", "boxes"))
    assert ("Rights" in as_html(found, ENGLISH, only_changes=only)) is not only
    assert ("Rights" in as_markdown(found, only_changes=only)) is not only
    assert ("letters" in as_text(found, only_changes=only)) is not only


def test_no_change_is_said_in_words() -> None:
    found = between(OLD, OLD)
    assert as_text(found) == "Nothing changed."
    assert as_markdown(found) == "Nothing changed.\n"
    assert as_html(found, Labels(nothing="<কিছু না>"), only_changes=True) == (
        '<p class="nothing">&lt;কিছু না&gt;</p>'
    )


def test_a_paragraph_that_moved_says_so_at_both_places() -> None:
    text = "Nobody else will ever see what you wrote to us in confidence."
    old = f"## A\n\n{text}\n\n## B\n\nWords."
    found = between(old, f"## A\n\nOther.\n\n## B\n\nWords.\n\n{text}")
    for shown in (as_text(found), as_markdown(found), as_html(found, ENGLISH)):
        assert shown.count(text) == 2
        assert ENGLISH.moved_here in shown
        assert ENGLISH.moved_away in shown


def test_another_form_of_the_same_words_is_said_in_words() -> None:
    assert ENGLISH.form in as_text(between("Some words.", "- Some words."))


def test_a_paragraph_that_was_split_or_joined_says_so() -> None:
    parts = ["We keep the names of all who write to us.", "Nobody else may ever read these letters."]
    one, two = " ".join(parts), "\n\n".join(parts)
    assert as_text(between(one, two)) == (
        f"Beginning (changed)\n  {parts[0]}\n  Now a paragraph of its own: {parts[1]}"
    )
    assert as_text(between(two, one)) == (
        f"Beginning (changed)\n  {parts[0]} \n  Now part of the paragraph above: {parts[1]}"
    )
    assert "<ins>" not in as_html(between(one, two), ENGLISH)


def test_unsafe_links_lead_nowhere() -> None:
    html = as_html(between("[a](javascript:alert(1))", "[b](javascript:alert(1)) <b onclick=x>"), ENGLISH)
    assert "href" not in html
    assert "<b " not in html


def test_the_caller_decides_what_links_become() -> None:
    html = as_html(
        between("", "[a](/x/)"),
        ENGLISH,
        resolve=lambda tag, target: (("href", f'/bn{target}"&'), ("rel", "help")),
    )
    assert '<a href="/bn/x/&quot;&amp;" rel="help">' in html


def test_json_is_as_its_schema_says() -> None:
    record = json.loads(as_json(between(OLD, NEW)))
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(record, schema())
    numbers = [(one["before"]["number"], one["after"]["number"]) for one in record["sections"]]
    assert numbers == [("2.", "1."), ("1.", "2.")]
    assert record["sections"][0]["blocks"][1]["runs"][1] == {
        "kind": "delete",
        "text": "us",
        "spans": [{"text": "us", "marks": [{"tag": "a", "target": "/contact/"}]}],
    }


# ── laws ────────────────────────────────────────────────────────────────────────────────────────

SIGNS = "ab c.*`[]()<>!&\\_{}#-+1\"'éক্ষ報\n\x1b\x00\u202e"
inline_text = st.text(st.sampled_from(SIGNS) | st.characters(), max_size=40)
pieces = st.sampled_from(
    ["**a b**", "[c d](/e/)", "`f`", "*g **h***", "a  \nb", "![i](j.png)", "## ", "- ", "\n\n"]
)
source = st.lists(pieces | inline_text, max_size=8).map("".join)
laws = settings(max_examples=250, derandomize=True, deadline=None)


def tree(html: str) -> etree._Element:
    """The fragment, read by a parser that forgives nothing."""
    return etree.fromstring(f"<div>{html.replace('<br>', '<br/>')}</div>")


def text_without(html: str, *gone: str) -> str:
    """The text of a page's blocks as one of the two versions had it."""
    root = tree(html)
    for element in list(root.iter()):
        classes = (element.get("class") or "").split()
        drop = {"hidden", "number", "target", "note", "status", "left", "anchor", "nothing"} & set(classes)
        if drop or element.tag in gone or (element.tag == "h2" and element.text == ENGLISH.untitled):
            tail = element.tail or ""
            before = element.getprevious()
            parent = element.getparent()
            assert parent is not None
            if before is not None:
                before.tail = (before.tail or "") + tail
            else:
                parent.text = (parent.text or "") + tail
            parent.remove(element)
    return squeezed("".join(root.itertext()))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd-\uffff]+", "", text)


def version(found: Redline, gone: str) -> str:
    return squeezed(
        "".join(
            run.text
            for section in found.sections
            for change in section.blocks
            for run in change.runs
            if run.kind != gone
        )
    )


@laws
@given(source, source)
def test_html_is_well_formed_and_holds_both_versions(old: str, new: str) -> None:
    found = between(old, new)
    html = as_html(found, ENGLISH, new_url="/a/", old_url="/b/")
    assert text_without(html, "del") == version(found, "delete")
    assert text_without(html, "ins") == version(found, "insert")


@laws
@given(source, source)
def test_every_change_is_announced(old: str, new: str) -> None:
    root = tree(as_html(between(old, new), ENGLISH))
    for tag, begin, end in (
        ("ins", ENGLISH.inserted, ENGLISH.inserted_end),
        ("del", ENGLISH.deleted, ENGLISH.deleted_end),
    ):
        for element in root.iter(tag):
            first, last = element[0], element[-1]
            assert (first.get("class"), (first.text or "").strip()) == ("hidden", begin)
            assert (last.get("class"), (last.text or "").strip()) == ("hidden", end)
            assert not element.text


@laws
@given(source, source)
def test_a_terminal_gets_no_control_characters(old: str, new: str) -> None:
    shown = as_text(between(old, new), only_changes=False)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


TRICKY = ("we", "*keep*", "1.", "-", "#", "+", "a_b", "<b>", "&lt;", "[x](/y/)", "`c`", "5)", "!", "**", "কষ")
plain_words = st.lists(st.sampled_from(TRICKY), max_size=8).map(" ".join)


@laws
@given(plain_words, plain_words)
def test_markdown_says_the_same_when_rendered(old: str, new: str) -> None:
    found = redline(wording_of(parse(old)), wording_of(parse(new)))
    rendered = markdown(as_markdown(found, only_changes=False), extensions=["sane_lists"])
    shown = squeezed(unescape(re.sub(r"<[^>]*>", "", re.sub(r"<h\d>.*?</h\d>", "", rendered))))
    words = [
        run.text
        for section in found.sections
        for change in section.blocks
        if change.block.kind != "heading"
        for run in change.runs
    ]
    assert shown == squeezed("".join(words) if found.sections else ENGLISH.nothing)


@laws
@given(source, source)
def test_json_fits_its_schema_whatever_the_texts(old: str, new: str) -> None:
    record = as_record(between(old, new))
    errors = list(jsonschema.Draft202012Validator(schema()).iter_errors(record))
    assert not errors
