"""What is on disk, against what the last build saw: nothing changed, or which files did.

Imports little, so that a build with nothing to do is over before Markdown, Babel or Jinja2 would be loaded.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from policysite.cache import (
    CACHE_FOLDER,
    SPARE,
    Ledger,
    Seen,
    SourceFiles,
    clock_of,
    code_digest,
    ledger_of,
    ledger_rows,
    look_at,
    parts_changed,
    problem_of,
    problem_row,
    read_kept,
    settled,
    stamp_of,
    write_kept,
    write_last,
)
from policysite.core.diagnostics import ordered
from policysite.load.sources import find_sources, unreadable
from policysite.request import BuildRequest, Summary

#: Of the file `state`.
VERSION = 2


class State:
    """What `look` found: the sources, and what the last build of this project left."""

    def __init__(self, request: BuildRequest) -> None:
        self.request = request
        self.folder = request.project / CACHE_FOLDER if request.cache else None
        self._output = str(request.output_folder.absolute())
        self._known, self._tree, self._last = _kept_state(self.folder)
        self._carried: dict[str, str] = {}
        self._moved = False
        files, problems = find_sources(request.project)
        clock = clock_of(self.folder) if self.folder and not problems else (0, 0)
        self._files = files
        self._ledger = Ledger(self._known, clock)
        self.digests: dict[str, str] = {}
        for path, file in files.items():
            try:
                self.digests[path] = self._ledger.digest(file)
            except OSError as error:
                problems = (*problems, unreadable(path, error))
        self.problems = ordered(problems)
        self.sources = SourceFiles(files, self.digests, self._ledger.read)
        self.code = code_digest(self._ledger)
        self.key = self._key()

    def _key(self) -> str:
        """Digest of all that decides what a build writes and says."""
        request = self.request
        options = request.options()
        rows = [
            self.code,
            options.build_date.isoformat(),
            repr((options.base_url, options.environment, options.release, options.languages)),
            str(request.precompress),
            str(request.output_folder.absolute()),
            str(request.project.absolute()),
            *(f"{path}\t{digest}" for path, digest in self.digests.items()),
            *(repr(item) for item in self.problems),
        ]
        return sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()

    def unchanged(self) -> Summary | None:
        """What the last build said, if this one would write and say the same, and its site is in place."""
        if self.problems or self._last.get("key") != self.key:
            return None
        if not self._intact():
            return None
        summary = _summary_of(self._last["summary"])
        if self.folder is not None:
            write_last(self.folder, "unchanged")
        if self._ledger.changed or self._moved:
            self._write()
        return summary

    def _intact(self) -> bool:
        """Whether the output folder holds the files of the last build and nothing else."""
        folder = self.request.output_folder
        found = look_at(str(folder)) if folder.is_dir() and not folder.is_symlink() else None
        if found is None or found.keys() != self._tree.keys():
            return False
        return all(
            self._as_published(path, status, self._spare_name(path) if status.st_nlink == 2 else None)
            for path, status in found.items()
        )

    @property
    def spare(self) -> Path | None:
        """Where the tree before the last lies (see `publish.writer`)."""
        return self.folder / SPARE if self.folder else None

    def _spare_name(self, path: str) -> os.stat_result | None:
        with suppress(OSError):
            return os.lstat(f"{self.spare}/{path}") if self.spare else None
        return None

    def published(self, names: Mapping[str, os.stat_result]) -> dict[str, str]:
        """path → SHA-256 of the files in the output folder that are as the last build left them.

        names: path → status of files in an older tree, which may be other names of theirs.
        """
        found = {}
        if self._last.get("output") == self._output:
            for path, seen in self._tree.items():
                with suppress(OSError):
                    status = os.lstat(f"{self._output}/{path}")
                    if self._as_published(path, status, names.get(path)):
                        found[path] = seen.sha256
        self._carried = found
        return found

    def _as_published(self, path: str, status: os.stat_result, other: os.stat_result | None) -> bool:
        """Whether a published file is as it was: by its stamp, and if that proves nothing, by its bytes.

        other: the file of that path in an older tree. A file with any further name is not ours alone.
        """
        known = self._tree[path]
        names = 2 if other is not None and os.path.samestat(status, other) else 1
        if status.st_nlink != names or status.st_mode != stat.S_IFREG | 0o644:
            return False
        stamp = stamp_of(status)
        # A build links and unlinks what it carries over, so only the time of the content says something.
        if known.stamp == stamp and settled(stamp[3], known.seen):
            return True
        again = self._ledger.look(f"{self._output}/{path}", keep=False)
        if again.sha256 != known.sha256:
            return False
        self._tree[path] = again
        self._moved = True
        return True

    def parts(self) -> dict[str, tuple[int, int]]:
        """Source path → how many of its parts changed since the last build, of how many."""
        found = {}
        for path, file in self._files.items():
            before, now = self._known.get(file), self._ledger.seen.get(file)
            if before is not None and now is not None and before.sha256 != now.sha256:
                found[path] = parts_changed(before.parts, now.parts)
        return found

    def remember(self, summary: Summary, entries: Mapping[str, str]) -> None:
        """Keep what was published now: entries, path → SHA-256."""
        if self.folder is None:
            return
        tree = {}
        for path, digest in entries.items():
            try:
                stamp = stamp_of(os.lstat(f"{self._output}/{path}"))
            except OSError:
                return
            before = self._tree.get(path) if path in self._carried else None
            same = before is not None and (before.sha256, before.stamp[:4]) == (digest, stamp[:4])
            # What was written now is read once more by the next build: until then nobody has looked at it.
            tree[path] = Seen(stamp, before.seen if before and same else 0, digest)
        self._tree = tree
        self._last = {"key": self.key, "output": self._output, "summary": _summary_row(summary)}
        self._write()

    def _write(self) -> None:
        if self.folder is not None:
            files = ledger_rows(self._ledger.seen)
            write_kept(self.folder / "state", (VERSION, files, ledger_rows(self._tree), self._last))


def look(request: BuildRequest) -> State:
    """What is on disk. Problems are those of `read_sources`."""
    return State(request)


def _kept_state(folder: Path | None) -> tuple[dict[str, Seen], dict[str, Seen], dict[str, Any]]:
    """(files, published files, what else is known of the last build), all empty where nothing can be read."""
    with suppress(TypeError, ValueError):
        version, files, tree, last = read_kept(folder / "state") if folder else (0, 0, 0, 0)
        if version == VERSION and isinstance(last, dict):
            return ledger_of(files), ledger_of(tree), last
    return {}, {}, {}


def _summary_row(summary: Summary) -> tuple[Any, ...]:
    problems = [problem_row(item) for item in summary.problems]
    numbers = (summary.pages, summary.files, summary.size, summary.languages, summary.documents)
    return (*numbers, problems, summary.part)


def _summary_of(row: Any) -> Summary:
    pages, files, size, languages, documents, problems, part = row
    found = tuple(problem_of(item) for item in problems)
    return Summary(pages, files, size, tuple(languages), documents, documents, found, part)
