"""Diagnostics as text, JSON, workflow commands for GitHub, and SARIF. Pure: values in, text out."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import quote

from policysite.core.diagnostics import CODES, LEVELS, Diagnostic, Level

Format = Literal["text", "json", "github", "sarif"]

FORMATS: tuple[Format, ...] = ("text", "json", "github", "sarif")

_WIDEST = 160

#: Letters of some scripts, though Unicode counts them among the format characters.
_JOINERS = "\u200c\u200d"


def as_text(diagnostics: Iterable[Diagnostic]) -> str:
    """One block a problem: `path:line:col: level CODE message`, the line with a caret, the hint."""
    return "\n".join(_text_block(item) for item in diagnostics)


def _text_block(item: Diagnostic) -> str:
    place = item.place
    rows = [_safe(f"{place}: {item.level} {item.code} {item.message}")]
    if place.text.strip():
        shown, caret = _window(place.text, place.col)
        gutter = f"{place.line:>5} | "
        rows.append(gutter + shown)
        if caret is not None:
            rows.append(" " * 5 + " | " + " " * caret + "^")
    if item.hint:
        rows.append(_safe(f"      = {item.hint}"))
    return "\n".join(rows)


def _safe(text: str) -> str:
    """A line without what would steer a terminal: controls and bidi marks a text of the project may hold."""
    return "".join(
        " " if unicodedata.category(char) in ("Cc", "Cf") and char not in _JOINERS else char for char in text
    )


def _window(text: str, col: int) -> tuple[str, int | None]:
    """The part of a line around `col` and the caret's offset in terminal cells."""
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cf") else char for char in text)
    start = 0
    if len(text) > _WIDEST:
        start = max(0, min(col - _WIDEST // 2, len(text) - _WIDEST))
    shown = text[start : start + _WIDEST]
    prefix = "…" if start else ""
    suffix = "…" if start + _WIDEST < len(text) else ""
    caret = None
    if col > 0:
        caret = len(prefix) + sum(_cells(char) for char in shown[: col - 1 - start])
    return prefix + shown + suffix, caret


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def as_records(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """JSON-ready records; keys are stable."""
    return [
        {
            "code": item.code,
            "level": item.level,
            "path": item.place.path,
            "line": item.place.line,
            "column": item.place.col,
            "text": item.place.text,
            "message": item.message,
            "hint": item.hint,
        }
        for item in diagnostics
    ]


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """An array of records, one JSON document."""
    return json.dumps(as_records(diagnostics), ensure_ascii=False, indent=2)


def as_github(diagnostics: Iterable[Diagnostic]) -> str:
    """GitHub workflow commands (`::error file=…,line=…::message`), which annotate a pull request."""
    names = {"error": "error", "warning": "warning", "info": "notice"}
    rows = []
    for item in diagnostics:
        place = item.place
        fields = [f"file={_github_property(place.path)}"]
        if place.line:
            fields.append(f"line={place.line}")
        if place.col:
            fields.append(f"col={place.col}")
        fields.append(f"title={item.code}")
        message = item.message + (f"\n{item.hint}" if item.hint else "")
        rows.append(f"::{names[item.level]} {','.join(fields)}::{_github_data(message)}")
    return "\n".join(rows)


def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


_SARIF_LEVELS: dict[Level, str] = {"error": "error", "warning": "warning", "info": "note"}


def as_sarif(diagnostics: Iterable[Diagnostic]) -> str:
    """A SARIF 2.1.0 log with one run (OASIS standard; what code scanning services read).

    Lists the rules that fired, and every finding with its place. Columns count Unicode code points.
    """
    found = tuple(diagnostics)
    codes = sorted({item.code for item in found})
    rules = [
        {
            "id": code,
            "shortDescription": {"text": CODES[code][1]},
            "defaultConfiguration": {"level": _SARIF_LEVELS[CODES[code][0]]},
        }
        for code in codes
    ]
    run = {
        "tool": {"driver": {"name": "policysite", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(item, codes.index(item.code)) for item in found],
    }
    return json.dumps({"version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _sarif_result(item: Diagnostic, rule: int) -> dict[str, object]:
    location: dict[str, object] = {"artifactLocation": {"uri": quote(item.place.path)}}
    if item.place.line:
        region: dict[str, object] = {"startLine": item.place.line}
        if item.place.col:
            region["startColumn"] = item.place.col
        if item.place.text:
            region["snippet"] = {"text": item.place.text}
        location["region"] = region
    return {
        "ruleId": item.code,
        "ruleIndex": rule,
        "level": _SARIF_LEVELS[item.level],
        "message": {"text": item.message + (f" Cure: {item.hint}." if item.hint else "")},
        "locations": [{"physicalLocation": location}],
    }


def report(diagnostics: Sequence[Diagnostic], form: Format) -> str:
    """The report in one of `FORMATS`; empty text for nothing to say (JSON and SARIF: an empty list)."""
    writers = {"text": as_text, "json": as_json, "github": as_github, "sarif": as_sarif}
    return writers[form](diagnostics)


def count_line(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`, or `no problems`."""
    parts = []
    for level in LEVELS:
        count = sum(1 for item in diagnostics if item.level == level)
        if count:
            noun = level if level == "info" or count == 1 else level + "s"
            parts.append(f"{count} {noun}")
    return ", ".join(parts) or "no problems"
