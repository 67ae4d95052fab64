"""Which message a changed one comes from, by the structure of the documents they stand in.

A text that changed stands where its predecessor stood: between the same neighbours. So the messages of each
file are aligned with those the catalog remembers of it (its references), equal ones first, and what lies
between two equal ones by dynamic programming over their likeness. A new version of a policy is aligned with
the version before it. What moved and changed at once is looked for in the rest, with a stricter measure.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from policysite.core.model import Message
from policysite.translate.extract import Source

Key = tuple[str | None, str]

#: Likeness (0–1) from which a text between the same neighbours counts as the same text, changed.
NEAR = 0.4
#: The same for a text that stands elsewhere now.
FAR = 0.6

_WORD = re.compile(r"https?://[^\s)]+|\{\{[^}]*\}\}|%\(\w+\)[sd]|\w+")
_TARGET = re.compile(r"\]\(\s*(<[^>]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)")


@dataclass(frozen=True)
class _Text:
    """A message as the alignment sees it: its key, kind (heading, paragraph …) and words."""

    key: Key
    kind: str

    @cached_property
    def words(self) -> list[str]:
        return [word.casefold() for word in _WORD.findall(self.key[1])]

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(self.words)


def predecessors(messages: Sequence[Message], sources: Sequence[Source]) -> dict[Key, Key]:
    """New message → the catalog's message it comes from, both by key. A predecessor may still be in use by an
    earlier version of the policy, and then may be named twice.

    messages: those of the catalog, obsolete ones too. sources: what is to be translated now.
    """
    known = {message.key for message in messages}
    wanted = {source.key for source in sources if source.key not in known}
    if not wanted:
        return {}
    before = _files((message.key, message.auto_comments, message.references) for message in messages)
    after = _files((source.key, source.comments, source.references) for source in sources)
    current = {source.key for source in sources}
    found: dict[Key, Key] = {}
    for path in sorted(after):
        new = after[path]
        if any(text.key in wanted for text in new):
            old = before.get(path) or after.get(_earlier(path, after), [])
            for key, predecessor in _aligned(old, new, wanted):
                found.setdefault(key, predecessor)
    taken = set(found.values())
    gone = [
        _Text(message.key, message.auto_comments[0] if message.auto_comments else "")
        for message in messages
        if message.key not in current and message.key not in taken
    ]
    orphans = wanted - found.keys()
    left = [text for texts in after.values() for text in texts if text.key in orphans]
    found.update(_elsewhere(gone, list(dict.fromkeys(left))))
    return found


def _files(rows: Iterable[tuple[Key, Sequence[str], Sequence[str]]]) -> dict[str, list[_Text]]:
    """File → its messages in the order of their lines."""
    places: dict[str, list[tuple[int, int, _Text]]] = defaultdict(list)
    for index, (key, comments, references) in enumerate(rows):
        text = _Text(key, comments[0] if comments else "")
        for reference in references:
            path, _, line = reference.rpartition(":")
            if path and line.isdigit():
                places[path].append((int(line), index, text))
            else:
                places[reference].append((0, index, text))
    ordered = {path: sorted(found, key=lambda row: row[:2]) for path, found in places.items()}
    return {path: [text for _, _, text in found] for path, found in ordered.items()}


def _earlier(path: str, files: Mapping[str, object]) -> str:
    """The version before: the file of the same folder whose name comes just before in the order of dates."""
    folder = posixpath.dirname(path)
    names = sorted(name for name in files if posixpath.dirname(name) == folder and name.endswith(".md"))
    at = bisect_left(names, path)
    return names[at - 1] if at else ""


def _aligned(old: Sequence[_Text], new: Sequence[_Text], wanted: set[Key]) -> list[tuple[Key, Key]]:
    """Pairs of (new, old) between equal neighbours."""
    pairs: list[tuple[Key, Key]] = []
    start_old = start_new = 0
    for end_old, end_new in [*_equal(old, new), (len(old), len(new))]:
        staying = {text.key for text in new}
        gap_old = [text for text in old[start_old:end_old] if text.key not in staying]
        gap_new = [text for text in new[start_new:end_new] if text.key in wanted]
        pairs += _best(gap_old, gap_new)
        start_old, start_new = end_old + 1, end_new + 1
    return pairs


def _equal(old: Sequence[_Text], new: Sequence[_Text]) -> list[tuple[int, int]]:
    """The longest run of equal messages in the same order, as (old index, new index)."""
    positions: dict[Key, int] = {}
    for index, text in enumerate(old):
        positions.setdefault(text.key, index)
    tails: list[int] = []  # patience sorting: the smallest last old index of a run of each length
    rows: list[tuple[int, int, int]] = []  # (old index, new index, row before)
    last: list[int] = []
    for index, text in enumerate(new):
        at = positions.get(text.key)
        if at is None:
            continue
        length = bisect_left(tails, at)
        rows.append((at, index, last[length - 1] if length else -1))
        if length == len(tails):
            tails.append(at)
            last.append(len(rows) - 1)
        else:
            tails[length] = at
            last[length] = len(rows) - 1
    found: list[tuple[int, int]] = []
    row = last[-1] if last else -1
    while row >= 0:
        at, index, row = rows[row]
        found.append((at, index))
    return found[::-1]


def _best(old: Sequence[_Text], new: Sequence[_Text]) -> list[tuple[Key, Key]]:
    """The pairs in order with the highest sum of likeness."""
    if not old or not new:
        return []
    scores = [[_likeness(before, after) for after in new] for before in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            paired = scores[i][j] + best[i + 1][j + 1] if scores[i][j] >= NEAR else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs = []
    i = j = 0
    while i < len(old) and j < len(new):
        if scores[i][j] >= NEAR and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            pairs.append((new[j].key, old[i].key))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _elsewhere(old: Sequence[_Text], new: Sequence[_Text]) -> dict[Key, Key]:
    """Pairs of what is left, the most alike first."""
    holders: dict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(old):
        for word in text.counts:
            holders[word].append(index)
    rows: list[tuple[float, int, int]] = []
    for index, text in enumerate(new):
        shared: Counter[int] = Counter()
        for word in text.counts:
            if len(holders.get(word, ())) <= 50:  # common words find nothing
                shared.update(holders.get(word, ()))
        for candidate, _ in shared.most_common(8):
            score = _likeness(old[candidate], text)
            if score >= FAR:
                rows.append((-score, index, candidate))
    found: dict[Key, Key] = {}
    used: set[int] = set()
    for _, index, candidate in sorted(rows):
        if new[index].key not in found and candidate not in used:
            found[new[index].key] = old[candidate].key
            used.add(candidate)
    return found


def _likeness(old: _Text, new: _Text) -> float:
    """0 (nothing in common) to 1: shared words, their order, and the kind of block."""
    if old.key[0] != new.key[0] or not old.words or not new.words:
        return 0.0
    common = sum((old.counts & new.counts).values())
    longer, shorter = max(len(old.words), len(new.words)), min(len(old.words), len(new.words))
    overlap = 2 * common / (longer + shorter)
    # A paragraph that was split or merged holds one of the two whole.
    contained = 0.8 * common / shorter if shorter >= 5 else 0.0
    if max(overlap, contained) < 0.3:
        return 0.0
    ratio = SequenceMatcher(None, old.words, new.words, autojunk=False).ratio()
    score = max((overlap + ratio) / 2, 0.75 * contained)
    if old.kind and new.kind and old.kind != new.kind:
        score -= 0.1
    return max(score, 0.0)


# ── carried over without a reader ───────────────────────────────────────────────────────────────


def carried(old: str, new: str, translation: str) -> str | None:
    """The translation of `old` for `new`, where these differ in link targets or spaces only; else None."""
    if _bare(old) != _bare(new):
        return None
    before, after = _TARGET.findall(old), _TARGET.findall(new)
    theirs = _TARGET.findall(translation)
    if theirs == before:
        replacements = iter(after)
    else:
        changes: dict[str, str] = {}
        for target, replacement in zip(before, after, strict=True):
            if changes.setdefault(target, replacement) != replacement:
                return None
        if sorted(theirs) != sorted(before):
            return None
        replacements = iter([changes[target] for target in theirs])
    return _TARGET.sub(lambda hit: hit.group().replace(hit.group(1), next(replacements), 1), translation)


def _bare(text: str) -> str:
    return " ".join(_TARGET.sub("](", text).split())
