"""Inline Markdown that needs no parser: text, `**strong**`, `*em*`, plain links and code, side by side.

Exact, never a guess: a segment that holds anything else gives None and goes to Python-Markdown
(`core.markdown.inline`). Why this subset comes out the same: Python-Markdown looks for code first, then
links, then emphasis; here no mark stands inside another, and every mark belongs to a pair that is recognised,
so the order makes no difference. `tests/core/test_quick.py` compares both, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Resolve = Callable[[str, str], "tuple[tuple[str, str], ...]"]

#: Characters that can begin or end something, and those that Python-Markdown and `core.markdown` keep for
#: themselves. Some may stand in a text all the same: `!` not before `[`, a line break not after two spaces,
#: and one `_` after a letter or digit (no underscore begins anything there).
_MARKS = r"\\`*_\[\]<&\n\x02\x03\ue000\ue001"
_UNDERSCORE = r"(?<=[^\W_])_(?!_)"
_WORDS = rf"[^{_MARKS}]*+(?:{_UNDERSCORE}[^{_MARKS}]*+)*+"
_QUIET = re.compile(rf"{_WORDS}\Z")
_TOKEN = re.compile(
    rf"([^!{_MARKS}]++|!(?!\[)|(?<!  )\n|{_UNDERSCORE})"  # 1: text
    rf"|(?<!\*)\*\*(?=[^\s*])({_WORDS})(?<=\S)\*\*(?!\*)"  # 2: strong
    rf"|(?<!\*)\*(?=[^\s*])({_WORDS})(?<=\S)\*(?!\*)"  # 3: em
    rf"|\[(?!\])({_WORDS})\]\(([A-Za-z0-9/#:.@?=%+~,;_\ue010\ue011-]+)\)"  # 4, 5: link
    r"|(?<!`)`(?=[^`]*[^`\s])([^`\\\n\x02\x03\ue000\ue001]+)`(?!`)"  # 6: code
)

#: An ampersand that is not the beginning of an entity, as Python-Markdown's serializer sees it.
_AMPERSAND = re.compile(r"&(?!(?:#[0-9]+|#x[0-9a-f]+|[0-9a-z]+);)", re.IGNORECASE)


def quick_inline(text: str, resolve: Resolve | None = None) -> str | None:
    """A segment as HTML, or None where it takes the parser. resolve: see `core.markdown.inline`."""
    if _QUIET.match(text):
        return text.replace(">", "&gt;") if text and not text.isspace() else None
    if text.isspace():
        return None
    parts: list[str] = []
    position, end = 0, len(text)
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        position = match.end()
        kind = match.lastindex
        if kind == 1:
            parts.append(match.group().replace(">", "&gt;"))
        elif kind == 2:
            parts.append(f"<strong>{match.group(2).replace('>', '&gt;')}</strong>")
        elif kind == 3:
            parts.append(f"<em>{match.group(3).replace('>', '&gt;')}</em>")
        elif kind == 5:
            parts.append(_link(match.group(4).replace(">", "&gt;"), match.group(5), resolve))
        else:
            parts.append(f"<code>{_code(match.group(6))}</code>")
    return "".join(parts)


def _link(label: str, target: str, resolve: Resolve | None) -> str:
    attributes = {"href": target}
    if resolve is not None:
        attributes.update(resolve("a", target))
    written = "".join(f' {name}="{_attribute(value)}"' for name, value in sorted(attributes.items()))
    return f"<a{written}>{label}</a>"


def _attribute(value: str) -> str:
    if "&" in value:
        value = _AMPERSAND.sub("&amp;", value)
    return value.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _code(text: str) -> str:
    return text.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
