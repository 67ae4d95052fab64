"""A redline for readers and tools: HTML, Markdown, plain text (with or without colour), JSON.

Readable without colour and without sight: deletions and insertions are elements (or signs) of their own and
are announced in words; the caller gives these words in the language of the page.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from itertools import groupby
from typing import Protocol

from msgspec import Struct

from policysite.core import urls
from policysite.core.locales import LATIN_DIGITS, in_digits
from policysite.core.markdown import literal
from policysite.core.model import (
    CHANGE_STATUSES,
    Block,
    BlockChange,
    ChangeStatus,
    Mark,
    Redline,
    Run,
    SectionChange,
    Span,
)
from policysite.core.quick import Resolve


class Labels(Struct, frozen=True):
    """The words around a redline, in the language of its page.

    inserted and deleted are said before, the `_end` ones after such a stretch. was and link are patterns
    with `%(number)s` and `%(title)s`. untitled names what stands before the first heading.
    """

    inserted: str = "inserted:"
    inserted_end: str = "end of insertion"
    deleted: str = "deleted:"
    deleted_end: str = "end of deletion"
    added: str = "new"
    removed: str = "removed"
    moved: str = "moved"
    changed: str = "changed"
    renumbered: str = "renumbered"
    kept: str = "unchanged"
    was: str = "was %(number)s"
    moved_here: str = "Moved here from another section:"
    moved_away: str = "Moved to another section:"
    form: str = "Another form, the same words:"
    split: str = "Now a paragraph of its own:"
    joined: str = "Now part of the paragraph above:"
    link: str = "Read the section “%(title)s”"
    untitled: str = "Beginning"
    nothing: str = "Nothing changed."

    def status(self, status: ChangeStatus) -> str:
        """The word for what happened."""
        return str(getattr(self, status))


#: For terminals and tools, which speak English.
ENGLISH = Labels()


# ── runs → text with nested elements ────────────────────────────────────────────────────────────


class _Operation(Struct, frozen=True):
    """A deletion or an insertion as an element around spans; `run` tells neighbours apart."""

    kind: str
    run: int


class _Dialect(Protocol):
    """How a format writes texts, styles and operations."""

    def text(self, text: str) -> str: ...

    def mark(self, mark: Mark, deleted: bool) -> tuple[str, str]: ...

    def operation(self, kind: str) -> tuple[str, str]: ...

    def void(self, span: Span) -> str: ...

    def target(self, mark: Mark, deleted: bool) -> str: ...


_VOID = ("br", "img")


def _inline(runs: Sequence[Run], dialect: _Dialect) -> str:
    """Runs with their styles and operations, properly nested: a style that goes on stays open. White space
    that came or went is not worth a word."""
    runs = [
        Run("equal", run.spans) if run.blank else run
        for run in runs
        if not (run.kind == "delete" and run.blank)
    ]
    parts: list[str] = []
    open_: list[tuple[Mark | _Operation, str]] = []  # what is open, and how it is closed

    def reach(wanted: Sequence[Mark | _Operation], deleted: bool) -> None:
        keep = 0
        while keep < min(len(open_), len(wanted)) and open_[keep][0] == wanted[keep]:
            keep += 1
        while len(open_) > keep:
            parts.append(open_.pop()[1])
        for one in wanted[keep:]:
            begin, end = (
                dialect.operation(one.kind) if isinstance(one, _Operation) else dialect.mark(one, deleted)
            )
            parts.append(begin)
            open_.append((one, end))

    for index, run in enumerate(runs):
        deleted = run.kind == "delete"
        outer = 0
        if run.kind != "equal":
            outer = _shared([_styles(span) for span in run.spans])
            if deleted:  # a link that is only in the old text belongs inside the deletion
                there = [one for one, _ in open_]
                styles = _styles(run.spans[0])[:outer]
                outer = next(
                    (at for at, one in enumerate(styles) if one.tag == "a" and there[at : at + 1] != [one]),
                    outer,
                )
        elsewhere = _other_targets(runs, index)
        for span in run.spans:
            styles = _styles(span)
            if run.kind == "equal":
                reach(styles, False)
            else:
                reach((*styles[:outer], _Operation(run.kind, index), *styles[outer:]), deleted)
            parts.append(dialect.void(span) if _is_void(span) else dialect.text(span.text))
            if elsewhere:
                parts += (dialect.target(mark, deleted) for mark in span.marks if mark.target)
    reach((), False)
    return "".join(parts)


def _is_void(span: Span) -> bool:
    return bool(span.marks) and span.marks[-1].tag in _VOID


def _styles(span: Span) -> tuple[Mark, ...]:
    return span.marks[:-1] if _is_void(span) else span.marks


def _shared(rows: Sequence[tuple[Mark, ...]]) -> int:
    """How many styles all rows begin with."""
    count = 0
    while all(len(row) > count and row[count] == rows[0][count] for row in rows):
        count += 1
    return count


def _other_targets(runs: Sequence[Run], index: int) -> bool:
    """Whether a run and its counterpart say the same and only lead elsewhere: then the target is shown."""
    run = runs[index]
    at = index + {"delete": 1, "insert": -1, "equal": 0}[run.kind]
    if run.kind == "equal" or not 0 <= at < len(runs):
        return False
    other = runs[at]
    pair = {run.kind, other.kind} == {"delete", "insert"} and run.text == other.text
    return pair and _targets(run) != _targets(other)


def _targets(run: Run) -> list[str]:
    return [mark.target for span in run.spans for mark in span.marks if mark.target]


def _title(section: SectionChange, labels: Labels) -> str:
    """The heading as plain text."""
    if section.heading is None or not section.blocks:
        return labels.untitled
    gone = "insert" if section.after is None else "delete"
    return "".join(run.text for run in section.blocks[0].runs if run.kind != gone)


def _notes(section: SectionChange, labels: Labels, digits: str = LATIN_DIGITS) -> list[str]:
    """What happened to a section, in words: `moved, changed, was 3.`"""
    notes = [labels.status(section.status)]
    if section.status == "moved" and section.edited:
        notes.append(labels.changed)
    if section.renumbered and section.before:
        if section.before.number:
            notes.append(labels.was % {"number": in_digits(section.before.number, digits)})
        elif section.status != "renumbered":
            notes.append(labels.renumbered)
    return notes


def _note(change: BlockChange, labels: Labels) -> str:
    """What happened to a block that its words do not tell."""
    if change.moved:
        return labels.moved_here
    if change.part in ("split", "joined"):
        return labels.split if change.part == "split" else labels.joined
    same = not change.part and not change.reworded
    return labels.form if change.status == "changed" and same else ""


def _shown(found: Redline, only_changes: bool) -> list[SectionChange]:
    return [section for section in found.sections if not only_changes or section.status != "kept"]


def _body(section: SectionChange, only_changes: bool) -> list[BlockChange]:
    """The blocks below the heading that are shown."""
    return [
        change
        for change in section.blocks
        if change.block.kind != "heading" and not (only_changes and change.status == "kept")
    ]


# ── HTML ────────────────────────────────────────────────────────────────────────────────────────

#: Characters that neither HTML nor a terminal may get: controls, and those that turn the direction of text.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)


def _clean(text: str) -> str:
    return _CONTROLS.sub("\ufffd", text)


def _escaped(text: str) -> str:
    return html.escape(_clean(text).replace("\r", " "))


def safe_link(element: str, target: str) -> tuple[tuple[str, str], ...]:
    """The `Resolve` of a redline whose caller gives none: links within the site and safe schemes."""
    if urls.split_internal(target) is not None or urls.scheme(target) in urls.SAFE_SCHEMES:
        return (("href", target),)
    return ()


class _Html(Struct, frozen=True):
    labels: Labels
    resolve: Resolve

    def text(self, text: str) -> str:
        return _escaped(text)

    def mark(self, mark: Mark, deleted: bool) -> tuple[str, str]:
        if mark.tag != "a":
            return f"<{mark.tag}>", f"</{mark.tag}>"
        # Where a deleted link led may be gone: it is a placeholder of a link, as HTML puts it.
        attributes = () if deleted else self.resolve("a", mark.target)
        written = "".join(f' {name}="{_escaped(value)}"' for name, value in attributes)
        return f"<a{written}>", "</a>"

    def operation(self, kind: str) -> tuple[str, str]:
        if kind == "delete":
            tag, begin, end = "del", self.labels.deleted, self.labels.deleted_end
        else:
            tag, begin, end = "ins", self.labels.inserted, self.labels.inserted_end
        return f"<{tag}>{_hidden(f'{begin} ')}", f"{_hidden(f' {end} ')}</{tag}>"

    def void(self, span: Span) -> str:
        if span.marks[-1].tag == "br":
            return "<br>"
        return f'<span class="image">{_escaped(span.text)}</span>'

    def target(self, mark: Mark, deleted: bool) -> str:
        return f' <code class="target">{_escaped(mark.target)}</code>'


def _hidden(text: str) -> str:
    return f'<span class="hidden">{_escaped(text)}</span>'


def as_html(
    found: Redline,
    labels: Labels,
    *,
    resolve: Resolve = safe_link,
    new_url: str = "",
    old_url: str = "",
    digits: str = LATIN_DIGITS,
    only_changes: bool = False,
) -> str:
    """A fragment of HTML: one `section` a section, ids `change-1`, `change-2` …

    resolve: what a link of the text becomes, as for `inline`. new_url, old_url: pages of the two versions;
    sections link to their headings there (empty: no link). digits: of the page's language.
    Every text is escaped; tags are always closed in their order, whatever the texts.
    """
    dialect = _Html(labels, resolve)
    parts = [
        _html_section(section, index, labels, dialect, new_url, old_url, digits, only_changes)
        for index, section in enumerate(_shown(found, only_changes), 1)
    ]
    return "\n".join(parts) if parts else f'<p class="nothing">{_escaped(labels.nothing)}</p>'


def _html_section(
    section: SectionChange,
    index: int,
    labels: Labels,
    dialect: _Html,
    new_url: str,
    old_url: str,
    digits: str,
    only_changes: bool,
) -> str:
    heading = section.heading
    level = min(max(heading.level if heading else 2, 2), 6)
    status = _escaped(", ".join(_notes(section, labels, digits)))
    parts = [f'<section class="change {section.status}" aria-labelledby="change-{index}">']
    if heading is None:
        title = _escaped(labels.untitled)
    else:
        title = _inline(section.blocks[0].runs, dialect)
        if heading.number:
            title = f'<span class="number">{_escaped(in_digits(heading.number, digits))}</span> {title}'
    parts.append(f'<div class="heading"><h{level} id="change-{index}">{title}</h{level}>')
    base = new_url if section.after else old_url
    if base and heading and heading.anchor:
        name = _escaped(labels.link % {"title": _title(section, labels)})
        href = _escaped(f"{base}#{heading.anchor}")
        parts.append(f'<a class="anchor" href="{href}" aria-label="{name}"></a>')
    parts.append(f'<p class="status">{status}</p></div>')
    for listed, group in groupby(_body(section, only_changes), lambda change: _in_list(change.block)):
        rows = [_html_block(change, labels, dialect) for change in group]
        parts += ["<ul>", *rows, "</ul>"] if listed else rows
    for block in section.left:
        parts.append(f'<p class="left">{_escaped(labels.moved_away)} {_escaped(_beginning(block))}</p>')
    parts.append("</section>")
    return "\n".join(parts)


def _in_list(block: Block) -> bool:
    return block.kind in ("item", "summary")


def _html_block(change: BlockChange, labels: Labels, dialect: _Html) -> str:
    note = _note(change, labels)
    before = f'<span class="note">{_escaped(note)}</span> ' if note else ""
    content = before + _inline(change.runs, dialect)
    kind = change.block.kind
    if _in_list(change.block):
        return f'<li class="{change.status}">{content}</li>'
    row = f'<p class="{kind} {change.status}">{content}</p>'
    return f"<blockquote>{row}</blockquote>" if kind == "quote" else row


def _beginning(block: Block) -> str:
    """Enough of a block to know it again."""
    return block.text if len(block.text) <= 80 else f"{block.text[:79].rsplit(' ', 1)[0]} …"


# ── Markdown ────────────────────────────────────────────────────────────────────────────────────


class _Markdown(Struct, frozen=True):
    """Markdown has no signs for insertions and deletions, so they are elements; styles are elements too,
    since signs may not stand just anywhere (`**` beside a letter and a bracket)."""

    def text(self, text: str) -> str:
        return re.sub(r"\s+", " ", literal(_clean(text))).replace(">", "&gt;").replace("~", "&#126;")

    def mark(self, mark: Mark, deleted: bool) -> tuple[str, str]:
        if mark.tag != "a":
            return f"<{mark.tag}>", f"</{mark.tag}>"
        attributes = () if deleted else safe_link("a", mark.target)
        target = dict(attributes).get("href")
        return ("[", f"]({_escaped(target)})".replace("\\", "%5C")) if target and _plain(target) else ("", "")

    def operation(self, kind: str) -> tuple[str, str]:
        tag = "del" if kind == "delete" else "ins"
        return f"<{tag}>", f"</{tag}>"

    def void(self, span: Span) -> str:
        return "<br>" if span.marks[-1].tag == "br" else f"\\[{self.text(span.text)}\\]"

    def target(self, mark: Mark, deleted: bool) -> str:
        return f" ({self.text(mark.target)})" if deleted else ""


def _plain(target: str) -> bool:
    """Whether a link target can be written between round brackets as it is."""
    return not re.search(r"[\s()<>\x00-\x20]", target)


#: What at the beginning of a line would be a list or a heading.
_START = re.compile(r"(\d{1,9}(?=[.)])|(?=[#+\-]))(.)")


def _guarded(line: str) -> str:
    """A line that Markdown takes for the beginning of a paragraph."""
    return _START.sub(r"\1\\\2", line, count=1) if _START.match(line) else line


def as_markdown(found: Redline, labels: Labels = ENGLISH, *, only_changes: bool = True) -> str:
    """The redline as Markdown, with `<ins>` and `<del>`; ends with a line feed."""
    dialect = _Markdown()
    parts: list[str] = []
    for section in _shown(found, only_changes):
        title = dialect.text(labels.untitled)
        if section.heading is not None:
            title = _inline(section.blocks[0].runs, dialect)
            number = dialect.text(section.heading.number)
            title = f"{number} {title}" if number else title
        level = min(max(section.heading.level if section.heading else 2, 2), 6)
        notes = dialect.text(", ".join(_notes(section, labels)))
        parts.append(f"{'#' * level} {title} ({notes})")
        for listed, group in groupby(_body(section, only_changes), lambda change: _in_list(change.block)):
            rows = []
            for change in group:
                note = _note(change, labels)
                line = (f"{dialect.text(note)} " if note else "") + _inline(change.runs, dialect)
                rows.append(("- " if listed else "> " * (change.block.kind == "quote")) + _guarded(line))
            parts += ["\n".join(rows)] if listed else rows
        for block in section.left:
            parts.append(f"{dialect.text(labels.moved_away)} {dialect.text(_beginning(block))}")
    return "\n\n".join(parts or [labels.nothing]) + "\n"


# ── plain text ──────────────────────────────────────────────────────────────────────────────────

_DELETED, _INSERTED, _BOLD, _RESET = "\x1b[31;9m", "\x1b[32;4m", "\x1b[1m", "\x1b[0m"


class _Text(Struct, frozen=True):
    """Signs of `git diff --word-diff`; with colour also red and struck out, green and underlined."""

    colour: bool

    def text(self, text: str) -> str:
        return re.sub(r"\s+", " ", _clean(text))

    def mark(self, mark: Mark, deleted: bool) -> tuple[str, str]:
        return "", ""

    def operation(self, kind: str) -> tuple[str, str]:
        begin, end = ("[-", "-]") if kind == "delete" else ("{+", "+}")
        if not self.colour:
            return begin, end
        return (_DELETED if kind == "delete" else _INSERTED) + begin, end + _RESET

    def void(self, span: Span) -> str:
        return " / " if span.marks[-1].tag == "br" else f"[{self.text(span.text)}]"

    def target(self, mark: Mark, deleted: bool) -> str:
        return f" ({self.text(mark.target)})"


def as_text(
    found: Redline, labels: Labels = ENGLISH, *, colour: bool = False, only_changes: bool = True
) -> str:
    """The redline for a terminal. Without colour nothing is lost. Control characters do not get through."""
    dialect = _Text(colour)
    lines: list[str] = []
    for section in _shown(found, only_changes):
        title = dialect.text(labels.untitled)
        if section.heading is not None:
            number = f"{dialect.text(section.heading.number)} " if section.heading.number else ""
            title = number + _inline(section.blocks[0].runs, dialect)
        if colour:
            title = _BOLD + title.replace(_RESET, _RESET + _BOLD) + _RESET
        lines += [*([""] if lines else []), f"{title} ({', '.join(_notes(section, labels))})"]
        for change in _body(section, only_changes):
            note = _note(change, labels)
            sign = "- " if _in_list(change.block) else ""
            lines.append(f"  {sign}{f'{note} ' if note else ''}{_inline(change.runs, dialect)}")
        for block in section.left:
            lines.append(f"  {labels.moved_away} {dialect.text(_beginning(block))}")
    return "\n".join(lines or [labels.nothing])


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────

#: The number changes when a tool that reads the old shape could fail on the new one.
JSON_FORMAT = 1


def _object(**properties: dict[str, object]) -> dict[str, object]:
    """The schema of an object with these keys and no others; all but those with a default are required."""
    required = [name for name, schema in properties.items() if "default" not in schema]
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _rows(items: dict[str, object], description: str) -> dict[str, object]:
    return {"type": "array", "items": items, "description": description}


def _value(kind: str | list[str], description: str, **more: object) -> dict[str, object]:
    return {"type": kind, "description": description, **more}


def _one_of(values: Sequence[str], description: str) -> dict[str, object]:
    return {"enum": list(values), "description": description}


def schema() -> dict[str, object]:
    """The shape of `as_record`, as JSON Schema; `docs/reference/redline.md` is made of it."""
    mark = _object(
        tag=_value("string", "`strong`, `em`, `code`, `a`, `img` or `br`."),
        target=_value("string", "Of a link or an image.", default=""),
        title=_value("string", "Of a link or an image.", default=""),
    )
    span = _object(
        text=_value("string", "A text in one style."), marks=_rows(mark, "Its styles, the outermost first.")
    )
    run = _object(
        kind=_one_of(("equal", "delete", "insert"), "Which versions have it."),
        text=_value("string", "Its text without styles."),
        spans=_rows(span, "Its text with styles."),
    )
    block = _object(
        status=_one_of(CHANGE_STATUSES, "What happened to it; `moved` is from another section."),
        kind=_value("string", "`heading`, `paragraph`, `item`, `row` (of a table), `title`, …"),
        old=_value(["integer", "null"], "Its place among the old blocks, from 0; null where it is new."),
        new=_value(["integer", "null"], "Its place among the new blocks; null where it was removed."),
        part=_one_of(
            ("", "first", "split", "joined"),
            "Of a block that was split or joined: `first`, then `split` or `joined` with the same `old` or "
            "`new`; their runs together are its text. Empty for all others.",
        ),
        runs=_rows(
            run, "Its words. Equal and deleted runs are the old text, equal and inserted ones the new."
        ),
    )
    heading = _object(
        markdown=_value("string", "Its text."),
        number=_value("string", "Its number, in the digits 0-9 where the site counts; empty without one."),
        level=_value("integer", "1 to 6.", minimum=1, maximum=6),
        anchor=_value("string", "The id that links lead to; empty without one."),
    )
    section = _object(
        status=_one_of(CHANGE_STATUSES, "The most important of what happened to it."),
        edited=_value("boolean", "Whether its text changed."),
        moved=_value("boolean", "Whether it changed its place among the sections."),
        renumbered=_value("boolean", "Whether it has another number."),
        before={**heading, "type": ["object", "null"], "description": "Its heading in the old version."},
        after={**heading, "type": ["object", "null"], "description": "Its heading in the new version."},
        blocks=_rows(block, "Its blocks, the heading first."),
        left=_rows(
            _object(kind=_value("string", "As above."), markdown=_value("string", "The text as it was.")),
            "Blocks that moved from here into another section.",
        ),
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_object(
            format={"const": JSON_FORMAT, "description": "The version of this shape."},
            changed=_value("boolean", "Whether anything changed, numbers and order included."),
            edited=_value("boolean", "Whether the text changed: more than order and numbers."),
            sections=_rows(section, "In the order of the new version; a removed one stands where it stood."),
        ),
    }


def as_record(found: Redline) -> dict[str, object]:
    """The redline as plain values, as `docs/reference/redline.md` describes them."""
    return {
        "format": JSON_FORMAT,
        "changed": found.changed,
        "edited": found.edited,
        "sections": [_section_record(section) for section in found.sections],
    }


def as_json(found: Redline) -> str:
    """`as_record` as JSON text."""
    return json.dumps(as_record(found), ensure_ascii=False, indent=2)


def _section_record(section: SectionChange) -> dict[str, object]:
    return {
        "status": section.status,
        "edited": section.edited,
        "moved": section.moved,
        "renumbered": section.renumbered,
        "before": _heading_record(section.before),
        "after": _heading_record(section.after),
        "blocks": [_block_record(change) for change in section.blocks],
        "left": [{"kind": block.kind, "markdown": block.text} for block in section.left],
    }


def _heading_record(block: Block | None) -> dict[str, object] | None:
    if block is None:
        return None
    return {"markdown": block.text, "number": block.number, "level": block.level, "anchor": block.anchor}


def _block_record(change: BlockChange) -> dict[str, object]:
    return {
        "status": change.status,
        "kind": change.block.kind,
        "old": change.old,
        "new": change.new,
        "part": change.part,
        "runs": [
            {
                "kind": run.kind,
                "text": run.text,
                "spans": [
                    {"text": span.text, "marks": [_mark_record(mark) for mark in span.marks]}
                    for span in run.spans
                ],
            }
            for run in change.runs
        ],
    }


def _mark_record(mark: Mark) -> dict[str, str]:
    record = {"tag": mark.tag}
    if mark.target:
        record["target"] = mark.target
    if mark.title:
        record["title"] = mark.title
    return record
