"""Publishes and is killed on order: `python killed.py OUTPUT PROJECT PAGES exchange|renames` (test_kill.py).

One order a line on stdin, one answer a line on stdout:

- `time a`: publish site a; answers with the seconds it took.
- `after 0.012 a`: a child publishes a, b, a, b … and gets SIGKILL after that time.
- `event 17 a`: a child publishes a and sends itself SIGKILL when its 17th audited call (open, rename, mkdir,
  link, unlink, dlsym …) is about to happen.
- `orphan a`: a child opens the output, forks a worker and gets SIGKILL; while the worker lives on, site a is
  published. Answers `done`.

The answer to the two before that is `killed` or `done`. Children are forked, so a kill costs milliseconds.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from policysite.publish import writer  # noqa: E402
from policysite.publish.writer import Staging  # noqa: E402
from tests.publish.sites import publish, site  # noqa: E402

OUTPUT, PROJECT = Path(sys.argv[1]), Path(sys.argv[2])
SITES = {name: site(name, int(sys.argv[3])) for name in ("a", "b")}

AUDITED = ("open", "os.", "ctypes.dl", "fcntl.")


def die_at(event_number: int) -> None:
    """From now on, count audited calls and die when the given one is about to happen."""
    seen = 0

    def count(event: str, _: object) -> None:
        nonlocal seen
        if event.startswith(AUDITED):
            seen += 1
            if seen == event_number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def child(kind: str, value: str, name: str) -> None:
    if kind == "event":
        # A kill loses nothing that was written, so waiting for the disk (and for all others who use it) shows
        # nothing here.
        writer._sync_file_system = lambda path: True
        die_at(int(value))
        publish(OUTPUT, PROJECT, SITES[name])
    else:
        for one in cycle((name, "b" if name == "a" else "a")):
            publish(OUTPUT, PROJECT, SITES[one])


def orphan(name: str) -> None:
    ready, tell = os.pipe()
    hold, free = os.pipe()
    builder = os.fork()
    if builder == 0:
        with Staging.open(OUTPUT, project=PROJECT):
            if os.fork() == 0:
                os.close(free)
                os.write(tell, b".")
                os.read(hold, 1)  # until the other ends are closed
                os._exit(0)
            signal.pause()
    os.read(ready, 1)
    os.kill(builder, signal.SIGKILL)
    os.waitpid(builder, 0)
    publish(OUTPUT, PROJECT, SITES[name], wait=5)
    for descriptor in (ready, tell, hold, free):
        os.close(descriptor)


def obey(order: str) -> str:
    kind, *values = order.split()
    if kind == "time":
        start = time.perf_counter()
        publish(OUTPUT, PROJECT, SITES[values[0]])
        return str(time.perf_counter() - start)
    if kind == "orphan":
        orphan(values[0])
        return "done"
    process = os.fork()
    if process == 0:
        try:
            child(kind, *values)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    if kind == "after":
        time.sleep(float(values[0]))
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return {-signal.SIGKILL: "killed", 0: "done"}.get(os.waitstatus_to_exitcode(status), "failed")


if __name__ == "__main__":
    if sys.argv[4] == "renames":
        writer._exchange = lambda first, second: False
    for line in sys.stdin:
        sys.stdout.write(obey(line) + "\n")
        sys.stdout.flush()
