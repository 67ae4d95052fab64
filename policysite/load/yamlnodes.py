"""YAML with places: text → plain values, and the line and column of every key and value.

Aliases, anchors, tags and duplicate keys are refused, so a document cannot grow (alias bombs) nor say two
things at once. PyYAML does the parsing; this module only walks its node tree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml
from msgspec import Struct
from yaml.constructor import SafeConstructor

from policysite.core.diagnostics import Diagnostic, Place, place_in, problem

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

Path = tuple[str | int, ...]
#: Neither a key (they are texts) nor an index.
_KEY = -1

_PlaceOf = Callable[[Any], Place]  # of a PyYAML mark: a line and a column, both 0-based


class Yaml(Struct, frozen=True):
    """A parsed document. `places` maps a path of keys and indices to the place of its value; with `_KEY` in
    front, to the place of the key itself."""

    value: object
    places: Mapping[Path, Place]

    def at(self, *path: str | int) -> Place:
        """The place of a value, or of its nearest parent that exists."""
        keys = tuple(path)
        while keys and keys not in self.places:
            keys = keys[:-1]
        return self.places[keys]

    def at_key(self, *path: str | int) -> Place:
        """The place of a mapping's key (falls back to its value)."""
        return self.places.get((_KEY, *path)) or self.at(*path)


def parse_yaml(path: str, text: str, line_offset: int = 0) -> tuple[Yaml | None, tuple[Diagnostic, ...]]:
    """Parse one YAML document. line_offset is added to every line (front matter starts at line 2).

    Returns (document, problems); the document is None when the text cannot be parsed or is unsafe.
    """

    def place(mark: Any) -> Place:
        line = (mark.line if mark else 0) + 1
        found = place_in(path, text, line, (mark.column if mark else 0) + 1)
        return Place(path, line + line_offset, found.col, found.text)

    problems: list[Diagnostic] = []
    try:
        problems += _unsafe(text, place)
        if problems:
            return None, tuple(problems)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        what = " ".join(part for part in (error.context, error.problem) if part)
        mark = error.problem_mark or error.context_mark
        return None, (problem("C001", place(mark), f"YAML cannot be read: {what}", _syntax_hint(what)),)
    except (yaml.YAMLError, ValueError) as error:
        return None, (problem("C001", Place(path), f"YAML cannot be read: {error}".split("\n")[0]),)
    places: dict[Path, Place] = {(): place(node.start_mark if node else None)}
    value = _value(node, (), places, problems, place) if node is not None else None
    return (None if problems else Yaml(value, places)), tuple(problems)


def _syntax_hint(what: str) -> str:
    if "mapping values are not allowed" in what:
        return 'put quotes around a text that contains a colon: title: “like: this” needs "…"'
    if "tab" in what or "\\t" in what:
        return "indent with spaces, not with tabs"
    return "check the indentation, the colons and the quotes on this line and the one before"


#: Groups and lists inside each other. Composing a deeper document would overflow libyaml's C stack.
_DEEPEST = 50


def _unsafe(text: str, place: _PlaceOf) -> list[Diagnostic]:
    """What a document may not hold, from its events, which are read one by one and build nothing."""
    hint = "write the value out where it is used"
    found = []
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return [problem("C001", place(event.start_mark), "YAML is nested too deeply")]
        tag = getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            found.append(
                problem("C002", place(event.start_mark), "a YAML alias (*name) is not allowed", hint)
            )
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            found.append(
                problem("C002", place(event.start_mark), "a YAML anchor (&name) is not allowed", hint)
            )
        elif tag is not None and tag != "!":
            message = f"a YAML tag ({tag}) is not allowed"
            found.append(problem("C002", place(event.start_mark), message, "remove the tag"))
    return found


def _value(
    node: yaml.Node, path: Path, places: dict[Path, Place], problems: list[Diagnostic], place: _PlaceOf
) -> object:
    places[path] = place(node.start_mark)
    if isinstance(node, yaml.MappingNode):
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                problems.append(problem("C001", place(key_node.start_mark), "a key must be plain text"))
                continue
            key = str(key_node.value)
            if key in result:
                problems.append(
                    problem(
                        "C003", place(key_node.start_mark), f"“{key}” is written twice", "keep one of the two"
                    )
                )
                continue
            places[(_KEY, *path, key)] = place(key_node.start_mark)
            result[key] = _value(value_node, (*path, key), places, problems, place)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), places, problems, place) for i, item in enumerate(node.value)]
    if node.tag == "tag:yaml.org,2002:timestamp":
        return str(node.value)  # dates are read by the schema, with the precision they were written in
    if node.tag == "tag:yaml.org,2002:float":
        return str(node.value)  # 2025.10 and 1.10 are names here, not numbers
    try:
        value: object = SafeConstructor().construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        problems.append(
            problem("C001", place(node.start_mark), f"value cannot be read: {error}".split("\n")[0])
        )
        return None
    return value
