"""The site of this repository, built by its own command into a folder of the caller's."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.helpers.machine import ROOT
from tests.helpers.projects import files_of

#: The folders of a project, besides config.yaml.
FOLDERS = ("content", "templates", "translations", "assets")


def build_site(folder: Path) -> Path:
    command = [sys.executable, str(ROOT / "build.py"), "build", "--output", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(
            f"The site does not build (exit code {done.returncode}):\n{done.stdout}{done.stderr}"
        )
    return folder


def site_languages() -> tuple[str, ...]:
    """The languages of the site of this repository, in the order of config.yaml."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    return tuple(config["languages"])


def sources_for(hosts: str, more: str = "", languages: Sequence[str] = ()) -> dict[str, bytes]:
    """The project of this repository for other hosts (`"nginx, apache"`), with `more` in config.yaml.
    languages: only these; none: all."""
    files = {"config.yaml": (ROOT / "config.yaml").read_bytes()}
    for name in FOLDERS:
        files |= {f"{name}/{path}": data for path, data in files_of(ROOT / name).items()}
    config, count = re.subn(r"(?m)^hosts: .*$", f"hosts: [{hosts}]", files["config.yaml"].decode())
    assert count == 1
    for tag in site_languages() if languages else ():
        if tag not in languages:
            config, count = re.subn(rf"(?m)^  {tag}:\n(?:    .*\n)*", "", config)
            assert count == 1
            folder = f"translations/{tag.replace('-', '_')}/"
            files = {path: data for path, data in files.items() if not path.startswith(folder)}
    return {**files, "config.yaml": (config + more).encode()}
