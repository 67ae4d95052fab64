"""`python -m bench [NAME…]`: run the benchmarks, all or those named."""

from __future__ import annotations

import importlib
import sys

#: Modules of this package with a `main()`, in the order they run. One a line.
SCRIPTS = (
    "sync",  # catalogs: time and matches beside Babel and msgmerge
)


def main(names: list[str]) -> None:
    """Run them one after the other, each below its own name."""
    unknown = sorted(set(names) - set(SCRIPTS))
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(SCRIPTS)}")
    for name in names or SCRIPTS:
        print(f"── {name} ──")
        importlib.import_module(f"bench.{name}").main()
        print()


if __name__ == "__main__":
    main(sys.argv[1:])
