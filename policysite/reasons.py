"""Why the last build made an output again, or did not: from what its step saw then and before. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

Digests = Mapping[str, str]

#: What happened to an output in the last build.
Fate = Literal["rebuilt", "reused", "always"]


class History(Struct, frozen=True):
    """What the cache says of the last build.

    steps: name → (inputs, inputs before or None, result). details: digest of a group of inputs → its inputs.
    made: the steps that were made. outcome: `built`, `unchanged` (nothing was looked at further) or `failed`.
    code_changed: the cache was of other code. parts: source → (how many of its parts changed, of how many).
    """

    steps: Mapping[str, tuple[Digests, Digests | None, Any]]
    details: Mapping[str, Digests]
    made: frozenset[str]
    outcome: str
    code_changed: bool
    parts: Mapping[str, tuple[int, int]]


class Reason(Struct, frozen=True):
    """An input that differs. detail: how much of it, as words, or ''."""

    input: str
    change: Literal["changed", "new", "gone"]
    detail: str = ""


class Explanation(Struct, frozen=True):
    """Why an output is as it is. inputs: how many its step sees. first: nothing was known of it before."""

    path: str
    step: str
    fate: Fate
    inputs: int
    reasons: tuple[Reason, ...]
    first: bool
    code_changed: bool
    outcome: str


def outputs(history: History) -> dict[str, str]:
    """Every output path that a step made → the step's name."""
    found: dict[str, str] = {}
    for step, (_, _, result) in history.steps.items():
        kind = step.partition(" ")[0]
        if kind in ("render", "compress") and isinstance(result, tuple):
            found.update((path, step) for path, _, _ in result[0])
        elif step == "assets":
            found.update((asset[2].lstrip("/"), step) for asset in result[0])
    return found


def explain(history: History, path: str, step: str | None) -> Explanation:
    """Why the output at a path was made or not. step: of `outputs`; None for what every build writes."""
    if step is None:
        return Explanation(path, "", "always", 0, (), False, False, history.outcome)
    inputs, before, _ = history.steps[step]
    made = step in history.made
    reasons = tuple(_differences(inputs, before, history)) if made and before is not None else ()
    return Explanation(
        path,
        step,
        "rebuilt" if made else "reused",
        sum(1 for _ in _leaves(inputs, history.details)),
        reasons,
        made and before is None,
        made and history.code_changed,
        history.outcome,
    )


def _leaves(inputs: Digests, details: Mapping[str, Digests]) -> Iterator[str]:
    for name, digest in inputs.items():
        if digest in details:
            yield from _leaves(details[digest], details)
        else:
            yield name


def _differences(now: Digests, before: Digests, history: History, inside: str = "") -> Iterator[Reason]:
    for name in sorted(now.keys() | before.keys()):
        shown = f"{inside}: {name}" if inside else name
        new, old = now.get(name), before.get(name)
        if new == old:
            continue
        if new is not None and old is not None and {new, old} <= history.details.keys():
            group = _GROUPS.get(name, name)
            outer = "" if name == "site" else f"{inside}: {group}" if inside else group
            yield from _differences(history.details[new], history.details[old], history, outer)
        elif old is None:
            yield Reason(shown, "new")
        elif new is None:
            yield Reason(shown, "gone")
        else:
            yield Reason(shown, "changed", _detail(name, history.parts))


#: How groups of inputs are called.
_GROUPS = {"config": "config.yaml", "links": "link targets"}

_PARTS = {".po": "texts", ".md": "parts"}


def _detail(path: str, parts: Mapping[str, tuple[int, int]]) -> str:
    """`1 of 127 texts`; '' where that is not known."""
    suffix = path[path.rfind(".") :]
    if path not in parts or suffix not in _PARTS:
        return ""
    changed, total = parts[path]
    total -= suffix == ".po"  # the header is none
    return f"{changed} of {total} {_PARTS[suffix]}"


def as_lines(found: Explanation, shown: int = 20) -> Sequence[str]:
    """An explanation for people, line by line."""
    if found.fate == "always":
        return [f"{found.path}: every build writes this file anew (it lists or leads to all others)."]
    if found.fate == "reused":
        why = (
            "the build had nothing to do"
            if found.outcome == "unchanged"
            else "nothing it is made from changed"
        )
        return [f"{found.path}: not rebuilt, since {why} ({found.inputs} inputs of “{found.step}”)."]
    rows = [f"{found.path}: rebuilt by the step “{found.step}” ({found.inputs} inputs)."]
    if found.code_changed:
        rows.append(
            "  policysite, Python or a library is another version than before, so everything was made anew"
        )
    elif found.first:
        rows.append("  nothing was known of it: it is new, or the cache was empty or could not be read")
    for reason in found.reasons[:shown]:
        detail = f": {reason.detail}" if reason.detail else ""
        rows.append(f"  {reason.input} {_WORDS[reason.change]}{detail}")
    if len(found.reasons) > shown:
        rows.append(f"  and {len(found.reasons) - shown} more")
    return rows


_WORDS = {"changed": "changed", "new": "is new", "gone": "is gone"}
