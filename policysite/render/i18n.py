"""Interface texts in one language: the `gettext` family that templates call.

A translator is not trusted with markup: a text is escaped before its variables are put in, and variables
are escaped too unless they are `Markup`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from markupsafe import Markup, escape
from msgspec import Struct

Strings = Mapping[tuple[str | None, str], tuple[str, ...]]
"""(context, msgid) → msgstr forms."""


class Gettext(Struct, frozen=True):
    """The functions Jinja's i18n extension resolves from the context (newstyle: variables as keywords)."""

    strings: Strings
    plural: Callable[[int], int]

    def gettext(self, message: str, /, **variables: object) -> Markup:
        """`_("Hello %(name)s", name=…)`."""
        return _formatted(self._forms(None, message, message)[0], variables)

    def pgettext(self, context: str, message: str, /, **variables: object) -> Markup:
        """`pgettext("verb", "Accept")`."""
        return _formatted(self._forms(context, message, message)[0], variables)

    def ngettext(self, singular: str, plural: str, number: int, /, **variables: object) -> Markup:
        """`ngettext("%(num)s day", "%(num)s days", n)`: picks the language's plural form."""
        forms = self.strings.get((None, singular))
        if forms is None:
            text = singular if number == 1 else plural
        else:
            text = forms[min(self.plural(number), len(forms) - 1)]
        return _formatted(text, {"num": number, **variables})

    def _forms(self, context: str | None, message: str, default: str) -> tuple[str, ...]:
        return self.strings.get((context, message)) or (default,)


_VARIABLE = re.compile(r"(%(?:%|\((\w+)\)[sd]))")


@lru_cache(maxsize=4096)  # the texts of the interface, some used by each page
def _read(text: str) -> tuple[Markup, tuple[tuple[str, str | None, str], ...]]:
    """An escaped text: what stands before its first variable, and (as written, variable, what follows) of
    each. The variable of `%%` is None."""
    first, *others = _VARIABLE.split(str(escape(text)))
    return Markup(first), tuple(zip(others[::3], others[1::3], others[2::3], strict=True))


def _formatted(text: str, variables: Mapping[str, object]) -> Markup:
    """The escaped text with `%(name)s` filled in and `%%` halved; any other `%` stays (`100 % sûr`).

    Not the `%` operator: a translation could ask it for a gigabyte (`%(num)999999999d`).
    """
    first, others = _read(text)
    if not others:
        return first
    parts: list[str] = [first]
    for written, name, following in others:
        if name is None:
            parts.append("%")
        else:
            parts.append(str(escape(variables[name])) if name in variables else written)
        parts.append(following)
    return Markup("".join(parts))
