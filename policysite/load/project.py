"""{path: bytes} → `Project`: decodes, sorts every file to its kind, and reports all problems at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from policysite.core.diagnostics import Diagnostic, Place, did_you_mean, place_at, problem
from policysite.core.locales import gettext_name
from policysite.core.model import (
    CONFIG,
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
    config, problems = load_settings(sources, environment, release)
    visible = Renamed(sources, themed(sources, config))
    project, found = load_files(visible, visible, config)
    return project, (*problems, *found)


def load_settings(
    sources: Sources, environment: Environment = (), release: bool = False
) -> tuple[Config | None, tuple[Diagnostic, ...]]:
    """config.yaml alone. Of all other files only the names count."""
    problems: list[Diagnostic] = []
    text = decode(CONFIG, sources.get(CONFIG, b""), problems)
    if text is None:
        return None, tuple(problems)
    config, found = load_config(CONFIG, text, page_keys(sources), environment, release)
    return config, (*problems, *found)


def page_keys(paths: Iterable[str]) -> frozenset[str]:
    """The names of all pages and policies, by the paths alone."""
    return frozenset(match.group(1) for path in paths if (match := _PAGE_KEY.match(path)))


def grouped(paths: Iterable[str]) -> dict[str, list[str]]:
    """Every path with the page or policy it belongs to: content, lock, catalogs. What all share (or what
    belongs to nothing) is in the group ''."""
    paths = sorted(paths)
    keys = page_keys(paths)
    groups: dict[str, list[str]] = {"": []}
    for path in paths:
        catalog = _CATALOG.match(path)
        if path.startswith(CONTENT):
            key = path.removeprefix(CONTENT).partition("/")[0].partition(".")[0]
        else:
            key = catalog["domain"] if catalog and catalog["domain"] in keys - {SITE_DOMAIN} else ""
        groups.setdefault(key, []).append(path)
    return groups


def catalog_at(path: str, config: Config) -> tuple[str, str] | None:
    """(language tag, domain) of a catalog's path; None for what is no catalog of a language of the site."""
    match = _CATALOG.match(path)
    tags = {language.locale: language.tag for language in config.languages}
    return (tags[match["locale"]], match["domain"]) if match and match["locale"] in tags else None


def load_files(
    sources: Sources, paths: Iterable[str], config: Config | None
) -> tuple[Project | None, tuple[Diagnostic, ...]]:
    """The files named by `paths`; of the other sources only the names count.

    Returns (project, problems); without a config there is no project, but problems all the same.
    """
    problems: list[Diagnostic] = []
    documents: list[Document] = []
    overrides: list[Document] = []
    catalogs: list[tuple[str, str, TextFile]] = []
    templates: list[TextFile] = []
    assets: list[OutputFile] = []
    glossaries: list[Glossary] = []
    locks: list[VersionLock] = []
    for path in sorted(paths):
        data = sources[path]
        if match := _LOCK.match(path):
            text = decode(path, data, problems)
            if text is not None:
                lock, found = parse_lock(path, match["key"], text)
                problems += found
                locks += [lock] if lock else []
        elif path.startswith(CONTENT):
            _document(path, data, documents, overrides, problems)
        elif path.startswith(TEMPLATES):
            text = decode(path, data, problems)
            if text is not None:
                templates.append(TextFile(path.removeprefix(TEMPLATES), text))
        elif path.startswith(ASSETS):
            if path.endswith((".css", ".js", ".svg")) and decode(path, data, problems) is None:
                continue
            assets.append(OutputFile(path.removeprefix(ASSETS), data))
        elif path.startswith(TRANSLATIONS) and path.endswith(".po") and config is not None:
            _catalog(path, data, config, catalogs, problems)
        elif path.startswith(TRANSLATIONS) and path.endswith((".yaml", ".yml")) and config is not None:
            _glossary(path, data, config, glossaries, problems)
    if config is None:
        return None, tuple(problems)
    problems += _belongings(config, sources, page_keys(sources), documents, overrides, catalogs)
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


class Renamed(Mapping[str, bytes]):
    """Sources under other paths. names: path here → path there."""

    def __init__(self, sources: Sources, names: Mapping[str, str]) -> None:
        self._sources, self._names = sources, names

    def __getitem__(self, path: str) -> bytes:
        return self._sources[self._names[path]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def themed(sources: Iterable[str], config: Config | None) -> dict[str, str]:
    """Path in the project → path among the sources: the theme's files stand in the places the project left
    empty, or (`theme: none`) nowhere."""
    own = {path: path for path in sources if not path.startswith(THEME)}
    if config is not None and config.theme == "none":
        return own
    return {path.removeprefix(THEME): path for path in sources if path.startswith(THEME)} | own


def decode(path: str, data: bytes, problems: list[Diagnostic]) -> str | None:
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
    text = decode(path, data, problems)
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
    text = decode(path, data, problems) if tag else None
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
    text = decode(path, data, problems) if tag else None
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
