"""A Mapper that skips unchanged items and uses several processes. It changes how long a build takes, never
what it gives: clean = cached = parallel, byte for byte.

A cache entry's name is the digest of everything the function sees: the code of this package and the
versions of the libraries, the function's name, the shared value and the item. An entry that cannot be read
(truncated, foreign, half written) is as good as none.
"""

from __future__ import annotations

import ctypes
import hashlib
import marshal
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from policysite.core.diagnostics import Diagnostic, Place
from policysite.core.digest import digest
from policysite.core.model import Item, OutputFile, Rendered, Shared

#: Below this many items a second process costs more than it gives (measured on 2 cores: a fork and the
#: transfer of results take about as long as rendering this many documents in three languages).
PARALLEL_MINIMUM = 24

_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>

_MAGIC = b"policysite-cache-1\n"
_LIBRARIES = ("jinja2", "markdown", "babel", "markupsafe", "regex", "brotli")


class Executor:
    """Callable as a `Mapper`. jobs: processes to use (1 = this one). cache_folder: None switches it off."""

    def __init__(
        self, jobs: int = 1, cache_folder: Path | None = None, minimum: int = PARALLEL_MINIMUM
    ) -> None:
        self._jobs = jobs
        self._cache = cache_folder
        self._minimum = minimum
        self._used: set[str] = set()
        self._hits: dict[str, int] = {}
        self.hits = 0
        self.misses = 0

    def __call__(
        self,
        function: Callable[[Shared, Item], Rendered],
        shared: Shared,
        items: Sequence[Item],
    ) -> Iterator[Rendered]:
        if self._cache is None:
            yield from self._run(function, shared, items)
            return
        base = digest(code_digest(), function.__module__, function.__qualname__, shared)
        names = [digest(base, item) for item in items]
        known = {name: found for name in names if (found := self._load(name)) is not None}
        missing = [item for name, item in zip(names, items, strict=True) if name not in known]
        self.hits += len(items) - len(missing)
        self._hits[function.__qualname__] = len(items) - len(missing)
        self.misses += len(missing)
        fresh = self._run(function, shared, missing)
        self._used.update(names)
        for name in names:
            if name in known:
                yield known[name]
            else:
                result = next(fresh)
                self._store(name, result)
                yield result

    def hits_of(self, function: Callable[..., Rendered]) -> int:
        """How many items of the last call with this function came from the cache."""
        return self._hits.get(function.__qualname__, 0)

    def _run(
        self, function: Callable[[Shared, Item], Rendered], shared: Shared, items: Sequence[Item]
    ) -> Iterator[Rendered]:
        if self._jobs < 2 or len(items) < self._minimum or sys.platform == "win32":
            for item in items:
                yield function(shared, item)
            return
        # Fork: the children share the parsed project instead of getting a copy through a pipe.
        _forked.append((function, shared, items))
        try:
            chunk = max(1, len(items) // (self._jobs * 8))
            with ProcessPoolExecutor(
                self._jobs, mp_context=get_context("fork"), initializer=_follow_parent
            ) as pool:
                yield from pool.map(_forked_call, range(len(items)), chunksize=chunk)
        finally:
            _forked.pop()

    # ── cache ──

    def _load(self, name: str) -> Rendered | None:
        assert self._cache is not None
        try:
            raw = (self._cache / name).read_bytes()
            if not raw.startswith(_MAGIC):
                return None
            checksum, body = raw[len(_MAGIC) : len(_MAGIC) + 32], raw[len(_MAGIC) + 32 :]
            if hashlib.sha256(body).digest() != checksum:
                return None
            return _revived(marshal.loads(body))
        except (OSError, ValueError, EOFError, TypeError):
            return None

    def _store(self, name: str, result: Rendered) -> None:
        assert self._cache is not None
        body = marshal.dumps(_plain(result), 4)
        temporary = self._cache / f".{name}.{os.getpid()}"
        with suppress(OSError):  # a cache that cannot be written costs time, nothing else
            self._cache.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(_MAGIC + hashlib.sha256(body).digest() + body)
            temporary.replace(self._cache / name)

    def sweep(self) -> None:
        """Drop the cache entries that this Executor had no use for: called when a build is done."""
        if self._cache is None:
            return
        with suppress(OSError):
            for entry in self._cache.iterdir():
                if entry.name not in self._used:
                    entry.unlink(missing_ok=True)


_forked: list[tuple[Callable[..., Rendered], object, Sequence[object]]] = []


def _forked_call(index: int) -> Rendered:
    function, shared, items = _forked[-1]
    return function(shared, items[index])


def _follow_parent() -> None:
    """A worker whose parent is killed would wait for work for ever: let the kernel end it too (Linux)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _plain(result: Rendered) -> Any:
    files = tuple((file.path, file.data) for file in result.files)
    problems = tuple(
        (
            item.code,
            item.level,
            item.place.path,
            item.place.line,
            item.place.col,
            item.place.text,
            item.message,
            item.hint,
        )
        for item in result.diagnostics
    )
    return (files, problems, result.headers)


def _revived(value: Any) -> Rendered:
    files, problems, headers = value
    return Rendered(
        tuple(OutputFile(str(path), bytes(data)) for path, data in files),
        tuple(
            Diagnostic(code, level, Place(path, line, col, text), message, hint)
            for code, level, path, line, col, text, message, hint in problems
        ),
        headers,
    )


@cache
def code_digest() -> str:
    """Digest of this package's source, of Python's version and of the libraries that shape the output."""
    folder = Path(__file__).parent
    state = hashlib.sha256(sys.version.encode())
    for name in _LIBRARIES:
        state.update(f"{name}={version(name)}\n".encode())
    for path in sorted(folder.rglob("*.py")):
        state.update(path.relative_to(folder).as_posix().encode())
        state.update(path.read_bytes())
    return state.hexdigest()
