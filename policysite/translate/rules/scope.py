"""What a rule sees: a `Pair` (one text and its translation) in a `Scope` (all that is known of the language).

A scope is made once a language: patterns are made here and nowhere else, and compiled when a text needs them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache

from msgspec import Struct

from policysite.core.diagnostics import Place
from policysite.core.markdown import PLACEHOLDER
from policysite.core.model import Glossary, Language, Message
from policysite.translate.inlines import Facets, References
from policysite.translate.lexicons import ENDS, Lexicon, lexicon
from policysite.translate.words import REMEMBERED, Pattern, bounded, letters, pattern_of, seed, words

#: Code, what is wrong, what to do.
Finding = tuple[str, str, str]

FORMAT = re.compile(r"%\((\w+)\)[sd]")
#: What is no text: addresses, link targets, code, format fields.
URLISH = re.compile(r"https?://\S+|\]\([^)]*\)|`[^`]*`|%\(\w+\)[sd]")

_Pattern = Pattern | None


class Term(Struct, frozen=True):
    """A term with the forms a translation may have. find: matches the source; one of forms must occur."""

    text: str
    find: Pattern
    forms: tuple[str, ...]
    brand: bool


class ClashPattern(Struct, frozen=True):
    """A first person subject and second person verbs. adjacent: see `lexicons.Clash`."""

    subject: Pattern
    verb: Pattern
    adjacent: bool
    unless: _Pattern


class Scope(Struct, frozen=True):
    """Everything the rules know of one language of a site.

    names: the protected terms. numbers: word → value. ends: kind of sentence end → marks. foreign_ends: marks
    that end a sentence elsewhere. terms: the glossary, by the English text; term_index finds them.
    foreign_digits: a digit of another script. misspelt: any of spellings. source: what is known of the
    language that is translated.
    """

    language: Language
    lexicon: Lexicon
    source: SourceWords
    names: tuple[str, ...]
    protected: tuple[Term, ...]
    terms: Mapping[str, Term]
    term_index: TermIndex
    numbers: tuple[tuple[Pattern, int], ...]
    foreign_digits: re.Pattern[str]
    negation: _Pattern
    informal: _Pattern
    alternatives: _Pattern
    joining: frozenset[str]
    doubled: _Pattern
    ends: Mapping[str, str]
    foreign_ends: frozenset[str]
    clashes: tuple[ClashPattern, ...]
    spellings: tuple[tuple[Pattern, str, str], ...]
    misspelt: _Pattern


class SourceWords(Struct, frozen=True, eq=False):
    """What is known of the language that is translated; one for all its translations."""

    numbers: tuple[tuple[Pattern, int], ...]
    negation: _Pattern
    negation_exempt: _Pattern

    def denial(self, text: str) -> str | None:
        """The word by which a text denies something, or None."""
        return _denial(self, text)


@cache
def source_words(tag: str) -> SourceWords:
    """What is known of the source language (BCP 47 tag)."""
    words_of = lexicon(tag)
    return SourceWords(
        numbers=_numbers(words_of),
        negation=pattern_of(words_of.negation, words_of.spaced),
        negation_exempt=pattern_of(words_of.negation_exempt, words_of.spaced),
    )


@lru_cache(maxsize=REMEMBERED)
def _denial(source: SourceWords, text: str) -> str | None:
    if source.negation is None or not source.negation.search(text):
        return None
    if source.negation_exempt is not None:
        text = source.negation_exempt.sub(" ", text)
    match = source.negation.search(text)
    return match.group() if match else None


_ALL_ENDS = frozenset(".?!:;。．？！：；।৷॥؟؛۔")


def scope_of(
    language: Language, source: str, protected: Sequence[str], glossary: Glossary | None = None
) -> Scope:
    """Compile what the rules need. source: tag of the source language; protected: names of config.yaml."""
    theirs = lexicon(language.tag)
    forms = {term.text: term.forms for term in glossary.terms} if glossary else {}
    names = tuple(
        Term(name, _name(name), (name, *forms.get(name, ())), _is_brand(name))
        for name in dict.fromkeys(protected)
    )
    terms = {
        text: Term(text, _english(text), tuple(folded(form) for form in forms[text]), False)
        for text in forms
        if text not in protected and words(text)
    }
    ends = dict(theirs.ends) or {kind: mark for mark, kind in ENDS.items()}
    return Scope(
        language=language,
        lexicon=theirs,
        source=source_words(source),
        names=tuple(name.text for name in names),
        protected=names,
        terms=terms,
        term_index=term_index(tuple(terms)),
        numbers=_numbers(theirs),
        foreign_digits=re.compile(rf"(?![{language.digits}])\d"),
        negation=pattern_of(theirs.negation, theirs.spaced),
        informal=pattern_of(theirs.informal, theirs.spaced),
        alternatives=_alternatives(theirs),
        joining=frozenset(seed(word).split()[0] for word in theirs.alternatives if word.strip()),
        doubled=_doubled(theirs),
        ends=ends,
        foreign_ends=_ALL_ENDS - frozenset("".join(ends.values())),
        clashes=tuple(
            ClashPattern(subject, verb, clash.adjacent, pattern_of(clash.unless))
            for clash in theirs.clashes
            if (subject := pattern_of(clash.subject)) and (verb := pattern_of(clash.verb))
        ),
        spellings=tuple(
            (Pattern(item.find, map(seed, item.holds)), item.right, item.why) for item in theirs.spellings
        ),
        misspelt=_misspelt(theirs),
    )


def _name(name: str) -> Pattern:
    return Pattern(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", (seed(name),))


def _is_brand(name: str) -> bool:
    """Whether a name can be misspelt: an acronym (`GDPR`) or a very short name resembles too much."""
    return len(name) >= 6 and not name.replace("/", "").isupper()


def _english(term: str) -> Pattern:
    """A term of an English text where it stands as it is written."""
    return Pattern(rf"(?<![A-Za-z-]){re.escape(term)}(?![A-Za-z-])", (seed(term),))


class TermIndex(Struct, frozen=True, eq=False):
    """The terms of a glossary by their first word in small letters: (words, term), longest first. Languages
    that prescribe the same terms share one."""

    rows: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]

    def terms_in(self, text: str) -> tuple[str, ...]:
        """The terms of a source text, the longest at each place. A defined term (with a capital) keeps it."""
        return _terms_in(self, text)


@cache
def term_index(terms: tuple[str, ...]) -> TermIndex:
    """The index of some terms, with their English endings."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for term in terms:
        *first, last = words(term)
        endings = [last, f"{last}s", f"{last}es", f"{last}'s", f"{last}’s"]
        if last.endswith("y"):
            endings.append(f"{last[:-1]}ies")
        for ending in endings:
            phrase = tuple(word.lower() for word in (*first, ending))
            found.setdefault(phrase[0], []).append((phrase, term))
    rows = {word: tuple(sorted(rows, key=lambda row: -len(row[0]))) for word, rows in found.items()}
    return TermIndex(rows)


@lru_cache(maxsize=REMEMBERED)
def _terms_in(index: TermIndex, text: str) -> tuple[str, ...]:
    found = words(text)
    small = [word.lower() for word in found]
    terms: dict[str, None] = {}
    at = 0
    while at < len(found):
        for phrase, term in index.rows.get(small[at], ()):
            capital = not term[:1].isupper() or found[at][:1].isupper()
            if capital and tuple(small[at : at + len(phrase)]) == phrase:
                terms[term] = None
                at += len(phrase)
                break
        else:
            at += 1
    return tuple(terms)


_HARAKAT = re.compile("[\u064b-\u0652\u0670]")


def folded(text: str) -> str:
    """A text as terms are looked up in it: small letters, no Arabic vowel marks. The Turkish capital
    İ is an i: `casefold` alone makes it an i and a combining dot, which no word of a glossary has."""
    return _HARAKAT.sub("", text.replace("İ", "i").casefold())


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


def _doubled(lexicon: Lexicon) -> _Pattern:
    if lexicon.doubles_only is not None:
        if not lexicon.spaced:
            return pattern_of(lexicon.doubles_only, spaced=False)
        one = f"(?i:{'|'.join(re.escape(word) for word in lexicon.doubles_only)})"
    else:
        one = rf"(?!\d)[{letters()}]{{2,}}"
    return Pattern(rf"(?<![{letters()}-])({one})\s+(?i:\1)(?![{letters()}-])")


def _misspelt(lexicon: Lexicon) -> _Pattern:
    if not lexicon.spellings:
        return None
    held = [item.holds for item in lexicon.spellings]
    seeds = [seed(text) for texts in held for text in texts] if all(held) else []
    return Pattern("|".join(f"(?:{item.find})" for item in lexicon.spellings), seeds)


def _alternatives(lexicon: Lexicon) -> _Pattern:
    if not lexicon.alternatives:
        return None
    joined = "|".join(re.escape(word) for word in sorted(lexicon.alternatives, key=len, reverse=True))
    if not lexicon.spaced:
        return Pattern(rf"([^\W\d_]{{2,8}})(?:{joined})\1", map(seed, lexicon.alternatives))
    inner = rf"((?!\d)[{letters()}]{{2,}}(?:\s[{letters()}]{{2,}}){{0,2}})\s+(?i:{joined})\s+(?i:\1)"
    return Pattern(bounded(inner), map(seed, lexicon.alternatives))


class Pair(Struct, frozen=True):
    """A source text and its translation, as written and as read (`source_text`, `text`: no markup, no
    addresses, no placeholders). markdown is False for interface texts, which are plain.

    theirs, ours: what each consists of (text only, for interface texts).
    """

    source: str
    target: str
    source_text: str
    text: str
    scope: Scope
    references: References
    markdown: bool
    theirs: Facets
    ours: Facets


_NO_WORDS = rf"{PLACEHOLDER.pattern}|https?://\S+|%\(\w+\)[sd]"
_NO_TEXT = re.compile(_NO_WORDS + r"|\S+@\S+\.\w+")
#: The same for a text without @: to look for an e-mail address is most of the work.
_NO_TEXT_BUT_EMAIL = re.compile(_NO_WORDS)


#: Controls (but `core.quick.SEPARATOR`), private use, bidi controls, zero-width characters and other
#: invisibles, joiners.
ODD = re.compile(
    "[\x00\x01\x03-\x08\x0b-\x1f\x7f\ue000-\uf8ff\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u2069\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)

#: Stands for a placeholder or an address where the text is read: no letter, no space.
GAP = "\ufffc"


def readable(text: str) -> str:
    """A text (as `Facets.text`) without addresses and placeholders, in normal form C."""
    if "{" in text or "%(" in text or "://" in text or "@" in text:
        text = (_NO_TEXT if "@" in text else _NO_TEXT_BUT_EMAIL).sub(GAP, text)
    text = text.strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


class Lines:
    """A catalog's lines, for the places of its messages: parted when something is found."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text

    @cached_property
    def _rows(self) -> list[str]:
        return self._text.split("\n")

    def place(self, message: Message) -> Place:
        """The line of a message's translation."""
        number = message.msgstr_line or message.line
        text = self._rows[number - 1].rstrip("\r") if 0 < number <= len(self._rows) else ""
        return Place(self._path, number, 1, text)


class Said(Struct, frozen=True):
    """A translation (one form of it) with its entry and place."""

    message: Message
    target: str
    lines: Lines

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.lines.place(self.message)


Rule = Callable[[Pair], Iterator[Finding]]
LanguageRule = Callable[[Sequence[Said], Scope], Iterator[tuple[Said, Finding]]]
