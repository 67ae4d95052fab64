"""Every stage in order: load → translate → plan → render. Pure; given a Mapper; knows no folder and no clock.

`prepare` runs everything up to the plan and finds almost all problems; `render` makes the files one by one,
so that nothing ever holds the whole site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import asdict, replace

from policysite.core import locales
from policysite.core.diagnostics import (
    Diagnostic,
    Level,
    Place,
    has_errors,
    leveled,
    ordered,
    place_in,
    problem,
)
from policysite.core.digest import digest_of_fields
from policysite.core.model import (
    CONFIG,
    Apps,
    Asset,
    BuildOptions,
    Catalog,
    Config,
    ConsentProof,
    Cookie,
    DocumentPlan,
    Duration,
    Fact,
    Glossary,
    GlossaryTerm,
    Header,
    Home,
    Language,
    LanguageText,
    Mapper,
    Outline,
    OutputFile,
    PageOutline,
    ParsedDocument,
    Project,
    Rendered,
    SecurityContact,
    Service,
    Site,
    SiteFile,
    Sources,
    StoredFile,
    TextFile,
    Values,
    VersionId,
    VersionLock,
    VersionRecord,
    Wording,
    serial,
)
from policysite.core.model import Frame as ServiceFrame
from policysite.core.outline import outline
from policysite.load.documents import locale_at
from policysite.load.overrides import Environment
from policysite.load.project import (
    ASSETS,
    SITE_DOMAIN,
    Renamed,
    catalog_at,
    decode,
    grouped,
    load_files,
    load_project,
    load_settings,
    page_keys,
    themed,
)
from policysite.plan.assets import plan_assets
from policysite.plan.lock import Edition, edition, lock_problems, plain_values
from policysite.plan.pages import plan_document, site_problems
from policysite.plan.versions import in_force, with_amendments
from policysite.render.compress import ENDINGS, compress_file, with_compressed
from policysite.render.discovery import consent_proof, render_whole_site, root_not_found
from policysite.render.hosts import host_files
from policysite.render.hosts.model import HostSite, host_site
from policysite.render.pages import render_document
from policysite.render.site import AssetRecord, Frame, PageRef, Strings, UpdateRef
from policysite.render.templates import syntax_problems
from policysite.render.wellknown import security_problems
from policysite.translate.checks import (
    Checkable,
    Checked,
    agree,
    check_alone,
    check_header,
    check_language,
    check_state,
    check_together,
    too_long,
)
from policysite.translate.extract import Source, document_sources, site_sources
from policysite.translate.inlines import References
from policysite.translate.lint import Known, lint, override_problems
from policysite.translate.po import parse_po
from policysite.translate.rules.scope import Scope, scope_of
from policysite.translate.segments import parse_document, source_digest
from policysite.translate.sync import segmenter_problems
from policysite.translate.texts import source_text, translated_text


class Translated(Struct, frozen=True):
    """What stages 1 and 2 give: the project, its parsed documents, its messages and its catalogs."""

    project: Project
    parsed: tuple[ParsedDocument, ...]
    overrides: tuple[ParsedDocument, ...]
    sources: tuple[tuple[str, tuple[Source, ...]], ...]  # domain → messages
    catalogs: tuple[Catalog, ...]
    loaded: bool  # False: some file could not be loaded, so what depends on it would be reported in vain

    def catalog(self, tag: str, domain: str) -> Catalog | None:
        """The catalog of a language and domain, if there is a file."""
        for catalog in self.catalogs:
            if catalog.tag == tag and catalog.domain == domain:
                return catalog
        return None


Kept = TypeVar("Kept")

#: The name of a step, and the digests or values of all it sees.
Step = tuple[str, Mapping[str, object]]


class Keeper(Protocol):
    """Knows the results of earlier builds. A step is a pure function of what `inputs` names."""

    def file(self, path: str) -> str:
        """Digest of a source file, as an input."""
        ...

    def kept(self, step: str, inputs: Mapping[str, object], make: Callable[[], Kept]) -> Kept:
        """What `make` returns: from the last build that had the same inputs, else made now.

        step: `check bn`; unique in a build. inputs: name → digest, value of the model, or names in turn.
        """
        ...

    def several(self, steps: Sequence[Step], run: Callable[[Sequence[int]], Iterator[Kept]]) -> list[Kept]:
        """`kept` for many steps at once; `run` makes those with the given numbers, in order."""
        ...

    def pages(
        self, steps: Sequence[Step], run: Callable[[Sequence[int]], Iterator[Rendered]]
    ) -> Iterator[Rendered]:
        """What each step (name, inputs) renders, in order; `run` makes those with the given numbers."""
        ...


class Forgetful:
    """The plain Keeper: every step is made."""

    def file(self, path: str) -> str:
        """Nothing is compared, so nothing is read."""
        return ""

    def kept(self, step: str, inputs: Mapping[str, object], make: Callable[[], Kept]) -> Kept:
        """What `make` returns."""
        return make()

    def several(self, steps: Sequence[Step], run: Callable[[Sequence[int]], Iterator[Kept]]) -> list[Kept]:
        """What `run` makes."""
        return list(run(range(len(steps))))

    def pages(
        self, steps: Sequence[Step], run: Callable[[Sequence[int]], Iterator[Rendered]]
    ) -> Iterator[Rendered]:
        """What `run` makes."""
        return run(range(len(steps)))


class Face(Struct, frozen=True):
    """What the others see of a document's files: problems of loading, addresses with their anchors, versions,
    link references of its texts."""

    problems: tuple[Diagnostic, ...]
    anchors: tuple[tuple[str, tuple[str, ...]], ...]
    versions: tuple[VersionId, ...]
    references: tuple[tuple[str, tuple[str, str | None]], ...]


class Record(Struct, frozen=True):
    """What a build needs of a document whose pages it has already: problems, outline, news for readers.

    unplanned: an error of the plan itself.
    """

    problems: tuple[Diagnostic, ...]
    outline: Outline | None
    updates: tuple[UpdateRef, ...]
    unplanned: bool


class Ground(Struct, frozen=True):
    """What no document owns: templates, interface texts, glossaries. loading, syntax: problems of loading and
    of templates. messages: of the `site` domain. strings: as in the Frame."""

    problems: tuple[Diagnostic, ...]
    loading: tuple[Diagnostic, ...]
    syntax: tuple[Diagnostic, ...]
    templates: tuple[TextFile, ...]
    messages: tuple[Source, ...]
    strings: Strings
    glossaries: tuple[Glossary, ...]


#: What a Keeper has to keep, besides the plain types: the classes of all values in them.
KEPT_TYPES: tuple[type, ...] = (
    *(
        Face,
        Record,
        Ground,
        Checked,
        Diagnostic,
        Place,
        Outline,
        PageOutline,
        VersionRecord,
        VersionId,
        UpdateRef,
    ),
    *(Config, Language, Fact, Service, Cookie, Duration, ServiceFrame, SecurityContact, Apps),
    *(TextFile, Glossary, GlossaryTerm, Asset, Source, Site, ConsentProof),
)


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
            texts, faults = _texts(self.config, piece.parsed, piece.overrides, self.catalogs(key))
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


class Prepared(Struct, frozen=True):
    """Everything decided, nothing rendered. renderable is False where the plan itself has errors: menus,
    switcher and home lead to pages, so without these no page can be made.

    documents: makes the plans. messages: of the `site` domain. What pages depend on, by name: inputs, of each
    document (key); config_values; shared, the frame without its config.
    """

    documents: Documents
    outlines: tuple[Outline, ...]
    messages: tuple[Source, ...]
    assets: tuple[Asset, ...]
    frame: Frame
    renderable: bool
    inputs: Mapping[str, Mapping[str, object]]
    config_values: Mapping[str, object]
    shared: Mapping[str, object]

    @property
    def units(self) -> list[tuple[str, str]]:
        """(key, tag): each document in each language that is to be rendered."""
        wanted = self.frame.languages
        return [
            (one.key, tag)
            for one in self.outlines
            for tag in dict.fromkeys(page.tag for page in (*one.pages, *one.extras))
            if wanted is None or tag in wanted
        ]

    @property
    def plans(self) -> tuple[DocumentPlan, ...]:
        """All plans, in the order of their keys."""
        return tuple(self.documents.plan(outline.key) for outline in self.outlines)


def translate(
    sources: Sources, environment: Environment = (), release: bool = False
) -> tuple[Translated | None, tuple[Diagnostic, ...]]:
    """Stages 1 and 2 without checks: what `translations sync` needs."""
    project, problems = load_project(sources, environment, release)
    if project is None:
        return None, ordered(problems)
    found = list(problems)
    parsed = tuple(parse_document(document) for document in project.documents)
    overrides = tuple(parse_document(document) for document in project.overrides)
    domains: dict[str, list[ParsedDocument]] = {}
    for item in parsed:
        domains.setdefault(item.document.key, []).append(item)
    messages = {domain: document_sources(items) for domain, items in sorted(domains.items())}
    messages[SITE_DOMAIN], faults = site_sources(project.templates, project.config)
    found += faults
    catalogs = []
    for tag, domain, file in project.catalogs:
        catalog, faults = parse_po(file.path, file.text, tag, domain)
        found += (*faults, *segmenter_problems(catalog))
        catalogs.append(catalog)
    loaded = not has_errors(item for item in problems if item.code != "C301")
    translated = Translated(project, parsed, overrides, tuple(messages.items()), tuple(catalogs), loaded)
    return translated, ordered(found)


#: What stops a release, though not a build.
_RELEASE_LEVELS: dict[str, Level] = {"D213": "error"}

#: Links to what may only be missing because its file could not be loaded.
_LINK_CODES = ("D203", "D204")


def prepare(
    sources: Sources, options: BuildOptions, keeper: Keeper | None = None, mapper: Mapper = serial
) -> tuple[Prepared | None, tuple[Diagnostic, ...]]:
    """Stages 1 to 3 with every check. Returns (plan, problems); no plan when loading failed.

    Every step names what it sees; a Keeper makes only those again whose inputs changed.
    """
    keeper = keeper or Forgetful()
    pages = tuple(sorted(page_keys(sources)))
    settings = {
        CONFIG: keeper.file(CONFIG) if CONFIG in sources else None,
        "pages": pages,
        "environment": options.environment,
        "release": options.release,
    }
    config, faulty = keeper.kept(
        "config", settings, lambda: load_settings(sources, options.environment, options.release)
    )
    names = themed(sources, config)
    sources = Renamed(sources, names)
    if config is None:
        _, rest = load_files(sources, sources, None)
        return None, ordered((*faulty, *rest))
    documents = Documents(sources, config, options.build_date, options.languages)
    keys = sorted(documents.groups.keys() - {""})
    files = {
        key: {path: keeper.file(names[path]) for path in paths} for key, paths in documents.groups.items()
    }
    values = asdict(config)

    # 1. Load: what the others see of each document, and what no document owns.
    steps: list[Step] = [(f"load {key}", {"config": values, **files[key]}) for key in keys]
    found_faces = keeper.several(
        steps, lambda missing: mapper(_face, documents, [keys[index] for index in missing])
    )
    faces = dict(zip(keys, found_faces, strict=True))
    ground = keeper.kept("load", {"config": values, "pages": pages, **files[""]}, partial(_ground, documents))
    assets, faults = keeper.kept(
        "assets",
        {path: name for path, name in files[""].items() if path.startswith(ASSETS)},
        lambda: plan_assets(documents.slice("").project.assets),
    )
    loading = [*faulty, *ground.loading, *(found for face in faces.values() for found in face.problems)]
    loaded = _loaded(loading)
    found: list[Diagnostic] = [
        *loading,
        *faults,
        *ground.problems,
        *security_problems(config.security, options.build_date),
    ]
    found += (item for item in ground.syntax if loaded or item.code != "L003")
    complete = loaded and not has_errors(ground.syntax)

    # 2. Documents, one at a time: each of their catalogs, then what they say themselves, and their plan.
    known = _known(config, faces.values(), assets)
    rules = _rules(config, ground, options.languages)
    exam = Exam(
        documents=documents,
        glossaries=ground.glossaries,
        references={key: face.references for key, face in faces.items() if face.references},
        known=known,
        loaded=loaded,
        complete=complete,
    )
    part = {"languages": options.languages}
    links = {"facts": known.facts, "anchors": known.anchors, "assets": known.assets}
    whole = {"config": values, "links": links, "loaded": loaded, "complete": complete}
    inputs: dict[str, Mapping[str, object]] = {}
    asked: list[Asked] = []
    steps = []
    for key in ("", *keys):
        for path, name in files[key].items():
            tag, domain = documents.owners.get(path, ("", ""))
            if tag in rules:
                seen: dict[str, object] = {"rules": rules[tag], path: name}
                if links_of := exam.references.get(domain):
                    seen["references"] = links_of
                asked.append((key, path))
                steps.append((f"check {path}", seen))
        if key:
            versions = faces[key].versions
            day = {"day": options.build_date} if versions else {}
            asked.append((key, None))
            steps.append((f"plan {key}", {**whole, **part, **day, **files[key]}))
            in_use = {"in force": in_force(versions, options.build_date)} if versions else {}
            inputs[key] = {"config": values, **in_use, **files[key]}
    found_answers = keeper.several(
        steps, lambda missing: _examined([asked[index] for index in missing], exam, mapper)
    )
    answers = dict(zip(asked, found_answers, strict=True))
    records = {key: answer for (key, _), answer in answers.items() if isinstance(answer, Record)}
    checked = {path: answer for (_, path), answer in answers.items() if isinstance(answer, Checked)}

    # 3. Translations, one language at a time.
    of_language: dict[str, dict[str, str]] = {}
    for path, name in sorted(row for group in files.values() for row in group.items()):
        if path in documents.owners:
            of_language.setdefault(documents.owners[path][0], {})[path] = name
    for language in _checked(config, options.languages):
        mine = of_language.get(language.tag, {})
        found += (item for path in mine for item in checked[path].problems)
        compared = partial(exam.together, language, tuple(mine), [checked[path] for path in mine])
        found += keeper.kept(f"check {language.tag}", {"rules": rules[language.tag], **mine}, compared)
    interface = {path: name for path, name in files[""].items() if path.endswith(".po")}
    seen = {"config": values, "messages": ground.messages, "complete": complete, **part, **interface}
    found += keeper.kept("check", seen, partial(_ground_problems, documents, ground.messages, complete))
    outlines = tuple(record.outline for record in records.values() if record.outline is not None)
    together = tuple(site_problems(config, outlines))
    found += together
    found += (item for record in records.values() for item in record.problems)
    unplanned = has_errors(together) or any(record.unplanned for record in records.values())
    frame = Frame(
        config=config,
        base_url=(options.base_url or config.site.base_url).rstrip("/"),
        pages=tuple(_page_refs(outlines)),
        strings=ground.strings,
        templates=ground.templates,
        assets=tuple(AssetRecord(asset.name, asset.url, asset.integrity) for asset in assets),
        updates=tuple(update for record in records.values() for update in record.updates),
        languages=options.languages,
    )
    shared = _parts(frame)
    renderable = complete and not unplanned
    levels = {**dict(config.levels), **(_RELEASE_LEVELS if options.release else {})}
    return Prepared(
        documents, outlines, ground.messages, assets, frame, renderable, inputs, values, shared
    ), ordered(leveled(found, levels))


def _parts(frame: Frame) -> dict[str, object]:
    """What the frame consists of besides its config, under the names an editor knows."""
    return {
        "base URL": frame.base_url,
        "titles and addresses of all pages": digest_of_fields(frame.pages),
        "news for readers": frame.updates,
        "languages": frame.languages,
        "assets": {asset.name: asset for asset in frame.assets},
        "templates": {template.path: template for template in frame.templates},
        "interface": dict(frame.strings),
    }


def _loaded(problems: Iterable[Diagnostic]) -> bool:
    """Whether every file could be loaded; C301 is about going live only."""
    return not has_errors(item for item in problems if item.code != "C301")


def _face(documents: Documents, key: str) -> Face:
    """Step `load`."""
    piece = documents.slice(key)
    anchors: dict[str, frozenset[str]] = {}
    for item in piece.parsed:
        document = item.document
        if document.layout != "not-found":
            # A link without a version leads to the version in force; any version may define the anchor.
            path = f"/{document.slug}/" if document.slug else "/"
            anchors[path] = anchors.get(path, frozenset()) | item.anchors
    # As it always was: of several versions, the references of the last one in the order of the paths.
    references = piece.parsed[-1].skeleton.references if piece.parsed else ()
    return Face(
        piece.problems,
        tuple((path, tuple(sorted(found))) for path, found in sorted(anchors.items())),
        tuple(item.document.version for item in piece.parsed if item.document.version is not None),
        references,
    )


def _ground(documents: Documents) -> Ground:
    """Step `load` of what no document owns."""
    piece = documents.slice("")
    project = piece.project
    messages, faults = site_sources(project.templates, project.config)
    catalogs = {catalog.tag: catalog for catalog in documents.catalogs("") if catalog.domain == SITE_DOMAIN}
    wanted = {source.key for source in messages}
    strings = []
    for language in project.config.translations:
        catalog = catalogs.get(language.tag)
        rows = [
            (message.context, message.msgid, message.msgstr)
            for message in (catalog.messages if catalog else ())
            if message.usable and message.key in wanted
        ]
        strings.append((language.tag, tuple(rows)))
    return Ground(
        problems=faults,
        loading=piece.problems,
        syntax=syntax_problems(project.templates),
        templates=project.templates,
        messages=messages,
        strings=tuple(strings),
        glossaries=project.glossaries,
    )


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


def _examined(asked: Sequence[Asked], exam: Exam, mapper: Mapper) -> Iterator[Checked | Record]:
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


def _rules(config: Config, ground: Ground, only: Sequence[str] | None) -> dict[str, dict[str, object]]:
    """tag → what decides about its catalogs, for the languages that are checked."""
    return {
        language.tag: {
            "language": language,
            "source": config.source,
            "protected_terms": config.protected_terms,
            "glossary": next((one for one in ground.glossaries if one.tag == language.tag), None),
        }
        for language in _checked(config, only)
    }


def _rule_problems(
    catalogs: Sequence[Catalog],
    config: Config,
    language: Language,
    glossary: Glossary | None,
    references: Mapping[str, References],
) -> Iterator[Diagnostic]:
    """What the rules say of the catalogs of a language."""
    scope = scope_of(language, config.source, config.protected_terms, glossary)
    return check_language(
        [
            Checkable(catalog, references.get(catalog.domain, ()), catalog.domain != SITE_DOMAIN)
            for catalog in catalogs
        ],
        scope,
    )


def _ground_problems(
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
    for language in _checked(config, documents.checked):
        if language.published:
            found += _interface_problems(language, catalogs.get(language.tag), messages)
    return tuple(found)


def _file_problems(
    catalog: Catalog, documents: Documents, keys: Sequence[tuple[str | None, str]] | None, complete: bool
) -> Iterator[Diagnostic]:
    """`_state_problems` of a catalog, if its language is checked."""
    for language in _checked(documents.config, documents.checked):
        if language.tag == catalog.tag:
            yield from _state_problems(catalog, language, keys, complete)


def _checked(config: Config, only: Sequence[str] | None) -> list[Language]:
    """The languages whose catalogs are checked: those of `only`, or all."""
    return [language for language in config.translations if only is None or language.tag in only]


def _state_problems(
    catalog: Catalog, language: Language, keys: Sequence[tuple[str | None, str]] | None, complete: bool
) -> Iterator[Diagnostic]:
    """A catalog's header, and its state against its source (keys: None where there is no source)."""
    yield from check_header(catalog, language, locales.plural_header(language.tag))
    if keys is not None:
        yield from check_state(catalog, language, keys, complete)


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


def render(
    prepared: Prepared, mapper: Mapper = serial, precompress: bool = False, keeper: Keeper | None = None
) -> Iterator[Rendered]:
    """Stage 4: every file of the site, document by document, then the files of the whole site.

    precompress: `.br` and `.gz` beside every text file. keeper: knows what an earlier build rendered.

    Two writers of one path are reported (P001) with the later one left out. A plan with errors gives nothing.
    """
    if not prepared.renderable:
        return
    keeper = keeper or Forgetful()
    frame, outlines = prepared.frame, prepared.outlines
    written: dict[str, str] = {}
    headers: list[tuple[str, tuple[Header, ...]]] = []
    not_found = f"{frame.config.source}/404.html"
    for rendered in _document_pages(prepared, mapper, precompress, keeper):
        yield _claimed(rendered, written)
        for file in rendered.files:
            if file.path in (not_found, *(not_found + ending for ending in ENDINGS)):
                root = root_not_found(file)
                its_headers = tuple(
                    (root.path, found) for path, found in rendered.headers if path == file.path
                )
                yield _claimed(Rendered((root,), (), its_headers), written)
                headers += its_headers
        headers += rendered.headers
    seen = {**prepared.shared, "config": prepared.config_values}
    seen["outlines"] = {one.key: digest_of_fields(one) for one in outlines}
    [whole_site] = keeper.pages([("render", seen)], lambda _: iter([render_whole_site(frame, outlines)]))
    yield _claimed(whole_site, written)
    headers += whole_site.headers
    assets = [OutputFile(asset.url.lstrip("/"), asset.data) for asset in prepared.assets]
    for asset in assets:
        yield _claimed(Rendered((asset,)), written)
    if precompress:
        files: tuple[SiteFile, ...] = (*whole_site.files, *assets)
        steps = [(f"compress {file.path}", {"bytes": _identity(file)}) for file in files]

        def packed(missing: Sequence[int]) -> Iterator[Rendered]:
            return mapper(compress_file, None, [files[index] for index in missing])

        for rendered in keeper.pages(steps, packed):
            yield _claimed(rendered, written)
    site = host_model(prepared, headers, tuple(written.values()), precompress)
    yield _claimed(Rendered(*host_files(frame.config.hosts, site)), written)


def _document_pages(
    prepared: Prepared, mapper: Mapper, precompress: bool, keeper: Keeper
) -> Iterator[Rendered]:
    """The files of each document in each language. What is wrong in every language is reported once."""
    shared = {name: value for name, value in prepared.shared.items() if name != "interface"}
    sites = {
        language.tag: {**shared, "interface": {language.tag: _strings(prepared.frame, language.tag)}}
        for language in prepared.frame.config.languages
    }
    # Pages see where the others are, and nothing of what they say.
    others = {
        one.key: digest_of_fields(replace(one, extras=tuple(replace(page, digest="") for page in one.extras)))
        for one in prepared.outlines
    }
    units = prepared.units
    inputs: dict[str, dict[str | None, dict[str, object]]] = {}
    for key, of_document in prepared.inputs.items():
        for name, value in of_document.items():
            language = prepared.documents.language_of(name)
            inputs.setdefault(key, {}).setdefault(language, {})[name] = value
    steps: list[Step] = []
    for key, tag in units:
        seen = {**inputs[key][None], **inputs[key].get(tag, {})}
        around = {"site": sites[tag], "precompress": precompress, "pages in all languages": others[key]}
        steps.append((f"render {key} {tag}", {**around, **seen}))

    def made(missing: Sequence[int]) -> Iterator[Rendered]:
        tags: dict[str, list[str]] = {}
        for index in missing:
            key, tag = units[index]
            tags.setdefault(key, []).append(tag)
        for pages in mapper(make_pages, (prepared.documents, prepared.frame, precompress, tags), tuple(tags)):
            yield from pages

    told: set[Diagnostic] = set()
    for rendered in keeper.pages(steps, made):
        new = tuple(item for item in rendered.diagnostics if item not in told)
        told.update(new)
        yield replace(rendered, diagnostics=new)


def _strings(frame: Frame, tag: str) -> object:
    """The interface in a language, as an input."""
    return next((rows for name, rows in frame.strings if name == tag), ())


def make_pages(
    shared: tuple[Documents, Frame, bool, Mapping[str, Sequence[str]]], key: str
) -> tuple[Rendered, ...]:
    """The pages of a document in each of the languages that are asked for (last in shared), with the
    compressed files beside them where these are wanted."""
    documents, frame, precompress, tags = shared
    pages = render_document(frame, documents.plan(key), tags[key])
    made = tuple(map(with_compressed, pages) if precompress else pages)
    documents.forget(key)
    return made


def _identity(file: SiteFile) -> object:
    return file.sha256 if isinstance(file, StoredFile) else file.data


def render_part(
    prepared: Prepared, mapper: Mapper = serial, precompress: bool = False, keeper: Keeper | None = None
) -> Iterator[Rendered]:
    """Stage 4 for the languages of `BuildOptions.languages`: their pages, and no file of the whole site."""
    if not prepared.renderable:
        return
    written: dict[str, str] = {}
    for rendered in _document_pages(prepared, mapper, precompress, keeper or Forgetful()):
        yield _claimed(rendered, written)


def host_model(
    prepared: Prepared,
    headers: Sequence[tuple[str, tuple[Header, ...]]],
    files: Sequence[str],
    precompress: bool,
) -> HostSite:
    """The site as its hosts see it. headers: those of all pages; files: every output path."""
    return host_site(prepared.frame.config, headers, files, _homes(prepared), precompress)


def _homes(prepared: Prepared) -> list[tuple[str, str]]:
    """(tag, address) of the home pages, in the order of the languages."""
    homes = {page.tag: page.url for plan in prepared.outlines if plan.layout == "home" for page in plan.pages}
    return [
        (language.tag, homes[language.tag])
        for language in prepared.frame.config.languages
        if language.published and language.tag in homes
    ]


def _claimed(rendered: Rendered, written: dict[str, str]) -> Rendered:
    files = []
    problems = list(rendered.diagnostics)
    for file in rendered.files:
        key = file.path.casefold()
        if key in written:
            problems.append(
                problem(
                    "P001",
                    Place(file.path),
                    "two parts of the site write this file",
                    "rename the page or the asset",
                )
            )
        else:
            files.append(file)
        written.setdefault(key, file.path)
    return Rendered(tuple(files), tuple(problems), rendered.headers)


def editions(translated: Translated, key: str) -> tuple[Edition, ...]:
    """The versions of a policy as they are now, by date; none where there is no such policy."""
    return _editions(translated.parsed, key, plain_values(translated.project.config.facts))


def _editions(parsed: Sequence[ParsedDocument], key: str, values: Values) -> tuple[Edition, ...]:
    found = [
        edition(item, values)
        for item in parsed
        if item.document.key == key and item.document.version is not None
    ]
    return tuple(sorted(found, key=lambda one: one.version.date))


def wordings(translated: Translated, key: str, tag: str) -> tuple[tuple[str, Wording], ...]:
    """(name, wording) of each version of a policy that a language has in full, by date."""
    from policysite.core.redline import wording  # no build needs it

    values = plain_values(translated.project.config.facts)
    texts, _ = _texts(translated.project.config, translated.parsed, translated.overrides, translated.catalogs)
    found = []
    for one in editions(translated, key):
        text = texts.get((one.path, tag))
        if text is not None and text.missing == 0:
            found.append((one.version.name, wording(text, values)))
    return tuple(found)


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
        yield from lock_problems(next(iter(locks), None), _editions(parsed, key, values), day, values)


def _known(config: Config, faces: Iterable[Face], assets: Sequence[Asset]) -> Known:
    anchors: dict[str, frozenset[str]] = {}
    for face in faces:
        for path, found in face.anchors:
            anchors[path] = anchors.get(path, frozenset()) | frozenset(found)
    facts = frozenset(fact.name for fact in config.facts)
    return Known(facts, anchors, frozenset(f"/assets/{asset.name}" for asset in assets))


def _interface_problems(
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


def _texts(
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


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _page_refs(outlines: Sequence[Outline]) -> Iterator[PageRef]:
    """The main pages, as menus and links see them."""
    for plan in outlines:
        for page in plan.pages:
            yield PageRef(
                key=plan.key,
                tag=page.tag,
                layout=plan.layout,
                url=page.url,
                slug=plan.slug,
                title=page.title,
                nav_title=page.nav_title,
                noindex=plan.noindex,
                embed=plan.embed,
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


def proof(prepared: Prepared, keeper: Keeper | None = None) -> ConsentProof | None:
    """What the banner of this site asks, for the manifest; None when it asks nothing."""
    seen = {**prepared.shared, "config": prepared.config_values}
    return (keeper or Forgetful()).kept("banner", seen, lambda: consent_proof(prepared.frame))


def publishable(problems: Sequence[Diagnostic]) -> bool:
    """Whether a site with these problems may be published: warnings and infos do not stop it."""
    return not has_errors(problems)


def catalog_problems(translated: Translated) -> tuple[Diagnostic, ...]:
    """Everything the rules say of the catalogs alone."""
    config = translated.project.config
    references = {item.document.key: item.skeleton.references for item in translated.parsed}
    keys = {domain: [source.key for source in sources] for domain, sources in translated.sources}
    glossaries = {glossary.tag: glossary for glossary in translated.project.glossaries}
    found: list[Diagnostic] = []
    for language in config.translations:
        catalogs = [catalog for catalog in translated.catalogs if catalog.tag == language.tag]
        found += _rule_problems(catalogs, config, language, glossaries.get(language.tag), references)
        for catalog in catalogs:
            wanted = keys.get(catalog.domain)
            found += _state_problems(catalog, language, wanted, translated.loaded)
        if language.published:
            site = translated.catalog(language.tag, SITE_DOMAIN)
            found += _interface_problems(language, site, dict(translated.sources)[SITE_DOMAIN])
    return ordered(found)
