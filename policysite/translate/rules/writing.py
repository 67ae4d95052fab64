"""Rules on writing: sentence ends and spellings of the script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from policysite.translate.lexicons import ENDS
from policysite.translate.rules.scope import GAP, Finding, Pair

_TRAILING = "\"'”’»›)]}*_`」』）】》〉 \n\t"
_ABBREVIATION = re.compile(r"(?:\betc|\be\.g|\bi\.e|\bInc|\bLtd|\bCorp|\bCo|\bU\.S|\bvs|\.\.|…)\.?\Z")
_BULLET = re.compile(r"[-–—•*·]\s")


def sentence_end(pair: Pair) -> Iterator[Finding]:
    """T309: a text ends as its source does, with the mark of its script."""
    source, target = pair.source_text.rstrip(_TRAILING), pair.text.rstrip(_TRAILING)
    if pair.source == pair.target:  # T305, or a name
        return
    if not source or not target or _ABBREVIATION.search(source) or target.endswith(("…", "...")):
        return
    last = target[-1]
    kind = ENDS.get(source[-1])
    if kind is None:
        if last in pair.scope.foreign_ends and source[-1] != last:
            yield _wrong_mark(last, pair.scope.language.english_name, "")
        return
    allowed = dict(pair.scope.ends)[kind]
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


def spelling(pair: Pair) -> Iterator[Finding]:
    """T312: spellings that are wrong in the script wherever they stand."""
    if pair.scope.any_spelling is not None and pair.scope.any_spelling.search(pair.text):
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


def list_mark(pair: Pair) -> Iterator[Finding]:
    """T313: a list mark typed into the text; the list itself comes from the source."""
    match = _BULLET.match(pair.text)
    if match and not _BULLET.match(pair.source_text):
        yield "T313", f"the text begins with the list mark “{match.group().strip()}”", "remove it"
