"""Words of any script, for comparing texts: no word ever begins or ends inside a grapheme cluster.

Clusters are those of Unicode Annex 29 (`\\X` of the `regex` package, which follows it with the conjuncts of
Bengali and Hindi). Words follow its word boundaries where they help a reader of changes: a run of letters,
marks and digits is a word; a script that writes without spaces (Han, Hiragana, Thai, Lao, Khmer, Burmese …)
gives one word a cluster, and Katakana one word a run. Numbers, addresses and placeholders stay whole.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

import regex

#: Scripts that write words without spaces between them.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}"
_KATAKANA = r"\p{Katakana}ー"


def _pattern(run: Callable[[str], str], one: str, special: bool) -> regex.Pattern[str]:
    """run: how to write one or more whole clusters that begin with a character of a set; one: any cluster;
    special: look for placeholders and addresses too, which takes twice as long."""
    letters = run(rf"[[\p{{L}}\p{{M}}\p{{N}}_]--[{_UNSPACED}{_KATAKANA}]]")
    number = run(r"\p{N}")
    box, host = run(rf"[[\w.+\-]--[{_UNSPACED}]]"), run(rf"[[\w.\-]--[{_UNSPACED}]]")
    specials = (
        r"\{\{[^{}\r]*\}(?=\})" + one,  # a placeholder
        r"(?:https?://|mailto:)" + run(r'[^\s<>()\[\]"“”«»]') + r"(?<![.,;:!?])",
        rf"{box}@{host}(?<![.])",
    )
    alternatives = (
        *(specials if special else ()),
        rf"{number}(?:[.,:/]{number})*",  # also a date, a time, an amount
        run(f"[{_KATAKANA}]"),
        rf"{letters}(?:['’.]{letters})*",  # don’t, acme.test
        run(r"\s"),
        one,
    )
    return regex.compile("|".join(alternatives), regex.VERSION1 | regex.DOTALL)


@cache
def _any(special: bool = True) -> regex.Pattern[str]:
    return _pattern(lambda characters: rf"(?:(?={characters})\X)+", r"\X", special)


@cache
def _simple(special: bool = True) -> regex.Pattern[str]:
    """The same words, found several times as fast, for texts whose every character is a cluster."""
    return _pattern(lambda characters: f"{characters}+", ".", special)


#: A character that may join its neighbours: all but Latin letters and the usual signs.
_JOINS = regex.compile(r"[^\x00-\x0c\x0e-\u02ff\u2010-\u2027\u2030-\u205e€]")
_SPECIAL = regex.compile(r"@|://|mailto:|\{\{")
_SAYS = regex.compile(r"[\p{L}\p{N}]")
_ALONE = regex.compile(f"[{_UNSPACED}]")


def words(text: str) -> list[str]:
    """The text cut into words, white space and single signs; joined they are the text again."""
    special = _SPECIAL.search(text) is not None
    return (_any if _JOINS.search(text) else _simple)(special).findall(text)


def clusters(text: str) -> list[str]:
    """The text cut into grapheme clusters: what a reader takes for one character."""
    return regex.findall(r"\X", text)


@lru_cache(maxsize=16384)
def weight(word: str) -> int:
    """How much of a text a word of `words` is: 0 for white space and signs, 1 for a cluster of a script
    without spaces, 2 for a word."""
    if not _SAYS.search(word):
        return 0
    return 1 if _ALONE.match(word) else 2
