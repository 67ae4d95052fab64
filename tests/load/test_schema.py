from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from policysite.load.schema import CONFIG, FRONT_MATTER, validate
from policysite.load.yamlnodes import parse_yaml


def objects(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "properties" in schema:
        yield schema
        for inner in schema["properties"].values():
            yield from objects(inner)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from objects(schema[key])


def test_schemas_are_valid_json_schema() -> None:
    for schema in (CONFIG, FRONT_MATTER):
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
