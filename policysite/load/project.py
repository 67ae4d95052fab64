"""{path: bytes} → `Project`: decodes, sorts every file to its kind, and reports all problems at once."""

from __future__ import annotations

import re
from datetime import date

from policysite.core.diagnostics import Diagnostic, Place, did_you_mean, place_at, problem
from policysite.core.locales import gettext_name
from policysite.core.model import (
    Config,
    Document,
    Glossary,
    OutputFile,
    Project,
    Sources,
    TextFile,
    VersionLock,
)
from policysite.load.config import load_config
from policysite.load.documents import CONTENT, load_document
from policysite.load.glossary import load_glossary
from policysite.load.locks import NAME, parse_lock
from policysite.load.overrides import Environment
from policysite.load.theme import THEME

TEMPLATES = "templates/"
ASSETS = "assets/"
TRANSLATIONS = "translations/"

#: Catalog domain of what templates and config say.
SITE_DOMAIN = "site"

#: Page or policy a content file belongs to, by its path alone.
_PAGE_KEY = re.compile(r"content/([^/.]+)(?:/[^/]+\.md|(?:\.[A-Za-z0-9-]+)?\.md)\Z")
_LOCK = re.compile(rf"content/(?P<key>[^/]+)/{re.escape(NAME)}\Z")
_CATALOG = re.compile(r"translations/(?P<locale>[^/]+)/LC_MESSAGES/(?P<domain>[^/]+)\.po\Z")

_GLOSSARY = re.compile(r"translations/(?P<locale>[^/]+)/glossary\.yaml\Z")


def load_project(
    sources: Sources, environment: Environment = (), release: bool = False
) -> tuple[Project | None, tuple[Diagnostic, ...]]:
    """Returns (project, problems). Without a valid config.yaml there is no project.

    environment and release: see `load_config`.
    """
    problems: list[Diagnostic] = []
    text = _decode("config.yaml", sources.get("config.yaml", b""), problems)
    pages = frozenset(match.group(1) for path in sources if (match := _PAGE_KEY.match(path)))
    config, found = (
        load_config("config.yaml", text, pages, environment, release) if text is not None else (None, ())
    )
    problems += found
    sources = _with_theme(sources, config)
    documents: list[Document] = []
    overrides: list[Document] = []
    catalogs: list[tuple[str, str, TextFile]] = []
    templates: list[TextFile] = []
    assets: list[OutputFile] = []
    glossaries: list[Glossary] = []
    locks: list[VersionLock] = []
    for path in sorted(sources):
        data = sources[path]
        if match := _LOCK.match(path):
            text = _decode(path, data, problems)
            if text is not None:
                lock, found = parse_lock(path, match["key"], text)
                problems += found
                locks += [lock] if lock else []
        elif path.startswith(CONTENT):
            _document(path, data, documents, overrides, problems)
        elif path.startswith(TEMPLATES):
            text = _decode(path, data, problems)
            if text is not None:
                templates.append(TextFile(path.removeprefix(TEMPLATES), text))
        elif path.startswith(ASSETS):
            if path.endswith((".css", ".js", ".svg")) and _decode(path, data, problems) is None:
                continue
            assets.append(OutputFile(path.removeprefix(ASSETS), data))
        elif path.startswith(TRANSLATIONS) and path.endswith(".po") and config is not None:
            _catalog(path, data, config, catalogs, problems)
        elif path.startswith(TRANSLATIONS) and path.endswith((".yaml", ".yml")) and config is not None:
            _glossary(path, data, config, glossaries, problems)
    if config is None:
        return None, tuple(problems)
    problems += _belongings(config, sources, pages, documents, overrides, catalogs)
    project = Project(
        config,
        tuple(documents),
        tuple(overrides),
        tuple(catalogs),
        tuple(templates),
        tuple(assets),
        tuple(glossaries),
        tuple(locks),
    )
    return project, tuple(problems)


def _with_theme(sources: Sources, config: Config | None) -> Sources:
    """The sources with the theme's files in the places the project left empty, or without them."""
    own = {path: data for path, data in sources.items() if not path.startswith(THEME)}
    if config is not None and config.theme == "none":
        return own
    return {path.removeprefix(THEME): data for path, data in sources.items() if path.startswith(THEME)} | own


def _decode(path: str, data: bytes, problems: list[Diagnostic]) -> str | None:
    """UTF-8 text with `\\n` line ends and without a byte order mark."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        readable = data[: error.start].decode("utf-8", "replace")
        place = place_at(path, readable, len(readable))
        problems.append(
            problem(
                "S001",
                place,
                f"byte {error.start} (0x{data[error.start]:02x}) is not valid UTF-8",
                "save the file as UTF-8 in your editor",
            )
        )
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _document(
    path: str,
    data: bytes,
    documents: list[Document],
    overrides: list[Document],
    problems: list[Diagnostic],
) -> None:
    if not path.endswith(".md"):
        problems.append(
            problem(
                "S004", Place(path), "content/ holds Markdown files only", "put other files below assets/"
            )
        )
        return
    text = _decode(path, data, problems)
    if text is None:
        return
    document, found = load_document(path, text)
    problems.extend(found)
    if document is not None:
        (overrides if document.locale else documents).append(document)


def _catalog(
    path: str,
    data: bytes,
    config: Config,
    catalogs: list[tuple[str, str, TextFile]],
    problems: list[Diagnostic],
) -> None:
    match = _CATALOG.match(path)
    if match is None:
        hint = "translations/<language>/LC_MESSAGES/<page or policy>.po"
        problems.append(problem("T003", Place(path), "this catalog is in no place a language uses", hint))
        return
    tag = _tag_of(path, match["locale"], config, problems)
    text = _decode(path, data, problems) if tag else None
    if tag is not None and text is not None:
        catalogs.append((tag, match["domain"], TextFile(path, text)))


def _tag_of(path: str, locale: str, config: Config, problems: list[Diagnostic]) -> str | None:
    """The language of a folder below translations/."""
    tags = {gettext_name(language.tag): language.tag for language in config.languages}
    if locale not in tags:
        hint = did_you_mean(locale, tags, f"declare it in config.yaml, below languages ({', '.join(tags)})")
        problems.append(problem("T003", Place(path), f"no language of this site is “{locale}”", hint))
    return tags.get(locale)


def _glossary(
    path: str, data: bytes, config: Config, glossaries: list[Glossary], problems: list[Diagnostic]
) -> None:
    match = _GLOSSARY.match(path)
    if match is None:
        hint = "a glossary is translations/<language>/glossary.yaml"
        problems.append(problem("T003", Place(path), "this file is in no place a language uses", hint))
        return
    tag = _tag_of(path, match["locale"], config, problems)
    text = _decode(path, data, problems) if tag else None
    if tag is not None and text is not None:
        glossary, found = load_glossary(path, text, tag)
        problems.extend(found)
        if glossary is not None:
            glossaries.append(glossary)


def _belongings(
    config: Config,
    files: Sources,
    pages: frozenset[str],
    documents: list[Document],
    overrides: list[Document],
    catalogs: list[tuple[str, str, TextFile]],
) -> list[Diagnostic]:
    """What belongs to nothing: overrides without source, catalogs and pages without what they name.

    files and pages tell what is there by name: a file that could not be loaded is still there.
    """
    found: list[Diagnostic] = []
    tags = {language.tag for language in config.languages}
    for override in overrides:
        if override.locale not in tags or override.locale == config.source:
            hint = did_you_mean(str(override.locale), tags, "declare the language in config.yaml")
            found.append(
                problem(
                    "D303", Place(override.path), f"“{override.locale}” is no translation of this site", hint
                )
            )
        elif override.path.removesuffix(f".{override.locale}.md") + ".md" not in files:
            hint = "an override stands beside its English file, with the language before .md"
            found.append(
                problem("D303", Place(override.path), "there is no English file it could translate", hint)
            )
    begun: dict[tuple[str, date], Document] = {}
    for document in documents:
        if document.version is not None:
            other = begun.setdefault((document.key, document.version.date), document)
            if other is not document:
                message = f"{other.path} begins on the same day ({document.version.date.isoformat()})"
                hint = "name one of them by the day it takes effect, or remove one"
                found.append(problem("D106", Place(document.path), message, hint))
    domains = pages | {SITE_DOMAIN}
    for _, domain, file in catalogs:
        if domain not in domains:
            hint = did_you_mean(domain, domains, "catalogs are named like the page or policy they translate")
            found.append(problem("T003", Place(file.path), f"there is no page or policy “{domain}”", hint))
    embeds = {service.id for service in config.services if service.kind == "embed"}
    for document in (*documents, *overrides):
        if document.embed is not None and document.embed not in embeds:
            hint = did_you_mean(
                document.embed, embeds, "declare it in config.yaml, below services, with kind: embed"
            )
            found.append(
                problem("D104", Place(document.path), f"no embedded service is “{document.embed}”", hint)
            )
    return found
