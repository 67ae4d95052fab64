"""Which parts of two rows belong together: the longest common row, and edits a person can read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

Pairs = list[tuple[int, int]]

#: What is compared: a text with its styles, a kind with a text, … Tuples are hashable and have an order.
Item = tuple[object, ...]


def common(first: Sequence[Item], second: Sequence[Item]) -> Pairs:
    """Index pairs of a longest common subsequence, ascending. Items are hashable and have an order.

    Symmetric: of the rows with equal length the one taken does not depend on which row comes first.

    Bit-parallel (Hyyrö 2004): one addition of long integers for each item of `second`, so that two texts of
    a thousand words each take about two milliseconds.
    """
    start = 0
    while start < len(first) and start < len(second) and first[start] == second[start]:
        start += 1
    end = 0
    limit = min(len(first), len(second)) - start
    while end < limit and first[-1 - end] == second[-1 - end]:
        end += 1
    left, right = first[start : len(first) - end], second[start : len(second) - end]
    if list(right) < list(left):
        inner = [(i, j) for j, i in _longest(right, left)]
    else:
        inner = _longest(left, right)
    middle = [(i + start, j + start) for i, j in inner]
    last = [(len(first) - offset, len(second) - offset) for offset in range(end, 0, -1)]
    return [(index, index) for index in range(start)] + middle + last


def _longest(first: Sequence[Item], second: Sequence[Item]) -> Pairs:
    places: dict[Item, int] = {}
    for index, item in enumerate(first):
        places[item] = places.get(item, 0) | 1 << index
    mask = (1 << len(first)) - 1
    state = mask
    rows = []
    for item in second:
        hits = state & places.get(item, 0)
        state = ((state + hits) | (state - hits)) & mask
        rows.append(state)  # bit i is 0 where the longest common row grows with first[i]
    found: Pairs = []
    i, j = len(first), len(second)
    while i and j:
        if rows[j - 1] >> (i - 1) & 1:
            i -= 1
        else:
            j -= 1
            if not j or rows[j - 1] >> (i - 1) & 1:
                i -= 1
                found.append((i, j))
    found.reverse()
    return found


def heaviest_rising(values: Sequence[int], weights: Sequence[int]) -> frozenset[int]:
    """Indexes of the ascending subsequence of `values` (all different) with the greatest sum of weights."""
    best: list[
        tuple[int, int]
    ] = []  # for each index: the sum of the best row that ends here, its last but one
    for index, value in enumerate(values):
        sums = [(best[other][0], -other) for other in range(index) if values[other] < value]
        total, before = max(sums, default=(0, 1))
        best.append((total + weights[index], -before))
    if not best:
        return frozenset()
    index = max(range(len(best)), key=lambda place: (best[place][0], -place))
    kept = set()
    while index >= 0:
        kept.add(index)
        index = best[index][1]
    return frozenset(kept)


def best_pairs(rows: int, columns: int, score: Callable[[int, int], float], least: float) -> Pairs:
    """The pairs of an ascending alignment with the greatest sum of scores; none scores below `least`."""
    table = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    scores = [[score(i, j) for j in range(columns)] for i in range(rows)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best = max(table[i + 1][j], table[i][j + 1])
            if scores[i][j] >= least:
                best = max(best, table[i + 1][j + 1] + scores[i][j])
            table[i][j] = best
    found: Pairs = []
    i = j = 0
    while i < rows and j < columns:
        if scores[i][j] >= least and table[i][j] == table[i + 1][j + 1] + scores[i][j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif table[i][j] == table[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


# ── words ───────────────────────────────────────────────────────────────────────────────────────


class Token(Struct, frozen=True):
    """What is compared: an item (equal or not), its text, and its weight (0 for white space and signs)."""

    item: Item
    text: str
    weight: int


class Edit(Struct, frozen=True):
    """old[old_start:old_end] is replaced by new[new_start:new_end]; one of the two may be empty."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def edits(old: Sequence[Token], new: Sequence[Token]) -> list[Edit]:
    """What turns one row of tokens into the other, in order; what lies between is equal.

    Not the shortest possible: one that reads well. Insertions and deletions begin and end at sentences or
    words; a few words that happen to be the same between two replacements are replaced with them.
    """
    keys = [token.item for token in old], [token.item for token in new]
    if keys[0] == keys[1]:
        return []
    found = _gaps(old, new, _anchors(old, new))
    found = [_settled(old, new, found, index) for index in range(len(found))]
    return _joined(old, new, _touching(found))


def _anchors(old: Sequence[Token], new: Sequence[Token]) -> Pairs:
    """White space is not matched for itself: it goes with the words around it."""
    left = [index for index, token in enumerate(old) if not token.text.isspace()]
    right = [index for index, token in enumerate(new) if not token.text.isspace()]
    pairs = common([old[index].item for index in left], [new[index].item for index in right])
    return [(left[i], right[j]) for i, j in pairs]


def _gaps(old: Sequence[Token], new: Sequence[Token], anchors: Pairs) -> list[Edit]:
    found = []
    i = j = 0
    for next_i, next_j in (*anchors, (len(old), len(new))):
        edit = _trimmed(old, new, Edit(i, next_i, j, next_j))
        if edit.old_start < edit.old_end or edit.new_start < edit.new_end:
            found.append(edit)
        i, j = next_i + 1, next_j + 1
    return found


def _trimmed(old: Sequence[Token], new: Sequence[Token], edit: Edit) -> Edit:
    """Without what both sides begin and end with."""
    i, i_end, j, j_end = edit.old_start, edit.old_end, edit.new_start, edit.new_end
    while i < i_end and j < j_end and old[i].item == new[j].item:
        i, j = i + 1, j + 1
    while i < i_end and j < j_end and old[i_end - 1].item == new[j_end - 1].item:
        i_end, j_end = i_end - 1, j_end - 1
    return Edit(i, i_end, j, j_end)


_SENTENCE_ENDS = frozenset(".!?;。！？।؟；…")
_CLAUSE_ENDS = frozenset(",:、，،：")


def _settled(old: Sequence[Token], new: Sequence[Token], found: Sequence[Edit], index: int) -> Edit:
    """An insertion or deletion moved to where it reads best: “the [new] house” could also be “[the new] …”.

    Only over tokens that are equal on both sides of it, so that it says the same.
    """
    edit = found[index]
    if edit.old_start < edit.old_end and edit.new_start < edit.new_end:
        return edit
    deletes = edit.old_start < edit.old_end
    row = old if deletes else new
    start, end = (edit.old_start, edit.old_end) if deletes else (edit.new_start, edit.new_end)
    before = found[index - 1] if index else Edit(0, 0, 0, 0)
    after = found[index + 1] if index + 1 < len(found) else Edit(len(old), len(old), len(new), len(new))
    room_left = start - (before.old_end if deletes else before.new_end)
    room_right = (after.old_start if deletes else after.new_start) - end
    # Half of what is between two edits belongs to each, so that both can move without meeting.
    room_left = room_left if not index else room_left // 2
    room_right = room_right if index + 1 == len(found) else room_right // 2
    shifts = [0]
    while -shifts[-1] < room_left and row[start - 1 + shifts[-1]].item == row[end - 1 + shifts[-1]].item:
        shifts.append(shifts[-1] - 1)
    shift = 0
    while shift < room_right and row[start + shift].item == row[end + shift].item:
        shift += 1
        shifts.append(shift)
    best = max(shifts, key=lambda by: (_joint(row, start + by) + _joint(row, end + by), by))
    return Edit(edit.old_start + best, edit.old_end + best, edit.new_start + best, edit.new_end + best)


def _joint(row: Sequence[Token], place: int) -> int:
    """How natural a cut before row[place] is."""
    if place in (0, len(row)):
        return 6
    before, after = row[place - 1].text, row[place].text
    if before.isspace():
        sign = row[place - 2].text[-1:] if place > 1 else ""
        if "\n" in before or sign in _SENTENCE_ENDS:
            return 5
        return 4 if sign in _CLAUSE_ENDS else 3
    if before[-1:] in _SENTENCE_ENDS:
        return 5 if not after.isspace() else 4
    if after.isspace() or before[-1:] in _CLAUSE_ENDS:
        return 2
    return 1 if not (row[place - 1].weight and row[place].weight) else 0


def _touching(found: Sequence[Edit]) -> list[Edit]:
    """Edits with nothing between them become one."""
    result: list[Edit] = []
    for edit in found:
        last = result[-1] if result else None
        if last and last.old_end == edit.old_start and last.new_end == edit.new_start:
            result[-1] = replace(last, old_end=edit.old_end, new_end=edit.new_end)
        else:
            result.append(edit)
    return result


def _joined(old: Sequence[Token], new: Sequence[Token], found: Sequence[Edit]) -> list[Edit]:
    """Edits joined over the few equal words between them, wherever that leaves fewer pieces to read."""
    result = list(found)
    index = 0
    while index + 1 < len(result):
        one, two = result[index], result[index + 1]
        if _absorbs(old, new, one, two):
            both = Edit(one.old_start, two.old_end, one.new_start, two.new_end)
            result[index : index + 2] = [_trimmed(old, new, both)]
            index = max(0, index - 1)
        else:
            index += 1
    return result


def _absorbs(old: Sequence[Token], new: Sequence[Token], one: Edit, two: Edit) -> bool:
    between = sum(token.weight for token in old[one.old_end : two.old_start])
    pieces = sum(
        start < end
        for edit in (one, two)
        for start, end in ((edit.old_start, edit.old_end), (edit.new_start, edit.new_end))
    )
    if pieces == 2:
        return False  # two insertions would become a deletion and an insertion: no better to read
    least = min(_size(old, new, one), _size(old, new, two))
    allowed = 4 if pieces == 4 else 2
    return between <= max(min(allowed, least), least // 4)


def _size(old: Sequence[Token], new: Sequence[Token], edit: Edit) -> int:
    """The weight of the longer side of an edit."""
    return max(
        sum(token.weight for token in old[edit.old_start : edit.old_end]),
        sum(token.weight for token in new[edit.new_start : edit.new_end]),
    )
