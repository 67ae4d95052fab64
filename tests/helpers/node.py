"""A script of this folder, run by Node.js: its tools have no door to Python."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.helpers.machine import find_node_file, find_program

HERE = Path(__file__).parent


def run_node(script: str, *arguments: str, standard_input: str = "", needs: str) -> Any:
    """The JSON that the script prints. needs: a file below node_modules/ that it cannot do without."""
    find_node_file(needs)
    command = [str(find_program(None, "node")), str(HERE / script), *arguments]
    done = subprocess.run(command, input=standard_input, capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        raise AssertionError(f"{script} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return json.loads(done.stdout)
