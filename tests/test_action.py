"""action.yml: its inputs, and its shell steps, run as a runner would on a good and on a broken site."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers import mini
from tests.helpers.machine import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
INSTALL, RUN = (step for step in STEPS if "run" in step)


def run(step: dict[str, Any], cwd: Path, temporary: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """A step with these inputs, by the shell GitHub uses for `shell: bash`."""
    values = {name: str(item["default"]) for name, item in ACTION["inputs"].items()}
    assert inputs.keys() <= values.keys()
    values |= inputs
    environment = {"PATH": f"{temporary}:/usr/bin:/bin", "RUNNER_TEMP": str(temporary), "HOME": str(cwd)}
    environment["SOURCE_DATE_EPOCH"] = "1767225600"
    for name, expression in step["env"].items():
        environment[name] = re.sub(
            r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: values[match[1]], expression
        ).replace("${{ github.action_path }}", str(ROOT))
        assert "${{" not in environment[name]
    bash = shutil.which("bash")
    assert bash
    command = [bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The runner's folder, with the environment the install step makes (here: that of the tests)."""
    programs = tmp_path / "runner" / "policysite" / "bin"
    programs.mkdir(parents=True)
    (programs / "policysite").symlink_to(Path(sys.executable).with_name("policysite"))
    return tmp_path / "runner"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return mini.write(tmp_path / "work" / "site").parent


@pytest.fixture
def broken(good: Path) -> Path:
    page = good / "site/content/contact.md"
    page.write_text(page.read_text() + "\n[lost](/nowhere/)\n")
    return good


def test_no_input_is_put_into_a_script_as_text() -> None:
    """An input in `run:` would be code; in `env:` it is a value (GitHub, security hardening)."""
    assert ACTION["runs"]["using"] == "composite"
    for step in (INSTALL, RUN):
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
    assert list(ACTION["inputs"]) == ["command", "project", "version", "args", "sarif", "python-version"]
    assert all(item["description"] for item in ACTION["inputs"].values())


def test_a_good_site_passes(good: Path, temporary: Path) -> None:
    done = run(RUN, good, temporary, project="site")
    assert done.returncode == 0, done.stderr
    assert "::error" not in done.stdout


def test_a_broken_site_fails_with_annotations(broken: Path, temporary: Path) -> None:
    for command in ("check", "build"):
        done = run(RUN, broken, temporary, project="site", command=command)
        assert done.returncode == 1
        assert re.search(r"^::error file=[^\n]*content/contact\.md,line=\d+", done.stdout, re.MULTILINE)
        assert "D203" in done.stdout
    assert not (broken / "site/dist").exists()


def test_build_takes_arguments(good: Path, temporary: Path) -> None:
    done = run(
        RUN, good, temporary, project="site", command="build", args="--output public  --no-precompress"
    )
    assert done.returncode == 0, done.stderr
    assert (good / "public/en/index.html").is_file()
    assert not list((good / "public").rglob("*.br"))


@pytest.mark.parametrize("site", ["good", "broken"])
def test_sarif_is_written_whatever_is_found(
    site: str, temporary: Path, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(site)
    done = run(RUN, folder, temporary, project="site", sarif="found.sarif")
    assert done.returncode == (0 if site == "good" else 1)
    found = json.loads((folder / "found.sarif").read_text(encoding="utf-8"))
    rules = {result["ruleId"] for result in found["runs"][0]["results"]}
    assert ("D203" in rules) is (site == "broken")


def test_an_unknown_command_and_a_wrong_option_stop(good: Path, temporary: Path) -> None:
    done = run(RUN, good, temporary, command="serve; touch evil")
    assert done.returncode == 2
    assert "::error::" in done.stdout
    assert run(RUN, good, temporary, project="site", args="; touch evil").returncode == 2
    assert run(RUN, good, temporary, project="site", args="$(touch evil)", sarif="x.sarif").returncode == 2
    assert not list(good.rglob("evil"))


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ("", str(ROOT)),
        ("0.1.0", "policysite==0.1.0"),
        ("dist/policysite-0.1.0-py3-none-any.whl", "dist/policysite-0.1.0-py3-none-any.whl"),
        (
            "policysite @ git+https://git.example/policysite@main",
            "policysite @ git+https://git.example/policysite@main",
        ),
    ],
)
def test_what_is_installed(version: str, wanted: str, tmp_path: Path) -> None:
    """The step makes an environment of its own and asks pip there; pip itself is a note-taker here."""
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$@" >>"$HOME/asked"\n'
        '[ "$2" = venv ] || exit 0\nmkdir -p "$3/bin"\ncp "$0" "$3/bin/python"\n'
    )
    python.chmod(0o755)
    done = run(INSTALL, tmp_path, tmp_path, version=version)
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == ["-m", "venv", f"{tmp_path}/policysite", "-m", "pip", "install", "--quiet", wanted]
