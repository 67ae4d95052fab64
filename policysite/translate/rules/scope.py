"""What a rule sees: a `Pair` (one text and its translation) in a `Scope` (all that is known of the language).

A scope is made once a language: patterns are made here and nowhere else, and compiled when a text needs them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from policysite.core.diagnostics import Place
from policysite.core.markdown import PLACEHOLDER
from policysite.core.model import Glossary, Language, Message
from policysite.translate.inlines import References, facets
from policysite.translate.lexicons import ENDS, Lexicon, lexicon
from policysite.translate.words import Pattern, bounded, letters, pattern_of, seed, words

#: Code, what is wrong, what to do.
Finding = tuple[str, str, str]

FORMAT = re.compile(r"%\((\w+)\)[sd]")
#: What is no text: addresses, link targets, code, format fields.
URLISH = re.compile(r"https?://\S+|\]\([^)]*\)|`[^`]*`|%\(\w+\)[sd]")

_Pattern = Pattern | None


@dataclass(frozen=True, slots=True)
class Term:
    """A term with the forms a translation may have. find: matches the source; one of forms must occur."""

    text: str
    find: Pattern
    forms: tuple[str, ...]
    brand: bool


@dataclass(frozen=True, slots=True)
class ClashPattern:
    """A first person subject and second person verbs. adjacent: see `lexicons.Clash`."""

    subject: Pattern
    verb: Pattern
    adjacent: bool
    unless: _Pattern


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything the rules know of one language of a site.

    numbers and source_numbers: word → value. ends: kind of sentence end → marks. foreign_ends: marks that end
    a sentence elsewhere. terms: the glossary. term_index: first word of a term in small letters → phrases
    (words, term), longest first. any_spelling: whether one of spellings matches, in one search.
    """

    language: Language
    lexicon: Lexicon
    protected: tuple[Term, ...]
    terms: tuple[Term, ...]
    term_index: Mapping[str, tuple[tuple[tuple[str, ...], Term], ...]]
    numbers: tuple[tuple[Pattern, int], ...]
    source_numbers: tuple[tuple[Pattern, int], ...]
    source_negation: _Pattern
    source_negation_exempt: _Pattern
    negation: _Pattern
    informal: _Pattern
    alternatives: _Pattern
    doubled: _Pattern
    source_doubled: re.Pattern[str]
    ends: tuple[tuple[str, str], ...]
    foreign_ends: frozenset[str]
    clashes: tuple[ClashPattern, ...]
    spellings: tuple[tuple[Pattern, str, str], ...]
    any_spelling: _Pattern


_ALL_ENDS = frozenset(".?!:;。．？！：；।৷॥؟؛۔")


def scope_of(
    language: Language, source: str, protected: Sequence[str], glossary: Glossary | None = None
) -> Scope:
    """Compile what the rules need. source: tag of the source language; protected: names of config.yaml."""
    theirs, ours = lexicon(language.tag), lexicon(source)
    forms = {term.text: term.forms for term in glossary.terms} if glossary else {}
    names = tuple(
        Term(name, _name(name), (name, *forms.get(name, ())), _is_brand(name))
        for name in dict.fromkeys(protected)
    )
    terms = tuple(
        Term(text, _english(text), tuple(_folded(form) for form in forms[text]), False)
        for text in forms
        if text not in protected and words(text)
    )
    ends = dict(theirs.ends) or {kind: mark for mark, kind in ENDS.items()}
    return Scope(
        language=language,
        lexicon=theirs,
        protected=names,
        terms=terms,
        term_index=_term_index(terms),
        numbers=_numbers(theirs),
        source_numbers=_numbers(ours),
        source_negation=pattern_of(ours.negation, ours.spaced),
        source_negation_exempt=pattern_of(ours.negation_exempt, ours.spaced),
        negation=pattern_of(theirs.negation, theirs.spaced),
        informal=pattern_of(theirs.informal, theirs.spaced),
        alternatives=_alternatives(theirs),
        doubled=_doubled(theirs),
        source_doubled=_REPEATED,
        ends=tuple(ends.items()),
        foreign_ends=_ALL_ENDS - frozenset("".join(ends.values())),
        clashes=tuple(
            ClashPattern(subject, verb, clash.adjacent, pattern_of(clash.unless))
            for clash in theirs.clashes
            if (subject := pattern_of(clash.subject)) and (verb := pattern_of(clash.verb))
        ),
        any_spelling=Pattern("|".join(f"(?:{item.find})" for item in theirs.spellings))
        if theirs.spellings
        else None,
        spellings=tuple((Pattern(item.find), item.right, item.why) for item in theirs.spellings),
    )


def _name(name: str) -> Pattern:
    return Pattern(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", (seed(name),))


def _is_brand(name: str) -> bool:
    """Whether a name can be misspelt: an acronym (`GDPR`) or a very short name resembles too much."""
    return len(name) >= 6 and not name.replace("/", "").isupper()


def _english(term: str) -> Pattern:
    """A term of an English text where it stands as it is written."""
    return Pattern(rf"(?<![A-Za-z-]){re.escape(term)}(?![A-Za-z-])", (seed(term),))


def _term_index(terms: Sequence[Term]) -> dict[str, tuple[tuple[tuple[str, ...], Term], ...]]:
    found: dict[str, list[tuple[tuple[str, ...], Term]]] = {}
    for term in terms:
        *first, last = words(term.text)
        endings = [last, f"{last}s", f"{last}es", f"{last}'s", f"{last}’s"]
        if last.endswith("y"):
            endings.append(f"{last[:-1]}ies")
        for ending in endings:
            phrase = tuple(word.lower() for word in (*first, ending))
            found.setdefault(phrase[0], []).append((phrase, term))
    return {word: tuple(sorted(rows, key=lambda row: -len(row[0]))) for word, rows in found.items()}


_HARAKAT = re.compile("[\u064b-\u0652\u0670]")


def _folded(text: str) -> str:
    return _HARAKAT.sub("", text.casefold())


def folded(text: str) -> str:
    """A text as terms are looked up in it: small letters, no Arabic vowel marks."""
    return _folded(text)


def _numbers(lexicon: Lexicon) -> tuple[tuple[Pattern, int], ...]:
    by_value: dict[int, list[str]] = {}
    for word, value in lexicon.numbers:
        by_value.setdefault(value, []).append(word)
    found = []
    for value, names in by_value.items():
        # Endings follow number words in many languages (`দুটি`, `2-х`); a longer word with one inside is rare.
        pattern = pattern_of([f"{word}*" if len(word) > 2 else word for word in names], lexicon.spaced)
        if pattern is not None:
            found.append((pattern, value))
    return tuple(found)


_REPEATED = re.compile(r"(?<!\w)(\w{2,})\s+\1(?!\w)", re.IGNORECASE)


def _doubled(lexicon: Lexicon) -> _Pattern:
    if lexicon.doubles_only is not None:
        if not lexicon.spaced:
            return pattern_of(lexicon.doubles_only, spaced=False)
        one = f"(?i:{'|'.join(re.escape(word) for word in lexicon.doubles_only)})"
    else:
        one = rf"(?!\d)[{letters()}]{{2,}}"
    return Pattern(rf"(?<![{letters()}-])({one})\s+(?i:\1)(?![{letters()}-])")


def _alternatives(lexicon: Lexicon) -> _Pattern:
    if not lexicon.alternatives:
        return None
    joined = "|".join(re.escape(word) for word in sorted(lexicon.alternatives, key=len, reverse=True))
    if not lexicon.spaced:
        return Pattern(rf"([^\W\d_]{{2,8}})(?:{joined})\1", map(seed, lexicon.alternatives))
    inner = rf"((?!\d)[{letters()}]{{2,}}(?:\s[{letters()}]{{2,}}){{0,2}})\s+(?i:{joined})\s+(?i:\1)"
    return Pattern(bounded(inner), map(seed, lexicon.alternatives))


@dataclass(frozen=True, slots=True)
class Pair:
    """A source text and its translation, as written and as read (`source_text`, `text`: no markup, no
    addresses, no placeholders). markdown is False for interface texts, which are plain."""

    source: str
    target: str
    source_text: str
    text: str
    scope: Scope
    references: References
    markdown: bool


_NO_TEXT = re.compile(rf"{PLACEHOLDER.pattern}|https?://\S+|%\(\w+\)[sd]|\S+@\S+\.\w+")


def pair_of(source: str, target: str, scope: Scope, references: References, markdown: bool) -> Pair:
    """A pair with its readable texts."""
    return Pair(
        source,
        target,
        _readable(source, references, markdown),
        _readable(target, references, markdown),
        scope,
        references,
        markdown,
    )


#: Stands for a placeholder or an address where the text is read: no letter, no space.
GAP = "\ufffc"


def _readable(text: str, references: References, markdown: bool) -> str:
    if markdown:
        text = facets(text, references).text
    if "{" in text or "%(" in text or "://" in text or "@" in text:
        text = _NO_TEXT.sub(GAP, text)
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text.strip())


@dataclass(frozen=True, slots=True)
class Unit:
    """A pair with the entry it comes from and the place of its translation."""

    message: Message
    pair: Pair
    place: Place


Rule = Callable[[Pair], Iterator[Finding]]
CatalogRule = Callable[[Sequence[Unit], Scope], Iterator[tuple[Unit, Finding]]]
