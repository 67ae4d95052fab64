"""Rules on whole catalogs: one word has one spelling, one text one translation, lengths are as usual."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from statistics import median

from policysite.core.model import Message
from policysite.translate.rules.scope import Finding, Said, Scope
from policysite.translate.words import words

_Found = Iterator[tuple[int, Finding]]


def variants(sources: Sequence[str], texts: Sequence[str], scope: Scope) -> _Found:
    """T303: one word in two spellings (শ/ষ/স, nukta) in one document; the rarer one is reported."""
    if not scope.lexicon.folds:
        return
    counts = Counter(words("\n".join(texts)))
    spellings: dict[str, list[str]] = defaultdict(list)
    apart = frozenset(scope.lexicon.apart)
    for word in counts:
        if len(word) >= _SHORTEST and word not in apart:
            spellings[_fold(word, scope)].append(word)
    for group in spellings.values():
        if len(group) < 2:
            continue
        usual = max(group, key=lambda word: (counts[word], word))
        for word in group:
            if word == usual or counts[word] * 2 > counts[usual] or word.casefold() == usual.casefold():
                continue
            for row in (row for row, text in enumerate(texts) if word in words(text)):
                yield (
                    row,
                    (
                        "T303",
                        f"“{word}” is written “{usual}” elsewhere in this document",
                        f"write “{usual}”, or the other everywhere",
                    ),
                )


#: Shorter words that differ in one letter are often two words.
_SHORTEST = 5


def _fold(word: str, scope: Scope) -> str:
    for group in scope.lexicon.folds:
        for letter in group[:-1]:
            word = word.replace(letter, group[-1])
    return word


_DASH = re.compile(r"(?<=\s)([-–—])(?=\s)")


def dashes(sources: Sequence[str], texts: Sequence[str], scope: Scope) -> _Found:
    """T313: dashes of several lengths between words, where the source has one."""
    used: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        if "-" in text or "–" in text or "—" in text:
            for dash in set(_DASH.findall(text)):
                used[dash].append(row)
    if len(used) < 2 or len({dash for source in sources for dash in _DASH.findall(source)}) > 1:
        return
    usual = max(used, key=lambda dash: (len(used[dash]), dash))
    for dash, found in used.items():
        if dash != usual and len(found) * 2 <= len(used[usual]):
            for row in found:
                yield (
                    row,
                    (
                        "T313",
                        f"“{dash}” between words, where this document writes “{usual}”",
                        f"write “{usual}”",
                    ),
                )


#: A distribution needs this many texts, each of this many characters.
_ENOUGH, _LONG = 30, 30
#: How far from the median, in deviations (MAD, scaled as a standard deviation), and at least as a factor.
_FAR, _FACTOR = 5.0, 1.9


def lengths(sources: Sequence[str], texts: Sequence[str], scope: Scope) -> _Found:
    """T314: far shorter or longer than usual in this language: something is missing or was added."""
    ratios = [
        (math.log(len(text) / len(source)), row)
        for row, (source, text) in enumerate(zip(sources, texts, strict=True))
        if len(source) >= _LONG and text
    ]
    if len(ratios) < _ENOUGH:
        return
    middle = median(ratio for ratio, _ in ratios)
    spread = 1.4826 * median(abs(ratio - middle) for ratio, _ in ratios)
    for ratio, row in ratios:
        away = abs(ratio - middle)
        if away > _FAR * spread and away > math.log(_FACTOR):
            word = "shorter" if ratio < middle else "longer"
            yield (
                row,
                (
                    "T314",
                    f"{math.exp(away):.1f} times {word} than the texts of this document usually are",
                    "see whether something is missing or was added",
                ),
            )


def comparable(message: Message) -> bool:
    """Whether `consistency` compares a message."""
    return message.context is None and message.plural is None


def consistency(said: Sequence[Said], scope: Scope) -> Iterator[tuple[Said, Finding]]:
    """T304, over all catalogs of a language: one English text, one translation. A context excuses."""
    first: dict[str, Said] = {}
    for one in said:
        if not comparable(one.message):
            continue
        known = first.setdefault(one.message.msgid, one)
        if known is not one and known.target != one.target:
            yield (
                one,
                (
                    "T304",
                    f"the same text is “{_short(known.target)}” in {known.place}",
                    "choose one of the two translations",
                ),
            )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
