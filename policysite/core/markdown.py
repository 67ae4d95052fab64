"""The one Python-Markdown set-up: the parser that renders is the parser that extracts.

A document is parsed once into a `Skeleton` (HTML pieces with slots between them); every language fills
the slots with its own inline Markdown. `fill(parse(text))` equals `Markdown.convert(text)` byte for byte
(ids and decoration aside), because both run the same processors: parsing stops before the inline
treeprocessor, where elements still hold raw inline text.

Raw HTML is switched off: neither the block preprocessor nor the inline pattern for HTML is registered, so
markup in a text or a translation is shown as text, never obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import cast
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions.attr_list import AttrListExtension, get_attrs_and_remainder
from markdown.extensions.def_list import DefListExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.extensions.toc import slugify
from markdown.treeprocessors import UnescapeTreeprocessor
from markdown.util import AtomicString

from policysite.core.model import BLOCKS, Skeleton, Slot
from policysite.core.quick import Resolve, quick_all, quick_inline

#: Changes when the segmentation of a text changes, so that catalogs and caches can tell.
SEGMENTER_VERSION = 1

_KINDS = {
    "p": "paragraph",
    "li": "item",
    "td": "cell",
    "th": "cell",
    "dt": "term",
    "dd": "definition",
    "blockquote": "quote",
    **{f"h{level}": "heading" for level in range(1, 7)},
}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
#: Elements whose attribute list stands at the end of the line; elsewhere it stands on a line of its own
#: (the rule of Python-Markdown's attr_list).
_ATTRS_IN_LINE = _HEADINGS | {"dt", "td", "th"}
_ATTRS_LINE = re.compile(r"[ ]+\{:[ ]*([^}\n ][^}\n]*)\}[ ]*$")
_ATTRS_BLOCK = re.compile(r"\n[ ]*\{:[ ]*([^}\n ][^}\n]*)\}[ ]*$")
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARKER = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
#: Stands where a text was that consisted of an attribute list only; to the end, so that no white space moves.
_NOTHING = _OPEN + _CLOSE
_BLOCK_ONLY = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}\Z")
_RESERVED = str.maketrans("", "", "\x02\x03\ue000\ue001")
#: Possessive, so that `{{` and many spaces cost no more than their length.
PLACEHOLDER = re.compile(r"\{\{\s*+([^{}\s]*+(?:\s++[^{}\s]++)*+)\s*+\}\}")


@cache
def _engine() -> Markdown:
    """The processor set. Each use resets its state first, so that no result depends on an earlier one."""
    # Made here: by name, they would be looked for among all packages that are installed (20 ms).
    extensions = [TableExtension(), DefListExtension(), AttrListExtension(), SaneListExtension()]
    engine = Markdown(extensions=extensions, output_format="html")
    engine.preprocessors.deregister("html_block")
    engine.inlinePatterns.deregister("html")
    return engine


def parse(text: str, *, decorate: bool = True) -> Skeleton:
    """Parse a document body (Markdown) into its skeleton. Never raises, whatever the text.

    decorate: give headings ids, a wrapper and an anchor slot, and tables a scrolling region; without it
    the pieces are what Python-Markdown itself writes.
    """
    text = text.translate(_RESERVED)
    if not text.strip():
        return Skeleton(("",), ())
    try:
        return _skeleton(text, _tree, decorate)
    except RecursionError:  # lists hundreds of levels deep: no person's text, so it is shown as it is written
        _engine.cache_clear()  # its parser still believes to be inside those lists
        return _skeleton(text, _paragraph, decorate)


def _tree(engine: Markdown, text: str) -> Element:
    """The block structure of a text, before inline Markdown is looked at."""
    lines = text.split("\n")
    for preprocessor in engine.preprocessors:
        lines = preprocessor.run(lines)
    return cast(Element, engine.parser.parseDocument(lines).getroot())


def _paragraph(engine: Markdown, text: str) -> Element:
    """The text as one paragraph."""
    root = Element(engine.doc_tag)
    block = Element("p")
    block.text = text
    root.append(block)
    return root


def _skeleton(text: str, structure: Callable[[Markdown, str], Element], decorate: bool) -> Skeleton:
    engine = _engine().reset()
    root = structure(engine, text)
    collector = _Collector(text)
    collector.walk(root)
    if decorate:
        _decorate(root, collector)
    html = _finish(engine, root).replace(_NOTHING, "")
    order: list[int] = []
    pieces: list[str] = []
    end = 0
    for match in _MARKER.finditer(html):
        pieces.append(html[end : match.start()])
        order.append(int(match.group(1)))
        end = match.end()
    pieces.append(html[end:])
    slots = tuple(collector.slots[index] for index in order)
    references = tuple(sorted(engine.references.items()))
    return Skeleton(tuple(pieces), slots, references)


class _Collector:
    """Walks a parsed tree in document order, puts a marker where each text stands, and keeps the text."""

    def __init__(self, source: str) -> None:
        self.slots: list[Slot] = []
        self._lines = source.split("\n")
        self._line = self._col = 0

    def walk(self, element: Element) -> None:
        for child in element:
            text = child.text
            if text and text.strip() and not isinstance(text, AtomicString):
                child.text = self._take(child, text)
            self.walk(child)
            tail = child.tail
            if tail and tail.strip() and not isinstance(tail, AtomicString):
                child.tail = self._take(element, tail)

    def _take(self, element: Element, text: str) -> str:
        """Keep a text that stands directly in an element; attributes at its end go to the element."""
        tag = element.tag
        pattern = _ATTRS_LINE if tag in _ATTRS_IN_LINE else _ATTRS_BLOCK
        match = pattern.search(text)
        if match:
            _set_attributes(element, match.group(1))
            text = text[: match.start()]
            if tag in _HEADINGS:
                text = text.rstrip("#").rstrip()
            if not text.strip():
                return _NOTHING
        line, col = self._find(text)
        alone = _BLOCK_ONLY.match(text.strip()) if tag == "p" else None
        if alone and alone.group(1) in BLOCKS:
            slot = Slot(alone.group(1), "block", line, col)
            # A generated block replaces its paragraph: a `div` may hold tables, a `p` may not.
            element.tag = "div"
            element.set("class", "generated")
        elif tag in _HEADINGS:
            classes = (element.get("class") or "").split()
            slot = Slot(text, "heading", line, col, int(tag[1]), numbered="unnumbered" not in classes)
        else:
            slot = Slot(text, _KINDS.get(tag, "paragraph"), line, col)
        return self.add(slot)

    def add(self, slot: Slot) -> str:
        self.slots.append(slot)
        return f"{_OPEN}{len(self.slots) - 1}{_CLOSE}"

    def _find(self, text: str) -> tuple[int, int]:
        """1-based line and column of a text's first line, searched from the end of the last one found."""
        first = text.strip("\n").split("\n", 1)[0].strip()
        for line in range(self._line, len(self._lines)):
            col = self._lines[line].find(first, self._col if line == self._line else 0)
            if col >= 0:
                self._line, self._col = line, col + len(first)
                return line + 1, col + 1
        return self._line + 1, 1


def _set_attributes(element: Element, text: str) -> None:
    """What attr_list does with `#id`, `.class` and `key=value`; only ids and classes are kept."""
    for key, value in get_attrs_and_remainder(text)[0]:
        if key == ".":
            known = element.get("class")
            element.set("class", f"{known} {value}" if known else str(value))
        elif key == "id" and value:
            element.set("id", value)


def _decorate(root: Element, collector: _Collector) -> None:
    used: set[str] = set()
    last_id = ""
    for position, element in enumerate(list(root)):
        if element.tag in _HEADINGS:
            index = _marker_index(element.text)
            if index is None:
                continue
            slot = collector.slots[index]
            anchor = element.get("id") or _unique(slugify(plain(slot.raw), "-") or "section", used)
            used.add(anchor)
            element.set("id", anchor)
            last_id = anchor
            collector.slots[index] = Slot(
                slot.raw, "heading", slot.line, slot.col, slot.level, anchor, slot.numbered
            )
            wrapper = Element("div", {"class": "heading"})
            wrapper.append(element)
            # Beside the heading, not in it: a link inside would become part of the heading's name.
            element.tail = collector.add(Slot("", "anchor", slot.line, slot.col, slot.level, anchor))
            root[position] = wrapper
        elif element.tag == "table":
            attributes = {"class": "table"}
            if last_id:
                attributes |= {"role": "region", "aria-labelledby": last_id, "tabindex": "0"}
            wrapper = Element("div", attributes)
            wrapper.append(element)
            root[position] = wrapper


def _marker_index(text: str | None) -> int | None:
    match = _MARKER.match(text or "")
    return int(match.group(1)) if match else None


def _unique(anchor: str, used: set[str]) -> str:
    candidate, count = anchor, 1
    while candidate in used:
        count += 1
        candidate = f"{anchor}-{count}"
    return candidate


def _finish(engine: Markdown, root: Element) -> str:
    """The treeprocessors after `inline`, the serializer and the postprocessors: the end of `convert`."""
    engine.treeprocessors["prettify"].run(root)
    engine.treeprocessors["unescape"].run(root)
    html = engine.serializer(root)
    tag = engine.doc_tag
    start, end = f"<{tag}>", f"</{tag}>"
    html = html[html.index(start) + len(start) : html.rindex(end)].strip() if end in html else ""
    for postprocessor in engine.postprocessors:
        html = postprocessor.run(html)
    return html.strip()


def inline(
    text: str,
    references: Sequence[tuple[str, tuple[str, str | None]]] = (),
    resolve: Resolve | None = None,
) -> str:
    """Render one segment of inline Markdown to HTML. Never raises; raw HTML comes out as text.

    references: the document's link references. resolve: (element, target) -> attributes, called for the
    `href` of each link (`a`) and the `src` of each image (`img`); what it returns is set on the element.
    """
    found = quick_inline(text, resolve)
    return found if found is not None else slow_inline(text, references, resolve)


def inline_all(
    texts: Sequence[str],
    references: Sequence[tuple[str, tuple[str, str | None]]] = (),
    resolve: Resolve | None = None,
) -> list[str]:
    """`inline` of several segments, which takes a third of the time."""
    return [
        found if found is not None else slow_inline(text, references, resolve)
        for text, found in zip(texts, quick_all(texts, resolve), strict=True)
    ]


def slow_inline(
    text: str,
    references: Sequence[tuple[str, tuple[str, str | None]]] = (),
    resolve: Resolve | None = None,
) -> str:
    """`inline` through Python-Markdown, whatever the text."""
    engine = _engine().reset()
    for name, (target, title) in references:
        engine.references[name] = (target, title or "")
    root = _paragraph(engine, text.translate(_RESERVED))
    engine.treeprocessors["inline"].run(root)
    if resolve is not None:
        unescape = cast(UnescapeTreeprocessor, engine.treeprocessors["unescape"]).unescape
        for element in root.iter():
            if element.tag == "a":
                attributes = resolve("a", unescape(element.get("href", "")))
            elif element.tag == "img":
                attributes = resolve("img", element.get("src", ""))
            else:
                continue
            for name, value in attributes:
                element.set(name, value)
    html = _finish(engine, root)
    return html.removeprefix("<p>").removesuffix("</p>")


def fill(skeleton: Skeleton, texts: Sequence[str]) -> str:
    """The document's HTML: the pieces with one text in each slot (lengths must agree)."""
    parts = [skeleton.pieces[0]]
    for text, piece in zip(texts, skeleton.pieces[1:], strict=True):
        parts.append(text)
        parts.append(piece)
    return "".join(parts)


def section_numbers(slots: Iterable[Slot], numbered: bool = True) -> tuple[str, ...]:
    """The number of each slot's section: `1.` for the second level, `1.2` for the third, empty for others
    and where the document is not numbered."""
    numbers = []
    first = second = 0
    for slot in slots:
        number = ""
        if numbered and slot.kind == "heading" and slot.anchor and slot.numbered and slot.level in (2, 3):
            if slot.level == 2:
                first, second = first + 1, 0
                number = f"{first}."
            else:
                second += 1
                number = f"{first}.{second}"
        numbers.append(number)
    return tuple(numbers)


_SOFT_BREAK = re.compile(r"(?<! )[ \t]?\n[ \t]*")


def fold(raw: str) -> str:
    """A segment as translators see it: soft line breaks are spaces, hard ones (two spaces) stay."""
    return _SOFT_BREAK.sub(" ", raw.strip())


_PLAIN = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?|\\([^\w\s])|[*`]+")


def plain(raw: str) -> str:
    """Inline Markdown without its marks: for slugs and titles, not for HTML."""
    return _PLAIN.sub(lambda match: match.group(1) or match.group(2) or "", raw).strip()


def placeholders(raw: str) -> tuple[str, ...]:
    """Names inside `{{ … }}`, in order, as written."""
    return tuple(match.group(1) for match in PLACEHOLDER.finditer(raw))


_ESCAPED = re.compile(r"([\\`*_\[\]{}])")


@lru_cache(maxsize=1024)  # facts, which every page names
def literal(value: str) -> str:
    """A text as inline Markdown that shows exactly that text (also inside a link target)."""
    return _ESCAPED.sub(r"\\\1", value.replace("&", "&amp;").replace("<", "&lt;"))


def substitute(raw: str, values: Callable[[str], str | None]) -> str:
    """Replace each `{{ name }}` by its value as literal text; unknown names stay as written."""
    if "{{" not in raw:
        return raw

    def replace(match: re.Match[str]) -> str:
        value = values(match.group(1))
        return match.group(0) if value is None else literal(value)

    return PLACEHOLDER.sub(replace, raw)
