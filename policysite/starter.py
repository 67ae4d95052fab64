"""What `init` makes: answers and the files of the starter → the files of a new project. Pure.

The starter's files are Jinja templates with marks of their own (`<% … %>`, `<< … >>`), since the texts they
hold use `{{ … }}` themselves. A file that comes out empty is left out; `DATE` in a name is the day of the
answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlsplit

from jinja2 import Environment, StrictUndefined
from msgspec import Struct

from policysite import pipeline
from policysite.catalogs import synced
from policysite.core import locales
from policysite.core.diagnostics import Diagnostic, has_errors
from policysite.core.model import CONFIG, Catalog, Sources
from policysite.translate.po import format_po, parse_po

#: The language the starter's texts are written in.
SOURCE = "en"

_TRANSLATIONS = "translations/"


class Answers(Struct, frozen=True):
    """What an owner says of the new site.

    url: scheme and host. languages: BCP 47 tags besides English, in order. analytics: whether Google
    Analytics is used, after consent. embed: https address of a frame on the home page, None for none.
    day: from which the policies apply.
    """

    name: str
    url: str
    email: str
    languages: tuple[str, ...]
    analytics: bool
    embed: str | None
    day: date


class LanguageState(Struct, frozen=True):
    """A language of the new site besides English: how many of its texts are there, of how many."""

    tag: str
    english_name: str
    translated: int
    total: int

    @property
    def complete(self) -> bool:
        """Whether it can be published."""
        return self.translated == self.total


class NewProject(Struct, frozen=True):
    """path → text of every file to write; and how complete each language is."""

    files: Mapping[str, str]
    languages: tuple[LanguageState, ...]


def new_project(
    answers: Answers, starter: Sources, theme: Sources, interfaces: Mapping[str, Catalog]
) -> NewProject:
    """The files of a new project.

    theme: what lies below it (`read_theme`). interfaces: tag → the theme's texts in that language. A language
    that is not complete is declared `published: false`.
    """
    files = _documents(answers, starter)
    catalogs = {tag: _catalogs(tag, starter, interfaces.get(tag)) for tag in answers.languages}
    draft = {**files, CONFIG: _config(answers, starter, frozenset())}
    sources = {**theme, **{path: text.encode() for path, text in draft.items()}}
    translated, problems = pipeline.translate(sources)
    _must_be_right(problems)
    assert translated is not None
    states = []
    for language in translated.project.config.translations:
        rows = synced(translated, [language], compendium=catalogs[language.tag])
        files |= {catalog.path: format_po(catalog) for catalog, _ in rows}
        messages = [message for catalog, _ in rows for message in catalog.messages]
        done = sum(1 for message in messages if message.usable)
        states.append(LanguageState(language.tag, language.english_name, done, len(messages)))
    complete = frozenset(state.tag for state in states if state.complete)
    files[CONFIG] = _config(answers, starter, complete)
    return NewProject(dict(sorted(files.items())), tuple(states))


def _must_be_right(problems: Sequence[Diagnostic]) -> None:
    """The starter itself is tested: a problem here is a bug."""
    if has_errors(problems):
        raise AssertionError(problems)


def _documents(answers: Answers, starter: Sources) -> dict[str, str]:
    made = {}
    for path, data in starter.items():
        if path.startswith("content/"):
            text = _rendered(data, answers, frozenset())
            if text.strip():
                made[path.replace("DATE", answers.day.isoformat())] = text
    return made


def _config(answers: Answers, starter: Sources, published: frozenset[str]) -> str:
    return _rendered(starter[CONFIG], answers, published)


def _rendered(data: bytes, answers: Answers, published: frozenset[str]) -> str:
    environment = Environment(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,  # Markdown and YAML; what an owner typed is quoted for YAML
    )
    environment.filters["quoted"] = lambda text: json.dumps(text, ensure_ascii=False)
    return environment.from_string(data.decode()).render(
        name=answers.name,
        url=answers.url,
        email=answers.email,
        languages=[{"tag": tag, "published": tag in published} for tag in answers.languages],
        analytics=answers.analytics,
        embed=answers.embed,
        embed_host=urlsplit(answers.embed).hostname if answers.embed else None,
    )


def _catalogs(tag: str, starter: Sources, interface: Catalog | None) -> tuple[Catalog, ...]:
    """What is there in a language: the starter's catalogs, then the texts of the theme."""
    folder = f"{_TRANSLATIONS}{locales.gettext_name(tag)}/LC_MESSAGES/"
    found = []
    for path, data in starter.items():
        if path.startswith(folder):
            domain = path.removeprefix(folder).removesuffix(".po")
            catalog, problems = parse_po(path, data.decode(), tag, domain)
            _must_be_right(problems)
            found.append(catalog)
    return (*found, *([interface] if interface else []))
