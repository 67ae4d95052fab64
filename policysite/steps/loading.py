"""Steps `load`: what the others see of a document, and what no document owns."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from policysite.core.diagnostics import Diagnostic, has_errors
from policysite.core.model import Glossary, TextFile, VersionId
from policysite.load.project import SITE_DOMAIN
from policysite.render.site import Strings
from policysite.render.templates import syntax_problems
from policysite.steps.documents import Documents
from policysite.translate.extract import Source, site_sources


class Face(Struct, frozen=True):
    """What the others see of a document's files: problems of loading, addresses with their anchors, versions,
    link references of its texts."""

    problems: tuple[Diagnostic, ...]
    anchors: tuple[tuple[str, tuple[str, ...]], ...]
    versions: tuple[VersionId, ...]
    references: tuple[tuple[str, tuple[str, str | None]], ...]


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


def face_of(documents: Documents, key: str) -> Face:
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


def ground_of(documents: Documents) -> Ground:
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


def could_load(problems: Iterable[Diagnostic]) -> bool:
    """Whether every file could be loaded; C301 is about going live only."""
    return not has_errors(item for item in problems if item.code != "C301")
