"""Steps `check` and `plan`: what the rules say of each catalog and document, and the plan of its pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct

from policysite.core import locales
from policysite.core.diagnostics import Diagnostic, Place, has_errors, place_in, problem
from policysite.core.model import (
    Asset,
    Catalog,
    Config,
    DocumentPlan,
    Glossary,
    Language,
    Mapper,
    Outline,
    ParsedDocument,
    Values,
    VersionLock,
)
from policysite.core.outline import outline
from policysite.load.project import SITE_DOMAIN
from policysite.plan.lock import Edition, edition, lock_problems, plain_values
from policysite.render.site import UpdateRef
from policysite.steps.documents import Documents
from policysite.steps.loading import Face, Ground
from policysite.translate.checks import (
    Checkable,
    Checked,
    agree,
    check_alone,
    check_header,
    check_state,
    check_together,
)
from policysite.translate.extract import Source, document_sources
from policysite.translate.inlines import References
from policysite.translate.lint import Known, lint
from policysite.translate.rules.scope import Scope, scope_of


class Record(Struct, frozen=True):
    """What a build needs of a document whose pages it has already: problems, outline, news for readers.

    unplanned: an error of the plan itself.
    """

    problems: tuple[Diagnostic, ...]
    outline: Outline | None
    updates: tuple[UpdateRef, ...]
    unplanned: bool


#: What is asked of a document ('' for what no document owns): its catalog at a path, or (None) its record.
Asked = tuple[str, str | None]


class Exam(Struct, frozen=True):
    """What documents and catalogs are examined with. references: domain → link references of its texts."""

    documents: Documents
    glossaries: tuple[Glossary, ...]
    references: Mapping[str, References]
    known: Known
    loaded: bool
    complete: bool

    def scope(self, tag: str) -> Scope:
        """What the rules of a language see; its patterns are compiled once (in each process)."""
        documents = self.documents
        if tag not in documents.scopes:
            config = documents.config
            glossary = next((one for one in self.glossaries if one.tag == tag), None)
            terms = config.protected_terms
            documents.scopes[tag] = scope_of(config.language(tag), config.source, terms, glossary)
        return documents.scopes[tag]

    def catalog(self, path: str) -> Checked:
        """Step `check` of a catalog."""
        catalog, _ = self.documents.catalog(path)
        if catalog is None:
            return Checked((), b"", False)
        references = self.references.get(catalog.domain, ())
        checkable = Checkable(catalog, references, catalog.domain != SITE_DOMAIN)
        return check_alone(checkable, self.scope(catalog.tag))

    def together(
        self, language: Language, paths: Sequence[str], checked: Sequence[Checked]
    ) -> tuple[Diagnostic, ...]:
        """Step `check` of a language: what shows only when its catalogs are compared."""
        if agree(checked):
            return ()
        catalogs = [self.documents.catalog(path)[0] for path in paths]
        return tuple(check_together([one for one in catalogs if one is not None], self.scope(language.tag)))


#: Links to what may only be missing because its file could not be loaded.
_LINK_CODES = ("D203", "D204")


def examined(asked: Sequence[Asked], exam: Exam, mapper: Mapper) -> Iterator[Checked | Record]:
    """The answers, in order. asked: in the order of the documents."""
    wanted: dict[str, list[str | None]] = {}
    for key, path in asked:
        wanted.setdefault(key, []).append(path)
    for answers in mapper(_answers, (exam, wanted), tuple(wanted)):
        yield from answers


def _answers(
    shared: tuple[Exam, Mapping[str, Sequence[str | None]]], key: str
) -> tuple[Checked | Record, ...]:
    """What is asked of one document. Its catalogs are forgotten then: what is published is in its plan."""
    exam, wanted = shared
    found = tuple(
        _record(exam.documents, key, exam.known, exam.loaded, exam.complete)
        if path is None
        else exam.catalog(path)
        for path in wanted[key]
    )
    if key:
        exam.documents.forget_catalogs(key)
    return found


def rules_of(config: Config, ground: Ground, only: Sequence[str] | None) -> dict[str, dict[str, object]]:
    """tag → what decides about its catalogs, for the languages that are checked."""
    return {
        language.tag: {
            "language": language,
            "source": config.source,
            "protected_terms": config.protected_terms,
            "glossary": next((one for one in ground.glossaries if one.tag == language.tag), None),
        }
        for language in checked_languages(config, only)
    }


def checked_languages(config: Config, only: Sequence[str] | None) -> list[Language]:
    """The languages whose catalogs are checked: those of `only`, or all."""
    return [language for language in config.translations if only is None or language.tag in only]


def known_of(config: Config, faces: Iterable[Face], assets: Sequence[Asset]) -> Known:
    """What texts may refer to: facts, pages with their anchors, images."""
    anchors: dict[str, frozenset[str]] = {}
    for face in faces:
        for path, found in face.anchors:
            anchors[path] = anchors.get(path, frozenset()) | frozenset(found)
    facts = frozenset(fact.name for fact in config.facts)
    return Known(facts, anchors, frozenset(f"/assets/{asset.name}" for asset in assets))


def _record(documents: Documents, key: str, known: Known, loaded: bool, complete: bool) -> Record:
    """Step `plan`: a document's own checks, and its plan."""
    config, day = documents.config, documents.day
    piece = documents.slice(key)
    found: list[Diagnostic] = []
    for item in (*piece.parsed, *piece.overrides):
        found += (fault for fault in lint(item, known) if loaded or fault.code not in _LINK_CODES)
    keys = [source.key for source in document_sources(piece.parsed)] if piece.parsed else None
    for path in documents.groups[key]:
        catalog, faults = documents.catalog(path) if path.endswith(".po") else (None, ())
        found += faults
        if catalog is not None:
            found += _file_problems(catalog, documents, keys, complete)
    if loaded:  # a version that could not be loaded would be reported as missing
        found += _version_problems(key, piece.parsed, piece.project.locks, config, day)
    plan, faults, unplanned = documents.planned(key)
    found += (*faults, *unplanned)
    if plan is None:
        return Record(tuple(found), None, (), has_errors(unplanned))
    found += _coverage_problems(config, plan)
    updates = tuple(_updates(config, plan, day))
    return Record(tuple(found), outline(plan), updates, has_errors(unplanned))


def ground_problems(
    documents: Documents, messages: Sequence[Source], complete: bool
) -> tuple[Diagnostic, ...]:
    """Step `check` of what no document owns: its catalogs as files, and the interface of each language."""
    config = documents.config
    keys = [source.key for source in messages]
    found: list[Diagnostic] = []
    catalogs = {}
    for path in documents.groups[""]:
        catalog, faults = documents.catalog(path) if path.endswith(".po") else (None, ())
        found += faults
        if catalog is not None:
            site = catalog.domain == SITE_DOMAIN
            found += _file_problems(catalog, documents, keys if site else None, complete)
            if site:
                catalogs[catalog.tag] = catalog
    for language in checked_languages(config, documents.checked):
        if language.published:
            found += interface_problems(language, catalogs.get(language.tag), messages)
    return tuple(found)


def _file_problems(
    catalog: Catalog, documents: Documents, keys: Sequence[tuple[str | None, str]] | None, complete: bool
) -> Iterator[Diagnostic]:
    """`state_problems` of a catalog, if its language is checked."""
    for language in checked_languages(documents.config, documents.checked):
        if language.tag == catalog.tag:
            yield from state_problems(catalog, language, keys, complete)


def state_problems(
    catalog: Catalog, language: Language, keys: Sequence[tuple[str | None, str]] | None, complete: bool
) -> Iterator[Diagnostic]:
    """A catalog's header, and its state against its source (keys: None where there is no source)."""
    yield from check_header(catalog, language, locales.plural_header(language.tag))
    if keys is not None:
        yield from check_state(catalog, language, keys, complete)


def _version_problems(
    key: str,
    parsed: Sequence[ParsedDocument],
    locks: Sequence[VersionLock],
    config: Config,
    day: date,
) -> Iterator[Diagnostic]:
    """V…: whether what was in force is as it was, and every version says something new."""
    values = plain_values(config.facts)
    if locks or any(item.document.version is not None for item in parsed):
        yield from lock_problems(next(iter(locks), None), editions_of(parsed, key, values), day, values)


def editions_of(parsed: Sequence[ParsedDocument], key: str, values: Values) -> tuple[Edition, ...]:
    """The versions of a policy as they are now, by date; none where there is no such policy."""
    found = [
        edition(item, values)
        for item in parsed
        if item.document.key == key and item.document.version is not None
    ]
    return tuple(sorted(found, key=lambda one: one.version.date))


def interface_problems(
    language: Language, catalog: Catalog | None, messages: Sequence[Source]
) -> Iterator[Diagnostic]:
    """T006: the interface (banner, menus, forms) speaks one language or the language is not published."""
    usable = {message.key: message for message in catalog.messages if message.usable} if catalog else {}
    lacking = [source for source in messages if source.key not in usable]
    if not lacking:
        return
    path = catalog.path if catalog else f"translations/{language.locale}/LC_MESSAGES/{SITE_DOMAIN}.po"
    first = lacking[0]
    line = 0
    if catalog:
        line = next(
            (
                message.line
                for message in catalog.messages
                if message.key == first.key and not message.obsolete
            ),
            0,
        )
    place = place_in(path, catalog.text, line, 1) if catalog and line else Place(path)
    yield problem(
        "T006",
        place,
        f"{len(lacking)} of {len(messages)} interface texts have no approved translation, "
        f"the first: “{_short(first.msgid)}”",
        f"translate them, or set languages.{language.tag}.published: false in config.yaml",
    )


def _coverage_problems(config: Config, plan: DocumentPlan) -> Iterator[Diagnostic]:
    """T201: what readers of a language do not get, and why."""
    for tag, missing in plan.withheld:
        language = config.language(tag)
        page = plan.page(tag)
        path = f"translations/{language.locale}/LC_MESSAGES/{plan.key}.po"
        texts = "1 text" if missing == 1 else f"{missing} texts"
        outcome = (
            f"readers see the version of {page.version.name}"
            if page and page.version
            else "readers get the English page"
        )
        yield problem(
            "T201",
            Place(path),
            f"{language.english_name} lacks {texts} of “{plan.key}”: {outcome}",
            "translate what is missing",
        )


def _updates(config: Config, plan: DocumentPlan, build_date: date) -> Iterator[UpdateRef]:
    """Material changes to tell of: from the day they are on the site until `policies.notice_days` days after
    they take effect. A policy's first version changes nothing."""
    for record in plan.versions:
        age = (build_date - record.id.date).days
        if record.material and record.since is not None and age <= config.notice_days:
            tags = tuple(text.tag for text in record.texts)
            if record.state != "archived":
                yield UpdateRef(plan.key, record.id, record.state == "upcoming", tags)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
