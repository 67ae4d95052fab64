"""Words of any script: the tokeniser, word lists as patterns, and how names sound.

Python's `\\w` and `\\b` end a word at a Bengali vowel sign; here marks (Mn, Mc) and joiners are part of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

#: English texts of which the rules remember what they read: those of a few documents, since the languages of
#: a document are checked one after another. (65,536 took 60 MB more on a site of 500 documents.)
REMEMBERED = 4096

#: Blocks that hold combining marks of living scripts.
_MARK_BLOCKS = ((0x300, 0x3100), (0xA600, 0xAC00), (0xFB1E, 0xFB1F), (0xFE20, 0xFE30))


@cache
def letters() -> str:
    """What a word consists of, as the inside of a regex class: letters, digits, marks, joiners."""
    ranges: list[list[int]] = []
    for first, last in _MARK_BLOCKS:
        for code in range(first, last):
            if unicodedata.category(chr(code)) in ("Mn", "Mc"):
                if ranges and ranges[-1][1] == code - 1:
                    ranges[-1][1] = code
                else:
                    ranges.append([code, code])
    return r"\w\u200c\u200d" + "".join(f"{chr(low)}-{chr(high)}" for low, high in ranges)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(f"[{letters()}]+(?:['’][{letters()}]+)*")


def words(text: str) -> list[str]:
    """The words of a text in order. A script without spaces gives runs between punctuation."""
    return _word().findall(text)


def bounded(inner: str) -> str:
    """A regex that matches `inner` only as whole words."""
    return f"(?<![{letters()}])(?:{inner})(?![{letters()}])"


class Pattern:
    """A regex that is compiled when a text may match it: where one of its `seeds` is in the text.

    source: the regex. seeds: small texts (see `seed`) of which every match contains one, whatever the case;
    none: any text may match. Compiling a class of all letters takes a millisecond, and most word lists of a
    language are never met; looking for a seed takes less than a tenth of a search.
    """

    __slots__ = ("_compiled", "seeds", "source")

    def __init__(self, source: str, seeds: Iterable[str] = ()) -> None:
        self.source = source
        self.seeds = tuple(dict.fromkeys(seeds))
        self._compiled: re.Pattern[str] | None = None

    @property
    def regex(self) -> re.Pattern[str]:
        """The compiled pattern."""
        if self._compiled is None:
            self._compiled = re.compile(self.source)
        return self._compiled

    def may_match(self, text: str) -> bool:
        """False where no match is possible."""
        if not self.seeds:
            return True
        return any(map(seed(text).__contains__, self.seeds))

    def search(self, text: str) -> re.Match[str] | None:
        """As of `re.Pattern`."""
        return self.regex.search(text) if self.may_match(text) else None

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """As of `re.Pattern`."""
        return self.regex.fullmatch(text) if self.may_match(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """As of `re.Pattern`."""
        return self.regex.finditer(text) if self.may_match(text) else iter(())

    def findall(self, text: str) -> list[str]:
        """As of `re.Pattern`."""
        return self.regex.findall(text) if self.may_match(text) else []

    def sub(self, replacement: str, text: str) -> str:
        """As of `re.Pattern`."""
        return self.regex.sub(replacement, text) if self.may_match(text) else text


@lru_cache(maxsize=1024)
def seed(text: str) -> str:
    """A text in the form in which seeds are looked for: what `(?i:…)` takes for equal is equal in it."""
    return undotted(text.casefold())


def undotted(text: str) -> str:
    """A text in small letters without any other i. (Python's `re` also takes the dotless i for an i.)"""
    return text.replace("ı", "i").replace("i̇", "i")


def pattern_of(items: Iterable[str], spaced: bool = True) -> Pattern | None:
    """One pattern for a word list, or None for an empty one.

    An item is a word or a phrase; `*` at an end stands for any letters (`un*`, `*less`). Where a script has
    no spaces (`spaced` False) an item may stand anywhere.
    """
    if not spaced:
        items = tuple(items)
        parts = [re.escape(item) for item in items]
        return Pattern("|".join(sorted(parts, key=len, reverse=True)), map(seed, items)) if parts else None
    parts = []
    seeds = []
    for item in sorted(items, key=len, reverse=True):
        core = r"\s+".join(re.escape(part) for part in item.strip("*").split())
        seeds.append(seed("".join(item.strip("*").split()[:1])))
        head = f"[{letters()}]*" if item.startswith("*") else ""
        tail = f"[{letters()}]*" if item.endswith("*") else ""
        # The flag stands on the letters only: on the class of all marks it makes compiling slow.
        parts.append(f"{head}(?i:{core}){tail}")
    return Pattern(bounded("|".join(parts)), seeds if all(seeds) else ()) if parts else None


# ── how a name sounds ───────────────────────────────────────────────────────────────────────────

#: Letters of alphabets whose Unicode names do not say their sound; vowels in three classes: a, i, u.
_SOUNDS = {
    **dict(zip("абвгдежзийклмнопрстуфхыэё", "abvgdijjiiklmnuprstufkiii", strict=True)),
    "ц": "s",
    "ч": "ch",
    "ш": "sh",
    "щ": "sh",
    "ю": "iu",
    "я": "ia",
    "ь": "",
    "ъ": "",
    "є": "i",
    **dict(zip("ابپتثجدذرزسصضطظفقكکگلمنوىيیےٹڈڑچ", "abpttjdjrjssdtjfkkkglmnuiiiitdrc", strict=True)),
    "غ": "g",
    "خ": "k",
    "ح": "",
    "ه": "",
    "ہ": "",
    "ھ": "",
    "ش": "sh",
    "ژ": "j",
    "ع": "",
    "ء": "",
    "أ": "a",
    "إ": "i",
    "آ": "a",
    "ؤ": "u",
    "ئ": "i",
    "ة": "",
    "ں": "n",
}
_LATIN_SOUNDS = (
    (re.compile(r"(?<=[^aeiou])e\Z"), ""),
    (re.compile("ph"), "f"),
    (re.compile("ck|q|c(?![h])"), "k"),
    (re.compile("x"), "ks"),
    (re.compile("oo|ou|ow"), "u"),
    (re.compile("ee|ea|ie|ei"), "i"),
    (re.compile("[ey]"), "i"),
    (re.compile("[ow]"), "u"),
    (re.compile("z"), "j"),
    (re.compile(r"(?<=.)h"), ""),
)
_NAMED = re.compile(r"(?:BENGALI|DEVANAGARI) (LETTER|VOWEL SIGN|SIGN) (.+)|KATAKANA LETTER (?:SMALL )?(\w+)")
_REPEATED = re.compile(r"(.)\1+")
_VOWELS = re.compile("[aiu]+")


@lru_cache(maxsize=16384)
def sound(word: str) -> str:
    """Roughly how a word sounds, in small Latin letters: vowels in three classes, no doubled letters.

    Covers Latin, Cyrillic, Arabic, Bengali, Devanagari and Katakana; letters of other scripts are left out.
    """
    text = word.casefold().replace("অ্যা", "আ").replace("অ্য", "আ").replace("ऑ", "आ")
    text = re.sub("^[اأ](?=[ويی])", "", text)
    out = "".join(_sound_of(char) for char in unicodedata.normalize("NFC", text))
    for pattern, replacement in _LATIN_SOUNDS:
        out = pattern.sub(replacement, out)
    return _REPEATED.sub(r"\1", out)


@cache
def _sound_of(char: str) -> str:
    if char in _SOUNDS:
        return _SOUNDS[char]
    if "a" <= char <= "z":
        return char
    plain = unicodedata.normalize("NFD", char)[0]
    if "a" <= plain <= "z":
        return plain
    match = _NAMED.match(unicodedata.name(char, ""))
    if match is None:
        return ""
    kind, name, kana = match.groups()
    if kana:
        return kana.lower().replace("r", "l")
    if kind == "SIGN":
        return "n" if name in ("ANUSVARA", "CANDRABINDU") else ""
    name = name.split(" ")[-1].lower()
    if kind == "LETTER" and len(name) > 1 and name.endswith("a"):
        name = name.removesuffix("a")  # the vowel that a consonant carries unless another is written
    return {"aa": "a", "ii": "i", "uu": "u", "ai": "i", "au": "u", "y": "i"}.get(
        name, name.rstrip("h") or name
    )


def skeleton(sounding: str) -> str:
    """The consonants of what `sound` gives."""
    return _VOWELS.sub("", sounding)


def distance(left: str, right: str) -> int:
    """The edit distance (Levenshtein) of two short texts."""
    row = list(range(len(right) + 1))
    for index, char in enumerate(left, 1):
        previous, row[0] = row[0], index
        for column, other in enumerate(right, 1):
            previous, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, previous + (char != other)),
            )
    return row[-1]


#: Consonants an ending after a name has at most.
_ENDING = 2


@lru_cache(maxsize=16384)
def resembles(word: str, name: str) -> bool:
    """Whether a word, perhaps with an ending, sounds like a name without being it (`ওহমেগুলের`, `Ohmegul`)."""
    wanted = sound(name)
    bones = skeleton(wanted)
    if len(bones) < 3:
        return False
    given = sound(word)
    if abs(len(given) - len(wanted)) > 4 or len(given) + 2 < len(wanted):
        return False
    allowed = max(1, len(wanted) // 3)
    for length in range(max(len(wanted) - 1, 3), len(wanted) + 3):
        head = given[:length]
        ending = skeleton(given[length:])
        if skeleton(head) == bones and distance(head, wanted) <= allowed and len(ending) <= _ENDING:
            return True
        if length >= len(given):
            break
    return len(bones) >= 5 and distance(skeleton(given), bones) <= 1 and distance(given, wanted) <= allowed
