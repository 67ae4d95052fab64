"""Inline Markdown as a row of styled texts: what is compared when two versions of a text are compared.

A reader sees styled words, not asterisks. Cutting Markdown between its signs would break it; cutting spans
cannot, because each piece keeps the styles it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from html.parser import HTMLParser

from policysite.core.markdown import PLACEHOLDER, inline
from policysite.core.model import Mark, Span

References = tuple[tuple[str, tuple[str, str | None]], ...]


#: Elements without content; they become a span of their own.
_VOID = frozenset({"img", "br"})


class _Reader(HTMLParser):
    def __init__(self, restore: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self.spans: list[Span] = []
        self._marks: list[Mark] = []
        self._restore = restore

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: self._restore(value or "") for name, value in attrs}
        mark = Mark(tag, given.get("href") or given.get("src", ""), given.get("title", ""))
        if tag in _VOID:
            self._add("\n" if tag == "br" else given.get("alt", ""), (*self._marks, mark))
        else:
            self._marks.append(mark)

    def handle_endtag(self, tag: str) -> None:
        if self._marks and self._marks[-1].tag == tag:
            self._marks.pop()

    def handle_data(self, data: str) -> None:
        # Python-Markdown writes a line feed after `<br>`: the break itself stands for it.
        if self.spans and self.spans[-1].marks and self.spans[-1].marks[-1].tag == "br":
            data = data.removeprefix("\n")
        if data:
            self._add(self._restore(data), tuple(self._marks))

    def _add(self, text: str, marks: tuple[Mark, ...]) -> None:
        last = self.spans[-1] if self.spans else None
        if last and last.marks == marks and not (marks and marks[-1].tag in _VOID):
            self.spans[-1] = Span(last.text + text, marks)
        else:
            self.spans.append(Span(text, marks))


_NAMED = re.compile("\ue010([^\ue011]*)\ue011")
#: Texts without any of these signs are plain: no need to ask the Markdown engine.
_MARKUP = re.compile(r"[\\`*_\[\]<>&!{}\x02\x03\n]|  |[\ue000-\ue011]")


@lru_cache(maxsize=8192)
def spans(raw: str, references: References = ()) -> tuple[Span, ...]:
    """The spans of a segment, as the Markdown engine that renders it sees them. Never raises.

    A placeholder stays as `{{ name }}`, in texts and in targets.
    """
    if not _MARKUP.search(raw) and raw == raw.strip():
        return (Span(raw),) if raw else ()
    # A placeholder may stand in a link target, where Markdown takes no space: give it a form without one.
    guarded = PLACEHOLDER.sub(lambda match: f"\ue010{match.group(1)}\ue011", raw)
    reader = _Reader(lambda text: _NAMED.sub(lambda match: "{{ " + match.group(1) + " }}", text))
    reader.feed(inline(guarded, references))
    reader.close()
    return tuple(reader.spans)


def text_of(row: Sequence[Span]) -> str:
    """The text of spans, without styles."""
    return "".join(span.text for span in row)
