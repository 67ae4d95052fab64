"""Which pages exist, at which URL, in which language. One truth for links, selector, hreflang and sitemap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from policysite.core import urls
from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.model import (
    Config,
    Document,
    DocumentPlan,
    LanguageText,
    Outline,
    PageOutline,
    PagePlan,
    VersionId,
    VersionRecord,
)
from policysite.plan.versions import in_force, records, shown

#: A page (not a policy) is published in a language from this share of translated texts, title included;
#: below it the page would be English with a foreign frame around it.
PAGE_MINIMUM = 0.5

#: Last parts of the addresses below a policy's: `/en/privacy/history/`, `/en/privacy/2025-10/changes/`.
HISTORY = "history"
CHANGES = "changes"

Texts = Mapping[tuple[str, str], LanguageText]
"""(path of the English file, language tag) → text."""


def plan_document(
    config: Config, group: Sequence[Document], texts: Texts, build_date: date
) -> tuple[DocumentPlan | None, tuple[Diagnostic, ...]]:
    """Plan one document. group: its file, or one for each version of a policy (never empty).

    Returns (plan, problems); no plan where it cannot be published at all.
    """
    key = group[0].key
    if any(document.is_policy for document in group) and not all(document.is_policy for document in group):
        paths = ", ".join(document.path for document in group)
        message, hint = f"“{key}” is a page and a policy at once ({paths})", "rename one of them"
        return None, (problem("P001", Place(group[0].path), message, hint),)
    if not group[0].is_policy:
        return _page(config, group[0], texts), ()
    plan = _policy(config, key, group, texts, build_date)
    if plan is not None:
        return plan, ()
    message = f"no version of “{key}” is in force on {build_date.isoformat()}"
    hint = "add a version that has taken effect, or build with a later --date"
    return None, (problem("D105", Place(group[0].path), message, hint),)


def site_problems(config: Config, outlines: Sequence[Outline]) -> Iterator[Diagnostic]:
    """What is wrong with the planned documents together."""
    yield from _collisions(outlines)
    yield from _homeless(config, outlines)


def _published(config: Config) -> Iterable[str]:
    return (language.tag for language in config.languages if language.published)


def _policy(
    config: Config, key: str, group: Sequence[Document], texts: Texts, build_date: date
) -> DocumentPlan | None:
    versions = [document.version for document in group if document.version is not None]
    current = in_force(versions, build_date)
    if current is None:
        return None
    tags = tuple(_published(config))
    of_version = {document.version: document for document in group}
    newest = of_version[current]
    pages: list[PagePlan] = []
    withheld: list[tuple[str, int]] = []
    for tag in tags:
        candidates = [
            (document.version, texts[document.path, tag])
            for document in group
            if document.version is not None and (document.path, tag) in texts
        ]
        best = shown(candidates, current)
        if best is None or best.behind is not None:
            text = texts.get((newest.path, tag))
            if text is not None and text.missing < text.total:
                withheld.append((tag, text.missing))
        if best is not None:
            pages.append(_plan(newest, tag, best.text, best.version, best.behind))
    source = texts[newest.path, config.source]
    history = records(
        [
            (document, [texts[document.path, tag] for tag in tags if (document.path, tag) in texts])
            for document in group
        ],
        current,
    )
    return DocumentPlan(
        key,
        newest.layout,
        newest.noindex,
        source,
        tuple(pages),
        tuple(withheld),
        history,
        tuple(_extras(newest, pages, history)),
    )


def _extras(
    newest: Document, pages: Sequence[PagePlan], versions: Sequence[VersionRecord]
) -> Iterator[PagePlan]:
    """History, and for every version and language that has it: its own page, and what it changed."""
    for page in pages:
        path = f"{page.url}{HISTORY}/"
        yield replace(page, url=path, output=urls.output_path(path), role="history", behind=None)
    before = {record.id: record for record in versions}
    for record in versions:
        for text in record.texts:
            path = f"{urls.page_path(text.tag, newest.slug)}{record.id.name}/"
            output = urls.output_path(path)
            yield PagePlan(newest.key, text.tag, path, output, text, record.id, role="version")
            previous = before[record.since].text(text.tag) if record.since else None
            if previous is not None:
                path += f"{CHANGES}/"
                output = urls.output_path(path)
                yield PagePlan(newest.key, text.tag, path, output, text, record.id, None, "changes", previous)


def _page(config: Config, document: Document, texts: Texts) -> DocumentPlan:
    pages: list[PagePlan] = []
    withheld: list[tuple[str, int]] = []
    for tag in _published(config):
        text = texts.get((document.path, tag))
        if text is None:
            continue
        enough = text.total - text.missing >= text.total * PAGE_MINIMUM
        if enough and text.text("title") is not None:
            pages.append(_plan(document, tag, text))
        elif text.missing < text.total:
            withheld.append((tag, text.missing))
    source = texts[document.path, config.source]
    return DocumentPlan(
        document.key, document.layout, document.noindex, source, tuple(pages), tuple(withheld)
    )


def _plan(
    document: Document,
    tag: str,
    text: LanguageText,
    version: VersionId | None = None,
    behind: VersionId | None = None,
) -> PagePlan:
    if document.layout == "not-found":
        output = f"{tag}/404.html"
        return PagePlan(document.key, tag, f"/{output}", output, text)
    path = urls.page_path(tag, document.slug)
    return PagePlan(document.key, tag, path, urls.output_path(path), text, version, behind)


def _collisions(plans: Sequence[Outline]) -> Iterable[Diagnostic]:
    """P001: two documents with one slug."""
    owners: dict[str, tuple[Outline, PageOutline]] = {}
    for plan in plans:
        for page in (*plan.pages, *plan.extras):
            other, its_page = owners.setdefault(page.output, (plan, page))
            if its_page is not page and its_page.tag == page.tag:
                yield problem(
                    "P001",
                    Place(plan.path),
                    f"{page.output} is written by {other.path} already",
                    "give one of the two another slug",
                )


def _homeless(config: Config, plans: Sequence[Outline]) -> Iterable[Diagnostic]:
    """P003: every published language needs a home page, where the chooser and the switcher lead."""
    homes = [plan for plan in plans if plan.layout == "home"]
    if not homes:
        yield problem(
            "P003", Place("content"), "the site has no home page", "write content/home.md with layout: home"
        )
        return
    home = homes[0]
    for tag in _published(config):
        if home.page(tag) is None:
            name = config.language(tag).english_name
            yield problem(
                "P003",
                Place(home.path),
                f"{name} ({tag}) has no home page, since too little of it is translated",
                f"translate home.po, or set languages.{tag}.published: false",
            )
