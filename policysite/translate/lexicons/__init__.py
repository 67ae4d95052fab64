"""The door to the word lists of the package: language → `Lexicon`. Reads package data, never a project.

One YAML file a language stands beside this module: plain data that a speaker of the language can correct.
`Lexicon` says what each key means. A language without a file has an empty lexicon, so that only the rules
that need no words run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from msgspec import Struct

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

#: The kinds of sentence ends, by the mark an English text has.
ENDS: dict[str, str] = {".": "statement", "?": "question", "!": "exclamation", ":": "colon", ";": "semicolon"}


class Spelling(Struct, frozen=True):
    """A spelling that is wrong wherever it stands: a regex, what is right, and why.

    holds: every match holds one of these; a text without them is not searched. A regex of plain letters needs
    none: it holds itself.
    """

    find: str
    right: str
    why: str
    holds: tuple[str, ...] = ()


class Clash(Struct, frozen=True):
    """A first person subject and the second person verbs it may not have, as word lists.

    adjacent: the verb follows at once; otherwise it ends a sentence that the subject begins. unless: words
    that bring in another subject.
    """

    subject: tuple[str, ...]
    verb: tuple[str, ...]
    adjacent: bool
    unless: tuple[str, ...] = ()


class Lexicon(Struct, frozen=True):
    """What the rules know of a language. Word lists are items for `words.pattern_of`.

    spaced: whether spaces divide words. numbers: number words and months → value. ends: kind of end → marks.
    doubles_only: the only words whose repetition is a slip (None: every word but those of `doubles`).
    folds: groups of letters that are confused. apart: words that differ by these and are both right.
    """

    tag: str
    spaced: bool = True
    numbers: tuple[tuple[str, int], ...] = ()
    negation: tuple[str, ...] = ()
    negation_exempt: tuple[str, ...] = ()
    informal: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    ends: tuple[tuple[str, str], ...] = ()
    doubles: tuple[str, ...] = ()
    doubles_only: tuple[str, ...] | None = None
    folds: tuple[tuple[str, ...], ...] = ()
    apart: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()
    spellings: tuple[Spelling, ...] = ()


#: Keys of a lexicon file.
KEYS = frozenset(
    {
        *("spaced", "numbers", "months", "negation", "negation_exempt", "informal", "or", "ends"),
        *("doubles", "doubles_only", "folds", "apart", "clashes", "spellings"),
    }
)


@cache
def lexicon(tag: str) -> Lexicon:
    """The lexicon of a BCP 47 tag: its own file, else that of its language (`pt`), else empty."""
    for name in (tag, tag.split("-")[0]):
        found = files(__package__).joinpath(f"{name}.yaml")
        if found.is_file():
            # Catalogs are NFC (T108); a keyboard may type what NFC writes as two characters.
            text = unicodedata.normalize("NFC", found.read_text(encoding="utf-8"))
            return _lexicon(tag, yaml.load(text, Loader=_Loader))
    return Lexicon(tag)


def _lexicon(tag: str, raw: Mapping[str, Any]) -> Lexicon:
    def texts(name: str) -> tuple[str, ...]:
        return tuple(str(item) for item in raw.get(name) or ())

    numbers = [(str(word), int(value)) for word, value in (raw.get("numbers") or {}).items()]
    for number, names in enumerate(raw.get("months") or (), 1):
        numbers += [(name, number) for name in ([names] if isinstance(names, str) else names)]
    return Lexicon(
        tag=tag,
        spaced=bool(raw.get("spaced", True)),
        numbers=tuple(numbers),
        negation=texts("negation"),
        negation_exempt=texts("negation_exempt"),
        informal=texts("informal"),
        alternatives=texts("or"),
        ends=tuple((str(kind), str(marks)) for kind, marks in (raw.get("ends") or {}).items()),
        doubles=texts("doubles"),
        doubles_only=texts("doubles_only") if "doubles_only" in raw else None,
        folds=tuple(tuple(str(letter) for letter in group) for group in raw.get("folds") or ()),
        apart=texts("apart"),
        clashes=tuple(
            Clash(
                tuple(item["subject"]),
                tuple(item["verb"]),
                bool(item.get("adjacent", False)),
                tuple(item.get("unless", ())),
            )
            for item in raw.get("clashes") or ()
        ),
        spellings=tuple(
            Spelling(item["find"], item["right"], item["why"], _holds(item))
            for item in raw.get("spellings") or ()
        ),
    )


#: Letters and what divides alternatives: nothing else that a regex reads otherwise than it is written.
_PLAIN = re.compile(r"[^\\^$.?*+()\[\]{}]+")


def _holds(spelling: Mapping[str, Any]) -> tuple[str, ...]:
    if "holds" in spelling:
        return tuple(str(text) for text in spelling["holds"])
    find = str(spelling["find"])
    return tuple(find.split("|")) if _PLAIN.fullmatch(find) else ()
