"""Assets: minified, fingerprinted, with the integrity value their tags carry. Pure: bytes in, bytes out."""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from policysite.core import urls
from policysite.core.diagnostics import Diagnostic, did_you_mean, place_at, problem
from policysite.core.model import Asset, OutputFile

FOLDER = "assets"

_CSS_URL = re.compile(r"url\(\s*(['\"]?)([^'\")]+)\1\s*\)", re.IGNORECASE)
#: Whatever else a style sheet may load: `@import "…"`, and texts within `image-set()`, `image()` and `src()`.
_CSS_TEXT = re.compile(r"(?:@import\s*|\b(?:image-set|image|src)\([^)]*?)(['\"])([^'\"]+)\1", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)


def plan_assets(files: Sequence[OutputFile]) -> tuple[tuple[Asset, ...], tuple[Diagnostic, ...]]:
    """Fingerprint every asset. Style sheets come last, since their `url(…)` name the others' new addresses.

    Returns (assets by name, problems).
    """
    found: dict[str, Asset] = {}
    problems: list[Diagnostic] = []
    sheets = [file for file in files if file.path.endswith(".css")]
    for file in files:
        if not file.path.endswith(".css"):
            data = _script(file.data) if file.path.endswith(".js") else file.data
            found[file.path] = _asset(file.path, data)
    for file in sheets:
        text = file.data.decode("utf-8", "replace")
        problems += _foreign(file.path, text)
        text, faults = _linked(file.path, text, found)
        problems += faults
        found[file.path] = _asset(file.path, _style(text))
    return tuple(found[name] for name in sorted(found)), tuple(problems)


def _asset(name: str, data: bytes) -> Asset:
    digest = hashlib.sha256(data).hexdigest()[:10]
    stem, suffix = posixpath.splitext(name)
    integrity = "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode()
    return Asset(name, f"/{FOLDER}/{stem}.{digest}{suffix}", integrity, data)


def _script(data: bytes) -> bytes:
    from rjsmin import jsmin

    return str(jsmin(data.decode("utf-8"))).encode()


def _style(text: str) -> bytes:
    from rcssmin import cssmin

    return str(cssmin(text)).encode()


def _foreign(name: str, text: str) -> Iterator[Diagnostic]:
    """P005: a style sheet loads from this site only; `@import` would load a file that no page declares."""
    bare = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    for pattern in (_CSS_URL, _CSS_TEXT):
        for match in pattern.finditer(bare):
            address = match.group(2).strip()
            imported = match.group().lower().startswith("@import")
            if imported or address.startswith("//") or urls.scheme(address).lower() in ("http", "https"):
                yield problem(
                    "P005",
                    place_at(f"{FOLDER}/{name}", text, match.start()),
                    f"the style sheet loads {address}",
                    "put the rules into this file" if imported else "put the file into assets/ and name that",
                )


def _linked(name: str, text: str, assets: Mapping[str, Asset]) -> tuple[str, list[Diagnostic]]:
    """The style sheet with every relative `url(…)` replaced by the fingerprinted address."""
    problems: list[Diagnostic] = []

    def replace(match: re.Match[str]) -> str:
        target = match.group(2)
        if target.startswith(("data:", "#", "http:", "https:", "//")):  # foreign ones: see `_foreign`
            return match.group()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
        asset = assets.get(path)
        if asset is None:
            hint = did_you_mean(path, assets, "paths are relative to the style sheet")
            problems.append(
                problem(
                    "L004",
                    place_at(f"{FOLDER}/{name}", text, match.start()),
                    f"there is no asset “{path}”",
                    hint,
                )
            )
            return match.group()
        return f"url({asset.url})"

    return _CSS_URL.sub(replace, text), problems
