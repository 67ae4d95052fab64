"""A page's text as Markdown: `index.md` beside `index.html`, for readers, lawyers and machines.

Texts are inline Markdown already; what is made here is the block structure, from the tags of the skeleton.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from msgspec import Struct

from policysite.core import locales
from policysite.core.model import PageRole, Skeleton

#: Roles whose pages have a copy.
ROLES: frozenset[PageRole] = frozenset({"main", "version"})

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>]*)>")


class Page(Struct, frozen=True):
    """A page to copy. values: what fills each slot of the skeleton, Markdown with facts filled in and
    absolute links; of a generated block its name. fields: the front matter's texts by name. tables: rows of
    the generated blocks that are tables."""

    skeleton: Skeleton
    values: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    numbered: bool
    digits: str
    version: str
    url: str
    tables: Mapping[str, tuple[tuple[str, ...], ...]]


def path(site_path: str) -> str:
    """Where the copy of a page is: `/en/privacy/index.md`."""
    return f"{site_path}index.md"


def markdown(page: Page) -> str:
    """The copy: title, address and version, “at a glance”, then the text with its section numbers."""
    texts: dict[str, list[str]] = {}
    for name, text in page.fields:
        texts.setdefault(name, []).append(text)
    head = [
        f"# {texts.get('title', [''])[0]}",
        f"<{page.url}>" + (f" ({page.version})" if page.version else ""),
    ]
    head += texts.get("lead", [])
    if "summary" in texts:
        head.append("\n".join(f"- {line}" for line in texts["summary"]))
    return "\n\n".join([*head, _Writer(page).text()]) + "\n"


class _Writer:
    """Walks the tags of the skeleton; a block is written when its text comes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.blocks: list[str] = []
        self.open: list[str] = []  # tags around the place
        self.counts: list[int] = []  # items so far, of each open list
        self.fresh = False  # the next block is the first of its list item
        self.cells: list[str] = []
        self.code: list[str] = []
        self.numbers = [0, 0]

    def text(self) -> str:
        """All blocks, separated as Markdown wants them."""
        skeleton = self.page.skeleton
        self._tags(skeleton.pieces[0])
        for slot, value, piece in zip(skeleton.slots, self.page.values, skeleton.pieces[1:], strict=True):
            if slot.kind == "block":
                self._table(self.page.tables.get(value, ()))
            elif slot.kind == "heading":
                self._block(
                    "#" * slot.level + " " + self._numbered(slot.level, slot.anchor, slot.numbered) + value
                )
            elif slot.kind == "cell":
                self.cells.append(value.replace("|", "\\|"))
            elif slot.kind == "definition":
                self.blocks[-1] += f"\n:   {value}"
            elif slot.kind != "anchor":
                self._block(value)
            self._tags(piece)
        return "\n\n".join(self.blocks)

    def _numbered(self, level: int, anchor: str, counted: bool) -> str:
        if not (self.page.numbered and anchor and counted) or level not in (2, 3):
            return ""
        if level == 2:
            self.numbers = [self.numbers[0] + 1, 0]
            number = f"{self.numbers[0]}."
        else:
            self.numbers[1] += 1
            number = f"{self.numbers[0]}.{self.numbers[1]}"
        return locales.in_digits(number, self.page.digits) + " "

    def _tags(self, piece: str) -> None:
        end = 0
        for match in _TAG.finditer(piece):
            if "pre" in self.open:
                self.code.append(piece[end : match.start()])
            end = match.end()
            closing, tag, attributes = match.groups()
            if not closing:
                self._opened(tag, attributes)
            elif tag in self.open:
                while self.open.pop() != tag:
                    pass
                self._closed(tag)

    def _opened(self, tag: str, attributes: str) -> None:
        if tag == "hr":
            self._block("---")
        if tag in ("br", "hr", "img", "input"):
            return
        self.open.append(tag)
        if tag in ("ul", "ol"):
            start = re.search(r'start="(\d+)"', attributes)
            self.counts.append(int(start.group(1)) - 1 if start else 0)
        elif tag == "li":
            self.counts[-1] += 1
            self.fresh = True
        elif tag == "tr":
            self.cells = []
        elif tag == "pre":
            self.code = []

    def _closed(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self.counts.pop()
        elif tag == "tr" and self.cells:
            row = f"| {' | '.join(self.cells)} |"
            if "thead" in self.open:
                row += "\n" + "| --- " * len(self.cells) + "|"
                self._block(row)
            elif self.blocks and self.blocks[-1].startswith("|"):
                self.blocks[-1] += "\n" + row
            else:
                self._block(row)
        elif tag == "pre":
            self._block("```\n" + unescape("".join(self.code)).strip("\n") + "\n```")

    def _table(self, rows: tuple[tuple[str, ...], ...]) -> None:
        if rows:
            head = "| " * len(rows[0]) + "|\n" + "| --- " * len(rows[0]) + "|\n"
            cells = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows)
            self._block(head + "\n".join(f"| {row} |" for row in cells))

    def _block(self, text: str) -> None:
        """A block at the depth of the open lists and quotes."""
        lists = [tag for tag in self.open if tag in ("ul", "ol")]
        indent = "    " * max(len(lists) - (1 if self.fresh else 0), 0)
        marker = ""
        if lists and self.fresh:
            number = f"{self.counts[-1]}."
            marker = (number if lists[-1] == "ol" else "-").ljust(4)
        self.fresh = False
        quote = "> " * self.open.count("blockquote")
        lines = text.split("\n")
        rest = "\n".join(f"{quote}{indent}{' ' * len(marker)}{line}" if line else "" for line in lines[1:])
        self.blocks.append(f"{quote}{indent}{marker}{lines[0]}" + (f"\n{rest}" if rest else ""))
