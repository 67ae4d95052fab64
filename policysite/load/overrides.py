"""Values of `config.yaml` that the environment supplies: ids and addresses that are not in the repository.

`POLICYSITE__SERVICES__GOOGLE__MEASUREMENT_ID=G-AB12` sets `services.google.measurement_id`: the names of the
keys in capitals, joined by two underscores. An empty value switches the key off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policysite.core.diagnostics import Diagnostic, Place, did_you_mean, problem
from policysite.core.model import ENVIRONMENT_PREFIX as PREFIX
from policysite.load.yamlnodes import Path, Yaml

Environment = Sequence[tuple[str, str]]

_EXAMPLE = re.compile(r"EXAMPLE|(?:^|[/@.])example\.(?:com|net|org)\b|\.(?:example|invalid|test)(?=[/:?#]|$)")


def override(document: Yaml, environment: Environment) -> tuple[Yaml, tuple[Diagnostic, ...]]:
    """The document with the environment's values in it. Returns (document, problems)."""
    value = document.value
    places = dict(document.places)
    problems: list[Diagnostic] = []
    for name, text in sorted(environment):
        if not name.startswith(PREFIX) or not isinstance(value, dict):
            continue
        words = [word.lower() for word in name.removeprefix(PREFIX).split("__")]
        place = Place(f"${name}")
        changed, path, fault = _changed(value, words, _scalar(text), ())
        if fault:
            problems.append(problem("C101", place, fault[0], fault[1]))
            continue
        value = changed
        places[path] = places["key", *path] = place
    return Yaml(value, places), tuple(problems)


def _scalar(text: str) -> str | int | None:
    return int(text) if re.fullmatch(r"\d{1,9}", text) else text or None


def _changed(
    node: Mapping[str, Any], words: Sequence[str], value: object, done: Path
) -> tuple[dict[str, Any], Path, tuple[str, str] | None]:
    """A copy of the mapping with one value set; the path it was set at; or what is wrong with the name."""
    word, rest = words[0], words[1:]
    key = next((name for name in node if name.lower().replace("-", "_") == word), word)
    if not rest:
        return {**node, key: value}, (*done, key), None
    inner = node.get(key)
    if not isinstance(inner, dict):
        where = ".".join(map(str, done)) or "config.yaml"
        known = [name for name, item in node.items() if isinstance(item, dict)]
        return (
            dict(node),
            done,
            (f"{where} has no group “{word}”", did_you_mean(word, known, f"there are: {', '.join(known)}")),
        )
    changed, path, fault = _changed(inner, rest, value, (*done, key))
    return {**node, key: changed}, path, fault


def unreleasable(document: Yaml, unconfirmed: Sequence[str]) -> Iterator[Diagnostic]:
    """C301: values that may not go live: examples, and those listed below `unconfirmed`."""
    for path, text in _texts(document.value, ()):
        if path[:1] != ("unconfirmed",) and _EXAMPLE.search(text):
            where = ".".join(map(str, path))
            name = PREFIX + "__".join(map(str, path)).upper().replace("-", "_")
            hint = f"put the real value there, or into ${name}"
            yield problem("C301", document.at(*path), f"“{where}” is an example: {text}", hint)
    hint = "check the value, then take it off this list"
    for index, dotted in enumerate(unconfirmed):
        place = document.at("unconfirmed", index)
        yield problem("C301", place, f"nobody has confirmed “{dotted}” yet", hint)


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
    elif isinstance(value, str):
        yield path, value


def unknown_paths(document: Yaml, unconfirmed: Sequence[str]) -> Iterator[Diagnostic]:
    """C104: entries of `unconfirmed` that name no value."""
    known = {".".join(map(str, path)) for path, _ in _texts(document.value, ())}
    for index, dotted in enumerate(unconfirmed):
        if dotted not in known:
            place = document.at("unconfirmed", index)
            yield problem(
                "C104", place, f"“{dotted}” names no value of config.yaml", did_you_mean(dotted, known)
            )
