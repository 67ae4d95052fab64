"""The Nu Html Checker: one run for all files, because its start costs more than a hundred pages."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.helpers.machine import find_java, find_node_file


@dataclass(frozen=True, slots=True)
class Message:
    path: str
    line: int
    kind: str
    """`error`, or `info` for a warning."""
    text: str
    extract: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind}: {self.text} {self.extract!r}"


def run_vnu(paths: Iterable[Path]) -> list[Message]:
    """What the checker says of HTML, CSS and SVG files; a folder stands for all such files below it."""
    targets = [str(path.resolve()) for path in paths]
    if not targets:
        raise ValueError("nothing to check")
    jar = find_node_file("vnu-jar/build/dist/vnu.jar")
    # One compiler tier: a run is over before the second one pays.
    command = [str(find_java()), "-Xss4m", "-XX:TieredStopAtLevel=1", "-jar", str(jar)]
    command += ["--format", "json", "--stdout", "--exit-zero-always"]
    command += ["--skip-non-html", "--also-check-css", "--also-check-svg"]
    done = subprocess.run(command + targets, capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        raise AssertionError(f"The Nu Html Checker failed:\n{done.stdout[:2000]}{done.stderr[:2000]}")
    return [
        Message(
            path=unquote(urlsplit(found.get("url", "")).path),
            line=found.get("lastLine", 0),
            kind=found["type"],
            text=found["message"],
            extract=found.get("extract", ""),
        )
        for found in json.loads(done.stdout)["messages"]
    ]
