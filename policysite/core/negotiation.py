"""Which language a visitor gets at `/`: the one truth, and the patterns that servers decide with.

`negotiate` reads Accept-Language as RFC 9110 (12.4.2, 12.5.4) writes it and matches by CLDR: a range finds
its own tag, else a tag of the same language *and script* (`pt-BR` finds `pt`, `pt` finds `pt-BR`, `zh-TW`
never finds `zh-Hans`). Who states no preference (no header, `*` alone, languages the site lacks) is asked:
None, the list of languages.

Servers cannot sort by weight. `wishes` and `choices` give them the same decision in two steps of regular
expressions (the common part of PCRE and RE2). `negotiate_by_patterns` runs these steps in Python; tests
compare. The one difference: weights that share their first digit (0.85 and 0.8) count as equal, and the
earlier wins. Browsers write their list in order, so they cannot tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from babel.core import get_global

#: A language range we match: language, script, region, then variants and extensions. No extlang: `zh-yue` is
#: not Mandarin.
_REST = r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}|[a-z0-9](?:-[a-z0-9]{2,8})+))*"
_RANGE = re.compile(rf"([a-z]{{2,3}})(?:-([a-z]{{4}}))?(?:-([a-z]{{2}}|[0-9]{{3}}))?{_REST}")
_WEIGHT = re.compile(r"q=(?:(0(?:\.[0-9]{0,3})?)|(1(?:\.0{0,3})?))")

#: A region CLDR says nothing of: it stands for all others of its form.
_OTHER_LETTERS, _OTHER_DIGITS = "zz", "998"

#: A variant no language has.
_VARIANT = "zzzzzzzz"

_PLAIN = re.compile(r"[a-z]{2,3}\Z")


def negotiate(header: str, tags: Sequence[str], chosen: str = "") -> str | None:
    """The tag of `tags` for a visitor, or None when the visitor is to choose.

    header: the value of Accept-Language, '' for none. tags: the published languages, in the site's order.
    chosen: what the visitor chose before (the cookie); it wins when the site has it.
    """
    if chosen in tags:
        return chosen
    for language_range, _ in sorted(_wishes(header), key=lambda wish: -wish[1]):
        found = match(language_range, tuple(tags))
        if found is not None:
            return found
    return None


def _wishes(header: str) -> Iterator[tuple[str, int]]:
    """(range, weight in thousandths) of every entry that can be read and is not refused, in its order."""
    for entry in header.lower().split(","):
        language_range, mark, weight = (part.strip() for part in entry.partition(";"))
        if not mark:
            yield language_range, 1000
        elif found := _WEIGHT.fullmatch(weight):
            thousandths = 1000 if found[2] else round(float(found[1]) * 1000)
            if thousandths:
                yield language_range, thousandths


@cache
def match(language_range: str, tags: tuple[str, ...]) -> str | None:
    """The tag that serves a language range in lower case; None when there is none in its language and script.

    In order: the same tag; the same region; CLDR's parent regions (`es-MX` → `es-419`); a tag without region;
    the region most speakers live in; the first.
    """
    for tag in tags:
        if tag.lower() == language_range:
            return tag
    parsed = _RANGE.fullmatch(language_range)
    if parsed is None:
        return None
    wanted = _full(parsed[1], parsed[2], parsed[3])
    candidates = [(tag, found) for tag in tags if (found := _full_tag(tag)) and found[:2] == wanted[:2]]
    if not candidates:
        return None
    for region in _regions(wanted[0], parsed[3] and wanted[2]):
        for tag, found in candidates:
            if found[2] == region:
                return tag
    for tag, _ in candidates:
        if not _region_of(tag):
            return tag
    likely = _full(wanted[0], wanted[1].lower(), None)[2]
    return next((tag for tag, found in candidates if found[2] == likely), candidates[0][0])


@cache
def _full_tag(tag: str) -> tuple[str, str, str] | None:
    parsed = _RANGE.fullmatch(tag.lower())
    return _full(parsed[1], parsed[2], parsed[3]) if parsed else None


def _region_of(tag: str) -> str:
    parsed = _RANGE.fullmatch(tag.lower())
    return (parsed[3] or "") if parsed else ""


def _full(language: str, script: str | None, region: str | None) -> tuple[str, str, str]:
    """Language, script (`Hant`) and region (`TW`) with what CLDR's likely subtags add; '' for the unknown."""
    language = get_global("language_aliases").get(language, language)
    likely = get_global("likely_subtags")
    spelled = script.title() if script else ""
    keys = [
        (spelled, region.upper() if region else ""),
        *(((spelled, ""),) if spelled else ()),
        *((("", region.upper()),) if region and not spelled else ()),
        ("", ""),
    ]
    for key in keys:
        found = likely.get("_".join(part for part in (language, *key) if part))
        if found:
            parts = str(found).split("_")
            return language, spelled or parts[1], region.upper() if region else parts[2]
    return language, spelled, region.upper() if region else ""


def _regions(language: str, region: str | None) -> Iterator[str]:
    """A region, and those CLDR reads instead (`MX`, then `419`)."""
    parents = get_global("parent_exceptions")
    while region:
        yield region
        parent = str(parents.get(f"{language}_{region}", ""))
        region = parent.split("_")[-1] if parent.startswith(f"{language}_") else None


# ── the same, for servers ───────────────────────────────────────────────────────────────────────


def wishes(tags: Sequence[str]) -> tuple[str, ...]:
    """Patterns to search Accept-Language with, ignoring case. The first one found holds the range (group 1).

    One for each first digit of the weight, 1 to 0.0; each finds the first entry that the site can serve.
    """
    served = "|".join(body for body, _ in _bodies(tuple(tags)))
    return tuple(rf"(?:^|,)\s*((?:{served}){_REST})\s*{level}(?:,|$)" for level in _LEVELS)


#: The weight of an entry by its first digit, from 1 (or none) to 0.0.
_LEVELS = (
    r"(?:;\s*q=1(?:\.0{0,3})?\s*)?",
    *(rf";\s*q=0\.{digit}[0-9]{{0,2}}\s*" for digit in range(9, 0, -1)),
    r";\s*q=0\.0(?:[1-9][0-9]?|0[1-9])\s*",
)


def wishes_of(tags: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(pattern of one entry of Accept-Language, tag) for hosts that can only ask whether a header holds it.

    The first that it holds decides; languages of equal weight come in the site's order.
    """
    rows = []
    for level in _LEVELS:
        for tag in tags:
            served = "|".join(body for body, found in _bodies(tuple(tags)) if found == tag)
            rows.append((rf"\s*(?:{served}){_REST}\s*{level}", tag))
    return tuple(rows)


def choices(tags: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(pattern, tag): the first pattern that matches a whole range, ignoring case, names its tag."""
    whole = tuple(tags)
    exact = [(tag.lower(), tag) for tag in whole if match(f"{tag.lower()}-{_VARIANT}", whole) != tag]
    return (*exact, *((body + _REST, tag) for body, tag in _bodies(whole)))


@cache
def _bodies(tags: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(pattern, tag) of the ranges the site can serve, as far as language, script and region go."""
    languages: dict[str, list[str]] = {}
    for tag in tags:
        full = _full_tag(tag)
        if full is not None:
            languages.setdefault(full[0], []).append(full[1].lower())
    aliases = get_global("language_aliases")
    rows: list[tuple[str, str]] = []
    for language, scripts in languages.items():
        names = [
            language,
            *sorted(old for old, new in aliases.items() if new == language and _PLAIN.match(old)),
        ]
        name = names[0] if len(names) == 1 else f"(?:{'|'.join(names)})"
        for script in ("", *dict.fromkeys(scripts)):
            rows += _of_language(language, script, f"{name}-{script}" if script else name, tags)
    return tuple(rows)


def _of_language(
    language: str, script: str, pattern: str, tags: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Patterns of the ranges that begin with a language (and script), one for each tag they are served by."""
    prefix = f"{language}-{script}" if script else language
    bare = match(prefix, tags)
    letters = match(f"{prefix}-{_OTHER_LETTERS}", tags)
    digits = match(f"{prefix}-{_OTHER_DIGITS}", tags)
    special = {
        region: found
        for region in _special_regions(language, tags)
        if (found := match(f"{prefix}-{region}", tags)) != (digits if region.isdigit() else letters)
    }
    for tag in tags:
        regions = [region for region, found in special.items() if found == tag]
        if letters == tag:
            others = [region for region in special if region.isalpha()]
            regions.append(_all_but(others, "abcdefghijklmnopqrstuvwxyz", 2))
        if digits == tag:
            others = [region for region in special if region.isdigit()]
            regions.append(_all_but(others, "0123456789", 3))
        if regions:
            yield f"{pattern}(?:-(?:{'|'.join(regions)})){'?' if bare == tag else ''}", tag
        elif bare == tag:
            yield pattern, tag


@cache
def _special_regions(language: str, tags: tuple[str, ...]) -> tuple[str, ...]:
    """The regions of a language that CLDR or the site's own tags treat in a way of their own."""
    language = get_global("language_aliases").get(language, language)
    found = set(_known_regions().get(language, ()))
    found |= {_region_of(tag) for tag in tags}
    found |= {full[2].lower() for tag in tags if (full := _full_tag(tag)) and full[0] == language}
    return tuple(sorted(region for region in found if re.fullmatch(r"[a-z]{2}|[0-9]{3}", region)))


@cache
def _known_regions() -> dict[str, tuple[str, ...]]:
    """Language → the regions that CLDR has a word about."""
    found: dict[str, list[str]] = {}
    for key in (*get_global("likely_subtags"), *get_global("parent_exceptions")):
        language, _, rest = key.partition("_")
        found.setdefault(language, []).append(rest.split("_")[-1].lower())
    return {language: tuple(regions) for language, regions in found.items()}


def _all_but(words: Sequence[str], letters: str, length: int) -> str:
    """A pattern for every text of `length` letters but these words (RE2 has no lookahead)."""
    if not words:
        return f"[{letters[0]}-{letters[-1]}]{{{length}}}"
    rows = []
    taken = "".join(sorted({word[0] for word in words}))
    free = "".join(letter for letter in letters if letter not in taken)
    if free:
        rest = f"[{letters[0]}-{letters[-1]}]" + (f"{{{length - 1}}}" if length > 2 else "")
        rows.append(f"[{_ranges(free)}]" + (rest if length > 1 else ""))
    if length > 1:
        for first in sorted({word[0] for word in words}):
            rest = _all_but([word[1:] for word in words if word[0] == first], letters, length - 1)
            if rest:
                rows.append(f"{first}(?:{rest})")
    return "|".join(rows)


def _ranges(letters: str) -> str:
    """`abcdfg` → `a-df-g`."""
    runs: list[str] = []
    for letter in letters:
        if runs and ord(letter) == ord(runs[-1][-1]) + 1:
            runs[-1] += letter
        else:
            runs.append(letter)
    return "".join(run if len(run) < 3 else f"{run[0]}-{run[-1]}" for run in runs)


def negotiate_by_patterns(header: str, tags: Sequence[str], chosen: str = "") -> str | None:
    """`negotiate` as a server with `wishes` and `choices` decides."""
    if chosen in tags:
        return chosen
    for wish in wishes(tags):
        found = re.search(wish, header, re.IGNORECASE)
        if found:
            for pattern, tag in choices(tags):
                if re.fullmatch(pattern, found[1], re.IGNORECASE):
                    return tag
    return None


def ranges(tags: Sequence[str]) -> tuple[tuple[str, str | None], ...]:
    """(range, tag or None) for hosts that compare ranges as they are: each language of the site, and its
    scripts and regions where these are served otherwise than the language alone. None: the site cannot serve
    it."""
    whole = tuple(tags)
    rows: dict[str, str | None] = {}
    for tag in whole:
        full = _full_tag(tag)
        if full is None:
            continue
        language = full[0]
        bare = match(language, whole)
        rows[language] = bare
        rows[tag.lower()] = tag
        rows[f"{language}-{full[1].lower()}"] = match(f"{language}-{full[1].lower()}", whole)
        for region in _special_regions(language, whole):
            found = match(f"{language}-{region}", whole)
            if found != bare:
                rows[f"{language}-{region}"] = found
    return tuple(rows.items())


def either_case(pattern: str) -> str:
    """A pattern of `wishes` or `choices` for hosts that cannot ignore case: `bn` → `[bB][nN]`."""
    parts = re.split(r"(\\.|\[[^]]*\]|\(\?:|\{[0-9,]+\})", pattern)
    return "".join(
        re.sub("[a-z]", lambda found: f"[{found[0]}{found[0].upper()}]", part)
        if index % 2 == 0
        else re.sub("[a-z](?:-[a-z])?", lambda found: found[0] + found[0].upper(), part)
        if part.startswith("[")
        else part
        for index, part in enumerate(parts)
    )
