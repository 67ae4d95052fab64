"""Whatever is killed, whenever: the output folder is the whole old site or the whole new one.

Two ways to choose the moment: at random, on the scale of a measured publish; and before every single system
call that Python audits, one after the other, which depends on no clock.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from policysite.publish import writer
from tests.publish.sites import Tree, expected, matches_manifest, publish, site, tree

KILLED = Path(__file__).with_name("killed.py")


class Victim:
    """The process of killed.py."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def order(self, text: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        assert answer not in ("", "failed"), f"killed.py failed at “{text}”"
        return answer


@contextmanager
def victim(output: Path, project: Path, pages: int, way: str) -> Iterator[Victim]:
    command = [sys.executable, str(KILLED), str(output), str(project), str(pages), way]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Victim(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait() == 0


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The builds of this process, not those that are killed, leave the disk its time."""
    monkeypatch.setattr(writer, "_sync_file_system", lambda path: True)


class Room:
    """A folder with the output in it, and the trees that the two sites must leave there."""

    def __init__(self, folder: Path, pages: int) -> None:
        self.project = folder / "project"
        self.project.mkdir()
        self.parent = folder / "published"
        self.output = self.parent / "dist"
        self.sites = {name: site(name, pages) for name in "ab"}
        self.trees = {name: expected(files) for name, files in self.sites.items()}

    def publish(self, name: str) -> None:
        """Publish in this process, as the build after a kill does: it succeeds, nothing is left beside."""
        publish(self.output, self.project, self.sites[name])
        assert tree(self.output) == self.trees[name]
        assert [path.name for path in self.parent.iterdir()] == ["dist"]

    def which(self) -> str:
        """Name of the site in place: whole by its manifest and byte for byte; `missing` if none is."""
        if not self.output.exists():
            return "missing"
        return self.named(tree(self.output))

    def named(self, found: Tree) -> str:
        assert matches_manifest(found)
        names = [name for name, wanted in self.trees.items() if wanted == found]
        assert names, "neither the old site nor the new one"
        return names[0]

    def set_aside(self) -> str:
        """Name of the whole site that waits under the name of plain renames for the next build."""
        (old,) = self.parent.glob(".dist.old-*")
        return self.named(tree(old))


def other(name: str) -> str:
    return "b" if name == "a" else "a"


@pytest.mark.usefixtures("exchanges")
def test_killed_at_random_moments(tmp_path: Path) -> None:
    room = Room(tmp_path, pages=60)
    room.publish("a")
    chance = random.Random(20251001)
    left = Counter[str]()
    with victim(room.output, room.project, 60, "exchange") as process:
        # The usual time of a publish; a cap keeps the test short on a machine that is busy just now.
        scale = min(0.06, sorted(float(process.order(f"time {name}")) for name in "babab")[2])
        for _ in range(60):
            before = room.which()
            # Up to three publishes: kills fall before, in and after a swap, however fast the machine is.
            assert process.order(f"after {chance.uniform(0, 3 * scale):.6f} {other(before)}") == "killed"
            left[room.which()] += 1
            if chance.random() < 0.5:  # every other time the next build meets what the kill left
                room.publish(chance.choice("ab"))
    room.publish("a")
    assert set(left) <= {"a", "b"}


@pytest.mark.usefixtures("exchanges")
@pytest.mark.parametrize(
    ("way", "start", "allowed"),
    [
        ("exchange", "a", {"a", "b"}),
        ("exchange", "missing", {"missing", "b"}),
        ("renames", "a", {"a", "b", "missing"}),
    ],
)
def test_killed_before_every_call(tmp_path: Path, way: str, start: str, allowed: set[str]) -> None:
    room = Room(tmp_path, pages=6)
    room.publish("a")
    left = Counter[str]()
    with victim(room.output, room.project, 6, way) as process:
        for number in range(1, 1000):
            if start == "missing":
                shutil.rmtree(room.output)
            if process.order(f"event {number} b") == "done":
                break
            found = room.which()
            left[found] += 1
            if way == "renames" and found == "missing":
                assert room.set_aside() == "a"
            if way == "renames":
                assert process.order("time a")  # the next build, by renames too
            room.publish("a")
    assert room.which() == "b"
    assert set(left) == allowed  # there were kills before the swap, after it, and between two renames
    assert left["b"] > 1
    assert left[start] > 10
    if way == "renames":
        assert left["missing"] == 1


def test_a_worker_that_outlives_its_build_holds_nothing(tmp_path: Path) -> None:
    room = Room(tmp_path, pages=6)
    room.publish("a")
    with victim(room.output, room.project, 6, "exchange") as process:
        assert process.order("orphan b") == "done"
    assert room.which() == "b"
    room.publish("a")
