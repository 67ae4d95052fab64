"""A Mapper that uses several processes. It changes how long a build takes, never what it gives.

Processes are forked, so what the parent has in memory costs nothing to hand over. They stay from call to call
(within a `with` block): what a process loaded and parsed for an item, in a `Home`, is there when a later call
comes to the same item. Items go to them one by one and in order, and results come back in order; only a few
are under way at a time, so no process ever holds the whole site.
"""

from __future__ import annotations

import ctypes
import gc
import io
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any

from policysite.core.model import Home, Item, Result, Shared

if TYPE_CHECKING:  # 15 ms, and most builds after the first have too little to do for several processes
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

#: Below this many items a second process costs more than it gives. Measured on 2 cores: fork and hand-over
#: take about 40 ms, as long as two documents in ten languages.
PARALLEL_MINIMUM = 6

#: Items a process has at a time: one it works on, one that waits, so that it never waits itself.
_DEPTH = 2

#: How far ahead of the result that is wanted next others may be, for each process.
_AHEAD = 8

_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>

_STOP, _JOB, _ITEM = b"s", b"j", b"i"


class WorkerLost(Exception):
    """A process ended before its work: killed from outside, or out of memory."""


class Executor:
    """Callable as a `Mapper`. jobs: processes to use (1 = this one). Outside a `with` block the processes end
    with each call."""

    def __init__(self, jobs: int = 1, minimum: int = PARALLEL_MINIMUM) -> None:
        self._jobs = jobs
        self._minimum = minimum
        self._crew: _Crew | None = None
        self._stays = False

    def __enter__(self) -> Executor:
        self._stays = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stays = False
        self._end(at_once=kind is not None)

    def __call__(
        self, function: Callable[[Shared, Item], Result], shared: Shared, items: Sequence[Item]
    ) -> Iterator[Result]:
        few = self._jobs < 2 or len(items) < self._minimum or sys.platform == "win32"
        if few or (self._crew is not None and self._crew.busy):
            for item in items:
                yield function(shared, item)
            return
        task, homes = _packed((function, shared, list(items)))
        if self._crew is not None and not self._crew.knows(homes):
            self._end()
        if self._crew is None:
            self._crew = _Crew(self._jobs, homes)
        finished = False
        try:
            yield from self._crew.run(task, items)
            finished = True
        finally:
            if self._crew.busy or not finished or not self._stays:
                self._end(at_once=self._crew.busy)

    def _end(self, at_once: bool = False) -> None:
        if self._crew is not None:
            self._crew.end(at_once)
            self._crew = None


class _Crew:
    """Forked processes, and what each has done. homes: what they know from the fork."""

    def __init__(self, jobs: int, homes: Sequence[Home]) -> None:
        self._homes = homes
        self._ends: list[Connection] = []
        self._processes: list[BaseProcess] = []
        #: item → number of the process that had it before.
        self._place: dict[str, int] = {}
        #: Whether a call is under way.
        self.busy = False
        from multiprocessing import get_context

        context = get_context("fork")
        gc.freeze()  # what is here now is no garbage: no child should touch, and so copy, it to find that out
        try:
            for _ in range(jobs):
                here, there = context.Pipe()
                process = context.Process(
                    target=_work, args=(os.getpid(), there, (*self._ends, here), homes), daemon=True
                )
                process.start()
                there.close()
                self._ends.append(here)
                self._processes.append(process)
        finally:
            gc.unfreeze()

    def knows(self, homes: Sequence[Home]) -> bool:
        """Whether the processes have what a call refers to."""
        return len(homes) == len(self._homes) and all(map(_same, homes, self._homes))

    def run(self, task: bytes, items: Sequence[Item]) -> Iterator[Any]:
        """The results for items, in their order. Errors: what the function raises; WorkerLost."""
        from multiprocessing.connection import wait

        self.busy = True
        for end in self._ends:
            end.send_bytes(_JOB + task)
        waiting: dict[int, tuple[bool, Any]] = {}
        under_way = [0] * len(self._ends)
        sent = [False] * len(items)
        for wanted in range(len(items)):
            while wanted not in waiting:
                self._hand_out(items, range(wanted, len(items))[: _AHEAD * len(under_way)], sent, under_way)
                ready = wait(self._ends)
                for number in [number for number, end in enumerate(self._ends) if end in ready]:
                    index, fine, result = self._received(number)
                    under_way[number] -= 1
                    waiting[index] = fine, result
            fine, result = waiting.pop(wanted)
            if not fine:
                raise result
            if not waiting and all(sent) and not any(under_way):
                self.busy = False
            yield result
        self.busy = False

    def _hand_out(self, items: Sequence[Item], window: range, sent: list[bool], under_way: list[int]) -> None:
        """Give every process something to do, from the window: what it had before, else what nobody had."""
        for index in window:
            if sent[index]:
                continue
            item = items[index]
            number = self._place.get(item) if isinstance(item, str) else None
            if number is None:
                number = under_way.index(min(under_way))
            if under_way[number] < _DEPTH:
                if isinstance(item, str):
                    self._place[item] = number
                # Its number only: a process that is busy with sending a result would not read more than fits
                # into the pipe.
                self._ends[number].send_bytes(_ITEM + str(index).encode())
                sent[index] = True
                under_way[number] += 1
            elif min(under_way) == _DEPTH:
                break

    def _received(self, number: int) -> tuple[int, bool, Any]:
        try:
            found: tuple[int, bool, Any] = pickle.loads(self._ends[number].recv_bytes())
        except (EOFError, ConnectionResetError) as error:
            self._processes[number].join(1)
            code = self._processes[number].exitcode
            raise WorkerLost(f"a process of the build ended before its work (exit code {code})") from error
        return found

    def end(self, at_once: bool) -> None:
        """End the processes; at_once: even in the middle of their work."""
        for end, process in zip(self._ends, self._processes, strict=True):
            if at_once:
                process.kill()
            else:
                with suppress(OSError):
                    end.send_bytes(_STOP)
            end.close()
        for process in self._processes:
            process.join()


def _same(one: Home, other: Home) -> bool:
    return one is other


# ── what goes through the pipes ─────────────────────────────────────────────────────────────────


class _Packer(pickle.Pickler):
    """Writes a Home as its number among all that were met."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.homes: list[Home] = []

    def persistent_id(self, value: object) -> int | None:
        """pickle asks for every object."""
        if not isinstance(value, Home):
            return None
        for number, home in enumerate(self.homes):
            if home is value:
                return number
        self.homes.append(value)
        return len(self.homes) - 1


class _Unpacker(pickle.Unpickler):
    def __init__(self, data: bytes, homes: Sequence[Home]) -> None:
        super().__init__(io.BytesIO(data))
        self._homes = homes

    def persistent_load(self, number: int) -> Home:
        """The Home that `_Packer` numbered."""
        return self._homes[number]


def _packed(value: object) -> tuple[bytes, tuple[Home, ...]]:
    buffer = io.BytesIO()
    packer = _Packer(buffer)
    packer.dump(value)
    return buffer.getvalue(), tuple(packer.homes)


# ── in a child ──────────────────────────────────────────────────────────────────────────────────


def _work(parent: int, end: Connection, others: Sequence[Connection], homes: Sequence[Home]) -> None:
    """What a process does: a job (function, shared value, items), the numbers of the items it gets, the next
    job, until it is told to stop or the parent is gone."""
    _follow_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all: the parent ends its children
    for other in others:
        other.close()
    function: Callable[[Any, Any], Any] = _no_job
    shared: Any = None
    items: Sequence[Any] = ()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while (message := end.recv_bytes())[:1] != _STOP:
            if message[:1] == _JOB:
                function, shared, items = _Unpacker(message[1:], homes).load()
            else:
                index = int(message[1:])
                end.send_bytes(_answer(index, function, shared, items[index]))


def _answer(index: int, function: Callable[[Any, Any], Any], shared: Any, item: Any) -> bytes:
    try:
        return pickle.dumps((index, True, function(shared, item)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # raised again in the parent
        error.add_note("".join(traceback.format_exception(error)))
        try:
            data = pickle.dumps((index, False, error), pickle.HIGHEST_PROTOCOL)
            pickle.loads(data)
        except Exception:  # one that cannot travel
            stand_in = RuntimeError(repr(error))
            stand_in.add_note("".join(traceback.format_exception(error)))
            data = pickle.dumps((index, False, stand_in), pickle.HIGHEST_PROTOCOL)
        return data


def _no_job(shared: object, item: object) -> object:
    raise RuntimeError("an item came before its job")


def _follow_parent(parent: int) -> None:
    """A worker whose parent is killed would wait for work for ever: let the kernel end it too (Linux)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was gone before
            os._exit(1)
