"""`python -m bench [NAME…]`: the measurements of this folder, each printed as a table."""

from __future__ import annotations

import importlib
import sys

#: Every measurement: a module of this folder with a function `main() -> None`.
NAMES = ("sizes", "visits", "sync", "lighthouse")


def main(names: list[str]) -> int:
    """Run the named measurements, or all. Exit code 2 for an unknown name."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"no such measurement: {', '.join(unknown)}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in names or NAMES:
        print(f"\n== {name}\n", flush=True)
        importlib.import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
