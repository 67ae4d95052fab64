"""Which text a changed text was made from: old and new messages in document order → predecessors. Pure.

Two steps. What did not change is the scaffold: the longest run of equal texts that is in order on both
sides cuts the document into gaps. In a gap, dynamic programming aligns what was removed with what is new (one
to one, one split into several, several merged into one). What stays without a partner was perhaps moved: it
is looked for in the whole catalog by its rare words, with a higher bar.

Position is evidence: in a gap a weak likeness is enough, elsewhere it takes a strong one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from math import log

from msgspec import Struct

#: Likeness (0 … 1) from which a text counts as the predecessor. Chosen on bench/data/edits.yaml.
IN_GAP = 0.30
ELSEWHERE = 0.50
#: A text that is still in use elsewhere, or long retired, only lends its translation when it is very like.
LENT = 0.72

#: The most old × new pairs of a gap that are aligned; larger gaps (a whole new document) go by their words.
_LARGEST_GAP = 40_000
_SPLIT_AT_MOST = 3
_CANDIDATES = 8


class Unit(Struct, frozen=True):
    """A message as the matcher sees it. key: what makes it unique. kinds: what it is (`paragraph` …).

    Of old messages only: gone (no longer in the source), ordered (False for obsolete ones, which have lost
    their place in the document).
    """

    key: tuple[str | None, str]
    kinds: tuple[str, ...] = ()
    gone: bool = False
    ordered: bool = True


_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TARGET = re.compile(r"\]\([^()\s]*\)|https?://[^\s)>]+")


class _Face(Struct, frozen=True):
    """What of a text is compared. words hold no numbers; weight is the sum of their weights."""

    words: tuple[str, ...]
    bag: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]
    grams: Mapping[str, int]
    gram_count: int
    numbers: frozenset[str]
    targets: frozenset[str]
    weight: float
    kinds: tuple[str, ...]


class _Comparer:
    """Likeness of texts, with words weighted by how rare they are in this catalog."""

    def __init__(self, texts: Collection[str]) -> None:
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(set(_words(text)))
        stems: dict[str, list[str]] = {}
        for word in counts:
            stems.setdefault(_stem(word), []).append(word)
        counts = Counter({stem: sum(counts[word] for word in words) for stem, words in stems.items()})
        self._weights = {word: log(1 + len(texts) / count) for word, count in counts.items()}
        self._faces: dict[tuple[str, tuple[str, ...]], _Face] = {}

    def face(self, text: str, kinds: tuple[str, ...]) -> _Face:
        found = self._faces.get((text, kinds))
        if found is None:
            words = tuple(_stem(word) for word in _words(text))
            bag = Counter(words)
            plain = " ".join(words)
            grams = (
                Counter(plain[at : at + 3] for at in range(max(1, len(plain) - 2))) if plain else Counter()
            )
            found = _Face(
                words,
                bag,
                Counter(pairwise(words)),
                grams,
                grams.total(),
                frozenset(_NUMBER.findall(text)),
                frozenset(_TARGET.findall(text)),
                sum(self.weight(word) * count for word, count in bag.items()),
                kinds,
            )
            self._faces[text, kinds] = found
        return found

    def weight(self, word: str) -> float:
        return self._weights.get(word, 1.0)

    def common(self, one: _Face, other: _Face) -> float:
        """The weight of the words both have."""
        return sum(
            self.weight(word) * min(count, other.bag[word])
            for word, count in one.bag.items()
            if word in other.bag
        )

    def likeness(self, one: _Face, other: _Face) -> float:
        """0 (nothing in common) … 1 (the same words in the same order)."""
        if not one.words or not other.words:
            # Texts without words (`13 %`, `—`) have their place and their kind only.
            return 0.35 if not one.words and not other.words and one.kinds == other.kinds else 0.0
        common = self.common(one, other)
        bags = 2 * common / (one.weight + other.weight)
        grams = (
            2
            * sum(min(count, other.grams[gram]) for gram, count in one.grams.items() if gram in other.grams)
            / (one.gram_count + other.gram_count)
        )
        if max(bags, grams) < 0.15:
            return 0.0
        shared = sum(
            min(count, other.pairs[pair]) for pair, count in one.pairs.items() if pair in other.pairs
        )
        possible = len(one.words) + len(other.words) - 2
        order = 2 * shared / possible if possible > 0 else bags
        # A text cut to a part, or grown by a sentence, has all its words in the other.
        within = common / min(one.weight, other.weight) if min(one.weight, other.weight) else 0.0
        score = 0.45 * bags + 0.20 * grams + 0.15 * order + 0.20 * within * min(1.0, bags * 2.5)
        if one.targets and other.targets:
            score += 0.06 if one.targets & other.targets else -0.03
        if one.numbers and other.numbers:
            score += 0.04 if one.numbers & other.numbers else -0.02
        if one.kinds and other.kinds and not set(one.kinds) & set(other.kinds):
            score *= 0.85
        return max(0.0, min(1.0, score))


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(_TARGET.sub(" ", text).casefold()) if not word.isdecimal()]


_ENDINGS = ("ing", "ies", "ed", "es", "s")


def _stem(word: str) -> str:
    """English endings off, so that “lawyer” and “lawyers” are one word. Rough on purpose."""
    if len(word) > 4:
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                return word[: -len(ending)].removesuffix("e")
        return word.removesuffix("e")
    return word


def predecessors(old: Sequence[Unit], new: Sequence[Unit]) -> dict[int, tuple[int, ...]]:
    """For each new unit whose key no old one has: the positions in `old` it was made from (several: a merge).

    old: the catalog in its order. new: the source in its order. A new unit without a predecessor is left out.
    """
    places = {unit.key: position for position, unit in enumerate(old)}
    free = [position for position, unit in enumerate(new) if unit.key not in places]
    if not free:
        return {}
    comparer = _Comparer({unit.key[1]: None for unit in (*old, *new)}.keys())

    def face(unit: Unit) -> _Face:
        return comparer.face(unit.key[1], unit.kinds)

    chain = _scaffold(old, new, places)
    found: dict[int, tuple[int, ...]] = {}
    used: set[int] = set()
    on_chain = {left for left, _ in chain}
    bounds = [(-1, -1), *chain, (len(old), len(new))]
    for (left, right), (left_end, right_end) in pairwise(bounds):
        fresh = [at for at in range(right + 1, right_end) if new[at].key not in places]
        if not fresh:
            continue
        loose = [at for at in range(left + 1, left_end) if at not in on_chain and old[at].ordered]
        if not loose or len(fresh) * len(loose) > _LARGEST_GAP:
            continue
        for olds, news in _aligned([old[at] for at in loose], [new[at] for at in fresh], comparer):
            for at in news:
                found[fresh[at]] = tuple(loose[one] for one in olds)
            used |= {loose[one] for one in olds}
    rest = [at for at in free if at not in found]
    if rest:
        found |= _moved(old, [(at, face(new[at]), new[at].key[0]) for at in rest], used, face, comparer)
    return found


def _scaffold(
    old: Sequence[Unit], new: Sequence[Unit], places: Mapping[tuple[str | None, str], int]
) -> list[tuple[int, int]]:
    """The longest run of equal units in order on both sides, as (old position, new position)."""
    pairs = [
        (places[unit.key], position)
        for position, unit in enumerate(new)
        if unit.key in places and old[places[unit.key]].ordered
    ]
    tails: list[int] = []  # smallest old position that ends a run of each length
    ends: list[int] = []  # its index in pairs
    before: list[int] = []
    for index, (left, _) in enumerate(pairs):
        length = bisect_left(tails, left)
        before.append(ends[length - 1] if length else -1)
        if length == len(tails):
            tails.append(left)
            ends.append(index)
        else:
            tails[length] = left
            ends[length] = index
    run: list[tuple[int, int]] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]


_Step = tuple[float, int, int]  # gain so far, how many old and how many new units the last step took


def _aligned(
    old: Sequence[Unit], new: Sequence[Unit], comparer: _Comparer
) -> Iterable[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The pairing in order with the greatest sum of likeness: (old positions, new positions)."""
    olds = [comparer.face(unit.key[1], unit.kinds) for unit in old]
    news = [comparer.face(unit.key[1], unit.kinds) for unit in new]
    likeness = [
        [
            comparer.likeness(its, theirs) if one.key[0] == other.key[0] else 0.0
            for other, theirs in zip(new, news, strict=True)
        ]
        for one, its in zip(old, olds, strict=True)
    ]
    table: list[list[_Step]] = [[(0.0, 0, 0)] * (len(new) + 1) for _ in range(len(old) + 1)]
    for left in range(len(old) + 1):
        for right in range(len(new) + 1):
            if not left and not right:
                continue
            best: _Step = (-1.0, 0, 0)
            if left:
                best = max(best, (table[left - 1][right][0], 1, 0))
            if right:
                best = max(best, (table[left][right - 1][0], 0, 1))
            if left and right:
                one = likeness[left - 1][right - 1]
                if one >= IN_GAP:
                    best = max(best, (table[left - 1][right - 1][0] + one - IN_GAP / 2, 1, 1))
                for count in range(2, _SPLIT_AT_MOST + 1):
                    if right >= count:
                        parts = new[right - count : right]
                        gain = _joined(
                            old[left - 1], parts, likeness[left - 1][right - count : right], comparer
                        )
                        if gain:
                            best = max(best, (table[left - 1][right - count][0] + gain, 1, count))
                    if left >= count:
                        parts = old[left - count : left]
                        column = [likeness[row][right - 1] for row in range(left - count, left)]
                        gain = _joined(new[right - 1], parts, column, comparer)
                        if gain:
                            best = max(best, (table[left - count][right - 1][0] + gain, count, 1))
            table[left][right] = best
    left, right = len(old), len(new)
    while left or right:
        _, took_old, took_new = table[left][right]
        if took_old and took_new:
            yield tuple(range(left - took_old, left)), tuple(range(right - took_new, right))
        left -= took_old
        right -= took_new


def _joined(whole: Unit, parts: Sequence[Unit], likeness: Sequence[float], comparer: _Comparer) -> float:
    """The gain of taking the parts together as the whole; 0 when one part alone explains it as well."""
    if any(part.key[0] != whole.key[0] for part in parts):
        return 0.0
    face = comparer.face(whole.key[1], whole.kinds)
    most = 0.0
    for part in (comparer.face(part.key[1], part.kinds) for part in parts):
        # Each part has to come from the whole: by weight, about half of what it says.
        common = comparer.common(part, face)
        if not part.weight or common < 0.45 * part.weight:
            return 0.0
        most = max(most, common)
    together = comparer.face(" ".join(part.key[1] for part in parts), whole.kinds)
    if comparer.common(together, face) < most + 0.15 * face.weight:
        return 0.0  # one part alone has what the whole says; the others are only like it
    score = comparer.likeness(face, together)
    if score < IN_GAP or score < max(likeness) + 0.03:
        return 0.0
    return score - IN_GAP / 2 + 0.05 * (len(parts) - 1)


def _moved(
    old: Sequence[Unit],
    rest: Sequence[tuple[int, _Face, str | None]],
    used: set[int],
    face: Callable[[Unit], _Face],
    comparer: _Comparer,
) -> dict[int, tuple[int, ...]]:
    """Partners in the whole catalog, the most alike first. A removed text is given away once."""
    holders: dict[str, list[int]] = {}
    for position, unit in enumerate(old):
        for word in face(unit).bag:
            holders.setdefault(word, []).append(position)
    offers: list[tuple[float, int, int]] = []
    for at, its_face, context in rest:
        shared: dict[int, float] = {}
        for word in its_face.bag:
            for position in holders.get(word, ()):
                shared[position] = shared.get(position, 0.0) + comparer.weight(word)
        for position in sorted(shared, key=lambda one: (-shared[one], one))[:_CANDIDATES]:
            unit = old[position]
            if unit.key[0] != context:
                continue
            score = comparer.likeness(its_face, face(unit))
            lent = not unit.gone or position in used
            if score >= (LENT if lent else ELSEWHERE):
                offers.append((score if not lent else score - 0.1, at, position))
    found: dict[int, tuple[int, ...]] = {}
    taken = set(used)
    for score, at, position in sorted(offers, key=lambda offer: (-offer[0], offer[1], offer[2])):
        if at in found:
            continue
        if position in taken and score + 0.1 < LENT:
            continue
        found[at] = (position,)
        taken.add(position)
    return found
