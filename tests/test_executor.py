from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from policysite import executor
from policysite.core.diagnostics import Place, problem
from policysite.core.model import OutputFile, Rendered
from policysite.executor import Executor

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
    assert executor._forked == []


def test_an_iteration_left_early_leaves_nothing_behind() -> None:
    results = Executor(2, minimum=1)(render, SHARED, ITEMS)
    assert next(results) == WANTED[0]
    results.close()  # type: ignore[attr-defined]
    assert executor._forked == []
