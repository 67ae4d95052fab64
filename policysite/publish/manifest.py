"""The manifest: what a published folder holds, with a digest and a size for each file. Pure.

It lies in the output folder as `build-manifest.json`. Hosts and `deploy-diff` read it to learn what changed;
the writer reads its first line to know that a folder was made by policysite and may be replaced. It lists
every file but itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from policysite.core.diagnostics import Diagnostic, Place, ordered, place_at, problem
from policysite.core.model import ConsentProof, Header, OutputFile

#: Where the manifest lies. Not `manifest.json`: web apps use that name for something else.
MANIFEST_PATH = "build-manifest.json"

#: Rises when a known key changes its meaning. New keys do not raise it: readers ignore keys they do not know.
SCHEMA = 1

GENERATOR = "policysite"

#: Every manifest, of any schema, begins with these bytes (`is_manifest`).
_SIGNATURE = f'{{\n  "generator": "{GENERATOR}",\n'.encode()

_DIGEST = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"[A-Za-z]:")


class ManifestEntry(Struct, frozen=True, order=True):
    """One published file: its path below the output folder, its SHA-256 in hex, its size in bytes."""

    path: str
    sha256: str
    size: int


class Part(Struct, frozen=True):
    """What makes a folder a part of a site: the languages whose pages it holds, digests of what it was made
    from, and the headers of its pages (output path → headers), which the files of the whole site tell hosts.

    sources: of every file of the project. program: of this package's code, Python and the libraries. values:
    of what the environment gave. precompress: whether the part holds `.br` and `.gz` files.
    """

    languages: tuple[str, ...]
    sources: str
    program: str
    values: str
    precompress: bool
    headers: tuple[tuple[str, tuple[Header, ...]], ...] = ()


class Manifest(Struct, frozen=True):
    """What was published: by which version of policysite, for which date and address, and which files. part:
    set where it is not a whole site."""

    version: str
    build_date: date
    base_url: str
    files: tuple[ManifestEntry, ...]
    consent: ConsentProof | None = None
    part: Part | None = None


def entry_of(file: OutputFile) -> ManifestEntry:
    """The entry of a file."""
    return ManifestEntry(file.path, hashlib.sha256(file.data).hexdigest(), len(file.data))


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as JSON: UTF-8, one file a line, sorted by path whatever the order of `files`."""
    head = {
        "generator": GENERATOR,
        "schema": SCHEMA,
        "version": manifest.version,
        "build_date": manifest.build_date.isoformat(),
        "base_url": manifest.base_url,
    }
    rows = [f'  "{key}": {_json(value)},' for key, value in head.items()]
    if manifest.consent is not None:
        banners = {tag: {"sha256": sha256, "text": text} for tag, sha256, text in manifest.consent.banners}
        rows.append(f'  "consent": {_json({"version": manifest.consent.version, "banners": banners})},')
    if manifest.part is not None:
        rows.append(f'  "part": {_json(_part_record(manifest.part))},')
    files = ",\n".join(
        "    " + _json({"path": entry.path, "sha256": entry.sha256, "size": entry.size})
        for entry in sorted(manifest.files)
    )
    listed = f"[\n{files}\n  ]" if files else "[]"
    return "\n".join(["{", *rows, f'  "files": {listed}', "}", ""]).encode()


def _part_record(part: Part) -> dict[str, object]:
    groups: dict[tuple[Header, ...], list[str]] = {}  # most pages have the same headers
    for path, headers in part.headers:
        groups.setdefault(headers, []).append(path)
    return {
        "languages": part.languages,
        "sources": part.sources,
        "program": part.program,
        "values": part.values,
        "precompress": part.precompress,
        "headers": [{"headers": headers, "pages": pages} for headers, pages in groups.items()],
    }


def manifest_file(manifest: Manifest) -> OutputFile:
    """The manifest as the file to publish."""
    return OutputFile(MANIFEST_PATH, manifest_bytes(manifest))


def is_manifest(head: bytes) -> bool:
    """Whether a file that begins with `head` is a manifest of policysite, of whatever version."""
    return head.startswith(_SIGNATURE)


#: How many bytes `is_manifest` wants to see.
SIGNATURE_SIZE = len(_SIGNATURE)


def path_fault(path: str) -> str:
    """Why a path may not be an output path, as the end of a sentence; empty when it may.

    An output path is relative, its folders are parted by `/`, and it means the same on every system.
    """
    if not path:
        return "is empty"
    if _CONTROL.search(path):
        return "holds a control character"
    if "\\" in path:
        return "holds a backslash"
    if path.startswith("/") or _DRIVE.match(path):
        return "is absolute"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return f"holds the part “{part}”"
    if not path.isascii():
        try:
            path.encode()
        except UnicodeEncodeError:
            return "holds half a character (a lone surrogate)"
    return ""


def parse_manifest(data: bytes, path: str = MANIFEST_PATH) -> Manifest | tuple[Diagnostic, ...]:
    """Read a manifest back. In: its bytes, and the path to name in problems.

    Returns the manifest, its files sorted by path, or what is wrong with it (S001, S002), never both.
    Keys of a later version of this schema are ignored.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return (_fault("S001", Place(path), f"the manifest is not UTF-8 (byte {error.start})"),)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return (_fault("S002", place_at(path, text, error.pos), f"the manifest is not JSON: {error.msg}"),)
    except (ValueError, RecursionError):  # a number of 5,000 digits, brackets nested 10,000 deep
        return (_fault("S002", Place(path), "the manifest is not JSON that a build wrote"),)
    place = Place(path)
    if not isinstance(value, dict) or value.get("generator") != GENERATOR:
        return (_fault("S002", place, "the file is no manifest of policysite"),)
    if value.get("schema") != SCHEMA:
        message = f"the manifest has schema {_json(value.get('schema'))}, this policysite reads {SCHEMA}"
        return (problem("S002", place, message, "use the version of policysite that wrote it"),)
    return _parsed(value, place)


def _parsed(value: Mapping[str, object], place: Place) -> Manifest | tuple[Diagnostic, ...]:
    faults: list[str] = []
    build_date = _read_date(value.get("build_date"))
    if build_date is None:
        faults.append("“build_date” is not a date such as 2025-10-01")
    version, base_url = value.get("version"), value.get("base_url")
    if not isinstance(version, str):
        faults.append("“version” is not a text")
    if not isinstance(base_url, str):
        faults.append("“base_url” is not a text")
    entries: dict[str, ManifestEntry] = {}
    files = value.get("files")
    if not isinstance(files, list):
        faults.append("“files” is not a list")
        files = []
    for index, item in enumerate(files):
        entry = _read_entry(item)
        if isinstance(entry, str):
            faults.append(f"“files[{index}]” {entry}")
        elif entry.path in entries:
            faults.append(f"“files[{index}]” lists “{entry.path}” a second time")
        else:
            entries[entry.path] = entry
    if faults or build_date is None or not isinstance(version, str) or not isinstance(base_url, str):
        return ordered(_fault("S002", place, fault) for fault in faults)
    part = _read_part(value["part"]) if "part" in value else None
    if isinstance(part, str):
        return (_fault("S002", place, f"“part” {part}"),)
    consent = _read_consent(value.get("consent"))
    return Manifest(version, build_date, base_url, tuple(sorted(entries.values())), consent, part)


def _read_part(value: object) -> Part | str:
    """The part, or what is wrong with it."""
    if not isinstance(value, dict):
        return "is not a mapping"
    languages, groups = value.get("languages"), value.get("headers")
    digests = [value.get(name) for name in ("sources", "program", "values")]
    if not isinstance(languages, list) or not all(isinstance(tag, str) for tag in languages):
        return "does not list its languages"
    if not all(isinstance(one, str) for one in digests) or not isinstance(groups, list):
        return "does not say what it was made from"
    headers: dict[str, tuple[Header, ...]] = {}
    for group in groups:
        try:
            rows = tuple((str(name), str(text)) for name, text in group["headers"])
            headers.update((str(page), rows) for page in group["pages"])
        except (TypeError, KeyError, ValueError):
            return "has headers that cannot be read"
    sources, program, values = map(str, digests)
    known = tuple(sorted(headers.items()))
    return Part(tuple(languages), sources, program, values, value.get("precompress") is True, known)


def _read_consent(value: object) -> ConsentProof | None:
    """The proof as far as it can be read; a manifest without one is still a manifest."""
    if not isinstance(value, dict) or not isinstance(value.get("banners"), dict):
        return None
    banners = tuple(
        (str(tag), str(entry.get("sha256", "")), str(entry.get("text", "")))
        for tag, entry in value["banners"].items()
        if isinstance(entry, dict)
    )
    return ConsentProof(str(value.get("version", "")), banners)


def _read_date(value: object) -> date | None:
    # `date.fromisoformat` alone would also take 20251001 and 2025-W40-3.
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _read_entry(item: object) -> ManifestEntry | str:
    """The entry, or what is wrong with it."""
    if not isinstance(item, dict):
        return "is not a mapping"
    path, digest, size = item.get("path"), item.get("sha256"), item.get("size")
    if not isinstance(path, str):
        return "has no path"
    # Deploy tools upload and delete by these paths: they obey the rules of the writer.
    if fault := path_fault(path):
        return f"has a path that {fault}"
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        return "has no SHA-256 in lower-case hex"
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        return "has no size in bytes"
    return ManifestEntry(path, digest, size)


def _fault(code: str, place: Place, message: str) -> Diagnostic:
    return problem(
        code, place, message, "build the site again, or take the manifest from where it was published"
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
