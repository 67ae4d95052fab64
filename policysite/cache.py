"""What earlier builds gave, in `.policysite-cache`. It changes how long a build takes, never what it gives.

Files and two folders: `state` (which files were there, with digests, and what was published), `steps` (the
result of every step of the pipeline, under the digest of all it saw), `pages/` (the bytes of pages), `spare/`
(the tree before the last, of which `publish.writer` trusts nothing). Every other file begins with a magic
number and the SHA-256 of the rest: what is truncated, half written, damaged or of another version is as good
as not there. Files are replaced in one step, so two builds at once cost only time.

A file counts as unchanged without being read when its size, inode and times are those of the day it was
read, and it was read a moment after its last change at the earliest: what changes within one tick of the file
system's clock leaves no mark (git calls such an entry racy).
"""

from __future__ import annotations

import hashlib
import marshal
import os
import stat
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from policysite.core.diagnostics import Diagnostic, Place
from policysite.core.digest import digest
from policysite.core.model import Rendered, StoredFile
from policysite.core.plain import Codec
from policysite.reasons import History

#: In a project's folder, and in that one: where `publish.writer` puts the tree before the last.
CACHE_FOLDER, SPARE = ".policysite-cache", "spare"

#: What lies in it; anything else there is of an older version, or of a build that was killed.
_FILES = frozenset({"state", "steps", "last", "pages", "clock", SPARE})

#: Libraries that shape results, as their folders begin.
_LIBRARIES = (
    *("jinja2-", "markdown-", "babel-", "markupsafe-", "regex-", "brotli-", "pyyaml-", "rjsmin-", "rcssmin-"),
    *("jsonschema-", "jsonschema_specifications-", "referencing-", "rpds_py-", "attrs-"),
)

_MAGIC = b"policysite-cache-2\n"
_HASH = 32

#: Nanoseconds after which a change shows in the time of a file: some ticks of a kernel of 100 Hz, and two
#: seconds where times are so round that the file system keeps no finer ones (FAT).
_FINE, _COARSE = 40_000_000, 2_100_000_000

#: Bytes of sources that a build holds: all of a usual site, of a large one a small part.
ROOM = 32_000_000

Kept = TypeVar("Kept")

#: Size, inode, device, time of the content, time of the entry.
Stamp = tuple[int, int, int, int, int]


class StaleCache(Exception):
    """What the cache promised is gone or damaged; a build without the cache gives the same."""


def stamp_of(status: os.stat_result) -> Stamp:
    """What tells one state of a file from another without reading it."""
    return (status.st_size, status.st_ino, status.st_dev, status.st_mtime_ns, status.st_ctime_ns)


def settled(changed: int, seen: int) -> bool:
    """Whether a file that last changed at one time and was read at another could not have been changed since
    without a mark (both in nanoseconds)."""
    return seen - changed >= (_COARSE if changed % 1_000_000 == 0 else _FINE)


# ── files of the cache ──────────────────────────────────────────────────────────────────────────


def read_kept(path: Path) -> Any:
    """The value in a file of the cache; None when it is not there or not whole."""
    try:
        raw = path.read_bytes()
        start = len(_MAGIC) + _HASH
        if not raw.startswith(_MAGIC) or hashlib.sha256(raw[start:]).digest() != raw[len(_MAGIC) : start]:
            return None
        return marshal.loads(memoryview(raw)[start:])
    except (OSError, ValueError, EOFError, TypeError):
        return None


def write_kept(path: Path, value: Any) -> bool:
    """Replace a file of the cache in one step; whether it could be done (a full disk costs time only)."""
    body = marshal.dumps(value, 4)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(_MAGIC + hashlib.sha256(body).digest() + body)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        return False
    return True


# ── which files are as they were ────────────────────────────────────────────────────────────────


class Seen(Struct, frozen=True):
    """A file as it was read. seen: when, by the clock of the file system. parts: see `parts_of`."""

    stamp: Stamp
    seen: int
    sha256: str
    parts: bytes = b""


def parts_of(data: bytes) -> bytes:
    """Four bytes for each block of a text file (blocks are parted by empty lines): enough to say how many of
    them another version of the file changed, and never used for more."""
    return array("I", map(zlib.crc32, data.split(b"\n\n"))).tobytes()


def parts_changed(before: bytes, after: bytes) -> tuple[int, int]:
    """(how many blocks are new or other, how many there are)."""
    rows = [Counter(row[index : index + 4] for index in range(0, len(row), 4)) for row in (before, after)]
    gone, new = rows[0] - rows[1], rows[1] - rows[0]
    return max(gone.total(), new.total()), rows[1].total()


class Ledger:
    """Digests of files, from what is known of them or from their bytes.

    known: path on this machine → Seen, of earlier builds. clock: see `clock_of`. room: how many bytes of
    files are held at most; what does not fit is read again by whoever needs it (some 40 µs a file).
    """

    def __init__(self, known: Mapping[str, Seen], clock: tuple[int, int], room: float = ROOM) -> None:
        self._known = known
        self._room = room
        self._now, self._device = clock
        self.seen: dict[str, Seen] = {}
        self.read: dict[str, bytes] = {}
        self.changed = False

    def digest(self, file: str, keep: bool = True) -> str:
        """SHA-256 (hex) of a file. keep: the bytes stay in `read` if they had to be read and
        there is room. Errors: OSError."""
        stamp = stamp_of(os.stat(file))  # noqa: PTH116 - once a file
        known = self._known.get(file)
        if known is None or known.stamp != stamp or not settled(max(stamp[3:]), known.seen):
            known = self.look(file, keep, known)
            self.changed = True
        self.seen[file] = known
        return known.sha256

    def look(self, file: str, keep: bool = True, known: Seen | None = None) -> Seen:
        """A file as it is now. keep, and errors: as for `digest`."""
        with open(file, "rb") as stream:  # noqa: PTH123 - once a file
            stamp = stamp_of(os.fstat(stream.fileno()))
            data = stream.read()
            written = stamp_of(os.fstat(stream.fileno())) != stamp
        # Written to while it was read, or another clock than ours: look again the next time.
        now = 0 if written or stamp[2] != self._device else self._now
        if keep and len(data) <= self._room:
            self._room -= len(data)
            self.read[file] = data
        sha256 = hashlib.sha256(data).hexdigest()
        parts = known.parts if known and known.sha256 == sha256 else parts_of(data) if keep else b""
        return Seen(stamp, now, sha256, parts)


def ledger_rows(seen: Mapping[str, Seen]) -> list[Any]:
    """A ledger's entries for `write_kept`."""
    return [(file, one.stamp, one.seen, one.sha256, one.parts) for file, one in seen.items()]


def ledger_of(rows: Any) -> dict[str, Seen]:
    """What `ledger_rows` gave."""
    return {file: Seen(stamp, seen, sha256, parts) for file, stamp, seen, sha256, parts in rows}


class SourceFiles(Mapping[str, bytes]):
    """The sources of a build as {path: bytes}, each read when it is asked for.

    files: path → path on this machine. digests: path → SHA-256. Raises StaleCache for a file that is no
    longer what its digest says: somebody saved it while the build ran.
    """

    def __init__(
        self, files: Mapping[str, str], digests: Mapping[str, str], read: Mapping[str, bytes]
    ) -> None:
        self._files = files
        self.digests = digests
        self._read = read

    def __getitem__(self, path: str) -> bytes:
        file = self._files[path]
        if file in self._read:
            return self._read[file]
        try:
            with open(file, "rb") as stream:  # noqa: PTH123 - once a file
                data = stream.read()
        except OSError as error:
            raise StaleCache(path) from error
        if hashlib.sha256(data).hexdigest() != self.digests[path]:
            raise StaleCache(path)
        return data

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)

    def __len__(self) -> int:
        return len(self.digests)


# ── steps ───────────────────────────────────────────────────────────────────────────────────────


class Entry:
    """A step's result. inputs: name → digest, as they are now; before: as they were when the result was
    another one. value: plain, or (with live) as the pipeline has it; then plain, if it was read from the
    disk, is what it was there."""

    __slots__ = ("before", "inputs", "key", "live", "plain", "value")

    def __init__(
        self,
        key: str,
        inputs: Mapping[str, str],
        before: Mapping[str, str] | None,
        value: Any,
        live: bool = False,
    ) -> None:
        self.key, self.inputs, self.before, self.value, self.live = key, inputs, before, value, live
        self.plain: Any = None


class Tally:
    """What a build did: pages reused (names of steps), steps made."""

    def __init__(self) -> None:
        self.reused: list[str] = []
        self.made: list[str] = []


class Cache:
    """A Keeper (see `pipeline.Keeper`) with a memory. folder: None keeps everything in this process.

    digests: source path → SHA-256. code: digest of all that is no input but decides (`code_digest`).
    """

    def __init__(self, folder: Path | None, codec: Codec, code: str) -> None:
        self._folder = folder
        self._codec = codec
        self._code = code
        self._digests: Mapping[str, str] = {}
        self._old: dict[str, Entry] = {}
        self._new: dict[str, Entry] = {}
        #: id of a value → the value and its digest, of this build; frozen ones of the build before.
        self._groups: dict[int, tuple[Any, str]] = {}
        self._old_groups: dict[int, tuple[Any, str]] = {}
        self._details: dict[str, dict[str, str]] = {}
        self._old_details: dict[str, dict[str, str]] = {}
        self.tally = Tally()
        #: Whether what lies in the folder is of other code.
        self.foreign = False
        if folder is not None:
            self._load(folder)

    def begin(self, digests: Mapping[str, str]) -> None:
        """Start a build of these sources (path → SHA-256)."""
        self._new, self._details, self._groups = {}, {}, {}
        self._digests = digests
        self.tally = Tally()

    def file(self, path: str) -> str:
        """Digest of a source file."""
        return self._digests[path]

    def kept(self, step: str, inputs: Mapping[str, object], make: Callable[[], Kept]) -> Kept:
        """What `make` returns, from the last build if that saw the same."""
        return self.several([(step, inputs)], lambda _: iter([make()]))[0]

    def several(
        self,
        steps: Sequence[tuple[str, Mapping[str, object]]],
        run: Callable[[Sequence[int]], Iterator[Kept]],
    ) -> list[Kept]:
        """The result of each step, from the last build if that saw the same.

        run: makes those with the given numbers, in their order.
        """
        found = [self._revived(step, inputs) for step, inputs in steps]
        missing = [index for index, one in enumerate(found) if one is None]
        if missing:
            for index, value in zip(missing, run(missing), strict=True):
                step, inputs = steps[index]
                found[index] = self._made(step, self._shown(inputs), value, live=True)
        return [one.value for one in found if one is not None]

    def _revived(self, step: str, inputs: Mapping[str, object]) -> Entry | None:
        entry = self._same(step, inputs)
        if entry is not None and not entry.live:
            try:
                entry.value, entry.plain, entry.live = self._codec.revived(entry.value), entry.value, True
            except (TypeError, ValueError, KeyError, IndexError):
                return None
        return entry

    def pages(
        self,
        steps: Sequence[tuple[str, Mapping[str, object]]],
        run: Callable[[Sequence[int]], Iterator[Rendered]],
    ) -> Iterator[Rendered]:
        """The files of each step, in order: those of the last build where it saw the same.

        run: makes those with the given numbers, in their order.
        """
        found = [self._stored(step, inputs) for step, inputs in steps]
        missing = [index for index, one in enumerate(found) if one is None]
        fresh = run(missing) if missing else iter(())
        for (step, inputs), one in zip(steps, found, strict=True):
            if one is not None:
                self.tally.reused.append(step)
                yield one
            else:
                rendered = next(fresh)
                self._store(step, self._shown(inputs), rendered)
                yield rendered

    # ── keys ──

    def _same(self, step: str, inputs: Mapping[str, object]) -> Entry | None:
        """The entry of the last build for these inputs."""
        entry = self._old.get(step)
        if entry is None or entry.inputs != self._shown(inputs):
            return None
        self._new[step] = entry
        return entry

    def _made(self, step: str, shown: Mapping[str, str], value: Any, live: bool) -> Entry:
        old = self._old.get(step)
        entry = Entry(self._key(step, shown), shown, old.inputs if old else None, value, live)
        self._new[step] = entry
        self.tally.made.append(step)
        return entry

    def _key(self, step: str, shown: Mapping[str, str]) -> str:
        rows = "\n".join(f"{name}\t{value}" for name, value in sorted(shown.items()))
        return hashlib.sha256(f"{self._code}\n{step}\n{rows}".encode("utf-8", "surrogatepass")).hexdigest()

    def _shown(self, inputs: Mapping[str, object]) -> dict[str, str]:
        return {name: value if type(value) is str else self._digest(value) for name, value in inputs.items()}

    def _digest(self, value: object) -> str:
        """A text stands for itself (a digest, mostly); a group of inputs is taken apart once a build."""
        if isinstance(value, str):
            return value
        # The value is held, so that its id stays its own.
        known = self._groups.get(id(value))
        if known is None:
            if isinstance(value, Mapping):
                known = value, self._group(value)
            else:
                known = self._old_groups.get(id(value)) or (value, digest(value))
            self._groups[id(value)] = known
        return known[1]

    def _group(self, value: Mapping[str, object]) -> str:
        shown = {str(name): self._digest(item) for name, item in value.items()}
        found = digest(tuple(sorted(shown.items())))
        self._details[found] = shown
        return found

    # ── pages ──

    def _stored(self, step: str, inputs: Mapping[str, object]) -> Rendered | None:
        entry = self._same(step, inputs)
        if entry is None or entry.live:
            return entry.value if entry else None
        try:
            files, problems, headers = entry.value
            name = entry.key
            if not files or self._page_file(name).is_file():
                return Rendered(
                    tuple(
                        StoredFile(path, sha256, size, _Loader(self, name, index))
                        for index, (path, sha256, size) in enumerate(files)
                    ),
                    tuple(problem_of(row) for row in problems),
                    headers,
                )
        except (TypeError, ValueError):
            pass
        del self._new[step]
        return None

    def _store(self, step: str, shown: Mapping[str, str], rendered: Rendered) -> None:
        if self._folder is None:
            self._made(step, shown, rendered, live=True)
            return
        files = [
            (file.path, hashlib.sha256(file.data).hexdigest(), len(file.data)) for file in rendered.files
        ]
        problems = [problem_row(item) for item in rendered.diagnostics]
        entry = self._made(step, shown, (files, problems, rendered.headers), live=False)
        if files and not write_kept(self._page_file(entry.key), [file.data for file in rendered.files]):
            del self._new[step]

    def _page_file(self, name: str) -> Path:
        assert self._folder is not None
        return self._folder / "pages" / name

    def data(self, name: str, index: int) -> bytes:
        """The bytes of a page. Errors: StaleCache."""
        value = read_kept(self._page_file(name))
        if not isinstance(value, list) or index >= len(value) or not isinstance(value[index], bytes):
            with suppress(OSError):
                self._page_file(name).unlink()
            raise StaleCache(name)
        data: bytes = value[index]
        return data

    # ── disk ──

    def _load(self, folder: Path) -> None:
        found = read_kept(folder / "steps")
        try:
            version, steps, details = found
            if version == self._code:
                self._old = {
                    step: Entry(key, inputs, before, value) for step, key, inputs, before, value in steps
                }
                self._old_details = details
            else:
                self.foreign = True
        except (TypeError, ValueError):
            self._old = {}

    def end(self, complete: bool) -> None:
        """Keep what this build gave. complete: it went to its end, so what it had no use for goes."""
        steps = self._new if complete else {**self._old, **self._new}
        changed = bool(self.tally.made) or steps.keys() != self._old.keys()
        wanted = {
            name
            for entry in steps.values()
            for group in (entry.inputs, entry.before or {})
            for name in group.values()
        }
        known = {**self._old_details, **self._details}
        self._old, self._old_details = steps, {}
        while wanted := wanted & known.keys() - self._old_details.keys():  # groups hold groups
            self._old_details |= {name: known[name] for name in wanted}
            wanted = {inner for name in wanted for inner in known[name].values()}
        frozen = {key: row for key, row in self._groups.items() if isinstance(row[0], tuple | Struct)}
        self._groups, self._old_groups = {}, frozen
        if self._folder is None or not changed:
            return
        rows = [(step, one.key, one.inputs, one.before, self._plain(one)) for step, one in steps.items()]
        if write_kept(self._folder / "steps", (self._code, rows, self._old_details)) and complete:
            self._sweep({entry.key for entry in steps.values()})

    def _plain(self, one: Entry) -> Any:
        if not one.live:
            return one.value
        return self._codec.plain(one.value) if one.plain is None else one.plain

    def note(self, outcome: str, parts: Mapping[str, tuple[int, int]]) -> None:
        """Keep what `explain` tells of this build. parts: see `reasons.History`."""
        if self._folder is not None:
            write_last(self._folder, outcome, self.tally.made, self.foreign, parts)

    def _sweep(self, used: Collection[str]) -> None:
        assert self._folder is not None
        for folder, wanted in ((self._folder / "pages", used), (self._folder, _FILES)):
            with suppress(OSError), os.scandir(folder) as found:
                for entry in found:
                    if entry.name not in wanted:
                        with suppress(OSError):
                            Path(entry.path).unlink()


def write_last(
    folder: Path,
    outcome: str,
    made: Sequence[str] = (),
    foreign: bool = False,
    parts: Mapping[str, tuple[int, int]] | None = None,
) -> None:
    """Keep how the last build went: outcome and parts as in `reasons.History`."""
    write_kept(folder / "last", (outcome, list(made), foreign, dict(parts or {})))


def read_history(folder: Path) -> History | None:
    """What the cache in a folder says of the last build; None where it says nothing."""
    try:
        _, rows, details = read_kept(folder / "steps")
        outcome, made, foreign, parts = read_kept(folder / "last")
        steps = {step: (inputs, before, value) for step, _, inputs, before, value in rows}
        return History(steps, details, frozenset(made), outcome, foreign, parts)
    except (TypeError, ValueError):
        return None


class _Loader(Struct, frozen=True):
    """`StoredFile.load`."""

    cache: Cache
    name: str
    index: int

    def __call__(self) -> bytes:
        return self.cache.data(self.name, self.index)


def problem_row(item: Diagnostic) -> tuple[Any, ...]:
    """A diagnostic for `write_kept`."""
    place = item.place
    return (item.code, item.level, place.path, place.line, place.col, place.text, item.message, item.hint)


def problem_of(row: Any) -> Diagnostic:
    """What `problem_row` was given."""
    code, level, path, line, col, text, message, hint = row
    return Diagnostic(code, level, Place(path, line, col, text), message, hint)


# ── what is no input but decides ────────────────────────────────────────────────────────────────


def code_digest(ledger: Ledger) -> str:
    """Digest of this package (code and word lists), of Python and of the libraries that shape results.

    Installed packages carry their version in the name of a folder beside them (`jinja2-3.1.6.dist-info`).
    """
    state = hashlib.sha256(sys.version.encode())
    root = str(Path(__file__).parent)
    for file in sorted(_package_files(root)):
        state.update(f"{file[len(root) :]}\t{ledger.digest(file, keep=False)}\n".encode())
    for folder in sys.path:
        with suppress(OSError):
            names = os.listdir(folder or ".")  # noqa: PTH208 - names are all it takes
            found = [name.lower() for name in names if name.endswith(".dist-info")]
            state.update("\n".join(sorted(name for name in found if name.startswith(_LIBRARIES))).encode())
    return state.hexdigest()


def _package_files(folder: str) -> Iterator[str]:
    for entry in os.scandir(folder):
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _package_files(entry.path)
        elif entry.is_file() and not entry.name.endswith(".pyc"):
            yield entry.path


def clock_of(folder: Path) -> tuple[int, int]:
    """(nanoseconds, device) by the clock that stamps files in this folder; not always this machine's.

    (0, 0) where nothing can be written, so that no stamp is trusted.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "clock"
        file.write_bytes(b"")
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_dev


# ── what was published ──────────────────────────────────────────────────────────────────────────


def look_at(folder: str) -> dict[str, os.stat_result] | None:
    """Every plain file below a folder with its status; None when there is anything else, or nothing."""
    found: dict[str, os.stat_result] = {}
    todo = [("", folder)]
    try:
        while todo:
            inner, path = todo.pop()
            with os.scandir(path) as entries:
                empty = True
                for entry in entries:
                    empty = False
                    if entry.is_dir(follow_symlinks=False):
                        todo.append((f"{inner}{entry.name}/", entry.path))
                        continue
                    status = entry.stat(follow_symlinks=False)
                    if not stat.S_ISREG(status.st_mode):
                        return None
                    found[inner + entry.name] = status
                if empty:
                    return None
    except OSError:
        return None
    return found
