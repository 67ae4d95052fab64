"""Two small sites that differ everywhere but in one file, and what they look like on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from policysite.core.model import OutputFile
from policysite.publish.manifest import MANIFEST_PATH, Manifest, ManifestEntry, manifest_file, parse_manifest
from policysite.publish.writer import Staging

Tree = dict[str, bytes]


def site(name: str, pages: int = 60) -> tuple[OutputFile, ...]:
    """Site `a` or `b`: pages in folders of its own and in shared ones, one file of equal bytes in both."""
    files = [
        OutputFile("index.html", f"home of {name}".encode()),
        OutputFile("marker", name.encode()),
        OutputFile("same.css", b"body{}"),
    ]
    for number in range(pages - len(files)):
        folder = f"only-{name}" if number % 3 == 0 else "both"
        text = f"{name} {number} ".encode() * (1 + number % 7 * 50)
        files.append(OutputFile(f"{folder}/{number // 10}/{number}/index.html", text))
    return tuple(files)


def finish(entries: tuple[ManifestEntry, ...]) -> OutputFile:
    return manifest_file(Manifest("0.1.0", date(2025, 10, 1), "https://example.org", entries))


def publish(output: Path, project: Path, files: tuple[OutputFile, ...], wait: float = 60) -> None:
    with Staging.open(output, project=project, wait=wait) as staging:
        for file in files:
            staging.write(file)
        staging.commit([finish(staging.entries)])


def expected(files: tuple[OutputFile, ...]) -> Tree:
    """What publishing `files` must leave in the output folder, made without the writer."""
    entries = (
        ManifestEntry(file.path, hashlib.sha256(file.data).hexdigest(), len(file.data)) for file in files
    )
    return {file.path: file.data for file in (*files, finish(tuple(entries)))}


def tree(folder: Path) -> Tree:
    """Every file below a folder. A link, a pipe or an empty folder fails."""
    found: Tree = {}
    for path in folder.rglob("*"):
        assert not path.is_symlink(), path
        if path.is_dir():
            assert any(path.iterdir()), f"{path} is empty"
        else:
            assert path.is_file(), path
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def matches_manifest(found: Mapping[str, bytes]) -> bool:
    """Whether a tree is exactly what its own manifest says."""
    manifest = parse_manifest(found[MANIFEST_PATH])
    assert isinstance(manifest, Manifest), manifest
    listed = {entry.path: (entry.sha256, entry.size) for entry in manifest.files}
    there = {
        path: (hashlib.sha256(data).hexdigest(), len(data))
        for path, data in found.items()
        if path != MANIFEST_PATH
    }
    return listed == there
