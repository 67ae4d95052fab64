"""The only door that writes the site: files stream into a fresh folder, one step makes that folder the site.

    with Staging.open(output, project=project) as staging:
        for file in files:
            staging.write(file)
        staging.commit([manifest_file(Manifest(…, staging.entries))])

What is promised, and how it is kept:

- **Whole old site or whole new one.** Files go to `.dist.staging-<random>` beside `dist` (the same file
  system); `commit` exchanges the two names in one system call: `renameat2(RENAME_EXCHANGE)` on Linux,
  `renamex_np(RENAME_SWAP)` on macOS. `dist` is always a real folder of plain files.
- **Where no exchange exists** (some network file systems): two renames, `dist` → `.dist.old-<random>`, then
  staging → `dist`. Between the two there is no `dist` for an instant; a build killed just there leaves the
  old site whole under the other name, and the next build puts it back first. Never a mixture.
- **Left without `commit`** (a problem, a full disk, Ctrl-C): the staging folder goes, `dist` was not touched.
- **Power cut.** The new files are on disk before the names change, else a journal may keep the new name and
  lose the bytes. One `syncfs` does it; an `fsync` for each file waits for the disk once a file (0.5 s
  against 0.03 s for 1,001 files). Where there is no `syncfs`, each file and folder is synced.
- **The tree before the last is used again** (`spare`): what an exchange gives back is put aside, not removed.
  The next build takes it as its staging folder, where most names lead to the published files already: it
  makes, links and removes only what differs (to make and remove 1,020 folders costs 0.2 s of work, and a
  second of waiting for the disk). A name stays only if it leads to a file that is published and wanted as it
  is; whatever else is there goes before the swap, so nothing in the spare folder is trusted.
- **One build at a time.** `flock` on `.dist.lock`. The kernel frees it when its holder dies, so every
  leftover seen by the holder is an orphan: it is removed when a build starts and when it ends. Forked workers
  do not share the lock.
- **Reproducible.** Modes are 0644 and 0755 whatever the umask. Times are not forged: rsync's quick check and
  the ETags of Apache and nginx are made of size and time; a fixed time would hide a change of equal size.
  A file with the same bytes as before is carried over by a hard link: its time is that of its last change.

POSIX only (`fcntl`). Paths are plain strings where it runs once a file.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import re
import shutil
import stat
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from policysite.core.diagnostics import Diagnostic, Place, ordered, problem
from policysite.core.model import CONFIG, OutputFile, SiteFile, StoredFile
from policysite.publish.manifest import (
    MANIFEST_PATH,
    SIGNATURE_SIZE,
    ManifestEntry,
    entry_of,
    is_manifest,
    path_fault,
)

#: Seconds a build waits for another one on the same output: longer than a build of a usual site takes.
WAIT = 10.0

_FILE_MODE = 0o644
_FOLDER_MODE = 0o755

_OTHER_OUTPUT = "name another folder with --output"


class PublishProblem(Exception):
    """Nothing was published, and why: `diagnostics` (at least one error, in order)."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = ordered(diagnostics)
        super().__init__("; ".join(f"{item.place}: {item.code} {item.message}" for item in self.diagnostics))


class Staging:
    """A site on its way to the output folder. Made by `Staging.open` only; holds no bytes of files."""

    def __init__(self, target: Path, folder: Path, shown: str, older: Older | None = None) -> None:
        self._target = target
        self._folder = folder
        self._shown = shown
        self._older = older or Older(folder, {}, {})
        self._links = True  # whether published files can be linked
        self._entries: dict[str, ManifestEntry] = {}
        self._names: dict[str, str] = {}  # folded path -> path as written, a folder's with a "/" behind it
        self._folders: set[str] = set()  # made so far, each with a "/" behind it
        self._problems: list[Diagnostic] = []
        self._committed = False

    @classmethod
    @contextmanager
    def open(
        cls,
        output: Path,
        *,
        project: Path,
        sources: Iterable[str] = (),
        wait: float = WAIT,
        spare: Path | None = None,
    ) -> Iterator[Staging]:
        """Lock `output`, tidy up after killed builds, and give a fresh staging folder for the `with` block.

        In: the output folder (need not exist; its parents are made), the project's folder, the names of the
        project's folders that a build reads (`output` may not lie in them), the seconds to wait for another
        build, where an older tree may lie and the replaced one may be put (on the same file system; need not
        exist). Leaving the block without `commit` discards everything.
        Errors: PublishProblem with S005 (the folder is not ours to replace), X001 (another build holds it) or
        X002 (the disk says no).
        """
        target, shown = _located(output, project, sources)
        with _disk(shown):
            target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target, shown, wait):
            try:
                with _disk(shown):
                    _tidy(target)
                    _refuse_foreign(target, shown)
                    folder = _beside(target, "staging")
                    older = _taken(spare, folder) if spare else None
                    if older is None:
                        folder.mkdir()
                        folder.chmod(_FOLDER_MODE)
                staging = cls(target, folder, shown, older)
                yield staging
                if spare and staging._links and (staging._committed or older):
                    with suppress(OSError):  # another file system, or another build was first
                        folder.rename(spare)
            finally:
                # Before the swap the staging folder is the unfinished site, after it the old one. Both go.
                _tidy(target)

    @property
    def entries(self) -> tuple[ManifestEntry, ...]:
        """The files written so far, sorted by path."""
        return tuple(sorted(self._entries.values()))

    @property
    def names(self) -> Mapping[str, os.stat_result]:
        """path → status of the files of an older tree that still lie in the staging folder."""
        return self._older.files

    def write(self, file: SiteFile, published: Mapping[str, str] | None = None) -> int:
        """Write one file into the staging folder. Returns its size in bytes.

        published: path → SHA-256 of files that are known to lie in the output folder, unchanged and with no
        other name than one of `names`. A file of an earlier build that is among them is linked (or still is)
        without being read.

        A path that is no output path (P002) or belongs to another file already, also one that differs in case
        only (P001), is kept as a problem which `commit` raises with all others.
        Errors: PublishProblem with X002 when the disk says no; `commit` raises it once more.
        """
        self._open_or_bug()
        path = file.path
        try:
            with _disk(f"{self._shown}/{path}"):
                found = self._claim(path)
                if found is not None:
                    self._problems.append(found)
                    return 0
                old, new = f"{self._target}/{path}", f"{self._folder}/{path}"
                if isinstance(file, StoredFile):
                    entry = ManifestEntry(path, file.sha256, file.size)
                    if (published or {}).get(path) == file.sha256:
                        if not self._older.holds(path, old):
                            self._older.vacate(path)
                            self._links = self._links and _linked(old, new)
                            if not self._links:
                                _put(old, new, file.data)
                    else:
                        self._older.vacate(path)
                        _put(old, new, file.data)
                else:
                    entry = entry_of(file)
                    self._older.vacate(path)
                    _put(old, new, file.data)
        except PublishProblem as error:
            self._problems += error.diagnostics
            raise
        self._entries[path] = entry
        return entry.size

    def commit(self, extra: Iterable[OutputFile] = ()) -> None:
        """Write the last files (the manifest, made from `entries`) and swap: now `output` is the new site.

        When it returns, the new site is in place and survives a power cut. When it raises PublishProblem
        (P001, P002, S005, X002), `output` is as it was. ValueError (a bug): the site has no manifest, and the
        next build could not tell the folder from somebody's own.
        """
        for file in extra:
            self.write(file)
        self._open_or_bug()
        if self._problems:
            raise PublishProblem(self._problems)
        if MANIFEST_PATH not in self._entries:
            raise ValueError(f"a site is published with its manifest ({MANIFEST_PATH})")
        with _disk(self._shown):
            self._older.clear()
            self._settle()
            _refuse_foreign(self._target, self._shown)  # the pages took a while: look again
            _swap(self._folder, self._target)
        self._committed = True
        # The new names reach the disk before the old files leave it. The site is in place: no error counts.
        with suppress(OSError):
            _sync(str(self._target.parent))

    def _open_or_bug(self) -> None:
        if self._committed:
            raise ValueError("the site is published already")

    def _claim(self, path: str) -> Diagnostic | None:
        """Take a path for a file and make its folders; a problem when it cannot be had."""
        if fault := path_fault(path):
            message = f"the output path {path!r} {fault}"  # repr: such a path may spoil a terminal
            hint = "write a relative path such as bn/privacy/index.html"
            return problem("P002", Place(self._shown), message, hint)
        place = Place(f"{self._shown}/{path}")
        folded = _folded(path)
        # A folder with this file is somebody's project. So the site itself may not hold one at its top.
        if folded == CONFIG:
            message = f"a site with {CONFIG} at its top looks like a project, which no build may replace"
            return problem("P002", place, message, "give the file another name, or put it into a folder")
        folder = path[: path.rfind("/") + 1]
        if folder and folder not in self._folders:
            taken = self._make_folders(folder)
            if taken is not None:
                return _clash(place, path, taken)
        taken = self._names.get(folded)
        if taken is not None:
            return _clash(place, path, taken)
        self._names[folded] = path
        return None

    def _make_folders(self, folder: str) -> str | None:
        """Make a folder (`bn/privacy/`) and those above it; the path that stands in the way, if one does."""
        end = folder.find("/")
        while end != -1:
            part = folder[: end + 1]
            taken = self._names.setdefault(_folded(part[:-1]), part)
            if taken != part:
                return taken
            if part not in self._folders:
                if not self._older.holds_folder(part):
                    self._older.vacate(part[:-1])
                    made = self._folder / part
                    made.mkdir()
                    made.chmod(_FOLDER_MODE)
                self._folders.add(part)
            end = folder.find("/", end + 1)
        return None

    def _settle(self) -> None:
        """Return when every byte and name of the staging folder is on disk. Errors: OSError."""
        if _sync_file_system(str(self._folder)):
            return
        for path in (*self._entries, *self._folders, ""):
            _sync(f"{self._folder}/{path}")


# ── the tree before the last ────────────────────────────────────────────────────────────────────


class Older:
    """What is left of an older site in a staging folder, and was not yet taken over or removed.

    files: path → status. folders: path with a "/" behind it, by its folded form without one. Errors: OSError.
    """

    def __init__(self, folder: Path, files: dict[str, os.stat_result], folders: dict[str, str]) -> None:
        self._root = str(folder)
        self.files = files
        self._folders = folders
        #: As the file system may see them: folded path → path.
        self._folded = {_folded(path): path for path in files}

    def holds(self, path: str, published: str) -> bool:
        """Whether a path leads to the published file at that place; then it is taken over."""
        found = self.files.get(path)
        if found is None or not os.path.samestat(found, os.lstat(published)):
            return False
        del self.files[path]
        return True

    def holds_folder(self, path: str) -> bool:
        """Whether there is a folder of exactly this name; then it is taken over."""
        folded = _folded(path[:-1])
        if self._folders.get(folded) != path:
            return False
        del self._folders[folded]
        return True

    def vacate(self, path: str) -> None:
        """Make room for a file or folder: what has its name, or one that differs in case only, goes."""
        if not self._folded and not self._folders:
            return
        folded = _folded(path)
        file, folder = self._folded.get(folded), self._folders.pop(folded, None)
        if file in self.files:
            self._unlink(file)
        elif folder is not None:
            for inner in [inner for inner in self.files if inner.startswith(folder)]:
                self._unlink(inner)
            for inner in [inner for inner in self._folders.values() if inner.startswith(folder)]:
                del self._folders[_folded(inner[:-1])]
            shutil.rmtree(f"{self._root}/{folder}")

    def clear(self) -> None:
        """Remove all that nobody took over."""
        for path in tuple(self.files):
            self._unlink(path)
        for path in sorted(self._folders.values(), key=len, reverse=True):  # inner ones first
            os.rmdir(f"{self._root}/{path}")  # noqa: PTH106 - a plain string
        self._folders.clear()

    def _unlink(self, path: str) -> None:
        del self.files[path]
        os.unlink(f"{self._root}/{path}")  # noqa: PTH108 - a plain string


def _taken(spare: Path, folder: Path) -> Older | None:
    """Move the spare tree to a folder; None where there is none, or one that is not as a build left it: such
    a one (links, other modes, names that differ in case only) is removed. Errors: OSError."""
    try:
        spare.rename(folder)
    except OSError:
        return None
    older = _seen(folder)
    if older is None:
        if folder.is_symlink() or not folder.is_dir():
            folder.unlink()
        else:
            shutil.rmtree(folder)
    return older


def _seen(folder: Path) -> Older | None:
    """Every file and folder below a folder; None where one of them is unusual."""
    files: dict[str, os.stat_result] = {}
    folders: dict[str, str] = {}
    todo = [""]
    try:
        root = folder.lstat()
        if root.st_mode != stat.S_IFDIR | _FOLDER_MODE or root.st_uid != os.geteuid():
            return None
        while todo:
            inner = todo.pop()
            with os.scandir(f"{folder}/{inner}") as entries:
                for entry in entries:
                    path, status = inner + entry.name, entry.stat(follow_symlinks=False)
                    if status.st_dev != root.st_dev:
                        return None
                    if status.st_mode == stat.S_IFDIR | _FOLDER_MODE and status.st_uid == root.st_uid:
                        folders[path + "/"] = path + "/"
                        todo.append(path + "/")
                    elif stat.S_ISREG(status.st_mode):
                        files[path] = status
                    else:
                        return None
    except OSError:
        return None
    by_fold = {_folded(path[:-1]): path for path in folders}
    if len(by_fold) + len({_folded(path) for path in files} - by_fold.keys()) != len(folders) + len(files):
        return None
    return Older(folder, files, by_fold)


# ── files ───────────────────────────────────────────────────────────────────────────────────────


def _carried(old: str, new: str, data: bytes) -> bool:
    """Hard-link the published file to `new` when it holds exactly `data`; whether that was done.

    Bytes are compared, not digests: what the old manifest says may no longer be true. Anything unusual (a
    link, a file that has other names too, another mode or owner, no hard links here) is written anew.
    """
    try:
        descriptor = os.open(old, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        status = os.fstat(descriptor)
        same = (
            status.st_mode == stat.S_IFREG | _FILE_MODE
            and status.st_size == len(data)
            and status.st_nlink == 1
            and os.read(descriptor, len(data) + 1) == data
        )
        if same:
            os.link(old, new)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return same


def _linked(old: str, new: str) -> bool:
    try:
        os.link(old, new, follow_symlinks=False)
    except OSError:
        return False
    return True


def _put(old: str, new: str, data: bytes) -> None:
    if not _carried(old, new, data):
        _write_new(new, data)


def _write_new(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
    try:
        os.fchmod(descriptor, _FILE_MODE)  # the umask took its share from the mode given above
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)


def _folded(path: str) -> str:
    """The path as a file system sees it that knows neither case nor ways to compose a letter."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _clash(place: Place, path: str, taken: str) -> Diagnostic:
    if taken == path:
        message = f"two files are written to “{path}”"
    elif taken.endswith("/") or path.startswith(f"{taken}/"):
        message = f"“{path}” needs a name that “{taken}” has already"
    else:
        message = f"“{path}” and “{taken}” are one file where case does not count"
    return problem("P001", place, message, "give one of the two another slug or file name")


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# ── system calls that Python does not have ──────────────────────────────────────────────────────

#: renameat2's number where the C library has no function of that name (glibc before 2.28, musl).
_RENAMEAT2 = {
    "x86_64": 316,
    "aarch64": 276,
    "armv7l": 382,
    "i686": 353,
    "ppc64le": 357,
    "riscv64": 276,
    "s390x": 347,
}
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # Linux
_RENAME_SWAP = 2  # macOS

#: What a system answers that cannot exchange: no such call, no such flag here, a sandbox that forbids it.
#: A permission that is really missing shows again in the plain renames.
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM})


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two names in one atomic step; False where no such step exists. Errors: OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    one, two = os.fsencode(first), os.fsencode(second)
    if sys.platform == "darwin":
        if not hasattr(library, "renamex_np"):
            return False
        result = library.renamex_np(one, two, ctypes.c_uint(_RENAME_SWAP))
    elif hasattr(library, "renameat2"):
        result = library.renameat2(_AT_FDCWD, one, _AT_FDCWD, two, ctypes.c_uint(_RENAME_EXCHANGE))
    elif sys.platform == "linux" and os.uname().machine in _RENAMEAT2:
        number = ctypes.c_long(_RENAMEAT2[os.uname().machine])
        here, flag = ctypes.c_long(_AT_FDCWD), ctypes.c_ulong(_RENAME_EXCHANGE)
        result = library.syscall(number, here, ctypes.c_char_p(one), here, ctypes.c_char_p(two), flag)
    else:
        return False
    if result == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(second))


def _sync_file_system(path: str) -> bool:
    """Write all that waits for this file system. False where there is no such call. Errors: OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "syncfs"):
        return False
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if library.syncfs(descriptor) == 0:
            return True
    finally:
        os.close(descriptor)
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), path)


# ── the swap and what killed builds leave ───────────────────────────────────────────────────────


def _swap(fresh: Path, target: Path) -> None:
    """Make `fresh` the target; afterwards the name `fresh` holds the old tree, if there was one.

    Errors: OSError, with the target as it was or (plain renames only) waiting for `_tidy`.
    """
    if not os.path.lexists(target):
        fresh.rename(target)
    elif not _exchange(fresh, target):
        old = _beside(target, "old")
        target.rename(old)
        fresh.rename(target)
        with suppress(OSError):  # the site is in place; `_tidy` finds the old one under either name
            old.rename(fresh)


def _tidy(target: Path) -> None:
    """Put back a site whose swap was cut short, remove what killed builds left. Only under the lock."""
    for old in _leftovers(target, "old"):
        with suppress(OSError):
            # The old tree is removed under a staging name: what bears the name `old` is always whole.
            old.rename(_beside(target, "staging") if os.path.lexists(target) else target)
    for folder in _leftovers(target, "staging"):
        # What cannot be removed now is tried again by the next build, and stands in nobody's way.
        shutil.rmtree(folder, ignore_errors=True)


def _beside(target: Path, role: str) -> Path:
    return target.with_name(f".{target.name}.{role}-{os.urandom(8).hex()}")


def _leftovers(target: Path, role: str) -> list[Path]:
    ours = re.compile(re.escape(f".{target.name}.{role}-") + "[0-9a-f]{16}")
    with suppress(OSError), os.scandir(target.parent) as found:
        return sorted(
            Path(item.path)
            for item in found
            if ours.fullmatch(item.name) and item.is_dir(follow_symlinks=False)
        )
    return []


@contextmanager
def _locked(target: Path, shown: str, wait: float) -> Iterator[None]:
    """Hold `.dist.lock` for the `with` block. Errors: PublishProblem with X001 or X002."""
    path = target.with_name(f".{target.name}.lock")
    deadline = time.monotonic() + wait
    while True:
        with _disk(shown):
            descriptor = _try_lock(path)
        if descriptor is not None:
            break
        if time.monotonic() >= deadline:
            message = f"another build is writing {shown} (waited {wait:g} s)"
            hint = "let it finish and try again, or stop it; a build that was killed holds nothing"
            raise PublishProblem([problem("X001", Place(shown), message, hint)])
        time.sleep(0.02)
    _held.add(descriptor)
    try:
        yield
    finally:
        # Its holder removes the file, so nothing is left beside the site; see `_try_lock` for those who wait.
        with suppress(OSError):
            path.unlink()
        _held.discard(descriptor)
        os.close(descriptor)


#: The locks of this process. Module state, because a fork gives no other hint: a forked worker shares the
#: open file, and one that outlives a killed build (workers of a process pool do) would keep its lock.
_held: set[int] = set()


def _let_go() -> None:
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_let_go)


def _try_lock(path: Path) -> int | None:
    """The open, locked file, or None while somebody else holds it. Errors: OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, _FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # A lock on a file that its last holder removed meanwhile keeps nobody out: only the named one counts.
        if os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False)):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


# ── what may be replaced ────────────────────────────────────────────────────────────────────────


def _located(output: Path, project: Path, sources: Iterable[str]) -> tuple[Path, str]:
    """The output folder's real place and its name for people, once it is sure that a site may go there.

    Errors: PublishProblem with S005.
    """
    shown = str(output)
    try:
        root = project.resolve()
        plain = output.name not in ("", "..")
        target = output.parent.resolve() / output.name if plain else output.resolve()
        if target.is_relative_to(root) and target != root:
            shown = target.relative_to(root).as_posix()
        if target.is_symlink():
            real = target.resolve()
            raise _refusal(shown, "is a symbolic link", f"name the folder it leads to: --output {real}")
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
        raise _refusal(shown, f"cannot be found: {error}", _OTHER_OUTPUT) from error
    if target == target.parent:
        raise _refusal(shown, "is the root of the file system", _OTHER_OUTPUT)
    if _holds(target, root):
        raise _refusal(shown, f"is or holds the project ({root})", _OTHER_OUTPUT)
    with suppress(RuntimeError):  # a user without a home
        if _holds(target, Path.home().resolve()):
            raise _refusal(shown, "is or holds a home folder", _OTHER_OUTPUT)
    for name in sources:
        folder = root / name
        if _holds(target, folder) or _holds(folder, target):
            raise _refusal(shown, f"lies where the project keeps its sources ({name})", _OTHER_OUTPUT)
    return target, shown


def _holds(outer: Path, inner: Path) -> bool:
    """Whether `inner` is `outer` or lies in it, also where names differ by case only or a folder has two."""
    for folder in (inner, *inner.parents):
        if folder == outer:
            return True
        with suppress(OSError):
            if outer.samefile(folder):
                return True
    return False


def _refuse_foreign(target: Path, shown: str) -> None:
    """Errors: OSError; PublishProblem (S005) unless the target is missing, empty or a site of ours."""
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(mode):
        raise _refusal(shown, "is not a folder", _OTHER_OUTPUT)
    with os.scandir(target) as found:
        if next(found, None) is None:
            return
    if os.path.lexists(target / CONFIG):
        raise _refusal(shown, f"holds a project ({CONFIG})", _OTHER_OUTPUT)
    manifest = target / MANIFEST_PATH
    if not manifest.is_file():
        wrong = f"is not empty and was not made by policysite (no {MANIFEST_PATH})"
    else:
        with manifest.open("rb") as file:
            if is_manifest(file.read(SIGNATURE_SIZE)):
                return
        wrong = f"is not empty and its {MANIFEST_PATH} is not by policysite"
    raise _refusal(shown, wrong, f"{_OTHER_OUTPUT}, or empty this one if you need nothing in it")


def _refusal(shown: str, wrong: str, hint: str) -> PublishProblem:
    return PublishProblem([problem("S005", Place(shown), f"the output folder {wrong}", hint)])


# ── when the disk says no ───────────────────────────────────────────────────────────────────────

_FULL = "free some space and build again; what was published is untouched"
_DENIED = "give write permission on the output folder and on the folder that holds it, or use --output"
_FIXED = "the output folder cannot be renamed (a mount, or part of an image): name a folder inside it"

_CURES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: "the file system is read-only: name another folder with --output",
    errno.EBUSY: _FIXED,
    errno.EXDEV: _FIXED,
    errno.ENAMETOOLONG: "give the page or file a shorter name",
}


@contextmanager
def _disk(shown: str) -> Iterator[None]:
    """Turn an OSError of the `with` block into PublishProblem with X002 at the path shown."""
    try:
        yield
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        cure = _CURES.get(
            error.errno or 0, "see to the disk and build again; what was published is untouched"
        )
        raise PublishProblem([problem("X002", Place(shown), message, cure)]) from error
