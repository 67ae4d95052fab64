"""`python -m bench [NAME…] [OPTIONS]`: the measurements of this folder, each printed as a table."""

from __future__ import annotations

import importlib
import inspect
import sys

from bench.options import parse
from bench.tools import FOLDER

#: Every measurement: a module of this folder with a function `main(options) -> None`, or `main() -> None`.
NAMES = ("sizes", "visits", "sync", "lighthouse", "speed", "scale", "shards")


def main(arguments: list[str]) -> int:
    """Run the named measurements, or all. Exit code 2 for what is unknown."""
    options = parse(arguments, NAMES, FOLDER)
    for name in options.names:
        print(f"\n== {name}\n", flush=True)
        measurement = importlib.import_module(f"bench.{name}").main
        measurement(*([options] if inspect.signature(measurement).parameters else []))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
