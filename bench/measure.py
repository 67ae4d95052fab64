"""Running a command and measuring it: wall time, processor time and memory of all its processes."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Seconds after which a command is given up: no tool here needs so long for what it is asked.
LIMIT = 1800.0

_SAMPLE = 0.01


class Failed(Exception):
    """A command ended with an error; the text is the end of what it printed."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took. wall and cpu: seconds (cpu: user and system, of all processes). peak: bytes, or 0
    where memory was not watched."""

    wall: float
    cpu: float
    peak: int = 0


def run(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], memory: bool = False
) -> Cost:
    """Run a command in `folder` with exactly this environment. Raises Failed when it ends with an error.

    memory: watch it, which disturbs its times a little.
    """
    log = folder.parent / f"{folder.name}.log"
    with log.open("wb") as out:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        watch = _Watch(process.pid) if memory else None
        timer = threading.Timer(LIMIT, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    peak = watch.stop() if watch else 0
    if process.returncode:
        said = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise Failed(f"{' '.join(map(str, command))}: exit code {process.returncode}\n{said}")
    log.unlink()
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak)


class _Watch:
    """The largest sum of memory that a process and its descendants had at once, sampled. Linux only.

    Counted is the proportional set size, which divides a shared page among those that share it: forked
    workers share most of theirs. What a single process reached between two samples is known by the kernel
    (VmHWM). `ru_maxrss` is of no use: it begins with the size of the process that forked it.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """The peak in bytes."""
        self._end.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._end.wait(_SAMPLE):
            family = list(_family(self._pid))
            together = sum(_field(pid, "smaps_rollup", "Pss:") for pid in family)
            highest = max((_field(pid, "status", "VmHWM:") for pid in family), default=0)
            self._peak = max(self._peak, together, highest)


def _family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = file.read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in found:
            yield from _family(int(child))


def _field(pid: int, file: str, name: str) -> int:
    """Bytes of a line `name: 12 kB`; 0 when the process is gone."""
    try:
        text = Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(name)), 0)


@dataclass(frozen=True, slots=True)
class Figures:
    """Several runs of one thing: medians and minima in seconds, the spread of wall times as (least, most),
    and the peak in bytes."""

    rounds: int
    wall: float
    cpu: float
    least_wall: float
    least_cpu: float
    most_wall: float
    peak: int


def figures(costs: Sequence[Cost]) -> Figures:
    """The summary of several runs."""
    walls, cpus = [cost.wall for cost in costs], [cost.cpu for cost in costs]
    return Figures(
        len(costs),
        statistics.median(walls),
        statistics.median(cpus),
        min(walls),
        min(cpus),
        max(walls),
        max(cost.peak for cost in costs),
    )


def ratios(ours: Sequence[Cost], theirs: Sequence[Cost]) -> tuple[float, float, float]:
    """(median, least, most) of the ratio of wall times, round by round: a round's pair ran close together,
    so that a busy moment of the machine touches both."""
    found = [one.wall / other.wall for one, other in zip(ours, theirs, strict=True)]
    return statistics.median(found), min(found), max(found)


def interleaved(tasks: Mapping[str, Callable[[bool], Cost]], rounds: int) -> dict[str, list[Cost]]:
    """Every task once a round, in turns forwards and backwards, so that none always runs after the same one.

    A task gets whether memory is to be watched: in a last round of its own, whose times are not counted.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in tasks}
    for number in range(rounds):
        order = list(tasks)[:: 1 if number % 2 == 0 else -1]
        for name in order:
            costs[name].append(tasks[name](False))
    for name, task in tasks.items():
        peak = task(True).peak
        costs[name] = [Cost(cost.wall, cost.cpu, peak) for cost in costs[name]]
    return costs
