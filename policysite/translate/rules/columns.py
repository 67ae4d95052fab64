"""The pairs of a catalog as columns: a suspicion asks all texts at once, joined, in a few calls.

A suspicion gets a `Table` and answers with the rows in which its rule may find something; only for those is a
`Pair` made. What is asked of English texts is remembered: every language has the same.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import cached_property, lru_cache
from itertools import accumulate

from policysite.core.quick import SEPARATOR
from policysite.translate.inlines import MARKS, Facets, References, facets, plain_facets, read_all
from policysite.translate.rules.scope import ODD, Finding, Pair, Scope, readable
from policysite.translate.words import Pattern, undotted

#: Numbers of rows.
Rows = Set[int]
#: The rows in which a rule may find something: cheap, and too many rather than too few.
Suspicion = Callable[["Table"], Iterable[int]]
#: A rule on a whole catalog: (row, finding) from what is read in its English texts and in its translations.
CatalogRule = Callable[[Sequence[str], Sequence[str], Scope], Iterator[tuple[int, Finding]]]

_DIGIT = re.compile(r"\d")
#: What a text without markup, digits, addresses, placeholders and characters of `ODD` does not hold.
_NOTABLE = re.compile(rf"[\d{MARKS}%@/{ODD.pattern[1:-1]}]".replace(r"\x00-\x1f", r"\x00\x01\x03-\x1f"))


def may_be_joined(text: str) -> bool:
    """Whether a text may stand in a table with others: another one has a table of its own."""
    return SEPARATOR not in text


class Column:
    """Some texts, and the same joined by `SEPARATOR`, in which all are searched at once."""

    __slots__ = ("_starts", "joined", "texts")

    def __init__(self, texts: Sequence[str], joined: str | None = None) -> None:
        self.texts = texts
        self.joined = SEPARATOR.join(texts) if joined is None else joined
        self._starts: list[int] = []

    def changed(self, change: Callable[[str], str]) -> Column:
        """Every text after `change`, which works on letters and leaves `SEPARATOR` where it is."""
        joined = change(self.joined)
        return Column(joined.split(SEPARATOR) if len(self.texts) > 1 else [joined], joined)

    @property
    def every(self) -> Rows:
        """All rows."""
        return frozenset(range(len(self.texts)))

    def holding(self, *needles: str) -> set[int]:
        """The rows that hold one of some texts."""
        found: set[int] = set()
        for needle in needles:
            at = self.joined.find(needle)
            while at >= 0:
                row, following = self._row(at)
                found.add(row)
                at = self.joined.find(needle, following)
        return found

    def matching(self, pattern: re.Pattern[str]) -> set[int]:
        """The rows in which a pattern matches. It must match no text that holds `SEPARATOR`, and take it for
        the end of a text: a pattern for one character does, or for a run of letters."""
        found: set[int] = set()
        match = pattern.search(self.joined)
        while match:
            row, following = self._row(match.start())
            found.add(row)
            match = pattern.search(self.joined, following)
        return found

    def holding_seeds(self, pattern: Pattern) -> Rows:
        """The rows in which a pattern may match; the texts of this column are as `words.seed` writes them."""
        return self.holding(*pattern.seeds) if pattern.seeds else self.every

    def _row(self, at: int) -> tuple[int, int]:
        """The row of a character of the joined text, and where the next row begins."""
        if not self._starts:
            self._starts = list(accumulate((len(text) + 1 for text in self.texts), initial=0))
        following = bisect_right(self._starts, at)
        return following - 1, self._starts[following]


class English:
    """The English texts of a table, and what every language asks of them.

    texts: as written. facets: what each consists of. read: as `Pair.source_text`. marked: rows with markup.
    stripped: without white space at the ends.
    """

    __slots__ = ("column", "digits", "facets", "marked", "placeholders", "read", "stripped", "texts")

    def __init__(self, texts: tuple[str, ...], references: References, markdown: bool) -> None:
        self.texts = texts
        self.facets = [facets(text, references) if markdown else plain_facets(text) for text in texts]
        self.read = [readable(found.text) for found in self.facets]
        self.column = Column(texts)
        self.digits = self.column.matching(_DIGIT)
        self.marked = {row for row, found in enumerate(self.facets) if found.tags}
        self.placeholders = self.column.holding("{{", "%(")
        self.stripped = [text.strip() for text in texts]


@lru_cache(maxsize=64)
def english(texts: tuple[str, ...], references: References, markdown: bool) -> English:
    """The English texts of a table, remembered from the language before."""
    return English(texts, references, markdown)


class Table:
    """The pairs of one catalog.

    english: their English texts. targets: their translations as written; read: as `Pair.text`; folded, small:
    those as `str.casefold` and as `words.seed` writes them. facets: what a translation consists of, unless it
    is plain text without digits. references, markdown: see `checks.Checkable`.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[str, str]],
        scope: Scope,
        references: References = (),
        markdown: bool = True,
    ) -> None:
        self.scope = scope
        self.references = references
        self.markdown = markdown
        self.english = english(tuple([source for source, _ in pairs]), references, markdown)
        self.targets = Column([target for _, target in pairs])
        self.facets: dict[int, Facets] = {}
        self.read = self._read()

    def _read(self) -> Column:
        """Every translation without markup, addresses and placeholders, in normal form C."""
        texts = list(self.targets.texts)
        for row in self.not_normal:
            texts[row] = unicodedata.normalize("NFC", texts[row])
        notable = self.targets.matching(_NOTABLE) | self.odd
        notable |= {row for row, text in enumerate(texts) if text != text.strip()}
        rows = sorted(notable)
        raws = [self.targets.texts[row] for row in rows]
        found = read_all(raws, self.references) if self.markdown else list(map(plain_facets, raws))
        self.facets = dict(zip(rows, found, strict=True))
        for row, one in self.facets.items():
            texts[row] = readable(one.text)
        return Column(texts)

    @cached_property
    def not_normal(self) -> Rows:
        """The rows whose translation is not in Unicode normal form C."""
        joined = self.targets.joined
        if joined.isascii() or unicodedata.is_normalized("NFC", joined):
            return frozenset()
        texts = self.targets.texts
        return {row for row, text in enumerate(texts) if not unicodedata.is_normalized("NFC", text)}

    @cached_property
    def odd(self) -> Rows:
        """The rows whose translation has a character of `ODD`."""
        alone = len(self.targets.texts) == 1 and not may_be_joined(self.targets.joined)
        return self.targets.every if alone else self.targets.matching(ODD)

    @cached_property
    def digits(self) -> Rows:
        """The rows with a digit in one of the two texts."""
        texts = self.targets.texts
        return self.english.digits | {row for row in self.facets if _DIGIT.search(texts[row])}

    @cached_property
    def folded(self) -> Column:
        return self.read.changed(str.casefold)

    @cached_property
    def small(self) -> Column:
        return self.folded.changed(undotted)

    @cached_property
    def pieces(self) -> list[str]:
        """What stands between spaces in `small`, with SEPARATOR as a piece between two rows."""
        return self.small.joined.replace(SEPARATOR, f" {SEPARATOR} ").split()

    @cached_property
    def ends(self) -> list[int]:
        """Of each row: where its pieces end in `pieces`."""
        pieces = self.pieces
        found = []
        at = -1
        for _ in self.small.texts[1:]:
            at = pieces.index(SEPARATOR, at + 1)
            found.append(at)
        return [*found, len(pieces)]

    def pair(self, row: int) -> Pair:
        """One pair, for the rules."""
        target = self.targets.texts[row]
        return Pair(
            self.english.texts[row],
            target,
            self.english.read[row],
            self.read.texts[row],
            self.scope,
            self.references,
            self.markdown,
            self.english.facets[row],
            self.facets.get(row) or plain_facets(target),
        )
