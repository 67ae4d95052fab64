from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from policysite.core.digest import digest, digest_of_fields
from policysite.core.model import Cookie, Duration
from tests.helpers.machine import ROOT


class One(Struct, frozen=True):
    a: object


class Two(Struct, frozen=True):
    a: object


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.dates(),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | inner.map(One) | inner.map(Two),
    max_leaves=6,
)


def shape(value: object) -> object:
    """The value with its types, so that `True` and `1` differ as they do in a digest."""
    if isinstance(value, tuple):
        return (tuple, tuple(shape(item) for item in value))
    if isinstance(value, One | Two):
        return (type(value), shape(value.a))
    return (type(value), value)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(values, values)
def test_equal_digests_mean_equal_values(first: object, second: object) -> None:
    assert (digest(first) == digest(second)) == (shape(first) == shape(second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a", ("b",)), (("a", "b"),)),
        (((), ()), ((),)),
        ((1,), (True,)),
        (("1",), (1,)),
        ((b"a",), ("a",)),
        ((None,), ("None",)),
        ((date(2025, 1, 1),), ("2025-01-01",)),
        ((One(1),), (Two(1),)),
        (("a", "b"), ("a\0b",)),
        ((frozenset({"a"}),), (frozenset({"b"}),)),
        (({"a": "b"},), ({"b": "a"},)),
    ],
)
def test_what_differs_has_another_digest(first: tuple[object, ...], second: tuple[object, ...]) -> None:
    assert digest(*first) != digest(*second)


def test_every_field_counts() -> None:
    cookie = Cookie("a", "b", Duration(1, "day"), "c")
    assert digest(cookie) == digest(replace(cookie))
    for other in (
        replace(cookie, name="x"),
        replace(cookie, duration=Duration(2, "day")),
        replace(cookie, kind="local-storage"),
    ):
        assert digest(cookie) != digest(other)


def test_sets_and_mappings_have_no_order() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest(frozenset("abcdef")) == digest(frozenset("fedcba"))


def test_a_lone_surrogate_has_a_digest() -> None:
    assert digest("\udcff") != digest("\udcfe")


@pytest.mark.parametrize("value", [1.5, object(), One, len])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        digest(value)


def test_the_digest_is_the_same_in_every_process() -> None:
    code = (
        "from policysite.core.digest import digest; print(digest(frozenset('abcdefgh'), {'x': 1, 'y': (2,)}))"
    )
    found = set()
    for seed in ("0", "1", "random"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout.strip())
    assert found == {digest(frozenset("abcdefgh"), {"x": 1, "y": (2,)})}


class Row(Struct, frozen=True):
    name: str
    number: int | None = None
    day: date | None = None
    inner: tuple[str, ...] = ()


rows = st.lists(
    st.builds(
        Row,
        st.text(st.characters(exclude_categories=()), max_size=5),
        st.none() | st.integers(-(2**60), 2**60),
        st.none() | st.dates(),
        st.lists(st.text(max_size=3), max_size=3).map(tuple),
    ),
    max_size=2,
).map(tuple)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(rows, rows)
def test_rows_of_one_class_are_told_apart_by_their_fields(
    first: tuple[Row, ...], second: tuple[Row, ...]
) -> None:
    assert (digest_of_fields(first) == digest_of_fields(second)) == (first == second)
    assert digest_of_fields(first) == digest_of_fields(tuple(map(replace, first)))


def test_a_row_with_half_a_surrogate_pair_has_a_digest_too() -> None:
    assert digest_of_fields(Row("\ud800")) != digest_of_fields(Row("\udc00"))
