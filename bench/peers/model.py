"""What the benchmark knows of a tool: `Tool`, and the check that it wrote the right pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import (
    COMMONMARK,
    FACTS,
    INTERFACE,
    TEMPLATES,
    Article,
    Corpus,
    Dialect,
    Words,
    interface,
    say,
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A generator of static sites.

    write: makes the project of a corpus in an empty folder. edit: writes one document again, in one language.
    command: builds the project (folder, output). page: the output file of a document. keeps: what it keeps
    between builds, below the project; removed before a cold build. cold: flags for a build without any cache.
    limit: the most pages it is asked for, since more would take too long. note: what a reader of the results
    has to know.
    """

    name: str
    version: str
    write: Callable[[Corpus, Path], None]
    edit: Callable[[Corpus, Path, Article, Words], None]
    command: Callable[[Path, Path], list[str | Path]]
    page: Callable[[Path, Words, str], Path]
    keeps: tuple[str, ...] = ()
    cold: tuple[str, ...] = ()
    limit: int = 1_000_000
    note: str = ""


class Wrong(Exception):
    """A tool did not write what was asked of it."""


_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")
_ALTERNATE = re.compile(r"<link\b(?=[^>]*\brel=[\"']?alternate\b)(?=[^>]*\bhreflang=)[^>]*>", re.IGNORECASE)
_LANG = re.compile(r"<html\b[^>]*\blang=[\"']?([A-Za-z-]+)", re.IGNORECASE)


def faults(tool: Tool, corpus: Corpus, output: Path, every: int = 1) -> Iterator[str]:
    """What is wrong with the pages a tool wrote. every: look into each so many-th document only.

    A page has its language, its title, the sentence from the middle, a table, a list, a link with a language
    and one hreflang link for every language at least.
    """
    for article in corpus.articles():
        for words in corpus.languages:
            path = tool.page(output, words, article.slug)
            if not path.is_file():
                yield f"{path}: missing"
            elif article.number % every == 0 or article.number == 1:
                yield from (f"{path}: {fault}" for fault in _page_faults(path, article, words, corpus))


def _page_faults(path: Path, article: Article, words: Words, corpus: Corpus) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    text = _plain(source)
    found = _LANG.search(source)
    said = found.group(1) if found else "none"
    if said.lower().split("-")[0] != words.tag.lower().split("-")[0]:
        yield f"its language is {said}"
    for what, wanted in (("title", article.title), ("sentence from the middle", article.middle)):
        if _plain(say(wanted, words, COMMONMARK)) not in text:
            yield f"without its {what}"
    body = article.body(words, COMMONMARK)
    for element in ("<table", "<strong>", "<code>", "<ol", "<ul", "<h2", "<h3"):
        if element not in source and (element != "<code>" or "`" in body):
            yield f"without {element}"
    if "{{" in source or "{:" in source or "{#" in source:
        yield "with markup that nobody obeyed"
    count = len(_ALTERNATE.findall(source))
    if count < len(corpus.languages):
        yield f"{count} hreflang links"


def _plain(source: str) -> str:
    return _SPACE.sub(" ", html.unescape(_TAG.sub("", source)))


def front_matter(article: Article, words: Words, dialect: Dialect = COMMONMARK) -> dict[str, str]:
    """Title, description and lead of a document in a language."""
    return {
        "title": say(article.title, words, dialect),
        "description": say(article.description, words, dialect),
        "lead": say(article.lead, words, dialect),
    }


def texts(words: Words) -> dict[str, str]:
    """The interface in a language, by its English text; values are filled in."""
    values = {"email": str(FACTS["contact_email"]), "age": words.number(int(FACTS["minimum_age"]))}
    found = {}
    for key in INTERFACE:
        text = interface(key, words)
        for name, value in values.items():
            text = text.replace(f"%({name})s", value)
        found[key] = text
    return found


def menu(corpus: Corpus, words: Words) -> list[tuple[str, str]]:
    """(name, title) of the documents that every page links to."""
    return [(one.slug, say(one.title, words, COMMONMARK)) for one in map(corpus.article, _menu(corpus))]


def _menu(corpus: Corpus) -> range:
    return range(1, min(4, corpus.documents) + 1)


#: The style sheet of every peer.
STYLE = (TEMPLATES / "site.css").read_text(encoding="utf-8")
