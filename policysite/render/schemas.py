"""JSON Schemas of the data files a site publishes, as literals.

`format` counts up when a change would break a reader.
"""

from __future__ import annotations

from typing import Any

_DAY = {"type": "string", "format": "date"}

_LANGUAGE = {
    "type": "object",
    "required": ["language", "url", "title", "digest"],
    "properties": {
        "language": {"type": "string", "description": "BCP 47 tag."},
        "url": {"type": "string", "format": "uri", "description": "Page of this version; it stays."},
        "title": {"type": "string"},
        "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$", "description": "Of the text."},
    },
}

_VERSION = {
    "type": "object",
    "required": ["version", "state", "effective", "until", "announced", "material", "languages"],
    "properties": {
        "version": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$"},
        "state": {"enum": ["upcoming", "current", "archived"], "description": "On the day of the build."},
        "effective": {
            **_DAY,
            "description": "First day in force; of a version named by month, its first day.",
        },
        "until": {
            "type": ["string", "null"],
            "format": "date",
            "description": "The day the next one begins.",
        },
        "announced": {"type": ["string", "null"], "format": "date"},
        "material": {"type": "boolean", "description": "Whether readers should be told."},
        "languages": {"type": "array", "items": _LANGUAGE},
    },
}

#: `policies.json`.
POLICIES: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Versions of the policies of a site",
    "type": "object",
    "required": ["format", "policies"],
    "properties": {
        "format": {"const": 1},
        "policies": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "versions"],
                "properties": {
                    "key": {"type": "string"},
                    "versions": {"type": "array", "items": _VERSION, "description": "Newest first."},
                },
            },
        },
    },
}
