"""Values of the model ↔ plain values (numbers, texts, bytes, tuples, lists), which `marshal` can write.

A list stands for a tuple, a tuple for a value of a class: its name, then its fields. No code is ever loaded,
unlike with pickle: a class not named in `types` cannot come out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from msgspec import Struct

_ATOMS = frozenset({str, int, float, bool, bytes, type(None)})


class Codec:
    """Writes and reads values of the structs in `types`. Raises TypeError for any other class when
    writing; TypeError, ValueError or KeyError for what it did not write when reading."""

    def __init__(self, types: Iterable[type[Struct]]) -> None:
        self._types: dict[str, Callable[..., Any]] = {kind.__qualname__: kind for kind in types}
        self._fields: dict[type, tuple[str, tuple[str, ...]]] = {
            kind: (kind.__qualname__, kind.__struct_fields__) for kind in types
        }
        if len(self._types) != len(self._fields):
            raise TypeError("two classes have one name")

    def plain(self, value: object) -> Any:
        """A value as plain values."""
        kind = type(value)
        if kind in _ATOMS:
            return value
        if isinstance(value, tuple):
            return [self.plain(item) for item in value]
        if kind in self._fields:
            name, fields = self._fields[kind]
            return (name, *[self.plain(getattr(value, field)) for field in fields])
        if isinstance(value, date):
            return ("date", value.isoformat())
        if isinstance(value, frozenset):
            return ("frozenset", sorted(self.plain(item) for item in value))
        raise TypeError(f"{kind.__qualname__} is not among the types that are kept")

    def revived(self, value: Any) -> Any:
        """The value that `plain` was given."""
        kind = type(value)
        if kind in _ATOMS:
            return value
        if kind is list:
            return tuple([self.revived(item) for item in value])
        name, *fields = value
        if name == "date":
            return date.fromisoformat(fields[0])
        if name == "frozenset":
            return frozenset(self.revived(item) for item in fields[0])
        return self._types[name](*[self.revived(field) for field in fields])
