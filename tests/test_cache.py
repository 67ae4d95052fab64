"""The cache: what it may answer, and everything that can happen to it on a disk."""

from __future__ import annotations

import hashlib
import marshal
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, defstruct
from msgspec.structs import replace

from policysite import cache
from policysite.cache import (
    Cache,
    Ledger,
    Seen,
    SourceFiles,
    StaleCache,
    clock_of,
    code_digest,
    ledger_of,
    ledger_rows,
    look_at,
    parts_changed,
    parts_of,
    problem_of,
    problem_row,
    settled,
    stamp_of,
)
from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.model import OutputFile, Rendered
from policysite.core.plain import Codec


class Value(Struct, frozen=True):
    name: str
    numbers: tuple[int, ...]
    day: date | None = None
    found: Diagnostic | None = None


CODEC = Codec((Value, Diagnostic, Place))
FOUND = problem("T201", Place("বাং.md", 3, 2, "line \udcff"), "message", "cure")
VALUE = Value("বাং", (1, 2), date(2026, 1, 1), FOUND)
PAGES = Rendered(
    (OutputFile("a.html", b"\x00\xff"), OutputFile("b/c.html", b"")),
    (FOUND,),
    (("a.html", (("X-Number", "1"),)),),
)


def run(folder: Path | None, inputs: dict[str, object], code: str = "code") -> tuple[bool, bool]:
    """One build of one step and one page; whether each was made anew. What comes out is always right."""
    made = []

    def value() -> Value:
        made.append("value")
        return VALUE

    def pages(missing: Sequence[int]) -> Iterator[Rendered]:
        for _ in missing:
            made.append("page")
            yield PAGES

    keeper = Cache(folder, CODEC, code)
    keeper.begin({})
    assert keeper.kept("step", inputs, value) == VALUE
    [rendered] = keeper.pages([("page", inputs)], pages)
    try:
        found = tuple(OutputFile(file.path, file.data) for file in rendered.files)
    except StaleCache:
        made.append("page")
        found = tuple(OutputFile(file.path, file.data) for file in PAGES.files)
    assert replace(rendered, files=found) == PAGES
    keeper.end(complete=True)
    return "value" in made, "page" in made


def test_what_a_step_sees_decides(tmp_path: Path) -> None:
    values: dict[str, object] = {"file": "ab", "number": 1, "group": {"x": VALUE, "y": (1, None)}}
    assert run(tmp_path, values) == (True, True)
    assert run(tmp_path, values) == (False, False)
    assert run(tmp_path, dict(reversed(values.items()))) == (False, False)
    for change in (
        {"file": "ac"},
        {"number": 2},
        {"more": 1},
        {"group": {"x": replace(VALUE, numbers=(1, 3)), "y": (1, None)}},
        {"group": {"x": VALUE, "z": (1, None)}},
    ):
        assert run(tmp_path, {**values, **change}) == (True, True), change
        assert run(tmp_path, values) == (True, True)
    assert run(tmp_path, values, "other code") == (True, True)
    assert run(tmp_path, values, "other code") == (False, False)


def test_without_a_folder_it_remembers_in_this_process() -> None:
    keeper = Cache(None, CODEC, "code")
    for number in range(3):
        keeper.begin({})
        assert keeper.kept("step", {"x": "1"}, lambda: object()) is not None
        assert list(keeper.pages([("page", {"x": "1"})], lambda missing: iter([PAGES]))) == [PAGES]
        keeper.end(complete=True)
        assert bool(keeper.tally.made) == (number == 0)


def test_a_build_that_failed_forgets_nothing(tmp_path: Path) -> None:
    run(tmp_path, {"x": "1"})
    keeper = Cache(tmp_path, CODEC, "code")
    keeper.begin({})
    keeper.kept("other", {"x": "1"}, lambda: VALUE)
    keeper.end(complete=False)
    assert run(tmp_path, {"x": "1"}) == (False, False)


def test_what_no_step_uses_goes(tmp_path: Path) -> None:
    run(tmp_path, {"x": "1"})
    first = {file.name for file in (tmp_path / "pages").iterdir()}
    (tmp_path / "0123456789").write_bytes(b"an entry of an older policysite")
    (tmp_path / ".steps.123").write_bytes(b"half")
    run(tmp_path, {"x": "2"})
    second = {file.name for file in (tmp_path / "pages").iterdir()}
    assert len(first) == len(second) == 1
    assert first != second
    assert sorted(file.name for file in tmp_path.iterdir()) == ["pages", "steps"]


# ── what can happen to a cache ──────────────────────────────────────────────────────────────────


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-3])


def flipped(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)


def flipped_early(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[3] ^= 1
    file.write_bytes(data)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def foreign(file: Path) -> None:
    file.write_bytes(b"policysite-cache-0\n" + file.read_bytes()[19:])


def sealed(file: Path, body: bytes) -> None:
    file.write_bytes(cache._MAGIC + hashlib.sha256(body).digest() + body)


def no_marshal(file: Path) -> None:
    sealed(file, b"\xff\xff")


def nonsense(file: Path) -> None:
    sealed(file, marshal.dumps([1, 2]))


def wrong_rows(file: Path) -> None:
    sealed(file, marshal.dumps(("code", [("step", "key", {}, None)], {})))


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()
    (file / "x").write_bytes(b"")


def a_link_to_nothing(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.parent / "nothing")


def gone(file: Path) -> None:
    file.unlink()


HARMS = (
    *(truncated, flipped, flipped_early, emptied, foreign, no_marshal, nonsense, wrong_rows),
    *(a_folder, a_link_to_nothing, gone),
)


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("name", ["steps", "pages"])
def test_a_damaged_cache_costs_time_only(tmp_path: Path, harm: Callable[[Path], None], name: str) -> None:
    inputs: dict[str, object] = {"x": "1"}
    run(tmp_path, inputs)
    file = tmp_path / name if name == "steps" else next((tmp_path / "pages").iterdir())
    harm(file)
    assert run(tmp_path, inputs) == ((True, True) if name == "steps" else (False, True))
    run(tmp_path, inputs)  # what was damaged was noticed, and left out
    stays = harm is a_folder  # nobody knows whose it is, so nobody removes it
    assert run(tmp_path, inputs) == (stays and name == "steps", stays)


def test_a_value_of_another_shape_is_made_again(tmp_path: Path) -> None:
    run(tmp_path, {"x": "1"})
    code, rows, details = cache.read_kept(tmp_path / "steps")
    rows = [(step, key, inputs, before, ("Unknown", 1)) for step, key, inputs, before, _ in rows]
    assert cache.write_kept(tmp_path / "steps", (code, rows, details))
    assert run(tmp_path, {"x": "1"}) == (True, True)


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    for _ in range(2):
        assert run(tmp_path / "cache", {"x": "1"}) == (True, True)
    assert clock_of(tmp_path / "cache") == (0, 0)


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, {"x": "1"})

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert run(tmp_path, {"x": "2"}) == (True, True)
    assert not [file for file in tmp_path.rglob("*") if file.name.startswith(".")]
    assert run(tmp_path, {"x": "1"}) == (False, False)


def test_two_builds_at_once_cost_time_only(tmp_path: Path) -> None:
    run(tmp_path, {"x": "1"})
    first, second = (Cache(tmp_path, CODEC, "code") for _ in range(2))
    for keeper, value in ((first, "1"), (second, "2")):
        keeper.begin({})
        keeper.kept("step", {"x": value}, lambda: VALUE)
    [reused] = first.pages([("page", {"x": "1"})], lambda missing: iter(()))
    [made] = second.pages([("page", {"x": "2"})], lambda missing: iter([PAGES]))
    second.end(complete=True)  # and sweeps what the first is about to read
    with pytest.raises(StaleCache):
        assert reused.files[0].data
    assert made == PAGES
    first.end(complete=True)
    assert run(tmp_path, {"x": "1"})[1]
    assert run(tmp_path, {"x": "1"}) == (False, False)


# ── values ──────────────────────────────────────────────────────────────────────────────────────

atoms = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.dates()
values = st.recursive(
    atoms | st.frozensets(st.text()),
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple)
        | st.builds(Value, st.text(), st.lists(st.integers()).map(tuple), inner, st.just(FOUND))
    ),
    max_leaves=12,
)


@given(values)
def test_values_come_back_as_they_were(value: object) -> None:
    again = CODEC.revived(marshal.loads(marshal.dumps(CODEC.plain(value), 4)))
    assert again == value
    assert type(again) is type(value)


def test_only_known_classes_are_kept() -> None:
    with pytest.raises(TypeError, match="Rendered"):
        CODEC.plain((PAGES,))
    with pytest.raises(KeyError):
        CODEC.revived(("Rendered", []))
    with pytest.raises(TypeError, match="one name"):
        Codec((Value, defstruct("Value", [], frozen=True)))
    assert problem_of(problem_row(FOUND)) == FOUND


# ── files ───────────────────────────────────────────────────────────────────────────────────────

SECOND = 1_000_000_000


def test_a_change_within_one_tick_of_the_clock_is_not_overlooked() -> None:
    changed = 1_700_000_000 * SECOND + 123_456_789
    assert not settled(changed, changed)
    assert not settled(changed, changed + 10_000_000)
    assert settled(changed, changed + 60_000_000)
    assert not settled(changed, 0)
    round_ = 1_700_000_000 * SECOND  # a file system that knows whole seconds only
    assert not settled(round_, round_ + SECOND)
    assert settled(round_, round_ + 3 * SECOND)


def old(file: Path, text: str) -> Path:
    """A file whose last change was long ago by its content; of its entry it is now."""
    file.write_text(text)
    os.utime(file, ns=(SECOND, SECOND))
    return file


def known_of(file: Path, sha256: str) -> dict[str, Seen]:
    stamp = stamp_of(file.stat())
    return {str(file): Seen(stamp, max(stamp[3:]) + 10 * SECOND, sha256)}


def test_a_file_as_it_was_is_not_read(tmp_path: Path) -> None:
    file = old(tmp_path / "a", "text")
    ledger = Ledger(known_of(file, "remembered"), clock_of(tmp_path))
    assert ledger.digest(str(file)) == "remembered"
    assert not ledger.changed
    assert ledger.read == {}


def rewritten(file: Path) -> None:
    """Same size, same time of the content, same inode: only the time of the entry tells."""
    with file.open("r+") as stream:
        stream.write("TEXT")
    os.utime(file, ns=(SECOND, SECOND))


def replaced(file: Path) -> None:
    other = old(file.with_name("b"), "TEXT")
    other.replace(file)


def longer(file: Path) -> None:
    old(file, "TEXT and more")


@pytest.mark.parametrize("change", [rewritten, replaced, longer])
def test_a_file_that_was_touched_is_read(tmp_path: Path, change: Callable[[Path], None]) -> None:
    file = old(tmp_path / "a", "text")
    known = known_of(file, "remembered")
    if change is rewritten:  # within the same tick, the rule of settled times would have it read anyway
        stamp = known[str(file)].stamp
        known[str(file)] = replace(known[str(file)], stamp=(*stamp[:4], stamp[4] - SECOND))
    change(file)
    ledger = Ledger(known, clock_of(tmp_path))
    assert ledger.digest(str(file)) == hashlib.sha256(file.read_bytes()).hexdigest()
    assert ledger.changed


def test_a_file_saved_just_before_the_build_is_read_again_by_the_next(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("text")
    first = Ledger({}, clock_of(tmp_path))
    first.digest(str(file))
    seen = first.seen[str(file)]
    assert not settled(max(seen.stamp[3:]), max(seen.stamp[3:]))
    racy = replace(seen, seen=max(seen.stamp[3:]), sha256="stale")
    assert Ledger({str(file): racy}, clock_of(tmp_path)).digest(str(file)) != "stale"


def test_no_stamp_of_another_clock_is_trusted(tmp_path: Path) -> None:
    file = old(tmp_path / "a", "text")
    ledger = Ledger({}, (clock_of(tmp_path)[0] + 100 * SECOND, -1))
    ledger.digest(str(file))
    assert ledger.seen[str(file)].seen == 0


def test_a_ledger_comes_back_as_it_was(tmp_path: Path) -> None:
    ledger = Ledger({}, clock_of(tmp_path))
    ledger.digest(str(old(tmp_path / "a", "one\n\ntwo")))
    assert ledger_of(marshal.loads(marshal.dumps(ledger_rows(ledger.seen)))) == ledger.seen


def test_a_ledger_holds_what_it_has_room_for(tmp_path: Path) -> None:
    files = [
        str(old(tmp_path / name, text)) for name, text in (("a", "four"), ("b", "too long"), ("c", "ok"))
    ]
    ledger = Ledger({}, clock_of(tmp_path), room=6)
    digests = {file: ledger.digest(file) for file in files}
    assert ledger.read == {files[0]: b"four", files[2]: b"ok"}
    sources = SourceFiles({file: file for file in files}, digests, ledger.read)
    assert [sources[file] for file in files] == [b"four", b"too long", b"ok"]


def test_a_source_saved_during_the_build_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"text")
    digests = {"a": hashlib.sha256(b"text").hexdigest()}
    sources = SourceFiles({"a": str(file)}, digests, {})
    assert (sources["a"], list(sources), len(sources)) == (b"text", ["a"], 1)
    file.write_bytes(b"next")
    with pytest.raises(StaleCache):
        assert sources["a"]
    file.unlink()
    with pytest.raises(StaleCache):
        assert sources["a"]
    with pytest.raises(KeyError):
        assert sources["b"]


def test_how_much_of_a_file_changed() -> None:
    before = parts_of(b"head\n\none\n\ntwo\n\nthree")
    assert parts_changed(before, parts_of(b"head\n\none\n\n2\n\nthree")) == (1, 4)
    assert parts_changed(before, parts_of(b"head\n\ntwo\n\none\n\nthree")) == (0, 4)
    assert parts_changed(before, parts_of(b"head\n\none\n\ntwo\n\nthree\n\nfour\n\nfive")) == (2, 6)
    assert parts_changed(before, parts_of(b"head")) == (3, 1)


def test_the_code_digest_is_that_of_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def now() -> str:
        return code_digest(Ledger({}, (0, 0)))

    first = now()
    assert now() == first
    (tmp_path / "jinja2-9.9.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert now() != first
    (tmp_path / "jinja2-9.9.dist-info").rename(tmp_path / "jinja2-9.8.dist-info")
    assert now() != first


def test_the_published_tree_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_text("c")
    (tmp_path / "d").write_text("d")
    found = look_at(str(tmp_path))
    assert found is not None
    assert sorted(found) == ["a/b/c", "d"]
    (tmp_path / "empty").mkdir()
    assert look_at(str(tmp_path)) is None
    (tmp_path / "empty").rmdir()
    (tmp_path / "link").symlink_to("d")
    assert look_at(str(tmp_path)) is None
    assert look_at(str(tmp_path / "nowhere")) is None
