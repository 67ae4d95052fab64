"""What is ready-made for CI: hooks of pre-commit, workflow and settings in the how-tos, run for real."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from policysite.core.model import CONFIG
from policysite.load.sources import FOLDERS
from tests.helpers import mini
from tests.helpers.machine import ROOT

HOW_TO = ROOT / "docs" / "how-to"
BIN = Path(sys.executable).parent

_FENCE = re.compile(r"^( *)```yaml\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def yaml_of(page: str) -> list[Any]:
    """Every YAML example of a page, parsed."""
    text = (HOW_TO / page).read_text(encoding="utf-8")
    return [
        yaml.safe_load(re.sub(f"^{indent}", "", block, flags=re.MULTILINE))
        for indent, block in _FENCE.findall(text)
    ]


HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command as CI runs it: `policysite` first on PATH, nothing else of the caller's set-up."""
    environment = {"PATH": f"{BIN}:/usr/bin:/bin", "SOURCE_DATE_EPOCH": "1767225600", "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return mini.write(tmp_path / "site")


# ── pre-commit ──────────────────────────────────────────────────────────────────────────────────


def test_the_hooks_have_what_pre_commit_needs() -> None:
    assert list(HOOKS) == ["policysite-check", "policysite-sync"]
    for hook in HOOKS.values():
        assert {"id", "name", "entry", "language", "files", "pass_filenames"} <= hook.keys()
        assert hook["language"] == "python"
        assert hook["pass_filenames"] is False
        wanted = re.compile(hook["files"])
        assert wanted.match(CONFIG)
        assert not wanted.match("README.md")
        assert not wanted.match("config.yaml.orig")
    assert all(re.match(HOOKS["policysite-check"]["files"], f"{folder}/x") for folder in FOLDERS)


@pytest.mark.parametrize("name", list(HOOKS))
def test_the_entry_of_a_hook_runs(name: str, project: Path) -> None:
    done = run(shlex.split(HOOKS[name]["entry"]), project)
    assert done.returncode == 0, done.stderr


def test_the_check_hook_stops_a_mistake(project: Path) -> None:
    page = project / "content" / "contact.md"
    page.write_text(page.read_text() + "\n[lost](/nowhere/)\n")
    done = run(shlex.split(HOOKS["policysite-check"]["entry"]), project)
    assert done.returncode == 1
    assert "D203" in done.stderr


def test_the_how_to_names_hooks_that_exist() -> None:
    whole, below = yaml_of("use-pre-commit.md")
    assert [hook["id"] for repo in whole["repos"] for hook in repo["hooks"]] == list(reversed(HOOKS))
    assert [hook["id"] for hook in below] == ["policysite-check"]
    assert below[0]["args"] == ["--project", "site"]


def test_the_hook_takes_the_arguments_of_the_how_to(project: Path) -> None:
    _, below = yaml_of("use-pre-commit.md")
    entry = [*shlex.split(HOOKS["policysite-check"]["entry"]), *below[0]["args"]]
    assert run(entry, project.parent).returncode == 0


# ── GitHub Actions ──────────────────────────────────────────────────────────────────────────────


_ON = True  # how YAML 1.1 reads the key `on`


def workflow() -> dict[Any, Any]:
    found: dict[Any, Any] = yaml_of("build-in-ci.md")[0]
    return found


def test_the_workflow_has_its_parts() -> None:
    found = workflow()
    assert found["permissions"] == {"contents": "read"}
    assert set(found[_ON]) == {"push", "pull_request"}
    steps = found["jobs"]["check"]["steps"]
    assert [step["uses"].split("@")[0] for step in steps if "uses" in step] == [
        "actions/checkout",
        "actions/setup-python",
    ]
    assert all("uses" in step or "run" in step for step in steps)


def test_the_steps_of_the_workflow_run(project: Path, tmp_path: Path) -> None:
    """Each `run` but the installation, by the shell and in the way of a runner."""
    bash = shutil.which("bash")
    git = shutil.which("git")
    assert bash
    assert git
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run([git, *command], cwd=project, check=True)
    steps = [step["run"] for step in workflow()["jobs"]["check"]["steps"] if "run" in step]
    assert steps[0] == 'python -m pip install "$POLICYSITE"'
    summary = tmp_path / "summary"

    def results() -> list[int]:
        return [
            run(
                [bash, "-e", "-c", f"export GITHUB_STEP_SUMMARY={shlex.quote(str(summary))}\n{step}"], project
            ).returncode
            for step in steps[1:]
        ]

    assert results() == [1, 0, 0]  # the small project's catalogs lack some texts, which sync adds
    subprocess.run([git, "add", "-A"], cwd=project, check=True)
    assert results() == [0, 0, 0]
    assert "readers see" in summary.read_text()


# ── Crowdin ─────────────────────────────────────────────────────────────────────────────────────


def test_crowdin_is_told_where_templates_and_catalogs_are(project: Path) -> None:
    (settings,) = yaml_of("use-crowdin.md")
    (files,) = settings["files"]
    assert run(["policysite", "translations", "template"], project).returncode == 0
    sources = sorted(project.glob(files["source"].lstrip("/")))
    assert [path.stem for path in sources] == ["contact", "home", "not-found", "privacy", "site"]
    for path in sources:
        name = files["translation"].lstrip("/").replace("%two_letters_code%", "bn")
        assert (project / name.replace("%file_name%", path.stem)).parent.is_dir()
    assert (project / "translations/bn/LC_MESSAGES/home.po").is_file()


# ── Weblate ─────────────────────────────────────────────────────────────────────────────────────


def test_the_expression_for_weblate_finds_every_catalog() -> None:
    text = (HOW_TO / "use-weblate.md").read_text(encoding="utf-8")
    expression = re.search(r"Regular expression \| `([^`]+)`", text)
    assert expression
    catalogs = sorted((ROOT / "translations").rglob("*.po"))
    assert catalogs
    for path in catalogs:
        match = re.fullmatch(expression[1], path.relative_to(ROOT).as_posix())
        assert match
        assert match["component"] == path.stem
        assert match["language"] == path.parts[-3]
