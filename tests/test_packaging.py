"""Wheel and sdist: what is in them, that they can be made again byte for byte, that the wheel works alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from policysite import __version__
from policysite.load.theme import read_starter, theme_files
from tests.helpers.machine import ROOT

#: 2026-01-01, as SOURCE_DATE_EPOCH.
EPOCH = "1767225600"

#: The brand of the site in this repository is for no other.
BRAND = ("wordmark.html", "icon.svg", "poster.svg")


def built(folder: Path, source: Path = ROOT) -> tuple[Path, Path]:
    """(wheel, sdist) of a source tree, made by the locked builder without a network."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "PYTHONHASHSEED": "random"}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=source,
        env=environment,
        check=True,
        capture_output=True,
    )
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return built(tmp_path_factory.mktemp("packages"))


def files_of_wheel(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names))
        return {name: archive.read(name) for name in names}


def files_of_sdist(sdist: Path) -> dict[str, bytes]:
    with tarfile.open(sdist) as archive:
        found = {}
        for member in archive.getmembers():
            if member.isfile():
                data = archive.extractfile(member)
                assert data is not None
                found[member.name.partition("/")[2]] = data.read()
        return found


def package_files() -> Iterator[Path]:
    for path in sorted((ROOT / "policysite").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def test_the_wheel_holds_the_package_the_theme_and_the_starter(packages: tuple[Path, Path]) -> None:
    files = files_of_wheel(packages[0])
    expected = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in package_files()}
    for name, path in theme_files().items():
        layer = "starter/theme" if path.is_relative_to(ROOT / "starter") else "theme"
        expected[f"policysite/{layer}/{name}"] = path.read_bytes()
    for name, data in read_starter().items():
        expected[f"policysite/starter/project/{name}"] = data
    for path in (ROOT / "translations").glob("*/LC_MESSAGES/site.po"):
        expected[f"policysite/theme/{path.relative_to(ROOT).as_posix()}"] = path.read_bytes()
    meta = f"policysite-{__version__}.dist-info"
    assert {name for name in files if not name.startswith(meta)} == expected.keys()
    assert all(files[name] == data for name, data in expected.items())
    assert {"policysite/py.typed", "policysite/__main__.py", f"{meta}/licenses/LICENSE"} <= files.keys()
    assert not [name for name in files if name.endswith(BRAND) and "/starter/" not in name]
    metadata = files[f"{meta}/METADATA"].decode()
    assert "License-Expression: MIT" in metadata
    assert "Requires-Python: >=3.11" in metadata
    assert "policysite = policysite.cli:main" in files[f"{meta}/entry_points.txt"].decode()


def test_the_sdist_gives_the_same_wheel(packages: tuple[Path, Path], tmp_path: Path) -> None:
    wheel, sdist = packages
    names = files_of_sdist(sdist).keys()
    assert {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "build.py"} <= names
    assert not [name for name in names if name.startswith(("content/", "tests/", "dist/", "docs/"))]
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    again, _ = built(tmp_path / "again", source)
    assert again.read_bytes() == wheel.read_bytes()


def test_packages_are_reproducible(packages: tuple[Path, Path], tmp_path: Path) -> None:
    assert [path.read_bytes() for path in built(tmp_path)] == [path.read_bytes() for path in packages]


def test_packages_name_no_registry_and_no_machine(packages: tuple[Path, Path]) -> None:
    for files in (files_of_wheel(packages[0]), files_of_sdist(packages[1])):
        for name, data in files.items():
            assert str(ROOT).encode() not in data, name


# ── the wheel in an environment of its own ──────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def alone(packages: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a clean environment with the wheel in it. Its dependencies are those the
    tests have, by a path: nothing is downloaded, and the checkout itself is on no path."""
    folder = tmp_path_factory.mktemp("alone") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    programs = folder / "bin"
    install = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install", "--quiet"]
    install += ["--disable-pip-version-check", "--no-deps", "--no-index", str(packages[0])]
    subprocess.run(install, check=True, capture_output=True)
    (site,) = folder.glob("lib/python*/site-packages")
    # As a path, not as a folder of .pth files: the editable install of the checkout must not come along.
    (site / "dependencies.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    return programs


def run(program: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "SOURCE_DATE_EPOCH": EPOCH}
    command = [str(program), *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_installed_package_is_the_one_of_the_wheel(alone: Path, tmp_path: Path) -> None:
    code = (
        "import policysite, policysite.load.theme as t; print(policysite.__file__, *t.theme_files().values())"
    )
    done = run(alone / "python", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    paths = done.stdout.split()
    assert len(paths) > 30
    assert all(Path(path).is_relative_to(alone.parent) for path in paths)


def test_init_check_and_build_work_with_nothing_but_the_wheel(alone: Path, tmp_path: Path) -> None:
    program = alone / "policysite"
    done = run(program, "init", "site", "--analytics", "google", "--languages", "ar,bn", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    done = run(program, "check", cwd=tmp_path / "site")
    assert done.returncode == 0
    assert re.search(r"18 warnings\.$", done.stdout.strip())
    done = run(alone / "python", "-m", "policysite", "build", cwd=tmp_path / "site")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site/dist/ar/privacy/index.html").read_text(encoding="utf-8")
    assert "سياسة الخصوصية" in page


def test_module_and_command_say_the_same(alone: Path, tmp_path: Path) -> None:
    command = run(alone / "policysite", "--version", cwd=tmp_path)
    module = run(alone / "python", "-m", "policysite", "--version", cwd=tmp_path)
    assert command.stdout == module.stdout == f"policysite, version {__version__}\n"
