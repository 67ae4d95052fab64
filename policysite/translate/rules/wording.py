"""Rules on wording: what is said twice, not at all, or to the wrong person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policysite.translate.rules.scope import GAP, Finding, Pair
from policysite.translate.words import seed, words

_SENTENCE = re.compile(r"[.?!।۔؟。！？\n]+\s*")
_LATIN_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z][A-Za-z'’-]+(?![A-Za-z])")


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


def doubled(pair: Pair) -> Iterator[Finding]:
    """T306: “the the”. Where repetition is grammar, the lexicon names the words that may stand twice."""
    pattern = pair.scope.doubled
    if pattern is None or not (pattern.seeds or may_repeat(pair.text)):
        return
    for match in pattern.finditer(pair.text):
        word = match.group(1) if match.lastindex else match.group()
        if word.casefold() in pair.scope.lexicon.doubles or pair.scope.source_doubled.search(
            pair.source_text
        ):
            continue
        yield "T306", f"“{match.group()}”: a word stands twice", "delete one of the two"


def may_repeat(text: str) -> bool:
    """False where no word of two letters or more stands twice in a row: then some piece of the text without
    spaces would hold the first two letters of the next one."""
    before = ""
    for piece in seed(text).split():
        if len(piece) > 1 and piece[:2] in before:
            return True
        before = piece
    return False


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


def negation(pair: Pair) -> Iterator[Finding]:
    """T308: the source denies, the translation does not: a promise turned around."""
    scope = pair.scope
    if scope.source_negation is None or scope.negation is None:
        return
    match = scope.source_negation.search(pair.source_text)
    if match is None:
        return
    text = pair.source_text
    if scope.source_negation_exempt is not None:
        text = scope.source_negation_exempt.sub(" ", text)
        match = scope.source_negation.search(text)
    if match is not None and not scope.negation.search(pair.text):
        yield (
            "T308",
            f"the source says “{match.group()}”, the translation denies nothing",
            "read both again; if the meaning is the same, waive this message and say why",
        )


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
