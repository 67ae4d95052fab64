"""A Mapper that uses several processes. It changes how long a build takes, never what it gives."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context

from policysite.core.model import Item, Rendered, Shared

#: Below this many items a second process costs more than it gives (measured on 2 cores: a fork and the
#: transfer of results take about as long as rendering this many documents in three languages).
PARALLEL_MINIMUM = 24

_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


class Executor:
    """Callable as a `Mapper`. jobs: processes to use (1 = this one)."""

    def __init__(self, jobs: int = 1, minimum: int = PARALLEL_MINIMUM) -> None:
        self._jobs = jobs
        self._minimum = minimum

    def __call__(
        self,
        function: Callable[[Shared, Item], Rendered],
        shared: Shared,
        items: Sequence[Item],
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


_forked: list[tuple[Callable[..., Rendered], object, Sequence[object]]] = []


def _forked_call(index: int) -> Rendered:
    function, shared, items = _forked[-1]
    return function(shared, items[index])


def _follow_parent() -> None:
    """A worker whose parent is killed would wait for work for ever: let the kernel end it too (Linux)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
