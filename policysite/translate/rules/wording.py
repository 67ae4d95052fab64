"""Rules on wording: what is said twice, not at all, or to the wrong person."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import compress, count
from operator import contains

from policysite.translate.rules.columns import English, Rows, Table
from policysite.translate.rules.scope import GAP, Finding, Pair, SourceWords
from policysite.translate.words import words

_SENTENCE = re.compile(r"[.?!।۔؟。！？\n]+\s*")
_LATIN_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z][A-Za-z'’-]+(?![A-Za-z])")


def same_text(table: Table) -> Rows:
    """Where the translation is its source."""
    both = zip(table.targets.texts, table.english.stripped, strict=True)
    return {row for row, (target, source) in enumerate(both) if target.strip() == source}


def unchanged(pair: Pair) -> Iterator[Finding]:
    """T305: the translation is the English text. Single words and names may be the same in two languages."""
    if pair.target.strip() != pair.source.strip():
        return
    text = pair.source_text
    for term in pair.scope.protected:
        text = text.replace(term.text, " ")
    found = _LATIN_WORD.findall(text)
    small = [word for word in found if word.islower() and len(word) > 2]
    if pair.scope.language.script == "Latn":
        wrong = len(found) >= 4 and len(small) >= 3
    else:
        wrong = len(found) >= 2 and bool(small)
    if wrong:
        yield "T305", "the text is not translated", "translate it, or add the name to protected_terms"


_REPEATED = re.compile(r"(?<!\w)(\w{2,})\s+\1(?!\w)", re.IGNORECASE)


def may_double(table: Table) -> Rows:
    """Where a word may stand twice."""
    pattern = table.scope.doubled
    if pattern is None:
        return frozenset()
    if pattern.seeds:
        return table.small.holding_seeds(pattern)
    # `words.undotted` takes a dot above from an i, so that a word may become a single letter.
    dotted = table.folded.holding("\u0307")
    return dotted | {bisect_right(table.ends, at) for at in may_repeat(table.pieces)}


def doubled(pair: Pair) -> Iterator[Finding]:
    """T306: “the the”. Where repetition is grammar, the lexicon names the words that may stand twice."""
    pattern = pair.scope.doubled
    if pattern is None:
        return
    for match in pattern.finditer(pair.text):
        word = match.group(1) if match.lastindex else match.group()
        if word.casefold() in pair.scope.lexicon.doubles or _REPEATED.search(pair.source_text):
            continue
        yield "T306", f"“{match.group()}”: a word stands twice", "delete one of the two"


def may_repeat(pieces: Sequence[str]) -> list[int]:
    """Where a word of two letters or more may stand twice in a row (the place of the first of two pieces):
    one piece of the text without spaces ends with a word that the next begins with."""
    begun = compress(count(), map(contains, pieces, [piece[:2] for piece in pieces[1:]]))
    return [at for at in begun if pieces[at][-1] in pieces[at + 1]]


def may_offer_twice(table: Table) -> Rows:
    """Where something like “X or X” may stand. Where spaces divide words, the “or” stands alone, and what
    follows begins like one of the three words before it."""
    scope = table.scope
    if scope.alternatives is None:
        return frozenset()
    if not scope.lexicon.spaced:
        return table.small.holding_seeds(scope.alternatives)
    pieces, found = table.pieces, set()
    for at in compress(count(), map(scope.joining.__contains__, pieces)):
        row = bisect_right(table.ends, at)
        start = table.ends[row - 1] + 1 if row else 0
        before = "".join(pieces[max(at - 3, start) : at])
        if any(after[:2] in before for after in pieces[at + 1 : table.ends[row]]):
            found.add(row)
    return found


def alternatives(pair: Pair) -> Iterator[Finding]:
    """T307: “X or X”: two English words became one."""
    pattern = pair.scope.alternatives
    match = pattern.search(pair.text) if pattern else None
    if match:
        yield (
            "T307",
            f"“{match.group()}” offers the same thing twice",
            "find two words, or say it once",
        )


def denies(table: Table) -> Rows:
    """Where the source denies something."""
    return frozenset() if table.scope.negation is None else _denying(table.english, table.scope.source)


@lru_cache(maxsize=64)
def _denying(english: English, source: SourceWords) -> Rows:
    return {row for row, text in enumerate(english.read) if source.denial(text) is not None}


def negation(pair: Pair) -> Iterator[Finding]:
    """T308: the source denies, the translation does not: a promise turned around."""
    word = pair.scope.source.denial(pair.source_text)
    if word is not None and pair.scope.negation is not None and not pair.scope.negation.search(pair.text):
        yield (
            "T308",
            f"the source says “{word}”, the translation denies nothing",
            "read both again; if the meaning is the same, waive this message and say why",
        )


def may_be_informal(table: Table) -> Rows:
    """Where a translation may hold an informal word, if that matters."""
    pattern = table.scope.informal
    if pattern is None or table.scope.language.register == "informal":
        return frozenset()
    return table.small.holding_seeds(pattern)


def register(pair: Pair) -> Iterator[Finding]:
    """T310: an informal “you” where the language addresses its readers formally."""
    pattern = pair.scope.informal
    if pattern is None or pair.scope.language.register == "informal":
        return
    match = pattern.search(pair.text)
    if match:
        yield (
            "T310",
            f"“{match.group()}” is informal",
            "use the polite form, or set register: informal for the language in config.yaml",
        )


def may_clash(table: Table) -> Rows:
    """Where a translation may have a subject of the first person and a verb of the second."""
    found: set[int] = set()
    for clash in table.scope.clashes:
        found |= table.small.holding_seeds(clash.subject) & table.small.holding_seeds(clash.verb)
    return found


def person(pair: Pair) -> Iterator[Finding]:
    """T311: “we” with a verb for “you”."""
    clashes = [clash for clash in pair.scope.clashes if clash.subject.search(pair.text)]
    if not clashes:
        return
    for sentence in _SENTENCE.split(pair.text):
        for clash in clashes:
            found = words(sentence)
            if len(found) < 2 or (clash.unless is not None and clash.unless.search(sentence)):
                continue
            for index in range(len(found) - 1) if clash.adjacent else (0,):
                verb = found[index + 1] if clash.adjacent else found[-1]
                if clash.subject.fullmatch(found[index]) and clash.verb.fullmatch(verb):
                    yield (
                        "T311",
                        f"“{found[index]} … {verb}”: the verb is that of another person",
                        "make subject and verb agree",
                    )


_LINK = re.compile(r"\[[^\[\]]*\]\([^()\s]*(?:\{\{[^{}]*\}\}[^()]*)?\)|\[[^\[\]]*\]\([^()]*\)")
_MARKED = re.compile(rf"[*_{GAP}\s]+")


#: The end of a sentence, and a link that follows.
_LINK_FIRST = re.compile(r"[.?!।۔؟。！？][\s*_()]*\[")


def may_have_lone_link(table: Table) -> Rows:
    """Where a link may stand at the beginning of a sentence."""
    texts = table.targets.texts
    rows = table.targets.holding("](") if table.markdown else frozenset()
    return {row for row in rows if _LINK_FIRST.search(f".{texts[row]}")}


def stray_link(pair: Pair) -> Iterator[Finding]:
    """T316: in the source a link is part of a sentence; here it stands alone before or after one."""
    if "](" not in pair.target or not pair.markdown:
        return
    if _lone(pair.target) and not _lone(pair.source):
        yield (
            "T316",
            "a link stands outside its sentence",
            "put the link on the words of the sentence that name its target",
        )


def _lone(text: str) -> bool:
    """Whether one of several sentences consists of a link only."""
    text = _LINK.sub(GAP, text)
    parts = [part for part in re.split(r"[.?!।۔؟。！？]+(?=\s|\Z|[^\x00-\x7f])", text) if part.strip(" *_()")]
    return len(parts) > 1 and any(GAP in part and not part.strip(f" *_(){GAP}\n") for part in parts)
