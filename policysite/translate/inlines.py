"""What one segment of inline Markdown consists of, as rendered: tags, links, visible text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser

from msgspec import Struct

from policysite.core.markdown import PLACEHOLDER, inline
from policysite.core.quick import MARKUP, SEPARATOR, quick_parts
from policysite.translate.words import REMEMBERED

References = tuple[tuple[str, tuple[str, str | None]], ...]


class Facets(Struct, frozen=True):
    """tags: multiset of element names; links and images: their targets, sorted; text: what is read."""

    tags: tuple[tuple[str, int], ...]
    links: tuple[str, ...]
    images: tuple[str, ...]
    text: str
    images_without_alt: int


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.links: list[str] = []
        self.images: list[str] = []
        self.text: list[str] = []
        self.images_without_alt = 0
        self._code = 0

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self._code += tag == "code"
        for name, value in attrs:
            if name == "href":
                self.links.append(value or "")
            elif name == "src":
                self.images.append(value or "")
        if tag == "img" and not (dict(attrs).get("alt") or "").strip():
            self.images_without_alt += 1

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.text.append(data)


_NAMED = re.compile("\ue010([^\ue011]*)\ue011")


#: What inline Markdown or HTML could begin with; a text without it is read as it is written, if no space
#: stands at its ends.
MARKS = r"\\`*_\[\]<>&{}!\x00-\x1f\ue000-\uf8ff"
_MARKED = re.compile(f"[{MARKS}]")


#: A placeholder whose name is none to Markdown either: no underscore begins or ends anything in it.
_PLAIN_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9]+(?:_[A-Za-z0-9]+)*)\s*\}\}")
#: A piece of HTML as `core.markdown` writes it: a text, or a tag with its attributes.
_PIECE = re.compile(r'([^<]+)|<(/?)([a-z]+[0-9]?)((?: [a-z]+="[^"<>]*")*)( /)?>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
#: Elements whose content a parser reads in its own way.
_OTHERWISE = frozenset({"script", "style", "textarea", "title", "plaintext", "xmp", "iframe", "noscript"})


def read_plainly(html: str, reader: _Reader) -> bool:
    """Tell a reader what HTML consists of, as its parser would, ten times as fast. False (and the reader is
    of no more use) where it is not written as plainly as `core.markdown` writes."""
    position = 0
    for match in _PIECE.finditer(html):
        if match.start() != position:
            return False
        position = match.end()
        text, closing, tag, attributes, alone = match.groups()
        if text is not None:
            reader.handle_data(unescape(text) if "&" in text else text)
        elif tag in _OTHERWISE:
            return False
        elif closing:
            reader.handle_endtag(tag)
        else:
            pairs = [(name, unescape(value)) for name, value in _ATTRIBUTE.findall(attributes)]
            reader.handle_starttag(tag, pairs)
            if alone:
                reader.handle_endtag(tag)
    return position == len(html)


def _read(html: str) -> _Reader:
    reader = _Reader()
    if not read_plainly(html, reader):
        reader = _Reader()
        reader.feed(html)
        reader.close()
    return reader


def plain_facets(text: str) -> Facets:
    """A text without markup, as it is."""
    return Facets((), (), (), text, 0)


def read_facets(raw: str, references: References = ()) -> Facets:
    """The facets of a segment. Placeholders stay in links and text as `{{ name }}` (canonical spacing)."""
    if raw == raw.strip():
        if not _MARKED.search(raw):
            return plain_facets(raw)
        if "{{" in raw and not _MARKED.search(_PLAIN_PLACEHOLDER.sub("x", raw)):
            return plain_facets(_PLAIN_PLACEHOLDER.sub(r"{{ \1 }}", raw))
    # A placeholder may stand in a link target, where Markdown takes no space: give it a form without one.
    guarded = PLACEHOLDER.sub(lambda match: f"\ue010{match.group(1)}\ue011", raw) if "{{" in raw else raw
    parts = quick_parts(guarded)
    if parts is not None:
        return _quick_facets(parts)
    reader = _read(inline(guarded, references))

    return Facets(
        tuple(sorted(reader.tags.items())),
        tuple(sorted(_restored(link) for link in reader.links)),
        tuple(sorted(_restored(image) for image in reader.images)),
        _restored("".join(reader.text)),
        reader.images_without_alt,
    )


def _restored(text: str) -> str:
    return _NAMED.sub(r"{{ \1 }}", text) if "\ue010" in text else text


def _quick_facets(parts: Sequence[tuple[str, str, str]]) -> Facets:
    """The facets of what `quick_parts` gives: what a parser would read in the HTML made of it."""
    tags: dict[str, int] = {}
    for element, _, _ in parts:
        if element:
            tags[element] = tags.get(element, 0) + 1
    return Facets(
        tuple(sorted(tags.items())),
        tuple(sorted(_restored(target) for _, _, target in parts if target)),
        (),
        _restored("".join(text for element, text, _ in parts if element != "code")),
        0,
    )


def read_all(raws: Sequence[str], references: References = ()) -> list[Facets]:
    """`read_facets` of several texts, in one pass over all of them joined."""
    joined = SEPARATOR.join(raws)
    if joined.count(SEPARATOR) >= len(raws) or "\ue010" in joined or "\ue011" in joined:
        return [read_facets(raw, references) for raw in raws]
    guarded = _PLAIN_PLACEHOLDER.split(joined)
    guarded[1::2] = [f"\ue010{name}\ue011" for name in guarded[1::2]]
    guarded_text = "".join(guarded)
    other_placeholders = "{{" in guarded_text
    parts = MARKUP.split(guarded_text)
    found: list[list[str]] = [[] for _ in raws]
    links: list[list[str]] = [[] for _ in raws]
    slow: set[int] = set()
    shown = parts[::6]
    row = 0
    marked = zip(shown, parts[1::6], parts[2::6], parts[3::6], parts[4::6], parts[5::6], strict=False)
    for at, (text, strong, em, label, target, code) in enumerate(marked):
        row += text.count(SEPARATOR)
        if label:
            found[row].append("a")
            links[row].append(target)
            shown[at] += label
        elif strong:
            found[row].append("strong")
            shown[at] += strong
        elif em:
            found[row].append("em")
            shown[at] += em
        elif code:
            found[row].append("code")
        else:
            slow.add(row)
    named = _NAMED.split("".join(shown))
    named[1::2] = [f"{{{{ {name} }}}}" for name in named[1::2]]
    texts = "".join(named).split(SEPARATOR)
    return [
        read_facets(raw, references)
        if number in slow or (other_placeholders and "{{" in raw) or not raw.strip()
        else Facets(_counted(tuple(names)), tuple(sorted(map(_restored, targets))), (), text, 0)
        for number, (raw, names, targets, text) in enumerate(zip(raws, found, links, texts, strict=True))
    ]


@lru_cache(maxsize=1024)
def _counted(names: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """A multiset of names, as `Facets` holds it."""
    return tuple(sorted(Counter(names).items()))


@lru_cache(maxsize=REMEMBERED)
def facets(raw: str, references: References = ()) -> Facets:
    """`read_facets`, remembered: for English texts, which are asked for by every language."""
    return read_facets(raw, references)
