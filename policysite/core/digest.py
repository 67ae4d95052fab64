"""A digest of any frozen value of the model, from an explicit canonical form.

Pickles of equal values can differ, and so can the order of sets; this form cannot: it depends on types and
contents only, never on hash seed, identity or insertion order of sets.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from msgspec import Struct


def digest(*values: object) -> str:
    """SHA-256 (hex) of the values' canonical form. Raises TypeError for a type without one."""
    state = hashlib.sha256()
    for value in values:
        _feed(state, value)
    return state.hexdigest()


def _feed(state: Any, value: object) -> None:
    match value:
        case str():
            _text(state, b"s", value.encode("utf-8", "surrogatepass"))
        case None | bool() | int() | date():
            _text(state, type(value).__name__[0].encode(), repr(value).encode())
        case bytes():
            _text(state, b"y", value)
        case tuple() | list():
            _text(state, b"t", str(len(value)).encode())
            for item in value:
                _feed(state, item)
        case frozenset() | set():
            _feed(state, sorted(digest(item) for item in value))
        case dict():
            _feed(state, sorted((digest(key), digest(item)) for key, item in value.items()))
        case Struct():
            _text(state, b"d", type(value).__qualname__.encode())
            for name in value.__struct_fields__:
                _feed(state, getattr(value, name))
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def _text(state: Any, kind: bytes, data: bytes) -> None:
    state.update(kind + str(len(data)).encode() + b":")
    state.update(data)
