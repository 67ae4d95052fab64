from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from policysite.load.schema import CONFIG, FRONT_MATTER, GLOSSARY, SCHEMAS, editor_schema, fits, validate
from policysite.load.yamlnodes import parse_yaml
from tests.helpers.machine import ROOT


def objects(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "properties" in schema:
        yield schema
        for inner in schema["properties"].values():
            yield from objects(inner)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from objects(schema[key])


def test_schemas_are_valid_json_schema() -> None:
    for schema in (CONFIG, FRONT_MATTER, GLOSSARY):
        Draft202012Validator.check_schema(schema)


def test_every_key_is_described_and_every_pattern_says_what_it_expects() -> None:
    for schema in (CONFIG, FRONT_MATTER):
        for group in objects(schema):
            for name, inner in group["properties"].items():
                assert inner.get("description"), name
                if "pattern" in inner:
                    assert inner["expected"], name


def test_no_group_takes_unknown_keys() -> None:
    for schema in (CONFIG, FRONT_MATTER):
        for group in objects(schema):
            assert "additionalProperties" in group


def messages(text: str) -> list[str]:
    document, _ = parse_yaml("a.md", text)
    assert document is not None
    return [
        f"{item.place.line}: {item.message} | {item.hint}" for item in validate(document, FRONT_MATTER, "it")
    ]


def test_messages_are_sentences_with_a_cure() -> None:
    assert messages("title: 5\nlayout: pge\nsummary: [1]\nslug: Ab\n") == [
        "1: it lacks “description” | add description: One sentence for search engines and previews.",
        "1: “title” should be a text, not 5 | ",
        "2: “layout” cannot be “pge” | did you mean “page”?",
        "3: “summary.0” should be a text, not 1 | ",
        "4: “slug” cannot be “Ab” | expected small letters, digits and single hyphens",
    ]


def test_what_was_written_is_shown_in_words() -> None:
    assert messages("title:\ndescription: [a]\nnoindex: maybe\nlead: {a: b}\n") == [
        "1: “title” should be a text, not empty | ",
        "2: “description” should be a text, not a list | ",
        "3: “noindex” should be true or false, not “maybe” | ",
        "4: “lead” should be a text, not a group of keys | ",
    ]


def test_what_is_empty_or_out_of_bounds_has_a_cure_too() -> None:
    assert messages('title: ""\ndescription: a\n') == ["1: “title” is empty | write a text here"]
    document, _ = parse_yaml("config.yaml", "policies: {notice_days: -1}\n")
    assert document is not None
    [found] = [item for item in validate(document, CONFIG, "it") if item.code == "C104"]
    assert found.message == "“policies.notice_days”: -1 is less than the minimum of 0"
    assert found.hint.startswith("For how many days")


# ── for editors ─────────────────────────────────────────────────────────────────────────────────


def for_editor(name: str) -> Draft7Validator:
    schema = json.loads(editor_schema(name))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def value_of(text: str) -> Any:
    """What a YAML 1.2 editor reads: days and versions are texts there, too."""
    document, problems = parse_yaml("a.yaml", text)
    assert document is not None, problems
    return document.value


def front_matter_of(path: Path) -> str:
    return path.read_text(encoding="utf-8").split("---\n")[1]


def test_editors_find_no_fault_in_the_shipped_site() -> None:
    config = (ROOT / "config.yaml").read_text(encoding="utf-8")
    assert not list(for_editor("config").iter_errors(value_of(config)))
    pages = sorted((ROOT / "content").rglob("*.md"))
    assert len(pages) > 5
    for page in pages:
        assert not list(for_editor("front-matter").iter_errors(value_of(front_matter_of(page)))), page
    for glossary in (ROOT / "translations").glob("*/glossary.yaml"):
        assert not list(for_editor("glossary").iter_errors(value_of(glossary.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: Ohmegull", "nmae: Ohmegull", "nmae"),
        ("base_url: https://ohmegull.com", "base_url: ohmegull.com", "does not match"),
        ("minimum_age: 18", "minimum_age: eighteen", "not of type 'integer'"),
        ("status: unreviewed", "status: read", "not one of"),
        ("duration: 1 year", "duration: a year", "does not match"),
        ("hosts: [netlify]", "hosts: [netlify, netlify]", "non-unique"),
        ("  consent_months: 6\n", "", "'consent_months' is a required property"),
    ],
)
def test_editors_find_what_the_check_finds(old: str, new: str, said: str) -> None:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    assert old in text
    wrong = text.replace(old, new, 1)
    found = [error.message for error in for_editor("config").iter_errors(value_of(wrong))]
    assert any(said in message for message in found), found
    document, _ = parse_yaml("config.yaml", wrong)
    assert document is not None
    assert len(validate(document, CONFIG, "config.yaml")) == len(found)


def test_the_schema_of_front_matter_refuses_what_the_check_refuses() -> None:
    found = for_editor("front-matter").iter_errors({"title": "A", "layout": "pge", "announced": "soon"})
    assert sorted(error.validator for error in found) == ["enum", "pattern", "required"]


def test_the_schema_of_a_glossary_wants_lists_of_words() -> None:
    assert not list(for_editor("glossary").iter_errors({"consent": ["সম্মতি"]}))
    assert list(for_editor("glossary").iter_errors({"consent": []}))
    assert list(for_editor("glossary").iter_errors({"consent": "সম্মতি"}))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_editors_show_what_a_pattern_expects_and_meet_no_keyword_of_ours(name: str) -> None:
    text = editor_schema(name)
    assert "patternErrorMessage" in text or '"pattern"' not in text
    assert '"expected"' not in text
    assert json.loads(text)["title"].startswith("policysite ")


# ── what surely has no problem ──────────────────────────────────────────────────────────────────

_WORDS: tuple[dict[str, Any], ...] = (
    {},
    {"type": "string"},
    {"type": ["string", "null"], "pattern": "^a"},
    {"type": "integer"},
    {"type": "number"},
    {"type": "boolean", "title": "remark"},
    {"enum": ["a", "b", 1, True, None]},
    {"minLength": 2},
    {"items": {"type": "integer"}},
    {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
    {"properties": {"a": {"minLength": 1}}, "additionalProperties": False},
    {"properties": {"a": {}}, "additionalProperties": {"type": "string"}},
    {"additionalProperties": True},
    {"additionalProperties": False},
    {"minimum": 1},
    {"maximum": 1},
    {"minItems": 1},
    {"maxItems": 1},
    {"uniqueItems": True},
    {"uniqueItems": False},
    {"minProperties": 2},
    {"not": {}},
    {"propertyNames": {"pattern": "^a"}},
)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 1.0, 2.5, float("nan"), -3, "", "a", "ab", "b", [], [1], [True], [1, 1]),
    *(["a"], ["a", "a"]),
    *({}, {"a": ""}, {"a": "x"}, {"a": 1}, {"b": "x"}, {"a": "x", "b": 2}, {1: "x"}, {"a": None, "b": "y"}),
    *(date(2026, 1, 1), (1,), b"a"),
)


def test_what_fits_has_no_problem_for_jsonschema() -> None:
    said = set()
    for word in _WORDS:
        for value in _VALUES:
            fine = Draft202012Validator(word).is_valid(value)
            assert fine or not fits(value, word), (word, value)
            said.add((fine, fits(value, word)))
    assert said == {(True, True), (True, False), (False, False)}


@given(st.sampled_from([CONFIG, FRONT_MATTER, GLOSSARY]), st.data())
def test_no_problem_of_a_shipped_schema_is_hidden(schema: Mapping[str, Any], data: st.DataObject) -> None:
    """A value that is mostly right, with one place that is anything."""
    names = sorted(schema.get("properties", ["en", "bn"]))
    odd = st.recursive(
        st.sampled_from(_VALUES), lambda inner: st.lists(inner) | st.dictionaries(_NAMES, inner)
    )
    value = data.draw(st.dictionaries(st.sampled_from(names) | _NAMES, odd, max_size=4))
    assert not fits(value, schema) or Draft202012Validator(schema).is_valid(value)


_NAMES = st.sampled_from(["a", "b", "name", "title", "en", "languages", "base_url"])


def test_every_word_of_the_shipped_schemas_is_known() -> None:
    """What ships is spared `jsonschema`, and a word added to a schema must be added to `fits`."""
    config, problems = parse_yaml("config.yaml", (ROOT / "config.yaml").read_text(encoding="utf-8"))
    assert config is not None
    assert not problems
    assert fits(config.value, CONFIG)
    for path in sorted((ROOT / "content").rglob("*.md")):
        document, problems = parse_yaml(path.name, path.read_text(encoding="utf-8").split("---\n")[1])
        assert document is not None
        assert not problems
        assert fits(document.value, FRONT_MATTER), path


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_no_word_of_a_schema_is_left_to_jsonschema_alone(name: str) -> None:
    for schema in _schemas(SCHEMAS[name]):
        for word in schema.keys() - {"$schema", "title", "description", "expected"}:
            samples = [*_VALUES, *schema.get("enum", ())]
            assert any(fits(value, {word: schema[word]}) for value in samples), (word, schema[word])


def _schemas(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema and all schemas inside it."""
    yield schema
    for word in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(word), Mapping):
            yield from _schemas(schema[word])
    for inner in schema.get("properties", {}).values():
        yield from _schemas(inner)
