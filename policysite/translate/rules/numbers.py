"""Rules on numbers: the same values, in the digits of the language."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from policysite.core.locales import LATIN_DIGITS
from policysite.core.markdown import PLACEHOLDER
from policysite.translate.rules.columns import Rows, Table
from policysite.translate.rules.scope import URLISH, Finding, Pair
from policysite.translate.words import REMEMBERED

_NUMBER = re.compile(r"\d+(?:[.,٫٬\u00a0\u202f']\d+)*")
#: Names with a number keep it: IPv4, MP3.
_NAMED = re.compile(r"[A-Za-z]+[0-9]+")
#: Separators in groups of three digits, or of two before the last three (as in India), change no value.
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,' ])[0-9]{3})(?:\1[0-9]{3})*|[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}")


def other_numbers(table: Table) -> Rows:
    """Where the numbers are not written as in the source."""
    theirs, ours = table.english.texts, table.targets.texts
    return {row for row in table.digits if sorted(_written(ours[row])) != _source_written(theirs[row])}


def _written(text: str) -> list[str]:
    """The numbers of a text as they are written."""
    text = URLISH.sub(" ", text)
    return _NUMBER.findall(PLACEHOLDER.sub(" ", text) if "{{" in text else text)


@lru_cache(maxsize=REMEMBERED)
def _source_written(text: str) -> list[str]:
    """`_written` of an English text, sorted and remembered. Not to be changed."""
    return sorted(_written(text))


def numbers(pair: Pair) -> Iterator[Finding]:
    """T106: the same numbers by value, whatever the digits. Number and word may change places."""
    ours, theirs = _numbers(pair.target), _source_numbers(pair.source)
    if ours == theirs:
        return
    lacking, extra = theirs - ours, ours - theirs
    for values, words, text in (
        (lacking, pair.scope.numbers, pair.text),
        (extra, pair.scope.source.numbers, pair.source_text),
    ):
        for pattern, value in words:
            if values[str(value)]:
                values[str(value)] -= len(pattern.findall(text))
    # In a date the place of “10” may be taken by a month's name, or the other way round: see the lexicons.
    detail = [f"{value} is missing" for value, count in lacking.items() if count > 0]
    detail += [f"{value} is not in the source" for value, count in extra.items() if count > 0]
    if detail:
        yield "T106", f"numbers differ: {'; '.join(detail)}", "write the same numbers"


def _numbers(text: str) -> Counter[str]:
    return Counter(map(_by_value, _written(text)))


@lru_cache(maxsize=REMEMBERED)
def _source_numbers(text: str) -> Counter[str]:
    """`_numbers` of an English text, remembered. Not to be changed."""
    return _numbers(text)


def _by_value(number: str) -> str:
    plain = "".join(
        str(unicodedata.digit(char, -1)) if char.isdigit() else _SEPARATORS.get(char, ".") for char in number
    )
    if _GROUPED.fullmatch(plain):
        plain = re.sub("[., ']", "", plain)
    plain = plain.replace(",", ".")
    return plain.lstrip("0") or "0" if plain.isdigit() else plain


_SEPARATORS = {",": ",", "٬": ",", "\u00a0": " ", "\u202f": " ", "'": "'"}


def has_foreign_digits(table: Table) -> Rows:
    """Where a translation has digits that are not those of the language."""
    foreign, texts = table.scope.foreign_digits, table.targets.texts
    return {row for row in table.digits if foreign.search(texts[row])}


def digit_system(pair: Pair) -> Iterator[Finding]:
    """T107 and T110: one digit system, the language's own; never two in one number."""
    text = _NAMED.sub(" ", PLACEHOLDER.sub(" ", URLISH.sub(" ", pair.target)))
    digits = pair.scope.language.digits
    foreign = {char for char in text if char.isdecimal() and char not in digits}
    if not foreign:
        return
    mixed = set()
    for match in _NUMBER.finditer(text):
        systems = {ord(char) - unicodedata.decimal(char) for char in match.group() if char.isdecimal()}
        if len(systems) > 1:
            mixed |= set(match.group())
            yield (
                "T110",
                f"“{match.group()}” mixes digits of {len(systems)} scripts",
                f"write it in one: {digits}",
            )
    foreign -= mixed
    if foreign:
        if digits == LATIN_DIGITS and foreign <= set(URLISH.sub(" ", pair.source)):
            return
        yield (
            "T107",
            f"{' '.join(sorted(foreign))}: not the digits of {pair.scope.language.english_name} ({digits})",
            "write the number in the language's digits",
        )
