"""`versions.lock` of a policy: the text of each version that was in force, and every amendment since.

One file a policy, beside its versions, written by `policysite policy lock`, `revise` and `amend` and kept in
version control. It holds the text line by line, so that a review shows what changed, and a SHA-256 of the
lines (joined with line feeds) that anyone can compute again: `digest`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any, cast

from policysite.core.diagnostics import Diagnostic, problem
from policysite.core.model import Amendment, LockedVersion, VersionLock
from policysite.load.config import parse_date
from policysite.load.schema import Schema, parse_valid

NAME = "versions.lock"

#: Changes when an older policysite could misread the file.
FORMAT = 1

_HEAD = "# The versions that were in force, as they were. Written by policysite; not to be edited by hand.\n"

_TEXTS: Schema = {"type": "array", "items": {"type": "string"}, "description": "Text, line by line."}

#: The shape of the file.
LOCK: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["format", "versions"],
    "properties": {
        "format": {"type": "integer", "description": "Version of this shape."},
        "versions": {
            "type": "object",
            "description": "By the names of their files.",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["digest", "text"],
                "properties": {
                    "digest": {"type": "string", "description": "SHA-256 of the text."},
                    "amended": {
                        "type": "array",
                        "description": "Corrections since, the oldest first.",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["on", "reason", "digest", "text"],
                            "properties": {
                                "on": {"type": "string", "description": "The day of the correction."},
                                "reason": {"type": "string", "description": "Why, in the author's words."},
                                "digest": {"type": "string", "description": "SHA-256 of the text before."},
                                "text": {**_TEXTS, "description": "The text before, line by line."},
                            },
                        },
                    },
                    "text": _TEXTS,
                },
            },
        },
    },
}


def digest_of(lines: Sequence[str]) -> str:
    """SHA-256 (hex) of a text given line by line."""
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def parse_lock(path: str, key: str, text: str) -> tuple[VersionLock | None, tuple[Diagnostic, ...]]:
    """Read a lock. Never raises; returns (lock, problems), no lock where the file cannot be trusted."""
    document, problems = parse_valid(path, text, LOCK, "the lock")
    if document is None:
        return None, problems
    raw = cast("dict[str, Any]", document.value)
    if raw["format"] != FORMAT:
        message = f"the lock has the format {raw['format']}, this policysite reads {FORMAT}"
        hint = "update policysite, or restore the file from version control"
        return None, (problem("V005", document.at("format"), message, hint),)
    found: list[Diagnostic] = []
    versions = []
    restore = "restore the file from version control; `policysite policy amend` records a correction"
    for name, entry in raw["versions"].items():
        at = ("versions", name)
        parsed = parse_date(name)
        if parsed is None:
            found.append(problem("V005", document.at_key(*at), f"“{name}” is not a date", restore))
            continue
        amendments: list[Amendment] = []
        for index, item in enumerate(entry.get("amended", ())):
            place = document.at(*at, "amended", index)
            day = parse_date(item["on"])
            if day is None or day[1] != "day":
                found.append(problem("V005", place, f"“{item['on']}” is not a day", restore))
                continue
            if digest_of(item["text"]) != item["digest"]:
                found.append(problem("V005", place, "the text before does not have this digest", restore))
            if day[0] < parsed[0] or (amendments and day[0] < amendments[-1].on):
                message = f"the amendment of {item['on']} is older than what it amends"
                found.append(problem("V002", place, message, "restore the file from version control"))
            amendments.append(Amendment(day[0], item["reason"], tuple(item["text"])))
        if digest_of(entry["text"]) != entry["digest"]:
            message = f"the text of {name} does not have the digest it was locked with"
            found.append(problem("V005", document.at(*at, "digest"), message, restore))
        versions.append(
            LockedVersion(name, parsed[0], tuple(entry["text"]), tuple(amendments), document.at_key(*at))
        )
    lock = None if found else VersionLock(path, key, tuple(sorted(versions, key=lambda one: one.date)))
    return lock, tuple(found)


def format_lock(lock: VersionLock) -> str:
    """The text of a lock's file; `parse_lock` gives the same lock back (places aside)."""
    rows = [_HEAD, f"format: {FORMAT}\n", "versions:\n" if lock.versions else "versions: {}\n"]
    for version in lock.versions:
        rows.append(f"  {_quoted(version.name)}:\n")
        rows.append(f"    digest: {_quoted(digest_of(version.text))}\n")
        if version.amendments:
            rows.append("    amended:\n")
        for item in version.amendments:
            rows.append(f"      - on: {_quoted(item.on.isoformat())}\n")
            rows.append(f"        reason: {_quoted(item.reason)}\n")
            rows.append(f"        digest: {_quoted(digest_of(item.text))}\n")
            rows += _listed("        text", item.text)
        rows += _listed("    text", version.text)
    return "".join(rows)


def _listed(key: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return [f"{key}: []\n"]
    indent = " " * (len(key) - len(key.lstrip()) + 2)
    return [f"{key}:\n", *(f"{indent}- {_quoted(line)}\n" for line in lines)]


#: What YAML does not take as it is inside double quotes, or would fold.
_UNUSUAL = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def _quoted(text: str) -> str:
    """A text in double quotes, as JSON and YAML both read it."""
    return _UNUSUAL.sub(lambda match: f"\\u{ord(match.group()):04x}", json.dumps(text, ensure_ascii=False))
