"""What changed between two versions of a document in one language: sections, blocks, words.

First the sections are paired (by heading, then by what they say), so that one that moved or got another
number is not taken for a new one; then the blocks of each pair; then the words of each pair of blocks.
Everything is symmetric: from new to old gives the same changes with insertions and deletions exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Literal

from msgspec import Struct

from policysite.core.alignment import Edit, Pairs, Token, best_pairs, common, edits, heaviest_rising
from policysite.core.markdown import fold, section_numbers, substitute
from policysite.core.model import (
    Block,
    BlockChange,
    LanguageText,
    Redline,
    Run,
    RunKind,
    SectionChange,
    Skeleton,
    Span,
    Values,
    Wording,
)
from policysite.core.spans import spans, text_of
from policysite.core.words import weight, words

#: Front matter a reader sees on the page, in the order of the page.
_SHOWN_FIELDS = ("title", "lead", "summary")

#: How alike two blocks of one section, two sections, or blocks of two sections must be to be the same one
#: (share of common words, 0 to 1). Set by judgement; each by 0.1 lower or higher changes the words marked in
#: the 49 pairs of `bench/redline.py` by about one per cent at most.
_SAME_BLOCK, _ONLY_BLOCK, _SAME_SECTION, _SAME_ELSEWHERE = 0.4, 0.25, 0.5, 0.75
#: How much of a part must stand in the block it was split from (share of its neighbouring words).
_SAME_PART = 0.6
#: A block that moved into another section is recognised from this many different words on.
_LEAST_ELSEWHERE = 5

#: A number that an author wrote before a heading: `3.`, `2.1`, `A.`, `(b)`, `IV.`, `Section 4:`.
_NUMBER = re.compile(
    r"(?P<number>(?:(?:section|article|part|§)\s*)?"
    r"(?:\(?\d+(?:\.\d+)*(?:\\?[.):]|(?=\s))|\(?(?:[A-Z]|[IVX]{2,5})\\?[.):](?=\s)))[\s:–—-]*(?=\S)",
    re.IGNORECASE,
)

Key = tuple[object, ...]


def wording(text: LanguageText, values: Values = lambda name: None) -> Wording:
    """What a version says in a language, headings numbered as on its page. A text the language lacks is
    taken from the English. values: fact name → its text in the language, None to keep the placeholder."""
    document = text.parsed.document
    blocks = [
        Block(name, fold(substitute(value if value is not None else field.text, values)))
        for wanted in _SHOWN_FIELDS
        for (name, field), value in zip(document.fields, text.fields, strict=True)
        if name == wanted
    ]
    body = wording_of(text.parsed.skeleton, text.slots, document.numbered, values)
    return Wording((*blocks, *body.blocks), body.references)


def wording_of(
    skeleton: Skeleton,
    texts: Sequence[str | None] | None = None,
    numbered: bool = False,
    values: Values = lambda name: None,
) -> Wording:
    """The wording of a parsed text. texts: what fills its slots (None: the slot's own text)."""
    numbers = section_numbers(skeleton.slots, numbered)
    blocks: list[Block] = []
    row = 0
    for index, slot in enumerate(skeleton.slots):
        if slot.kind == "anchor":
            continue
        if slot.kind == "block":
            blocks.append(Block("block", f"{{{{ {slot.raw} }}}}"))
            continue
        given = texts[index] if texts is not None else None
        text = fold(substitute(slot.raw if given is None else given, values))
        if slot.kind == "cell":
            if row == slot.line and blocks and blocks[-1].kind == "row":
                blocks[-1] = Block("row", f"{blocks[-1].text} | {text}")
            else:
                blocks.append(Block("row", text))
            row = slot.line
        else:
            number = numbers[index]
            written = _NUMBER.match(text) if slot.kind == "heading" and not numbered else None
            if written:
                number, text = written["number"].replace("\\", ""), text[written.end() :]
            blocks.append(Block(slot.kind, text, slot.level, slot.anchor, number))
    return Wording(tuple(blocks), skeleton.references)


# ── sections ────────────────────────────────────────────────────────────────────────────────────


class _Section(Struct, frozen=True):
    """A stretch of blocks: `start` is the heading (where there is one), `end` is after the last."""

    start: int
    end: int
    heading: Block | None
    title: str
    parents: tuple[str, ...]


class _Side(Struct, frozen=True):
    """One version, prepared for comparing."""

    blocks: tuple[Block, ...]
    sections: tuple[_Section, ...]
    rows: tuple[tuple[Span, ...], ...]  # the spans of each block
    texts: tuple[str, ...]  # the same without styles

    def body(self, index: int) -> range:
        """The blocks of a section, without its heading."""
        section = self.sections[index]
        return range(section.start + (section.heading is not None), section.end)

    def words(self, index: int) -> frozenset[str]:
        """The words of a section's body."""
        return frozenset().union(*(said(self.texts[block]) for block in self.body(index)))


@lru_cache(maxsize=4096)
def said(text: str) -> frozenset[str]:
    """The words of a text, without signs and in small letters."""
    return frozenset(_read(text))


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[str, ...]:
    return tuple(word for word in words(text.casefold()) if weight(word))


def _side(version: Wording) -> _Side:
    rows = tuple(spans(block.text, version.references) for block in version.blocks)
    texts = tuple(text_of(row) for row in rows)
    sections = []
    starts = [index for index, block in enumerate(version.blocks) if block.kind == "heading"]
    path: list[tuple[int, str]] = []
    for start, end in zip((None, *starts), (*starts, len(version.blocks)), strict=True):
        if start is None:
            sections.append(_Section(0, end, None, "", ()))
            continue
        heading = version.blocks[start]
        title = " ".join(_read(texts[start])) or texts[start]
        path = [item for item in path if item[0] < heading.level]
        sections.append(_Section(start, end, heading, title, tuple(name for _, name in path)))
        path.append((heading.level, title))
    return _Side(version.blocks, tuple(sections), rows, texts)


def redline(old: Wording, new: Wording) -> Redline:
    """What changed from `old` to `new`. Never raises, whatever the texts; the same input, the same result."""
    before, after = _side(old), _side(new)
    if (new.blocks, repr(new.references)) < (old.blocks, repr(old.references)):
        found = _paired(after, before).exchanged()
    else:
        found = _paired(before, after)
    return Redline(tuple(_sections(before, after, found)))


class _Paired(Struct, frozen=True):
    """What belongs together: pairs of sections, the moved ones among them, pairs of blocks, the pairs that
    stand in sections that do not belong together."""

    sections: frozenset[tuple[int, int]]
    moved: frozenset[tuple[int, int]]
    blocks: frozenset[tuple[int, int]]
    elsewhere: frozenset[tuple[int, int]]

    def exchanged(self) -> _Paired:
        """The same, seen from the other version."""
        return _Paired(*map(_exchanged, (self.sections, self.moved, self.blocks, self.elsewhere)))


def _exchanged(pairs: frozenset[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    return frozenset((j, i) for i, j in pairs)


def _paired(one: _Side, two: _Side) -> _Paired:
    sections = sorted(_section_pairs(one, two), key=lambda pair: pair[1])
    weights = [
        1 + sum(len(one.texts[block]) for block in range(one.sections[i].start, one.sections[i].end))
        for i, _ in sections
    ]
    in_order = heaviest_rising([i for i, _ in sections], weights)
    moved = frozenset(pair for index, pair in enumerate(sections) if index not in in_order)
    blocks: set[tuple[int, int]] = set()
    for i, j in sections:
        blocks.update(_block_pairs(one, two, i, j))
    elsewhere = _elsewhere(one, two, blocks)
    return _Paired(frozenset(sections), moved, frozenset(blocks | elsewhere), frozenset(elsewhere))


def _content(side: _Side, index: int) -> Key:
    """The heading and the text below it."""
    return (side.sections[index].title, *(side.blocks[block].text for block in side.body(index)))


def _path(side: _Side, index: int) -> Key:
    """The heading and those it stands below."""
    return (side.sections[index].title, *side.sections[index].parents)


def _id(side: _Side, index: int) -> Key:
    """The id; one that a heading in a quote or list lacks is like no other."""
    heading = side.sections[index].heading
    return (heading.anchor,) if heading and heading.anchor else (object(),)


def _title(side: _Side, index: int) -> Key:
    """The heading."""
    return (side.sections[index].title,)


def _section_pairs(one: _Side, two: _Side) -> Pairs:
    pairs: Pairs = [(0, 0)]  # what stands before the first heading
    left, right = list(range(1, len(one.sections))), list(range(1, len(two.sections)))

    def pair(found: Pairs) -> None:
        for i, j in found:
            pairs.append((i, j))
            left.remove(i)
            right.remove(j)

    # What is the same all over, first in order; then by one sign after the other, from strong to weak.
    same = common([_content(one, index) for index in left], [_content(two, index) for index in right])
    pair([(left[i], right[j]) for i, j in same])
    for key in (_content, _path, _id, _title):
        pair(_same(one, two, left, right, key))
    pair(_alike(one, two, left, right))
    return pairs


def _same(
    one: _Side, two: _Side, left: Sequence[int], right: Sequence[int], key: Callable[[_Side, int], Key]
) -> Pairs:
    """Pairs with the same key, in the order in which they stand."""
    places: dict[Key, list[int]] = {}
    for index in right:
        places.setdefault(key(two, index), []).append(index)
    return [(index, places[its].pop(0)) for index in left if places.get(its := key(one, index))]


def _alike(one: _Side, two: _Side, left: Sequence[int], right: Sequence[int]) -> Pairs:
    """Sections that say much the same below another heading."""
    scored = []
    theirs = {j: two.words(j) for j in right}
    for i in left:
        mine = one.words(i)
        titles = frozenset(one.sections[i].title.split())
        for j in right:
            body = _likeness(mine, theirs[j])
            title = _likeness(titles, frozenset(two.sections[j].title.split()))
            score = 0.8 * body + 0.2 * title if mine or theirs[j] else title
            if score >= _SAME_SECTION:
                scored.append((-score, abs(i - j), i, j))
    return _greedy(scored)


def _greedy(scored: list[tuple[float, int, int, int]]) -> Pairs:
    """The best pairs first, none used twice. scored: (minus likeness, distance, left, right)."""
    used: tuple[set[int], set[int]] = (set(), set())
    found = []
    for _, _, i, j in sorted(scored):
        if i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
            found.append((i, j))
    return found


def _likeness(one: frozenset[str], two: frozenset[str]) -> float:
    """Share of common words, 0 to 1 (Dice)."""
    total = len(one) + len(two)
    return 2 * len(one & two) / total if total else 0.0


# ── blocks ──────────────────────────────────────────────────────────────────────────────────────


def _block_pairs(one: _Side, two: _Side, i: int, j: int) -> Pairs:
    """Pairs of blocks of two sections that belong together, ascending."""
    first, second = one.sections[i], two.sections[j]
    pairs: Pairs = [(first.start, second.start)] if first.heading and second.heading else []
    left, right = one.body(i), two.body(j)
    anchors = [
        (left[a], right[b])
        for a, b in common(
            [(one.blocks[index].kind, one.blocks[index].text) for index in left],
            [(two.blocks[index].kind, two.blocks[index].text) for index in right],
        )
    ]
    a, b = left.start, right.start
    for next_a, next_b in (*anchors, (left.stop, right.stop)):
        pairs += _between(one, two, range(a, next_a), range(b, next_b))
        a, b = next_a + 1, next_b + 1
    return pairs + anchors


def _between(one: _Side, two: _Side, left: range, right: range) -> Pairs:
    """Pairs among blocks of which none stayed as it was."""
    if not left or not right:
        return []
    pairs: Pairs = []
    i, j = left.start, right.start
    for some, others in (*_divided(one, two, left, right), (range(left.stop, 0), range(right.stop, 0))):
        pairs += _changed_pairs(one, two, range(i, some.start), range(j, others.start))
        pairs += [(a, b) for a in some for b in others]
        i, j = some.stop, others.stop
    return pairs


def _divided(one: _Side, two: _Side, left: range, right: range) -> list[tuple[range, range]]:
    """One block that became several in a row, or several that became one; ascending."""
    mine = [phrases(one.texts[index]) for index in left]
    theirs = [phrases(two.texts[index]) for index in right]
    found = []
    for index, whole in enumerate(mine):
        found += [
            (range(left[index], left[index] + 1), range(right[row.start], right[row.start] + len(row)))
            for row in _parts(whole, theirs)
        ]
    for index, whole in enumerate(theirs):
        found += [
            (range(left[row.start], left[row.start] + len(row)), range(right[index], right[index] + 1))
            for row in _parts(whole, mine)
        ]
    result: list[tuple[range, range]] = []
    for some, others in sorted(found, key=lambda pair: (pair[0].start, pair[1].start, -len(pair[1]))):
        if not result or (result[-1][0].stop <= some.start and result[-1][1].stop <= others.start):
            result.append((some, others))
    return result


def _parts(whole: frozenset[Key], parts: Sequence[frozenset[Key]]) -> Iterable[range]:
    """Rows of two and more neighbours that together are about the whole."""
    fits = [len(part) > 2 and len(part & whole) >= _SAME_PART * len(part) for part in parts]
    for fit, group in groupby(range(len(parts)), key=lambda index: fits[index]):
        row = list(group)
        covered = len(whole & frozenset().union(*(parts[index] for index in row)))
        if fit and len(row) > 1 and covered >= len(whole) / 2:
            yield range(row[0], row[-1] + 1)


@lru_cache(maxsize=4096)
def phrases(text: str) -> frozenset[Key]:
    """The neighbouring words of a text, without signs and in small letters."""
    return frozenset(pairwise(_read(text)))


def _changed_pairs(one: _Side, two: _Side, left: range, right: range) -> Pairs:
    if not left or not right:
        return []
    # A title stays the title, whatever it says.
    alone = len(left) == len(right) == 1
    least = _ONLY_BLOCK if alone else _SAME_BLOCK

    def score(a: int, b: int) -> float:
        mine, theirs = one.blocks[left[a]], two.blocks[right[b]]
        if mine.kind == theirs.kind in _SHOWN_FIELDS[:2]:
            return 1.0
        if mine.text == theirs.text:
            return 0.95  # another kind
        alike = _likeness(said(one.texts[left[a]]), said(two.texts[right[b]]))
        return alike if mine.kind == theirs.kind else alike * 0.9

    return [(left[a], right[b]) for a, b in best_pairs(len(left), len(right), score, least)]


def _elsewhere(one: _Side, two: _Side, pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Blocks that have no partner in their section and one, all but the same, in another."""
    taken = {i for i, _ in pairs}, {j for _, j in pairs}

    def free(side: _Side, used: set[int]) -> list[tuple[int, frozenset[str]]]:
        return [
            (index, its)
            for index, block in enumerate(side.blocks)
            if index not in used
            and block.kind != "heading"
            and len(its := said(side.texts[index])) >= _LEAST_ELSEWHERE
        ]

    left, right = free(one, taken[0]), free(two, taken[1])
    scored = []
    for i, mine in left:
        for j, theirs in right:
            if min(len(mine), len(theirs)) < 0.6 * max(len(mine), len(theirs)):
                continue  # cannot be alike enough
            alike = _likeness(mine, theirs)
            if alike >= _SAME_ELSEWHERE:
                scored.append((-alike, abs(i - j), i, j))
    return set(_greedy(scored))


# ── words ───────────────────────────────────────────────────────────────────────────────────────


def _tokens(row: Sequence[Span]) -> list[Token]:
    return [
        Token((word, span.marks), word, weight(word))
        for span in row
        # A link with another target, and a break, are one piece each.
        for word in ((span.text,) if span.marks and span.marks[-1].tag in ("br", "img") else words(span.text))
    ]


def _cut(tokens: Sequence[Token]) -> tuple[Span, ...]:
    """Tokens as spans again."""
    result = []
    for marks, group in groupby(tokens, key=lambda token: token.item[1]):
        result.append(Span("".join(token.text for token in group), marks))
    return tuple(result)


def runs(old: Sequence[Span], new: Sequence[Span]) -> tuple[Run, ...]:
    """How one text becomes the other: deletions come before insertions."""
    if tuple(old) == tuple(new):
        return (Run("equal", tuple(new)),) if new else ()
    return _part_runs([old], [new])[0]


#: Stands between blocks that were one or become one; no text can hold it.
_BREAK = Token(("", ()), "\n", 0)


def _part_runs(old: Sequence[Sequence[Span]], new: Sequence[Sequence[Span]]) -> list[tuple[Run, ...]]:
    """The runs of each part, where one text was split into several, or several were joined into one."""
    left, right = (
        [token for index, row in enumerate(rows) for token in ([_BREAK] * bool(index) + _tokens(row))]
        for rows in (old, new)
    )
    parts: list[list[Run]] = [[]]

    def add(kind: RunKind, tokens: Sequence[Token], to: list[Run]) -> None:
        if tokens:
            to.append(Run(kind, _cut(tokens)))

    at = 0
    for edit in (*edits(left, right), Edit(len(left), len(left), len(right), len(right))):
        add("equal", right[at : edit.new_start], parts[-1])
        gone, come = left[edit.old_start : edit.old_end], right[edit.new_start : edit.new_end]
        here = parts[-1]
        first, *others = _split(gone)
        add("delete", first, here)
        for tokens in others:
            parts.append([])
            add("delete", tokens, parts[-1])
        first, *others = _split(come)
        add("insert", first, here)
        for tokens in others:
            parts.append([])
            add("insert", tokens, parts[-1])
        at = edit.new_end
    return [tuple(part) for part in parts]


def _split(tokens: Sequence[Token]) -> list[list[Token]]:
    """Tokens between breaks."""
    result: list[list[Token]] = [[]]
    for token in tokens:
        if token is _BREAK:
            result.append([])
        else:
            result[-1].append(token)
    return result


# ── together ────────────────────────────────────────────────────────────────────────────────────


Row = tuple[int | None, int | None]


def _sections(before: _Side, after: _Side, found: _Paired) -> Iterable[SectionChange]:
    stayed = found.sections - found.moved
    gone = set(range(len(before.sections))) - {i for i, _ in found.sections}
    for i, j in _woven(range(len(before.sections)), range(len(after.sections)), found.sections, stayed, gone):
        change = _section(before, after, i, j, found)
        if change.blocks or change.left:
            yield change


def _woven(
    left: range,
    right: range,
    pairs: Iterable[tuple[int, int]],
    stayed: Iterable[tuple[int, int]],
    gone: set[int],
) -> list[Row]:
    """(old, new) in the new order, with each gone one after the one it followed and that stayed."""
    partners: dict[int, list[int]] = {}
    for old, new in sorted(pairs):
        partners.setdefault(new, []).append(old)
    last_of = dict(sorted(stayed))  # of a split one, the last part
    follows: dict[int | None, list[Row]] = {}
    last: int | None = None
    for index in left:
        if index in gone:
            follows.setdefault(last, []).append((index, None))
        elif index in last_of:
            last = index
    result = follows.get(None, [])
    for new in right:
        result += ((old, new) for old in partners.get(new, [None]))
        for old in partners.get(new, ()):
            if last_of.get(old) == new:
                result += follows.get(old, ())
    return result


def _section(before: _Side, after: _Side, i: int | None, j: int | None, found: _Paired) -> SectionChange:
    was = before.sections[i] if i is not None else None
    now = after.sections[j] if j is not None else None
    left = range(was.start, was.end) if was else range(0)
    right = range(now.start, now.end) if now else range(0)
    pairs = [(a, b) for a, b in found.blocks if b in right]
    inside = [(a, b) for a, b in pairs if a in left]
    away = {a for a, b in found.elsewhere if a in left}
    gone = set(left) - {a for a, _ in inside} - away
    changes: list[BlockChange] = []
    for _, group in groupby(_woven(left, right, pairs, inside, gone), key=_Grouping()):
        changes += _changes(before, after, list(group), found)
    return SectionChange(
        was.heading if was else None,
        now.heading if now else None,
        tuple(changes),
        (was is not None, now is not None),
        (i, j) in found.moved,
        tuple(before.blocks[a] for a in sorted(away)),
    )


class _Grouping:
    """Key for `groupby`: rows in a row with the same old or the same new block are one group."""

    def __init__(self) -> None:
        self._last: Row = (None, None)
        self._group = 0

    def __call__(self, row: Row) -> int:
        if not any(one is not None and one == other for one, other in zip(row, self._last, strict=True)):
            self._group += 1
        self._last = row
        return self._group


def _changes(before: _Side, after: _Side, rows: Sequence[Row], found: _Paired) -> Iterable[BlockChange]:
    """The changes of one block, or of one that was split or joined."""
    old = [before.rows[a] if a is not None else () for a in dict.fromkeys(a for a, _ in rows)]
    new = [after.rows[b] if b is not None else () for b in dict.fromkeys(b for _, b in rows)]
    parts = _part_runs(old, new) if len(rows) > 1 else [runs(old[0], new[0])]
    for index, ((a, b), part) in enumerate(zip(rows, parts, strict=True)):
        name: Literal["", "first", "split", "joined"] = ""
        if len(rows) > 1:
            name = "first" if not index else "split" if len(new) > 1 else "joined"
        yield BlockChange(
            before.blocks[a] if a is not None else None,
            after.blocks[b] if b is not None else None,
            a,
            b,
            part,
            (a, b) in found.elsewhere,
            name,
        )
