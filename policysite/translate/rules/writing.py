"""Rules on writing: sentence ends and spellings of the script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from policysite.translate.lexicons import ENDS
from policysite.translate.rules.columns import English, Rows, Table
from policysite.translate.rules.scope import GAP, Finding, Pair
from policysite.translate.words import REMEMBERED

_TRAILING = "\"'”’»›)]}*_`」』）】》〉 \n\t"
_ABBREVIATION = re.compile(r"(?:\betc|\be\.g|\bi\.e|\bInc|\bLtd|\bCorp|\bCo|\bU\.S|\bvs|\.\.|…)\.?\Z")
_LIST_MARKS = ("-", "–", "—", "•", "*", "·")
_BULLET = re.compile(r"[-–—•*·]\s")


@lru_cache(maxsize=REMEMBERED)
def _source_end(text: str) -> tuple[str, str | None, bool]:
    """(an English text without quotes at its end, the kind of that end, whether it is an abbreviation)."""
    text = text.rstrip(_TRAILING)
    return text, ENDS.get(text[-1:]), _ABBREVIATION.search(text) is not None


def may_end_otherwise(table: Table) -> Rows:
    """Where a text does not end with a mark that stands for that of its source."""
    ends, foreign = table.scope.ends, table.scope.foreign_ends
    lasts = [text.rstrip(_TRAILING)[-1:] for text in table.read.texts]
    both = zip(lasts, _kinds(table.english), strict=True)
    return {
        row
        for row, (last, kind) in enumerate(both)
        if (last in foreign if kind is None else last not in ends[kind])
    }


@lru_cache(maxsize=64)
def _kinds(english: English) -> list[str | None]:
    """How each English text ends."""
    return [_source_end(text)[1] for text in english.read]


def sentence_end(pair: Pair) -> Iterator[Finding]:
    """T309: a text ends as its source does, with the mark of its script."""
    source, kind, abbreviated = _source_end(pair.source_text)
    target = pair.text.rstrip(_TRAILING)
    if pair.source == pair.target:  # T305, or a name
        return
    if not source or not target or abbreviated or target.endswith(("…", "...")):
        return
    last = target[-1]
    if kind is None:
        if last in pair.scope.foreign_ends and source[-1] != last:
            yield _wrong_mark(last, pair.scope.language.english_name, "")
        return
    allowed = pair.scope.ends[kind]
    if last in allowed or source[-1] == GAP:
        return
    if last in pair.scope.foreign_ends:
        yield _wrong_mark(last, pair.scope.language.english_name, allowed[0])
    elif pair.markdown and kind in ("statement", "question", "colon") and len(source.split()) > 2:
        yield (
            "T309",
            f"the source ends with “{source[-1]}”, the translation with “{last}”",
            f"end the text with “{allowed[0]}”",
        )


def _wrong_mark(mark: str, language: str, right: str) -> Finding:
    name = unicodedata.name(mark, "").lower()
    hint = f"write “{right}”" if right else "remove it"
    return "T309", f"“{mark}” ({name}) does not end a sentence in {language}", hint


_MIXED = re.compile("[a-zA-Z][а-яёА-ЯЁ]|[а-яёА-ЯЁ][a-zA-Z]")


def may_be_misspelt(table: Table) -> Rows:
    """Where a text may hold a spelling that is wrong, or letters of two scripts."""
    scope = table.scope
    mixed = table.read.matching(_MIXED) if scope.language.script == "Cyrl" else set()
    return mixed if scope.misspelt is None else mixed | table.small.holding_seeds(scope.misspelt)


def spelling(pair: Pair) -> Iterator[Finding]:
    """T312: spellings that are wrong in the script wherever they stand."""
    for pattern, right, why in pair.scope.spellings:
        match = pattern.search(pair.text)
        if match:
            yield "T312", f"“{match.group().strip()}”: {why}", f"write {right}"
    if pair.scope.language.script == "Cyrl":
        match = _MIXED.search(pair.text)
        if match:
            yield (
                "T312",
                f"“{match.group()}”: Latin and Cyrillic letters in one word",
                "type the word again in one script",
            )


def has_list_mark(table: Table) -> Rows:
    """Where a text begins with what may be a list mark."""
    return {row for row, text in enumerate(table.read.texts) if text[:1] in _LIST_MARKS}


def list_mark(pair: Pair) -> Iterator[Finding]:
    """T313: a list mark typed into the text; the list itself comes from the source."""
    match = _BULLET.match(pair.text)
    if match and not _BULLET.match(pair.source_text):
        yield "T313", f"the text begins with the list mark “{match.group().strip()}”", "remove it"
