"""Every stage in order: load → translate → plan → render. Pure; given a Mapper; knows no folder and no clock.

`prepare` runs everything up to the plan and finds almost all problems; `render` makes the files one by one,
so that nothing ever holds the whole site.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import asdict, replace

from policysite.core.diagnostics import Diagnostic, Level, Place, has_errors, leveled, ordered, problem
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
    Language,
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
    VersionId,
    VersionRecord,
    Wording,
    serial,
)
from policysite.core.model import Frame as ServiceFrame
from policysite.load.overrides import Environment
from policysite.load.project import (
    ASSETS,
    SITE_DOMAIN,
    Renamed,
    load_files,
    load_project,
    load_settings,
    page_keys,
    themed,
)
from policysite.plan.assets import plan_assets
from policysite.plan.lock import Edition, plain_values
from policysite.plan.pages import site_problems
from policysite.plan.versions import in_force
from policysite.render.compress import ENDINGS, compress_file, with_compressed
from policysite.render.discovery import consent_proof, render_whole_site, root_not_found
from policysite.render.hosts import host_files
from policysite.render.hosts.model import HostSite, host_site
from policysite.render.pages import render_document
from policysite.render.site import AssetRecord, Frame, PageRef, UpdateRef
from policysite.render.wellknown import security_problems
from policysite.steps.documents import Documents, texts_of
from policysite.steps.exam import (
    Asked,
    Exam,
    Record,
    checked_languages,
    editions_of,
    examined,
    ground_problems,
    interface_problems,
    known_of,
    rules_of,
    state_problems,
)
from policysite.steps.keeper import Forgetful, Keeper, Step
from policysite.steps.loading import Face, Ground, could_load, face_of, ground_of
from policysite.translate.checks import Checkable, Checked, check_language
from policysite.translate.extract import Source, document_sources, site_sources
from policysite.translate.inlines import References
from policysite.translate.po import parse_po
from policysite.translate.rules.scope import scope_of
from policysite.translate.segments import parse_document
from policysite.translate.sync import segmenter_problems


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


#: What a Keeper has to keep, besides the plain types: the classes of all values in them.
KEPT_TYPES: tuple[type[Struct], ...] = (
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
    rows = tuple(messages.items())
    translated = Translated(project, parsed, overrides, rows, tuple(catalogs), could_load(problems))
    return translated, ordered(found)


#: What stops a release, though not a build.
_RELEASE_LEVELS: dict[str, Level] = {"D213": "error"}


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
        steps, lambda missing: mapper(face_of, documents, [keys[index] for index in missing])
    )
    faces = dict(zip(keys, found_faces, strict=True))
    ground = keeper.kept(
        "load", {"config": values, "pages": pages, **files[""]}, partial(ground_of, documents)
    )
    assets, faults = keeper.kept(
        "assets",
        {path: name for path, name in files[""].items() if path.startswith(ASSETS)},
        lambda: plan_assets(documents.slice("").project.assets),
    )
    loading = [*faulty, *ground.loading, *(found for face in faces.values() for found in face.problems)]
    loaded = could_load(loading)
    found: list[Diagnostic] = [
        *loading,
        *faults,
        *ground.problems,
        *security_problems(config.security, options.build_date),
    ]
    found += (item for item in ground.syntax if loaded or item.code != "L003")
    complete = loaded and not has_errors(ground.syntax)

    # 2. Documents, one at a time: each of their catalogs, then what they say themselves, and their plan.
    known = known_of(config, faces.values(), assets)
    rules = rules_of(config, ground, options.languages)
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
        steps, lambda missing: examined([asked[index] for index in missing], exam, mapper)
    )
    answers = dict(zip(asked, found_answers, strict=True))
    records = {key: answer for (key, _), answer in answers.items() if isinstance(answer, Record)}
    checked = {path: answer for (_, path), answer in answers.items() if isinstance(answer, Checked)}

    # 3. Translations, one language at a time.
    of_language: dict[str, dict[str, str]] = {}
    for path, name in sorted(row for group in files.values() for row in group.items()):
        if path in documents.owners:
            of_language.setdefault(documents.owners[path][0], {})[path] = name
    for language in checked_languages(config, options.languages):
        mine = of_language.get(language.tag, {})
        found += (item for path in mine for item in checked[path].problems)
        compared = partial(exam.together, language, tuple(mine), [checked[path] for path in mine])
        found += keeper.kept(f"check {language.tag}", {"rules": rules[language.tag], **mine}, compared)
    interface = {path: name for path, name in files[""].items() if path.endswith(".po")}
    seen = {"config": values, "messages": ground.messages, "complete": complete, **part, **interface}
    found += keeper.kept("check", seen, partial(ground_problems, documents, ground.messages, complete))
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
    places = {one.key: digest_of_fields(one) for one in outlines}
    seen = {**prepared.shared, "config": prepared.config_values, "outlines": places}
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
    """`editions_of` a project as it is now. key: of a policy."""
    return editions_of(translated.parsed, key, plain_values(translated.project.config.facts))


def wordings(translated: Translated, key: str, tag: str) -> tuple[tuple[str, Wording], ...]:
    """(name, wording) of each version of a policy that a language has in full, by date."""
    from policysite.core.redline import wording  # no build needs it

    values = plain_values(translated.project.config.facts)
    texts, _ = texts_of(
        translated.project.config, translated.parsed, translated.overrides, translated.catalogs
    )
    found = []
    for one in editions(translated, key):
        text = texts.get((one.path, tag))
        if text is not None and text.missing == 0:
            found.append((one.version.name, wording(text, values)))
    return tuple(found)


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
            found += state_problems(catalog, language, wanted, translated.loaded)
        if language.published:
            site = translated.catalog(language.tag, SITE_DOMAIN)
            found += interface_problems(language, site, dict(translated.sources)[SITE_DOMAIN])
    return ordered(found)
