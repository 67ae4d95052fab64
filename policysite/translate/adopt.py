"""Take over a whole translated file: find the English version it fits, and pair their texts. Pure.

The two are in different languages, so words tell little. What tells: kind and level of a text, its length,
link targets, numbers by value, names in Latin letters, and the order. Dynamic programming over both documents
finds the pairing with the greatest sum. Everything comes in as fuzzy; what has no partner is kept as a
comment where it stood.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from math import exp

from msgspec import Struct
from msgspec.structs import replace

from policysite.core.markdown import substitute
from policysite.core.model import Catalog, Document, Message, ParsedDocument, Segment
from policysite.translate.carry import outline

#: From this fit on a file counts as a translation of a document. Measured on the Bengali and Arabic texts of
#: this repository: the right document has 0.54 to 0.67 (0.30 with every fourth paragraph taken away), a wrong
#: one at most 0.27. Who names the document knows better: a third is enough then.
FITS = 0.30
FITS_WHEN_NAMED = 0.10

_SKIP = 0.10  # what leaving a text alone costs, since most texts have a partner
_INFINITE = 1e9
_JOIN_AT_MOST = 3
_CLOSEST = 4  # documents whose alignment is computed, of all that are compared roughly


class Piece(Struct, frozen=True):
    """A text as the aligner sees it. level: of a heading, else 0; size: its letters."""

    segment: Segment
    level: int
    size: int
    links: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]
    marks: frozenset[tuple[str, int]]


class Alignment(Struct, frozen=True):
    """How a foreign document fits an English one.

    pairs: English position → foreign positions (several: joined by a space). fit: 0 … 1.
    """

    source: ParsedDocument
    foreign: tuple[Segment, ...]
    pairs: tuple[tuple[Segment, tuple[int, ...]], ...]
    fit: float

    @property
    def alone(self) -> tuple[int, ...]:
        """The foreign texts without a partner."""
        paired = {at for _, found in self.pairs for at in found}
        return tuple(at for at in range(len(self.foreign)) if at not in paired)


_NAME = re.compile(r"(?<![A-Za-z])[A-Z][A-Za-z0-9]*[A-Za-z0-9](?![a-z])")
_NUMBER = re.compile(r"\d+(?:[.,٫٬]\d+)*")
_FIELDS = frozenset({"title", "nav_title", "description", "lead", "summary"})


def pieces(
    parsed: ParsedDocument, value: Callable[[str], str | None] = lambda name: None
) -> tuple[Piece, ...]:
    """The texts of a document, in reading order. value: what a placeholder shows, None when unknown."""
    levels = [0] * len(parsed.document.fields)
    levels += [slot.level for slot in parsed.skeleton.slots if slot.translatable]
    return tuple(
        _piece(segment, level, substitute(segment.msgid, value))
        for segment, level in zip(parsed.segments(), levels, strict=True)
    )


def _piece(segment: Segment, level: int, text: str) -> Piece:
    found = outline(text)
    words = " ".join(event for event in found.events if not event.startswith("<"))
    return Piece(
        segment,
        level,
        sum(1 for char in words if not char.isspace()) or 1,
        frozenset(map(_folded_target, found.targets)),
        frozenset(_by_value(match) for match in _NUMBER.findall(words)),
        frozenset(_NAME.findall(words)),
        frozenset(Counter(event[1:].split()[0] for event in found.events if event.startswith("<")).items()),
    )


def _folded_target(target: str) -> str:
    """A link target without what differs between languages: the language in the path, the host's slash."""
    return re.sub(r"^/[a-z]{2,3}(?:-[A-Za-z]+)?/", "/", target.rstrip("/") + "/")


def _by_value(number: str) -> str:
    return "".join(str(unicodedata.digit(char, -1)) if char.isdigit() else "." for char in number)


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of what either side has that both have; 0 when neither has any."""
    return len(one & other) / len(one | other) if one or other else 0.0


def worth(one: Piece, other: Piece, ratio: float) -> float:
    """What pairing two texts is worth (negative: never). ratio: foreign letters for each English one."""
    if (one.segment.kind in _FIELDS) != (other.segment.kind in _FIELDS):
        return -1.0
    if one.segment.kind in _FIELDS and one.segment.kind != other.segment.kind:
        return -1.0
    if bool(one.level) != bool(other.level):
        return -1.0
    score = 0.25 if one.segment.kind == other.segment.kind else 0.05
    if one.level:
        score += 0.15 if one.level == other.level else -0.10
    # Gale and Church 1993: the difference of lengths is spread with the root of the length.
    expected = one.size * ratio
    spread = (other.size - expected) / (4.0 + 1.6 * (expected + other.size) ** 0.5)
    score += 0.45 * exp(-spread * spread / 2) - 0.20
    if one.links or other.links:
        score += 0.7 * _shared(one.links, other.links) - 0.25
    if one.numbers or other.numbers:
        score += 0.5 * _shared(one.numbers, other.numbers) - 0.20
    if one.names:
        score += 0.35 * len(one.names & other.names) / len(one.names) - 0.10
    return score + (0.05 if one.marks == other.marks else -0.05)


def align(source: ParsedDocument, ours: Sequence[Piece], theirs: Sequence[Piece]) -> Alignment:
    """The best pairing in order; up to three foreign texts may stand for one English text."""
    ratio = sum(piece.size for piece in theirs) / max(1, sum(piece.size for piece in ours))
    ratio = min(max(ratio, 0.25), 3.0)
    rows, columns = len(ours), len(theirs)
    table: list[list[tuple[float, int, int]]] = [[(0.0, 0, 0)] * (columns + 1) for _ in range(rows + 1)]
    for left in range(rows + 1):
        for right in range(columns + 1):
            if not left and not right:
                continue
            best = (-_INFINITE, 0, 0)
            if left:
                best = max(best, (table[left - 1][right][0] - _SKIP, 1, 0))
            if right:
                best = max(best, (table[left][right - 1][0] - _SKIP, 0, 1))
            if left and right:
                gain = worth(ours[left - 1], theirs[right - 1], ratio)
                if gain > 0:
                    best = max(best, (table[left - 1][right - 1][0] + gain, 1, 1))
                for count in range(2, min(_JOIN_AT_MOST, right) + 1):
                    joined = _joined(theirs[right - count : right])
                    if joined is None:
                        break
                    gain = worth(ours[left - 1], joined, ratio) - _SKIP * (count - 1)
                    if gain > 0:
                        best = max(best, (table[left - 1][right - count][0] + gain, 1, count))
            table[left][right] = best
    pairs: list[tuple[Segment, tuple[int, ...]]] = []
    gained = 0.0
    left, right = rows, columns
    while left or right:
        _, took_ours, took_theirs = table[left][right]
        if took_ours and took_theirs:
            pairs.append((ours[left - 1].segment, tuple(range(right - took_theirs, right))))
            gained += table[left][right][0] - table[left - took_ours][right - took_theirs][0]
        left -= took_ours
        right -= took_theirs
    # What the pairs are worth, beside what each side would be worth paired with itself.
    possible = sum(worth(piece, piece, 1.0) for piece in (*ours, *theirs))
    fit = min(1.0, max(0.0, 2 * gained / possible)) if possible > 0 else 0.0
    return Alignment(source, tuple(piece.segment for piece in theirs), tuple(pairs[::-1]), fit)


def _joined(parts: Sequence[Piece]) -> Piece | None:
    """Several paragraphs as one text; None for what cannot be one (headings, titles)."""
    first = parts[0]
    if any(
        part.level or part.segment.kind in _FIELDS or part.segment.kind != first.segment.kind
        for part in parts
    ):
        return None
    return replace(
        first,
        size=sum(part.size for part in parts),
        links=frozenset().union(*(part.links for part in parts)),
        numbers=frozenset().union(*(part.numbers for part in parts)),
        names=frozenset().union(*(part.names for part in parts)),
    )


def best_fit(
    documents: Sequence[ParsedDocument], foreign: ParsedDocument, value: Callable[[str], str | None]
) -> Alignment | None:
    """The alignment to the English document (and version) that fits best; None when there is none at all.

    Of versions that fit equally well the newest is taken.
    """
    theirs = pieces(foreign)
    shapes = Counter((piece.segment.kind, piece.level) for piece in theirs)
    links = Counter(link for piece in theirs for link in piece.links)

    def roughly(ours: Sequence[Piece]) -> float:
        shape = Counter((piece.segment.kind, piece.level) for piece in ours)
        targets = Counter(link for piece in ours for link in piece.links)
        share = 2 * (shape & shapes).total() / max(1, shape.total() + shapes.total())
        return share + (targets & links).total() / max(1, (targets | links).total())

    rough = [(parsed, pieces(parsed, value)) for parsed in documents]
    rough.sort(key=lambda item: (-roughly(item[1]), item[0].document.path))
    found = [align(parsed, ours, theirs) for parsed, ours in rough[:_CLOSEST]]
    return max(found, key=lambda one: (round(one.fit, 4), _begun(one.source.document)), default=None)


def _begun(document: Document) -> int:
    return document.version.date.toordinal() if document.version else 0


class Adopted(Struct, frozen=True):
    """imported: texts that got a translation (fuzzy). beside: texts that had one already, so that the other
    stands in a comment. alone: foreign texts without a partner, kept as comments."""

    catalog: Catalog
    imported: int
    beside: int
    alone: tuple[Segment, ...]


def adopt_into(catalog: Catalog, alignment: Alignment, name: str) -> Adopted:
    """The catalog with the texts of an aligned file. Overwrites nothing; a second time changes nothing.

    catalog: in step with its source. name: of the file, for the comments.
    """
    texts: dict[str, str] = {}
    notes: dict[str, list[str]] = {}
    order = {at: segment.msgid for segment, found in alignment.pairs for at in found}
    imported = beside = 0
    known = {message.msgid: message for message in catalog.messages if _takes(message)}
    for segment, found in alignment.pairs:
        text = " ".join(alignment.foreign[at].msgid for at in found)
        message = known[segment.msgid]
        had = texts.get(segment.msgid) or message.msgstr[0]
        if had == text:
            continue
        if had:
            row = _note("adopted from", name, alignment.foreign[found[0]], text)
            if row not in message.user_comments:
                notes.setdefault(segment.msgid, []).append(row)
                beside += 1
        else:
            texts[segment.msgid] = text
            imported += 1
    first = alignment.pairs[0][0].msgid if alignment.pairs else next(iter(known), "")
    alone = tuple(alignment.foreign[at] for at in alignment.alone)
    for at in alignment.alone:
        # At the text before it, where a translator looks for what is missing.
        host = next((order[before] for before in range(at, -1, -1) if before in order), first)
        segment = alignment.foreign[at]
        notes.setdefault(host, []).append(_note("not aligned, from", name, segment, segment.msgid))

    def adopted(message: Message) -> Message:
        if not _takes(message):
            return message
        text = texts.get(message.msgid)
        if text is not None:
            flags = tuple(dict.fromkeys(("fuzzy", *message.flags)))
            message = replace(message, msgstr=(text,), flags=flags, previous=())
        rows = tuple(dict.fromkeys((*message.user_comments, *notes.get(message.msgid, ()))))
        return replace(message, user_comments=rows)

    catalog = replace(catalog, messages=tuple(adopted(message) for message in catalog.messages))
    return Adopted(catalog, imported, beside, alone)


def _takes(message: Message) -> bool:
    return not message.obsolete and message.context is None and message.plural is None


def _note(what: str, name: str, segment: Segment, text: str) -> str:
    """One comment line; a hard line break of the text is shown as ` / `."""
    flat = " / ".join(text.split("\n"))
    return f"{what} {name}, line {segment.place.line} ({segment.kind}): {flat}".rstrip()
