"""policysite itself, as a tool among the others."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from bench.corpus import Article, Corpus, Variant, Words, write_article, write_project
from bench.peers.model import Tool
from policysite import __version__

#: A day for every build, so that no figure depends on today's.
DAY = "2026-01-15"

POLICYSITE = "policysite"


def _edit(variant: Variant, corpus: Corpus, folder: Path, article: Article, words: Words) -> None:
    write_article(corpus, folder, article, variant, words.tag)


def _write(variant: Variant, precompress: bool, corpus: Corpus, folder: Path) -> None:
    folder.rmdir()
    write_project(corpus, folder, variant, precompress)


def policysite(
    name: str = POLICYSITE,
    variant: Variant = "catalogs",
    precompress: bool = False,
    flags: tuple[str, ...] = (),
    note: str = "",
) -> Tool:
    """policysite from this repository, every check on. flags: of `build`."""
    program = Path(sys.executable).parent / "policysite"

    def command(folder: Path, output: Path) -> list[str | Path]:
        build: list[str | Path] = [program, "build", "--project", folder, "--output", output]
        return [*build, "--date", DAY, *flags]

    return Tool(
        name=name,
        version=__version__,
        write=partial(_write, variant, precompress),
        edit=partial(_edit, variant),
        command=command,
        page=lambda output, words, slug: output / words.tag / slug / "index.html",
        keeps=(".policysite-cache",),
        cold=("--no-cache",),
        note=note,
    )
