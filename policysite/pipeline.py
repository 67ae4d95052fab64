"""Every stage in order: load → translate → plan → render. Pure; given a Mapper; knows no folder and no clock.

`prepare` runs everything up to the plan and finds almost all problems; `render` makes the files one by one,
so that nothing ever holds the whole site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

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
from policysite.core.model import (
    Asset,
    BuildOptions,
    Catalog,
    Config,
    ConsentProof,
    DocumentPlan,
    Header,
    Language,
    LanguageText,
    Mapper,
    OutputFile,
    ParsedDocument,
    Project,
    Rendered,
    Sources,
    Wording,
    serial,
)
from policysite.core.redline import wording
from policysite.load.overrides import Environment
from policysite.load.project import SITE_DOMAIN, load_project
from policysite.plan.assets import plan_assets
from policysite.plan.lock import Edition, edition, lock_problems, plain_values
from policysite.plan.pages import plan_pages
from policysite.plan.versions import with_amendments
from policysite.render.compress import ENDINGS, compress_file, render_compressed
from policysite.render.discovery import consent_proof, render_whole_site, root_not_found
from policysite.render.hosts import host_files
from policysite.render.hosts.model import HostSite, host_site
from policysite.render.pages import render_document
from policysite.render.site import AssetRecord, Frame, PageRef, UpdateRef
from policysite.render.templates import syntax_problems
from policysite.render.wellknown import security_problems
from policysite.translate.checks import Checkable, check_header, check_language, check_state, too_long
from policysite.translate.extract import Source, document_sources, site_sources
from policysite.translate.lint import Known, lint, override_problems
from policysite.translate.po import parse_po
from policysite.translate.rules.scope import scope_of
from policysite.translate.segments import parse_document, source_digest
from policysite.translate.sync import segmenter_problems
from policysite.translate.texts import source_text, translated_text


@dataclass(frozen=True, slots=True)
class Translated:
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


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything decided, nothing rendered. renderable is False where the plan itself has errors: menus,
    switcher and home lead to pages, so without these no page can be made."""

    translated: Translated
    plans: tuple[DocumentPlan, ...]
    assets: tuple[Asset, ...]
    frame: Frame
    renderable: bool


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


def prepare(sources: Sources, options: BuildOptions) -> tuple[Prepared | None, tuple[Diagnostic, ...]]:
    """Stages 1 to 3 with every check. Returns (plan, problems); no plan when loading failed."""
    translated, problems = translate(sources, options.environment, options.release)
    if translated is None:
        return None, problems
    found = list(problems)
    project = translated.project
    config = project.config
    broken = syntax_problems(project.templates)
    found += (item for item in broken if translated.loaded or item.code != "L003")
    known = _known(project, translated.parsed)
    for item in (*translated.parsed, *translated.overrides):
        found += (fault for fault in lint(item, known) if translated.loaded or fault.code not in _LINK_CODES)
    complete = translated.loaded and not has_errors(broken)
    found += _catalog_problems(translated, complete, options.languages)
    found += version_problems(translated, options.build_date)
    texts, faults = _texts(translated)
    found += faults
    documents = [item.document for item in translated.parsed]
    plans, faults = plan_pages(config, documents, texts, options.build_date)
    plans = tuple(with_amendments(plan, project.locks) for plan in plans)
    found += faults
    renderable = translated.loaded and not has_errors((*broken, *faults))
    found += _coverage_problems(config, plans)
    found += security_problems(config.security, options.build_date)
    assets, faults = plan_assets(project.assets)
    found += faults
    base_url = (options.base_url or config.site.base_url).rstrip("/")
    frame = replace(
        _frame(translated, plans, assets, base_url),
        updates=_updates(config, plans, options.build_date),
        languages=options.languages,
    )
    return Prepared(translated, plans, assets, frame, renderable), ordered(
        leveled(found, {**dict(config.levels), **(_RELEASE_LEVELS if options.release else {})})
    )


def render(prepared: Prepared, mapper: Mapper = serial, precompress: bool = False) -> Iterator[Rendered]:
    """Stage 4: every file of the site, document by document, then the files of the whole site.

    precompress: `.br` and `.gz` beside every text file.

    Two writers of one path are reported (P001) with the later one left out. A plan with errors gives nothing.
    """
    if not prepared.renderable:
        return
    frame = prepared.frame
    written: dict[str, str] = {}
    headers: list[tuple[str, tuple[Header, ...]]] = []
    not_found = f"{frame.config.source}/404.html"
    for rendered in mapper(document_maker(precompress), frame, prepared.plans):
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
    whole_site = render_whole_site(frame, prepared.plans)
    yield _claimed(whole_site, written)
    headers += whole_site.headers
    assets = [OutputFile(asset.url.lstrip("/"), asset.data) for asset in prepared.assets]
    for asset in assets:
        yield _claimed(Rendered((asset,)), written)
    if precompress:
        for rendered in mapper(compress_file, None, (*whole_site.files, *assets)):
            yield _claimed(rendered, written)
    site = host_model(prepared, headers, tuple(written.values()), precompress)
    yield _claimed(Rendered(*host_files(frame.config.hosts, site)), written)


def render_part(prepared: Prepared, mapper: Mapper = serial, precompress: bool = False) -> Iterator[Rendered]:
    """Stage 4 for the languages of `BuildOptions.languages`: their pages, and no file of the whole site."""
    if not prepared.renderable:
        return
    written: dict[str, str] = {}
    for rendered in mapper(document_maker(precompress), prepared.frame, prepared.plans):
        yield _claimed(rendered, written)


def document_maker(precompress: bool) -> Callable[[Frame, DocumentPlan], Rendered]:
    """The function that makes the files of one document."""
    return render_compressed if precompress else render_document


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
    homes = {page.tag: page.url for plan in prepared.plans if plan.layout == "home" for page in plan.pages}
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
    values = plain_values(translated.project.config.facts)
    found = [
        edition(item, values)
        for item in translated.parsed
        if item.document.key == key and item.document.version is not None
    ]
    return tuple(sorted(found, key=lambda one: one.version.date))


def wordings(translated: Translated, key: str, tag: str) -> tuple[tuple[str, Wording], ...]:
    """(name, wording) of each version of a policy that a language has in full, by date."""
    values = plain_values(translated.project.config.facts)
    texts, _ = _texts(translated)
    found = []
    for one in editions(translated, key):
        text = texts.get((one.path, tag))
        if text is not None and text.missing == 0:
            found.append((one.version.name, wording(text, values)))
    return tuple(found)


def version_problems(translated: Translated, build_date: date) -> Iterator[Diagnostic]:
    """V…: whether what was in force is as it was, and every version says something new."""
    project = translated.project
    if not translated.loaded:  # a version that could not be loaded would be reported as missing
        return
    locks = {lock.key: lock for lock in project.locks}
    policies = {item.document.key for item in translated.parsed if item.document.version is not None}
    values = plain_values(project.config.facts)
    for key in sorted(policies | locks.keys()):
        yield from lock_problems(locks.get(key), editions(translated, key), build_date, values)


def _known(project: Project, parsed: Sequence[ParsedDocument]) -> Known:
    anchors: dict[str, frozenset[str]] = {}
    for item in parsed:
        document = item.document
        if document.layout == "not-found":
            continue
        path = f"/{document.slug}/" if document.slug else "/"
        # A link without a version leads to the version in force; any version may define the anchor.
        anchors[path] = anchors.get(path, frozenset()) | item.anchors
    facts = frozenset(fact.name for fact in project.config.facts)
    return Known(facts, anchors, frozenset(f"/assets/{asset.path}" for asset in project.assets))


def _catalog_problems(
    translated: Translated, complete: bool, only: Sequence[str] | None = None
) -> Iterator[Diagnostic]:
    """Everything the rules say of the catalogs, of the languages `only` (None: of all)."""
    config = translated.project.config
    languages = [language for language in config.translations if only is None or language.tag in only]
    references = {item.document.key: item.skeleton.references for item in translated.parsed}
    sources = dict(translated.sources)
    glossaries = {glossary.tag: glossary for glossary in translated.project.glossaries}
    for language in languages:
        catalogs = [catalog for catalog in translated.catalogs if catalog.tag == language.tag]
        scope = scope_of(language, config.source, config.protected_terms, glossaries.get(language.tag))
        yield from check_language(
            [
                Checkable(catalog, references.get(catalog.domain, ()), catalog.domain != SITE_DOMAIN)
                for catalog in catalogs
            ],
            scope,
        )
        for catalog in catalogs:
            yield from check_header(catalog, language, locales.plural_header(language.tag))
            if catalog.domain in sources:
                keys = [source.key for source in sources[catalog.domain]]
                yield from check_state(catalog, language, keys, complete)
    for language in languages:
        if language.published:
            yield from _interface_problems(translated, language)


def _interface_problems(translated: Translated, language: Language) -> Iterator[Diagnostic]:
    """T006: the interface (banner, menus, forms) speaks one language or the language is not published."""
    catalog = translated.catalog(language.tag, SITE_DOMAIN)
    messages = dict(translated.sources)[SITE_DOMAIN]
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
    translated: Translated,
) -> tuple[dict[tuple[str, str], LanguageText], tuple[Diagnostic, ...]]:
    """What every language has for every document."""
    config = translated.project.config
    problems: list[Diagnostic] = []
    texts: dict[tuple[str, str], LanguageText] = {}
    of_catalog = {
        (catalog.tag, catalog.domain): {
            msgid: text for msgid, text in catalog.translations().items() if not too_long(msgid, text)
        }
        for catalog in translated.catalogs
    }
    overrides = {
        (item.document.key, item.document.version, item.document.locale): item
        for item in translated.overrides
    }
    for item in translated.parsed:
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


def _coverage_problems(config: Config, plans: Sequence[DocumentPlan]) -> Iterator[Diagnostic]:
    """T201: what readers of a language do not get, and why."""
    for plan in plans:
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


def _frame(
    translated: Translated, plans: Sequence[DocumentPlan], assets: Sequence[Asset], base_url: str
) -> Frame:
    config = translated.project.config
    pages = []
    for plan in plans:
        document = plan.source.parsed.document
        for page in plan.pages:
            title = page.text.text("title") or ""
            pages.append(
                PageRef(
                    key=plan.key,
                    tag=page.tag,
                    layout=plan.layout,
                    url=page.url,
                    slug=document.slug,
                    title=title,
                    nav_title=page.text.text("nav_title") or title,
                    noindex=plan.noindex,
                    embed=document.embed,
                )
            )
    wanted = {source.key for source in dict(translated.sources)[SITE_DOMAIN]}
    strings = []
    for language in config.translations:
        catalog = translated.catalog(language.tag, SITE_DOMAIN)
        rows = [
            (message.context, message.msgid, message.msgstr)
            for message in (catalog.messages if catalog else ())
            if message.usable and message.key in wanted
        ]
        strings.append((language.tag, tuple(rows)))
    return Frame(
        config=config,
        base_url=base_url,
        pages=tuple(pages),
        strings=tuple(strings),
        templates=translated.project.templates,
        assets=tuple(AssetRecord(asset.name, asset.url, asset.integrity) for asset in assets),
    )


def _updates(config: Config, plans: Sequence[DocumentPlan], build_date: date) -> tuple[UpdateRef, ...]:
    """Material changes to tell of: from the day they are on the site until `policies.notice_days` days after
    they take effect. A policy's first version changes nothing."""
    found = []
    for plan in plans:
        for record in plan.versions:
            age = (build_date - record.id.date).days
            if record.material and record.since is not None and age <= config.notice_days:
                tags = tuple(text.tag for text in record.texts)
                if record.state != "archived":
                    found.append(UpdateRef(plan.key, record.id, record.state == "upcoming", tags))
    return tuple(found)


def proof(prepared: Prepared) -> ConsentProof | None:
    """What the banner of this site asks, for the manifest; None when it asks nothing."""
    return consent_proof(prepared.frame)


def publishable(problems: Sequence[Diagnostic]) -> bool:
    """Whether a site with these problems may be published: warnings and infos do not stop it."""
    return not has_errors(problems)


def catalog_problems(translated: Translated) -> tuple[Diagnostic, ...]:
    """Everything the rules say of the catalogs alone."""
    return ordered(_catalog_problems(translated, translated.loaded))
