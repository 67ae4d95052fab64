from __future__ import annotations

import hashlib
import marshal
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from policysite import executor
from policysite.core.diagnostics import Place, problem
from policysite.core.model import OutputFile, Rendered
from policysite.executor import Executor, code_digest

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@dataclass(frozen=True)
class Item:
    name: str
    number: int


@dataclass(frozen=True)
class Shared:
    suffix: str


def render(shared: Shared, item: Item) -> Rendered:
    data = f"{item.name} {item.number} {shared.suffix}\udcff".encode("utf-8", "surrogatepass")
    found = (problem("T201", Place("বাং.md", item.number, 2, "line \udcff"), item.name, "cure"),)
    headers = ((f"{item.name}.html", (("X-Number", str(item.number)),)),)
    return Rendered((OutputFile(f"{item.name}.html", data), OutputFile("b", b"\x00")), found, headers)


def render_other(shared: Shared, item: Item) -> Rendered:
    return replace(render(shared, item), diagnostics=())


def who(shared: Shared, item: Item) -> Rendered:
    return Rendered((OutputFile(item.name, str(os.getpid()).encode()),))


def fail(shared: Shared, item: Item) -> Rendered:
    if item.number == 2:
        raise ValueError("number two")
    return render(shared, item)


SHARED = Shared("end")
ITEMS = [Item(f"page-{number}", number) for number in range(5)]
WANTED = [render(SHARED, item) for item in ITEMS]


def test_without_cache_and_helpers_it_is_map() -> None:
    assert list(Executor()(render, SHARED, ITEMS)) == WANTED
    assert list(Executor()(render, SHARED, [])) == []


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_clean_is_cached_is_parallel(tmp_path: Path, jobs: int) -> None:
    cold = Executor(jobs, tmp_path / "deep" / "cache", minimum=1)
    assert list(cold(render, SHARED, ITEMS)) == WANTED
    assert (cold.hits, cold.misses) == (0, 5)
    warm = Executor(jobs, tmp_path / "deep" / "cache", minimum=1)
    assert list(warm(render, SHARED, ITEMS)) == WANTED
    assert (warm.hits, warm.misses) == (5, 0)
    assert list(Executor(jobs, minimum=1)(render, SHARED, ITEMS)) == WANTED


def test_processes_are_used_from_the_minimum_on() -> None:
    def processes(jobs: int, minimum: int) -> set[bytes]:
        return {done.files[0].data for done in Executor(jobs, minimum=minimum)(who, SHARED, ITEMS)}

    here = {str(os.getpid()).encode()}
    assert processes(1, 1) == here
    assert processes(2, 6) == here
    assert not processes(2, 5) & here
    assert len(processes(2, 5)) <= 2


def test_the_order_is_that_of_the_items(tmp_path: Path) -> None:
    run = Executor(2, tmp_path, minimum=1)
    list(run(render, SHARED, ITEMS[:2]))
    mixed = [ITEMS[4], ITEMS[1], ITEMS[3], ITEMS[1], ITEMS[0]]
    again = Executor(2, tmp_path, minimum=1)
    assert list(again(render, SHARED, mixed)) == [render(SHARED, item) for item in mixed]
    assert (again.hits, again.misses) == (3, 2)


def counted(
    tmp_path: Path, function: Callable[[Shared, Item], Rendered], shared: Shared, items: list[Item]
) -> int:
    """How many of the items are rendered anew."""
    run = Executor(1, tmp_path)
    assert list(run(function, shared, items)) == [function(shared, item) for item in items]
    run.sweep()
    return run.misses


def test_what_the_function_sees_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert counted(tmp_path, render, SHARED, ITEMS) == 5
    assert counted(tmp_path, render, SHARED, ITEMS) == 0
    assert counted(tmp_path, render, SHARED, [*ITEMS[:4], replace(ITEMS[4], number=9)]) == 1
    assert counted(tmp_path, render, SHARED, ITEMS) == 1
    assert counted(tmp_path, render, Shared("other"), ITEMS) == 5
    assert counted(tmp_path, render_other, Shared("other"), ITEMS) == 5
    assert counted(tmp_path, render_other, Shared("other"), ITEMS) == 0
    monkeypatch.setattr(executor, "code_digest", lambda: "other code")
    assert counted(tmp_path, render_other, Shared("other"), ITEMS) == 5


def test_the_code_digest_is_that_of_the_code() -> None:
    assert code_digest() == code_digest()
    assert len(code_digest()) == 64


def test_entries_without_use_are_swept(tmp_path: Path) -> None:
    counted(tmp_path, render, SHARED, ITEMS)
    assert len(list(tmp_path.iterdir())) == 5
    (tmp_path / ".left-over.123").write_bytes(b"half")
    counted(tmp_path, render, SHARED, ITEMS[:2])
    assert len(list(tmp_path.iterdir())) == 2


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


def nonsense(file: Path) -> None:
    body = marshal.dumps([1, 2])
    file.write_bytes(executor._MAGIC + hashlib.sha256(body).digest() + body)


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()
    (file / "x").write_bytes(b"")


def a_link_to_nothing(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.parent / "nothing")


@pytest.mark.parametrize(
    "harm", [truncated, flipped, flipped_early, emptied, foreign, nonsense, a_folder, a_link_to_nothing]
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_damaged_cache_costs_time_only(tmp_path: Path, harm: Callable[[Path], None], jobs: int) -> None:
    counted(tmp_path, render, SHARED, ITEMS)
    for file in sorted(tmp_path.iterdir())[:2]:
        harm(file)
    run = Executor(jobs, tmp_path, minimum=1)
    assert list(run(render, SHARED, ITEMS)) == WANTED
    assert (run.hits, run.misses) == (3, 2)
    assert counted(tmp_path, render, SHARED, ITEMS) == (2 if harm is a_folder else 0)


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    for _ in range(2):
        assert counted(tmp_path / "cache", render, SHARED, ITEMS) == 5


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_bug_in_the_function_comes_through_and_what_was_done_stays(tmp_path: Path, jobs: int) -> None:
    run = Executor(jobs, tmp_path, minimum=1)
    done: list[Rendered] = []

    def collect(results: Iterator[Rendered]) -> None:
        for result in results:  # not `extend`: what came before the bug counts
            done.append(result)  # noqa: PERF402

    with pytest.raises(ValueError, match="number two"):
        collect(run(fail, SHARED, ITEMS))
    assert done == WANTED[:2]
    assert executor._forked == []
    again = Executor(1, tmp_path)
    with pytest.raises(ValueError, match="number two"):
        list(again(fail, SHARED, ITEMS))
    assert again.hits == 2


def test_an_iteration_left_early_leaves_nothing_behind() -> None:
    results = Executor(2, minimum=1)(render, SHARED, ITEMS)
    assert next(results) == WANTED[0]
    results.close()  # type: ignore[attr-defined]
    assert executor._forked == []
