"""The documents of a project, each read, parsed and planned when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from policysite.core.diagnostics import Diagnostic
from policysite.core.model import (
    Catalog,
    Config,
    DocumentPlan,
    Home,
    LanguageText,
    ParsedDocument,
    Project,
    Sources,
)
from policysite.load.documents import locale_at
from policysite.load.project import SITE_DOMAIN, catalog_at, decode, grouped, load_files
from policysite.plan.pages import plan_document
from policysite.plan.versions import with_amendments
from policysite.translate.checks import too_long
from policysite.translate.lint import override_problems
from policysite.translate.po import parse_po
from policysite.translate.rules.scope import Scope
from policysite.translate.segments import parse_document, source_digest
from policysite.translate.sync import segmenter_problems
from policysite.translate.texts import source_text, translated_text


class Documents(Home):
    """The documents of a project, each read and parsed when somebody asks, once (in each process)."""

    def __init__(
        self, sources: Sources, config: Config, day: date, checked: Sequence[str] | None = None
    ) -> None:
        self._sources = sources
        self.config = config
        self.day = day
        #: The languages whose catalogs are checked; None for all.
        self.checked = checked
        self.groups = grouped(sources)
        #: path → (tag, domain) of every catalog.
        self.owners = {
            path: owner
            for paths in self.groups.values()
            for path in paths
            if path.endswith(".po") and (owner := catalog_at(path, config))
        }
        self._tags = frozenset(language.tag for language in config.languages)
        #: tag → what the rules of the language see.
        self.scopes: dict[str, Scope] = {}
        self._slices: dict[str, Slice] = {}
        self._catalogs: dict[str, tuple[Catalog | None, tuple[Diagnostic, ...]]] = {}
        self._plans: dict[
            str, tuple[DocumentPlan | None, tuple[Diagnostic, ...], tuple[Diagnostic, ...]]
        ] = {}

    def language_of(self, path: str) -> str | None:
        """The one language (tag) whose pages depend on a file of their document; None: all do."""
        owner = self.owners.get(path)
        tag = owner[0] if owner else locale_at(path)
        return tag if tag in self._tags else None

    def slice(self, key: str) -> Slice:
        """A document's files, loaded and parsed. key: as in `grouped`."""
        if key not in self._slices:
            project, problems = load_files(self._sources, self.groups.get(key, ()), self.config)
            assert project is not None  # there is a config
            parsed = tuple(parse_document(document) for document in project.documents)
            overrides = tuple(parse_document(document) for document in project.overrides)
            # Catalogs are read when they are asked for: their text would be most of what is held.
            self._slices[key] = Slice(replace(project, catalogs=()), problems, parsed, overrides)
        return self._slices[key]

    def catalog(self, path: str) -> tuple[Catalog | None, tuple[Diagnostic, ...]]:
        """(catalog, problems of reading it); None for what is no text or belongs to no language."""
        if path not in self._catalogs:
            owner = self.owners.get(path)
            text = decode(path, self._sources[path], []) if owner else None
            if owner is None or text is None:
                self._catalogs[path] = None, ()
            else:
                catalog, faults = parse_po(path, text, *owner)
                self._catalogs[path] = catalog, (*faults, *segmenter_problems(catalog))
        return self._catalogs[path]

    def catalog_of(self, tag: str, domain: str) -> Catalog | None:
        """The catalog of a language and domain, if there is one that can be read."""
        group = "" if domain == SITE_DOMAIN else domain
        for path in self.groups.get(group, ()):
            if self.owners.get(path) == (tag, domain):
                return self.catalog(path)[0]
        return None

    def catalogs(self, key: str) -> tuple[Catalog, ...]:
        """Every catalog of a document, in the order of the paths."""
        found = [self.catalog(path)[0] for path in self.groups.get(key, ()) if path.endswith(".po")]
        return tuple(catalog for catalog in found if catalog is not None)

    def forget_catalogs(self, key: str) -> None:
        """Let go of a document's catalogs: a large site would not fit into memory. Who asks again waits."""
        for path in self.groups[key]:
            self._catalogs.pop(path, None)

    def forget(self, key: str) -> None:
        """Let go of all that was made of a document."""
        self.forget_catalogs(key)
        self._slices.pop(key, None)
        self._plans.pop(key, None)

    def planned(self, key: str) -> tuple[DocumentPlan | None, tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
        """(plan, problems of overrides, problems of the plan); no plan where nothing can be published."""
        if key not in self._plans:
            piece = self.slice(key)
            texts, faults = texts_of(self.config, piece.parsed, piece.overrides, self.catalogs(key))
            plan: DocumentPlan | None = None
            found: tuple[Diagnostic, ...] = ()
            if piece.parsed:
                group = [item.document for item in piece.parsed]
                plan, found = plan_document(self.config, group, texts, self.day)
                plan = with_amendments(plan, piece.project.locks) if plan else None
            self._plans[key] = plan, faults, found
        return self._plans[key]

    def plan(self, key: str) -> DocumentPlan:
        """The plan of a document that has one (KeyError)."""
        plan, _, _ = self.planned(key)
        if plan is None:
            raise KeyError(key)
        return plan


class Slice(Struct, frozen=True):
    """The files of one document: project holds nothing else, and no catalogs. problems: of loading."""

    project: Project
    problems: tuple[Diagnostic, ...]
    parsed: tuple[ParsedDocument, ...]
    overrides: tuple[ParsedDocument, ...]


def texts_of(
    config: Config,
    parsed: Sequence[ParsedDocument],
    override_files: Sequence[ParsedDocument],
    catalogs: Sequence[Catalog],
) -> tuple[dict[tuple[str, str], LanguageText], tuple[Diagnostic, ...]]:
    """What every language has for each of the documents, and what is wrong with overrides."""
    problems: list[Diagnostic] = []
    texts: dict[tuple[str, str], LanguageText] = {}
    of_catalog = {
        (catalog.tag, catalog.domain): {
            msgid: text for msgid, text in catalog.translations().items() if not too_long(msgid, text)
        }
        for catalog in catalogs
    }
    overrides = {
        (item.document.key, item.document.version, item.document.locale): item for item in override_files
    }
    for item in parsed:
        document = item.document
        texts[document.path, config.source] = source_text(item, config.source)
        for language in config.translations:
            override = overrides.get((document.key, document.version, language.tag))
            if override is not None:
                problems += override_problems(item, override, source_digest(item))
                texts[document.path, language.tag] = source_text(_fitted(override, item), language.tag)
                continue
            translations = of_catalog.get((language.tag, document.key))
            if translations is not None:
                texts[document.path, language.tag] = translated_text(item, language.tag, translations)
    return texts, tuple(problems)


def _fitted(override: ParsedDocument, source: ParsedDocument) -> ParsedDocument:
    """An override with what only the source decides: layout, address, numbering, form and frame."""
    theirs = source.document
    document = replace(
        override.document,
        layout=theirs.layout,
        slug=theirs.slug,
        numbered=theirs.numbered,
        noindex=theirs.noindex,
        form=theirs.form,
        embed=theirs.embed,
    )
    return replace(override, document=document)
