"""Inline Markdown that needs no parser: text, `**strong**`, `*em*`, plain links and code, side by side.

Exact, never a guess: a segment that holds anything else gives None and goes to Python-Markdown
(`core.markdown.inline`). Why this subset comes out the same: Python-Markdown looks for code first, then
links, then emphasis; here no mark stands inside another, and every mark belongs to a pair that is recognised,
so the order makes no difference. `tests/core/test_quick.py` compares both, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

Resolve = Callable[[str, str], "tuple[tuple[str, str], ...]"]

#: Characters that can begin or end something, and those that Python-Markdown and `core.markdown` keep for
#: themselves. Some may stand in a text all the same: `!` not before `[`, a line break not after two spaces,
#: and one `_` after a letter or digit (no underscore begins anything there).
_MARKS = r"\\`*_\[\]<&\n\x02\x03\ue000\ue001"
_UNDERSCORE = r"(?<=[^\W_])_(?!_)"
_WORDS = rf"[^{_MARKS}]*+(?:{_UNDERSCORE}[^{_MARKS}]*+)*+"
_QUIET = re.compile(rf"{_WORDS}\Z")
#: What follows the first mark of a token.
_STRONG = rf"(?=[^\s*])({_WORDS})(?<=\S)\*\*(?!\*)"
_EM = rf"(?=[^\s*])({_WORDS})(?<=\S)\*(?!\*)"
_LINK = rf"(?!\])({_WORDS})\]\(([A-Za-z0-9/#:.@?=%+~,;_\ue010\ue011-]+)\)"
_CODE = r"(?=[^`]*[^`\s])([^`\\\n\x02\x03\ue000\ue001]+)`(?!`)"
_TOKEN = re.compile(
    rf"([^!{_MARKS}]++|!(?!\[)|(?<!  )\n|{_UNDERSCORE})"
    rf"|(?<!\*)\*\*{_STRONG}|(?<!\*)\*{_EM}|\[{_LINK}|(?<!`)`{_CODE}"
    # 1: text, 2: strong, 3: em, 4 and 5: link, 6: code
)

#: Stands between texts that are looked at together: no token holds it, and to `re` it is no letter, digit or
#: space. (Python-Markdown keeps this character for itself, too.)
SEPARATOR = "\x02"
#: The same tokens but for the text between them (1: strong, 2: em, 3 and 4: link, 5: code), in many
#: texts at once; no group: a character that keeps its text from being read here. Every mark is one or the
#: other, so what is found from left to right is what `_TOKEN` finds.
#: Every alternative begins with a letter of its own, so that `re` looks for these letters only.
MARKUP = re.compile(
    "|".join(
        (
            rf"\*\*(?<!\*\*\*){_STRONG}",
            rf"\*(?<!\*\*){_EM}",
            rf"\[(?<!!\[){_LINK}",
            rf"`(?<!``){_CODE}",
            *(r"\*", r"\[", r"\]", r"`", r"\\", r"<", r"&", r"\x03", r"\ue000", r"\ue001"),
            r"_(?:(?<![^\W_]_)|(?=_))",
            r"\n(?<=  \n)",
        )
    )
)

#: An ampersand that is not the beginning of an entity, as Python-Markdown's serializer sees it.
_AMPERSAND = re.compile(r"&(?!(?:#[0-9]+|#x[0-9a-f]+|[0-9a-z]+);)", re.IGNORECASE)


def quick_inline(text: str, resolve: Resolve | None = None) -> str | None:
    """A segment as HTML, or None where it takes the parser. resolve: see `core.markdown.inline`."""
    if _QUIET.match(text):
        return text.replace(">", "&gt;") if text and not text.isspace() else None
    parts = quick_parts(text)
    return "".join(_html(*part, resolve) for part in parts) if parts is not None else None


def _html(element: str, text: str, target: str, resolve: Resolve | None) -> str:
    """A part, as `quick_parts` gives it."""
    if element == "code":
        return f"<code>{_code(text)}</code>"
    text = text.replace(">", "&gt;")
    if element == "a":
        return _link(text, target, resolve)
    return f"<{element}>{text}</{element}>" if element else text


def quick_all(texts: Sequence[str], resolve: Resolve | None = None) -> list[str | None]:
    """`quick_inline` of several texts, in one pass over all of them joined (1 µs a text instead of 3)."""
    joined = SEPARATOR.join(texts)
    if joined.count(SEPARATOR) != len(texts) - 1:
        return [quick_inline(text, resolve) for text in texts]

    def html(match: re.Match[str]) -> str:
        strong, em, label, target, code = match.groups()
        if label is not None:
            return _html("a", label, target, resolve)
        if strong is not None:
            return _html("strong", strong, "", resolve)
        if em is not None:
            return _html("em", em, "", resolve)
        return _html("code", code, "", resolve) if code is not None else _UNREAD

    single = ">" in joined  # to be escaped, but not in what is put in here
    return [
        quick_inline(text, resolve)
        if single and ">" in text
        else None
        if _UNREAD in found or not text or text.isspace()
        else found
        for text, found in zip(texts, MARKUP.sub(html, joined).split(SEPARATOR), strict=True)
    ]


#: Stands for a mark that takes the parser; in a text itself it is such a mark.
_UNREAD = "\x03"


def quick_parts(text: str) -> list[tuple[str, str, str]] | None:
    """What `quick_inline` renders, as (element, text, link target); None where it gives None.

    The element is empty for plain text; the target is empty for all but links.
    """
    if text.isspace() or not text:
        return None
    parts: list[tuple[str, str, str]] = []
    position, end = 0, len(text)
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        position = match.end()
        kind = match.lastindex or 1
        if kind == 5:
            parts.append(("a", match.group(4), match.group(5)))
        else:
            parts.append((_ELEMENTS[kind], match.group(kind), ""))
    return parts


#: The element of each group of _TOKEN that is no link.
_ELEMENTS = {1: "", 2: "strong", 3: "em", 6: "code"}


def _link(label: str, target: str, resolve: Resolve | None) -> str:
    return f"{_opening(target, resolve('a', target) if resolve is not None else ())}{label}</a>"


@lru_cache(maxsize=4096)  # most links lead where others lead
def _opening(target: str, resolved: tuple[tuple[str, str], ...]) -> str:
    """The tag that begins a link. resolved: attributes besides `href`, or in its place."""
    attributes = {"href": target, **dict(resolved)}
    written = "".join(f' {name}="{_attribute(value)}"' for name, value in sorted(attributes.items()))
    return f"<a{written}>"


def _attribute(value: str) -> str:
    if "&" in value:
        value = _AMPERSAND.sub("&amp;", value)
    return value.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _code(text: str) -> str:
    return text.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
