"""Content-Type by suffix, for every server and host alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

#: Suffix -> Content-Type. A literal, because `mimetypes` answers differently on every machine.
TYPES: Mapping[str, str] = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".map": "application/json; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json; charset=utf-8",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml; charset=utf-8",
}


def content_type(name: str) -> str:
    """The Content-Type of an output path; Apple's association file is JSON without a suffix."""
    if name.endswith("/apple-app-site-association"):
        return TYPES[".json"]
    return TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")
