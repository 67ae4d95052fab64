"""Rules on terms: names that stay, the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from policysite.translate.rules.columns import English, Rows, Table
from policysite.translate.rules.scope import Finding, Pair, Term, TermIndex, folded
from policysite.translate.words import resembles, words

#: A host or file name may hold a brand in small letters.
_ADDRESS = re.compile(r"[A-Za-z]+://\S+|[a-z0-9-]+(?:\.[a-z0-9-]+)+")
#: What every address holds: found ten times as fast.
_IN_ADDRESS = re.compile(r"://|\.[a-z0-9-]")


def has_names(table: Table) -> Rows:
    """Where the source has a name that stays."""
    return _named(table.english, table.scope.names)


@lru_cache(maxsize=64)
def _named(english: English, names: tuple[str, ...]) -> Rows:
    return english.column.holding(*names)


def protected(pair: Pair) -> Iterator[Finding]:
    """T109 and T301: a name of the source stands in the translation, in an allowed form."""
    for term in pair.scope.protected:
        if term.text not in pair.source or not term.find.search(pair.source):
            continue
        near = _near(term, pair.text) if term.brand else None
        if not (term.find.search(pair.target) or any(form in pair.target for form in term.forms[1:])):
            message = f"“{term.text}” is missing or changed" + (f": “{near}”?" if near else "")
            hint = "write the name as in the source"
            if len(term.forms) > 1:
                hint = f"write one of: {', '.join(term.forms)}"
            yield "T109", message, hint
        elif near:
            yield "T301", f"“{near}” looks like “{term.text}”", "write the name the same way everywhere"


def _near(term: Term, text: str) -> str | None:
    """The first word or words that sound like the name but are not written like it."""
    if _IN_ADDRESS.search(text):
        text = _ADDRESS.sub(" ", text)
    for form in term.forms:
        text = text.replace(form, " ")
    found = words(text)
    length = len(term.text.split())
    name = term.text.replace(" ", "")
    for candidate in zip(*(found[at:] for at in range(length)), strict=False):
        if resembles("".join(candidate), name):
            return " ".join(candidate)
    return None


def lacks_terms(table: Table) -> Rows:
    """Where the source has a term of the glossary, and the translation none of its words as they are."""
    lacking: set[int] = set()
    texts = table.folded.texts
    for text, rows in _terms(table.english, table.scope.term_index).items():
        for form in table.scope.terms[text].forms:
            rows = {row for row in rows if form not in texts[row]}
        lacking |= rows
    return lacking


@lru_cache(maxsize=64)
def _terms(english: English, index: TermIndex) -> Mapping[str, Rows]:
    """Each term of a glossary, with the rows whose English text has it."""
    found: dict[str, set[int]] = {}
    for row, text in enumerate(english.read if index.rows else ()):
        for term in index.terms_in(text):
            found.setdefault(term, set()).add(row)
    return found


def glossary(pair: Pair) -> Iterator[Finding]:
    """T302: a term of the glossary is translated by one of its allowed forms."""
    terms = [pair.scope.terms[text] for text in pair.scope.term_index.terms_in(pair.source_text)]
    text = pair.text.casefold()
    # What stands in the text with vowel marks stands in it without them, so most texts need no second look.
    lacking = [term for term in terms if not any(map(text.__contains__, term.forms))]
    text = folded(pair.text) if lacking else text
    for term in lacking:
        if not any(form in text for form in term.forms):
            yield (
                "T302",
                f"“{term.text}” is translated by no word of the glossary",
                f"use one of: {', '.join(term.forms)}, or add your word to the glossary",
            )
