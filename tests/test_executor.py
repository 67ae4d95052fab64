from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import active_children

import pytest

from policysite.core.diagnostics import Place, problem
from policysite.core.model import Home, OutputFile, Rendered
from policysite.executor import Executor, WorkerLost

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


def who(shared: Shared, item: Item) -> Rendered:
    return Rendered((OutputFile(item.name, str(os.getpid()).encode()),))


def fail(shared: Shared, item: Item) -> Rendered:
    if item.number == 2:
        raise ValueError("number two")
    return render(shared, item)


def children() -> set[int]:
    """The processes that this one has forked and that have not ended."""
    return {process.pid or 0 for process in active_children()}


SHARED = Shared("end")
ITEMS = [Item(f"page-{number}", number) for number in range(5)]
WANTED = [render(SHARED, item) for item in ITEMS]


def test_without_cache_and_helpers_it_is_map() -> None:
    assert list(Executor()(render, SHARED, ITEMS)) == WANTED
    assert list(Executor()(render, SHARED, [])) == []


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_clean_is_parallel(jobs: int) -> None:
    assert list(Executor(jobs, minimum=1)(render, SHARED, ITEMS)) == WANTED


def test_processes_are_used_from_the_minimum_on() -> None:
    def processes(jobs: int, minimum: int) -> set[bytes]:
        return {done.files[0].data for done in Executor(jobs, minimum=minimum)(who, SHARED, ITEMS)}

    here = {str(os.getpid()).encode()}
    assert processes(1, 1) == here
    assert processes(2, 6) == here
    assert not processes(2, 5) & here
    assert len(processes(2, 5)) <= 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_bug_in_the_function_comes_through(jobs: int) -> None:
    run = Executor(jobs, minimum=1)
    done: list[Rendered] = []

    def collect(results: Iterator[Rendered]) -> None:
        for result in results:  # not `extend`: what came before the bug counts
            done.append(result)  # noqa: PERF402

    with pytest.raises(ValueError, match="number two"):
        collect(run(fail, SHARED, ITEMS))
    assert done == WANTED[:2]
    assert children() == set()
    assert list(run(render, SHARED, ITEMS)) == WANTED


def test_an_iteration_left_early_leaves_nothing_behind() -> None:
    results = Executor(2, minimum=1)(render, SHARED, ITEMS)
    assert next(results) == WANTED[0]
    results.close()  # type: ignore[attr-defined]
    assert children() == set()


class Memory(Home):
    """Remembers what this process was asked before."""

    def __init__(self) -> None:
        self.seen: list[str] = []


def visit(shared: tuple[Memory, str], item: str) -> tuple[int, bool, str]:
    memory, text = shared
    before = item in memory.seen
    memory.seen.append(item)
    return os.getpid(), before, f"{item} {text}"


NAMES = [f"document-{number}" for number in range(40)]


def test_work_of_a_name_goes_to_the_process_that_knows_it() -> None:
    memory = Memory()
    with Executor(2, minimum=1) as run:
        first = list(run(visit, (memory, "loaded"), NAMES))
        again = list(run(visit, (memory, "rendered"), NAMES[::-1]))
        assert len(children()) == 2
        other = list(run(visit, (Memory(), "rendered"), NAMES))
    assert children() == set()
    assert memory.seen == []  # the processes have memories of their own
    assert [text for _, _, text in first] == [f"{name} loaded" for name in NAMES]
    assert [text for _, _, text in again] == [f"{name} rendered" for name in NAMES[::-1]]
    assert not any(before for _, before, _ in first)
    assert all(before for _, before, _ in again)
    assert not any(before for _, before, _ in other)
    assert [pid for pid, _, _ in again] == [pid for pid, _, _ in first][::-1]


def test_few_items_stay_here_between_calls_that_spread() -> None:
    memory = Memory()
    with Executor(2, minimum=5) as run:
        list(run(visit, (memory, ""), NAMES))
        [(pid, before, _)] = run(visit, (memory, ""), NAMES[:1])
        assert (pid, before) == (os.getpid(), False)


def large(shared: bytes, item: bytes) -> bytes:
    return item + shared


def test_large_items_and_results_pass() -> None:
    """More than any pipe holds, both ways: nobody waits for the other for ever."""
    items = [bytes([number]) * 3_000_000 for number in range(12)]
    assert list(Executor(2, minimum=1)(large, b"end", items)) == [item + b"end" for item in items]


def lost(shared: None, item: int) -> int:
    if item == 3:
        os._exit(9)
    return item


def test_a_process_that_is_gone_is_told() -> None:
    with pytest.raises(WorkerLost, match="exit code 9"), Executor(2, minimum=1) as run:
        list(run(lost, None, range(6)))
    assert children() == set()


class Unsendable(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)


def fail_unsendably(shared: None, item: int) -> int:
    raise Unsendable("one", "two")


def test_an_error_that_cannot_travel_is_told_all_the_same() -> None:
    with pytest.raises(RuntimeError, match="Unsendable"):
        list(Executor(2, minimum=1)(fail_unsendably, None, [1]))
