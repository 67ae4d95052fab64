"""What CLDR knows of a language, through Babel: name, direction, script, digits, dates, durations, plurals.

All functions are pure; Babel's data files are read on first use. Languages are named by BCP 47 tags.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import cast

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton
from babel.messages.plurals import get_plural
from babel.numbers import format_decimal
from babel.units import format_unit

from policysite.core.model import Direction, Duration

#: Digits of the CLDR numbering systems that are some language's default or native system.
_DIGITS = {
    "latn": "0123456789",
    "arab": "٠١٢٣٤٥٦٧٨٩",
    "arabext": "۰۱۲۳۴۵۶۷۸۹",
    "beng": "০১২৩৪৫৬৭৮৯",
    "deva": "०१२३४५६७८९",
    "gujr": "૦૧૨૩૪૫૬૭૮૯",
    "guru": "੦੧੨੩੪੫੬੭੮੯",
    "khmr": "០១២៣៤៥៦៧៨៩",
    "knda": "೦೧೨೩೪೫೬೭೮೯",
    "laoo": "໐໑໒໓໔໕໖໗໘໙",
    "mlym": "൦൧൨൩൪൫൬൭൮൯",
    "mymr": "၀၁၂၃၄၅၆၇၈၉",
    "orya": "୦୧୨୩୪୫୬୭୮୯",
    "tamldec": "௦௧௨௩௪௫௬௭௮௯",
    "telu": "౦౧౨౩౪౫౬౭౮౯",
    "thai": "๐๑๒๓๔๕๖๗๘๙",
    "tibt": "༠༡༢༣༤༥༦༧༨༩",
}

LATIN_DIGITS = _DIGITS["latn"]


@cache
def babel_locale(tag: str) -> Locale:
    """The Babel locale of a BCP 47 tag. Raises ValueError for a tag CLDR does not know."""
    try:
        return Locale.parse(tag, sep="-")
    except UnknownLocaleError as error:
        raise ValueError(str(error)) from error


def canonical_tag(tag: str) -> str:
    """The tag as BCP 47 writes it (`pt-BR`, `zh-Hans`), whatever case or separator came in.

    Raises ValueError for an unknown tag. Unlike `Locale.parse` it resolves no aliases: a tag that CLDR
    would replace (`zh-CN` → `zh-Hans-CN`) comes back as written.
    """
    babel_locale(tag.replace("_", "-"))
    parts = tag.replace("_", "-").split("-")
    out = [parts[0].lower()]
    for part in parts[1:]:
        out.append(part.title() if len(part) == 4 else part.upper() if len(part) == 2 else part.lower())
    return "-".join(out)


def gettext_name(tag: str) -> str:
    """The folder name gettext uses: `pt-BR` → `pt_BR`."""
    return tag.replace("-", "_")


def own_name(tag: str) -> str:
    """The language's name in itself, as CLDR writes it in running text: `বাংলা`, `français`."""
    locale = babel_locale(tag)
    return locale.get_display_name(locale) or tag


def name_in(tag: str, reader: str) -> str:
    """What a language is called in the reader's, as CLDR writes it in running text (en in de: `Englisch`)."""
    return babel_locale(tag).get_display_name(babel_locale(reader)) or own_name(tag)


def english_name(tag: str) -> str:
    """The language's name in English, for messages to editors."""
    return name_in(tag, "en")


def direction(tag: str) -> Direction:
    """`rtl` or `ltr`."""
    return cast(Direction, babel_locale(tag).text_direction)


def script(tag: str) -> str:
    """ISO 15924 code of the script the language is written in (`Beng`); `Zyyy` when CLDR cannot tell."""
    locale = babel_locale(tag)
    if locale.script:
        return locale.script
    likely = get_global("likely_subtags")
    for key in (str(locale), locale.language):
        full = likely.get(key)
        if full:
            return str(full.split("_")[1])
    return "Zyyy"


def digits(tag: str, native: bool | None = None) -> str:
    """The ten digits of the language: CLDR's default numbering system, or force native / Latin digits."""
    locale = babel_locale(tag)
    if native is False:
        return LATIN_DIGITS
    systems = locale.other_numbering_systems
    name = systems.get("native", "latn") if native else locale.default_numbering_system
    return _DIGITS.get(name, LATIN_DIGITS)


def in_digits(text: str, ten: str) -> str:
    """The text with its Latin digits replaced by the ten given."""
    return text if ten == LATIN_DIGITS else text.translate(str.maketrans(LATIN_DIGITS, ten))


def number_text(value: int, tag: str, ten: str) -> str:
    """An integer as the language writes it, grouped by its rules."""
    return in_digits(format_decimal(value, locale=babel_locale(tag), numbering_system="latn"), ten)


def date_text(value: date, precision: str, tag: str, ten: str) -> str:
    """A date in words: `15 October 2025`, or `October 2025` when only the month is known."""
    locale = babel_locale(tag)
    if precision == "month":
        text = format_skeleton("yMMMM", value, locale=locale)
    else:
        text = format_date(value, format="long", locale=locale)
    return in_digits(text, ten)


def date_iso(value: date, precision: str) -> str:
    """For `<time datetime>`: `2025-10-15` or `2025-10`."""
    return value.isoformat()[:7] if precision == "month" else value.isoformat()


def duration_text(value: Duration, tag: str, ten: str) -> str:
    """A lifetime in words: `6 months`. A session has no CLDR name: empty text (templates name it)."""
    if value.unit == "session":
        return ""
    locale = babel_locale(tag)
    unit = f"duration-{value.unit}"
    # Babel does not follow CLDR's alias from a missing `long` form to `short`; it would print the key.
    for length in ("long", "short", "narrow"):
        text = format_unit(value.count, unit, length=length, locale=locale, numbering_system="latn")
        if unit not in text:
            break
    return in_digits(text, ten)


def plural_index(tag: str) -> Callable[[int], int]:
    """A function n → index of the gettext plural form, in the order of `plural_header`."""
    from gettext import c2py

    return c2py(get_plural(babel_locale(tag)).plural_expr)


def plural_header(tag: str) -> str:
    """The `Plural-Forms` header value gettext tools expect for the language."""
    return str(get_plural(babel_locale(tag)).plural_forms)
