"""The writer: what it writes, what it refuses, and that nothing published is ever lost."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import os
import shutil
import stat
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from policysite.core.diagnostics import Diagnostic
from policysite.core.model import OutputFile, StoredFile
from policysite.publish import writer
from policysite.publish.manifest import MANIFEST_PATH, ManifestEntry
from policysite.publish.writer import PublishProblem, Staging
from tests.publish.sites import expected, finish, matches_manifest, publish, site, tree

A, B = site("a", 12), site("b", 12)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "content").mkdir(parents=True)
    (folder / "config.yaml").write_text("site:\n")
    return folder


@pytest.fixture
def output(project: Path) -> Path:
    """A folder with nothing else beside it, so that whatever a build leaves shows."""
    return project / "public" / "dist"


@pytest.fixture
def renames(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without an exchange."""
    monkeypatch.setattr(writer, "_exchange", lambda first, second: False)


def problems(call: Callable[[], object]) -> tuple[Diagnostic, ...]:
    with pytest.raises(PublishProblem) as caught:
        call()
    found = caught.value.diagnostics
    assert found
    assert all(item.level == "error" and item.message and item.hint for item in found)
    return found


def only(call: Callable[[], object], code: str) -> Diagnostic:
    (found,) = problems(call)
    assert found.code == code
    return found


def beside(output: Path) -> list[str]:
    return sorted(path.name for path in output.parent.iterdir())


def untouched(output: Path) -> None:
    """Site a stands as it was, and nothing beside it."""
    assert tree(output) == expected(A)
    assert beside(output) == ["dist"]


# ── what is written ─────────────────────────────────────────────────────────────────────────────


def test_first_publish_makes_the_folder_and_its_parents(output: Path, project: Path) -> None:
    publish(output, project, A)
    untouched(output)
    assert matches_manifest(tree(output))


def test_next_publish_replaces_all(output: Path, project: Path) -> None:
    publish(output, project, A)
    publish(output, project, B)
    assert tree(output) == expected(B)
    assert beside(output) == ["dist"]


@pytest.mark.usefixtures("renames")
def test_next_publish_without_an_exchange(output: Path, project: Path) -> None:
    publish(output, project, B)
    publish(output, project, A)
    untouched(output)


def test_an_empty_folder_may_be_the_output(output: Path, project: Path) -> None:
    output.mkdir(parents=True)
    publish(output, project, A)
    untouched(output)


def test_output_relative_to_the_current_folder(
    output: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output.mkdir(parents=True)
    monkeypatch.chdir(output)
    publish(Path("../dist"), project, A)
    untouched(output)
    monkeypatch.chdir(output)  # the folder of that name is another one now
    publish(Path(), project, B)
    assert tree(output) == expected(B)


def test_a_link_above_the_output_is_followed(output: Path, project: Path, tmp_path: Path) -> None:
    output.parent.mkdir()
    (tmp_path / "link").symlink_to(output.parent)
    publish(tmp_path / "link" / "dist", project, A)
    untouched(output)


def test_entries_are_sorted_and_leave_out_what_failed(output: Path, project: Path) -> None:
    with Staging.open(output, project=project) as staging:
        staging.write(OutputFile("b", b""))
        staging.write(OutputFile("a", b"abc"))
        staging.write(OutputFile("a", b"x"))
        first, second = staging.entries
    assert first == ManifestEntry("a", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3)
    assert (second.path, second.size) == ("b", 0)


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_modes_do_not_depend_on_the_umask(output: Path, project: Path, umask: int) -> None:
    output.parent.mkdir()
    before = os.umask(umask)
    try:
        publish(output, project, A)
    finally:
        os.umask(before)
    for path in (output, *output.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o644), path


def test_short_writes_are_continued(output: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    publish(output, project, A)
    monkeypatch.undo()
    untouched(output)


def test_memory_does_not_grow_with_the_site(output: Path, project: Path) -> None:
    size = 1_000_000

    def files() -> Iterator[OutputFile]:
        return (OutputFile(f"{number}.bin", bytes([number]) * size) for number in range(20))

    for _ in range(2):  # the second time every file is compared with its old self
        tracemalloc.start()
        with Staging.open(output, project=project) as staging:
            for file in files():
                staging.write(file)
            staging.commit([finish(staging.entries)])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 6 * size


def test_a_file_as_before_keeps_its_time_and_a_changed_one_does_not(output: Path, project: Path) -> None:
    publish(output, project, A)
    for path in output.rglob("*"):
        os.utime(path, (1, 1))
    publish(output, project, B)
    assert (output / "same.css").stat().st_mtime == 1
    assert (output / "same.css").stat().st_nlink == 1
    assert (output / "marker").stat().st_mtime != 1


def test_only_plain_unshared_files_are_carried_over(output: Path, project: Path, tmp_path: Path) -> None:
    files = tuple(OutputFile(f"{number}", b"text") for number in range(5))
    publish(output, project, files)
    outside = tmp_path / "outside"
    outside.write_bytes(b"text")
    (output / "0").unlink()
    (tmp_path / "alone").write_bytes(b"text")
    (output / "0").symlink_to(tmp_path / "alone")
    (output / "1").unlink()
    os.link(outside, output / "1")
    (output / "2").unlink()
    os.mkfifo(output / "2", 0o644)
    (output / "3").chmod(0o600)
    (output / "4").write_bytes(b"tExt")
    publish(output, project, files)
    assert tree(output) == expected(files)
    assert all(path.stat().st_nlink == 1 for path in output.iterdir())
    assert outside.stat().st_nlink == 1
    assert stat.S_IMODE((output / "3").stat().st_mode) == 0o644


def test_without_hard_links_files_are_written_anew(
    output: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    publish(output, project, A)
    monkeypatch.setattr(os, "link", refuse)
    publish(output, project, A)
    untouched(output)


@pytest.mark.parametrize("name", ["_sync_file_system", "_exchange"])
def test_where_the_system_lacks_a_call(
    output: Path, project: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    class OldLibrary:
        def __init__(self, *_: object, **__: object) -> None: ...

    publish(output, project, B)
    monkeypatch.setattr(ctypes, "CDLL", OldLibrary)
    monkeypatch.setattr(writer, "_RENAMEAT2", {})
    assert getattr(writer, name)(*[output] * (2 if name == "_exchange" else 1)) is False
    publish(output, project, A)
    untouched(output)


def test_each_file_and_folder_is_synced_where_there_is_no_syncfs(
    output: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr(writer, "_sync_file_system", lambda path: False)
    monkeypatch.setattr(writer, "_sync", lambda path: synced.append(path))
    publish(output, project, A)
    below = {path.split(".staging-", 1)[1][17:].rstrip("/") for path in synced if ".staging-" in path}
    assert below == {"", *(path.relative_to(output).as_posix() for path in output.rglob("*"))}
    assert synced[-1] == str(output.parent)


def test_renameat2_by_number(output: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of a C library without the function reaches the same system call."""
    if os.uname().sysname != "Linux" or os.uname().machine not in writer._RENAMEAT2:
        pytest.skip("Linux only")
    library = ctypes.CDLL(None, use_errno=True)

    class OldLibrary:
        def __init__(self, *_: object, **__: object) -> None:
            self.syscall = library.syscall

    one, two = output.parent / "one", output.parent / "two"
    for folder in (one, two):
        folder.mkdir(parents=True)
        (folder / folder.name).touch()
    whether = writer._exchange(one, two)
    monkeypatch.setattr(ctypes, "CDLL", OldLibrary)
    assert writer._exchange(one, two) is whether
    assert [path.name for path in one.iterdir()] == ["one"]  # there and back
    with pytest.raises(FileNotFoundError):
        writer._exchange(one, output.parent / "nothing")


# ── leaving without commit ──────────────────────────────────────────────────────────────────────


def test_leaving_without_commit_discards(output: Path, project: Path) -> None:
    publish(output, project, A)
    with Staging.open(output, project=project) as staging:
        for file in B:
            staging.write(file)
        untouched_now = tree(output)
    assert untouched_now == expected(A)
    untouched(output)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, OSError])
def test_an_error_of_the_caller_passes_unchanged(
    output: Path, project: Path, error: type[BaseException]
) -> None:
    publish(output, project, A)

    def stumble() -> Iterator[OutputFile]:
        yield from B
        raise error("stumbled")

    with pytest.raises(error, match="stumbled"), Staging.open(output, project=project) as staging:
        staging.commit(stumble())
    untouched(output)


def test_a_site_without_manifest_is_a_bug(output: Path, project: Path) -> None:
    with Staging.open(output, project=project) as staging:
        staging.write(OutputFile("index.html", b""))
        with pytest.raises(ValueError, match=MANIFEST_PATH):
            staging.commit()
    assert not output.exists()


def test_nothing_can_be_written_after_commit(output: Path, project: Path) -> None:
    with Staging.open(output, project=project) as staging:
        staging.commit([finish(())])
        with pytest.raises(ValueError, match="published already"):
            staging.write(OutputFile("late", b""))
        with pytest.raises(ValueError, match="published already"):
            staging.commit()
    assert [path.name for path in output.iterdir()] == [MANIFEST_PATH]


# ── output paths ────────────────────────────────────────────────────────────────────────────────


def claims(output: Path, project: Path, *paths: str) -> Callable[[], None]:
    return lambda: publish(output, project, tuple(OutputFile(path, b"") for path in paths))


@pytest.mark.parametrize(
    "path",
    ["", "/abs", "../up", "a/../../up", "a//b", "a/", ".", "a\\b", "a\0", "C:/x", "\ud800", "Config.yaml"],
)
def test_unusable_path(output: Path, project: Path, path: str) -> None:
    publish(output, project, A)
    found = only(claims(output, project, "fine.html", path), "P002")
    assert str(found.place).startswith("public/dist")
    found.message.encode()  # can be printed
    untouched(output)
    assert not (output.parent / "up").exists()


@pytest.mark.parametrize(
    "paths",
    [
        ("a", "a"),
        ("a/index.html", "a/INDEX.html"),
        ("A/one", "a/two"),
        ("straße", "STRASSE"),
        ("caf\u00e9", "cafe\u0301"),
        ("a", "a/b"),
        ("a/b", "a"),
        ("a/b/c", "A"),
        ("A", "a/b/c"),
        (MANIFEST_PATH.upper(),),
        (MANIFEST_PATH,),
    ],
)
def test_path_that_is_taken(output: Path, project: Path, paths: tuple[str, ...]) -> None:
    publish(output, project, A)
    found = only(claims(output, project, *paths), "P001")
    assert found.place.path.startswith("public/dist/")
    untouched(output)


def test_all_bad_paths_are_told_at_once(output: Path, project: Path) -> None:
    found = problems(claims(output, project, "../x", "a", "a", "b", "B"))
    assert [item.code for item in found] == ["P002", "P001", "P001"]
    assert not output.exists()


# ── folders that are not ours ───────────────────────────────────────────────────────────────────


def refused(output: Path, project: Path) -> Diagnostic:
    """S005, and whatever was there is still there, with nothing new beside it."""
    around = project.parent.parent
    before = sorted((str(path), path.lstat().st_ino) for path in around.rglob("*"))

    def build() -> None:
        with Staging.open(output, project=project, sources=["content", "assets"]):
            pytest.fail("opened")

    found = only(build, "S005")
    assert sorted((str(path), path.lstat().st_ino) for path in around.rglob("*")) == before
    return found


@pytest.mark.parametrize(
    "place", [".", "..", "../..", "content", "content/dist", "assets", "assets/dist", "content/../../project"]
)
def test_the_project_is_not_an_output(project: Path, place: str) -> None:
    refused(project / place, project)


def test_neither_is_the_root_nor_a_home(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "user").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home / "user"))
    refused(home / "user", project)
    refused(home, project)
    refused(Path("/"), project)
    refused(Path("//"), project)
    refused(Path("/.."), project)


def test_the_project_by_another_name(project: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    refused(tmp_path / "link" / "project", project)
    refused(tmp_path / "project", tmp_path / "link" / "project")
    refused(tmp_path / "link" / "project" / "content", project)


def test_the_project_in_other_letters(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that does not know case has one folder under both names."""

    def samefile(self: Path, other: Path) -> bool:
        return str(self).lower() == str(other).lower()

    monkeypatch.setattr(Path, "samefile", samefile)
    refused(project.with_name("PROJECT"), project)
    refused(project / "Content" / "dist", project)


@pytest.mark.parametrize("goal", ["elsewhere", "nowhere", "dist"])
def test_a_symbolic_link(output: Path, project: Path, tmp_path: Path, goal: str) -> None:
    output.parent.mkdir()
    publish(tmp_path / "elsewhere", project, A)
    output.symlink_to(output if goal == "dist" else tmp_path / goal)
    found = refused(output, project)
    if goal == "elsewhere":
        assert str(tmp_path / "elsewhere") in found.hint
    assert output.is_symlink()


def test_a_plain_file(output: Path, project: Path) -> None:
    output.parent.mkdir()
    output.write_text("mine")
    assert "not a folder" in refused(output, project).message


@pytest.mark.parametrize("manifest", [None, '{"name": "web app"}', ""])
def test_somebodys_files(output: Path, project: Path, manifest: str | None) -> None:
    output.mkdir(parents=True)
    (output / "thesis.txt").write_text("three years of work")
    if manifest is not None:
        (output / MANIFEST_PATH).write_text(manifest)
    found = refused(output, project)
    assert found.place.path == "public/dist"
    assert MANIFEST_PATH in found.message


def test_a_project_in_a_published_folder(output: Path, project: Path) -> None:
    publish(output, project, A)
    (output / "config.yaml").write_text("site:\n")
    assert "config.yaml" in refused(output, project).message


def test_files_that_appear_during_the_build(output: Path, project: Path) -> None:
    def build() -> None:
        with Staging.open(output, project=project) as staging:
            output.mkdir()
            (output / "thesis.txt").write_text("three years of work")
            staging.commit([finish(staging.entries)])

    only(build, "S005")
    assert tree(output) == {"thesis.txt": b"three years of work"}
    assert beside(output) == ["dist"]


# ── a disk that fails ───────────────────────────────────────────────────────────────────────────


def failing(code: int, after: int = 0) -> Callable[..., None]:
    """A call that works as nothing at first and then raises OSError."""
    calls = iter(range(after))

    def call(*_: object, **__: object) -> None:
        if next(calls, None) is None:
            raise OSError(code, os.strerror(code))

    return call


@pytest.mark.parametrize("after", [0, 1, 7])
def test_disk_full(output: Path, project: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    publish(output, project, A)
    real, fail = os.write, failing(errno.ENOSPC, after)

    def write(descriptor: int, data: bytes) -> int:
        fail()
        return real(descriptor, data[: len(data) // 2 or 1])  # a full disk may take half of it

    monkeypatch.setattr(os, "write", write)
    found = only(lambda: publish(output, project, B), "X002")
    monkeypatch.undo()
    assert found.place.path.startswith("public/dist/")
    assert "No space left" in found.message
    assert "free some space" in found.hint
    untouched(output)
    publish(output, project, B)
    assert tree(output) == expected(B)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("_try_lock", errno.EACCES),
        ("_write_new", errno.EROFS),
        ("_sync_file_system", errno.EIO),
        ("_exchange", errno.EBUSY),
        ("_exchange", errno.EXDEV),
        ("_swap", errno.EACCES),
    ],
)
def test_any_step_may_fail(
    output: Path, project: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    publish(output, project, A)
    monkeypatch.setattr(writer, name, failing(code))
    found = only(lambda: publish(output, project, B), "X002")
    monkeypatch.undo()
    assert os.strerror(code) in found.message
    assert found.place.path.startswith("public/dist")
    untouched(output)


def test_a_site_with_a_hole_is_never_published(
    output: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the caller goes on after the disk failed."""
    publish(output, project, A)
    with Staging.open(output, project=project) as staging:
        monkeypatch.setattr(writer, "_write_new", failing(errno.EIO))
        only(lambda: staging.write(OutputFile("hole", b"text")), "X002")
        monkeypatch.undo()
        only(lambda: staging.commit([finish(staging.entries)]), "X002")
    untouched(output)


@pytest.mark.usefixtures("renames")
@pytest.mark.parametrize("step", [0, 1])
def test_plain_renames_that_fail_are_undone(
    output: Path, project: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    publish(output, project, A)
    real, fail = Path.rename, failing(errno.EIO, step)
    broken = True

    def rename(self: Path, target: Path) -> Path:
        nonlocal broken
        if broken:
            try:
                fail()
            except OSError:
                broken = False
                raise
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    only(lambda: publish(output, project, B), "X002")
    assert not broken
    untouched(output)


def test_a_parent_that_is_a_file(project: Path) -> None:
    only(lambda: publish(project / "config.yaml" / "dist", project, A), "X002")


def test_a_name_that_is_too_long(output: Path, project: Path) -> None:
    found = only(claims(output, project, "x" * 300), "X002")
    assert "shorter" in found.hint
    assert not output.exists()


def test_an_old_tree_that_stays_does_not_undo_the_publish(
    output: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(output, project, B)
    monkeypatch.setattr(shutil, "rmtree", lambda folder, ignore_errors: None)
    publish(output, project, A)
    assert tree(output) == expected(A)
    monkeypatch.undo()
    assert len(beside(output)) == 2
    publish(output, project, A)
    untouched(output)


# ── leftovers ───────────────────────────────────────────────────────────────────────────────────


def test_leftovers_of_killed_builds_go_and_look_alikes_stay(output: Path, project: Path) -> None:
    publish(output, project, B)
    token = "0123456789abcdef"
    for name in (f".dist.staging-{token}", f".dist.old-{token}"):
        (output.parent / name / "deep").mkdir(parents=True)
    (output.parent / ".dist.lock").touch()
    stay = {".dist.staging-mine", f".dist.old-{token}0", f".other.staging-{token}", f"x.dist.staging-{token}"}
    for name in stay:
        (output.parent / name).mkdir()
    (output.parent / f".dist.staging-{'f' * 16}").write_text("a file is not ours")
    publish(output, project, A)
    assert set(beside(output)) == {"dist", *stay, f".dist.staging-{'f' * 16}"}
    assert tree(output) == expected(A)


def test_a_swap_cut_short_is_undone_before_anything_else(output: Path, project: Path) -> None:
    publish(output, project, A)
    output.rename(output.with_name(".dist.old-0123456789abcdef"))
    (output.parent / ".dist.staging-0123456789abcdef").mkdir()
    with Staging.open(output, project=project):
        assert tree(output) == expected(A)
        assert len(beside(output)) == 3  # the lock and the new staging folder
    untouched(output)


def test_a_tree_that_is_being_removed_is_never_put_back(
    output: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build is killed after both plain renames, the next one while it removes the old tree."""
    publish(output, project, A)
    output.rename(output.with_name(".dist.old-0123456789abcdef"))
    publish(output.with_name("other"), project, B)
    output.with_name("other").rename(output)

    def killed(folder: Path, **_: object) -> None:
        (folder / "index.html").unlink(missing_ok=True)

    monkeypatch.setattr(shutil, "rmtree", killed)
    with Staging.open(output, project=project):
        pass
    monkeypatch.undo()
    assert tree(output) == expected(B)
    output.rename(output.with_name("gone"))  # by its owner
    with Staging.open(output, project=project):
        assert not output.exists()
    assert beside(output) == ["gone"]


# ── two builds at once ──────────────────────────────────────────────────────────────────────────


def test_a_second_build_says_so(output: Path, project: Path) -> None:
    publish(output, project, A)
    with Staging.open(output, project=project) as staging:
        staging.write(OutputFile("index.html", b""))
        found = only(lambda: publish(output, project, B, wait=0), "X001")
        assert "another build" in found.message
        assert found.place.path == "public/dist"
        staging.write(OutputFile("other.html", b""))  # its folder is still there
        assert ".dist.lock" in beside(output)
    untouched(output)


def test_another_output_is_free(output: Path, project: Path) -> None:
    with Staging.open(output, project=project):
        publish(output.with_name("dist2"), project, A, wait=0)
    assert beside(output) == ["dist2"]


def test_a_second_build_waits_its_turn(output: Path, project: Path) -> None:
    second = threading.Thread(target=publish, args=(output, project, B))
    with Staging.open(output, project=project) as staging:
        second.start()
        for file in A:
            staging.write(file)
        staging.commit([finish(staging.entries)])
        assert tree(output) == expected(A)
    second.join()
    assert tree(output) == expected(B)
    assert beside(output) == ["dist"]


def test_the_lock_of_a_removed_file_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its holder removes the file while somebody who opened it waits, and a third may make a new one."""
    path = tmp_path / "lock"
    real = fcntl.flock
    moments = iter(["removed", "made anew"])

    def flock(descriptor: int, how: int) -> None:
        moment = next(moments, None)
        if moment is not None:
            path.unlink()
        if moment == "made anew":
            path.touch()
        real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    assert writer._try_lock(path) is None
    assert writer._try_lock(path) is None
    descriptor = writer._try_lock(path)
    assert descriptor is not None
    assert writer._try_lock(path) is None
    os.close(descriptor)


def test_many_builds_at_once(output: Path, project: Path) -> None:
    failures: list[Exception] = []
    inside = threading.Lock()

    def build(files: tuple[OutputFile, ...]) -> None:
        try:
            for _ in range(5):
                with Staging.open(output, project=project, wait=120) as staging:
                    assert inside.acquire(blocking=False), "two builds at once"
                    for file in files:
                        staging.write(file)
                    staging.commit([finish(staging.entries)])
                    inside.release()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=build, args=(files,)) for files in (A, B, A, B)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert tree(output) in (expected(A), expected(B))
    assert beside(output) == ["dist"]


@pytest.mark.usefixtures("exchanges")
def test_a_reader_never_sees_two_sites_in_one(output: Path, project: Path) -> None:
    publish(output, project, A)

    def build() -> None:
        for _ in range(20):
            publish(output, project, B)
            publish(output, project, A)

    def read(folder: int, name: str) -> bytes:
        descriptor = os.open(name, os.O_RDONLY, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as file:
            return file.read()

    builder = threading.Thread(target=build)
    builder.start()
    more = True
    while more:
        more = builder.is_alive()  # one more look after the last swap
        folder = os.open(output, os.O_RDONLY | os.O_DIRECTORY)  # there is a folder at every instant
        try:
            assert read(folder, "index.html") == b"home of " + read(folder, "marker")
        except FileNotFoundError:
            # Only the tree that was replaced loses its files, and only after the swap.
            assert not os.path.samestat(os.fstat(folder), output.stat())
        finally:
            os.close(folder)
    builder.join()
    untouched(output)


# ── the tree before the last ────────────────────────────────────────────────────────────────────


def again(output: Path, project: Path, files: tuple[OutputFile, ...], spare: Path) -> None:
    """Publish as a build does that knows what lies in the output folder."""
    with Staging.open(output, project=project, spare=spare) as staging:
        published = known(output)
        for file in files:
            sha256 = hashlib.sha256(file.data).hexdigest()
            load = partial(getattr, file, "data")
            staging.write(StoredFile(file.path, sha256, len(file.data), load), published)
        staging.commit([finish(staging.entries)])


def known(output: Path) -> Mapping[str, str]:
    if not output.exists():
        return {}
    return {path: hashlib.sha256(data).hexdigest() for path, data in tree(output).items()}


@pytest.fixture
def spare(project: Path) -> Path:
    (project / "kept").mkdir()
    return project / "kept" / "spare"


def test_the_tree_before_the_last_becomes_the_next(output: Path, project: Path, spare: Path) -> None:
    folders = []
    for files in (A, A, A, B, A):
        again(output, project, files, spare)
        assert tree(output) == expected(files)
        assert beside(output) == ["dist"]
        folders.append((output.stat().st_ino, (output / "same.css").stat().st_ino))
    assert folders[0][0] == folders[2][0] == folders[4][0] != folders[1][0] == folders[3][0]
    assert len({file for _, file in folders}) == 1


def test_unchanged_names_are_not_touched(output: Path, project: Path, spare: Path) -> None:
    for _ in range(3):
        again(output, project, A, spare)
    before = (spare / "only-a" / "0" / "0").stat().st_mtime_ns
    again(output, project, A, spare)
    assert (output / "only-a" / "0" / "0").stat().st_mtime_ns == before  # no name was made or removed


def more_files(spare: Path) -> None:
    (spare / "both" / "extra").mkdir(parents=True)
    (spare / "both" / "extra" / "page.html").write_text("extra")
    (spare / "empty" / "er").mkdir(parents=True)


def other_bytes(spare: Path) -> None:
    (spare / "index.html").unlink()
    (spare / "index.html").write_bytes(b"HOME of a")


def swapped_names(spare: Path) -> None:
    (spare / "index.html").rename(spare / "x")
    (spare / "same.css").rename(spare / "index.html")
    (spare / "x").rename(spare / "same.css")


def folder_for_file(spare: Path) -> None:
    (spare / "marker").unlink()
    (spare / "marker" / "in" / "side").mkdir(parents=True)
    (spare / "marker" / "file").write_text("")


def file_for_folder(spare: Path) -> None:
    shutil.rmtree(spare / "both")
    (spare / "both").write_text("")


def other_letters(spare: Path) -> None:
    (spare / "both").rename(spare / "Both")
    (spare / "marker").rename(spare / "MARKER")


def two_of_one_name(spare: Path) -> None:
    (spare / "MARKER").write_text("")


def a_link(spare: Path) -> None:
    shutil.rmtree(spare / "both")
    (spare / "both").symlink_to(spare.parent, target_is_directory=True)


def a_pipe(spare: Path) -> None:
    os.mkfifo(spare / "pipe")


def private_folder(spare: Path) -> None:
    (spare / "both").chmod(0o700)


def gone(spare: Path) -> None:
    shutil.rmtree(spare)


def empty(spare: Path) -> None:
    shutil.rmtree(spare)
    spare.mkdir()


def a_file(spare: Path) -> None:
    shutil.rmtree(spare)
    spare.write_text("somebody")


def link_elsewhere(spare: Path) -> None:
    shutil.rmtree(spare)
    spare.symlink_to(spare.parent, target_is_directory=True)


@pytest.mark.parametrize(
    "harm",
    [
        *(more_files, other_bytes, swapped_names, folder_for_file, file_for_folder, other_letters),
        *(two_of_one_name, a_link, a_pipe, private_folder, gone, empty, a_file, link_elsewhere),
    ],
)
def test_nothing_in_the_spare_folder_is_trusted(
    output: Path, project: Path, spare: Path, harm: Callable[[Path], None]
) -> None:
    (spare.parent / "bystander").write_text("stays")
    for _ in range(2):
        again(output, project, A, spare)
    harm(spare)
    again(output, project, A, spare)
    assert tree(output) == expected(A)
    assert all(path.stat().st_mode == stat.S_IFDIR | 0o755 for path in output.rglob("*") if path.is_dir())
    assert (spare.parent / "bystander").read_text() == "stays"
    assert beside(output) == ["dist"]
    again(output, project, B, spare)
    assert tree(output) == expected(B)


def test_a_build_that_stops_leaves_the_site_and_no_spare(output: Path, project: Path, spare: Path) -> None:
    for _ in range(2):
        again(output, project, A, spare)

    def stopped() -> None:
        with Staging.open(output, project=project, spare=spare) as staging:
            staging.write(B[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    untouched(output)
    assert not spare.exists()


def test_a_build_that_finds_problems_leaves_both_trees(output: Path, project: Path, spare: Path) -> None:
    for _ in range(2):
        again(output, project, A, spare)
    with Staging.open(output, project=project, spare=spare) as staging:
        staging.write(B[0])
    untouched(output)
    again(output, project, A, spare)
    untouched(output)


def test_without_hard_links_no_spare_is_kept(
    output: Path, project: Path, spare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    for files in (A, B, B):
        again(output, project, files, spare)
        assert tree(output) == expected(files)
    assert not spare.exists()


def test_a_spare_that_cannot_be_put_aside_goes(output: Path, project: Path) -> None:
    for files in (A, B):
        again(output, project, files, project / "no folder" / "spare")
        assert tree(output) == expected(files)
    assert beside(output) == ["dist"]
