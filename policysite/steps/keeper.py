"""Who knows the results of earlier builds, as the pipeline sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from policysite.core.model import Rendered

Kept = TypeVar("Kept")


#: The name of a step, and the digests or values of all it sees.
Step = tuple[str, Mapping[str, object]]


class Keeper(Protocol):
    """Knows the results of earlier builds. A step is a pure function of what `inputs` names."""

    def file(self, path: str) -> str:
        """Digest of a source file, as an input."""
        ...

    def kept(self, step: str, inputs: Mapping[str, object], make: Callable[[], Kept]) -> Kept:
        """What `make` returns: from the last build that had the same inputs, else made now.

        step: `check bn`; unique in a build. inputs: name → digest, value of the model, or names in turn.
        """
        ...

    def several(self, steps: Sequence[Step], run: Callable[[Sequence[int]], Iterator[Kept]]) -> list[Kept]:
        """`kept` for many steps at once; `run` makes those with the given numbers, in order."""
        ...

    def pages(
        self, steps: Sequence[Step], run: Callable[[Sequence[int]], Iterator[Rendered]]
    ) -> Iterator[Rendered]:
        """What each step (name, inputs) renders, in order; `run` makes those with the given numbers."""
        ...


class Forgetful:
    """The plain Keeper: every step is made."""

    def file(self, path: str) -> str:
        """Nothing is compared, so nothing is read."""
        return ""

    def kept(self, step: str, inputs: Mapping[str, object], make: Callable[[], Kept]) -> Kept:
        """What `make` returns."""
        return make()

    def several(self, steps: Sequence[Step], run: Callable[[Sequence[int]], Iterator[Kept]]) -> list[Kept]:
        """What `run` makes."""
        return list(run(range(len(steps))))

    def pages(
        self, steps: Sequence[Step], run: Callable[[Sequence[int]], Iterator[Rendered]]
    ) -> Iterator[Rendered]:
        """What `run` makes."""
        return run(range(len(steps)))
