"""The door to what ships with the package: templates, assets, their translations, and the starter.

Reads package data, never a project. In a checkout these files are the repository's own `templates/`,
`assets/` and `translations/`; a wheel has them in `policysite/theme/`. `starter/theme/` lies over both: it
stands in for what carries the brand of the site this repository was made for.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path

from policysite.core.model import Sources

#: Before the path of a file of the theme among the sources of a project.
THEME = "theme/"

#: The folders of a theme that a project's own ones lie over.
FOLDERS = ("templates", "assets")

_PACKAGE = Path(__file__).resolve().parent.parent


def theme_files() -> dict[str, Path]:
    """Every file of the theme by the path a project would give it (`templates/base.html`), sorted."""
    found: dict[str, Path] = {}
    for layer in (_theme(), _starter() / "theme"):
        for folder in FOLDERS:
            found |= _below(layer, folder)
    return dict(sorted(found.items()))


def read_theme(present: Container[str]) -> Sources:
    """The files of the theme that a project does not have, their paths after `THEME`."""
    return {THEME + path: file.read_bytes() for path, file in theme_files().items() if path not in present}


def read_interface(locale: str) -> str | None:
    """The catalog of the theme's texts in a language (gettext folder name); None where it has none."""
    file = _theme() / "translations" / locale / "LC_MESSAGES" / "site.po"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def read_starter() -> Sources:
    """What `init` makes a project of: the files below `starter/project/`, by their paths in the project."""
    return {path: file.read_bytes() for path, file in sorted(_below(_starter() / "project").items())}


def _theme() -> Path:
    installed = _PACKAGE / "theme"
    return installed if installed.is_dir() else _PACKAGE.parent


def _starter() -> Path:
    installed = _PACKAGE / "starter"
    return installed if installed.is_dir() else _PACKAGE.parent / "starter"


def _below(base: Path, folder: str = "") -> dict[str, Path]:
    return {
        path.relative_to(base).as_posix(): path
        for path in _files(base / folder)
        if not path.name.startswith(".")
    }


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            yield from _files(path)
        else:
            yield path
