"""Where the tools are that tests drive, and what to do about one that is missing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

NODE_MODULES = ROOT / "node_modules"


class MissingToolError(RuntimeError):
    """A tool is not on this machine: a failure, not a skip, so that a green run means what it says."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} not found. `make setup-test` installs what the tests need"
            " (POLICYSITE_SKIP_BROWSER=1 leaves these tests out)."
        )


def find_program(variable: str | None, *names: str) -> Path:
    """The program that the environment variable names, else the first of `names` on PATH."""
    asked = os.environ.get(variable) if variable else None
    for name in [asked] if asked else names:
        if found := shutil.which(name):
            return Path(found)
    raise MissingToolError(f"{variable}={asked}" if asked else " or ".join(names))


def find_chromium() -> Path:
    return find_program("POLICYSITE_CHROMIUM", "chromium", "chromium-browser", "google-chrome")


def find_firefox() -> Path:
    return find_program("POLICYSITE_FIREFOX", "firefox-esr", "firefox")


def find_java() -> Path:
    return find_program(None, "java")


def find_node_file(path: str) -> Path:
    found = NODE_MODULES / path
    if not found.is_file():
        raise MissingToolError(f"node_modules/{path}")
    return found
