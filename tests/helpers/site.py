"""The site of this repository, built by its own command into a folder of the caller's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.helpers.machine import ROOT


def build_site(folder: Path) -> Path:
    command = [sys.executable, str(ROOT / "build.py"), "build", "--output", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(
            f"The site does not build (exit code {done.returncode}):\n{done.stdout}{done.stderr}"
        )
    return folder
