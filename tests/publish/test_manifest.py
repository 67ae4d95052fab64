"""The manifest: deterministic bytes, read back, and every way it can be wrong."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysite.core.model import OutputFile
from policysite.publish.manifest import (
    SIGNATURE_SIZE,
    Manifest,
    ManifestEntry,
    entry_of,
    is_manifest,
    manifest_bytes,
    manifest_file,
    parse_manifest,
    path_fault,
)

DIGEST = "0" * 63 + "f"
FILES = (ManifestEntry("বাংলা/a.html", DIGEST, 3), ManifestEntry("en/a.html", DIGEST, 0))
MANIFEST = Manifest("0.1.0", date(2025, 10, 1), "https://example.org", FILES)

TEXT = f"""\
{{
  "generator": "policysite",
  "schema": 1,
  "version": "0.1.0",
  "build_date": "2025-10-01",
  "base_url": "https://example.org",
  "files": [
    {{"path": "en/a.html", "sha256": "{DIGEST}", "size": 0}},
    {{"path": "বাংলা/a.html", "sha256": "{DIGEST}", "size": 3}}
  ]
}}
"""


def test_bytes_are_exactly_these_whatever_the_order() -> None:
    assert manifest_bytes(MANIFEST).decode() == TEXT
    turned = Manifest(MANIFEST.version, MANIFEST.build_date, MANIFEST.base_url, FILES[::-1])
    assert manifest_bytes(turned) == manifest_bytes(MANIFEST)
    assert manifest_file(MANIFEST) == OutputFile("build-manifest.json", TEXT.encode())


def test_entry_of_a_file() -> None:
    data = "বাংলা".encode()
    assert entry_of(OutputFile("a", data)) == ManifestEntry("a", hashlib.sha256(data).hexdigest(), 15)


def test_signature() -> None:
    assert is_manifest(manifest_bytes(MANIFEST)[:SIGNATURE_SIZE])
    assert is_manifest(manifest_bytes(Manifest("9", date(2030, 1, 1), "", ())))
    assert not is_manifest(b'{"name": "My web app", "icons": []}')
    assert not is_manifest(b"")


TEXTS = st.text(st.characters(codec="utf-8"))


def entries() -> st.SearchStrategy[ManifestEntry]:
    paths = st.lists(TEXTS, min_size=1, max_size=3).map("/".join).filter(lambda path: not path_fault(path))
    digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
    return st.builds(ManifestEntry, paths, digests, st.integers(0, 2**60))


@given(
    st.builds(
        Manifest,
        TEXTS,
        st.dates(),
        TEXTS,
        st.lists(entries(), unique_by=lambda entry: entry.path).map(lambda some: tuple(sorted(some))),
    )
)
def test_round_trip(manifest: Manifest) -> None:
    data = manifest_bytes(manifest)
    assert parse_manifest(data) == manifest
    assert is_manifest(data)


def test_keys_of_a_later_version_are_ignored() -> None:
    value = json.loads(TEXT)
    value["consent"] = {"analytics": ["en/a.html"]}
    value["files"][0]["type"] = "text/html"
    assert isinstance(parse_manifest(json.dumps(value).encode()), Manifest)


def problems(data: bytes) -> list[str]:
    found = parse_manifest(data, "dist/build-manifest.json")
    assert isinstance(found, tuple)
    assert found
    assert all(item.level == "error" and item.hint for item in found)
    return [f"{item.place}: {item.code} {item.message}" for item in found]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "dist/build-manifest.json:1:1: S002 the manifest is not JSON"),
        (TEXT.encode()[:100], "dist/build-manifest.json:6:3: S002"),
        (b"\xff{}", "dist/build-manifest.json: S001 the manifest is not UTF-8 (byte 0)"),
        (b"[" * 100_000, "dist/build-manifest.json: S002 the manifest is not JSON"),
        (b"1" * 5_000, "dist/build-manifest.json: S002 the manifest is not JSON"),
        (b"[]", "S002 the file is no manifest of policysite"),
        (b'{"name": "My web app"}', "S002 the file is no manifest of policysite"),
        (TEXT.replace('"schema": 1', '"schema": 2').encode(), "has schema 2, this policysite reads 1"),
        (TEXT.replace('  "schema": 1,\n', "").encode(), "has schema null, this policysite reads 1"),
    ],
)
def test_unreadable(data: bytes, told: str) -> None:
    (found,) = problems(data)
    assert told in found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": 1}, "“version” is not a text"),
        ({"base_url": None}, "“base_url” is not a text"),
        ({"build_date": "20251001"}, "“build_date” is not a date"),
        ({"build_date": "2025-02-30"}, "“build_date” is not a date"),
        ({"build_date": 5}, "“build_date” is not a date"),
        ({"files": {}}, "“files” is not a list"),
        ({"files": ["a"]}, "“files[0]” is not a mapping"),
        ({"files": [{"sha256": DIGEST, "size": 1}]}, "“files[0]” has no path"),
        ({"files": [{"path": "../a", "sha256": DIGEST, "size": 1}]}, "“files[0]” has a path that holds"),
        ({"files": [{"path": "a", "sha256": DIGEST.upper(), "size": 1}]}, "“files[0]” has no SHA-256"),
        ({"files": [{"path": "a", "sha256": 1, "size": 1}]}, "“files[0]” has no SHA-256"),
        ({"files": [{"path": "a", "sha256": DIGEST, "size": True}]}, "“files[0]” has no size"),
        ({"files": [{"path": "a", "sha256": DIGEST, "size": -1}]}, "“files[0]” has no size"),
        ({"files": [{"path": "a", "sha256": DIGEST, "size": 1}] * 2}, "“files[1]” lists “a” a second time"),
    ],
)
def test_one_thing_wrong(change: dict[str, Any], told: str) -> None:
    (found,) = problems(json.dumps({**json.loads(TEXT), **change}).encode())
    assert f"dist/build-manifest.json: S002 {told}" in found


def test_all_that_is_wrong_is_told_at_once() -> None:
    value = {**json.loads(TEXT), "version": 1, "build_date": "", "files": [1, 2]}
    assert len(problems(json.dumps(value).encode())) == 4


@pytest.mark.parametrize(
    "path", ["index.html", "bn/privacy/index.html", ".well-known/gpc.json", "..a/...", "বাংলা.html", "a b"]
)
def test_good_paths(path: str) -> None:
    assert path_fault(path) == ""


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("", "is empty"),
        ("/", "is absolute"),
        ("/etc/passwd", "is absolute"),
        ("C:/a", "is absolute"),
        ("a\\b", "holds a backslash"),
        ("a\0b", "holds a control character"),
        ("a\nb", "holds a control character"),
        ("..", "holds the part “..”"),
        ("a/../../b", "holds the part “..”"),
        ("./a", "holds the part “.”"),
        ("a//b", "holds the part “”"),
        ("a/", "holds the part “”"),
        ("a\ud800", "holds half a character (a lone surrogate)"),
    ],
)
def test_bad_paths(path: str, fault: str) -> None:
    assert path_fault(path) == fault
